"""The figures of lesson 09, let's factorize."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure, heat_map
from mfteach.lessons.live import Live

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["growth", "larger_rates", "learned_and_unseen", "to_the_floor"]

_STYLES = ("-", "--", "-.", ":")


def to_the_floor(
    values: Mapping[float, Sequence[float]], needed: Mapping[float, int], floor: float
) -> None:
    """Draw J against steps for each learning rate, and the lowest J that there is."""
    fig, ax = plt.subplots()
    for (rate, J), style in zip(values.items(), _STYLES, strict=False):
        ax.plot(J, style, label=f"rate {rate}: {needed[rate]} steps")
    ax.axhline(floor, color="0.4", linestyle=":", label=f"floor J* = {floor:.4f}")
    ax.set(xlim=(-5, 270), yscale="log", xlabel="step", ylabel="J")
    ax.legend()
    figure(
        fig,
        alt="J against steps for three learning rates. All fall from 16.5 to the floor 0.94: rates "
        "0.2 and 0.1 in a few dozen steps, rate 0.01 in 203, with a flat stretch at first.",
        caption="All three get there. At first it is nearly flat, because near zero the slope is "
        "small; then J falls quickly.",
    )


def growth(moments: Mapping[int, tuple[float, ArrayLike]], users: Sequence[Any]) -> None:
    """Draw the predictions at some steps.

    Parameters
    ----------
    moments : mapping of int to (float, array_like of shape (m, n))
        J and the predictions, by the number of the step.
    users : sequence
        The labels of the rows.
    """
    fig, axes = plt.subplots(2, 2, figsize=(7, 7.2), sharex=True, sharey=True)
    for ax, (number, (J, table)) in zip(axes.flat, moments.items(), strict=True):
        title = f"step {number}, J = {J:.2f}"
        heat_map(ax, table, title=title, limit=1.4, row_labels=users)
    figure(
        fig,
        alt="Four tables of predictions, at steps 0, 4, 8 and 40. At first all are near zero; then "
        "the pattern of History and Romance grows; at step 40 it resembles the ratings, except "
        "that user 6 is predicted 0.1 for Cleopatra.",
        caption="The predictions grow out of almost nothing. Columns are the six films, as in "
        "lesson 06.",
    )


def larger_rates(
    values: Mapping[float, Sequence[float]],
    ends: Mapping[float, str],
    ratings: ArrayLike,
    start: Any,
    floor: float,
) -> None:
    """Draw J against steps for rates around the limit, each with how it ended.

    Parameters
    ----------
    values : mapping of float to sequence of float
        J after each step, by the rate.
    ends : mapping of float to str
        How each walk ended, in words.
    ratings : array_like of shape (m, n)
        R, without blanks.
    start : Factors
        Where each walk begins.
    floor : float
        The lowest J that there is.
    """
    fig, ax = plt.subplots()
    for (rate, J), style in zip(values.items(), _STYLES, strict=True):
        ax.plot(J[:61], style, label=f"rate {rate}: {ends[rate]}")
    ax.set(yscale="log", ylim=(0.5, 1e4), xlabel="step", ylabel="J")
    ax.legend()
    figure(
        fig,
        alt="J against steps for four rates. 0.2 converges to the floor. 0.225 and 0.25 keep "
        "oscillating between bounds. 0.3 shoots up and out of the picture.",
        caption="A step that is too large jumps across the valley, to a point as high as before, "
        "or higher.",
        live=Live(
            "factorization",
            ratings=np.asarray(ratings).tolist(),
            U=start.U.round(6).tolist(),
            V=start.V.round(6).tolist(),
            floor=round(floor, 6),
            rate=0.2,
        ),
    )


def learned_and_unseen(
    losses: Mapping[float, Sequence[float]], errors: Mapping[float, Sequence[float]]
) -> None:
    """Draw, for each strength of the penalty, the loss on learned ratings and the error on others.

    Parameters
    ----------
    losses, errors : mapping of float to sequence of float
        J, and the RMSE on ratings that descent does not see, at each step.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
    for strength, style in zip(losses, ("--", "-"), strict=True):
        J = np.array(losses[strength])
        left.plot(J / J[0], style, label=f"λ = {strength}")
        right.plot(errors[strength], style, label=f"λ = {strength}")
    left.set(xlabel="step", ylabel="J, relative to its start", title="The loss on ratings in learn")
    right.set(xlabel="step", ylabel="RMSE in stars", title="The error on ratings in choose")
    right.legend()
    figure(
        fig,
        alt="Left: both losses end lower than they began. Right: the error on ratings that descent "
        "does not see; with the weak penalty it soon rises and ends higher than it began, with the "
        "strong penalty it falls.",
        caption="A lower loss is not always a better prediction: with too weak a penalty the "
        "factors memorize the ratings.",
    )
