"""Files that a command writes: tried before the work, and never lost after it."""

from __future__ import annotations

import csv
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mfteach.console import UsageError, in_words
from mfteach.matrices.saved import replacing

# Written to see whether a folder takes anything: a disk gives room in blocks of about that size.
TRIAL = bytes(4096)


def require_writable(output: Path, n_bytes: int = 0) -> None:
    """Refuse a bad ``--output`` before the work, not after it.

    Parameters
    ----------
    output : Path
        The file that is to be written.
    n_bytes : int
        How much room it will need, as far as that is known.

    Raises
    ------
    UsageError
        If its folder is missing, takes no file or has no room, or if it is a folder itself.
    """
    if output.exists() and not (output.is_file() or output.is_dir()):
        return  # a device or a pipe
    folder = output.parent
    if not folder.is_dir():
        raise UsageError(f"--output {output}: there is no folder {folder}; make it first")
    if output.is_dir():
        raise UsageError(f"--output {output}: it cannot be written there, for this is a folder")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(TRIAL)
        room = shutil.disk_usage(folder)
    except OSError as error:
        what = error.strerror or str(error)
        raise UsageError(f"--output {output}: it cannot be written there: {what}") from None
    if room.total and room.free < n_bytes:
        raise UsageError(
            f"--output {output}: it needs about {n_bytes / 1e6:,.1f} MB, and there are "
            f"{room.free / 1e6:,.1f} MB free; choose a folder on another disk"
        )


def keep(output: Path, write: Callable[[Path], object]) -> None:
    """Write what was computed; where that fails, write it elsewhere and say so.

    Parameters
    ----------
    output : Path
        Where it belongs.
    write : callable
        Writes it to a path.

    Raises
    ------
    UsageError
        If it could not be written to ``output``; the message says where it is now.
    """
    try:
        write(output)
        return
    except BrokenPipeError:
        raise
    except OSError as error:
        what = in_words(error)
    tried = [Path(tempfile.gettempdir()), Path.home(), Path.cwd()]
    for folder in tried:
        elsewhere = _written_into(folder, output.name, write)
        if elsewhere is not None:
            raise UsageError(f"{what}. It was written to {elsewhere} instead: move it from there")
    raise UsageError(f"{what}, nor is there room in {', '.join(map(str, tried))}: make some")


def say_written(output: Path, what: str) -> None:
    """One line, unless the output is the console itself, or another device."""
    if output.is_file():
        print(f"wrote {output}: {what}")


def require_other_file(output: Path, *sources: str | Path) -> None:
    """Refuse an ``--output`` that would take the place of what the command reads.

    Raises
    ------
    UsageError
        If one of ``sources`` is that very file, by whatever path.
    """
    for source in map(Path, sources):
        if output.is_file() and source.exists() and output.samefile(source):
            raise UsageError(f"--output {output}: that would overwrite what is read; name another")


def _written_into(folder: Path, name: str, write: Callable[[Path], object]) -> Path | None:
    place = None
    try:
        place = Path(tempfile.mkdtemp(prefix="mfteach-", dir=folder))
        write(place / name)
        return place / name
    except OSError:  # the next folder may do
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
        return None


class _Console:
    """The standard output, and whether letters were written that it lacks.

    What a person reads may lose its accents; a table may go into a file, and ids with it.
    """

    def __init__(self) -> None:
        self.encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        self.changed = False

    def write(self, text: str) -> int:
        """Write it, and remember whether it can be read back."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            self.changed = True
        return sys.stdout.write(text)

    def say_changed(self) -> None:
        """Beside the table, which may go through a pipe."""
        if self.changed:
            print(
                f"the table has letters that {self.encoding} lacks, and they were changed: "
                "--output FILE.csv keeps them",
                file=sys.stderr,
            )


@contextmanager
def table(output: Path | None, header: list[str]) -> Iterator[Any]:
    """A `csv.writer` of a file that appears when it is complete, or of the console for None."""
    if output is None:
        console = _Console()
        yield _begun(console, header)
        console.say_changed()
        return
    with replacing(output) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield _begun(text, header)
        finally:
            text.detach()  # flushes, and leaves the file to `replacing`


def _begun(text: Any, header: list[str]) -> Any:
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    return writer
