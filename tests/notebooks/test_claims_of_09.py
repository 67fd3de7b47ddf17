"""Claims of lesson 09 that its own cells do not hold."""

from itertools import islice

import numpy as np
import pytest

import mfteach as mf
from mfteach.datasets import history_romance
from mfteach.descent import descend
from mfteach.lessons.questions.finding import question

LOSS = mf.Loss(history_romance(surprise=True))
START = mf.Factors.random((7, 6), n_factors=2, rng=1)
FLOOR = 0.5 * (np.linalg.svd(LOSS.ratings.to_matrix(), compute_uv=False)[2:] ** 2).sum()


@pytest.mark.parametrize(
    ("rate", "is_fast"), [(0.1, False), (0.11, True), (0.16, True), (0.205, True), (0.21, False)]
)
def test_the_rates_that_need_fewer_than_20_steps(rate, is_fast):
    found = question("09-1").reply(rate, loss=LOSS, start=START, floor=FLOOR)
    assert found.right == is_fast


def test_the_larger_a_pattern_the_faster_it_grows_out_of_a_small_start():
    left, sizes, right = np.linalg.svd(LOSS.ratings.to_matrix())
    start = mf.Factors.random((7, 6), n_factors=3, rng=1, scale=1e-9)
    steps = list(islice(mf.gradient_descent(LOSS, start, 0.2), 13))
    for q in range(3):
        early, later = (left[:, q] @ steps[n].point.matrix() @ right[q] for n in (8, 12))
        # U and V both grow by 1 + rate * size in each step; what shrinks is gone by step 8
        assert later / early == pytest.approx((1 + 0.2 * sizes[q]) ** 8, rel=0.05)


def test_of_the_two_patterns_the_second_is_ahead_at_step_4_and_behind_at_step_8():
    left, _, right = np.linalg.svd(LOSS.ratings.to_matrix())
    steps = list(islice(mf.gradient_descent(LOSS, START, 0.2), 9))
    first, second = ([left[:, q] @ one.point.matrix() @ right[q] for one in steps] for q in (0, 1))
    assert 0 < first[4] < second[4]
    assert first[8] > second[8]


def test_two_equal_columns_reach_the_floor_of_one_factor_of_the_clean_table():
    clean = mf.Loss(history_romance())
    sizes = np.linalg.svd(clean.ratings.to_matrix(), compute_uv=False)
    assert np.allclose(sizes**2, [24, 9, 0, 0, 0, 0])
    equal = mf.Factors(START.U[:, [0, 0]], START.V[:, [0, 0]])
    found = descend(mf.gradient_descent(clean, equal, 0.05), n_steps=500, progress=False)
    assert found.values[-1] == pytest.approx(question("09-3").right)


def test_with_one_side_at_zero_only_the_other_half_of_the_gradient_is_zero():
    slope = LOSS.gradient(mf.Factors(START.U, 0 * START.V))
    assert not slope.U.any()
    assert slope.V.all()
    assert question("09-exit").right == "B"
