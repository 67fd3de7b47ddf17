"""The SymPy expression of a syntax tree that passed its checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from math import log10
from typing import TypeAlias

from sympy import Expr, IndexedBase, Integer, KroneckerDelta, Rational, S, Sum, Symbol

from mfteach.symbolic.indexed_sums import derivative
from mfteach.symbolic.reading.errors import NotationError
from mfteach.symbolic.reading.letters import Letters
from mfteach.symbolic.reading.slots import Slots, indices_in, slots_of
from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Entry,
    Entrywise,
    Identity,
    Index,
    Letter,
    MatrixOf,
    Minus,
    Node,
    NormSquared,
    Number,
    Over,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    Transposed,
    walk,
)

__all__ = ["ONE_ENTRY", "meaning"]

ONE_ENTRY = "this is a vector or a matrix: type one entry of it, such as ( ... )_s or [ ... ]_{is}"

_MAX_DIGITS = 60


@dataclass(frozen=True)
class _Matrix:
    """A matrix, a column or a row, by its entries."""

    rows: str
    columns: str
    entry: Callable[[Expr, Expr], Expr]


_Value: TypeAlias = "Expr | _Matrix"
_Scope = Mapping[str, Expr]
# For the indices of matrix products and norms, by what they count.
_LETTERS = {"m": "p", "n": "l", "k": "q"}
At = tuple[Symbol, ...]


def meaning(tree: Node, slots: Slots, letters: Letters, text: str, at: At = ()) -> Expr:
    """Build the expression of a tree; `slots` are what `slots_of` found for it.

    Parameters
    ----------
    at : tuple of Symbol
        Of a vector or a matrix: the indices of the entry that is built.

    Raises
    ------
    NotationError
        If the tree divides by 0, or holds a number too large; if it stands for a vector or a
        matrix and not all the indices of an entry are given.
    CaptureError, UndecidedError
        If a derivative in it cannot be taken.
    """
    builder = _Builder(tree, slots, letters, text)
    scope = {name: Symbol(name) for name in slots.free}
    ranges = {scope[name]: Symbol(size) for name, size in slots.free.items() if size}
    value = builder.build(tree, scope, ranges)
    if not isinstance(value, _Matrix):
        return value
    if len(at) != sum(size != "1" for size in (value.rows, value.columns)):
        raise NotationError(ONE_ENTRY, text, tree.start, tree.end)
    places = iter(at)
    row, column = (S.One if size == "1" else next(places) for size in (value.rows, value.columns))
    return value.entry(row, column)


class _Builder:
    def __init__(self, tree: Node, slots: Slots, letters: Letters, text: str) -> None:
        self.slots = slots
        self.letters = letters
        self.text = text
        typed = (index for node in walk(tree) for index in indices_in(node))
        summed = (name for node in walk(tree) if isinstance(node, SumOf) for name in node.names)
        self.typed = {*(index for index in typed if isinstance(index, str)), *summed}

    def error(self, message: str, node: Node) -> NotationError:
        return NotationError(message, self.text, node.start, node.end)

    def number(self, node: Node, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> Expr:
        value = self.build(node, scope, ranges)
        assert isinstance(value, Expr)
        return value

    def build(self, node: Node, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        if isinstance(node, Number):
            return Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Letter):
            return self._letter(node, scope, ranges)
        if isinstance(node, Minus):
            return _scaled(self.build(node.of, scope, ranges), S.NegativeOne)
        if isinstance(node, Plus):
            return _added([self.build(term, scope, ranges) for term in node.terms])
        if isinstance(node, Times):
            return self._product([self.build(f, scope, ranges) for f in node.factors], scope)
        if isinstance(node, Over):
            return self._quotient(node, scope, ranges)
        if isinstance(node, Power):
            return self._power(node, self.number(node.base, scope, ranges))
        if isinstance(node, SumOf):
            return self._sum(node, scope, ranges)
        if isinstance(node, Count):
            index = self._fresh("l" if node.over == "rated by user" else "p", scope)
            return self._known(node.over, node.owner, index, scope)
        if isinstance(node, Slope):
            return self._slope(node, scope, ranges)
        return self._matrix(node, scope, ranges)

    # --- numbers ---------------------------------------------------------------------------------

    def _quotient(self, node: Over, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        bottom = self.number(node.bottom, scope, ranges)
        if bottom == 0:
            raise self.error("this divides by 0", node.bottom)
        return _scaled(self.build(node.top, scope, ranges), 1 / bottom)

    def _power(self, node: Power, base: Expr) -> Expr:
        if isinstance(base, Rational):
            digits = log10(max(abs(int(base.p)), int(base.q)))
            if digits * node.exponent > _MAX_DIGITS:
                raise self.error(f"this number has more than {_MAX_DIGITS} digits", node)
        return base**node.exponent

    def _letter(self, node: Letter, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        at = tuple(_at(index, scope) for index in node.indices)
        shape = self.letters.shape(node.name) or ""
        if len(at) < len(shape) and node.name != r"\delta":
            return _Matrix(shape[-1], "1", lambda row, _: IndexedBase(node.name)[(*at, row)])
        return self._symbol(node.name, at, scope)

    def _symbol(self, name: str, at: tuple[Expr, ...], scope: _Scope) -> Expr:
        if name in self.letters.definitions:
            return self._defined(name, at, scope)
        if name == r"\delta":
            return KroneckerDelta(*at)
        return IndexedBase(name)[at] if at else Symbol(name.lstrip("\\"))

    def _defined(self, name: str, at: tuple[Expr, ...], around: _Scope) -> Expr:
        """Build what an abbreviation stands for, with letters of its own for its own sums."""
        definition = self.letters.definitions[name]
        slots = slots_of(definition.tree, self.letters, definition.text)
        builder = _Builder(definition.tree, slots, self.letters, definition.text)
        taken = {str(symbol) for index in at for symbol in index.free_symbols}
        builder.renamed = {*self.typed, *taken, *map(str, around.values()), *self.renamed}
        scope = dict(zip(definition.parameters, at, strict=True))
        # The parameters' own ranges are known to whoever differentiates: a definition has no slope.
        return builder.number(definition.tree, scope, {})

    inner = 1  # the most primes so far; definitions have one
    renamed: frozenset[str] | set[str] = frozenset()

    def _fresh(self, letter: str, scope: _Scope) -> Symbol:
        taken = {*self.typed, *self.renamed, *map(str, scope.values())}
        primes = ("'" * number for number in count(1))
        return Symbol(next(f"{letter}{p}" for p in primes if f"{letter}{p}" not in taken))

    def _inner(self, size: str) -> Symbol:
        """Make a letter for a sum that nobody typed: each time another one."""
        names = (f"{_LETTERS.get(size, 'a')}{chr(39) * n}" for n in count(self.inner + 1))
        name = next(name for name in names if name not in self.typed)
        self.inner = name.count("'")
        return Symbol(name)

    # --- sums ------------------------------------------------------------------------------------

    def _sum(self, node: SumOf, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        names = [self._bound(name, scope) for name in node.names]
        inside = {**scope, **dict(zip(node.names, names, strict=True))}
        limits = self._limits(node, names)
        # Of a sum to k - 1 it is enough to know that its index lies within 1 to k.
        known = {**ranges, **{index: high.as_coeff_Add()[1] or high for index, _, high in limits}}
        body = self.build(node.body, inside, known)
        indicator = self._indicator(node, inside)
        # The first letter is the outer sum.
        return _mapped(body, lambda entry: Sum(indicator * entry, *reversed(limits)))

    def _bound(self, name: str, scope: _Scope) -> Symbol:
        """Name a summed index: as it was typed, but within a definition with a prime."""
        return self._fresh(name, scope) if self.renamed else Symbol(name)

    def _limits(self, node: SumOf, names: list[Symbol]) -> list[tuple[Symbol, Expr, Expr]]:
        sizes: tuple[str, ...] = {
            "rated by user": ("n",),
            "raters of item": ("m",),
            "all rated": ("m", "n"),
        }.get(node.over) or self.slots.sizes.get(id(node), ())
        if node.over != "range":
            return [(name, S.One, Symbol(size)) for name, size in zip(names, sizes, strict=True)]
        high = Symbol(node.high) if isinstance(node.high, str) else Integer(node.high or 0)
        return [(names[0], Integer(node.low), high + node.shift)]

    def _indicator(self, node: SumOf, scope: _Scope) -> Expr:
        if node.over in ("range", "bare"):
            return S.One
        pair = node.names
        if node.over == "rated by user":
            return self._symbol("w", (_at(node.owner, scope), scope[pair[0]]), scope)
        if node.over == "raters of item":
            return self._symbol("w", (scope[pair[0]], _at(node.owner, scope)), scope)
        return self._symbol("w", (scope[pair[0]], scope[pair[1]]), scope)

    def _known(self, over: str, owner: Index, index: Symbol, scope: _Scope) -> Expr:
        of_user = over == "rated by user"
        pair = (_at(owner, scope), index) if of_user else (index, _at(owner, scope))
        return Sum(self._symbol("w", pair, scope), (index, 1, Symbol("n" if of_user else "m")))

    def _slope(self, node: Slope, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        expr = self.number(node.of, scope, ranges)
        *others, first = node.by
        by = self.build(first, scope, ranges)
        if isinstance(by, _Matrix):
            return self._slopes(expr, by, ranges)
        slope = self._derivative(expr, by, ranges)
        for letter in reversed(others):
            slope = self._derivative(slope, self.number(letter, scope, ranges), ranges)
        return slope

    def _derivative(self, expr: Expr, by: Expr, ranges: Mapping[Symbol, Expr]) -> Expr:
        """Differentiate, with letters that nobody typed for the sums that this brings in."""
        slope = derivative(expr, by, dict(ranges))
        new = _summed(slope) - _summed(expr)
        return slope.xreplace(
            {index: self._inner(str(size)) for index, size in sorted(new, key=str)}
        )

    def _slopes(self, expr: Expr, by: _Matrix, ranges: Mapping[Symbol, Expr]) -> _Matrix:
        def entry(row: Expr, column: Expr) -> Expr:
            places = zip((row, column), (by.rows, by.columns), strict=True)
            own = {at: Symbol(size) for at, size in places if isinstance(at, Symbol)}
            return self._derivative(expr, by.entry(row, column), {**ranges, **own})

        return _Matrix(by.rows, by.columns, entry)

    # --- matrices --------------------------------------------------------------------------------

    def _matrix(self, node: Node, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Value:
        if isinstance(node, MatrixOf):
            shape = self.letters.shapes[node.name]
            return _Matrix(shape[0], shape[1], lambda a, b: self._symbol(node.name, (a, b), scope))
        if isinstance(node, Identity):
            return _Matrix("k", "k", KroneckerDelta)
        if isinstance(node, Transposed):
            inside = self._as_matrix(node.of, scope, ranges)
            return _Matrix(inside.columns, inside.rows, lambda a, b: inside.entry(b, a))
        if isinstance(node, Entrywise):
            left = self._as_matrix(node.left, scope, ranges)
            right = self._as_matrix(node.right, scope, ranges)
            return _Matrix(
                left.rows, left.columns, lambda a, b: left.entry(a, b) * right.entry(a, b)
            )
        if isinstance(node, Entry):
            return self._entry(node, scope, ranges)
        assert isinstance(node, NormSquared)
        value = self.build(node.of, scope, ranges)
        if isinstance(value, Expr):
            return value**2
        return self._all_entries(value, scope)

    def _as_matrix(self, node: Node, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> _Matrix:
        value = self.build(node, scope, ranges)
        assert isinstance(value, _Matrix)
        return value

    def _entry(self, node: Entry, scope: _Scope, ranges: Mapping[Symbol, Expr]) -> Expr:
        matrix = self._as_matrix(node.matrix, scope, ranges)
        at = [_at(index, scope) for index in node.indices]
        if matrix.columns == "1":
            return matrix.entry(at[0], S.One)
        if matrix.rows == "1":
            return matrix.entry(S.One, at[0])
        return matrix.entry(at[0], at[1])

    def _all_entries(self, matrix: _Matrix, scope: _Scope) -> Expr:
        row, column = self._inner(matrix.rows), self._inner(matrix.columns)
        limits = [
            (index, 1, Symbol(size))
            for index, size in ((column, matrix.columns), (row, matrix.rows))
            if size != "1"
        ]
        at_row = row if matrix.rows != "1" else S.One
        at_column = column if matrix.columns != "1" else S.One
        return Sum(matrix.entry(at_row, at_column) ** 2, *limits)

    def _product(self, factors: list[_Value], scope: _Scope) -> _Value:
        product: _Value = S.One
        for factor in factors:
            if isinstance(product, _Matrix) and isinstance(factor, _Matrix):
                product = self._matrix_product(product, factor, scope)
            elif isinstance(factor, _Matrix):
                assert isinstance(product, Expr)
                product = _scaled(factor, product)
            else:
                product = _scaled(product, factor)
        return product

    def _matrix_product(self, left: _Matrix, right: _Matrix, scope: _Scope) -> _Value:
        def entry(row: Expr, column: Expr) -> Expr:
            if left.columns == "1":
                return left.entry(row, S.One) * right.entry(S.One, column)
            inner = self._inner(left.columns)
            body = left.entry(row, inner) * right.entry(inner, column)
            return Sum(body, (inner, 1, Symbol(left.columns)))

        if left.rows == right.columns == "1":
            return entry(S.One, S.One)
        return _Matrix(left.rows, right.columns, entry)


def _at(index: Index | None, scope: _Scope) -> Expr:
    if isinstance(index, int):
        return Integer(index)
    assert index is not None
    return scope[index]


def _summed(expr: Expr) -> set[tuple[Symbol, Expr]]:
    return {(index, high) for node in expr.atoms(Sum) for index, _, high in node.limits}


def _mapped(value: _Value, change: Callable[[Expr], Expr]) -> _Value:
    if isinstance(value, Expr):
        return change(value)
    return _Matrix(value.rows, value.columns, lambda a, b: change(value.entry(a, b)))


def _scaled(value: _Value, factor: Expr) -> _Value:
    return _mapped(value, lambda entry: factor * entry)


def _added(values: list[_Value]) -> _Value:
    if isinstance(values[0], Expr):
        return sum((value for value in values if isinstance(value, Expr)), S.Zero)
    matrices = [value for value in values if isinstance(value, _Matrix)]
    return _Matrix(
        matrices[0].rows,
        matrices[0].columns,
        lambda a, b: sum((matrix.entry(a, b) for matrix in matrices), S.Zero),
    )
