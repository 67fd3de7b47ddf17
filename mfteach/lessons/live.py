"""Figures and questions that answer the hand, from ``live.js``.

``live.js`` draws; here each figure gets its numbers. The output of a cell is complete: the numbers,
the still figure and the script. So it moves without a kernel and without a network, in JupyterLab
and on a web page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mfteach.arguments import one_of

__all__ = ["Live", "names", "quiz_page", "renewed", "script"]

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
        self.name = one_of(name, "name", names())
        self.numbers = json.dumps(numbers, allow_nan=False, ensure_ascii=False)

    def around(self, still: str) -> str:
        """Put the element around the still figure, and the script below it, as HTML."""
        numbers = html.escape(self.numbers)
        # JupyterLab shows the first line of an output that is folded: the numbers begin below it.
        return (
            f'<div class="live">\n<mf-live name="{self.name}" numbers="{numbers}">{still}</mf-live>'
            f"</div>{_as_html(script(self.name))}"
        )


def quiz_page(prompt: str, answers: Mapping[str, tuple[str, str]]) -> str:
    """Return a question as HTML; with scripts, a click on an answer shows the reply to it.

    Parameters
    ----------
    prompt : str
        The question.
    answers : mapping of str to (str, str)
        Each answer and the reply to it, by its letter.
    """
    items = "".join(
        f'<li data-letter="{letter}" data-says="{html.escape(reply)}">{letter}: '
        f"{html.escape(answer)}</li>"
        for letter, (answer, reply) in answers.items()
    )
    page = f"<mf-quiz><p>{html.escape(prompt)}</p><ul>{items}</ul></mf-quiz>"
    return page + _as_html(_parts()[-1])


@cache
def names() -> list[str]:
    """Return the names of the figures in ``live.js``."""
    return _NAME.findall(_file())


def script(name: str) -> str:
    """Return what moves a figure: the part that all of them share, and the part of its lesson."""
    core, *lessons = _parts()
    return core + next(part for part in lessons if name in _NAME.findall(part))


def renewed(page: str) -> str:
    """Put the script of today into an output that was stored with an earlier one."""
    found = re.search(r'<mf-live name="(\w+)"', page)
    code = script(found[1]) if found else _parts()[-1]
    return _SCRIPT.sub(lambda _: _as_html(code), page)


def _as_html(code: str) -> str:
    return f'<script type="module">\n{code}</script>'


def _parts() -> list[str]:
    """Cut ``live.js``: what all figures share, a part for each lesson, and last the quiz."""
    return re.split(r"^(?=// ==== )", _file(), flags=re.MULTILINE)


@cache
def _file() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
