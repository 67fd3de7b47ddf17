"""A typed formula compared with the right one: equal, a known slip, or different."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from mfteach.answers.bounded import FormulaError
from mfteach.answers.equality import equal
from mfteach.answers.formulas import read_formula
from mfteach.answers.slips import antiderivative, explanations
from mfteach.answers.spelling import MAX_LENGTH


class Verdict(StrEnum):
    """What `compare` found."""

    EQUAL = "equal"
    SLIP = "slip"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Comparison:
    """A verdict and its message for the student; true as a condition if the answer is right.

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
    own = {s.name: s for e in (variable, right) if e is not None for s in e.free_symbols}
    function = None if function is None else _renamed(function, own)
    own |= {s.name: s for e in (function,) if e is not None for s in e.free_symbols}
    variable = _variable(variable, right, function)
    right = _renamed(right, own)
    note = ""
    if isinstance(answer, str):
        symbols = own or _letters(answer)
        answer, note = read_formula(answer, symbols, by=variable)
    answer = _renamed(sp.sympify(answer, strict=True), own)
    same = equal(answer, right)
    if same is None:
        raise FormulaError(
            "The grader cannot decide whether this formula is right. Write it in a simpler form."
        )
    if same:
        return Comparison(Verdict.EQUAL, _joined("Right.", note))
    diagnoses = tuple(_diagnose(answer, right, function, variable))
    if not diagnoses:
        message = "This is not the derivative. Go step by step."
        return Comparison(Verdict.DIFFERENT, _joined(message, note))
    return Comparison(Verdict.SLIP, _joined(" Or: ".join(diagnoses), note), diagnoses)


def _variable(
    variable: sp.Symbol | None, right: sp.Expr, function: sp.Expr | None
) -> sp.Symbol | None:
    """Return by what the derivative is asked for, or None if several letters may be it."""
    if variable is not None:
        return variable
    expressions = (right,) if function is None else (function, right)
    letters = set().union(*(e.free_symbols for e in expressions))
    return letters.pop() if len(letters) == 1 else None


def _renamed(expression: sp.Expr, own: dict[str, sp.Symbol]) -> sp.Expr:
    """Put the question's symbols for those of the same name that carry other assumptions."""
    expression = sp.sympify(expression, strict=True)
    return expression.xreplace({s: own[s.name] for s in expression.free_symbols if s.name in own})


def _letters(text: str) -> dict[str, sp.Symbol]:
    """Return the letters of an answer to a question without any: 0/x is 0 for every x."""
    found = re.findall(r"(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])", text[:MAX_LENGTH])
    return {letter: sp.Symbol(letter) for letter in found if letter != "e"}


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
