"""Stochastic gradient descent by NumPy: many ratings at once that share no row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from mfteach.matrices.groups import Groups, Rng
from mfteach.matrices.rows import Index, Known, Table


class Shares(Protocol):
    """The share that each rating has in the penalty of its rows: `mfteach.descent.sgd.Shares`."""

    def kept(self, learning_rate: float, dtype: np.dtype[Any]) -> list[Table]:
        """What an update leaves of each row and bias."""


@dataclass(frozen=True)
class Order:
    """The ratings in the order of their updates, cut into classes that share no row.

    Attributes
    ----------
    i, j : ndarray of int, shape (n_ratings,)
        The rows of U and of V.
    targets : ndarray of float, shape (n_ratings,)
        What the factors (and learned biases) have to explain.
    edges : list of int
        Class c has the ratings ``edges[c]`` to ``edges[c + 1]``.
    """

    i: Index
    j: Index
    targets: Table
    edges: list[int]

    def __iter__(self) -> Iterator[tuple[int, int, Any]]:
        yield from zip(self.i.tolist(), self.j.tolist(), self.targets, strict=True)


def orders(known: Known, shape: tuple[int, int], generator: np.random.Generator) -> Iterator[Order]:
    """Draw a `conflict_free_order` for each epoch, without end."""
    targets = known.targets
    while True:
        classes = conflict_free_order(known.i, known.j, shape, generator)
        order, edges = classes.order, np.unique(classes.starts).tolist()
        yield Order(known.i[order], known.j[order], targets[order], edges)


def conflict_free_order(i: Index, j: Index, shape: tuple[int, int], rng: Rng = None) -> Groups:
    """Draw an order of the ratings, cut into classes in which no user and no item occurs twice.

    Shuffle the rows and the columns of the table and take its diagonals, which wrap around: two
    ratings of one user lie in different columns, hence on different diagonals, and so do two
    ratings of one item. The updates of a class touch different rows of U and of V, so that all
    of them at once give what one after the other gives.

    Returns
    -------
    Groups
        ``order`` holds every position of the ratings once, and class c is
        ``order[starts[c]:starts[c + 1]]``.

    Source: the interchangeable blocks of Gemulla et al., Large-scale matrix factorization with
    distributed stochastic gradient descent (2011), at their smallest.
    """
    generator = np.random.default_rng(rng)
    m, n = shape
    n_diagonals = max(m, n)
    row, column = generator.permutation(m), generator.permutation(n)
    rank = generator.permutation(n_diagonals)
    diagonal = rank[(row[i] + column[j]) % n_diagonals]
    # Short keys are sorted by radix, which takes one pass for each of their bytes.
    keys = diagonal.astype(np.uint16) if n_diagonals <= 2**16 else diagonal
    return Groups.of(keys, n_diagonals)


@np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a DivergenceError
def epoch(
    order: Order,
    U: Table,
    V: Table,
    biases: tuple[Table, Table] | None,
    shares: Shares,
    learning_rate: float,
) -> tuple[Table, Table, tuple[Table, Table] | None]:
    """Update for every rating once, one class after the other; u <- keep u + eta e v."""
    U, V = U.copy(), V.copy()
    keep_user, keep_item, *keep_biases = shares.kept(learning_rate, U.dtype)
    keep_u, keep_v = keep_user[order.i, None], keep_item[order.j, None]
    learned = None if biases is None else _Biases(biases, keep_biases, learning_rate)
    for first, last in pairwise(order.edges):
        here = slice(first, last)
        i, j = order.i[here], order.j[here]
        u, v = U.take(i, axis=0), V.take(j, axis=0)
        e = order.targets[here] - np.einsum("ns,ns->n", u, v)
        if learned is not None:
            e = learned.update(i, j, e)
        eta_e = (learning_rate * e)[:, None]
        U[i] = keep_u[here] * u + eta_e * v
        V[j] = keep_v[here] * v + eta_e * u
    return U, V, None if learned is None else (learned.b, learned.c)


class _Biases:
    """Copies of the learned biases, which updates change."""

    def __init__(self, biases: tuple[Table, Table], keep: list[Table], eta: float) -> None:
        self.b, self.c = (bias.copy() for bias in biases)
        self._keep_b, self._keep_c = keep
        self._eta = eta

    def update(self, i: Index, j: Index, e: Table) -> Table:
        """Take the biases off the errors, then move them; return the errors."""
        b, c = self.b[i], self.c[j]
        e = e - (b + c)
        self.b[i] = self._keep_b[i] * b + self._eta * e
        self.c[j] = self._keep_c[j] * c + self._eta * e
        return e
