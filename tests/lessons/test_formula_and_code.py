"""A formula beside the line of code that computes it."""

import pytest

import mfteach as mf
from mfteach.lessons import formula_and_code

LINE = "J = 0.5 * _square_sum(e)"


def test_the_pair_is_shown_in_words_and_typeset():
    pair = formula_and_code([(r"J < \frac12", mf.Loss.value, LINE)])
    assert repr(pair) == "J < \\frac12\n    Loss.value: " + LINE
    page = pair._repr_html_()
    assert r"$\displaystyle J &lt; \frac12$" in page and f"<code>{LINE}</code>" in page


@pytest.mark.parametrize("line", ["J = _square_sum(e)", "", "return 2"])
def test_a_line_that_is_not_there_is_refused(line):
    if line == "":
        line = "e = self.errors(point)"
    with pytest.raises(ValueError, match=r"Loss\.value has no line .*: copy the line"):
        formula_and_code([("J", mf.Loss.value, line)])
