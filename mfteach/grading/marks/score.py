"""Scores one question: compares an answer, as data, with the check that knows what is right."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mfteach.answers.comparison import compare
from mfteach.answers.equality import equal
from mfteach.answers.formulas import FormulaError, read_formula
from mfteach.answers.missing import NOT_ANSWERED
from mfteach.answers.numbers import UNREADABLE, agree, misfit
from mfteach.grading.assignments import derivations
from mfteach.grading.assignments.questions import (
    Choice,
    Derivation,
    Formula,
    Implementation,
    Number,
    Slip,
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
    "score_function",
    "score_typed",
]

_DIFFERENT = "This is not right, and no common slip leads to it. Go step by step."
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
            return _none(posed, NOT_MARKED, "A person will read this answer.", typed.text or "")
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
                return _failed(posed, outcome, posed.question.name, "")
            return _score_number(posed, check, outcome.value)
        case Number() as check:
            return _score_number(posed, check, typed.value)
        case other:
            raise TypeError(f"{posed.question.name}: {type(other).__name__} is not typed")


def score_function(
    posed: Posed,
    session: Session,
    program: Sequence[str],
    rng: np.random.Generator,
) -> Score:
    """Score a function by what it returns for inputs that ``rng`` draws."""
    check = posed.check
    if not isinstance(check, Implementation):
        raise TypeError(f"{posed.question.name} is not a function")
    name = str(posed.question.facts["name"])
    inputs = check.inputs(rng)
    wanted = [_returned(check.reference, arguments) for arguments in inputs]
    evidence = []
    for arguments, value in zip(inputs, wanted, strict=True):
        outcome = session.call(name, copy.deepcopy(arguments))
        evidence.append(Evidence(arguments, value, outcome))
        if outcome.failure is not None:
            why = _why_missing(session, program, name) if outcome.failure == "missing" else ""
            return _failed(posed, outcome, name, why, tuple(evidence))
    given = [one.outcome.value for one in evidence]
    label, reason = _judge_values(check, inputs, given, wanted)
    points = posed.question.points if label == RIGHT else 0
    return Score(points, posed.question.points, label, reason, name, tuple(evidence))


# Letters, formulas, numbers ----------------------------------------------------------------------


def _score_choice(posed: Posed, check: Choice, text: str) -> Score:
    letter = text.strip(" ().:").upper()
    if letter not in posed.letters:
        letters = ", ".join(posed.letters)
        return _none(posed, UNREADABLE, f"This is not one of the letters {letters}.", text)
    option = posed.letters[letter]
    if option == check.right:
        return _full(posed, letter)
    slip = next(slip for slip in check.slips if slip.answer == option)
    return _none(posed, slip.label, slip.diagnosis, letter)


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
            return _none(posed, slip.label, _sentences(slip.diagnosis, note), text)
    if check.function is not None:
        found = compare(expression, check.right, function=check.function, variable=check.variable)
        if found.diagnoses:
            words = " Or: ".join(found.diagnoses)
            return _none(posed, label_of(found.diagnoses[0]), _sentences(words, note), text)
    return _none(posed, WRONG, _sentences(_DIFFERENT, note), text)


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
    if agree(value, check.right, check.tolerance):
        return _full(posed, answer)
    slip = _slip_with(check.slips, lambda slip: agree(value, slip.answer, check.tolerance))
    if slip is not None:
        return _none(posed, slip.label, slip.diagnosis, answer)
    label, reason = misfit(value, check.right, "The result") or (WRONG, _DIFFERENT)
    return _none(posed, label, reason, answer)


# Functions ---------------------------------------------------------------------------------------


def _returned(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What one of our own functions returns; it may change its copy of the arguments."""
    with np.errstate(all="ignore"):
        return function(*copy.deepcopy(arguments))


def _judge_values(
    check: Implementation,
    inputs: Sequence[tuple[Any, ...]],
    given: Sequence[Any],
    wanted: Sequence[Any],
) -> tuple[str, str]:
    right = [agree(g, w, check.tolerance) for g, w in zip(given, wanted, strict=True)]
    if all(right):
        return RIGHT, ""

    def leads_here(slip: Slip) -> bool:
        return all(
            agree(value, _returned(slip.answer, arguments), check.tolerance)
            for value, arguments in zip(given, inputs, strict=True)
        )

    slip = _slip_with(check.slips, leads_here)
    if slip is not None:
        return slip.label, slip.diagnosis
    first = right.index(False)
    fault = misfit(given[first], wanted[first], "The result")
    if fault is not None:
        return fault
    if any(right):
        return WRONG, (
            f"Its results are right for {sum(right)} of {len(right)} inputs, so a special case "
            "is missing or wrong."
        )
    return WRONG, "It runs, but its results are not right, and no common slip leads to them."


def _slip_with(slips: Sequence[Slip], leads_here: Callable[[Slip], bool]) -> Slip | None:
    for slip in slips:
        try:
            if leads_here(slip):
                return slip
        except (ArithmeticError, ValueError, IndexError):  # a wrong function may fail
            continue
    return None


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


def _failed(
    posed: Posed,
    outcome: Outcome,
    name: str,
    why: str,
    evidence: tuple[Evidence, ...] = (),
) -> Score:
    failure = str(outcome.failure)
    reason = _FAILURES[failure].format(name=name, detail=_steady(outcome.detail))
    label = _FAILURE_LABELS.get(failure, failure)
    if why:
        label, reason = "error", why
    return Score(0, posed.question.points, label, reason, name, evidence)


def _why_missing(session: Session, program: Sequence[str], name: str) -> str:
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


def _none(posed: Posed, label: str, reason: str, answer: str = "") -> Score:
    return Score(0, posed.question.points, label, reason, answer)


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _short(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 37, as it was typed, and not 37.0
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else text[:199] + "…"
