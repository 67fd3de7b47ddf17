"""Slips about which ratings count, and what is in the error."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Indexed, IndexedBase, S, Sum, Symbol

from mfteach.answers.derivations.slips.true_lines import ALL_ROWS, LineSlip, TrueLine

__all__ = ["of_other_letters", "of_ratings"]

_ONLY_RATED = "A sum runs over the known ratings only, and should run over all {}s"


def of_ratings(line: TrueLine) -> Iterator[LineSlip]:
    """Yield the slips about the sets of ratings and about the error."""
    summed = "user" if line.user is None and line.item is not None else "item"
    message = f"{ALL_ROWS}{summed}s, and only the known ratings count"
    yield LineSlip(message, line.changed("w", lambda _: S.One), True)
    if line.user is not None:
        yield LineSlip(_ONLY_RATED.format("item"), _rated_for_all(line, "n"))
    if line.item is not None:
        yield LineSlip(_ONLY_RATED.format("user"), _rated_for_all(line, "m"))
    yield LineSlip(
        "The prediction is missing in the error: only the rating is there",
        line.changed("u", lambda x: x if x.indices[1] == line.factor else S.Zero),
    )
    yield LineSlip(
        "The rating is missing in the error: only the prediction is there",
        line.changed("r", lambda _: S.Zero),
    )
    yield from _sum_over_rows(line)


def _rated_for_all(line: TrueLine, size: str) -> Expr:
    """Put the indicator under each sum over all items, or over all users, that has none."""

    def put(node: Sum) -> Expr:
        (index, _, high), *rest = node.limits
        names = {str(x.base) for x in node.function.atoms(Indexed)}
        if rest or str(high) != size or "w" in names:
            return node
        pair = (line.user, index) if size == "n" else (index, line.item)
        return Sum(IndexedBase("w")[pair] * node.function, *node.limits)

    return line.with_sums(put)


def _sum_over_rows(line: TrueLine) -> Iterator[LineSlip]:
    if line.row is None or not line.variable:
        return
    kind, size = ("user", "m") if line.row == line.user else ("item", "n")
    fresh = Symbol("p''")
    yield LineSlip(
        f"The sum over all {kind}s is kept: only one {kind}'s ratings matter here",
        Sum(line.expression.xreplace({line.row: fresh}), (fresh, 1, Symbol(size))),
    )


def of_other_letters(line: TrueLine, other: Symbol, size: str) -> Iterator[LineSlip]:
    """Yield what comes of a letter that is free in the typed line, and not in the true one."""
    row, kind = {"m": (line.user, "user"), "n": (line.item, "item"), "k": (line.factor, "factor")}[
        size
    ]
    if row is not None:
        yield LineSlip(
            f"This is about another {kind}, {other}", line.expression.xreplace({row: other}), True
        )
    if row is not None and size != "k":
        errors = {
            x: x.xreplace({row: other})
            for x in line.expression.atoms(Indexed)
            if str(x.base) != "w" and row in x.indices
        }
        yield LineSlip(
            f"The errors are those of another {kind}, {other}",
            line.expression.xreplace(errors),
            True,
        )
    if size != "k":
        one = _one_term(line, other, size)
        message = f"The sum over the {kind}s is missing: this is only the term of {other}"
        yield LineSlip(message, one, True)
        known = {x: S.One for x in one.atoms(Indexed) if str(x.base) == "w"}
        yield LineSlip(message, one.xreplace(known), True)


def _one_term(line: TrueLine, other: Symbol, size: str) -> Expr:
    """Keep one term of each sum over all the users, or over all the items."""

    def taken(node: Sum) -> Expr:
        gone = {index: other for index, _, high in node.limits if str(high) == size}
        kept = [limit for limit in node.limits if limit[0] not in gone]
        body = node.function.xreplace(gone)
        return Sum(body, *kept) if kept else body

    return line.with_sums(taken)
