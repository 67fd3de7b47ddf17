"""The picture of a race: test RMSE against seconds, each contender a line."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt

# Colours that colour-blind eyes can tell apart (Okabe and Ito), one for each library.
COLOURS = {
    "mfteach": "#D55E00",
    "Surprise": "#999999",
    "cornac": "#0072B2",
    "LIBMF": "#56B4E9",
    "LensKit": "#009E73",
    "cmfrec": "#CC79A7",
}
LINES = {"SGD": "-", "ALS": "--", "CG": ":"}
MARKERS = {"SGD": "o", "ALS": "s", "CG": "^"}


def draw(racers, title, path):
    """Draw the better of one and two threads of each contender, set-up included."""
    best = {}
    for racer in racers:
        if racer.rmse and (
            racer.name not in best or racer.seconds(max(racer.runs)) < best[racer.name][0]
        ):
            best[racer.name] = (racer.seconds(max(racer.runs)), racer)
    with plt.style.context("mfteach.course"):
        figure, ax = plt.subplots(figsize=(9, 5), layout="constrained")
        for _, racer in best.values():
            _draw_racer(ax, racer)
        ax.set_xscale("log")
        ax.set_xlabel("seconds from the triples in memory, set-up included")
        ax.set_ylabel("test RMSE")
        ax.set_title(title)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small", frameon=False)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _draw_racer(ax, racer):
    library, kind = racer.name.split()[:2]
    lengths = sorted(racer.rmse)
    ax.plot(
        [racer.seconds(n) for n in lengths],
        [racer.rmse[n] for n in lengths],
        color=COLOURS.get(library, "black"),
        linestyle=LINES[kind],
        marker=MARKERS[kind],
        markersize=4,
        linewidth=2.2 if library == "mfteach" else 1.3,
        alpha=0.5 if racer.name.endswith("numpy") else 1.0,
        label=racer.name,
    )
