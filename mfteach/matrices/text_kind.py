"""What separates the fields of a text, which line holds names, and where the ratings stand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from math import isfinite

from mfteach.arguments import InputError, listed, shown
from mfteach.matrices.column_names import (
    KNOWN_TIMES,
    Likeness,
    Wanted,
    are_known,
    may_be_ratings,
    normalized,
    place_of,
    places_of,
)
from mfteach.matrices.delimited import COMMENT, csv_error
from mfteach.matrices.file_kind import Asked, FileKind
from mfteach.matrices.numbers import DATE, likeness
from mfteach.matrices.separators import delimiter_of, rows, unquoted

# Separators, the rarer in ordinary text first: of two that fit equally well the first one counts.
SEPARATORS = ("::", "\t", ";", "|", ",", " ")
# Lines that are looked at below the comments.
LINES = 100
# Columns that are looked at for numbers where there are very many.
MOST_COLUMNS = 100
# Seconds since 1970 are larger from 1973 on; no rating is.
FIRST_TIME = 1e8
# So many columns, nearly all of numbers, are not those of one rating.
WIDE = 20
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?|nan|inf", re.IGNORECASE)
# What a first line tells Excel.
TOLD = re.compile(r"sep=(.)", re.IGNORECASE)


def look_at_text(kind: FileKind, lines: list[str], asked: Asked) -> FileKind:
    """Add what separates the fields, the columns, and where the ratings stand among them."""
    above = lines_above(lines)
    body = lines[above : above + LINES]
    if not body:
        raise InputError(f"{kind.name} holds no rating: its lines are blank or comments")
    separator = asked.separator or told(lines[:above]) or _unsaid(kind.name, lines, above, body)
    table, ends = table_of(kind.name, body, separator)
    while above and _is_rating(kind.name, lines[above - 1], separator, table):
        above -= 1
        table, ends = table_of(kind.name, lines[above : above + LINES], separator)
    _require_ratings(kind.name, body, table, asked)
    header = _header(kind.name, table, asked)
    names, skipped = [str(place + 1) for place in range(width_of(table))], above
    if header:
        names, skipped = [field.strip() for field in table[0]], above + ends
    elif asked.header is None:
        commented = _commented(lines[:above], separator, len(names))
        header, names = bool(commented), commented or names
    kind = replace(
        kind,
        separator=separator,
        header=header,
        skipped=skipped,
        comments=any(line.startswith(COMMENT) for line in lines[:above]),
        names=tuple(names),
        quotes=any(line.startswith('"') or f'{separator}"' in line for line in body),
    )
    ratings = table[1:] if skipped > above else table
    if header and ratings and _lacks_names(names, ratings):
        raise InputError(
            f"{kind.name}: its first line, {listed(names)}, has {_fields(len(names))}, and the "
            f"lines below have {width_of(ratings)}",
            "Mend that line, or delete it if it does not name the columns",
        )
    places = _places(kind, ratings, asked)
    values = column_of(ratings, places[2])
    kind = replace(kind, places=places)
    return replace(
        kind,
        likely=_likely(kind, ratings),
        time=_time(kind, ratings, asked.times),
        decimal_commas=any("," in value and _numeric(value) for value in values),
    )


def _lacks_names(names: Sequence[str], ratings: Sequence[Sequence[str]]) -> bool:
    """Whether the names are those of other columns, or of all but the first, as R writes them."""
    if are_known(names):
        return len(ratings) > 1 and {len(row) for row in ratings} == {len(names) + 1}
    return len(names) != width_of(ratings)


def _fields(count: int) -> str:
    return f"{count} field{'s' * (count != 1)}"


def _require_ratings(
    name: str, body: Sequence[str], table: Sequence[Sequence[str]], asked: Asked
) -> None:
    """Refuse prose, and a table with a column for each item."""
    below, known = table[1:], are_known([field.strip() for field in table[0]])
    if below and not known and not any(map(_numeric, chain.from_iterable(table))):
        problem = (
            f"{name} does not look like ratings: none of its first lines holds a number between "
            "two signs that separate fields"
        )
        if asked.separator:
            raise InputError(problem, "Leave {separator} out", separator=asked.separator)
        sign = _repeated_sign(body)
        if sign:
            raise InputError(problem, "If another one does, name it: {separator}", separator=sign)
        raise InputError(problem, "Write user,item,rating into each line")
    width = width_of(table)
    numbers = sum(all(map(_numeric, column_of(below, place))) for place in range(width))
    if below and not known and width >= WIDE and numbers > 0.8 * width:
        raise InputError(
            f"{name} has {width:,} columns, nearly all of numbers: a table with a column for each "
            "item, it seems",
            "Write it with one rating a line first, as melt of pandas does",
        )


def _repeated_sign(body: Sequence[str]) -> str | None:
    """A sign that stands in each of the first lines as often, and at least twice."""
    signs = re.findall(r"[^\w\s.\"]", body[0])
    return next(
        (
            sign
            for sign in signs
            if sign not in SEPARATORS
            and body[0].count(sign) > 1
            and len({line.count(sign) for line in body if line}) == 1
        ),
        None,
    )


def lines_above(lines: Sequence[str]) -> int:
    """How many lines of comment, or blank ones, stand above all others."""
    for count, line in enumerate(lines):
        if line.strip() and not line.startswith(COMMENT) and not TOLD.fullmatch(line.strip()):
            return count
    return 0 if any(line.startswith(COMMENT) for line in lines) else len(lines)


def _is_rating(name: str, line: str, separator: str, table: Sequence[Sequence[str]]) -> bool:
    """Whether a line that begins like a comment is a rating by a user such as "#1".

    Raises
    ------
    InputError
        If it may be either: "# May, Ann, 2020", or "#1,7,5" where users are numbers.
    """
    fields = unquoted(next(rows([line], separator), []), delimiter_of(separator), width_of(table))
    like_others = (
        line.startswith(COMMENT)
        and len(fields) == width_of(table)
        and any(map(_numeric, fields[1:]))
    )
    spaced, numbered = line[1:2].isspace(), _below(table, 0)
    if like_others and spaced and numbered:
        return False
    if like_others and (spaced or numbered):
        raise InputError(
            f"{name}: its line {shown(line)} may be a comment or a rating",
            "Delete it if it is a comment, else put it below another rating",
        )
    return like_others


def _unsaid(name: str, lines: Sequence[str], above: int, body: Sequence[str]) -> str:
    """The separator of the lines, unless what looks like a comment is a rating by another one."""
    separator = _separator(name, body)
    if not above:
        return separator
    with_last = lines[above - 1 : above + LINES]
    other = _separator(name, with_last)
    if other != separator and _is_rating(
        name, with_last[0], other, table_of(name, with_last, other)[0]
    ):
        return other
    return separator


def told(above: Sequence[str]) -> str | None:
    """The separator that a first line "sep=;" tells to Excel."""
    found = [TOLD.fullmatch(line.strip()) for line in above]
    return next((match[1] for match in found if match), None)


def table_of(name: str, body: Sequence[str], separator: str) -> tuple[list[list[str]], int]:
    """The fields of the first lines that are not blank, and the line on which the first ends."""
    reader = rows(body, separator)
    table: list[list[str]] = []
    ends = 0
    try:
        for row in reader:
            fields = unquoted(row, delimiter_of(separator), len(table[0]) if table else len(row))
            if not any(field.strip() for field in fields):
                continue
            table.append(fields)
            ends = ends or reader.line_num
    except (csv.Error, ValueError) as error:
        if not table:
            raise csv_error(f"{name}, line 1", error) from None
    return table, ends


def width_of(table: Sequence[Sequence[str]]) -> int:
    """How many fields most lines have."""
    return Counter(map(len, table)).most_common(1)[0][0]


def column_of(table: Sequence[Sequence[str]], place: int) -> list[str]:
    """The fields of a column that are not blank."""
    fields = (row[place].strip() for row in table if len(row) > place)
    return [field for field in fields if field]


def _numeric(field: str) -> bool:
    return NUMBER.fullmatch(field.strip()) is not None


def _number(field: str) -> float:
    return float(field.replace(",", "."))


def _separator(name: str, body: Sequence[str]) -> str:
    """The separator that cuts the most lines into the same number of fields, with numbers."""

    def fit(separator: str) -> tuple[bool, float, int]:
        table, _ = table_of(name, body, separator)
        width = width_of(table)
        numeric = sum(
            _below(table[1:] or table, place) for place in range(min(width, MOST_COLUMNS))
        )
        share = sum(len(row) == width for row in table) / len(table)
        return width > 2 and numeric > 0, share * (width > 1), numeric

    signs = [sign for sign in SEPARATORS if any(sign in line for line in body)]
    fits = {sign: fit(sign) for sign in signs}
    # Other signs stand in names less often than spaces do.
    likely = [sign for sign in signs if sign != " " and fits[sign][:2] >= (True, 0.9)] or signs
    return max(likely, key=lambda sign: fits[sign], default=",")


def _below(table: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column holds numbers and nothing else."""
    column = column_of(table, place)
    return bool(column) and all(map(_numeric, column))


def _header(name: str, table: Sequence[Sequence[str]], asked: Asked) -> bool:
    """Whether the first line holds names; what a person says must not cost a rating."""
    if asked.header is None:
        return _has_header(name, table, asked.wanted.columns)
    first = [field.strip() for field in table[0]]
    numbers = any(map(_numeric, first))
    if not asked.header and not numbers:
        raise InputError(
            f"{name}: its first line, {listed(first)}, holds no number",
            "Leave {header} out",
            header=False,
        )
    counted = asked.wanted.columns is not None
    if asked.header and numbers and not (counted or are_known(first) or _names(table)):
        raise InputError(
            f"{name}: its first line, {listed(first)}, is a rating",
            "Leave {header} out, or number the columns: {columns}",
            header=True,
            columns=(1, 2, 3),
        )
    return asked.header


def _has_header(name: str, table: Sequence[Sequence[str]], columns: tuple[int, ...] | None) -> bool:
    """Whether the first line holds names and not a rating.

    Names are text, and a rating is a number. If a line has both, the lines below tell them apart,
    unless text stands above numbers and a number does too.
    """
    first = [field.strip() for field in table[0]]
    numbers = [place for place, field in enumerate(first) if _numeric(field)]
    if not numbers or are_known(first):
        return True
    if not _names(table):
        return False
    if columns is not None and len(columns) > 2:
        return columns[2] - 1 not in numbers
    raise InputError(
        f"{name}: its first line, {listed(first)}, may hold names or a rating",
        "Say {header} if they are names, else number the columns: {columns}",
        header=True,
        columns=(1, 2, 3),
    )


def _names(table: Sequence[Sequence[str]]) -> list[str]:
    """The fields of the first line that are text above numbers."""
    fields = ((place, field.strip()) for place, field in enumerate(table[0]))
    return [
        field
        for place, field in fields
        if field and not _numeric(field) and _below(table[1:], place)
    ]


def _commented(above: Sequence[str], separator: str, width: int) -> list[str]:
    """The names of the columns in the last comment, if it holds as many words as there are."""
    if not above or not above[-1].startswith(COMMENT):
        return []
    words = [word.strip() for word in next(rows([above[-1].lstrip("#% ")], separator), [])]
    return words if len(words) == width and are_known(words) else []


def _likeness(kind: FileKind, table: Sequence[Sequence[str]]) -> Likeness | None:
    """How much a column looks like ratings, NA here and there; None where no line shows it."""
    return (lambda name: _like_ratings(table, kind.names.index(name))) if table else None


def _like_ratings(table: Sequence[Sequence[str]], place: int) -> int:
    column = column_of(table, place)
    numbers = [_number(field) for field in column if _numeric(field)]
    mostly = 2 * len(numbers) > len(column) and not _are_times(table, place)
    return likeness([number for number in numbers if isfinite(number)]) if mostly else 0


def _likely(kind: FileKind, table: Sequence[Sequence[str]]) -> tuple[int, ...] | None:
    """The numbers of other columns that look more like users, items and ratings, if any do."""
    user, item, value = kind.places
    if kind.header:
        numbers = _numeric(next(iter(column_of(table, value)), ""))
        like = {} if numbers else _like_others(kind, table)
        return (user + 1, item + 1, max(like, key=like.__getitem__) + 1) if like else None
    like = {place: _like_ratings(table, place) for place in kind.places}
    best = max(like, key=lambda place: (like[place], place == value))
    if best == value or like[best] < 3:
        return None
    return (*(place + 1 for place in sorted(kind.places) if place != best), best + 1)


def _like_others(kind: FileKind, table: Sequence[Sequence[str]]) -> dict[int, int]:
    """The other columns that may be ratings, and how much they look like these."""
    like = {
        place: _like_ratings(table, place)
        for place, name in enumerate(kind.names[:MOST_COLUMNS])
        if place not in kind.places and may_be_ratings(name)
    }
    return {place: much for place, much in like.items() if much}


def _places(kind: FileKind, table: Sequence[Sequence[str]], asked: Asked) -> tuple[int, ...]:
    wanted = asked.wanted
    if wanted.columns is not None or kind.header:
        return places_of(kind.names, wanted, kind.name, _likeness(kind, table))
    if wanted.named:
        raise InputError(
            f"{kind.name} has no header: its first line, {listed(table[0])}, is a rating, and no "
            f"column is called {shown(wanted.named[0])}",
            "Count the columns, such as {columns}",
            columns=(1, 2, 3),
        )
    return _usual(kind, table, asked)


def are_usual(table: Sequence[Sequence[str]]) -> bool:
    """Whether the columns are user, item, rating and perhaps a time, as far as numbers tell."""
    filled = filled_of(table)
    return (
        filled in ([0, 1, 2], [0, 1, 2, 3])
        and _below(table, 2)
        and not _are_times(table, 2)
        and (len(filled) == 3 or _are_times(table, 3))
    )


def filled_of(table: Sequence[Sequence[str]]) -> list[int]:
    """The columns that hold anything."""
    return [place for place in range(width_of(table)) if column_of(table, place)]


def _usual(kind: FileKind, table: Sequence[Sequence[str]], asked: Asked) -> tuple[int, int, int]:
    """User, item, rating and perhaps a time, as nearly all files without a header have them.

    Raises
    ------
    InputError
        For anything else: a table with a row for each user would be read as something.
    """
    if are_usual(table):
        return 0, 1, 2
    filled = filled_of(table)
    if len(filled) < 3:
        problem = (
            f"{kind.name} has {len(filled)} columns, such as {listed(table[0])}, and a rating "
            "needs three: user, item and value"
        )
        if asked.separator:
            raise InputError(problem, "Leave {separator} out", separator=asked.separator)
        raise InputError(problem, "Write user,item,rating into each line")
    if sum(not _are_times(table, place) for place in filled) < 3:
        raise InputError(
            f"{kind.name} has no column of ratings: all but two, as in {listed(table[0])}, hold "
            "times",
            "Write user,item,rating into each line",
        )
    untimed = [place for place in filled if not _are_times(table, place)]
    like = {place: _like_ratings(table, place) for place in untimed}
    later = [place for place in untimed if place > 1 and like[place]]
    value = max(later or untimed, key=like.__getitem__)
    user, item = [place for place in untimed if place != value][:2]
    problem = (
        f"{kind.name} has {len(kind.names):,} columns and no header; its first line is "
        f"{listed(table[0])}"
    )
    if like[value] < 2:
        raise InputError(
            problem,
            "None of them looks like ratings: name the file of ratings, or count the columns if "
            "one does, such as {columns}",
            columns=asked.wanted.counted,
        )
    raise InputError(
        problem,
        "Say which columns hold the users, the items and the ratings, such as {columns}; a table "
        "with a row for each user has to be written with one rating a line first",
        columns=(user + 1, item + 1, value + 1),
    )


def _are_times(table: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column seems to hold times: dates, or seconds since 1970."""
    column = column_of(table, place)
    if column and all(map(_numeric, column)):
        return all(_number(field) >= FIRST_TIME for field in column)
    return bool(column) and all(map(DATE.fullmatch, column))


def _time(kind: FileKind, table: Sequence[Sequence[str]], times: str | bool) -> int | None:
    if isinstance(times, str):
        if times not in kind.names:
            raise InputError(
                f"{kind.name} has no column {shown(times)} for the times; its columns are "
                f"{listed(kind.names)}"
            )
        return place_of(times, kind.names, kind.name, Wanted())
    if not times:
        return None
    if not kind.header:
        return 3 if len(kind.names) > 3 and _are_times(table, 3) else None
    known = [place for place, name in enumerate(kind.names) if normalized(name) in KNOWN_TIMES]
    return known[0] if known and _below(table, known[0]) else None
