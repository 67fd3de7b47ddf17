"""The figures of lesson 03, the power rule and stationary points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from sympy import Expr, latex

from mfteach.lessons.figures import figure
from mfteach.symbolic.flat_points import FlatPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["derivatives_of_powers", "gallery"]


def derivatives_of_powers(derivatives: Mapping[Expr, Expr]) -> None:
    """Draw the derivatives of x^n for five exponents n around 0, by their exponents."""
    fig, ax = plt.subplots()
    way = np.linspace(0.15, 2, 200)
    styles = ["-", "--", "-", "--", "-"]
    for (exponent, slope), style in zip(derivatives.items(), styles, strict=True):
        ax.plot(way, _heights(slope, way), style, label=f"$n = {float(exponent):g}$")
    ax.set(xlabel="$x$", ylabel="derivative of $x^n$", xlim=(0, 2), ylim=(-1.6, 1.6))
    ax.legend(loc="upper right", ncols=2)
    figure(
        fig,
        alt="Derivatives of x to the n for n = 0.3, 0.1, 0, -0.1, -0.3, for x between 0 and 2. "
        "They are above zero for positive n and below zero for negative n; the one for n = 0 is "
        "the zero line between them.",
        caption="The curve for n = 0 lies between its neighbours.",
    )


def gallery(points: Mapping[Expr, Sequence[FlatPoint]]) -> None:
    """Draw up to six curves, each with its stationary points."""
    fig, axes = plt.subplots(2, 3, figsize=(8.4, 6.2), sharex=True, sharey=True)
    wide = np.linspace(-1.7, 1.7, 200)
    for ax, (curve, found) in zip(axes.flat, points.items(), strict=False):
        ax.plot(wide, _heights(curve, wide), color="0.4")
        for point in found:
            _mark(ax, point)
        ax.set(title=f"${latex(curve)}$", ylim=(-2.9, 3.5))
        ax.tick_params(labelbottom=True)
    for ax in axes.flat[len(points) :]:
        ax.axis("off")
    for ax in axes[:, 0]:
        ax.set_ylabel("$f$")
    for ax in axes.flat[len(points) - 3 : len(points)]:
        ax.set_xlabel("$x$")
    figure(
        fig,
        alt="Five curves with their stationary points. x squared: a minimum at 0. Minus x squared: "
        "a maximum at 0. x cubed: at 0 an inflection, neither of the two. x to the fourth minus 2 "
        "x squared: a maximum at 0 between two minima, at -1 and 1. The exponential function: no "
        "stationary point.",
        caption="Level can mean valley, peak or neither; and a curve can be level nowhere.",
    )


def _heights(curve: Expr, places: NDArray[np.float64]) -> NDArray[np.float64]:
    letters = sorted(curve.free_symbols, key=str)
    return np.array([float(curve.subs(dict.fromkeys(letters, at))) for at in places])


def _mark(ax: Any, point: FlatPoint) -> None:
    """Mark a stationary point by a sign of its kind, with the word beside it."""
    signs = {"minimum": ("v", "C0", -22), "maximum": ("^", "C1", 14), "inflection": ("s", "C2", 14)}
    sign, colour, above = signs[point.kind]
    place = float(point.at[0]), float(point.value)
    ax.plot(*place, sign, color=colour, markersize=9)
    ax.annotate(point.kind, place, (0, above), textcoords="offset points", ha="center")
