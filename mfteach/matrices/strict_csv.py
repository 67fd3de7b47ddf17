"""Rows of a small delimited file in which every quotation mark has to be in its place.

Without that, one mark that is not closed makes a single field of the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator


def strict_rows(
    lines: Iterable[str], name: str, delimiter: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row begins, and its fields without the spaces around them.

    Blank lines are left out; the first row, if there is any, says how many fields all have.

    Raises
    ------
    ValueError
        For quotation marks that do not match, a field that is too long, or a row with more or
        fewer fields than the first; the message names the line.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    n_fields = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            too_long = "field larger than" in str(error)
            what = "a field is too long" if too_long else "its quotation marks do not match"
            raise ValueError(f"{name}, line {line}: {what}") from None
        if not row:
            continue
        n_fields = n_fields or len(row)
        if len(row) != n_fields:
            raise ValueError(f"{name}, line {line} has {len(row)} columns instead of {n_fields}")
        yield line, [field.strip() for field in row]
