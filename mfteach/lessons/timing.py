"""How long a step takes: for a lesson that compares methods by the clock."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice

__all__ = ["seconds_per_step"]


def seconds_per_step(walk: Iterable[object], n_steps: int = 5) -> float:
    """Return the processor time of a step of a walk, averaged from the second on.

    Parameters
    ----------
    walk : iterable of steps
        The start, and then one step after the other, such as ``gradient_descent`` yields.
    n_steps : int
        How many are averaged.

    Raises
    ------
    ValueError
        If the walk has fewer steps.
    """
    steps = iter(walk)
    for _ in range(2):  # the start, and a step that may have to load or to compile something
        next(steps, None)
    before = time.process_time()
    taken = sum(1 for _ in islice(steps, n_steps))
    if taken < n_steps:
        raise ValueError(f"the walk has {taken} steps after its first, and {n_steps} are needed")
    return (time.process_time() - before) / n_steps
