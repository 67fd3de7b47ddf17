"""Replies to the exercises inside a lesson."""

import numpy as np
import pytest

from mfteach.lessons import feedback


@pytest.mark.parametrize("answer", [None, ..., "", "  "])
def test_nothing_yet(answer, capsys):
    feedback(answer, right=4)
    assert capsys.readouterr().out.startswith("Not answered yet")


@pytest.mark.parametrize("answer", [4, 4.0, "4", np.float32(4), 3.999])
def test_right(answer, capsys):
    feedback(answer, right=4)
    assert capsys.readouterr().out == "Right.\n"


def test_a_known_slip_has_its_own_hint(capsys):
    feedback(-4, right=4, hints={8: "Half of it.", -4: "The sign."})
    assert capsys.readouterr().out == "Not yet. The sign.\n"


def test_an_unknown_slip_gets_general_advice(capsys):
    feedback(5, right=4, hints={8: "Half of it."})
    assert capsys.readouterr().out.startswith("Not yet: it is too high. Read")


@pytest.mark.parametrize("answer", [np.nan, np.inf])
def test_what_is_not_a_finite_number_is_not_right(answer, capsys):
    feedback(answer, right=4)
    assert capsys.readouterr().out.startswith(f"Your answer is not finite: it is {answer}.")


def test_a_word_is_not_a_number(capsys):
    feedback("four", right=4)
    assert "is 'four', which is not a number. Type numbers only" in capsys.readouterr().out


def test_the_shape_is_reported_before_the_entries(capsys):
    feedback([1, 2], right=[1, 2, 3])
    assert (
        "a list of 2 numbers; the question asks for a list of 3 numbers" in capsys.readouterr().out
    )


def test_the_wrong_entry_is_named_but_not_the_right_value(capsys):
    feedback([1, 7, 3], right=(1, 22, 3))
    told = capsys.readouterr().out
    assert told.startswith("Not yet: the entry at [1] is too low. Read")
    assert "22" not in told


def test_a_hint_applies_to_a_list_whose_entries_are_all_the_slip(capsys):
    feedback([0, 0], right=[1, 2], hints={0: "Not flat."})
    assert capsys.readouterr().out == "Not yet. Not flat.\n"
    feedback([0, 1], right=[1, 2], hints={0: "Not flat."})
    assert "Not flat" not in capsys.readouterr().out


def test_a_right_answer_that_is_not_a_number_is_an_error_of_the_lesson():
    with pytest.raises(ValueError, match="right must hold numbers, but is 'four'"):
        feedback(4, right="four")


def test_the_tolerance_is_relative_to_the_largest_entry(capsys):
    feedback([1000.4, 0.4], right=[1000, 0], tolerance=1e-3)
    feedback(0.11, right=0.1, tolerance=1e-3)
    assert capsys.readouterr().out.splitlines()[0] == "Right."
    feedback(0.11, right=0.1, tolerance=1e-3)
    assert capsys.readouterr().out.startswith("Not yet")
