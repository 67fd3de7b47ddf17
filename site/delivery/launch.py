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

__all__ = ["repository", "row"]

_GITHUB = re.compile(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
BRANCH = "main"


@cache
def repository() -> str:
    """Return OWNER/REPO, or "" where nobody has said it."""
    if os.environ.get("REPOSITORY"):
        return os.environ["REPOSITORY"]
    command = ["git", "config", "--get", "remote.origin.url"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = _GITHUB.search(done.stdout.strip())
    return found[1] if found else ""


def _addresses(path: str) -> dict[str, str]:
    where = repository()
    if not where:
        return {place: f"where-to-open.html#{place.lower()}" for place in _PLACES}
    return {
        "Colab": f"https://colab.research.google.com/github/{where}/blob/{BRANCH}/{path}",
        "Binder": f"https://mybinder.org/v2/gh/{where}/{BRANCH}?urlpath=lab/tree/{path}",
        "Codespaces": f"https://codespaces.new/{where}",
    }


_PLACES = ("Colab", "Binder", "Codespaces")


def row(lesson: Lesson) -> str:
    """Return the row of links for a lesson, as HTML."""
    links = [f'<a href="notebooks/{lesson.file.name}" download>Download</a>']
    addresses = _addresses(f"notebooks/{lesson.file.name}")
    links += [f'<a href="{address}">{place}</a>' for place, address in addresses.items()]
    return f'<p class="launch"><span>{lesson.minutes} minutes</span> {" ".join(links)}</p>'
