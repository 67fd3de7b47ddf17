"""The pages that we write, from templates that escape every text: no script, no network.

A page contains all that it shows, is readable on a phone, in light and dark mode, and tells the
browser to load nothing and run nothing, whatever is in it (``templates/page.html``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mfteach.console import UsageError
from mfteach.grading.marks.gradebook import CURE

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, title: str, **facts: object) -> str:
    """Fill in a template of ``templates/`` and return the whole page.

    Parameters
    ----------
    template : str
        The name of its file.
    title : str
        What the browser's tab says.
    **facts
        What the template names. Texts are escaped, except `markupsafe.Markup`, which is HTML.

    Raises
    ------
    UsageError
        If a package that fills in templates is not installed.
    """
    return templates().get_template(template).render(title=title, **facts)


@cache
def templates() -> Environment:
    """Return the templates; a command asks for them before it begins long work.

    Raises
    ------
    UsageError
        If a package of the extra ``grading`` is missing; names it and the cure.
    """
    try:  # here and not above: only the extra grading has them
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        from mfteach.grading.reports.math_as_html import readable
    except ModuleNotFoundError as error:
        raise UsageError(f"writing pages needs {error.name}: {CURE}") from error
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent, "readable": readable}
    return environment


def number(value: float) -> str:
    """Points as they are read: 2, 1.5, 0.33."""
    return f"{round(value, 2):g}"


def percent(share: float) -> str:
    """A share as it is read: 0.25 is 25 %."""
    return f"{share:.0%}".replace("%", " %")
