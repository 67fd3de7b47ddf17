"""The first lines of every notebook: where the course is not installed, they say how to get it.

They stand in the notebook itself, because where they are needed nothing else of the course is. In
a lesson they are a folded cell of their own, of which JupyterLab shows the comment.
"""

from __future__ import annotations

import re

__all__ = ["FIRST_CELL", "FIRST_LINES", "with_first_lines", "without_first_lines"]

FIRST_LINES = """\
from importlib.util import find_spec

if not find_spec("mfteach"):
    raise ModuleNotFoundError(
        "mfteach, the package of this course, is not installed here: in VS Code or Codespaces "
        "choose the kernel .venv at the top right; in Jupyter start again with make lab; in Colab "
        "or elsewhere run %pip install git+ADDRESS, with the address of the course's repository, "
        "and restart (lesson 00 says more)."
    )

"""

_COMMENT = "# Run this first: it says so where the course is not installed.\n"
FIRST_CELL = _COMMENT + FIRST_LINES.rstrip()
"""The lines as the first code cell of a lesson."""

_EARLIER = re.compile(
    r"(?:# Run this first: .*\n)?"
    r"from importlib\.util import find_spec\n\nif not find_spec\(.*?^    \)\n*",
    re.DOTALL | re.MULTILINE,
)


def with_first_lines(source: str) -> str:
    """Put the lines before the code of a notebook's first cell, in place of an earlier wording."""
    return FIRST_LINES + without_first_lines(source)


def without_first_lines(source: str) -> str:
    """Return the code of a cell without the lines."""
    match = _EARLIER.match(source)
    return source[match.end() :] if match else source
