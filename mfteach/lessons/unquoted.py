"""A sentence in place of a traceback where an answer lacks its quotes: ``answer = D``.

Python stops at such a line before `check` is called, so IPython is asked to explain it: only in a
cell that calls ``check`` or ``guess``, and only what Python cannot read or does not know by name.
"""

from __future__ import annotations

import linecache
import re
import sys
from types import TracebackType
from typing import Any

__all__ = ["explain", "explain_in_this_notebook"]

_ASKS = re.compile(r"\b(?:check|guess)\(")
_MINUS = "\N{MINUS SIGN}"


def explain_in_this_notebook() -> None:
    """Let IPython, if it runs, explain missing quotes; a handler of someone else's stays."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError, SyntaxError), _handle)


def explain(error: NameError | SyntaxError, cell: str) -> str:
    """Say what an error in a cell that asks means for a student, or "" in any other cell."""
    if not _ASKS.search(cell):
        return ""
    if isinstance(error, NameError):
        name = error.name or "this name"
        return (
            f'{name} is not known here. If it is your answer, put it in quotes: "{name}". If it '
            "is a name of this lesson, run the cells above first."
        )
    if _MINUS in (error.text or ""):
        return (
            f"Python does not know this minus sign ({_MINUS}): type the hyphen, -, or put your "
            "answer in quotes."
        )
    line = f" in line {error.lineno}" if error.lineno else ""
    return (
        f"Python cannot read this cell{line}. A formula, a letter or words need quotes, as in "
        '"2 x"; are all quotes and parentheses closed?'
    )


def _handle(
    shell: Any,
    kind: type[BaseException],
    error: Any,
    traceback: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    told = explain(error, _cell(error, traceback))
    if told:
        print(told)
    elif isinstance(error, SyntaxError):
        shell.showsyntaxerror()
    else:
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def _cell(error: Any, traceback: TracebackType | None) -> str:
    """Return the cell that failed: IPython keeps each cell where tracebacks look for lines."""
    names = [error.filename] if isinstance(error, SyntaxError) else []
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    cells = (("".join(linecache.getlines(name))) for name in names if name and "ipykernel" in name)
    return next(cells, "")
