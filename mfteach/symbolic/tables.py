"""How the tables of formulas are laid out, in a style that each table carries along.

A web page made from a notebook gives all columns the same width and breaks lines anywhere, also in
the middle of a formula. These styles undo both, and a table that is wider than the page scrolls.
"""

from __future__ import annotations

__all__ = ["TABLE", "TEXT", "scrolling", "whole"]

TABLE = 'style="table-layout:auto;width:auto"'
"""For a table: columns as wide as what is in them."""

TEXT = 'style="text-align:left;min-width:12em"'
"""For a cell with words, which a wide formula beside it must not squeeze."""

WIDEST = 30
"""Of a formula, in letters of its size; a wider one is broken, or its table scrolls."""


def whole(latex: str, display: str = "table-cell") -> str:
    """Return the style of a cell with a formula, as wide as the formula.

    Where MathJax breaks formulas by itself, it would break this one to the width of the column,
    which without a width of its own is that of the shortest piece.
    """
    from mfteach.symbolic.writing import plain  # loaded here: it loads SymPy

    width = min(WIDEST, 2 + len(plain(latex)) // 2)
    return f'style="display:{display};text-align:left;white-space:nowrap;min-width:{width}em"'


def scrolling(table: str) -> str:
    """Let a table that is wider than the page scroll by itself, instead of being cut off."""
    return f'<div style="overflow-x:auto">\n{table}</div>'
