"""Starts workers from a template that has NumPy loaded, where the kernel allows it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mfteach.grading.sandbox import bubblewrap
from mfteach.grading.sandbox.session import Entered, StartError

PROGRAM = Path(__file__).with_name("template.py")
WAITING = ("/bin/sh", "-c", "echo && read -r _")
"""What holds a sandbox that is to be entered: it says that all is in place, and waits."""
_START = 60.0  # seconds, for what takes hundredths


class Template:
    """A process that has NumPy loaded, and makes a copy of itself for each worker.

    Threads may share it. It ends with this object, or with the grader.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def enter(
        self, holder: subprocess.Popen[bytes], request: Mapping[str, Any], leavings: ExitStack
    ) -> Entered:
        """Start a worker in a sandbox.

        Parameters
        ----------
        holder : subprocess.Popen
            Bubblewrap, with `WAITING` in the sandbox.
        request : mapping
            What `template` has to know.
        leavings : ExitStack
            Gets what has to be done when the sandbox has ended.

        Raises
        ------
        StartError
            If the sandbox or the template does not start.
        """
        leavings.callback(_stop, holder)
        with ExitStack() as opened:
            sandbox = os.pidfd_open(_process_inside(holder))
            opened.callback(os.close, sandbox)
            requests, writer = os.pipe()
            opened.callback(os.close, requests)
            leavings.callback(os.close, writer)
            reader, answers = os.pipe()
            opened.callback(os.close, answers)
            leavings.callback(os.close, reader)
            pid = self._asked(request, (requests, answers, sandbox))
        leavings.callback(self._forget, pid)
        return Entered(pid, reader, writer)

    def _asked(self, request: Mapping[str, Any], ends: Sequence[int]) -> int:
        """Ask the template; if it was killed meanwhile, another one."""
        with self._lock:
            for _ in range(2):
                if self._running is None:
                    self._running = _Running()
                answer = self._running.ask(json.dumps(request).encode(), ends)
                if answer:
                    return int(json.loads(answer)["pid"])
                complaint, self._running = self._running.end(), None
        raise StartError(complaint)

    def _forget(self, pid: int) -> None:
        with self._lock:
            if self._running is not None:
                self._running.tell(json.dumps({"ended": pid}).encode())


class _Running:
    """The process of a template, and the socket to it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._popen = subprocess.Popen(
                [*bubblewrap.python(), str(PROGRAM)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=bubblewrap.ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the grader
            )
        self._end = weakref.finalize(self, _end, self._socket, self._popen)

    def ask(self, request: bytes, ends: Sequence[int]) -> bytes:
        """Return the answer; nothing if the process is gone."""
        try:
            socket.send_fds(self._socket, [request], list(ends))
            return self._socket.recv(1 << 16)
        except (BrokenPipeError, ConnectionResetError):
            return b""

    def tell(self, request: bytes) -> None:
        """Say something that needs no answer."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.send(request)

    def end(self) -> str:
        """End it, and return what it complained of."""
        assert self._popen.stderr is not None
        self._socket.close()
        complaint = self._popen.stderr.read()
        self._end()
        return complaint.decode(errors="replace")


def _end(ours: socket.socket, popen: subprocess.Popen[bytes]) -> None:
    ours.close()  # so it is asked no more, and ends
    assert popen.stderr is not None
    popen.stderr.close()
    popen.wait()


def _process_inside(holder: subprocess.Popen[bytes]) -> int:
    """Wait until a sandbox is in place, and return a process in it."""
    assert holder.stdout is not None and holder.stderr is not None
    ready, _, _ = select.select([holder.stdout], [], [], _START)
    if not ready or not holder.stdout.read(1):
        holder.kill()
        complaint = holder.stderr.read()
        raise StartError(complaint.decode(errors="replace"))
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
    return int(children[0])


def _stop(holder: subprocess.Popen[bytes]) -> None:
    """End what holds a sandbox, in whatever state it is."""
    holder.kill()
    holder.wait()
    for pipe in (holder.stdin, holder.stdout, holder.stderr):
        assert pipe is not None
        pipe.close()
