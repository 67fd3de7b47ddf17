"""The check tries what the marks try, and both read an answer alike, however it was typed."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from classes import SEED, load, questions
from test_all_assignments import Here, score_function, score_typed

import mfteach
from mfteach.answers.promises import contract
from mfteach.grading.assignments.variants import draw
from mfteach.grading.sandbox import wire
from mfteach.grading.sandbox.session import Outcome
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.typed import program, typed


def posed(name, question):
    variant = draw(load(name), SEED, "s001")
    mfteach.exercise(name, variant.facts)
    return variant.answers[question]


# Inputs ------------------------------------------------------------------------------------------


def kinds_of(arguments):
    """What is special about some inputs, argument by argument."""
    for place, value in enumerate(arguments):
        array = np.asarray(value, dtype=float)
        if array.ndim == 0:
            yield place, f"{np.sign(array):+.0f}"
        yield from ((place, axis, "one") for axis, n in enumerate(array.shape) if n == 1)
        if np.isnan(array).any():
            yield place, "blanks"
        if array.ndim and np.isin(array, (0, 1)).all():  # what is known, or seen
            yield place, "all" if array.all() else "some" if array.any() else "none"
            if array.ndim == 2:
                yield place, "one" if array.sum() == 1 else "several"
                yield from ((place, axis, "empty") for axis in (0, 1) if not array.any(axis).all())


@pytest.mark.parametrize(("name", "question"), questions("function"))
def test_the_check_tries_every_kind_of_input_that_the_marks_try(name, question):
    """A row of one entry, one factor, no penalty: what fails there must not be approved."""
    asked = posed(name, question)
    marked = {
        kind
        for seed in range(5)
        for inputs in asked.check.inputs(np.random.default_rng(seed))
        for kind in kinds_of(inputs)
    }
    tried = contract(asked.facts["contract"]).inputs()
    assert marked - {kind for inputs in tried for kind in kinds_of(inputs)} == set()


# Results -----------------------------------------------------------------------------------------


class Wired(Here):
    """A session whose values travel as they do from the sandbox."""

    def call(self, function, arguments):
        return self.travelled(super().call(function, arguments).value)

    def value(self, variable):
        return self.travelled(super().value(variable).value)

    def travelled(self, value):
        try:
            return Outcome(value=wire.decode(wire.encode(value)))
        except wire.Unreadable as error:
            return Outcome(failure="unreadable", detail=str(error))


def marks(asked, source):
    """What a cell earns."""
    submission = Submission("s001", (Cell("code", source, asked.question.name),), "0" * 64)
    submission = submission.with_code(syntax.read(submission.sources))
    cells = program(submission)
    if asked.question.kind == "function":
        return score_function(asked, Wired(cells), cells, np.random.default_rng(1))
    computed = cells if asked.question.kind == "number" else []
    return score_typed(asked, typed(submission, asked.question), Wired(computed))


def checked(asked, source, capsys):
    """What the check says to a cell."""
    name = asked.question.facts.get("name", asked.question.name)
    mfteach.check(asked.question.name, Here([source]).names[name])
    return capsys.readouterr().out


TANGENT = "def tangent_line(c, n, p):\n    s = c * n * p ** (n - 1)\n    return {}"
GRADIENT = "def dJ_dU(R, W, U, V, mu):\n    g = -(W * (R - mu - U @ V.T)) @ V\n    return {}"


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    ("form", "is_taken"),
    [
        ("g.astype(np.float32)", True),
        ("np.matrix(g)", True),
        ("np.ma.array(g)", True),
        ("np.ma.array(g, mask=g > 1)", False),
        ("g.astype(object)", True),
        ("__import__('pandas').DataFrame(g)", True),
        ("__import__('sympy').Matrix(g)", True),
        ("np.vectorize(str)(g)", False),
        ("g.astype(complex)", False),
        ("type('Same', (np.ndarray,), {})(g.shape, buffer=g.copy())", False),
        ("{'g': g}", False),
    ],
)
def test_what_stands_for_an_array_is_taken_by_both_or_refused_by_both(form, is_taken, capsys):
    asked, source = posed("07-derivative-of-the-loss", "q6"), GRADIENT.format(form)
    assert ("passes" in checked(asked, source, capsys)) is is_taken
    assert (marks(asked, source).label == "right") is is_taken


@pytest.mark.parametrize(
    ("form", "is_taken"),
    [
        ("[s, c * p**n - s * p]", True),
        ("__import__('collections').namedtuple('L', 'a b')(s, c * p**n - s * p)", True),
        ("tuple(map(__import__('fractions').Fraction, (s, c * p**n - s * p)))", True),
        ("tuple(map(__import__('decimal').Decimal, (s, c * p**n - s * p)))", True),
        ("tuple(map(__import__('sympy').nsimplify, (s, c * p**n - s * p)))", True),
        ("str(s), str(c * p**n - s * p)", False),
        ("type('Like', (float,), {})(s), c * p**n - s * p", False),
        ("__import__('sympy').Symbol('x'), 0", False),
        ("np.array([s, c * p**n - s * p])", False),
    ],
)
def test_what_stands_for_numbers_is_taken_by_both_or_refused_by_both(form, is_taken, capsys):
    asked, source = posed("03-power-rule", "q6"), TANGENT.format(form)
    assert ("passes its" in checked(asked, source, capsys)) is is_taken
    found = marks(asked, source)
    assert (found.label == "right") is is_taken
    if "array" in form:
        assert found.points == 1.5
        assert found.reason.startswith("Its numbers are right. Its results are one array")


# Cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "question", "cell"),
    [
        ("01-slopes", "q1", "q1 = '({right})'"),
        ("01-slopes", "q1", "q1 = '{right}.'"),
        ("01-slopes", "q1", "q1, q2 = '{right}', 3"),
        ("03-power-rule", "q3", "q3 = f'{right}'"),
        ("03-power-rule", "q3", "q3 = '({right})' + ' + 0'"),
        ("03-power-rule", "q4", "q4 = {right} - 1\nq4 += 1"),
        ("03-power-rule", "q4", "(q4, *rest) = {right}, 2"),
        ("03-power-rule", "q4", "q4 = True * {right}"),
        ("03-power-rule", "q4", "from fractions import Fraction\nq4 = Fraction({right})"),
        ("09-factorize", "q3", "q3 = 'u ← {right}'"),
    ],
)
def test_a_cell_is_read_as_python_reads_it(name, question, cell, capsys):
    asked = posed(name, question)
    source = cell.format(right=asked.right)
    said = checked(asked, source, capsys)
    assert "Noted" in said or "Read as" in said
    assert marks(asked, source).label == "right"


def test_letters_of_another_alphabet_that_look_alike_are_read(capsys):
    asked = posed("01-slopes", "q1")
    for typed_letter, plain in (("А", "A"), ("Ｂ", "B"), ("с", "C")):
        assert f"Noted: {plain}." in checked(asked, f"q1 = {typed_letter!r}", capsys)
        assert marks(asked, f"q1 = {typed_letter!r}").answer == plain


def test_a_list_may_have_its_name_in_front_and_r1_an_underscore(capsys):
    asked = posed("12-als", "q1")
    right = ", ".join(str(Fraction(n).limit_denominator(100)) for n in asked.right)
    for text in (f"u = ({right})", f"u=[{right}]", f"({right})"):
        assert "Noted" in checked(asked, f"q1 = {text!r}", capsys)
        assert marks(asked, f"q1 = {text!r}").label == "right"
    asked = posed("12-als", "q2")
    source = f"q2 = {asked.right.replace('r1', 'r_1').replace('r2', 'r₂')!r}"
    assert "Read as" in checked(asked, source, capsys)
    assert marks(asked, source).label == "right"


@pytest.mark.parametrize(
    "cell",
    ["a = 2\nq3 = f'{a}x'", "q3 = '2x^3'.replace('^', '**')", "q3 = answer", "1 +\nq3 = f()"],
)
def test_a_formula_that_is_computed_is_refused_by_both(cell, capsys, monkeypatch):
    """In a notebook, where the check can see the cell: grading reads it, and runs nothing."""
    asked = posed("03-power-rule", "q3")
    cells = ["", cell, "check('q3', q3)"]
    monkeypatch.setattr(sys.modules["__main__"], "In", cells, raising=False)
    mfteach.check("q3", asked.right)
    said = capsys.readouterr().out
    is_code = not cell.startswith("1 +")  # which IPython has not run either
    assert ("runs nothing: type the answer itself there, in quotes" in said) is is_code
    assert marks(asked, cell).label in ("unreadable", "not answered")
    monkeypatch.setattr(sys.modules["__main__"], "In", ["", f"q3 = f'{asked.right}'"])
    mfteach.check("q3", asked.right)
    assert "Right." in capsys.readouterr().out
