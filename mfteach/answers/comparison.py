"""A typed formula compared with the right one: equal, a known slip, or different."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from mfteach.answers.bounded import FormulaError
from mfteach.answers.equality import equal
from mfteach.answers.formulas import read_formula
from mfteach.answers.slips import antiderivative, explanations


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
    known = [right] + [e for e in (function, variable) if e is not None]
    symbols = set().union(*(e.free_symbols for e in known))
    note = ""
    if isinstance(answer, str):
        answer, note = read_formula(answer, sorted(symbols, key=str))
    answer = sp.sympify(answer, strict=True)
    same = equal(answer, right)
    if same is None:
        raise FormulaError(
            "The grader cannot decide whether this formula is right. Write it in a simpler form."
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
