"""Random sums with everything that may go wrong in them: no answer is false, and none is silent."""

import re
from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from full_expansion import differentiated, expanded
from sympy import IndexedBase
from wild_sums import (
    ALL_SHAPES,
    FREE,
    SIZE_OF,
    SIZES,
    WildMaker,
    WildRewriter,
    differ_at,
    places,
    wildly_changed,
)

from mfteach.symbolic.counterexamples import disagreement
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, derivative, same

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover


def pairs(seeds):
    """Yield pairs of polynomials and what is known about their free indices: all, none or some."""
    for seed in seeds:
        random = Random(seed)
        expr = WildMaker(random).polynomial()
        some = {index: size for index, size in SIZE_OF.items() if random.random() < 0.5}
        ranges = (dict(SIZE_OF), {}, some)[seed % 3]
        yield f"seed {seed}", expr, WildRewriter(random).rewritten(expr), ranges
        yield f"seed {seed}, changed", expr, wildly_changed(expr, random), ranges


def answer(a, b, ranges):
    try:
        return same(a, b, ranges)
    except CaptureError as error:
        assert re.search(r"index \w+ is bound in the sum and free", str(error))
        return "captured"
    except UndecidedError as error:
        assert len(str(error)) > 20
        return "undecided"


@pytest.mark.parametrize("block", range(5))
@pytest.mark.no_cover
def test_no_answer_is_false(block):
    answers = Counter()
    for name, a, b, ranges in pairs(range(20 * block, 20 * block + 20)):
        found = answer(a, b, ranges)
        answers[found] += 1
        if found is True:
            assert differ_at(a, b, ranges) is None, f"{name}: not equal, {a} and {b}"
        if found is False:
            # Equal at a few places does not mean equal: look at all places before complaining.
            shown = (
                differ_at(a, b, ranges)
                or differ_at(a, b, ranges, most=999)
                or differ_at(a, b, ranges, most=999, strict=False)
            )
            assert shown is not None, f"{name}: not different, {a} and {b}"
    assert answers[True] >= 12
    assert answers[False] >= 7
    assert answers["undecided"] + answers["captured"] <= 14


def read_facts(message):
    facts = dict(re.findall(r"(\w[\w,]*) = (-?[\d/]+)", message))
    left, right = re.search(r": (-?[\d/]+) and (-?[\d/]+)$", message).groups()
    return {name: int(text) for name, text in facts.items()}, Fraction(left), Fraction(right)


def computed(polynomial, facts):
    """Put the numbers of a message into a polynomial that is written out."""
    total = Fraction(0)
    for monomial, coefficient in polynomial.items():
        term = Fraction(coefficient)
        for entry in monomial:
            name, _, place = entry.rstrip("]").partition("[")
            digits = place.split(",")
            joint = "" if all(len(digit) == 1 for digit in digits) else ","
            term *= facts[f"{name}_{joint.join(digits)}" if place else name]
        total += term
    return total


@pytest.mark.parametrize("block", range(5))
@pytest.mark.no_cover
def test_numbers_that_show_a_difference_are_allowed_and_computed_rightly(block):
    shown = 0
    for name, a, b, ranges in pairs(range(1_000 + 20 * block, 1_020 + 20 * block)):
        if answer(a, b, ranges) in {True, "captured"}:
            continue
        try:
            message = disagreement(a, b, ranges)
        except UndecidedError:
            continue
        if message is None:
            continue
        shown += 1
        facts, left, right = read_facts(message)
        assert left != right
        numbers = {
            symbol: facts[str(symbol)] for symbol in (*SIZES, *SIZE_OF) if str(symbol) in facts
        }
        for symbol, number in numbers.items():
            limits = [numbers[size] for size in SIZES if size in numbers] or [3]
            most = numbers[ranges[symbol]] if symbol in ranges else max(limits)
            assert 1 <= number <= most, f"{name}: {symbol} in {message}"
        known = [number for entry, number in facts.items() if entry.startswith("w_")]
        assert set(known) <= {0, 1}, f"{name}: {message}"
        sides = [computed(expanded(side, numbers), facts) for side in (a, b)]
        assert sides == [left, right], f"{name}: {message}"
    assert shown >= 10


@pytest.mark.parametrize("block", range(5))
def test_derivatives_with_known_ranges_are_those_of_the_full_expansion(block):
    taken = 0
    for seed in range(2_000 + 20 * block, 2_020 + 20 * block):
        random = Random(seed)
        expr = WildMaker(random).polynomial()
        name = random.choice(sorted(ALL_SHAPES.keys() - {"w"}))
        indices = tuple(FREE[size][random.randrange(2)] for size in ALL_SHAPES[name])
        by = IndexedBase(name)[indices]
        try:
            slope = derivative(expr, by, SIZE_OF)
        except (CaptureError, UndecidedError):
            continue
        taken += 1
        for numbers in places(SIZE_OF, expr, by, most=2):
            entry = f"{name}[{','.join(str(numbers[index]) for index in indices)}]"
            truth = differentiated(expanded(expr, numbers), entry)
            assert expanded(slope, numbers) == truth, f"seed {seed}: d {expr} / d {by}"
    assert taken >= 10
