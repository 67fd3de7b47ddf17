"""A contender's process, and what has been measured of it."""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTENDER = Path(__file__).with_name("contenders.py")
# Where each library reads how many threads it may start.
THREADS = ("MFTEACH_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "LK_NUM_THREADS")
# Numbers of epochs that are timed, and the last of them for the RMSE.
SWEEPS = (1, 2, 4, 7, 10)
EPOCHS = {"SGD": (1, 4, 8, 10, 12, 16, 20), "ALS": SWEEPS, "CG": SWEEPS, "all-pairs": SWEEPS}
# Who takes longer than this for all epochs, in seconds, is slow: it has as few turns as can be.
SLOW = 1.0
# Who takes longer than this for half of them runs for half and for all once in a turn, not twice.
ONCE = 1.2
# Whoever has not answered after so many seconds is stuck.
HANGS = 60


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
    answers: dict[str, list[float]] = field(default_factory=dict)
    bytes: int | None = None
    helpers: int | None = None
    error: str | None = None

    @classmethod
    def start(cls, name, threads, data, k, peers):
        """Begin a process, which loads its library while others do; see `await_ready`."""
        python = sys.executable if name.startswith("mfteach") else str(peers)
        command = [python, str(CONTENDER), name, str(data), str(k), str(threads)]
        return cls(name, threads, command, _started(command, threads))

    @property
    def kind(self):
        """SGD, ALS, CG or all-pairs."""
        return self.name.split()[1]

    @property
    def lengths(self):
        """Its numbers of epochs, the least first."""
        return EPOCHS[self.kind]

    @property
    def mine(self):
        """Whether it is this package that runs."""
        return self.name.startswith("mfteach")

    def await_ready(self):
        """Wait until it has loaded its library: nobody is timed while others still load."""
        self._answer({"ready": True})

    def run(self, n_epochs, settings=None):
        """Learn once, and return what the process answers; None once it has failed."""
        settings = self.settings if settings is None else settings
        return self._answer({"n_epochs": n_epochs, "settings": settings})

    def _answer(self, command):
        if self.error is not None:
            return None
        answer = self._asked(command)
        if answer is None:  # LIBMF sometimes waits for itself without end: try once more
            self.stop()
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

    def take_turn(self):
        """Run once to wake up; then for half of the epochs and for all, and the other way round.

        What a process that waits has in the caches, and its memory altogether, may go to others:
        after a second of waiting a run was seen to take twice its time, whatever its length. Of
        two runs of which one had waited longer, the difference told nothing of an epoch.
        """
        most, half = self.timed
        woken = self.run(half)
        if woken is None:
            return
        if self.bytes is None:  # the first run has no leftovers of others
            self.bytes = woken["bytes"]
        self.measure(half)
        self.measure(most)
        if self.error is None and self.runs[half][-1] <= ONCE:
            self.measure(most)
            self.measure(half)

    def measure(self, n_epochs):
        """Run for so many epochs and keep the figures."""
        answer = self.run(n_epochs)
        if answer is None:
            return
        self.runs.setdefault(n_epochs, []).append(answer["seconds"])
        self.helpers = answer["helpers"]
        if answer["rmse"] is not None:
            self.rmse[n_epochs] = answer["rmse"]
        if answer["J"] is not None:
            self.J[n_epochs] = answer["J"]

    def ask(self, question, number):
        """Ask for so many lists from what was learned last, and keep the seconds."""
        answer = self._answer({"question": question, "number": number})
        if answer is not None:
            self.answers.setdefault(question, []).append(answer["seconds"])

    def stop(self):
        """End the process."""
        self.process.kill()
        self.process.wait()

    @property
    def timed(self):
        """The most epochs and half as many, whose times tell the seconds per epoch.

        Not the fewest: whoever looks at what was learned may look longer where that is little.
        """
        return self.lengths[-1], self.lengths[len(self.lengths) // 2]

    @property
    def slope(self):
        """Seconds per epoch: the median of what all epochs take longer than half, one after other.

        Not from the quickest of both: two that were quick by luck, at other times, tell nothing.
        """
        most, half = self.timed
        if not {most, half} <= self.runs.keys():
            return None
        pairs = zip(self.runs[most], self.runs[half], strict=False)
        return statistics.median(longer - shorter for longer, shorter in pairs) / (most - half)

    @property
    def takes(self):
        """Seconds for all epochs, set-up included: a median; 0 if it has not run."""
        return statistics.median(self.runs.get(self.timed[0], [0.0]))

    @property
    def slow(self):
        """Whether all epochs take so long that a further turn has to be worth it."""
        return self.takes > SLOW

    def seconds(self, n_epochs):
        """For so many epochs, set-up included."""
        return self.takes - self.slope * (self.timed[0] - n_epochs)

    @property
    def final_rmse(self):
        """After the last epoch."""
        return self.rmse.get(self.lengths[-1])

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
