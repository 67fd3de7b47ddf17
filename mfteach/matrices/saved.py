"""Arrays in ``.npz`` files: written whole or not at all, and read without running anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike

from mfteach.arguments import path as path_of

# Names that numpy.savez takes for arguments of its own.
TAKEN = {"file", "allow_pickle"}


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
    path = Path(path_of(path, "path"))
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            np.savez(file, **contents)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading(path: str | PathLike[str], complaint: str) -> Iterator[NpzFile]:
    """Open a file of arrays; whatever goes wrong inside the ``with`` is an error of the file.

    Parameters
    ----------
    path : path
        What `write` wrote.
    complaint : str
        What is wrong with a file that does not hold what is looked for: "holds no factors".

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
        with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
            if _outdated(saved):
                complaint = "was written by an earlier version of mfteach"
                raise ValueError("refit the model and save it again")
            yield saved
    except OSError:
        raise
    except Exception as error:  # a broken zip, a pickle, a missing array: all one to the reader
        raise ValueError(f"{path} {complaint}: {error}") from None


def _outdated(saved: NpzFile) -> bool:
    """Earlier versions called learned biases joint, and did not say what a model was fitted on."""
    return "joint" in saved or ("params" in saved and "fitted_on" not in saved)
