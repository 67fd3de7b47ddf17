"""Commas inside numbers: 1,000 is a thousand, said in a note; 0,5 is a half."""

from __future__ import annotations

import re

from mfteach.answers.bounded import FormulaError
from mfteach.answers.spelling import Spelled

_NUMBER = r"[0-9.]*[0-9](?:,[0-9]+)+(?:\.[0-9]+)?"


def without_commas(given: Spelled) -> Spelled:
    """Return it with each comma inside a number dropped or turned into a point.

    Raises
    ------
    FormulaError
        If the commas of a number are neither thousands signs nor one decimal comma.
    """

    def number(match: re.Match[str]) -> str:
        typed = match.group()
        if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", typed):
            plain = typed.replace(",", "")
            given.notes.append(
                f"{typed} is read as {plain}: a comma before three digits separates thousands."
            )
            return plain
        if re.fullmatch(r"[0-9]+,[0-9]+", typed):
            plain = typed.replace(",", ".")
            if len(typed) - typed.index(",") == 4:
                given.notes.append(f"{typed} is read as {plain}, with a decimal comma.")
            return plain
        raise FormulaError(
            f"“{typed}” {given.place(match.start())} is not one number: type a decimal with one "
            "point or one comma, 0.5, and no thousands signs."
        )

    return given.change(_NUMBER, number)
