"""U and V, the point that descent moves: what each user likes, what each item offers.

r-hat_ij = sum_s u_is v_js, or UVᵀ for all pairs at once (lecture rows S47-S51 and S61); with
biases, r-hat_ij = mean + b_i + c_j + sum_s u_is v_js (row S67, "Thursday").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mfteach.arguments import (
    InputError,
    WrongType,
    flag,
    generator,
    one_of,
    real_number,
    real_numbers,
    row_numbers,
    shown,
    whole_number,
)
from mfteach.matrices.cache_lines import aligned_empty
from mfteach.matrices.groups import Rng
from mfteach.matrices.saved import reading, write

Precision = Literal["float32", "float64"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
# Entries that are drawn at a time: in double precision few beside those of a small table.
SLAB = 10_000
# What a file may hold besides U and V.
OPTIONAL = ("mean", "user_bias", "item_bias", "learned_biases")


@runtime_checkable
class FittedBiases(Protocol):
    """A mean and a bias for each user and each item, whatever found them."""

    @property
    def mean(self) -> float:
        """Where every prediction starts."""

    @property
    def user_bias(self) -> NDArray[np.float64]:
        """b_i, shape (m,)."""

    @property
    def item_bias(self) -> NDArray[np.float64]:
        """c_j, shape (n,)."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Latent factors: one row of U per user, one row of V per item, and biases if wanted.

    Factors add, subtract and scale like vectors, biases included (none counts as zero), so that
    ``point - learning_rate * gradient`` is again a `Factors`. ``numpy.asarray(factors)`` is all
    that descent moves, in one row: the (m + n) k entries of U and V and, with
    ``learned_biases``, the m + n biases.

    Parameters
    ----------
    U : array-like of shape (m, k)
        u_is, the association of user i with factor s.
    V : array-like of shape (n, k)
        v_js, the association of item j with factor s. Both are float32 if both are given so,
        else float64.
    mean : float
        What every prediction starts from.
    user_bias, item_bias : array-like, shapes (m,) and (n,), optional
        b_i and c_j, added to the predictions of user i and of item j; both or none.
    learned_biases : bool
        Whether descent learns the biases along with U and V. If not, they are fixed: the
        gradient of `Loss` has none, so that no step moves them. The mean is always fixed.

    Raises
    ------
    ValueError
        If U and V are not two tables with the same number of columns, or the biases do not fit
        them; the shapes are quoted.

    Examples
    --------
    >>> factors = Factors([[1, 0], [1, 1]], [[1, 0], [0, 1], [1, 1]])
    >>> factors.matrix()
    array([[1., 0., 1.],
           [1., 1., 2.]])
    >>> Factors([[1], [2]], [[1]], mean=3, user_bias=[0, 0.5], item_bias=[-1]).matrix()
    array([[3. ],
           [4.5]])

    Source: lecture rows S49 and S51.
    """

    U: NDArray[np.floating[Any]]
    V: NDArray[np.floating[Any]]
    mean: float
    user_bias: NDArray[np.floating[Any]] | None
    item_bias: NDArray[np.floating[Any]] | None
    learned_biases: bool

    # NumPy must leave `numpy.float64(0.1) * factors` to __rmul__ instead of looping over entries.
    __array_ufunc__ = None

    def __init__(
        self,
        U: ArrayLike,
        V: ArrayLike,
        *,
        mean: float = 0.0,
        user_bias: ArrayLike | None = None,
        item_bias: ArrayLike | None = None,
        learned_biases: bool = False,
    ) -> None:
        U, V = real_numbers(U, "U"), real_numbers(V, "V")
        if U.ndim != 2 or V.ndim != 2 or U.shape[1] != V.shape[1]:
            raise ValueError(
                f"U of shape {U.shape} and V of shape {V.shape} do not multiply: give (m, k) and "
                "(n, k) with the same number k of factors"
            )
        if (user_bias is None) != (item_bias is None):
            raise ValueError("give user_bias and item_bias, or neither: zeros stand for none")
        if flag(learned_biases, "learned_biases") and user_bias is None:
            raise ValueError("learned biases need a user_bias and an item_bias to start from")
        single = U.dtype == V.dtype == np.float32
        precision = np.float32 if single else np.float64
        object.__setattr__(self, "U", U.astype(precision, copy=False))
        object.__setattr__(self, "V", V.astype(precision, copy=False))
        object.__setattr__(self, "mean", real_number(mean, "mean", None))
        object.__setattr__(self, "user_bias", _as_bias(user_bias, self.U, "user"))
        object.__setattr__(self, "item_bias", _as_bias(item_bias, self.V, "item"))
        object.__setattr__(self, "learned_biases", bool(learned_biases))

    @classmethod
    def random(
        cls,
        shape: tuple[int, int],
        n_factors: int,
        rng: Rng = None,
        scale: float = 0.1,
        *,
        dtype: Precision = "float64",
    ) -> Factors:
        """Draw a start: independent normal entries with mean 0 and standard deviation ``scale``.

        Parameters
        ----------
        shape : (m, n)
            Number of users and of items, as in ``ratings.shape``.
        n_factors : int
            k, at least 1.
        rng : int, Generator or None
            Seed or source of randomness.
        scale : float
            Positive, for at zero nothing would ever move: (0, 0) is a saddle of J.
        dtype : {"float64", "float32"}
            The precision that is kept; the numbers are those of ``random(...).astype(dtype)``.
        """
        n_factors = whole_number(n_factors, "n_factors", 1)
        scale = real_number(scale, "scale", "(0, inf)")
        random = generator(rng)
        m, n = _as_shape(shape)
        dtype = one_of(dtype, "dtype", PRECISIONS)
        return cls(*(_drawn((size, n_factors), random, scale, dtype) for size in (m, n)))

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n): the shape of the rating matrix that these factors predict."""
        return len(self.U), len(self.V)

    @property
    def n_factors(self) -> int:
        """k, the number of columns of U and of V."""
        return int(self.U.shape[1])

    def __repr__(self) -> str:
        m, n = self.shape
        kind = (
            ""
            if self.user_bias is None
            else ", learned biases"
            if self.learned_biases
            else ", biases"
        )
        return f"Factors({m} users, {n} items, n_factors={self.n_factors}{kind})"

    def matrix(self) -> NDArray[np.floating[Any]]:
        """Every prediction at once: UVᵀ plus mean and biases, shape (m, n)."""
        products: NDArray[np.floating[Any]] = self.U @ self.V.T
        if self.mean:
            products += self.mean
        if self.user_bias is not None and self.item_bias is not None:
            products += self.user_bias[:, None] + self.item_bias
        return products

    def of_user(self, i: int) -> NDArray[np.floating[Any]]:
        """Every prediction for user i, row i of `matrix`: the same numbers as pair by pair."""
        i = whole_number(i, "i", 0, len(self.U) - 1)
        predicted: NDArray[np.floating[Any]] = np.einsum("js,s->j", self.V, self.U[i])
        if self.user_bias is not None and self.item_bias is not None:
            predicted += self.user_bias[i] + self.item_bias + self.mean
        elif self.mean:
            predicted += self.mean
        return predicted

    def offsets(self, i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.floating[Any]]:
        """mean + b_i + c_j for pairs of row numbers: the prediction without U and V."""
        i, j = row_numbers(i, "i", self.shape[0]), row_numbers(j, "j", self.shape[1])
        if self.user_bias is None or self.item_bias is None:
            return np.full(len(i), self.mean, dtype=self.U.dtype)
        return np.asarray(self.user_bias[i] + self.item_bias[j] + self.mean)

    def with_biases(self, biases: FittedBiases, *, learned: bool = False) -> Factors:
        """The same U and V with the biases of a fitted `mfteach.recommender.Biases`.

        Parameters
        ----------
        biases : FittedBiases
            Of the shape (m, n) of these factors: ``Biases.fit(ratings)``.
        learned : bool
            Whether descent shall go on learning them. By default they are fitted first and then
            stay, so that U and V learn what they leave unexplained.
        """
        if not isinstance(biases, FittedBiases):
            raise WrongType(f"must be a Biases, but is {shown(biases)}", argument="biases")
        return Factors(
            self.U,
            self.V,
            mean=biases.mean,
            user_bias=biases.user_bias,
            item_bias=biases.item_bias,
            learned_biases=learned,
        )

    def with_tables(self, U: NDArray[np.floating[Any]], V: NDArray[np.floating[Any]]) -> Factors:
        """Other U and V with the mean and the biases of these factors."""
        return replace(self, U=U, V=V)

    def _holding(
        self,
        U: NDArray[np.floating[Any]],
        V: NDArray[np.floating[Any]],
        user_bias: NDArray[np.floating[Any]] | None,
        item_bias: NDArray[np.floating[Any]] | None,
    ) -> Factors:
        """These very arrays, of the same shapes and precision: an epoch may be over in no time."""
        moved = object.__new__(Factors)
        moved.__dict__.update(self.__dict__, U=U, V=V, user_bias=user_bias, item_bias=item_bias)
        return moved

    def astype(self, dtype: DTypeLike) -> Factors:
        """The same factors as ``"float32"`` or ``"float64"``; they are copied."""
        dtype = one_of(_precision(dtype), "dtype", PRECISIONS)
        return Factors(
            _copied(self.U, dtype),
            _copied(self.V, dtype),
            mean=self.mean,
            user_bias=None if self.user_bias is None else self.user_bias.astype(dtype),
            item_bias=None if self.item_bias is None else self.item_bias.astype(dtype),
            learned_biases=self.learned_biases,
        )

    def __add__(self, other: Factors) -> Factors:
        if not isinstance(other, Factors):
            return NotImplemented
        self._require_same_size(other)
        return Factors(
            self.U + other.U,
            self.V + other.V,
            mean=self.mean + other.mean,
            user_bias=_sum(self.user_bias, other.user_bias),
            item_bias=_sum(self.item_bias, other.item_bias),
            learned_biases=self.learned_biases or other.learned_biases,
        )

    def __sub__(self, other: Factors) -> Factors:
        if not isinstance(other, Factors):
            return NotImplemented
        return self + -other

    def __mul__(self, scale: float) -> Factors:
        if not isinstance(scale, int | float | np.number):
            return NotImplemented
        scale = float(scale)  # unlike numpy.float64, a Python float leaves float32 as it is
        return Factors(
            scale * self.U,
            scale * self.V,
            mean=scale * self.mean,
            user_bias=None if self.user_bias is None else scale * self.user_bias,
            item_bias=None if self.item_bias is None else scale * self.item_bias,
            learned_biases=self.learned_biases,
        )

    __rmul__ = __mul__

    def __neg__(self) -> Factors:
        return -1.0 * self

    def _require_same_size(self, other: Factors) -> None:
        if self.U.shape != other.U.shape or self.V.shape != other.V.shape:
            raise ValueError(
                f"factors with U {self.U.shape}, V {self.V.shape} and with U {other.U.shape}, "
                f"V {other.V.shape} do not add"
            )

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[np.floating[Any]]:
        return np.concatenate([part.ravel() for part in self._moved]).astype(dtype or self.U.dtype)

    @property
    def _moved(self) -> list[NDArray[np.floating[Any]]]:
        """The arrays that descent moves, in the order of ``asarray``."""
        if self.user_bias is None or self.item_bias is None or not self.learned_biases:
            return [self.U, self.V]
        return [self.U, self.V, self.user_bias, self.item_bias]

    def with_entries(self, entries: ArrayLike) -> Factors:
        """Factors of this size from their entries in one row: the inverse of ``asarray``.

        Fixed biases, and the mean, stay as they are.
        """
        row = real_numbers(entries, "entries")
        ends = np.cumsum([part.size for part in self._moved])
        if row.shape != (ends[-1],):
            raise InputError(
                f"must be the {ends[-1]} entries of {self!r}, but has the shape {row.shape}",
                argument="entries",
            )
        parts = np.split(row, ends[:-1])
        U, V = parts[0].reshape(self.U.shape), parts[1].reshape(self.V.shape)
        user_bias, item_bias = (
            parts[2:] if self.learned_biases else (self.user_bias, self.item_bias)
        )
        return Factors(
            U,
            V,
            mean=self.mean,
            user_bias=user_bias,
            item_bias=item_bias,
            learned_biases=self.learned_biases,
        )

    def save(self, path: str | PathLike[str], **arrays: ArrayLike) -> None:
        """Write U, V, the biases and further named arrays to an ``.npz`` file, all or nothing.

        Raises
        ------
        OSError
            If the file cannot be written; what stood there before is untouched.
        ValueError
            If an array could only be written by pickling it, or has the name of another one.
        """
        write(path, self.arrays(), arrays)

    def arrays(self) -> dict[str, ArrayLike]:
        """What a file holds of these factors, by name."""
        arrays: dict[str, ArrayLike] = {"U": self.U, "V": self.V}
        if self.mean or self.user_bias is not None:
            arrays["mean"] = self.mean
        if self.user_bias is not None and self.item_bias is not None:
            arrays["user_bias"], arrays["item_bias"] = self.user_bias, self.item_bias
            arrays["learned_biases"] = self.learned_biases
        return arrays

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Factors:
        """Read what `save` wrote, biases included. Nothing in the file is ever executed.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it holds no factors.
        """
        with reading(path, "holds no factors") as saved:
            optional: dict[str, Any] = {name: saved[name][()] for name in OPTIONAL if name in saved}
            for name in ("U", "V", *optional):
                if not np.isfinite(saved[name]).all():
                    raise ValueError(f"{name} is not finite")
            if "joint" in saved:  # what version 0.1 called learned biases
                optional["learned_biases"] = saved["joint"][()]
            return cls(saved["U"], saved["V"], **optional)


def _drawn(
    shape: tuple[int, int], random: np.random.Generator, scale: float, dtype: Precision
) -> NDArray[np.floating[Any]]:
    """Normal entries, some at a time: all at once in double precision are the peak of a fit."""
    entries = aligned_empty(shape, dtype).reshape(-1)
    for start in range(0, len(entries), SLAB):
        some = entries[start : start + SLAB]
        some[:] = scale * random.standard_normal(len(some))
    return entries.reshape(shape)


def _copied(table: NDArray[Any], dtype: Precision) -> NDArray[np.floating[Any]]:
    """A copy that starts where a line of the cache does, so that compiled code needs no other."""
    copy = aligned_empty(table.shape, dtype)
    copy[...] = table
    return copy


def _as_bias(
    bias: ArrayLike | None, table: NDArray[np.floating[Any]], kind: str
) -> NDArray[np.floating[Any]] | None:
    """One number for each row of ``table``, in its precision."""
    if bias is None:
        return None
    column = real_numbers(bias, f"{kind}_bias")
    if column.shape != (len(table),):
        raise ValueError(f"{kind}_bias of shape {column.shape} does not fit {len(table)} {kind}s")
    return column.astype(table.dtype, copy=False)


def _precision(dtype: Any) -> Any:
    """The name of a data type of NumPy; whatever else was given, as it is."""
    if isinstance(dtype, np.dtype) or (isinstance(dtype, type) and issubclass(dtype, np.generic)):
        return np.dtype(dtype).name
    return dtype


def _as_shape(shape: Any) -> tuple[int, int]:
    try:
        m, n = shape
    except (TypeError, ValueError):
        raise WrongType(
            f"must be a pair (m, n) of whole numbers, but is {shown(shape)}", argument="shape"
        ) from None
    return whole_number(m, "shape[0]", 1), whole_number(n, "shape[1]", 1)


def _sum(
    one: NDArray[np.floating[Any]] | None, other: NDArray[np.floating[Any]] | None
) -> NDArray[np.floating[Any]] | None:
    if one is None or other is None:
        return other if one is None else one
    return np.asarray(one + other)
