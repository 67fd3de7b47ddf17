"""What separates the fields of a line: one character for the csv module and NumPy, or more."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import IO, Any

# Only between these are quotes what the csv module takes them for: in other files they stand in
# names, as in "Weird Al" Yankovic, and one alone would swallow lines.
QUOTING = (",", ";")
QUOTED = re.compile(r'"((?:[^"]|"")*)"')
# Where the separator is longer, this character is written for it: nobody types it.
ONE = "\x01"


def delimiter_of(separator: str) -> str:
    """The character between two fields once `respelled`."""
    return separator if len(separator) == 1 and separator != " " else ONE


def respelled(text: str, separator: str) -> str:
    """Whole lines with one character between two fields; a space is any number of them."""
    if delimiter_of(separator) != ONE:
        return text
    if ONE in text:
        raise ValueError(f"the control character {ONE!r} stands in the text")
    if separator != " ":
        return text.replace(separator, ONE)
    trimmed = re.sub(r"(?m)^[ \t]+|[ \t]+(?=\r?$)", "", text)
    return re.sub(r"[ \t]+", ONE, trimmed)


def rows(lines: Iterable[str], separator: str) -> Any:
    """A reader of the csv module for lines with any separator."""
    single = (respelled(line, separator) for line in lines)
    return fields_of(single, delimiter_of(separator))


def fields_of(lines: Iterable[str], delimiter: str) -> Any:
    """A reader of the csv module for lines with one character between two fields."""
    if delimiter in QUOTING:
        return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def unquoted(row: list[str], delimiter: str, n_fields: int) -> list[str]:
    """The fields of a row; a reader takes the quotes away only between commas and semicolons.

    Where there are too many fields, quotes were to keep some together.
    """
    if delimiter in QUOTING or not any('"' in field for field in row):
        return row
    if len(row) > n_fields and delimiter != ONE:
        fields: list[str] = next(csv.reader([delimiter.join(row)], delimiter=delimiter))
        return fields
    whole = [QUOTED.fullmatch(field.strip()) for field in row]
    return [
        match[1].replace('""', '"') if match else field
        for field, match in zip(row, whole, strict=True)
    ]


class Respelled(io.TextIOBase):
    """An open text whose lines come `respelled`."""

    def __init__(self, text: Any, separator: str) -> None:
        self._text, self._separator = text, separator

    @property
    def buffer(self) -> Any:
        """The bytes below, for a progress bar."""
        return self._text.buffer

    def read(self, size: int | None = -1) -> str:
        """So many characters and the rest of the line: a separator is never cut in two."""
        whole = self._text.read(-1 if size is None else size)
        return respelled(whole + self._text.readline(), self._separator)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """One line."""
        return respelled(self._text.readline(), self._separator)

    def seekable(self) -> bool:
        """Whether it can be read again."""
        return bool(self._text.seekable())

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back, to the start."""
        return int(self._text.seek(offset, whence))


def skip_lines(text: IO[str], count: int) -> None:
    """Read some lines past."""
    for _ in range(count):
        text.readline()
