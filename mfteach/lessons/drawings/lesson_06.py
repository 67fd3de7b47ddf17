"""The figures of lesson 06, from ratings to a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from mfteach.lessons.figures import contour_map, figure, heat_map
from mfteach.lessons.live import Live

__all__ = ["cleopatra", "ratings_and_errors", "singular_values", "table_of_ratings"]


def table_of_ratings(R: ArrayLike, users: Sequence[Any], films: Sequence[str]) -> None:
    """Draw the ratings, a row for each user."""
    fig, ax = plt.subplots(figsize=(5.2, 4))
    heat_map(ax, R, title="the ratings R", limit=1.4, row_labels=users, column_labels=films)
    figure(
        fig,
        alt="A table of 7 users and 6 films. Users 1 to 3: 1 for the first three films, 0 for the "
        "rest. User 4: 1 everywhere. Users 5 to 7: minus 1 for the first three, 1 for the rest.",
        caption="All 42 ratings. The 0s are ratings like any other: a shrug, not a gap.",
    )


def ratings_and_errors(
    tables: Mapping[str, ArrayLike], users: Sequence[Any], films: Sequence[str]
) -> None:
    """Draw ratings, predictions and errors side by side, by their titles."""
    fig, axes = plt.subplots(1, len(tables), figsize=(10.5, 3.9), sharey=True)
    for ax, (title, table) in zip(axes, tables.items(), strict=True):
        heat_map(ax, table, title=title, row_labels=users, column_labels=films, limit=2)
    figure(
        fig,
        alt="Three tables of 7 users and 6 films: ratings, predictions, errors. All errors are 0 "
        "except in Cleopatra's column, where users 4 to 7 have minus 1.",
        caption="Ratings minus predictions are the errors. All of the trouble is in one column.",
    )


def cleopatra(
    value: Callable[[Any], Any], by_hand: Sequence[float], users: ArrayLike, ratings: ArrayLike
) -> None:
    """Draw J over Cleopatra's two numbers, with the point set by hand and the lowest one.

    Parameters
    ----------
    value : callable
        J, for her two numbers.
    by_hand : sequence of float
        Where she was put.
    users : array_like of shape (m, 2)
        U, which does not move.
    ratings : array_like of shape (m,)
        Her ratings.
    """
    fig, ax = plt.subplots(figsize=(5.6, 4.4))
    across, up = (-0.5, 2), (-1, 1.5)
    contour_map(ax, value, across, up, levels=[0.1, 0.5, 1, 2, 4, 8, 16])
    for place, marker, colour, name in (
        (by_hand, "o", "C1", "by hand"),
        (_lowest(value, across, up), "*", "C0", "lowest"),
    ):
        label = f"{name}, J = {value(place):g}"
        ax.plot(*place, marker, color=colour, markersize=10, label=label)
    ax.set(
        xlabel="Cleopatra's History",
        ylabel="Cleopatra's Romance",
        title="J when only Cleopatra moves",
    )
    ax.legend(frameon=True, framealpha=0.9)
    figure(
        fig,
        alt="Contour lines of J over Cleopatra's two numbers: tilted ellipses around the point "
        "(1, 0), where J is 0. The hand-made point (1, 1) lies on the line J = 2.",
        caption="A bowl with its lowest point at (1, 0): History, and no Romance at all.",
        live=Live(
            "cleopatra",
            users=np.asarray(users).tolist(),
            ratings=np.asarray(ratings).tolist(),
            start=list(by_hand),
        ),
    )


def _lowest(
    value: Callable[[Any], Any], across: tuple[float, float], up: tuple[float, float]
) -> list[float]:
    """Find the lowest of the points of the map that are a twentieth apart."""
    width, height = (round(20 * (end - start)) + 1 for start, end in (across, up))
    x, y = np.meshgrid(np.linspace(*across, width), np.linspace(*up, height))
    best = np.argmin(value(np.array([x, y])))
    return [round(float(axis.flat[best]), 2) for axis in (x, y)]


def singular_values(sizes: Mapping[str, Any]) -> None:
    """Draw the singular values of each table, by its name."""
    fig, ax = plt.subplots()
    numbers = range(1, 1 + len(next(iter(sizes.values()))))
    for (name, values), marker in zip(sizes.items(), "os", strict=True):
        ax.plot(
            numbers,
            values,
            marker,
            label=name,
            markersize=9,
            fillstyle="none",
            markeredgewidth=2,
        )
    ax.set(xlabel="pattern", ylabel="singular value", title="What the tables are made of")
    ax.legend()
    figure(
        fig,
        alt="Six singular values of each table. Clean: 4.9, 3, then zeros. One surprise: 4.5, 3.3, "
        "1.4, then zeros.",
        caption="Two patterns make up the clean table; one surprising rating adds a third.",
        data={"number": numbers} | {name: v.round(4) + 0.0 for name, v in sizes.items()},
    )
