"""The lecture's example: its exact facts, its J* by the SVD, and what was measured, as bands."""

from itertools import islice

import numpy as np
import pytest
import sympy
from cases import some
from numpy.testing import assert_allclose, assert_array_equal
from oracles import central_differences, nth, numbered

from mfteach import DivergenceError, Factors, Loss, datasets, gradient_descent
from mfteach.evaluation import rmse

CLEAN, SURPRISE = (datasets.history_romance(surprise) for surprise in (False, True))
BOTH = pytest.mark.parametrize("ratings", [CLEAN, SURPRISE], ids=["clean", "surprise"])
HAND = datasets.hand_factors()
CLEOPATRA = 2


def singular_values(ratings):
    return np.linalg.svd(ratings.to_matrix(), compute_uv=False)


def best_value(ratings, k=2):
    """J* = half the squares of the singular values that k factors must leave out."""
    return 0.5 * np.sum(singular_values(ratings)[k:] ** 2)


def balanced_optimum(ratings, k=2, shrink=0.0):
    """U and V share the k largest singular values evenly, each first lowered by ``shrink``."""
    left, sizes, right = np.linalg.svd(ratings.to_matrix())
    roots = np.sqrt(np.maximum(sizes[:k] - shrink, 0))
    return Factors(left[:, :k] * roots, right[:k].T * roots)


def hessian(loss, factors):
    """Second derivatives from differences of the gradient."""
    entries = np.asarray(factors)
    columns = [
        central_differences(
            lambda x, p=p: np.asarray(loss.gradient(factors.with_entries(x)))[p], entries
        )
        for p in range(len(entries))
    ]
    return np.array(columns)


# The table


def test_the_table_is_the_one_of_the_lecture():
    rows = {1: [1, 1, 1, 0, 0, 0], 4: [1] * 6, 5: [-1, -1, -1, 1, 1, 1]}
    clean = [rows[1], rows[1], rows[1], rows[4], rows[5], rows[5], rows[5]]
    assert CLEAN.to_matrix().tolist() == clean
    clean[5] = [-1, -1, 1, 1, 1, 1]
    assert SURPRISE.to_matrix().tolist() == clean
    assert CLEAN.item_labels.tolist() == [
        "Nero",
        "Julius Caesar",
        "Cleopatra",
        "Sleepless in Seattle",
        "Pretty Woman",
        "Casablanca",
    ]
    assert CLEAN.user_labels.tolist() == [1, 2, 3, 4, 5, 6, 7]


@BOTH
def test_zeros_are_ratings(ratings):
    assert len(ratings) == 42
    assert np.count_nonzero(ratings.values == 0) == 9
    assert ratings.by_user.counts.tolist() == [6] * 7


# The factors written by hand


def test_hand_factors_are_those_of_the_lecture():
    assert HAND.U.tolist() == [[1, 0]] * 3 + [[1, 1]] + [[-1, 1]] * 3
    assert HAND.V.tolist() == [[1, 0]] * 2 + [[1, 1]] + [[0, 1]] * 3


@BOTH
def test_hand_factors_cost_two_all_of_it_in_cleopatra(ratings):
    loss = Loss(ratings)
    assert loss.value(HAND) == 2
    e = loss.errors(HAND)
    cleopatra = ratings.item_index == CLEOPATRA
    assert 0.5 * np.sum(e[cleopatra] ** 2) == 2
    assert not e[~cleopatra].any()


@pytest.mark.parametrize(("ratings", "row"), [(CLEAN, [-2, 4]), (SURPRISE, [0, 2])])
def test_cleopatras_row_of_the_gradient(ratings, row):
    gradient = Loss(ratings).gradient(HAND)
    assert gradient.V[CLEOPATRA].tolist() == row
    assert not np.delete(gradient.V, CLEOPATRA, axis=0).any()


# Ranks and the lowest J


def test_clean_has_rank_two():
    assert sympy.Matrix(CLEAN.to_matrix().astype(int)).rank() == 2
    assert_allclose(singular_values(CLEAN)[:2], [np.sqrt(24), 3], rtol=1e-12)
    assert best_value(CLEAN) < 1e-25
    assert Loss(CLEAN).value(balanced_optimum(CLEAN)) < 1e-25


def test_one_surprise_has_rank_three():
    assert sympy.Matrix(SURPRISE.to_matrix().astype(int)).rank() == 3
    assert_allclose(singular_values(SURPRISE)[:3], [4.5296, 3.2571, 1.3691], atol=5e-5)
    assert best_value(SURPRISE) == pytest.approx(0.93727, abs=5e-6)
    assert best_value(SURPRISE) == pytest.approx(1.3691**2 / 2, abs=1e-4)


@pytest.mark.parametrize(
    ("ratings", "k"), [(CLEAN, 1), (CLEAN, 2), (SURPRISE, 1), (SURPRISE, 2), (SURPRISE, 3)]
)
def test_descent_ends_at_the_j_of_the_svd(ratings, k):
    start = Factors.random(ratings.shape, k, rng=0)
    step = nth(gradient_descent(Loss(ratings), start, 0.1), 1000)
    assert step.value == pytest.approx(best_value(ratings, k), rel=1e-9, abs=1e-12)
    left, sizes, right = np.linalg.svd(ratings.to_matrix())
    best_matrix = (left[:, :k] * sizes[:k]) @ right[:k]
    assert_allclose(step.point.matrix(), best_matrix, atol=1e-6)


# Cleopatra with U fixed


def best_cleopatra(ratings, regularization):
    """Solve dJ/dv = 0 for her row: the gradient is affine in v, so three points give it all."""
    loss = Loss(ratings, float(regularization))

    def row(v):
        V = HAND.V.copy()
        V[CLEOPATRA] = v
        return loss.gradient(Factors(HAND.U, V)).V[CLEOPATRA]

    at_zero = row([0, 0])
    slopes = np.column_stack([row([1, 0]) - at_zero, row([0, 1]) - at_zero])
    return np.linalg.solve(slopes, -at_zero)


def test_the_best_cleopatra_is_pure_history_in_clean():
    assert_allclose(best_cleopatra(CLEAN, 0), [1, 0], atol=1e-14)
    V = HAND.V.copy()
    V[CLEOPATRA] = [1, 0]
    assert Loss(CLEAN).value(Factors(HAND.U, V)) == 0


def test_the_best_cleopatra_after_the_surprise():
    assert_allclose(best_cleopatra(SURPRISE, 0), [5 / 6, 5 / 12], rtol=1e-13)


@pytest.mark.parametrize("regularization", [0, 0.5, 1, 10])
def test_the_best_cleopatra_with_ridge(regularization):
    expected = np.array([5 * (regularization + 4), 10])
    expected = expected / (regularization**2 + 11 * regularization + 24)
    assert_allclose(best_cleopatra(SURPRISE, regularization), expected, rtol=1e-12)


def test_ridge_in_exact_arithmetic():
    lamda = sympy.symbols("lamda", nonnegative=True)
    U = sympy.Matrix(HAND.U.astype(int))
    r = sympy.Matrix(SURPRISE.to_matrix()[:, CLEOPATRA].astype(int))
    v = (U.T * U + lamda * sympy.eye(2)).LUsolve(U.T * r)
    expected = sympy.Matrix([5 * (lamda + 4), 10]) / (lamda**2 + 11 * lamda + 24)
    assert sympy.simplify(v - expected) == sympy.zeros(2, 1)


def test_zeros_read_as_blanks_leave_romance_undetermined():
    V = HAND.V.copy()
    V[CLEOPATRA] = [1, 0]
    R = CLEAN.to_matrix()
    for user in range(3):
        seen = V[R[user] != 0]
        assert_array_equal(seen.T @ seen, np.diag([3, 0]))
        whole = V[CLEAN.item_index[CLEAN.by_user[user]]]
        assert np.linalg.det(whole.T @ whole) == pytest.approx(9)


# Saddles, equal columns, curvature


def test_a_zero_start_is_a_saddle_at_16_and_a_half():
    zero = Factors(np.zeros((7, 2)), np.zeros((6, 2)))
    for ratings in (CLEAN, SURPRISE):
        loss = Loss(ratings)
        assert loss.value(zero) == 16.5
        assert not np.asarray(loss.gradient(zero)).any()
        curvatures = np.linalg.eigvalsh(hessian(loss, zero))
        assert curvatures[0] == pytest.approx(-singular_values(ratings)[0])
        assert curvatures[-1] == pytest.approx(singular_values(ratings)[0])
        assert nth(gradient_descent(loss, zero, 0.1), 20).value == 16.5


def test_equal_columns_stay_equal():
    one = Factors.random(SURPRISE.shape, 1, rng=0)
    start = Factors(np.repeat(one.U, 2, axis=1), np.repeat(one.V, 2, axis=1))
    step = nth(gradient_descent(Loss(SURPRISE), start, 0.1), 2000)
    assert_array_equal(step.point.U[:, 0], step.point.U[:, 1])
    assert_array_equal(step.point.V[:, 0], step.point.V[:, 1])
    assert step.value == pytest.approx(best_value(SURPRISE, 1), rel=1e-9)
    assert step.value == pytest.approx(6.2415, abs=5e-5)


def test_curvature_at_the_balanced_optimum():
    curvatures = np.linalg.eigvalsh(hessian(Loss(SURPRISE), balanced_optimum(SURPRISE)))
    assert curvatures[-1] == pytest.approx(2 * singular_values(SURPRISE)[0], rel=1e-9)
    assert curvatures[-1] == pytest.approx(9.0591, abs=1e-4)
    assert 2 / curvatures[-1] == pytest.approx(0.2208, abs=5e-5)
    assert np.count_nonzero(np.abs(curvatures) < 1e-9) == 4
    assert curvatures[0] > -1e-9


def test_unbalanced_optima_are_stiffer():
    optimum = balanced_optimum(SURPRISE)
    for scale in (0.5, 1.5, 3):
        G = np.diag([scale, 1])
        stretched = Factors(optimum.U @ G, optimum.V @ np.linalg.inv(G))
        assert Loss(SURPRISE).value(stretched) == pytest.approx(best_value(SURPRISE))
        curvatures = np.linalg.eigvalsh(hessian(Loss(SURPRISE), stretched))
        assert curvatures[-1] > 9.06
        assert np.count_nonzero(np.abs(curvatures) < 1e-8) == 4


def test_gradient_identity_everywhere():
    for ratings in (CLEAN, SURPRISE):
        point = Factors.random(ratings.shape, 2, rng=1, scale=2.0)
        for regularization in (0.0, 0.5):
            gradient = Loss(ratings, regularization).gradient(point)
            difference = point.U.T @ gradient.U - (point.V.T @ gradient.V).T
            expected = regularization * (point.U.T @ point.U - point.V.T @ point.V)
            assert_allclose(difference, expected, atol=1e-10)


# With a penalty


def alternate(R, regularization, n_sweeps):
    """ALS in three lines, for all ratings known."""
    V = np.random.default_rng(0).normal(size=(R.shape[1], 2))
    ridge = regularization * np.eye(2)
    for _ in range(n_sweeps):
        U = np.linalg.solve(V.T @ V + ridge, V.T @ R.T).T
        V = np.linalg.solve(U.T @ U + ridge, U.T @ R).T
    return Factors(U, V)


def test_three_ways_to_the_same_penalised_j():
    loss = Loss(SURPRISE, 0.5)
    svd = loss.value(balanced_optimum(SURPRISE, shrink=0.5))
    als = loss.value(alternate(SURPRISE.to_matrix(), 0.5, 200))
    start = Factors.random(SURPRISE.shape, 2, rng=0)
    gd = nth(gradient_descent(loss, start, 0.1), 2000).value
    assert svd == pytest.approx(4.58058380, abs=5e-9)
    assert als == pytest.approx(4.58058380, abs=5e-9)
    assert gd == pytest.approx(4.58058380, abs=5e-9)
    uncut = loss.value(balanced_optimum(SURPRISE, k=6, shrink=0.5))
    assert uncut == pytest.approx(4.20288550, abs=5e-9)


# Measured


def steps_to(values, target):
    return int(np.argmax(values <= target))


@pytest.mark.parametrize(
    ("rate", "least", "most"), some([(0.2, 11, 22), (0.1, 18, 33), (0.01, 180, 310)], 2)
)
@pytest.mark.no_cover
def test_how_long_it_takes_to_come_within_a_thousandth(rate, least, most):
    counts = []
    for seed in range(7):
        start = Factors.random(SURPRISE.shape, 2, rng=seed, scale=0.1)
        values = numbered(
            islice(gradient_descent(Loss(SURPRISE), start, rate), 900 if rate < 0.1 else 100)
        )
        assert values[-1] <= 1.001 * best_value(SURPRISE)
        counts.append(steps_to(values, 1.001 * best_value(SURPRISE)))
    assert least <= np.median(counts) <= most
    assert least / 2 <= min(counts)
    assert max(counts) <= 2 * most


@pytest.mark.parametrize("rate", [0.225, 0.25])
@pytest.mark.no_cover
def test_the_swing(rate):
    start = Factors.random(SURPRISE.shape, 2, rng=0, scale=0.1)
    values = numbered(islice(gradient_descent(Loss(SURPRISE), start, rate), 1500))[-50:]
    assert values.min() > 1.01 * best_value(SURPRISE)
    assert values.max() < 16.5
    assert np.abs(np.diff(values)).min() > 0.05
    assert_allclose(values[2:], values[:-2], rtol=1e-6)


@pytest.mark.parametrize("rate", [0.3, 0.35])
def test_the_explosion(rate):
    for seed in range(5):
        start = Factors.random(SURPRISE.shape, 2, rng=seed, scale=0.1)
        with pytest.raises(DivergenceError, match=f"learning_rate={rate}"):
            nth(gradient_descent(Loss(SURPRISE), start, rate), 1000)


@pytest.mark.no_cover
def test_predictions_agree_where_factors_do_not():
    """20 starts: one matrix, many factors. "Factor 1 = History" is not in the data."""
    ends = [
        nth(gradient_descent(Loss(CLEAN), Factors.random(CLEAN.shape, 2, rng=seed), 0.1), 150).point
        for seed in range(20)
    ]
    matrices, entries = np.array([end.matrix() for end in ends]), np.array([end.U for end in ends])
    assert np.ptp(matrices, axis=0).max() < 1e-9
    assert np.ptp(entries, axis=0).max() > 1
    assert rmse(CLEAN.values, ends[0].matrix().ravel()) < 1e-9
