"""``guess`` and ``outcome``: what a student expects, kept and shown again beside what happened."""

from __future__ import annotations

from typing import Any

from mfteach.answers.missing import is_missing
from mfteach.lessons.questions import finding
from mfteach.lessons.showing import show

__all__ = ["guess", "outcome"]

_kept: dict[str, Any] = {}


def guess(name: str, answer: Any) -> None:
    """Keep a guess, to be shown again by `outcome`.

    Parameters
    ----------
    name : str
        The prediction, such as "05-a".
    answer : anything
        Words in quotes, or a number; ``...`` is no guess yet.

    Raises
    ------
    ValueError
        If there is no such prediction; the message names the nearest.
    """
    finding.prediction(name)
    if is_missing(answer):
        _kept.pop(name, None)
        print("No guess yet: write it in place of the dots, and run this cell.")
        return
    _kept[name] = answer
    print("Your guess is kept. What the next cells show is folded: a click opens it.")


def outcome(name: str) -> None:
    """Show the guess beside what happened.

    Parameters
    ----------
    name : str
        The prediction, such as "05-a".

    Raises
    ------
    ValueError
        If there is no such prediction; the message names the nearest.
    """
    prediction = finding.prediction(name)
    print(f"Your guess: {_kept.get(name, 'none was written down')}")
    paragraphs = [f"What happened: {prediction.outcome}", prediction.meaning]
    show("\n\n".join(paragraphs).strip(), typeset=True)
