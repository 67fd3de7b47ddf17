"""``check``, ``hint`` and ``solution``: what a lesson says about an answer, on request.

The right answers are in `mfteach.lessons.questions`, never in the notebook.
"""

from __future__ import annotations

from typing import Any

from mfteach.lessons.questions import finding
from mfteach.lessons.showing import show

__all__ = ["check", "hint", "solution"]


def check(name: str, answer: Any, **given: Any) -> None:
    """Say whether an answer is right, and if not, what went wrong.

    Parameters
    ----------
    name : str
        The question, such as "05-1" or "05-exit".
    answer : anything
        None, ``...`` or an empty text means "not answered yet".
    **given
        What the lesson computed, where the right answer depends on it.

    Raises
    ------
    ValueError
        If there is no such question; the message names the nearest.
    """
    reply = finding.question(name).reply(answer, **given)
    show(reply.message)
    if reply.answered and not reply.right:
        print(f'For a hint: hint("{name}").')


def hint(name: str, number: int = 1) -> None:
    """Give a hint; the first is the gentlest.

    Parameters
    ----------
    name : str
        The question, such as "05-1".
    number : int
        Which hint, from 1.

    Raises
    ------
    ValueError
        If there is no such question; the message names the nearest.
    """
    hints = finding.question(name).hints
    if number not in range(1, len(hints) + 1):
        count = "There is 1 hint" if len(hints) == 1 else f"There are {len(hints)} hints"
        print(f'{count} here. The way to the answer: solution("{name}").')
        return
    after = f'hint("{name}", {number + 1})' if number < len(hints) else f'solution("{name}")'
    show(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    print(f"If you are still stuck: {after}.")


def solution(name: str) -> None:
    """Show the way to the answer of one question.

    Parameters
    ----------
    name : str
        The question, such as "05-1".

    Raises
    ------
    ValueError
        If there is no such question; the message names the nearest.
    """
    show(f"Solution of {name}: {finding.question(name).solution}", typeset=True)
