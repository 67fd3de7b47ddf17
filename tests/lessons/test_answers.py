"""Every check of every lesson, with answers that students give; a file for each lesson.

``answers/lesson_05.py`` holds ``RIGHT``, at least three forms for each question, and ``WRONG``, at
least three answers with words that the reply must contain; ``GIVEN`` holds what the lesson gives
to ``check``, where the right answer depends on it. Nothing has to be registered: the files are
found by the names of the lessons in the package.
"""

import re
import runpy
from pathlib import Path

import pytest

from mfteach.lessons.questions.finding import lessons, question, questions
from mfteach.lessons.questions.kinds import Choice, Function, Number, Several, TrueFalse

FOLDER = Path(__file__).parent / "answers"
FORMS = {Choice: 2, TrueFalse: 2}
"""How many right forms are asked for, where it is not three."""

FILES = {lesson: runpy.run_path(str(FOLDER / f"lesson_{lesson}.py")) for lesson in lessons()}
ASKED = [name for lesson in lessons() for name in questions(lesson)]
CASES = {
    kind: [
        pytest.param(name, case, id=f"{name} {number}")
        for lesson, file in FILES.items()
        for name, cases in file[kind].items()
        for number, case in enumerate(cases)
    ]
    for kind in ("RIGHT", "WRONG")
}


def reply(name, answer):
    given = FILES[name[:2]].get("GIVEN", {}).get(name, {})
    return question(name).reply(answer, **given)


def test_each_file_answers_the_questions_of_its_lesson():
    for lesson, file in FILES.items():
        assert file["RIGHT"].keys() == file["WRONG"].keys() == questions(lesson).keys(), lesson
    assert {path.stem[7:] for path in FOLDER.glob("lesson_*.py")} == set(lessons())


@pytest.mark.parametrize("name", ASKED)
def test_there_are_three_right_and_three_wrong_answers(name):
    file = FILES[name[:2]]
    assert len(file["RIGHT"][name]) >= FORMS.get(type(question(name)), 3)
    assert len(file["WRONG"][name]) >= 3


@pytest.mark.parametrize(("name", "answer"), CASES["RIGHT"])
def test_a_right_answer_is_accepted_in_this_form(name, answer):
    found = reply(name, answer)
    assert found.right, found.message
    assert found.message.startswith("Right.")


@pytest.mark.parametrize(("name", "case"), CASES["WRONG"])
def test_a_wrong_answer_is_refused_and_told_why(name, case):
    answer, words = case
    found = reply(name, answer)
    assert not found.right
    assert found.answered
    assert words in found.message
    assert "Right." not in found.message


@pytest.mark.parametrize("name", ASKED)
def test_no_two_wrong_answers_that_can_be_told_apart_get_the_same_sentence(name):
    replies = [words for _, words in FILES[name[:2]]["WRONG"][name] if words not in GENERAL]
    assert len(set(replies)) == len(replies)


GENERAL = {"too low", "too high", "", "not a number", "cannot be read"}
"""What is said where no slip is known."""


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("nothing", [None, ..., "", "  ", [..., ...]])
def test_nothing_answered_is_never_right_or_wrong(name, nothing):
    found = reply(name, nothing)
    assert found.message.startswith("Not answered yet:")
    assert (found.right, found.answered) == (False, False)


def slips(asked):
    """Yield the slips that a question knows by name, also those of its parts."""
    for part in asked.parts.values() if isinstance(asked, Several) else [asked]:
        if isinstance(part, Number | Function):
            yield from ((part, *slip) for slip in part.slips)


@pytest.mark.parametrize("name", ASKED)
def test_each_named_slip_is_refused_with_its_own_sentence(name):
    given = FILES[name[:2]].get("GIVEN", {}).get(name, {})
    for asked, slip, sentence in slips(question(name)):
        computed = slip(**given) if isinstance(asked, Number) and callable(slip) else slip
        found = asked.reply(computed, **given)
        assert not found.right
        assert sentence in found.message


@pytest.mark.parametrize("name", ASKED)
def test_each_question_has_hints_and_a_solution(name):
    asked = question(name)
    assert asked.hints
    assert len(set(asked.hints)) == len(asked.hints)
    for text in (*asked.hints, asked.solution):
        assert re.match(r"[A-Z$`\d−-]", text), text
        assert text.rstrip()[-1] in ".?!)`$|", text


@pytest.mark.parametrize("name", ASKED)
def test_no_hint_and_no_diagnosis_tells_the_number(name):
    asked = question(name)
    if not isinstance(asked, Number) or callable(asked.right) or not isinstance(asked.right, float):
        return
    told = [*asked.hints, *(sentence for _, sentence in asked.slips)]
    assert not [text for text in told if re.search(rf"(?<![\d.]){asked.right:g}(?![\d.])", text)]


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(
    "odd", [object(), {}, {1, 2}, 10**400, 1j, b"1", [[1], [2, 3]], "import os", "x" * 999, print]
)
def test_whatever_is_given_gets_a_sentence_and_no_traceback(name, odd):
    found = reply(name, odd)
    assert not found.right
    assert found.message.endswith((".", "?", "!"))
