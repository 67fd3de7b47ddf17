"""Indexed sums as NumPy functions: one array axis for each free index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from keyword import iskeyword
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
    Sum,
    Symbol,
)

from mfteach.symbolic.indexed_sums import UndecidedError, free_symbols

__all__ = ["array_function"]

Array = NDArray[np.float64]
_Labelled = tuple[Array, tuple[Symbol, ...]]


def array_function(expr: Expr, axes: Sequence[Symbol]) -> Callable[..., Array]:
    """Turn an indexed sum into a NumPy function of the arrays and numbers in it.

    Parameters
    ----------
    expr : Expr
        Sums from 1 to sizes; the sizes are read off the shapes of the arrays.
    axes : sequence of Symbol
        The free indices, in the order of the axes of the result.

    Returns
    -------
    callable
        Takes one keyword argument for each indexed symbol (an array) and each plain symbol (a
        number), under its own name; ``lambda`` is ``lambda_``. Returns a float64 array with one
        axis for each free index, in the order of `axes`: entry [0, 0] is that of i = 1, s = 1.
        It raises TypeError for a missing or unknown argument, and ValueError for arrays whose
        shapes do not match each other or that contain a NaN or an infinity.
    """
    expr = _with_separate_indices(expr)
    bases = {str(node.base): len(node.indices) for node in expr.atoms(Indexed)}
    sizes = {high for node in expr.atoms(Sum) for _, _, high in node.limits}
    indices = {i for node in expr.atoms(Indexed) for i in node.indices}
    plain = free_symbols(expr) - sizes - indices - set(axes)
    names = {_keyword(name): name for name in (*bases, *sorted(map(str, plain)))}

    def function(**arguments: Any) -> Array:
        if arguments.keys() != names.keys():
            wanted, given = ", ".join(sorted(names)), ", ".join(sorted(arguments))
            raise TypeError(f"the arguments are {wanted}; got {given or 'none'}")
        arrays = {
            names[key]: _checked(key, argument, bases.get(names[key], 0))
            for key, argument in arguments.items()
        }
        values = _Evaluation(expr, arrays)
        return _aligned(values.compute(expr), tuple(axes), values.lengths)

    function.__doc__ = f"Compute {expr} from {', '.join(sorted(names))}; axes: {list(axes)}."
    return function


def _with_separate_indices(expr: Expr) -> Expr:
    """Give each sum its own indices, so that every index has one length."""
    if isinstance(expr, Sum):
        fresh = {index: Dummy(str(index)) for index, *_ in expr.limits}
        limits = ((fresh[index], low, high) for index, low, high in expr.limits)
        return Sum(_with_separate_indices(expr.function).xreplace(fresh), *limits)
    if isinstance(expr, Add | Mul | Pow):
        return expr.func(*map(_with_separate_indices, expr.args))
    return expr


def _keyword(name: str) -> str:
    return f"{name}_" if iskeyword(name) else name


def _checked(name: str, argument: Any, dimensions: int) -> Array:
    array = np.asarray(argument, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} has {dimensions} indices, but its shape is {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains a NaN or an infinity: write 0 where a rating is unknown")
    return array


class _Evaluation:
    """Computes the nodes of an expression as arrays whose axes are named after indices."""

    def __init__(self, expr: Expr, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        self.lengths: dict[Symbol, int] = {}
        for node in expr.atoms(Indexed):
            for index, length in zip(node.indices, arrays[str(node.base)].shape, strict=True):
                self._learn(index, length, str(node.base))
        for delta in expr.atoms(KroneckerDelta):
            for known in set(delta.args) & self.lengths.keys():
                for index in delta.args:
                    self._learn(index, self.lengths[known], str(delta))
        for node in expr.atoms(Sum):
            for index, low, size in node.limits:
                if low != 1 or not isinstance(size, Symbol):
                    raise UndecidedError(f"arrays need sums from 1 to a size, not {low} to {size}")
                if index in self.lengths:
                    self._learn(size, self.lengths[index], f"the sum over {index}")

    def _learn(self, index: Expr, length: int, where: str) -> None:
        if isinstance(index, Symbol) and self.lengths.setdefault(index, length) != length:
            raise ValueError(
                f"{index} runs to {self.lengths[index]}, but to {length} in {where}: "
                f"the shapes are { {name: array.shape for name, array in self.arrays.items()} }"
            )

    def compute(self, expr: Expr) -> _Labelled:
        if isinstance(expr, Rational):
            return np.asarray(float(expr)), ()
        if isinstance(expr, Symbol):
            known = self.arrays.get(str(expr))
            return (np.asarray(float(self.lengths[expr])) if known is None else known), ()
        if isinstance(expr, Indexed):
            return self._entries(expr)
        if isinstance(expr, KroneckerDelta):
            return self._delta(*expr.args)
        if isinstance(expr, Add):
            return self._add([self.compute(part) for part in expr.args])
        if isinstance(expr, Mul):
            return _contract([self.compute(part) for part in expr.args], summed=set())
        if isinstance(expr, Pow) and isinstance(expr.exp, Integer):
            base, labels = self.compute(expr.base)
            return base ** int(expr.exp), labels
        if isinstance(expr, Sum):
            return self._sum(expr)
        raise UndecidedError(f"{expr} is not an indexed sum")

    def _entries(self, expr: Indexed) -> _Labelled:
        array = self.arrays[str(expr.base)]
        fixed = tuple(int(i) - 1 if isinstance(i, Integer) else slice(None) for i in expr.indices)
        labels = tuple(i for i in expr.indices if isinstance(i, Symbol))
        return _contract([(array[fixed], labels)], summed=set())

    def _delta(self, a: Expr, b: Expr) -> _Labelled:
        positions = [
            np.asarray(int(i) - 1) if isinstance(i, Integer) else np.arange(self.lengths[i])
            for i in (a, b)
        ]
        equal = np.equal.outer(*positions).astype(np.float64)
        return equal, tuple(i for i in (a, b) if isinstance(i, Symbol))

    def _add(self, parts: list[_Labelled]) -> _Labelled:
        labels = _union(parts)
        return reduce(np.add, (_aligned(p, labels, {}) for p in parts)), labels

    def _sum(self, expr: Sum) -> _Labelled:
        indices = [limit[0] for limit in expr.limits]
        parts = [self.compute(part) for part in Mul.make_args(expr.function)]
        present = set(_union(parts))
        counts = (self.lengths[size] for i, _, size in expr.limits if i not in present)
        array, labels = _contract(parts, summed=set(indices))
        return reduce(np.multiply, counts, array), labels


def _union(parts: list[_Labelled]) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(label for _, labels in parts for label in labels))


def _contract(parts: list[_Labelled], summed: set[Symbol]) -> _Labelled:
    """Multiply labelled arrays and sum over some labels."""
    union = _union(parts)
    kept = tuple(label for label in union if label not in summed)
    operands: list[Any] = []
    for array, labels in parts:
        operands += [array, [union.index(label) for label in labels]]
    result = np.einsum(*operands, [union.index(label) for label in kept], optimize=len(parts) > 2)
    return result, kept


def _aligned(part: _Labelled, axes: tuple[Symbol, ...], lengths: Mapping[Symbol, int]) -> Array:
    """Arrange an array along the given axes; along an axis that it lacks it is repeated."""
    array, labels = part
    missing = [axis for axis in axes if axis not in labels]
    array = array.reshape(array.shape + (1,) * len(missing))
    order = [(*labels, *missing).index(axis) for axis in axes]
    array = array.transpose(order)
    shape = [lengths.get(axis, array.shape[position]) for position, axis in enumerate(axes)]
    return np.broadcast_to(array, shape).copy()
