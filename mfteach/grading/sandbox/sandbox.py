"""Where student code runs: a worker that sees no file, no network and no expected value.

    with find_sandbox().session(program, seconds=10) as session:
        session.call("tangent_line", (1.0, 2.0, 3.0))        -> Outcome

The sandbox is bubblewrap's: its own namespaces; only the interpreter, its libraries and a thinned
mfteach from the disk, all read-only; no network; hard limits; and every process is killed at the
end.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from mfteach.grading.sandbox import bubblewrap, seccomp, thin_package
from mfteach.grading.sandbox.places import Groups, Processors, joining, pinned
from mfteach.grading.sandbox.session import Outcome, Process, Session, StartError
from mfteach.grading.sandbox.warm import WAITING, Template

__all__ = ["Outcome", "Sandbox", "SandboxUnavailable", "Session", "find_sandbox"]

LIMITS: Mapping[str, int] = {
    "RLIMIT_AS": 3 * 2**30,
    "RLIMIT_FSIZE": 32 * 2**20,
    "RLIMIT_NOFILE": 64,
    "RLIMIT_CORE": 0,
}
"""Hard limits of each process."""
PROCESSES = 16
"""Processes and threads of one submission; without a sandbox they cannot be counted."""
_FREE_UIDS = range(61184, 65520)  # reserved for short-lived services
_numbers = itertools.count(os.getpid())


class SandboxUnavailable(RuntimeError):
    """No sandbox here; the message names the reason and the cure."""


class Sandbox:
    """Starts workers. `find_sandbox` creates it; threads may share it.

    Parameters
    ----------
    bwrap : str or None
        Path of bubblewrap; None for no sandbox at all.
    hidden : sequence of Path
        Folders that student code must not see, wherever they are.
    warm : bool
        Whether workers are started from a template that has NumPy loaded.
    """

    def __init__(
        self, bwrap: str | None, hidden: Sequence[Path] = (), *, warm: bool = True
    ) -> None:
        self._bwrap = bwrap
        self._hidden = (thin_package.PACKAGE.parent / "exercises", *hidden)
        self._folder = Path(tempfile.mkdtemp(prefix="mfteach-grading-"))
        self._worker = thin_package.build(self._folder)
        self._processors, self._groups = Processors(), Groups()
        self._template = Template() if warm and bwrap is not None else None
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder)

    def session(self, program: Sequence[str], seconds: float) -> Session:
        """Return a running submission, for a ``with``; nothing of it is left running afterwards.

        Parameters
        ----------
        program : sequence of str
            The sources of its code cells.
        seconds : float
            Time limit of the whole submission.
        """
        return Session(self._start, list(program), seconds)

    def describe(self) -> str:
        """One line for ``mfteach doctor``."""
        if self._bwrap is None:
            return "no sandbox: student code can do whatever you can"
        calls = "system calls filtered" if seccomp.program() else "system calls not filtered"
        start = "" if self._template else ", slow (each submission loads NumPy anew)"
        return f"{bubblewrap.version(self._bwrap)}, no network, {calls}{start}"

    def _start(self) -> Process:
        if self._bwrap is None:
            return self._start_unprotected()
        uid = None
        if os.geteuid() == 0:  # a user for each session, so that only its own processes count
            uid = _FREE_UIDS[next(_numbers) % len(_FREE_UIDS)]
        settings = _settings(uid, {"RLIMIT_NPROC": PROCESSES})
        with ExitStack() as leavings:
            group = leavings.enter_context(self._groups.one())
            processor = leavings.enter_context(self._processors.one())
            start = self._start_cold if self._template is None else self._start_warm
            return start(settings, group, processor, leavings)

    def _start_warm(
        self,
        settings: Mapping[str, Any],
        group: Path | None,
        processor: int | None,
        leavings: ExitStack,
    ) -> Process:
        """Let bubblewrap make a sandbox, and a copy of the template enter it."""
        assert self._bwrap is not None and self._template is not None
        words = bubblewrap.command(self._bwrap, self._folder, self._hidden, None)
        holder = _popen([*words, *WAITING])
        program = seccomp.program()
        request = {
            "settings": settings,
            "namespaces": bubblewrap.namespaces(),
            "filter": None if program is None else program.hex(),
            "inside": str(bubblewrap.INSIDE),
            "nice": bubblewrap.NICE,
            "processor": processor,
            "group": None if group is None else str(group / "cgroup.procs"),
        }
        entered = self._template.enter(holder, request, leavings)
        return Process(holder, group, leavings.pop_all(), entered)

    def _start_cold(
        self,
        settings: Mapping[str, Any],
        group: Path | None,
        processor: int | None,
        leavings: ExitStack,
    ) -> Process:
        """Let bubblewrap start the worker, which has to load everything."""
        assert self._bwrap is not None
        worker = bubblewrap.INSIDE / self._worker.relative_to(self._folder)
        filter_end = _readable(seccomp.program())
        with ExitStack() as opened:
            ends = () if filter_end is None else (filter_end,)
            for end in ends:
                opened.callback(os.close, end)
            words = bubblewrap.command(self._bwrap, self._folder, self._hidden, filter_end)
            words += [*bubblewrap.python(), str(worker), json.dumps(settings)]
            with pinned(processor):
                popen = _popen(joining(group, words), pass_fds=ends)
            return Process(popen, group, leavings.pop_all())

    def _start_unprotected(self) -> Process:
        words = [*bubblewrap.python(), str(self._worker), json.dumps(_settings(None, {}))]
        return Process(_popen(words), None, ExitStack())


@cache
def find_sandbox(unsafe: bool = False, hidden: tuple[Path, ...] = ()) -> Sandbox:
    """The sandbox of this machine, tested once.

    Parameters
    ----------
    unsafe : bool
        Go without: student code then runs as an ordinary process of yours, with limits on time and
        memory only.
    hidden : tuple of Path
        Folders that student code must not see even if they are inside the interpreter's own (the
        folder of the course).

    Raises
    ------
    SandboxUnavailable
        If bubblewrap is missing or does not start, or would show too much; the message names the
        cure.
    """
    if not unsafe and (prefix := bubblewrap.home_within()) is not None:
        raise SandboxUnavailable(_refusal(_TOO_WIDE.format(prefix)))
    try:
        bwrap = None if unsafe else bubblewrap.bwrap_path()
        with contextlib.suppress(StartError):  # an old kernel, or one that lets nobody enter
            return _tested(Sandbox(bwrap, hidden))
        return _tested(Sandbox(bwrap, hidden, warm=False))
    except FileNotFoundError as error:
        raise SandboxUnavailable(_refusal(str(error))) from error
    except StartError as error:
        raise SandboxUnavailable(_refusal(bubblewrap.why_not(str(error)))) from error


def _tested(sandbox: Sandbox) -> Sandbox:
    """Return a sandbox in which a first submission was run."""
    with sandbox.session(["here = 1"], seconds=10) as session:
        outcome = session.value("here")
    if outcome.value != 1:
        raise SandboxUnavailable(_refusal(f"The worker does not answer: {outcome.detail}"))
    return sandbox


_TOO_WIDE = (
    "Your home folder is inside Python's folder, {}, which student code can read. "
    "Cure: grade with a Python that has a folder of its own."
)


def _refusal(reason: str) -> str:
    return (
        f"No sandbox, so no student code is run. {reason}\n"
        "At your own risk, without any protection: --unsafe-no-sandbox"
    )


def _settings(uid: int | None, more_limits: Mapping[str, int]) -> dict[str, Any]:
    limits = {**LIMITS, **more_limits}
    if sys.platform == "darwin":  # which has no limit on address space
        del limits["RLIMIT_AS"]
    return {"uid": uid, "limits": limits}


def _popen(words: list[str], pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=bubblewrap.ENVIRONMENT,
        cwd="/",
        start_new_session=True,
        pass_fds=pass_fds,
    )


def _readable(content: bytes | None) -> int | None:
    """The reading end of a pipe with this content."""
    if content is None:
        return None
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    return reader
