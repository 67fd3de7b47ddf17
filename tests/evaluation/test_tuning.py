"""Settings are chosen on validation ratings; a second look at the test ratings is reported."""

import warnings

import numpy as np
import pytest

from mfteach import ImplicitFactorization, MatrixFactorization, datasets
from mfteach.evaluation import SecondLookWarning, rank_held_out, rmse, tune, tuning
from mfteach.recommender import learning


@pytest.fixture(autouse=True)
def nothing_opened_yet(monkeypatch):
    monkeypatch.setattr(tuning, "_opened", set())


def parts(rng=0):
    ratings = datasets.planted(40, 30, 2, 0.5, 0.4, rng=rng).ratings
    train, test = ratings.split(0.2, rng=1)
    return *train.split(0.2, rng=2), test


MODEL = MatrixFactorization(2, n_epochs=25, rng=0)
GRID = {"regularization": [0.1, 2.0, 60.0], "n_factors": [1, 2]}


@pytest.mark.filterwarnings("ignore:regularization 60 shrinks all factors to 0")
def test_the_best_on_validation_is_chosen_and_fitted_to_both_parts():
    train, validation, test = parts()
    before = MODEL.get_params()
    tuned = tune(MODEL, GRID, train, validation)
    assert MODEL.get_params() == before
    assert len(tuned.trials) == 6
    for settings, figure in tuned.trials:
        epochs = settings["n_epochs"]
        assert 1 <= epochs <= 25
        again = MatrixFactorization(**before).set_params(**settings).fit(train)
        if again.trace_.n_steps and figure < rmse(validation.values, np.zeros(len(validation))):
            assert -again.score(validation) == pytest.approx(figure, rel=1e-3)
    assert tuned.settings == min(tuned.trials, key=lambda trial: trial.rmse).settings
    assert tuned.settings["n_factors"] == 2
    refitted = MatrixFactorization(**before).set_params(**tuned.settings)
    refitted.fit(train.joined(validation))
    assert np.array_equal(refitted.predict(test), tuned.model.predict(test))


def test_the_rate_that_plain_descent_found_goes_with_the_number_of_its_epochs(monkeypatch):
    train, validation, _ = parts()
    found = iter([0.02, 0.01])  # a refit would find yet another, and the iterator at its end
    monkeypatch.setattr(learning, "suggest_learning_rate", lambda *_: next(found))
    model = MatrixFactorization(2, "gd", n_epochs=60, rng=0)
    tuned = tune(model, {"regularization": [0.5, 5.0]}, train, validation)
    assert [trial.settings["learning_rate"] for trial in tuned.trials] == [0.02, 0.01]
    assert tuned.model.learning_rate == tuned.settings["learning_rate"]
    assert "learning_rate" not in tune(MODEL, {"n_factors": [1]}, train, validation).settings


def test_the_test_part_decides_nothing_and_is_looked_at_once():
    train, validation, test = parts()
    tuned = tune(MODEL, GRID, train, validation)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = tuned.test(test)
    assert figure == -tuned.model.score(test)
    with pytest.warns(SecondLookWarning, match="looked at before"):
        assert tuned.test(test) == figure


def test_another_model_or_another_order_is_a_second_look_too():
    train, validation, test = parts()
    first = tune(MODEL, {"regularization": [1.0]}, train, validation)
    second = tune(MODEL, {"regularization": [2.0]}, train, validation)
    first.test(test)
    shuffled = test.take(np.random.default_rng(0).permutation(len(test)))
    with pytest.warns(SecondLookWarning):
        second.test(shuffled)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second.test(test.take(np.arange(3)))


@pytest.mark.usefixtures("bars")
def test_a_bar_is_shown_on_request(capsys):
    train, validation, _ = parts()
    tune(MODEL, {"regularization": [1.0]}, train, validation)
    assert capsys.readouterr().err == ""
    tune(MODEL, {"regularization": [1.0]}, train, validation, progress=True)
    assert "choosing the settings" in capsys.readouterr().err


def test_what_cannot_be_tuned():
    train, validation, _ = parts()
    for grid in ({}, {"regularization": []}):
        with pytest.raises(ValueError, match="holds nothing to try"):
            tune(MODEL, grid, train, validation)
    with pytest.raises(ValueError, match="there is no parameter 'lambda'"):
        tune(MODEL, {"lambda": [1]}, train, validation)
    with pytest.raises(ValueError, match="both parts hold user"):
        tune(MODEL, GRID, train, train)


# ---- beyond the edge of the grid


@pytest.mark.parametrize("first", [(8.0, 4.0), (0.01, 0.02)])
def test_the_grid_widens_while_the_best_lies_at_its_edge(first):
    train, validation, _ = parts()
    model = MatrixFactorization(2, n_epochs=25, rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tuned = tune(model, {"regularization": first}, train, validation, widen=["regularization"])
    tried = [trial.settings["regularization"] for trial in tuned.trials]
    errors = [trial.rmse for trial in tuned.trials]
    assert tried[:2] == list(first)
    ratio = 0.5 if first[0] > 1 else 2.0
    if ratio == 0.5:
        assert tried[2:] == [8.0 * 0.5**step for step in range(2, len(tried))]
    best = int(np.argmin(errors))
    assert best == len(tried) - 2 or len(tried) == 2 + tuning.WIDENED, "one worse one is the last"
    assert tuned.settings["regularization"] == tried[best]
    assert errors[best] < errors[0]


def test_a_grid_widens_only_where_it_is_told_to_and_has_an_edge():
    train, validation, _ = parts()
    grid = {"regularization": [0.5, 1.0], "n_factors": [1, 2]}
    assert len(tune(MODEL, grid, train, validation).trials) == 4
    for only in ([2.0], [2.0, 2.0]):
        tuned = tune(MODEL, {"regularization": only}, train, validation, widen=["regularization"])
        assert len(tuned.trials) == len(only)


def test_a_rate_beyond_the_edge_that_diverges_ends_the_widening():
    train, validation, _ = parts()
    model = MatrixFactorization(2, "sgd", 0.5, n_epochs=3, rng=0)
    grid = {"learning_rate": [0.01, 0.1]}
    tuned = tune(model, grid, train, validation, widen=["learning_rate"])
    rates = [trial.settings["learning_rate"] for trial in tuned.trials]
    assert rates[:2] == [0.01, 0.1]
    assert len(rates) <= 3
    assert tuned.settings["learning_rate"] == 0.1


# ---- by ranking


def seen_parts():
    ratings = datasets.planted(60, 40, 3, 0.4, 0.3, rng=0).ratings
    stars = np.clip(np.rint(3 + ratings.values), 1, 5)
    train, test = ratings.with_values(stars).split(0.2, rng=1)
    return *train.split(0.25, rng=2), test


@pytest.mark.parametrize("scoring", ["ndcg", "precision", "recall"])
def test_the_best_ranking_is_chosen_and_fitted_to_both_parts(scoring):
    train, validation, test = seen_parts()
    model = ImplicitFactorization(3, rng=0)
    grid = {"alpha": [0.1, 5.0], "regularization": [0.5, 5.0]}
    tuned = tune(model, grid, train, validation, scoring=scoring)
    assert model.get_params() == ImplicitFactorization(3, rng=0).get_params()
    for settings, score in tuned.trials:
        again = ImplicitFactorization(3, rng=0).set_params(**settings).fit(train)
        assert getattr(rank_held_out(again, validation), scoring) == score
    assert tuned.settings == max(tuned.trials, key=lambda trial: trial.score).settings
    refitted = ImplicitFactorization(3, rng=0).set_params(**tuned.settings)
    refitted.fit(train.joined(validation))
    assert np.array_equal(refitted.factors_.V, tuned.model.factors_.V)
    assert tuned.test(test) == getattr(rank_held_out(refitted, test), scoring)
    with pytest.warns(SecondLookWarning):
        tuned.test(test)


def test_any_figure_may_choose_and_any_model_be_chosen():
    train, validation, _ = seen_parts()

    def fewest_factors(model, held_out):
        assert held_out is validation
        assert model.ratings_.shape == train.shape
        return -model.n_factors

    tuned = tune(MODEL, {"n_factors": [3, 1, 2]}, train, validation, scoring=fewest_factors)
    assert tuned.settings == {"n_factors": 1}
    assert tuned.test(validation) == -1


def test_a_grid_widens_towards_the_better_ranking():
    train, validation, _ = seen_parts()
    tuned = tune(
        ImplicitFactorization(2, n_epochs=1, rng=0),
        {"alpha": [1.0, 2.0]},
        train,
        validation,
        widen=["alpha"],
        scoring=lambda model, held_out: -abs(model.alpha - 9.0),
    )
    assert [trial.settings["alpha"] for trial in tuned.trials] == [1, 2, 4, 8, 16]
    assert tuned.settings == {"alpha": 8}


def test_what_cannot_choose():
    train, validation, _ = seen_parts()
    model = ImplicitFactorization(2, n_epochs=1, rng=0)
    with pytest.raises(ValueError, match=r"cannot be chosen by the RMSE.* choose scoring='ndcg'"):
        tune(model, {"alpha": [1.0]}, train, validation)
    with pytest.raises(ValueError, match="scoring must be 'ndcg', 'precision' or 'recall'"):
        tune(model, {"alpha": [1.0]}, train, validation, scoring="rmse")
    with pytest.raises(ValueError, match="what scoring gives must be a finite number"):
        tune(model, {"alpha": [1.0]}, train, validation, scoring=lambda *_: np.nan)
