"""The literal that holds a derivation, a line a row: read from the cell, never run."""

from __future__ import annotations

import re
from typing import Any

from mfteach.answers.missing import is_missing

__all__ = ["NOT_A_LITERAL", "between_quotes", "derivation_text"]

MAX_TEXT = 20_000
"""Characters; a derivation has at most 30 lines of 300."""
NOT_A_LITERAL = (
    "This cannot be read: put your lines, one below the other, "
    'between r""" and """, without an f in front.'
)
_TOO_LONG = f"This is longer than {MAX_TEXT} characters, so it was not read: write it shorter."


def derivation_text(word: str, value: Any) -> tuple[str | None, str | None]:
    """Return the text of a derivation, or else why there is none; both None if it is empty.

    Parameters
    ----------
    word, value
        What was assigned, as `syntax.read` gives it.
    """
    if word not in ("nothing", "text"):
        return None, NOT_A_LITERAL
    if is_missing(value):
        return None, None
    return (value, None) if len(value) <= MAX_TEXT else (None, _TOO_LONG)


def between_quotes(source: str, name: str) -> str | None:
    r"""Return what stands between triple quotes in a cell that is not Python.

    Such as one with ``\u`` or ``\x`` in a literal without r in front: students paste LaTeX.
    """
    opened = list(re.finditer(rf"^{name}[ \t]*=[ \t]*[rR]?('''|\"\"\")", source, re.MULTILINE))
    if not opened:
        return None
    start = opened[-1].end()
    end = source.find(opened[-1][1], start)
    return source[start:end] if end >= 0 else None
