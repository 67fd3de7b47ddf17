"""The first lines of a notebook: silent where the course is, else they say how to get it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mfteach.first_lines import FIRST_CELL, FIRST_LINES, with_first_lines, without_first_lines

ROOT = Path(__file__).parents[1]
NOTEBOOKS = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("exercises/release/*/*.ipynb")]
CODE = "import numpy as np\n\nx = 1"


def first_code(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def run(code, *options):
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, cwd="/", env={}, capture_output=True, text=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_begins_with_them(path):
    assert first_code(path).startswith((FIRST_CELL, FIRST_LINES))
    assert first_code(path).count("find_spec(") == 1


def test_where_the_course_is_missing_the_last_line_says_how_to_get_it():
    done = run(first_code(NOTEBOOKS[0]), "-S", "-I")  # -S: no package is installed
    *_, last = done.stderr.splitlines()
    assert done.returncode == 1
    assert last.startswith("ModuleNotFoundError: mfteach, the package of this course")
    for way in (
        "VS Code or Codespaces choose the kernel .venv",
        "Jupyter start again with make lab",
        "%pip install git+ADDRESS",
        "lesson 00",
    ):
        assert way in last


def test_where_the_course_is_nothing_happens():
    found = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
    done = run(found + FIRST_LINES, "-S", "-I")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_they_are_put_before_the_code_once_and_in_place_of_an_earlier_wording():
    assert with_first_lines(CODE) == FIRST_LINES + CODE
    assert with_first_lines(with_first_lines(CODE)) == FIRST_LINES + CODE
    earlier = FIRST_LINES.replace("is not installed here", "is somewhere else")
    assert with_first_lines(earlier + CODE) == FIRST_LINES + CODE
    assert without_first_lines(FIRST_LINES + CODE) == CODE
    assert without_first_lines(FIRST_CELL) == ""


@pytest.mark.parametrize("code", ["", CODE, "from importlib.util import find_spec\n\nx = 2"])
def test_code_without_them_stays(code):
    assert without_first_lines(code) == code
