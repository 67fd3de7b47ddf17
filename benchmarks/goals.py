"""What the race is to show: each goal a ratio of two figures of one run, and how far it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# How much worse than the best peer's a test RMSE may be for a speed to count.
CLOSE = 0.002
# How far the objectives of the same equations may lie apart after the same sweeps, relatively.
SAME = 0.005


@dataclass(frozen=True)
class Goal:
    """A ratio that should be at most ``reach``; ``ratio`` computes it from the racers."""

    title: str
    reach: float
    ratio: Callable[[list[Any], int], tuple[float, str]]


class MissingError(Exception):
    """A figure that the race could not give; the message says which."""


def quickest(racers, *names):
    """The racer with the fewest seconds per epoch of those with these names."""
    timed = [r for r in racers if r.name in names and r.error is None and r.slope is not None]
    if not timed:
        raise MissingError(f"nothing measured of {', '.join(names)}")
    return min(timed, key=lambda racer: racer.slope)


def speed(mine, *theirs):
    """Our seconds per epoch over those of the quickest of them, best of 1 and 2 threads."""

    def ratio(racers, held):
        ours, peer = quickest(racers, mine), quickest(racers, *theirs)
        return ours.slope / peer.slope, f"beside {peer.name}, {peer.threads} threads"

    return ratio


def accuracy(mine, *theirs):
    """Our test RMSE less the best of theirs, after the same number of epochs."""

    def difference(racers, held):
        ours = _best_rmse(racers, mine)
        peer = _best_rmse(racers, *theirs)
        return ours - peer, f"{ours:.4f} beside {peer:.4f}"

    return difference


def _best_rmse(racers, *names):
    found = [r.final_rmse for r in racers if r.name in names and r.final_rmse is not None]
    if not found:
        raise MissingError(f"no RMSE of {', '.join(names)}")
    return min(found)


def same_objective(mine, theirs):
    """How far our objective lies from theirs after the last sweep, as a share of it."""

    def distance(racers, held):
        ours, peer = (_last_objective(racers, name) for name in (mine, theirs))
        return abs(ours / peer - 1), f"{ours:.6g} beside {peer:.6g}"

    return distance


def _last_objective(racers, name):
    found = [r.J[max(r.J)] for r in racers if r.name == name and r.J]
    if not found:
        raise MissingError(f"no objective of {name}")
    return found[0]


def time_to_target(racers, held):
    """Our seconds to the best peer's RMSE, over those of the fastest peer that gets there."""
    peers = [r for r in racers if not r.mine and r.final_rmse is not None]
    if not peers:
        raise MissingError("no peer has an RMSE")
    target = min(rmse for r in peers for rmse in r.rmse.values())
    theirs = min(r.seconds_until(target) or float("inf") for r in peers)
    mine = [(r.seconds_until(target), r.name) for r in racers if r.mine]
    reached = [pair for pair in mine if pair[0] is not None]
    if not reached:
        raise MissingError(f"nothing of ours reaches {target:.4f}")
    seconds, name = min(reached)
    return seconds / theirs, f"{name}: {seconds:.2f} s to {target:.4f}, peer {theirs:.2f} s"


def recommending(racers, held):
    """Our seconds for the best new items of many users over theirs, best of 1 and 2 threads."""
    mine = [min(r.recommends) for r in racers if r.recommends and r.mine]
    theirs = [min(r.recommends) for r in racers if r.recommends and not r.mine]
    if not (mine and theirs):
        raise MissingError("nobody to compare with")
    return min(mine) / min(theirs), f"{1e3 * min(mine):.0f} ms beside {1e3 * min(theirs):.0f} ms"


def memory(racers, held):
    """The largest peak of our compiled solvers over what ratings and factors take."""
    peaks = [(r.bytes, r.name) for r in racers if r.mine and r.bytes and r.name.endswith("numba")]
    if not peaks:
        raise MissingError("no peak of memory")
    most, name = max(peaks)
    return most / held, name


GOALS = (
    Goal(
        "SGD epoch to the fastest SGD peer's",
        0.65,
        speed("mfteach SGD numba", "LIBMF SGD", "cornac SGD"),
    ),
    Goal(
        "SGD test RMSE less the best SGD peer's, 20 epochs",
        CLOSE,
        accuracy("mfteach SGD numba", "LIBMF SGD", "cornac SGD", "Surprise SGD"),
    ),
    Goal("exact ALS sweep to LensKit's", 0.75, speed("mfteach ALS numba", "LensKit ALS")),
    Goal(
        "ALS test RMSE less LensKit's, 10 sweeps",
        CLOSE,
        accuracy("mfteach ALS numba", "LensKit ALS"),
    ),
    Goal("conjugate-gradient sweep to cmfrec's", 0.9, speed("mfteach CG numba", "cmfrec CG")),
    Goal("conjugate-gradient sweep to LensKit's", 0.35, speed("mfteach CG numba", "LensKit ALS")),
    Goal("NumPy alone: SGD epoch to Surprise's", 0.4, speed("mfteach SGD numpy", "Surprise SGD")),
    Goal(
        "NumPy alone: ALS sweep to cmfrec's Cholesky", 0.3, speed("mfteach ALS numpy", "cmfrec ALS")
    ),
    Goal("time to the best peer's RMSE to the fastest peer's", 0.5, time_to_target),
    Goal(
        "all pairs: objective to implicit's, 10 sweeps, as a share",
        SAME,
        same_objective("mfteach all-pairs numba", "implicit ALS"),
    ),
    Goal(
        "all pairs: sweep to implicit's",
        1.0,
        speed("mfteach all-pairs numba", "implicit ALS", "implicit CG"),
    ),
    Goal("recommending 10 items to each of 1,000 users to implicit's", 1.0, recommending),
    Goal("peak memory over ratings and factors", 2.0, memory),
)


def judge(goal, racers, held):
    """The measured figure and whether it is reached, as two cells of the table."""
    try:
        value, remark = goal.ratio(racers, held)
    except MissingError as missing:
        return f"- ({missing}) | not measured"
    verdict = "reached" if value <= goal.reach else "NOT reached"
    return f"{value:.3f} ({remark}) | {verdict}"
