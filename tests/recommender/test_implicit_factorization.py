"""`ImplicitFactorization`: what it learns, answers, keeps, and refuses."""

import itertools

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import estimator_checks

from mfteach import ImplicitFactorization, MatrixFactorization, Ratings, datasets
from mfteach.descent import implicit_least_squares, implicit_users
from mfteach.evaluation import NothingLearnedWarning, rank_held_out
from mfteach.loss import ImplicitLoss
from mfteach.recommender.implicit_regularization import implicit_regularization, largest_signal

HOT, COLD = ["tea", "coffee", "cocoa"], ["beer", "cola", "juice"]


def two_tastes():
    """Eight users of hot and eight of cold drinks; each has tried two of the three."""
    pairs = [
        (f"{taste[0]}{number}", drink)
        for taste in (HOT, COLD)
        for number, (left_out, _) in enumerate(itertools.product(taste, range(4)))
        for drink in taste
        if drink != left_out
    ]
    users, items = zip(*pairs, strict=True)
    return Ratings(users, items, np.ones(len(pairs)))


TASTES = two_tastes()


def fitted(**settings):
    given = {"n_factors": 2, "regularization": 0.5, "rng": 0} | settings
    return ImplicitFactorization(**given).fit(TASTES)


def test_each_user_is_recommended_what_people_like_them_drink():
    model = fitted()
    for user in TASTES.user_labels.tolist():
        taste = HOT if user.startswith("tea") else COLD
        (best,) = model.recommend(user, n=1)
        assert best.item in taste
        assert best.prediction > 0.3
    cold = next(user for user in TASTES.user_labels.tolist() if user.startswith("beer"))
    assert model.predict([cold], ["tea"])[0] < 0.1
    assert {each.label for each in model.similar_items("tea", 2)} == {"coffee", "cocoa"}
    assert all(each.label.startswith("beer") for each in model.similar_users(cold, 5))


def test_pairs_alone_count_1_each():
    pairs = np.column_stack([TASTES.users, TASTES.items])
    alone = ImplicitFactorization(2, 0.5, rng=0).fit(pairs)
    np.testing.assert_array_equal(alone.factors_.matrix(), fitted().factors_.matrix())
    with_values = ImplicitFactorization(2, 0.5, rng=0).fit(pairs, np.full(len(pairs), 3.0))
    assert not np.allclose(with_values.factors_.matrix(), alone.factors_.matrix(), atol=1e-3)


def test_values_times_two_and_half_the_alpha_are_the_same():
    values = np.random.default_rng(0).integers(1, 6, len(TASTES)).astype(float)
    ratings = TASTES.with_values(values)
    one = ImplicitFactorization(2, alpha=1.0, rng=0).fit(ratings)
    two = ImplicitFactorization(2, alpha=0.5, rng=0).fit(TASTES.with_values(2 * values))
    assert two.regularization_ == pytest.approx(one.regularization_, rel=1e-6)
    np.testing.assert_allclose(two.factors_.matrix(), one.factors_.matrix(), atol=1e-5)


def test_auto_is_the_formula_of_the_docstring():
    values = np.random.default_rng(1).integers(1, 6, len(TASTES)).astype(float)
    ratings = TASTES.with_values(values)
    C = 1 + 0.7 * np.nan_to_num(ratings.to_matrix())
    C[np.isnan(ratings.to_matrix())] = 0
    edges = [
        np.sqrt(np.sum(C[i] ** 2)) + np.sqrt(np.sum(C[:, j] ** 2)) for i, j in np.argwhere(C > 0)
    ]
    assert implicit_regularization(ratings, 0.7) == pytest.approx(0.3 * np.mean(edges))
    assert largest_signal(ratings, 0.7) == pytest.approx(np.linalg.norm(C, 2))


def test_auto_ranks_nearly_as_well_as_the_best_of_a_grid():
    """On ratings whose users see what they like: within a twentieth of the best lambda."""
    rng = np.random.default_rng(3)
    taste = 1.2 * rng.normal(size=(150, 4)) @ rng.normal(size=(4, 100)) + rng.normal(size=100)
    seen = rng.random(taste.shape) < 1 / (1 + np.exp(4.5 - taste))
    i, j = np.nonzero(seen)
    train, held_out = Ratings(i, j, np.ones(len(i))).split(0.2, rng=0)

    def quality(regularization):
        model = ImplicitFactorization(8, regularization, rng=0).fit(train)
        return rank_held_out(model, held_out, relevant_from=0).ndcg

    best = max(quality(float(each)) for each in (0.3, 1, 3, 6, 10, 15))
    assert quality("auto") > 0.95 * best


def test_the_trace_tells_the_objective_of_each_epoch():
    model = fitted(n_epochs=7)
    assert model.trace_.n_steps == 7
    loss = ImplicitLoss(model.ratings_, 1.0, model.regularization_)
    assert model.trace_.last.value == pytest.approx(loss.value(model.factors_))


def test_exact_half_steps_from_the_same_start_come_no_further():
    model = fitted(n_factors=6, n_epochs=12)
    loss = ImplicitLoss(model.ratings_, 1.0, model.regularization_)
    exact = implicit_least_squares(loss, model._start(model.ratings_))
    best = next(itertools.islice(exact, 12, None)).value
    assert model.trace_.last.value == pytest.approx(best, rel=1e-3)


def test_it_starts_near_0_with_factors_of_one_sign_and_nothing_where_nothing_was_seen():
    model = fitted()
    users = np.array([*model.ratings_.user_labels, "nobody"])
    i, j = model.ratings_.user_index, model.ratings_.item_index
    wider = Ratings.from_indices(i, j, model.ratings_.values, users, model.ratings_.item_labels)
    start = model._start(wider)
    assert not start.U[-1].any()
    assert min(start.U.min(), start.V.min()) >= 0
    assert 0.005 < max(start.U.max(), start.V.max()) <= 0.01


def test_a_seed_repeats_the_factors_and_another_one_does_not():
    one, same, other = fitted(), fitted(), fitted(rng=1, n_epochs=1)
    assert np.array_equal(one.factors_.V, same.factors_.V)
    assert not np.array_equal(one.factors_.V, other.factors_.V)
    assert one.factors_.V.dtype == np.float32


def test_new_users_are_half_a_step_and_nothing_else_changes():
    model = fitted()
    new = Ratings(["ann", "ann", "bob"], ["tea", "cocoa", "juice"], [1, 2, 3])
    further = model.fold_in(new)
    C = np.ones((2, 6))
    C[0, [model.ratings_.index_items([drink])[0] for drink in ("tea", "cocoa")]] += [1, 2]
    C[1, model.ratings_.index_items(["juice"])[0]] += 3
    V = model.factors_.V.astype(float)
    for row, label in enumerate(("ann", "bob")):
        A = (V.T * C[row]) @ V + model.regularization_ * np.eye(2)
        by_hand = V @ np.linalg.solve(A, V.T @ (C[row] * (C[row] > 1)))
        predicted = further.predict(np.repeat(label, 6), further.ratings_.item_labels)
        np.testing.assert_allclose(predicted, by_hand, atol=1e-5)
    old = TASTES.user_labels[0]
    assert further.recommend(old) == model.recommend(old)
    assert "ann" not in model.ratings_.user_labels
    assert further.recommend("ann", 1)[0].item == "coffee"


def test_folding_in_the_last_user_again_gives_their_factors():
    """Of a fit to all but one, and that one folded in, as of one more half step."""
    model = fitted(n_epochs=60)
    again = implicit_users(ImplicitLoss(TASTES, 1.0, 0.5), model.factors_)
    np.testing.assert_allclose(again.U, model.factors_.U, atol=1e-4)


def test_new_items_are_learned_from_those_who_know_them():
    model = fitted()
    hot = [user for user in TASTES.user_labels.tolist() if user.startswith("tea")][:6]
    further = model.fold_in(Ratings(hot, ["mocha"] * 6, np.ones(6)))
    assert {each.label for each in further.similar_items("mocha", 3)} == set(HOT)
    with pytest.raises(ValueError, match="is known already"):
        model.fold_in(Ratings([hot[0]], ["tea"], [1]))


def test_explanations_add_up():
    model = fitted(n_epochs=80)
    user = TASTES.user_labels[0].item()
    for item in TASTES.item_labels.tolist():
        why = model.explain(user, item)
        assert why.prediction == pytest.approx(model.predict([user], [item])[0], abs=1e-5)
        assert why.by_factor.sum() == pytest.approx(why.prediction, abs=1e-6)
        assert why.by_item.sum() + why.remainder == pytest.approx(why.prediction, abs=1e-9)
        assert abs(why.remainder) < 1e-3  # converged: the rows are the best for V as it is
    assert sorted(why.items.tolist()) == sorted(
        TASTES.item_labels[TASTES.item_index[TASTES.by_user[0]]].tolist()
    )


def test_who_has_seen_nothing_is_predicted_what_the_others_are_on_average():
    part = TASTES.take(np.flatnonzero(TASTES.user_index > 2))
    model = ImplicitFactorization(2, 0.5, rng=0).fit(part)
    items = TASTES.item_labels
    everybody = model.factors_.matrix()[3:].mean(axis=0)
    for user in TASTES.user_labels[:3]:
        predicted = model.predict(np.repeat(user, 6), items)
        np.testing.assert_allclose(predicted, everybody, atol=1e-6)
        listed = model.recommend(user.item(), 6)
        assert [each.item for each in listed] == items[np.argsort(-predicted)].tolist()
    assert not model.factors_.U[:3].any()


def test_what_is_kept_answers_as_before(tmp_path):
    model = fitted(regularization="auto")
    model.save(tmp_path / "model.npz")
    again = ImplicitFactorization.load(tmp_path / "model.npz")
    user = TASTES.user_labels[0].item()
    assert again.get_params() == model.get_params()
    assert again.regularization_ == model.regularization_
    assert again.recommend(user) == model.recommend(user)
    assert again.fitted_on_ == model.fitted_on_
    assert again.trace_.n_steps == 0
    new = Ratings(["ann"], ["tea"], [1])
    assert again.fold_in(new).recommend("ann") == model.fold_in(new).recommend("ann")


def test_files_of_another_kind_are_named(tmp_path):
    fitted().save(tmp_path / "implicit.npz")
    with pytest.raises(ValueError, match=r"read it by mfteach.ImplicitFactorization.load"):
        MatrixFactorization.load(tmp_path / "implicit.npz")
    MatrixFactorization(1, n_epochs=1, rng=0).fit(TASTES).save(tmp_path / "explicit.npz")
    with pytest.raises(ValueError, match=r"read it by mfteach.MatrixFactorization.load"):
        ImplicitFactorization.load(tmp_path / "explicit.npz")
    fitted().factors_.save(tmp_path / "factors.npz")
    with pytest.raises(ValueError, match="holds factors, but no model"):
        ImplicitFactorization.load(tmp_path / "factors.npz")


def test_the_score_is_the_ndcg_of_held_out_interactions():
    train, held_out = TASTES.split(0.2, rng=1)
    model = ImplicitFactorization(2, 0.5, rng=0).fit(train)
    expected = rank_held_out(model, held_out, 10, relevant_from=0).ndcg
    assert model.score(held_out) == expected > 0.5
    pairs = np.column_stack([held_out.users, held_out.items])
    assert model.score(pairs) == expected


def test_a_penalty_that_shrinks_everything_is_named_with_a_cure_that_works():
    with pytest.warns(NothingLearnedWarning, match="shrinks all factors to 0") as caught:
        fitted(regularization=1e4)
    assert caught[0].message.kind == "collapsed"
    cure = str(caught[0].message).partition("at most ")[2].partition(",")[0]
    assert fitted(regularization=float(cure)).factors_.V.any()


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("n_factors", 0, "n_factors must be at least 1"),
        ("n_epochs", 1.5, "n_epochs must be a whole number"),
        ("alpha", -1, "alpha must be 0 or larger"),
        ("regularization", -1, "regularization must be 0 or larger"),
        ("regularization", "Auto", "regularization must be 'auto'"),
        ("rng", -1, "rng must be a seed"),
    ],
)
def test_settings_out_of_range(setting, value, message):
    with pytest.raises(ValueError, match=message):
        fitted(**{setting: value})


@pytest.mark.parametrize("value", [1e39, 1e-60])
def test_values_that_single_precision_cannot_hold(value):
    with pytest.raises(ValueError, match=r"a value of 1e.\d\d does not fit float32. Scale"):
        ImplicitFactorization(2, rng=0).fit([(1, 1), (2, 2)], [1, value])


def test_a_confidence_that_single_precision_cannot_hold():
    with pytest.raises(ValueError, match="alpha times a value leaves the range of float32"):
        ImplicitFactorization(2, 1.0, alpha=1e30, rng=0).fit([(1, 1), (2, 2)], [1, 1e30])


def test_unknown_labels_are_refused_without_a_cure_that_there_is_not():
    model = fitted()
    for ask in (
        lambda: model.recommend("nobody"),
        lambda: model.predict(["nobody"], ["tea"]),
        lambda: model.similar_items("water"),
        lambda: model.explain("nobody", "tea"),
    ):
        with pytest.raises(KeyError, match="is not among the") as caught:
            ask()
        assert "unknown" not in str(caught.value)


def test_an_item_that_nobody_has_seen_has_no_neighbours():
    model = ImplicitFactorization(2, 0.5, rng=0).fit(
        TASTES.take(np.flatnonzero(TASTES.items != "tea"))
    )
    with pytest.raises(ValueError, match="nothing is similar to 'tea'") as caught:
        model.similar_items("tea")
    assert "unknown" not in str(caught.value)
    assert not model.factors_.V[model.ratings_.index_items(["tea"])].any()


def test_engines_agree_on_what_is_learned(monkeypatch):
    pytest.importorskip("numba")
    ratings = datasets.planted(60, 40, 3, 0.3, 0.1, rng=0).ratings
    ratings = ratings.with_values(np.abs(ratings.values) + 0.1)
    by_numpy = ImplicitFactorization(4, rng=0).fit(ratings).factors_.matrix()
    monkeypatch.setattr("mfteach.fast.engine.WORTHWHILE", 1)
    by_numba = ImplicitFactorization(4, rng=0).fit(ratings).factors_.matrix()
    np.testing.assert_allclose(by_numba, by_numpy, atol=2e-4)


# ---- as scikit-learn wants it

UNFIT = {
    "check_estimators_dtypes": "floats are refused as labels: 7.0 in one file is 7 in another",
    "check_estimators_nan_inf": "its X with NaN is replaced by labels",
    "check_estimators_empty_data_messages": "its X has no column, and the message asks for two",
    "check_n_features_in_after_fitting": "another number of columns has a message of its own",
    "check_complex_data": "its X has one column, and the message asks for two",
    "check_supervised_y_2d": "y with two dimensions is refused, not flattened with a warning",
    "check_regressors_train": "its y follows from numbers in X; labels say nothing about it",
}


@pytest.mark.filterwarnings("ignore")  # the checks provoke them
def test_the_checks_of_estimators_pass_or_have_a_reason(monkeypatch):
    def pairs(estimator, X, kernel=None):
        return np.column_stack(np.divmod(np.arange(len(X)), 4))

    monkeypatch.setattr(estimator_checks, "_enforce_estimator_tags_X", pairs)
    results = estimator_checks.check_estimator(
        ImplicitFactorization(2, n_epochs=2, rng=0),
        expected_failed_checks=UNFIT,
        on_skip=None,
        on_fail=None,
    )
    failed = [(r["check_name"], repr(r["exception"])) for r in results if r["status"] == "failed"]
    assert failed == []
    assert {r["check_name"] for r in results if r["status"] == "xfail"} == UNFIT.keys()


def test_a_clone_has_the_settings_and_nothing_learned():
    copied = clone(fitted(alpha=2.0))
    assert copied.alpha == 2.0
    assert not hasattr(copied, "factors_")
    assert repr(copied) == (
        "ImplicitFactorization(n_factors=2, regularization=0.5, alpha=2.0, rng=0)"
    )
