"""What a student typed: read safely, compared with the right answer, explained in words.

The text never reaches SymPy's own parsers, which run it as code. It is cut into numbers, names and
signs; each number and each known name becomes a placeholder; Python's grammar orders the
placeholders, the signs and the parentheses, and nothing else; SymPy objects are then put together
by hand, each operation bounded before it is done.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import sympy as sp

from .bounded import FUNCTIONS, Bounded, FormulaError
from .equality import equal
from .slips import antiderivative, explanations
from .syntax import parse as parse_python
from .tokens import Symbols, Token, levels, note_on_division, spellings, tokenize

__all__ = [
    "Comparison",
    "FormulaError",
    "Reading",
    "Verdict",
    "compare",
    "parse_formula",
    "read_formula",
]

MAX_PARENTHESES = 30
MAX_DEPTH = 100

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
    names = spellings(symbols)
    tokens = tokenize(text, names)
    return Reading(_evaluate(tokens, names), note_on_division(tokens))


# From tokens to an expression --------------------------------------------------------------------


def _evaluate(tokens: list[Token], names: Mapping[str, sp.Symbol]) -> sp.Expr:
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
        tree = parse_python(source, "eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise FormulaError(
            "This does not read as a formula: look for two signs side by side, or for something "
            "missing between them."
        ) from error
    return _build(tree.body, atoms, MAX_DEPTH).expression


def _check_shape(tokens: list[Token]) -> None:
    if not tokens:
        raise FormulaError("Nothing was typed.")
    open_at = [*levels(tokens), 0]
    opened = sum(t.text == "(" for t in tokens)
    if min(open_at) < 0 or opened != sum(t.text == ")" for t in tokens):
        raise FormulaError("The parentheses do not match: each “(” needs its “)”.")
    if max(open_at) > MAX_PARENTHESES:
        raise FormulaError(f"More than {MAX_PARENTHESES} parentheses stand inside each other.")
    if tokens[-1].text != ")" and tokens[-1].kind in ("sign", "function"):
        raise FormulaError(f"Something is missing after the last “{tokens[-1].text}”.")


def _atom(token: Token, names: Mapping[str, sp.Symbol]) -> Bounded:
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
