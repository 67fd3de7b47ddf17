"""What is half right earns its share, and nothing that is empty earns anything."""

import copy
from functools import cache

import numpy as np
import pytest
from cases import some
from classes import NAMES, SEED, load

from mfteach.answers.promises import contract
from mfteach.grading.assignments.properties import EVERY, Draw
from mfteach.grading.assignments.variants import draw
from mfteach.grading.marks.functions import FORM, score_function
from mfteach.grading.sandbox.session import Outcome


@cache
def functions():
    """Every function question of every assignment, as somebody got it."""
    return {
        f"{name} {posed.question.name}": posed
        for name in NAMES
        for posed in draw(load(name), SEED, "s001").answers.values()
        if posed.question.kind == "function"
    }


every_function = pytest.mark.parametrize("name", functions())


class Calls:
    """A session whose function is one of ours, and may change its arguments."""

    cell_failures = {}  # noqa: RUF012

    def __init__(self, function):
        self.function = function

    def call(self, name, arguments):
        before = copy.deepcopy(arguments)
        try:
            with np.errstate(all="ignore"):
                value = self.function(*arguments)
        except Exception as error:
            return Outcome(failure="error", detail=repr(error))
        same = (
            np.array_equal(a, b, equal_nan=True) for a, b in zip(before, arguments, strict=True)
        )
        changed = not all(same)
        return Outcome(value=copy.deepcopy(value), changed=changed)


def score(posed, function, seed=1):
    return score_function(posed, Calls(function), [], np.random.default_rng(seed))


def most_generous(posed):
    return max(slip.points for slip in posed.check.slips)


def mapped(value, change):
    """A result with each of its values changed."""
    return tuple(map(change, value)) if isinstance(value, tuple) else change(value)


# What earns nothing ------------------------------------------------------------------------------


def empty(posed):
    """Functions that look like work and are none."""
    right = posed.check.reference
    for number in (0.0, 1.0, -1.0, 0.2, 3.0):
        yield lambda *given, c=number: mapped(right(*given), lambda v: np.zeros(np.shape(v)) + c)
    count = len(posed.check.inputs(np.random.default_rng(0))[0])
    for one in range(count):
        yield lambda *given, i=one: given[i]
        yield lambda *given, i=one: -np.asarray(given[i])
        yield lambda *given, i=one: given[i].copy().T
        for other in range(count):
            yield lambda *given, i=one, j=other: (given[i], given[j])
            yield lambda *given, i=one, j=other: (given[i], np.zeros(np.shape(given[j])))
    yield lambda *given: (0.0, np.zeros(given[0].shape[0]), np.zeros(given[0].shape[1]))
    yield lambda *given: mapped(right(*given), lambda v: np.ones(np.shape(v)) * np.nan)
    yield lambda *given: mapped(right(*given), lambda v: np.arange(np.size(v)).reshape(np.shape(v)))
    rng = np.random.default_rng(5)
    yield lambda *given: mapped(right(*given), lambda v: rng.normal(size=np.shape(v)))


@every_function
def test_zeros_constants_and_untouched_arguments_earn_nothing(name):
    posed = functions()[name]
    for function in empty(posed):
        found = score(posed, function)
        assert found.points == 0, found


# What earns a share ------------------------------------------------------------------------------


@every_function
def test_each_slip_leaves_its_share_and_says_what_is_right(name):
    posed = functions()[name]
    assert any(slip.points for slip in posed.check.slips)
    assert most_generous(posed) <= posed.question.points - FORM
    for slip in posed.check.slips:
        found = score(posed, slip.answer)
        assert (found.label, found.points) == (slip.label, posed.question.slips[slip.label])
        assert found.reason.startswith(slip.diagnosis)
        right = "Right: " in found.reason or "right" in slip.diagnosis
        assert right or not slip.points, found


@every_function
def test_what_a_slip_leaves_is_never_less_than_its_right_parts(name):
    posed = functions()[name]
    check, shares = posed.check, posed.question.shares
    assert sum(shares.values()) == posed.question.points
    for slip in check.slips:
        draws = [
            Draw(Calls(slip.answer).call("", given).value, check.reference(*given), given)
            for given in check.inputs(np.random.default_rng(3))
        ]
        right = [each.name for each in check.properties if each.holds(draws, check.tolerance)]
        assert sum(shares[each] for each in right) <= slip.points, (slip.label, right)


@every_function
def test_each_property_is_earned_by_something_that_is_not_right(name):
    """A right result earns all of them; each has a slip, or a part of the result, of its own."""
    posed = functions()[name]
    inputs = posed.check.inputs(np.random.default_rng(4))
    right = [
        Draw(posed.check.reference(*given), posed.check.reference(*given), given)
        for given in inputs
    ]
    for each in posed.check.properties:
        assert each.holds(right, posed.check.tolerance)
        assert not each.holds([Draw(None, *rest) for _, *rest in right], posed.check.tolerance)
    assert set(posed.question.shares) - {EVERY} == {each.name for each in posed.check.properties}


@every_function
def test_what_is_wrong_in_another_way_earns_no_more_than_the_most_generous_slip(name):
    posed = functions()[name]
    right = posed.check.reference
    calls = iter(range(1000))

    def usually(*given):
        value = right(*given)
        return mapped(value, lambda v: np.asarray(v) + 1) if next(calls) % 3 == 0 else value

    for function in (
        usually,
        lambda *given: mapped(right(*given), lambda v: np.asarray(v) * 3),
        lambda *given: mapped(right(*given), lambda v: -np.asarray(v)),
        lambda *given: mapped(right(*given), lambda v: np.asarray(v) + 1e-3),
    ):
        found = score(posed, function)
        assert found.points <= most_generous(posed), found
        assert found.label != "right"


@every_function
def test_a_wrong_form_costs_half_a_point_and_no_more(name):
    posed = functions()[name]
    right = posed.check.reference

    def as_lists(*given):
        return mapped(right(*given), lambda v: np.asarray(v).tolist())

    def in_place(*given):
        value = right(*given)
        for argument in given:
            if isinstance(argument, np.ndarray):
                argument += 1
        return value

    def with_an_axis(*given):
        return mapped(right(*given), lambda v: np.asarray(v)[None])

    for function, label in (
        (as_lists, "a list for an array"),
        (in_place, "arguments changed"),
        (with_an_axis, "one axis too many"),
    ):
        found = score(posed, function)
        if found.label == "right":  # nothing but numbers goes in or comes out
            assert function is not with_an_axis
            continue
        assert found.label == label
        assert found.points == min(posed.question.points - FORM, most_generous(posed))
        assert "numbers are right" in found.reason


@every_function
def test_an_error_in_one_call_leaves_what_the_others_show(name):
    posed = functions()[name]
    calls = iter(range(1000))

    def stops_at_last(*given):
        if next(calls) == len(posed.check.inputs(np.random.default_rng(1))) - 1:
            raise ZeroDivisionError("an empty row")
        return posed.check.reference(*given)

    found = score(posed, stops_at_last)
    assert found.label == "error"
    assert "an empty row" in found.reason
    assert found.points < posed.question.points


@pytest.mark.parametrize("start", some([0, 1], 1))
@pytest.mark.parametrize(("rounds", "enough"), [(1, False), (10, False), (20, True), (60, True)])
def test_as_many_rounds_for_the_biases_do_for_everybody_and_for_the_check(rounds, enough, start):
    def biases(R, W, lam):
        mu = R[W == 1].mean()
        b, c = np.full(R.shape[0], 1.0 * start), np.full(R.shape[1], 1.0 * start)
        for _ in range(rounds):
            b = (W * (R - mu - c)).sum(axis=1) / (W.sum(axis=1) + lam)
            c = (W * (R - mu - b[:, None])).sum(axis=0) / (W.sum(axis=0) + lam)
        return mu, b, c

    posed = functions()["11-regularization q6"]
    found = [score(posed, biases, seed) for seed in range(20)]
    assert {one.label == "right" for one in found} == {enough}
    assert len({one.points for one in found}) == 1
    assert (contract("biases").problem(biases) == "") is enough
