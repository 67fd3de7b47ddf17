"""One look at the first bytes and lines of a file decides how it is read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mfteach.arguments import InputError, shown
from mfteach.matrices.file_kind import Asked, FileKind, spoken
from mfteach.matrices.opening import Opened
from mfteach.matrices.text_encoding import encoding_of, require_known, wrong_encoding
from mfteach.matrices.text_kind import look_at_text

# Bytes that are looked at, and the most for a first line that does not end.
LOOK = 2**16
LONGEST_LINE = 2**22
# Bytes that stand in no text.
CONTROL = rb"[\x01-\x08\x0e-\x1a]"
TABLE_FORMATS = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather"),
    (b"\xff\xff\xff\xff", "Arrow stream"),
)
SAID_OF_TEXT = {
    "encoding": "encoding to be named",
    "separator": "separator",
    "header": "header to do without",
}
# What a file begins with that holds something else, what it is, and what to do.
AS_CSV = "Write what is in it as CSV first"
FOREIGN = (
    (rb"\xd0\xcf\x11\xe0", "an old Office document", "Save the sheet as CSV first"),
    (rb"\x89HDF", "an HDF5 file", AS_CSV),
    (rb"\x93NUMPY", "a NumPy array", AS_CSV),
    (rb"SQLite format 3\0", "an SQLite database", AS_CSV),
    (rb"\x80[\x02-\x05]", "a pickled Python object", AS_CSV),
    (rb"MATLAB ", "a MATLAB file", AS_CSV),
    (rb"%PDF", "a PDF document", AS_CSV),
    (rb"%%MatrixMarket", "a Matrix Market file", AS_CSV),
    (rb"(?s)Obj\x01|ORC.*\x00", "a table in a format of Hadoop", AS_CSV),
    (rb"7z\xbc\xaf|Rar!|(?s:.{257}ustar)|\x1f\x9d|\x04\x22", "an archive", "Unpack it first"),
    (rb"version https://git-lfs", "a pointer of Git LFS and no data", "Run git lfs pull first"),
    (rb"(?i)\s*<(!doctype|html|head|body)", "a web page", "Download the file itself"),
    (rb"\s*<[?a-z]", "an XML document", AS_CSV),
    (
        rb"\d+:\r?\n\d+,",
        "in the layout of the Netflix Prize, with the film above its ratings",
        "Write the film into each line first: user,film,rating",
    ),
)  # fmt: skip


# What looks at the first lines of a text, and adds what it finds.
LookAtText = Callable[[FileKind, list[str], Asked], FileKind]


def look(opened: Opened, asked: Asked, look_at_text: LookAtText = look_at_text) -> FileKind:
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
            _require_text(f"{opened.name} is {form}", asked, "encoding", "separator", "header")
            return FileKind(opened.name, opened.packed, form)
    for pattern, what, cure in FOREIGN:
        if re.match(pattern, first.removeprefix(codecs.BOM_UTF8)):
            raise InputError(f"{opened.name} is {what}", cure)
    if not asked.encoding and len(re.findall(CONTROL, first)) > len(first) // 50:
        raise InputError(f"{opened.name} is not a text, nor a kind of file that is known", AS_CSV)
    encoding = asked.encoding or encoding_of(opened, first)
    lines = _lines(opened, encoding, asked)
    kind = FileKind(opened.name, opened.packed, "text", encoding)
    json_form = _json_form(lines)
    if json_form is None:
        return look_at_text(kind, lines, asked)
    _require_text(f"{opened.name} is {json_form}", asked, "separator", "header")
    return replace(kind, form=json_form)


def _require_text(what: str, asked: Asked, *arguments: str) -> None:
    """Refuse what is said about a file that has no such thing; each of its columns has a name."""
    for argument in arguments:
        value = getattr(asked, argument)
        if value is not None and value is not True:
            raise InputError(
                f"{what}, which has no {SAID_OF_TEXT[argument]}",
                f"Leave {{{argument}}} out",
                **{argument: value},
            )


def _require_sound(asked: Asked) -> None:
    """Refuse an encoding that Python does not know, and what cannot separate two fields."""
    numbers: object = asked.wanted.columns
    if numbers is not None and not _are_numbers(numbers):
        raise InputError(
            f"{shown(numbers)} are not the numbers of columns",
            "Count from 1: {columns}",
            columns=asked.wanted.counted,
        )
    if asked.encoding is not None:
        require_known(asked.encoding)
    if asked.separator is not None and not re.fullmatch(r"[^\r\n\"\w.]+", str(asked.separator)):
        raise InputError(
            f"{shown(asked.separator)} cannot separate fields",
            "Leave {separator} out, or name the signs that stand between them",
            separator=asked.separator,
        )


def _are_numbers(columns: object) -> bool:
    return isinstance(columns, tuple) and all(
        isinstance(number, int | np.integer) and number is not True for number in columns
    )


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
        problem = f"{opened.name} is not {spoken(encoding)} text: it holds bytes of 0"
        if encoding != asked.encoding:
            raise InputError(problem, "Write it as CSV once more, without them")
        raise InputError(problem, "Leave {encoding} out", encoding=encoding)
    text = text.removeprefix("\ufeff")
    lines = re.split(r"\r\n|\n|\r", text)
    if not whole and len(lines) > 1:
        lines.pop()  # it may go on
    return lines


def _json_form(lines: Sequence[str]) -> str | None:
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("{") and first.endswith("}"):
        return "JSON lines"
    of_ids = r'\[\s*("[^"]*"|-?\d+)\s*[,\]]'
    if first in ("{", "[", "[]") or re.match(rf"\[\s*[{{\[]|\{{\s*[\"']|{of_ids}", first):
        return "JSON"
    return None
