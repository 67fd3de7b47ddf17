"""What a student typed, cut into numbers, names and signs, however it was spelled.

Superscripts, subscripts, fractions, Greek letters and typographic signs are spelled out; words are
cut into the names of the question; products that were typed without a sign get one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple, TypeAlias

import sympy as sp

from mfteach.answers.bounded import FUNCTIONS, FormulaError

Symbols: TypeAlias = str | sp.Symbol | Iterable[str | sp.Symbol] | Mapping[str, sp.Symbol]

MAX_LENGTH = 250

_SPELLINGS = str.maketrans(
    dict.fromkeys("−‐‑‒–—", "-")
    | dict.fromkeys("·×⋅∙∗•", "*")
    | dict.fromkeys("÷∕⁄", "/")
    | {"√": "sqrt"}
)
_GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "epsilon"},
    **{"ζ": "zeta", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu"},
    **{"ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ω": "omega"},
}
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<name>[^\W\d_]\w*)|(?P<sign>\*\*|[-+*/^()])"
    r"|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_HINTS = {
    "=": "Type only the right side, without “=”.",
    ",": "Commas are not allowed: type a decimal with a point, 0.5, and one formula at a time.",
    "!": "Factorials are not supported here.",
    "[": "Use round parentheses.",
    "{": "Use round parentheses.",
    "|": "Absolute values are not supported here.",
    "\\": "Type plain text, not LaTeX: x^2/3 or sqrt(x).",
    ".": "A point belongs inside a number, as in 0.5; for a product type *.",
}


class Token(NamedTuple):
    """A piece of a formula, and what kind of piece it is."""

    kind: str  # number, symbol, function, sign, space; product: a * that was not typed
    text: str


def spellings(symbols: Symbols) -> dict[str, sp.Symbol]:
    """Return every spelling of every symbol."""
    if isinstance(symbols, str):
        symbols = re.findall(r"[^\s,]+", symbols)
    if isinstance(symbols, sp.Symbol):
        symbols = [symbols]
    if not isinstance(symbols, Iterable):
        raise FormulaError(f"A question's symbols are names or SymPy symbols, not {symbols!r}.")
    if not isinstance(symbols, Mapping):
        symbols = {str(symbol): symbol for symbol in symbols}
    names: dict[str, sp.Symbol] = {}
    for name, symbol in symbols.items():
        value = sp.Symbol(symbol) if isinstance(symbol, str) else symbol
        if not isinstance(value, sp.Symbol):
            raise FormulaError(f"A question's symbols are names or SymPy symbols, not {symbol!r}.")
        names[name] = value
    for name, value in list(names.items()):
        plain = re.sub(r"[{}\\]", "", name)
        for spelling in (plain, re.sub(r"_(?=[0-9]+$)", "", plain), _GREEK.get(name, name)):
            names.setdefault(spelling, value)
    return names


def _style(character: str) -> str:
    return unicodedata.decomposition(character).partition(" ")[0].strip("<>")


def _plain_text(text: str) -> str:
    """Spell superscripts, subscripts, fractions, Greek letters and signs in plain characters."""
    if not isinstance(text, str):
        raise FormulaError(f"Type the formula as text; this is {type(text).__name__}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"This is too long: at most {MAX_LENGTH} characters are allowed.")
    plain, previous = "", ""
    for style, run in groupby(text, _style):
        part = unicodedata.normalize("NFKC", "".join(run))
        if style == "fraction" and re.search(r"[0-9]\s*$", plain):
            raise FormulaError("A mixed number is ambiguous: type 2½ as 2.5 or 5/2.")
        if previous == "super" and re.match(r"\s*(\^|\*\*)", part):
            raise FormulaError("A power of a power needs parentheses: (x²)^3.")
        plain += {"super": f"^({part})", "sub": f"_{part}", "fraction": f"({part})"}.get(
            style, part
        )
        previous = style
    plain = re.sub(r"_\{(\w+)\}", r"_\1", plain.translate(_SPELLINGS))
    plain = "".join(_GREEK.get(character, character) for character in plain)
    if len(plain) > 2 * MAX_LENGTH:
        raise FormulaError("This is too long once its special characters are spelled out.")
    return plain


def tokenize(text: str, names: Mapping[str, sp.Symbol]) -> list[Token]:
    """Return the tokens of a typed formula, with a token for each product without a sign.

    Raises
    ------
    FormulaError
        If the text is too long, or contains something that has no meaning in this question.
    """
    return _with_products(_tokens(_plain_text(text), names))


def _tokens(plain: str, names: Mapping[str, sp.Symbol]) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(plain):
        kind, text = str(match.lastgroup), match.group()
        if kind == "name":
            tokens += _split_word(text, names)
        elif kind == "other":
            raise FormulaError(_HINTS.get(text, f"{_shown(text)} has no meaning in a formula."))
        else:
            tokens.append(Token(kind, "^" if text == "**" else text))
    return tokens


def _shown(text: str) -> str:
    """Quote what was typed; an invisible character by its number."""
    if not text.isprintable():
        return f"The invisible character U+{ord(text[0]):04X}"
    return f"“{text[:20]}…”" if len(text) > 20 else f"“{text}”"


def _split_word(word: str, names: Mapping[str, sp.Symbol]) -> list[Token]:
    """Cut a word into as few known names as possible: ``xy`` is x y, unless there is an xy."""
    known = set(names) | set(FUNCTIONS) | {"ln"}
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        cuts = [
            [*before, word[start:end]]
            for start in range(end)
            if (before := best[start]) is not None and word[start:end] in known
        ]
        best.append(min(cuts, key=len, default=None))
    if best[-1] is None:
        raise FormulaError(_unknown(word, names))
    return [Token("symbol" if name in names else "function", name) for name in best[-1]]


def _unknown(word: str, names: Mapping[str, sp.Symbol]) -> str:
    letter, digits = re.fullmatch(r"(.*?)([0-9]*)", word, re.DOTALL).groups()  # type: ignore[union-attr]
    if digits and letter in names:
        return f"{_shown(word)} is ambiguous: type {letter}^{digits} or {digits}*{letter}."
    if any(word.startswith(name) for name in FUNCTIONS):
        return f"{_shown(word)}: a function needs parentheses, as in sqrt(x)."
    allowed = ", ".join(dict.fromkeys(str(symbol) for symbol in names.values())) or "none"
    return (
        f"{_shown(word)} is not a name in this question. Names: {allowed}. "
        f"Functions: {', '.join(FUNCTIONS)}."
    )


def _with_products(tokens: list[Token]) -> list[Token]:
    """Drop the spaces and write the products that were typed without a sign."""
    result: list[Token] = []
    spaced = False
    for token in tokens:
        if token.kind == "space":
            spaced = True
            continue
        last = result[-1] if result else Token("sign", "(")
        if last.kind == "function" and token.text != "(":
            raise FormulaError(f"{last.text} needs parentheses: {last.text}(…).")
        if last.kind == token.kind == "number":
            raise FormulaError(f"{last.text} and {token.text}: a sign is missing between them.")
        ends = last.kind in ("number", "symbol") or last.text == ")"
        if ends and (token.kind != "sign" or token.text == "("):
            result.append(Token("product", " " if spaced else ""))
        result.append(token)
        spaced = False
    return result


def note_on_division(tokens: list[Token]) -> str:
    """Say how a product without a sign after a / was read."""
    for here, token in enumerate(tokens):
        if token.kind != "product":
            continue
        start = here - _reach(tokens[:here][::-1], opening=")", closing="(")
        end = here + 1 + _reach(tokens[here + 1 :], opening="(", closing=")", stop="/")
        before, after = tokens[start:here], tokens[here + 1 : end]
        slashes = [
            k for k, level in enumerate(levels(before)) if not level and before[k].text == "/"
        ]
        if slashes:
            top, bottom, rest = (
                "".join(t.text for t in part)
                for part in (before[: slashes[-1]], before[slashes[-1] + 1 :], after)
            )
            return (
                f"{top}/{bottom}{token.text}{rest} is read as ({top}/{bottom}){rest}. "
                f"If you meant {top}/({bottom}{token.text}{rest}), type these parentheses."
            )
    return ""


def levels(tokens: list[Token], opening: str = "(", closing: str = ")") -> list[int]:
    """Return how many parentheses are open at each token."""
    found, level = [], 0
    for token in tokens:
        level -= token.text == closing
        found.append(level)
        level += token.text == opening
    return found


def _reach(tokens: list[Token], opening: str, closing: str, stop: str = "") -> int:
    """Return how many tokens belong to the term that begins here."""
    for k, level in enumerate(levels(tokens, opening, closing)):
        signs = ("+", "-", "*", stop)
        if level < 0 or (level == 0 and tokens[k].kind == "sign" and tokens[k].text in signs):
            return k
    return len(tokens)
