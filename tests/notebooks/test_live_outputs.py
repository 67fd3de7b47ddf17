"""The scripts in the stored outputs are those of today; nbval does not compare them."""

import configparser
import re
from pathlib import Path

import pytest
from checks import read

from mfteach.lessons.live import Live, names, renewed

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {path.stem: read(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def pages(notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            if "<script" in page:
                yield number, page


def stale(notebook):
    return [number for number, page in pages(notebook) if renewed(page) != page]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_scripts_are_those_of_live_js(name):
    assert stale(NOTEBOOKS[name]) == [], "run 'make scripts'"


def test_each_figure_is_moved_in_some_lesson_and_a_question_goes_with_it():
    shown = {}
    for lesson, notebook in NOTEBOOKS.items():
        moved = [
            n for _, page in pages(notebook) for n in re.findall(r'<mf-live name="(\w+)"', page)
        ]
        shown.update(dict.fromkeys(moved, lesson))
        asked = sum("**Move it.**" in c.source for c in notebook.cells if c.cell_type == "markdown")
        assert not moved or asked == len(moved), lesson
    assert set(shown) == set(names())


def test_an_old_script_is_found():
    notebook = read(ROOT / "notebooks" / "01_slopes_of_lines_and_curves.ipynb")
    number, page = next(pages(notebook))
    (output,) = notebook.cells[number - 1].outputs
    output.data["text/html"] = page.replace("class Panel", "class OldPanel")
    assert stale(notebook) == [number]


def test_nbval_compares_everything_but_the_script():
    config = configparser.RawConfigParser()
    config.read(ROOT / "tests" / "notebooks" / "sanitize.cfg", encoding="utf-8")
    replace = dict(config["script"])
    old, new = (Live("turning_line", height=h).around("<figure></figure>") for h in (2, 2))
    new = new.replace("class Panel", "class NewPanel")
    seen = [re.sub(replace["regex"], replace["replace"], page) for page in (old, new)]
    assert old != new and seen[0] == seen[1]
    other = Live("turning_line", height=3).around("<figure></figure>")
    assert re.sub(replace["regex"], replace["replace"], other) != seen[0]
