"""The left side of a typed formula: f'(x) = 6x. Taken if it names what is asked for."""

from __future__ import annotations

import re
from collections.abc import Container

from mfteach.answers.bounded import FormulaError
from mfteach.answers.spelling import Spelled

_NAME = r"[^\W\d_]\w*"
_DERIVATIVE = (
    rf"(?P<f>[^\W\d]\w?)'(?:\((?P<x>{_NAME})\))?"
    rf"|f_(?P<w>{_NAME})"
    rf"|[d∂](?P<g>[^\W\d])(?:\({_NAME}\))?/[d∂](?P<y>{_NAME})"
    rf"|[d∂]/[d∂](?P<z>{_NAME}?)\(?[^\W\d](?:\({_NAME}\))?\)?"
)
_HIGHER = rf"{_NAME}''+(\({_NAME}\))?|[d∂]\^?\(?[0-9]\)?\w*/[d∂]\w+\^?\(?[0-9]\)?"
_VALUE = rf"[^\W\d]\w?\((?P<x>{_NAME})\)|(?P<name>{_NAME})"


def right_side(given: Spelled, names: Container[str], by: str | None) -> Spelled:
    """Return what stands right of the =, after a look at what stands left of it.

    Parameters
    ----------
    given : Spelled
    names : container of str
        The letters of the question.
    by : str, optional
        The letter by which a derivative is asked for. Without it any name of a function or of a
        first derivative is taken.

    Raises
    ------
    FormulaError
        If the left side names something else than what is asked for, or there is more than one =.
    """
    at = given.text.find("=")
    if at < 0:
        return given
    left = given.text[:at]
    rest = given.cut(at + 1, len(given.text))
    if "=" in rest.text:
        raise FormulaError("There is more than one “=”: type only the last right side.")
    if re.search(r"[!<>:+\-*/~]\s*$", left):
        raise FormulaError(f"A formula has at most a plain “=”, not the sign {given.place(at)}.")
    _check(re.sub(r"\s", "", left), given, names, by)
    return rest


def _check(left: str, given: Spelled, names: Container[str], by: str | None) -> None:
    if not left:
        return
    bare = _without_brackets(left)
    if re.fullmatch(_HIGHER, left) or re.fullmatch(_HIGHER, bare):
        raise FormulaError(f"“{left}” is a higher derivative, which is not asked for.")
    if left in names:
        raise FormulaError(f"“{left} =” names nothing asked for: type only the right side.")
    found = re.fullmatch(_DERIVATIVE, left) or re.fullmatch(_DERIVATIVE, bare)
    if found:
        variable = found["x"] or found["y"] or found["z"] or found["w"]
        if variable and variable not in names and variable.lower() in names:
            given.notes.append(f"“{variable}” is read as {variable.lower()}.")
            variable = variable.lower()
        if variable and by and variable != by:
            raise FormulaError(f"“{left}” goes by {variable}, but the question asks by {by}.")
        if variable and variable not in names:
            raise FormulaError(f"“{left}”: {variable} is not a name in this question.")
        return
    value = re.fullmatch(_VALUE, left)
    if (
        not value
        or value["name"] in names
        or (value["x"] or "x") not in (names if by else {value["x"] or "x"})
    ):
        raise FormulaError(f"“{left} =” names nothing asked for: type only the right side.")
    if by:
        raise FormulaError(
            f"“{left} =” names the function, but its derivative is asked for: type only the right "
            "side, or f' = before it."
        )
    given.notes.append(f"The left side, “{left} =”, is left out.")


def _without_brackets(left: str) -> str:
    """Return dy/dx for ((dy)/(dx)), as a fraction in LaTeX is spelled."""
    match = re.fullmatch(r"\(\(([^()]*(?:\(\w+\))?)\)/\(([^()]*)\)\)(.*)", left)
    return f"{match[1]}/{match[2]}{match[3]}" if match else left
