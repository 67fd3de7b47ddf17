"""Our ALS beside Spark's, on growing data: ``make bench-spark``.

1, 5 and 20 million synthetic ratings for both, on the processors of this machine; 100 million for
ours. Mean and biases are taken off first: what is timed is ALS. The two take turns in one process
for each size, so that a slow moment of the machine hits both, and the time of an epoch is what a
long fit takes more than a short one: set-up drops out. What comes out is stored beside the
package's code, where a lesson shows it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from tqdm.auto import tqdm

from benchmarks.data import NETFLIX, Shape, synthetic_ratings
from benchmarks.scaling import SIZES
from mfteach import Factors, MatrixFactorization, Ratings
from mfteach.evaluation.metrics import rmse
from mfteach.recommender import Biases
from mfteach.spark import session
from mfteach.spark.factorizing import by_spark
from mfteach.spark.frames import of_ratings, rows
from mfteach.spark.objective import value
from mfteach.spark.stored import ONE_OR_MANY

FOLDER = Path(__file__).parents[1] / "_build" / "bench"
# So few that an epoch on Spark is what it costs to begin and to end one.
SMALLEST = 0.01
MILLIONS = SIZES | {SMALLEST: Shape(600, 400, 10_000), 100: NETFLIX}
# Beyond these millions Spark is left out: on two processors it would take an hour.
LARGEST_ON_SPARK = 20
SETTINGS = {"n_factors": 16, "regularization": 0.05, "weighting": "by_count", "rng": 0}
OURS, SPARK = "one machine", "spark"
SHORT, LONG = 2, 10
# How often each length is fitted; the more ratings, the less the noise.
ROUNDS = {SMALLEST: 3, 1: 3}
HELD_OUT = 0.1


def ratings_of(millions):
    """So many synthetic ratings, kept in a file: the largest take minutes to draw."""
    path = FOLDER / f"synthetic {millions:g} M.npz"
    if not path.exists():
        drawn = synthetic_ratings(MILLIONS[millions])
        half = path.with_suffix(".half.npz")
        i, j = drawn.user_index.astype(np.int32), drawn.item_index.astype(np.int32)
        np.savez(half, i=i, j=j, r=drawn.values.astype(np.float32))
        half.replace(path)
    with np.load(path) as columns:
        return Ratings(columns["i"], columns["j"], columns["r"])


class Ours:
    """The solver of this package, in this process."""

    def __init__(self, left):
        self.left = left
        self.fit(1)  # what Numba has compiled is loaded now
        self.peak_bytes = peak_bytes("self")

    def fit(self, n_epochs):
        """J and the factors."""
        model = MatrixFactorization(n_epochs=n_epochs, engine="numba", biases=False, **SETTINGS)
        model.fit(self.left)
        return model.trace_.last.value, model.factors_

    processor_seconds = staticmethod(time.process_time)


class Spark:
    """Spark's ALS on the same processors, in a Java of its own."""

    def __init__(self, left, spark):
        self.java = spark.sparkContext._gateway.proc.pid
        self.shape, self.E = left.shape, of_ratings(spark, left)
        self._learned(SHORT)  # Java compiles while it works, and the ratings are sent now

    def _learned(self, n_epochs):
        settings = SimpleNamespace(n_epochs=n_epochs, n_factors=SETTINGS["n_factors"])
        return by_spark(self.E, settings, SETTINGS["regularization"], SETTINGS["rng"])

    def fit(self, n_epochs):
        """What `result` takes: the factors stay there."""
        return self._learned(n_epochs)

    def result(self, learned):
        """J, by our own formula on Spark, and the factors."""
        J = value(self.E, learned.U, learned.V, SETTINGS["regularization"])
        k = SETTINGS["n_factors"]
        m, n = self.shape
        return J, Factors(rows(learned.U, "i", "u", (m, k)), rows(learned.V, "j", "v", (n, k)))

    @property
    def peak_bytes(self):
        """Of Java alone: it takes what it may have."""
        return peak_bytes(self.java)

    def processor_seconds(self):
        """Of Java and of this process, which hands over and takes back."""
        fields = Path(f"/proc/{self.java}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def peak_bytes(process):
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def timed(solver, n_epochs):
    """Seconds by the clock and of processors, and what was learned."""
    began, before = time.perf_counter(), solver.processor_seconds()
    learned = solver.fit(n_epochs)
    return time.perf_counter() - began, solver.processor_seconds() - before, learned


def measured(millions):
    """One row of the table: both solvers, or ours alone, on so many ratings."""
    train, test = ratings_of(millions).split(HELD_OUT, rng=0)
    biases = Biases.fit(train)
    left = train.with_values(train.values - biases.predict(train))
    row = dict(zip(("users", "items", "ratings"), (*train.shape, len(train)), strict=True))
    solvers = {OURS: Ours(left)}
    if millions > LARGEST_ON_SPARK:
        return row | _raced(solvers, millions, biases, test)
    session.QUICK_START = ""  # it would compute at half the speed
    with session.session() as spark:
        solvers[SPARK] = Spark(left, spark)
        return row | _raced(solvers, millions, biases, test)


def _raced(solvers, millions, biases, test):
    runs = {name: {SHORT: [], LONG: []} for name in solvers}
    learned = {}
    for _ in range(ROUNDS.get(millions, 1)):
        for n_epochs in (SHORT, LONG):
            for name, solver in solvers.items():
                *seconds, learned[name] = timed(solver, n_epochs)
                runs[name][n_epochs].append(seconds)
    found = {}
    for name, solver in solvers.items():
        J, factors = solver.result(learned[name]) if name == SPARK else learned[name]
        u, v = factors.U[test.user_index], factors.V[test.item_index]
        predicted = biases.predict(test) + np.einsum("ns,ns->n", u, v)
        found[name] = per_epoch(runs[name]) | {
            "peak_bytes": solver.peak_bytes,
            "J": J,
            "rmse": rmse(test.values, predicted),
        }
    return found


def per_epoch(runs):
    """Medians over the rounds; an epoch takes what LONG takes more than SHORT, over their gap."""
    clock, processor = (
        [statistics.median(run[which] for run in runs[n]) for n in (SHORT, LONG)]
        for which in (0, 1)
    )
    return {
        "seconds_per_epoch": (clock[1] - clock[0]) / (LONG - SHORT),
        "processor_seconds_per_epoch": (processor[1] - processor[0]) / (LONG - SHORT),
        "seconds": clock[1],
    }


def in_a_process(millions):
    """The same in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.one_or_many", "--one", f"{millions:g}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{millions:g} million ratings: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def machine():
    """What the figures depend on besides the ratings."""
    import numba
    import pyspark

    return {
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "spark": pyspark.__version__,
    }


def table(stored):
    """The figures as Markdown."""
    lines = [
        "| ratings | | s an epoch | processor s | memory | J | test RMSE |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    for row in stored:
        for name in (name for name in (OURS, SPARK) if name in row):
            of = row[name]
            lines.append(
                f"| {row['ratings']:,} | {name} | {of['seconds_per_epoch']:.3f} | "
                f"{of['processor_seconds_per_epoch']:.3f} | {of['peak_bytes'] / 1e9:.2f} GB | "
                f"{of['J']:.0f} | {of['rmse']:.4f} |"
            )
    return "\n".join(lines)


def main(argv=None):
    """Measure each size, store what was measured, print the table."""
    parser = argparse.ArgumentParser(prog="make bench-spark", description=__doc__.splitlines()[0])
    sizes = {"type": float, "choices": list(MILLIONS)}
    parser.add_argument("--millions", nargs="+", default=list(MILLIONS), **sizes)
    parser.add_argument("--one", help=argparse.SUPPRESS, **sizes)
    arguments = parser.parse_args(argv)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if arguments.one:
        print(json.dumps(measured(arguments.one)))
        return 0
    stored = []
    for millions in tqdm(sorted(arguments.millions), unit="size"):
        stored.append(in_a_process(millions))
        found = {"settings": SETTINGS | {"n_epochs": LONG}, "machine": machine(), "rows": stored}
        ONE_OR_MANY.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(stored))
    return 0


if __name__ == "__main__":
    sys.exit(main())
