"""What a student answered, read from what the cells say. Nothing is parsed or run here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mfteach.answers.formulas import FormulaError, parse_formula
from mfteach.answers.missing import NOT_ANSWERED, is_missing
from mfteach.answers.typed_numbers import read_text
from mfteach.grading.assignments.questions import Question
from mfteach.grading.submissions.lines import between_quotes, derivation_text
from mfteach.grading.submissions.notebooks import Cell, Code, Submission
from mfteach.grading.submissions.syntax import MAX_SOURCE

__all__ = ["NOT_ANSWERED", "Typed", "defines", "program", "source", "typed"]

_STUB = re.compile(r"[*_> ]*your answer here\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class Typed:
    """An answer, or why there is none.

    Parameters
    ----------
    text : str or None
        The letter, the formula, the derivation or the text.
    value : float or list, optional
        The number or numbers.
    computed : bool
        Whether the number is the result of code: the worker has to be asked for it.
    problem : str or None
        Why the answer cannot be read, for the student; `NOT_ANSWERED` if there is none.
    """

    text: str | None = None
    value: Any = None
    computed: bool = False
    problem: str | None = None


def typed(submission: Submission, question: Question) -> Typed:
    """Return the answer to a question of any kind but function.

    It is looked for in the cell with the name of the question; if it is not there, wherever the
    name is assigned at the top level of a cell. Of several answers the last one counts.

    Parameters
    ----------
    submission : Submission
        With its code parsed.
    question : Question
    """
    if question.kind == "text":
        return _typed_text(submission, question.name)
    return _typed_value(submission, question)


# Letters, formulas and numbers -------------------------------------------------------------------


def _typed_value(submission: Submission, question: Question) -> Typed:
    pairs = zip(submission.cells, submission.code, strict=True)
    cells = [(cell, code) for cell, code in pairs if cell.kind != "markdown"]
    named = [pair for pair in cells if pair[0].grade_id == question.name]
    others = [pair for pair in cells if pair[0].grade_id != question.name]
    problem = Typed(problem=NOT_ANSWERED)
    for pairs_of in (named, others):
        for cell, code in reversed(pairs_of):
            found = _answer_in(cell, code, question)
            if found.problem is None:
                return found
            if problem.problem == NOT_ANSWERED:
                problem = found
    return problem


def _answer_in(cell: Cell, code: Code, question: Question) -> Typed:
    """The last assignment in a cell that contains an answer."""
    if question.kind == "derivation" and not code.is_python:
        text = between_quotes(cell.source[:MAX_SOURCE], question.name)
        if text is not None:
            return _derivation("text", text, question.kind)
    problem = Typed(problem=NOT_ANSWERED)
    for word, value in reversed(code.answers.get(question.name, [])):
        found = _READERS.get(question.kind, _text)(word, value, question.kind)
        if found.problem is None:
            return found
        if problem.problem == NOT_ANSWERED:
            problem = found
    return problem


_EXAMPLES = {"choice": '"A"', "formula": '"2x^3"'}


def _text(word: str, value: Any, kind: str) -> Typed:
    if word in ("nothing", "text") and is_missing(value):
        return Typed(problem=NOT_ANSWERED)
    if word == "text":
        return Typed(text=value.strip())
    if word == "number" and kind == "formula" and abs(value) < 1e16:
        return Typed(text=repr(value))
    return Typed(problem=f"This cannot be read: put your answer in quotes, as {_EXAMPLES[kind]}.")


def _number(word: str, value: Any, kind: str) -> Typed:
    match word:
        case "broken":
            return Typed(problem="This line is not Python: type a number, such as 1.5 or -1/2.")
        case "nothing":
            return Typed(problem=NOT_ANSWERED)
        case "text":
            return Typed(problem=NOT_ANSWERED) if is_missing(value) else _typed_number(value)
        case "problem":
            return Typed(problem=value)
        case "code":
            return Typed(computed=True)
    try:
        return Typed(value=_computed(value))
    except ValueError as error:  # a FormulaError is a ValueError
        known = isinstance(error, FormulaError)
        return Typed(problem=str(error) if known else "This cannot be read as a number.")


def _typed_number(text: str) -> Typed:
    try:
        return Typed(value=read_text(text))
    except FormulaError as error:
        return Typed(problem=f"This cannot be read as a number: {error}")


def _computed(value: Any) -> Any:
    """The number, or the list of numbers, with all arithmetic done."""
    if isinstance(value, list):
        return [_computed(entry) for entry in value]
    try:
        return float(parse_formula(value, ()) if isinstance(value, str) else value)
    except (OverflowError, TypeError) as error:
        raise FormulaError("This number is too large.") from error


# Derivations -------------------------------------------------------------------------------------


def _derivation(word: str, value: Any, kind: str) -> Typed:
    text, problem = derivation_text(word, value)
    return Typed(problem=problem or NOT_ANSWERED) if text is None else Typed(text=text)


_READERS: dict[str, Callable[[str, Any, str], Typed]] = {
    "number": _number,
    "derivation": _derivation,
}


# Texts -------------------------------------------------------------------------------------------


def _typed_text(submission: Submission, name: str) -> Typed:
    cells = [cell for cell in submission.cells if cell.grade_id == name]
    for cell in reversed(cells or list(_below_heading(submission.cells, name))):
        text = "\n".join(
            line for line in cell.source.splitlines() if not _STUB.fullmatch(line.strip())
        ).strip()
        if text:
            return Typed(text=text)
    return Typed(problem=NOT_ANSWERED)


def _below_heading(cells: Sequence[Cell], name: str) -> Iterator[Cell]:
    """The Markdown cells between the heading of a question and the next: for lost cell names."""
    below = False
    for cell in cells:
        if cell.source.startswith("## "):
            below = cell.source.startswith(f"## {name.removeprefix('q')}.")
        elif below and cell.kind == "markdown":
            yield cell


# Programs ----------------------------------------------------------------------------------------


def program(submission: Submission) -> list[str]:
    """Return the code cells for the worker, in order, as plain Python.

    Magics are removed. If a function is defined twice, once answered and once not yet, so is the
    unanswered one.
    """
    pairs = zip(submission.cells, submission.code, strict=True)
    return [code.plain for cell, code in pairs if cell.kind == "code"]


def defines(source: str, name: str) -> bool:
    """Whether a cell is where a function was meant to be defined, readable or not."""
    return re.search(rf"^[ \t]*+def\s++{re.escape(name)}\b", source, re.MULTILINE) is not None


# For the marker's page ---------------------------------------------------------------------------

MAX_SHOWN = 50_000


def source(submission: Submission, question: Question) -> str:
    """Return what the student wrote for a question, for the marker."""
    if question.kind == "text":
        return (typed(submission, question).text or "")[:MAX_SHOWN]
    code = [cell for cell in submission.cells if cell.kind == "code"]
    name = str(question.facts.get("name", question.name))
    found = [cell for cell in code if cell.grade_id == question.name] or [
        cell for cell in code if _mentions(cell.source, name)
    ]
    return "\n\n".join(cell.source for cell in found)[:MAX_SHOWN]


def _mentions(source: str, name: str) -> bool:
    return defines(source, name) or re.search(rf"^{name}[ \t]*+=", source, re.MULTILINE) is not None
