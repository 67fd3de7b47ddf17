"""Claims of lesson 06 that its own cells do not hold, held with the package's loss."""

import numpy as np

import mfteach as mf
from mfteach.datasets import hand_factors, history_romance
from mfteach.lessons.questions.finding import question

FACTORS = hand_factors()
CLEAN = history_romance().to_matrix()


def with_cleopatra(numbers):
    V = FACTORS.V.copy()
    V[2] = numbers
    return mf.Factors(FACTORS.U, V)


def loss(table):
    return mf.Loss(mf.Ratings.from_matrix(table))


def test_the_answers_are_those_of_the_loss():
    surprising = mf.Loss(history_romance(surprise=True))
    assert question("06-1").right == surprising.value(with_cleopatra([0, 1])) == 5.5
    hidden = CLEAN.copy()
    hidden[3, 2:] = np.nan
    found = [loss(table).value(FACTORS) for table in (hidden, np.nan_to_num(hidden))]
    parts = list(question("06-3").parts.values())
    assert [part.right for part in parts[:2]] == found == [1.5, 5]


def test_a_blank_is_not_a_zero():
    gap = CLEAN.copy()
    gap[0, 5] = np.nan
    assert (len(mf.Ratings.from_matrix(CLEAN)), len(mf.Ratings.from_matrix(gap))) == (42, 41)
    far_off = mf.Factors(FACTORS.U, FACTORS.V + np.eye(6)[[5]].T * [5, 0])  # only about Casablanca
    assert loss(gap).value(far_off) == loss(CLEAN).value(far_off) - 0.5 * 5**2


def test_how_many_numbers_a_single_error_depends_on():
    point = mf.Factors.random((7, 6), n_factors=3, rng=0, scale=1.0)
    only = np.full((7, 6), np.nan)
    only[4, 1] = 1.0
    assert np.count_nonzero(loss(only).gradient(point)) == question("06-exit").right == 6


def test_a_loss_of_almost_0_proves_little():
    """With as many factors as films any ratings can be met, also random ones."""
    noise = np.random.default_rng(0).normal(size=(7, 6))
    assert loss(noise).value(mf.Factors(noise, np.eye(6))) == 0
