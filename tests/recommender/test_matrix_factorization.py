"""MatrixFactorization: what it learns, what it answers, and what scikit-learn expects of it."""

import hashlib
import inspect
import subprocess
import sys

import numpy as np
import pytest
from cases import some
from sklearn.base import clone, is_regressor
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.utils.estimator_checks import check_no_attributes_set_in_init

import mfteach
from mfteach import DivergenceError, Factors, Loss, MatrixFactorization, Ratings, datasets
from mfteach.evaluation import rmse
from mfteach.recommender import Biases, GlobalMean, learning

SOLVERS = {
    "als": {"solver": "als"},
    "cg": {"solver": "cg"},
    "sgd": {"solver": "sgd", "learning_rate": 0.05, "n_epochs": 40},
    "gd": {"solver": "gd", "n_epochs": 200},
}


def named_ratings(m=30, n=20, rng=0, density=0.5):
    """3.5 + biases + two factors + noise, with names in place of numbers."""
    planted = datasets.planted(m, n, 2, density, 0.2, rng=rng).ratings
    generator = np.random.default_rng(rng)
    b, c = generator.normal(0, 0.5, m), generator.normal(0, 0.5, n)
    values = 3.5 + b[planted.user_index] + c[planted.item_index] + planted.values
    users = [f"u{i}" for i in planted.user_index]
    items = [f"film {j}" for j in planted.item_index]
    return Ratings(users, items, values)


def triples(ratings):
    columns = ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist()
    return sorted(zip(*columns, strict=True))


def pairs_of(ratings):
    return np.column_stack([ratings.users, ratings.items]), ratings.values


def test_the_signature_is_the_documented_one():
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(MatrixFactorization).parameters.items()
    }
    assert defaults == {
        "n_factors": 20,
        "solver": "als",
        "regularization": "auto",
        "weighting": "plain",
        "biases": True,
        "n_epochs": 15,
        "learning_rate": None,
        "momentum": 0.9,
        "decay": 0.0,
        "start_scale": 0.1,
        "unknown": "raise",
        "engine": "auto",
        "dtype": "float32",
        "rng": None,
        "master": "local[*]",
    }


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.no_cover
def test_every_solver_recovers_a_planted_truth(solver):
    ratings, _ = datasets.planted(80, 60, 3, 0.6, 0.0, rng=0)
    train, test = ratings.split(0.1, rng=1)
    settings = {
        "als": {"n_epochs": 40},
        "cg": {"n_epochs": 80},
        "sgd": {"n_epochs": 300, "learning_rate": 0.05},
        "gd": {"n_epochs": 3000},
    }[solver]
    model = MatrixFactorization(
        3, solver, regularization=1e-6, biases=False, dtype="float64", rng=0, **settings
    )
    assert model.fit(train).score(test) > -0.001


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_beats_the_biases_and_reports_its_value(solver):
    train, test = named_ratings().split(0.1, rng=1)
    model = MatrixFactorization(2, regularization=0.5, rng=0, **SOLVERS[solver]).fit(train)
    assert model.score(test) > -0.8 * rmse(test.values, Biases.fit(train).predict(test))
    assert model.trace_.n_steps == model.n_epochs
    loss = Loss(train, 0.5)
    assert model.trace_.last.value == pytest.approx(loss.value(model.factors_), rel=1e-5)
    assert model.trace_.values == [], "nobody asked"
    np.testing.assert_allclose(
        model.factors_.user_bias, Biases.fit(train).user_bias, rtol=1e-5, atol=1e-6
    )


def test_learning_from_labels_is_learning_from_ratings():
    ratings = named_ratings()
    X, y = pairs_of(ratings)
    models = [
        MatrixFactorization(2, rng=0).fit(ratings),
        MatrixFactorization(2, rng=0).fit(X, y),
        MatrixFactorization(2, rng=0).fit(X.tolist(), y.tolist()),
    ]
    answers = [models[0].predict(ratings), models[1].predict(X)]
    answers.append(models[2].predict(ratings.users, ratings.items))
    answers.append(models[2].predict(ratings.users.tolist(), items=ratings.items.tolist()))
    for answer in answers:
        assert np.array_equal(answer, answers[0])
        assert answer.shape == (len(ratings),)
    assert models[1].score(X, y) == models[0].score(ratings) == -rmse(y, answers[0])


def test_users_by_number_and_films_by_name_go_together():
    model = MatrixFactorization(1, rng=0)
    model.fit([(1, "Nero"), (2, "Nero"), (1, "Casablanca")], [5, 4, 1])
    assert model.predict([(2, "Casablanca")]).shape == (1,)
    assert model.recommend(2, 5)[0].item == "Casablanca"


# ---- no parameter is ignored

CHANGES = [
    ("als", {"n_factors": 3}),
    ("als", {"regularization": 1.0}),
    ("als", {"regularization": (0.5, 5.0)}),
    ("als", {"weighting": "by_count"}),
    ("als", {"biases": False}),
    ("als", {"n_epochs": 2}),
    ("als", {"solver": "cg"}),
    ("als", {"solver": "sgd"}),
    ("als", {"solver": "gd"}),
    ("als", {"dtype": "float64"}),
    ("als", {"rng": 1}),
    ("sgd", {"learning_rate": 0.02}),
    ("sgd", {"decay": 0.5}),
    ("sgd", {"start_scale": 0.05}),
    ("sgd", {"biases": "learned"}),
    ("sgd", {"weighting": "by_count"}),
    ("sgd", {"regularization": (0.5, 5.0)}),
    ("sgd", {"rng": 1}),
    ("gd", {"learning_rate": 0.005}),
    ("gd", {"learning_rate": None}),
    ("gd", {"momentum": 0.5}),
    ("gd", {"biases": "learned"}),
    ("gd", {"regularization": (5.0, 0.5)}),
]


@pytest.mark.parametrize(("solver", "change"), CHANGES)
def test_every_parameter_matters(solver, change):
    ratings = named_ratings()
    base = {"n_factors": 2, "regularization": 0.5, "n_epochs": 5, "rng": 0}
    base |= {"solver": solver, "learning_rate": 0.05}
    one = MatrixFactorization(**base).fit(ratings).predict(ratings)
    same = MatrixFactorization(**base).fit(ratings).predict(ratings)
    other = MatrixFactorization(**base | change).fit(ratings).predict(ratings)
    assert np.array_equal(one, same), "a seed repeats bit for bit"
    assert one.dtype == np.float32
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_kept_all_the_way(solver, dtype):
    ratings = named_ratings()
    biases = "learned" if solver in ("sgd", "gd") else True
    model = MatrixFactorization(2, solver, 1.0, biases=biases, n_epochs=2, dtype=dtype, rng=0)
    model.fit(ratings)
    factors = model.fold_in(Ratings(["new"], ["film 1"], [2.0])).factors_
    for array in (factors.U, factors.V, factors.user_bias, factors.item_bias):
        assert array.dtype == dtype
    assert model.predict(ratings).dtype == dtype
    assert model.ratings_.values.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.no_cover
def test_plain_descent_searches_its_rate_and_halves_it_while_it_diverges(dtype, monkeypatch):
    ratings = named_ratings()
    settings = {"regularization": 0.5, "n_epochs": 300, "dtype": dtype, "rng": 0}
    usual = MatrixFactorization(2, "gd", **settings).fit(ratings)
    given = MatrixFactorization(2, "gd", learning_rate=usual.learning_rate_, **settings)
    assert np.array_equal(given.fit(ratings).factors_, usual.factors_)
    monkeypatch.setattr(learning, "suggest_learning_rate", lambda *_: 64 * usual.learning_rate_)
    halved = MatrixFactorization(2, "gd", **settings).fit(ratings)
    halvings = np.log2(64 * usual.learning_rate_ / halved.learning_rate_)
    assert halvings == round(halvings) >= 1
    too_large = {"learning_rate": 2 * halved.learning_rate_}
    with pytest.raises(DivergenceError, match="try learning_rate="):
        MatrixFactorization(2, "gd", **settings | too_large).fit(ratings)
    assert halved.trace_.last.value == pytest.approx(usual.trace_.last.value, rel=1e-3)


@pytest.mark.filterwarnings("ignore:regularization 5 shrinks all factors to 0")
def test_the_rate_is_searched_in_double_precision():
    """In single precision rounding near the minimum once halved the rate to 6e-8."""
    ratings = datasets.history_romance()
    rates = [
        MatrixFactorization(2, "gd", 5.0, dtype=dtype, rng=0).fit(ratings).learning_rate_
        for dtype in ("float32", "float64")
    ]
    assert rates[0] == pytest.approx(rates[1], rel=1e-6)
    assert rates[1] > 0.01


def test_the_rate_of_the_other_solvers_if_none_is_given():
    ratings = named_ratings()
    for solver in ("als", "cg"):
        assert MatrixFactorization(2, solver, rng=0).fit(ratings).learning_rate_ is None
    model = MatrixFactorization(2, "sgd", rng=0).fit(ratings)
    left = Biases.fit(ratings).residuals(ratings).values
    assert model.learning_rate_ == pytest.approx(learning.SGD_RATE / np.sqrt(np.mean(left**2)))


def test_a_rate_that_cannot_be_found(monkeypatch):
    monkeypatch.setattr(learning, "suggest_learning_rate", lambda *_: None)
    with pytest.raises(
        ValueError, match=r"with every learning rate .* Choose set_params\(solver='als'\)"
    ):
        MatrixFactorization(2, "gd", rng=0).fit(named_ratings())


def test_a_generator_is_used_as_it_is():
    ratings = named_ratings()
    by_seed = MatrixFactorization(2, rng=7).fit(ratings)
    by_generator = MatrixFactorization(2, rng=np.random.default_rng(7)).fit(ratings)
    assert np.array_equal(by_seed.predict(ratings), by_generator.predict(ratings))


# ---- epochs and validation


def test_exactly_n_epochs_and_the_last_point_without_validation():
    ratings = named_ratings()
    model = MatrixFactorization(2, "sgd", 0.5, n_epochs=20, learning_rate=0.3, rng=0).fit(ratings)
    assert len(model.trace_.seconds) == 21
    assert model.trace_.best is model.trace_.last
    assert np.array_equal(model.factors_, model.trace_.last.point)
    constant = MatrixFactorization(1, n_epochs=9, rng=0).fit(Ratings([0, 1], [0, 1], [3, 3]))
    assert constant.trace_.n_steps == 9


@pytest.mark.filterwarnings("ignore::mfteach.evaluation.NothingLearnedWarning")
def test_validation_stops_early_and_keeps_the_best():
    train, held_out = named_ratings().split(0.2, rng=1)
    settings = {"n_factors": 8, "regularization": 0.01, "n_epochs": 400, "rng": 0}
    model = MatrixFactorization(**settings).fit(train, validation=held_out)
    assert model.trace_.n_steps < 400
    assert -model.score(held_out) == pytest.approx(min(model.trace_.validation), rel=1e-5)
    assert np.array_equal(model.factors_, model.trace_.best.point)
    plain = MatrixFactorization(**settings | {"n_epochs": 60}).fit(train)
    assert plain.score(held_out) < model.score(held_out)
    by_labels = MatrixFactorization(**settings).fit(train, validation=pairs_of(held_out))
    assert np.array_equal(by_labels.factors_, model.factors_)


def test_validation_with_unknown_pairs():
    train = named_ratings()
    strangers = Ratings(["nobody", "u1"], ["film 1", "film 2"], [3, 3])
    with pytest.raises(KeyError, match="user 'nobody' is not among the 30 users"):
        MatrixFactorization(rng=0).fit(train, validation=strangers)
    lenient = MatrixFactorization(rng=0, unknown="mean").fit(train, validation=strangers)
    only_known = MatrixFactorization(rng=0).fit(train, validation=strangers.take(np.array([1])))
    assert lenient.trace_.validation == only_known.trace_.validation
    with pytest.raises(ValueError, match="no validation rating has"):
        lenient.fit(train, validation=strangers.take(np.array([0])))


# ---- the unknown, the empty, the extreme


def test_unknown_ids():
    ratings = named_ratings()
    model = MatrixFactorization(2, rng=0).fit(ratings)
    X = [("u1", "film 1"), ("nobody", "film 1"), ("u1", "no film"), ("nobody", "no film")]
    with pytest.raises(KeyError, match="user 'nobody' is not among the 30 users"):
        model.predict(X)
    with pytest.raises(KeyError, match="item 'no film' is not among the 20 items"):
        model.predict(["u1"], ["no film"])
    with pytest.raises(KeyError, match="nobody"):
        model.recommend("nobody")
    known = model.predict(X[:1])[0]
    answers = model.set_params(unknown="mean").predict(X)
    mean = GlobalMean.fit(ratings).mean
    i, j = ratings.index_users(["u1"])[0], ratings.index_items(["film 1"])[0]
    biases = Biases.fit(ratings)
    expected = [known, mean + biases.item_bias[j], mean + biases.user_bias[i], mean]
    np.testing.assert_allclose(answers, expected, rtol=1e-5)
    assert answers.dtype == np.float32
    favourites = model.recommend("nobody", 3)
    assert [entry.item for entry in favourites] == [
        ratings.item_labels[at] for at in np.argsort(-biases.item_bias)[:3]
    ]
    answers = model.set_params(unknown="nan").predict(X)
    assert answers[0] == known
    assert np.isnan(answers[1:]).all()
    assert model.recommend("nobody") == []
    with pytest.raises(KeyError, match="nobody"):
        model.explain("nobody", "film 1")


def test_unknown_ids_without_biases_get_the_mean():
    ratings = named_ratings()
    model = MatrixFactorization(2, biases=False, unknown="mean", rng=0).fit(ratings)
    assert model.predict([("nobody", "film 1")])[0] == pytest.approx(ratings.values.mean())


@pytest.mark.parametrize("unknown", ["raise", "mean", "nan"])
def test_ids_of_another_type_are_never_answered(unknown):
    """A model of numbers that was asked with strings once answered the mean for every pair."""
    model = MatrixFactorization(1, unknown=unknown, rng=0).fit([(1, 2), (3, 4)], [5, 1])
    with pytest.raises(
        KeyError, match=r"user '1' is not among the 2 users \(such as 1\). The types differ"
    ):
        model.predict([("1", "2")])
    with pytest.raises(KeyError, match="user '1' is not among"):
        model.recommend("1")
    with pytest.raises(ValueError, match="neither an integer nor a string"):
        model.predict(np.array([[1.0, 2.0]]))


@pytest.mark.parametrize("solver", SOLVERS)
def test_rows_without_ratings_get_mean_and_bias(solver):
    whole = named_ratings()
    at = np.flatnonzero((whole.users != "u3") & (whole.items != "film 4"))
    train = whole.take(at)
    model = MatrixFactorization(2, regularization=0.5, rng=0, **SOLVERS[solver]).fit(train)
    row, column = train.index_users(["u3"])[0], train.index_items(["film 4"])[0]
    factors = model.factors_
    assert not factors.U[row].any()
    assert not factors.V[column].any()
    expected = factors.mean + factors.item_bias[train.index_items(["film 1"])[0]]
    assert model.predict(["u3"], ["film 1"])[0] == pytest.approx(expected)
    assert model.predict(["u3"], ["film 4"])[0] == pytest.approx(factors.mean)
    assert np.isfinite(model.predict(whole)).all()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("biases", some([True, False], 1))
@pytest.mark.no_cover
def test_one_rating_one_user_one_item_and_constants(solver, biases):
    cases = (
        Ratings(["a"], ["x"], [4.0]),
        Ratings(["a"] * 3, ["x", "y", "z"], [4.0, 4.0, 4.0]),
        Ratings(["a", "b", "c"], ["x"] * 3, [4.0, 4.0, 4.0]),
    )
    for ratings in cases:
        model = MatrixFactorization(
            5, regularization=0.01, biases=biases, rng=0, **SOLVERS[solver] | {"n_epochs": 400}
        ).fit(ratings)
        np.testing.assert_allclose(model.predict(ratings), 4.0, atol=0.05)
        assert np.isfinite(model.trace_.last.value)


@pytest.mark.parametrize("solver", SOLVERS)
def test_more_factors_than_the_rank(solver):
    ratings = datasets.history_romance()
    model = MatrixFactorization(
        10, regularization=0.01, rng=0, **SOLVERS[solver] | {"n_epochs": 300}
    ).fit(ratings)
    assert model.score(ratings) > -0.05


def test_huge_values():
    ratings = named_ratings()
    huge = ratings.with_values(1e15 * ratings.values)
    model = MatrixFactorization(2, regularization=0.5, rng=0).fit(huge)
    assert -model.score(huge) < 0.3e15
    with pytest.raises(DivergenceError, match=r"try learning_rate|no smaller rate helps"):
        MatrixFactorization(2, "sgd", 0.5, learning_rate=0.05, rng=0).fit(huge)
    beyond = ratings.with_values(1e60 * ratings.values)
    with pytest.raises(
        ValueError, match=r"does not fit float32\. .* choose set_params\(dtype='float64'\)"
    ):
        MatrixFactorization(2, rng=0).fit(beyond)
    assert np.isfinite(MatrixFactorization(2, dtype="float64", rng=0).fit(beyond).score(beyond))


def test_no_regularization_and_too_few_ratings():
    ratings = Ratings(["ann", "bob", "bob"], ["x", "x", "y"], [1, 2, 3])
    with pytest.raises(ValueError, match="user 'ann' has 1 ratings, too few to determine 2"):
        MatrixFactorization(2, regularization=0, rng=0).fit(ratings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_factors": 0}, "n_factors must be at least 1"),
        ({"solver": "magic"}, "solver must be 'als', 'cg', 'sgd' or 'gd', but is 'magic'"),
        ({"regularization": -1}, "regularization must be 0 or larger"),
        ({"weighting": "heavy"}, "weighting must be 'plain' or 'by_count'"),
        ({"biases": "both"}, "biases must be True, False or 'learned', but is 'both'"),
        ({"biases": "learned"}, "least squares .* cannot learn biases"),
        ({"n_epochs": 0}, "n_epochs must be at least 1"),
        ({"solver": "sgd", "learning_rate": 0}, "learning_rate must be a positive number"),
        ({"solver": "sgd", "decay": -0.1}, "decay must be 0 or larger"),
        ({"solver": "gd", "learning_rate": -1}, "learning_rate must be a positive number"),
        ({"solver": "gd", "momentum": 1.0}, r"momentum must lie in \[0, 1\)"),
        ({"unknown": "guess"}, "unknown must be"),
        ({"engine": "abacus"}, "engine must be"),
        ({"dtype": "float16"}, "dtype must be 'float32' or 'float64'"),
    ],
)
def test_bad_parameters_are_refused_by_fit(settings, message):
    with pytest.raises(ValueError, match=message):
        MatrixFactorization(**settings).fit(named_ratings())


def test_engines():
    ratings = named_ratings()
    answers = [
        MatrixFactorization(2, engine=engine, rng=0).fit(ratings).predict(ratings)
        for engine in ("auto", "numpy")
    ]
    assert np.array_equal(*answers)


def test_an_engine_that_cannot_be_had(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in ("numba_twins", "compiling", "numba_sgd", "numba_gradient", "numba_least_squares"):
        monkeypatch.delitem(sys.modules, f"mfteach.fast.{name}", raising=False)
        monkeypatch.delattr(f"mfteach.fast.{name}", raising=False)
    with pytest.raises(ImportError, match=r"need Numba.*pip install 'mfteach\[fast\]', or"):
        MatrixFactorization(engine="numba").fit(named_ratings())


def test_bad_calls():
    ratings = named_ratings()
    X, y = pairs_of(ratings)
    model = MatrixFactorization(2, rng=0)
    for call in (model.predict, model.score, model.fold_in, model.save):
        with pytest.raises(ValueError, match="is not fitted yet: call fit first"):
            call(ratings)
    with pytest.raises(ValueError, match="give no y beside it"):
        model.fit(ratings, y)
    with pytest.raises(ValueError, match="Give the values y"):
        model.fit(X)
    with pytest.raises(ValueError, match=r"shape \(N, 2\)"):
        model.fit(y, y)
    model.fit(X, y)
    with pytest.raises(ValueError, match="needs the true ratings y"):
        model.score(X)
    with pytest.raises(ValueError, match="2 users and 1 items are no pairs"):
        model.predict(["u1", "u2"], ["film 1"])
    with pytest.raises(ValueError, match="n must be at least 1"):
        model.recommend("u1", 0)


# ---- recommending, explaining, folding in, keeping


def test_recommendations_are_the_best_predictions():
    ratings = named_ratings()
    model = MatrixFactorization(2, regularization=0.5, rng=0).fit(ratings)
    rated = set(ratings.items[ratings.users == "u5"].tolist())
    every = ratings.item_labels.tolist()
    predicted = dict(zip(every, model.predict(["u5"] * len(every), every).tolist(), strict=True))
    best = sorted(every, key=predicted.get, reverse=True)
    listed = model.recommend("u5", 4)
    assert [entry.item for entry in listed] == [item for item in best if item not in rated][:4]
    assert all(entry.prediction == predicted[entry.item] for entry in listed)
    listed = model.recommend("u5", 4, exclude_rated=False)
    assert [entry.item for entry in listed] == best[:4]
    assert len(model.recommend("u5", 1000)) == len(every) - len(rated)


def test_explanations_by_label():
    ratings = named_ratings()
    model = MatrixFactorization(2, regularization=0.5, n_epochs=200, rng=0).fit(ratings)
    why = model.explain("u5", "film 3")
    assert why.prediction == pytest.approx(model.predict(["u5"], ["film 3"])[0], rel=1e-6)
    assert set(why.items.tolist()) == set(ratings.items[ratings.users == "u5"].tolist())
    assert why.by_item.sum() + why.remainder == pytest.approx(why.by_factor.sum(), abs=1e-6)
    assert abs(why.remainder) < 0.01 * np.abs(why.by_item).sum()


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_new_users_and_items_are_folded_in(biases, weighting):
    whole = named_ratings(60, 40)
    is_new = whole.users == "u7"
    train, new = whole.take(np.flatnonzero(~is_new)), whole.take(np.flatnonzero(is_new))
    train = Ratings(train.users, train.items, train.values)
    settings = {"regularization": 0.1, "biases": biases, "weighting": weighting, "rng": 0}
    model = MatrixFactorization(2, n_epochs=50, **settings).fit(train)
    before = model.predict(train)
    shown, hidden = new.split(0.3, rng=0)
    further = model.fold_in(shown)
    assert "u7" not in model.ratings_.user_labels
    assert np.array_equal(further.predict(train), before)
    assert np.array_equal(model.predict(train), before)
    limit = 0.8 * rmse(hidden.values, np.full(len(hidden), train.values.mean()))
    assert -further.score(hidden) < limit
    assert not set(shown.items.tolist()) & {entry.item for entry in further.recommend("u7", 99)}
    assert further.explain("u7", hidden.items[0]).remainder == pytest.approx(0, abs=1e-5)

    film = Ratings([f"u{i}" for i in range(5)], ["new film"] * 5, [9.0] * 5)
    known = model.fold_in(film)
    assert known.predict(["u0"], ["new film"])[0] > 5
    assert known.ratings_.shape == (train.shape[0], train.shape[1] + 1)
    for before, new, after in ((train, film, known), (train, shown, further)):
        listed = [triples(part.with_values(np.float32(part.values))) for part in (before, new)]
        assert triples(after.ratings_) == sorted(listed[0] + listed[1])
    assert known.fold_in(Ratings(["u7"], ["new film"], [1.0])).predict(["u7"], ["film 1"]).size


def test_folding_in_what_cannot_be():
    model = MatrixFactorization(2, rng=0).fit(named_ratings())
    with pytest.raises(KeyError, match=r"item 'no film' is not among.*Fold in new users by known"):
        model.fold_in(Ratings(["me"], ["no film"], [3]))
    with pytest.raises(ValueError, match="user 'u1' is known already"):
        model.fold_in(Ratings(["me", "u1"], ["film 1", "film 2"], [3, 3]))
    with pytest.raises(ValueError, match="item 'film 1' is known already"):
        model.fold_in(Ratings(["u1", "u1"], ["film 1", "no film"], [3, 3]))
    with pytest.raises(KeyError, match=r"user 7 is not among .*The types differ"):
        model.fold_in(Ratings([7], ["film 1"], [3]))


def test_saving_and_loading(tmp_path):
    ratings = named_ratings()
    model = MatrixFactorization(
        2, "sgd", (0.5, 0.7), "by_count", "learned", 3, unknown="mean", rng=4
    ).fit(ratings)
    model.save(tmp_path / "m.npz", note="beside")
    again = MatrixFactorization.load(tmp_path / "m.npz")
    assert again.get_params() == model.get_params()
    assert np.array_equal(again.predict(ratings), model.predict(ratings))
    assert again.recommend("u1", 5) == model.recommend("u1", 5)
    new = Ratings(["me"], ["film 1"], [5.0])
    assert again.fold_in(new).recommend("me", 2) == model.fold_in(new).recommend("me", 2)
    assert str(again.explain("u1", "film 2")) == str(model.explain("u1", "film 2"))
    model.set_params(rng=np.random.default_rng(0)).save(tmp_path / "g.npz")
    assert MatrixFactorization.load(tmp_path / "g.npz").rng is None


def fingerprint_by_hand(ratings):
    """The SHA-256 of three columns, sorted by row and column."""
    i, j = ratings.user_index.tolist(), ratings.item_index.tolist()
    order = sorted(range(len(i)), key=lambda at: (i[at], j[at]))
    digest = hashlib.sha256()
    for column in (ratings.users, ratings.items, ratings.values.astype("float64")):
        for at in order:
            digest.update(column[at].tobytes().ljust(column.itemsize, b"\0"))
    return digest.hexdigest()


def test_a_saved_model_says_what_it_was_fitted_on(tmp_path):
    ratings = named_ratings()
    model = MatrixFactorization(2, rng=np.int64(4)).fit(ratings)
    model._version = "0.0.7"
    model.save(tmp_path / "m.npz")
    again = MatrixFactorization.load(tmp_path / "m.npz")
    assert again.fitted_on_ == model.fitted_on_
    assert again.fitted_on_._asdict() == {
        "version": "0.0.7",
        "shape": ratings.shape,
        "n_ratings": len(ratings),
        "sha256": fingerprint_by_hand(model.ratings_),
    }
    shuffled = model.ratings_.take(np.random.default_rng(0).permutation(len(ratings)))
    assert shuffled.fingerprint() == again.fitted_on_.sha256
    assert (again.rng, type(again.rng)) == (4, int)
    assert again.fit(ratings).fitted_on_.version == mfteach.__version__
    with pytest.raises(ValueError, match="no further array can be called rated"):
        model.save(tmp_path / "m.npz", rated=[1])


def rewrite(path, changes):
    """Change some arrays of a file; None takes one away."""
    with np.load(path) as saved:
        arrays = dict(saved)
    for name, change in changes.items():
        array = arrays.pop(name)
        if change is not None:
            arrays[name] = np.asarray(change(array), dtype=array.dtype)
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rated": lambda r: r + (np.arange(len(r)) == 5)}, "sha256"),
        ({"rated_by": lambda i: i[::-1]}, "sha256"),
        ({"user_labels": lambda labels: labels[::-1]}, "sha256"),
        ({name: lambda a: a[1:] for name in ("rated", "rated_by", "rated_item")}, "n_ratings"),
    ],
)
def test_a_model_with_other_ratings_is_refused(tmp_path, changes, message):
    MatrixFactorization(2, rng=0).fit(named_ratings()).save(tmp_path / "m.npz")
    rewrite(tmp_path / "m.npz", changes)
    differs = rf"m\.npz holds other ratings.*: {message} \w+ instead of \w+\. Refit the model"
    with pytest.raises(ValueError, match=differs):
        MatrixFactorization.load(tmp_path / "m.npz")


def test_files_without_a_model(tmp_path):
    Factors([[1.0]], [[2.0]]).save(tmp_path / "f.npz")
    with pytest.raises(ValueError, match=r"f\.npz holds factors, but no model"):
        MatrixFactorization.load(tmp_path / "f.npz")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ValueError, match="holds no factors"):
        MatrixFactorization.load(tmp_path / "broken.npz")
    with pytest.raises(OSError, match=r"none\.npz"):
        MatrixFactorization.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match="do not fit"):
        MatrixFactorization.from_factors(Factors([[1.0]], [[2.0]]), named_ratings())


# ---- scikit-learn


def test_clone_and_params_follow_the_rules():
    model = MatrixFactorization(7, regularization=(1.0, 2.0), rng=3)
    assert repr(model) == "MatrixFactorization(n_factors=7, regularization=(1.0, 2.0), rng=3)"
    copy = clone(model)
    assert copy is not model
    assert copy.get_params() == model.get_params()
    assert is_regressor(model)
    check_no_attributes_set_in_init("MatrixFactorization", model)
    with pytest.raises(ValueError, match="there is no parameter 'n_latent'; there are n_factors"):
        model.set_params(n_latent=3)
    assert not hasattr(clone(MatrixFactorization(2).fit(named_ratings())), "factors_")


@pytest.mark.filterwarnings("ignore:regularization 500 shrinks all factors to 0")
def test_grid_search_and_cross_validation_run_on_it():
    X, y = pairs_of(named_ratings(60, 40))
    folds = KFold(3, shuffle=True, random_state=0)
    model = MatrixFactorization(2, unknown="mean", rng=0)
    search = GridSearchCV(
        model, {"regularization": [0.5, 500.0], "n_factors": [2]}, cv=folds, error_score="raise"
    ).fit(X, y)
    assert search.best_params_ == {"regularization": 0.5, "n_factors": 2}
    scores = cross_validate(search.best_estimator_, X, y, cv=folds, error_score="raise")
    by_hand = []
    for train, test in folds.split(X):
        fitted = clone(search.best_estimator_).fit(X[train], y[train])
        by_hand.append(-rmse(y[test], fitted.predict(X[test])))
    np.testing.assert_allclose(scores["test_score"], by_hand)
    assert search.best_score_ == pytest.approx(np.mean(by_hand))


def test_scikit_learn_stays_optional():
    code = (
        "import sys, mfteach as mf; sys.modules['sklearn'] = None\n"
        "mf.MatrixFactorization(2).fit([(1, 2), (3, 4)], [1, 2]).predict([(1, 4)])\n"
        "print('sklearn.base' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---- a set of ML-100K's shape


def like_movielens(n_ratings, rng):
    """Whole stars with biases, 12 planted factors and noise, some films far more popular."""
    m, n = 943, 1682
    generator = np.random.default_rng(rng)
    busy, popular = generator.lognormal(0, 1.0, m), generator.lognormal(0, 1.3, n)
    chance = np.outer(busy, popular).ravel()
    # The largest keys are a draw without replacement, with these chances.
    keys = np.log(generator.random(m * n)) / chance
    i, j = np.divmod(np.argpartition(-keys, n_ratings)[:n_ratings], n)
    U, V = generator.normal(size=(m, 12)), generator.normal(size=(n, 12))
    r = 3.5 + 0.42 * generator.normal(size=m)[i] + 0.54 * generator.normal(size=n)[j]
    r += 0.2 * np.einsum("ns,ns->n", U[i], V[j]) + 0.74 * generator.normal(size=n_ratings)
    return Ratings(i, j, np.clip(np.rint(r), 1, 5))


def als_by_formula(ratings, biases, k, regularization, n_epochs, rng):
    """Another exact ALS: dense rows, one system a row, double precision."""
    m, n = ratings.shape
    V = 0.1 * np.random.default_rng(rng).normal(size=(n, k))
    U = np.zeros((m, k))
    e = ratings.values - biases.predict(ratings)
    for _ in range(n_epochs):
        for table, other, groups, index in (
            (U, V, ratings.by_user, ratings.item_index),
            (V, U, ratings.by_item, ratings.user_index),
        ):
            for row in range(len(table)):
                at = groups[row]
                A = other[index[at]]
                table[row] = np.linalg.solve(A.T @ A + regularization * np.eye(k), A.T @ e[at])
    return U, V


def test_a_hundred_thousand_ratings_reach_what_exact_als_reaches():
    train, test = like_movielens(100_000, rng=0).split(0.1, rng=1)
    model = MatrixFactorization(n_factors=32, regularization=16, n_epochs=10, rng=0).fit(train)
    mean = rmse(test.values, GlobalMean.fit(train).predict(test))
    biases = Biases.fit(train)
    U, V = als_by_formula(train, biases, 32, 16.0, 10, rng=5)
    exact = biases.predict(test) + np.einsum("ns,ns->n", U[test.user_index], V[test.item_index])
    assert mean == pytest.approx(1.12, abs=0.02)
    assert -model.score(test) == pytest.approx(rmse(test.values, exact), abs=0.003)
    assert -model.score(test) < rmse(test.values, biases.predict(test)) - 0.03
    assert -model.score(test) == pytest.approx(0.90, abs=0.01)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rated_by", lambda rows: np.append(rows, 9999)),
        ("rated_by", lambda rows: rows + 9999),
        ("rated_item", lambda rows: rows - 1),
        ("rated", lambda values: values[1:]),
        ("fitted_on", lambda _: np.array('["0.2.0", 5, 5, "x"]')),
        ("U", lambda U: U * np.nan),
        ("mean", lambda _: np.array(np.inf)),
        ("params", lambda text: np.array(str(text).replace('"als"', '"xx"'))),
        ("params", lambda text: np.array(str(text).replace('"raise"', '"zzz"'))),
    ],
)
def test_a_damaged_model_is_named_with_its_file(tmp_path, name, change):
    path = tmp_path / "model.npz"
    MatrixFactorization(2, rng=0).fit(named_ratings()).save(path)
    with np.load(path) as saved:
        arrays = dict(saved)
    arrays[name] = change(arrays[name])
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"model\.npz holds"):
        MatrixFactorization.load(path)


@pytest.mark.parametrize("progress", [True, False])
@pytest.mark.usefixtures("bars")
def test_bars_are_shown_where_they_are_wanted(progress, monkeypatch, capsys):
    monkeypatch.setattr("mfteach.descent.training.MOMENT", -1.0)
    MatrixFactorization(2, n_epochs=3, rng=0).fit(datasets.history_romance(), progress=progress)
    said = capsys.readouterr().err
    for bar in ("choosing the regularization", "descending"):
        assert (bar in said) is progress
    assert ("4/4" in said) is progress  # the start and three epochs
