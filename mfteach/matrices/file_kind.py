"""What a file of ratings is, by one look at its first bytes and lines."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from mfteach.matrices.column_names import (
    KNOWN_TIMES,
    NO_RATING,
    Wanted,
    are_known,
    normalized,
    place_of,
    places_of,
)
from mfteach.matrices.delimited import COMMENT
from mfteach.matrices.input_errors import InputError, listed, quoted
from mfteach.matrices.opening import Opened
from mfteach.matrices.separators import rows

# Bytes that are looked at, the most for a first line that does not end, and lines.
LOOK = 2**16
LONGEST_LINE = 2**22
LINES = 100
# Separators, the rarer in ordinary text first: of two that fit equally well the first one counts.
SEPARATORS = ("::", "\t", ";", "|", ",", " ")
SPOKEN_ROLES = ("users", "items", "ratings")
SPOKEN = {"\t": "tabs", " ": "spaces", ",": "commas", ";": "semicolons"}
# Seconds since 1970 are larger from 1973 on; no rating is.
FIRST_TIME = 1e8
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?|nan", re.IGNORECASE)
TOLD = re.compile(r"sep=(.)", re.IGNORECASE)
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?")
# Bytes that stand in no text.
CONTROL = rb"[\x01-\x08\x0e-\x1a]"
# So many columns, nearly all of numbers, are not those of one rating.
WIDE = 20
# What a file begins with that holds something else, what it is, and what to do.
AS_CSV = "write the ratings from it as CSV first"
FOREIGN = (
    (rb"\xd0\xcf\x11\xe0", "an old Office document", "save the sheet as CSV first"),
    (rb"\x89HDF", "an HDF5 file", AS_CSV),
    (rb"\x93NUMPY", "a NumPy array", AS_CSV),
    (rb"SQLite format 3\0", "an SQLite database", AS_CSV),
    (rb"\x80[\x02-\x05]", "a pickled Python object", AS_CSV),
    (rb"%PDF", "a PDF document", AS_CSV),
    (rb"%%MatrixMarket", "a Matrix Market file", AS_CSV),
    (rb"(?s)Obj\x01|ORC.*\x00", "a table in a format of Hadoop", AS_CSV),
    (rb"7z\xbc\xaf|Rar!|(?s:.{257}ustar)|\x1f\x9d|\x04\x22", "an archive", "unpack it first"),
    (rb"version https://git-lfs", "a pointer of Git LFS and no data", "run git lfs pull first"),
    (rb"(?i)\s*<(!doctype|html|head|body)", "a web page", "download the file itself"),
    (rb"\s*<", "an XML document", AS_CSV),
    (
        rb"\d+:\r?\n\d+,",
        "in the layout of the Netflix Prize, with the film above its ratings",
        "write the film into each line first: user,film,rating",
    ),
)  # fmt: skip
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Asked(NamedTuple):
    """What a person says about a file; None for what the look decides."""

    wanted: Wanted = Wanted()
    separator: str | None = None
    header: bool | None = None
    encoding: str | None = None
    # The name of a column of times; True for any that is known, if there is one.
    times: str | bool = False


@dataclass(frozen=True)
class FileKind:
    """What a file was taken for.

    Attributes
    ----------
    name : str
        What messages call the file.
    packed : tuple of str
        How it is compressed, from the outside in.
    form : str
        "text", "JSON lines", "JSON", "Parquet", "Arrow" or "Arrow stream".
    encoding, separator : str
        Of text; the separator may have several characters, and a space is any number of them.
    header : bool
        Whether a line of text holds the names of the columns.
    skipped : int
        Lines above the first rating: comments and the header.
    names : tuple of str
        The columns; without a header "1", "2", ...
    places : tuple of three int
        Where users, items and values stand among them.
    time : int or None
        Where the times stand, if they are wanted.
    comments, quotes, decimal_commas : bool
        Whether the first lines have them.
    left_out : int
        Lines whose value means "no rating".
    """

    name: str
    packed: tuple[str, ...]
    form: str
    encoding: str = "utf-8"
    separator: str = ""
    header: bool = True
    skipped: int = 0
    names: tuple[str, ...] = ()
    places: tuple[int, int, int] = (0, 1, 2)
    time: int | None = None
    comments: bool = False
    quotes: bool = False
    decimal_commas: bool = False
    left_out: int = 0

    @property
    def codec(self) -> str:
        """The name under which the text is opened; a mark at its beginning is no letter."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def no_rating(self) -> float | None:
        """The value that means "no rating" in collections that write one, else None."""
        if not self.header:
            return None
        _, item, value = (normalized(self.names[place]) for place in self.places)
        return NO_RATING.get(value, NO_RATING.get(item))

    def sentence(self) -> str:
        """One line for a person: what the file was taken for."""
        what = self.form
        if self.form == "text":
            between = SPOKEN.get(self.separator, self.separator)
            header = "a header" if self.header else "no header"
            what = f"text with {between} between the fields, {header}"
            what += ", quotes" * self.quotes + ", decimal commas" * self.decimal_commas
            what += f", {_spoken(self.encoding)}"
        packed = "".join(f"{packing}, " for packing in self.packed)
        prefix = "" if self.header else "column "
        places = zip(SPOKEN_ROLES, self.places, strict=True)
        columns = ", ".join(f"{role} in {prefix}{self.names[place]}" for role, place in places)
        left_out = f"; {self.left_out_sentence()}" if self.left_out else ""
        return f"read {self.name} as {packed}{what}: {columns}{left_out}"

    def left_out_sentence(self) -> str:
        """What was left out, and why."""
        return (
            f"{self.left_out:,} lines with {self.no_rating:g} in column "
            f'{self.names[self.places[2]]}, which means "no rating", are left out'
        )


def _spoken(encoding: str) -> str:
    return {"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper().replace("LATIN", "Latin"))


def look(opened: Opened, asked: Asked) -> FileKind:
    """Look at the beginning of a file and say what it is; what a person asked for decides.

    Raises
    ------
    InputError
        If it does not hold ratings, or if nothing says which columns they are in.
    """
    _require_sound(asked)
    first = opened.file.read(LOOK)
    opened.file.seek(0)
    if not first:
        raise InputError(f"{opened.name} is empty")
    for start, form in TABLE_FORMATS:
        if first.startswith(start):
            return FileKind(opened.name, opened.packed, form)
    for pattern, what, cure in FOREIGN:
        if re.match(pattern, first):
            raise InputError(f"{opened.name} is {what}", cure)
    if not asked.encoding and len(re.findall(CONTROL, first)) > len(first) // 50:
        raise InputError(f"{opened.name} is not a text, nor a kind of file that is known", AS_CSV)
    encoding = asked.encoding or _encoding(opened, first)
    lines = _lines(opened, encoding, asked)
    kind = FileKind(opened.name, opened.packed, "text", encoding)
    json_form = _json_form(lines)
    return replace(kind, form=json_form) if json_form else _text(kind, lines, asked)


def _require_sound(asked: Asked) -> None:
    """Refuse an encoding that Python does not know, and what cannot separate two fields."""
    if asked.encoding is not None:
        try:
            " ".encode(asked.encoding)
        except (LookupError, TypeError, ValueError):
            raise InputError(
                f"Python knows no encoding {quoted(asked.encoding)}",
                "name one such as {encoding}",
                encoding="utf-8",
            ) from None
    if asked.separator is not None and not re.fullmatch(r"[^\r\n\"\w.]+", str(asked.separator)):
        raise InputError(
            f"{quoted(asked.separator)} cannot separate fields",
            "name signs that stand between them, such as {separator}",
            separator=";",
        )


TABLE_FORMATS = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather"),
    (b"\xff\xff\xff\xff", "Arrow stream"),
)


def _encoding(opened: Opened, first: bytes) -> str:
    for mark, encoding in BOMS:
        if first.startswith(mark):
            return encoding
    zeros = first.count(0)
    if zeros > len(first) // 4:  # every second byte of a Western text in UTF-16 is 0
        return "utf-16-le" if first[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return western_encoding(opened)
    return "utf-8"


def western_encoding(opened: Opened) -> str:
    """The encoding of a text that is not UTF-8, if it is a Western one: one byte, one letter.

    Raises
    ------
    InputError
        If the letters beyond ASCII stand in such runs as in other scripts, or if most of them
        are UTF-8: then nothing says what the others are.
    """
    opened.file.seek(0)
    runs: Counter[bytes] = Counter()
    odd_line = 0
    for number, line in enumerate(opened.file, start=1):
        if line.isascii():
            continue
        runs.update(re.findall(rb"[\x80-\xff]+", line))
        if not odd_line and not _is_utf8(line):
            odd_line = number
        if len(runs) > LOOK:
            break
    opened.file.seek(0)
    count = sum(runs.values())
    valid = sum(times for run, times in runs.items() if _is_utf8(run))
    where = f"line {odd_line} of {opened.name}"
    if 2 * valid > count:
        raise InputError(
            f"{where} has a letter that is not UTF-8, as the others are",
            "mend it, or name the encoding, such as {encoding}",
            encoding="latin-1",
        )
    if sum(len(run) * times for run, times in runs.items()) > 2.5 * count:
        raise InputError(
            f"{where} has letters that are neither UTF-8 nor of a Western alphabet",
            "name the encoding, such as {encoding}, gbk or cp1251",
            encoding="shift_jis",
        )
    undefined = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
    return "latin-1" if any(map(undefined.search, runs)) else "cp1252"


def _is_utf8(some: bytes) -> bool:
    try:
        some.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lines(opened: Opened, encoding: str, asked: Asked) -> list[str]:
    """The first lines as text, without their ends."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text = ""
    try:
        while len(text) < LONGEST_LINE and not re.search(r"[\r\n].*[\r\n]", text, re.DOTALL):
            piece = opened.file.read(LOOK)
            text += decoder.decode(piece, final=not piece)
            if not piece:
                break
        whole = not opened.file.read(1)
    except UnicodeError as error:
        raise wrong_encoding(opened.name, encoding, error, asked) from None
    opened.file.seek(0)
    if "\0" in text:
        raise InputError(
            f"{opened.name} is not {_spoken(encoding)} text: it holds bytes of 0",
            "leave {encoding} out" if encoding == asked.encoding else AS_CSV,
            encoding=encoding,
        )
    text = text.removeprefix("\ufeff")
    lines = re.split(r"\r\n|\n|\r", text)
    if not whole and len(lines) > 1:
        lines.pop()  # it may go on
    return lines[:LINES]


def wrong_encoding(name: str, encoding: str, error: UnicodeError, asked: Asked) -> InputError:
    """What to say where a text is not in its encoding."""
    byte = ""
    if isinstance(error, UnicodeDecodeError):
        byte = f" (byte 0x{error.object[error.start]:02x})"
    return InputError(
        f"{name} is not {_spoken(encoding)} text{byte}",
        "leave {encoding} out" if asked.encoding else "name its encoding, such as {encoding}",
        encoding=asked.encoding or "latin-1",
    )


def _json_form(lines: Sequence[str]) -> str | None:
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("{") and first.endswith("}"):
        return "JSON lines"
    if first in ("{", "[") or re.match(r"\[\s*[{\[]|\{\s*[\"']", first):
        return "JSON"
    return None


def _text(kind: FileKind, lines: list[str], asked: Asked) -> FileKind:
    """Add what separates the fields, the columns, and where the ratings stand among them."""
    above = _lines_above(lines)
    body = lines[above:]
    if not body:
        raise InputError(f"{kind.name} holds no rating: its lines are blank or comments")
    separator = asked.separator or _told(lines[:above]) or _separator(body)
    table, ends = _table(kind.name, body, separator)
    while above and _is_rating(lines[above - 1], separator, table):
        above -= 1
        table, ends = _table(kind.name, lines[above:], separator)
    _require_ratings(kind.name, table, asked)
    header = _header(kind.name, table, asked)
    names, skipped = [str(place + 1) for place in range(_width(table))], above
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
    places = _places(kind, ratings, asked.wanted)
    values = _column(ratings, places[2])
    return replace(
        kind,
        places=places,
        time=_time(kind, ratings, asked.times),
        decimal_commas=any("," in value and _numeric(value) for value in values),
    )


def _require_ratings(name: str, table: Sequence[Sequence[str]], asked: Asked) -> None:
    """Refuse prose, and a table with a column for each item."""
    below, known = table[1:], are_known([field.strip() for field in table[0]])
    if below and not known and not any(map(_numeric, chain.from_iterable(table))):
        raise InputError(
            f"{name} does not look like ratings: none of its first lines holds a number between "
            "two signs that separate fields",
            "leave {separator} out"
            if asked.separator
            else "if another one does, name it: {separator}",
            separator=asked.separator or "~",
        )
    width = _width(table)
    numbers = sum(all(map(_numeric, _column(below, place))) for place in range(width))
    if below and not known and width >= WIDE and numbers > 0.8 * width:
        raise InputError(
            f"{name} has {width:,} columns, nearly all of numbers: a table with a column for each "
            "item, it seems",
            "write it with one rating a line first, as melt of pandas does",
        )


def _lines_above(lines: Sequence[str]) -> int:
    """How many lines of comment, or blank ones, stand above all others."""
    for count, line in enumerate(lines):
        if line.strip() and not line.startswith(COMMENT) and not TOLD.fullmatch(line.strip()):
            return count
    return 0 if any(line.startswith(COMMENT) for line in lines) else len(lines)


def _is_rating(line: str, separator: str, table: Sequence[Sequence[str]]) -> bool:
    """Whether a line that begins like a comment is a rating by a user such as "#1"."""
    fields: list[str] = next(rows([line], separator), [])
    return (
        re.match(r"[#%]\S", line) is not None
        and len(fields) == _width(table)
        and any(map(_numeric, fields[1:]))
        and not _below(table, 0)
    )


def _told(above: Sequence[str]) -> str | None:
    """The separator that a first line "sep=;" tells to Excel."""
    found = [TOLD.fullmatch(line.strip()) for line in above]
    return next((match[1] for match in found if match), None)


def _table(name: str, body: Sequence[str], separator: str) -> tuple[list[list[str]], int]:
    """The fields of the first lines that are not blank, and the line on which the first ends."""
    reader = rows(body, separator)
    table: list[list[str]] = []
    ends = 0
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            table.append(fields)
            ends = ends or reader.line_num
    except (csv.Error, ValueError) as error:
        if not table:
            raise InputError(f"{name}: its first line cannot be read: {error}") from None
    return table, ends


def _width(table: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, table)).most_common(1)[0][0]


def _column(table: Sequence[Sequence[str]], place: int) -> list[str]:
    """The fields of a column that are not blank."""
    fields = (row[place].strip() for row in table if len(row) > place)
    return [field for field in fields if field]


def _numeric(field: str) -> bool:
    return NUMBER.fullmatch(field.strip()) is not None


def _number(field: str) -> float:
    return float(field.replace(",", "."))


def _separator(body: Sequence[str]) -> str:
    """The separator that cuts the most lines into the same number of fields, with numbers."""

    def fit(separator: str) -> tuple[bool, float, int]:
        table, _ = _table("", body, separator)
        width = _width(table)
        numeric = sum(_below(table[1:] or table, place) for place in range(min(width, LINES)))
        share = sum(len(row) == width for row in table) / len(table)
        return width > 2 and numeric > 0, share * (width > 1), numeric

    signs = [sign for sign in SEPARATORS if sign in body[0]]
    fits = {sign: fit(sign) for sign in signs}
    # Other signs stand in names less often than spaces do.
    likely = [sign for sign in signs if sign != " " and fits[sign][:2] >= (True, 0.9)] or signs
    return max(likely, key=lambda sign: fits[sign], default=",")


def _below(table: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column holds numbers and nothing else."""
    column = _column(table, place)
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
            "leave {header} out",
            header=False,
        )
    named = asked.wanted.columns or None not in asked.wanted[:3]
    if asked.header and numbers and not (named or are_known(first) or _names(table)):
        raise InputError(
            f"{name}: its first line, {listed(first)}, is a rating",
            "leave {header} out, or number the columns: {columns}",
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
        "say {header} if they are names, else number the columns: {columns}",
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


def _places(kind: FileKind, table: Sequence[Sequence[str]], wanted: Wanted) -> tuple[int, int, int]:
    if wanted.columns is not None or kind.header:
        return places_of(kind.names, wanted, kind.name)
    named = [column for column in wanted[:3] if column is not None]
    if named:
        raise InputError(
            f"{kind.name} has no header: its first line, {listed(table[0])}, is a rating, and no "
            f"column is called {quoted(named[0])}",
            "count the columns, such as {columns}, or say {header} if the line holds their names",
            columns=(1, 2, 3),
            header=True,
        )
    return _usual(kind, table)


def _usual(kind: FileKind, table: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """User, item, rating and perhaps a time, as nearly all files without a header have them.

    Raises
    ------
    InputError
        For anything else: a table with a row for each user would be read as something.
    """
    filled = [place for place in range(len(kind.names)) if _column(table, place)]
    usual = (
        filled in ([0, 1, 2], [0, 1, 2, 3])
        and _below(table, 2)
        and not _are_times(table, 2)
        and (len(filled) == 3 or _are_times(table, 3))
    )
    if usual:
        return 0, 1, 2
    if len(filled) < 3:
        raise InputError(
            f"{kind.name} has {len(filled)} columns, such as {listed(table[0])}, and a rating "
            "needs three: user, item and value",
            "if something else separates them, say what: {separator}",
            separator=";",
        )
    numbers = [place for place in filled if place > 1 and _below(table, place)]
    value = next((place for place in numbers if not _are_times(table, place)), 2)
    raise InputError(
        f"{kind.name} has {len(kind.names):,} columns and no header; its first line is "
        f"{listed(table[0])}",
        "say which columns hold the users, the items and the ratings, such as {columns}; a table "
        "with a row for each user has to be written with one rating a line first",
        columns=(1, 2, value + 1),
    )


def _are_times(table: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column seems to hold times: dates, or seconds since 1970."""
    column = _column(table, place)
    if column and all(map(_numeric, column)):
        return all(_number(field) >= FIRST_TIME for field in column)
    return bool(column) and all(map(DATE.fullmatch, column))


def _time(kind: FileKind, table: Sequence[Sequence[str]], times: str | bool) -> int | None:
    if isinstance(times, str):
        return place_of(times, kind.names, kind.name, Wanted())
    if not times:
        return None
    if not kind.header:
        return 3 if len(kind.names) > 3 and _are_times(table, 3) else None
    known = [place for place, name in enumerate(kind.names) if normalized(name) in KNOWN_TIMES]
    return known[0] if known and _below(table, known[0]) else None
