"""Factors with biases: vectors, fixed or learned along; the loss that fits; explanations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import central_differences, nth, ratings_and_factors

from mfteach import Factors, Loss, Ratings, check_gradient, datasets, gradient_descent
from mfteach.descent import alternating_least_squares, solve_users
from mfteach.evaluation import rmse
from mfteach.loss import predictions
from mfteach.recommender import Biases, explain


def biased(rng=0, learned_biases=False, shape=(4, 3), k=2, dtype="float64"):
    generator = np.random.default_rng(rng)
    return Factors(
        generator.normal(size=(shape[0], k)),
        generator.normal(size=(shape[1], k)),
        mean=generator.normal(),
        user_bias=generator.normal(size=shape[0]),
        item_bias=generator.normal(size=shape[1]),
        learned_biases=learned_biases,
    ).astype(dtype)


def test_predictions_are_mean_and_biases_and_products():
    factors = biased()
    ratings = Ratings.from_matrix(np.zeros((4, 3)))
    predicted = predictions(ratings, factors)
    for at, (i, j) in enumerate(zip(ratings.user_index, ratings.item_index, strict=True)):
        expected = factors.mean + factors.user_bias[i] + factors.item_bias[j]
        expected += factors.U[i] @ factors.V[j]
        assert predicted[at] == pytest.approx(expected)
        assert factors.matrix()[i, j] == pytest.approx(expected)
    assert Loss(ratings).value(factors) == pytest.approx(0.5 * np.sum(predicted**2))


def test_a_mean_alone_counts_too():
    factors = Factors([[1.0]], [[2.0]], mean=3.0)
    assert factors.matrix().tolist() == [[5.0]]
    assert predictions(Ratings([0], [0], [0.0]), factors).tolist() == [5.0]


@pytest.mark.parametrize("learned_biases", [False, True])
def test_biased_factors_are_vectors(learned_biases):
    a, b = biased(1, learned_biases), biased(2, learned_biases)
    plain = Factors(a.U, a.V)
    total = 2 * a - b
    for name in ("U", "V", "mean", "user_bias", "item_bias"):
        expected = 2 * getattr(a, name) - getattr(b, name)
        np.testing.assert_allclose(getattr(total, name), expected, rtol=1e-14)
    assert total.learned_biases is learned_biases
    moved = a - 0.1 * plain
    assert np.array_equal(moved.user_bias, a.user_bias)
    assert moved.mean == a.mean
    assert (plain + a).learned_biases is learned_biases


def test_what_descent_moves_and_what_it_does_not():
    fixed, learned_biases = biased(), biased(learned_biases=True)
    assert np.asarray(fixed).shape == (4 * 2 + 3 * 2,)
    assert np.asarray(learned_biases).shape == (4 * 2 + 3 * 2 + 4 + 3,)
    for factors in (fixed, learned_biases):
        entries = np.arange(np.asarray(factors).size, dtype=float)
        other = factors.with_entries(entries)
        assert np.array_equal(other, entries)
        assert (other.mean, other.learned_biases) == (factors.mean, factors.learned_biases)
        with pytest.raises(ValueError, match=f"must be the {len(entries)} entries"):
            factors.with_entries(entries[1:])
    assert np.array_equal(fixed.with_entries(np.zeros(14)).user_bias, fixed.user_bias)
    assert not learned_biases.with_entries(np.zeros(21)).user_bias.any()


@given(ratings_and_factors(), st.booleans(), st.sampled_from(["plain", "by_count"]))
def test_the_gradient_is_that_of_the_value(case, learned_biases, weighting):
    ratings, plain, _ = case
    generator = np.random.default_rng(0)
    m, n = ratings.shape
    point = plain.with_biases(
        Biases(0.7, generator.normal(size=m), generator.normal(size=n)),
        learned=learned_biases,
    )
    loss = Loss(ratings, (0.3, 0.8), weighting, bias_regularization=1.7)
    slopes = central_differences(
        lambda x: loss.value(point.with_entries(x)), np.asarray(point, dtype=float)
    )
    np.testing.assert_allclose(np.asarray(loss.gradient(point)), slopes, rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("learned_biases", [False, True])
def test_the_gradient_check_moves_what_descent_moves(learned_biases):
    ratings = datasets.planted(4, 3, 1, 0.8, 0.5, rng=0).ratings
    point = biased(learned_biases=learned_biases)
    assert check_gradient(Loss(ratings, (0.3, 0.8)), point, 1e-2) < 1e-9
    # Against float32 the check still works in double precision.
    assert check_gradient(Loss(ratings, (0.3, 0.8)), point.astype("float32"), 1e-2) < 1e-9


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_the_value_is_what_is_minimised(weighting):
    ratings = datasets.planted(5, 4, 1, 0.6, 0.5, rng=0).ratings
    loss = Loss(ratings, (0.3, 0.8), weighting, bias_regularization=1.7)
    for learned_biases in (False, True):
        point = biased(learned_biases=learned_biases, shape=(5, 4))
        e = ratings.values - predictions(ratings, point)
        n_i, n_j = ratings.by_user.counts, ratings.by_item.counts
        c, d = (n_i, n_j) if weighting == "by_count" else (np.ones(5), np.ones(4))
        J = 0.5 * np.sum(e**2)
        J += 0.15 * np.sum(c[:, None] * point.U**2) + 0.4 * np.sum(d[:, None] * point.V**2)
        if learned_biases:
            J += 0.85 * (np.sum(point.user_bias**2) + np.sum(point.item_bias**2))
        assert loss.value(point) == pytest.approx(J, rel=1e-12)


def test_fitted_first_is_the_same_as_factorizing_the_residuals():
    ratings = datasets.planted(12, 9, 2, 0.7, 0.3, rng=0).ratings
    ratings = ratings.with_values(3.5 + ratings.values)
    biases, start = Biases.fit(ratings), Factors.random(ratings.shape, 2, rng=1)
    residuals = Loss(biases.residuals(ratings), 0.4)
    for solver in (
        lambda loss, point: gradient_descent(loss, point, 0.05),
        alternating_least_squares,
    ):
        whole = nth(solver(Loss(ratings, 0.4), start.with_biases(biases)), 20)
        rest = nth(solver(residuals, start), 20)
        assert whole.value == pytest.approx(rest.value)
        np.testing.assert_allclose(whole.point.U @ whole.point.V.T, rest.point.matrix(), atol=1e-9)
        np.testing.assert_array_equal(whole.point.user_bias, biases.user_bias)


@pytest.mark.no_cover
def test_descent_learns_learned_biases_down_to_a_flat_point():
    ratings = datasets.planted(12, 9, 2, 0.7, 0.3, rng=0).ratings
    start = Factors.random(ratings.shape, 2, rng=1).with_biases(Biases.fit(ratings), learned=True)
    loss = Loss(ratings, 0.4, bias_regularization=2.0)
    end = nth(gradient_descent(loss, start, 0.05), 3000)
    assert end.gradient_norm < 1e-6
    fixed = start.with_biases(Biases.fit(ratings))
    worse = nth(gradient_descent(loss, fixed, 0.05), 3000)
    b, c = worse.point.user_bias, worse.point.item_bias
    assert end.value < worse.value + 1.0 * (b @ b + c @ c)


def test_separate_penalties_and_bad_ones():
    ratings = datasets.history_romance()
    zero = Factors(np.zeros((7, 1)), np.zeros((6, 1)))
    only_users = zero.with_tables(np.ones((7, 1)), zero.V)
    base = Loss(ratings).value(only_users)
    assert Loss(ratings, (2.0, 0.0)).value(only_users) == base + 7
    assert Loss(ratings, (0.0, 2.0)).value(only_users) == base
    assert Loss(ratings, 2.0).value(only_users) == base + 7
    for penalty, message in (
        ((1.0, -1.0), "regularization of items must be 0 or larger"),
        ((np.nan, 1.0), "regularization of users must be 0 or larger"),
        ((1.0, 2.0, 3.0), "one number, or one for users and one for items"),
        (-0.5, "regularization must be 0 or larger, but is -0.5"),
    ):
        with pytest.raises(ValueError, match=message):
            Loss(ratings, penalty)
    with pytest.raises(ValueError, match="bias_regularization must be 0 or larger"):
        Loss(ratings, bias_regularization=-1)


def test_biases_that_do_not_fit_are_refused():
    U, V = np.ones((2, 1)), np.ones((3, 1))
    with pytest.raises(ValueError, match=r"user_bias of shape \(3,\) does not fit 2 users"):
        Factors(U, V, user_bias=[1, 2, 3], item_bias=[1, 2, 3])
    with pytest.raises(ValueError, match=r"item_bias of shape .* does not fit 3 items"):
        Factors(U, V, user_bias=[1, 2], item_bias=[1, 2])
    with pytest.raises(ValueError, match="give user_bias and item_bias, or neither"):
        Factors(U, V, user_bias=[1, 2])
    with pytest.raises(ValueError, match="learned biases need"):
        Factors(U, V, learned_biases=True)


def test_precision_and_copies():
    factors = biased(dtype="float32", learned_biases=True)
    arrays = (factors.U, factors.V, factors.user_bias, factors.item_bias, factors.matrix())
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    for other in (factors + factors, 0.5 * factors, -factors, np.float64(2) * factors):
        assert other.user_bias.dtype == other.U.dtype == np.float32
    copy = factors.astype("float32")
    copy.user_bias[0] = 99
    assert factors.user_bias[0] != 99


@pytest.mark.parametrize("learned_biases", [False, True])
def test_saving_keeps_the_biases(tmp_path, learned_biases):
    factors = biased(learned_biases=learned_biases, dtype="float32")
    factors.save(tmp_path / "f.npz", note="kept beside")
    again = Factors.load(tmp_path / "f.npz")
    for name in ("U", "V", "mean", "user_bias", "item_bias", "learned_biases"):
        assert np.array_equal(getattr(again, name), getattr(factors, name))
    assert again.user_bias.dtype == np.float32
    with pytest.raises(ValueError, match="no further array can be called user_bias"):
        factors.save(tmp_path / "f.npz", user_bias=[1])
    Factors(factors.U, factors.V, mean=2.5).save(tmp_path / "m.npz")
    assert Factors.load(tmp_path / "m.npz").mean == 2.5


def test_an_explanation_adds_up_both_ways():
    ratings = datasets.planted(12, 9, 2, 0.6, 0.3, rng=0).ratings
    loss = Loss(ratings, (0.7, 0.2), "by_count")
    start = Factors.random(ratings.shape, 3, rng=1).with_biases(Biases.fit(ratings))
    exact = solve_users(loss, start)
    for i, j in ((0, 0), (5, 8), (11, 3)):
        why = explain(exact, i, j, loss)
        assert why.prediction == pytest.approx(exact.matrix()[i, j])
        whole = why.mean + why.user_bias + why.item_bias + why.by_factor.sum()
        assert whole == pytest.approx(why.prediction)
        assert why.remainder == pytest.approx(0, abs=1e-12)
        rated = ratings.by_user[i]
        assert sorted(why.items) == sorted(ratings.items[rated])
        assert np.all(np.diff(why.by_item) <= 0)
        for item, value in zip(why.items, why.ratings, strict=True):
            assert ratings.to_matrix()[i, item] == value
    why = explain(start, 0, 0, loss)
    total = why.by_item.sum() + why.remainder
    assert total == pytest.approx(why.by_factor.sum())
    assert abs(why.remainder) > 1e-3


def test_a_share_is_what_the_prediction_loses_with_that_rating():
    """The normal equations are linear in the ratings: raise one and see."""
    ratings = datasets.planted(12, 9, 2, 0.6, 0.3, rng=0).ratings
    start = Factors.random(ratings.shape, 3, rng=1)
    loss = Loss(ratings, 0.7)
    why = explain(solve_users(loss, start), 4, 2, loss)
    at = int(ratings.by_user[4][0])
    values = ratings.values.copy()
    values[at] = 0.0
    less = solve_users(Loss(ratings.with_values(values), 0.7), start)
    share = why.by_item[why.items.tolist().index(ratings.items[at])]
    assert why.prediction - less.matrix()[4, 2] == pytest.approx(share)
    assert str(why).splitlines()[0].startswith(f"{why.prediction:.2f} = 0.00 mean")
    assert len(str(why).splitlines()) == 1 + len(why.items)


def test_explanations_without_a_loss_and_out_of_range():
    factors = biased()
    why = explain(factors, 1, 2)
    assert len(why.items) == 0
    assert why.remainder == pytest.approx(why.by_factor.sum())
    with pytest.raises(ValueError, match="user must lie between 0 and 3, but is 4"):
        explain(factors, 4, 0)
    with pytest.raises(ValueError, match="item must lie between 0 and 2, but is -1"):
        explain(factors, 0, -1)
    with pytest.raises(ValueError, match="does not fit"):
        explain(factors, 0, 0, Loss(datasets.history_romance()))


def test_without_regularization_the_minimum_norm_solution_explains():
    ratings = Ratings([0, 0], [0, 1], [1.0, 2.0])
    factors = Factors([[1.0, 1.0, 0.0]], [[1.0, 0, 0], [0, 2.0, 0]])
    why = explain(factors, 0, 1, Loss(ratings))
    assert why.by_item.tolist() == pytest.approx([2.0, 0.0])


def test_values_of_huge_float32_errors_do_not_overflow():
    ratings = Ratings([0], [0], np.array([1e25], dtype=np.float32))
    zero = Factors([[0.0]], [[0.0]]).astype("float32")
    assert Loss(ratings).value(zero) == pytest.approx(0.5e50)
    assert rmse(ratings.values, predictions(ratings, zero)) == pytest.approx(1e25)
