"""What a person reads who typed a line that cannot be read."""

from __future__ import annotations

from mfteach.symbolic.indexed_sums import CaptureError

__all__ = ["CapturedIndexError", "NotationError"]


class NotationError(ValueError):
    """A line that cannot be read: one sentence with the place and the cure.

    Parameters
    ----------
    message : str
        What is wrong, and what to type instead.
    text : str
        The whole line as it was typed.
    place, end : int
        The part of it that the message is about, ``text[place:end]``.
    """

    def __init__(self, message: str, text: str = "", place: int = 0, end: int = 0) -> None:
        self.message = message
        self.text = text
        self.place = place
        self.end = end
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        if not self.text:
            return self.message
        quoted = " ".join(self.text[self.place : self.end].split())
        if not quoted:
            return f"{self.message} (at the end)"
        short = quoted if len(quoted) <= 30 else f"{quoted[:29]}…"
        return f"{self.message} (character {self.place + 1}: {short})"


class CapturedIndexError(NotationError, CaptureError):
    """An index that is both bound by a sum and free; the message names it and a spare letter."""
