"""Answers are read from cells as data: nothing is run, and no honest student loses points."""

import time

import pytest
from classroom import COURSE, NAME

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions import typed as answers
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.syntax import MAX_ENTRIES, MAX_SOURCE, without_magics
from mfteach.grading.submissions.typed import (
    NOT_ANSWERED,
    Typed,
    defines,
    program,
    typed,
)

ASSIGNMENT = Assignment.load(COURSE, NAME)
CHOICE, FORMULA, NUMBER, FUNCTION, TEXT = (
    ASSIGNMENT[name] for name in ("q1", "q3", "q4", "q6", "q7")
)


def submission(*cells):
    """Each cell: its source, or source and grade_id, or source, grade_id and kind."""
    made = [(cell,) if isinstance(cell, str) else cell for cell in cells]
    cells = tuple(Cell(kind, source, grade_id) for source, grade_id, kind in map(_whole, made))
    read = Submission("s1", cells, "0" * 64)
    return read.with_code(syntax.read(read.sources))


def _whole(cell):
    return (*cell, *(None, "code")[len(cell) - 1 :]) if len(cell) < 3 else cell


def answer(question, *cells):
    return typed(submission(*cells), question)


# Letters and formulas ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('q1 = "B"', "B"),
        ("q1 = ' b '", "b"),
        ('q1: str = "B"', "B"),
        ('x = q1 = "B"', "B"),
        ('q1 = ""\nq1 = "C"', "C"),
        ('q1 = "C"\nq1 = ""', "C"),  # the last of several that contains an answer
        ('%matplotlib inline\nq1 = "B"', "B"),
        ('this is no Python\nq1 = "B"', "B"),
    ],
)
def test_a_letter_is_a_literal(source, text):
    assert answer(CHOICE, (source, "q1")) == Typed(text=text)


@pytest.mark.parametrize("source", ["", "q1 = ''", "q1 = None", "q2 = 'B'", "if 1:\n    q1 = 'B'"])
def test_no_answer(source):
    assert answer(CHOICE, (source, "q1")) == Typed(problem=NOT_ANSWERED)


@pytest.mark.parametrize("source", ["q1 = B", "q1 = chr(66)", "q1 = 'A' * 1", "q1 = 1", "q1 = ("])
def test_what_is_not_a_literal_is_not_run_and_says_what_to_do(source):
    problem = 'This cannot be read: put your answer in quotes, as "A".'
    assert answer(CHOICE, (source, "q1")).problem == problem


def test_a_formula_is_text_or_a_bare_number():
    assert answer(FORMULA, ('q3 = "2x^3"', "q3")).text == "2x^3"
    assert answer(FORMULA, ("q3 = 7", "q3")).text == "7"
    assert answer(FORMULA, ("q3 = True", "q3")).problem.endswith(
        'put your answer in quotes, as "2x^3".'
    )
    assert answer(FORMULA, ("q3 = 2*x", "q3")).problem.endswith(
        'put your answer in quotes, as "2x^3".'
    )


def test_the_cell_of_the_question_counts_before_all_others():
    assert answer(CHOICE, ('q1 = "A"', "q1"), 'q1 = "B"').text == "A"
    assert answer(CHOICE, ('q1 = ""', "q1"), 'q1 = "B"', 'q1 = ""').text == "B"
    assert answer(CHOICE, ('q1 = "A"', "q1"), ('q1 = "C"', "q1")).text == "C"  # duplicated


def test_cells_that_lost_their_names_or_their_order_cost_nothing():
    assert answer(CHOICE, 'q2 = "D"', 'q1 = "B"').text == "B"
    assert answer(CHOICE, ('q1 = "B"', "renamed")).text == "B"
    assert answer(CHOICE, ('q1 = "B"', "q1", "markdown")).problem == NOT_ANSWERED
    assert answer(CHOICE, ('q1 = "B"', None, "raw")).text == "B"


def test_of_several_problems_that_of_the_question_s_cell_is_reported():
    assert answer(CHOICE, ("q1 = 3", "q1"), "q1 = None").problem.startswith("This cannot be read")


# Numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("q4 = 1.5", 1.5),
        ("q4 = -3/2", -1.5),
        ("q4 = +2", 2.0),
        ("q4 = (1 + 2) * 2**3", 24.0),
        ("q4 = [1, -0.5, [2]]", [1.0, -0.5, [2.0]]),
        ("q4 = (1, 2)", [1.0, 2.0]),
        ('q4 = "3/4"', 0.75),
        ("q4 = 4 + 0j", 4.0),
        ("q4 = [1, 2 - 0j]", [1.0, 2.0]),
    ],
)
def test_a_number_is_a_literal_or_plain_arithmetic(source, value):
    assert answer(NUMBER, (source, "q4")) == Typed(value=value)


@pytest.mark.parametrize("source", ["q4 = f(7)", "q4 = x", "q4 = [1, y]", "q4 = True", "q4 = -x"])
def test_a_number_that_code_computes_comes_from_the_worker(source):
    assert answer(NUMBER, (source, "q4")) == Typed(computed=True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("q4 = 1/0", ""),
        ("q4 = 9**9**9**9", ""),
        ("q4 = 1e400 - ", "This line is not Python"),
        ('q4 = "two"', "This cannot be read as a number"),
        (f"q4 = [{'1,' * (MAX_ENTRIES + 1)}]", "more than 10000 numbers"),
        (f"q4 = {'-' * 300}1", ""),
        (f"q4 = {'9' * 400}", "too large"),
    ],
)
def test_an_invalid_number_says_so(source, said):
    found = answer(NUMBER, (source, "q4"))
    assert found.value is None
    assert not found.computed
    assert said in found.problem


def test_an_empty_number():
    for source in ("q4 = None", 'q4 = ""', "q4"):
        assert answer(NUMBER, (source, "q4")).problem == NOT_ANSWERED


def test_a_cell_of_any_length_and_depth_is_survived():
    assert answer(CHOICE, ('q1 = "B"' + " " * MAX_SOURCE, "q1")).problem is not None
    assert answer(NUMBER, ("q4 = " + "(" * 5000, "q4")).problem is not None
    assert answer(CHOICE, 'q1 = "B" # \0').problem is not None


# Texts -------------------------------------------------------------------------------------------


def test_a_text_is_its_cell_without_the_stub():
    stub = "*Your answer here: put your text in place of this line.*"
    assert answer(TEXT, (stub, "q7", "markdown")).problem == NOT_ANSWERED
    assert answer(TEXT, (f"{stub}\n\nBelow it.", "q7", "markdown")).text == "Below it."
    assert answer(TEXT, ("One.", "q7", "markdown"), ("Two.", "q7", "markdown")).text == "Two."


def test_a_text_whose_cell_lost_its_name_is_found_below_its_heading():
    cells = ("## 6. A function", None, "markdown"), ("Not this.", None, "markdown")
    more = ("## 7. Slope 0 is not enough", None, "markdown"), ("This.", None, "markdown")
    assert answer(TEXT, *cells, *more).text == "This."
    assert answer(TEXT, *cells).problem == NOT_ANSWERED


# Programs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("a = 1", "a = 1"),
        ("%matplotlib inline\na = 1", "pass\na = 1"),
        ("if True:\n    !ls\na = 1", "if True:\n    pass\na = 1"),
        ("files = !ls\na = 1", "pass\na = 1"),
        ("tangent_line?\na = 1", "pass\na = 1"),
        ("%%time\na = 1", "a = 1"),
        ("%%bash\nrm -rf /", ""),
    ],
)
def test_magics_are_removed(source, plain):
    assert without_magics(source) == plain


def test_an_unanswered_copy_of_a_function_does_not_hide_the_answered_one():
    stub = 'def f(x):\n    """Text."""\n    raise NotImplementedError("write f")'
    good = "def f(x):\n    return x"
    assert program(submission(good, stub)) == [good, "\n\n"]
    assert program(submission(stub)) == [stub]
    assert program(submission(good, "@deco\ndef f(x):\n    raise NotImplementedError")) == [
        good,
        "\n\n",
    ]
    assert program(submission(good, "def f(x):\n    'Text.'")) == [good, "\n"]
    assert program(submission(good, "no python here", ("# text", None, "markdown"))) == [
        good,
        "no python here",
    ]


def test_only_line_ends_of_python_end_a_line():
    """A text copied from a page may hold others; taken for line ends, they broke the cell."""
    odd = 'def g():\n    return "a\u2028b\x0cc\x85d"'
    stub = "def f(x):\r\n    raise NotImplementedError\r\n"
    assert program(submission(odd, "def f(x):\n    return x", stub + odd)) == [
        odd,
        "def f(x):\n    return x",
        "\n\n" + odd,
    ]


def test_no_line_makes_a_search_backtrack_without_end():
    """Each of these took a time that grows with the square of its length: a minute, or hours."""
    began = time.process_time()
    long = MAX_SOURCE - 10
    assert without_magics("%x\n" + " " * long + "$") == "pass\n" + " " * long + "$"
    assert without_magics("%x\n" + "a, " * (long // 3) + "$").startswith("pass\n")
    assert not defines("\n" * 100_000, "f")
    assert not defines("def " + " " * 100_000, "f")
    assert answers.source(submission("\n" * 100_000, "q4" + "\n" * 100_000), NUMBER) == ""
    assert time.process_time() - began < 2


def test_defines():
    assert defines("x = 1\ndef  f (x", "f")
    assert not defines("def ff(x): pass", "f")


# What the marker sees ----------------------------------------------------------------------------


def test_the_source_of_a_question():
    written = submission(
        ('q1 = "B"', "q1"), "def tangent_line(c, n, p): pass", ("Text.", "q7", "markdown")
    )
    assert answers.source(written, CHOICE) == 'q1 = "B"'
    assert answers.source(written, FUNCTION) == "def tangent_line(c, n, p): pass"
    assert answers.source(written, TEXT) == "Text."
    assert answers.source(written, NUMBER) == ""
    assert answers.source(submission("q4 = 3"), NUMBER) == "q4 = 3"
    long = submission(("x" * 60_000, "q7", "markdown"))
    assert len(answers.source(long, TEXT)) == answers.MAX_SHOWN
