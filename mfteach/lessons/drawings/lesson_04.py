"""The figures of lesson 04, partial derivatives and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import contour_map, figure
from mfteach.lessons.live import Live

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["arrows", "saddle", "slices", "slices_of_product", "zoom"]

Height = Callable[[Any], Any]
"""Takes (x, y), two numbers or two arrays, and returns the height of the land there."""

_STYLES = ("-", "--", "-.")


def slices(height: Height) -> None:
    """Draw slices of 3x^2 - 2y^2, with the slopes at (1, 1)."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.2), sharey=True)
    _slices(left, right, height, frozen_y=(0, 1, 2), frozen_x=(0, 1, 2))
    for ax, slope in ((left, 6), (right, -4)):
        run = np.array([-0.4, 0.4])
        words = f"slope {slope}".replace("-", "\N{MINUS SIGN}")
        ax.plot(1 + run, 1 + slope * run, color="C3", linewidth=4, label=words)
        ax.legend(loc="upper center", ncols=2)
        ax.set_ylim(-10, 18)
    figure(
        fig,
        alt="Left, f against x for y frozen at 0, 1 and 2: three parabolas that open upwards, the "
        "same shape at different heights; at x = 1, y = 1 the slope is 6. Right, f against y for x "
        "frozen at 0, 1 and 2: three parabolas that open downwards, the same shape at different "
        "heights; at (1, 1) the slope is -4.",
        caption="In this function a frozen variable only lifts or lowers the slice.",
    )


def slices_of_product(height: Height) -> None:
    """Draw slices of x y^2."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 4.2), sharey=True)
    _slices(left, right, height, frozen_y=(0, 1, 2), frozen_x=(-1, 1, 2))
    for ax in (left, right):
        ax.legend(loc="upper center", ncols=3, columnspacing=1, handlelength=1.6)
        ax.set_ylim(-9, 11)
    figure(
        fig,
        alt="Left, g against x for y frozen at 0, 1 and 2: three straight lines through 0, with "
        "slopes 0, 1 and 4. Right, g against y for x frozen at -1, 1 and 2: three parabolas with "
        "their tip at 0, one that opens downwards, one that opens upwards, and one that is twice "
        "as steep.",
        caption="In this function a frozen variable is a factor: it stretches the slice, or turns "
        "it upside down.",
    )


def _slices(
    left: Axes,
    right: Axes,
    height: Height,
    frozen_y: tuple[int, ...],
    frozen_x: tuple[int, ...],
) -> None:
    way = np.linspace(-2, 2, 101)
    for value, style in zip(frozen_y, _STYLES, strict=True):
        left.plot(way, height((way, np.full_like(way, value))), style, label=f"$y = {value}$")
    for value, style in zip(frozen_x, _STYLES, strict=True):
        right.plot(way, height((np.full_like(way, value), way)), style, label=f"$x = {value}$")
    left.set(title="$y$ frozen: from west to east", xlabel="$x$", ylabel="height")
    right.set(title="$x$ frozen: from south to north", xlabel="$y$")


def arrows(height: Height, slopes: Callable[[Any], Any]) -> None:
    """Draw contour lines and gradient arrows on a grid; the one at (1, 1) is labelled."""
    fig, ax = plt.subplots(figsize=(7, 6.4))
    contour_map(ax, height, (-2.8, 2.8), (-2.5, 2.5), levels=[-6, -3, -1, 0, 1, 3, 6, 10, 15])
    for at in np.ndindex(5, 5):
        place = np.subtract(at, 2.0)
        _arrow(ax, place, slopes(place), "black" if tuple(place) == (1, 1) else "C1")
    ax.plot(1, 1, "o", color="black")
    ax.text(1.35, 0.62, "(6, −4)", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    ax.plot(0, 0, "s", color="C2", markersize=8)
    ax.set(xlabel="$x$ (east)", ylabel="$y$ (north)", aspect="equal")
    figure(
        fig,
        alt="Contour lines of 3 x squared minus 2 y squared, hyperbolas around the middle, with a "
        "gradient arrow at each of 24 places. Each arrow leaves its contour line at a right "
        "angle and points to higher ground: outwards in the direction of x, inwards in that of y. "
        "The one at (1, 1) is black and labelled (6, -4). In the middle there is no arrow.",
        caption="Each arrow leaves its contour line at a right angle, uphill, and is long where "
        "the lines are close together. (They are drawn at a twentieth of their length.)",
        live=Live("slices", at=[1, 1]),
    )


def _arrow(ax: Axes, place: Any, slopes: Any, colour: str) -> None:
    if not np.any(slopes):
        return
    ax.quiver(
        *place,
        *slopes,
        color=colour,
        angles="xy",
        scale_units="xy",
        scale=20,
        width=0.007,
        zorder=3,
    )


def zoom(height: Height, slopes: Callable[[Any], Any]) -> None:
    """Draw the contour lines around (1, 1), and closer and closer up."""
    fig, axes = plt.subplots(1, 3, figsize=(9, 3.4))
    here = np.array([1.0, 1.0])
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
    for ax, times in zip(axes, (1, 10, 100), strict=True):
        half = 1 / times
        x, y = np.meshgrid(*[np.linspace(1 - half, 1 + half, 201)] * 2)
        ax.contour(x, y, height((x, y)), levels=1 + np.arange(-8, 9) * half, cmap="viridis")
        east, north = 0.8 * half * slopes(here) / np.linalg.norm(slopes(here))
        ax.annotate("", (1 + east, 1 + north), here, arrowprops=arrow)
        ax.plot(*here, "o", color="black")
        ticks = [1 - half, 1, 1 + half]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set(title=f"{times} times" if times > 1 else "as it is", aspect="equal", xlabel="$x$")
        ax.grid(visible=False)
    axes[0].set_ylabel("$y$")
    figure(
        fig,
        alt="Contour lines around (1, 1), three times. As it is, they are curved. Magnified 10 "
        "times, they are nearly straight. Magnified 100 times, they are straight, parallel and "
        "equally far apart, and the gradient's arrow crosses them at a right angle.",
        caption="Closer and closer up: the contour lines of a plane.",
    )


def saddle(height: Height) -> None:
    """Draw the surface around (0, 0) and the two walks through it."""
    fig = plt.figure(figsize=(9, 4.6))
    surface = fig.add_subplot(1, 2, 1, projection="3d")
    x, y = np.meshgrid(*[np.linspace(-1.5, 1.5, 41)] * 2)
    surface.plot_surface(x, y, height((x, y)), cmap="cividis", alpha=0.75)
    line, level = np.linspace(-1.5, 1.5, 50), np.zeros(50)
    along_x, along_y = height((line, level)), height((level, line))
    surface.plot(line, level, along_x, color="C1", linewidth=3, zorder=10)
    surface.plot(level, line, along_y, "--", color="C0", linewidth=3, zorder=10)
    ticks = (-1, 0, 1)
    surface.set(xlabel="$x$", ylabel="$y$", xticks=ticks, yticks=ticks, zticks=(-4, 0, 4))
    surface.set_title("The surface")
    surface.view_init(elev=28, azim=-58)
    walks = fig.add_subplot(1, 2, 2)
    walks.plot(line, along_x, color="C1", label="along $x$")
    walks.plot(line, along_y, "--", color="C0", label="along $y$")
    walks.plot(0, 0, "s", color="C2", markersize=8)
    walks.set(xlabel="distance from (0, 0)", ylabel="height", title="Two walks through the middle")
    walks.legend(loc="upper center")
    figure(
        fig,
        alt="Left, the surface 3 x squared minus 2 y squared, shaped like a saddle: it rises along "
        "x and falls along y. Right, the two walks through the middle: a parabola that opens "
        "upwards and one that opens downwards, touching at 0.",
        caption="A valley for those who walk along x, a ridge for those who walk along y.",
    )
