"""Where a sandbox runs: on a processor of its own, if there are enough, and in a control group."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_numbers = itertools.count(1)


class Processors:
    """Gives each sandbox the processor with the fewest others; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = dict.fromkeys(sorted(_allowed()), 0)

    @contextmanager
    def one(self) -> Iterator[int | None]:
        """Take a processor for a while; None where a process cannot be bound to one."""
        if not self._taken:
            yield None
            return
        with self._lock:
            processor = min(self._taken, key=lambda one: self._taken[one])
            self._taken[processor] += 1
        try:
            yield processor
        finally:
            with self._lock:
                self._taken[processor] -= 1


@contextmanager
def pinned(processor: int | None) -> Iterator[None]:
    """Bind this thread to a processor; what it starts meanwhile stays bound."""
    if processor is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _allowed() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


class Groups:
    """Makes control groups (version 2) below that of the grader, where it may."""

    def __init__(self) -> None:
        self._parent = _own_group()

    @contextmanager
    def one(self) -> Iterator[Path | None]:
        """Make a group for a while; None where that is not allowed."""
        if self._parent is None:
            yield None
            return
        group = self._parent / f"mfteach-{os.getpid()}-{next(_numbers)}"
        try:
            group.mkdir()
        except OSError:
            self._parent = None
            yield None
            return
        try:
            yield group
        finally:
            _remove(group)


def joining(group: Path | None, words: Sequence[str]) -> list[str]:
    """Let a command enter a group before it starts: nothing that it does is missed."""
    if group is None:
        return list(words)
    return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *words]


def _remove(group: Path) -> None:
    """Remove a group whose processes were killed: the last of them may still be ending."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.02)


def _own_group() -> Path | None:
    """The folder of the control group that this process is in, if it may add to it."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        groups = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    within = next((line[3:] for line in groups if line.startswith("0::")), None)
    for mount in mounts:
        before, _, after = mount.partition(" - ")
        root, place = before.split()[3:5]
        if within is None or not after.startswith("cgroup2 "):
            continue
        folder = Path(os.path.normpath(f"{place}/{os.path.relpath(within, root)}"))
        if all(os.access(path, os.W_OK) for path in (folder, folder / "cgroup.procs")):
            _sweep(folder)
            return folder
    return None


def _sweep(parent: Path) -> None:
    """Remove the groups of graders that were killed."""
    for group in parent.glob("mfteach-*-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                group.rmdir()
