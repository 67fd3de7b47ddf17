"""Scores a function by what it returns for drawn inputs.

What is right on its own earns its share: see `mfteach.grading.assignments.properties`. A result of
the wrong form, or arguments that were changed, only cost something.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mfteach.answers.contracts import has_list
from mfteach.answers.numbers import agree, as_numbers, misfit
from mfteach.arguments.plain import strange
from mfteach.grading.assignments.properties import Draw
from mfteach.grading.assignments.questions import Implementation, Slip
from mfteach.grading.assignments.variants import Posed
from mfteach.grading.marks.score import (
    RIGHT,
    WRONG,
    Evidence,
    Score,
    failed,
    sentences,
    why_missing,
)
from mfteach.grading.sandbox.session import Outcome, Session

__all__ = ["FORM", "score_function"]

FORM = 0.5
"""Points that a wrong form costs, once, of whatever the numbers earn."""
_LIST = ("a list for an array", "Its results are lists: return arrays.")
_AXIS = ("one axis too many", "Its results have an axis of length 1 too many or too few.")
_ONE_ARRAY = ("one array for several values", "Its results are one array: return a, b.")
_CHANGED = ("arguments changed", "It changes its arguments: work on copies.")


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
    evidence: list[Evidence] = []
    for arguments in check.inputs(rng):
        outcome = _of_numbers(session.call(name, copy.deepcopy(arguments)))
        wanted = _returned(check.reference, arguments)
        evidence.append(Evidence(arguments, wanted, outcome))
        if outcome.failure not in (None, *_THIS_CALL):
            why = why_missing(session, program, name) if outcome.failure == "missing" else ""
            return failed(posed, outcome, name, why, tuple(evidence))
    label, reason, points = _judged(posed, check, evidence)
    return Score(points, posed.question.points, label, reason, name, tuple(evidence))


def _of_numbers(outcome: Outcome) -> Outcome:
    """The outcome, or that its value is not made of numbers: texts travel, and are none."""
    kind = strange(outcome.value)
    return Outcome(failure="unreadable", detail=f"a value of type {kind}") if kind else outcome


_THIS_CALL = ("error", "unreadable")
"""Failures of one call: another one may still be right."""


class _Judgement(NamedTuple):
    label: str
    reason: str
    points: float


def _judged(posed: Posed, check: Implementation, evidence: Sequence[Evidence]) -> _Judgement:
    """Judge the numbers, and then take off what a wrong form costs."""
    formed = [_in_form(one.outcome.value, one.wanted) for one in evidence]
    faults = [fault for _, fault in formed if fault]
    faults += [_CHANGED for one in evidence if one.outcome.changed]
    draws = [
        Draw(value, one.wanted, one.arguments)
        for (value, _), one in zip(formed, evidence, strict=True)
    ]
    right = [agree(draw.given, draw.wanted, check.tolerance) for draw in draws]
    if all(right):
        if not faults:
            return _Judgement(RIGHT, "", posed.question.points)
        found = _Judgement(faults[0][0], "Its numbers are right.", posed.question.points)
        return _costly(found, faults, check)
    holding = [each.name for each in check.properties if each.holds(draws, check.tolerance)]
    slip = next((slip for slip in check.slips if _leads_here(slip, check, draws)), None)
    if slip is not None:
        label, reason, points = slip.label, slip.diagnosis, slip.points
        faults = [fault for fault in faults if fault is not _AXIS]  # the slip may be its reason
    else:
        label, reason = _fault(posed, evidence, draws, right)
        points = sum(posed.question.shares[name] for name in holding)
    return _costly(
        _Judgement(label, sentences(reason, _said(posed, holding)), points), faults, check
    )


def _costly(
    found: _Judgement, faults: Sequence[tuple[str, str]], check: Implementation
) -> _Judgement:
    """Take off what a wrong form costs; nothing that is wrong earns more than a slip may leave."""
    label, reason, points = found
    if faults:
        reason, points = f"{reason} {faults[0][1]} That costs half a point.", points - FORM
    return _Judgement(label, reason, max(0, min(points, max(slip.points for slip in check.slips))))


def _said(posed: Posed, holding: Sequence[str]) -> str:
    """Say which parts are right, and which are not yet."""
    if not holding:
        return ""
    missing = [name for name in posed.question.shares if name not in holding]
    return f"Right: {'; '.join(holding)}. Not yet: {'; '.join(missing)}."


def _fault(
    posed: Posed, evidence: Sequence[Evidence], draws: Sequence[Draw], right: Sequence[bool]
) -> tuple[str, str]:
    """Say what is wrong with results that no known slip leads to."""
    for one in evidence:
        if one.outcome.failure is not None:
            score = failed(posed, one.outcome, str(posed.question.facts["name"]), "")
            return score.label, score.reason
    first = draws[right.index(False)]
    fault = misfit(first.given, first.wanted, "The result")
    if fault is not None:
        return fault
    if any(right):
        return WRONG, (
            f"Its results are right for {sum(right)} of {len(right)} inputs, so a special case "
            "is missing or wrong."
        )
    return WRONG, "It runs, but its results are not right."


def _returned(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What one of our own functions returns; it may change its copy of the arguments."""
    with np.errstate(all="ignore"):
        return function(*copy.deepcopy(arguments))


def _leads_here(slip: Slip, check: Implementation, draws: Sequence[Draw]) -> bool:
    try:
        return all(
            agree(
                draw.given,
                _in_form(_returned(slip.answer, draw.arguments), draw.wanted)[0],
                check.tolerance,
            )
            for draw in draws
        )
    except (ArithmeticError, ValueError, IndexError):  # a wrong function may fail
        return False


# Form --------------------------------------------------------------------------------------------


def _in_form(given: Any, wanted: Any) -> tuple[Any, tuple[str, str] | None]:
    """Return a result in the form of the right one, and what was wrong with its own form.

    A result that cannot be brought into this form stays as it is.
    """
    if isinstance(wanted, tuple):
        return _values_in_form(given, wanted)
    try:
        left, right = as_numbers(given), as_numbers(wanted)
    except ValueError:
        return given, None
    if left.shape != right.shape:
        if np.squeeze(left).shape != np.squeeze(right).shape:
            return given, None
        return left.reshape(right.shape), _AXIS
    return left, _LIST if has_list(given, wanted) else None


def _values_in_form(given: Any, wanted: tuple[Any, ...]) -> tuple[Any, tuple[str, str] | None]:
    whole = isinstance(given, np.ndarray) and given.ndim > 0
    if not (whole or isinstance(given, tuple | list)) or len(given) != len(wanted):
        return given, None
    formed = [_in_form(g, w) for g, w in zip(given, wanted, strict=True)]
    faults = [_ONE_ARRAY] if whole else [fault for _, fault in formed if fault]
    return tuple(value for value, _ in formed), next(iter(faults), None)
