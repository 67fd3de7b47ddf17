"""In which encoding a text is written."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from mfteach.arguments import InputError, shown
from mfteach.matrices.file_kind import Asked, spoken
from mfteach.matrices.opening import Opened

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that are neither letters nor common punctuation in a Western text.
UNUSUAL = re.compile(
    rb"[\x81\x83\x86-\x90\x98\x9b\x9d\xa2\xa4-\xa6\xa8\xac\xad\xaf\xb1-\xb3\xb5\xb6\xb8\xb9\xbc-\xbe]"
)
# So many different words tell what the others are.
ENOUGH = 2**16


def encoding_of(opened: Opened, first: bytes) -> str:
    """The encoding that the beginning of a file shows: of Unicode, or a Western one."""
    for mark, encoding in BOMS:
        if first.startswith(mark):
            return encoding
    even, odd = first[::2].count(0), first[1::2].count(0)
    if even + odd > len(first) // 4:  # every second byte of a Western text in UTF-16 is 0
        if 10 * min(even, odd) > max(even, odd):
            raise InputError(f"{opened.name} is not a text: it is full of bytes of 0")
        return "utf-16-le" if odd > even else "utf-16-be"
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
        if len(runs) > ENOUGH:
            break
    opened.file.seek(0)
    count = sum(runs.values())
    valid = sum(times for run, times in runs.items() if _is_utf8(run))
    where = f"line {odd_line} of {opened.name}"
    if 2 * valid > count:
        raise InputError(
            f"{where} has a letter that is not UTF-8, as the others are",
            "Mend it, or name the encoding, such as {encoding}",
            encoding="latin-1",
        )
    if _of_another_script(runs):
        raise InputError(
            f"{where} has letters that are neither UTF-8 nor of a Western alphabet",
            "Name the encoding, such as {encoding}, gbk or cp1251",
            encoding="shift_jis",
        )
    undefined = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
    return "latin-1" if any(map(undefined.search, runs)) else "cp1252"


def _of_another_script(runs: Counter[bytes]) -> bool:
    """Whether the bytes beyond ASCII are too many in a row, or too often no letters of the West."""
    count = sum(runs.values())
    letters = sum(len(run) * times for run, times in runs.items())
    unusual = sum(len(UNUSUAL.findall(run)) * times for run, times in runs.items())
    return letters > 2.5 * count or 4 * unusual > letters


def _is_utf8(some: bytes) -> bool:
    try:
        some.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def wrong_encoding(name: str, encoding: str, error: UnicodeError, asked: Asked) -> InputError:
    """What to say where a text is not in its encoding."""
    byte = ""
    if isinstance(error, UnicodeDecodeError):
        byte = f" (byte 0x{error.object[error.start]:02x})"
    return InputError(
        f"{name} is not {spoken(encoding)} text{byte}",
        "Leave {encoding} out" if asked.encoding else "Name its encoding, such as {encoding}",
        encoding=asked.encoding or "latin-1",
    )


def require_known(encoding: str) -> None:
    """Refuse the name of an encoding that Python does not know."""
    try:
        " ".encode(encoding)
    except (LookupError, TypeError, ValueError):
        raise InputError(
            f"Python knows no encoding {shown(encoding)}",
            "Name one such as {encoding}",
            encoding="utf-8",
        ) from None
