"""Lessons that ask by id: nothing is given away, every question is asked, every claim is held."""

import copy
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import nbformat.v4 as v4
import pytest
from checks import read
from claims import claims, held, problems
from converted import (
    CHECKS,
    NOT_YET,
    checks_say_not_answered,
    endings_are_complete,
    exercises_are_numbered,
    figures_are_drawn_in_the_package,
    folded_outputs_begin_with_nothing,
    ids_are_those_of_the_package,
    nothing_is_given_away,
    old_faces_are_gone,
    predictions_are_folded,
    right_answers_are_not_seen,
    scaffolding_is_out_of_the_way,
    text_tells_no_outcome,
)

from mfteach.lessons import drawings
from mfteach.lessons.questions.finding import lessons, questions

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.ipynb"))}
CONVERTED = {name: book for name, book in NOTEBOOKS.items() if name[:2] not in NOT_YET}
PILOT = "05_walking_downhill"


def test_the_list_of_lessons_not_yet_converted_is_true():
    numbers = {name[:2] for name in NOTEBOOKS}
    assert numbers >= NOT_YET
    assert set(lessons()) == numbers - NOT_YET


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", CONVERTED)
def test_lesson(name, check):
    found = check(name, CONVERTED[name])
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", CONVERTED)
def test_each_claim_is_held(name):
    found = problems(name, CONVERTED[name], held(name[:2]))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("module", [module.name for module in iter_modules(drawings.__path__)])
def test_each_drawing_is_drawn_in_its_lesson(module):
    (book,) = (book for name, book in CONVERTED.items() if f"lesson_{name[:2]}" == module)
    code = "\n".join(cell.source for cell in book.cells)
    one_by_one = import_module(f"mfteach.lessons.drawings.{module}").__all__
    assert [one for one in one_by_one if not re.search(rf"\b{one}\(", code)] == []


# From here on: the pilot, doctored ---------------------------------------------------------------


def cell_with(notebook, words):
    return next(cell for cell in notebook.cells if words in cell.source)


def add(words, text):
    def doctor(notebook):
        cell_with(notebook, words).source += f"\n{text}"

    return doctor


def swap(old, new):
    def doctor(notebook):
        cell = cell_with(notebook, old)
        cell.source = cell.source.replace(old, new)

    return doctor


def untag(words):
    def doctor(notebook):
        cell_with(notebook, words).metadata = {}

    return doctor


def answer_first(notebook):
    cell_with(notebook, 'check("05-1"').outputs = [
        v4.new_output("stream", name="stdout", text="Right.\n")
    ]


def add_a_code_cell(source):
    def doctor(notebook):
        notebook.cells.append(v4.new_code_cell(source))

    return doctor


def shows_at_once(notebook):
    cell_with(notebook, "draw.parabolas(").outputs = [
        v4.new_output("stream", name="stdout", text="\n1/6 is the fastest\n")
    ]


HINT = questions("05")["05-1"].hints[0]
SOLUTION = questions("05")["05-3"].solution
EXERCISE = "**1. The largest safe step.**"
BITES = [
    (ids_are_those_of_the_package, swap('check("05-1"', 'check("05-7"'), "05-7"),
    (ids_are_those_of_the_package, swap('outcome("05-b")', "pass"), "outcome('05-b'"),
    (ids_are_those_of_the_package, swap('hint("05-1")', 'hint("05-9")'), "05-9"),
    (exercises_are_numbered, add(EXERCISE, "**4. More.** What?"), "exercise 4"),
    (old_faces_are_gone, add_a_code_cell("feedback(answer, 3)"), "feedback"),
    (old_faces_are_gone, add(EXERCISE, "<details><summary>Solution</summary>"), "package"),
    (old_faces_are_gone, add_a_code_cell("ask(right=3)"), "right="),
    (nothing_is_given_away, add(EXERCISE, f"\n\n{HINT}"), "05-1 is given away"),
    (nothing_is_given_away, add("## In short", SOLUTION), "05-3 is given away"),
    (nothing_is_given_away, swap("answer = ...  # a number", "answer = ...  # 0.2"), "0.2"),
    (nothing_is_given_away, add("You descend $f(x) = 50x^2$", "Is it 0.02?"), "0.02"),
    (right_answers_are_not_seen, add("## In short", "`place - eta * slope`"), "05-2"),
    (checks_say_not_answered, answer_first, "05-1"),
    (checks_say_not_answered, add_a_code_cell('hint("05-1")'), "for the student to call"),
    (predictions_are_folded, untag("draw.parabolas("), "05-b"),
    (predictions_are_folded, untag('outcome("05-c")'), "05-c"),
    (folded_outputs_begin_with_nothing, shows_at_once, "1/6 is the fastest"),
    (
        text_tells_no_outcome,
        add("is not the best rate", "Each step leaves nine tenths of it."),
        "nine tenths",
    ),
    (figures_are_drawn_in_the_package, add_a_code_cell("fig, ax = plt.subplots()"), "lesson_05"),
    (scaffolding_is_out_of_the_way, add("draw.saddle(", "assert True"), "an assert"),
    (scaffolding_is_out_of_the_way, add('check("05-1"', "assert True"), "an assert"),
    (scaffolding_is_out_of_the_way, add_a_code_cell("# NBVAL_IGNORE_OUTPUT"), "tag"),
    (endings_are_complete, swap("1. The gradient points in", "The gradient points in"), "4"),
    (endings_are_complete, swap("../exercises/release/05-downhill", "05"), "graded"),
    (endings_are_complete, swap("## Further reading", "## More"), "Further reading"),
]


@pytest.mark.parametrize(("check", "doctor", "words"), BITES)
def test_check_bites(check, doctor, words):
    notebook = copy.deepcopy(NOTEBOOKS[PILOT])
    doctor(notebook)
    found = check(PILOT, notebook)
    assert any(words in problem for problem in found), found


def test_every_check_was_seen_biting():
    assert {check for check, *_ in BITES} == set(CHECKS)


@pytest.mark.parametrize(
    "claim",
    [
        "The walk takes 17 steps.",
        "A longer step is faster.",
        "This is the best rate.",
        "Most walks end there.",
        "The limit is $2/L = 0.2$.",
        "SGD needs fewer epochs.",
        "It never arrives.",
    ],
)
def test_a_new_claim_must_be_held(claim):
    notebook = copy.deepcopy(NOTEBOOKS[PILOT])
    add("## Downhill, and how far", f"\n{claim}")(notebook)
    assert any(claim in problem for problem in problems(PILOT, notebook, held("05")))


@pytest.mark.parametrize(
    "sentence",
    [
        "How many steps does it take?",
        "Lesson 09 starts at random.",
        "See lessons 01 to 04.",
        "The function is $f(x) = 3x^2$.",
        "Type `rate = 0.1` there.",
    ],
)
def test_a_question_or_a_pointer_claims_nothing(sentence):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(sentence)])
    assert sentence not in claims("05_x", notebook)


def test_what_holds_a_claim_must_be_there():
    holds = dict(held("05"))
    part = next(iter(holds))
    for by in ("assert nothing", "tests/notebooks/claims.py::test_none", "because"):
        found = problems(PILOT, NOTEBOOKS[PILOT], {**holds, part: by})
        assert any("which is not there" in problem for problem in found)
    found = problems(PILOT, NOTEBOOKS[PILOT], {**holds, "no such words": "computed"})
    assert any("no sentence contains" in problem for problem in found)
