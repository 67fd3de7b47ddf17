"""A score: points, a label that names the slip, and a reason that never reveals what is right."""

import numpy as np
import pytest
from classroom import RIGHT, VARIANT, WRONG, Here

from mfteach.grading.assignments.questions import Number, Question, Slip
from mfteach.grading.assignments.variants import Posed
from mfteach.grading.marks.functions import score_function
from mfteach.grading.marks.score import NOT_MARKED, ROUNDED, UNREADABLE, score_typed
from mfteach.grading.marks.score import RIGHT as FULL_MARKS
from mfteach.grading.sandbox.session import Outcome
from mfteach.grading.submissions.typed import NOT_ANSWERED, Typed

CHOICE, FORMULA, NUMBER, FUNCTION, TEXT = (
    VARIANT.answers[name] for name in ("q1", "q3", "q4", "q6", "q7")
)


class Says:
    """A session that has one thing to say."""

    def __init__(self, outcome, cell_failures=()):
        self.outcome = outcome
        self.cell_failures = dict(cell_failures)

    def call(self, function, arguments):
        return self.outcome(*arguments) if callable(self.outcome) else self.outcome

    def value(self, variable):
        return self.outcome


def typed(posed, **what):
    score = score_typed(posed, Typed(**what), Says(None))
    return score.points, score.label


def function(source):
    program = [source]
    return score_function(FUNCTION, Here(program), program, np.random.default_rng(3))


def returning(answer):
    """Score a function whose calls return what ``answer`` makes of their arguments."""
    session = Says(lambda *given: Outcome(value=answer(*given)))
    return score_function(FUNCTION, session, [], np.random.default_rng(3))


# Typed answers -----------------------------------------------------------------------------------


def test_letters():
    letter = RIGHT["q1"]
    assert typed(CHOICE, text=letter) == (1, FULL_MARKS)
    assert typed(CHOICE, text=f" ({letter.lower()})") == (1, FULL_MARKS)
    for wrong, slip in CHOICE.wrong:
        score = score_typed(CHOICE, Typed(text=wrong), Says(None))
        assert (score.points, score.label, score.reason) == (0, slip.label, slip.diagnosis)
    assert typed(CHOICE, text="Z") == (0, UNREADABLE)
    assert typed(CHOICE, text="AB") == (0, UNREADABLE)


def test_formulas():
    assert typed(FORMULA, text=RIGHT["q3"]) == (2, FULL_MARKS)
    assert typed(FORMULA, text=f"2*({RIGHT['q3']})/2") == (2, FULL_MARKS)
    for wrong, slip in FORMULA.wrong:
        assert typed(FORMULA, text=wrong) == (0, slip.label)
    assert typed(FORMULA, text="import os") == (0, UNREADABLE)
    assert typed(FORMULA, text="123456 + x^7") == (0, "wrong")


def test_a_formula_with_a_slip_of_the_grid_is_named():
    import sympy as sp

    x = sp.Symbol("x")
    flipped = str(-sp.sympify(RIGHT["q3"].replace("^", "**"), {"x": x}))
    score = score_typed(FORMULA, Typed(text=flipped), Says(None))
    assert score.points == 0
    assert score.label != "wrong"
    assert score.reason


def test_a_formula_that_cannot_be_decided_is_left_to_a_person(monkeypatch):
    monkeypatch.setattr("mfteach.grading.marks.score.equal", lambda *_: None)
    assert typed(FORMULA, text="x") == (0, NOT_MARKED)


def test_numbers():
    right = RIGHT["q4"]
    assert typed(NUMBER, value=right) == (1, FULL_MARKS)
    assert typed(NUMBER, value=right * (1 + 1e-6)) == (1, FULL_MARKS)
    for wrong, slip in NUMBER.wrong:
        assert typed(NUMBER, value=wrong) == (0, slip.label)
    assert typed(NUMBER, value=123456.0) == (0, "wrong")
    assert typed(NUMBER, value=[right]) == (0, "wrong shape")
    assert typed(NUMBER, value=float("nan")) == (0, "not finite")


def number(right, **more):
    """A number question with three slips, worth 2 points."""
    slips = [
        Slip(f"slip {i}", (np.array(right) * 0 + 50 + i).tolist(), f"No {i}.") for i in (1, 2, 3)
    ]
    slips[0] = Slip("slip 1", (np.array(right) * np.array(more.pop("off", 7))).tolist(), "No 1.")
    question = Question(
        "q1", "number", 2, "S1", "1: x", "A hint", build=lambda: Number(right, slips), **more
    )
    return Posed(question, {}, question.check({}))


def test_entries_of_a_list_count_singly_and_each_has_its_own_tolerance():
    asked = number([1000.0, 0.4], off=[1, 2])
    assert typed(asked, value=[1000.5, 0.4001]) == (2, FULL_MARKS)
    assert typed(asked, value=[1000, 0.8]) == (1, "slip 1")  # one entry is right
    assert typed(asked, value=[1000, 0.5]) == (1, "wrong")
    assert typed(asked, value=[3, 0.4]) == (1, "wrong")
    assert typed(asked, value=[3, 0.9]) == (0, "wrong")
    score = score_typed(asked, Typed(value=[3, 0.4]), Says(None))
    assert "Right: entry 2 of 2" in score.reason


@pytest.mark.parametrize(
    ("right", "given", "label"),
    [
        (7 / 8, 0.88, ROUNDED),
        (7 / 8, 0.87, ROUNDED),
        (7 / 8, 0.875, FULL_MARKS),
        (7 / 8, 0.9, "wrong"),
        (2 / 7, 0.29, ROUNDED),
        (2 / 7, 0.2857, FULL_MARKS),
        (36, 37, "wrong"),
        (0.025, 0.0251, "wrong"),
        ([1 / 3, 2.0], [0.33, 2], ROUNDED),
        ([1 / 3, 2.0], [0.33, 3], "wrong"),
    ],
)
def test_what_is_rounded_too_much_has_its_own_diagnosis(right, given, label):
    found = score_typed(number(right), Typed(value=given), Says(None))
    assert found.label == label
    if label == ROUNDED:
        assert found.points == 1
        assert "keep at least four digits" in found.reason


def test_a_slip_leaves_what_the_question_file_says():
    asked = number(2.0, slips={"slip 2": 0.5})
    assert typed(asked, value=52) == (0.5, "slip 2")
    assert typed(asked, value=53) == (0, "slip 3")


def test_a_computed_number_comes_from_the_worker():
    computed = Typed(computed=True)
    score = score_typed(NUMBER, computed, Says(Outcome(value=RIGHT["q4"])))
    assert (score.points, score.label) == (1, FULL_MARKS)
    failed = score_typed(NUMBER, computed, Says(Outcome(failure="error", detail="Boom: 1\n2")))
    assert (failed.points, failed.label, failed.reason) == (
        0,
        "error",
        "q4 stopped with an error: Boom: 1 2",
    )


def test_texts_wait_for_a_person():
    assert typed(TEXT, text="An answer.") == (0, NOT_MARKED)
    score = score_typed(TEXT, Typed(text="An answer."), Says(None))
    assert score.reason.endswith("It has 2 words, but 30 to 120 were asked for.")
    fits = score_typed(TEXT, Typed(text="word " * 60), Says(None))
    assert fits.reason == "A person will read this answer."
    assert typed(TEXT, problem=NOT_ANSWERED) == (0, NOT_ANSWERED)
    assert typed(TEXT, problem="This cannot be read.") == (0, UNREADABLE)


def test_a_function_is_not_typed_and_a_letter_not_called():
    with pytest.raises(TypeError, match="q6: Implementation is not typed"):
        score_typed(FUNCTION, Typed(text="A"), Says(None))
    with pytest.raises(TypeError, match="q1 is not a function"):
        score_function(CHOICE, Says(None), [], np.random.default_rng(0))


# Functions ---------------------------------------------------------------------------------------


def test_a_right_function():
    score = function(RIGHT["q6"])
    assert (score.points, score.label, score.reason) == (2, FULL_MARKS, "")
    assert len(score.evidence) == 6


def test_each_slip_of_a_function_is_named():
    for source, slip in FUNCTION.wrong:
        score = function(source)
        assert (score.points, score.label) == (slip.points, slip.label)
        assert score.reason.startswith(f"{slip.diagnosis} Right: ")


def test_a_function_cannot_change_what_is_compared():
    """It changes its arguments in place, and is scored by the arguments as they were."""
    before = [one.arguments for one in function(RIGHT["q6"]).evidence]
    session = Says(lambda *given: Outcome(value=(0.0, 0.0)))
    after = score_function(FUNCTION, session, [], np.random.default_rng(3)).evidence
    assert before == [one.arguments for one in after]


@pytest.mark.parametrize(
    ("answer", "label", "said"),
    [
        (None, "returned nothing", "The result is None: is a return missing?"),
        ((1.0,), "wrong shape", "The result must be 2 values, as in: return a, b."),
        (1.0, "wrong shape", "The result must be 2 values, as in: return a, b."),
        ((1.0, [1.0, 2.0]), "wrong shape", "The result, value 2 of 2, is a list of 2 numbers;"),
        ((1.0, np.ones((2, 2))), "wrong shape", "is an array of shape (2, 2);"),
        ((1.0, float("nan")), "not finite", "value 2 of 2, is not finite: it is nan."),
        ((1.0, [[1.0], [1.0, 2.0]]), "unreadable", "has rows that differ in length."),
        ((1.0, "x"), "unreadable", "neither a number nor an array: a value of type str"),
        ((1.0, 2.0), "wrong", "It runs, but its results are not right"),
    ],
)
def test_a_wrong_form_has_a_name(answer, label, said):
    score = returning(lambda c, n, p: answer)
    assert (score.points, score.label) == (0, label)
    assert said in score.reason


def test_right_for_some_inputs():
    right = FUNCTION.check.reference
    score = returning(lambda c, n, p: right(c, n, p) if n > 0 else (0.0, 0.0))
    assert (score.points, score.label) == (0, "wrong")
    assert "right for 4 of 6 inputs" in score.reason


@pytest.mark.parametrize(
    ("failure", "label", "said"),
    [
        ("missing", NOT_ANSWERED, "There is no tangent_line in the notebook."),
        ("not answered", NOT_ANSWERED, "tangent_line is not written yet."),
        ("error", "error", "tangent_line stopped with an error: at 0x... again"),
        ("time limit", "time limit", "tangent_line, or a cell before it, took too long."),
        ("crashed", "crashed", "ended the process"),
        ("unreadable", "unreadable", "neither a number nor an array: at 0x... again"),
    ],
)
def test_failures_have_steady_words(failure, label, said):
    outcome = Outcome(failure=failure, detail="at 0x7f12ab34 \n again")
    score = score_function(FUNCTION, Says(outcome), [], np.random.default_rng(0))
    assert (score.points, score.label) == (0, label)
    assert said in score.reason
    assert "7f12ab34" not in score.reason


def test_a_function_whose_cell_failed_says_why():
    program = ["x = 1", "def tangent_line(c, n, p):\n    return 1\nboom"]
    failures = {1: Outcome(failure="error", detail="NameError: boom")}
    session = Says(Outcome(failure="missing"), failures)
    score = score_function(FUNCTION, session, program, np.random.default_rng(0))
    assert score.label == "error"
    assert score.reason == "The cell of tangent_line stopped with an error: NameError: boom"


def test_long_details_are_cut():
    outcome = Outcome(failure="error", detail="x" * 5000)
    score = score_function(FUNCTION, Says(outcome), [], np.random.default_rng(0))
    assert len(score.reason) < 300


def test_no_reason_reveals_what_is_right():
    assert len(WRONG) > 5
    for name, wrong in WRONG.items():
        posed = VARIANT.answers[name]
        if posed.question.kind != "function":
            what = {"value": wrong} if posed.question.kind == "number" else {"text": wrong}
            score = score_typed(posed, Typed(**what), Says(None))
            assert str(posed.right) not in score.reason.split(), name
