"""Files that are always complete, even if the grader is killed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from mfteach.console import UsageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".grading.lock"


def write(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a text as UTF-8, so that the file contains either the old one or the new one."""
    write_bytes(file, text.encode(), mode)


def write_bytes(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it contains either what it did or the new bytes, never a part.

    The bytes are first written beside it, under a fixed name: the next run overwrites what a killed
    one left there.
    """
    part = file.with_name(f".{file.name}.part")
    with writing(file):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(opened, "wb") as stream:
                stream.write(data)
            part.replace(file)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Say what to do if a file cannot be written because of the disk and not because of the file.

    Raises
    ------
    UsageError
        If the disk is full, or nothing can be written there: this concerns the whole class.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise UsageError(
                f"{file} cannot be written: there is no room left on the disk; make some, and run "
                "this again"
            ) from error
        if error.errno == errno.EROFS:
            raise _read_only(file, error) from error
        raise


def _read_only(file: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{file} cannot be written ({error.strerror}): give yourself the right to write there, or "
        "copy the course to where you have it and name it with --course"
    )


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def write_json(file: Path, data: Any) -> None:
    """Write data as JSON, always in the same bytes."""
    write(file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def steps(what: str, total: int) -> Iterator[Callable[[], object]]:
    """Show how far a part of the work is; gives what is called after each step.

    Each part has a bar of its own, so that none is full before its work is done.
    """
    from tqdm import tqdm  # loaded where there is something to wait for

    with tqdm(total=total, unit="student", desc=what) as bar:
        yield bar.update


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second grader from writing into the same course.

    Raises
    ------
    UsageError
        If one is running, or if this is Windows, where nothing is graded.
    """
    if fcntl is None:
        raise UsageError("Windows cannot grade by itself: use WSL2, or a Linux container")
    with ExitStack() as stack:
        try:
            with writing(folder / LOCK):
                lock = stack.enter_context((folder / LOCK).open("w"))
        except PermissionError as error:
            raise _read_only(folder / LOCK, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another mfteach-grade is running in {folder}; wait until it has finished"
            ) from error
        _sweep(folder)
        yield


_OURS = (".", "graded", "feedback", "reports", "exports", "autograded", "collected")


def _sweep(folder: Path) -> None:
    """Remove the half-written files of a grader that was killed: nobody else writes here now."""
    for name in _OURS:
        pattern = ".*.part*" if name == "." else "**/.*.part"
        for part in (folder / name).glob(pattern):
            with suppress(OSError):
                part.unlink()
