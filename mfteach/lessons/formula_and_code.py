"""A formula beside the line of code that computes it, looked up so that both stay in sync."""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from mfteach.arguments import WrongType, shown
from mfteach.symbolic.tables import TABLE, scrolling, whole


class FormulaAndCode:
    """A table of formulas and lines of code, which a notebook shows typeset."""

    def __init__(self, rows: list[tuple[str, str, str]]) -> None:
        self._rows = rows

    def __repr__(self) -> str:
        return "\n".join(f"{formula}\n    {name}: {code}" for formula, name, code in self._rows)

    def _repr_html_(self) -> str:
        heads = ("the formula", "where", "the line that computes it")
        head = "".join(f'<th scope="col" style="text-align:left">{title}</th>' for title in heads)
        body = "".join(
            f"<tr><td {whole(formula)}>$\\displaystyle {html.escape(formula)}$</td>"
            f'<td style="text-align:left"><code>{html.escape(name)}</code></td>'
            f'<td style="text-align:left"><code>{html.escape(code)}</code></td></tr>'
            for formula, name, code in self._rows
        )
        return scrolling(
            f"<table {TABLE}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _triples(pairs: Any) -> list[Any]:
    listed = list(pairs) if isinstance(pairs, Iterable) and not isinstance(pairs, str) else [None]
    for triple in listed:
        if not isinstance(triple, tuple | list) or len(triple) != 3 or not callable(triple[1]):
            raise WrongType(
                "must hold triples of a formula, a function and a line of it, but holds "
                f"{shown(pairs if triple is None else triple)}",
                argument="pairs",
            )
    return listed


def formula_and_code(pairs: Iterable[tuple[str, Callable[..., Any], str]]) -> FormulaAndCode:
    """Put each formula beside a line of code, which is looked up in its function.

    Parameters
    ----------
    pairs : iterable of (str, callable, str)
        The formula in LaTeX, the function that computes it, and the line exactly as written there.

    Returns
    -------
    FormulaAndCode
        Displayed by a notebook.

    Raises
    ------
    ValueError
        If a function has no such line; the message names both.
    """
    rows = []
    for formula, function, code in _triples(pairs):
        lines = [line.strip() for line in inspect.getsource(function).splitlines()]
        if code not in lines:
            raise ValueError(
                f"{function.__qualname__} has no line {code!r}: copy the line as it is now"
            )
        rows.append((formula, function.__qualname__, code))
    return FormulaAndCode(rows)
