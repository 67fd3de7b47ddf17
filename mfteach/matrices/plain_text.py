"""The common case of delimited text, columns of numbers and of names, read by `numpy.loadtxt`.

`mfteach.matrices.delimited` defines what is right and words every error. Here only such text is
read as can be proved to give the same there, in a fraction of the time.
"""

from __future__ import annotations

import csv
import warnings
from collections import defaultdict
from collections.abc import Sequence
from io import StringIO
from itertools import count
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.matrices.delimited import Names, Places, find_places, plain_integers, progress
from mfteach.matrices.separators import fields_of
from mfteach.matrices.slabs import Growing

# Characters read at a time, and the rest of the line: fewer than a field of the csv module may
# have, so that no field need be measured.
PIECE = 100_000
# A quote means more than splitting; NumPy ends a text at a NUL; the four others are spaces around a
# number to NumPy, but not to Python.
NOT_PLAIN = '"\0\x1c\x1d\x1e\x1f'
# Lines that show what the labels seem to be, and letters that a label among them may have.
SAMPLE = 1000
LONGEST = 200
# Entries of a table of labels (a power of two), and the odd number that spreads labels over it.
SLOTS = 2**18
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class LabelColumn(NamedTuple):
    """An integer for each rating: its label or, if there are ``names``, the row of its label."""

    integers: NDArray[np.integer[Any]]
    names: NDArray[np.str_] | None


class PlainColumns(NamedTuple):
    """What `read_plain` found, one entry a rating."""

    users: LabelColumn
    items: LabelColumn
    values: NDArray[np.float64]
    times: NDArray[np.float64] | None


def read_plain(
    text: IO[str],
    name: str,
    delimiter: str,
    wanted: Names,
    header: Sequence[str] | None = None,
    timestamps: str | int | None = None,
) -> PlainColumns | None:
    """Read the same as `mfteach.matrices.delimited.read_columns` from text that is plain.

    Parameters
    ----------
    text : file
        The lines, each with the end that it has in the file (``newline=""``).
    name, delimiter, wanted, header, timestamps
        As for `read_columns`.

    Returns
    -------
    PlainColumns or None
        None if the text holds a mistake, or if nothing proves that it is plain: for a quote, one
        of a few control characters, a blank label, a number in a form that only Python reads
        ("1_0"), or labels that are other than those of the first thousand lines: no longer plain
        integers, or much longer. Then the file has to be read from its beginning by
        `read_columns`.
    """
    reader = fields_of(text, delimiter)
    try:
        return _read(text, delimiter, find_places(reader, name, wanted, header, timestamps))
    except (ValueError, IndexError, Warning, csv.Error):
        return None


def _read(text: IO[str], delimiter: str, places: Places) -> PlainColumns:
    piece = _piece(text)
    sample = piece.split("\n", SAMPLE)[:SAMPLE]
    users, items = (_labels(sample, delimiter, place) for place in (places.user, places.item))
    dtype = _dtype(places, users, items)
    values, times = _Numbers(), _Numbers()
    with progress(text, places.name) as advance:
        while piece:
            table = _table(piece, delimiter, dtype)
            users.extend(table[f"f{places.user}"], piece)
            items.extend(table[f"f{places.item}"], piece)
            values.extend(table[f"f{places.value}"])
            if places.time is not None:
                times.extend(table[f"f{places.time}"])
            advance()
            piece = _piece(text)
    all_times = None if places.time is None else times.joined()
    return PlainColumns(users.joined(), items.joined(), values.joined(), all_times)


def _piece(text: IO[str]) -> str:
    """Some whole lines, which the csv module would do nothing with but split them."""
    piece = text.read(PIECE) + text.readline()
    if any(letter in piece for letter in NOT_PLAIN) or len(piece) > csv.field_size_limit():
        raise ValueError("a quote, a control character, or perhaps a field that is too long")
    return piece


def _labels(sample: list[str], delimiter: str, place: int) -> _Integers | _Names:
    """What the labels of a column seem to be; those below the sample have to bear it out."""
    written = _written(sample, delimiter, place)
    if plain_integers(written) is None:
        return _Names("S" if "".join(sample).isascii() else "U", max(map(len, written)))
    return _Integers(delimiter, place)


def _written(lines: list[str], delimiter: str, place: int) -> list[str]:
    """One field of each line that is not blank, as it stands there."""
    filled = (line for line in lines if line not in ("", "\r"))
    return [line.split(delimiter)[place].strip() for line in filled]


def _dtype(places: Places, users: _Integers | _Names, items: _Integers | _Names) -> np.dtype[Any]:
    """A field for every column, so that `loadtxt` counts them in every line."""
    fields = ["U1"] * places.n_fields  # of what nobody wants a letter is enough
    kinds = {places.user: users.kind, places.item: items.kind, places.value: "f8"}
    if places.time is not None:
        kinds[places.time] = "f8"
    if len(kinds) < 3 + (places.time is not None):
        raise ValueError("one column is to be read as two things")
    for place, kind in kinds.items():
        fields[place] = kind
    return np.dtype([(f"f{place}", kind) for place, kind in enumerate(fields)])


def _table(piece: str, delimiter: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # older NumPy reads "7.0" as 7 and warns
        return np.loadtxt(
            StringIO(piece), dtype, comments=None, delimiter=delimiter, encoding="utf-8", ndmin=1
        )


class _Numbers:
    """One column of ratings or times in the making."""

    def __init__(self) -> None:
        self._pieces = Growing()

    def extend(self, numbers: NDArray[np.float64]) -> None:
        if not np.isfinite(numbers).all():
            raise ValueError("a number is not finite")
        self._pieces.append(numbers.copy())  # else the whole table would stay

    def joined(self) -> NDArray[np.float64]:
        return self._pieces.joined()


class _Integers:
    """One column of integer labels in the making; "007" or "+7" is none."""

    kind = "i8"

    def __init__(self, delimiter: str, place: int) -> None:
        self._delimiter, self._place = delimiter, place
        self._pieces = Growing()

    def extend(self, integers: NDArray[np.int64], piece: str) -> None:
        if _any_odd_form(piece, self._delimiter):  # perhaps in another column
            written = _written(piece.split("\n"), self._delimiter, self._place)
            if written != list(map(str, integers.tolist())):
                raise ValueError("a label is not a plain integer")
        short = integers.astype(np.int32)  # half as long, while all of them fit
        self._pieces.append(short if np.array_equal(short, integers) else integers.copy())

    def joined(self) -> LabelColumn:
        return LabelColumn(self._pieces.joined(), None)


def _any_odd_form(piece: str, delimiter: str) -> bool:
    """Whether a field may start with a plus, a zero before a digit, or a minus before a zero.

    Spaces and digits of other scripts, which NumPy reads past or as digits, count as odd too.
    """
    if "+" in piece or not piece.isascii():
        return True
    letters = np.frombuffer(f"\n{piece}\n".encode(), np.uint8)
    begins = (letters[:-2] <= ord("-")) | (letters[:-2] == ord(delimiter))
    zeros = np.flatnonzero((letters[1:-1] == ord("0")) & begins)
    before, after = letters[zeros], letters[zeros + 2]
    digit, no_point = (after >= ord("0")) & (after <= ord("9")), after != ord(".")
    return bool(np.where(before == ord("-"), no_point, digit).any())


class _Names:
    """One column of labels in the making that are not all integers: each gets a number.

    A dict knows the number of every label. Of those that it was asked for, a table keeps one for
    each hash; it answers for a whole piece at once, and only the others come to the dict.
    """

    def __init__(self, letters: str, longest: int) -> None:
        if longest > LONGEST:
            raise ValueError("labels so long would fill the memory")
        words = (longest + max(4, longest // 2)) // 8 + 1  # later labels may be longer
        self.kind = f"{letters}{8 * (words + 1)}"  # the last word stays empty
        self._numbers: defaultdict[Any, int] = defaultdict(count().__next__)
        self._seen = np.zeros(SLOTS, self.kind)
        self._seen[0] = "\n"  # no label; the blank one, whose hash is 0, was not seen
        self._seen_numbers = np.zeros(SLOTS, np.int32)
        self._pieces = Growing()
        self._in_runs = True  # most files are sorted by user

    def extend(self, labels: NDArray[Any], piece: str) -> None:
        labels = labels.copy()  # in one block
        if not self._in_runs:
            self._pieces.append(self._numbered(labels))
            return
        words = _words(labels)
        starts = np.concatenate([[0], 1 + np.flatnonzero(_differ(words[1:], words[:-1]))])
        self._in_runs = 2 * len(starts) <= len(labels)
        lengths = np.diff(starts, append=len(labels))
        self._pieces.append(np.repeat(self._numbered(labels[starts]), lengths))

    def _numbered(self, labels: NDArray[Any]) -> NDArray[np.int32]:
        words = _words(labels)
        slots = _hashes(words)
        numbers = self._seen_numbers.take(slots)
        unseen = np.flatnonzero(_differ(_words(self._seen.take(slots)), words))
        if words[unseen, -1].any():
            raise ValueError("a label is much longer than those of the sample")
        numbers[unseen] = self._ask(labels[unseen], slots[unseen])
        return numbers

    def _ask(self, labels: NDArray[Any], slots: NDArray[np.int64]) -> NDArray[np.int32]:
        """The numbers of some labels by the dict; the table keeps them."""
        asked = map(self._numbers.__getitem__, labels.tolist())
        numbers = np.fromiter(asked, np.int32, len(labels))
        self._seen_numbers[slots] = numbers
        stays = self._seen_numbers[slots] == numbers  # of labels of the same hash one does
        self._seen[slots[stays]] = labels[stays]
        return numbers

    def joined(self) -> LabelColumn:
        names = np.array(list(map(str.strip, _texts(list(self._numbers)))))
        if (names == "").any():
            raise ValueError("a label is blank")
        labels, rows = np.unique(names, return_inverse=True)
        return LabelColumn(rows[self._pieces.joined()], labels)


def _words(labels: NDArray[Any]) -> NDArray[np.uint64]:
    """Eight bytes of a label at a time, a row for each label: to compare strings is slow."""
    return labels.view(np.uint64).reshape(len(labels), -1)


def _differ(some: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether two rows of words do."""
    different: NDArray[np.bool_] = some[:, 0] != others[:, 0]
    for word in range(1, some.shape[1]):
        different |= some[:, word] != others[:, word]
    return different


def _hashes(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """A slot for each row of words, the same for equal rows, 0 for an empty one."""
    mixed = np.zeros(len(words), np.uint64)
    for word in range(words.shape[1]):
        mixed += words[:, word]
        mixed *= MULTIPLIER
        mixed ^= mixed >> np.uint64(32)
    mixed %= np.uint64(SLOTS)
    return mixed.astype(np.int64)


def _texts(labels: list[Any]) -> list[str]:
    """Labels as text, all at once: none has a line break in it."""
    if isinstance(labels[0], str):
        return labels
    return b"\n".join(labels).decode("latin-1").split("\n")
