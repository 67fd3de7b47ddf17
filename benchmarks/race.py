"""mfteach beside the libraries that one would pick instead: ``make bench``.

Every contender runs in a process of its own and learns the same ratings. In each round everybody
has a turn, one after the other, so that a slow moment of the machine hits all of them; rounds go
on until the time of a race is used up. A turn is a run that only wakes the process up, and then
runs for half of the epochs and for all, one after the other: seconds per epoch are the slope
between them, so that set-up drops out. Penalties and rates are chosen for each contender on
ratings held out for that. The first contender runs again at the end: how much longer, or shorter,
that takes is the noise of a race. A time within a tenth of what it should reach is measured again.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from benchmarks.data import ML_1M, ML_100K, synthetic_ratings
from benchmarks.goals import ALS, GOALS, QUESTIONS, SGD, SGD_PEERS, MissingError, Race
from benchmarks.history import History
from benchmarks.machine import copy_rate, gemm_rate
from benchmarks.picture import draw
from benchmarks.racer import ROOT, Racer
from benchmarks.startup import waits
from mfteach import Ratings, datasets

REPORT = ROOT / "_build" / "bench"
# Who is asked for lists of items, how many, how often.
ANSWERING = (ALS, "implicit CG")
N_LISTS, N_TIMES = 1000, 7
# Seconds that the rounds of a race may take, and how many rounds there are at most; at least one.
SECONDS, ROUNDS = 22.0, 30
# Who takes longer than this for all epochs is not run for the RMSE on the way: the race has to end
# within 15 minutes.
LONG = 4.0
# How often the first contender runs to tell the noise, in the beginning and at the end; how many
# further turns those have whose figure is near its goal, the slow one alone.
N_YARDSTICK, N_AGAIN = 5, 3

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
    "cmfrec ALS": "cmfrec CG",
    "implicit ALS": "mfteach all-pairs numba",
    "implicit CG": "mfteach all-pairs numba",
}
# These run on one thread, whatever they are told.
SINGLE = ("mfteach SGD numpy", "Surprise SGD")
# These are always faster on two.
DOUBLE = ("LensKit ALS", "cmfrec ALS", "cmfrec CG", "implicit ALS")
EVERYBODY = (*GRIDS, *AS_FOR)
BY_SGD = (SGD, *SGD_PEERS)


class Start(NamedTuple):
    """Who runs on which ratings, with how many factors."""

    title: str
    ratings: Ratings
    k: int
    names: tuple[str, ...]


def starts(quick):
    """Each race: by all solvers at 64 factors, and where one line needs it by a few at others."""
    sets: list[tuple[str, Any]] = [("synthetic, ML-100K", synthetic_ratings(ML_100K))]
    if os.environ.get("MFTEACH_DATA"):
        sets.append(("ml-latest-small", datasets.movielens("ml-latest-small")))
    else:
        print("MFTEACH_DATA is not set: the race runs on synthetic ratings alone")
    for title, ratings in sets:
        yield from (Start(title, ratings, k, BY_SGD) for k in (16, 32))
        yield Start(title, ratings, 64, EVERYBODY)
    if quick:
        return
    title, ratings = "synthetic, ML-1M", synthetic_ratings(ML_1M)
    yield Start(title, ratings, 16, BY_SGD)
    yield Start(title, ratings, 32, (*BY_SGD, ALS))
    yield Start(title, ratings, 64, EVERYBODY)
    yield Start(title, ratings, 128, (ALS,))


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


def tuned(names, data, k, peers, bar):
    """For each contender the settings that give the lowest RMSE on ``data``."""
    points = {name: grid_points(GRIDS[name]) for name in names}
    racers = [
        Racer.start(name, threads_of(name)[-1], data, k, peers)
        for name in names
        if len(points[name]) > 1
    ]
    best = {name: found[0] for name, found in points.items()}
    for racer in racers:
        bar.set_postfix_str(f"settings for {racer.name}")
        answers = [racer.run(racer.lengths[-1], point) for point in points[racer.name]]
        found = [np.inf if answer is None else answer["rmse"] for answer in answers]
        best[racer.name] = points[racer.name][int(np.argmin(found))]
        racer.stop()
    return best


def run_race(start, peers, folder, bar):
    """Tune on validation, then run everybody: the race, and its noise."""
    data, inner, k = folder / "data.npz", folder / "inner.npz", start.k
    train = save_split(start.ratings, data, rng=1)
    save_split(train, inner, rng=2)
    names = [name for name in start.names if peers or name.startswith("mfteach")]
    settings = tuned([name for name in names if name in GRIDS], inner, k, peers, bar)
    racers = [
        Racer.start(name, threads, data, k, peers) for name in names for threads in threads_of(name)
    ]
    yardstick = Racer.start(names[0], threads_of(names[0])[-1], data, k, peers)
    for racer in (yardstick, *racers):
        racer.settings = settings[AS_FOR.get(racer.name, racer.name)]
        racer.await_ready()
    first, gemm = seconds_of(yardstick), gemm_rate(np.float32, os.cpu_count())
    ends = time.monotonic() + SECONDS
    for number in range(ROUNDS):
        if number > 0 and time.monotonic() > ends:
            break
        run_round(racers, number, bar)
    for question in QUESTIONS.values():
        ask(racers, question)
    gemm = 1e9 * max(gemm, gemm_rate(np.float32, os.cpu_count()))
    done = Race(start.title, train, k, racers, gemm)
    measure_again(done, bar)
    noise = seconds_of(yardstick) / first
    for racer in (yardstick, *racers):
        racer.stop()
    return done, noise


def seconds_of(yardstick):
    """What the contender takes that tells the noise."""
    return min(yardstick.run(yardstick.lengths[-1])["seconds"] for _ in range(N_YARDSTICK))


def run_round(racers, number, bar):
    """Everybody has a turn, but the slow no second one; the first shows the RMSE on the way."""
    for racer in racers:
        if racer.error is not None or (number > 0 and racer.slow):
            continue
        bar.set_postfix_str(f"round {number + 1}, {racer.name}")
        racer.take_turn()
        if number == 0 and racer.takes <= LONG:
            for n_epochs in racer.lengths:
                if n_epochs not in racer.runs:
                    racer.measure(n_epochs)


def measure_again(race, bar):
    """Run or ask those again whose figure lies near what it should reach."""
    near = [goal for goal in GOALS if goal.near(race)]
    for question in {goal.question for goal in near} - {None}:
        ask(race.racers, question)
    run = [goal.contenders(race) for goal in near if goal.question is None]
    for number in range(N_AGAIN):
        for racer in race.racers:
            if not any(racer in contenders for contenders in run) or (number > 0 and racer.slow):
                continue
            bar.set_postfix_str(f"again, {racer.name}")
            racer.take_turn()


def ask(racers, question):
    """Ask those who answer for their lists, in turns."""
    for _ in range(N_TIMES):
        for racer in racers:
            if racer.name in ANSWERING:
                racer.ask(question, N_LISTS)


def main(argv=None):
    """Run the races, print the tables, and write them with pictures into _build/bench."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="the Python of the peers' environment")
    parser.add_argument("--quick", action="store_true", help="only the small sets, and no course")
    arguments = parser.parse_args(argv)
    if arguments.peers and not arguments.peers.is_file():
        parser.error(f"no Python at {arguments.peers}: make bench installs one, with the peers")
    REPORT.mkdir(parents=True, exist_ok=True)
    date, history = time.strftime("%Y-%m-%d %H:%M"), History(REPORT / "history.csv")
    lines, noises, began = [machine(date)], [], time.monotonic()
    print(lines[0])
    with tempfile.TemporaryDirectory() as folder, tqdm(list(starts(arguments.quick))) as bar:
        for start in bar:
            race, noise = run_race(start, arguments.peers, Path(folder), bar)
            noises.append(noise)
            lines.append(report(race, start.names, noise, date, history))
            bar.write(lines[-1])
            name = f"{race.title} k={race.k}.png".replace(", ", " ")
            draw(race.racers, f"{race.title}, k = {race.k}", REPORT / name)
    lines.append(report_waits(not arguments.quick, noises, date, history))
    minutes = (time.monotonic() - began) / 60
    lines.append(
        f"{minutes:.1f} minutes. The first contender of a race, run again at its end, took "
        f"{min(noises):.2f} to {max(noises):.2f} of its time."
    )
    print("\n".join(lines[-2:]))
    (REPORT / "report.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    print(f"The tables, the pictures and the history are in {REPORT}.")
    return 0


def machine(date):
    """What this ran on, and how fast that is by itself."""
    n = os.cpu_count()
    return (
        f"{date}, Python {platform.python_version()}, {n} processors "
        f"({platform.processor() or platform.machine()}); copy {copy_rate():.0f} GB/s on one "
        f"thread; GEMM {gemm_rate(np.float32):.0f} GF/s in float32 and "
        f"{gemm_rate(np.float64):.0f} GF/s in float64 on one thread, "
        f"{gemm_rate(np.float32, n):.0f} GF/s in float32 on {n}"
    )


def report(race, names, noise, date, history):
    """The figures of one race as Markdown: everybody, then each goal. They go into the history."""
    rows = [
        f"## {race.title}: {len(race.ratings)} ratings to learn from, k = {race.k}",
        "",
        "| contender | threads | s / epoch | test RMSE | set-up and all epochs, s | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    rows += ["| " + " | ".join(_cells(racer, race.held)) + " |" for racer in race.racers]
    rows += ["", f"Noise: {noise:.2f}.", "", *HEADER]
    values = {}
    for goal in GOALS:
        if not goal.concerns(race, names):
            continue
        try:
            found = goal.measured(race)
            values[goal.title] = found.value
        except MissingError as missing:
            found = str(missing)
        earlier = history.earlier(race.title, race.k, goal.title)
        rows.append(verdict(goal.title, goal.reach_at(race.k), found, earlier))
    history.add(date, race.title, race.k, values, noise)
    return "\n".join(rows)


def report_waits(with_course, noises, date, history):
    """What is waited for before anything is computed, as Markdown."""
    rows, values = ["## Before anything is computed", "", *HEADER], {}
    for title, reach, found in waits(with_course):
        rows.append(verdict(title, reach, found, history.earlier("waits", "", title)))
        if not isinstance(found, str):
            values[title] = found.value
    history.add(date, "waits", "", values, max(noises))
    return "\n".join(rows)


HEADER = ("| figure | reach | measured | earlier runs | |", "|---|---|---|---|---|")


def verdict(title, reach, found, earlier):
    """A row of the table: a figure, or the reason why there is none, and what it was before."""
    goal = "no goal" if reach is None else f"{reach:g} or less"
    if isinstance(found, str):
        return f"| {title} | {goal} | - ({found}) | | not measured |"
    reached = "" if reach is None else "reached" if found.value <= reach else "NOT reached"
    if not found.matters:
        reached = "reached"
    before = ", ".join(f"{value:.3f}" for value in earlier)
    return f"| {title} | {goal} | {found.value:.3f} ({found.remark}) | {before} | {reached} |"


def _cells(racer, held):
    if racer.error is not None:
        return racer.name, str(racer.threads), racer.error[:60], "", "", ""
    rmse = racer.final_rmse
    return (
        racer.name,
        str(racer.threads),
        "-" if racer.slope is None else f"{racer.slope:.4f}",
        "-" if rmse is None else f"{rmse:.4f}",
        f"{racer.seconds(max(racer.runs)):.2f}",
        f"{racer.bytes / 1e6:.0f} MB, {racer.bytes / held:.1f} times",
    )


if __name__ == "__main__":
    sys.exit(main())
