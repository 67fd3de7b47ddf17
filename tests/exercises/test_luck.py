"""Nobody's questions are harder than another's, and nobody can copy a neighbour's answer."""

from collections import Counter

import numpy as np
import pytest
from classes import drawn, questions

ENOUGH = 20


def answer(posed):
    return str(posed.check.right if posed.question.kind == "choice" else posed.right)


@pytest.mark.parametrize(("name", "question"), questions("number", "formula", "choice"))
@pytest.mark.no_cover
def test_twenty_answers_or_a_reason_why_not(name, question):
    answers = {answer(posed) for posed in drawn(name)[question]}
    why = drawn(name)[question][0].question.few
    assert len(answers) >= ENOUGH or len(why) > 40
    assert not (why and len(answers) >= ENOUGH), "the reason is no longer needed"


@pytest.mark.parametrize(("name", "question"), questions("choice"))
def test_letters_are_shuffled(name, question):
    letters = Counter(posed.right for posed in drawn(name)[question])
    assert len(letters) >= 4
    assert max(letters.values()) < 200


def signs(values):
    """The signs of a parameter's values, entry by entry where they are lists."""
    numbers = np.array(values, dtype=float).reshape(len(values), -1)
    return [set(np.sign(column)) for column in numbers.T]


@pytest.mark.parametrize(("name", "question"), questions("number", "formula"))
def test_no_number_has_a_minus_for_some_students_only(name, question):
    for parameter, values in drawn(name)[question][0].question.parameters.items():
        if not any(isinstance(value, str) for value in values):
            assert all(len(found) == 1 for found in signs(values)), parameter


@pytest.mark.parametrize(("name", "question"), questions("formula"))
def test_formulas_are_of_one_length_and_have_as_many_signs(name, question):
    answers = [answer(posed) for posed in drawn(name)[question]]
    lengths = [len(text) for text in answers]
    assert max(lengths) - min(lengths) <= 4
    terms = {text.count("+") + text.count("-") for text in answers}
    assert len(terms) == 1, terms
