"""Answers to the exercises inside a lesson: told at once whether they are right.

Nothing here is graded. What is right is computed in the lesson, so it cannot rot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sympy import Expr, Symbol

    from mfteach.answers.choices import Question

NOT_ANSWERED = "Not answered yet: put your answer in and run this cell again."


def feedback(
    answer: Any,
    right: Any,
    hints: Mapping[float, str] | None = None,
    tolerance: float = 1e-3,
) -> None:
    """Print whether ``answer`` is ``right``, and the hint for a slip that is known.

    Parameters
    ----------
    answer : number, array-like or None
        None or ``...`` stands for "not answered yet".
    right : number or array-like
        The right answer, computed in the lesson.
    hints : mapping of wrong number to hint, optional
        What to tell someone who answers just this.
    tolerance : float
        How far off an entry may be, relative to the largest entry of ``right`` (or to 1, if that
        is larger): answers are often rounded.
    """
    print(_reply(answer, right, hints or {}, tolerance))


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
    from sympy import diff

    from mfteach.answers.comparison import compare
    from mfteach.answers.formulas import FormulaError

    try:
        right = diff(function, variable)
        found = compare(answer, right, function=function, variable=variable) if answer else None
        print(NOT_ANSWERED if found is None else found.message)
    except FormulaError as error:
        print(error)


def choice_feedback(answer: str, question: Question) -> None:
    """Print the reply to an answer to a multiple-choice question, right or with its diagnosis.

    Parameters
    ----------
    answer : str
        A letter, or a formula where the question takes one; empty for "not answered yet".
    question : Question
        Such as ``mfteach.answers.lecture_questions.s30()``.
    """
    try:
        print(question.answer(answer) if answer else NOT_ANSWERED)
    except ValueError as error:
        print(error)


def _reply(answer: Any, right: Any, hints: Mapping[float, str], tolerance: float) -> str:
    if answer is None or answer is ...:
        return NOT_ANSWERED
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return f"{answer!r} is not a number. Type numbers only, such as 4 or [1, 0.5]."
    wanted = np.asarray(right, dtype=float)
    if given.shape != wanted.shape:
        return f"Your answer has the shape {given.shape}; asked for is {wanted.shape}."
    off = tolerance * max(1.0, float(np.max(np.abs(wanted))))
    if np.all(np.abs(given - wanted) <= off):
        return "Right."
    for slip, hint in hints.items():
        if np.all(np.abs(given - slip) <= off):
            return f"Not yet. {hint}"
    return "Not yet. Read the question once more, and check with a small case by hand."
