"""What the race is to show: each goal a ratio of two figures of one run, and how far it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mfteach import Ratings

# How much worse than the best peer's a test RMSE may be for a speed to count.
CLOSE = 0.002
# How far the objectives of the same equations may lie apart after the same sweeps, relatively.
SAME = 0.005
# A time so near its reach is measured again, so that no luck decides.
NEAR = 0.1
# Up to so many ratings, a set is one that a class uses.
SMALL = 200_000


@dataclass(frozen=True)
class Race:
    """What the goals are computed from."""

    title: str
    ratings: Ratings
    k: int
    racers: list[Any]
    gemm: float  # flops a second of all processors together

    @property
    def held(self) -> int:
        """Bytes of the ratings and of the factors, which nobody can do without."""
        ratings = self.ratings
        arrays = ratings.user_index, ratings.item_index, ratings.values
        labels = ratings.user_labels, ratings.item_labels
        return sum(array.nbytes for array in (*arrays, *labels)) + 4 * self.k * sum(ratings.shape)

    def named(self, *names):
        """The racers of these names that did not fail."""
        return [racer for racer in self.racers if racer.name in names and racer.error is None]


def everywhere(race):
    """A goal of every race that the contenders take part in."""
    return True


def small(race):
    """A goal of the sets that a class uses."""
    return len(race.ratings) <= SMALL


def large(race):
    """A goal of the other sets."""
    return not small(race)


class Figure(NamedTuple):
    """A ratio, what it is made of, and whether it matters: not where its reason is gone."""

    value: float
    remark: str
    matters: bool = True


@dataclass(frozen=True)
class Goal:
    """A ratio of ``mine`` to ``theirs`` that should be at most ``reach``.

    The reach may differ between numbers of factors; without one the figure is only shown.
    """

    title: str
    reach: float | dict[int, float] | None
    figure: Callable[..., Figure]
    mine: str
    theirs: tuple[str, ...] = ()
    where: Callable[[Race], bool] = everywhere

    def concerns(self, race, names):
        """Whether a race of these contenders has this figure."""
        wanted = self.mine in names and (not self.theirs or set(self.theirs) & set(names))
        return wanted and self.where(race)

    def reach_at(self, k):
        """The reach for so many factors."""
        return self.reach.get(k) if isinstance(self.reach, dict) else self.reach

    def measured(self, race):
        """The figure, as this race has it."""
        return self.figure(race, self.mine, self.theirs)

    def near(self, race):
        """Whether it is a ratio of times so near the reach that luck may decide."""
        reach = self.reach_at(race.k)
        names = [racer.name for racer in race.racers]
        of_times = self.figure in (*RUNS, *QUESTIONS)
        if reach is None or not of_times or not self.concerns(race, names):
            return False
        try:
            value = self.measured(race).value
        except MissingError:
            return False
        return abs(value / reach - 1) <= NEAR

    @property
    def question(self):
        """What is asked for the figure, if anything."""
        return QUESTIONS.get(self.figure)

    def contenders(self, race):
        """Whose runs the figure is made of; of a time to a target the slow decide nothing."""
        if self.figure is not time_to_target:
            return race.named(self.mine, *self.theirs)
        mine = (racer.name for racer in race.racers if racer.mine)
        return [racer for racer in race.named(*mine, *self.theirs) if not racer.slow]


class MissingError(Exception):
    """A figure that the race could not give; the message says which."""


def quickest(race, *names):
    """The racer with the fewest seconds per epoch of those with these names."""
    timed = [racer for racer in race.named(*names) if racer.slope is not None]
    if not timed:
        raise MissingError(f"nothing measured of {', '.join(names)}")
    return min(timed, key=lambda racer: racer.slope)


def speed(race, mine, theirs):
    """Our seconds per epoch over those of the quickest of them, best of 1 and 2 threads."""
    ours, peer = quickest(race, mine), quickest(race, *theirs)
    return Figure(ours.slope / peer.slope, f"beside {peer.name}, {peer.threads} threads")


def second_thread(race, mine, theirs):
    """Our seconds per epoch on two threads over those on one, unless one is chosen by itself."""
    racers = {racer.threads: racer for racer in race.named(mine)}
    if len(racers) < 2:
        raise MissingError(f"{mine} did not run on one and on two threads")
    one, two = racers[1].slope, racers[2].slope
    if not racers[2].helpers:
        return Figure(two / one, "one thread is chosen by itself", matters=False)
    return Figure(two / one, f"{1e3 * two:.2f} ms beside {1e3 * one:.2f} ms")


def to_floor(race, mine, theirs):
    """Our seconds per sweep over what its sums take at the speed of a product of matrices."""
    floor = sweep_flops(race.ratings, race.k) / race.gemm
    ours = quickest(race, mine)
    remark = f"{1e3 * ours.slope:.1f} ms, floor {1e3 * floor:.1f} ms at {race.gemm / 1e9:.0f} GF/s"
    return Figure(ours.slope / floor, remark)


def sweep_flops(ratings, k):
    """Flops of an exact sweep.

    A row of n ratings needs a matrix of s = min(n, k) rows and columns, half of its entries summed
    over max(n, k) products, and the solution of its equations.
    """
    n = np.concatenate([ratings.user_counts, ratings.item_counts]).astype(float)
    s, length = np.minimum(n, k), np.maximum(n, k)
    return float(np.sum(length * s * (s + 1) + s**3 / 3 + 2 * s**2))


def accuracy(race, mine, theirs):
    """Our test RMSE less the best of theirs, after the same number of epochs."""
    ours, peer = _best_rmse(race, mine), _best_rmse(race, *theirs)
    return Figure(ours - peer, f"{ours:.4f} beside {peer:.4f}")


def _best_rmse(race, *names):
    found = [r.final_rmse for r in race.named(*names) if r.final_rmse is not None]
    if not found:
        raise MissingError(f"no RMSE of {', '.join(names)}")
    return min(found)


def same_objective(race, mine, theirs):
    """How far our objective lies from theirs after the last sweep, as a share of it."""
    ours, peer = _last_objective(race, mine), _last_objective(race, *theirs)
    return Figure(abs(ours / peer - 1), f"{ours:.6g} beside {peer:.6g}")


def _last_objective(race, name):
    found = [r.J[max(r.J)] for r in race.named(name) if r.J]
    if not found:
        raise MissingError(f"no objective of {name}")
    return found[0]


def time_to_target(race, mine, theirs):
    """Our seconds to the best peer's RMSE, over those of the fastest peer that gets there."""
    peers = [r for r in race.named(*theirs) if r.final_rmse is not None]
    if not peers:
        raise MissingError("no peer has an RMSE")
    target = min(rmse for r in peers for rmse in r.rmse.values())
    seconds = min(r.seconds_until(target) or float("inf") for r in peers)
    ours = [(r.seconds_until(target), r.name) for r in race.racers if r.mine and r.error is None]
    reached = [pair for pair in ours if pair[0] is not None]
    if not reached:
        raise MissingError(f"nothing of ours reaches {target:.4f}")
    best, name = min(reached)
    return Figure(best / seconds, f"{name}: {best:.2f} s to {target:.4f}, peer {seconds:.2f} s")


def answering(question):
    """Our seconds for many lists over theirs, best of 1 and 2 threads."""

    def ratio(race, mine, theirs):
        ours, peer = (_quickest_answer(race, question, *names) for names in ((mine,), theirs))
        return Figure(ours / peer, f"{1e3 * ours:.0f} ms beside {1e3 * peer:.0f} ms")

    return ratio


def _quickest_answer(race, question, *names):
    found = [min(r.answers[question]) for r in race.named(*names) if question in r.answers]
    if not found:
        raise MissingError(f"no answers of {', '.join(names)}")
    return min(found)


recommending, similar = answering("recommend"), answering("similar")
# Ratios of times, of runs and of answers.
RUNS = speed, second_thread, to_floor, time_to_target
QUESTIONS = {recommending: "recommend", similar: "similar"}


def memory(race, mine, theirs):
    """The peak of a compiled solver over what ratings and factors take, on 1 or 2 threads."""
    peaks = [racer.bytes for racer in race.named(mine) if racer.bytes]
    if not peaks:
        raise MissingError("no peak of memory")
    return Figure(max(peaks) / race.held, f"{max(peaks) / 1e6:.1f} MB for {race.held / 1e6:.1f} MB")


SGD, ALS, CG = "mfteach SGD numba", "mfteach ALS numba", "mfteach CG numba"
ALL_PAIRS = "mfteach all-pairs numba"
SGD_PEERS = ("LIBMF SGD", "cornac SGD")
WITH_RMSE = (*SGD_PEERS, "Surprise SGD", "LensKit ALS", "cmfrec ALS", "cmfrec CG")
GOALS = (
    Goal("SGD epoch to the fastest SGD peer's", 0.65, speed, SGD, SGD_PEERS),
    Goal(
        "SGD test RMSE less the best SGD peer's, 20 epochs",
        CLOSE,
        accuracy,
        SGD,
        (*SGD_PEERS, "Surprise SGD"),
    ),
    Goal("SGD: two threads to one", 0.65, second_thread, SGD, where=small),
    Goal("exact ALS: two threads to one", 0.65, second_thread, ALS, where=small),
    Goal("exact ALS sweep to its floor", {32: 4.0, 64: 3.0, 128: 2.5}, to_floor, ALS, where=large),
    Goal("exact ALS sweep to LensKit's", 0.55, speed, ALS, ("LensKit ALS",)),
    Goal("ALS test RMSE less LensKit's, 10 sweeps", CLOSE, accuracy, ALS, ("LensKit ALS",)),
    Goal("conjugate-gradient sweep to cmfrec's", 0.35, speed, CG, ("cmfrec CG",)),
    Goal("conjugate-gradient sweep to LensKit's", 0.35, speed, CG, ("LensKit ALS",)),
    Goal("time to the best peer's RMSE to the fastest peer's", 0.35, time_to_target, CG, WITH_RMSE),
    Goal(
        "all pairs: objective to implicit's, 10 sweeps, as a share",
        SAME,
        same_objective,
        ALL_PAIRS,
        ("implicit ALS",),
    ),
    Goal("all pairs: sweep to implicit's", 1.0, speed, ALL_PAIRS, ("implicit ALS", "implicit CG")),
    Goal(
        "recommending 10 items to each of 1,000 users to implicit's",
        0.35,
        recommending,
        ALS,
        ("implicit CG",),
    ),
    Goal(
        "10 items similar to each of 1,000 to implicit's",
        0.5,
        similar,
        ALS,
        ("implicit CG",),
    ),
    Goal("peak memory over ratings and factors: SGD", 2.0, memory, SGD),
    Goal("peak memory over ratings and factors: exact ALS", 2.0, memory, ALS),
    Goal("peak memory over ratings and factors: conjugate gradients", 2.0, memory, CG),
    Goal("peak memory over ratings and factors: all pairs", 2.0, memory, ALL_PAIRS),
    Goal(
        "NumPy alone: SGD epoch to Surprise's", None, speed, "mfteach SGD numpy", ("Surprise SGD",)
    ),
    Goal(
        "NumPy alone: ALS sweep to cmfrec's Cholesky",
        None,
        speed,
        "mfteach ALS numpy",
        ("cmfrec ALS",),
    ),
)
