"""The letter that a student typed for a choice: read alike by the check and by the marks."""

from __future__ import annotations

import unicodedata

from mfteach.symbolic.reading.characters import LOOK_ALIKES

__all__ = ["letter_of"]


def letter_of(text: str) -> str:
    """Return the letter of an option, however it was typed.

    Examples
    --------
    >>> letter_of(" (b)"), letter_of("B."), letter_of("Ｂ")
    ('B', 'B', 'B')
    """
    typed = unicodedata.normalize("NFKC", text).strip(" \t\r\n()[].:").upper()
    return LOOK_ALIKES.get(typed, typed)
