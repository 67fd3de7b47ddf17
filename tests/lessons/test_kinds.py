"""Each kind of question, on questions made for the test: forms, slips, places, exactness."""

import numpy as np
import pytest
import sympy

from mfteach.answers import Ledger
from mfteach.answers.multiple_choice import s30
from mfteach.lessons.questions.kinds import (
    Choice,
    Derivation,
    Derivative,
    Formula,
    Function,
    Number,
    Property,
    Proved,
    Several,
    TrueFalse,
)

TEXTS = {"hints": ("Look.",), "solution": "So."}
x, y = sympy.symbols("x y")


def number(right, **more):
    return Number(right=right, **more, **TEXTS)


def derivative(function, by="x", **more):
    return Derivative(function=function, by=by, **more, **TEXTS)


LIST = number([1, -4])
COUNT = number(206_680)
MATRIX = number([[1, 2], [3, 4]])
BOTH = Several(
    parts={
        "by x": derivative("x^2 y", symbols="x y"),
        "by y": derivative("x^2 y", "y", symbols="x y"),
    },
    **TEXTS,
)
CHOICE = Choice(right="B", others={"A": "A film too many.", "C": "One too few."}, **TEXTS)
SENTENCES = TrueFalse(right=(True, False, True), reasons=("one", "think of e^x", "three"), **TEXTS)
SQUARE_ROOTS = Property(
    example=2.0, fault=lambda v: "" if v**2 == 4 else "Its square is not 4.", **TEXTS
)
LINES = Choice(right="6", others={"5": "That one is true."}, **TEXTS)
PAIR = Function(
    right=lambda u, v: (-(u @ v), u + 1.0),
    inputs=[(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]))],
    slips=[(lambda u, v: (u @ v, u + 1.0), "The minus is missing.")],
    **TEXTS,
)
HALVES = Function(right=lambda v: v / 2, inputs=[(np.array([2.0, 4.0]),), (3.0,)], **TEXTS)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        *[
            (LIST, form)
            for form in (
                [1, -4],
                (1.0, -4.0),
                "1.0, -4.0",
                "[1, −4]",
                "1; -4",
                np.array([1, -4]),
                ["1", "−4"],
                sympy.Matrix([1, -4]),
                [sympy.Integer(1), np.float32(-4)],
            )
        ],
        *[
            (COUNT, form)
            for form in (206680, "206,680", (206, 680), "206680", 206680.0, "2066.8e2")
        ],
        (number(7.5), "15/2"),
        (number(7.5), sympy.Rational(15, 2)),
        (number(1 / 3), 0.333),
        (number(-2), "−2"),
        (MATRIX, "[[1, 2], [3, 4]]"),
        (MATRIX, sympy.Matrix([[1, 2], [3, 4]])),
        (MATRIX, ((1, 2), ("3", 4))),
        (number(lambda errors: min(errors)), 3),
        *[(derivative("3x^2"), form) for form in ("6x", "f'(x) = 6*x", 6 * x, lambda t: 6 * t)],
        (derivative("3x^2"), sympy.Symbol("x", real=True) * 6),
        (derivative("5x"), 5),
        (derivative("5x"), np.int64(5)),
        (Formula(right="1 - 6 eta", symbols="eta", **TEXTS), "1-6η"),
        (BOTH, ["2xy", "x^2"]),
        (BOTH, "[2xy, x^2]"),
        (BOTH, ("2yx", x**2)),
        (BOTH, "2xy, (-x)(-x)"),
        (BOTH, "2x*y; x^2"),
        (BOTH, sympy.Matrix([2 * x * y, x**2])),
        *[
            (CHOICE, form)
            for form in ("B", "b", " b) ", "(B)", "Option B", x.subs(x, sympy.Symbol("B")))
        ],
        *[
            (Proved(question=s30, **TEXTS), form)
            for form in ("D", "d.", sympy.Symbol("D"), "-15x^-4")
        ],
        *[
            (SENTENCES, form)
            for form in (
                [True, False, True],
                ("T", "F", "T"),
                "True, False, True",
                "TFT",
                [1, 0, 1],
                np.array([True, False, True]),
            )
        ],
        (SQUARE_ROOTS, 2),
        (SQUARE_ROOTS, "−2"),
        (HALVES, lambda v: 0.5 * v),
        *[
            (LINES, form)
            for form in (6, "6", 6.0, "(6)", "line 6", "No. 6", np.int64(6), sympy.Integer(6))
        ],
        (PAIR, lambda u, v: (-u @ v, 1 + u)),
        (PAIR, lambda u, v: [-u @ v, 1 + u]),
    ],
)
def test_right_in_this_form(question, answer):
    needs = isinstance(question, Number) and callable(question.right)
    reply = question.reply(answer, **({"errors": [4, 3, 9]} if needs else {}))
    assert reply.right, reply.message


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (PAIR, lambda u, v: (-(u @ v), ...), "entry 2 of 2 that it returns is still dots"),
        (PAIR, lambda u, v: (..., u + 1.0), "half written: entry 1 of 2"),
        (PAIR, lambda u, v: (-(u @ v), u + ...), "half written: it computes with dots"),
        (LIST, [-4, 1], "in another order"),
        (LIST, [-1, 4], "Every sign"),
        (LIST, [1, 4], "Entry 2 of 2 is not right"),
        (LIST, [1, ...], "Entry 2 of 2 is not answered yet"),
        (LIST, [2, 3], "entries 1, 2 (of 2)"),
        (LIST, {1, -4}, "not a number"),
        (LIST, "1, x", "cannot be read as a number"),
        (COUNT, 206681, "this answer is exact"),
        (COUNT, 206680.4, "this answer is exact"),
        (COUNT, 206_000, "this answer is exact"),
        (COUNT, 10334, "too low"),
        (number(7), 7.001, "this answer is exact."),
        (number(sympy.Rational(1, 8)), 0.13, "do not round"),
        (number(25), 24.9, "this answer is exact."),
        (number(0), 0.1, "too high"),
        (number(0.02), 0.021, "too high"),
        (number(0.02), 0.02001, "this answer is exact"),
        (number([1.5, -0.5]), [1.501, -0.5], "this answer is exact"),
        (number(1.5, slips=[(2 / 3, "Turn it over.")]), 0.667, "Turn it over."),
        (number(-4), 4, "wrong sign"),
        (MATRIX, [[1, 3], [2, 4]], "transposed"),
        (MATRIX, [[1, 2], [3, 5]], "row 2, column 2"),
        (MATRIX, [1, 2, 3, 4], "an array of shape (2, 2)"),
        (number(3, slips=[(4, "One too many.")]), "4", "One too many."),
        (number([1, 2], slips=[([0, 0], "Not flat.")]), (0, 0), "Not flat."),
        (number(3, slips=[(lambda extra: 3 + extra, "The extra one.")]), 5, "The extra one."),
        (derivative("x^3"), "6x", "differentiated twice"),
        (derivative("x^3"), "12", "not the derivative"),
        (derivative("x^3"), lambda t: 6 * t, "differentiated twice"),
        (derivative("x^3"), lambda t: np.sin(t), "Your function stops with TypeError"),
        (derivative("x^2", slips=[("2x Delta", "the rise")]), "2 x Delta", "the rise"),
        (derivative("3x^2"), "6x + 3Delta", "let it go to 0"),
        (derivative("3x^2"), "6x + 3Δ", "let it go to 0"),
        (derivative("3x^2"), "3x + 3Δ", "without it the rest is not right"),
        (derivative("(3x+1)^2"), "2(3x+1)", "derivative of the inner function is missing"),
        (derivative("x^3 + x^2"), "3x^2", "Only one term"),
        (derivative("3x^2 y", symbols="x y"), "6x", "frozen factor"),
        (derivative("x^2"), "2z", "not a name in this question"),
        (derivative("x^2"), 2 * y, "y is not a name in this question"),
        (derivative("x^2"), ["2x"], "is not a formula"),
        (derivative("x^2"), True, "is not a formula"),
        (Formula(right="1 - 6 eta", symbols="eta", **TEXTS), "6eta - 1", "The sign is wrong"),
        (BOTH, ["x^2", "2xy"], "in another place"),
        (BOTH, ["2xy", ""], "by y: not answered yet"),
        (BOTH, ["2xy", "2x"], "by y: "),
        (BOTH, "2xy", "2 answers in a list: by x, by y"),
        (CHOICE, "A", "A film too many."),
        (CHOICE, "E", "'E' is not one of A, B, C"),
        (CHOICE, 2, "2 is not one of A, B, C"),
        (Proved(question=s30, **TEXTS), "B", "Two slips"),
        (Proved(question=s30, **TEXTS), "E", "answer with one of the letters"),
        (SENTENCES, [True, True, True], "sentence 2. To sentence 2: think of e^x"),
        (SENTENCES, [False, True, True], "sentences 1, 2. To sentence 1: one"),
        (SENTENCES, [True, False], "for each of the 3 sentences"),
        (SENTENCES, [True, ..., True], "Sentence 2 is not answered yet"),
        (SENTENCES, [True, "maybe", True], "'maybe' is neither True nor False"),
        (LINES, 5, "That one is true."),
        (LINES, 6.5, "6.5 is not one of 5, 6"),
        (LINES, True, "True is not one of"),
        (PAIR, lambda u, v: (u @ v, u + 1), "The minus is missing."),
        (PAIR, lambda u, v: (-u @ v, u), "value 2 of 2: 2 of 2 entries differ"),
        (PAIR, lambda u, v: -u @ v, "must be 2 values"),
        (PAIR, lambda u, v: (-u @ v, 0), "value 2 of 2, is a single number"),
        (SQUARE_ROOTS, 3, "Its square is not 4."),
        (HALVES, lambda v: v, "too high"),
        (HALVES, lambda v: v.mean() / 2, "single number"),
        (HALVES, lambda v: v.__itruediv__(2), "changes its arguments"),
    ],
)
def test_wrong_and_told_why(question, answer, words):
    needs = isinstance(question, Number) and any(callable(slip) for slip, _ in question.slips)
    reply = question.reply(answer, **({"extra": 2} if needs else {}))
    assert not reply.right
    assert reply.answered
    assert words in reply.message


def test_a_comma_that_python_has_cut_is_said():
    assert "206,680 is read as 206680" in COUNT.reply((206, 680)).message
    assert number(0.5).reply((0, 5)).message == "Right. 0,5 is read as 0.5."
    assert "a list of 2 numbers" in number(2000).reply((2, 000)).message


@pytest.mark.parametrize(
    "function", [lambda v: ..., lambda v: [...], pytest.param(None, id="raises")]
)
def test_a_function_that_is_not_written_is_not_answered(function):
    def raises(v):
        raise NotImplementedError

    assert not HALVES.reply(function or raises).answered


def test_a_derivation_is_right_when_its_goal_is_reached():
    asked = Derivation(name="u", **TEXTS)
    mine = Ledger("u")
    assert not asked.reply(mine).answered
    mine.add("d/du_is 1/2 sum_{j in I_i} e_ij^2")
    reply = asked.reply(mine)
    assert reply.answered
    assert not reply.right
    mine.add("sum_{j in I_i} e_ij (-d/du_is rhat_ij)")
    mine.add("-sum_{j in I_i} v_js e_ij")
    assert asked.reply(mine).right
    assert "something else" in Derivation(name="v", **TEXTS).reply(mine).message
    assert "is not a ledger" in asked.reply("-sum_{j in I_i} v_js e_ij").message


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("u", "sum_{j in I_i} -v_js e_ij"),
        ("v", "sum_{i in U_j} -u_is e_ij"),
        ("ridge", "sum_{j in I_i} -v_js e_ij + lambda u_is"),
    ],
)
def test_a_jump_to_the_goal_is_true_but_no_derivation(name, goal):
    mine = Ledger(name)
    mine.add(goal)
    reply = Derivation(name=name, **TEXTS).reply(mine)
    assert (reply.right, mine.done) == (False, True)
    assert "Put at least one line between" in reply.message


@pytest.mark.parametrize(
    "typed", ["B: only V moves", "b) only V", "B. it moves", "(B) that one", "B - only V moves"]
)
def test_a_letter_may_come_with_the_words_of_its_line(typed):
    assert CHOICE.reply(typed).right
    assert not CHOICE.reply(typed.lower().replace("b", "a", 1)).right


@pytest.mark.parametrize("typed", ["B lot", "B: 5x", "Both", "B 2"])
def test_what_only_begins_with_a_letter_is_none(typed):
    assert "is not one of" in CHOICE.reply(typed).message
