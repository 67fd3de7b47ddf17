r"""The slips of lines by name: what a true line becomes when one thing goes wrong.

Each slip changes the reference into what somebody gets who makes only this slip. A slip is claimed
only if the engine proves that the typed line is equal to that. No message contains a part of the
right line. Slips within one term of the typed line are found by `line_repairs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Indexed, IndexedBase, Integer, Pow, Rational, S, Sum, Symbol

from mfteach.answers.fingerprints import fingerprint
from mfteach.answers.line_repairs import repairs
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, derivative, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import Part, Reading
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import Node, Slope, SumOf, Update, walk

__all__ = ["MOST_CLAIMED", "LineSlip", "diagnoses", "slips_of"]

MOST_CLAIMED = 3
"""If more slips than this lead to the same line, they explain nothing, and none is claimed."""

_SIGN = "The sign is wrong"
_ALL_ITEMS = "The sum runs over all {}s, and only the known ratings count"


@dataclass(frozen=True)
class LineSlip:
    """A line gone wrong: the diagnosis, and what somebody gets who makes only this slip."""

    message: str
    result: Expr


def diagnoses(
    part: Part, reading: Reading, reference: Reading, start: Reading | None = None
) -> tuple[str, ...]:
    """Return the slips that explain a refuted part of a line; several if they lead to the same.

    Parameters
    ----------
    part : Part
        The part that differs from the reference.
    reading : Reading
        The line.
    reference : Reading
    start : Reading, optional
        What is derived, where the reference is a later line.
    """
    if isinstance(part.tree, Update) or part.expression is None:
        return _of_updates(part, reading, reference)
    others = tuple(sorted(set(reading.ranges) - set(reference.ranges), key=str))
    slips = slips_of(reference, start, others)
    found = _claimed(part, reading, reference, slips)
    if not found:
        found = _claimed(part, reading, reference, _with_wrong_sign(slips))
    if not found:
        found = repairs(part, reading, reference)
    found = tuple(dict.fromkeys(found))
    return _with_bare_sums(found, part.tree) if len(found) <= MOST_CLAIMED else ()


def _of_updates(part: Part, reading: Reading, reference: Reading) -> tuple[str, ...]:
    """Explain the value of an update: most often the step goes uphill."""
    wanted = reference.parts[-1]
    target = part.target
    if target is None:
        return ()
    other_way = 2 * target - wanted.expression
    if _same(part.expression, other_way, reading, reference):
        return ("The step goes the other way: uphill instead of downhill, or back",)
    return repairs(part, reading, reference)


def _claimed(
    part: Part, reading: Reading, reference: Reading, slips: tuple[LineSlip, ...]
) -> tuple[str, ...]:
    ranges = {**reference.ranges, **reading.ranges}
    ours = fingerprint(part.expression, ranges)
    if ours is None:
        return ()
    return tuple(
        f"{slip.message}."
        for slip in slips
        if fingerprint(slip.result, ranges) == ours
        and _same(part.expression, slip.result, reading, reference)
    )


def _same(ours: Expr, theirs: Expr, reading: Reading, reference: Reading) -> bool:
    try:
        return same(ours, theirs, {**reference.ranges, **reading.ranges})
    except (CaptureError, UndecidedError):
        return False


def _with_bare_sums(found: tuple[str, ...], tree: Node) -> tuple[str, ...]:
    """Say also that a sum sign with a letter alone was read as the sum over all."""
    bare = [node.names[0] for node in walk(tree) if isinstance(node, SumOf) and node.over == "bare"]
    starts = tuple(_ALL_ITEMS.partition("{}")[0] for _ in found)
    return tuple(
        f"{text[:-1]}: sum_{bare[0]} alone was read as the sum over all."
        if bare and text.startswith(beginning)
        else text
        for text, beginning in zip(found, starts, strict=True)
    )


# --- the slips -----------------------------------------------------------------------------------


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


def _with_wrong_sign(slips: tuple[LineSlip, ...]) -> tuple[LineSlip, ...]:
    return tuple(
        LineSlip(f"Two slips. {_SIGN}. And: {slip.message}", -slip.result)
        for slip in slips
        if not slip.message.startswith(_SIGN)
    )


@lru_cache(maxsize=64)
def _slips(reference: str, start: str) -> tuple[LineSlip, ...]:
    line = _Line(NOTATION.understand(reference))
    found = [
        LineSlip(_SIGN, -line.expression),
        LineSlip("A factor 2 is left over: it should have cancelled", 2 * line.expression),
        LineSlip("A factor 2 is lost", line.expression / 2),
        *line.of_ratings(),
        *line.of_factors(),
        *line.of_constants(),
        *_of_the_loss(NOTATION.understand(start)),
    ]
    expression = line.expression
    return tuple(slip for slip in found if not _equal(slip.result, expression, line.ranges))


def _equal(a: Expr, b: Expr, ranges: dict[Symbol, Symbol]) -> bool:
    try:
        return a == b or same(a, b, ranges)
    except (CaptureError, UndecidedError):
        return True


_Change = Callable[[Indexed], Expr]


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
        yield LineSlip(_ALL_ITEMS.format(row), self.changed("w", lambda _: S.One))
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
        )
        yield LineSlip(
            "A sum over the factors is kept: only one factor changes with the variable",
            self._inner(inner, self._summed),
        )
        yield LineSlip(
            "The penalty is summed over the factors: only one of them changes with the variable",
            self._inner(outer, self._summed),
        )
        for value in (-1, 1):
            yield LineSlip(
                "The inner derivative is forgotten",
                self._inner(inner, lambda _, value=value: Integer(value)),
            )
        yield LineSlip(
            f"This is the derivative with respect to {inner}, and {outer} is what is asked about",
            self._mirrored(),
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
            yield LineSlip(f"The errors are those of another {kind}, {other}", errors)
            yield LineSlip(
                f"This is about another {kind}, {other}",
                line.expression.xreplace({row: other}),
            )


# --- slips in the loss, before it is differentiated ----------------------------------------------


def _of_the_loss(start: Reading) -> Iterator[LineSlip]:
    """Yield what comes of a wrong power of the error, where the start says what is derived."""
    slope = start.tree
    if not isinstance(slope, Slope) or len(slope.by) != 1:
        return
    loss, by = (_expression(node, start) for node in (slope.of, slope.by[0]))
    yield LineSlip("This is not differentiated: it is what stood behind the derivative sign", loss)
    squares = {node for node in loss.atoms(Pow) if node.exp == 2 and _contains_ratings(node)}
    for message, change in (
        ("The error is not squared before it is differentiated", lambda x: x.base),
        ("The error keeps its square when it is differentiated", lambda x: x.base**3 * 2 / 3),
    ):
        other = loss.xreplace({square: change(square) for square in squares})
        try:
            yield LineSlip(message, derivative(other, by, start.ranges))
        except (CaptureError, UndecidedError):
            continue


def _expression(tree: Node, start: Reading) -> Expr:
    """Build what a part of the start means, with letters of its own for its sums."""
    slots = slots_of(tree, NOTATION.letters, start.text)
    expr = meaning(tree, slots, NOTATION.letters, start.text)
    bound = {limit[0] for node in expr.atoms(Sum) for limit in node.limits}
    return expr.xreplace({index: Symbol(f"{index}°") for index in bound})


def _contains_ratings(node: Expr) -> bool:
    return any(str(x.base) == "r" for x in node.atoms(Indexed))
