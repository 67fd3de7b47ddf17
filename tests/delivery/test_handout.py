"""What the handout prints of a lesson: all that is shown, nothing that only a screen can do."""

import pytest
from delivery.handout import _lesson
from delivery.lessons import lessons
from delivery.markup import of_output

COURSE = {lesson.number: lesson for lesson in lessons()}


@pytest.mark.parametrize("lesson", COURSE.values(), ids=COURSE)
def test_every_figure_every_ledger_and_whatever_is_printed_is_on_paper(lesson):
    page = _lesson(lesson)
    cells = [cell for cell in lesson.cells if cell.kind != "answer"]  # begun, for whoever types
    shown = [of_output(output) for cell in cells for output in cell.shown]
    for part in ("<figure", "mfteach-derivation", "mfteach-ledger", "<mf-live"):
        assert page.count(part) == sum(each.count(part) for each in shown), part
    assert page.count("data:image") == sum(each.count("data:image") for each in shown)
    assert all(each in page for each in shown if each.startswith("<pre>"))


@pytest.mark.parametrize("lesson", COURSE.values(), ids=COURSE)
def test_nothing_on_paper_waits_for_a_hand(lesson):
    page = _lesson(lesson)
    assert "<script" not in page and "<button" not in page
    assert "Put your answer" not in page
    assert "in place of the dots" not in page.partition("Exercises</h2>")[2]


def test_an_error_that_a_lesson_shows_is_printed_with_its_name():
    output = {"output_type": "error", "ename": "ValueError", "evalue": "a < b", "traceback": []}
    assert of_output(output) == "<pre>ValueError: a &lt; b</pre>"
