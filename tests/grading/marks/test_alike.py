"""Who is alike: code but for its names, and what is right only in somebody else's variant."""

from dataclasses import replace

import pytest
from classroom import COURSE, NAME, VARIANT

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import draw
from mfteach.grading.marks.alike import alike, normal_form
from mfteach.grading.marks.results import Mark, Result

LONG = """def tangent_line(c, n, p):
    # the slope at p, by the power rule
    slope = c * n * p ** (n - 1)
    height = c * p ** n
    run = p - 0
    rise = slope * run
    intercept = height - rise
    checked = slope * p + intercept
    if checked != height:
        intercept = intercept + (height - checked)
    return slope, intercept
"""
DISGUISED = LONG.replace("slope", "m").replace("intercept", "b").replace("height", "y0")
DISGUISED = DISGUISED.replace("    # the m at p, by the power rule\n", "").replace("run", "dx")


def test_names_comments_and_layout_do_not_hide_code():
    assert LONG != DISGUISED
    assert normal_form(LONG) == normal_form(DISGUISED.replace("    ", "  "))
    assert normal_form(LONG) != normal_form(LONG.replace("slope * run", "slope + run"))
    assert normal_form("np.dot(a, b)") != normal_form("np.cross(a, b)")


@pytest.mark.parametrize("source", ["def f(:\n  '''", "\x00", "(" * 5000, "if x:\n  y\n z"])
def test_code_without_tokens_has_no_form_or_a_harmless_one(source):
    assert isinstance(normal_form(source), tuple)


def result(student, label="wrong", **answers):
    marks = [Mark(f"q{n}", 0, 1, label, "", answers.get(f"q{n}", "")) for n in range(1, 8)]
    return Result(student, tuple(marks), digest=student)


def found(results, sources=None, variants=None):
    variants = variants or {one.student: VARIANT for one in results}
    return set(alike(results, sources or {}, variants))


def test_the_same_code_of_two_is_named_and_that_of_many_is_usual():
    results = [result(f"s{n}") for n in range(6)]
    sources = {"s1": {"q6": LONG}, "s4": {"q6": DISGUISED}}
    assert found(results, sources) == {("s1", "s4", "q6: the same code, but for its names")}
    everybody = {one.student: {"q6": LONG} for one in results}
    assert found(results, everybody) == set()


def test_short_right_code_and_short_texts_say_nothing():
    results = [result("s1", "right"), result("s2", "right")]
    short = "def tangent_line(c, n, p):\n    return c * n * p ** (n - 1), 0\n"
    assert found(results, {s: {"q6": short, "q7": "It is flat."} for s in ("s1", "s2")}) == set()


def test_the_same_text():
    text = (
        "For x^3 at 0 the slope is 0, and left of it the function is smaller, right of it larger."
    )
    sources = {"s1": {"q7": text}, "s2": {"q7": text.upper().replace(" ", "  ")}}
    assert found([result("s1"), result("s2")], sources) == {("s1", "s2", "q7: the same text")}


def test_answers_that_are_right_only_in_another_variant():
    assignment = Assignment.load(COURSE, NAME)
    variants = {f"s{n}": draw(assignment, b"seed", f"s{n}") for n in range(8)}
    right = {n: str(variants["s5"].answers[n].right) for n in ("q3", "q4", "q5")}
    results = [result(student) for student in variants]
    results[2] = result("s2", **right)
    ((first, other, what),) = found(results, variants=variants)
    assert (first, other) == ("s2", "s5")
    assert "wrong here, and right in the other's variant" in what
    assert {"q3", "q4"} & set(what.replace(":", ",").split(", "))
    once = [*results[:2], result("s2", q4=right["q4"]), *results[3:]]
    assert found(once, variants=variants) == set()  # one may be chance
    own = replace(results[2], marks=tuple(replace(m, label="right") for m in results[2].marks))
    assert found([*results[:2], own, *results[3:]], variants=variants) == set()


@pytest.mark.parametrize("answer", ["__import__('os')", "[" * 150, "1e999", "", "9" * 5000])
def test_whatever_was_typed_is_only_compared(answer):
    assignment = Assignment.load(COURSE, NAME)
    variants = {f"s{n}": draw(assignment, b"seed", f"s{n}") for n in range(2)}
    assert found([result("s0", q3=answer, q4=answer), result("s1")], variants=variants) == set()
