"""The program behind `warm`: has NumPy loaded, and enters a sandbox with a copy of itself.

Loading NumPy takes ten times as long as making a sandbox, and what is loaded is lost when a program
starts another (exec). So this one starts no other: it makes a copy of itself (fork), which enters
the namespaces that bubblewrap made (setns, man 2), gives up all rights, and only then becomes the
worker of one submission. It runs nothing of a student's, knows nothing of a class, and imports
nothing of mfteach: the copy takes the worker from inside the sandbox.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import numpy  # noqa: F401  what all this is for

_NAMESPACES = {"user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000}
_NAMESPACES |= {"uts": 0x04000000, "mount": 0x00020000, "cgroup": 0x02000000}
_SET_SECCOMP, _BOUNDING_READ, _BOUNDING_DROP, _NO_NEW_PRIVS = 22, 23, 24, 38  # man 2 prctl
_SECCOMP_FILTER = 2
_CAPABILITIES_VERSION = 0x20080522
_SETGID, _SETUID = 6, 7
_SANDBOX = 3  # the file descriptor of a process that is in it
_libc = ctypes.CDLL(None, use_errno=True)


class _Filter(ctypes.Structure):
    """The kernel's ``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def main() -> None:
    """Answer each request for a worker with the process that waits for it; end when asked no more.

    A request is JSON with three file descriptors: the worker's ends of two pipes, and a process in
    the sandbox to be entered. ``{"ended": pid}`` says that a worker is no longer needed.
    """
    requests = socket.socket(fileno=0)
    gc.freeze()  # no copy's garbage collector touches what is here now
    while True:
        line, ends, *_ = socket.recv_fds(requests, 1 << 16, 3)
        if not line:
            return
        request = json.loads(line)
        if "ended" in request:
            with contextlib.suppress(ChildProcessError):  # it belonged to the template before
                os.waitpid(request["ended"], 0)
            continue
        copy = os.fork()
        if not copy:
            _in_copy(request, ends)
        for end in ends:
            os.close(end)
        requests.sendall(json.dumps({"pid": copy}).encode())


def _in_copy(request: dict[str, Any], ends: list[int]) -> NoReturn:
    """Enter the sandbox, start the worker there, and wait for it, so that its time is counted."""
    try:
        requests, answers, sandbox = ends
        _keep_only(requests, answers, os.open(os.devnull, os.O_RDWR), sandbox)
        _stand_back(request)
        _call(_libc.setns, _SANDBOX, sum(_NAMESPACES[name] for name in request["namespaces"]))
        worker = os.fork()  # only what is started now is in the new namespace of processes
        if not worker:
            _work(request)
        os.closerange(0, _SANDBOX + 1)
        os.waitpid(worker, 0)
    except BaseException as error:  # no copy may go on as the template
        os.write(1, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def _keep_only(*kept: int) -> None:
    """Have these open as 0, 1, 2, ..., and nothing else."""
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in kept]
    for place, end in enumerate(high):
        os.dup2(end, place)
    os.closerange(len(kept), 1 + max(int(end.name) for end in Path("/proc/self/fd").iterdir()))


def _stand_back(request: dict[str, Any]) -> None:
    """Take the processor and the control group; if memory runs short, go first."""
    Path("/proc/self/oom_score_adj").write_text("1000")
    os.nice(request["nice"])
    if request["processor"] is not None:
        os.sched_setaffinity(0, {request["processor"]})
    if request["group"] is not None:
        Path(request["group"]).write_text(str(os.getpid()))


def _work(request: dict[str, Any]) -> NoReturn:
    """Give up what bubblewrap takes from what it starts, then be the worker."""
    os.close(_SANDBOX)
    os.setsid()
    os.chdir(os.environ["HOME"])
    settings = request["settings"]
    _give_up_rights(set() if settings["uid"] is None else {_SETGID, _SETUID})
    if request["filter"] is not None:
        program = bytes.fromhex(request["filter"])
        filtered = _Filter(len(program) // 8, program)
        _call(_libc.prctl, _SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(filtered), 0, 0)
    sys.path.insert(0, request["inside"])
    import_module("mfteach.grading.sandbox.worker").main(settings)
    os._exit(0)


def _give_up_rights(kept: set[int]) -> None:
    """Drop all capabilities but these, and what a program with rights of its own could give."""
    number = 0
    while _libc.prctl(_BOUNDING_READ, number, 0, 0, 0) >= 0:
        _call(_libc.prctl, _BOUNDING_DROP, number, 0, 0, 0)
        number += 1
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    mask = sum(1 << one for one in kept)
    effective, permitted, inheritable = (mask, 0), (mask, 0), (0, 0)
    words = [word for pair in zip(effective, permitted, inheritable, strict=True) for word in pair]
    _call(_libc.capset, header, (ctypes.c_uint32 * 6)(*words))
    _call(_libc.prctl, _NO_NEW_PRIVS, 1, 0, 0, 0)


def _call(function: Any, *arguments: Any) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
