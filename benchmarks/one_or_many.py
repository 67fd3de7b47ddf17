"""Our ALS beside Spark's, on growing data: ``make bench-spark``.

1, 5 and 20 million synthetic ratings for both, on all processors of this machine, in one run; 100
million for ours, where `benchmarks.scaling` has them. Every fit runs in a process of its own, and
the two take turns, so that a slow moment of the machine hits both. What comes out is stored beside
the package's code, where a lesson shows it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys

import numpy as np
from tqdm.auto import tqdm

from benchmarks.scaling import FOLDER, SIZES, ratings_of
from mfteach import MatrixFactorization, Ratings
from mfteach.evaluation.metrics import rmse
from mfteach.recommender import Biases
from mfteach.spark import session
from mfteach.spark.stored import ONE_OR_MANY

SETTINGS = {
    "n_factors": 16,
    "regularization": 0.05,
    "weighting": "by_count",
    "biases": False,  # they are taken off before: what is timed is ALS
    "rng": 0,
    "unknown": "mean",
}
OURS, SPARK = "one machine", "spark"
ENGINES = {OURS: {"engine": "numba"}, SPARK: {"engine": "spark"}}
# Epochs of the two fits whose difference is the time of an epoch: set-up drops out.
SHORT, LONG = 2, 10
# Fits of each length. Ours are over in seconds, so that they are worth repeating.
ROUNDS = {OURS: 3, SPARK: 1}
# Beyond these millions Spark is left out: on two processors it would take an hour.
LARGEST_ON_SPARK = 20
# So few millions that an epoch on Spark is what it costs to begin and to end one.
SMALLEST = 0.01
HELD_OUT = 0.1
# As Java comes, for long computing. Our sessions choose what starts faster and computes slower.
JAVA_OPTIONS = "-Xss4m"
HIDDEN = "--fit"


def some_ratings(millions):
    """So many synthetic ratings; the smallest number is drawn from the next larger one."""
    if millions != SMALLEST:
        return ratings_of(int(millions))
    million = ratings_of(1)
    drawn = np.random.default_rng(0).permutation(len(million))[: int(SMALLEST * 1e6)]
    kept = million.take(np.sort(drawn))
    return Ratings(kept.users, kept.items, kept.values)


def fitted(millions, engine, n_epochs):
    """Fit once, in this process, and say what it took and what it reached."""
    train, test = some_ratings(millions).split(HELD_OUT, rng=0)
    biases = Biases.fit(train)
    left = train.with_values(train.values - biases.predict(train))
    model = MatrixFactorization(n_epochs=n_epochs, **SETTINGS | ENGINES[engine])
    # What Numba has compiled is on the disk, and loaded once.
    MatrixFactorization(n_epochs=1, **SETTINGS | ENGINES[OURS]).fit(left.take(np.arange(1000)))
    session.JAVA_OPTIONS = JAVA_OPTIONS
    before = os.times()
    model.fit(left)
    after = os.times()
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return {
        "seconds": after.elapsed - before.elapsed,
        "processor_seconds": sum(after[:4]) - sum(before[:4]),  # of Java as well, which has ended
        "peak_bytes": 1024 * (sum(peaks) if engine == SPARK else peaks[0]),
        "J": model.trace_.last.value,
        "rmse": rmse(test.values, biases.predict(test) + model.predict(test)),
        "users": train.shape[0],
        "items": train.shape[1],
        "ratings": len(train),
    }


def in_a_process(millions, engine, n_epochs):
    """The same in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.one_or_many", HIDDEN, str(millions), engine]
    done = subprocess.run([*command, str(n_epochs)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{engine} fails on {millions:g} million ratings: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measured(millions, progress):
    """One row of the table: both engines, or ours alone, on so many ratings."""
    engines = [one for one in ENGINES if one != SPARK or millions <= LARGEST_ON_SPARK]
    runs = {engine: {SHORT: [], LONG: []} for engine in engines}
    for number in range(max(ROUNDS.values())):
        for n_epochs in (SHORT, LONG):
            for engine in engines:
                if number < ROUNDS[engine]:
                    progress.set_description(f"{millions:g} M, {engine}, {n_epochs} epochs")
                    runs[engine][n_epochs].append(in_a_process(millions, engine, n_epochs))
    last = runs[OURS][LONG][-1]
    row = {what: last[what] for what in ("users", "items", "ratings")}
    return row | {engine: _summary(of) for engine, of in runs.items()}


def _summary(runs):
    """Medians over the rounds; an epoch takes what LONG takes longer than SHORT, over their gap."""

    def median(n_epochs, what):
        return statistics.median(run[what] for run in runs[n_epochs])

    def per_epoch(what):
        return (median(LONG, what) - median(SHORT, what)) / (LONG - SHORT)

    return {
        "seconds_per_epoch": per_epoch("seconds"),
        "processor_seconds_per_epoch": per_epoch("processor_seconds"),
        "seconds": median(LONG, "seconds"),
        "peak_bytes": max(run["peak_bytes"] for of in runs.values() for run in of),
        "J": median(LONG, "J"),
        "rmse": median(LONG, "rmse"),
        "rounds": len(runs[LONG]),
    }


def machine():
    """What the figures depend on besides the ratings."""
    import numba
    import pyspark

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": memory,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "spark": pyspark.__version__,
    }


def table(rows):
    """The figures as Markdown."""
    lines = [
        "| ratings | engine | s an epoch | processor s | s in all | memory | J | RMSE |",
        "|--:" * 8 + "|",
    ]
    for row in rows:
        for engine in ENGINES:
            if engine in row:
                of = row[engine]
                lines.append(
                    f"| {row['ratings']:,} | {engine} | {of['seconds_per_epoch']:.3f} | "
                    f"{of['processor_seconds_per_epoch']:.3f} | {of['seconds']:.1f} | "
                    f"{of['peak_bytes'] / 1e9:.2f} GB | {of['J']:.0f} | {of['rmse']:.4f} |"
                )
    return "\n".join(lines)


def main(argv=None):
    """Measure each size, store what was measured, print the table."""
    parser = argparse.ArgumentParser(prog="make bench-spark", description=__doc__.splitlines()[0])
    sizes = [SMALLEST, *SIZES]
    parser.add_argument("--millions", type=float, nargs="+", choices=sizes, default=sizes)
    parser.add_argument(HIDDEN, nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.fit:
        millions, engine, n_epochs = arguments.fit
        print(json.dumps(fitted(float(millions), engine, int(n_epochs))))
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for size in arguments.millions:
        some_ratings(size)  # drawn now, and not in the first fit
    rows = []
    progress = tqdm(arguments.millions, unit="size")
    for size in progress:
        rows.append(measured(size, progress))
        found = {"settings": SETTINGS | {"n_epochs": LONG}, "machine": machine(), "rows": rows}
        ONE_OR_MANY.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
