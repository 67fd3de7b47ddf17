"""A file of ratings as bytes that can be read from the start again, whatever it is packed in.

The bytes decide and not the name: browsers unpack what they download, and leave the name.
"""

from __future__ import annotations

import importlib
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from mfteach.arguments import InputError, WrongType, listed, shown
from mfteach.arguments import path as path_of

# Where ratings are in the folders and archives that people have, MovieLens first.
TABLES = ("ratings.csv", "u.data", "ratings.dat")
ALSO_TABLES = ("BX-Book-Ratings.csv", "user_artists.dat", "ratings.txt")
# Nobody packs a file more often, except to fill a disk.
MOST_LAYERS = 3


class Packing(NamedTuple):
    """A way to compress, a pattern of its first bytes, Python's module, and what unpacks it."""

    name: str
    first: bytes
    module: str
    unpack: str


PACKINGS = (
    Packing("gzip", rb"\x1f\x8b\x08", "gzip", "gunzip"),
    Packing("bzip2", rb"BZh[1-9](1AY&|\x17\x72\x45\x38)", "bz2", "bunzip2"),
    Packing("xz", rb"\xfd7zXZ\x00", "lzma", "unxz"),
    Packing("zstd", rb"\x28\xb5\x2f\xfd", "compression.zstd", "zstd -d"),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Opened(NamedTuple):
    """Bytes that can be read again after ``seek(0)``, and where they came from."""

    file: IO[bytes]
    name: str
    packed: tuple[str, ...]


@contextmanager
def opened(source: Any) -> Iterator[Opened]:
    """Open a file, a folder or an archive that holds one, a pipe, or an open file.

    Raises
    ------
    OSError
        If it cannot be opened, or holds no file that is known.
    InputError
        If it is damaged, or packed in a way that this Python does not unpack.
    """
    with ExitStack() as stack:
        file, name = _raw(source, stack)
        packed: list[str] = []
        with _damage_named(name):
            for _ in range(MOST_LAYERS):
                unpacked = _unpacked(file, name, stack)
                if unpacked is None:
                    break
                file, name, packing = unpacked
                packed.append(packing)
            yield Opened(file, name, tuple(packed))


def _raw(source: Any, stack: ExitStack) -> tuple[IO[bytes], str]:
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        named = isinstance(name, str) and not name.startswith("<")  # "<stdin>"
        return _seekable(source, stack), str(name) if named else "the input"
    if re.match(r"\w{2,}:/", str(source)):
        raise InputError(f"{shown(str(source))} is an address", "Download the file first")
    if not isinstance(source, str | PathLike) or not str(source):
        raise WrongType(
            f"must be a file, but is {shown(source)}",
            "Give tables to Ratings.from_frame or from_matrix",
            argument="source",
        )
    path = Path(path_of(source, "source"))
    if path.is_dir():
        names = [str(inside.relative_to(path)) for inside in path.iterdir() if inside.is_file()]
        path = path / table_among(names, str(path))
    return _seekable(stack.enter_context(path.open("rb")), stack), path.name


def _seekable(file: Any, stack: ExitStack) -> IO[bytes]:
    """The file itself, or a copy of what comes out of a pipe: it is read more than once."""
    piece = file.read(0)
    if not isinstance(piece, str) and file.seekable() and file.tell() == 0:
        seekable: IO[bytes] = file
        return seekable
    copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    if isinstance(piece, str):
        for some in iter(lambda: file.read(2**20), ""):
            copy.write(some.encode("utf-8"))
    else:
        shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def table_among(names: list[str], where: str) -> str:
    """The file of ratings among the files of a folder or an archive.

    Raises
    ------
    FileNotFoundError
        If none has a name that is known, unless there is only one file.
    """
    files = [name for name in names if not _hidden(name)]
    plain = {
        name: PurePosixPath(re.sub(r"\.(gz|bz2|xz|zst|zip)$", "", name)).name for name in files
    }
    for table in (*TABLES, *ALSO_TABLES):
        found = [name for name in files if plain[name].lower() == table.lower()]
        if found:
            return min(found, key=len)
    if len(files) == 1:
        return files[0]
    if not files:
        raise FileNotFoundError(
            f"{where} holds neither {' nor '.join(TABLES)}, for it is empty: name another"
        )
    there = f": name the file that you mean, one of {listed(sorted(files))}"
    raise FileNotFoundError(f"{where} holds neither {' nor '.join(TABLES)}{there}")


def _hidden(name: str) -> bool:
    return name.endswith("/") or name.startswith("__MACOSX") or PurePosixPath(name).name[0] == "."


def _unpacked(file: IO[bytes], name: str, stack: ExitStack) -> tuple[IO[bytes], str, str] | None:
    """What is inside, its name and the packing; None if the bytes are not packed."""
    first = file.read(8)
    file.seek(0)
    for packing in PACKINGS:
        if re.match(packing.first, first):
            module = _module(packing, name)
            return stack.enter_context(module.open(file, "rb")), name, packing.name
    if first.startswith(ZIP):
        archive = stack.enter_context(zipfile.ZipFile(file))
        names = archive.namelist()
        _refuse_documents(names, name)
        try:
            member = table_among(names, name)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{error}. Unpack {name} first") from None
        return stack.enter_context(archive.open(member)), PurePosixPath(member).name, "zip"
    return None


def _module(packing: Packing, name: str) -> Any:
    try:
        return importlib.import_module(packing.module)
    except ModuleNotFoundError:
        raise InputError(
            f"{name} is compressed with {packing.name}, which this Python cannot read",
            f"Unpack it first ({packing.unpack} {name}), and name the file that comes out",
        ) from None


def _refuse_documents(names: list[str], name: str) -> None:
    """Spreadsheets, models and NumPy archives are zip files too."""
    if "xl/workbook.xml" in names or "content.xml" in names:
        raise InputError(
            f"{name} is a spreadsheet document", "Save the sheet that you mean as CSV first"
        )
    if {"U.npy", "V.npy"} <= set(names):
        raise InputError(f"{name} is a saved model and no table", "Name the table instead")
    if names and all(member.endswith(".npy") for member in names):
        raise InputError(f"{name} holds NumPy arrays", "Write what is in it as CSV first")


@contextmanager
def _damage_named(name: str) -> Iterator[None]:
    """Turn what the unpacking modules raise into one sentence."""
    try:
        yield
    except EOFError:
        raise InputError(f"{name} is damaged: it ends too early; get a new copy") from None
    except (zipfile.BadZipFile, zlib.error):
        raise InputError(f"{name} is damaged; get a new copy") from None
    except NotImplementedError:
        raise InputError(
            f"{name} is compressed in a way that Python cannot read", "Unpack it first"
        ) from None
    except OSError as error:
        if error.errno is not None or isinstance(error, FileNotFoundError):
            raise
        raise InputError(f"{name} is damaged; get a new copy") from None
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise InputError(f"{name} is encrypted", "Unpack it first") from None
    except Exception as error:
        # lzma may be missing from a Python, and its error with it
        if type(error).__name__ not in ("LZMAError", "ZstdError"):
            raise
        raise InputError(f"{name} is damaged; get a new copy") from None
