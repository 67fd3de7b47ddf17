"""The titles of films, as MovieLens writes them down."""

from __future__ import annotations

from collections.abc import Iterable

from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.strict_csv import strict_rows

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
        a title with a comma and without quotes), quotes that are not closed, an id that is not a
        whole number, a blank title, two titles for one id, or text that is not UTF-8; the
        message names the line.
    """
    rows = strict_rows(lines, name)
    try:
        at_id, at_title = _places(next(rows, (1, []))[1], name)
        titles: dict[int, str] = {}
        for line, row in rows:
            _add(titles, row[at_id], row[at_title], f"{name}, line {line}")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text: save it as that") from None
    return titles


def read_headerless_titles(lines: Iterable[str], name: str, separator: str) -> dict[int, str]:
    """The title of each film by its integer id, from ``movies.dat`` or ``u.item``.

    Parameters
    ----------
    lines : iterable of str
        The id, the title, and what else there may be, without a header.
    name : str
        What messages call the file.
    separator : str

    Raises
    ------
    ValueError
        For a line without a title, an id that is not a whole number, or two titles for one id;
        the message names the line.
    """
    titles: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        film, _, rest = line.partition(separator)
        _add(titles, film, rest.partition(separator)[0], f"{name}, line {number}")
    return titles


def _places(header: list[str], name: str) -> tuple[int, int]:
    for column in WANTED:
        if column not in header:
            listed = ", ".join(header)[:LONGEST] or "none"
            raise ValueError(f"{name} has no column {column!r}; its columns are {listed}")
    return header.index(WANTED[0]), header.index(WANTED[1])


def _add(titles: dict[int, str], label: str, title: str, place: str) -> None:
    number = plain_integers([label])
    if number is None:
        raise ValueError(f"{place}: {label[:LONGEST]!r} is not the number of a film")
    if not title:
        raise ValueError(f"{place}: film {label} has no title")
    if titles.setdefault(int(number[0]), title) != title:
        raise ValueError(f"{place}: film {label} has another title above")
