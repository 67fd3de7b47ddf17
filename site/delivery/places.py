"""Where the deliveries are read and written."""

from __future__ import annotations

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
