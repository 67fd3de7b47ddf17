"""What a student typed, read safely.

The text never reaches SymPy's own parsers, which run it as code. It is cut into numbers, names and
signs; each number and each known name becomes a placeholder; Python's grammar orders the
placeholders, the signs and the parentheses, and nothing else; SymPy objects are then built one by
one, and each operation is bounded before it is carried out.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import sympy as sp

from mfteach.answers.arguments import Token, levels
from mfteach.answers.bounded import FUNCTIONS, Bounded, FormulaError
from mfteach.answers.parser import parse as parse_python
from mfteach.answers.readings import notes_on
from mfteach.answers.tokens import Symbols, spellings, tokenize

__all__ = ["FormulaError", "Reading", "parse_formula", "read_formula", "read_number"]

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
    r"""Return the SymPy expression that a student typed; nothing in the text is ever executed.

    It reads + - * / ^ ** and brackets; products without a sign (``15x``, ``2(x-1)``, ``xy``);
    ``x²``, ``x⁻⁴``, ``½x``, ``x₁``; decimals, exactly, with a point or a comma; sqrt, exp, log
    (also ln), sin, cos and abs, ``√x``, ``sin²x``, ``|x|``; e and pi, unless they are symbols;
    LaTeX such as ``\frac{15}{x^4}``; a left side such as ``f'(x) =``. ``1/2x`` is (1/2)x, and
    `read_formula` says so in its note, as it does wherever a spelling could mean something else.

    Parameters
    ----------
    text : str
        At most 250 characters.
    symbols : str, sympy.Symbol, iterable of these, or mapping of names to sympy.Symbol
        The only names that may occur. A name such as ``x_1`` or ``x1`` may be typed x_1, x1, x₁ or
        x_{1}, one such as ``lambda`` also as its Greek letter.

    Raises
    ------
    FormulaError
        If the text is not a formula in these symbols, divides by zero, is not real, or could grow
        too large to compute with. The message says how to fix it.

    Examples
    --------
    >>> parse_formula("-15x⁻⁴", "x")
    -15/x**4
    """
    return read_formula(text, symbols).expression


def read_formula(text: str, symbols: Symbols, *, by: str | sp.Symbol | None = None) -> Reading:
    """Return what `parse_formula` returns, with a note on how an ambiguous spelling was read.

    Parameters
    ----------
    text, symbols
        As for `parse_formula`.
    by : str or sympy.Symbol, optional
        The variable, where a derivative is asked for. A left side must then name this derivative:
        f'(x) = and dy/dx = are taken, f(x) = and dy/dz = are refused. Without it, f(x) = is taken,
        with a note.

    Raises
    ------
    FormulaError
        As `parse_formula` does.
    """
    names = spellings(symbols)
    tokens, notes = tokenize(text, names, None if by is None else str(by))
    return Reading(_evaluate(tokens, names), " ".join([*notes, *notes_on(tokens)]))


def read_number(text: str) -> float:
    """Return the number that a formula without letters is: "1/2", "2^3", "sqrt(4)".

    Raises
    ------
    FormulaError
        If the text is no such formula; the message says how to repair it.
    """
    number = parse_formula(text, ())
    try:
        return float(number)
    except (OverflowError, TypeError) as error:
        raise FormulaError(f"{text!r} is too large, or not a real number.") from error


# From tokens to an expression --------------------------------------------------------------------


def _evaluate(tokens: list[Token], names: Mapping[str, sp.Symbol]) -> sp.Expr:
    _check_shape(tokens)
    atoms: dict[str, Bounded] = {}
    source = ""
    for token in tokens:
        if token.kind in ("number", "symbol", "constant"):
            placeholder = f"_{len(atoms)}"
            atoms[placeholder] = _atom(token, names)
            source += placeholder
        else:
            source += {"^": "**", "ln": "log"}.get(token.text, token.text.strip() or "*")
    try:
        tree = parse_python(source, "eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise FormulaError(
            "This is not a valid formula: look for two signs side by side, or for something "
            "missing between them."
        ) from error
    return _build(tree.body, atoms, MAX_DEPTH).expression


def _check_shape(tokens: list[Token]) -> None:
    if not tokens:
        raise FormulaError("Nothing was typed.")
    if any(t.text == "(" and u.text == ")" for t, u in pairwise(tokens)):
        raise FormulaError("There is nothing between the parentheses “()”.")
    open_at = [*levels(tokens), 0]
    opened = sum(t.text == "(" for t in tokens)
    if min(open_at) < 0 or opened != sum(t.text == ")" for t in tokens):
        raise FormulaError("The parentheses do not match: each “(” needs a “)”.")
    if max(open_at) > MAX_PARENTHESES:
        raise FormulaError(f"Parentheses are nested more than {MAX_PARENTHESES} deep.")
    if tokens[-1].text != ")" and tokens[-1].kind in ("sign", "function"):
        raise FormulaError(f"Something is missing after the last “{tokens[-1].text}”.")


def _atom(token: Token, names: Mapping[str, sp.Symbol]) -> Bounded:
    if token.kind == "symbol":
        return Bounded.symbol(names[token.text])
    if token.kind == "constant":
        return Bounded.constant(token.text)
    _, _, power = token.text.lower().partition("e")
    if len(power) > 4:  # Fraction would write out a power of ten of any size
        raise FormulaError(f"“{token.text[:20]}” has too many digits.")
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
    raise FormulaError("This is not a valid formula: a function takes one formula, as in sqrt(x).")
