"""Every small change to an expression: each index, size, limit, sign, number, power and factor."""

from random import Random

from sympy import (
    Add,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    symbols,
)
from wild_sums import SIZE_OF, SIZES

BASES = {str(base): base for base in map(IndexedBase, "rwuvbcx")}
PLAIN = symbols("lambda beta mu")


def mutants(expr):
    """Yield each expression that differs from `expr` in one spot."""
    yield from _different(expr, _changes(expr, ()))


def share(expr, most, seed=0):
    """Yield a fixed share of the mutants of an expression; only these are built."""
    changes = list(_changes(expr, ()))
    yield from _different(expr, Random(seed).sample(changes, min(most, len(changes))))


def _different(expr, changes):
    seen = {expr}
    for change in changes:
        mutant = change()
        if mutant not in seen:
            seen.add(mutant)
            yield mutant


def _changes(expr, around):
    """Yield functions that build an expression with one spot changed."""
    for changed in _changed(expr, around):
        yield lambda changed=changed: changed
    if isinstance(expr, Sum):
        letters = tuple(limit[0] for limit in expr.limits)
        for change in _changes(expr.function, (*around, *letters)):
            yield lambda change=change: Sum(change(), *expr.limits)
    elif isinstance(expr, Pow):
        for change in _changes(expr.base, around):
            yield lambda change=change: change() ** expr.exp
    elif isinstance(expr, Add | Mul):
        for at, part in enumerate(expr.args):
            for change in _changes(part, around):
                yield lambda change=change, at=at: expr.func(
                    *expr.args[:at], change(), *expr.args[at + 1 :]
                )


def _changed(expr, around):
    yield -expr
    if isinstance(expr, Rational):
        yield from (expr + 1, expr * 2, expr / 2)
    elif isinstance(expr, Symbol):
        yield from (other for other in (*PLAIN, *SIZES) if other != expr)
    elif isinstance(expr, Pow):
        yield from (expr.base ** (expr.exp + step) for step in (-1, 1))
    elif isinstance(expr, Add | Mul):
        yield from (expr.func(*_without(expr.args, at)) for at in range(len(expr.args)))
        if isinstance(expr, Add):
            yield Mul(*expr.args)
    elif isinstance(expr, Sum):
        yield from _with_other_limits(expr)
    elif isinstance(expr, Indexed | KroneckerDelta):
        yield from _with_other_indices(expr, around)


def _without(args, at):
    return (*args[:at], *args[at + 1 :])


def _with_other_limits(expr):
    for at, (index, low, high) in enumerate(expr.limits):
        ends = [(low, size) for size in SIZES if size != high]
        ends += [(low + 1, high), (low, high - 1), (low, high + 1), (low, Integer(0))]
        ends += [(low, Integer(2))]
        for changed in ends:
            limits = [*expr.limits]
            limits[at] = (index, *changed)
            yield Sum(expr.function, *limits)
        rest = _without(expr.limits, at)
        kept = expr.function.xreplace({index: Integer(1)})
        yield Sum(kept, *rest) if rest else kept


def _with_other_indices(expr, around):
    slots = expr.indices if isinstance(expr, Indexed) else expr.args
    build = expr.base.__getitem__ if isinstance(expr, Indexed) else lambda x: KroneckerDelta(*x)
    for at in range(len(slots)):
        for other in (*SIZE_OF, *around, Integer(1), Integer(2), *SIZES):
            yield build((*slots[:at], other, *slots[at + 1 :]))
    if len(slots) == 2:
        yield build(tuple(reversed(slots)))
    if isinstance(expr, KroneckerDelta):
        yield Integer(1)
        return
    yield from (base[slots] for base in BASES.values() if base != expr.base)
    yield expr**2
