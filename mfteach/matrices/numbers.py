"""Numbers that people write, and what to say of what is not one: each kind has its cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from numbers import Complex
from typing import Any

import numpy as np

from mfteach.arguments import InputError, shown

# How people write what they do not know.
UNKNOWN = frozenset(
    ["", "na", "n/a", "#n/a", "<na>", "nat", "null", "none", "nil", "\\n", "-", "--", "?", ".", "–"]
)
YES_OR_NO = frozenset(["true", "false", "yes", "no", "t", "f", "y", "n"])
DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?")
SOME = r"[+-]?\d+(?:[.,]\d+)?"
# How a text shows that a number was meant, though it is not one; the first group is what to write.
MEANT = (
    (re.compile(rf"({SOME})\s*%"), "without the sign for percent"),
    (
        re.compile(rf"({SOME})\s*(?:/|of|out of)\s*{SOME}(?:\s*[^\W\d_]+)?"),
        "without what it is out of",
    ),
    (re.compile(rf"[$€£¥]?\s*({SOME})\s*(?:[A-Za-zÀ-ÿ]+|[$€£¥★☆*])"), "without what is beside it"),
    (re.compile(rf"(?P<quote>['\"])(?P<number>{SOME})(?P=quote)"), "without the quotes"),
    (re.compile(rf"[$€£¥★☆*']\s*({SOME})"), "without what is beside it"),
)
MINUS = str.maketrans("−–—", "---")
# Thousands: groups of three digits between signs, then a sign of another kind for the decimals.
THOUSANDS = re.compile(r"([+-]?\d{1,3})((?:([.,' \u00a0\u202f’])\d{3})(?:\3\d{3})*)(?:[.,](\d+))?")
# What NumPy turns into a number though it is none.
ODD = np.datetime64 | np.timedelta64 | np.complexfloating | bool | np.bool_
LINE_OUT = "Write a number in its place, or leave the rating out"


class NotANumber(InputError):
    """What stands where a rating belongs is none; perhaps the column is another one."""


def as_float(value: Any, place: str, quoted: Callable[[Any], str] = shown) -> float:
    """The number that ``value`` stands for; the error names its place.

    Parameters
    ----------
    value : object
        Text, or a number; True and False are none: a column of them says yes or no about
        something, and is seldom the one of the ratings.
    place : str
        What the message begins with.
    quoted : callable
        How a message quotes the value.
    """
    # Python reads "1_0" as 10, True as 1, and some dates as the nanoseconds since 1970.
    odd = isinstance(value, ODD) or (isinstance(value, str) and "_" in value)
    try:
        if not odd:
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise NotANumber(f"{place}: {quoted(value)} is not a number", cure_of(value)) from None


def as_number(value: Any, place: str, quoted: Callable[[Any], str] = shown) -> float:
    """A finite number; the error names its place."""
    number = as_float(value, place, quoted)
    if not np.isfinite(number):
        raise InputError(f"{place} is {number}", "leave unknown ratings out")
    return number


def likeness(values: Sequence[float]) -> int:
    """How much numbers look like ratings: 0 if there are none, 4 if they have decimals.

    Whole numbers that grow from line to line look like ids, and those that are only 0 and 1 like
    flags: they are 1. On a small scale they are 3.
    """
    if not values:
        return 0
    if not all(float(value).is_integer() for value in values):
        return 4
    grow = all(after > before for before, after in pairwise(values))
    if grow or set(values) <= {0, 1}:
        return 1
    return 3 if all(abs(value) <= 10 for value in values) else 2


def cure_of(value: Any) -> str:
    """What to do about a value that is not a number."""
    text = str(value).strip()
    if value is None or text.lower() in UNKNOWN:
        return "leave unknown ratings out"
    if text.lower() in YES_OR_NO:
        return "Write 1 for yes and 0 for no, or give the column of the ratings"
    if isinstance(value, np.datetime64) or DATE.fullmatch(text):
        return "A date is no rating: write a number in its place"
    number, how = ("", "") if isinstance(value, Complex) else _meant(text)  # 1j is not 1
    return f"Write it as {number}{how}" if number else LINE_OUT


def _meant(text: str) -> tuple[str, str]:
    """The number that a text seems to mean, and how that is written."""
    if re.fullmatch(SOME, text.translate(MINUS)):
        return text.translate(MINUS), ", with a hyphen for the minus"
    grouped = THOUSANDS.fullmatch(text)
    if grouped and grouped[3] != text[grouped.end(2) : grouped.end(2) + 1]:
        whole = re.sub(r"\D", "", grouped[2])
        decimals = f".{grouped[4]}" if grouped[4] else ""
        return f"{grouped[1]}{whole}{decimals}", ", without a sign between thousands"
    for pattern, how in MEANT:
        found = pattern.fullmatch(text)
        if found:
            number = found.groupdict().get("number", found[1])
            return number.replace(",", "."), f", {how}"
    if text and not text.strip("★☆"):
        return str(text.count("★")), ", the number of stars"
    return "", ""
