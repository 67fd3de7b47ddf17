"""What a student answered, read from the cells. Nothing is ever run here."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mfteach.answers.formulas import FormulaError, parse_formula
from mfteach.answers.missing import NOT_ANSWERED, is_missing
from mfteach.answers.parser import parse as parse_python
from mfteach.answers.typed_numbers import read_text
from mfteach.grading.assignments.questions import Question
from mfteach.grading.submissions.lines import between_quotes, derivation_text
from mfteach.grading.submissions.notebooks import Cell, Submission

__all__ = [
    "NOT_ANSWERED",
    "Typed",
    "defines",
    "parse",
    "program",
    "source",
    "typed",
    "without_magics",
]

MAX_SOURCE = 200_000
"""Characters; a longer cell goes to the worker as it is, and counts as having no typed answer."""
MAX_ENTRIES = 10_000
_STUB = re.compile(r"[*_> ]*your answer here\b.*", re.IGNORECASE)
_parsing = threading.Lock()  # all threads share what catch_warnings changes


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
    """
    if question.kind == "text":
        return _typed_text(submission, question.name)
    return _typed_value(submission, question)


# Letters, formulas and numbers -------------------------------------------------------------------


def _typed_value(submission: Submission, question: Question) -> Typed:
    code = [cell for cell in submission.cells if cell.kind != "markdown"]
    named = [cell for cell in code if cell.grade_id == question.name]
    others = [cell for cell in code if cell.grade_id != question.name]
    problem = Typed(problem=NOT_ANSWERED)
    for cells in (named, others):
        for cell in reversed(cells):
            found = _answer_in(cell.source, question)
            if found.problem is None:
                return found
            if problem.problem == NOT_ANSWERED:
                problem = found
    return problem


def _answer_in(source: str, question: Question) -> Typed:
    """The last assignment in a cell that contains an answer."""
    if question.name not in source:
        return Typed(problem=NOT_ANSWERED)
    if question.kind == "derivation" and parse(source) is None:
        text = between_quotes(source[:MAX_SOURCE], question.name)
        if text is not None:
            return _derivation(ast.Constant(text), question.kind)
    problem = Typed(problem=NOT_ANSWERED)
    for node in reversed(list(_assigned(source, question.name))):
        found = _READERS.get(question.kind, _text)(node, question.kind)
        if found.problem is None:
            return found
        if problem.problem == NOT_ANSWERED:
            problem = found
    return problem


def _assigned(source: str, name: str) -> Iterator[ast.expr | None]:
    """What is assigned to a name at the top level; None for a line that is not valid Python."""
    tree = parse(source)
    if tree is not None:
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=targets, value=value) if any(
                    isinstance(target, ast.Name) and target.id == name for target in targets
                ):
                    yield value
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if (
                    found == name
                ):
                    yield value
        return
    for line in _lines(source):  # the cell is not valid Python: take each line by itself
        if re.match(rf"{name}\s*=(?!=)", line):
            tree = parse(line)
            if tree is None:
                yield None
            else:
                yield from _assigned(line, name)


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, or None if it is not Python; magics are not."""
    if len(source) > MAX_SOURCE:
        return None
    with _parsing, warnings.catch_warnings():  # Python warns of "\l" in a string
        warnings.simplefilter("ignore")
        try:
            return parse_python(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


_EXAMPLES = {"choice": '"A"', "formula": '"2x^3"'}


def _text(node: ast.expr | None, kind: str) -> Typed:
    match node:
        case ast.Constant(value=value) if is_missing(value):
            return Typed(problem=NOT_ANSWERED)
        case ast.Constant(value=str(text)):
            return Typed(text=text.strip())
        case ast.Constant(value=int() | float() as number) if (
            kind == "formula" and not isinstance(number, bool) and abs(number) < 1e16
        ):
            return Typed(text=repr(number))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as positive) if kind == "formula":
            found = _text(positive, kind)
            if found.text is not None and not isinstance(positive.value, str):
                return Typed(text=f"-{found.text}")
    return Typed(problem=f"This cannot be read: put your answer in quotes, as {_EXAMPLES[kind]}.")


def _number(node: ast.expr | None, kind: str) -> Typed:
    if node is None:
        return Typed(problem="This line is not Python: type a number, such as 1.5 or -1/2.")
    match node:
        case ast.Constant(value=value) if is_missing(value):
            return Typed(problem=NOT_ANSWERED)
        case ast.Constant(value=str(text)):
            return _typed_number(text)
    try:
        return Typed(value=_literal(node, [MAX_ENTRIES]))
    except (RecursionError, ValueError) as error:  # a FormulaError is a ValueError
        known = isinstance(error, FormulaError)
        return Typed(problem=str(error) if known else "This cannot be read as a number.")
    except _Computed:
        return Typed(computed=True)


def _typed_number(text: str) -> Typed:
    try:
        return Typed(value=read_text(text))
    except FormulaError as error:
        return Typed(problem=f"This cannot be read as a number: {error}")


class _Computed(Exception):
    """The number is the result of code."""


def _literal(node: ast.expr, budget: list[int]) -> Any:
    """The number, or the list of numbers, that an expression spells out."""
    budget[0] -= 1
    if budget[0] < 0:
        raise FormulaError(f"There are more than {MAX_ENTRIES} numbers.")
    match node:
        case ast.List(elts=entries) | ast.Tuple(elts=entries):
            return [_literal(entry, budget) for entry in entries]
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _float(number)
        case ast.Constant(value=complex(imag=0.0)):
            return 0.0
        case ast.BinOp(
            left=real, op=ast.Add() | ast.Sub(), right=ast.Constant(value=complex(imag=0.0))
        ):
            return _literal(real, budget)  # 4 + 0j is 4, as `agree` has it
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()) | ast.BinOp():
            if all(isinstance(part, _ARITHMETIC) for part in ast.walk(node)):
                return _float(parse_formula(ast.unparse(node), ()))
    raise _Computed


_ARITHMETIC = (ast.UnaryOp, ast.BinOp, ast.Constant, ast.operator, ast.unaryop)


def _float(number: Any) -> float:
    try:
        return float(number)
    except (OverflowError, TypeError) as error:
        raise FormulaError("This number is too large.") from error


# Derivations -------------------------------------------------------------------------------------


def _derivation(node: ast.expr | None, kind: str) -> Typed:
    text, problem = derivation_text(node)
    return Typed(problem=problem or NOT_ANSWERED) if text is None else Typed(text=text)


_READERS: dict[str, Callable[[ast.expr | None, str], Typed]] = {
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

_RUNS_ITS_CELL = re.compile(r"%%(time|timeit|capture|prun)\b")
# Possessive (``*+``), here and below: the search never backtracks, so no line takes long.
_MAGIC = re.compile(r"(\s*+)(?:[\w, .]++=\s*+)?[%!?].*|(\s*+)[\w.]++\?\??\s*+")


def program(submission: Submission) -> list[str]:
    """Return the code cells for the worker, in order, as plain Python.

    Magics are removed. If a function is defined twice, once answered and once not yet, so is the
    unanswered one.
    """
    sources = [without_magics(cell.source) for cell in submission.cells if cell.kind == "code"]
    trees = [parse(source) for source in sources]
    answered = {
        statement.name
        for tree in trees
        if tree is not None
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef) and not _is_stub(statement)
    }
    return [
        source if tree is None else _without_stubs(source, tree, answered)
        for source, tree in zip(sources, trees, strict=True)
    ]


def without_magics(source: str) -> str:
    """Return the source of a cell without the lines that only IPython understands."""
    if len(source) > MAX_SOURCE or parse(source) is not None:
        return source
    if source.lstrip().startswith("%%"):
        magic, _, rest = source.lstrip().partition("\n")
        return without_magics(rest) if _RUNS_ITS_CELL.match(magic) else ""
    lines = (
        f"{match[1] or match[2] or ''}pass" if (match := _MAGIC.fullmatch(line)) else line
        for line in source.split("\n")
    )
    return "\n".join(lines)


def defines(source: str, name: str) -> bool:
    """Whether a cell is where a function was meant to be defined, readable or not."""
    return re.search(rf"^[ \t]*+def\s++{re.escape(name)}\b", source, re.MULTILINE) is not None


def _is_stub(function: ast.FunctionDef) -> bool:
    """Whether a function only says that it is not written yet."""
    body = [
        statement
        for statement in function.body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]
    if not body:
        return True
    match body[0]:
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _without_stubs(source: str, tree: ast.Module, answered: set[str]) -> str:
    lines = _lines(source)
    for statement in tree.body:
        if (
            isinstance(statement, ast.FunctionDef)
            and statement.name in answered
            and _is_stub(statement)
        ):
            first = min([statement.lineno, *(node.lineno for node in statement.decorator_list)])
            for number in range(first - 1, statement.end_lineno or first):
                lines[number] = ""
    return "\n".join(lines)


def _lines(source: str) -> list[str]:
    """The lines as Python counts them: `str.splitlines` would also split inside strings."""
    return re.split(r"\r\n|\r|\n", source)


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
