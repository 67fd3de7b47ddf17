"""The figures of lesson 12: half steps on a landscape, and a race against descent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from mfteach.lessons.figures import contour_map, figure
from mfteach.lessons.live import Live

__all__ = ["staircase", "walk_or_jump"]


def staircase(value: Callable[[Any], Any], places: ArrayLike) -> None:
    """Draw half steps as arrows on the contour lines of J for one user and one film."""
    way = np.asarray(places)
    fig, ax = plt.subplots(figsize=(5.4, 4.6))
    contour_map(ax, value, (0, 2.2), (0, 2.2), levels=[0.1, 0.12, 0.15, 0.2, 0.3, 0.5, 1, 2])
    for here, there in pairwise(way):
        ax.annotate("", there, here, arrowprops={"arrowstyle": "->", "color": "C1", "shrinkA": 0})
    ax.plot(*way[0], "o", color="C1", markerfacecolor="white", markersize=7)
    ax.set(xlabel="u", ylabel="v")
    figure(
        fig,
        alt="Contour lines of J with its valley along the hyperbola. A staircase of arrows leads "
        "from (0.3, 2) horizontally into the valley, then vertically, then horizontally, and so "
        "on, with smaller and smaller steps to the right and down.",
        caption="Half steps are parallel to the axes: a staircase into the valley, and along it "
        "towards equal u and v, where the penalty is lowest.",
        live=Live("staircase", r=1, strength=0.1, start=[0.3, 2], rate=0.1),
    )


def walk_or_jump(above: Mapping[str, Sequence[float]]) -> None:
    """Draw J above its floor after each step, by the name of the walk."""
    fig, ax = plt.subplots()
    for (name, values), style in zip(above.items(), ["--", "-.", "o-"], strict=True):
        ax.plot(values[:61], style, markersize=4, label=name)
    ax.set(yscale="log", ylim=(1e-8, 30), xlabel="step", ylabel="J above its floor")
    ax.legend()
    figure(
        fig,
        alt="J above its floor against steps, on a logarithmic scale. ALS drops within three "
        "half steps; gradient descent is nearly level at first and then falls, with rate 0.1 "
        "late, and with its best rate early enough to be there with ALS.",
        caption="ALS jumps; descent walks, and how long it walks depends on its rate.",
    )
