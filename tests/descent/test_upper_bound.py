"""No J is larger than its upper bound, and what has left its range is not called bounded."""

import numpy as np
import pytest

from mfteach import Factors, Loss, Ratings
from mfteach.descent.steps import DIVERGED
from mfteach.descent.upper_bound import UpperBound

RATINGS = Ratings(["a", "a", "b", "c"], ["x", "y", "y", "z"], [1.0, -4.0, 3.0, 2.0])


def point(scale, seed, biases):
    draw = np.random.default_rng(seed)
    tables = [scale * draw.normal(size=(3, 2)) for _ in range(2)]
    b, c = (scale * draw.normal(size=3) for _ in range(2))
    further = {} if biases == "none" else {"user_bias": b, "item_bias": c}
    return Factors(*tables, mean=scale, learned_biases=biases == "learned", **further)


@pytest.mark.parametrize("biases", ["none", "fixed", "learned"])
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_it_is_never_below_and_not_far_above(weighting, biases):
    loss = Loss(RATINGS, (0.3, 0.7), weighting, bias_regularization=0.5)
    bound = UpperBound(loss)
    for seed in range(50):
        at = point(10.0 ** (seed % 5 - 2), seed, biases)
        assert loss.value(at) <= bound.of(at) < DIVERGED * max(1.0, loss.value(at))


def test_it_is_reached_where_all_entries_are_as_large():
    ones = Factors(np.ones((3, 2)), -np.ones((3, 2)))
    every = Ratings([1, 1, 2, 2], [1, 2, 1, 2], [5.0, 5.0, 5.0, 5.0])
    loss = Loss(every, 0.5)
    assert UpperBound(loss).of(Factors(ones.U[:2], ones.V[:2])) == pytest.approx(
        loss.value(Factors(ones.U[:2], ones.V[:2]))
    )


@pytest.mark.parametrize("learned", [False, True])
def test_biases_count_where_there_is_little_else(learned):
    nothing, b = np.zeros((3, 2)), np.array([-30.0, 20.0, 10.0])
    at = Factors(nothing, nothing, user_bias=b, item_bias=-b, learned_biases=learned)
    loss = Loss(RATINGS, 0.1, bias_regularization=0.5)
    assert loss.value(at) <= UpperBound(loss).of(at)


@pytest.mark.parametrize("entry", [np.nan, np.inf, 1e200])
def test_what_left_the_range_has_no_bound(entry):
    at = point(1.0, 0, "learned")
    at.U[1, 1] = entry
    assert not np.isfinite(UpperBound(Loss(RATINGS, 0.1)).of(at))
