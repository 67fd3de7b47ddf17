"""Files of users, or of pairs of a user and an item, for a model that knows some of them.

Here no column of numbers tells a header from what is below it; the labels that the model knows do.
What even these cannot tell is asked: no header is taken for a user, and no user for a header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

from mfteach.arguments import Cure, InputError, listed, shown
from mfteach.matrices.column_names import MissingColumn, Wanted, are_known, is_of_another, places_of
from mfteach.matrices.delimited import (
    COMMENT,
    WrongEncoding,
    csv_error,
    plain_integers,
    refuse_swallowed,
    wrong_width,
)
from mfteach.matrices.file_kind import Asked, FileKind
from mfteach.matrices.labels import as_labels
from mfteach.matrices.opening import Opened
from mfteach.matrices.reading import Table, read_source
from mfteach.matrices.separators import QUOTED, delimiter_of, rows, skip_lines, unquoted
from mfteach.matrices.text_kind import (
    LINES,
    SEPARATORS,
    are_usual,
    column_of,
    filled_of,
    lines_above,
    table_of,
    told,
    width_of,
)

# Columns among which those are looked for that hold what the model knows.
MOST_COLUMNS = 20


class Known(NamedTuple):
    """The users, or the items, of a model."""

    kind: str
    has: Callable[[Sequence[str]], Sequence[bool]]
    are_numbers: bool

    def may_be(self, field: str) -> bool:
        """Whether a field could be one at all, known or not: no word is, where all are numbers."""
        return not self.are_numbers or not re.match(r"[^\W\d_]", field)


class LabelTable(NamedTuple):
    """The users, and perhaps the items, of a file as texts; what it is; where each row stands."""

    columns: tuple[list[str], ...]
    kind: FileKind
    place: Callable[[int], str]


def read_labels(source: Any, asked: Asked, known: Sequence[Known]) -> LabelTable:
    """Read the columns ``asked.wanted.roles`` of any file that `Ratings.read` reads.

    Parameters
    ----------
    source : path or file
    asked : Asked
    known : sequence of Known
        What the model knows, for each role.

    Raises
    ------
    OSError
        If the file cannot be opened.
    InputError
        If it holds no label, or nothing says which columns they are in; for a line that is too
        short or too long, or whose label is blank. The message says what to do.
    """
    found = read_source(source, asked, partial(look_at_labels, known=known), _read_text, _as_texts)
    if not found.columns[0]:
        raise InputError(
            f"{found.kind.name} names nobody", f"Write {_a_line(known)} into each line"
        )
    return found


def _a_line(known: Sequence[Known]) -> str:
    return " and ".join(f"{'a' if each.kind == 'user' else 'an'} {each.kind}" for each in known)


# The look


def look_at_labels(
    kind: FileKind, lines: list[str], asked: Asked, known: Sequence[Known]
) -> FileKind:
    """Add what separates the labels, whether the first line holds names, and where they stand."""
    above = lines_above(lines)
    body = lines[above : above + LINES]
    if not any(map(str.strip, body)):
        raise InputError(f"{kind.name} names nobody", f"Write {_a_line(known)} into each line")
    wanted = asked.wanted
    separator = asked.separator or told(lines[:above]) or _separator(body, wanted, known)
    table, ends = _table(kind.name, body, separator)
    while above and _is_row(kind.name, lines[above - 1], separator, table, known):
        above -= 1
        table, ends = _table(kind.name, lines[above : above + LINES], separator)
    header = _has_header(kind.name, table, asked, known)
    names, skipped = [str(place + 1) for place in range(width_of(table))], above
    if header:
        names, skipped = [field.strip() for field in table[0]], above + ends
    elif asked.header is None and above and lines[above - 1].startswith(COMMENT):
        words = _cut_one(lines[above - 1].lstrip("#% "), separator)
        header = len(words) == len(names) and are_known(words, wanted.roles)
        names = words if header else names
    kind = replace(
        kind,
        separator=separator,
        header=header,
        skipped=skipped,
        comments=any(line.startswith(COMMENT) for line in lines[:above]),
        names=tuple(names),
        quotes=any(line.startswith('"') or f'{separator}"' in line for line in body),
    )
    return replace(kind, places=_places(kind, table, wanted, known))


def _separator(body: Sequence[str], wanted: Wanted, known: Sequence[Known]) -> str:
    """What cuts the first line into names that are wanted, else all lines into as many fields."""
    firsts = {sign: _cut_one(body[0], sign) for sign in ("", *SEPARATORS) if sign in body[0]}
    named = [sign for sign, fields in firsts.items() if _are_wanted(fields, wanted)]
    if named:
        return max(named, key=lambda sign: len(firsts[sign]))
    are_listed = len(known) == 1 and wanted.columns is None and not wanted.named
    if are_listed and any(known[0].has([line.strip() for line in body if line.strip()])):
        return ""
    # Spaces stand in names: alone they separate only pairs.
    signs = [sign for sign in firsts if sign and not (sign == " " and are_listed)]
    widths = {}
    for sign in signs:
        table, _ = table_of("", body, sign)
        widths[sign] = width_of(table)
        if sum(len(row) == widths[sign] for row in table) < 0.9 * len(table):
            widths[sign] = 0
    likely = [sign for sign in signs if sign != " " and widths[sign] > 1] or signs
    best = max(likely, key=widths.__getitem__, default="")
    return best if widths.get(best, 0) > 1 else "," * (len(known) > 1)


def _are_wanted(fields: Sequence[str], wanted: Wanted) -> bool:
    """Whether these are names of columns, and the wanted ones are among them."""
    unnamed = [role for role in wanted.roles if getattr(wanted, role) is None]
    return set(wanted.named) <= set(fields) and are_known(fields, unnamed)


def _table(name: str, body: Sequence[str], separator: str) -> tuple[list[list[str]], int]:
    if separator:
        return table_of(name, body, separator)
    filled = [at for at, line in enumerate(body) if line.strip()]
    return [_cut_one(body[at], "") for at in filled], filled[0] + 1


def _cut_one(line: str, separator: str) -> list[str]:
    """The fields of one line without the spaces around them; the whole line is one for ""."""
    if separator:
        return [field.strip() for field in next(rows([line], separator), [])]
    match = QUOTED.fullmatch(line.strip())
    return [match[1].replace('""', '"') if match else line.strip()]


def _is_row(
    name: str,
    line: str,
    separator: str,
    table: Sequence[Sequence[str]],
    known: Sequence[Known],
) -> bool:
    """Whether a line that begins like a comment is a row, with a user such as "#1".

    Raises
    ------
    InputError
        If it may be either.
    """
    fields = _cut_one(line, separator)
    if not line.startswith(COMMENT) or len(fields) != width_of(table):
        return False
    if any(any(each.has(fields)) for each in known):
        return True
    if line[1:2].isspace() or are_known(
        [field.lstrip("#% ") for field in fields], [f"{each.kind}s" for each in known]
    ):
        return False
    raise InputError(
        f"{name}: its line {shown(line)} may be a comment, or hold {_a_line(known)}",
        "Delete it if it is a comment, else put it below another",
    )


def _has_header(
    name: str, table: Sequence[Sequence[str]], asked: Asked, known: Sequence[Known]
) -> bool:
    """Whether the first line holds names and no label.

    Raises
    ------
    InputError
        If it may hold either.
    """
    first, wanted = [field.strip() for field in table[0]], asked.wanted
    named = _are_wanted(first, wanted)
    counted = [number - 1 for number in wanted.columns or wanted.counted]
    places = places_of(first, wanted, name) if named else counted
    at = [
        (each, first[place])
        for each, place in zip(known, places, strict=False)
        if place < len(first)
    ]
    is_known = any(each.has([field])[0] for each, field in at)
    are_words = not all(each.may_be(field) for each, field in at)
    if asked.header is not None:
        odd = is_known and plain_integers(first) is not None
        if odd if asked.header else (named or are_words) and not is_known:
            unnamed = not (odd or named or wanted.columns)
            raise InputError(
                f"{name}: its first line, {listed(first)}, holds {'no ' * odd}names",
                "Leave {header} out" + f", and name the columns: {_names_of(wanted)}" * unnamed,
                header=asked.header,
                cures=(),
                **(dict(zip(wanted.roles, first, strict=False)) if unnamed else {}),
            )
        return asked.header
    if wanted.named and plain_integers(first) is not None:
        return False  # numbers name no columns
    if named and is_known:
        raise _either(name, first, wanted, is_known=True)
    if named or is_known:
        return named
    if width_of(table) == 1 and not wanted.named:
        return False  # an unknown label will be called that
    if wanted.named or are_words:
        return True
    if all(each.are_numbers for each in known):
        return False
    raise _either(name, first, wanted, is_known=False)


def _names_of(wanted: Wanted) -> str:
    """The options that name the columns, to be filled in."""
    return " and ".join(f"{{{role}}}" for role in wanted.roles)


def _either(name: str, first: Sequence[str], wanted: Wanted, is_known: bool) -> InputError:
    """What to say of a first line that may hold names or labels."""
    roles, what = wanted.roles, "of the model" if is_known else "that the model does not know"
    problem = (
        f"{name}: its first line, {listed(first)}, may hold names or "
        f"{'a pair' if len(roles) > 1 else 'a user'} {what}"
    )
    if is_known or wanted.columns is not None:
        by_number = Cure("columns", wanted.counted)
        otherwise = by_number if wanted.named else Cure("header", False)
        return InputError(problem, cures=(Cure("header", True), otherwise))
    more = " {columns}" if len(first) > len(roles) else ""
    return InputError(
        problem,
        f"If these are names, say which: {_names_of(wanted)}; if not, {{header}}{more}",
        header=False,
        columns=wanted.counted,
        cures=(),
        **dict(zip(roles, first, strict=False)),
    )


def _places(
    kind: FileKind, table: Sequence[Sequence[str]], wanted: Wanted, known: Sequence[Known]
) -> tuple[int, ...]:
    n_roles, width = len(known), len(kind.names)
    if kind.header and n_roles == width == 1 and not wanted.named:
        return (0,)
    if kind.header or wanted.columns is not None:
        with _named_by_content(kind, table[1:], wanted, known):
            return places_of(kind.names, wanted, kind.name)
    if wanted.named:
        raise InputError(
            f"{kind.name} has no header: no column is called {shown(wanted.named[0])}, and its "
            f"first line is {listed(table[0])}",
            "Count the columns, such as {columns}",
            columns=wanted.counted,
        )
    first_ones = tuple(range(n_roles))
    # One line alone may hold a few users, and no rating.
    if filled_of(table) == list(first_ones) or (len(table) > 1 and are_usual(table)):
        return first_ones
    if width < n_roles:
        raise InputError(
            f"{kind.name} has one column, such as {listed(table[0])}, and a pair needs two",
            "Write user,item into each line",
        )
    raise InputError(
        f"{kind.name} has {width:,} columns and no header; its first line is {listed(table[0])}",
        f"Say which {'column holds' if n_roles == 1 else 'columns hold'} the "
        f"{' and the '.join(wanted.roles)}, such as {{columns}}"
        + "; or write a user into each line"
        * (n_roles == 1),
        columns=wanted.counted,
    )


@contextmanager
def _named_by_content(
    kind: FileKind, table: Sequence[Sequence[str]], wanted: Wanted, known: Sequence[Known]
) -> Iterator[None]:
    """Let an error about a missing column name those that hold what the model knows."""
    try:
        yield
    except MissingColumn as error:
        names = kind.names[:MOST_COLUMNS]
        counts = [
            [
                0 if is_of_another(role, name) else sum(each.has(column_of(table, place)))
                for place, name in enumerate(names)
            ]
            for role, each in zip(wanted.roles, known, strict=True)
        ]
        best = max(
            permutations(range(len(names)), len(known)),
            key=lambda places: sum(map(list.__getitem__, counts, places)),
            default=(),
        )
        if not best or not all(map(list.__getitem__, counts, best)):
            what = " and ".join(wanted.roles)
            raise InputError(
                error.problem, f"None of them holds {what} of the model: name another file"
            ) from None
        raise InputError(
            error.problem,
            f"Name yours, such as {_names_of(wanted)}",
            otherwise="Count yours, such as {columns}",
            columns=tuple(place + 1 for place in best),
            cures=(),
            **{role: names[place] for role, place in zip(wanted.roles, best, strict=True)},
        ) from None


# The reading


def _read_text(opened: Opened, kind: FileKind) -> LabelTable:
    text = io.TextIOWrapper(opened.file, kind.codec, newline="")
    columns: tuple[list[str], ...] = tuple([] for _ in kind.places)
    lines: list[int] = []
    try:
        for line, row in _rows(text, kind):
            for place, labels in zip(kind.places, columns, strict=True):
                label = row[place].strip()
                if not label:
                    raise InputError(
                        f"{kind.name}, line {line}: the column {shown(kind.names[place])} is blank",
                        "Write an id into it, or remove the line",
                    )
                labels.append(label)
            lines.append(line)
    except UnicodeDecodeError as error:
        raise WrongEncoding(kind.name, error) from None
    finally:
        text.detach()
    return LabelTable(columns, kind, lambda at: f"{kind.name}, line {lines[at]}")


def _rows(text: Any, kind: FileKind) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row begins, and its fields; blank lines are left out."""
    skip_lines(text, kind.skipped)
    if not kind.separator:
        for line, row in enumerate(text, start=kind.skipped + 1):
            if row.strip():
                yield line, _cut_one(row, "")
        return
    reader, n_fields = rows(text, kind.separator), len(kind.names)
    delimiter = delimiter_of(kind.separator)
    line = kind.skipped + 1
    try:
        for fields in reader:
            row, place = unquoted(fields, delimiter, n_fields), f"{kind.name}, line {line}"
            refuse_swallowed(row, place, delimiter)
            if len(row) == n_fields and any(map(str.strip, row)):
                yield line, row
            elif "".join(row).strip() and not (kind.comments and row[0].startswith(COMMENT)):
                raise wrong_width(place, row, n_fields, delimiter)
            line = kind.skipped + reader.line_num + 1
    except csv.Error as error:
        raise csv_error(f"{kind.name}, line {line}", error) from None


def _as_texts(table: Table) -> LabelTable:
    """The labels of a table as texts: whether they are numbers there tells nothing here."""
    columns = tuple(
        as_labels(column, kind, table.place).astype(str).tolist()
        for column, kind in zip(table.columns, ("user", "item"), strict=False)
    )
    return LabelTable(columns, table.kind, table.place)
