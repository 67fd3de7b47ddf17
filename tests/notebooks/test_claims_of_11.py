"""Claims of lesson 11 that its own cells do not hold."""

import numpy as np
from counting import Counted, counted

import mfteach as mf
from mfteach.descent import solve_users
from mfteach.descent.sgd import Shares, epoch
from mfteach.evaluation import rmse

LOSS = mf.Loss(mf.datasets.history_romance(), 0.5)
START = mf.Factors.random((7, 6), 2, rng=0)
TRIPLES = [
    (int(i), int(j), float(r))
    for i, j, r in zip(
        LOSS.ratings.user_index, LOSS.ratings.item_index, LOSS.ratings.values, strict=True
    )
]


def test_small_steps_take_7_k_multiplications_a_rating():
    shares = [counted(share) for share in Shares.of(LOSS)]
    Counted.multiplications = 0
    U, _, _ = epoch(TRIPLES, counted(START.U), counted(START.V), None, shares, Counted(0.1))
    assert Counted.multiplications == 7 * START.n_factors * len(TRIPLES)
    plain, _, _ = epoch(TRIPLES, START.U, START.V, None, Shares.of(LOSS), 0.1)
    assert np.allclose([[u.value for u in row] for row in U], plain)


def test_a_long_step_takes_3_k_multiplications_a_rating_and_2_k_a_row():
    U, V, eta, lam = counted(START.U), counted(START.V), Counted(0.1), Counted(0.5)
    R = LOSS.ratings.to_matrix()
    Counted.multiplications = 0
    E = R - U @ V.T
    new_U = U - eta * (lam * U - E @ V)
    _ = V - eta * (lam * V - E.T @ U)
    k = START.n_factors
    assert Counted.multiplications == 3 * k * len(TRIPLES) + 2 * k * sum(R.shape)
    step = START.U - 0.1 * LOSS.gradient(START).U
    assert np.allclose([[u.value for u in row] for row in new_U], step)


def test_one_more_rating_changes_two_rows_only():
    U, V, _ = epoch(TRIPLES[9:10], START.U, START.V, None, Shares.of(LOSS), 0.1)
    i, j, _ = TRIPLES[9]
    assert np.flatnonzero((U != START.U).any(axis=1)).tolist() == [i]
    assert np.flatnonzero((V != START.V).any(axis=1)).tolist() == [j]


def test_a_step_with_the_penalty_is_a_step_without_it_and_a_pull_in_proportion():
    plain = mf.Loss(LOSS.ratings)
    pull = 0.1 * (LOSS.gradient(START).U - plain.gradient(START).U)
    assert np.allclose(pull, 0.1 * 0.5 * START.U)


def test_with_the_other_side_known_the_best_strength_is_near_sigma2_over_tau2_for_other_draws():
    for seed in (1, 2):
        drawn = mf.datasets.planted(400, 100, 3, density=1.0, noise=(2 * 3**-0.5) ** 0.5, rng=seed)
        whole = drawn.truth.U @ drawn.truth.V.T
        for share in (0.3, 0.9):
            part, _ = drawn.ratings.split(1 - share, rng=1)
            errors = [
                rmse(whole, solve_users(mf.Loss(part, number), drawn.truth).U @ drawn.truth.V.T)
                for number in (1, 1.4, 2, 2.8, 4)
            ]
            assert 1 <= np.argmin(errors) <= 3
