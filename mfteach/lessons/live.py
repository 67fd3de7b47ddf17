"""Figures that answer the hand: what a figure needs besides its still picture to be moved.

``live.js`` holds the drawing, a function for each figure; here its numbers are handed over. The
output of a cell is complete: the numbers, the still picture and the script, so it moves without a
kernel and without a network, in JupyterLab and on a web page.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from mfteach.arguments import InputError

__all__ = ["Live", "names", "renewed", "script"]

_SCRIPT = re.compile(r'<script type="module">.*?</script>', re.DOTALL)
_NAME = re.compile(r'^figure\("(\w+)"', re.MULTILINE)


class Live:
    """A figure of ``live.js`` with its numbers.

    Parameters
    ----------
    name : str
        Its name in ``live.js``.
    **numbers
        What it is drawn from: numbers, texts, and lists or dictionaries of them.

    Raises
    ------
    ValueError
        If there is no such figure, or a number is NaN or infinite.
    """

    def __init__(self, name: str, **numbers: Any) -> None:
        if name not in names():
            raise InputError(f"must be one of {', '.join(names())}, but is {name!r}")
        self.name = name
        self.numbers = json.dumps(numbers, allow_nan=False, ensure_ascii=False)

    def around(self, picture: str) -> str:
        """Put the element around the still picture, as HTML."""
        numbers = html.escape(self.numbers)
        return f'<mf-live name="{self.name}" numbers="{numbers}">{picture}</mf-live>'

    def script(self) -> str:
        """Return the script that moves it, as HTML."""
        return f'<script type="module">\n{script(self.name)}</script>'


@cache
def names() -> list[str]:
    """Return the names of the figures in ``live.js``."""
    return _NAME.findall(_file())


def script(name: str) -> str:
    """Return the part of ``live.js`` that all figures share, and the part of this figure's lesson."""
    core, *lessons = re.split(r"^(?=// ==== )", _file(), flags=re.MULTILINE)
    return core + next(part for part in lessons if name in _NAME.findall(part))


def renewed(page: str) -> str:
    """Put the script of today into an output that was stored with an earlier one."""
    found = re.search(r'<mf-live name="(\w+)"', page)
    if not found:
        return page
    return _SCRIPT.sub(lambda _: f'<script type="module">\n{script(found[1])}</script>', page)


@cache
def _file() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
