"""Whatever the notebooks print in the lecture's letters, the reader reads."""

import html
import json
import re
from pathlib import Path

import pytest

from mfteach.symbolic.lecture import NOTATION

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
WITH_RATINGS = sorted(NOTEBOOKS.glob("0[6-9]_*.ipynb")) + sorted(NOTEBOOKS.glob("1?_*.ipynb"))
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
SIGNS = re.compile(r"\\sum|\\partial|\\hat")
# Of the text between the outputs, formulas that are meant to be no line of a derivation.
NOT_A_LINE = {
    "the slide's own line, with its slips": r"\sum_{j \in I} \Big(",
    "a piece of a formula": r"\dots",
    "a sum sign alone": r"\sum_{s=1}^{k}",
    "a derivative sign alone": r"\partial / \partial u_{is}",
    "the same with numbers": r"\partial / \partial u_{11}",
    "one entry of a table of seven users": r"\partial u_{41}",
    "the same, in the exit check": r"\partial u_{61}",
    "one number, learned from noisy ratings": r"\text{noise}",
    "two updates in one formula": r"\qquad V \leftarrow",
    "two updates for one rating": r"\qquad v_j \leftarrow",
    "numbers put in": r"\sum (r - 3 - c)",
    "a measure of predictions": r"\mathrm{RMSE}",
    "measures of lists": r"\mathrm{rel}_p",
    "a mean with a penalty": r"{n_j + \beta}",
    "normal equations with a matrix": r"n_i\, \mathbf 1",
    "a weight and its loss in one formula": r"\qquad J^{\mathrm{implicit}}",
}


def printed(path, *, outputs):
    """Yield the formulas in the outputs of a notebook, or in its text."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        texts = ["".join(cell["source"])] if cell["cell_type"] == "markdown" else []
        if outputs:
            kinds = ("text/html", "text/markdown")
            found = [output.get("data", {}) for output in cell.get("outputs", [])]
            texts = ["".join(data[kind]) for data in found for kind in kinds if kind in data]
        for text in texts:
            for match in _FORMULA.finditer(html.unescape(text)):
                yield (match[1] or match[2]).replace("{}=", "=").strip()


@pytest.mark.parametrize("path", WITH_RATINGS, ids=lambda path: path.stem[:2])
def test_every_formula_in_an_output_is_read(path):
    for formula in printed(path, outputs=True):
        # A single letter in what is said about a formula is no line of a derivation.
        if not (formula.startswith("=") or SIGNS.search(formula)):
            continue
        reading = NOTATION.understand(formula, whole=True)
        assert reading.text == formula


def test_the_outputs_hold_the_derivations():
    found = [formula for path in WITH_RATINGS for formula in printed(path, outputs=True)]
    assert len(found) > 60


@pytest.mark.parametrize("path", WITH_RATINGS, ids=lambda path: path.stem[:2])
def test_every_sum_and_derivative_in_the_text_is_read(path):
    for formula in printed(path, outputs=False):
        if not SIGNS.search(formula):
            continue
        if any(piece in formula for piece in NOT_A_LINE.values()):
            continue
        reading = NOTATION.understand(formula, whole=True)
        assert reading.text == formula
