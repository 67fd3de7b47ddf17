"""The hidden tests of the notebooks, for those who grade with plain nbgrader, without protection.

They run in the student's own process, so a student who wants to can read or change them. Our
grader never runs them; see `mfteach.grading.marks.score`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from mfteach.answers.equality import equal
from mfteach.answers.formulas import FormulaError, read_formula
from mfteach.answers.missing import is_missing
from mfteach.answers.numbers import agree, near
from mfteach.grading.assignments.derivations import judged, label_and_reason, task_of
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.questions import (
    Choice,
    Derivation,
    Formula,
    Implementation,
    Number,
    Slip,
)
from mfteach.grading.assignments.variants import Posed, sample

__all__ = ["expect", "find_course"]


def expect(assignment: str, name: str, answer: Any) -> float | None:
    """Return nothing if the answer is right for the sample variant.

    Returns
    -------
    float or None
        The points of a derivation that shows some of its steps, or what a slip leaves: nbgrader
        takes the number that a cell ends with for partial credit.

    Raises
    ------
    AssertionError
        With the diagnosis, if it earns nothing.
    """
    posed = sample(Assignment.load(find_course(), assignment)).answers[name]
    if isinstance(posed.check, Derivation):
        return _points(posed, answer)
    if _is_right(posed, answer):
        return None
    slips = (slip for slip in _slips(posed) if _same(posed, answer, slip.answer))
    slip = next(slips, None)
    if slip is not None and slip.points:
        return slip.points
    raise AssertionError("This answer is not right." if slip is None else slip.diagnosis)


def find_course() -> Path:
    """Return the folder with questions/ and checks/.

    It is the folder that MFTEACH_COURSE names, else the nearest one, from here upwards, with both.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    named = os.environ.get("MFTEACH_COURSE")
    here = Path.cwd()
    for folder in [Path(named)] if named else [here, *here.parents]:
        if (folder / "questions").is_dir() and (folder / "checks").is_dir():
            return folder
    raise FileNotFoundError(
        f"neither {named or here} nor a folder above it has questions/ and checks/: "
        "set the environment variable MFTEACH_COURSE to the course's folder"
    )


def _points(posed: Posed, answer: Any) -> int | None:
    if not isinstance(answer, str) or is_missing(answer):
        raise AssertionError("This is not text: put your lines between quotes.")
    shares = posed.question.facts["milestones"]
    points, walk = judged(answer, task_of(posed.facts), shares)
    if points == 0:
        raise AssertionError(label_and_reason(walk, shares, "right")[1])
    return points if points < posed.question.points else None


def _slips(posed: Posed) -> list[Slip]:
    return list(posed.check.slips) if posed.check else []


def _is_right(posed: Posed, answer: Any) -> bool:
    check = posed.check
    right = check.reference if isinstance(check, Implementation) else getattr(check, "right", None)
    return _same(posed, answer, right)


def _same(posed: Posed, answer: Any, other: Any) -> bool:
    """Whether a student's answer is this one, by the kind of the question."""
    check = posed.check
    if check is not None and is_missing(answer):
        return False
    if isinstance(check, Choice):
        letter = answer.strip().upper() if isinstance(answer, str) else ""
        return letter in posed.letters and posed.letters[letter] == str(other)
    if isinstance(check, Formula):
        return _same_formula(posed, answer, other)
    if isinstance(check, Number):
        return bool(near(answer, other, check.tolerance).all())
    if isinstance(check, Implementation):
        inputs = check.inputs(np.random.default_rng())
        return all(agree(answer(*given), other(*given), check.tolerance) for given in inputs)
    raise ValueError(f"{posed.question.name} is a text, which is marked by hand")


def _same_formula(posed: Posed, answer: str, other: Any) -> bool:
    try:
        facts = posed.facts
        given = read_formula(answer, facts["symbols"].split(), by=facts.get("by")).expression
    except FormulaError as error:
        raise AssertionError(str(error)) from error
    return equal(given, other) is True
