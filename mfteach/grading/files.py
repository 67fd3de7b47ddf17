"""Files that are always complete, even if the grader is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mfteach.console import UsageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def write(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a text as UTF-8, so that the file contains either the old one or the new one."""
    write_bytes(file, text.encode(), mode)


def write_bytes(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it contains either what it did or the new bytes, never a part.

    The bytes are first written beside it, under a fixed name: the next run overwrites what a killed
    one left there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(data)
    part.replace(file)


def write_json(file: Path, data: Any) -> None:
    """Write data as JSON, always in the same bytes."""
    write(file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


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
    with (folder / ".grading.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another mfteach-grade is running in {folder}; wait until it has finished"
            ) from error
        yield
