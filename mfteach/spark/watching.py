"""While Spark works: a bar that says at what, and an end to waiting for workers that are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mfteach.arguments.waiting import progress_bar
from mfteach.spark.session import CLUSTER, by_another_line

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STAGES = ("reading", "biases", "factors", "figures", "bringing back")
# Seconds without any worker until they count as lost for good: a new cluster takes 40 to register.
PATIENCE = 90.0
# Seconds between two looks.
LOOK = 0.5


class Watch:
    """What a fit is at.

    Attributes
    ----------
    lost : bool
        Whether the work was given up because no worker is left.
    """

    def __init__(self, spark: SparkSession) -> None:
        self.lost = False
        self._context = spark.sparkContext
        self._bar = progress_bar(total=len(STAGES), unit="stage", leave=False)
        self._last_seen = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def stage(self, name: str) -> None:
        """Say what comes next."""
        self._bar.n = STAGES.index(name)
        self._bar.set_description(name)

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()
        self._bar.close()

    def begin(self) -> None:
        """Look from now on, beside the work."""
        self._thread.start()

    def _look(self) -> None:
        tracker, has_workers = self._context.statusTracker(), CLUSTER.match(self._context.master)
        while not self._ended.wait(LOOK):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            tasks = [(stage.numCompletedTasks, stage.numTasks) for stage in stages if stage]
            self._bar.set_postfix_str(", ".join(f"{done}/{of} tasks" for done, of in tasks))
            if has_workers and self._are_lost():
                self.lost = True
                self._context.cancelAllJobs()  # and so for a job that begins later

    def _are_lost(self) -> bool:
        """Whether there has been nobody but this machine for too long."""
        workers = self._context._jsc.sc().getExecutorMemoryStatus().size() - 1
        if workers:
            self._last_seen = time.monotonic()
        return time.monotonic() - self._last_seen > PATIENCE


@contextmanager
def watching(spark: SparkSession) -> Iterator[Watch]:
    """Watch what Spark does inside the ``with``; after Ctrl-C it does no more."""
    watch = Watch(spark)
    watch.begin()
    try:
        yield watch
    except KeyboardInterrupt:
        by_another_line(spark.sparkContext.cancelAllJobs)
        raise
    finally:
        watch.end()
