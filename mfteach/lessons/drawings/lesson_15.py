"""The figures of lesson 15: who holds which rows, what travels, what an epoch costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from mfteach.lessons.figures import figure

__all__ = ["cost_by_size", "crossings", "rows_by_machines", "who_holds_what"]

# Two machines, told apart by colour and by hatch.
FACES, HATCHES, NAMES = ("C0", "C1"), ("", "////"), ("A", "B")


def who_holds_what(
    known: NDArray[np.bool_],
    of_users: NDArray[np.int_],
    of_items: NDArray[np.int_],
    items: Sequence[str],
) -> None:
    """Draw a table of ratings on two machines, and below it which rows of V each of them needs."""
    m, n = known.shape
    fig, ax = plt.subplots(figsize=(7.5, 4.6))
    for j, machine in enumerate(of_items):
        _cell(ax, j, -1.6, machine, f"v on {NAMES[machine]}")
    for i, j in np.ndindex(m, n):
        if known[i, j]:
            _cell(ax, j, i, of_users[i])
    for machine in (0, 1):
        y = m + 0.6 + machine
        needs = known[of_users == machine].any(axis=0)
        for j in np.flatnonzero(needs):
            here = of_items[j] == machine
            _cell(ax, j, y, of_items[j], "is here" if here else f"sent to {NAMES[machine]}")
        ax.text(-0.15, y + 0.5, f"{NAMES[machine]} needs", ha="right", va="center")
    ax.text(-0.15, -1.1, "rows of V", ha="right", va="center")
    for i in range(m):
        ax.text(-0.15, i + 0.5, f"user {i + 1}, on {NAMES[of_users[i]]}", ha="right", va="center")
    for j, item in enumerate(items):
        ax.text(j + 0.5, -1.7, item, ha="left", va="bottom", rotation=25, fontsize="small")
    ax.set(xlim=(-2.2, n + 0.8), ylim=(m + 2.8, -3.4))
    ax.axis("off")
    sent = sum(
        int((known[of_users == machine].any(axis=0) & (of_items != machine)).sum())
        for machine in (0, 1)
    )
    figure(
        fig,
        alt="A table of users and films with blanks. Users 1 to 3 are on machine A, the others on "
        "B; above each film stands which machine holds its row of V. Below, a row for each machine "
        "says for each film that its users have rated whether its row of V is there or is sent.",
        caption=f"For the half step of the users {sent} rows of V travel. A rating never does: it "
        "lies with its user.",
    )


def _cell(ax: plt.Axes, x: float, y: float, machine: int, words: str = "") -> None:
    style = {"facecolor": FACES[machine], "hatch": HATCHES[machine], "edgecolor": "white"}
    ax.add_patch(Rectangle((x, y), 1, 1, alpha=0.75, **style))
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 0.8}
    if words:
        ax.text(x + 0.5, y + 0.5, words, ha="center", va="center", fontsize="x-small", bbox=box)


def rows_by_machines(machines: Sequence[int], sent: Mapping[str, Sequence[int]]) -> None:
    """Draw how many rows of V travel in a half step, for three ways of sending them."""
    fig, ax = plt.subplots()
    styles = zip(sent.items(), ("s--", "^:", "o-"), strict=True)
    for (way, rows), style in styles:
        ax.plot(machines, rows, style, label=way)
    ax.set(xscale="log", yscale="log", xlabel="machines", ylabel="rows of V that travel")
    ax.set_xticks(machines, list(map(str, machines)))
    ax.minorticks_off()
    ax.legend()
    figure(
        fig,
        alt="Three curves against the number of machines, both axes logarithmic. Sending all of V "
        "to everybody grows in a straight line, and is lowest of all nowhere. One row a rating is "
        "nearly level. Each row once to each machine that needs it starts near the first, ends "
        "near the second, and is below both all the way.",
        caption="More machines never make less travel. Once to whoever needs it is the least.",
        data={"machines": list(machines), **{way: list(rows) for way, rows in sent.items()}},
    )


def cost_by_size(ratings: Sequence[int], ours: Sequence[float], spark: Sequence[float]) -> None:
    """Draw nanoseconds of a processor for each rating and epoch, of both programs.

    Spark may have been measured on fewer sizes than ours: the smallest ones.
    """
    fig, ax = plt.subplots()
    ax.plot(ratings[: len(spark)], spark, "s--", color="C1", label="Spark")
    ax.plot(ratings, ours, "o-", color="C0", label="one machine: our program")
    ax.set(xscale="log", yscale="log", xlabel="ratings")
    ax.set(ylabel="processor time in ns\nper rating and epoch")
    ax.legend()
    figure(
        fig,
        alt="Two curves of processor time for each rating against the number of ratings, both axes "
        "logarithmic. That of Spark begins very high and falls as the ratings grow; that of our "
        "program is more than ten times lower everywhere.",
        caption="The same epochs of the same ALS on the same two processors.",
        data={"ratings": list(ratings[: len(spark)]), "ours": list(ours[: len(spark)])}
        | {"Spark": list(spark)},
    )


def crossings(
    ratings: NDArray[np.floating],
    one: NDArray[np.floating],
    many: Mapping[int, NDArray[np.floating]],
    wall: float,
) -> None:
    """Draw the seconds of an epoch against the number of ratings, on one machine and on many.

    Parameters
    ----------
    ratings, one : ndarray
        How many, and what one machine takes.
    many : mapping of int to ndarray
        What so many machines take.
    wall : float
        The number of ratings that fills the memory of one machine.
    """
    fig, ax = plt.subplots(figsize=(7, 4.2))
    fits = ratings <= wall
    ax.plot(ratings[fits], one[fits], "-", linewidth=3, color="C0", label="one machine")
    ax.plot(ratings[~fits], one[~fits], ":", linewidth=2, color="C0", label="had it the memory")
    for (machines, seconds), style in zip(many.items(), ("--", "-.", (0, (1, 1))), strict=True):
        ax.plot(ratings, seconds, linestyle=style, label=f"Spark, {machines} machines")
    ax.axvline(wall, color="0.4", linewidth=1)
    ax.text(wall * 1.15, ax.get_ylim()[0] * 1.5, "memory is full", rotation=90, va="bottom")
    ax.set(xscale="log", yscale="log", xlabel="ratings", ylabel="seconds for an epoch")
    ax.legend(fontsize="small")
    figure(
        fig,
        alt="Seconds of an epoch against the number of ratings, both axes logarithmic. The line of "
        "one machine rises from far below; a vertical line marks where its memory is full. "
        "Each curve of Spark is level at first, then rises in parallel: the one with the fewest "
        "machines never gets below one machine, the others cross it.",
        caption="From the measured processor times, on paper. Machines with two processors each.",
    )
