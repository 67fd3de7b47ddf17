"""Slips in single terms and in the chain rule: named where they can be, and never denied."""

import pytest
import sympy as sp

from mfteach.answers.comparison import Verdict, compare

x, u, v, lam = sp.symbols("x u v lam")
SUM = 2 * x**-3 + 2 * x + 9
SQUARES = (4 - 3 * u) ** 2 / 2 + (2 + 5 * u) ** 2 / 2
PENALTY = (3 - u * v) ** 2 / 2 + lam * u**2 / 2


@pytest.mark.parametrize(
    ("answer", "function", "by", "words"),
    [
        (
            "-8/x^4 + 2",
            SUM,
            x,
            "In one term: your exponent is right, but you multiplied by the new",
        ),
        ("-6/x^4 + 2x", SUM, x, "In one term: this is the function itself"),
        ("(4 - 3u) + (2 + 5u)", SQUARES, u, "The inner derivative is missing"),
        (
            "3(4 - 3u) + 5(2 + 5u)",
            SQUARES,
            u,
            "In one term: the inner derivative has the wrong sign",
        ),
        ("-(4 - 3u) + (2 + 5u)", SQUARES, u, "with its sign, but not with its size"),
        ("-6(4 - 3u) + 10(2 + 5u)", SQUARES, u, "Everything is twice as large"),
        ("3/2(3u - 4) + 5/2(2 + 5u)", SQUARES, u, "Everything is half as large"),
        ("3(4 - 3u) - 5(2 + 5u)", SQUARES, u, "the wrong sign"),
        ("-v(3 - u*v) - lam*u", PENALTY, u, "In one term: your exponent is right, but the factor"),
        (
            "-v(3 - u*v) + lam*u^2",
            PENALTY,
            u,
            "In one term: your factor is right, but the exponent",
        ),
    ],
)
def test_a_slip_in_a_term_is_named(answer, function, by, words):
    found = compare(answer, function.diff(by), function=function, variable=by)
    assert found.verdict is Verdict.SLIP
    assert words in found.message
    assert len(found.diagnoses) == 1


@pytest.mark.parametrize("answer", ["17", "x^9", "-6/x^4 + 2 + 1/7"])
def test_nothing_is_claimed_about_an_answer_that_no_slip_explains(answer):
    found = compare(answer, SUM.diff(x), function=SUM, variable=x)
    assert found.verdict is Verdict.DIFFERENT
    assert found.message == "This is not the derivative. Go step by step."
