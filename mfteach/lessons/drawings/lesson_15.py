"""The figures of lesson 15: who holds which rows, what travels, what an epoch costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from mfteach.lessons.figures import figure
from mfteach.lessons.live import Live

__all__ = ["OnPaper", "cost_by_size", "crossings", "rows_by_machines", "who_holds_what"]

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

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
    users, films = of_users.tolist(), of_items.tolist()
    fig, ax = plt.subplots(figsize=(7.5, 4.6))
    for j, machine in enumerate(films):
        _cell(ax, j, -1.6, machine, f"v on {NAMES[machine]}")
    for i, j in np.argwhere(known).tolist():
        _cell(ax, j, i, users[i])
    sent = 0
    for machine in (0, 1):
        y = m + 0.6 + machine
        for j in np.flatnonzero(known[of_users == machine].any(axis=0)).tolist():
            here = films[j] == machine
            sent += not here
            _cell(ax, j, y, films[j], "is here" if here else f"sent to {NAMES[machine]}")
        ax.text(-0.15, y + 0.5, f"{NAMES[machine]} needs", ha="right", va="center")
    ax.text(-0.15, -1.1, "rows of V", ha="right", va="center")
    for i in range(m):
        ax.text(-0.15, i + 0.5, f"user {i + 1}, on {NAMES[users[i]]}", ha="right", va="center")
    for j, item in enumerate(items):
        ax.text(j + 0.5, -1.7, item, ha="left", va="bottom", rotation=25, fontsize="small")
    ax.set(xlim=(-2.2, n + 0.8), ylim=(m + 2.8, -3.4))
    ax.axis("off")
    figure(
        fig,
        alt="A table of users and films with blanks. Users 1 to 3 are on machine A, the others on "
        "B; above each film stands which machine holds its row of V. Below, a row for each machine "
        "says for each film that its users have rated whether its row of V is there or is sent.",
        caption=f"For the half step of the users {sent} rows of V travel. A rating never does: it "
        "lies with its user.",
    )


def _cell(ax: Axes, x: float, y: float, machine: int, words: str = "") -> None:
    style: dict[str, Any] = {
        "facecolor": FACES[machine],
        "hatch": HATCHES[machine],
        "edgecolor": "white",
    }
    ax.add_patch(Rectangle((x, y), 1, 1, alpha=0.75, **style))
    box: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 0.8}
    if words:
        ax.text(x + 0.5, y + 0.5, words, ha="center", va="center", fontsize="x-small", bbox=box)


def rows_by_machines(machines: Sequence[int], sent: Mapping[str, Sequence[int]]) -> None:
    """Draw how many rows of V travel in a half step, for three ways of sending them."""
    fig, ax = plt.subplots()
    for (way, rows), style in zip(sent.items(), ("s--", "^:", "o-"), strict=True):
        ax.plot(machines, rows, style, label=way)
    ax.set(xscale="log", yscale="log", xlabel="machines", ylabel="rows of V that travel")
    ax.set_xticks(machines, list(map(str, machines)))
    ax.minorticks_off()
    ax.legend()
    figure(
        fig,
        alt="Three curves against the number of machines, both axes logarithmic. Sending all of V "
        "to everybody rises in a straight line and ends highest. One row for each rating is nearly "
        "level. Once to each machine that needs it starts on the first curve, bends towards the "
        "second, and is never above either.",
        caption="With more machines more rows travel, in all three ways; the fewest if each goes "
        "once to each machine that needs it.",
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
        "logarithmic. That of Spark begins very high, where there are few, and ends far lower; "
        "that of our program is more than ten times lower everywhere.",
        caption="The same epochs of the same ALS on the same two processors.",
        data={
            "ratings": ratings[: len(spark)],
            "one machine": ours[: len(spark)],
            "Spark": spark,
        },
    )


class OnPaper(NamedTuple):
    """What an epoch takes, on paper: the seconds of each part, on machines all alike.

    Attributes
    ----------
    one, rating : float
        Seconds of one machine for a rating: with the program that stays on it, and with Spark.
    fixed : float
        What an epoch takes on Spark even where there is next to nothing to do.
    travel : float
        Seconds to send what travels for a rating to one more machine.
    most : float
        Seconds to send what travels for a rating at most, however many the machines.
    full : float
        How many ratings fill the memory of one machine.
    """

    one: float
    rating: float
    fixed: float
    travel: float
    most: float
    full: float

    def seconds_of_one(self, n_ratings: Numbers) -> Numbers:
        """One machine by itself: proportional to the ratings."""
        return self.one * n_ratings

    def seconds_of_many(self, n_ratings: Numbers, n_machines: int) -> Numbers:
        """So many machines with Spark: they share the ratings, and what they have to send."""
        computed = self.rating * n_ratings / n_machines
        return self.fixed + computed + self.seconds_to_send(n_ratings, n_machines)

    def seconds_to_send(self, n_ratings: Numbers, n_machines: int) -> Numbers:
        """What travels of this: all machines send their shares at the same time."""
        return min(self.travel * (n_machines - 1), self.most) / n_machines * n_ratings


def crossings(paper: OnPaper, machines: Sequence[int]) -> None:
    """Draw the seconds of an epoch against the number of ratings, on one machine and on many."""
    ratings = np.logspace(5, 11, 121)
    one, wall = paper.seconds_of_one(ratings), paper.full
    fig, ax = plt.subplots(figsize=(7, 4.2))
    fits = ratings <= wall
    ax.plot(ratings[fits], one[fits], "-", linewidth=3, color="C0", label="one machine")
    ax.plot(ratings[~fits], one[~fits], ":", linewidth=2, color="C0", label="had it the memory")
    styles = ("--", "-.", (0, (5, 1, 1, 1, 1, 1)))
    for number, n_machines in enumerate(machines):
        style: dict[str, Any] = {"linestyle": styles[number], "color": f"C{number + 1}"}
        seconds = paper.seconds_of_many(ratings, n_machines)
        ax.plot(ratings, seconds, label=f"Spark, {n_machines} machines", **style)
    ax.axvline(wall, color="0.4", linewidth=1)
    place = ax.get_xaxis_transform()
    ax.text(wall * 1.1, 0.02, "its memory is full", rotation=90, fontsize="small", transform=place)
    ax.set(xscale="log", yscale="log", xlabel="ratings", ylabel="seconds for an epoch")
    ax.legend(fontsize="small")
    figure(
        fig,
        alt="Seconds of an epoch against the number of ratings, both axes logarithmic. The line of "
        "one machine rises from far below; a vertical line marks where its memory is full. "
        "Each curve of Spark is level at first, then rises in parallel: the one with the fewest "
        "machines never gets below one machine, the others cross it.",
        caption="From the measured processor times, on paper. Machines with two processors each.",
        live=Live("one_or_many", **paper._asdict(), machines=machines[0]),
    )
