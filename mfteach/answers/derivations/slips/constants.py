"""Slips of the penalty and of the biases: lambda, beta, the mean."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Indexed, IndexedBase, S, Sum, Symbol

from mfteach.answers.derivations.slips.true_lines import LineSlip, TrueLine

__all__ = ["of_constants"]


def of_constants(line: TrueLine) -> Iterator[LineSlip]:
    """Yield the slips of each constant in the line."""
    for name in ("lambda", "beta"):
        symbol = Symbol(name)
        if symbol in line.expression.free_symbols:
            yield from _of_penalty(line, symbol)
    if Symbol("mu") in line.expression.free_symbols:
        yield from _of_biases(line)


def _of_penalty(line: TrueLine, symbol: Symbol) -> Iterator[LineSlip]:
    for message, instead in (
        (f"The term with {symbol} is lost", S.Zero),
        (f"The factor {symbol} is lost", S.One),
        (f"The term with {symbol} is twice too large: the 1/2 cancels the 2", 2 * symbol),
        (f"The term with {symbol} is halved: the 2 of the square is lost", symbol / 2),
        (f"The term with {symbol} has the wrong sign", -symbol),
    ):
        yield LineSlip(message, line.expression.xreplace({symbol: instead}))
    ratings = line.expression.xreplace({symbol: S.Zero})
    message = "The sign of the part with the ratings is wrong"
    yield LineSlip(message, line.expression - 2 * ratings)
    yield from _counted(line, symbol)
    yield from _not_counted(line)


def _counted(line: TrueLine, symbol: Symbol) -> Iterator[LineSlip]:
    index = Symbol("c''")
    pairs = {line.user: ("n", (line.user, index)), line.item: ("m", (index, line.item))}
    for row, (size, pair) in pairs.items():
        if row is not None:
            count = Sum(IndexedBase("w")[pair], (index, 1, Symbol(size)))
            yield LineSlip(
                "The penalty is counted once for each rating, and should count once",
                line.expression.xreplace({symbol: count * symbol}),
            )


def _not_counted(line: TrueLine) -> Iterator[LineSlip]:
    """Yield what a line with counts of ratings becomes if these are lost, or all are counted."""

    def is_count(node: Expr) -> bool:
        return isinstance(node, Sum) and isinstance(node.function, Indexed)

    if not any(is_count(node) for node in line.expression.atoms(Sum)):
        return
    for message, once in (
        ("The count of the ratings is lost", True),
        ("All are counted, and only the known ratings count", False),
    ):

        def instead(node: Sum, once: bool = once) -> Expr:
            return S.One if once else node.limits[0][2]

        yield LineSlip(message, line.expression.replace(is_count, instead))


def _of_biases(line: TrueLine) -> Iterator[LineSlip]:
    mean, beta = Symbol("mu"), Symbol("beta")
    yield LineSlip("The mean is missing in the error", line.expression.xreplace({mean: S.Zero}))
    errors = line.expression.xreplace({beta: S.Zero})
    penalty = line.expression - errors
    for name, kind in (("b", "user"), ("c", "item")):
        gone = {x: S.Zero for x in errors.atoms(Indexed) if str(x.base) == name}
        yield LineSlip(
            f"The bias of the {kind} is missing in the error", errors.xreplace(gone) + penalty
        )
