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


def cell(source, **data):
    outputs = [v4.new_output("display_data", {f"text/{kind}": data[kind] for kind in data})]
    return v4.new_code_cell(source, execution_count=1, outputs=outputs)


def number(stored, mark="# compared"):
    return cell(f"{mark}\n6 * 7", plain=stored)


def picture(stored="AAAA", alt="A line."):
    page = f'<figure><img src="data:image/png;base64,{stored}" alt="{alt}"></figure>'
    return cell(SHOW, html=page, plain="A line.")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What pytest says of a true and of a doctored notebook under the project's settings."""
    folder = tmp_path_factory.mktemp("nbval")
    ignored = "# NBVAL_IGNORE_OUTPUT"
    true = [number("42"), picture(), picture(stored="BBBB"), number("43", ignored)]
    doctored = [
        number("42"),
        number("43"),
        picture(alt="A curve."),
        number("43", f"{ignored} since it may differ"),
    ]
    nbformat.write(v4.new_notebook(cells=true), folder / "true.ipynb")
    nbformat.write(v4.new_notebook(cells=doctored), folder / "doctored.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    options = ["-v", "--color=no", "--no-header", str(folder)]
    run = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
    return run.stdout


def verdicts(report, name):
    """Return the verdict on each code cell of a notebook, in order."""
    return re.findall(rf"{name}\.ipynb::Cell \d (PASSED|FAILED)", report)


def test_true_numbers_and_words_pass_and_so_do_other_pixels_and_a_bare_mark(report):
    assert verdicts(report, "true") == ["PASSED"] * 4


def test_a_wrong_number_a_wrong_alt_text_and_a_mark_with_words_fail(report):
    assert verdicts(report, "doctored") == ["PASSED", "FAILED", "FAILED", "FAILED"]


def test_the_report_names_notebook_cell_and_both_numbers(report):
    assert re.search(r"^FAILED .*doctored\.ipynb::Cell 1", report, re.MULTILINE)
    assert "'43' == '42'" in report
