"""The row below a title: download the notebook, or open it in Colab, Binder or Codespaces.

The last three read the course from GitHub. Its address there is taken from the remote ``origin``,
or from ``REPOSITORY``: ``make site REPOSITORY=OWNER/REPO``. Without one, the same buttons lead to
the page that says how to open the course in each place.
"""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache

from delivery.lessons import Lesson
from delivery.places import ROOT

__all__ = ["ALL_LESSONS", "home_row", "repository", "row"]

_GITHUB = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
BRANCH = "main"
ALL_LESSONS = "notebooks.zip"


@cache
def repository() -> str:
    """Return OWNER/REPO, or "" where nobody has said it."""
    if os.environ.get("REPOSITORY"):
        return os.environ["REPOSITORY"]
    command = ["git", "config", "--get", "remote.origin.url"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = _GITHUB.search(done.stdout.strip())
    return found[1] if found else ""


_PLACES = ("Colab", "Binder", "Codespaces")


def row(lesson: Lesson) -> str:
    """Return the row of links for a lesson, as HTML."""
    path = f"notebooks/{lesson.file.name}"
    return _row(f"{lesson.minutes} minutes", path, f"/blob/{BRANCH}/{path}", path)


def home_row() -> str:
    """Return the row of links for all lessons at once, as HTML."""
    return _row("All lessons", ALL_LESSONS, "", "notebooks")


def _row(said: str, download: str, in_colab: str, in_jupyterlab: str) -> str:
    links = [f'<a href="{download}" download>Download</a>']
    addresses = _addresses(in_colab, in_jupyterlab)
    links += [f'<a href="{address}">{place}</a>' for place, address in addresses.items()]
    return f'<p class="launch"><span>{said}</span> {" ".join(links)}</p>'


def _addresses(in_colab: str, in_jupyterlab: str) -> dict[str, str]:
    where = repository()
    if not where:
        return {place: f"where-to-open.html#{place.lower()}" for place in _PLACES}
    return {
        "Colab": f"https://colab.research.google.com/github/{where}{in_colab}",
        "Binder": f"https://mybinder.org/v2/gh/{where}/{BRANCH}?urlpath=lab/tree/{in_jupyterlab}",
        "Codespaces": f"https://codespaces.new/{where}",
    }
