"""``jupyter nbconvert --to script`` makes a Python file of every notebook, its text as comments."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import ScriptExporter

from mfteach.commands.notebooks import normalise

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
    *sorted((ROOT / "exercises" / "release").glob("*/*.ipynb")),
    *sorted((ROOT / "exercises" / "source").glob("*/*.ipynb")),
]


def script(notebook):
    text, resources = ScriptExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".py"
    return text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_becomes_a_python_file(path):
    notebook = nbformat.read(path, as_version=4)
    text = script(notebook)
    if "source" not in path.parts:  # there stand «placeholders» where numbers will be
        ast.parse(text)
    title = notebook.cells[0].source.partition("\n")[0]
    assert f"# {title}" in text.splitlines()


def test_what_the_command_writes_becomes_one_whatever_the_editor_left_out():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    assert "x = 1" in script(normalise(notebook))
