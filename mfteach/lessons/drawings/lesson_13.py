"""The figures of lesson 13: the same recommenders by stars and by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure

__all__ = ["better_or_not", "by_penalty", "by_stars_and_by_rank", "by_taste"]

# Each recommender looks the same in all figures.
_STYLES = {"popularity": "s:", "factors": "o--", "implicit": "^-"}


def by_stars_and_by_rank(errors: Mapping[str, float], precisions: Mapping[str, float]) -> None:
    """Draw RMSE and precision at 10 of the recommenders side by side; one has no RMSE."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True)
    names = list(precisions)[::-1]
    rows = np.arange(len(names))
    for ax, values, form in ((left, errors, "{:.3f}"), (right, precisions, "{:.3f}")):
        widths = [values.get(name, 0.0) for name in names]
        bars = ax.barh(rows, widths, color="C0", height=0.6)
        words = [form.format(values[name]) if name in values else "none" for name in names]
        ax.bar_label(bars, words, padding=3)
        ax.set_xlim(0, 1.2 * max(widths))
    left.set_yticks(rows, names)
    left.set(xlabel="RMSE in stars (low is good)")
    right.set(xlabel="precision at 10 (high is good)")
    figure(
        fig,
        alt="Two rows of bars, one bar for each recommender. On the left the RMSE, lowest for the "
        "factors; popularity has none. On the right precision at 10, by far the highest for "
        "popularity.",
        caption="The same recommenders on the same ratings, measured in two ways.",
        data={
            "recommender": list(precisions),
            "RMSE": [errors.get(name, float("nan")) for name in precisions],
            "precision at 10": list(precisions.values()),
        },
    )


def by_penalty(
    penalties: Sequence[float], errors: Sequence[float], precisions: Sequence[float], popular: float
) -> None:
    """Draw RMSE and precision at 10 of the item means against their penalty."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    left.plot(penalties, errors, "o-")
    left.set(ylabel="RMSE in stars")
    right.plot(penalties, precisions, "o-", label="item means")
    right.axhline(popular, color="0.4", linestyle=":", label="popularity")
    right.set(ylabel="precision at 10", ylim=(0, None))
    right.legend()
    for ax in (left, right):
        ax.set(xscale="log", xlabel="penalty on the item means")
    figure(
        fig,
        alt="Two curves against the penalty on the item means, which grows from 0.5 to 5000 on a "
        "logarithmic axis. On the left the RMSE falls a little, is lowest at 5, and rises from "
        "there on. On the right precision at 10 rises all the way, from far below a dotted line, "
        "popularity, towards it.",
        caption="The penalty that is best for the RMSE is far from those that are good for a list.",
        data={"penalty": penalties, "RMSE": errors, "precision at 10": precisions},
    )


def by_taste(
    tastes: Sequence[float],
    measured: Mapping[str, Sequence[float]],
    liked: Mapping[str, Sequence[float]],
) -> None:
    """Draw what is measured of each recommender, and what is true, against the part of taste."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
    for ax, shares in ((left, measured), (right, liked)):
        for name, values in shares.items():
            ax.plot(tastes, values, _STYLES[name], label=name)
        ax.set(xlabel="how much taste decides what people see", ylim=(0, None))
    left.set(ylabel="precision at 10, as measured")
    right.set(ylabel="share of the list that is truly liked")
    left.legend()
    figure(
        fig,
        alt="Three curves in each of two panels, against how much taste decides what people see, "
        "from 0 to 1. Left, the measured precision: at 0 popularity and the implicit model are "
        "close together and factors are below them; then the implicit model rises above both. "
        "Right, the share of the list that is truly liked: the factors are highest throughout, "
        "popularity is lowest.",
        caption="In a synthetic world both can be seen: what a test measures, and what people "
        "would really like.",
        data={"taste": tastes}
        | {f"{name}, measured": values for name, values in measured.items()}
        | {f"{name}, truly liked": values for name, values in liked.items()},
    )


def better_or_not(differences: Mapping[str, tuple[float, float, float]]) -> None:
    """Draw mean differences with their intervals, one row for each pair of recommenders."""
    fig, ax = plt.subplots(figsize=(7.5, 0.5 * len(differences) + 1))
    rows = np.arange(len(differences))[::-1]
    for row, (mean, low, high) in zip(rows, differences.values(), strict=True):
        ax.plot([low, high], [row, row], color="C0", linewidth=2)
        ax.plot(mean, row, "o", color="C0")
    ax.axvline(0, color="0.4", linestyle=":")
    ax.set_yticks(rows, list(differences))
    ax.set(xlabel="difference of the precisions at 10", ylim=(-0.6, len(differences) - 0.4))
    figure(
        fig,
        alt="A dot with a horizontal interval for each pair of recommenders. The intervals of "
        "implicit minus popularity and of popularity minus factors lie to the right of the "
        "dotted line at 0.",
        caption="Where an interval contains 0, other users like these might have turned it round. "
        "“For lists” are the factors whose settings were chosen by nDCG.",
        data={
            "pair": list(differences),
            "difference": [mean for mean, _, _ in differences.values()],
            "low": [low for _, low, _ in differences.values()],
            "high": [high for _, _, high in differences.values()],
        },
    )
