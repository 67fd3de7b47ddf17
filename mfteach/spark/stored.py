"""Runs that were measured once, for those who have no cluster at hand to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Written by `make test-spark`.
LOST_WORKER = Path(__file__).with_name("lost_worker.json")
# Written by `make bench-spark`.
ONE_OR_MANY = Path(__file__).with_name("one_or_many.json")


def lost_worker() -> dict[str, Any]:
    """J, RMSE and seconds of a fit on two workers, of one that lost a worker, and of ours.

    Also which ratings, settings and versions these were.
    """
    return _read(LOST_WORKER)


def one_or_many() -> dict[str, Any]:
    """Our ALS beside Spark's on growing data, measured in one run on one machine.

    Each row of ``rows`` is one size: users, items and ratings, and for "one machine" and "spark"
    the seconds of an epoch, of a whole fit, the peak of memory, J and the test RMSE.
    """
    return _read(ONE_OR_MANY)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
