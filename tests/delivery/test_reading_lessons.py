"""What each cell of a lesson is for, and how its text is cut."""

import pytest
from delivery.lessons import Cell, blocks, lessons

COURSE = {lesson.number: lesson for lesson in lessons()}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}


def code(source, *tags, outputs=()):
    return Cell(0, "code", source, frozenset(tags), tuple(outputs))


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (Cell(0, "markdown", "# A title"), "text"),
        (code("# Run this first: it says so"), "first lines"),
        (code('import numpy as np\nplt.style.use("mfteach.course")'), "imports"),
        (code('guess("05-a", ...)'), "guess"),
        (code('outcome("05-a")', "hide-output"), "outcome"),
        (code('answer = ...\ncheck("05-1", answer)'), "answer"),
        (code("assert 1 + 1 == 2", "hide-input"), "held"),
        (code("print(2)", "hide-input", outputs=[printed("2\n")]), "drawing"),
        (code("x = 2"), "code"),
    ],
)
def test_a_cell_is_known_by_what_it_calls(cell, kind):
    assert cell.kind == kind


def test_what_is_said_to_whoever_types_is_left_out_and_the_rest_stays():
    cell = code("", outputs=[printed("c = 1\nNot answered yet: put your answer in.\n")])
    assert [each["text"] for each in cell.shown] == ["c = 1\n"]
    assert code("", outputs=[printed("No guess yet: write it.\n")]).shown == []


def test_a_text_is_cut_into_headings_paragraphs_and_boxes():
    text = (
        "Before.\n\n## A heading\nRight below.\n\n**Predict.** What?\n\nAnd why?\n\n"
        "**On trust:** a theorem.\n\n**1. First.** Do.\n\n**On trust:** inside.\n\n**2. Next.** Go."
    )
    assert [(block.kind, block.title, block.text) for block in blocks(text)] == [
        ("paragraph", "", "Before."),
        ("heading", "", "## A heading"),
        ("paragraph", "", "Right below."),
        ("predict", "", "What?\n\nAnd why?"),
        ("paragraph", "", "**On trust:** a theorem."),
        ("exercise", "1. First.", "Do.\n\n**On trust:** inside."),
        ("exercise", "2. Next.", "Go."),
    ]


def test_a_fence_is_never_cut():
    text = "```console\nmake\n\n# no heading\n```"
    assert [block.text for block in blocks(text)] == [text]


@pytest.mark.parametrize("lesson", COURSE.values(), ids=lambda lesson: lesson.number)
def test_each_exercise_of_a_lesson_is_found_once(lesson):
    found = [
        block.title.partition(".")[0]
        for cell in lesson.cells
        if cell.kind == "text"
        for block in blocks(cell.source)
        if block.kind == "exercise"
    ]
    assert found == [str(number) for number in range(1, len(found) + 1)]
    assert len(found) >= 2


def test_a_heading_that_is_missing_is_named():
    with pytest.raises(ValueError, match=r"05_walking_downhill\.ipynb has no heading 'Nowhere'"):
        COURSE["05"].section("Nowhere")
