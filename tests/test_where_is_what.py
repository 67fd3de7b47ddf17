"""Each folder of the package says what it is and which lessons use it, and what it says is true."""

import importlib
import json
import re
from pathlib import Path

import pytest

import mfteach

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent.name for path in (ROOT / "mfteach").glob("*/__init__.py"))
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def numbers(text):
    """The lessons that a list such as "00, 06-13" names."""
    found = set()
    for first, last in re.findall(r"\b(\d\d)(?:-(\d\d))?\b", text):
        found |= {f"{n:02}" for n in range(int(first), int(last or first) + 1)}
    return found


def folders_of(code):
    """The folders of the package that a lesson imports from, or reaches by a name of mfteach."""
    found = set(re.findall(r"from mfteach\.(\w+)", code))
    names = re.findall(r"\bmf\.(\w+)", code)
    names += [n for line in re.findall(r"from mfteach import (.+)", code) for n in line.split(", ")]
    for name in names:
        thing = getattr(mfteach, name, None)
        home = getattr(thing, "__module__", None) or getattr(thing, "__name__", "")
        found |= set(re.findall(r"^mfteach\.(\w+)", home))
    return found


@pytest.fixture(scope="module")
def used():
    """Folder -> the lessons that use it."""
    lessons = {folder: set() for folder in FOLDERS}
    for path in LESSONS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        for folder in folders_of(code):
            lessons[folder].add(path.name[:2])
    return lessons


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_names_the_lessons_that_use_it(folder, used):
    what, which = importlib.import_module(f"mfteach.{folder}").__doc__.split("\n\n")[:2]
    assert what.endswith(".")
    assert which.startswith("Lessons")
    if which.startswith("Lessons:"):
        assert used[folder] == set()
    else:
        assert numbers(re.split(r"[.;]", which)[0]) == used[folder]


def test_lists_of_lessons_are_read():
    assert numbers("Lessons 00, 06-08") == {"00", "06", "07", "08"}
    assert folders_of("import mfteach as mf\nmf.Loss(mf.datasets.films())") == {"loss", "datasets"}
    assert folders_of("from mfteach import MatrixFactorization") == {"recommender"}


def test_every_place_that_contributing_names_is_there():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.split("## Where is what")[1].split("\n## ")[0]
    places = re.findall(r"`(\w+/\w+\.py)`", table)
    assert len(places) >= 18
    assert [place for place in places if not (ROOT / "mfteach" / place).is_file()] == []


ENGINE_ROOM = re.compile(r"batch|padding|padded|thread|\bBLAS\b|align|chunk|kernel|numba", re.I)


@pytest.mark.parametrize("folder", ["descent", "loss"])
def test_what_a_student_opens_is_short_and_holds_no_engine_room(folder):
    for path in sorted((ROOT / "mfteach" / folder).glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 250, path.name
        assert [line for line in lines if ENGINE_ROOM.search(line)] == [], path.name
