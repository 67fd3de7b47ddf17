"""Where the deliveries are read and written."""

from __future__ import annotations

import hashlib
from pathlib import Path

SITE = Path(__file__).resolve().parents[1]
"""The sources: texts, styles, this package."""

ROOT = SITE.parent
NOTEBOOKS = ROOT / "notebooks"
RELEASED = ROOT / "exercises" / "release"
BUILD = ROOT / "_build"

WEB = BUILD / "web"
"""MathJax, its font, reveal.js and axe-core, trimmed, with their licences."""

SOURCE = BUILD / "site-source"
"""What Sphinx reads: written anew by each build."""

DOCTREES = BUILD / "site-doctrees"
OUTPUT = BUILD / "site"
SLIDES = OUTPUT / "slides"
HANDOUT = BUILD / "handout.pdf"
SCREENSHOTS = BUILD / "screenshots"
BUILT_FROM = OUTPUT / ".built-from"
"""Holds the fingerprint of the sources that the site was built from."""


def fingerprint() -> str:
    """Return a hash of everything that the site is built from."""
    folders = {SITE: "*", NOTEBOOKS: "*.ipynb", RELEASED: "*.ipynb", ROOT / "mfteach": "*.py"}
    files = [
        file
        for folder, pattern in folders.items()
        for file in sorted(folder.rglob(pattern))
        if file.is_file() and "__pycache__" not in file.parts
    ]
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return whole.hexdigest()


def is_current() -> bool:
    """Whether the site is there, and its sources are those that it was built from."""
    return BUILT_FROM.exists() and BUILT_FROM.read_text(encoding="utf-8") == fingerprint()
