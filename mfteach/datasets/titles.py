"""The titles of films, as MovieLens writes them down."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from mfteach.matrices.delimited import plain_integers

WANTED = ("movieId", "title")
# Letters of a damaged line that a message quotes.
LONGEST = 60


def read_titles(lines: Iterable[str], name: str) -> dict[int, str]:
    """The title of each film by its integer id.

    Parameters
    ----------
    lines : iterable of str
        Comma-separated, with a header that names ``movieId`` and ``title``, as in ``movies.csv``.
    name : str
        What messages call the file.

    Raises
    ------
    ValueError
        For a column that is missing, a line with more or fewer columns than the header (such as
        a title with a comma and without quotes), quotes that are not closed, an id that is no
        whole number, a blank title, two titles for one id, or text that is not UTF-8; the
        message names the line.
    """
    reader = csv.reader(lines, strict=True)
    try:
        return _titles(reader, name)
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text: save it as that") from None
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}") from None


def _titles(reader: Any, name: str) -> dict[int, str]:
    header = [column.strip() for column in next(reader, [])]
    for column in WANTED:
        if column not in header:
            listed = ", ".join(header)[:LONGEST] or "none"
            raise ValueError(f"{name} has no column {column!r}; its columns are {listed}")
    at_id, at_title = map(header.index, WANTED)
    titles: dict[int, str] = {}
    for row in reader:
        if not row:
            continue
        place = f"{name}, line {reader.line_num}"
        if len(row) != len(header):
            raise ValueError(f"{place} has {len(row)} columns instead of {len(header)}")
        film, title = plain_integers([row[at_id].strip()]), row[at_title].strip()
        if film is None:
            raise ValueError(f"{place}: {row[at_id][:LONGEST]!r} is no film's number")
        if not title:
            raise ValueError(f"{place}: film {film[0]} has no title")
        if titles.setdefault(int(film[0]), title) != title:
            raise ValueError(f"{place}: film {film[0]} has another title above")
    return titles
