"""Pairs that occur twice: found, refused, or made one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NoReturn, get_args

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import Cure, InputError, shown
from mfteach.matrices.labels import SPREAD
from mfteach.matrices.slabs import slabs

Duplicates = Literal["error", "last", "mean"]
DUPLICATES: tuple[Duplicates, ...] = get_args(Duplicates)


class DuplicatePair(InputError):
    """A pair that occurs twice."""


# Looking for duplicates takes as many passes before sorting is faster.
MOST_PASSES = 16


def pair_numbers(user_index: NDArray[np.intp], item_index: NDArray[np.intp]) -> NDArray[np.intp]:
    """A number for each pair (i, j)."""
    pair: NDArray[np.intp] = user_index * (item_index.max() + 1)
    pair += item_index
    return pair


def any_twice(numbers: NDArray[np.intp]) -> bool:
    """Whether a number occurs twice. Far-scattered ones are sorted in place.

    Others are ticked off, so many possible numbers at a time that the ticks take little memory.
    """
    highest, at_a_time = int(numbers.max()), SPREAD * len(numbers)
    if highest > MOST_PASSES * at_a_time:
        numbers.sort()
        return bool((numbers[1:] == numbers[:-1]).any())
    ticked = np.empty(at_a_time, dtype=np.bool_)
    for first in range(0, highest + 1, at_a_time):
        ticked[:], n_ticks = False, 0
        for some in slabs(len(numbers)):
            above = numbers[some] - first
            above = above[(above >= 0) & (above < at_a_time)]
            ticked[above] = True
            n_ticks += len(above)
        if np.count_nonzero(ticked) < n_ticks:
            return True
    return False


def refuse_duplicate(
    users: NDArray[Any], items: NDArray[Any], place: Callable[[int], str]
) -> NoReturn:
    """Name the first pair that occurs twice, and where: a ValueError, with two cures."""
    pair = pair_numbers(*(np.unique(column, return_inverse=True)[1] for column in (users, items)))
    order = np.argsort(pair, kind="stable")
    repeated = np.flatnonzero(np.diff(pair[order]) == 0)
    second = int(order[repeated + 1].min())
    earlier = int(np.flatnonzero(pair == pair[second])[0])
    raise DuplicatePair(
        f"user {shown(users[second].item())} rated item {shown(items[second].item())} twice: "
        f"{place(earlier)} and {place(second)}",
        "Remove one",
        cures=(Cure("duplicates", "last"), Cure("duplicates", "mean")),
    )


def first_and_last(
    pair: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """First and last position of each pair, ordered by first, and each position's group."""
    unique, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    last = np.empty(len(unique), dtype=np.intp)
    last[inverse] = np.arange(len(pair))
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], last[order], rank[inverse]


def group_means(values: NDArray[Any], group: NDArray[np.intp]) -> NDArray[Any]:
    """The mean of the values of each group 0, 1, ..., in their precision."""
    means = np.bincount(group, weights=values) / np.bincount(group)
    if not np.isfinite(means).all():
        raise InputError(
            "the mean of a duplicate pair is too large for a number",
            cures=(Cure("duplicates", "last"),),
        )
    return means.astype(values.dtype)
