"""Whether there is an answer at all: used by lessons, `mfteach.check` and grading."""

from __future__ import annotations

from typing import Any

NOT_ANSWERED = "not answered"
"""The label in the marks; in a notebook a student reads `not_answered`."""
UNREADABLE = "unreadable"
"""The label of what is there and cannot be read."""


def is_missing(answer: Any) -> bool:
    """Whether an answer is still what a notebook starts with: None, ``...`` or a blank text."""
    return answer is None or answer is ... or (isinstance(answer, str) and not answer.strip())


def not_answered(cure: str) -> str:
    """Say that there is no answer yet, and what to do about it.

    Examples
    --------
    >>> not_answered("put your answer in.")
    'Not answered yet: put your answer in.'
    """
    return f"{NOT_ANSWERED.capitalize()} yet: {cure}"
