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
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

_LIBRARIES = ("base64", "difflib", "fractions", "numpy", "numpy.typing", "resource", "types")
"""All that the worker imports but for itself: with it loaded, a copy is ready at once."""
_NAMESPACES = {"user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000}
_NAMESPACES |= {"uts": 0x04000000, "mount": 0x00020000, "cgroup": 0x02000000}
_SET_SECCOMP, _BOUNDING_READ, _BOUNDING_DROP, _NO_NEW_PRIVS = 22, 23, 24, 38  # man 2 prctl
_SECCOMP_FILTER = 2
_CAPABILITIES_VERSION = 0x20080522
_SETGID, _SETUID = 6, 7
_SANDBOX = 3  # the file descriptor of the first process in it, all others die with that
_libc = ctypes.CDLL(None, use_errno=True)


class _Filter(ctypes.Structure):
    """The kernel's ``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


def main() -> None:
    """Answer each request for a worker with the process that waits for it; end when asked no more.

    A request is JSON with three file descriptors: the worker's ends of two pipes, and a process in
    the sandbox to be entered. ``{"ended": pid}`` says that a worker is no longer needed.
    """
    for library in _LIBRARIES:
        import_module(library)
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
    """Enter the sandbox, and start the worker there; when that has ended, end the sandbox.

    The time of a child that was waited for is counted.
    """
    try:
        requests, answers, sandbox = ends
        _keep_only(requests, answers, os.open(os.devnull, os.O_RDWR), sandbox)
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs short, it goes first
        if request["group"] is not None:
            Path(request["group"]).write_text(str(os.getpid()))
        _call(_libc.setns, _SANDBOX, sum(_NAMESPACES[name] for name in request["namespaces"]))
        worker = os.fork()  # only what is started now is in the new namespace of processes
        if not worker:
            _work(request)
        os.closerange(0, _SANDBOX)
        os.waitpid(worker, 0)
        signal.pidfd_send_signal(_SANDBOX, signal.SIGKILL)  # what it started ends with it
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


def _work(request: dict[str, Any]) -> NoReturn:
    """Give up what bubblewrap takes from what it starts, then be the worker."""
    os.close(_SANDBOX)
    os.nice(request["nice"])  # here, so that who waits for it is not held up by what it starts
    if request["processor"] is not None:
        os.sched_setaffinity(0, {request["processor"]})
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
