"""The project's nbval settings reject a wrong stored number and alt text, and let pixels pass."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest

ROOT = Path(__file__).parents[2]

SHOW = """from IPython.display import display
class Drawn:
    def _repr_html_(self):
        return '<figure><img src="data:image/png;base64,AAAA" alt="A line."></figure>'
    def __repr__(self):
        return 'A line.'
display(Drawn())"""


def shown(picture="AAAA", alt="A line."):
    page = f'<figure><img src="data:image/png;base64,{picture}" alt="{alt}"></figure>'
    return v4.new_output("display_data", {"text/html": page, "text/plain": "A line."})


def write(path, number="42", figure=None, mark=""):
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_code_cell("x = 6", execution_count=1),
        v4.new_code_cell(
            f"{mark}\nx * 7",
            execution_count=2,
            outputs=[v4.new_output("execute_result", {"text/plain": number}, execution_count=2)],
        ),
        v4.new_code_cell(SHOW, execution_count=3, outputs=[figure or shown()]),
    ]
    nbformat.write(v4.new_notebook(cells=cells), path)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One pytest run with the project's settings over a true notebook and doctored copies of it."""
    folder = tmp_path_factory.mktemp("nbval")
    write(folder / "true.ipynb")
    write(folder / "number.ipynb", number="43")
    write(folder / "pixels.ipynb", figure=shown(picture="BBBB"))
    write(folder / "alt.ipynb", figure=shown(alt="A curve."))
    write(folder / "ignored.ipynb", number="43", mark="# NBVAL_IGNORE_OUTPUT")
    write(folder / "worded.ipynb", number="43", mark="# NBVAL_IGNORE_OUTPUT since it may differ")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    options = ["--color=no", "--no-header", str(folder)]
    run = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
    return run.stdout


def failures(report, name):
    return re.findall(rf"^FAILED .*{name}\.ipynb::(Cell \d)", report, re.MULTILINE)


def test_a_true_notebook_passes(report):
    assert "true.ipynb ..." in report
    assert failures(report, "true") == []


def test_a_changed_stored_number_fails_and_the_report_names_notebook_and_cell(report):
    assert failures(report, "number") == ["Cell 1"]
    assert "assert reference_output == test_output failed" in report
    assert "'43' == '42'" in report


def test_changed_pixels_pass_while_the_words_agree(report):
    assert "pixels.ipynb ..." in report
    assert failures(report, "pixels") == []


def test_a_changed_alt_text_fails(report):
    assert failures(report, "alt") == ["Cell 2"]


def test_a_bare_mark_ignores_an_output_and_one_with_words_does_not(report):
    assert failures(report, "ignored") == []
    assert failures(report, "worded") == ["Cell 1"]


def test_nothing_else_failed(report):
    assert re.search(r"^=+ 3 failed, 15 passed in .*=+$", report, re.MULTILINE)
