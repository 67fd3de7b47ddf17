"""The figures of lesson 01, slopes of lines and curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure
from mfteach.lessons.live import Live
from mfteach.lessons.questions.lesson_01 import ON_PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "graph_paper",
    "rolling_tangent",
    "secants",
    "three_tangents",
    "turning_line",
    "zoom",
]

Value = Callable[[Any], Any]


def turning_line(slopes: Sequence[float], height: float) -> None:
    """Draw lines of several slopes through (0, height), in equal units on both axes."""
    fig, ax = plt.subplots(figsize=(5.6, 5.6))
    reach = 4.0
    ax.plot([0, 0], [height - reach, height + 1.12 * reach], ":", color="0.5", linewidth=1.5)
    for slope in slopes:
        end = reach / max(1.0, abs(slope))
        ax.plot([-end, end], [height - slope * end, height + slope * end], color="C0")
        upper = -end if slope < 0 else end  # label the end that is higher
        label = f"{slope}".replace("-", "\N{MINUS SIGN}")
        place = (1.08 * upper, height + 1.08 * slope * upper)
        ax.text(*place, label, ha="center", va="center")
    ax.plot(0, height, "o", color="C1")
    ax.text(0, height + 1.15 * reach, "vertical", ha="center", color="0.4", fontsize="small")
    ax.set(xlabel="x", ylabel="y", aspect="equal", title="y = a x + 2, with the slope a at one end")
    ax.set(xlim=(-5, 5), ylim=(height - 5, height + 5))
    figure(
        fig,
        alt=f"Lines y = a x + {height:g} with a = {', '.join(map(str, slopes))}, in equal units "
        f"on both axes. All go through (0, {height:g}). With a negative a the line falls, with "
        "a = 0 it is level, with a positive a it rises; with 12 and -12 it is close to the "
        "vertical line, and can still be told from it.",
        caption=f"The line turns about the point (0, {height:g}) as a grows: falling, level, "
        "rising.",
        live=Live("turning_line", height=height),
    )


def three_tangents(curve: Value, slopes: Mapping[float, Any]) -> None:
    """Draw the curve 3x^2 with a tangent line at each place, by its slope."""
    fig, ax = plt.subplots()
    way = np.linspace(-1.5, 1.5, 200)
    ax.plot(way, curve(way), color="0.3", label="the curve 3x²")
    for (place, slope), style in zip(slopes.items(), ["--", "-", "-."], strict=True):
        label = f"slope {slope} at x = {place}".replace("-", "\N{MINUS SIGN}")
        _touch(ax, curve, place, float(slope), 0.45, linestyle=style, linewidth=3, label=label)
    ax.set(xlabel="x", ylabel="f(x)", title="Slopes of one curve")
    ax.legend()
    figure(
        fig,
        alt="The parabola 3 x squared with three short lines that touch it: falling with slope -6 "
        "at x = -1, level at 0, rising with slope 6 at 1.",
        caption="Three tangent lines. Each has the direction of the curve where it touches it.",
    )


def rolling_tangent(curve: Value, slopes: Mapping[float, Any]) -> None:
    """Draw the curve x^3 - 3x with the tangent line at each of several places, and its slope."""
    fig, ax = plt.subplots(figsize=(7, 5))
    way = np.linspace(-2.25, 2.25, 300)
    ax.plot(way, curve(way), color="0.7", linewidth=4)
    for place, slope in slopes.items():
        at, steep = float(place), float(slope)
        run = 0.55 / np.hypot(1, steep / 3)
        _touch(ax, curve, at, steep, run, color="C0")
        ax.plot(at, curve(at), "o", color="C1")
        side, gap = ("left", 0.13) if steep <= 0 else ("right", -0.13)
        lift = 0.45 if steep <= 0 else 0.0
        label = f"{steep:g}".replace("-", "\N{MINUS SIGN}")
        ax.text(at + gap, curve(at) + lift, label, ha=side, va="center")
    ax.set(xlabel="x", ylabel="height", title="The slope of the tangent line, place by place")
    figure(
        fig,
        alt="The curve x cubed minus 3 x with its tangent line at seven places. At x = -2, -1, "
        "-0.5, 0, 0.5, 1 and 2 the slopes are 9, 0, -2.25, -3, -2.25, 0 and 9.",
        caption="The tangent line rolls along the curve: up, level, down, steepest down in the "
        "middle, level, up. It has the slopes 9, 0 and −2.25 at two places each.",
        live=Live("rolling_tangent", curve=[0, -3, 0, 1], ends=[-2, 2]),
    )


def zoom(curve: Value, slope: Any, half_widths: Sequence[float]) -> None:
    """Draw the curve 3x^2 and its tangent line around x = 1 in smaller and smaller windows."""
    fig, axes = plt.subplots(2, 2, figsize=(6.8, 6.2))
    for ax, half in zip(axes.flat, half_widths, strict=True):
        piece = np.linspace(1 - half, 1 + half, 100)
        ax.plot(piece, curve(piece), color="0.3", linewidth=4, label="the curve")
        line = curve(1) + float(slope) * (piece - 1)
        ax.plot(piece, line, "--", color="C1", label="its tangent line")
        ax.set(title=f"x = 1 ± {half}", xticks=[1], yticks=[curve(1)], xlabel="x")
        tall = float(slope) * half
        ax.axis((1 - half, 1 + half, curve(1) - tall, curve(1) + tall))
    axes[0, 0].legend(loc="upper left")
    figure(
        fig,
        alt="The curve 3 x squared around x = 1 in four windows, each ten times smaller than the "
        "one before. In the first it bends away from its tangent line; in the second it hardly "
        "does; in the last two the curve and the line coincide.",
        caption="The same curve, magnified ten times more in each picture.",
        data={
            "half width": half_widths,
            "largest gap / half height": [half / 2 for half in half_widths],
        },
        live=Live("magnifier", curve=[0, 0, 3], at=1),
    )


def secants(curve: Value, slope: Any, measured: Mapping[float, float]) -> None:
    """Draw the curve 3x^2, secants through (1, 3) by their second places, and the tangent."""
    fig, ax = plt.subplots()
    part = np.linspace(0.3, 2.1, 100)
    ax.plot(part, curve(part), color="0.3")
    for (second, steep), style in zip(measured.items(), [":", "-.", "--"], strict=True):
        label = f"second point at {second}: slope {steep:.1f}"
        (drawn,) = ax.plot(part, curve(1) + steep * (part - 1), style, label=label)
        ax.plot(second, curve(second), "o", color=drawn.get_color())
    ax.plot(part, curve(1) + float(slope) * (part - 1), label=f"the tangent line: slope {slope}")
    ax.plot(1, curve(1), "ko")
    ax.set(xlabel="x", ylabel="f(x)", ylim=(-2, 13), title="Secants and the tangent")
    ax.legend()
    figure(
        fig,
        alt="The curve 3 x squared with three secants through (1, 3), of slopes 9, 7.5 and 6.3, "
        "and the tangent line of slope 6, which they approach.",
        caption="The closer the second point, the closer the slope comes to 6.",
    )


def graph_paper() -> None:
    """Draw the lines of exercise 1 on graph paper."""
    fig, ax = plt.subplots(figsize=(5, 6.4))
    ends = np.array([0, 6])
    for (name, (start, slope)), style in zip(ON_PAPER.items(), ["-", "--", "-."], strict=True):
        heights = float(start) + float(slope) * ends
        ax.plot(ends, heights, style)
        ax.text(-0.15, heights[0], name, ha="right", va="center")
    ax.set(
        xlim=(-0.6, 6.3),
        xlabel="x",
        ylabel="y",
        xticks=range(7),
        yticks=range(-3, 7),
        aspect="equal",
    )
    ax.grid(color="0.8")
    figure(
        fig,
        alt="Three lines on graph paper. A goes from (0, -3) through (2, 0) to (6, 6). B goes from "
        "(0, 4) through (2, 3) to (6, 1). C is level at height 1.",
        caption="Count the squares: how far up for how far to the right?",
    )


def _touch(ax: Axes, curve: Value, at: float, slope: float, run: float, **style: Any) -> None:
    """Draw a piece of the tangent line, ``run`` to each side."""
    height = curve(at)
    ax.plot([at - run, at + run], [height - slope * run, height + slope * run], **style)
