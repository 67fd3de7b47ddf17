"""Inside the sandbox: runs a student's cells and calls their functions, one request a line.

It reads requests and writes answers as JSON lines over the two pipes it is started with, and knows
no expected value. The code it runs can do anything to this process: the grader trusts nothing that
comes out.

    {"token": t, "seconds": s, "load": [module, ...]}                imports what is there
    {"token": t, "seconds": s, "run": source}                        runs one cell
    {"token": t, "seconds": s, "call": name, "arguments": [...]}     calls a function
    {"token": t, "seconds": s, "value": name}                        reads a variable

Answers: ``{"token": t, "value": ...}`` or ``{"token": t, "failure": ..., "detail": ...}``; a call
that changed its arguments adds ``"changed": true``.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any

if __name__ == "__main__":  # run by its path: the thinned mfteach is three folders up
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy  # noqa: F401  loaded here, so that its loading is not charged to the student

from mfteach.grading.sandbox.wire import Unreadable, decode, encode

MAX_DETAIL = 500


class TimeLimit(BaseException):
    """The time of one request is over. ``except Exception`` does not catch a `BaseException`."""


def main(settings: dict[str, Any]) -> None:
    """Give up rights, then answer requests until there are no more."""
    requests, answers = _take_pipes()
    _restore_signals()
    _limit(settings["limits"])
    if settings["uid"] is not None:
        _become(settings["uid"])
    _write(answers, {"ready": True})
    namespace = _notebook()
    for line in requests:
        request = json.loads(line)
        _write(answers, {"token": request["token"], **_answer(namespace, request)})


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the grader, away from ``print`` and ``input``, which get /dev/null."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    return requests, answers


def _restore_signals() -> None:
    """Ignore what Python ignores: a grader under nohup ignores more, and hands it down."""
    for one in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(one) is signal.SIG_IGN:
            signal.signal(one, signal.SIG_DFL)


def _limit(limits: dict[str, int]) -> None:
    """Set hard limits, which only a privileged process can raise again."""
    for name, limit in limits.items():
        resource.setrlimit(getattr(resource, name), (limit, limit))


def _become(uid: int) -> None:
    """Turn from root into an ordinary user, which also drops the capabilities."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _notebook() -> dict[str, Any]:
    """The namespace of the cells: a fresh ``__main__``, with `display` as in a notebook."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = vars(module)
    namespace["display"] = lambda *things, **options: None
    return namespace


def _answer(namespace: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        with _alarm(request["seconds"]):
            return _do(namespace, request)
    except TimeLimit:
        return _failure("time limit", f"stopped after {request['seconds']:g} seconds")
    except NotImplementedError as error:
        return _failure("not answered", _described(error))
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: grading goes on
        return _failure("error", _described(error))


def _do(namespace: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    if "load" in request:
        for module in request["load"]:
            with contextlib.suppress(ImportError):
                import_module(module)
        return {"value": None}
    if "run" in request:
        exec(compile(request["run"], "<cell>", "exec"), namespace)
        return {"value": None}
    if "value" in request:
        name = request["value"]
        return _encoded(namespace[name]) if name in namespace else _missing(name)
    function = namespace.get(request["call"])
    if not callable(function):
        return _missing(request["call"])
    # Decoded again for each call, so that no call can change the arguments of the next.
    arguments = [decode(argument) for argument in request["arguments"]]
    answer = _encoded(function(*arguments))
    before = [{"value": argument} for argument in request["arguments"]]
    return answer if [*map(_encoded, arguments)] == before else {**answer, "changed": True}


def _encoded(value: object) -> dict[str, Any]:
    try:
        if isinstance(value, str):
            raise Unreadable("a text")
        return {"value": encode(value)}
    except Unreadable as error:
        return _failure("unreadable", str(error))


def _missing(name: str) -> dict[str, Any]:
    return _failure("missing", f"there is no {name}")


def _failure(failure: str, detail: str) -> dict[str, Any]:
    return {"failure": failure, "detail": detail[:MAX_DETAIL]}


def _described(error: BaseException) -> str:
    """Type and message of an exception whose own code may fail again."""
    try:
        return f"{type(error).__name__}: {str(error)[:MAX_DETAIL]}"
    except BaseException:
        return "an exception that cannot be described"


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` after so many seconds of computing.

    Code that catches it, or sleeps, is killed from outside.
    """

    def over(*_: object) -> None:
        raise TimeLimit

    signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
