"""The lessons in Chromium: as they are stored, on static pages, and run in JupyterLab."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from chromium import visit

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
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
WITH_FIGURES = """() => {
  const cells = jupyterapp.shell.currentWidget.content.widgets, found = [];
  cells.forEach((cell, place) => {
    if (cell.outputHidden) cell.outputHidden = false;
    for (let n = 0; n < (cell.model.outputs?.length ?? 0); n++) {
      const page = String(cell.model.outputs.get(n).data["text/html"]);
      if (page.includes("<mf-live")) found.push(place);
    }
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
            for button in quiz.locator("button").all():
                button.click()
                assert len(quiz.locator("[aria-live]").text_content()) > 3
        assert opened.errors == [] and opened.outside == []


def listens(port):
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def lab(tmp_path):
    """JupyterLab with lessons 05 and 06 in its folder; its address."""
    for number in ("05", "06"):
        shutil.copy(lesson_of(number), tmp_path / f"{number}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {name: str(tmp_path / "home") for name in ("HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    command = [sys.executable, "-m", "jupyterlab", str(tmp_path), "--no-browser", f"--port={port}"]
    command += ["--allow-root", "--IdentityProvider.token=", "--expose-app-in-browser"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        command,
        env=os.environ | home | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        while not listens(port):
            assert server.poll() is None, "JupyterLab did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.mark.parametrize("number", ["05", "06"])
def test_jupyterlab_runs_a_lesson_and_every_figure_moves(browser, lab, number):
    with visit(browser, f"{lab}/lab/tree/{number}.ipynb") as opened:
        page = opened.page
        page.set_default_timeout(180_000)
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.isReady")
        page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.ready")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(IS_RUN)
        places = page.evaluate(WITH_FIGURES)
        assert len(places) == sum("<mf-live" in shown for shown in outputs(lesson_of(number)))
        for place in places:
            page.evaluate(SHOW, place)
            live = page.locator(f".jp-Cell[data-windowed-list-index='{place}'] mf-live")
            assert move(page, live), live.get_attribute("name")
            active = page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")
            assert active == place, "the arrow key went to JupyterLab"
        assert opened.errors == [] and opened.outside == []
