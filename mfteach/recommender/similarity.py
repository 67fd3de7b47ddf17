"""The rows of U, or of V, that point in nearly the same direction: similar users, similar items."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError
from mfteach.fast.engine import products, row_squares
from mfteach.recommender.best_lists import Lists, by_slabs, candidates, ranked

COLLAPSED = "Fit the model with a smaller regularization"


class Neighbour(NamedTuple):
    """A user or an item, by label, and the cosine of its factors and those of another."""

    label: int | str
    similarity: float


def neighbours(
    table: NDArray[np.floating[Any]], rows: NDArray[np.intp], labels: NDArray[Any], n: int
) -> list[list[Neighbour]]:
    """For each row number what `nearest` finds, by label; nothing for -1 and for a row of zeros."""
    has_direction = (rows >= 0) & table[rows].any(axis=1)
    found = iter(nearest(table, rows[has_direction], n).labelled(Neighbour, labels))
    return [next(found) if there else [] for there in has_direction.tolist()]


def require_directions(
    table: NDArray[np.floating[Any]], rows: NDArray[np.intp], labels: NDArray[Any], *, choice: bool
) -> None:
    """Refuse rows of zeros with a ValueError that names the first by its label, and the cure.

    With ``choice`` the model has a parameter that asks for an empty list instead.
    """
    aimless = rows[~table[rows].any(axis=1)]
    if not len(aimless):
        return
    label = labels[aimless[0]].item()
    if not table.any():
        raise ValueError(f"nothing is similar to {label!r}: all factors are 0. {COLLAPSED}")
    problem = (
        f"nothing is similar to {label!r}: its factors are all 0, as of whatever has no training "
        "rating"
    )
    if not choice:
        raise InputError(problem)
    raise InputError(
        problem,
        "For an empty list choose {unknown}",
        unknown="nan",
    )


def directions(table: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Every row divided by its length, so that inner products are cosines; a row of zeros stays.

    Parameters
    ----------
    table : ndarray of float, shape (m, k)
        U or V.

    Returns
    -------
    ndarray of float, shape (m, k)
        In double precision.
    """
    rows = table.astype(np.float64)
    if table.dtype != np.float32:  # whose squares are neither 0 nor infinite in double precision
        rows /= _or_one(np.abs(rows).max(axis=1, initial=0.0))
    rows /= _or_one(np.sqrt(row_squares(rows)))
    return rows


def _or_one(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(lengths > 0, lengths, 1.0)[:, None]


def nearest(table: NDArray[np.floating[Any]], asked: NDArray[np.intp], n: int) -> Lists:
    """For each row that is asked for the n others with the largest cosine, and these cosines.

    cos(v_j, v_l) = sum_s v_js v_ls / (|v_j| |v_l|). Rows of zeros, which have no direction, are
    nobody's neighbours.

    Parameters
    ----------
    table : ndarray of float, shape (m, k)
        U or V.
    asked : ndarray of int, shape (n_asked,)
        Row numbers, none of a row of zeros.
    n : int
        How many, at least 1.

    Returns
    -------
    Lists
        Row numbers, the most similar first, of equal cosines the lower number; at most n for each.
        Their values are the cosines, from -1 to 1.
    """
    rows = directions(table)
    aimless = np.flatnonzero(~rows.any(axis=1))
    coarse = rows.astype(np.float32)
    # So far may two cosines of single precision be off, together.
    slack = 2 * (table.shape[1] + 2) * float(np.finfo(np.float32).eps)

    def best(some: NDArray[np.intp], cosines: NDArray[np.float32]) -> Lists:
        np.matmul(coarse[some], coarse.T, out=cosines)
        cosines[np.arange(len(some)), some] = -np.inf  # nobody's own
        cosines[:, aimless] = -np.inf
        which, other = candidates(cosines, n, slack)
        # Summed pair by pair, whoever else is asked for: equal rows get equal cosines.
        exact = np.clip(products(some[which], other, rows, rows), -1.0, 1.0)
        return ranked(which, other, exact, len(some), n)

    return by_slabs(best, asked, len(table), np.float32)
