"""Arrays in ``.npz`` files: written whole or not at all, and read without running anything."""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike

from mfteach.arguments import InputError
from mfteach.arguments import path as path_of

# Names that numpy.savez takes for arguments of its own.
TAKEN = {"file", "allow_pickle"}
DAMAGED = "it is damaged; get a new copy"
OURS = "Name a file that save or mfteach factorize wrote"
# Letters of a complaint about a file that may hold anything.
LONGEST = 200


def write(
    path: str | PathLike[str], arrays: Mapping[str, ArrayLike], further: Mapping[str, ArrayLike]
) -> None:
    """Write named arrays, all or nothing.

    Parameters
    ----------
    path : path
        The exact name of the file.
    arrays, further : mappings from a name to an array
        What the file is about, and what a caller wants beside it.

    Raises
    ------
    OSError
        If the file cannot be written; what stood there before is untouched.
    ValueError
        If an array could only be written by pickling it, or a further one has the name of another.
    """
    reserved = further.keys() & (arrays.keys() | TAKEN)
    if reserved:
        raise ValueError(f"no further array can be called {min(reserved)}")
    contents: dict[str, Any] = {
        name: np.asarray(array) for name, array in (*arrays.items(), *further.items())
    }
    for name, array in contents.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} holds Python objects, which are never saved")
    with replacing(path) as file:
        np.savez(file, **contents)


@contextmanager
def replacing(path: str | PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that is there as a whole, or not at all, once the ``with`` is left.

    Until then what stood there stays: the text is written beside it. A device or a pipe, beside
    which nothing can be written, is opened itself.

    Raises
    ------
    OSError
        If it cannot be written; with the path as its file name.
    """
    path = Path(path_of(path, "path"))
    if path.exists() and not (path.is_file() or path.is_dir()):
        with path.open("wb") as device:
            yield device
        return
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(path))
    if not path.parent.is_dir():
        what = f"there is no folder {path.parent}; make it first"
        raise FileNotFoundError(errno.ENOENT, what, str(path))
    path = path.resolve()  # of a link the target is written
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(draft)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading(path: str | PathLike[str], complaint: str, advice: str = OURS) -> Iterator[NpzFile]:
    """Open a file of arrays; whatever goes wrong inside the ``with`` is an error of the file.

    Parameters
    ----------
    path : path
        What `write` wrote.
    complaint : str
        What is wrong with a file that does not hold what is looked for: "holds no factors".
    advice : str
        What to do about another file than is expected.

    Yields
    ------
    NpzFile
        Arrays by name. A pickled one is refused.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        "{path} {complaint}: {what went wrong}".
    """
    path = Path(path_of(path, "path"))
    try:
        # Opened here, for NumPy leaves a file open that it cannot read.
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no .npz archive, or only a part of one")
            file.seek(0)
            with np.load(file, allow_pickle=False) as saved:
                yield saved
    except OSError:
        raise
    except Exception as error:  # a broken zip, a pickle, a missing array: all one to the reader
        words = _in_our_words(error)
        advice = "" if words == DAMAGED and advice == OURS else advice
        raise InputError(f"{path} {complaint}: {words}", advice) from None


def _in_our_words(error: Exception) -> str:
    """What is wrong with a file of arrays, without NumPy's advice to read it unsafely."""
    if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError):
        return DAMAGED
    if isinstance(error, KeyError):
        return f"it lacks {str(error.args[0]).removesuffix(' is not a file in the archive')!r}"
    if "allow_pickle" in str(error):
        return "it holds Python objects, which are never read"
    return str(error)[:LONGEST]
