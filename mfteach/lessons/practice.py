"""Answers to the exercises inside a lesson, checked at once.

Nothing here is graded. The right answers are computed in the lesson, so they cannot go stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mfteach import answers
from mfteach.answers.missing import is_missing, not_answered
from mfteach.answers.numbers import agree, difference, typed_misfit
from mfteach.arguments import having, mapping, real_number, real_numbers

if TYPE_CHECKING:
    from sympy import Expr, Symbol

    from mfteach.answers.choices import Question

_UNANSWERED = not_answered("put your answer in and run this cell again.")


def feedback(
    answer: Any,
    right: Any,
    hints: Mapping[float, str] | None = None,
    tolerance: float = 1e-3,
) -> None:
    """Print whether ``answer`` is ``right``, and the hint for a known slip.

    Parameters
    ----------
    answer : number, array-like or None
        None or ``...`` means "not answered yet".
    right : number or array-like
        The right answer, computed in the lesson.
    hints : mapping of wrong number to hint, optional
        What to tell someone who gives exactly this answer.
    tolerance : float
        How far off an entry may be, relative to the largest entry of ``right`` (or to 1, if that
        is larger): answers are often rounded.
    """
    tolerance = real_number(tolerance, "tolerance", "[0, inf)")
    right = real_numbers(right, "right")
    hints = {} if hints is None else mapping(hints, "hints")
    print(_reply(answer, right, hints, tolerance))


def derivative_feedback(answer: str, function: Expr, variable: Symbol) -> None:
    """Print whether a typed formula is the derivative, or which slip leads to it.

    Parameters
    ----------
    answer : str
        As a student types it, such as ``"6x"``; empty for "not answered yet". Never executed.
    function : sympy.Expr
        What is differentiated.
    variable : sympy.Symbol
        With respect to what.
    """
    having(function, "function", ("diff", "subs"), "an expression of SymPy")
    having(variable, "variable", ("diff", "subs"), "a symbol of SymPy")
    if is_missing(answer):
        print(_UNANSWERED)
        return
    right = function.diff(variable)
    try:
        print(answers.compare(answer, right, function=function, variable=variable).message)
    except answers.FormulaError as error:
        print(error)


def choice_feedback(answer: str, question: Question) -> None:
    """Print the reply to an answer to a multiple-choice question, right or with its diagnosis.

    Parameters
    ----------
    answer : str
        A letter, or a formula where the question takes one; empty for "not answered yet".
    question : Question
        Such as ``mfteach.answers.multiple_choice.s30()``.
    """
    having(question, "question", ("answer",), "a question, such as multiple_choice.s30()")
    try:
        print(_UNANSWERED if is_missing(answer) else question.answer(answer))
    except ValueError as error:
        print(error)


def _reply(answer: Any, right: Any, hints: Mapping[float, str], tolerance: float) -> str:
    if is_missing(answer):
        return _UNANSWERED
    wanted = np.asarray(right)
    fault = typed_misfit(answer, wanted)
    if fault:
        return fault
    how = difference(answer, wanted, tolerance)
    if not how:
        return "Right."
    for slip, hint in hints.items():
        if agree(answer, np.full(wanted.shape, slip), tolerance):
            return f"Not yet. {hint}"
    return f"Not yet: {how}. Read the question once more, and check with a small case by hand."
