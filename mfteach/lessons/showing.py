"""A message of the course in a notebook: as text, and typeset where it contains a formula."""

from __future__ import annotations

import re
import textwrap

from mfteach.lessons.figures import ipython_display

__all__ = ["show"]

LINE = 88
"""Characters in a printed line: a notebook breaks longer ones in the middle of a word."""

_FORMULA = re.compile(r"(\$\$?)(.+?)\1", re.DOTALL)


class _Message:
    """Markdown for JupyterLab and a web page, plain text for a terminal and a screen reader."""

    def __init__(self, text: str) -> None:
        self._text = text

    def _repr_markdown_(self) -> str:
        return self._text

    def __repr__(self) -> str:
        from mfteach.symbolic.writing import formulas_in_words  # needs SymPy

        return formulas_in_words(self._text)


def show(text: str, *, typeset: bool = False) -> None:
    """Show a text; typeset if it contains a formula, or if it is Markdown anyway.

    What repeats a student's answer is printed as it is, so that no character of it is taken for
    Markdown.
    """
    if typeset or _FORMULA.search(text):
        ipython_display()(_Message(text))
        return
    for paragraph in text.splitlines():
        print(textwrap.fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False))
