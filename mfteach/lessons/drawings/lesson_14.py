"""The figures of lesson 14: settings, sizes, a map of films, and a list with its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import shorten

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from mfteach.lessons.figures import figure
from mfteach.lessons.live import Live

__all__ = ["by_factors", "by_strength", "film_map", "gain_by_size", "reasons"]


def by_strength(strengths: Sequence[float], errors: Sequence[float], baseline: float) -> None:
    """Draw the RMSE of biases and factors against the regularization strength."""
    order = np.argsort(strengths)
    strengths, errors = np.array(strengths)[order].tolist(), np.array(errors)[order].tolist()
    fig, ax = plt.subplots()
    ax.plot(strengths, errors, "o-", label="biases and 20 factors")
    ax.axhline(baseline, color="0.4", linestyle=":", label="tuned biases alone")
    ax.set(xscale="log", xlabel="regularization strength λ", ylabel="RMSE on `choose`")
    ax.set_xticks(strengths, [f"{strength:g}" for strength in strengths])
    ax.minorticks_off()
    ax.legend()
    figure(
        fig,
        alt="RMSE against the regularization strength on a logarithmic axis. The weakest strengths "
        "are above the dotted line of the biases alone; the curve goes down to its lowest point "
        "below that line, and up again at the strongest.",
        caption="Each run counts with its lowest error on `choose`, be it that of its start. The "
        "lowest point lies inside the grid.",
        data={"strength": strengths, "RMSE": errors},
    )


def by_factors(
    ks: Sequence[int], learned: Sequence[float], chosen: Sequence[float], baseline: float
) -> None:
    """Draw the RMSE on what was learned, and on other ratings, against the number of factors."""
    fig, ax = plt.subplots()
    ax.plot(ks, learned, "s--", label="on `learn`")
    ax.plot(ks, chosen, "o-", label="on `choose`")
    ax.axhline(baseline, color="0.4", linestyle=":", label="tuned biases alone, on `choose`")
    ax.set(xscale="log", xlabel="number of factors k", ylabel="RMSE")
    ax.set_xticks(ks, list(map(str, ks)))
    ax.minorticks_off()
    ax.legend()
    figure(
        fig,
        alt="Two curves against the number of factors. On the ratings that were learned the RMSE "
        "falls all the way; on `choose` it stays below the dotted line of the biases alone, and "
        "changes far less.",
        caption="Most of what more factors learn about `learn` says nothing about `choose`.",
        data={"k": ks, "RMSE on learn": learned, "RMSE on choose": chosen},
    )


def gain_by_size(
    shares: Sequence[float], here: Sequence[float], users: Sequence[int], made: Sequence[float]
) -> None:
    """Draw what factors gain over biases, in percent, against the size of the data."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    left.plot(shares, 100 * np.array(here), "o-")
    left.set(xlabel="share of the ratings that is kept", title="these ratings, thinned")
    right.plot(users, 100 * np.array(made), "o-")
    right.set(xlabel="users", xscale="log", title="synthetic ratings, growing")
    right.set_xticks(users, list(map(str, users)))
    right.minorticks_off()
    for ax in (left, right):
        ax.axhline(0, color="0.4", linestyle=":")
        ax.set(ylabel="gain over biases in %")
    figure(
        fig,
        alt="Two curves of the gain over the biases in percent. Left, against the share of the "
        "ratings that is kept, it is near 0 at a quarter and largest at the whole. Right, against "
        "the number of synthetic users, it is larger at the right end than at the left.",
        caption="With few ratings there is little that factors can tell from noise.",
        data={"share": shares, "gain": here},
    )


def film_map(
    places: NDArray[np.floating],
    titles: Sequence[str],
    share: float,
    factors: NDArray[np.floating],
) -> None:
    """Draw films by their factors in the plane that shows most of their spread.

    Each title stands where no other is; a thin line leads to its dot if it had to move.

    Parameters
    ----------
    places : ndarray of shape (n_films, 2)
        Where each film is on the map.
    titles : sequence of str
    share : float
        How much of the spread the plane holds.
    factors : ndarray of shape (n_films, k)
        All factors of the films: the three nearest ones are those that are nearest in these.
    """
    fig, ax = plt.subplots(figsize=(12, 9))
    ax.plot(*places.T, ".", color="C1")
    ax.margins(x=0.16, y=0.06)
    ax.set(xlabel="first direction", ylabel="second direction")
    _label_apart(ax, places, titles)
    figure(
        fig,
        alt=f"A scatter plot of {len(titles)} films, each with its whole title, no two titles on "
        f"top of each other. The plane shows {share:.0%} of the spread of their factors.",
        caption=f"The plane holds {share:.0%} of the spread; the rest lies in directions that are "
        "not drawn, so films that are near here need not be near. The axes have no names.",
        data={"film": titles, "x": places[:, 0].tolist(), "y": places[:, 1].tolist()},
        live=Live(
            "film_map",
            places=places.round(3).tolist(),
            titles=list(titles),
            near=[_nearest(factors, film) for film in range(len(titles))],
        ),
    )


def _nearest(factors: NDArray[np.floating], film: int) -> list[int]:
    """Return the positions of the three films whose factors are nearest to those of a film."""
    distances = np.linalg.norm(factors - factors[film], axis=1)
    return [int(other) for other in np.argsort(distances) if other != film][:3]


def reasons(titles: Sequence[str], shares: Sequence[float], film: str) -> None:
    """Draw the share of each rated film in a prediction."""
    fig, ax = plt.subplots(figsize=(8, 0.45 * len(titles) + 1))
    rows = np.arange(len(titles))[::-1]
    bars = ax.barh(rows, shares, color="C0", height=0.6)
    ax.bar_label(bars, [f"{share:+.3f}" for share in shares], padding=3)
    ax.axvline(0, color="0.4", linewidth=1)
    ax.set_yticks(rows, [shorten(title, 45, placeholder=" …") for title in titles])
    ax.set(xlabel="share in the prediction")
    ax.margins(x=0.15)
    figure(
        fig,
        alt=f"A bar for each film you like: how much it adds to the prediction for {film}.",
        caption=f"Why {film}? These shares add up to its prediction, {sum(shares):.3f}.",
        data={"film": list(titles), "share": list(shares)},
    )


# Where a title may stand: right of its dot, left, above, below, between; and then further off.
_ANGLES = np.radians(
    [0, 180, 90, 270, *range(15, 90, 15), *range(105, 180, 15), *range(195, 360, 15)]
)
_DISTANCES = (6, 12, 20, 30, 42, 56, 72, 90, 110, 135, 160, 190)


def _label_apart(ax: Axes, places: NDArray[np.floating], titles: Sequence[str]) -> None:
    """Write each title at the first place where it covers no other title and no dot."""
    fig = ax.get_figure(root=True)
    assert fig is not None
    fig.draw_without_rendering()  # only now are all places known
    renderer = fig._get_renderer()  # type: ignore[attr-defined]
    room = ax.bbox.padded(-2)
    dots = [Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in ax.transData.transform(places)]
    taken: list[Bbox] = []
    # Where it is crowded first, as long as there is room.
    neighbours = [dot.padded(80).count_overlaps(dots) for dot in dots]
    for at in np.argsort(neighbours)[::-1]:
        others = [*taken, *dots[:at], *dots[at + 1 :]]
        for label in _candidates(ax, places[at], titles[at]):
            label.update_positions(renderer)
            box = Text.get_window_extent(label).padded(1)  # an Annotation's has its line as well
            if room.x0 < box.x0 and box.x1 < room.x1 and not box.count_overlaps(others):
                taken.append(box)
                label.set_in_layout(False)  # it would move what it was placed by
                break
            label.remove()
        else:
            raise ValueError(f"there is no room for the title {titles[at]!r}")


def _candidates(ax: Axes, place: NDArray[np.floating], title: str) -> Iterator[Annotation]:
    for distance in _DISTANCES:
        for angle in _ANGLES:
            x, y = distance * np.cos(angle), distance * np.sin(angle)
            side = "center" if abs(x) < distance / 4 else "left" if x > 0 else "right"
            line = {"arrowstyle": "-", "color": "0.7", "lw": 0.6} if distance > 10 else None
            yield ax.annotate(
                title,
                (float(place[0]), float(place[1])),
                xytext=(x, y),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=8,
                arrowprops=line,
            )
