"""Variants: the same for the same student, and with numbers that keep the slips apart."""

from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from mfteach.answers.choices import BadQuestionError
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.questions import (
    Choice,
    Formula,
    Implementation,
    Number,
    Question,
    Slip,
)
from mfteach.grading.assignments.variants import accept, draw, fill, sample

COURSE = Path(__file__).parents[3] / "exercises"


@pytest.fixture(scope="module")
def assignment():
    return Assignment.load(COURSE, "03-power-rule")


def posed(variant):
    return [(dict(p.parameters), dict(p.letters)) for p in variant.answers.values()]


def test_a_variant_depends_on_seed_student_and_assignment(assignment):
    first = posed(draw(assignment, b"seed", "s001"))
    assert posed(draw(assignment, b"seed", "s001")) == first
    assert posed(draw(assignment, b"seed", "s002")) != first
    assert posed(draw(assignment, b"other", "s001")) != first
    namesake = Assignment("04-power-rule", "", "", assignment.questions)
    assert posed(draw(namesake, b"seed", "s001")) != first


def test_every_letter_is_right_for_somebody(assignment):
    keys = {draw(assignment, b"seed", f"s{i}").answers["q1"].right for i in range(40)}
    assert keys == set("ABCD")


def test_answers_are_as_a_student_would_type_them(assignment):
    answers = sample(assignment).answers
    choice, formula, function = answers["q1"], answers["q3"], answers["q6"]
    assert choice.letters[choice.right] == choice.check.right
    assert [choice.letters[typed] for typed, _ in choice.wrong] == [
        slip.answer for slip in choice.check.slips
    ]
    assert "**" not in formula.right and sp.sympify(formula.right.replace("^", "**")).has(sp.Symbol)
    assert answers["q4"].right == answers["q4"].check.right and type(answers["q4"].right) is int
    for source in [function.right, *(typed for typed, _ in function.wrong)]:
        names = {"np": np}
        exec(source, names)
        assert callable(names["tangent_line"])
    assert answers["q7"].right == "" and answers["q7"].wrong == []


def test_facts_contain_what_is_printed_and_no_answer(assignment):
    variant = sample(assignment)
    drawn = variant.answers["q3"].parameters
    assert variant.facts["q1"] == {"kind": "choice", "letters": "ABCD"}
    assert variant.facts["q3"] == {
        "kind": "formula",
        "symbols": "x",
        "function": "{a}x^{n} + {b}x + {c}".format(**drawn),
        "by": "x",
    }
    assert variant.facts["q4"] == {"kind": "number", "shape": []}
    assert variant.facts["q7"] == {"kind": "text", "words": [30, 120]}


def test_placeholders_are_filled_in():
    assert fill("«a»x^2 «b:+»x «c:+»", {"a": 3, "b": -5, "c": 7}) == "3x^2 - 5x + 7"
    with pytest.raises(ValueError, match=r"«d» has no value; there are a, b"):
        fill("«d»", {"a": 3, "b": 1})


def test_facts_are_a_python_literal(assignment):
    variant = sample(assignment)
    assert eval(variant.fill("«facts»"), {}) == variant.facts


# What is refused ---------------------------------------------------------------------------------


def question(kind, build, **facts):
    left = {slip.label: 0 for slip in build().slips} if kind == "function" else {}
    return Question("q1", kind, 1, "S1", "1: x", "A hint", facts=facts, slips=left, build=build)


def slips(*answers):
    return [Slip(f"slip {i}", answer, f"Diagnosis {i}.") for i, answer in enumerate(answers)]


X = sp.Symbol("x")
REFUSED = {
    "number = slip": (Number(2, slips(2.01, 3, 4)), "the right answer and slip 0 coincide"),
    "slip = slip": (Number(2, slips(3, 5, 5.02)), "slip 1 and slip 2 coincide"),
    "ugly number": (Number(0.12345, slips(1, 2, 3)), "the right answer 0.12345 is ugly"),
    "ugly fraction": (Number([1, 1 / 13], slips([1], [2], [3])), "is ugly"),
    "large number": (Number(12345, slips(1, 2, 3)), "12345.0 is ugly"),
    "equal formulas": (
        Formula((X + 1) ** 2, slips(X**2 + 2 * X + 1, X, 2 * X)),
        "the right answer and slip 0 coincide",
    ),
    "ugly formula": (Formula(X / 13, slips(X, 2 * X, 3 * X)), "1/13 in the right answer is ugly"),
    "equal options": (Choice("$x$", slips("$x$", "y", "z")), "the right answer and slip 0"),
    "ugly option": (Choice("$x + -3$", slips("x", "y", "z")), "two signs in a row"),
    "factor 1": (Choice("$1x$", slips("x", "y", "z")), "a factor of 1"),
    "factor 0": (Choice("$2 + 0x$", slips("x", "y", "z")), "a factor of 0"),
    "exponent 1": (Choice("$x^{1}$", slips("x", "y", "z")), "an exponent of 0 or 1"),
    "five digits": (Choice("12.345", slips("x", "y", "z")), "more than 4 digits"),
    "denominator": (Choice(r"\frac{1}{13}", slips("x", "y", "z")), "a denominator above 12"),
    "functions agree": (
        Implementation(
            lambda a: a * a,
            lambda rng: [(2.0,), (0.0,)],
            slips(lambda a: 2 * a, lambda a: a, lambda a: a + 1),
        ),
        "the right answer and slip 0 coincide",
    ),
}
KINDS = {Number: "number", Formula: "formula", Choice: "choice", Implementation: "function"}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_numbers_are_refused(name):
    check, reason = REFUSED[name]
    _, problems = accept(question(KINDS[type(check)], lambda: check, symbols="x"), {})
    assert len(problems) == 1
    assert reason in problems[0]


@pytest.mark.parametrize(
    "check",
    [
        Number(2, slips(3, 4, 5)),
        Number([1, 1 / 12], slips([1], [2], [3])),
        Number(0.123456, slips(1, 2, 3), computed=True),
        Formula(X**2 / 12 + 9999, slips(X, 2 * X, 3 * X)),
        Choice("$10x^{-10} - 3$", slips("$21x^{12}$", r"$\frac{11}{12}$", "0.1234")),
        Implementation(
            lambda a: a * a,
            lambda rng: [(2.0,), (3.0,)],
            slips(lambda a: 2 * a, lambda a: a, lambda a: a + 1),
        ),
    ],
)
def test_good_numbers_are_accepted(check):
    found, problems = accept(question(KINDS[type(check)], lambda: check, symbols="x"), {})
    assert (found.right if hasattr(check, "right") else found) is not None
    assert problems == ()


def test_a_question_that_cannot_be_built_is_a_refused_draw():
    def build():
        raise BadQuestionError("the options A and B are both right")

    _, problems = accept(question("choice", build), {})
    assert problems == ("the options A and B are both right",)


def test_printed_texts_must_not_be_ugly_either():
    check = Number(2, slips(3, 4, 5))
    printed = question("number", lambda: check, function="x + -3")
    assert "two signs in a row" in accept(printed, {})[1][0]
    further = Question("q1", "number", 1, "", "", "A hint", build=lambda: check)
    object.__setattr__(further, "printed", lambda: {"table": "1x"})
    assert "a factor of 1" in accept(further, {})[1][0]


def test_without_acceptable_numbers_the_question_is_named():
    hopeless = question("number", lambda: Number(2, slips(2, 3, 4)))
    with pytest.raises(
        ValueError, match=r"99-x, q1: no acceptable numbers in 200 draws; .* slip 0"
    ):
        draw(Assignment("99-x", "", "", (hopeless,)), b"seed", "s001")


def test_bad_draws_are_drawn_again():
    def build(a):
        return Number(a, slips(3, 4, 5))  # a = 3 coincides with a slip

    picky = Question("q1", "number", 1, "", "", "", parameters={"a": [2, 3]}, build=build)
    variants = [draw(Assignment("99-x", "", "", (picky,)), b"seed", str(i)) for i in range(20)]
    assert {variant.answers["q1"].parameters["a"] for variant in variants} == {2}
