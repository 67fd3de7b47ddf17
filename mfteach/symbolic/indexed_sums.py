"""Polynomials in indexed symbols under sums: whether two are the same, and the derivative.

The one idea is a **normal form**. A polynomial such as

    1/2 * Sum(w[i, j] * (r[i, j] - Sum(u[i, q]*v[j, q], (q, 1, k)))**2, (j, 1, n))

is multiplied out until every sum ranges over a single product; a product is split where no
summed index connects its parts; a Kronecker delta with a summed index removes that sum; a sum
over an unused index becomes a count; and the summed indices get names that depend only on their
role. Two polynomials with the same normal form are equal for all sizes and values.
Two polynomials with different normal forms differ for some sizes and values: products of
connected sums are as independent as the powers of a variable. So ``same`` never samples.

The assumptions, everywhere:

- a size is a natural number, at least 1; indices count from 1. An upper limit of a sum is a size,
  and so are the lecture's m, n and k wherever they stand;
- an indexed symbol called ``w`` with two indices is the lecture's indicator of a known rating:
  it is 0 or 1, so w[i, j]**2 is w[i, j], and there is no derivative with respect to it;
- a free index that a delta compares with a summed one lies in the range of that sum. Say what
  you know: with ``ranges={p: n}``, that is 1 <= p <= n, a delta of p in a sum to m is refused.
  Without `ranges` the sum's own range is assumed for p, throughout one call and no further:
  ``derivative(Sum(x[q]**2, (q, 1, m)), x[p])`` is 2*x[p] for 1 <= p <= m, and whoever then sums it
  over p to n has to know that.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
)

from mfteach.symbolic.index_engine.derivatives import derivative_by_indexed, derivative_by_letter
from mfteach.symbolic.index_engine.hygiene import (
    CaptureError,
    UndecidedError,
    bases_of,
    checked,
    name_of,
    refuse_capture,
    refuse_namesakes,
    shown,
    symbols_of,
    used_as_indices,
)
from mfteach.symbolic.index_engine.ranges import Ranges, limits_of, ranges_of
from mfteach.symbolic.index_engine.summed_indices import FREE, LITERAL, Index, Steps
from mfteach.symbolic.index_engine.terms import SIZES, Algebra, Polynomial, is_indicator
from mfteach.symbolic.index_engine.written_sums import Letters, write_out

__all__ = [
    "MOST_STEPS",
    "CaptureError",
    "UndecidedError",
    "derivative",
    "free_symbols",
    "normal_form",
    "same",
]

MOST_STEPS = 10_000
"""How many terms may be built, and indices told apart, for one question."""

_FreeRanges = Mapping[Symbol, Expr] | None


def same(a: Expr, b: Expr, ranges: _FreeRanges = None) -> bool:
    """Whether a = b for all sizes, all values of the symbols and all free indices.

    Parameters
    ----------
    a, b : Expr
        Polynomials: ``Indexed`` and plain symbols, rational numbers, ``KroneckerDelta``, powers
        with exponents 0, 1, 2, ..., and ``Sum`` from 1 to a size, or between two integers.
        Sizes are at least 1, indices count from 1, and w[i, j] is 0 or 1.
    ranges : mapping of Symbol to Expr, optional
        The upper limit of each free index: ``{p: n}`` says 1 <= p <= n. A free index that is not
        in it lies in the range of the sum whose index a delta compares it with, in `a` and in `b`.

    Returns
    -------
    bool
        True where the two are proved equal, False where they differ for some sizes and values.
        A sum to m and a sum to n are different. A sum from 1 to 0 is 0.

    Raises
    ------
    CaptureError
        If an index is bound by a sum and free elsewhere in the same expression.
    UndecidedError
        If an expression is not such a polynomial, or would grow too large; if a delta compares
        an index with one of another range; if two different symbols have one name. The message
        says which.

    Examples
    --------
    >>> from sympy import IndexedBase, KroneckerDelta, Sum, symbols
    >>> x, (i, j, m, n, p) = IndexedBase("x"), symbols("i j m n p")
    >>> same(Sum(x[i], (i, 1, n)) ** 2, Sum(x[i] * x[j], (i, 1, n), (j, 1, n)))
    True
    >>> same(Sum(KroneckerDelta(i, p) * x[i], (i, 1, n)), x[p], ranges={p: n})
    True
    """
    engine = _Engine([checked(a), checked(b)], ranges)
    left, right = (engine.normal(expr) for expr in engine.expressions)
    return engine.ranges.vanishes(engine.algebra.subtract(left, right))


def derivative(expr: Expr, by: Indexed | Symbol, ranges: _FreeRanges = None) -> Expr:
    """Take the partial derivative of a polynomial with respect to one symbol.

    d x[a] / d x[p] is the Kronecker delta of a and p, and a delta with a summed index removes
    its sum. That is right for every p **in the range of that sum**: the derivative of
    ``Sum(u[i, q]*v[j, q], (q, 1, k))`` with respect to ``u[i, s]`` is ``v[j, s]`` for
    1 <= s <= k. With ``ranges={s: k}`` this is checked; without it, it is assumed.

    Parameters
    ----------
    expr : Expr
        A polynomial as for `same`.
    by : Indexed or Symbol
        Such as ``u[i, s]``, whose indices are symbols or natural numbers, or a plain symbol such
        as ``mu`` or ``lambda``, which is neither an index nor a size.
    ranges : mapping of Symbol to Expr, optional
        The upper limit of each free index, as for `same`.

    Returns
    -------
    Expr
        The derivative, multiplied out; its summed indices have the same names as in `expr`.

    Raises
    ------
    CaptureError
        If an index of `by` is bound by a sum in `expr`, or an index is bound and free within
        `expr`.
    UndecidedError
        As for `same`; also if `by` is an index, a size or the indicator w[i, j], which is 0 or 1.
    TypeError
        If `by` is not a symbol, or the name of an indexed symbol without its indices.

    Source: lecture rows S52 to S56.

    Examples
    --------
    >>> from sympy import IndexedBase, Sum, symbols
    >>> x, (i, n, p) = IndexedBase("x"), symbols("i n p")
    >>> derivative(Sum(x[i] ** 2, (i, 1, n)), x[p], ranges={p: n})
    2*x[p]
    """
    if not isinstance(by, Indexed | Symbol):
        raise TypeError(f"differentiate with respect to a symbol such as u[i, s] or mu, not {by}")
    expr = checked(expr)
    free, bound = symbols_of(expr)
    wanted = set().union(*(x.free_symbols for x in by.indices)) if isinstance(by, Indexed) else {by}
    refuse_capture(wanted & bound, free | bound | wanted, "in the derivative")
    if isinstance(by, Symbol) and by.name in bases_of([expr], set()):
        raise TypeError(
            f"differentiate with respect to an indexed symbol such as u[i, s], not {by}"
        )
    engine = _Engine([expr, checked(by)], ranges)
    slope = engine.derivative(engine.normal(expr), by)
    return engine.write(slope, Letters(expr, free | wanted))


def normal_form(expr: Expr, ranges: _FreeRanges = None) -> Expr:
    """Return the normal form that `same` compares, with readable summed indices.

    Two expressions with the same normal form are equal for all sizes and values. The summed
    indices have the letters of `expr`, where it has letters for the same range.

    Parameters
    ----------
    expr, ranges
        As for `same`.

    Raises
    ------
    CaptureError, UndecidedError
        As for `same`.

    Examples
    --------
    >>> from sympy import IndexedBase, Sum, symbols
    >>> x, (i, n) = IndexedBase("x"), symbols("i n")
    >>> normal_form(Sum(1 + 2 * x[i], (i, 1, n)))
    n + 2*Sum(x[i], (i, 1, n))
    """
    expr = checked(expr)
    engine = _Engine([expr], ranges)
    polynomial = engine.ranges.without_fixed_sums(engine.normal(expr))
    return engine.write(polynomial, Letters(expr, symbols_of(expr)[0], primes=False))


def free_symbols(expr: Expr) -> set[Symbol]:
    """Collect the free symbols of an expression: free indices, sizes and plain symbols.

    Raises
    ------
    CaptureError
        If an index is bound by a sum and free elsewhere in the expression.
    """
    return symbols_of(checked(expr))[0]


class _Engine:
    """Brings the expressions of one question to normal form."""

    def __init__(self, expressions: list[Expr], ranges: _FreeRanges) -> None:
        self.expressions = expressions
        found = [symbols_of(expr) for expr in expressions]
        free = set().union(*(free for free, _ in found), ranges or ())
        for high in (ranges or {}).values():
            free |= {high} if isinstance(high, Symbol) else set()
        bound = set().union(*(bound for _, bound in found))
        refuse_namesakes(sorted(free, key=str), sorted(bound, key=str))
        self.symbols = {symbol.name: symbol for symbol in free}
        self.bases = bases_of(expressions, free | bound)
        known = ranges_of(ranges)
        self.sizes = {limits.size for limits in known.values()} | (SIZES - known.keys())
        self.sizes |= {
            size.name
            for expr in expressions
            for node in expr.atoms(Sum)
            for _, *ends in node.limits
            for end in ends
            for size in end.free_symbols
        }
        self.indices = used_as_indices(expressions) | known.keys()
        self.steps = Steps(MOST_STEPS)
        self.algebra = Algebra(self.sizes, self.steps)
        self.ranges = Ranges(self.algebra, known)

    # --- from an expression to its normal form ---------------------------------------------------

    def normal(self, expr: Expr, scope: Mapping[Symbol, Index] | None = None) -> Polynomial:
        """Bring `expr` to normal form; `scope` has the indices of the sums around it."""
        scope = scope or {}
        if isinstance(expr, Rational):
            return self.algebra.number(Fraction(int(expr.p), int(expr.q)))
        if isinstance(expr, Symbol):
            if expr in scope or (expr.name in self.indices and expr.name not in self.sizes):
                raise UndecidedError(f"the index {expr} is used as a number")
            return self.algebra.letter(expr.name)
        if isinstance(expr, Indexed):
            return self.algebra.indexed(name_of(expr), _indices(expr, expr.indices, scope))
        if isinstance(expr, KroneckerDelta):
            return self._delta(expr, scope)
        if isinstance(expr, Add):
            return self.algebra.add(*(self.normal(part, scope) for part in expr.args))
        if isinstance(expr, Mul):
            return self._product(expr, scope)
        if isinstance(expr, Pow):
            return self._power(expr, scope)
        if isinstance(expr, Sum):
            return self._sum(expr.function, expr.limits, scope)
        if expr.is_number:
            raise UndecidedError(f"{shown(expr)} is not a fraction: write it as Rational(p, q)")
        raise UndecidedError(
            f"{shown(expr)} is not a polynomial: it contains a {type(expr).__name__}"
        )

    def _product(self, expr: Mul, scope: Mapping[Symbol, Index]) -> Polynomial:
        result = self.algebra.number(1)
        for factor in expr.args:
            result = self.algebra.multiply(result, self.normal(factor, scope))
        return result

    def _power(self, expr: Pow, scope: Mapping[Symbol, Index]) -> Polynomial:
        base, exponent = expr.base, expr.exp
        if not (isinstance(exponent, Integer) and exponent >= 0):
            raise UndecidedError(f"{shown(expr)} is not a polynomial: the exponent {exponent}")
        return self.algebra.power(self.normal(base, scope), int(exponent))

    def _sum(
        self, body: Expr, limits: tuple[tuple[Expr, ...], ...], scope: Mapping[Symbol, Index]
    ) -> Polynomial:
        if not limits:
            return self.normal(body, scope)
        *inner, outermost = limits
        index, limit = limits_of(outermost, set(scope))
        if limit.is_empty:
            return {}
        opened = self.ranges.opened(limit)
        polynomial = self._sum(body, tuple(inner), {**scope, index: opened})
        return self.ranges.sum(polynomial, opened)

    def _delta(self, delta: KroneckerDelta, scope: Mapping[Symbol, Index]) -> Polynomial:
        if len(delta.args) != 2 or any(isinstance(index, Add) for index in delta.args):
            raise UndecidedError(f"{shown(delta)} does not compare two plain indices")
        indices = _indices(delta, delta.args, scope)
        if any(index.kind == LITERAL and index.number < 1 for index in indices):
            raise UndecidedError(f"{delta}: indices count from 1")
        return self.algebra.delta(*indices)

    def derivative(self, polynomial: Polynomial, by: Indexed | Symbol) -> Polynomial:
        """Differentiate a normal form."""
        if isinstance(by, Symbol):
            if by.name in self.sizes | self.indices:
                kind = "a size" if by.name in self.sizes else "an index"
                raise UndecidedError(
                    f"{by} is {kind}, which goes up in whole steps: there is no derivative with "
                    "respect to it"
                )
            return derivative_by_letter(polynomial, by.name, self.ranges)
        name, indices = name_of(by), _indices(by, by.indices, {})
        if is_indicator(name, indices):
            raise UndecidedError(
                f"{by} is 1 for a known rating and 0 for an unknown one, and nothing in between: "
                "there is no derivative with respect to it"
            )
        return derivative_by_indexed(polynomial, name, indices, self.ranges)

    def write(self, polynomial: Polynomial, letters: Letters) -> Expr:
        """Write a normal form as an expression."""
        return write_out(polynomial, letters, self.symbols, self.bases)


def _indices(
    expr: Expr, indices: tuple[Expr, ...], scope: Mapping[Symbol, Index]
) -> tuple[Index, ...]:
    return tuple(_index(expr, index, scope) for index in indices)


def _index(expr: Expr, index: Expr, scope: Mapping[Symbol, Index]) -> Index:
    if isinstance(index, Integer):
        return Index(LITERAL, "", int(index))
    if isinstance(index, Symbol):
        return scope.get(index) or Index(FREE, index.name, 0)
    shift, symbol = index.as_coeff_Add()
    if isinstance(symbol, Symbol) and isinstance(shift, Integer) and symbol not in scope:
        return Index(FREE, symbol.name, int(shift))
    raise UndecidedError(f"the index {index} of {shown(expr)} is not a plain index")
