"""How the tables of formulas are laid out, in a style that each table carries along.

A web page made from a notebook gives all columns the same width and breaks lines anywhere, also in
the middle of a formula. These styles undo both, and a table that is wider than the page scrolls.
"""

from __future__ import annotations

__all__ = ["TABLE", "WHOLE", "scrolling"]

TABLE = 'style="table-layout:auto;width:auto"'
"""For a table: columns as wide as what is in them."""

WHOLE = 'style="text-align:left;white-space:nowrap"'
"""For a cell with a formula, which must not be broken."""


def scrolling(table: str) -> str:
    """Let a table that is wider than the page scroll by itself, instead of being cut off."""
    return f'<div style="overflow-x:auto">\n{table}</div>'
