"""The files of a zip or of a folder, read as data: nothing is unpacked, and no link is followed."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mfteach.console import UsageError
from mfteach.grading.submissions.notebooks import MAX_BYTES, Refusal

MAX_FILES = 20_000
_OF_THE_SYSTEM = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Found:
    """A file: its path, with ``/`` between the parts, and how it is read.

    Parameters
    ----------
    path : str
    read : callable
        Returns its bytes; a `Refusal` says why they cannot be had.
    """

    path: str
    read: Callable[[], bytes]

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders that it is in, and its name."""
        return tuple(part for part in self.path.split("/") if part)

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]


@contextmanager
def opened(path: Path) -> Iterator[list[Found]]:
    """Open a zip or a folder and give its files, in the order of their paths.

    Raises
    ------
    UsageError
        If there is no such file, it is neither a zip nor a folder, or it has too many files.
    """
    if path.is_dir():
        yield _sorted(path, list(_in_folder(path)))
        return
    if not path.exists():
        raise UsageError(f"{path} does not exist: give the zip that you downloaded, or a folder")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise UsageError(
            f"{path} is neither a complete zip nor a folder: download it again"
        ) from error
    with archive:
        yield _sorted(path, [_member(archive, one) for one in archive.infolist()])


def _sorted(path: Path, files: list[Found]) -> list[Found]:
    if len(files) > MAX_FILES:
        raise UsageError(f"{path} contains {len(files)} files: is it one assignment's?")
    return sorted(
        (
            one
            for one in files
            if one.parts and not one.path.endswith("/") and _OF_THE_SYSTEM.isdisjoint(one.parts)
        ),
        key=lambda one: one.path,
    )


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Found:
    def read() -> bytes:
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refusal("refused", "It is a link and not a file.")
        try:
            with archive.open(info) as stream:
                data = stream.read(MAX_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise Refusal("refused", f"It cannot be read from the zip: {error}.") from error
        except Exception as error:  # what a damaged stream raises differs between compressions
            raise Refusal("refused", "It cannot be read from the zip: it is damaged.") from error
        return _bounded(data)

    return Found(info.filename.replace("\\", "/"), read)


def _in_folder(folder: Path) -> Iterator[Found]:
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            yield Found(file.relative_to(folder).as_posix(), _reader(file))


def _reader(file: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        if not stat.S_ISREG(file.lstat().st_mode):
            raise Refusal("refused", "It is a link, a pipe or a device, and not a file.")
        with file.open("rb") as stream:
            return _bounded(stream.read(MAX_BYTES + 1))

    return read


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise Refusal("refused", f"It is larger than {MAX_BYTES >> 20} MB.")
    return data
