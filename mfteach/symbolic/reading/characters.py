"""Characters that people type, or copy, for the ones on the keyboard.

Used by the readers of lines and of single formulas alike.
"""

from __future__ import annotations

import unicodedata

__all__ = ["DIVISION", "LOOK_ALIKES", "MINUS", "NO_WIDTH", "PRIMES", "TIMES", "note_on_look_alike"]

MINUS = "−‐‑‒–—﹣－"
TIMES = "·×⋅∙•∗⁎"
DIVISION = "÷∕⁄"
PRIMES = "′’ʹ"
NO_WIDTH = "\u200b\u2060\ufeff"
"""Spaces without width: they mean nothing."""

LOOK_ALIKES = dict(
    zip(
        "аеосрхуіјѕкдАВЕІЈЅХУОРСТМНКοΧΥΕΑΟΡΤΜΝΒΚΖΙ",
        "aeocpxyijskdABEIJSXYOPCTMHKoXYEAOPTMNBKZI",
        strict=True,
    )
)
"""Letters of other alphabets that nobody can tell from the ones on the keyboard."""


def note_on_look_alike(letter: str, plain: str) -> str:
    """Say which letter of which alphabet was read as which.

    Examples
    --------
    >>> note_on_look_alike("х", "x")
    '“х” is a Cyrillic letter; it is read as x'
    """
    alphabet = unicodedata.name(letter).split()[0].capitalize()
    return f"“{letter}” is a {alphabet} letter; it is read as {plain}"
