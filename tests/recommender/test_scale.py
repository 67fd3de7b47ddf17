"""A size and its scale: what follows the ratings where nobody gave a number."""

import os
import warnings

import numpy as np
import pytest
from cases import some

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.evaluation import rmse
from mfteach.loss.predictions import predictions
from mfteach.recommender import Biases, regularization
from mfteach.recommender.learning import scaled_to
from mfteach.recommender.regularization import typical_size

SOLVERS = ("als", "cg", "sgd", "gd")


def table(m, n, k, density, noise, rng=1):
    """3.5 + biases + k planted factors of size 1 + noise."""
    planted = datasets.planted(m, n, k, density, noise, rng=rng).ratings
    generator = np.random.default_rng(rng)
    b, c = generator.normal(0, 0.5, m), generator.normal(0, 0.5, n)
    return planted.with_values(3.5 + b[planted.user_index] + c[planted.item_index] + planted.values)


def stars(n_ratings, m, n, rng=0):
    """Ratings from 1 to 5 that depend on nothing."""
    generator = np.random.default_rng(rng)
    i, j = np.divmod(np.sort(generator.choice(m * n, n_ratings, replace=False)), n)
    values = generator.integers(1, 6, n_ratings).astype(float)
    return Ratings.from_indices(i, j, values, np.arange(m), np.arange(n))


def thumbs():
    ratings = table(200, 150, 3, 0.3, 0.5)
    return ratings.with_values(np.where(ratings.values > 3.5, 1.0, -1.0))


def popular(rng=0):
    """15,000 ratings whose users and items differ in popularity by orders of magnitude."""
    generator = np.random.default_rng(rng)
    p, q = generator.pareto(1.5, 400) + 0.3, generator.pareto(1.2, 300) + 0.2
    pairs = np.unique(
        generator.choice(400, 60_000, p=p / p.sum()) * 300
        + generator.choice(300, 60_000, p=q / q.sum())
    )
    i, j = np.divmod(np.sort(generator.permutation(pairs)[:15_000]), 300)
    U, V = generator.normal(size=(400, 5)), generator.normal(size=(300, 5)) / np.sqrt(5)
    b, c = generator.normal(0, 0.4, 400), generator.normal(0, 0.4, 300)
    values = 3.5 + b[i] + c[j] + 0.5 * np.einsum("ns,ns->n", U[i], V[j])
    values += 0.8 * generator.normal(size=len(i))
    stars = np.clip(np.round(2 * values) / 2, 0.5, 5)
    return Ratings.from_indices(i, j, stars, np.arange(400), np.arange(300))


# ---- c r + d gives c p + d


@pytest.mark.parametrize(("c", "d"), some([(20.0, -3.0), (0.01, 0.0), (1e6, 1e5)], 1))
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_predictions_follow_the_values(solver, weighting, c, d):
    settings = {"n_factors": 4, "weighting": weighting, "dtype": "float64", "rng": 0}
    for ratings in (table(30, 20, 2, 0.5, 0.3), stars(100, 20, 15)):
        model = MatrixFactorization(solver=solver, **settings).fit(ratings)
        moved = ratings.with_values(c * ratings.values + d)
        other = MatrixFactorization(solver=solver, **settings).fit(moved)
        assert other.regularization_ == pytest.approx(c * model.regularization_, rel=1e-9)
        if model.learning_rate_ is not None:
            assert other.learning_rate_ == pytest.approx(model.learning_rate_ / c, rel=1e-9)
        expected = c * model.predict(ratings) + d
        np.testing.assert_allclose(other.predict(ratings), expected, rtol=0, atol=1e-8 * c)


@pytest.mark.parametrize("seed", some(range(6), 2))
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("solver", ["als", "cg"])
def test_least_squares_follow_every_scale_and_every_sign(solver, weighting, seed):
    ratings = stars(100, 20, 15, seed) if seed % 2 else table(30, 20, 2, 0.5, 0.3, seed)
    settings = {"n_factors": 3 * seed + 1, "solver": solver, "weighting": weighting, "rng": seed}
    model = MatrixFactorization(**settings, dtype="float64").fit(ratings)
    for c, d in ((1e-6, 0), (1e-3, 0.01), (1e3, -7), (1e6, 1e6), (-1, 6), (-1e6, 0), (-1e-6, 0)):
        other = MatrixFactorization(**settings, dtype="float64")
        other.fit(ratings.with_values(c * ratings.values + d))
        assert other.regularization_ == pytest.approx(abs(c) * model.regularization_, rel=1e-10)
        expected = c * model.predict(ratings) + d
        atol = 1e-11 * abs(c)
        np.testing.assert_allclose(other.predict(ratings), expected, rtol=0, atol=atol)


def test_the_order_of_the_ratings_and_the_seed_of_the_start_do_not_matter():
    ratings = table(30, 20, 2, 0.5, 0.3)
    shuffled = ratings.take(np.random.default_rng(0).permutation(len(ratings)))
    found = [
        MatrixFactorization(4, dtype="float64", rng=seed).fit(each).regularization_
        for each, seed in ((ratings, 0), (shuffled, 0), (ratings, 1))
    ]
    assert found == pytest.approx([found[0]] * 3, rel=1e-9)


def test_a_number_is_taken_as_it_is():
    ratings = table(30, 20, 2, 0.5, 0.3)
    for given in (2.5, (1.0, 3.0)):
        model = MatrixFactorization(4, regularization=given, rng=0).fit(ratings)
        assert model.regularization_ == given
        assert scaled_to(model, ratings).start_scale == model.start_scale == 0.1


# ---- the lecture's table


@pytest.mark.parametrize("surprise", [False, True])
@pytest.mark.parametrize("n_factors", [2, 3, 20])
def test_on_the_lectures_table_what_the_biases_leave_is_signal(surprise, n_factors):
    ratings = datasets.history_romance(surprise)
    assert len(ratings) == 42
    for seed in range(5):
        for weighting in ("plain", "by_count"):
            model = MatrixFactorization(n_factors, weighting=weighting, rng=seed).fit(ratings)
            right = np.round(model.predict(ratings)) == ratings.values
            assert right.sum() >= 40


def test_the_default_on_the_lectures_table():
    ratings = datasets.history_romance()
    for seed in range(5):
        model = MatrixFactorization(rng=seed).fit(ratings)
        assert np.array_equal(np.round(model.predict(ratings)), ratings.values)


# ---- signal and noise


CASES = {
    "low noise": (lambda: table(200, 150, 3, 0.3, 0.1), 1.02),
    "some noise": (lambda: table(200, 150, 3, 0.3, 0.5), 1.015),
    "as much noise as signal": (lambda: table(200, 150, 3, 0.3, 1.0), 1.015),
    "more noise than signal": (lambda: table(200, 150, 3, 0.3, 2.0), 1.015),
    "nearly all known": (lambda: table(120, 90, 3, 0.95, 2.0), 1.015),
    "few known": (lambda: table(600, 200, 5, 0.06, 0.5), 1.03),
    "wide": (lambda: table(400, 60, 6, 0.4, 1.0), 1.015),
    "half stars": (lambda: datasets.examples._synthetic_films().ratings, 1.015),
    "thumbs": (thumbs, 1.02),
    "popular": (popular, 1.015),
    "noise alone": (lambda: stars(6_000, 150, 120), 1.015),
}


@pytest.mark.parametrize(("weighting", "n_factors"), [("plain", 12), ("by_count", 6)])
@pytest.mark.parametrize("case", some(CASES, 4))
@pytest.mark.no_cover
def test_lambda_is_close_to_the_best_of_a_fine_grid(case, weighting, n_factors):
    make, bound = CASES[case]
    train, test = make().split(0.15, rng=3)
    settings = {"n_factors": n_factors, "weighting": weighting, "rng": 0}
    model = MatrixFactorization(**settings).fit(train)
    grid = model.regularization_ * 2.0 ** np.arange(-3, 2.1, 0.5)
    best = min(error(train, test, regularization, settings) for regularization in grid)
    assert rmse(test.values, predictions(test, model.factors_)) <= bound * best


def error(train, test, regularization, settings):
    # From the start that "auto" takes, and silent about a penalty that shrinks all to 0.
    size = typical_size(Biases.fit(train).residuals(train))
    model = MatrixFactorization(
        **settings, regularization=float(regularization), start_scale=0.1 * np.sqrt(size)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rmse(test.values, predictions(test, model.fit(train).factors_))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.no_cover
def test_what_has_no_noise_is_solved_in_single_precision(engine):
    if engine == "numba":
        pytest.importorskip("numba")
    for seed in range(12):
        generator = np.random.default_rng(seed)
        m, n = generator.integers(5, 40, 2)
        R = generator.normal(size=(m, 2)) @ generator.normal(size=(2, n))
        R = (R, np.sign(R), np.exp(R))[seed % 3]
        if seed % 2:
            R[0, 0] = 1e6
        for weighting in ("plain", "by_count"):
            model = MatrixFactorization(20, weighting=weighting, engine=engine, rng=seed)
            assert np.isfinite(model.fit(Ratings.from_matrix(R)).score(Ratings.from_matrix(R)))


def test_lambda_costs_less_than_a_fit(monkeypatch):
    taken = []

    def counted(n_epochs, *arguments):
        taken.append(n_epochs)
        return after(n_epochs, *arguments)

    after = regularization._after
    monkeypatch.setattr(regularization, "_after", counted)
    for ratings in (table(200, 150, 3, 0.3, 1.0), popular(), stars(6_000, 150, 120)):
        taken.clear()
        MatrixFactorization(rng=0).fit(ratings)
        assert 0 < sum(taken) < 15


@pytest.mark.skipif(
    not os.environ.get("MFTEACH_DATA"), reason="MFTEACH_DATA is not set: no real ratings to score"
)
def test_the_default_on_movielens_beats_the_biases():
    ratings = datasets.movielens("ml-latest-small")
    for seed, (c, d) in enumerate([(1, 0), (20, -3)]):
        train, test = ratings.with_values(c * ratings.values + d).split(0.2 - 0.1 * seed, rng=seed)
        model = MatrixFactorization(rng=seed).fit(train)
        biases = rmse(test.values, Biases.fit(train).predict(test))
        assert rmse(test.values, predictions(test, model.factors_)) < 0.988 * biases


# ---- what was found is kept


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_saved_model_knows_the_lambda_that_was_found(solver, weighting, tmp_path):
    model = MatrixFactorization(4, solver, weighting=weighting, rng=0)
    model.fit(table(30, 20, 2, 0.5, 0.3))
    model.save(tmp_path / "m.npz")
    loaded = MatrixFactorization.load(tmp_path / "m.npz")
    assert loaded.regularization == "auto"
    assert loaded.regularization_ == model.regularization_
    again = MatrixFactorization(**loaded.get_params()).fit(loaded.ratings_)
    assert np.array_equal(again.factors_.U, model.factors_.U)
    assert again.regularization_ == model.regularization_
    new = Ratings([100, 100, 100], [0, 1, 2], [5.0, 1.0, 4.0])
    folded = [each.fold_in(new) for each in (model, loaded)]
    assert np.array_equal(folded[0].factors_.U, folded[1].factors_.U)
    given = MatrixFactorization.from_factors(
        model.factors_, model.ratings_, regularization=model.regularization_, weighting=weighting
    )
    assert np.array_equal(given.fold_in(new).factors_.U, folded[0].factors_.U)
    reasons = [each.explain(3, 2).by_item for each in (model, loaded, given)]
    assert np.array_equal(reasons[0], reasons[1])
    assert np.array_equal(reasons[0], reasons[2])


def test_factors_from_elsewhere_are_answered_for_with_the_lambda_of_their_ratings():
    ratings = table(30, 20, 2, 0.5, 0.3)
    model = MatrixFactorization(4, rng=0).fit(ratings)
    other = MatrixFactorization.from_factors(model.factors_, ratings, n_factors=4)
    assert other.regularization_ == pytest.approx(model.regularization_, rel=1e-6)


@pytest.mark.parametrize("solver", ["als", "cg", "sgd", "gd"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 20.0])
def test_ratings_that_are_all_equal_are_predicted(solver, scale):
    pairs = np.stack(np.unravel_index(np.arange(30), (6, 5)), axis=1)
    model = MatrixFactorization(solver=solver, rng=0).fit(pairs, np.full(30, 4 * scale))
    np.testing.assert_allclose(model.predict(pairs), 4 * scale, rtol=1e-6)


@pytest.mark.parametrize("name", ["Auto", " auto", "AUTO "])
def test_auto_is_named_where_it_is_misspelled(name):
    with pytest.raises(ValueError, match=r"set_params\(regularization='auto'\)"):
        MatrixFactorization(regularization=name).fit([[1, 2], [2, 1]], [3, 4])
