"""How the time per rating grows with their number: the first half of ``make bench-scaling``.

1, 5 and 20 million synthetic ratings, 16 to 128 factors, the compiled solvers on all processors.
What is measured is kept at once: killed and started again, the run goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import LogFormatter, NullLocator
from tqdm.auto import tqdm

from benchmarks.data import ML_1M, Shape, synthetic_ratings
from mfteach import MatrixFactorization, Ratings

FOLDER = Path(__file__).parents[1] / "_build" / "bench"
SIZES = {
    1: ML_1M,
    5: Shape(32_000, 10_000, 5_000_000),
    20: Shape(138_493, 26_744, 20_000_263),
}
LARGEST = 20_000_000
FACTORS = (16, 32, 64, 128)
ROUNDS = 3
SOLVERS = {
    "sgd": {"biases": "learned", "weighting": "by_count", "regularization": 0.03},
    "als": {"regularization": 20.0},
    "cg": {"regularization": 20.0},
}
# The time per rating at 20 million over that at 1 million, at most.
REACH = {"sgd": 1.6, "als": 1.2}
COLUMNS = ("millions", "n_factors", "solver", "ns_per_rating")


def ratings_of(millions):
    """The synthetic ratings, kept in a file, for the largest take minutes to draw."""
    path = FOLDER / f"synthetic {millions} M.npz"
    if not path.exists():
        synthetic = synthetic_ratings(SIZES[millions])
        half = path.with_suffix(".half.npz")
        np.savez(
            half,
            i=synthetic.user_index.astype(np.int32),
            j=synthetic.item_index.astype(np.int32),
            r=synthetic.values.astype(np.float32),
        )
        half.replace(path)
    with np.load(path) as columns:
        return Ratings(columns["i"], columns["j"], columns["r"])


def times_per_rating(ratings, k, solver):
    """Nanoseconds per rating and epoch, set-up aside, for each size: the median of all epochs.

    The sizes take turns, so that a slow moment of the machine hits each of them. The fewer the
    ratings, the more epochs.
    """
    seconds = {size: [] for size in ratings}
    for size in list(ratings) * ROUNDS:
        some = ratings[size]
        model = MatrixFactorization(
            k, solver, n_epochs=3 + LARGEST // len(some), engine="numba", rng=0, **SOLVERS[solver]
        )
        seconds[size].extend(np.diff(model.fit(some).trace_.seconds))
    return {size: 1e9 * np.median(seconds[size]) / len(ratings[size]) for size in ratings}


def known(path):
    """What an earlier run measured."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (int(r["millions"]), int(r["n_factors"]), r["solver"]): float(r["ns_per_rating"])
        for r in rows
    }


def measure(path, sizes):
    """Fill in what is missing, one solver and number of factors at a time."""
    found = known(path)
    if not found:
        path.write_text(",".join(COLUMNS) + "\n")
    missing = [
        (k, solver)
        for k in FACTORS
        for solver in SOLVERS
        if any((size, k, solver) not in found for size in sizes)
    ]
    ratings = {size: ratings_of(size) for size in sizes} if missing else {}
    for k, solver in tqdm(missing, unit="solver"):
        with path.open("a") as file:
            for size, nanoseconds in times_per_rating(ratings, k, solver).items():
                found[size, k, solver] = nanoseconds
                file.write(f"{size},{k},{solver},{nanoseconds:.3f}\n")
    return found


def table(found, sizes):
    """Nanoseconds per rating, and how they grow, as Markdown."""
    header = " | ".join(f"{size} M" for size in sizes)
    lines = [f"| solver | k | {header} | growth | reach | |", "|---" * (len(sizes) + 5) + "|"]
    for solver in SOLVERS:
        for k in FACTORS:
            times = [found[size, k, solver] for size in sizes]
            growth, reach = times[-1] / times[0], REACH.get(solver)
            verdict = "" if reach is None else "reached" if growth <= reach else "NOT reached"
            cells = [solver, str(k), *(f"{each:.1f}" for each in times), f"{growth:.2f}"]
            lines.append("| " + " | ".join([*cells, str(reach or ""), verdict]) + " |")
    return "\n".join(lines)


def draw(found, sizes, path):
    """Nanoseconds per rating against the number of ratings."""
    with plt.style.context("mfteach.course"):
        figure, axes = plt.subplots(1, len(SOLVERS), figsize=(11, 3.8), layout="constrained")
        for ax, solver in zip(axes, SOLVERS, strict=True):
            for k, marker in zip(FACTORS, "os^D", strict=True):
                ax.plot(
                    sizes, [found[s, k, solver] for s in sizes], marker=marker, label=f"k = {k}"
                )
            ax.set(xscale="log", yscale="log", title=solver, xlabel="million ratings")
            ax.set_xticks(sizes, [str(size) for size in sizes])
            ax.xaxis.set_minor_locator(NullLocator())
            ax.yaxis.set_major_formatter(LogFormatter())
            ax.yaxis.set_minor_formatter(LogFormatter())
        axes[0].set_ylabel("ns per rating and epoch")
        axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def main(argv=None):
    """Measure what is missing, print the table, draw the picture."""
    parser = argparse.ArgumentParser(prog="make bench-scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=int, nargs="+", choices=SIZES, default=list(SIZES))
    arguments = parser.parse_args(argv)
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = measure(FOLDER / "scaling.csv", arguments.millions)
    text = table(found, arguments.millions)
    print(text)
    (FOLDER / "scaling.md").write_text(text + "\n", encoding="utf-8")
    draw(found, arguments.millions, FOLDER / "scaling.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
