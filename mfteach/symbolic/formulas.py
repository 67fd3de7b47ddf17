"""What a student typed: read safely, compared with the right answer, explained in words.

The text never reaches SymPy's own parsers, which run it as code. It is cut into numbers, names and
signs; each number and each known name becomes a placeholder; Python's grammar orders the
placeholders, the signs and the parentheses, and nothing else; SymPy objects are then put together
by hand, each operation bounded before it is done.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple, TypeAlias

import sympy as sp

from .bounded import FUNCTIONS, Bounded, FormulaError
from .equality import equal
from .slips import antiderivative, explanations

__all__ = [
    "Comparison",
    "FormulaError",
    "Reading",
    "Verdict",
    "compare",
    "parse_formula",
    "read_formula",
]

Symbols: TypeAlias = str | sp.Symbol | Iterable[str | sp.Symbol] | Mapping[str, sp.Symbol]

MAX_LENGTH = 250
MAX_PARENTHESES = 30
MAX_DEPTH = 100

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
    ",": "A comma is not read: type a decimal with a point, 0.5, and one formula at a time.",
    "!": "Factorials are not read here.",
    "[": "Use round parentheses.",
    "{": "Use round parentheses.",
    "|": "Absolute values are not read here.",
    "\\": "Type plain text, not LaTeX: x^2/3 or sqrt(x).",
    ".": "A point belongs inside a number, as in 0.5; for a product type *.",
}
_OPERATIONS: dict[type[ast.operator], Callable[[Bounded, Bounded], Bounded]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


class Reading(NamedTuple):
    """A formula as it was understood.

    Parameters
    ----------
    expression : sympy.Expr
        What plain SymPy builds from the same formula.
    note : str
        How an ambiguous spelling was read, for the student; empty if there was none.
    """

    expression: sp.Expr
    note: str


def parse_formula(text: str, symbols: Symbols) -> sp.Expr:
    """Return the SymPy expression that a student typed; nothing in the text is ever executed.

    Read are + - * / ^ ** and parentheses; products without a sign (``15x``, ``2(x-1)``, ``xy``);
    ``x²``, ``x⁻⁴``, ``½x``, ``x₁``; decimals, exactly; sqrt, exp, log (also ln), sin and cos.
    ``1/2x`` is (1/2)x: `read_formula` says so in its note.

    Parameters
    ----------
    text : str
        At most 250 characters.
    symbols : str, sympy.Symbol, iterable of these, or mapping of names to sympy.Symbol
        The only names that may occur. A name such as ``x_1`` may be typed x_1, x1, x₁ or x_{1},
        one such as ``lambda`` also as its Greek letter.

    Raises
    ------
    FormulaError
        If the text is no formula in these symbols, divides by zero, is not real, or could grow
        too large to compute with. The message says how to repair it.

    Examples
    --------
    >>> parse_formula("-15x⁻⁴", "x")
    -15/x**4
    """
    return read_formula(text, symbols).expression


def read_formula(text: str, symbols: Symbols) -> Reading:
    """Return what `parse_formula` returns, with a note on how an ambiguous spelling was read.

    Raises
    ------
    FormulaError
        As `parse_formula` does.
    """
    names = _names(symbols)
    tokens = _with_products(_tokens(_plain_text(text), names))
    return Reading(_evaluate(tokens, names), _note_on_division(tokens))


# From text to tokens -----------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str  # number, symbol, function, sign, space; product: a * that was not typed
    text: str


def _names(symbols: Symbols) -> dict[str, sp.Symbol]:
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
        raise FormulaError(f"This is too long: at most {MAX_LENGTH} characters are read.")
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


def _tokens(plain: str, names: Mapping[str, sp.Symbol]) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(plain):
        kind, text = str(match.lastgroup), match.group()
        if kind == "name":
            tokens += _split_word(text, names)
        elif kind == "other":
            raise FormulaError(_HINTS.get(text, f"{_shown(text)} has no meaning in a formula."))
        else:
            tokens.append(_Token(kind, "^" if text == "**" else text))
    return tokens


def _shown(text: str) -> str:
    """Quote what was typed; an invisible character by its number."""
    if not text.isprintable():
        return f"The invisible character U+{ord(text[0]):04X}"
    return f"“{text[:20]}…”" if len(text) > 20 else f"“{text}”"


def _split_word(word: str, names: Mapping[str, sp.Symbol]) -> list[_Token]:
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
    return [_Token("symbol" if name in names else "function", name) for name in best[-1]]


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


def _with_products(tokens: list[_Token]) -> list[_Token]:
    """Drop the spaces and write the products that were typed without a sign."""
    result: list[_Token] = []
    spaced = False
    for token in tokens:
        if token.kind == "space":
            spaced = True
            continue
        last = result[-1] if result else _Token("sign", "(")
        if last.kind == "function" and token.text != "(":
            raise FormulaError(f"{last.text} needs parentheses: {last.text}(…).")
        if last.kind == token.kind == "number":
            raise FormulaError(f"{last.text} and {token.text}: a sign is missing between them.")
        ends = last.kind in ("number", "symbol") or last.text == ")"
        if ends and (token.kind != "sign" or token.text == "("):
            result.append(_Token("product", " " if spaced else ""))
        result.append(token)
        spaced = False
    return result


# What the reader should be told --------------------------------------------------------------


def _note_on_division(tokens: list[_Token]) -> str:
    """Say how a product without a sign after a / was read."""
    for here, token in enumerate(tokens):
        if token.kind != "product":
            continue
        start = here - _reach(tokens[:here][::-1], opening=")", closing="(")
        end = here + 1 + _reach(tokens[here + 1 :], opening="(", closing=")", stop="/")
        before, after = tokens[start:here], tokens[here + 1 : end]
        slashes = [
            k for k, level in enumerate(_levels(before)) if not level and before[k].text == "/"
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


def _levels(tokens: list[_Token], opening: str = "(", closing: str = ")") -> list[int]:
    """Return how many parentheses are open at each token."""
    levels, level = [], 0
    for token in tokens:
        level -= token.text == closing
        levels.append(level)
        level += token.text == opening
    return levels


def _reach(tokens: list[_Token], opening: str, closing: str, stop: str = "") -> int:
    """Return how many tokens belong to the term that begins here."""
    for k, level in enumerate(_levels(tokens, opening, closing)):
        signs = ("+", "-", "*", stop)
        if level < 0 or (level == 0 and tokens[k].kind == "sign" and tokens[k].text in signs):
            return k
    return len(tokens)


# From tokens to an expression --------------------------------------------------------------------


def _evaluate(tokens: list[_Token], names: Mapping[str, sp.Symbol]) -> sp.Expr:
    _check_shape(tokens)
    atoms: dict[str, Bounded] = {}
    source = ""
    for token in tokens:
        if token.kind in ("number", "symbol"):
            placeholder = f"_{len(atoms)}"
            atoms[placeholder] = _atom(token, names)
            source += placeholder
        else:
            source += {"^": "**", "ln": "log"}.get(token.text, token.text.strip() or "*")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise FormulaError(
            "This does not read as a formula: look for two signs side by side, or for something "
            "missing between them."
        ) from error
    return _build(tree.body, atoms, MAX_DEPTH).expression


def _check_shape(tokens: list[_Token]) -> None:
    if not tokens:
        raise FormulaError("Nothing was typed.")
    levels = [*_levels(tokens), 0]
    opened = sum(t.text == "(" for t in tokens)
    if min(levels) < 0 or opened != sum(t.text == ")" for t in tokens):
        raise FormulaError("The parentheses do not match: each “(” needs its “)”.")
    if max(levels) > MAX_PARENTHESES:
        raise FormulaError(f"More than {MAX_PARENTHESES} parentheses stand inside each other.")
    if tokens[-1].text != ")" and tokens[-1].kind in ("sign", "function"):
        raise FormulaError(f"Something is missing after the last “{tokens[-1].text}”.")


def _atom(token: _Token, names: Mapping[str, sp.Symbol]) -> Bounded:
    if token.kind == "symbol":
        return Bounded.symbol(names[token.text])
    return Bounded.number(Fraction(token.text))


def _build(node: ast.expr, atoms: Mapping[str, Bounded], depth: int) -> Bounded:
    """Return the value of a node of the allow-list; every other node is refused."""
    if depth == 0:
        raise FormulaError(f"This formula has too many parts: at most {MAX_DEPTH} in a row.")
    match node:
        case ast.Name(id=name) if name in atoms:
            return atoms[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_build(operand, atoms, depth - 1)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _build(operand, atoms, depth - 1)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            operands = _build(left, atoms, depth - 1), _build(right, atoms, depth - 1)
            return _OPERATIONS[type(sign)](*operands)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return _build(argument, atoms, depth - 1).apply(name)
    raise FormulaError("This does not read as a formula: a function takes one formula, as sqrt(x).")


# Comparing ---------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What `compare` found."""

    EQUAL = "equal"
    SLIP = "slip"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Comparison:
    """A verdict and its words for the student. True in a condition if the answer is right.

    Parameters
    ----------
    verdict : Verdict
    message : str
        The diagnosis, which never contains the right answer, and how the formula was read.
    diagnoses : tuple of str
        The slip that gives this answer; several if they collide; none unless the verdict is
        "slip".
    """

    verdict: Verdict
    message: str
    diagnoses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.verdict is Verdict.EQUAL


def compare(
    answer: str | sp.Expr,
    right: sp.Expr,
    *,
    function: sp.Expr | None = None,
    variable: sp.Symbol | None = None,
) -> Comparison:
    """Compare a student's derivative with the right one: equal, a known slip, or different.

    Formulas are equal if they agree at every real point where both are defined; see `equality`.

    Parameters
    ----------
    answer : str or sympy.Expr
        A text is read by `parse_formula` with the symbols of the question.
    right : sympy.Expr
        The true derivative.
    function : sympy.Expr, optional
        What was differentiated. Without it, a sum of monomials is integrated to find it, up to a
        constant.
    variable : sympy.Symbol, optional
        With respect to what. Without it, the only symbol that occurs.

    Raises
    ------
    FormulaError
        If the text cannot be read, or if neither equality nor a difference can be proved.

    Source: lecture row S30 and the rule for graders, "decide by equivalence, never by string".
    """
    right = sp.sympify(right, strict=True)
    known = [right] + [e for e in (function, variable) if e is not None]
    symbols = set().union(*(e.free_symbols for e in known))
    note = ""
    if isinstance(answer, str):
        answer, note = read_formula(answer, sorted(symbols, key=str))
    answer = sp.sympify(answer, strict=True)
    same = equal(answer, right)
    if same is None:
        raise FormulaError(
            "It cannot be decided whether this formula is right. Write it in a simpler form."
        )
    if same:
        return Comparison(Verdict.EQUAL, _joined("Right.", note))
    diagnoses = tuple(_diagnose(answer, right, function, variable))
    if not diagnoses:
        message = "This is not the derivative, and no common slip leads to it. Go step by step."
        return Comparison(Verdict.DIFFERENT, _joined(message, note))
    return Comparison(Verdict.SLIP, _joined(" Or: ".join(diagnoses), note), diagnoses)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _diagnose(
    answer: sp.Expr, right: sp.Expr, function: sp.Expr | None, variable: sp.Symbol | None
) -> list[str]:
    candidates = right.free_symbols or answer.free_symbols
    if variable is None and len(candidates) == 1:
        (variable,) = candidates
    if variable is None:
        return []
    if function is None:
        function = antiderivative(right, variable)
    if function is None:
        return ["The sign is wrong."] if equal(answer, -right) else []
    return [slip.message for slip in explanations(answer, function, variable)]
