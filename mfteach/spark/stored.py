"""Runs that were measured once, for those who have no cluster at hand to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Written by `make test-spark`.
LOST_WORKER = Path(__file__).with_name("lost_worker.json")


def lost_worker() -> dict[str, Any]:
    """J, RMSE and seconds of a fit on two workers, of one that lost a worker, and of ours.

    Also which ratings, settings and versions these were.
    """
    found: dict[str, Any] = json.loads(LOST_WORKER.read_text(encoding="utf-8"))
    return found
