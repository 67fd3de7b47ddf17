"""Nobody's questions are harder than another's, and nobody can copy a neighbour's answer."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from classes import NAMES, drawn, questions

from mfteach.answers import parse_formula
from mfteach.grading.assignments.variants import accept

ENOUGH = 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.no_cover  # many cases of the same lines
def test_a_class_of_200_gets_good_numbers(name):
    for posed in itertools.chain.from_iterable(asked[::50] for asked in drawn(name).values()):
        assert accept(posed.question, posed.parameters)[1] == ()


def answer(posed):
    return str(posed.check.right if posed.question.kind == "choice" else posed.right)


@pytest.mark.parametrize(("name", "question"), questions("number", "formula", "choice"))
@pytest.mark.no_cover
def test_twenty_answers_or_a_reason_why_not(name, question):
    answers = {answer(posed) for posed in drawn(name)[question]}
    why = drawn(name)[question][0].question.few
    assert len(answers) >= ENOUGH or len(why) > 40
    assert not (why and len(answers) >= ENOUGH), "the reason is no longer needed"
    assert ("same for everybody" in why) is (len(answers) == 1)


@pytest.mark.parametrize(("name", "question"), questions("choice"))
def test_letters_are_shuffled(name, question):
    letters = Counter(posed.right for posed in drawn(name)[question])
    assert len(letters) >= 4
    assert max(letters.values()) < 80


def signs(values):
    """The signs of a parameter's values, entry by entry where they are lists."""
    numbers = np.array(values, dtype=float).reshape(len(values), -1)
    return [set(np.sign(column)) for column in numbers.T]


@pytest.mark.parametrize(("name", "question"), questions("number", "formula"))
def test_no_number_has_a_minus_for_some_students_only(name, question):
    for parameter, values in drawn(name)[question][0].question.parameters.items():
        if not any(isinstance(value, str) for value in values):
            assert all(len(found) == 1 for found in signs(values)), parameter


@pytest.mark.parametrize(("name", "question"), questions("number"))
def test_no_answer_has_a_minus_or_is_0_for_some_students_only(name, question):
    """A 0 is easier than a number, and it hides a lost sign."""
    right = [posed.right for posed in drawn(name)[question]]
    assert all(len(found) == 1 for found in signs(right))


def shortest(number):
    """How few characters it takes to type a number: 0.333333 is 1/3."""
    return min(len(f"{number:.6g}"), len(str(Fraction(number).limit_denominator(200))))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_of_one_length(name):
    """Those that are computed by hand; what a program gives is as long as it is shown."""
    for question, asked in drawn(name).items():
        if asked[0].question.kind == "number" and not asked[0].check.computed:
            lengths = np.array([[shortest(n) for n in np.ravel(one.right)] for one in asked])
            assert np.ptp(lengths, axis=0).max() <= 4, question


@pytest.mark.parametrize(("name", "question"), questions("formula"))
def test_formulas_are_of_one_length_and_have_as_many_signs(name, question):
    answers = [answer(posed) for posed in drawn(name)[question]]
    lengths = [len(text) for text in answers]
    assert max(lengths) - min(lengths) <= 4
    terms = {text.count("+") + text.count("-") for text in answers}
    assert len(terms) == 1, terms


def steps(posed):
    """Return what there is to do: operations of the formulas, lines of the proof, options."""
    match posed.question.kind:
        case "formula":
            texts = posed.right, posed.facts.get("function", "0")
            symbols = posed.facts["symbols"].split()
            return tuple(sp.count_ops(parse_formula(text, symbols)) for text in texts)
        case "derivation":
            return len(posed.right.splitlines())
        case "choice":
            return len(posed.letters)
    return np.shape(posed.right)


@pytest.mark.parametrize(
    ("name", "question"), questions("formula", "derivation", "choice", "number")
)
def test_everybody_has_as_many_steps_to_take(name, question):
    distinct = {str(posed.parameters): posed for posed in drawn(name)[question][::4]}
    assert len({steps(posed) for posed in distinct.values()}) == 1
