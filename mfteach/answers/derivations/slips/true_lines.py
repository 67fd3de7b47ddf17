"""A true line, ready to be changed into what a slip makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Expr, Indexed, Sum, Symbol

from mfteach.symbolic.notation import Reading
from mfteach.symbolic.reading.syntax_tree import Slope, walk

__all__ = ["ALL_ROWS", "WRONG_SIGN", "LineSlip", "TrueLine"]

WRONG_SIGN = "The sign is wrong"
ALL_ROWS = "The sum runs over all "
"""How the diagnosis of a sum over all items, or over all users, begins."""

_INNER = {"u": ("v", "u"), "v": ("u", "v")}


@dataclass(frozen=True)
class LineSlip:
    """A line gone wrong: the diagnosis, and what somebody gets who makes only this slip.

    Parameters
    ----------
    message : str
    result : Expr
    also_with_sign : bool
        Whether it is claimed also together with a wrong sign.
    """

    message: str
    result: Expr
    also_with_sign: bool = False


class TrueLine:
    """A true line: its expression, its free indices by what they count, and the variable.

    Parameters
    ----------
    expression : Expr
    ranges : mapping of Symbol to Symbol
        The size of each free index.
    start : Reading
        What is derived: it tells whether the variable is u_is or v_js.
    """

    def __init__(self, expression: Expr, ranges: Mapping[Symbol, Symbol], start: Reading) -> None:
        self.expression = expression
        self.ranges = dict(ranges)
        by_size: dict[str, Symbol] = {}
        for index, size in self.ranges.items():
            by_size.setdefault(str(size), index)
        self.user, self.item, self.factor = (by_size.get(size) for size in "mnk")
        self.variable = self._variable(start)

    def _variable(self, start: Reading) -> str:
        """Tell the letter of the variable: u or v; empty where it is neither."""
        for node in walk(start.tree):
            if isinstance(node, Slope):
                return node.by[0].name
        if self.factor is None or (self.user is None) == (self.item is None):
            return ""
        return "u" if self.user is not None else "v"

    @property
    def inner(self) -> tuple[str, str]:
        """The letter that the inner derivative leaves, and that of the variable."""
        return _INNER.get(self.variable, ("", ""))

    @property
    def row(self) -> Symbol | None:
        """The free index of the user, for u, or of the item, for v."""
        return self.user if self.variable in ("u", "b") else self.item

    def changed(self, name: str, change: Callable[[Indexed], Expr]) -> Expr:
        """Replace every entry of one array."""
        entries = [x for x in self.expression.atoms(Indexed) if str(x.base) == name]
        return self.expression.xreplace({entry: change(entry) for entry in entries})

    def with_sums(self, change: Callable[[Sum], Expr]) -> Expr:
        """Replace every sum."""
        return self.expression.replace(lambda node: isinstance(node, Sum), change)
