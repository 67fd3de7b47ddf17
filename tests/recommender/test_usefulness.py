"""What learned nothing says so, and the cure that it names works."""

import re
import warnings

import numpy as np
import pytest
from cases import some

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.descent import suggest_learning_rate
from mfteach.evaluation import NothingLearnedWarning, rmse, tune
from mfteach.recommender import Biases, learning, matrix_factorization

RATINGS = datasets.planted(40, 30, 2, 0.5, 0.3, rng=0).ratings


def noise(n_ratings=300, m=30, n=20, rng=0):
    generator = np.random.default_rng(rng)
    i, j = np.divmod(np.sort(generator.choice(m * n, n_ratings, replace=False)), n)
    values = generator.integers(1, 6, n_ratings).astype(float)
    return Ratings.from_indices(i, j, values, np.arange(m), np.arange(n))


def warned(model, ratings, **fit):
    """What a fit says, as (kind, message) pairs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(ratings, **fit)
    assert all(entry.category is NothingLearnedWarning for entry in caught)
    assert all(entry.filename == __file__ for entry in caught), "it points at the call of fit"
    return [(entry.message.kind, str(entry.message)) for entry in caught]


@pytest.mark.parametrize("scale", some([0.01, 1.0, 20.0], 1))
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("solver", ["als", "cg", "sgd", "gd"])
@pytest.mark.no_cover
def test_factors_that_collapse_and_both_cures(solver, weighting, scale):
    ratings = RATINGS.with_values(scale * RATINGS.values)
    too_much = 100.0 * scale if weighting == "plain" else 10.0 * scale
    model = MatrixFactorization(3, solver, too_much, weighting, n_epochs=60, rng=0)
    ((kind, message),) = warned(model, ratings)
    assert kind == "collapsed"
    assert f"regularization {too_much:.3g} shrinks all factors to 0" in message
    assert "or regularization='auto'" in message
    bearable = float(re.search(r"at most ([\d.e+-]+),", message)[1])
    for cure in (bearable, "auto"):
        cured = MatrixFactorization(3, solver, cure, weighting, n_epochs=60, rng=0)
        assert warned(cured, ratings) == []
        assert cured.score(ratings) > model.score(ratings)


@pytest.mark.parametrize("pair", [(1e4, 1.0), (1.0, 1e4), (100.0, 100.0)])
def test_of_a_pair_the_product_counts(pair):
    ((kind, _),) = warned(MatrixFactorization(3, regularization=pair, rng=0), RATINGS)
    assert kind == "collapsed"


@pytest.mark.parametrize("solver", ["sgd", "gd"])
def test_a_rate_that_leads_nowhere_and_its_cure(solver):
    lost = MatrixFactorization(3, solver, learning_rate=2.3e-8, rng=0)
    ((kind, message),) = warned(lost, RATINGS)
    assert kind == "unmoved"
    assert "learning_rate=2.3e-08: leave learning_rate out, so that one is found" in message
    assert warned(lost.set_params(learning_rate=None), RATINGS) == []


@pytest.mark.parametrize("seed", some([5, 0, 10], 1))
@pytest.mark.parametrize("solver", ["sgd", "gd"])
@pytest.mark.no_cover
def test_a_start_that_is_never_left_is_seen_from_every_start(solver, seed):
    biases = (True, False, "learned")[seed // 4]
    scale = 10.0 ** (seed % 5 - 2)
    ratings = RATINGS.with_values(scale * (RATINGS.values + seed))
    settings = {
        "biases": biases,
        "start_scale": (0.01, 0.1, 1.0)[seed % 3] * scale**0.5,
        "rng": seed,
    }
    for regularization in (0.1 * scale, 100 * scale, "auto"):
        lost = MatrixFactorization(
            seed + 1, solver, regularization, learning_rate=1e-9 / scale, **settings
        )
        ((kind, message),) = warned(lost, ratings)
        assert kind == "unmoved"
        assert "leave learning_rate out" in message
        lost.set_params(learning_rate=None, n_epochs=300, start_scale=0.1 * scale**0.5)
        if "give a regularization of at most" in message:
            bearable = float(re.search(r"at most ([\d.e+-]+), or 'auto'", message)[1])
            lost.set_params(regularization=bearable)
        assert warned(lost, ratings) == []


@pytest.mark.parametrize("part", some(range(3), 1))
@pytest.mark.parametrize("solver", ["als", "cg", "sgd", "gd"])
@pytest.mark.no_cover
def test_a_fit_that_learns_is_not_warned_of(solver, part):
    for seed in range(12)[part::3]:
        k, scale = seed % 4 + 1, 10.0 ** (seed - 6)
        signal = datasets.planted(10 + 3 * seed, 25 - seed, k, 0.6, 0.2, rng=seed).ratings
        for ratings in (datasets.history_romance(seed % 2 == 0), signal):
            scaled = ratings.with_values(scale * ratings.values)
            assert warned(MatrixFactorization(2 * k, solver, rng=seed), scaled) == []


def test_a_large_start_that_is_left_too_slowly_and_its_cure():
    lost = MatrixFactorization(3, "gd", 1.0, start_scale=30.0, rng=0)
    ((kind, message),) = warned(lost, RATINGS)
    assert kind == "unmoved"
    assert "the factors still explain nothing after 15 epochs" in message
    assert message.endswith("take more epochs, or a smaller start_scale")
    assert warned(lost.set_params(start_scale=0.1), RATINGS) == []


def test_the_look_back_at_the_start_takes_nothing_from_a_generator():
    first = np.random.default_rng(5)
    models = [MatrixFactorization(3, "sgd", rng=first, n_epochs=4).fit(RATINGS) for _ in range(2)]
    assert not np.array_equal(models[0].factors_.U, models[1].factors_.U)


@pytest.mark.parametrize("solver", ["als", "cg", "sgd"])
def test_who_clearly_learned_draws_no_second_start(solver, monkeypatch):
    drawn, real = [], learning._start
    monkeypatch.setattr(learning, "_start", lambda *given: drawn.append(given) or real(*given))
    assert warned(MatrixFactorization(3, solver, start_scale=0.01, rng=0), RATINGS) == []
    assert len(drawn) == 1


def _drawn(random):
    """A few ratings, and settings good or bad to learn them with."""
    m, n = random.integers(3, 25, 2)
    known = np.sort(random.choice(m * n, random.integers(3, m * n), replace=False))
    values = random.integers(1, 6, len(known)) * 10.0 ** random.integers(-3, 4)
    solver = str(random.choice(["als", "cg", "sgd", "gd"]))
    settings = {
        "solver": solver,
        "regularization": float(10.0 ** random.integers(-3, 4)),
        "weighting": str(random.choice(["plain", "by_count"])),
        "biases": [True, False, "learned"][random.integers(2 if solver in ("als", "cg") else 3)],
        "start_scale": float(10.0 ** random.integers(-3, 2)),
        "n_epochs": int(random.integers(1, 15)),
        "rng": 0,
    }
    return Ratings(*np.divmod(known, n), values), settings


def test_the_short_look_says_what_the_long_one_says(monkeypatch):
    said, random = set(), np.random.default_rng(0)
    whole = matrix_factorization.learn
    for _ in range(60):
        ratings, settings = _drawn(random)
        short = warned(MatrixFactorization(3, **settings), ratings)
        with monkeypatch.context() as patched:
            patched.setattr(
                matrix_factorization,
                "learn",
                lambda *given: whole(*given)._replace(start_size=np.inf),
            )
            assert warned(MatrixFactorization(3, **settings), ratings) == short
        said |= {kind for kind, _ in short} or {"nothing"}
    assert said >= {"nothing", "unmoved", "collapsed"}


def test_a_start_that_is_right_by_chance_and_never_left_is_seen():
    five = Ratings([0, 0, 1, 1, 2], [0, 1, 0, 1, 1], [1.0, 5.0, 4.0, 2.0, 3.0])
    still = {"solver": "sgd", "learning_rate": 1e-9, "regularization": 1e-3, "biases": False}
    right = 0
    for seed in range(200):
        model = MatrixFactorization(1, start_scale=1.0, n_epochs=1, rng=seed, **still)
        ((kind, _),) = warned(model, five)
        assert kind == "unmoved"
        right += rmse(five.values, model.predict(five)) < 0.9 * np.sqrt(np.mean(five.values**2))
    assert right > 10


def test_too_few_epochs_and_their_cure():
    ((kind, message),) = warned(MatrixFactorization(3, start_scale=1e-12, n_epochs=1), RATINGS)
    assert kind == "unmoved"
    assert "take more epochs, or a larger start_scale" in message
    assert warned(MatrixFactorization(3, start_scale=1e-12, n_epochs=40), RATINGS) == []
    assert warned(MatrixFactorization(3, n_epochs=2), RATINGS) == []
    ((kind, message),) = warned(MatrixFactorization(3, "gd", start_scale=1e-6, n_epochs=1), RATINGS)
    assert kind == "unmoved"
    assert "take more epochs, or solver='als'" in message


def test_factors_that_lose_to_the_biases_and_their_cure():
    train, held_out = RATINGS.split(0.2, rng=1)
    model = MatrixFactorization(15, regularization=0.01, start_scale=1.0, rng=0)
    noisy = train.with_values(train.values + np.random.default_rng(0).normal(0, 1, len(train)))
    ((kind, message),) = warned(model, noisy, validation=held_out)
    assert kind == "beaten"
    assert f"(RMSE {min(model.trace_.validation):.4g})" in message
    assert message.endswith("choose regularization='auto'")
    cured = model.set_params(regularization="auto")
    assert warned(cured, noisy, validation=held_out) == []
    biases = rmse(held_out.values, Biases.fit(noisy).predict(held_out))
    assert -cured.score(held_out) < biases


def test_a_fit_that_diverged_from_its_start_says_so():
    train, held_out = noise(400).split(0.2, rng=0)
    model = MatrixFactorization(10, regularization=1e-3, start_scale=0.01, rng=0)
    said = warned(model, train, validation=held_out)
    assert model.trace_.best.number == 0
    ((kind, message),) = said
    assert kind == "beaten"
    assert "every epoch predicts the held-out ratings worse than the random start" in message


def test_a_few_held_out_ratings_prove_nothing():
    train, held_out = noise(400).split(0.2, rng=0)
    model = MatrixFactorization(10, regularization=1e-3, rng=0)
    assert warned(model, train, validation=held_out.take(np.arange(9))) == []


def test_where_the_biases_explain_everything_nothing_is_missing():
    for ratings in (
        Ratings(["a", "b", "c", "c"], ["x", "y", "x", "y"], [3.7] * 4),
        Ratings(["a"], ["x"], [4.0]),
        Ratings([1, 3], [2, 4], [5, 1]),  # nothing in common: no factor can be told from a bias
        Ratings(["a"] * 4, ["w", "x", "y", "z"], [1, 2, 4, 5]),
    ):
        model = MatrixFactorization(rng=0)
        assert warned(model, ratings) == []
        predicted, biases = model.predict(ratings), Biases.fit(ratings).predict(ratings)
        np.testing.assert_allclose(predicted, biases, atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_ratings", [3, 30, 300])
def test_defaults_on_few_ratings_of_noise_stay_with_the_biases(n_ratings, seed):
    ratings = noise(n_ratings, rng=seed)
    for solver in ("als", "cg", "sgd", "gd"):
        model = MatrixFactorization(solver=solver, rng=0)
        warned(model, ratings)
        everywhere = model.factors_.matrix()
        biases = Biases.fit(ratings)
        plain = biases.mean + biases.user_bias[:, None] + biases.item_bias
        assert np.abs(everywhere - plain).mean() < 0.5
        assert 0 < everywhere.min() <= everywhere.max() < 7


def test_a_table_without_a_signal_keeps_the_biases_and_says_why():
    ratings = Ratings([0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [1.0, 1.0, 1.0, 1.0, 5.0])
    model = MatrixFactorization(2, regularization=50.0, rng=0)
    assert [kind for kind, _ in warned(model, ratings)] == ["collapsed"]


def test_a_large_table_is_looked_at_without_filling_it():
    ratings = datasets.planted(700, 500, 2, 0.02, 0.3, rng=0).ratings
    ((kind, message),) = warned(MatrixFactorization(3, regularization=1e3, rng=0), ratings)
    assert kind == "collapsed"
    R = np.zeros(ratings.shape)
    R[ratings.user_index, ratings.item_index] = Biases.fit(ratings).residuals(ratings).values
    bearable = float(re.search(r"at most ([\d.]+),", message)[1])
    assert bearable == pytest.approx(np.linalg.norm(R, 2) / 2, rel=0.05)


# ---- learning rates that are suggested


def test_a_suggested_rate_that_leads_nowhere_says_so():
    class Narrow:
        """A long slope in x that ends in a gorge a million times as steep."""

        def value(self, x):
            return 0.5 * 1e9 * float(x) ** 2 if x < 0 else float(x)

        def gradient(self, x):
            return np.float64(1e9 * x if x < 0 else 1.0)

    with pytest.warns(NothingLearnedWarning, match="line_search=True finds a rate") as caught:
        rate = suggest_learning_rate(Narrow(), 30.5)
    assert rate < 1e-6
    assert caught[0].message.kind == "unmoved"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("regularization", [0.1, 1.0, 5.0])
def test_rounding_near_a_minimum_suggests_no_tiny_rate(dtype, regularization):
    from mfteach import DivergenceError, Factors, Loss, gradient_descent

    ratings = datasets.history_romance()
    residuals = Biases.fit(ratings).residuals(ratings)
    loss = Loss(residuals.with_values(residuals.values.astype(dtype)), regularization)
    start = Factors.random(ratings.shape, 5, rng=0).astype(dtype)
    for momentum in (0.0, 0.9):
        with pytest.raises(DivergenceError) as caught:
            for _, _step in zip(
                range(400), gradient_descent(loss, start, 1.0, momentum=momentum), strict=False
            ):
                pass
        assert caught.value.suggested_rate > 1e-3


# ---- tune


def test_tune_is_silent_about_trials_that_lose_and_says_if_the_best_does():
    train, rest = RATINGS.split(0.4, rng=1)
    validation, _ = rest.split(0.5, rng=2)
    grid = {"regularization": [1.0, 1e3]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tuned = tune(MatrixFactorization(2, rng=0), grid, train, validation)
    assert tuned.settings["regularization"] == 1.0
    learn, choose = noise(400).split(0.2, rng=0)
    with pytest.warns(NothingLearnedWarning, match="predict the held-out ratings no better|worse"):
        tune(MatrixFactorization(10, rng=0), {"regularization": [1e-3]}, learn, choose)
