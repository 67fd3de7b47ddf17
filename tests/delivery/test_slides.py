"""The slides of each class: what is on them, what is not, and what is said along them."""

import re

import pytest
from delivery.guides import guides
from delivery.lessons import Cell, lessons
from delivery.markup import of_markdown, sentences
from delivery.slides import _of_cell, deck

COURSE = {lesson.number: lesson for lesson in lessons()}
GUIDES = guides()
MINUTES = 75


def test_every_graded_lesson_has_a_guide():
    assert [guide.number for guide in GUIDES] == sorted(COURSE)[1:]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.number)
def test_a_class_takes_75_minutes_along_the_headings_of_its_lesson(guide):
    assert sum(part.minutes for part in guide.parts) == MINUTES
    headings = ["Hook and poll", *COURSE[guide.number].headings]
    places = [headings.index(part.heading) for part in guide.parts]
    assert places == sorted(places)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.number)
def test_a_guide_has_what_a_teacher_needs(guide):
    text = guide.file.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [
        "Along the slides",
        "Poll, and what each answer says",
        "On the board",
        "Leave out if time is short",
        "Homework and marks",
    ]
    assert f"assignment {guide.number}" in text


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.number)
def test_slides_ask_before_they_show_and_speak_along_the_guide(guide):
    slides = deck(COURSE[guide.number], guide)
    looks = [slide.look for slide in slides]
    assert looks[0] == "title"
    assert slides[-1].heading == "In short"
    assert looks.count("predict") >= 1
    assert looks.index("predict") < looks.index("figure" if "figure" in looks else "ledger")
    notes = "".join(slide.notes for slide in slides)
    for part in guide.parts:
        assert of_markdown(part.notes) in notes, part.heading
    assert not any("mf." in slide.body and "<pre>" in slide.body for slide in slides)


def shown(source, *tags):
    return [*_of_cell(Cell(0, "markdown", source, frozenset(tags)), "")]


def test_of_a_text_the_formula_and_the_bold_sentence_are_shown_and_the_rest_is_said():
    (slide,) = shown("This is said. The **slope** is shown. Its formula:\n\n$$x^2$$\n\nAlso said.")
    assert "slope" in slide.body and r"\[x^2\]" in slide.body
    assert "This is said" not in slide.body and "Also said" not in slide.body
    assert "This is said" in slide.notes and "Also said" in slide.notes


def test_a_tag_shows_all_of_a_text_or_nothing():
    assert "This is said" in shown("This is said.", "slide")[0].body
    assert shown("**Predict.** What?", "no-slide") == []


def test_what_happened_goes_on_another_slide_when_it_is_long():
    first, second = "It falls. " * 30, "It $x. Y$ rises. " * 40
    said = f"What happened: it stops.\n\n{first}\n\n{second}"
    output = {"output_type": "display_data", "data": {"text/markdown": [said]}}
    slides = [*_of_cell(Cell(0, "code", 'outcome("05-a")', outputs=(output,)), "")]
    bodies = [slide.body for slide in slides]
    assert len(bodies) == 3 and bodies[0].startswith("<p>It stops.</p>")
    whole = " ".join(bodies)
    assert (whole.count("It falls."), whole.count("rises.")) == (30, 40)
    assert all(body.count(r"\(") == body.count(r"Y\)") for body in bodies)


def test_a_slide_has_no_word_of_where_to_type():
    (slide,) = shown("**Predict.** Where is it? Write your guess in quotes in place of the dots.")
    assert "Where is it?" in slide.body and "dots" not in slide.body


def test_a_sentence_ends_at_its_point_and_not_inside_a_formula():
    assert sentences("One. Two $x = 1. Y$ here. Three") == ["One.", "Two $x = 1. Y$ here.", "Three"]
