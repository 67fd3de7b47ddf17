"""What the lists of many users are like, whatever is on them: wide, alike, or new.

The lists are what ``model.recommend(users)`` gives, or lists of labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, WrongType, instance, shown
from mfteach.matrices.ratings import Ratings

# Lists of labels, or of `mfteach.recommender.Recommendation`, which have a label as their item.
Lists = Sequence[Sequence[Any]]


def coverage(lists: Lists, ratings: Ratings) -> float:
    """Share of all items that stand on somebody's list: 1 if everything is recommended to someone.

    Parameters
    ----------
    lists : sequence of lists
        One for each user: of labels, or what ``model.recommend(users)`` gives.
    ratings : Ratings
        Whose items they are.

    Returns
    -------
    float
        In (0, 1].

    Raises
    ------
    KeyError
        For an item that the ratings do not know.
    ValueError
        If nothing is on any list.
    """
    items = _columns(lists, ratings)
    return len(np.unique(items)) / ratings.shape[1]


def overlap(lists: Lists) -> float:
    """How much of a list two users share, on average over all pairs of users.

        (mean over pairs of lists of how many items they share) / (mean length of a list)

    1 if everybody gets the same, 0 if nobody gets what another gets.

    Raises
    ------
    ValueError
        For fewer than two lists, or if nothing is on any; for a list that names an item twice.
    """
    labels = _labels(lists)
    m = len(labels)
    if m < 2:
        raise InputError(f"must be those of two users or more, but is {m}", argument="lists")
    for place, listed in enumerate(labels):
        if len(set(listed)) < len(listed):
            raise InputError(f"names an item twice in list {place}", argument="lists")
    counts = np.unique(np.array(list(chain.from_iterable(labels))), return_counts=True)[1]
    shared = float(np.sum(counts * (counts - 1.0))) / (m * (m - 1))
    return shared / (int(counts.sum()) / m)


def novelty(lists: Lists, ratings: Ratings) -> float:
    """How little known the items on the lists are: the mean of -log2(share of users who rated it).

    0 for what everybody has rated, 1 for what half have, and one more for each halving. An item
    without a rating counts as if one user had rated it.

    Parameters, errors as `coverage`.

    Source: Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender systems
    (2010).
    """
    items = _columns(lists, ratings)
    shares = np.maximum(ratings.item_counts[items], 1) / ratings.shape[0]
    return float(np.mean(-np.log2(shares))) + 0.0  # no -0


def _columns(lists: Lists, ratings: Ratings) -> NDArray[np.intp]:
    """The column of each item on a list, one list after the other."""
    instance(ratings, "ratings", Ratings)
    return ratings.index_items(list(chain.from_iterable(_labels(lists))))


def _labels(lists: Any) -> list[list[Any]]:
    """The labels on each list, at least one in all."""
    if isinstance(lists, str | bytes) or not isinstance(lists, Iterable):
        raise WrongType(f"must be a list of lists, but is {shown(lists)}", argument="lists")
    labels = []
    for place, listed in enumerate(lists):
        if isinstance(listed, str | bytes | tuple) or not isinstance(listed, Iterable):
            raise WrongType(
                f"must hold a list for each user, but {place} is {shown(listed)}", argument="lists"
            )
        entries = listed.tolist() if isinstance(listed, np.ndarray) else listed
        labels.append([_label(entry) for entry in entries])
    if not any(labels):
        raise InputError("is empty: nothing is recommended to anybody", argument="lists")
    return labels


def _label(entry: Any) -> Any:
    """The label of a recommendation, which is a tuple that begins with it, or the label itself."""
    return entry[0] if isinstance(entry, tuple) else entry
