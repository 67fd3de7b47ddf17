"""What is written back as LaTeX is read again as the same line."""

import re

import pytest

from mfteach.symbolic import lecture
from mfteach.symbolic.indexed_sums import same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.latex import as_latex

LINES = [
    "sum_{j in I_i} -v_js (r_ij - rhat_ij)",
    "-sum_j (e_ij + 1/2)",
    "u_is - (v_js - r_ij)",
    "u_is * -v_js",
    "-(u_is + v_js)",
    "u_is + -v_js",
    "(sum_q u_iq) v_js",
    "(u_is v_js)^2",
    "(-u_is)^2",
    "(1/2)^2 2^3 3",
    "2 * 3 * 2^2",
    "lambda u_is / 2",
    "(d/du_is e_ij) e_ij",
    "d^2J/(du_is dv_lt)",
    "d/du_is (u_is^2 + u_is)",
    "dJ^ridge/du_is",
    "(J^ridge)^2",
    "sum_{q=1}^{k-1} u_iq",
    "sum_{i,j} e_ij",
    "sum_{(i,j) in S} e_ij",
    "sum_{i in U_j} |I_i| |U_j|",
    "u_{12} + u_{i,12}",
    "u_i^T v_j",
    "||U||_F^2 + ||u_i - x||^2",
    "[-(W∘E)^T U + lambda V]_js",
    "((W∘(U V^T)) V)_is",
    "(x^T (V^T V + lambda I))_s",
    "etilde_ij",
    "0.5 e_ij",
]


@pytest.mark.parametrize("text", LINES)
def test_a_typed_line_written_as_latex_is_the_same_line(text):
    reading = NOTATION.understand(text)
    again = NOTATION.understand(as_latex(reading.tree))
    assert same(again.expression, reading.expression, reading.ranges)
    assert as_latex(again.tree) == as_latex(reading.tree)


def without_brackets(latex):
    """Drop brackets and spaces: brackets are written where they are needed."""
    return re.sub(r"\\(?:left|right)\b|[()\s]", "", latex)


@pytest.mark.parametrize("build", lecture.ALL)
def test_the_lecture_s_lines_stay_as_they_are(build):
    for line in build():
        written = as_latex(NOTATION.understand(line.latex).tree)
        assert same(NOTATION.read(written), NOTATION.read(line.latex))
        assert without_brackets(written) == without_brackets(line.latex)


def test_an_update_has_an_arrow():
    tree = NOTATION.understand("u_is <- u_is - eta dJ/du_is").tree
    assert as_latex(tree) == (r"u_{is} \leftarrow u_{is} - \eta \frac{\partial J}{\partial u_{is}}")
