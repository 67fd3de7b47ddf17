"""What a notebook of graded exercises tells at once: whether an answer has the right form.

Nothing here knows what is right. A function is tested for its promises, a typed derivative against
the printed function; of a letter and a number only the form is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["check", "exercise"]

NOT_ANSWERED = "Not answered yet: put your answer in, run its cell, and run this cell again."
Facts = Mapping[str, Any]


@dataclass
class _Exercise:
    """The exercise of this notebook; there is one at a time."""

    assignment: str = ""
    facts: dict[str, Facts] = field(default_factory=dict)


_current = _Exercise()


def exercise(assignment: str, facts: Mapping[str, Facts]) -> None:
    """Say which exercise this notebook is, and what is printed in its questions.

    Parameters
    ----------
    assignment : str
        Such as "03-power-rule".
    facts : mapping
        For each question its kind and what the kind prints: "letters" of a choice; "symbols" and,
        for a derivative, "function" and "by"; "shape"; "name" and "contract" of a function.

    Raises
    ------
    ValueError
        If a kind is unknown.
    """
    for name, told in facts.items():
        if told.get("kind") not in _REPLIES:
            kinds = ", ".join(_REPLIES)
            raise ValueError(f"{name} has the kind {told.get('kind')!r}, which is none of {kinds}")
    _current.assignment = assignment
    _current.facts = dict(facts)


def check(name: str, answer: Any) -> None:
    """Print what can be told about an answer before the marks; never what is right.

    Parameters
    ----------
    name : str
        The question, such as "q3".
    answer : str, number, array-like or callable
        A letter or a formula as text, a number or numbers, a function.

    Raises
    ------
    ValueError
        If there is no such question, or `exercise` was not called.
    """
    if not _current.facts:
        raise ValueError("run the first code cell of the notebook, which calls mfteach.exercise")
    if name not in _current.facts:
        known = ", ".join(_current.facts)
        raise ValueError(f"{_current.assignment} has no question {name!r}, only {known}")
    facts = _current.facts[name]
    print(_REPLIES[facts["kind"]](answer, facts))


def _is_missing(answer: Any) -> bool:
    return answer is None or answer is ... or (isinstance(answer, str) and not answer.strip())


def _reply_to_choice(answer: Any, facts: Facts) -> str:
    if _is_missing(answer):
        return NOT_ANSWERED
    letters = facts["letters"]
    letter = answer.strip().upper() if isinstance(answer, str) else ""
    if len(letter) != 1 or letter not in letters:
        return f"{answer!r} is none of the letters {', '.join(letters)}. Type one of them."
    return f"Noted: {letter}. Whether it is right, the marks will tell."


def _reply_to_formula(answer: Any, facts: Facts) -> str:
    from mfteach.answers.formulas import FormulaError, read_formula

    if _is_missing(answer):
        return NOT_ANSWERED
    if not isinstance(answer, str):
        return f"{answer!r} is no text. Put your formula between quotes."
    try:
        reading = read_formula(answer, facts["symbols"].split())
        verdict = _verdict(reading.expression, facts)
    except FormulaError as error:
        return str(error)
    return " ".join(
        part for part in (f"Read as {reading.expression}.", reading.note, verdict) if part
    )


def _verdict(answer: Any, facts: Facts) -> str:
    """Compare with the derivative of the printed function, where that is the question."""
    if "function" not in facts or "by" not in facts:
        return "Whether it is right, the marks will tell."
    import sympy as sp

    from mfteach.answers.comparison import compare
    from mfteach.answers.formulas import parse_formula

    function = parse_formula(facts["function"], facts["symbols"].split())
    variable = sp.Symbol(facts["by"])
    right = sp.diff(function, variable)
    return compare(answer, right, function=function, variable=variable).message


def _reply_to_number(answer: Any, facts: Facts) -> str:
    if _is_missing(answer):
        return NOT_ANSWERED
    wanted = tuple(facts["shape"])
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return f"{answer!r} is not a number. Type numbers only, such as 4 or [1, 0.5]."
    if given.shape != wanted:
        return f"Your answer has the shape {given.shape}; asked for is {_described(wanted)}."
    if not np.all(np.isfinite(given)):
        return "Your answer is not finite: there is a nan or an infinity in it."
    return f"Noted: {given.tolist()}. Whether it is right, the marks will tell."


def _described(shape: tuple[int, ...]) -> str:
    return f"the shape {shape}" if shape else "a single number"


def _reply_to_function(answer: Any, facts: Facts) -> str:
    from mfteach.answers.promises import contract

    name = facts["name"]
    if _is_missing(answer):
        return NOT_ANSWERED
    if not callable(answer):
        return f"{answer!r} is no function. Pass {name} itself, without parentheses."
    if "contract" not in facts:
        return f"Noted: {name}. Whether it is right, the marks will tell."
    try:
        problem = contract(facts["contract"]).problem(answer)
    except NotImplementedError as error:
        return f"Not answered yet: {error or 'write the function'}. Then run both cells again."
    if problem:
        return f"Not yet. {problem}"
    return f"{name} keeps what it promises on small inputs. The marks try others."


def _reply_to_text(answer: Any, facts: Facts) -> str:
    if not isinstance(answer, str):
        return "A text is written in its own cell, and read by a person."
    return f"{len(answer.split())} words. A person will read them."


_REPLIES: Mapping[str, Callable[[Any, Facts], str]] = {
    "choice": _reply_to_choice,
    "formula": _reply_to_formula,
    "number": _reply_to_number,
    "function": _reply_to_function,
    "text": _reply_to_text,
}
