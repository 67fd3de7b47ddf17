"""Alternating least squares: normal equations, a value that never rises, and known optima."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import nth, ratings_and_factors, uneven_ratings, users_by_formula

from mfteach import Factors, Loss, Ratings, datasets, gradient_descent
from mfteach.descent import alternating_least_squares, solve_items, solve_users
from mfteach.evaluation import rmse
from mfteach.loss import predictions
from mfteach.recommender import Biases, fold_in


def relative_residual(loss, point, half):
    """|gradient of this half| against the size of the right-hand side of its equations."""
    zero = point.with_tables(point.U * (half == "V"), point.V * (half == "U"))
    gradient, at_zero = getattr(loss.gradient(point), half), getattr(loss.gradient(zero), half)
    return np.linalg.norm(gradient) / np.linalg.norm(at_zero)


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("with_biases", [False, True])
@pytest.mark.parametrize("n_factors", [1, 7, 30])
def test_half_steps_satisfy_their_normal_equations(weighting, with_biases, n_factors):
    ratings = uneven_ratings()
    loss = Loss(ratings, (0.3, 0.02), weighting)
    start = Factors.random(ratings.shape, n_factors, rng=1)
    if with_biases:
        start = start.with_biases(Biases.fit(ratings))
    halves = islice(alternating_least_squares(loss, start, half_steps=True), 1, 7)
    for number, step in enumerate(halves):
        assert relative_residual(loss, step.point, "UV"[number % 2]) < 1e-10
    solved = solve_users(loss, start)
    np.testing.assert_allclose(solved.U, users_by_formula(loss, start), rtol=1e-9, atol=1e-11)
    assert np.array_equal(solved.V, start.V)


def test_conjugate_gradients_stay_at_the_solution():
    ratings = uneven_ratings()
    loss = Loss(ratings, 0.3, engine="numpy")
    exact = solve_users(loss, Factors.random(ratings.shape, 5, rng=1))
    np.testing.assert_allclose(solve_users(loss, exact, "cg").U, exact.U, rtol=1e-9)


@given(ratings_and_factors(), st.sampled_from([0.01, 0.5, 20.0]))
def test_the_value_never_rises(case, regularization):
    ratings, start, _ = case
    loss = Loss(ratings, regularization)
    halves = islice(alternating_least_squares(loss, start, half_steps=True), 9)
    values = np.array([step.value for step in halves])
    assert np.all(np.diff(values) <= 1e-12 * (1 + values[0]))


def test_epochs_are_every_other_half_and_steps_say_where_they_stand():
    ratings = uneven_ratings(20, 15)
    loss, start = Loss(ratings, 0.5), Factors.random(ratings.shape, 3, rng=0)
    epochs = list(islice(alternating_least_squares(loss, start), 4))
    halves = list(islice(alternating_least_squares(loss, start, half_steps=True), 7))
    for number, step in enumerate(epochs):
        assert step.number == number
        assert step.learning_rate == 0
        assert np.array_equal(step.point, halves[2 * number].point)
        assert step.value == loss.value(step.point)
        assert step.gradient_norm == pytest.approx(np.linalg.norm(loss.gradient(step.point)))
    assert [step.number for step in halves] == list(range(7))


def soft_thresholded(R, k, regularization):
    """J at the SVD of R, its singular values lowered by lambda and cut to the k largest."""
    left, sizes, right = np.linalg.svd(R, full_matrices=False)
    kept = np.maximum(sizes - regularization, 0) * (np.arange(len(sizes)) < k)
    best = (left * kept) @ right
    return best, 0.5 * np.sum((R - best) ** 2) + regularization * kept.sum()


def test_all_known_als_and_descent_reach_the_soft_thresholded_svd():
    ratings = datasets.history_romance(surprise=True)
    loss, start = Loss(ratings, 0.5), Factors.random(ratings.shape, 2, rng=0)
    best, J = soft_thresholded(ratings.to_matrix(), 2, 0.5)
    assert abs(J - 4.58058380) < 1e-8
    for steps, number in (
        (alternating_least_squares(loss, start), 200),
        (gradient_descent(loss, start, 0.1), 2000),
    ):
        step = nth(steps, number)
        assert step.value == pytest.approx(4.58058380, abs=1e-8)
        np.testing.assert_allclose(step.point.matrix(), best, atol=1e-6)


@pytest.mark.parametrize("regularization", [0.0, 1e-6])
def test_it_recovers_a_planted_truth(regularization):
    ratings, _ = datasets.planted(100, 80, 3, 0.6, 0.0, rng=0)
    train, test = ratings.split(0.1, rng=1)
    start = Factors.random(train.shape, 3, rng=2)
    point = nth(alternating_least_squares(Loss(train, regularization), start), 30).point
    assert rmse(test.values, predictions(test, point)) < 0.001


@pytest.mark.parametrize("n_factors", [3, 40])
def test_float32_stays_and_repeats(n_factors):
    ratings = uneven_ratings()
    start = Factors.random(ratings.shape, n_factors, rng=0).with_biases(Biases.fit(ratings))
    start, loss = start.astype("float32"), Loss(ratings, (1.0, 2.0))
    runs = [nth(alternating_least_squares(loss, start), 4).point for _ in range(2)]
    assert np.array_equal(*map(np.asarray, runs))
    for array in (runs[0].U, runs[0].V, runs[0].user_bias, runs[0].item_bias):
        assert array.dtype == np.float32
    exact = nth(alternating_least_squares(loss, start.astype("float64")), 4).point
    np.testing.assert_allclose(runs[0].matrix(), exact.matrix(), atol=1e-4)


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_rows_without_ratings_are_zero(weighting):
    ratings = uneven_ratings(20, 15).take(np.arange(12))
    start = Factors.random(ratings.shape, 2, rng=0)
    point = nth(alternating_least_squares(Loss(ratings, 0.5, weighting), start), 2).point
    empty = ratings.by_user.counts == 0
    assert empty.any()
    assert not point.U[empty].any()
    assert point.U[~empty].all()


@pytest.mark.parametrize("penalty", [0.0, (0.0, 1.0)])
def test_too_few_ratings_without_a_penalty_are_named(penalty):
    ratings = Ratings(["ann", "ann", "bob", "bob", "bob"], [1, 2, 1, 2, 3], [1, 2, 3, 4, 5])
    start = Factors.random(ratings.shape, 3, rng=0)
    with pytest.raises(ValueError, match=r"user 'ann' has 2 ratings, too few .* 3 factors"):
        solve_users(Loss(ratings, penalty), start)
    with pytest.raises(ValueError, match=r"item 1 has 2 ratings, .* Give a larger one"):
        solve_items(Loss(ratings, 0.0), start)
    with pytest.raises(ValueError, match="user 'ann' has 2 ratings"):
        nth(alternating_least_squares(Loss(ratings, penalty), start), 1)
    # In float32 a penalty of 1e-50 is 0.
    assert np.isfinite(solve_users(Loss(ratings, 1e-50), start).U).all()
    with pytest.raises(ValueError, match="user 'ann' has 2 ratings"):
        solve_users(Loss(ratings, 1e-50), start.astype(np.float32))


def test_a_row_without_ratings_and_penalty_is_named_too():
    ratings = uneven_ratings(20, 15).take(np.arange(12))
    empty = int(np.flatnonzero(ratings.by_user.counts == 0)[0])
    with pytest.raises(ValueError, match=f"user {empty} has 0 ratings"):
        solve_users(Loss(ratings), Factors.random(ratings.shape, 1, rng=0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ratings_too_much_alike_without_a_penalty_are_named(dtype):
    """If zeros were blanks, users 1 to 3 would not determine a taste for Romance."""
    ratings = Ratings(["ann"] * 3 + ["bob"] * 3, [1, 2, 3] * 2, [1, 1, 1, 2, 2, 1])
    start = Factors(np.ones((2, 2)), [[1, 0]] * 3).astype(dtype)
    said = "the ratings of {} do not determine the factors: their {} are too much alike. Give"
    with pytest.raises(ValueError, match=said.format("user 'ann'", "items")):
        solve_users(Loss(ratings), start)
    with pytest.raises(ValueError, match=said.format("item 1", "users")):
        solve_items(Loss(ratings), start)
    assert np.isfinite(solve_users(Loss(ratings, 0.1), start).U).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(8))
def test_alike_up_to_rounding_is_too_much_alike(dtype, seed):
    """One direction in all ratings, with entries that no binary number holds exactly."""
    lengths, direction = np.random.default_rng(seed).normal(size=(2, 5))
    V = np.outer(lengths, direction[:3])
    ratings = Ratings(["ann"] * 5, range(5), lengths)
    start = Factors(np.ones((1, 3)), V).astype(dtype)
    with pytest.raises(ValueError, match="do not determine the factors"):
        solve_users(Loss(ratings), start)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_fewer_ratings_than_factors_may_be_too_much_alike_as_well(engine):
    """The penalty decides between equal rows, unless rounding swallows it."""
    if engine == "numba":
        pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)
    ratings = Ratings(["ann"] * 2 + ["bob"] * 3, [1, 2, 1, 2, 3], [1.0, 2.0, 3.0, 4.0, 5.0])
    V = np.array([[1, 2, 3, 1], [1, 2, 3, 1], [0.5, 1, 0, 1]])
    start = Factors(np.zeros((2, 4)), V)
    minimum_norm = 1.5 * V[0] / (V[0] @ V[0])  # of all that predict the mean of ann's two ratings
    U = solve_users(Loss(ratings, 1e-9, engine=engine), start).U
    np.testing.assert_allclose(U[0], minimum_norm, rtol=1e-6)
    with pytest.raises(ValueError, match="ratings of user 'ann' do not determine the factors"):
        solve_users(Loss(ratings, 1e-30, engine=engine), start)
    # Without equal rows the minimum-norm exact solution needs no penalty, whoever shares the batch.
    V[1] = [0, 2, 0, 0.5]
    U = solve_users(Loss(ratings, 1e-30, engine=engine), Factors(np.zeros((2, 4)), V)).U
    np.testing.assert_allclose(U[0], np.linalg.pinv(V[:2]) @ [1, 2], rtol=1e-10)
    np.testing.assert_allclose(U[1], np.linalg.pinv(V) @ [3, 4, 5], rtol=1e-10)


def test_learned_biases_and_strange_shapes_are_refused():
    ratings = uneven_ratings(20, 15)
    learned_biases = Factors.random(ratings.shape, 2, rng=0).with_biases(
        Biases.fit(ratings), learned=True
    )
    for function in (alternating_least_squares, solve_users, solve_items):
        with pytest.raises(ValueError, match="least squares keeps biases fixed"):
            function(Loss(ratings, 1.0), learned_biases)
    with pytest.raises(ValueError, match="does not fit"):
        alternating_least_squares(Loss(ratings), Factors.random((2, 2), 1, rng=0))


def test_huge_values_work_or_are_named():
    ratings = uneven_ratings(20, 15)
    huge = ratings.with_values(1e30 * ratings.values)
    start = Factors.random(ratings.shape, 2, rng=0)
    step = nth(alternating_least_squares(Loss(huge, 1.0), start), 3)
    assert np.isfinite(step.value)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match=r"left the range of float32\. Scale the ratings down"),
    ):
        nth(alternating_least_squares(Loss(huge, 1.0), start.astype("float32")), 3)


@pytest.mark.parametrize("new", ["users", "items"])
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_folding_in_is_the_bias_and_then_the_half_step(new, weighting):
    ratings = uneven_ratings(20, 15)
    if new == "items":
        ratings = Ratings.from_matrix(ratings.to_matrix().T)
    biases = Biases.fit(ratings)
    factors = Factors.random(ratings.shape, 3, rng=0).with_biases(biases)
    values = {2: 1.5, 5: -0.5, 7: 2.0}
    m, n = ratings.shape
    R = np.full((1, n) if new == "users" else (m, 1), np.nan)
    R.flat[list(values)] = list(values.values())
    further = fold_in(
        factors, Ratings.from_matrix(R), 0.4, weighting, new=new, bias_regularization=2.0
    )
    known, other = (
        (factors.item_bias, factors.V) if new == "users" else (factors.user_bias, factors.U)
    )
    at, r = list(values), np.array(list(values.values()))
    b = np.sum(r - factors.mean - known[at]) / (3 + 2.0)
    count = 3 if weighting == "by_count" else 1
    A = other[at].T @ other[at] + 0.4 * count * np.eye(3)
    row = np.linalg.solve(A, other[at].T @ (r - factors.mean - known[at] - b))
    table, bias = (
        (further.U, further.user_bias) if new == "users" else (further.V, further.item_bias)
    )
    np.testing.assert_allclose(table[-1], row, rtol=1e-10)
    assert bias[-1] == pytest.approx(b)
    assert further.shape == ((m + 1, n) if new == "users" else (m, n + 1))
    np.testing.assert_array_equal(further.matrix()[:m, :n], factors.matrix())


def test_folding_in_without_biases_and_what_does_not_fit():
    ratings = uneven_ratings(20, 15)
    factors = Factors.random(ratings.shape, 2, rng=0).astype("float32")
    R = np.full((2, 15), np.nan)
    R[0, :4] = 1.0
    further = fold_in(factors, Ratings.from_matrix(R), 0.1)
    assert further.user_bias is None
    assert further.U.dtype == np.float32
    assert further.U[-2].any()
    assert not further.U[-1].any()
    with pytest.raises(ValueError, match="does not fit"):
        fold_in(factors, Ratings.from_matrix(R[:, :9]), 0.1)
    with pytest.raises(ValueError, match="new must be 'users' or 'items', but is 'user'"):
        fold_in(factors, Ratings.from_matrix(R), 0.1, new="user")
    with pytest.raises(ValueError, match="user 0 has 1 ratings, too few"):
        fold_in(factors, Ratings.from_matrix(np.where(np.arange(15) == 3, 2.0, R[1:])), 0.0)
