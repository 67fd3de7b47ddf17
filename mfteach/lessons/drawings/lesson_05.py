"""The figures of lesson 05, walking downhill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch

from mfteach.lessons.figures import contour_map, figure
from mfteach.lessons.live import Live

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = ["bowl", "parabolas", "saddle", "steepness"]


def steepness(degrees: ArrayLike, rises: ArrayLike, uphill: float) -> None:
    """Draw the rise per unit of distance in every direction, and the gradient's direction."""
    fig, ax = plt.subplots()
    ax.plot(degrees, rises, ".")
    ax.axvline(uphill, color="C1", linestyle="--", label=f"the gradient's direction, {uphill:.0f}°")
    ax.axhline(0, color="0.4", linewidth=1)
    ax.set(xlabel="direction in degrees", ylabel="rise per unit of distance")
    ax.set_xticks(range(0, 361, 45))
    ax.legend()
    figure(
        fig,
        alt="Measured steepness against the direction: one full wave of a cosine. Its top is at "
        f"the direction of the gradient, {uphill:.0f} degrees, its lowest point opposite.",
        caption="A cosine: steepest along the gradient, as steep downhill on the opposite side, "
        "level at right angles.",
    )


def parabolas(value: Callable[[Any], Any], walks: Mapping[str, Sequence[float]]) -> None:
    """Draw walks down a parabola, each with arrows, and the distance from the bottom of each.

    Parameters
    ----------
    value : callable
        The parabola.
    walks : mapping of str to sequence of float
        The places of each walk, by its learning rate in words.
    """
    fig, axes = plt.subplots(2, 3, figsize=(7.5, 5.2), sharex=True, sharey=True)
    line = np.linspace(-1.9, 1.9, 100)
    for ax, (rate, places) in zip(axes.flat, walks.items(), strict=False):
        ax.plot(line, value(line), color="0.7")
        _walk(ax, np.column_stack([places, value(np.array(places))]))
        ax.set(title=f"rate {rate}", xlim=(-1.9, 1.9), ylim=(-0.5, 10))
    for ax in axes.flat[len(walks) :]:
        ax.axis("off")
    for ax in axes[:, 0]:
        ax.set_ylabel("f")
    for ax in [*axes[1, :2], axes[0, 2]]:
        ax.set_xlabel("x")
    axes[0, 2].tick_params(labelbottom=True)
    figure(
        fig,
        alt="Five parabolas, each with a walk of six steps as arrows. Rate 0.05 creeps down one "
        "side; 1/6 is at the bottom after one step; 0.25 jumps from side to side and comes down; "
        "1/3 jumps between two points at the same height; 0.35 climbs.",
        caption="Creeping, there in one step, zigzagging down, back and forth without end, up and "
        "away.",
        live=Live("walk_on_parabola", curvature=2 * value(1), start=1, rate=0.05, n_steps=6),
    )


def bowl(value: Callable[[Any], Any], walks: Mapping[float, ArrayLike]) -> None:
    """Draw walks in a stretched bowl, by their learning rates."""
    fig, axes = plt.subplots(len(walks), 1, figsize=(7, 2.4 * len(walks)), sharex=True)
    for ax, (rate, places) in zip(axes, walks.items(), strict=True):
        way = np.asarray(places)
        contour_map(ax, value, (-1, 10), (-1.3, 1.3), levels=[0.5, 2, 5, 10, 20, 40])
        _walk(ax, way)
        ends = "({:.2f}, {:.2f})".format(*(way[-1] + 0.0))
        ax.set(title=f"rate {rate}: {len(way) - 1} steps end at {ends}", ylabel="y")
    axes[-1].set_xlabel("x")
    figure(
        fig,
        alt="The same elongated ellipses three times, each with a walk of 30 steps as arrows. Rate "
        "0.02 creeps; 0.1 drops to the valley floor at once and goes straight along it; 0.19 "
        "zigzags across the valley while it moves along it.",
        caption="The steep direction forbids long steps; the flat direction suffers for it.",
        live=_walk_to_move(
            value, start=[9, 1], rates=[0, 0.22], rate=0.02, window=[[-1, 10], [-1.3, 1.3]]
        ),
    )


def _walk_to_move(
    value: Callable[[Any], Any],
    start: list[float],
    rates: list[float],
    rate: float,
    window: list[list[float]],
) -> Live:
    """Ten steps on a value a x^2 + b y^2, whose curvatures are 2 a and 2 b."""
    return Live(
        "walk_on_surface",
        curvatures=[2 * value((1, 0)), 2 * value((0, 1))],
        start=start,
        rates=rates,
        rate=rate,
        n_steps=10,
        window=window,
    )


def saddle(value: Callable[[Any], Any], walks: Mapping[str, ArrayLike]) -> None:
    """Draw two walks on a saddle, by their starts in words."""
    fig, axes = plt.subplots(1, len(walks), figsize=(8.4, 4.9), sharey=True)
    for ax, (start, places) in zip(axes, walks.items(), strict=True):
        contour_map(ax, value, (-1.2, 1.2), (-1.2, 1.2), levels=[-2, -1, -0.3, 0, 0.3, 1, 2])
        _walk(ax, np.asarray(places))
        ax.set(title=f"start {start}", xlabel="x", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
        ax.set_aspect("equal")
    axes[0].set_ylabel("y")
    figure(
        fig,
        alt="Contour lines of a saddle, twice, with walks as arrows. Left, the walk from (1, 0) "
        "ends in the middle, at the saddle. Right, from a millionth to the side, the walk comes "
        "near the middle, turns, and leaves the picture at the top.",
        caption="Exactly on the ridge, descent stops at the saddle; a millionth to the side, it "
        "finds the way out.",
        live=_walk_to_move(
            value, start=[1, 0], rates=[0, 0.4], rate=0.1, window=[[-1.2, 1.2], [-1.2, 1.2]]
        ),
    )


def _walk(ax: Axes, places: Any) -> None:
    """Draw the steps of a walk as arrows with a dot at each place, the start a ring."""
    for here, there in pairwise(places):
        ax.add_patch(
            FancyArrowPatch(
                here,
                there,
                arrowstyle="->",
                mutation_scale=8,
                color="C1",
                linewidth=1.3,
                shrinkA=0,
                shrinkB=0,
            )
        )
    ax.plot(*places.T, "o", color="C1", markersize=3)
    ax.plot(*places[0], "o", color="C1", markerfacecolor="white", markersize=7)
