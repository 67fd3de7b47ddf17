"""Ranges: what a delta means depends on where its indices may lie."""

import pytest
from sympy import (
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    sin,
    symbols,
)

from mfteach.symbolic import indexed_sums, lecture
from mfteach.symbolic.counterexamples import disagreement
from mfteach.symbolic.index_engine.summed_indices import Steps
from mfteach.symbolic.indexed_sums import (
    CaptureError,
    UndecidedError,
    derivative,
    normal_form,
    same,
)
from mfteach.symbolic.writing import write

i, j, l, p, q, s, t = symbols("i j l p q s t")  # noqa: E741 - the lecture's letters
m, n, k = symbols("m n k")
b, r, u, v, w, x, y = map(IndexedBase, "bruvwxy")
mu, strength = symbols("mu lambda")
delta = KroneckerDelta
prediction = Sum(u[i, q] * v[j, q], (q, 1, k))

# --- free indices whose ranges are known ---------------------------------------------------------

EQUAL = {
    "the range of the sum": (Sum(delta(q, s) * v[j, q], (q, 1, k)), v[j, s], {s: k, j: n}),
    "a count": (Sum(delta(q, s), (q, 1, k)), Integer(1), {s: k}),
    "two deltas": (
        Sum(delta(q, s) * delta(q, t) * x[q], (q, 1, k)),
        delta(s, t) * x[s],
        {s: k, t: k},
    ),
    "one of two lies in the range": (
        Sum(delta(q, s) * delta(q, p) * x[q], (q, 1, k)),
        delta(s, p) * x[s],
        {s: k, p: m},
    ),
    "a number and an index": (
        Sum(delta(q, s) * delta(q, 2) * x[q], (q, 1, k)),
        delta(s, 2) * x[2],
        {s: k},
    ),
    "two free indices of different ranges": (delta(s, p) * x[s], delta(s, p) * x[p], {s: k, p: m}),
    "fewer numbers than the index has": (
        Sum(delta(q, s) * x[q], (q, 1, 2)),
        delta(s, 1) * x[1] + delta(s, 2) * x[2],
        {s: k},
    ),
    "all the numbers that the index has": (
        Sum(delta(q, s) * x[q], (q, 1, 2)),
        x[s],
        {s: Integer(2)},
    ),
    "more numbers than the index has": (Sum(delta(q, s) * x[q], (q, 1, 4)), x[s], {s: 2}),
    "an index with one value": (x[s], x[1], {s: 1}),
    "an index with two values": ((x[s] - x[1]) * (x[s] - x[2]), Integer(0), {s: 2}),
    "a delta in a sum from 2": (
        Sum(delta(q, s) * x[q], (q, 2, k)),
        x[s] - delta(s, 1) * x[1],
        {s: k},
    ),
    "a delta in a sum from 0 to one more": (Sum(delta(q, s) * x[q], (q, 0, k + 1)), x[s], {s: k}),
    "a delta of two sums, one without its last term": (
        Sum(delta(q, t) * r[q, t], (q, 1, k - 1), (t, 1, k)),
        Sum(r[t, t], (t, 1, k)) - r[k, k],
        {},
    ),
    "a sum without its last term": (
        derivative(Sum(x[i] ** 2, (i, 1, n - 1)), x[p], {p: n}),
        2 * x[p] - 2 * delta(p, n) * x[n],
        {p: n},
    ),
}


@pytest.mark.parametrize("case", EQUAL)
def test_with_known_ranges_a_delta_is_decided_rightly(case):
    a, b, ranges = EQUAL[case]
    assert same(a, b, ranges) is True
    assert same(b, a, ranges) is True
    assert same(a, b + x[1], ranges) is False


DIFFERENT = {
    "an index with more values than the sum": (Sum(delta(q, s) * x[q], (q, 1, 2)), x[s], {s: 3}),
    "an index of any range": (Sum(delta(q, s) * x[q], (q, 1, 2)), x[s], {s: k}),
    "an index with two values, one left out": (x[s], x[1], {s: 2}),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_with_known_ranges_a_difference_is_found(case):
    a, b, ranges = DIFFERENT[case]
    assert same(a, b, ranges) is False
    assert same(b, a, ranges) is False


REFUSED = {
    "a delta": (Sum(delta(q, s) * v[j, q], (q, 1, m)), {s: k, j: n}, "s", "1 to k", "1 to m"),
    "a delta under two sums": (
        Sum(delta(q, s) * r[p, q], (q, 1, m), (p, 1, n)),
        {s: k},
        "s",
        "1 to k",
        "1 to m",
    ),
    "two deltas, none in the range": (
        Sum(delta(q, s) * delta(q, t) * x[q], (q, 1, m)),
        {s: k, t: n},
        "would have to",
        "1 to m",
    ),
    "a square of a sum": (
        Sum(delta(q, s) * x[q], (q, 1, m)) ** 2,
        {s: k},
        "s would have to",
        "1 to k",
        "1 to m",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_delta_with_an_index_of_another_range_is_refused_with_both_ranges(case):
    expr, ranges, *parts = REFUSED[case]
    for question in (lambda: same(expr, x[1], ranges), lambda: same(x[1], expr, ranges)):
        with pytest.raises(UndecidedError) as caught:
            question()
        assert all(part in str(caught.value) for part in parts)


SLOPES = {
    "of a sum to n instead of k": (Sum(u[i, q] * v[j, q], (q, 1, n)), u[i, s]),
    "of the squares to m instead of k": (Sum(u[i, q] ** 2, (q, 1, m)) / 2, u[i, s]),
    "nested": (Sum(w[i, j] * Sum(u[i, q] * v[j, q], (q, 1, m)) ** 2, (j, 1, n)), u[i, s]),
    "of all users to n": (Sum(u[p, q] ** 2, (p, 1, n), (q, 1, k)), u[i, s]),
}


@pytest.mark.parametrize("case", SLOPES)
def test_a_derivative_under_a_sum_of_another_range_is_refused(case):
    expr, by = SLOPES[case]
    with pytest.raises(UndecidedError, match=r"would have to run from 1 to [mnk] and from 1 to"):
        derivative(expr, by, {i: m, s: k, j: n})


def test_a_derivative_keeps_to_the_ranges_that_it_is_given():
    with pytest.raises(UndecidedError, match="p would have to run from 1 to n and from 1 to m"):
        derivative(Sum(x[i] ** 2, (i, 1, m)), x[p], ranges={p: n})
    slope = derivative(Sum(x[i] ** 2, (i, 1, m)), x[p], ranges={p: m})
    assert slope == 2 * x[p]
    assert derivative(prediction, u[i, s], {i: m, j: n, s: k}) == v[j, s]
    written = derivative(Sum(x[i] ** 2, (i, 1, 2)), x[p], {p: n})
    assert same(written, 2 * delta(p, 1) * x[1] + 2 * delta(p, 2) * x[2], {p: n})


def test_an_assumed_range_holds_for_the_whole_question():
    one, other = (Sum(delta(q, p) * x[q], (q, 1, size)) for size in (m, n))
    assert same(one, x[p])
    assert same(other, x[p])
    for a, c in ((one, other), (other, one), (one + other, x[p]), (x[p], one * other)):
        with pytest.raises(UndecidedError, match=r"p would have to run from 1 to [mn] and from 1"):
            same(a, c)
    for low, high in ((1, 3), (3, 4)):
        with pytest.raises(
            UndecidedError, match=r"p would have to run from [13] to [234] and from"
        ):
            same(Sum(delta(q, p), (q, 1, 2)) + Sum(delta(q, p) * x[q], (q, low, high)), x[1])
    with pytest.raises(UndecidedError, match="p would have to run"):
        same(Sum(delta(q, p) * delta(p, t), (q, 1, m)), Sum(delta(q, t) * delta(p, t), (q, 1, n)))


def test_a_range_is_a_size_or_a_whole_number():
    for limit in (2 * n, Integer(0), Rational(1, 2), n + 1):
        with pytest.raises(UndecidedError, match="p would run from 1 to"):
            same(x[p], x[p], {p: limit})


# --- derivatives ---------------------------------------------------------------------------------


def test_an_empty_sum_has_no_derivative_but_0():
    assert derivative(Sum(x[t], (t, 1, 0)), x[s]) == 0
    assert derivative(Sum(x[t], (t, 1, 0)) ** 2 * x[s], x[s]) == 0
    assert derivative((x[s] + Sum(x[t], (t, 1, 0))) ** 2, x[s]) == 2 * x[s]


def test_a_derivative_with_respect_to_a_plain_symbol():
    error = r[i, j] - mu - prediction
    loss = Sum(w[i, j] * error**2, (j, 1, n)) / 2 + strength / 2 * Sum(u[i, q] ** 2, (q, 1, k))
    assert same(derivative(loss, mu), -Sum(w[i, j] * error, (j, 1, n)))
    assert derivative(loss, strength) == Sum(u[i, q] ** 2, (q, 1, k)) / 2
    assert derivative(prediction, mu) == 0
    assert derivative(mu**3 * n * x[i], mu) == 3 * mu**2 * n * x[i]


@pytest.mark.parametrize(("by", "kind"), [(i, "an index"), (n, "a size")])
def test_indices_and_sizes_have_no_derivative(by, kind):
    with pytest.raises(UndecidedError, match=f"{by} is {kind}, .* no derivative"):
        derivative(Sum(r[i, j], (j, 1, n)), by)


def test_no_derivative_with_respect_to_the_indicator_or_a_summed_index():
    with pytest.raises(UndecidedError, match=r"w\[i, j\] is 1 for a known rating and 0"):
        derivative(w[i, j] * r[i, j], w[i, j])
    with pytest.raises(CaptureError, match="index j is bound"):
        derivative(Sum(r[i, j], (j, 1, n)), j)
    with pytest.raises(TypeError, match="not 3"):
        derivative(x[i], Integer(3))


def test_an_entry_that_may_lie_outside_is_refused():
    both = Sum(x[i] ** 2, (i, 1, n)) + Sum(y[i], (i, 1, m))
    for at in (2, n + 1, m):
        with pytest.raises(UndecidedError, match="depends on"):
            derivative(both, x[at])
    assert derivative(x[p + 1] * x[p], x[p]) == x[p + 1]


# --- names ---------------------------------------------------------------------------------------


def test_two_symbols_of_one_name_are_refused_instead_of_called_different():
    real = Symbol("x", real=True)
    for a, c in ((Symbol("x"), real), (y[i] * real, y[i] * Symbol("x"))):
        with pytest.raises(UndecidedError, match="called x, one real and one without assumptions"):
            same(a, c)
    with pytest.raises(UndecidedError, match="called p"):
        same(x[p], x[Symbol("p", integer=True)])
    with pytest.raises(UndecidedError, match="called p"):
        same(x[p], x[p], {Symbol("p", integer=True): n})
    with pytest.raises(UndecidedError, match="called x"):
        same(x[p], IndexedBase("x", real=True)[p])


def test_the_letter_of_a_sum_may_have_assumptions_of_its_own():
    whole = Symbol("i", integer=True)
    assert same(Sum(x[whole], (whole, 1, n)), Sum(x[i], (i, 1, n)))


# --- the normal form, to be shown ----------------------------------------------------------------


def test_the_normal_form_has_letters_that_a_reader_can_follow():
    shown = normal_form(lecture.gradient_u()[0].expression, {i: m, s: k})
    assert write(shown) == (
        r"- \sum_{j=1}^{n} r_{ij} v_{js} w_{ij}"
        r" + \sum_{j=1}^{n} \sum_{q=1}^{k} u_{iq} v_{jq} v_{js} w_{ij}"
    )
    assert normal_form(Sum(1 + 2 * x[i], (i, 1, n))) == n + 2 * Sum(x[i], (i, 1, n))
    assert normal_form(Sum(x[i], (i, 1, 2)) ** 2) == x[1] ** 2 + 2 * x[1] * x[2] + x[2] ** 2


@pytest.mark.parametrize("builder", lecture.ALL, ids=lambda builder: builder.__name__)
def test_the_normal_forms_of_all_lines_are_one(builder):
    derivation = builder()
    ranges = lecture.NOTATION.ranges(derivation[0].expression)
    forms = [normal_form(line.expression, ranges) for line in derivation]
    for line, form in zip(derivation, forms, strict=True):
        assert same(form, line.expression, ranges)
        assert same(form, forms[0], ranges)
        assert not any("'" in symbol.name for symbol in form.atoms(Symbol))


# --- bounds, counted in steps --------------------------------------------------------------------


@pytest.fixture
def steps(monkeypatch):
    """Every counter of steps that the engine makes."""
    made = []

    class Counted(Steps):
        def __init__(self, most):
            super().__init__(most)
            made.append(self)

    monkeypatch.setattr(indexed_sums, "Steps", Counted)
    return made


def squares(letters):
    return [
        Sum((r[i, j] - Sum(IndexedBase(a)[i, q] * v[j, q], (q, 1, k))) ** 2, (j, 1, n))
        for a in letters
    ]


TOO_MUCH = {
    "seven squared sums": Mul(*squares("abcdefg")),
    "a high power of a long sum": sum((x[at] for at in range(1, 8)), Integer(0)) ** 60,
    "a long sum between numbers": Sum(x[i], (i, 1, 10**9)),
    "a product of long sums": sum(x[at] for at in range(400)) * sum(y[at] for at in range(400)),
    "many indices, all alike": Sum(
        Mul(*(r[a, c] for a in symbols("a:12") for c in symbols("a:12") if a != c)),
        *((a, 1, n) for a in symbols("a:12")),
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_would_take_too_long_is_refused_within_the_bound(case, steps):
    with pytest.raises(UndecidedError, match="multiplied out, this"):
        same(TOO_MUCH[case], x[1])
    assert max(counter.taken for counter in steps) <= 1.1 * indexed_sums.MOST_STEPS


def test_deep_and_long_expressions_are_refused_before_they_are_read():
    deep, long = x[1], x[1]
    for _ in range(400):
        deep = Pow(deep + y[1], 1, evaluate=False)
    for _ in range(40):
        long = Mul(long, long, evaluate=False)
    for expr, reason in ((deep, "60 deep"), (long, "more than 5000 parts")):
        for question in (same, disagreement):
            with pytest.raises(UndecidedError, match=reason):
                question(expr, x[1])
        with pytest.raises(UndecidedError, match=reason):
            derivative(expr, x[1])


def test_messages_about_long_expressions_are_short():
    with pytest.raises(UndecidedError) as caught:
        same(sin(sum(x[at] for at in range(300))), x[1])
    assert len(str(caught.value)) < 160


def test_the_lines_of_the_lecture_need_a_small_part_of_the_steps(steps):
    for builder in lecture.ALL:
        derivation = builder()
        ranges = lecture.NOTATION.ranges(derivation[0].expression)
        for line in derivation:
            assert same(line.expression, derivation.result, ranges)
    assert max(counter.taken for counter in steps) < indexed_sums.MOST_STEPS / 10
