"""The check in the notebook never approves what the marks refuse, nor refuses what they take."""

import numpy as np
import pytest
from classes import NAMES, SEED, load, questions
from test_all_assignments import Here, score

import mfteach
from mfteach.grading.assignments.variants import draw
from mfteach.grading.marks.score import RIGHT

STUDENTS = ("s001", "s002")
APPROVES = (" Right.", "passes its checks")
REFUSES = (
    "Not yet.",
    "not the derivative",
    "cannot be read",
    "is not a",
    "is not one",
    "asks for",
    "names ",
)


def posed(name, question, student):
    variant = draw(load(name), SEED, student)
    mfteach.exercise(name, variant.facts)
    return variant.answers[question]


@pytest.fixture
def told(capsys):
    def check(question, answer):
        mfteach.check(question, answer)
        return capsys.readouterr().out

    return check


def answer_of(asked, typed):
    """What a cell assigns: for a function its source is run."""
    if asked.question.kind != "function":
        return typed
    return Here([typed]).names[asked.question.facts["name"]]


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize(("name", "question"), questions("choice", "formula", "number", "function"))
def test_right_answers_are_never_refused_and_slips_never_approved(name, question, student, told):
    asked = posed(name, question, student)
    said = told(question, answer_of(asked, asked.right))
    assert not any(words in said for words in REFUSES), said
    with np.errstate(all="ignore"):
        for typed, slip in asked.wrong:
            said = told(question, answer_of(asked, typed))
            assert not any(words in said for words in APPROVES), (slip.label, said)


def forms(asked, right):
    """The right answer as students may type it."""
    kind, facts = asked.question.kind, asked.facts
    if kind == "choice":
        return [right.lower(), f" {right} "]
    if kind == "number" and not facts["shape"]:
        return [float(right), str(right), f"{right} ", np.float64(right), f"x = {right}"]
    if kind == "number":
        listed = ", ".join(map(str, right))
        return [
            tuple(right),
            f"[{listed}]",
            f"({listed})",
            listed.replace(", ", "; "),
            np.array(right),
        ]
    symbol, by = facts["symbols"].split()[0], facts.get("by")
    left = [f"f'({by}) =", f"df/d{by} =", f"dJ/d{by} ="] if by else ["f =", "J =", "y =", "u_new ="]
    plain = right.replace("*", "")
    shown = right.replace("Delta", "Δ").replace("lam", "λ").replace("eta", "η")
    return [
        plain,
        shown,
        shown.replace("*", ""),
        *(f"{words} {right}" for words in left),
        f"({right})",
        right.replace("^", "**"),
        f"{right} + 0*{symbol}",
    ]


@pytest.mark.parametrize(("name", "question"), questions("choice", "formula", "number"))
def test_every_form_of_a_right_answer_is_taken_or_the_check_refuses_it_too(name, question, told):
    asked = posed(name, question, "s001")
    for typed in forms(asked, asked.right):
        said = told(question, typed)
        refused = any(words in said for words in REFUSES)
        found = score(asked, As(typed))
        assert (found.label == RIGHT) is not refused, (typed, said, found)
        by_name = isinstance(typed, str) and typed.startswith(("J =", "f =", "y =", "u_new ="))
        assert not refused or by_name, (typed, said)


class As:
    """What stands behind the equals sign of a cell."""

    def __init__(self, typed):
        self.typed = typed

    def __repr__(self):
        shown = repr(self.typed)
        return shown if shown.startswith("np.") else shown.replace("array(", "np.array(")


@pytest.mark.parametrize(
    ("typed", "cure"),
    [("-8x-4Δx+7", "type Δ for the change, or Δ*x"), ("4 Delta_x", "type Δ for the change")],
)
def test_what_has_two_meanings_is_refused_with_the_cure(typed, cure, told):
    asked = posed("02-derivative", "q2", "s001")
    assert cure in told("q2", typed)
    assert cure in score(asked, typed).reason


@pytest.mark.parametrize(
    ("typed", "may_be"),
    [(0.88, True), ("0.875", True), (7 / 8 + 1e-4, False), (3, False), ("7/9", False)],
)
def test_the_check_says_that_a_short_number_may_be_rounded_too_much(typed, may_be, told):
    posed("05-downhill", "q3", "s001")
    assert ("If you have rounded it" in told("q3", typed)) is may_be


def test_each_assignment_is_checked():
    assert {name for name, _ in questions("function")} == set(NAMES)
