"""The figures of lesson 11: what a penalty does, and what small steps buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from mfteach.lessons.figures import figure
from mfteach.lessons.live import Live

__all__ = ["best_strengths", "errors_by_strength", "jitter", "race"]


def errors_by_strength(
    strengths: Sequence[float],
    errors: Mapping[int, Mapping[str, Sequence[float]]],
    of_biases: float,
) -> None:
    """Draw the error on the learned ratings and on `choose` against the strength.

    Parameters
    ----------
    strengths : sequence of float
        Each lambda that was tried.
    errors : mapping of int to mapping of str to sequence of float
        By the number of factors, and by the part of the ratings ("learned" or "choose"): the RMSE
        of each strength. The first is in the still picture.
    of_biases : float
        The RMSE of the biases alone on `choose`.
    """
    learned, chosen_on = next(iter(errors.values())).values()
    fig, ax = plt.subplots()
    ax.plot(strengths, learned, "o--", label="learned")
    ax.plot(strengths, chosen_on, "s-", label="choose")
    ax.axhline(of_biases, color="0.4", linestyle=":", label="biases alone, choose")
    ax.set(xscale="log", yscale="log", xlabel="regularization strength λ", ylabel="RMSE in stars")
    ax.set_yticks([0.5, 0.7, 1, 1.5, 2], labels=["0.5", "0.7", "1", "1.5", "2"])
    ax.minorticks_off()
    ax.legend()
    best = strengths[int(np.argmin(chosen_on))]
    figure(
        fig,
        alt="RMSE against the strength lambda. On the ratings that were learned it is low for weak "
        "penalties and rises with strong ones. On those in choose it starts far above the "
        f"biases, is lowest, and below them, at lambda {best:g}, and goes back to the biases.",
        caption="With almost no regularization the factors know the learned ratings and nothing "
        "else. The best strength lies in between.",
        data={"strength": strengths, "learned": learned, "choose": chosen_on},
        live=Live(
            "errors_by_strength",
            strengths=list(strengths),
            factors=sorted(errors),
            learned=[np.round(errors[k]["learned"], 3).tolist() for k in sorted(errors)],
            unseen=[np.round(errors[k]["choose"], 3).tolist() for k in sorted(errors)],
            biases=round(of_biases, 3),
        ),
    )


def best_strengths(
    counts: Sequence[float], best: Mapping[str, Mapping[str, Sequence[float]]]
) -> None:
    """Draw the best strength against the number of ratings, a panel for each form of the penalty.

    Parameters
    ----------
    counts : sequence of float
        Ratings per user, on average.
    best : mapping of str to mapping of str to sequence of float
        By the form of the penalty, then by what was learned: the best strength for each count.
    """
    fig, axes = plt.subplots(1, len(best), figsize=(8.4, 3.8))
    best = {form.replace("_", " "): lines for form, lines in best.items()}
    for ax, (form, lines) in zip(axes, best.items(), strict=True):
        for (name, strengths), style in zip(lines.items(), ["o:", "s--", "^-"], strict=True):
            ax.plot(counts, strengths, style, label=name)
        ax.set(xscale="log", yscale="log", title=form, xlabel="ratings per user")
        ax.set_xticks(counts, labels=[f"{count:g}" for count in counts])
        ticks = sorted({s for strengths in lines.values() for s in strengths})
        ax.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    axes[0].set_ylabel("best λ")
    axes[0].legend()
    figure(
        fig,
        alt="The best strength against the number of ratings per user, on logarithmic scales. "
        "Plain: level with the other side known, about level with as many factors as the truth "
        "has, rising with more. By count: all three lines fall.",
        caption="Which λ is best depends on the form of the penalty, on the number of ratings and "
        "on the number of factors.",
        data={"ratings per user": counts}
        | {f"{form}, {name}": s for form, lines in best.items() for name, s in lines.items()},
    )


def race(above: Mapping[str, Sequence[float]], work: Mapping[str, float]) -> None:
    """Draw J above the lowest known value, by epochs and by multiplications.

    Parameters
    ----------
    above : mapping of str to sequence of float
        By name, J after each epoch, less the lowest value that is known.
    work : mapping of str to float
        By name, the multiplications of one epoch.
    """
    fig, axes = plt.subplots(1, 2, figsize=(8.4, 3.8), sharey=True)
    for (name, values), style in zip(above.items(), ["--", "-"], strict=True):
        epochs = np.arange(len(values))
        axes[0].plot(epochs, values, style, label=name)
        axes[1].plot(epochs * work[name] / 1e6, values, style, label=name)
    last = min((len(values) - 1) * work[name] for name, values in above.items()) / 1e6
    axes[0].set(yscale="log", xlabel="epochs", ylabel="J above the lowest known")
    axes[1].set(xlabel="million multiplications", xlim=(0, last))
    axes[0].legend()
    figure(
        fig,
        alt="J above the lowest known value, on a logarithmic scale, for gradient descent and SGD, "
        "each at the best of three rates; left by epochs, right by multiplications. SGD falls "
        "steeply in the first epochs and then flattens; gradient descent is nearly level at first, "
        "then falls, and at last crosses the line of SGD, in the right panel earlier than in the "
        "left.",
        caption="The same race, counted in two ways. Small steps win the beginning; in the end "
        "they jitter.",
    )


def jitter(paths: Mapping[str, Sequence[float]]) -> None:
    """Draw how far above its floor J is after each epoch, for each kind of rate."""
    fig, ax = plt.subplots()
    for (name, values), style in zip(paths.items(), ["-", "--", "-."], strict=True):
        ax.plot(values, style, label=name)
    ax.set(yscale="log", xlabel="epoch", ylabel="J above its floor")
    ax.legend()
    figure(
        fig,
        alt="J minus its floor against epochs, on a logarithmic scale, for three runs of SGD. With "
        "rate 0.1 it falls first and then jitters on the highest level; with 0.02 it falls later "
        "and jitters far lower; with a rate that decays from 0.1 it goes on falling.",
        caption="The larger the steps, the wider the jitter around the minimum; steps that get "
        "smaller settle.",
    )
