"""Least squares for all rows of a table at once, in batches, by NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.fast.threads import side_by_side
from mfteach.loss.predictions import require_fit
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors

if TYPE_CHECKING:
    from types import ModuleType

    from threadpoolctl import ThreadpoolController


# Numbers gathered at a time: few enough that a batch stays in the cache.
BATCH = 1_000_000


# A row joins a batch unless padding would make it this many times longer.
PADDING = 1.25


# Up to so many factors, GEMM on two halves is sooner done than SYRK on the whole.
FEW_FACTORS = 40


# Steps of conjugate gradients in each half step.
CG_STEPS = 3


Method = Literal["exact", "cg"]


class Batch(NamedTuple):
    """Rows of like length to be solved for at once: what stays the same in all sweeps.

    Attributes
    ----------
    rows : ndarray of int, shape (b,)
        Which they are.
    met : ndarray of int, shape (b, length)
        The rows of the other table that each meets, padded with the one below the last.
    r : ndarray of float, shape (b, length, 1)
        The targets, padded with 0.
    price : ndarray of float, shape (b,)
        The price of each row.
    """

    rows: NDArray[np.intp]
    met: NDArray[np.uint32]
    r: NDArray[np.floating[Any]]
    price: NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Side:
    """Least squares for every row of one table, given the other table.

    Attributes
    ----------
    starts : ndarray of int, shape (n_rows + 1,)
        The ratings of row i are numbers ``starts[i]`` to ``starts[i + 1]`` of the next two.
    met : ndarray of int, shape (n_ratings,)
        The row of the other table that each rating meets.
    targets : ndarray of float, shape (n_ratings,)
        What the factors have to explain.
    penalties : ndarray of float, shape (n_rows,)
        The price of each row.
    table_shape : tuple of int
        (number of rows of the other table, number of factors).
    name : callable
        What a row is called in a message.
    kernels : module or None
        Who computes.
    """

    starts: NDArray[np.intp]
    met: NDArray[np.uint32]
    targets: NDArray[np.floating[Any]]
    penalties: NDArray[np.float64]
    table_shape: tuple[int, ...]
    name: Callable[[int], str]
    kernels: ModuleType | None

    @classmethod
    def of_users(cls, loss: Loss, factors: Factors) -> Side:
        """The rows of U."""
        ratings = loss.ratings
        index = ratings.user_index, ratings.item_index
        counts, names = ratings.user_counts, _names(ratings.user_labels, "user")
        penalties, table = loss.penalties()[0], factors.V
        return cls._of(loss, factors, index, counts, penalties, table, names)

    @classmethod
    def of_items(cls, loss: Loss, factors: Factors) -> Side:
        """The rows of V."""
        ratings = loss.ratings
        index = ratings.item_index, ratings.user_index
        counts, names = ratings.item_counts, _names(ratings.item_labels, "item")
        penalties, table = loss.penalties()[1], factors.U
        return cls._of(loss, factors, index, counts, penalties, table, names)

    @classmethod
    def _of(
        cls,
        loss: Loss,
        factors: Factors,
        index: tuple[NDArray[np.intp], NDArray[np.intp]],
        counts: NDArray[np.intp],
        penalties: NDArray[np.float64],
        table: NDArray[np.floating[Any]],
        names: Callable[[int], str],
    ) -> Side:
        _require_fixed_biases(factors)
        require_fit(loss.ratings, factors)
        own, other = index
        starts = np.concatenate([[0], np.cumsum(counts)])
        kernels = loss.kernels
        if kernels is not None:
            met, targets = kernels.in_order_of_rows(starts, own, other, loss.ratings, factors)
        else:
            order = np.argsort(own, kind="stable")
            met, targets = other.astype(np.uint32)[order], loss.targets(factors)[order]
        return cls(starts, met, targets, penalties, table.shape, names, kernels)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """Number of ratings of each row."""
        return np.diff(self.starts)

    @cached_property
    def batches(self) -> list[Batch]:
        """All rows that have ratings."""
        return self._batches(np.flatnonzero(self.counts))

    def best(
        self, own: NDArray[np.floating[Any]], table: NDArray[np.floating[Any]], method: Method
    ) -> NDArray[np.floating[Any]]:
        """The best rows, or better ones than ``own``, while the other table stays."""
        return self.solve(table) if method == "exact" else self.improve(own, table)

    @np.errstate(over="ignore", invalid="ignore")  # noticed, and reported as a ValueError
    def solve(self, table: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Minimise sum (target - x . table[other])² + penalty |x|² for each row x.

        With A the rows of ``table`` that x meets and r the targets, two forms of the normal
        equations say the same, and the one with the smaller matrix is solved:

            (AᵀA + penalty 1) x = Aᵀr,    or    x = Aᵀz with (AAᵀ + penalty 1) z = r
        """
        self._require_enough(table)
        x = np.zeros((len(self.penalties), table.shape[1]), dtype=table.dtype)
        with _blas_threads().limit(limits=1, user_api="blas"):
            if self.kernels is None:
                left = self.batches
            else:
                left = self._batches(self.kernels.solve_rows(*self._problem(table), x))
            self._in_batches(self._solve_batch, left, table, x)
        self._require_finite(x)
        return x

    @np.errstate(over="ignore", invalid="ignore")
    def improve(
        self, start: NDArray[np.floating[Any]], table: NDArray[np.floating[Any]]
    ) -> NDArray[np.floating[Any]]:
        """Take `CG_STEPS` steps from each row of ``start`` towards what `solve` finds."""
        x = start * (self.counts > 0)[:, None]
        if self.kernels is not None:
            self.kernels.improve_rows(*self._problem(table), x, CG_STEPS)
        else:
            with _blas_threads().limit(limits=1, user_api="blas"):
                self._in_batches(self._improve_batch, self.batches, table, x)
        self._require_finite(x)
        return x

    def _problem(self, table: NDArray[np.floating[Any]]) -> tuple[NDArray[Any], ...]:
        """What the kernels take."""
        return self.starts, self.met, self.targets, table, self.penalties.astype(table.dtype)

    def _in_batches(
        self,
        task: Callable[..., NDArray[np.floating[Any]]],
        batches: list[Batch],
        table: NDArray[np.floating[Any]],
        x: NDArray[np.floating[Any]],
    ) -> None:
        """Replace the rows of x in each batch by what ``task`` makes of what they meet."""
        if not batches:
            return
        # Padding meets this row of zeros, which adds nothing to any sum.
        padded = np.vstack([table, np.zeros((1, table.shape[1]), dtype=table.dtype)])

        @np.errstate(over="ignore", invalid="ignore")  # each thread has a state of its own
        def do(batch: Batch) -> None:
            v = padded.take(batch.met, axis=0)  # twice as quick as an index in brackets
            x[batch.rows] = task(batch, v, x[batch.rows, :, None])[:, :, 0]

        side_by_side(do, ((batch,) for batch in batches))

    def _batches(self, rows: NDArray[np.intp]) -> list[Batch]:
        """Rows of like length that meet at most `BATCH` numbers; or a single row.

        Those with fewer ratings than factors, whose smaller matrix is the other one, stay apart.
        """
        k = self.table_shape[1]
        by_length = rows[np.argsort(self.counts[rows], kind="stable")]
        lengths = self.counts[by_length]
        batches, first = [], 0
        while first < len(by_length):
            longest = PADDING * lengths[first] + 1
            if lengths[first] < k:
                longest = min(longest, k - 1)
            most = int(np.searchsorted(lengths, longest, side="right"))
            sizes = np.arange(1, most - first + 1) * lengths[first:most] * k
            last = first + max(1, int(np.searchsorted(sizes, BATCH, side="right")))
            batches.append(self._batch(by_length[first:last]))
            first = last
        return batches

    def _batch(self, rows: NDArray[np.intp]) -> Batch:
        starts, lengths = self.starts[rows][:, None], self.counts[rows][:, None]
        place = np.arange(lengths.max())
        known, at = place < lengths, starts + place
        met = np.where(known, self.met.take(at, mode="clip"), np.uint32(self.table_shape[0]))
        r = np.where(known, self.targets.take(at, mode="clip"), 0)
        return Batch(rows, met, r[:, :, None], self.penalties[rows].astype(r.dtype))

    def _solve_batch(
        self, batch: Batch, v: NDArray[np.floating[Any]], _: NDArray[np.floating[Any]]
    ) -> NDArray[np.floating[Any]]:
        """The best x. LU is twice the work of Cholesky, but NumPy's leaves no thread waiting."""
        rows, r, price = batch.rows, batch.r, batch.price
        v_transposed = np.swapaxes(v, 1, 2)
        if v.shape[1] < v.shape[2]:
            A = v @ v_transposed
            self._add_price(A, price, rows)
            return v_transposed @ np.linalg.solve(A, r)
        A = _gram(v)
        self._add_price(A, price, rows)
        return np.linalg.solve(A, v_transposed @ r)

    @staticmethod
    def _improve_batch(
        batch: Batch, v: NDArray[np.floating[Any]], x: NDArray[np.floating[Any]]
    ) -> NDArray[np.floating[Any]]:
        """Better x: steps of Hestenes and Stiefel (1952) on (vᵀv + price 1) x = vᵀr."""
        r, price = batch.r, batch.price[:, None, None]
        v_transposed = np.swapaxes(v, 1, 2)
        residual = v_transposed @ (r - v @ x) - price * x
        p, squares = residual, _batch_dot(residual, residual)
        for _ in range(CG_STEPS):
            Ap = v_transposed @ (v @ p) + price * p
            step = _ratio(squares, _batch_dot(p, Ap))
            x = x + step * p
            residual = residual - step * Ap
            before, squares = squares, _batch_dot(residual, residual)
            p = residual + _ratio(squares, before) * p
        return x

    def _require_enough(self, table: NDArray[np.floating[Any]]) -> None:
        k = table.shape[1]
        price = self.penalties.astype(table.dtype)  # which may make 0 of a tiny one
        # The price by count of a row without ratings is 0 too, but there 0 is the answer.
        free = (price == 0) & (self.counts < k)
        if price.any():
            free &= self.counts > 0
        if free.any():
            row = int(np.flatnonzero(free)[0])
            raise ValueError(
                f"{self.name(row)} has {self.counts[row]} ratings, too few to determine "
                f"{k} factors without regularization: give a larger one, or take fewer factors"
            )

    def _add_price(
        self, A: NDArray[np.floating[Any]], price: NDArray[Any], rows: NDArray[np.intp]
    ) -> None:
        """Add it to the diagonal of each matrix, unless one is singular up to rounding even so."""
        diagonal = np.einsum("bii->bi", A)  # a view
        diagonal += price[:, None]
        rounding = A.shape[1] * float(np.finfo(A.dtype).eps)
        # Where the price does not keep the eigenvalues away from 0, they are looked at.
        unsure = price <= rounding * diagonal.sum(axis=1)
        if unsure.any():
            self._require_regular(A[unsure], rows[unsure], rounding)

    def _require_regular(
        self, A: NDArray[np.floating[Any]], rows: NDArray[np.intp], rounding: float
    ) -> None:
        """Raise for the first row whose smallest eigenvalue is 0 up to rounding."""
        eigenvalues = np.linalg.eigvalsh(A)
        # A row with fewer ratings than its matrix has rows owes the smallest ones to the padding.
        padding = np.maximum(0, A.shape[1] - self.counts[rows])
        smallest = eigenvalues[np.arange(len(rows)), padding]
        singular = np.flatnonzero(smallest <= rounding * eigenvalues[:, -1])
        if len(singular):
            raise ValueError(
                f"the ratings of {self.name(int(rows[singular[0]]))} do not determine the "
                "factors: what they meet is too much alike. Give a larger regularization, or "
                "take fewer factors"
            )

    def _require_finite(self, x: NDArray[np.floating[Any]]) -> None:
        wrong = np.flatnonzero(~np.isfinite(x).all(axis=1))
        if len(wrong):
            raise ValueError(
                f"the factors of {self.name(int(wrong[0]))} left the range of {x.dtype}: "
                "scale the ratings down, or use float64"
            )


@cache
def _blas_threads() -> ThreadpoolController:
    """The threads of the linear algebra: one solves thousands of small systems sooner than two."""
    import scipy.linalg.cython_blas  # noqa: F401 (SciPy's BLAS has threads of its own)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _gram(v: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """vᵀv of each; NumPy takes SYRK for a product of an array with itself."""
    v_transposed = np.swapaxes(v, 1, 2)
    b, _, k = v.shape
    if k > FEW_FACTORS:
        return np.asarray(v_transposed @ v)
    A = np.empty((b, k, k), dtype=v.dtype)
    for half in (slice(k // 2), slice(k // 2, k)):
        np.matmul(v_transposed, v[:, :, half], out=A[:, :, half])
    return A


def _batch_dot(
    a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    return np.asarray(np.swapaxes(a, 1, 2) @ b)


def _ratio(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """a / b, and 0 where b is 0: such a row has arrived, it shall not move on."""
    return np.asarray(np.divide(a, b, out=np.zeros_like(a), where=b > 0))


def _require_fixed_biases(factors: Factors) -> None:
    if factors.learned_biases:
        raise ValueError(
            "alternating least squares keeps biases fixed: fit them first, or learn them "
            "by stochastic gradient descent"
        )


def _names(labels: NDArray[Any], kind: str) -> Callable[[int], str]:
    return lambda row: f"{kind} {labels[row].item()!r}"
