"""What the code cells of a notebook say, as data: each is parsed once, and nothing is run.

This file is also a program, which `apart` starts: cells in, as JSON, and what they say out. It
imports nothing but the standard library: what parses student code is small.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

MAX_SOURCE = 200_000
"""Characters; a longer cell goes to the worker as it is, and counts as having no typed answer."""
MAX_ENTRIES = 10_000
_SMALL = 2**53
_QUESTION = re.compile(r"q\d{1,3}")
"""The names under which answers are typed."""


def read(cells: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return what each cell says.

    Parameters
    ----------
    cells : sequence of (kind, source)

    Returns
    -------
    list of dict
        For each cell ``"plain"``, the source without magics and without functions that are not
        written yet but answered in another cell; ``"is_python"``; and ``"answers"``: what is
        assigned to each of q1, q2, ... at the top level, in order, each as a pair of a word and a
        value:

        - ``["nothing", None]`` for None and ``...``, ``["text", str]``;
        - ``["number", x]``, ``["numbers", ...]`` with numbers, lists and, for arithmetic, its text;
        - ``["code", None]``: anything else; ``["broken", None]``: a line that is not Python;
        - ``["problem", str]``: why a number cannot be read.
    """
    sources = [without_magics(text) if kind == "code" else text for kind, text in cells]
    trees = [_parsed(source) for source in sources]
    answered = {
        statement.name
        for (kind, _), tree in zip(cells, trees, strict=True)
        if kind == "code" and tree is not None
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef) and not _is_stub(statement)
    }
    return [
        {
            "plain": plain if tree is None else _without_stubs(plain, tree, answered),
            "is_python": tree is not None,
            "answers": {} if kind == "markdown" else _answers(source, plain, tree),
        }
        for (kind, source), plain, tree in zip(cells, sources, trees, strict=True)
    ]


def _parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell; None if it is not Python, or too long or too deep."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# Answers -----------------------------------------------------------------------------------------


def _answers(source: str, plain: str, tree: ast.Module | None) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = {}
    pairs = _in_lines(source) if tree is None or not plain.strip() else _in_tree(tree)
    for name, node in pairs:
        found.setdefault(name, []).append(["broken", None] if node is None else _said(node))
    return found


def _in_tree(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What is assigned at the top level of a cell."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                pairs = [pair for target in targets for pair in _bound(target, value)]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                pairs = list(_bound(target, value))
            case ast.AugAssign(target=ast.Name() as target):  # q4 += 1: it takes code to know it
                pairs = [(target.id, target)]
            case _:
                continue
        yield from (pair for pair in pairs if _QUESTION.fullmatch(pair[0]))


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each name of a target with what it gets, entry by entry where both are lists."""
    if isinstance(target, ast.Name):
        yield target.id, value
    if not isinstance(target, ast.Tuple | ast.List):
        return
    names = entries = target.elts  # a name for its own value: it takes code to know it
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
        starred = any(isinstance(one, ast.Starred) for one in (*names, *value.elts))
        entries = names if starred else value.elts
    for one, entry in zip(names, entries, strict=True):
        if isinstance(one, ast.Name):
            yield one.id, entry


def _in_lines(source: str) -> Iterator[tuple[str, ast.expr | None]]:
    """The same, line by line, of a cell that is not Python; None for such a line."""
    for line in lines(source):
        match = re.match(r"(q\d{1,3})\s*+=(?!=)", line)
        if match is None:
            continue
        tree = _parsed(line)
        if tree is None:
            yield match[1], None
        else:
            yield from _in_tree(tree)


class _Code(Exception):
    """It takes code to know the value."""


class _Problem(Exception):
    """A number that cannot be read; the message is for the student."""


def _said(node: ast.expr) -> list[Any]:
    """An expression as a pair of a word and a value; see `read`."""
    match node:
        case ast.Constant(value=value) if value is None or value is ...:
            return ["nothing", None]
    try:
        if (text := _text(node)) is not None:
            return ["text", text]
        value = _literal(node, [MAX_ENTRIES])
        return ["number" if isinstance(value, int | float) else "numbers", value]
    except _Code:
        return ["code", None]
    except _Problem as problem:
        return ["problem", str(problem)]
    except RecursionError:
        return ["problem", "This cannot be read as a number."]


def _text(node: ast.expr) -> str | None:
    """The text that an expression is: also in parts, or after an f with nothing to fill in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            texts = [_text(part) for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            texts = [_text(left), _text(right)]
        case _:
            return None
    return None if None in texts else "".join(filter(None, texts))


def _literal(node: ast.expr, budget: list[int]) -> Any:
    """The number, the text of the arithmetic, or the list of these, that an expression is."""
    budget[0] -= 1
    if budget[0] < 0:
        raise _Problem(f"There are more than {MAX_ENTRIES} numbers.")
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
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if (
            not isinstance(number, bool) and abs(number) < _SMALL
        ):
            return -number
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()) | ast.BinOp():
            if all(map(_is_arithmetic, ast.walk(node))):
                return ast.unparse(node)
    raise _Code


def _is_arithmetic(part: ast.AST) -> bool:
    if isinstance(part, ast.Constant):
        return type(part.value) in (int, float, complex)  # "3" * 2 and True * 3 take code
    return isinstance(part, ast.UnaryOp | ast.BinOp | ast.operator | ast.unaryop)


def _float(number: float) -> float:
    """The number; JSON could not hold an integer of any size."""
    try:
        return number if abs(number) < _SMALL else float(number)
    except OverflowError as error:
        raise _Problem("This number is too large.") from error


# Programs ----------------------------------------------------------------------------------------

_RUNS_ITS_CELL = re.compile(r"%%(time|timeit|capture|prun)\b")
# Possessive (``*+``), here and below: the search never backtracks, so no line takes long.
_MAGIC = re.compile(r"(\s*+)(?:[\w, .]++=\s*+)?[%!?].*|(\s*+)[\w.]++\?\??\s*+")


def without_magics(source: str) -> str:
    """Return the source of a cell without the lines that only IPython understands."""
    if len(source) > MAX_SOURCE or not re.search("[%!?]", source) or _parsed(source) is not None:
        return source
    if source.lstrip().startswith("%%"):
        magic, _, rest = source.lstrip().partition("\n")
        return without_magics(rest) if _RUNS_ITS_CELL.match(magic) else ""
    plain = (
        f"{match[1] or match[2] or ''}pass" if (match := _MAGIC.fullmatch(line)) else line
        for line in source.split("\n")
    )
    return "\n".join(plain)


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
    kept = lines(source)
    for statement in tree.body:
        if (
            isinstance(statement, ast.FunctionDef)
            and statement.name in answered
            and _is_stub(statement)
        ):
            first = min([statement.lineno, *(node.lineno for node in statement.decorator_list)])
            for number in range(first - 1, statement.end_lineno or first):
                kept[number] = ""
    return "\n".join(kept)


def lines(source: str) -> list[str]:
    """Return the lines as Python counts them: `str.splitlines` would also split inside strings."""
    return re.split(r"\r\n|\r|\n", source)


# The program -------------------------------------------------------------------------------------


def main() -> None:
    """Parse each line of standard input in a copy of this process, and write how that ended.

    A line is a pair of limits and cells. Two lines come back for it: what the cells say, or why
    that is not known, and the exit status of the copy. A copy that was killed wrote at most a part
    of its line.
    """
    warnings.simplefilter("ignore")  # Python warns of "\l" in a string
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            _parse(line)
        _, status = os.waitpid(child, 0)
        print(f"\n{os.waitstatus_to_exitcode(status)}", flush=True)


def _parse(line: bytes) -> NoReturn:
    """Limit this process, write what the cells say, and end it."""
    status = 1
    try:
        limits, cells = json.loads(line)
        for name, limit in limits.items():
            resource.setrlimit(getattr(resource, name), (limit, limit))
        print(json.dumps(read(cells)), end="", flush=True)
        status = 0
    except BaseException as error:
        print(json.dumps(f"{type(error).__name__}: {error}"), end="", flush=True)
    finally:
        os._exit(status)  # nothing else may go on in the copy


if __name__ == "__main__":
    import resource  # not on Windows, where nothing is graded

    main()
