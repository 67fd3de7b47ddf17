"""The lessons in Chromium: as they are stored, on static pages, and run in JupyterLab."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from chromium import visit
from own_server import jupyter_server

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
IN_JUPYTERLAB = ("03", "05", "06", "07")
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOVING = [path for path in LESSONS if "<mf-" in path.read_text(encoding="utf-8")]
HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>A lesson</title>"
IS_RUN = """() => {
  const panel = jupyterapp.shell.currentWidget, cells = panel.content.model.cells;
  const code = [...Array(cells.length).keys()].map((n) => cells.get(n))
    .filter((cell) => cell.type === "code" && cell.sharedModel.source.trim());
  return code.every((cell) => cell.executionCount) &&
    panel.context.sessionContext.session?.kernel?.status === "idle";
}"""
SHOWING = """(words) => {
  const cells = jupyterapp.shell.currentWidget.content.widgets, found = [];
  cells.forEach((cell, place) => {
    if (cell.outputHidden) cell.outputHidden = false;
    for (let n = 0; n < (cell.model.outputs?.length ?? 0); n++)
      if (JSON.stringify(cell.model.outputs.get(n).data).includes(words)) found.push(place);
  });
  return found;
}"""
SHOW = """async (place) => {
  const notebook = jupyterapp.shell.currentWidget.content;
  await notebook.scrollToItem(place, "start");
  notebook.activeCellIndex = place;
}"""


def lesson_of(number):
    (lesson,) = (path for path in LESSONS if path.name.startswith(number))
    return lesson


def outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {}).get("text/html", "")


def move(page, live):
    """Press a key on the first slider, or else the list; return whether the picture changed."""
    sliders = live.locator("input")
    control, key = (
        (sliders, "ArrowRight") if sliders.count() else (live.locator("select"), "ArrowDown")
    )
    control.first.focus()
    page.keyboard.press("Home")
    before = live.locator(".stage").inner_html()
    page.keyboard.press(key)
    page.keyboard.press(key)
    return live.locator(".stage").inner_html() != before


def answer_each_way(quiz):
    """Click each answer: what the cell has computed about it appears."""
    for answer in quiz.locator("li").all():
        answer.locator("button").click()
        letter, says = (answer.get_attribute(f"data-{name}") for name in ("letter", "says"))
        assert quiz.locator("[aria-live]").text_content() == f"{letter}: {says}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lesson", MOVING, ids=lambda path: path.stem)
def test_what_is_stored_moves_on_a_static_page(browser, tmp_path, lesson, scheme):
    stored = [page for page in outputs(lesson) if "<mf-" in page]
    path = tmp_path / "page.html"
    path.write_text(HEAD + "".join(stored), encoding="utf-8")
    with visit(browser, path.as_uri(), color_scheme=scheme) as opened:
        for live in opened.page.locator("mf-live").all():
            assert move(opened.page, live), live.get_attribute("name")
        for quiz in opened.page.locator("mf-quiz").all():
            answer_each_way(quiz)
        assert opened.errors == [] and opened.outside == []


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab with some of the lessons in its folder; its address."""
    folder = tmp_path_factory.mktemp("lab")
    for number in IN_JUPYTERLAB:
        shutil.copy(lesson_of(number), folder / f"{number}.ipynb")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    flags = [str(folder), "--expose-app-in-browser"]
    with jupyter_server("jupyterlab", folder, *flags, PYTHONPATH=path) as address:
        yield address


@contextmanager
def run_in_jupyterlab(browser, lab, number):
    """A lesson that JupyterLab has opened and run from top to bottom."""
    # A workspace of its own, or JupyterLab brings back what the last test left open.
    with visit(browser, f"{lab}/lab/workspaces/{number}/tree/{number}.ipynb") as opened:
        page = opened.page
        page.set_default_timeout(180_000)
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.isReady")
        page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.ready")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(IS_RUN)
        yield opened
        assert opened.errors == [] and opened.outside == []
        page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")


def cells_showing(page, words):
    """Scroll to each cell that shows these words, and yield its number and the cell."""
    for place in page.evaluate(SHOWING, words):
        page.evaluate(SHOW, place)
        yield place, page.locator(f".jp-Cell[data-windowed-list-index='{place}']")


def active_cell(page):
    return page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")


@pytest.mark.parametrize("number", ["03", "05", "06"])
def test_jupyterlab_runs_a_lesson_and_all_that_it_shows_answers_the_hand(browser, lab, number):
    with run_in_jupyterlab(browser, lab, number) as opened:
        page, done = opened.page, {"<mf-live": 0, "<mf-quiz": 0}
        for place, cell in cells_showing(page, "<mf-live"):
            live = cell.locator("mf-live")
            assert move(page, live), live.get_attribute("name")
            assert active_cell(page) == place, "the arrow key went to JupyterLab"
            done["<mf-live"] += 1
        for place, cell in cells_showing(page, "<mf-quiz"):
            answer_each_way(cell.locator("mf-quiz"))
            assert active_cell(page) == place
            done["<mf-quiz"] += 1
        stored = list(outputs(lesson_of(number)))
        assert done == {part: sum(part in shown for shown in stored) for part in done}


def test_jupyterlab_s_ledger_refuses_a_false_line_in_words(browser, lab):
    with run_in_jupyterlab(browser, lab, "07") as opened:
        ((_, cell),) = cells_showing(opened.page, "jupyter.widget-view+json")
        field, verdict = cell.get_by_label("Next line:"), cell.get_by_role("alert")
        field.fill("sum_{j in I_i} v_js e_ij")
        field.press("Enter")
        verdict.wait_for()
        assert "The sign is wrong." in verdict.text_content()
        assert "your line gives" in verdict.text_content()
        assert field.input_value(), "a false line stays, to be mended"
        field.fill("sum_{j in I_i} -v_js e_ij")
        field.press("Enter")
        verdict.get_by_text("Line 2").wait_for()
        assert cell.locator(".jp-RenderedText[data-mime-type*='stderr']").count() == 0
