"""MathJax, its font, reveal.js and axe-core: fetched by npm once, trimmed, and kept in ``_build``.

No page may ask another server for anything, so these are copied beside the pages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from delivery.places import BUILD, SITE, WEB

__all__ = ["MissingPartsError", "copy_to", "fetch"]

LISTS = ("package.json", "package-lock.json")

KEPT: dict[str, dict[str, tuple[str, ...]]] = {
    "mathjax": {
        "mathjax": ("LICENSE", "package.json", "tex-chtml.js", "a11y", "sre", "input/tex", "ui"),
        "@mathjax/mathjax-newcm-font": ("package.json", "chtml.js", "chtml"),
    },
    "reveal": {
        "reveal.js": (
            "LICENSE",
            "package.json",
            "dist/reveal.js",
            "dist/reveal.css",
            "dist/reset.css",
            "dist/plugin/notes.js",
        )
    },
    "axe": {"axe-core": ("LICENSE", "package.json", "axe.min.js")},
}
"""What is kept of each package, by the folder that it goes to.

The rest, such as the same font once more for SVG and for Node, would make each build four times
as large.
"""

FONT = WEB / "mathjax" / "fonts" / "mathjax-newcm-font"
"""Where MathJax looks for its font."""


class MissingPartsError(RuntimeError):
    """The web parts are not here and cannot be fetched; the message says what to do."""


def fetch() -> None:
    """Make sure that the web parts are there, as the lock names them.

    Raises
    ------
    MissingPartsError
        If they have to be fetched, and ``OFFLINE`` is set, npm is missing, or it fails.
    """
    wanted = (SITE / "package-lock.json").read_text(encoding="utf-8")
    stamp = WEB / "package-lock.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if os.environ.get("OFFLINE"):
        raise MissingPartsError(
            "MathJax and reveal.js are not in _build/web yet, and OFFLINE is set. Build once with "
            "a network and without OFFLINE: make site. Later builds need no network."
        )
    fetched = _install()
    _trim(fetched)
    shutil.rmtree(fetched.parent)
    stamp.write_text(wanted, encoding="utf-8")


def copy_to(folder: Path) -> None:
    """Put MathJax and reveal.js beside the pages that load them."""
    for part in ("mathjax", "reveal"):
        if not (folder / "web" / part).exists():
            shutil.copytree(WEB / part, folder / "web" / part)


def _install() -> Path:
    """Let npm fetch what the lock names, and return the folder that it goes to."""
    if not shutil.which("npm"):
        raise MissingPartsError(
            "npm, which fetches MathJax and reveal.js once, is not installed. On Debian and "
            "Ubuntu: sudo apt install npm"
        )
    folder = BUILD / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    for name in LISTS:
        shutil.copy(SITE / name, folder)
    print("Fetching MathJax, its font, reveal.js and axe-core with npm (once) ...", flush=True)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise MissingPartsError(f"npm could not fetch the web parts:\n{done.stderr.strip()}")
    return folder / "node_modules"


def _trim(fetched: Path) -> None:
    shutil.rmtree(WEB, ignore_errors=True)
    for folder, packages in KEPT.items():
        for package, paths in packages.items():
            target = FONT if package.endswith("-font") else WEB / folder
            for path in paths:
                _copy(fetched / package / path, target / path)
    # The font has no licence file of its own: its package.json names the one of MathJax.
    shutil.copy(WEB / "mathjax" / "LICENSE", FONT)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
