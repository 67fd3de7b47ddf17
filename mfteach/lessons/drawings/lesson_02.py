"""The figures of lesson 02, the derivative from its definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure
from mfteach.lessons.live import Live

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["functions_and_slopes", "secant_errors", "triangle", "with_and_without_parentheses"]

Value = Callable[[Any], Any]


def functions_and_slopes() -> None:
    """Draw 3x^2 and |x|, and below each its derivative."""
    fig, axes = plt.subplots(2, 2, figsize=(8, 5), sharex=True)
    way = np.linspace(-2, 2, 201)
    axes[0, 0].plot(way, 3 * way**2)
    axes[1, 0].plot(way, 6 * way, color="C1")
    axes[0, 1].plot(way, np.abs(way))
    for side in (-1, 1):
        axes[1, 1].plot([0, 2 * side], [side, side], color="C1")
        axes[1, 1].plot(0, side, "o", color="C1", markerfacecolor="white", markersize=7)
    titles = ["f(x) = 3x²", "f(x) = |x|", "its derivative", "its derivative"]
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set(title=title)
    for ax in axes[1]:
        ax.set(xlabel="x")
    figure(
        fig,
        alt="Four plots. Left, the parabola 3 x squared, and below it its derivative, a rising "
        "straight line through 0. Right, |x| with its corner at 0, and below it its derivative: "
        "-1 left of 0, 1 right of 0, and nothing at 0 itself.",
        caption="Two functions above, their slopes below. |x| has no slope at 0, so its derivative "
        "has a hole there.",
    )


def triangle(curve: Value, start: float, change: float) -> None:
    """Draw a secant of a curve, with its run and its rise."""
    fig, ax = plt.subplots()
    height, new_height = curve(start), curve(start + change)
    part = np.linspace(start - 0.6, start + change + 0.3, 100)
    ax.plot(part, curve(part), color="0.3")
    ax.plot([start, start + change], [height, height], color="C1", linewidth=3)
    ax.plot([start + change] * 2, [height, new_height], color="C2", linewidth=3)
    ax.plot([start, start + change], [height, new_height], "o--", color="C0")
    middle = (height + new_height) / 2
    ax.text(start + change / 2, height - 0.7, "run: Δ", ha="center", color="C1")
    ax.text(start + change + 0.04, middle - 0.4, "rise: f(x + Δ) − f(x)", color="C2")
    ax.text(start + change / 2 - 0.1, middle + 0.4, "secant", color="C0", ha="right")
    ax.set(xticks=[start, start + change], xticklabels=["x", "x + Δ"], ylabel="f(x)")
    ax.set(xlim=(start - 0.6, start + change + 0.9), title="The triangle under a secant")
    figure(
        fig,
        alt="The curve 3 x squared with two points, at x and at x + Delta. The secant through them "
        "is the long side of a triangle whose horizontal side is Delta and whose vertical side is "
        "f(x + Delta) - f(x).",
        caption="Slope of the secant = rise / run. Both sides of the triangle belong to the same "
        "two points.",
    )


def with_and_without_parentheses(curve: Value) -> None:
    """Draw the slide's formula and the intended one at x = 1, against Delta."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
    for changes in (np.linspace(-1, -0.02, 100), np.linspace(0.02, 1, 100)):
        left.plot(changes, curve(1 + changes) - curve(1) / changes, color="C1")
    line = np.array([-1.0, 1.0])
    right.plot(line, (curve(1 + line) - curve(1)) / line)
    right.plot(0, 6, "o", color="C0", markerfacecolor="white", markersize=7)
    left.set(title="as the slide has it", xlabel="Δ", ylabel="“slope” at x = 1", ylim=(-100, 100))
    right.set(title="with the parentheses", xlabel="Δ", ylim=(0, 10))
    figure(
        fig,
        alt="Both formulas at x = 1 against Delta. The slide's formula goes to plus infinity as "
        "Delta goes to 0 from the left, and to minus infinity from the right. With the parentheses "
        "it is a straight line through height 6 at Delta = 0, where it has a hole.",
        caption="At x = 1: without the parentheses no slope comes out; with them it goes to 6.",
        live=Live("two_readings", curve=[0, 0, 3], at=1),
    )


def secant_errors(
    changes: NDArray[np.float64], one_sided: NDArray[np.float64], central: NDArray[np.float64]
) -> None:
    """Draw the errors of the one-sided and of the central difference against Delta."""
    fig, ax = plt.subplots()
    ax.plot(changes, one_sided, "o-", label="one-sided: 3Δ")
    ax.plot(changes, central, "s-", label="central: 0")
    ax.set(xlabel="Δ", ylabel="error of the slope at x = 1", title="Two secants, two errors")
    ax.legend()
    figure(
        fig,
        alt="Error against Delta. The one-sided secant's error is a straight line, three times "
        "Delta. The central one's error is zero for every Delta.",
        caption="On this parabola the central difference has no error but rounding, however far "
        "apart its two points are.",
        data={
            "Delta": changes.tolist(),
            "one-sided error": one_sided.round(9).tolist(),
            "central error": (central.round(9) + 0.0).tolist(),
        },
    )
