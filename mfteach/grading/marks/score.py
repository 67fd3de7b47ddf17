"""Scores what was typed: compares an answer, as data, with the check that knows what is right.

`mfteach.grading.marks.functions` scores what was programmed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.answers.check import too_short_or_long
from mfteach.answers.comparison import compare
from mfteach.answers.equality import equal
from mfteach.answers.formulas import FormulaError, read_formula
from mfteach.answers.letters import letter_of
from mfteach.answers.missing import NOT_ANSWERED
from mfteach.answers.numbers import UNREADABLE, is_rounded, misfit, near
from mfteach.grading.assignments import derivations
from mfteach.grading.assignments.questions import (
    Choice,
    Derivation,
    Formula,
    Number,
    Slip,
    in_quarters,
    label_of,
)
from mfteach.grading.assignments.variants import Posed
from mfteach.grading.marks.labels import NOT_MARKED, RIGHT, WRONG
from mfteach.grading.sandbox.session import Outcome, Session
from mfteach.grading.submissions.typed import Typed, defines

__all__ = [
    "NOT_MARKED",
    "RIGHT",
    "UNREADABLE",
    "WRONG",
    "Evidence",
    "Score",
    "failed",
    "score_typed",
    "sentences",
    "why_missing",
]

ROUNDED = "rounded too much"
_DIFFERENT = "This is not right. Go step by step."
_ROUNDED = "This is rounded too much: type a fraction, or keep at least four digits."
_algebra = threading.Lock()  # SymPy does not claim to be thread-safe


@dataclass(frozen=True)
class Evidence:
    """One call of a function, for the instructor only."""

    arguments: tuple[Any, ...]
    wanted: Any
    outcome: Outcome


@dataclass(frozen=True)
class Score:
    """What one question earned.

    Parameters
    ----------
    points, max_points : float
    label : str
        "right", the label of a slip, "not answered", "wrong", "error", "time limit", ...
    reason : str
        Why, in words for the student; never a right answer.
    answer : str
        The answer as it was read.
    evidence : tuple of Evidence
        The calls of a function.
    """

    points: float
    max_points: float
    label: str
    reason: str
    answer: str = ""
    evidence: tuple[Evidence, ...] = field(default=(), repr=False, compare=False)


def score_typed(posed: Posed, typed: Typed, session: Session) -> Score:
    """Score what was typed; the session computes what code computes."""
    if typed.problem == NOT_ANSWERED:
        return _none(posed, NOT_ANSWERED, "There is no answer.")
    if typed.problem is not None:
        return _none(posed, UNREADABLE, typed.problem)
    match posed.check:
        case None:
            count = len((typed.text or "").split())
            flag = too_short_or_long(count, posed.question.facts.get("words"))
            said = f"It has {count} words{flag}." if flag else ""
            reason = sentences("A person will read this answer.", said)
            return _none(posed, NOT_MARKED, reason, typed.text or "")
        case Choice() as check:
            return _score_choice(posed, check, typed.text or "")
        case Formula() as check:
            with _algebra:
                return _score_formula(posed, check, typed.text or "")
        case Derivation():
            with _algebra:
                return _score_derivation(posed, typed.text or "")
        case Number() as check if typed.computed:
            outcome = session.value(posed.question.name)
            if outcome.failure is not None:
                return failed(posed, outcome, posed.question.name, "")
            return _score_number(posed, check, outcome.value)
        case Number() as check:
            return _score_number(posed, check, typed.value)
        case other:
            raise TypeError(f"{posed.question.name}: {type(other).__name__} is not typed")


# Letters, formulas, numbers ----------------------------------------------------------------------


def _score_choice(posed: Posed, check: Choice, text: str) -> Score:
    letter = letter_of(text)
    if letter not in posed.letters:
        letters = ", ".join(posed.letters)
        return _none(posed, UNREADABLE, f"This is not one of the letters {letters}.", text)
    option = posed.letters[letter]
    if option == check.right:
        return _full(posed, letter)
    slip = next(slip for slip in check.slips if slip.answer == option)
    return _left(posed, slip, slip.diagnosis, letter)


def _score_formula(posed: Posed, check: Formula, text: str) -> Score:
    try:
        symbols = str(posed.question.facts["symbols"])
        expression, note = read_formula(text, symbols, by=posed.facts.get("by"))
        same = equal(expression, check.right)
    except FormulaError as error:
        return _none(posed, UNREADABLE, str(error), text)
    if same:
        return _full(posed, text, note)
    if same is None:
        reason = "The grader cannot decide whether this is right: a person will look at it."
        return _none(posed, NOT_MARKED, reason, text)
    for slip in check.slips:
        if equal(expression, slip.answer):
            return _left(posed, slip, sentences(slip.diagnosis, note), text)
    if check.function is not None:
        found = compare(expression, check.right, function=check.function, variable=check.variable)
        if found.diagnoses:
            words = " Or: ".join(found.diagnoses)
            return _none(posed, label_of(found.diagnoses[0]), sentences(words, note), text)
    return _none(posed, WRONG, sentences(_DIFFERENT, note), text)


def _score_derivation(posed: Posed, text: str) -> Score:
    shares = posed.question.facts["milestones"]
    try:
        points, walk = derivations.judged(text, derivations.task_of(posed.facts), shares)
    except Exception as error:  # whatever was typed costs this question alone, and not the notebook
        reason = f"Judging stopped with {type(error).__name__}: a person has to look at it."
        return _none(posed, NOT_MARKED, reason, _short(text))
    if not walk.lines:
        return _none(posed, NOT_ANSWERED, "There is no answer.")
    label, reason = derivations.label_and_reason(walk, shares, RIGHT)
    return Score(points, posed.question.points, label, reason, derivations.shown(walk))


def _score_number(posed: Posed, check: Number, value: Any) -> Score:
    answer = _short(value)
    right = near(value, check.right, check.tolerance)
    if right.all():
        return _full(posed, answer)
    said = _entries(right)
    for slip in check.slips:
        if near(value, slip.answer, check.tolerance).all():
            return _left(posed, slip, sentences(slip.diagnosis, said), answer)
    fault = misfit(value, check.right, "The result")
    if fault is not None:
        return _none(posed, *fault, answer)
    if is_rounded(value, check.right, check.tolerance):
        points = in_quarters(posed.question.points / 2)
        return Score(points, posed.question.points, ROUNDED, _ROUNDED, answer)
    points = min(_most_generous(check), posed.question.points_of_entries(value, check))
    return Score(points, posed.question.points, WRONG, sentences(_DIFFERENT, said), answer)


def _entries(right: NDArray[np.bool_]) -> str:
    """Say which entries of a list are right, if some are."""
    if not right.ndim or not right.any():
        return ""
    places = [", ".join(str(i + 1) for i in place) for place in np.argwhere(right)]
    return f"Right: entry {' and '.join(places)} of {right.size}, which counts by itself."


# Failures ----------------------------------------------------------------------------------------

# These words contain nothing that depends on the clock: grading twice gives the same bytes.
_FAILURES = {
    "missing": "There is no {name} in the notebook.",
    NOT_ANSWERED: "{name} is not written yet.",
    "error": "{name} stopped with an error: {detail}",
    "time limit": "{name}, or a cell before it, took too long.",
    "crashed": "{name}, or a cell before it, ended the process or took too much memory.",
    "unreadable": "{name} gave something that is neither a number nor an array: {detail}",
}
_FAILURE_LABELS = {"missing": NOT_ANSWERED}


def failed(
    posed: Posed,
    outcome: Outcome,
    name: str,
    why: str,
    evidence: tuple[Evidence, ...] = (),
) -> Score:
    """Score a question whose code gave no value."""
    failure = str(outcome.failure)
    reason = _FAILURES[failure].format(name=name, detail=_steady(outcome.detail))
    label = _FAILURE_LABELS.get(failure, failure)
    if why:
        label, reason = "error", why
    return Score(0, posed.question.points, label, reason, name, evidence)


def why_missing(session: Session, program: Sequence[str], name: str) -> str:
    """What stopped the cell that should have defined a function."""
    for place, outcome in sorted(session.cell_failures.items()):
        if defines(program[place], name):
            what = _FAILURES[str(outcome.failure)]
            return what.format(name=f"The cell of {name}", detail=_steady(outcome.detail))
    return ""


def _steady(detail: str) -> str:
    """The student's error message, without parts that differ from run to run."""
    text = re.sub(r"0x[0-9a-fA-F]{4,}", "0x...", " ".join(detail.split()))
    return text if len(text) <= 200 else text[:199] + "…"


# Scores ------------------------------------------------------------------------------------------


def _full(posed: Posed, answer: str, note: str = "") -> Score:
    points = posed.question.points
    return Score(points, points, RIGHT, note, answer)


def _most_generous(check: Number) -> float:
    """Return what the most generous slip leaves: nothing that is wrong earns more."""
    return max(slip.points for slip in check.slips)


def _left(posed: Posed, slip: Slip, reason: str, answer: str) -> Score:
    """Return what a slip leaves."""
    return Score(slip.points, posed.question.points, slip.label, reason, answer)


def _none(posed: Posed, label: str, reason: str, answer: str = "") -> Score:
    return Score(0, posed.question.points, label, reason, answer)


def sentences(*parts: str) -> str:
    """Join the sentences that there are."""
    return " ".join(part for part in parts if part)


def _short(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 37, as it was typed, and not 37.0
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else text[:199] + "…"
