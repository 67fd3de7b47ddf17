"""mfteach beside the libraries that one would pick instead: ``make bench``.

Every contender runs in a process of its own and learns the same ratings. In each round everybody
runs once for each number of epochs, one after the other, so that a slow moment of the machine
hits all of them. Seconds per epoch are the slope of the time over the number of epochs: set-up
drops out. Penalties and rates are chosen for each contender on ratings held out for that.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from benchmarks.data import ML_1M, ML_100K, synthetic_ratings
from benchmarks.goals import GOALS, judge
from benchmarks.machine import copy_rate, gemm_rate
from benchmarks.picture import draw
from mfteach import Ratings, datasets

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "_build" / "bench"
CONTENDER = Path(__file__).with_name("contenders.py")
# Where each library reads how many threads it may start.
THREADS = ("MFTEACH_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "LK_NUM_THREADS")

# Numbers of epochs that are timed, and the last of them for the RMSE.
SWEEPS = (1, 2, 4, 7, 10)
EPOCHS = {"SGD": (1, 4, 8, 10, 12, 16, 20), "ALS": SWEEPS, "CG": SWEEPS, "all-pairs": SWEEPS}
# Whose recommendations are timed, for how many users, how often.
RECOMMENDERS = ("mfteach ALS numba", "implicit CG")
N_USERS, N_TIMES = 1000, 7
# Who takes longer than this for all epochs runs every other length once, and then the longest and
# the shortest alone; who takes longer than that runs these two only, and once: the race has to end
# within 15 minutes.
SLOW, LONG = 1.0, 4.0
# Whoever has not answered after so many seconds is stuck.
HANGS = 60

RATES = {"rate": [0.005, 0.01, 0.02], "penalty": [0.01, 0.02, 0.03, 0.05]}
OURS_SGD = {
    "learning_rate": [0.04, 0.08, 0.12],
    "decay": [0.3, 1.0],
    "regularization": [0.03, 0.04, 0.06],
    "biases": ["learned"],
    "weighting": ["by_count"],
    "start_scale": [0.01],
}
PLAIN = [8.0, 12.0, 16.0, 24.0, 32.0]
BY_COUNT = [0.03, 0.05, 0.07, 0.1, 0.14]
OURS_ALS = {"weighting": ["by_count"], "regularization": BY_COUNT}
# The settings that are tried for each contender: its own range, where its best lies inside.
GRIDS = {
    "mfteach SGD numba": OURS_SGD,
    "Surprise SGD": {"rate": [0.01], "penalty": [0.02, 0.05]},
    "cornac SGD": RATES,
    "LIBMF SGD": {"rate": [0.05, 0.1], "penalty": [0.02, 0.03, 0.05]},
    "mfteach ALS numba": OURS_ALS,
    "LensKit ALS": {"penalty": BY_COUNT},
    "cmfrec CG": {"penalty": PLAIN},
    "mfteach CG numba": OURS_ALS,
    "mfteach all-pairs numba": {"penalty": [10.0]},
}
# Who minimizes the same by the same steps takes the settings of another.
AS_FOR = {
    "mfteach SGD numpy": "mfteach SGD numba",
    "mfteach ALS numpy": "mfteach ALS numba",
    "mfteach CG numpy": "mfteach CG numba",
    "cmfrec ALS": "cmfrec CG",
    "implicit ALS": "mfteach all-pairs numba",
    "implicit CG": "mfteach all-pairs numba",
}
# These run on one thread, whatever they are told.
SINGLE = ("mfteach SGD numpy", "Surprise SGD")
# These are always faster on two.
DOUBLE = ("LensKit ALS", "cmfrec ALS", "cmfrec CG", "implicit ALS")
EVERYBODY = (*GRIDS, *AS_FOR)


@dataclass
class Racer:
    """A contender's process, and what has been measured of it."""

    name: str
    threads: int
    command: list[str]
    process: subprocess.Popen[str]
    settings: dict[str, object] = field(default_factory=dict)
    runs: dict[int, list[float]] = field(default_factory=dict)
    rmse: dict[int, float] = field(default_factory=dict)
    J: dict[int, float] = field(default_factory=dict)
    recommends: list[float] = field(default_factory=list)
    bytes: int | None = None
    error: str | None = None

    @classmethod
    def start(cls, name, threads, data, k, peers):
        """Begin a process; it answers as soon as it has loaded its library."""
        python = sys.executable if name.startswith("mfteach") else str(peers)
        command = [python, str(CONTENDER), name, str(data), str(k), str(threads)]
        return cls(name, threads, command, _started(command, threads))

    @property
    def kind(self):
        """SGD, ALS, CG or all-pairs."""
        return self.name.split()[1]

    @property
    def lengths(self):
        """Its numbers of epochs, longest first: that peak of memory is free of leftovers."""
        return EPOCHS[self.kind][::-1]

    @property
    def mine(self):
        """Whether it is this package that runs."""
        return self.name.startswith("mfteach")

    def run(self, n_epochs, settings=None):
        """Learn once, and return what the process answers; None once it has failed."""
        settings = self.settings if settings is None else settings
        return self._answer({"n_epochs": n_epochs, "settings": settings})

    def _answer(self, command):
        if self.error is not None:
            return None
        answer = self._asked(command)
        if answer is None:  # LIBMF sometimes waits for itself without end: try once more
            self.process.kill()
            self.process.wait()
            self.process = _started(self.command, self.threads)
            answer = self._asked(command) or {"error": f"no answer within {HANGS} s, twice"}
        self.error = answer.get("error")
        return None if self.error else answer

    def _asked(self, command):
        """What the process answers; None if it does not."""
        try:
            print(json.dumps(command), file=self.process.stdin, flush=True)
            if not select.select([self.process.stdout], [], [], HANGS)[0]:
                return None
            return json.loads(self.process.stdout.readline() or '{"error": "it died"}')
        except BrokenPipeError:
            return {"error": "it died"}

    def measure(self, n_epochs):
        """Run for so many epochs and keep the figures."""
        answer = self.run(n_epochs)
        if answer is None:
            return
        self.runs.setdefault(n_epochs, []).append(answer["seconds"])
        if answer["rmse"] is not None:
            self.rmse[n_epochs] = answer["rmse"]
        if answer["J"] is not None:
            self.J[n_epochs] = answer["J"]
        if self.bytes is None:  # only the first run starts from a process without leftovers
            self.bytes = answer["bytes"]

    def recommend(self):
        """Recommend from what was learned last, and keep the seconds."""
        answer = self._answer({"n_users": N_USERS})
        if answer is not None:
            self.recommends.append(answer["seconds"])

    def stop(self):
        """End the process."""
        self.process.kill()
        self.process.wait()

    def seconds(self, n_epochs):
        """The quickest run of so many epochs or more, set-up included.

        A longer run that was quicker shows that the machine was busy during the shorter one.
        """
        return min(min(seconds) for n, seconds in self.runs.items() if n >= n_epochs)

    @property
    def slope(self):
        """Seconds per epoch: least squares through the quickest runs of each length."""
        if len(self.runs) < 2:
            return None
        lengths = np.array(sorted(self.runs))
        return float(np.polyfit(lengths, [self.seconds(n) for n in lengths.tolist()], 1)[0])

    @property
    def final_rmse(self):
        """After the last epoch."""
        return self.rmse.get(self.lengths[0])

    def seconds_until(self, rmse):
        """Set-up included, until the RMSE is as low, or None."""
        reached = [self.seconds(n) for n, found in self.rmse.items() if found <= rmse]
        return min(reached, default=None)


def _started(command, threads):
    limits = dict.fromkeys(THREADS, str(threads)) | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | limits | {"PYTHONPATH": str(ROOT)},
    )


def grid_points(grid):
    """Every combination of the settings of a grid."""
    points = [{}]
    for name, values in grid.items():
        points = [point | {name: value} for point in points for value in values]
    return points


def threads_of(name):
    """On how many threads a contender runs, each time in a process of its own."""
    if name in SINGLE:
        return (1,)
    return (2,) if name in DOUBLE else (1, 2)


def save_split(ratings, path, rng):
    """Nine tenths to learn from and one tenth to predict, as row numbers, in one file."""
    generator = np.random.default_rng(rng)
    shuffled = generator.permutation(len(ratings))
    cut = len(ratings) // 10
    parts = {"test_": np.sort(shuffled[:cut]), "": np.sort(shuffled[cut:])}
    columns = {}
    for prefix, part in parts.items():
        columns[prefix + "i"] = ratings.user_index[part].astype(np.int32)
        columns[prefix + "j"] = ratings.item_index[part].astype(np.int32)
        columns[prefix + "r"] = ratings.values[part].astype(np.float32)
    # Every row is in the training part, so that everybody can predict every pair.
    known = np.isin(columns["test_i"], columns["i"]) & np.isin(columns["test_j"], columns["j"])
    for name in ("test_i", "test_j", "test_r"):
        columns[name] = columns[name][known]
    np.savez(path, shape=ratings.shape, **columns)
    return Ratings(columns["i"], columns["j"], columns["r"])


def tuned(name, data, k, peers, bar):
    """The settings with the lowest RMSE on ``data``, for each of which everybody learns once."""
    racer = Racer.start(name, threads_of(name)[-1], data, k, peers)
    found = []
    points = grid_points(GRIDS[name])
    for point in points:
        answer = racer.run(racer.lengths[0], point) if len(points) > 1 else None
        found.append(np.inf if answer is None else answer["rmse"])
        bar.update()
    racer.stop()
    return points[int(np.argmin(found))]


def race(title, ratings, k, peers, names, rounds, folder, bar):
    """Tune on validation, then run everybody; the racers with what was measured."""
    data, inner = folder / "data.npz", folder / "inner.npz"
    train = save_split(ratings, data, rng=1)
    save_split(train, inner, rng=2)
    settings = {name: tuned(name, inner, k, peers, bar) for name in names if name in GRIDS}
    racers = []
    for name in names:
        for threads in threads_of(name):
            racer = Racer.start(name, threads, data, k, peers)
            racer.settings = settings[AS_FOR.get(name, name)]
            racers.append(racer)
    for number in range(rounds):
        for step in range(max(map(len, EPOCHS.values()))):
            for racer in racers:
                if _worthwhile(racer, step, number):
                    racer.measure(racer.lengths[step])
                bar.set_postfix_str(f"{title}, k = {k}: {racer.name}", refresh=False)
                bar.update()
    for _ in range(N_TIMES):
        for racer in racers:
            if racer.name in RECOMMENDERS:
                racer.recommend()
    for racer in racers:
        racer.stop()
    return racers, train


def _worthwhile(racer, step, round_number):
    """Whether a run is worth its time: the longer they are, the fewer."""
    lengths = racer.lengths
    if racer.error is not None or step >= len(lengths):
        return False
    seconds = racer.seconds(lengths[0]) if racer.runs else 0.0
    if seconds <= SLOW:
        return True
    if step in (0, len(lengths) - 1):
        return round_number == 0 or seconds <= LONG
    return round_number == 0 and seconds <= LONG and step % 2 == 0


def datasets_to_race(quick):
    """A title, ratings and the numbers of factors, for each set."""
    yield "synthetic, ML-100K", synthetic_ratings(ML_100K), (64,)
    if os.environ.get("MFTEACH_DATA"):
        yield "ml-latest-small", datasets.movielens("ml-latest-small"), (64,)
    else:
        print("MFTEACH_DATA is not set: the race runs on synthetic ratings alone")
    if not quick:
        yield "synthetic, ML-1M", synthetic_ratings(ML_1M), (32, 64)


def main(argv=None):
    """Run the races, print the tables, and write them with a picture into _build/bench."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="the Python of the peers' environment")
    parser.add_argument("--rounds", type=int, default=3, help="how often all but the longest run")
    parser.add_argument("--quick", action="store_true", help="only the small sets")
    arguments = parser.parse_args(argv)
    REPORT.mkdir(parents=True, exist_ok=True)
    names = [n for n in EVERYBODY if arguments.peers or n.startswith("mfteach")]
    lines = [machine()]
    print(lines[0])
    with tempfile.TemporaryDirectory() as folder, tqdm(unit="run", smoothing=0) as bar:
        for title, ratings, factors in datasets_to_race(arguments.quick):
            for k in factors:
                bar.total = bar.n + expected_runs(names, arguments.rounds)
                racers, train = race(
                    title, ratings, k, arguments.peers, names, arguments.rounds, Path(folder), bar
                )
                text = table(title, k, train, racers)
                lines.append(text)
                bar.write(text)
                draw(racers, f"{title}, k = {k}", REPORT / f"{title} k={k}.png".replace(", ", " "))
    (REPORT / "report.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    print(f"The tables and the pictures are in {REPORT}.")
    return 0


def expected_runs(names, rounds):
    """How many runs a race has, for the bar."""
    tuning = sum(len(grid_points(GRIDS[n])) for n in names if n in GRIDS)
    racers = sum(len(threads_of(n)) for n in names)
    return tuning + racers * rounds * max(map(len, EPOCHS.values()))


def machine():
    """What this ran on, and how fast that is by itself."""
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors ({platform.processor() or platform.machine()}); "
        f"copy {copy_rate():.0f} GB/s, GEMM {gemm_rate(np.float32):.0f} GF/s in float32 and "
        f"{gemm_rate(np.float64):.0f} GF/s in float64, on one thread each"
    )


def table(title, k, train, racers):
    """The figures of one race as Markdown: everybody, then each goal."""
    held = ratings_bytes(train)
    rows = [
        f"## {title}: {len(train)} ratings to learn from, k = {k}",
        "",
        "| contender | threads | s / epoch | test RMSE | set-up and all epochs, s | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for racer in racers:
        rows.append("| " + " | ".join(_cells(racer, held + 4 * k * sum(train.shape))) + " |")
    rows += ["", "| figure | reach | measured | |", "|---|---|---|---|"]
    for goal in GOALS:
        measured = judge(goal, racers, held + 4 * k * sum(train.shape))
        rows.append(f"| {goal.title} | {goal.reach:g} or less | {measured} |")
    return "\n".join(rows)


def ratings_bytes(ratings):
    """Bytes that the ratings themselves take."""
    arrays = ratings.user_index, ratings.item_index, ratings.values
    return sum(array.nbytes for array in (*arrays, ratings.user_labels, ratings.item_labels))


def _cells(racer, held):
    if racer.error is not None:
        return racer.name, str(racer.threads), racer.error[:60], "", "", ""
    rmse = racer.final_rmse
    return (
        racer.name,
        str(racer.threads),
        f"{racer.slope:.4f}",
        "-" if rmse is None else f"{rmse:.4f}",
        f"{racer.seconds(max(racer.runs)):.2f}",
        f"{racer.bytes / 1e6:.0f} MB, {racer.bytes / held:.1f} times",
    )


if __name__ == "__main__":
    sys.exit(main())
