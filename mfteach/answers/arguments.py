"""The brackets and products that people leave out: sin x, √x, sin²x, |x|, 2x."""

from __future__ import annotations

from typing import NamedTuple

from mfteach.answers.bounded import FormulaError


class Token(NamedTuple):
    """A piece of a formula, and what kind of piece it is."""

    kind: str  # number, symbol, constant, function, sign, space; product: a * that was not typed
    text: str


_OPEN, _CLOSE, _POWER = Token("sign", "("), Token("sign", ")"), Token("sign", "^")
_VALUES = ("number", "symbol", "constant")


def levels(tokens: list[Token], opening: str = "(", closing: str = ")") -> list[int]:
    """Return how many parentheses are open at each token."""
    found, level = [], 0
    for token in tokens:
        level -= token.text == closing
        found.append(level)
        level += token.text == opening
    return found


def with_arguments(tokens: list[Token], notes: list[str]) -> list[Token]:
    """Write the brackets of every function, and abs( ) for bars.

    Raises
    ------
    FormulaError
        If a bar has no partner, or what a function is of cannot be seen.
    """
    tokens = _without_bars(tokens)
    result: list[Token] = []
    here = 0
    while here < len(tokens):
        token = tokens[here]
        result.append(token)
        here += 1
        if token.kind != "function":
            continue
        here = _skip(tokens, here)
        power: list[Token] = []
        if here < len(tokens) and tokens[here] == _POWER:
            power, here = _exponent(tokens, here + 1, token)
        if here < len(tokens) and tokens[here] == _OPEN:
            if power:
                here = _raise_call(tokens, here, power)
            continue
        argument, here = _bare_argument(tokens, here, token, notes)
        result += [_OPEN, *argument, _CLOSE, *([_POWER, *power] if power else [])]
    return result


def _skip(tokens: list[Token], here: int) -> int:
    while here < len(tokens) and tokens[here].kind == "space":
        here += 1
    return here


def _end_of_brackets(tokens: list[Token], here: int) -> int:
    level = 0
    for end in range(here, len(tokens)):
        level += (tokens[end] == _OPEN) - (tokens[end] == _CLOSE)
        if level == 0:
            return end + 1
    raise FormulaError("The parentheses do not match: each “(” needs a “)”.")


def _exponent(tokens: list[Token], here: int, function: Token) -> tuple[list[Token], int]:
    """Read the power on a function's name: sin^2(x) is sin(x)^2."""
    here = _skip(tokens, here)
    end = here + 1
    if here < len(tokens) and tokens[here] == _OPEN:
        end = _end_of_brackets(tokens, here)
    power = [t for t in tokens[here:end] if t.kind != "space"]
    inside = [t for t in power if t not in (_OPEN, _CLOSE)]
    if len(inside) != 1 or inside[0].kind not in ("number", "symbol"):
        name = function.text
        raise FormulaError(
            f"A power on the name {name} is ambiguous: type {name}(x)^(…), or 1/{name}(x)."
        )
    return power, _skip(tokens, end)


def _raise_call(tokens: list[Token], here: int, power: list[Token]) -> int:
    """Move the power behind the brackets, in place; the caller goes on with the brackets."""
    end = _end_of_brackets(tokens, here)
    tokens[end:end] = [_POWER, *power]
    return here


def _bare_argument(
    tokens: list[Token], here: int, function: Token, notes: list[str]
) -> tuple[list[Token], int]:
    """Read what a function without brackets is of: sin 2x is sin(2x), √2x is √(2)x."""
    start, name = here, function.text
    while here < len(tokens) and tokens[here].kind in _VALUES:
        number = tokens[here].kind == "number"
        if number and here > start:
            break
        here += 1
        if name == "sqrt":
            break
        here = _power(tokens, here)
        after = _skip(tokens, here)
        if number and after < len(tokens) and tokens[after].kind in _VALUES:
            here = after
    if here == start:
        raise FormulaError(f"{name} needs parentheses: {name}(…).")
    argument = tokens[start:here]
    after = _skip(tokens, here)
    following = tokens[after] if after < len(tokens) else _CLOSE
    joined = following.kind in _VALUES or following in (_OPEN, _POWER)
    if name == "sqrt" and following == _POWER:
        raise FormulaError("A power after a root needs parentheses: sqrt(x^2) or sqrt(x)^2.")
    if len(argument) > 1 or (joined and after == here) or following == _OPEN:
        shown = "".join(t.text for t in argument)
        notes.append(
            f"{name} {shown} is read as {name}({shown}). If you meant more or less, type the "
            "parentheses."
        )
    return [t for t in argument if t.kind != "space"], here


def _power(tokens: list[Token], here: int) -> int:
    """Return where the power that may follow a factor ends."""
    if here >= len(tokens) or tokens[here] != _POWER:
        return here
    end = here + 1
    while end < len(tokens) and tokens[end].text in ("-", "+"):
        end += 1
    if end < len(tokens) and tokens[end] == _OPEN:
        return _end_of_brackets(tokens, end)
    return min(end + 1, len(tokens))


def _without_bars(tokens: list[Token]) -> list[Token]:
    """Write abs( ) for bars: a bar closes if one is open and a value stands before it."""
    result: list[Token] = []
    open_bars: list[int] = []
    level, last = 0, _OPEN
    for token in tokens:
        level += (token == _OPEN) - (token == _CLOSE)
        if token.text == "|":
            value = last.kind in _VALUES or last == _CLOSE
            if value and open_bars and open_bars[-1] == level:
                open_bars.pop()
                result.append(_CLOSE)
            else:
                open_bars.append(level)
                result += [Token("function", "abs"), _OPEN]
        else:
            result.append(token)
        if token.kind != "space":
            last = result[-1]
    if open_bars:
        raise FormulaError("A bar “|” has no partner: |x| needs two.")
    return result


def with_products(tokens: list[Token]) -> list[Token]:
    """Drop the spaces and write the products that were typed without a sign.

    Raises
    ------
    FormulaError
        If a number follows a number.
    """
    result: list[Token] = []
    spaced = False
    for token in tokens:
        if token.kind == "space":
            spaced = True
            continue
        last = result[-1] if result else _OPEN
        if last.kind == token.kind == "number":
            raise FormulaError(f"{last.text} and {token.text}: a sign is missing between them.")
        ends = last.kind in _VALUES or last == _CLOSE
        if ends and (token.kind != "sign" or token == _OPEN):
            result.append(Token("product", " " if spaced else ""))
        result.append(token)
        spaced = False
    return result
