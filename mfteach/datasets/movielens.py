"""Real ratings from MovieLens: found in a folder or a zip file, or downloaded."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, NamedTuple

from mfteach.arguments import flag, path
from mfteach.datasets.titles import read_titles
from mfteach.matrices.ratings import Ratings


def movielens_titles(path_or_name: str | PathLike[str] = "ml-latest-small") -> dict[int, str]:
    """Titles of the MovieLens films by integer id, as they are in ``movies.csv``.

    Parameters
    ----------
    path_or_name : path or str
        As for `movielens`, without the download.

    Returns
    -------
    dict of int to str
        Empty if there is no ``movies.csv`` beside the ratings.

    Raises
    ------
    FileNotFoundError
        If the ratings are not found.
    ValueError
        If ``movies.csv`` is damaged, or names a film twice; the message names the line.
    """
    place = _find(path_or_name)
    if place is None:
        raise FileNotFoundError(_how_to_get(os.fspath(path_or_name)))
    try:
        with _open_table(place, ("movies.csv",)) as (file, name):
            return read_titles(file, name)
    except FileNotFoundError:
        return {}


class Download(NamedTuple):
    """Where a set of ratings is published, and the checksum it must have."""

    url: str
    sha256: str


TABLES = ("ratings.csv", "u.data")

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
        A folder or a zip file in the layout of ml-latest-small (``ratings.csv``) or of ml-100k
        (``u.data``), or one of these names, which is looked for in the folder that the
        environment variable ``MFTEACH_DATA`` names.
    download : bool
        Whether to download a named set that is not there, once, and check its SHA-256.

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
    download, place = flag(download, "download"), _find(path_or_name)
    if place is None:
        name = os.fspath(path_or_name)
        if not download or name not in DOWNLOADS:
            raise FileNotFoundError(_how_to_get(name))
        place = _fetch(name)
    with _open_table(place, TABLES) as (file, name):
        columns, times = ("userId", "movieId", "rating"), "timestamp"
        if name == "u.data":
            return Ratings._from_lines(
                file, name, "\t", columns, "error", header=[*columns, times], timestamps=times
            )
        return Ratings._from_lines(file, name, ",", columns, "error", timestamps=times)


def _find(path_or_name: str | PathLike[str]) -> Path | None:
    """The folder or zip file with the ratings: at this path, or in the folder ``MFTEACH_DATA``."""
    name = os.fspath(path(path_or_name, "path_or_name"))
    places = [Path(name)]
    data = os.environ.get("MFTEACH_DATA")
    if data and name in DOWNLOADS:
        home = Path(data)
        places = [home / name, home / f"{name}.zip"]
        if home.name == name:
            places.append(home)
    return next((place for place in places if place.exists()), None)


def _how_to_get(name: str) -> str:
    if name not in DOWNLOADS:
        return f"no ratings at {name!r}; the known names are {', '.join(DOWNLOADS)}"
    data = os.environ.get("MFTEACH_DATA")
    where = f"MFTEACH_DATA={data} has no {name}" if data else "MFTEACH_DATA is not set"
    return (
        f"{name} is not here ({where}). Set MFTEACH_DATA to the folder that holds the folder "
        f"{name}, or call mfteach.datasets.movielens({name!r}, download=True)"
    )


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
def _open_table(place: Path, wanted: tuple[str, ...]) -> Iterator[tuple[IO[str], str]]:
    """Open the first of the wanted tables in a folder or a zip file, with its name."""
    absent = f"{place} holds neither {' nor '.join(wanted)}"
    if place.is_dir():
        found = [place / name for name in wanted if (place / name).is_file()]
        if not found:
            raise FileNotFoundError(absent)
        with found[0].open(encoding="utf-8-sig", newline="") as file:
            yield file, found[0].name
        return
    if not zipfile.is_zipfile(place):
        raise ValueError(f"{place} is neither a folder nor a zip file of MovieLens")
    with _damage_named(place), zipfile.ZipFile(place) as archive:
        inside = [name for name in archive.namelist() if Path(name).name in wanted]
        if not inside:
            raise FileNotFoundError(absent)
        member = min(inside, key=lambda name: wanted.index(Path(name).name))
        with io.TextIOWrapper(archive.open(member), encoding="utf-8-sig", newline="") as file:
            yield file, Path(member).name


@contextmanager
def _damage_named(place: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{place} is damaged: {error}; get a new copy") from None
