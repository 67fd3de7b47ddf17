"""The same slip, met in several questions, costs once."""

import pytest
from classroom import VARIANT

from mfteach.grading.marks.once import counted_once
from mfteach.grading.marks.score import RIGHT, Score

ANSWERS = {name: VARIANT.answers[name] for name in ("q3", "q6")}
SAME = (
    "multiplied by the new exponent"  # q3 has 2 points, of which it leaves 0; in q6 it leaves 0.5
)


def scores(first, second, more=0):
    return (Score(first, 2, SAME, "No."), Score(second - more, 2, SAME, "No."))


def test_the_dearest_counts_and_the_others_say_where():
    slips = {name: next(s for s in p.check.slips if s.label == SAME) for name, p in ANSWERS.items()}
    before = scores(slips["q3"].points, slips["q6"].points)
    first, second = counted_once(ANSWERS, before)
    assert [first.points, second.points] in ([before[0].points, 2], [2, before[1].points])
    assert first.points + second.points == 2 + min(before[0].points, before[1].points)
    (given_back,) = [s for s in (first, second) if s.points == 2]
    assert given_back.label == SAME
    assert "the same slip as in question" in given_back.reason


def test_what_else_was_wrong_still_costs():
    left = next(s.points for s in ANSWERS["q6"].check.slips if s.label == SAME)
    before = (Score(0, 2, SAME, "No."), Score(left - 0.5, 2, SAME, "No. A list."))
    assert counted_once(ANSWERS, before)[1].points in (left - 0.5, 1.5)


@pytest.mark.parametrize("label", [RIGHT, "wrong", "error", "not answered"])
def test_only_named_slips_are_given_back(label):
    before = (Score(0, 2, label, ""), Score(0, 2, label, ""))
    assert counted_once(ANSWERS, before) == before


def test_one_slip_in_one_question_stays():
    before = (Score(0, 2, SAME, "No."), Score(2, 2, RIGHT, ""))
    assert counted_once(ANSWERS, before) == before
