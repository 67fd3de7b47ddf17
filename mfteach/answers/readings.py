"""How a spelling with two meanings was read: 1/2x, x^1/2, x^n-1, e^2x, 2^3^2."""

from __future__ import annotations

from collections.abc import Iterator

from mfteach.answers.arguments import Token, levels

_BASES = ("symbol", "constant", "number")


def notes_on(tokens: list[Token]) -> list[str]:
    """Return a note for each kind of spelling that another reader could take otherwise.

    Each says how it was read, and what to type for the other meaning.
    """
    return [note for note in (_division(tokens), *dict.fromkeys(_powers(tokens))) if note]


def _words(tokens: list[Token]) -> str:
    return "".join(t.text for t in tokens)


def _is_value(token: Token) -> bool:
    return token.kind in _BASES or token.text == ")"


def _joins(tokens: list[Token], here: int) -> bool:
    """Whether a plus or minus stands between two terms, and is no sign of a number."""
    return tokens[here].text in ("+", "-") and here > 0 and _is_value(tokens[here - 1])


def _term_end(tokens: list[Token], start: int) -> int:
    """Return where the factor or product that begins here ends."""
    for here, level in enumerate(levels(tokens[start:]), start):
        ends = tokens[here].text in ("*", "/") or _joins(tokens, here)
        if level < 0 or (level == 0 and here > start and ends):
            return here
    return len(tokens)


def _term_start(tokens: list[Token], end: int) -> int:
    """Return where the quotient that ends before this token begins."""
    backwards = levels(tokens[:end][::-1], ")", "(")
    for here, level in zip(range(end - 1, -1, -1), backwards, strict=True):
        sign = tokens[here].text in ("+", "-") and not (
            here and tokens[here - 1].text in ("^", "*", "/")
        )
        if level < 0 or (level == 0 and (tokens[here].text == "*" or sign)):
            return here + 1
    return 0


def _division(tokens: list[Token]) -> str:
    """Say how a product without a sign after a / was read."""
    for here, token in enumerate(tokens):
        if token.kind != "product":
            continue
        start, end = _term_start(tokens, here), _term_end(tokens, here + 1)
        before, after = tokens[start:here], tokens[here + 1 : end]
        slashes = [
            k for k, level in enumerate(levels(before)) if not level and before[k].text == "/"
        ]
        if slashes:
            top, bottom = _words(before[: slashes[-1]]), _words(before[slashes[-1] + 1 :])
            rest = _words(after)
            return (
                f"{top}/{bottom}{token.text}{rest} is read as ({top}/{bottom}){rest}. "
                f"If you meant {top}/({bottom}{token.text}{rest}), type these parentheses."
            )
    return ""


def _powers(tokens: list[Token]) -> Iterator[str]:
    for here, token in enumerate(tokens):
        if token.text == "^" and 0 < here < len(tokens) - 1:
            yield _power(tokens, here)


def _power(tokens: list[Token], here: int) -> str:
    """Say how far a power without brackets reaches, where one could think it reaches further."""
    closing = _closing(tokens, here + 1)
    if closing and closing + 1 < len(tokens) and tokens[closing + 1].text == "^":
        return (
            "A power of a power is read from the right: the last exponent belongs to the one "
            "before it. If you meant (x^2)^3, type these parentheses."
        )
    first = here + 1
    while first < len(tokens) - 1 and tokens[first].text in ("+", "-"):
        first += 1
    if tokens[first].kind not in _BASES or first + 1 >= len(tokens):
        return ""
    base = "(…)" if tokens[here - 1].text == ")" else tokens[here - 1].text
    exponent, after = tokens[here + 1 : first + 1], tokens[first + 1]
    low = _words(exponent)
    if after.text == "^":
        end = _term_end(tokens, first)
        high = _words(tokens[here + 1 : end])
        return (
            f"{base}^{high} is read from the right, as {base}^({high}). If you meant "
            f"({base}^{low}){high[len(low) :]}, type these parentheses."
        )
    more = _further(tokens, here, first)
    if not more:
        return ""
    return (
        f"{base}^{low}{more} is read as ({base}^{low}){more}. If you meant {base}^({low}{more}), "
        "type these parentheses."
    )


def _closing(tokens: list[Token], opening: int) -> int:
    """Return where the parentheses that open here are closed; 0 if none open here."""
    depth = 0
    for here in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[here].text, 0)
        if depth == 0:
            return here if here > opening else 0
    return 0


def _further(tokens: list[Token], here: int, first: int) -> str:
    """Return what else could belong to the exponent that ends at ``first``, or ""."""
    last, after = tokens[first], tokens[first + 1]
    following = tokens[first + 2] if first + 2 < len(tokens) else after
    number = following.kind == "number"
    if after.text == "/" and number and last.kind == "number" and _fractional(last, following):
        return f"/{following.text}"
    if after.text in ("+", "-") and number and last.kind == "symbol":
        return f"{after.text}{following.text}"
    numeric_base = tokens[here - 1].kind in ("constant", "number")
    if numeric_base and after == Token("product", "") and last.kind == "number":
        return following.text if following.kind == "symbol" else ""
    return ""


def _fractional(top: Token, bottom: Token) -> bool:
    if not (top.text.isdigit() and bottom.text.isdigit() and int(bottom.text)):
        return True
    return int(top.text) % int(bottom.text) != 0
