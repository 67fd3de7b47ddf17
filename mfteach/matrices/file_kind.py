"""What a file of ratings is: its packing, what separates its fields, where the ratings stand."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import NamedTuple

from mfteach.arguments import listed
from mfteach.matrices.column_names import NO_RATING, Wanted, normalized

SPOKEN_ROLES = ("users", "items", "ratings")
SPOKEN = {"\t": "tabs", " ": "spaces", ",": "commas", ";": "semicolons"}


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
        Of text; the separator may have several characters, and a space is any number of them;
        "" means that each line is one label.
    header : bool
        Whether a line of text holds the names of the columns.
    skipped : int
        Lines above the first rating: comments and the header.
    names : tuple of str
        The columns; without a header "1", "2", ...
    places : tuple of int
        Where users, items and values stand among them, or as many of these as there are.
    time : int or None
        Where the times stand, if they are wanted.
    comments, quotes, decimal_commas : bool
        Whether the first lines have them.
    likely : tuple of three int, or None
        Numbers of the columns that may be meant, if these should make no sense.
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
    places: tuple[int, ...] = (0, 1, 2)
    time: int | None = None
    comments: bool = False
    quotes: bool = False
    decimal_commas: bool = False
    likely: tuple[int, ...] | None = None
    left_out: int = 0

    @property
    def codec(self) -> str:
        """The name under which the text is opened; a mark of the byte order is skipped."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def no_rating(self) -> float | None:
        """The value that means "no rating" in collections that write one, else None."""
        if not self.header or len(self.places) < len(SPOKEN_ROLES):
            return None
        value = normalized(self.names[self.places[2]])
        for name in map(normalized, self.names):
            column, number = NO_RATING.get(name, ("", 0.0))
            if column == value:
                return number
        return None

    @property
    def is_obvious(self) -> bool:
        """Whether nobody would take the file for anything else: then few want to read it."""
        plain = not self.packed and self.form == "text" and spoken(self.encoding) == "UTF-8"
        return plain and ((self.separator, self.header) == (",", True) or not self.separator)

    def sentence(self) -> str:
        """One line for a person: what the file was taken for."""
        what = self.form
        if self.form == "text":
            between = SPOKEN.get(self.separator, self.separator)
            header = "a header" if self.header else "no header"
            what = f"text with {between} between the fields, {header}"
            if not self.separator:
                what = f"text with an id on each line, {header}"
            what += ", quotes" * self.quotes + ", decimal commas" * self.decimal_commas
            what += f", {spoken(self.encoding)}"
        packed = "".join(f"{packing}, " for packing in self.packed)
        prefix = "" if self.header else "column "
        places = zip(SPOKEN_ROLES, self.places, strict=False)  # perhaps of users alone
        columns = ", ".join(
            f"{role} in {prefix}{listed([self.names[place]])}" for role, place in places
        )
        left_out = f"; {self.left_out_sentence()}" if self.left_out else ""
        return f"read {self.name} as {packed}{what}: {columns}{left_out}"

    def left_out_sentence(self) -> str:
        """What was left out, and why."""
        lines = "line" if self.left_out == 1 else "lines"
        return (
            f"left out: {self.left_out:,} {lines} with {self.no_rating:g} in column "
            f'{self.names[self.places[2]]}, which means "no rating"'
        )


def spoken(encoding: str) -> str:
    """An encoding as people write it."""
    return {"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper().replace("LATIN", "Latin"))
