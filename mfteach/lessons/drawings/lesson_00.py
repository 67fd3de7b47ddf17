"""The figures of lesson 00, start here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure, heat_map, road_map

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ratings_and_guess", "road"]

_STOPS = {
    "slope": "01",
    "derivative": "02, 03",
    "gradient": "04",
    "one number for\nall errors": "06",
    "its derivative": "07, 08",
    "descent": "05, 09",
}


def road() -> None:
    """Draw the road of the course, the stops that the lecture's outline leaves out shaded."""
    fig, ax = plt.subplots(figsize=(8, 1.2))
    road_map(ax, [f"{stop}\n(lesson {lesson})" for stop, lesson in _STOPS.items()], shaded=[3, 4])
    figure(
        fig,
        alt="Six boxes in a row, joined by arrows: slope, derivative, gradient, one number for all "
        "errors, its derivative, descent. The fourth and fifth are shaded.",
        caption="The road from a slope to a factorization, with the lessons. Shaded: the core, "
        "which the outline leaves out.",
    )


def ratings_and_guess(ratings: Any, guess: ArrayLike) -> None:
    """Draw the ratings and a guess of all of them beside each other, in the same colours."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.6))
    tables = {
        "the ratings": ratings.to_matrix(),
        "the guess, rounded": np.asarray(guess).round(1) + 0.0,
    }
    for ax, (title, table) in zip(axes, tables.items(), strict=True):
        heat_map(
            ax,
            table,
            title=title,
            limit=1.4,
            row_labels=ratings.user_labels,
            column_labels=ratings.item_labels,
        )
    figure(
        fig,
        alt="Two tables of 7 people and 6 films as colours. On the left the ratings, on the right "
        "the guess after 100 steps: the same colours.",
        caption="42 ratings (left) and what 26 learned numbers make of them (right).",
    )
