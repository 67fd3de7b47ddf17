"""Claims of lesson 10 that its own cells do not hold."""

import numpy as np
import pytest
import sympy

import mfteach as mf
from mfteach.datasets import history_romance
from mfteach.lessons.questions.finding import question

LOSS = mf.Loss(history_romance(surprise=True))
LEFT, SIZES, RIGHT = np.linalg.svd(LOSS.ratings.to_matrix())


def optimum(k):
    root = np.sqrt(SIZES[:k])
    return mf.Factors(LEFT[:, :k] * root, RIGHT[:k].T * root)


def moved(point, G):
    return mf.Factors(point.U @ G, point.V @ np.linalg.inv(G).T)


def curvatures(point, h=1e-4):
    place = np.asarray(point)

    def slope(entries):
        return np.asarray(LOSS.gradient(point.with_entries(entries)))

    H = np.array([(slope(place + h * e) - slope(place - h * e)) / (2 * h) for e in np.eye(26)])
    return np.linalg.eigvalsh((H + H.T) / 2)


def is_balanced(point):
    return np.allclose(point.U.T @ point.U, point.V.T @ point.V, atol=0.01)


def test_no_optimum_curves_less_than_a_balanced_one():
    balanced = optimum(2)
    assert is_balanced(balanced)
    lowest = curvatures(balanced)[-1]
    assert lowest == pytest.approx(2 * SIZES[0])
    rng = np.random.default_rng(0)
    for G in rng.normal(size=(20, 2, 2)):
        assert curvatures(moved(balanced, G))[-1] > lowest - 1e-4


def test_an_optimum_that_is_a_little_unbalanced_may_curve_as_little_as_a_balanced_one():
    stretched = moved(optimum(2), np.diag([1, 1.1]))
    assert not is_balanced(stretched)
    assert curvatures(stretched)[-1] == pytest.approx(2 * SIZES[0])


def test_with_one_side_fixed_the_loss_is_a_bowl():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(7, 6))
    table[rng.random(table.shape) < 0.4] = np.nan
    loss = mf.Loss(mf.Ratings.from_matrix(table))
    U, V, side = (rng.normal(size=(100, n, 2)) for n in (7, 6, 7))
    for at, films, way in zip(U, V, side, strict=True):
        ends = [loss.value(mf.Factors(at + t * way, films)) for t in (-1, 0, 1)]
        assert ends[0] + ends[2] >= 2 * ends[1]


def test_three_factors_leave_nine_flat_directions():
    point = optimum(3)
    assert LOSS.value(point) < 1e-20
    V, U = point.V, point.U
    # Without errors, the second derivatives are those of the squares of the first derivatives.
    rows = []
    for i in range(7):
        for j in range(6):
            row = mf.Factors(np.zeros((7, 3)), np.zeros((6, 3)))
            row.U[i], row.V[j] = V[j], U[i]
            rows.append(np.asarray(row))
    flat = np.sum(np.linalg.eigvalsh(np.array(rows).T @ np.array(rows)) < 1e-9)
    assert flat == question("10-exit").right


@pytest.mark.parametrize(
    "G",
    [[[0, 1], [1, 0]], [[1, 0], [0, -1]], [[1, -1], [1, 1]], [[2, 0], [0, 1]], [[1, 1], [0, 1]]],
)
def test_the_matrices_that_are_accepted_keep_the_balance_and_no_others(G):
    after = moved(optimum(2), np.array(G, dtype=float))
    assert np.allclose(after.matrix(), optimum(2).matrix())
    assert question("10-1").reply(G).right == is_balanced(after)


def test_a_step_keeps_the_difference_of_the_squares_nearly():
    u, v, e, eta = sympy.symbols("u v e eta")
    after = (u + eta * e * v) ** 2 - (v + eta * e * u) ** 2
    assert sympy.expand(after - (u**2 - v**2) * (1 - eta**2 * e**2)) == 0
