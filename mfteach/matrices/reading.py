"""From a file to columns: one look says what it is, and what it is says who reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from mfteach.arguments import InputError
from mfteach.matrices.delimited import WrongEncoding
from mfteach.matrices.file_kind import Asked, FileKind
from mfteach.matrices.frames import read_table
from mfteach.matrices.look import LookAtText, look
from mfteach.matrices.opening import Opened, opened
from mfteach.matrices.records import read_records
from mfteach.matrices.text_encoding import western_encoding, wrong_encoding

Found = TypeVar("Found")


class Table(NamedTuple):
    """Columns of a file that is no delimited text, what it is, and where each row stands."""

    columns: tuple[Any, ...]
    kind: FileKind
    place: Callable[[int], str]


def read_source(
    source: Any,
    asked: Asked,
    look_at_text: LookAtText,
    read_text: Callable[[Opened, FileKind], Found],
    read_columns: Callable[[Table], Found],
) -> Found:
    """Open what may be anything, look at it, and read it.

    Parameters
    ----------
    source : path or file
    asked : Asked
        What a person says about it.
    look_at_text : callable
        Looks at the first lines of delimited text.
    read_text, read_columns : callables
        What reads such text, and what takes the columns of any other file.

    Raises
    ------
    OSError, InputError
        If it cannot be opened, or for what these find.
    """

    def read(file: Opened, kind: FileKind) -> Found:
        file.file.seek(0)
        if kind.form == "text":
            return read_text(file, kind)
        return read_columns(_table(file, kind, asked))

    with opened(source) as file:
        kind = look(file, asked, look_at_text)
        try:
            return read(file, kind)
        except WrongEncoding as error:
            if asked.encoding or kind.encoding != "utf-8":
                raise wrong_encoding(kind.name, kind.encoding, error.error, asked) from None
        # The first lines are ASCII, and one below them is not UTF-8.
        return read(file, replace(kind, encoding=western_encoding(file)))


def _table(opened: Opened, kind: FileKind, asked: Asked) -> Table:
    """The columns of JSON, Parquet or Arrow."""
    if not kind.form.startswith("JSON"):
        frame = read_table(opened.file, kind.form, kind.name, asked.wanted)
        if not len(frame.columns[0]):
            raise InputError(f"{kind.name} holds no rating: it has columns, and no row")
        kind = replace(kind, names=frame.names, places=frame.places)
        return Table(frame.columns, kind, lambda at: f"{kind.name}, row {at + 1}")
    in_lines = kind.form == "JSON lines"
    found = read_records(opened.file, kind.name, kind.codec, in_lines=in_lines, wanted=asked.wanted)
    unit = "line" if in_lines else "record"
    kind = replace(kind, names=found.names, places=found.places)
    return Table(found.columns, kind, lambda at: f"{kind.name}, {unit} {found.lines[at]}")
