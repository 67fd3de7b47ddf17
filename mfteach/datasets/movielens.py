"""Real ratings from MovieLens: found in a folder or a zip file, or downloaded."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import IO, NamedTuple

from mfteach.arguments import Cure, flag, worded
from mfteach.arguments import path as path_of
from mfteach.datasets.titles import read_headerless_titles, read_titles
from mfteach.matrices.file_kind import Asked
from mfteach.matrices.ratings import Ratings, read_ratings


class Download(NamedTuple):
    """Where a set of ratings is published, and the checksum it must have."""

    url: str
    sha256: str


# Where the titles are, and what separates the fields there.
TITLES = (("movies.csv", ","), ("movies.dat", "::"), ("u.item", "|"))
# The folder in the zip file of each set, where it is not called as the set is.
NAMES = {
    "ml-latest-small": "ml-latest-small",
    "ml-latest": "ml-latest",
    "ml-100k": "ml-100k",
    "ml-1m": "ml-1m",
    "ml-10m": "ml-10M100K",
    "ml-20m": "ml-20m",
    "ml-25m": "ml-25m",
    "ml-32m": "ml-32m",
}
PUBLISHED = "https://grouplens.org/datasets/movielens/"

DOWNLOADS = {
    "ml-latest-small": Download(
        "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
        "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
    ),
    "ml-100k": Download(
        "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
        "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
    ),
}


def movielens(
    path_or_name: str | PathLike[str] = "ml-latest-small", *, download: bool = False
) -> Ratings:
    """Real ratings of films by people, collected by GroupLens at the University of Minnesota.

    Parameters
    ----------
    path_or_name : path or str
        A folder, a zip file or the file of ratings itself, in any of MovieLens' layouts
        (``ratings.csv``, ``u.data``, ``ratings.dat``), or the name of a set, which is looked for
        in the folder that the environment variable ``MFTEACH_DATA`` names: ml-latest-small,
        ml-latest, ml-100k, ml-1m, ml-10m, ml-20m, ml-25m or ml-32m, also without "ml-".
    download : bool
        Whether to download a named set that is not there, once, and check its SHA-256; for
        ml-latest-small and ml-100k.

    Returns
    -------
    Ratings
        With the integer ids of MovieLens as labels, and the time of each rating.

    Raises
    ------
    FileNotFoundError
        If the ratings are not found; the message says how to get them.
    ConnectionError
        If a download was asked for and fails.
    ValueError
        If a file is damaged; the message names the line.

    Source: Harper and Konstan, The MovieLens datasets: history and context (2015). The data
    have their own license, which does not allow commercial use; ml-latest-small may be passed on
    under that license only, so it is not part of this repository.
    """
    download, place = flag(download, "download"), find(path_or_name)
    if place is None:
        name = _named(path_or_name)
        if not download or name not in DOWNLOADS:
            raise FileNotFoundError(how_to_get(path_or_name, _call(name)))
        place = _fetch(name)
    with worded(_Reading(place)):
        return read_ratings(place, Asked(times=True))[0]


class _Reading(NamedTuple):
    """What to call instead, where the ratings can be read only with a word more about them."""

    place: Path

    def name(self, argument: str) -> str:
        """The argument itself."""
        return argument

    def words(self, cure: Cure) -> str:
        """A call of `mfteach.Ratings.read` that gives the argument its value."""
        return f"mfteach.Ratings.read({str(self.place)!r}, {cure.argument}={cure.value!r})"


def movielens_titles(path_or_name: str | PathLike[str] = "ml-latest-small") -> dict[int, str]:
    """Titles of the MovieLens films by integer id.

    Parameters
    ----------
    path_or_name : path or str
        As for `movielens`, without the download.

    Returns
    -------
    dict of int to str
        Empty if there is no ``movies.csv``, ``movies.dat`` or ``u.item`` beside the ratings.

    Raises
    ------
    FileNotFoundError
        If the ratings are not found.
    ValueError
        If the table of titles is damaged, or names a film twice; the message names the line.
    """
    place = find(path_or_name)
    if place is None:
        raise FileNotFoundError(how_to_get(path_or_name, _call(_named(path_or_name))))
    for table, separator in TITLES:
        with _open_table(place, table) as file:
            if file is not None:
                return _titles(file, table, separator)
    return {}


def _titles(file: IO[bytes], name: str, separator: str) -> dict[int, str]:
    """The titles of a table; the oldest are in Latin-1, and have no header."""
    if separator == ",":
        with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
            return read_titles(lines, name)
    content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return read_headerless_titles(text.splitlines(), name, separator)


def find(path_or_name: str | PathLike[str]) -> Path | None:
    """The folder or file with the ratings: at this path, or in the folder ``MFTEACH_DATA``."""
    path, name = Path(path_of(path_or_name, "path_or_name")), _named(path_or_name)
    data = os.environ.get("MFTEACH_DATA")
    if path.exists() or not data or name is None:
        return path if path.exists() else None
    home = Path(data)
    folders = {name, NAMES[name]}
    places = [home / folder for folder in folders] + [home / f"{name}.zip"]
    if home.name in folders:
        places.append(home)
    return next((place for place in places if place.exists()), None)


def is_name(path_or_name: str | PathLike[str]) -> bool:
    """Whether it is the name of a set of MovieLens."""
    return _named(path_or_name) is not None


def _named(path_or_name: str | PathLike[str]) -> str | None:
    """The set that somebody means: "ml-20m", "20m" and "ml-10M100K" are names."""
    spoken = os.fspath(path_or_name).lower()
    for name, folder in NAMES.items():
        if spoken in (name, name.removeprefix("ml-"), folder.lower()):
            return name
    return None


def how_to_get(path_or_name: str | PathLike[str], otherwise: str = "") -> str:
    """What to say where ratings are not found; ``otherwise`` is another way to get some sets."""
    name = _named(path_or_name)
    if name is None:
        return f"no ratings at {os.fspath(path_or_name)!r}; the known names are {', '.join(NAMES)}"
    data = os.environ.get("MFTEACH_DATA")
    where = f"MFTEACH_DATA={data} has no {name}" if data else "MFTEACH_DATA is not set"
    if name not in DOWNLOADS or not otherwise:
        otherwise = f"after downloading it from {PUBLISHED}"
    return (
        f"{name} is not here ({where}). Set MFTEACH_DATA to the folder that holds the folder "
        f"{NAMES[name]}, {otherwise}"
    )


def _call(name: str | None) -> str:
    return f"or call mfteach.datasets.movielens({name!r}, download=True)"


def _fetch(name: str) -> Path:
    import pooch  # loaded here because it is slow and rarely needed

    source = DOWNLOADS[name]
    pooch.get_logger().setLevel("WARNING")
    try:
        fetched = pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}",
            fname=f"{name}.zip",
            path=pooch.os_cache("mfteach"),
        )
    except OSError as error:
        raise ConnectionError(
            f"{name} could not be downloaded from {source.url} "
            f"({type(error).__name__}); check the network, or set MFTEACH_DATA to a copy"
        ) from None
    return Path(fetched)


@contextmanager
def _open_table(place: Path, wanted: str) -> Iterator[IO[bytes] | None]:
    """Open a table in a folder or a zip file, or beside the file of ratings; None if it is not."""
    if place.is_file() and zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            inside = [name for name in archive.namelist() if Path(name).name == wanted]
            with archive.open(inside[0]) if inside else nullcontext() as file:
                yield file
        return
    path = (place if place.is_dir() else place.resolve().parent) / wanted
    with path.open("rb") if path.is_file() else nullcontext() as file:
        yield file
