"""The figures of lesson 10, the landscape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.lessons.figures import contour_map, figure
from mfteach.lessons.live import Live

__all__ = ["between_two_minima", "curvatures_at_the_optimum", "films", "smallest", "three_walks"]


def smallest(J: Callable[[Any], Any]) -> None:
    """Draw the loss of one user, one film and one factor, with its minima and its saddle."""
    fig, ax = plt.subplots(figsize=(5.4, 4.8))
    contour_map(ax, J, (-2.2, 2.2), (-2.2, 2.2), levels=[0.02, 0.1, 0.25, 0.5, 1, 2, 5, 10])
    branch = np.linspace(0.46, 2.2, 50)
    ax.plot(branch, 1 / branch, color="C1", linewidth=3, label="J = 0")
    ax.plot(-branch, -1 / branch, color="C1", linewidth=3)
    ax.plot(0, 0, "s", color="C2", markersize=9, label="level, J = 1/2")
    ax.set(xlabel="u", ylabel="v")
    ax.legend()
    figure(
        fig,
        alt="Contour lines of J over u and v. The minima are the two branches of the hyperbola "
        "uv = 1, one with both positive, one with both negative. Between them, at (0, 0), a "
        "stationary point where J is one half.",
        caption="Two valleys along a hyperbola, and a pass between them.",
        live=Live("one_rating", r=1, start=[0.3, 2], rate=0.1, n_steps=3),
    )


def between_two_minima(J: Callable[[Any], Any]) -> None:
    """Draw J along the straight line from (-1, -1) to (1, 1), and the chord."""
    t = np.linspace(-1.4, 1.4, 100)
    fig, ax = plt.subplots()
    ax.plot(t, J((t, t)), label="J along the line")
    ax.plot([-1, 1], [0, 0], "o--", color="C1", label="the chord")
    ax.set(xlabel="t, at the point (t, t)", ylabel="J")
    ax.legend(loc="center")
    figure(
        fig,
        alt="J along the straight line from (-1, -1) to (1, 1): zero at both ends, rising to one "
        "half in the middle, above the chord.",
        caption="Halfway between two minima there is a pass of height 1/2.",
    )


def films(found: Sequence[NDArray[np.float64]]) -> None:
    """Draw the six films of History/Romance by their two factors, for four starts.

    Parameters
    ----------
    found : sequence of arrays of shape (6, 2)
        The item factors V of each start.
    """
    fig, axes = plt.subplots(2, 2, figsize=(6.6, 7), sharex=True, sharey=True)
    for start, (ax, V) in enumerate(zip(axes.flat, found, strict=True)):
        ax.plot(*V[:3].T, "o", label="Nero, Caesar, Cleopatra", alpha=0.7)
        ax.plot(*V[3:].T, "s", label="the three Romances", alpha=0.7)
        ax.axhline(0, color="0.7", linewidth=1)
        ax.axvline(0, color="0.7", linewidth=1)
        ax.set(title=f"start {start}", aspect="equal", xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
    for ax in axes[1]:
        ax.set_xlabel("factor 1")
    for ax in axes[:, 0]:
        ax.set_ylabel("factor 2")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure(
        fig,
        alt="Four scatter plots of the six films by their two factors. In each, the three History "
        "films share one spot and the three Romances another, but the two spots are turned and "
        "stretched differently each time.",
        caption="The groups are in the data. The axes are not.",
    )


def curvatures_at_the_optimum(curvatures: ArrayLike) -> None:
    """Draw the curvatures of J at an optimum, sorted."""
    sizes = np.asarray(curvatures)
    numbers = range(1, len(sizes) + 1)
    fig, ax = plt.subplots()
    ax.plot(numbers, sizes, "o")
    ax.set(xlabel="direction, sorted", ylabel="curvature")
    figure(
        fig,
        alt=f"The {len(sizes)} curvatures of J at the optimum, sorted: four are zero, the others "
        f"rise from {sizes[4]:.2f} to {sizes[-1]:.2f}.",
        caption=f"Four flat directions, the freedom of G. The largest curvature, {sizes[-1]:.2f}, "
        f"sets the limit 2/L = {2 / sizes[-1]:.4f} of lesson 09.",
        data={"direction": numbers, "curvature": list(sizes.round(4) + 0.0)},
    )


def three_walks(values: Mapping[int, Sequence[float]]) -> None:
    """Draw J against steps for the starts that end in different ways."""
    fig, ax = plt.subplots()
    for (seed, J), style in zip(values.items(), ("-", "--", "-."), strict=True):
        ax.plot(J, style, label=f"start {seed}: J = {J[-1]:.2f}")
    ax.set(xlabel="step", ylabel="J", xscale="symlog", ylim=(0, 10))
    ax.legend()
    figure(
        fig,
        alt="J against steps for three starts, on a table with blanks. One ends at 1.78, one at "
        "4.21, and one is at 2.65 and still falling.",
        caption="Three starts, three ends, on one table with blanks.",
    )
