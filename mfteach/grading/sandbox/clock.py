"""The time that a sandbox answers for: what it computed and what it slept, not what it waited.

On a busy machine a process waits for a processor, and that is not its fault; nor is it that its
answer lies there until the grader has one. So a submission is judged by the processor time of all
its processes, and by the time in which none of them wanted a processor while the grader waited for
it. Time on the wall is only a far outer bound.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

STEP = 0.05
"""Seconds between two looks."""
FAR = 60
"""How many times its limit a submission may take on the wall: it got a sixtieth of a processor."""


class Clock:
    """Watches the processes of one sandbox.

    Parameters
    ----------
    pids : sequence of int
        The processes that all others descend from.
    group : Path or None
        The control group that they are in, which also counts what has ended unseen.

    Attributes
    ----------
    is_doubtful : bool
        Whether the limit was reached by waiting that may be the machine's fault.
    """

    def __init__(self, pids: Sequence[int], group: Path | None) -> None:
        self._pids = pids
        self._group = group
        self._computed = 0.0
        self._slept = 0.0
        self._looked = time.monotonic()
        self._unseen = 0.0
        self._states: Counter[str] = Counter()
        self._ours = 0
        self._limit = self._wall = float("inf")
        self._disk = 0.0
        self._excused = 0.0
        self.is_doubtful = False

    @property
    def time(self) -> float:
        """Seconds computed and slept until the last look."""
        return self._computed + self._slept

    def ready(self) -> None:
        """Look, when nothing of the student's has run: all threads but the worker's are ours."""
        self.look(_yes)
        self._ours = _awake(self._states) - 1

    def start(self, seconds: float) -> None:
        """Allow so many seconds from the last look on."""
        self._looked = time.monotonic()
        self._limit = self.time + seconds
        self._wall = self._looked + FAR * seconds
        self._disk = 0.0

    def is_over(self, waits_for_us: Callable[[], bool]) -> bool:
        """Whether what `start` allowed is used up. Looks only if the last look was a while ago.

        It also is when all that is the student's is stopped: nobody is left to let it continue.

        Parameters
        ----------
        waits_for_us : callable
            Asked after a look: whether the submission has answered, or we have yet to ask.
        """
        if time.monotonic() - self._looked < STEP:
            return False
        self.look(waits_for_us)
        if self._is_stopped():
            return True
        if self.time - self._excused > self._limit:
            self.is_doubtful = self._disk > STEP
            return True
        if self._looked > self._wall:
            self.is_doubtful = True
            return True
        return False

    def settle(self, is_well: bool) -> None:
        """Look after an answer, unless all was well and quick since the last look.

        A look takes longer than most answers; what they computed is seen by the next one. Sleep
        since the last look, a step at most, is not counted: an answer may have lain there.
        """
        self.excuse()
        self._unseen += time.monotonic() - self._looked
        if not is_well or self._unseen >= STEP:
            self.look(_yes)
            self.excuse()

    def look(self, waits_for_us: Callable[[], bool]) -> None:
        """Read the times of the processes.

        A look that comes late, because the grader had to wait, counts no more sleep than one step;
        and it may be excused, if by then the submission waits for the grader.
        """
        now = time.monotonic()
        since, self._looked, self._unseen = min(now - self._looked, STEP), now, 0.0
        computed, states = _family_times(self._pids)
        if self._group is not None:
            computed = _group_time(self._group)
        self._excused = 0.0
        if "R" not in states:
            self._slept += since
            self._disk += since if "D" in states else 0
            self._excused = since if waits_for_us() else 0.0
        self._states = states
        self._computed = max(self._computed, computed)  # what ended unseen is no longer counted

    def excuse(self) -> None:
        """What the last look took for sleep was an answer that lay there, for here it is.

        Or a request that had yet to be sent. Of the looks before, nothing is given back: bytes that
        trickle look like answers, too.
        """
        self._slept -= self._excused
        self._excused = 0.0

    def _is_stopped(self) -> bool:
        stopped = self._states["T"] + self._states["t"]
        return stopped > 0 and _awake(self._states) <= self._ours


def _yes() -> bool:
    return True


def _awake(states: Counter[str]) -> int:
    """How many threads are neither stopped nor ended (man 5 proc)."""
    return states.total() - sum(states[state] for state in "TtZX")


def family(pid: int) -> Iterator[int]:
    """A process and its descendants, as far as they are still alive."""
    yield pid
    for thread in _threads(pid):
        for child in _read(f"{thread}/children").split():
            yield from family(int(child))


def _threads(pid: int) -> list[str]:
    """The folders of the threads of a process; none if it is gone."""
    try:
        with os.scandir(f"/proc/{pid}/task") as threads:
            return [thread.path for thread in threads]
    except OSError:
        return []


def _read(file: str) -> bytes:
    """What the kernel says of a process or thread; nothing if it is gone.

    This is read twenty times a second for each process, so nothing else is done.
    """
    try:
        end = os.open(file, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(end, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(end)


def families(pids: Sequence[int]) -> Iterator[int]:
    """Several processes, none of which descends from another, and all their descendants."""
    return itertools.chain.from_iterable(map(family, pids))


_TICK = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01


def _family_times(pids: Sequence[int]) -> tuple[float, Counter[str]]:
    """Processor time of processes and their descendants, and the states of all their threads."""
    ticks, states = 0, Counter[str]()
    for member in families(pids):
        fields = _stat(f"/proc/{member}/stat")
        # Its own and that of children that ended, in the program and in the kernel.
        ticks += sum(map(int, fields[11:15]))
        states.update(state for thread in _threads(member) for state in _stat(f"{thread}/stat")[:1])
    return ticks * _TICK, states


def _stat(file: str) -> list[str]:
    """State of a process or thread, and the fields that follow it (man 5 proc)."""
    return _read(file).rpartition(b")")[2].decode().split()


def _group_time(group: Path) -> float:
    """Processor time of all that is or was in a control group."""
    first = (group / "cpu.stat").read_text().split("\n", 1)[0]
    return int(first.removeprefix("usage_usec ")) / 1e6
