"""The grader's end of the pipe: asks the worker, and trusts nothing that comes back."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mfteach.grading.sandbox.clock import STEP, Clock, families
from mfteach.grading.sandbox.lines import Closed, Lines, PipeError, TimeUp, TooMuch
from mfteach.grading.sandbox.wire import Unreadable, decode, encode

MAX_ANSWER = 2**20
"""Bytes that may come back for one request, whatever else is written in between."""
MAX_DETAIL = 500
SHARE = 0.3
"""The share of a submission's time that one cell or one call may take."""
LOSS = 0.1
"""The share of the time that a lost worker costs: starting a new one takes the grader's time."""
TOTAL_ADDRESS_SPACE = 4 * 2**30
"""Bytes of address space of all processes of a submission together."""
READY = b'{"ready": true}'
_START = 60.0  # seconds until the worker is ready and has loaded packages: no student's code yet
_GRACE = 0.25  # seconds that a worker gets to stop by itself before it is killed
_WORKER_SAYS = {"missing", "not answered", "error", "time limit", "unreadable"}


class StartError(RuntimeError):
    """The worker did not start. That is never a student's fault: none of their code has run yet."""


@dataclass(frozen=True)
class Outcome:
    """What came back for a request.

    Attributes
    ----------
    value : None, bool, int, float, ndarray, or a list or tuple of these
        What the function returned, or the value of the variable.
    failure : str or None
        Why there is no value: ``"missing"`` (no such name), ``"not answered"``
        (NotImplementedError), ``"error"``, ``"time limit"``, ``"crashed"``, ``"unreadable"``.
    detail : str
        One line, at most 500 characters, which the student may have written: never HTML, never
        trusted.
    changed : bool
        Whether the function changed its arguments in place.
    """

    value: Any = None
    failure: str | None = None
    detail: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Entered:
    """A worker that was started from the template.

    Attributes
    ----------
    pid : int
        The process that waits for it, outside the sandbox.
    reader, writer : int
        Our ends of the pipes from it and to it.
    """

    pid: int
    reader: int
    writer: int


class Process:
    """One worker: its process, its pipes, a clock, and a watch over the memory of all it starts.

    Parameters
    ----------
    popen : subprocess.Popen
    group : Path or None
        The control group that it is in.
    leavings : ExitStack
        What to clear away when it has ended.
    entered : Entered or None
        The worker, if what was started is only the sandbox for it.
    """

    def __init__(
        self,
        popen: subprocess.Popen[bytes],
        group: Path | None,
        leavings: ExitStack,
        entered: Entered | None = None,
    ) -> None:
        assert popen.stdin is not None and popen.stdout is not None and popen.stderr is not None
        if entered is None:
            entered = Entered(popen.pid, popen.stdout.fileno(), popen.stdin.fileno())
        self._popen = popen
        self._leavings = leavings
        self._pids = tuple({popen.pid, entered.pid})
        self.clock = Clock(self._pids, group)
        self._lines = Lines(entered.reader, entered.writer)
        self._closed = threading.Event()
        self._too_large = False
        self._watch = threading.Thread(target=self._watch_memory, daemon=True)
        self._watch.start()
        self._await_readiness()

    def ask(self, request: dict[str, Any], seconds: float) -> Outcome:
        """The worker's answer. A worker that does not answer properly and in time is killed.

        The token ties the answer to its request: nothing written earlier is mistaken for it.
        """
        token = secrets.token_hex(8)
        line = json.dumps({"token": token, "seconds": seconds, **request}).encode()
        self.clock.start(seconds + _GRACE)
        try:
            outcome = self._answer(line, token.encode())
            self.clock.settle(outcome.failure is None)
            return outcome
        except TimeUp:
            self.close()
            return Outcome(failure="time limit", detail=f"stopped after {seconds:.3g} seconds")
        except TooMuch:
            self.close()
            return Outcome(failure="unreadable", detail="more output than an answer may contain")
        except Closed:
            self.close()
            return Outcome(failure="crashed", detail=self._how_it_ended())

    def load(self, modules: Sequence[str]) -> None:
        """Import modules before the student's time begins.

        Raises
        ------
        StartError
            If that ends the process or does not end.
        """
        outcome = self.ask({"load": list(modules)}, _START) if modules else Outcome()
        if not self.alive:
            raise StartError(f"importing {', '.join(modules)}: {outcome.detail}")

    @property
    def alive(self) -> bool:
        """Whether it can be asked again."""
        return not self._closed.is_set()

    def close(self) -> None:
        """End every process of the sandbox; they die with the one that was started."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._kill()
        self._popen.wait()
        self._watch.join()
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):  # a request that nobody read
                pipe.close()
        self._leavings.close()

    def _await_readiness(self) -> None:
        self.clock.start(_START)
        try:
            said = self._lines.receive(self.clock.is_over, MAX_ANSWER)
        except PipeError:
            said = b""
        if said != READY:
            self._kill()
            assert self._popen.stderr is not None
            complaint = said + self._popen.stderr.read()
            self.close()
            raise StartError(complaint.decode(errors="replace"))
        self.clock.ready()

    def _answer(self, line: bytes, token: bytes) -> Outcome:
        self._lines.send(line, self.clock.is_over)
        self.clock.excuse()
        allowed = MAX_ANSWER
        while True:
            answer = self._lines.receive(self.clock.is_over, allowed)
            if token in answer:
                return _outcome(answer)
            allowed -= len(answer) + 1  # below zero nothing more is received

    def _how_it_ended(self) -> str:
        if self._too_large:
            return f"all processes together took more than {TOTAL_ADDRESS_SPACE >> 30} GB"
        return "the process ended"

    def _watch_memory(self) -> None:
        """Address space, not memory in use: what is mapped but not touched can be filled later."""
        page = os.sysconf("SC_PAGESIZE")
        while not self._closed.wait(STEP):
            pages = sum(_pages(process) for process in families(self._pids))
            if pages * page > TOTAL_ADDRESS_SPACE:
                self._too_large = True
                self._kill()
                return

    def _kill(self) -> None:
        """The started process leads a group (without a sandbox, its children are in it)."""
        with contextlib.suppress(ProcessLookupError):  # already gone
            os.killpg(self._popen.pid, signal.SIGKILL)


class Session:
    """One running submission: its cells run in order, then its functions are called.

    A cell or a function that hangs or ends the process costs only itself: the worker is restarted,
    without that cell, as long as the submission has time left.

    Parameters
    ----------
    start : callable
        Starts a worker.
    program : list of str
        The sources of the code cells, in order.
    seconds : float
        Time for the whole submission, as `Clock` counts it, while its code may run.

    Attributes
    ----------
    cell_failures : dict of int to Outcome
        What stopped a cell, by the cell's place in the program.
    is_doubtful : bool
        Whether a time limit was reached by waiting that may be the machine's fault.
    """

    def __init__(self, start: Callable[[], Process], program: list[str], seconds: float) -> None:
        self._start = start
        self._program = program
        self._remaining = seconds
        self._share = SHARE * seconds
        self._loss = LOSS * seconds
        self._process: Process | None = None
        self._lost: dict[str, Outcome] = {}
        self.cell_failures: dict[int, Outcome] = {}
        self.is_doubtful = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def call(self, function: str, arguments: tuple[Any, ...]) -> Outcome:
        """Call a function of the submission.

        If it has hung or ended the process before, it is not called again: the outcome stays.

        Raises
        ------
        StartError
            If the worker does not start.
        """
        request = {"call": function, "arguments": [encode(argument) for argument in arguments]}
        return self._asked_once(function, request)

    def value(self, variable: str) -> Outcome:
        """The value of a variable of the submission, after all its cells ran.

        Raises
        ------
        StartError
            If the worker does not start.
        """
        return self._asked_once(variable, {"value": variable})

    def _asked_once(self, name: str, request: dict[str, Any]) -> Outcome:
        if name in self._lost:
            return self._lost[name]
        if not self._ready():
            return Outcome(failure="time limit", detail="the time of the submission was used up")
        outcome = self._ask(request)
        if outcome.failure in ("time limit", "crashed") or self._process is None:
            self._lost[name] = outcome
        return outcome

    def _ready(self) -> bool:
        """Have a worker that ran the cells; False if the time is used up."""
        while self._process is None and self._remaining > 0:
            self._process = self._start()
            self._process.load(_usual(self._program))
            self._run_cells()
        return self._remaining > 0

    def _run_cells(self) -> None:
        for place, source in enumerate(self._program):
            if self._is_left_out(place):
                continue
            outcome = self._ask({"run": source})
            if outcome.failure is not None:
                self.cell_failures[place] = outcome
            if self._process is None:
                return

    def _is_left_out(self, place: int) -> bool:
        """Whether a cell is known to hang or to end the process."""
        known = self.cell_failures.get(place)
        return known is not None and known.failure not in ("error", "not answered")

    def _ask(self, request: dict[str, Any]) -> Outcome:
        assert self._process is not None
        clock = self._process.clock
        began = clock.time
        outcome = self._process.ask(request, max(0.001, min(self._share, self._remaining)))
        self._remaining -= clock.time - began
        self.is_doubtful |= clock.is_doubtful
        if not self._process.alive:
            self._remaining -= self._loss
        if not self._process.alive or self._remaining <= 0:
            self._end()
        return outcome

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


USUAL = (
    *("scipy.linalg", "scipy.optimize", "scipy.sparse", "scipy.special", "scipy.stats"),
    *("sympy", "matplotlib.pyplot", "pandas", "mfteach.matrices", "mfteach.datasets"),
)
"""What a submission may import at no cost; NumPy is there before."""


def _usual(program: Sequence[str]) -> list[str]:
    """The usual modules whose names occur in a program, however they are imported."""
    words = {word for source in program for word in re.findall(r"\w+", source)}
    return [module for module in USUAL if words.issuperset(module.split("."))]


def _outcome(answer: bytes) -> Outcome:
    """Read an answer, which may be anything."""
    try:
        data = json.loads(answer.decode())
        if not isinstance(data, dict):
            raise Unreadable("something that is not an answer")
        if "failure" not in data:
            changed = data.get("changed") is True
            return Outcome(value=_numbers(decode(data.get("value"))), changed=changed)
        failure, detail = data["failure"], data.get("detail")
        if failure not in _WORKER_SAYS or not isinstance(detail, str):
            raise Unreadable("something that is not an answer")
        return Outcome(failure=failure, detail=_one_line(detail))
    except (ValueError, TypeError, RecursionError) as error:
        detail = str(error) if isinstance(error, Unreadable) else "something that is not an answer"
        return Outcome(failure="unreadable", detail=_one_line(detail))


def _numbers(value: Any) -> Any:
    """The value, if there is no text in it."""
    if isinstance(value, str):
        raise Unreadable("a text")
    if isinstance(value, list | tuple):
        for entry in value:
            _numbers(entry)
    return value


def _one_line(detail: str) -> str:
    """Untrusted text as one line that every file can hold."""
    return "".join(c if c.isprintable() else " " for c in detail[:MAX_DETAIL])


def _pages(pid: int) -> int:
    """Address space of a process in pages; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    except (OSError, IndexError):
        return 0
