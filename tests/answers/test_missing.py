"""Whether there is an answer at all."""

import numpy as np
import pytest

from mfteach.answers.missing import NOT_ANSWERED, is_missing, not_answered
from mfteach.grading.submissions import typed


@pytest.mark.parametrize("answer", [None, ..., "", " ", "\n\t"])
def test_what_a_notebook_starts_with_is_not_an_answer(answer):
    assert is_missing(answer) is True


@pytest.mark.parametrize("answer", [0, False, "0", [], np.zeros(2), np.nan, print, "None"])
def test_everything_else_is_an_answer(answer):
    assert is_missing(answer) is False


def test_marks_and_notebooks_say_it_in_the_same_words():
    assert typed.NOT_ANSWERED is NOT_ANSWERED
    assert not_answered("do.") == "Not answered yet: do."
