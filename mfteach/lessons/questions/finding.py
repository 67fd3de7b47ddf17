"""From an id, such as "05-1", "05-exit" or "05-a", to its question or its prediction.

Each lesson has a module, ``lesson_05``, with ``QUESTIONS`` and ``PREDICTIONS`` by the part of the
id after the hyphen. It is loaded with the first id of the lesson.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

from mfteach.arguments import shown
from mfteach.lessons.questions import __path__ as _folder
from mfteach.lessons.questions.kinds import Prediction, Question

__all__ = ["lessons", "prediction", "predictions", "question", "questions"]


def lessons() -> tuple[str, ...]:
    """Return the numbers of the lessons that have questions here: "05", ..."""
    names = (module.name for module in pkgutil.iter_modules(_folder))
    return tuple(sorted(name[7:] for name in names if re.fullmatch(r"lesson_\d\d", name)))


def questions(lesson: str) -> Mapping[str, Question]:
    """Return the questions of a lesson by their ids."""
    return _with_ids(lesson, "QUESTIONS")


def predictions(lesson: str) -> Mapping[str, Prediction]:
    """Return the predictions of a lesson by their ids."""
    return _with_ids(lesson, "PREDICTIONS")


def question(name: str) -> Question:
    """Return the question with an id such as "05-1".

    Raises
    ------
    ValueError
        If there is none; the message names the nearest id.
    """
    found: Question = _find(name, "QUESTIONS", '"05-1" or "05-exit"')
    return found


def prediction(name: str) -> Prediction:
    """Return the prediction with an id such as "05-a".

    Raises
    ------
    ValueError
        If there is none; the message names the nearest id.
    """
    found: Prediction = _find(name, "PREDICTIONS", '"05-a"')
    return found


def _find(name: str, kind: str, form: str) -> Any:
    if not isinstance(name, str):
        raise ValueError(f"an id is a text in quotes, as {form}, not {shown(name)}")
    lesson = name.partition("-")[0]
    of_lesson = _with_ids(lesson, kind) if lesson in lessons() else {}
    if name in of_lesson:
        return of_lesson[name]
    known = [*of_lesson] or [known for number in lessons() for known in _with_ids(number, kind)]
    nearest = get_close_matches(name.strip().lower(), known, n=1, cutoff=0.0)
    meant = f"; the nearest is {nearest[0]!r}" if nearest else ""
    raise ValueError(f"there is no id {shown(name)}{meant}. Ids look like {form}")


@cache
def _with_ids(lesson: str, kind: str) -> Mapping[str, Any]:
    module = import_module(f"mfteach.lessons.questions.lesson_{lesson}")
    return {f"{lesson}-{part}": found for part, found in getattr(module, kind).items()}
