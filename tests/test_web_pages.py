"""A lesson as a web page, made with ``.jupyter/jupyter_nbconvert_config.py``."""

import re
from pathlib import Path

import nbformat.v4 as v4
import pytest

ROOT = Path(__file__).parents[1]
FOLDED = re.compile(r'<details class="folded"><summary>[^<]+</summary>(.*?)</details>', re.DOTALL)


@pytest.fixture(scope="module")
def page():
    exporting = pytest.importorskip("nbconvert.exporters")
    loader = pytest.importorskip("traitlets.config.loader")
    folder = str(ROOT / ".jupyter")
    config = loader.PyFileConfigLoader("jupyter_nbconvert_config.py", path=folder).load_config()
    cells = [
        v4.new_markdown_cell("Text with $x^2$."),
        code("'to see'", "seen"),
        code("'only asserts'", "printed by them", "hide-input"),
        code("'draws'", "the answer", "hide-output"),
    ]
    html, _ = exporting.HTMLExporter(config=config).from_notebook_node(v4.new_notebook(cells=cells))
    return html


def code(source, printed, *tags):
    shown = v4.new_output("stream", name="stdout", text=f"{printed}\n")
    return v4.new_code_cell(source, outputs=[shown], execution_count=1, metadata={"tags": [*tags]})


def test_what_jupyterlab_folds_is_folded_on_the_page(page):
    first, second = FOLDED.findall(page)
    assert "only asserts" in first and "printed by them" not in first
    assert "the answer" in second and "draws" not in second


def test_everything_else_is_open(page):
    opened = FOLDED.sub("", page)
    for words in ("Text with", "to see", "seen", "printed by them", "draws"):
        assert words in opened
