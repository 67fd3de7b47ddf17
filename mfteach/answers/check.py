"""The instant reply in a notebook of graded exercises: whether an answer has the right form.

Nothing here knows the right answers. A function is tested against its contract, a typed derivative
against the printed function, a derivation line by line from the printed start; for a letter or a
number only the form is checked.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mfteach import answers
from mfteach.answers.letters import letter_of
from mfteach.answers.missing import is_missing, not_answered
from mfteach.answers.numbers import as_numbers, typed_misfit
from mfteach.answers.promises import contract
from mfteach.answers.typed_numbers import read_text
from mfteach.arguments import mapping, text

if TYPE_CHECKING:
    from mfteach.answers.derivations.whole_texts import JudgedLine

__all__ = ["check", "exercise", "too_short_or_long"]

_CURE = "put your answer in, run its cell, and run this cell again."
_ROUNDED = "If you have rounded it, type a fraction or at least four digits."
_LATER = "Your marks will show whether it is right."
_ROWS = 'Put your lines between r""" and """, one below the other.'
_STEPS = "Marks count steps, so type each of them: one below the other, or A = B = C in one row."
Facts = Mapping[str, Any]


@dataclass
class _Exercise:
    """The exercise of this notebook; there is one at a time."""

    assignment: str = ""
    facts: dict[str, Facts] = field(default_factory=dict)


_current = _Exercise()


def exercise(assignment: str, facts: Mapping[str, Facts]) -> None:
    """Say which exercise this notebook is, and what its questions print.

    Parameters
    ----------
    assignment : str
        Such as "03-power-rule".
    facts : mapping
        For each question its kind and what it prints: "letters" of a choice; "symbols" and, for a
        derivative, "function" and "by"; "shape"; "name" and "contract" of a function; "start",
        "goal" and "letters" of a derivation.

    Raises
    ------
    ValueError
        If a kind is unknown.
    """
    text(assignment, "assignment")
    for name, printed in mapping(facts, "facts").items():
        if mapping(printed, f"facts[{name!r}]").get("kind") not in _REPLIES:
            kinds = ", ".join(_REPLIES)
            raise ValueError(
                f"{name} has the kind {printed.get('kind')!r}; it must be one of {kinds}"
            )
    _current.assignment = assignment
    _current.facts = dict(facts)


def check(name: str, answer: Any) -> None:
    """Print what can be said about an answer before it is graded; never what is right.

    Parameters
    ----------
    name : str
        The question, such as "q3".
    answer : str, number, array-like or callable
        A letter, a formula or a derivation as text, a number or numbers, a function.

    Raises
    ------
    ValueError
        If there is no such question, or `exercise` was not called.
    """
    text(name, "name")
    if not _current.facts:
        raise ValueError("run the first code cell of the notebook, which calls mfteach.exercise")
    if name not in _current.facts:
        known = ", ".join(_current.facts)
        raise ValueError(f"{_current.assignment} has no question {name!r}, only {known}")
    print(_reply(name, answer, _current.facts[name]))


def _reply(name: str, answer: Any, facts: Facts) -> str:
    if is_missing(answer) and facts["kind"] != "text":  # an empty text has 0 words
        return not_answered(_CURE)
    if facts["kind"] in ("choice", "formula", "derivation") and _is_computed(name):
        return (
            f"This cannot be read in grading, which takes what stands behind “{name} =” and runs "
            "nothing: type the answer itself there, in quotes."
        )
    return _REPLIES[facts["kind"]](answer, facts)


def _is_computed(name: str) -> bool:
    """Whether the last cell that assigns an answer computes it; False where no cell can be seen."""
    for cell in reversed(getattr(sys.modules["__main__"], "In", [])):  # as IPython keeps them
        try:
            statements = ast.parse(cell).body
        except SyntaxError:
            continue
        for statement in reversed(statements):
            if isinstance(statement, ast.Assign) and name in map(_named, statement.targets):
                return any(isinstance(part, _CODE) for part in ast.walk(statement.value))
    return False


_CODE = (ast.Name, ast.Call, ast.FormattedValue)


def _named(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else ""


def _reply_to_choice(answer: Any, facts: Facts) -> str:
    letters = facts["letters"]
    letter = letter_of(answer) if isinstance(answer, str) else ""
    if len(letter) != 1 or letter not in letters:
        return f"{answer!r} is not one of the letters {', '.join(letters)}. Type one of them."
    return f"Noted: {letter}. {_LATER}"


def _reply_to_formula(answer: Any, facts: Facts) -> str:
    if isinstance(answer, int | float) and not isinstance(answer, bool) and abs(answer) < 1e16:
        answer = repr(answer)  # as grading does
    if not isinstance(answer, str):
        return f"{answer!r} is not text. Put your formula in quotes."
    try:
        reading = answers.read_formula(answer, facts["symbols"].split(), by=facts.get("by"))
        verdict = _verdict(reading.expression, facts)
    except answers.FormulaError as error:
        return str(error)
    return " ".join(
        part for part in (f"Read as {reading.expression}.", reading.note, verdict) if part
    )


def _verdict(answer: Any, facts: Facts) -> str:
    """Compare with the derivative of the printed function, where that is the question."""
    if "function" not in facts or "by" not in facts:
        return _LATER
    function = answers.parse_formula(facts["function"], facts["symbols"].split())
    variable = answers.parse_formula(facts["by"], facts["by"])
    right = function.diff(variable)
    return answers.compare(answer, right, function=function, variable=variable).message


def _reply_to_derivation(answer: Any, facts: Facts) -> str:
    if not isinstance(answer, str):
        return f"{_short(answer)} is not text. {_ROWS}"
    task = answers.Task(facts["start"], facts["goal"], facts["letters"])
    walk = answers.judge_derivation(answer, task)
    if not walk.lines:
        return not_answered(_CURE)
    said = [f"line {number}: {' '.join(_about(line))}" for number, line in enumerate(walk.lines, 1)]
    if walk.left_out:
        said.append(f"The {walk.left_out} lines after these were not read.")
    return "\n".join([*said, walk.status, *walk.costs, _STEPS])


def _about(line: JudgedLine) -> list[str]:
    repeated = [remark for remark in line.remarks if remark.endswith("not a step.")]
    return [f"{line.verdict}.", line.message, *map(_note, line.notes), *repeated]


def _note(note: str) -> str:
    return f"Note: {note}."


def _short(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _reply_to_number(answer: Any, facts: Facts) -> str:
    if isinstance(answer, str):  # read as grading reads it
        try:
            answer = read_text(answer)
        except answers.FormulaError as error:
            return f"This cannot be read as a number: {error}"
    fault = typed_misfit(answer, np.zeros(facts["shape"]))
    if fault:
        return fault
    numbers = as_numbers(answer)
    rounded = _ROUNDED if any(map(_may_be_rounded, numbers.ravel())) else ""
    return " ".join(filter(None, (f"Noted: {numbers.tolist()}.", rounded, _LATER)))


def _may_be_rounded(number: float) -> bool:
    """Whether a number has two or three digits and is no half: 0.88 may stand for 7/8."""
    return not (2 * number).is_integer() and number == float(f"{number:.2e}")


def _reply_to_function(answer: Any, facts: Facts) -> str:
    name = facts["name"]
    if not callable(answer):
        return f"{answer!r} is not a function. Pass {name} itself, without parentheses."
    if "contract" not in facts:
        return f"Noted: {name}. {_LATER}"
    promise = contract(facts["contract"])
    try:
        problem = promise.problem(answer)
    except NotImplementedError as error:
        return not_answered(f"{error or 'write the function'}. Then run both cells again.")
    if problem:
        return f"Not yet. {problem}"
    if promise.leaves_open:
        return f"{name}: nothing is wrong so far. {promise.leaves_open} {_LATER}"
    return f"{name} passes its checks on small inputs. Grading tries others."


def _reply_to_text(answer: Any, facts: Facts) -> str:
    if not isinstance(answer, str):
        return "Write your text in its own cell. A person will read it."
    count = len(answer.split())
    return f"{count} words{too_short_or_long(count, facts.get('words'))}. A person will read them."


def too_short_or_long(count: int, asked: Any) -> str:
    """Return what to say about a number of words that was not asked for, or ""."""
    if not asked or asked[0] <= count <= asked[1]:
        return ""
    return f", but {asked[0]} to {asked[1]} were asked for"


_REPLIES: Mapping[str, Callable[[Any, Facts], str]] = {
    "choice": _reply_to_choice,
    "formula": _reply_to_formula,
    "number": _reply_to_number,
    "derivation": _reply_to_derivation,
    "function": _reply_to_function,
    "text": _reply_to_text,
}
