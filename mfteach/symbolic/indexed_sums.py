"""Polynomials in indexed symbols under sums: whether two are the same, and the derivative.

The one idea is a **normal form**. A polynomial such as

    1/2 * Sum(w[i, j] * (r[i, j] - Sum(u[i, q]*v[j, q], (q, 1, k)))**2, (j, 1, n))

is multiplied out until every sum ranges over a single product; a product is split where no
summed index connects its parts; a Kronecker delta with a summed index removes that sum; a sum
over an unused index becomes a count; and the summed indices get names that depend only on their
role. Two polynomials with the same normal form are equal for all sizes and values.
Two polynomials with different normal forms differ for some sizes and values: products of
connected sums are as independent as the powers of a variable. So ``same`` never samples.

The assumptions, everywhere: a size (the upper limit of a sum) is a natural number, at least 1;
indices count from 1; a free index lies in the range of the sum that it is matched with: in
``derivative(Sum(x[q]**2, (q, 1, n)), x[p])`` that is 1 <= p <= n.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from math import comb, prod

from sympy import (
    Add,
    Dummy,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    expand,
    srepr,
    sympify,
)

from mfteach.symbolic.summed_indices import Range, TooSymmetricError, canonical_sum

__all__ = ["CaptureError", "UndecidedError", "derivative", "free_symbols", "same"]

_MOST_TERMS = 5_000
_MOST_COPIES = 24


class UndecidedError(ValueError):
    """The question lies outside what the index engine can prove; the message says why."""


class CaptureError(ValueError):
    """An index is both bound by a sum and free; the message names it and suggests a letter."""


def same(a: Expr, b: Expr) -> bool:
    """Whether a = b for all sizes, all values of the symbols and all free indices.

    Parameters
    ----------
    a, b : Expr
        Polynomials: ``Indexed`` and plain symbols, rational numbers, ``KroneckerDelta``, powers
        with exponents 0, 1, 2, ..., and ``Sum`` from 1 to a size, or between two integers.
        Sizes are at least 1, indices count from 1, and a free index that a delta matches with
        a summed one lies in the range of that sum.

    Returns
    -------
    bool
        True where the two are proved equal, False where they differ for some sizes and values.
        A sum to m and a sum to n are different.

    Raises
    ------
    CaptureError
        If an index is bound by a sum and free elsewhere in the same expression.
    UndecidedError
        If an expression is not such a polynomial, or would grow too large; the message says why.

    Examples
    --------
    >>> from sympy import IndexedBase, Sum, symbols
    >>> x, (i, j, n) = IndexedBase("x"), symbols("i j n")
    >>> same(Sum(x[i], (i, 1, n)) ** 2, Sum(x[i] * x[j], (i, 1, n), (j, 1, n)))
    True
    """
    a, b = _expression(a), _expression(b)
    reader = _Reader(a, b)
    difference = expand(reader.normal(a) - reader.normal(b))
    return reader.vanishes(difference)


def derivative(expr: Expr, variable: Indexed) -> Expr:
    """Take the partial derivative of a polynomial with respect to one indexed symbol.

    d x[a] / d x[p] is the Kronecker delta of a and p, and a delta with a summed index removes
    its sum. That is right for every p **in the range of that sum**: the derivative of
    ``Sum(u[i, q]*v[j, q], (q, 1, k))`` with respect to ``u[i, s]`` is ``v[j, s]`` for
    1 <= s <= k.

    Parameters
    ----------
    expr : Expr
        A polynomial as for `same`.
    variable : Indexed
        Such as ``u[i, s]``; its indices are symbols or natural numbers.

    Returns
    -------
    Expr
        The derivative, multiplied out; its summed indices have the same names as in `expr`.

    Raises
    ------
    CaptureError
        If an index of `variable` is bound by a sum in `expr`, or an index is bound and free
        within `expr`.
    UndecidedError
        As for `same`; also if an index of `variable` is matched with sums of different ranges.
    TypeError
        If `variable` is not an indexed symbol.

    Source: lecture rows S52 to S56.

    Examples
    --------
    >>> from sympy import IndexedBase, Sum, symbols
    >>> x, (i, n, p) = IndexedBase("x"), symbols("i n p")
    >>> derivative(Sum(x[i] ** 2, (i, 1, n)), x[p])
    2*x[p]
    """
    if not isinstance(variable, Indexed):
        raise TypeError(
            f"differentiate with respect to an indexed symbol such as u[i, s], not {variable}"
        )
    expr = _expression(expr)
    free, bound = _names(expr)
    wanted = set().union(*(index.free_symbols for index in variable.indices))
    _refuse_capture(wanted & bound, free | bound | wanted, "in the derivative")
    reader = _Reader(expr, variable)
    polynomial = reader.normal(expr)
    slopes = (
        _coefficient(polynomial, factor) * _derivative_of_factor(factor, variable)
        for factor in _factors_with(polynomial, variable)
    )
    return _with_names_of(expr, reader.normal(Add(*slopes)), taken=free | wanted)


def free_symbols(expr: Expr) -> set[Symbol]:
    """Collect the free symbols of an expression: free indices, sizes and plain symbols.

    Raises
    ------
    CaptureError
        If an index is bound by a sum and free elsewhere in the expression.
    """
    return _names(_expression(expr))[0]


# --- hygiene -------------------------------------------------------------------------------------


def _expression(value: object) -> Expr:
    if isinstance(value, str):
        raise TypeError(f"write {value!r} as a SymPy expression: text would be executed")
    expr = sympify(value, strict=True)
    if not isinstance(expr, Expr):
        raise UndecidedError(f"{expr} is not a polynomial but a {type(expr).__name__}")
    if not expr.is_commutative:
        raise UndecidedError(f"{expr} contains symbols that do not commute")
    return expr


def _names(expr: Expr) -> tuple[set[Symbol], set[Symbol]]:
    """Collect the free and the bound symbols; refuse a symbol that is both in one subexpression."""
    if isinstance(expr, Symbol):
        return {expr}, set()
    free: set[Symbol] = set()
    bound: set[Symbol] = set()
    for part in _parts(expr):
        part_free, part_bound = _names(part)
        free |= part_free
        bound |= part_bound
    _refuse_capture(free & bound, free | bound, "outside it")
    for index, *limits in expr.limits if isinstance(expr, Sum) else ():
        free = (free - {index}).union(*(limit.free_symbols for limit in limits))
        bound = bound | {index}
        _refuse_capture(free & bound, free | bound, "outside it")
    return free, bound


def _parts(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Sum):
        return (expr.function,)
    return tuple(expr.indices if isinstance(expr, Indexed) else expr.args)


def _refuse_capture(captured: set[Symbol], taken: set[Symbol], place: str) -> None:
    if not captured:
        return
    index = min(captured, key=str)
    used = {symbol.name for symbol in taken}
    spare = next(name for name in (*"qpltabcdefgh", f"{index}_new") if name not in used)
    raise CaptureError(
        f"index {index} is bound in the sum and free {place}: rename the bound one, e.g. {spare}"
    )


# --- the normal form -----------------------------------------------------------------------------


class _Reader:
    """Brings the expressions of one question to normal form, and records what it had to assume."""

    def __init__(self, *expressions: Expr) -> None:
        nodes = {node for expr in expressions for node in expr.atoms(Sum, Indexed)}
        sums = [node for node in nodes if isinstance(node, Sum)]
        self.sizes = {s for node in sums for _, *ends in node.limits for s in _symbols(ends)}
        labels = {node.base.label for node in nodes if isinstance(node, Indexed)}
        indices = set().union(*chain.from_iterable(map(_names, expressions)))
        if labels & indices:
            name = min(labels & indices, key=str)
            raise UndecidedError(f"{name} names both an indexed symbol and an index: rename one")
        self.matched: dict[Symbol, Range] = {}

    def normal(self, expr: Expr, scope: Mapping[Symbol, Range] | None = None) -> Expr:
        """Bring `expr` to normal form; `scope` holds the ranges of the sums around it."""
        scope = scope or {}
        if isinstance(expr, Rational):
            return expr
        if isinstance(expr, Symbol):
            if expr in scope:
                raise UndecidedError(f"the index {expr} is used as a number")
            return expr
        if isinstance(expr, Indexed):
            _check_indices(expr, expr.indices, scope)
            return expr
        if isinstance(expr, KroneckerDelta):
            _check_delta(expr)
            return expr
        if isinstance(expr, Add):
            return Add(*(self.normal(term, scope) for term in expr.args))
        if isinstance(expr, Mul):
            return _product(self.normal(factor, scope) for factor in expr.args)
        if isinstance(expr, Pow):
            return _power(self.normal(expr.base, scope), expr.exp, expr)
        if isinstance(expr, Sum):
            return self._sum(expr.function, expr.limits, scope)
        if expr.is_number:
            raise UndecidedError(f"{expr} is not a fraction: write it as Rational(p, q)")
        raise UndecidedError(f"{expr} is not a polynomial: it contains a {type(expr).__name__}")

    def _sum(
        self, body: Expr, limits: tuple[tuple[Expr, ...], ...], scope: Mapping[Symbol, Range]
    ) -> Expr:
        if not limits:
            return self.normal(body, scope)
        *inner, outermost = limits
        index, *ends = _checked_limit(outermost, scope)
        body = self._sum(body, tuple(inner), {**scope, index: (ends[0], ends[1])})
        terms = Add.make_args(body)
        return Add(*(self._sum_of_product(t, index, (ends[0], ends[1]), scope) for t in terms))

    def _sum_of_product(
        self, term: Expr, index: Symbol, limits: Range, scope: Mapping[Symbol, Range]
    ) -> Expr:
        """Sum a product, itself in normal form, over one index."""
        inside = [f for f in Mul.make_args(term) if index in f.free_symbols]
        outside = Mul(*(f for f in Mul.make_args(term) if index not in f.free_symbols))
        low, high = limits
        if not inside:
            return expand(outside * (high - low + 1))
        delta = next((f for f in inside if isinstance(f, KroneckerDelta)), None)
        if delta is not None:
            (partner,) = set(delta.args) - {index}
            if not self._lies_in(partner, index, limits, scope):
                return S.Zero
            rest = Mul(*(f for f in inside if f is not delta)).xreplace({index: partner})
            return _product((outside, self.normal(rest, scope)))
        size = high if isinstance(high, Integer) else high.as_coeff_Add()[1]
        try:
            whole = canonical_sum(*_opened(inside, index, (_first(limits), size)))
        except TooSymmetricError as error:
            raise UndecidedError(str(error)) from error
        return Add(
            outside * whole,
            *(
                sign * _product((outside, self.normal(Mul(*inside).xreplace({index: at}), scope)))
                for sign, at in _edges(limits)
            ),
        )

    def _lies_in(
        self, partner: Expr, index: Symbol, limits: Range, scope: Mapping[Symbol, Range]
    ) -> bool:
        """Whether a delta's partner lies in the range of the summed index; may assume it does."""
        low, high = limits
        if isinstance(partner, Integer) and isinstance(high, Integer):
            return bool(low <= partner <= high)
        if isinstance(high, Add) or not (low == 1 or isinstance(high, Integer)):
            raise UndecidedError(
                f"a delta under a sum over {index} from {low} to {high} is not handled"
            )
        if partner == 1:
            return True
        if isinstance(partner, Integer):
            raise UndecidedError(f"whether {partner} lies in 1 to {high} depends on {high}")
        known = (low, partner) if partner in self.sizes else scope.get(partner)
        if known is None:
            known = self.matched.setdefault(partner, limits)
        if known != limits:
            raise UndecidedError(
                f"{partner} would have to run from {known[0]} to {known[1]} and from {low} to "
                f"{high}"
            )
        return True

    # --- is a normal form zero? ------------------------------------------------------------------

    def vanishes(self, polynomial: Expr) -> bool:
        """Whether a normal form is 0 for all sizes, values and free indices in their ranges."""
        if polynomial == 0:
            return True
        polynomial = self.normal(_written_out(polynomial))
        terms = Add.make_args(polynomial)
        polynomial = expand(Add(*(self._with_equal_indices_merged(term) for term in terms)))
        if polynomial == 0:
            return True
        for index, (low, high) in self.matched.items():
            if isinstance(high, Integer) and index in polynomial.free_symbols:
                values = range(int(low), int(high) + 1)
                return all(
                    self.vanishes(self.normal(polynomial.xreplace({index: Integer(value)})))
                    for value in values
                )
        return False

    def _with_equal_indices_merged(self, term: Expr) -> Expr:
        """Rewrite delta(i, p)*x[p] as delta(i, p)*x[i]: one name for indices that are equal."""
        deltas = [f for f in Mul.make_args(term) if isinstance(f, KroneckerDelta)]
        if not deltas:
            return term
        names: dict[Expr, Expr] = {}
        for group in _groups(delta.args for delta in deltas):
            fixed = [x for x in group if isinstance(x, Integer)]
            if len(fixed) > 1:
                return S.Zero
            sizes = [x for x in group if x in self.sizes]
            if len(fixed) + len(sizes) > 1:
                raise UndecidedError(f"a delta compares the sizes {', '.join(map(str, group))}")
            first = (fixed + sizes + sorted(group, key=srepr))[0]
            names |= {x: first for x in group if x != first}
        rest = Mul(*(f for f in Mul.make_args(term) if f not in deltas))
        equal = Mul(*(KroneckerDelta(x, first) for x, first in names.items()))
        return _product((equal, self.normal(rest.xreplace(names))))


def _checked_limit(
    limit: tuple[Expr, ...], scope: Mapping[Symbol, Range]
) -> tuple[Symbol, Expr, Expr]:
    if len(limit) != 3 or not isinstance(limit[0], Symbol):
        raise UndecidedError(f"the index {limit[0]} of a sum needs a lower and an upper limit")
    index, low, high = limit
    if high.free_symbols & set(scope):
        raise UndecidedError(f"triangular: the limit {high} of {index} is a summed index")
    shift, size = high.as_coeff_Add()
    countable = isinstance(low, Integer) and isinstance(shift, Integer)
    if not countable or not (size == 0 or isinstance(size, Symbol)):
        raise UndecidedError(
            f"the sum over {index} from {low} to {high}: the limits must be two integers, "
            "or an integer and a size such as n"
        )
    if high.xreplace({size: S.One if size != 0 else size}) < low - 1:
        raise UndecidedError(f"the sum over {index} from {low} to {high} may run backwards")
    return index, low, high


def _symbols(expressions: Iterable[Expr]) -> set[Symbol]:
    return set().union(*(expr.free_symbols for expr in expressions))


def _check_indices(expr: Expr, indices: Iterable[Expr], scope: Mapping[Symbol, Range]) -> None:
    for index in indices:
        plain = isinstance(index, Symbol | Integer)
        shifted = isinstance(index, Add) and isinstance(index.as_coeff_Add()[1], Symbol)
        if not plain and not (shifted and not index.free_symbols & set(scope)):
            raise UndecidedError(f"the index {index} of {expr} is not a plain index")


def _check_delta(delta: KroneckerDelta) -> None:
    _check_indices(delta, delta.args, {})
    if len(delta.args) != 2 or any(isinstance(index, Add) for index in delta.args):
        raise UndecidedError(f"{delta} does not compare two plain indices")
    if any(isinstance(index, Integer) and index < 1 for index in delta.args):
        raise UndecidedError(f"{delta}: indices count from 1")


def _product(factors: Iterable[Expr]) -> Expr:
    result: Expr = S.One
    for factor in factors:
        _refuse_growth(len(Add.make_args(result)) * len(Add.make_args(factor)))
        result = expand(result * factor, deep=False)
    return result


def _power(base: Expr, exponent: Expr, expr: Expr) -> Expr:
    if not (isinstance(exponent, Integer) and exponent >= 0):
        raise UndecidedError(f"{expr} is not a polynomial: the exponent {exponent}")
    terms = len(Add.make_args(base))
    if terms > 1:
        _refuse_growth(comb(min(int(exponent), _MOST_TERMS) + terms - 1, terms - 1))
    return expand(base**exponent, deep=False)


def _refuse_growth(terms: int) -> None:
    if terms > _MOST_TERMS:
        raise UndecidedError(f"multiplied out, this has more than {_MOST_TERMS} terms")


def _first(limits: Range) -> Expr:
    low, high = limits
    return low if isinstance(high, Integer) else S.One


def _edges(limits: Range) -> Iterator[tuple[int, Expr]]:
    """Yield what a sum from `low` to `size + shift` has beyond the sum from 1 to `size`."""
    low, high = limits
    if isinstance(high, Integer):
        return
    shift, size = high.as_coeff_Add()
    _refuse_growth(abs(int(low)) + abs(int(shift)))
    yield from ((-1, Integer(at)) for at in range(1, int(low)))
    yield from ((1, Integer(at)) for at in range(int(low), 1))
    yield from ((1, size + step) for step in range(1, int(shift) + 1))
    yield from ((-1, size - step) for step in range(-int(shift)))


def _opened(
    inside: Iterable[Expr], index: Symbol, limits: Range
) -> tuple[Counter[Indexed], dict[Symbol, Range]]:
    """One flat product: the sums among the factors opened, each copy with its own indices."""
    powers: Counter[Indexed] = Counter()
    ranges = {index: limits}
    for factor in inside:
        base, exponent = factor.as_base_exp()
        if isinstance(base, Indexed):
            powers[base] += int(exponent)
            continue
        if exponent > _MOST_COPIES:
            raise UndecidedError(f"the power {exponent} of a sum within a sum is too high")
        for _ in range(int(exponent)):
            fresh = {limit[0]: Dummy() for limit in base.limits}
            ranges |= {fresh[name]: (low, high) for name, low, high in base.limits}
            for part in Mul.make_args(base.function.xreplace(fresh)):
                indexed, power = part.as_base_exp()
                powers[indexed] += int(power)
    return powers, ranges


def _written_out(polynomial: Expr) -> Expr:
    """Replace sums between two integers by their terms."""
    replaced = {}
    for node in polynomial.atoms(Sum):
        fixed = [limit for limit in node.limits if isinstance(limit[2], Integer)]
        open_ = [limit for limit in node.limits if limit not in fixed]
        _refuse_growth(prod(int(high - low + 1) for _, low, high in fixed))
        terms = [node.function]
        for index, low, high in fixed:
            values = range(int(low), int(high) + 1)
            terms = [t.xreplace({index: Integer(value)}) for t in terms for value in values]
        if fixed:
            replaced[node] = Add(*(Sum(term, *open_) if open_ else term for term in terms))
    return polynomial.xreplace(replaced)


def _groups(pairs: Iterable[Iterable[Expr]]) -> list[set[Expr]]:
    """Collect into groups what the pairs connect."""
    groups: list[set[Expr]] = []
    for pair in pairs:
        tied = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in tied]
        groups.append(set(pair).union(*tied))
    return groups


# --- the derivative of a normal form -------------------------------------------------------------


def _factors_with(polynomial: Expr, variable: Indexed) -> list[Expr]:
    """List the indexed symbols and the sums in a normal form that depend on the variable."""
    factors = {
        factor.as_base_exp()[0]
        for term in Add.make_args(polynomial)
        for factor in Mul.make_args(term)
    }
    relevant = [f for f in factors if any(x.base == variable.base for x in f.atoms(Indexed))]
    return sorted(relevant, key=srepr)


def _coefficient(polynomial: Expr, factor: Expr) -> Expr:
    """Differentiate with respect to one factor of the polynomial, with all the others fixed."""
    stand_in = Dummy()
    return polynomial.xreplace({factor: stand_in}).diff(stand_in).xreplace({stand_in: factor})


def _derivative_of_factor(factor: Expr, variable: Indexed) -> Expr:
    if isinstance(factor, Indexed):
        return _derivative_of_indexed(factor, variable)
    parts = [part.as_base_exp() for part in Mul.make_args(factor.function)]
    slopes = Add(
        *(
            factor.function / base * power * _derivative_of_indexed(base, variable)
            for base, power in parts
        )
    )
    return Sum(slopes, *factor.limits)


def _derivative_of_indexed(factor: Indexed, variable: Indexed) -> Expr:
    if factor.base != variable.base:
        return S.Zero
    if len(factor.indices) != len(variable.indices):
        raise UndecidedError(f"{factor} and {variable} differ in the number of their indices")
    return Mul(*map(KroneckerDelta, factor.indices, variable.indices))


def _with_names_of(expr: Expr, polynomial: Expr, taken: set[Symbol]) -> Expr:
    """Give the summed indices of a normal form the letters that `expr` uses for the same ranges."""
    letters: dict[Range, list[Symbol]] = {}
    for node in sorted(expr.atoms(Sum), key=srepr):
        for index, low, high in node.limits:
            used = letters.setdefault((low, high), [])
            used += [index] if index not in used else []
    replaced = {}
    for node in polynomial.atoms(Sum):
        names: dict[Symbol, Symbol] = {}
        for role, low, high in node.limits:
            known = letters.get((low, high), [Symbol("b")])
            spares = (Symbol(f"{known[0].name}{number}") for number in count(1))
            unused = (s for s in chain(known, spares) if s not in taken | set(names.values()))
            names[role] = next(unused)
        limits = ((names[role], low, high) for role, low, high in node.limits)
        replaced[node] = Sum(node.function.xreplace(names), *limits)
    return polynomial.xreplace(replaced)
