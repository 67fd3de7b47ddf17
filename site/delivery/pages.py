"""Writes the sources of all pages and lets Sphinx turn them into the site."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from delivery import (
    launch,
    lesson_pages,
    proof_pages,
    reference_pages,
    row_pages,
    slides,
    web_parts,
)
from delivery.lessons import Lesson, lessons
from delivery.places import (
    BUILT_FROM,
    DOCTREES,
    NOTEBOOKS,
    OUTPUT,
    RELEASED,
    ROOT,
    SITE,
    SOURCE,
    fingerprint,
)

__all__ = ["build"]

_PLACEHOLDER = re.compile(r"^<!-- ([a-z ]+) -->$", re.MULTILINE)


def build() -> Path:
    """Write the site and return its first page.

    Raises
    ------
    MissingPartsError
        If MathJax and reveal.js are not there and cannot be fetched.
    SystemExit
        If Sphinx finds something wrong; it has said what.
    """
    web_parts.fetch()
    begun_with = fingerprint()
    _forget_what_another_program_read()
    write_sources(SOURCE)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-j", "2"]
    command += ["-c", str(SITE), "-d", str(DOCTREES), str(SOURCE), str(OUTPUT)]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    _copy_beside()
    BUILT_FROM.write_text(begun_with, encoding="utf-8")
    return OUTPUT / "index.html"


def _forget_what_another_program_read() -> None:
    """Let Sphinx read everything again if what tells it how to read has changed."""
    program = [SITE / "conf.py", *sorted((SITE / "delivery").glob("*.py"))]
    now = hashlib.sha256(b"".join(file.read_bytes() for file in program)).hexdigest()
    stamp = DOCTREES / "read-by"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != now:
        shutil.rmtree(DOCTREES, ignore_errors=True)
        DOCTREES.mkdir(parents=True)
        stamp.write_text(now, encoding="utf-8")


def write_sources(folder: Path) -> None:
    """Write everything that Sphinx reads; a file that has not changed keeps its time."""
    wanted = dict(_sources(lessons()))
    for name, text in wanted.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder).as_posix() not in wanted:
            file.unlink()


def _sources(course: tuple[Lesson, ...]) -> list[tuple[str, str]]:
    fillings = {
        "where to launch": launch.home_row(),
        "learning path": _path(course),
        "contents of lessons": "\n".join(
            f"{lesson.number} {lesson.title} <{lesson.name}>" for lesson in course
        ),
        "rows of the lecture": row_pages.table(course),
        "symbols": course[0].section("Symbols"),
        "derivations": proof_pages.contents(course),
        "classes": _classes(),
        "where to open it": _section_of_readme("Where to open it"),
        "citation": (ROOT / "CITATION.cff").read_text(encoding="utf-8"),
    }
    pages = [*(SITE / "pages").rglob("*.md"), *(SITE / "instructors").glob("*.md")]
    written = [(_name(file), _filled(file, fillings)) for file in pages]
    written += [(f"{lesson.name}.ipynb", lesson_pages.page(lesson)) for lesson in course]
    written += [(f"proofs/{name}.md", text) for name, text in proof_pages.pages(course)]
    written += [(f"reference/{name}.md", text) for name, text in reference_pages.pages()]
    return written


def _name(file: Path) -> str:
    parts = file.relative_to(SITE).parts
    return "/".join(parts[1:] if parts[0] == "pages" else parts)


def _filled(file: Path, fillings: dict[str, str]) -> str:
    text = file.read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: fillings[found[1]], text)


def _path(course: tuple[Lesson, ...]) -> str:
    """Return the lessons as cards, each with what is done in it and how long it takes."""
    return "\n".join(
        f'<div class="card"><p class="number">{lesson.number}'
        f"<span>{lesson.minutes} minutes</span></p>\n\n"
        f"**[{lesson.title}]({lesson.name}.ipynb)**\n\n{_first_paragraph(lesson)}\n\n</div>\n"
        for lesson in course
    )


def _first_paragraph(lesson: Lesson) -> str:
    return " ".join(lesson.section("What you'll do").split("\n\n")[0].split())


def _classes() -> str:
    names = sorted(file.stem for file in (SITE / "instructors").glob("[0-9][0-9]*.md"))
    return "```{toctree}\n:maxdepth: 1\n\n" + "\n".join(names) + "\n```"


def _section_of_readme(heading: str) -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {heading}\n(.*?)(?=^## )", readme, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"README.md has no heading {heading!r}")
    return found[1].strip()


def _copy_beside() -> None:
    """Put what pages link to beside them: MathJax, the slides, the notebooks, the exercises."""
    web_parts.copy_to(OUTPUT)
    slides.build()
    for folder, files in {
        "notebooks": NOTEBOOKS.glob("*.ipynb"),
        "exercises": RELEASED.glob("*/*.ipynb"),
    }.items():
        (OUTPUT / folder).mkdir(exist_ok=True)
        for file in files:
            shutil.copy(file, OUTPUT / folder)
    with zipfile.ZipFile(OUTPUT / launch.ALL_LESSONS, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(NOTEBOOKS.glob("*.ipynb")):
            archive.write(file, f"notebooks/{file.name}")
