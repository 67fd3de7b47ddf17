"""Numbers in the forms in which people type them: "15/2", "−2", "1.0, -4.0", 206,680, a matrix.

`read` returns nested lists of floats, which `mfteach.answers.numbers` compares. A text is read by
`mfteach.answers.formulas`, so nothing in it is ever executed.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from mfteach import answers

__all__ = ["Typed", "cut", "read", "read_text"]

_OPENING, _CLOSING = "([", ")]"


class Typed(NamedTuple):
    """A typed answer as plain numbers, and how an ambiguous spelling was read ("" if none)."""

    value: Any
    note: str = ""


def read(answer: Any, dimensions: int) -> Typed:
    """Return an answer as numbers, without looking at their values.

    Parameters
    ----------
    answer : anything
        A number, a text, a tuple or list of these, an array, a SymPy number or matrix.
    dimensions : int
        0 if one number is asked for, 1 for a list, 2 for a matrix.

    Returns
    -------
    Typed
        What is not a number in it is left as it is: `mfteach.answers.numbers.misfit` names it.

    Raises
    ------
    FormulaError
        If a text is not a formula without letters; the message says how to repair it.

    Examples
    --------
    >>> read("(1, -4)", 1)
    Typed(value=[1.0, -4.0], note='')
    >>> read((206, 680), 0).value
    206680.0
    """
    if isinstance(answer, str):
        return _text(answer, dimensions)
    if dimensions == 0 and _is_cut_by_a_comma(answer):
        typed = ",".join(map(str, answer))
        found = _text(typed, 0)
        return Typed(found.value, found.note or f"{typed} is read as {found.value:g}.")
    if isinstance(answer, list | tuple):
        parts = [read(part, max(dimensions - 1, 0)) for part in answer]
        return Typed([part.value for part in parts], " ".join(p.note for p in parts if p.note))
    if hasattr(answer, "tolist"):  # an array, a SymPy matrix
        return Typed(_without_a_column(answer.tolist(), dimensions))
    return Typed(answer)


def read_text(text: str) -> Any:
    """Return the number, or the list of numbers, that a text spells.

    It is a list if it has a bracket with a comma in it, a semicolon, or a comma before a space.

    Raises
    ------
    FormulaError
        If a part is not a formula without letters; the message says how to repair it.

    Examples
    --------
    >>> read_text("[3/4, -1]"), read_text("0,5")
    ([0.75, -1.0], 0.5)
    """
    is_list = re.search(r"[\[;]|,\s|(?:^|=)\s*\(.*,.*\)\s*$", text)
    return read(text, 1 if is_list else 0).value


def _is_cut_by_a_comma(answer: Any) -> bool:
    """Whether Python has made two numbers of one that was typed with a comma: 206,680 or 0,5.

    A 0 after the comma may have been 000, so it is left as it is.
    """
    return (
        isinstance(answer, tuple)
        and len(answer) > 1
        and all(type(part) is int for part in answer)
        and all(part >= (1 if len(answer) == 2 else 100) for part in answer[1:])
    )


def _text(text: str, dimensions: int) -> Typed:
    if dimensions == 0:
        reading = answers.read_formula(text, ())
        return Typed(answers.read_number(text), reading.note)
    pieces = cut(text)
    if len(pieces) == 1 and not any(mark in text for mark in ",;"):  # "1 -4", "T F"
        pieces = _inside(text).split()
    return read(pieces, dimensions)


def cut(text: str) -> list[str]:
    """Return the answers of a text that holds several: "-v(r-uv), -u(r-uv)", "[1,5; 5; A]".

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Cut at the semicolons, or without any at the commas, but never inside brackets.
    """
    return [piece.strip() for piece in _pieces(_inside(text)) if piece.strip()]


def _inside(text: str) -> str:
    """Take the brackets away that stand around the whole text, and the u = of u = (1, 2)."""
    inside = re.sub(r"^\s*\w+\s*=\s*(?=[\[(].*[\])]\s*$)", "", text).strip()
    around = inside[:1] in _OPENING and inside[-1:] in _CLOSING and _is_one_bracket(inside)
    return inside[1:-1] if around else inside


def _is_one_bracket(text: str) -> bool:
    """Whether the first bracket closes with the last character."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0:
            return place == len(text) - 1
    return False


def _pieces(text: str) -> list[str]:
    """Cut a text at its semicolons, or without any at its commas, outside brackets."""
    mark = ";" if ";" in text else ","
    depth, pieces = 0, [""]
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == mark and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def _without_a_column(nested: Any, dimensions: int) -> Any:
    """Turn a row or column matrix into a list, where a list is asked for."""
    shape = np.shape(nested)
    if dimensions == 1 and len(shape) == 2 and 1 in shape:
        return [entry for row in nested for entry in row]
    return nested
