"""The figure of lesson 07, the big hairy derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from numpy.typing import ArrayLike

from mfteach.lessons.figures import figure, heat_map

__all__ = ["change_of_predictions"]


def change_of_predictions(change: ArrayLike, users: Sequence[Any], films: Sequence[str]) -> None:
    """Draw by how much each prediction has changed, a row for each user."""
    fig, ax = plt.subplots(figsize=(5.2, 4))
    heat_map(
        ax,
        change,
        title="change of the predictions",
        limit=0.7,
        row_labels=users,
        column_labels=films,
    )
    figure(
        fig,
        alt="A table of 7 users and 6 films. Only row 4 has changed, by 0.5 for the first three "
        "films, which have History in them.",
        caption="One row lights up. The errors of all other users do not depend on user 4 at all.",
    )
