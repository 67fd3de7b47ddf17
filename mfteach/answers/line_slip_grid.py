r"""The grid of slips of lines: what a true line becomes when one thing goes wrong.

Each slip changes the reference into what somebody gets who makes only this slip. No message
contains a part of the right line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap

from sympy import Expr, Indexed, IndexedBase, Integer, KroneckerDelta, Rational, S, Sum, Symbol

from mfteach.answers.loss_slips import slips_before, slips_of_squares
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import Reading

__all__ = ["ALL_ROWS", "WRONG_SIGN", "LineSlip", "slips_of", "two_slips"]

WRONG_SIGN = "The sign is wrong"
ALL_ROWS = "The sum runs over all "
"""How the diagnosis of a sum over all items, or over all users, begins."""

_LOST_TWO = "A factor 2 is lost: the 2 of the square cancels the 1/2"


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


def slips_of(
    reference: Reading, start: Reading | None = None, others: tuple[Symbol, ...] = ()
) -> tuple[LineSlip, ...]:
    """Return each slip that changes the reference.

    Parameters
    ----------
    reference : Reading
        The true line.
    start : Reading, optional
        What is derived: it contains the loss.
    others : tuple of Symbol
        Free indices that the typed line has and the reference has not.
    """
    return (
        *_slips(reference.text, start.text if start is not None else reference.text),
        *_of_other_rows(reference, others),
    )


def two_slips(slips: tuple[LineSlip, ...]) -> tuple[LineSlip, ...]:
    """Return the slips that are often made together with a wrong sign, with it."""
    return tuple(
        LineSlip(f"Two slips. {WRONG_SIGN}. And: {slip.message}", -slip.result)
        for slip in slips
        if slip.also_with_sign
    )


@lru_cache(maxsize=64)
def _slips(reference: str, start: str) -> tuple[LineSlip, ...]:
    line = _Line(NOTATION.understand(reference))
    found = [
        LineSlip(WRONG_SIGN, -line.expression),
        LineSlip("A factor 2 is left over: it should have cancelled", 2 * line.expression, True),
        LineSlip(
            "A factor 2 is lost: the 2 of the square cancels the 1/2", line.expression / 2, True
        ),
        *line.of_ratings(),
        *line.of_factors(),
        *line.of_constants(),
        *line.of_deltas(),
        *starmap(LineSlip, slips_of_squares(NOTATION.understand(reference))),
        *starmap(LineSlip, slips_before(NOTATION.understand(start))),
    ]
    expression = line.expression
    return tuple(slip for slip in found if not _equal(slip.result, expression, line.ranges))


def _equal(a: Expr, b: Expr, ranges: dict[Symbol, Symbol]) -> bool:
    try:
        return a == b or same(a, b, ranges)
    except (CaptureError, UndecidedError):
        return True


_Change = Callable[[Indexed], Expr]


def _one(_: Indexed) -> Expr:
    return S.One


def _minus_one(_: Indexed) -> Expr:
    return S.NegativeOne


class _Line:
    """A true line, and what slips make of it."""

    def __init__(self, reading: Reading) -> None:
        self.expression = reading.expression
        self.ranges = reading.ranges
        by_size = {str(size): index for index, size in reading.ranges.items()}
        self.user, self.item, self.factor = (by_size.get(size) for size in "mnk")

    def changed(self, name: str, change: _Change) -> Expr:
        """Replace every entry of one array."""
        entries = [x for x in self.expression.atoms(Indexed) if str(x.base) == name]
        return self.expression.xreplace({entry: change(entry) for entry in entries})

    def of_ratings(self) -> Iterator[LineSlip]:
        row = "item" if self.user is not None or self.item is None else "user"
        message = f"{ALL_ROWS}{row}s, and only the known ratings count"
        yield LineSlip(message, self.changed("w", lambda _: S.One), True)
        if self.user is not None:
            yield LineSlip(
                "A sum runs over the items that the user rated, and should run over all of them",
                self._rated_for_all("n"),
            )
        if self.item is not None:
            yield LineSlip(
                "A sum runs over the users who rated the item, and should run over all of them",
                self._rated_for_all("m"),
            )
        yield LineSlip(
            "The prediction is missing in the error: only the rating is there",
            self._without_prediction(),
        )
        yield LineSlip(
            "The rating is missing in the error: only the prediction is there",
            self.changed("r", lambda _: S.Zero),
        )

    def _rated_for_all(self, size: str) -> Expr:
        """Put the indicator under each sum over all items, or over all users, that has none."""

        def put(node: Sum) -> Expr:
            known = {x.base for x in node.function.atoms(Indexed)}
            (index, _, high), *rest = node.limits
            if rest or str(high) != size or any(str(base) == "w" for base in known):
                return node
            pair = (self.user, index) if size == "n" else (index, self.item)
            return Sum(IndexedBase("w")[pair] * node.function, *node.limits)

        return self.expression.replace(lambda node: isinstance(node, Sum), put)

    def _without_prediction(self) -> Expr:
        """Drop the products of u and v that are summed over the factors."""
        return self.changed("u", lambda x: x if x.indices[1] == self.factor else S.Zero)

    # --- factors ---------------------------------------------------------------------------------

    def of_factors(self) -> Iterator[LineSlip]:
        """Yield the slips of the inner derivative: v_js, if the line is about u_is."""
        if self.factor is None or (self.user is None) == (self.item is None):
            return
        inner, outer = ("v", "u") if self.user is not None else ("u", "v")
        row = self.user if self.user is not None else self.item
        at = IndexedBase(outer)[row, self.factor]
        yield LineSlip(
            f"{outer} stands where the inner derivative leaves {inner}",
            self._inner(inner, lambda _: at),
            True,
        )
        yield LineSlip(
            "A sum over the factors is kept: only one factor changes with the variable",
            self._inner(inner, self._summed),
            True,
        )
        yield LineSlip(
            "The penalty is summed over the factors: only one of them changes with the variable",
            self._inner(outer, self._summed),
        )
        for change in (_minus_one, _one):
            yield LineSlip("The inner derivative is forgotten", self._inner(inner, change))
        yield LineSlip(
            f"This is the derivative with respect to {inner}, and {outer} is what is asked about",
            self._mirrored(),
            True,
        )
        yield from self._sums_over_rows(row)

    def _inner(self, name: str, change: _Change) -> Expr:
        return self.changed(name, lambda x: change(x) if x.indices[1] == self.factor else x)

    def _summed(self, entry: Indexed) -> Expr:
        fresh = Symbol("q''")
        return Sum(entry.base[entry.indices[0], fresh], (fresh, 1, Symbol("k")))

    def _mirrored(self) -> Expr:
        """Swap the roles of users and items."""
        swap = {Symbol(a): Symbol(b) for a, b in ("ij", "ji", "pl", "lp", "mn", "nm")}
        names = {"u": "v", "v": "u"}
        arrays = {}
        for x in self.expression.atoms(Indexed):
            at = [index.xreplace(swap) for index in x.indices]
            name = str(x.base)
            if name in ("r", "w"):
                at.reverse()
            arrays[x] = IndexedBase(names.get(name, name))[tuple(at)]
        return self.expression.xreplace({**swap, **arrays})

    def _sums_over_rows(self, row: Symbol | None) -> Iterator[LineSlip]:
        kind, size = ("user", "m") if row == self.user else ("item", "n")
        fresh = Symbol("p''")
        yield LineSlip(
            f"The sum over all {kind}s is kept: only one {kind}'s ratings matter here",
            Sum(self.expression.xreplace({row: fresh}), (fresh, 1, Symbol(size))),
        )

    # --- constants -------------------------------------------------------------------------------

    def of_constants(self) -> Iterator[LineSlip]:
        for name in ("lambda", "beta"):
            symbol = Symbol(name)
            if symbol not in self.expression.free_symbols:
                continue
            for message, factor in (
                (f"The term with {name} is lost", S.Zero),
                (f"The term with {name} is twice too large: the 1/2 cancels the 2", Integer(2)),
                (f"The term with {name} is halved: the 2 of the square is lost", Rational(1, 2)),
                (f"The term with {name} has the wrong sign", S.NegativeOne),
            ):
                yield LineSlip(message, self.expression.xreplace({symbol: factor * symbol}))
            yield from self._counted(symbol)
            ratings = self.expression.xreplace({symbol: S.Zero})
            yield LineSlip(
                "The sign of the part with the ratings is wrong", self.expression - 2 * ratings
            )
        yield from self._of_biases()

    def _of_biases(self) -> Iterator[LineSlip]:
        mean = Symbol("mu")
        if mean not in self.expression.free_symbols:
            return
        yield LineSlip("The mean is missing in the error", self.expression.xreplace({mean: S.Zero}))
        for name, kind in (("b", "user"), ("c", "item")):
            penalty = self.expression - self.expression.xreplace({Symbol("beta"): S.Zero})
            errors = (self.expression - penalty).xreplace(
                {x: S.Zero for x in self.expression.atoms(Indexed) if str(x.base) == name}
            )
            yield LineSlip(f"The bias of the {kind} is missing in the error", errors + penalty)

    def of_deltas(self) -> Iterator[LineSlip]:
        deltas = self.expression.atoms(KroneckerDelta)
        if deltas:
            yield LineSlip(
                "A delta is lost: without it all terms of its sum stay",
                self.expression.xreplace(dict.fromkeys(deltas, S.One)),
            )

    def _counted(self, symbol: Symbol) -> Iterator[LineSlip]:
        index = Symbol("c''")
        pairs = {self.user: ("n", (self.user, index)), self.item: ("m", (index, self.item))}
        for row, (size, pair) in pairs.items():
            if row is not None:
                count = Sum(IndexedBase("w")[pair], (index, 1, Symbol(size)))
                yield LineSlip(
                    "The penalty is counted once for each rating",
                    self.expression.xreplace({symbol: count * symbol}),
                )


def _of_other_rows(reference: Reading, others: tuple[Symbol, ...]) -> Iterator[LineSlip]:
    """Yield what comes of another user's, or another item's, letter that is free in the line."""
    line = _Line(reference)
    for other in others:
        for row, kind in ((line.user, "user"), (line.item, "item")):
            if row is None:
                continue
            errors = line.expression.xreplace(
                {
                    x: x.xreplace({row: other})
                    for x in line.expression.atoms(Indexed)
                    if str(x.base) != "w" and row in x.indices
                }
            )
            yield LineSlip(f"The errors are those of another {kind}, {other}", errors, True)
            yield LineSlip(
                f"This is about another {kind}, {other}",
                line.expression.xreplace({row: other}),
                True,
            )
