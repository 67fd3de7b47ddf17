"""U and V, the point that descent moves: what each user likes, what each item offers.

r-hat_ij = sum_s u_is v_js, or UVᵀ for all pairs at once (lecture rows S47-S51 and S61).
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.ratings import Rng


@dataclass(frozen=True, eq=False)
class Factors:
    """Latent factors: one row of U per user, one row of V per item.

    Factors add, subtract and scale like vectors, so that ``point - learning_rate * gradient``
    is again a `Factors`; ``numpy.asarray(factors)`` is all their (m + n) k entries in one row.

    Parameters
    ----------
    U : array-like of shape (m, k)
        u_is, the association of user i with factor s.
    V : array-like of shape (n, k)
        v_js, the association of item j with factor s. Both are float32 if both are given so,
        else float64.

    Raises
    ------
    ValueError
        If U and V are not two tables with the same number of columns; both shapes are quoted.

    Examples
    --------
    >>> factors = Factors([[1, 0], [1, 1]], [[1, 0], [0, 1], [1, 1]])
    >>> factors.matrix()
    array([[1., 0., 1.],
           [1., 1., 2.]])

    Source: lecture rows S49 and S51.
    """

    U: NDArray[np.floating[Any]]
    V: NDArray[np.floating[Any]]

    # NumPy must leave `numpy.float64(0.1) * factors` to __rmul__ instead of looping over entries.
    __array_ufunc__ = None

    def __init__(self, U: ArrayLike, V: ArrayLike) -> None:
        U, V = np.asarray(U), np.asarray(V)
        if U.ndim != 2 or V.ndim != 2 or U.shape[1] != V.shape[1]:
            raise ValueError(
                f"U of shape {U.shape} and V of shape {V.shape} do not multiply: give (m, k) and "
                "(n, k) with the same number k of factors"
            )
        single = U.dtype == V.dtype == np.float32
        precision = np.float32 if single else np.float64
        object.__setattr__(self, "U", U.astype(precision, copy=False))
        object.__setattr__(self, "V", V.astype(precision, copy=False))

    @classmethod
    def random(
        cls, shape: tuple[int, int], n_factors: int, rng: Rng = None, scale: float = 0.1
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
        """
        if n_factors < 1:
            raise ValueError(f"n_factors must be at least 1, but is {n_factors}")
        if not (np.isfinite(scale) and scale > 0):
            raise ValueError(f"scale must be a positive number, but is {scale}")
        generator = np.random.default_rng(rng)
        m, n = shape
        return cls(
            scale * generator.standard_normal((m, n_factors)),
            scale * generator.standard_normal((n, n_factors)),
        )

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
        return f"Factors({m} users, {n} items, n_factors={self.n_factors})"

    def matrix(self) -> NDArray[np.floating[Any]]:
        """Every prediction at once: UVᵀ, shape (m, n)."""
        return self.U @ self.V.T

    def __add__(self, other: Factors) -> Factors:
        if not isinstance(other, Factors):
            return NotImplemented
        self._require_same_size(other)
        return Factors(self.U + other.U, self.V + other.V)

    def __sub__(self, other: Factors) -> Factors:
        if not isinstance(other, Factors):
            return NotImplemented
        self._require_same_size(other)
        return Factors(self.U - other.U, self.V - other.V)

    def __mul__(self, scale: float) -> Factors:
        if not isinstance(scale, int | float | np.number):
            return NotImplemented
        scale = float(scale)  # unlike numpy.float64, a Python float leaves float32 as it is
        return Factors(scale * self.U, scale * self.V)

    __rmul__ = __mul__

    def __neg__(self) -> Factors:
        return Factors(-self.U, -self.V)

    def _require_same_size(self, other: Factors) -> None:
        if self.U.shape != other.U.shape or self.V.shape != other.V.shape:
            raise ValueError(
                f"factors with U {self.U.shape}, V {self.V.shape} and with U {other.U.shape}, "
                f"V {other.V.shape} do not add"
            )

    def __array__(
        self, dtype: np.dtype[Any] | None = None, copy: bool | None = None
    ) -> NDArray[np.floating[Any]]:
        return np.concatenate([self.U.ravel(), self.V.ravel()]).astype(dtype or self.U.dtype)

    def with_entries(self, entries: ArrayLike) -> Factors:
        """Factors of this size from their entries in one row: the inverse of ``asarray``."""
        row = np.asarray(entries)
        if row.shape != (self.U.size + self.V.size,):
            raise ValueError(f"{self!r} has {self.U.size + self.V.size} entries, not {row.shape}")
        return Factors(
            row[: self.U.size].reshape(self.U.shape), row[self.U.size :].reshape(self.V.shape)
        )

    def save(self, path: str | PathLike[str], **arrays: ArrayLike) -> None:
        """Write U, V and further named arrays to a NumPy ``.npz`` file, all of it or nothing.

        Raises
        ------
        OSError
            If the file cannot be written; what stood there before is untouched.
        ValueError
            If an array could only be written by pickling it, or has the name of another one.
        """
        path = Path(path)
        reserved = arrays.keys() & {"U", "V", "file", "allow_pickle"}
        if reserved:
            raise ValueError(f"no further array can be called {sorted(reserved)[0]}")
        contents = {"U": self.U, "V": self.V} | {
            name: np.asarray(array) for name, array in arrays.items()
        }
        for name, array in contents.items():
            if array.dtype.hasobject:
                raise ValueError(f"{name} holds Python objects, which are never saved")
        draft = path.with_name(f".{path.name}.part")
        try:
            with draft.open("wb") as file:
                np.savez(file, **contents)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Factors:
        """Read what `save` wrote. Nothing in the file is ever executed.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it holds no factors.
        """
        try:
            # Opened here, for NumPy leaves a file open that it cannot read.
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as saved:
                return cls(saved["U"], saved["V"])
        except OSError:
            raise
        except Exception as error:  # a broken zip, a pickle, a missing array: all one to the reader
            raise ValueError(f"{path} holds no factors: {error}") from None
