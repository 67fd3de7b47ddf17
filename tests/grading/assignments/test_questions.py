"""Question files and checks: what is read, and what is refused with a cure."""

import shutil
from pathlib import Path

import pytest

from mfteach.answers.multiple_choice import s30, s35
from mfteach.grading.assignments.question_files import (
    Assignment,
    QuestionFileError,
    assignment_names,
)
from mfteach.grading.assignments.questions import Choice, Formula, Number, Question, Slip, label_of

COURSE = Path(__file__).parents[3] / "exercises"
THREE = [Slip("double", 4, "Twice as much."), Slip("sign", -2, "Sign."), Slip("zero", 0, "No.")]

GOOD = """
title = "A title"
lesson = "99"
[q1]
kind = "number"
points = 1
rows = "S1"
misconception = "1: slope 0 means extremum"
hint = "A hint"
shape = []
variants = { a = [1, 2] }
"""
CHECKS = """
from mfteach.grading import Number, Slip
def q1(a):
    return Number(a, [Slip(f"{i}", a + i, f"It is off by {i}.") for i in (3, 4, 5)])
"""


@pytest.fixture
def course(tmp_path):
    def write(questions=GOOD, checks=CHECKS):
        for folder, suffix, text in [("questions", "toml", questions), ("checks", "py", checks)]:
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"99-test.{suffix}").write_text(text)
        return tmp_path

    return write


def test_an_assignment_is_read_with_its_checks(course):
    assignment = Assignment.load(course(), "99-test")
    (question,) = assignment.questions
    assert (assignment.title, assignment.lesson, assignment.points) == ("A title", "99", 1)
    assert (question.name, question.kind, question.facts) == ("q1", "number", {"shape": []})
    assert question.parameters == {"a": [1, 2]}
    assert question.check({"a": 2}).right == 2
    assert assignment["q1"] is question
    with pytest.raises(KeyError, match="no question 'q2', only q1"):
        assignment["q2"]


BROKEN = {
    "no points": (("points = 1\n", ""), "q1, points: this must be a whole number"),
    "points as text": (("points = 1", 'points = "1"'), "q1, points: this must be a whole number"),
    "points are true": (("points = 1", "points = true"), "q1, points: this must be a whole number"),
    "0 points": (("points = 1", "points = 0"), "q1, points: .* at least 1 point"),
    "kind": (('"number"', '"essay"'), "q1, kind: 'essay' is not one of choice, formula, number"),
    "unknown key": (
        ("shape = []", "shape = []\nsize = 1"),
        "q1, size: the keys of a number are kind",
    ),
    "no shape": (("shape = []\n", ""), "q1, shape: this must be a list"),
    "misconception": (('"1: slope', '"slope'), "q1, misconception: begin with its number"),
    "no title": (('title = "A title"', ""), "at the top, title: this must be a string"),
    "gap": (("[q1]", "[q2]"), "the questions must be q1, not q2"),
    "no table": (("[q1]", "q1 = 3\n[q2]"), "q1: this must be a table"),
    "no TOML": (("[q1]", "[q1"), "this is not TOML"),
    "variants": (("[1, 2]", "1"), "q1, variants: a needs a list"),
    "no variants": (
        ("variants = { a = [1, 2] }", ""),
        r"takes \['a'\], but the variants draw \[\]",
    ),
    "variants no table": (("{ a = [1, 2] }", "3"), "q1, variants: .* needs a list"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_question_file_is_refused_with_file_question_and_key(course, name):
    (old, new), message = BROKEN[name]
    assert old in GOOD
    with pytest.raises(QuestionFileError, match=message) as caught:
        Assignment.load(course(GOOD.replace(old, new)), "99-test")
    assert "99-test.toml" in str(caught.value)


ESSAY = 'words = [40, 130]\ncriteria = [[1, "why"], [1, "how"]]\n'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[40, 130]", "[130, 40]", "q1, words: write the least and the largest number of words"),
        ("[40, 130]", "[40]", "q1, words: write the least"),
        (
            '[[1, "why"], [1, "how"]]',
            '["why", "how"]',
            "q1, criteria: each criterion is its points",
        ),
        ('[[1, "why"], [1, "how"]]', '[[2, "why"]]', "q1, criteria: there must be at least two"),
        ('[[1, "why"], [1, "how"]]', '[[1, "why"], [2, "how"]]', "must add up to 2"),
    ],
)
def test_a_text_has_a_length_and_two_criteria(course, old, new, message):
    good = GOOD.replace('"number"', '"text"').replace("points = 1", "points = 2")
    good = good.replace("shape = []\nvariants = { a = [1, 2] }\n", ESSAY)
    assert Assignment.load(course(good, ""), "99-test").points == 2
    with pytest.raises(QuestionFileError, match=message):
        Assignment.load(course(good.replace(old, new), ""), "99-test")


FUNCTION = (
    GOOD.replace('"number"', '"function"')
    .replace("points = 1", "points = 2")
    .replace("shape = []\nvariants = { a = [1, 2] }\n", 'name = "half"\n')
    + '[q1.shares]\n"even numbers" = 0.5\n"every input" = 1.5\n'
    + "[q1.slips]\ndouble = 1.5\nkept = 0\nzero = 0.25\n"
)
HALVES = """
from mfteach.grading import Implementation, Slip, part
def half(a): return a / 2
def double(a): return a * 2
def kept(a): return a
def zero(a): return 0 * a
def q1():
    slips = [Slip(f.__name__, f, f"No {f.__name__}.") for f in (double, kept, zero)]
    return Implementation(half, lambda rng: [(4.0,), (5.0,)], slips,
                          [part("even numbers", where=lambda a: a % 2 == 0)])
"""


def test_the_shares_of_a_function_are_read(course):
    (question,) = Assignment.load(course(FUNCTION, HALVES), "99-test").questions
    assert question.shares == {"even numbers": 0.5, "every input": 1.5}
    assert question.facts == {"name": "half"}, "what earns points is not printed"
    assert [slip.points for slip in question.check({}).slips] == [1.5, 0, 0.25]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "= 1.5\n[q1.slips]",
            "= 1\n[q1.slips]",
            "q1, shares: the shares add up to 1.5, not 2 points",
        ),
        ("kept = 0", "kept = 0.3", "q1, slips: 'kept' needs quarters of a point, from 0 to 2"),
        ("kept = 0", "kept = -1", "q1, slips: 'kept' needs quarters of a point"),
        ("kept = 0", 'kept = "a"', "q1, slips: 'kept' needs quarters of a point"),
        ("kept = 0", "kept = 2", "q1, slips: a slip must cost something"),
        ("[q1.shares]", "[q1.other]", "q1, shares: this must be a table"),
    ],
)
def test_shares_that_do_not_fit_are_refused(course, old, new, message):
    assert old in FUNCTION
    with pytest.raises(QuestionFileError, match=message):
        Assignment.load(course(FUNCTION.replace(old, new), HALVES), "99-test")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kept = 0\n", "", "q1, slips: say what the slip 'kept' leaves, if only 0"),
        ("kept = 0", "keeps = 0", "q1, slips: there is no slip 'keeps', only"),
        ('"even numbers"', '"odd numbers"', "the check has the properties .'even numbers'"),
    ],
)
def test_shares_must_match_the_slips_and_properties_of_the_check(course, old, new, message):
    (question,) = Assignment.load(course(FUNCTION.replace(old, new), HALVES), "99-test").questions
    with pytest.raises(ValueError, match=message):
        question.check({})


def test_questions_and_checks_must_match(course):
    with pytest.raises(QuestionFileError, match="the checks have no function q1"):
        Assignment.load(course(checks=""), "99-test")
    with pytest.raises(QuestionFileError, match="the checks define q2, but this file does not"):
        Assignment.load(course(checks=CHECKS + "def q2(): ..."), "99-test")
    text = (
        GOOD.replace('"number"', '"text"')
        .replace("points = 1", "points = 2")
        .replace("shape = []\n", ESSAY)
    )
    with pytest.raises(QuestionFileError, match="a text is marked by hand: remove its check"):
        Assignment.load(course(text), "99-test")


def test_a_missing_file_is_named(course):
    with pytest.raises(QuestionFileError, match="the course has: 99-test"):
        Assignment.load(course(), "98-none")
    folder = course()
    (folder / "checks" / "99-test.py").unlink()
    with pytest.raises(QuestionFileError, match=r"99-test\.py: there is no such file"):
        Assignment.load(folder, "99-test")


def test_running_the_checks_leaves_no_files(course):
    folder = course()
    before = sorted(folder.rglob("*"))
    Assignment.load(folder, "99-test")
    assert sorted(folder.rglob("*")) == before


def test_names_are_those_of_the_question_files(course):
    assert assignment_names(course()) == ["99-test"]
    assert "03-power-rule" in assignment_names(COURSE)


def question(kind, build, **facts):
    return Question("q1", kind, 1, "S1", "1: x", "A hint", facts=facts, build=build)


@pytest.mark.parametrize(
    ("slips", "message"),
    [
        (THREE[:2], "q1 has 2 slips; at least 3"),
        ([*THREE, Slip("sign", 7, "Other.")], "its own label, but two share 'sign'"),
        ([*THREE, Slip("other", 7, "Sign.")], "its own diagnosis, but two share 'Sign.'"),
        ([*THREE, Slip("other", 7, "")], "a slip has no diagnosis"),
    ],
)
def test_slips_need_their_own_label_and_diagnosis(slips, message):
    with pytest.raises(ValueError, match=message):
        question("number", lambda: Number(2, slips)).check({})


def test_a_check_must_be_of_the_kind_of_its_question():
    with pytest.raises(ValueError, match="q1 is a choice, so its check must return Choice, not N"):
        question("choice", lambda: Number(2, THREE)).check({})


def test_typed_formulas_are_read_with_the_symbols_of_the_question():
    slips = [Slip("a", "x", "A."), Slip("b", "2x", "B."), Slip("c", "3x", "C.")]
    check = question("formula", lambda: Formula("x^2 + y", slips), symbols="x y").check({})
    assert str(check.right) == "x**2 + y"
    assert [str(slip.answer) for slip in check.slips] == ["x", "2*x", "3*x"]


def test_a_proved_question_brings_its_key_and_its_diagnoses():
    check = Choice.of(s30())
    assert check.right == "$-15x^{-4}$"
    assert [slip.answer for slip in check.slips] == ["$-20x^{-4}$", "$15x^{-2}$", "$15x^{-4}$"]
    assert [slip.diagnosis for slip in check.slips] == [s30().diagnosis(x) for x in "ABC"]
    assert check.slips[2].label == "the factor has the wrong sign"
    named = Choice.of(s35(), {"A": "joke", "B": "any", "C": "undefined"})
    assert [slip.label for slip in named.slips] == ["joke", "any", "undefined"]


def test_labels_are_short():
    assert label_of("Your factor is right, but the exponent was kept.") == "the exponent was kept"
    assert label_of("A minus sign got lost. Look again.") == "A minus sign got lost"


def test_the_checks_need_no_package_on_the_path(tmp_path):
    shutil.copytree(COURSE / "questions", tmp_path / "questions")
    shutil.copytree(COURSE / "checks", tmp_path / "checks")
    assert (
        Assignment.load(tmp_path, "03-power-rule").title == "The power rule and stationary points"
    )
