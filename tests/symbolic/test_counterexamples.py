"""Numbers that show a difference: small, allowed, and found with little work."""

import re

import pytest
from expression_mutants import share
from sympy import IndexedBase, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol, symbols
from wild_sums import SIZE_OF

from mfteach.symbolic import counterexamples, lecture
from mfteach.symbolic.counterexamples import MOST_STEPS, disagreement, value
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same

i, j, p, q, s = symbols("i j p q s")
m, n, k = symbols("m n k")
r, u, v, w, x, y = map(IndexedBase, "ruvwxy")
delta = KroneckerDelta

MESSAGES = {
    "a sign": (x[i], -x[i], {i: m}, "at m = 1, i = 1, x_1 = 1: 1 and -1"),
    "a factor 2": (
        Sum(u[i, q], (q, 1, k)),
        2 * Sum(u[i, q], (q, 1, k)),
        {i: m},
        "at k = 1, m = 1, i = 1, u_11 = 1: 1 and 2",
    ),
    "all items for the rated ones": (
        Sum(w[i, j] * r[i, j], (j, 1, n)),
        Sum(r[i, j], (j, 1, n)),
        {i: m},
        "at m = 1, n = 1, i = 1, r_11 = 1, w_11 = 0: 0 and 1",
    ),
    "a square of a sum": (
        Sum(x[q], (q, 1, k)) ** 2,
        Sum(x[q] ** 2, (q, 1, k)),
        {},
        "at k = 2, x_1 = 1, x_2 = 1: 4 and 2",
    ),
    "another index": (
        x[i],
        x[p],
        {i: m, p: m},
        "at m = 2, i = 1, p = 2, x_1 = 0, x_2 = 1: 0 and 1",
    ),
    "another size": (Sum(1, (j, 1, m)), n, {}, "at m = 1, n = 2: 1 and 2"),
    "a number that may lie outside": (
        Sum(delta(i, 2) * x[i], (i, 1, k)),
        x[2],
        {},
        "at k = 1, x_1 = 0, x_2 = 1: 0 and 1",
    ),
    "an empty sum": (x[1] + Sum(y[q], (q, 1, 0)), 7 * x[1], {}, "at x_1 = 1: 1 and 7"),
    "an index of another range": (
        Sum(delta(q, s) * x[q], (q, 1, m)),
        x[s],
        {s: k},
        "at k = 2, m = 1, s = 2, x_1 = 0, x_2 = 1: 0 and 1",
    ),
    "fractions": (x[1] / 2, x[1] / 3, {}, "at x_1 = 1: 1/2 and 1/3"),
    "the eleventh entry": (x[11], x[12], {}, "at x_11 = 0, x_12 = 1: 0 and 1"),
    "two places": (r[1, 11], -r[1, 11], {}, "at r_1,11 = 1: 1 and -1"),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_the_smallest_numbers_are_shown(case):
    a, b, ranges, message = MESSAGES[case]
    assert disagreement(a, b, ranges) == message


NO_DIFFERENCE = {
    "w is 0 or 1": (w[i, j] ** 2, w[i, j], {}),
    "a size is at least 1": ((n - 1) * (n - 2) * (n - 3) * x[1], Integer(0), {}),
    "an index within its size": (Sum(delta(q, s) * x[q], (q, 1, k)), x[s], {s: k}),
    "an index within a number": ((x[s] - x[1]) * (x[s] - x[2]), Integer(0), {s: 2}),
    "an index without a range, within all": (
        Sum(delta(q, s) * x[q], (q, 1, 2)) * Sum(y[q], (q, 1, k)),
        x[s] * Sum(y[q], (q, 1, k)),
        {},
    ),
    "a sum that would run backwards": (Sum(x[i], (i, 1, n - 3)), -x[0] * (n - 3) * (n - 2), {}),
    "a letter that is not 0": (
        Symbol("h", nonzero=True) ** 2 / Symbol("h", nonzero=True),
        Symbol("h", nonzero=True),
        {},
    ),
}


@pytest.mark.parametrize("case", NO_DIFFERENCE)
def test_nothing_is_shown_that_is_not_allowed(case):
    assert disagreement(*NO_DIFFERENCE[case]) is None


def test_letters_keep_to_their_assumptions():
    h, g = Symbol("h", nonzero=True), Symbol("g", negative=True)
    assert disagreement(h, 2 * h) == "at h = 1: 1 and 2"
    assert disagreement(g, 2 * g) == "at g = -1: -1 and -2"
    with pytest.raises(UndecidedError, match="called h"):
        disagreement(h, Symbol("h"))
    with pytest.raises(UndecidedError, match="s would run from 1 to"):
        disagreement(x[s], x[1], {s: 2 * k})


@pytest.fixture
def searches(monkeypatch):
    """Every search that is made."""
    made = []

    class Kept(counterexamples._Search):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(counterexamples, "_Search", Kept)
    return made


@pytest.mark.no_cover
def test_lines_of_the_lecture_are_refuted_with_a_small_part_of_the_steps(searches):
    taken = []
    for builder in (lecture.gradient_u, lecture.ridge_v, lecture.bias_user):
        for line in builder():
            for mutant in share(line.expression, 4):
                try:
                    if same(line.expression, mutant, SIZE_OF):
                        continue
                except (CaptureError, UndecidedError):
                    continue
                found = disagreement(line.expression, mutant, SIZE_OF)
                assert re.fullmatch(r"at .*: -?[\d/]+ and -?[\d/]+", found)
                taken.append(MOST_STEPS - searches[-1].left)
    assert len(taken) >= 50
    assert max(taken) < MOST_STEPS / 4


def test_a_search_ends(searches):
    letters = symbols("a:12")
    long = Sum(Mul(*(x[a] for a in letters)), *((a, 1, n) for a in letters))
    assert disagreement(long, Sum(x[i], (i, 1, n)) ** 12) is None
    assert disagreement(Sum(x[i], (i, 1, 10**9)), x[1]) is None
    assert all(search.left >= -1 for search in searches)


@pytest.mark.parametrize(
    "expr", [x[1] ** (10**9), Pow(Pow(x[1], 90, evaluate=False), 90, evaluate=False) ** 90]
)
def test_what_is_too_large_is_not_computed(expr):
    with pytest.raises(UndecidedError, match="too large"):
        value(expr, {}, lambda name, at: 3)
    with pytest.raises(UndecidedError, match="too large"):
        disagreement(expr, x[1])
