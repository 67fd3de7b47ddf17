"""Parses the cells of a submission in a process of its own, within a bound of time and memory.

A process that is ready to parse is started once. It reads nothing itself: for each submission it
makes a copy of itself (fork), so that nothing of one submission is left for the next.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import weakref

from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Refusal, Submission

LIMITS = {"RLIMIT_CPU": 3, "RLIMIT_AS": 2**30, "RLIMIT_CORE": 0}
"""Seconds and bytes: a hundred times what a class needs."""
_KILLED = (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV)


def parsed(submission: Submission) -> Submission:
    """Return a submission with what its cells say.

    Raises
    ------
    Refusal
        If its code takes more time or memory than any honest code.
    RuntimeError
        If the process ends in any other way; the message is what it wrote.
    """
    limits = {name: limit for name, limit in LIMITS.items() if name != _UNKNOWN}
    parser = _ready()
    status, said = parser.ask(json.dumps([limits, submission.sources]).encode())
    _idle.append(parser)
    if status in _KILLED:
        raise Refusal(
            "refused",
            "The code in the notebook takes too long to read: it is too large, or nested too "
            "deeply. Remove what no answer needs, save, submit again.",
        )
    if status != 0:
        raise RuntimeError(said.decode(errors="replace")[-2000:])
    return submission.with_code(json.loads(said))


_UNKNOWN = "RLIMIT_AS" if sys.platform == "darwin" else ""  # which has no limit on address space


class Parser:
    """A process that is ready to parse; it ends with this object, or with the grader."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", syntax.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the grader
        )
        self._end = weakref.finalize(self, _end, self._popen)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._popen.poll() is None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return the exit status of the process that parsed, and what that wrote.

        Raises
        ------
        RuntimeError
            If the process that was ready is gone.
        """
        pipes = self._popen
        assert pipes.stdin is not None and pipes.stdout is not None and pipes.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            pipes.stdin.write(request + b"\n")
            pipes.stdin.flush()
        said, status = pipes.stdout.readline(), pipes.stdout.readline()
        if not status:
            complaint = pipes.stderr.read().decode(errors="replace")[-2000:]
            self._end()
            raise RuntimeError(f"the process that parses ended: {complaint}")
        return int(status), said


def _end(popen: subprocess.Popen[bytes]) -> None:
    """Close the pipes, which ends the process."""
    for pipe in (popen.stdin, popen.stdout, popen.stderr):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):  # a request that nobody read
            pipe.close()
    popen.wait()


_idle: list[Parser] = []


def _ready() -> Parser:
    """Return a parser that nobody else asks."""
    while True:
        try:
            parser = _idle.pop()
        except IndexError:  # each thread of the grader comes to have its own
            return Parser()
        if parser.alive:
            return parser
