"""Measures of a ranking against scikit-learn and against counting."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from mfteach import ImplicitFactorization, MatrixFactorization, Ratings, datasets
from mfteach.evaluation import ndcg, precision, rank_held_out, rank_users, recall
from mfteach.recommender import Baseline


@st.composite
def rankings(draw, largest=6):
    """Gains and predictions of some items, with ties among both."""
    n = draw(st.integers(2, largest))
    numbers = st.lists(st.integers(0, 4), min_size=n, max_size=n)
    return np.array(draw(numbers), dtype=float), np.array(draw(numbers), dtype=float)


@given(rankings(), st.integers(1, 8))
def test_ndcg_is_that_of_scikit_learn(case, n):
    gains, predicted = case
    assert ndcg(gains, predicted, n) == pytest.approx(ndcg_score([gains], [predicted], k=n))
    assert ndcg(gains, predicted) == pytest.approx(ndcg_score([gains], [predicted]))


@given(rankings(5), st.integers(1, 7))
def test_precision_and_recall_are_means_over_all_orders_of_ties(case, n):
    worth, predicted = case
    relevant = worth >= 3
    assume(relevant.any())
    hits = []
    for order in itertools.permutations(range(len(worth))):
        scores = predicted[list(order)]
        if np.all(np.diff(scores) <= 0):
            hits.append(sum(relevant[item] for item in order[:n]))
    assert precision(relevant, predicted, n) == pytest.approx(np.mean(hits) / n)
    assert recall(relevant, predicted, n) == pytest.approx(np.mean(hits) / relevant.sum())


def test_a_case_by_hand():
    gains, predicted = [3, 0, 2], [0.9, 0.8, 0.1]
    dcg, best = 3 + 2 / np.log2(4), 3 + 2 / np.log2(3)
    assert ndcg(gains, predicted) == pytest.approx(dcg / best)
    assert ndcg(gains, predicted, 1) == 1
    relevant = [True, False, True]
    assert (precision(relevant, predicted, 2), recall(relevant, predicted, 2)) == (0.5, 0.5)
    assert precision(relevant, predicted, 10) == pytest.approx(0.2)
    assert recall(relevant, predicted, 10) == 1
    assert ndcg([0, 0], [1, 2]) == 0


def test_what_cannot_be_measured():
    with pytest.raises(ValueError, match="no item is relevant"):
        recall([False, False], [1, 2], 1)
    for measure in (ndcg, precision, recall):
        with pytest.raises(ValueError, match="n must be at least 1, but is 0"):
            measure([1, 0], [1, 2], 0)
        with pytest.raises(ValueError, match="equally long lists"):
            measure([1, 0], [1, 2, 3], 1)
        with pytest.raises(ValueError, match="prediction 1 is nan"):
            measure([1, 0], [1, np.nan], 1)
    with pytest.raises(ValueError, match="nothing to rank"):
        ndcg([], [], 1)
    with pytest.raises(ValueError, match="gain 1 is -2"):
        ndcg([1, -2], [1, 2])
    with pytest.raises(ValueError, match="gain 0 is inf"):
        ndcg([np.inf, 2], [1, 2])


def test_held_out_items_are_ranked_among_all_that_is_new_to_the_user():
    ratings = datasets.planted(12, 10, 2, 0.7, 0.1, rng=0).ratings
    ratings = Ratings([f"u{i}" for i in ratings.users], ratings.items, ratings.values)
    train, test = ratings.split(0.3, rng=0)
    model = MatrixFactorization(2, regularization=0.1, rng=0).fit(train)
    figures = rank_held_out(model, test, n=3, relevant_from=0.5)
    R = train.to_matrix()
    by_hand = []
    for row in range(12):
        held = {int(test.item_index[at]) for at in test.by_user[row] if test.values[at] >= 0.5}
        if not held:
            continue
        new = [j for j in range(10) if np.isnan(R[row, j])]
        scores = model.factors_.matrix()[row, new]
        first = [new[at] for at in np.argsort(-scores)[:3]]
        hits = len(held & set(first))
        relevance = [[j in held for j in new]]
        by_hand.append((ndcg_score(relevance, [scores], k=3), hits / 3, hits / len(held)))
    np.testing.assert_allclose(figures[:3], np.mean(by_hand, axis=0), rtol=1e-6)
    assert figures.n_users == len(by_hand) < 12
    with pytest.raises(ValueError, match="no held-out rating is 99 or more"):
        rank_held_out(model, test, relevant_from=99)


class Fixed:
    """Predictions out of a table: anything with ratings_ and predict can be ranked."""

    def __init__(self, ratings, scores):
        self.ratings_, self.scores = ratings, scores

    def predict(self, users, items):
        return self.scores[self.ratings_.index_users(users), self.ratings_.index_items(items)]


class JustPredicts:
    """A model of which nothing is known but what it predicts."""

    def __init__(self, model):
        self.ratings_, self.predict = model.ratings_, model.predict


IMPLICIT = ImplicitFactorization(3, regularization=1.0, n_epochs=3, rng=0)


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_each_user_is_measured_as_by_the_functions_of_one_list(seed, n):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, (5, 8))  # 0: unknown, 1: learned from, 2: held out
    kind[0, :2] = 1, 2
    labels = np.array([f"u{i}" for i in range(5)]), np.arange(10, 18)
    parts = [
        Ratings.from_indices(*np.nonzero(kind == which), rng.integers(1, 6, size), *labels)
        for which, size in ((1, np.sum(kind == 1)), (2, np.sum(kind == 2)))
    ]
    model = Fixed(parts[0], rng.integers(0, 4, (5, 8)))  # with many ties
    values = np.full((5, 8), np.nan)
    values[parts[1].user_index, parts[1].item_index] = parts[1].values
    assume(bool((values >= 3).any()))
    found = rank_users(model, parts[1], n, relevant_from=3)
    users = [i for i in range(5) if (values[i] >= 3).any()]
    assert found.users.tolist() == [f"u{i}" for i in users]
    for at, i in enumerate(users):
        new = kind[i] != 1
        case = (values[i] >= 3)[new], model.scores[i, new]
        assert found.ndcg[at] == pytest.approx(ndcg(*case, n))
        assert found.precision[at] == pytest.approx(precision(*case, n))
        assert found.recall[at] == pytest.approx(recall(*case, n))
    means = rank_held_out(model, parts[1], n, relevant_from=3)
    np.testing.assert_allclose(means[:3], [np.mean(each) for each in found[1:]])
    assert means.n_users == len(users)


@pytest.mark.parametrize(
    "kind",
    [
        lambda base: base(3, regularization=0.5, n_epochs=3, rng=0),
        lambda base: base(3, regularization=0.5, n_epochs=3, dtype="float64", rng=0),
    ],
)
def test_factors_rank_as_what_they_predict(kind):
    ratings = datasets.viewers(40, 30, 0.5, rng=0).ratings
    train, test = ratings.split(0.3, rng=0)

    class Turned(MatrixFactorization):
        """A prediction of its own: its factors do not say what it predicts."""

        def predict(self, users, items=None):
            return -super().predict(users, items)

    class Asked(MatrixFactorization):
        def predict(self, users, items=None):
            return super().predict(users, items)

    by_factors, by_asking, turned = (
        rank_users(kind(base).fit(train), test, n=5)
        for base in (MatrixFactorization, Asked, Turned)
    )
    for one, other in zip(by_factors, by_asking, strict=True):
        np.testing.assert_array_equal(one, other)
    assert turned.ndcg.mean() < by_factors.ndcg.mean()


@pytest.mark.parametrize("model", [Baseline("popularity"), Baseline("biases"), IMPLICIT])
def test_lists_of_other_models_are_ranked_as_what_they_predict(model):
    ratings = datasets.viewers(40, 30, 0.5, rng=0).ratings
    train, test = ratings.split(0.3, rng=0)
    model.fit(train.take(np.flatnonzero(train.user_index > 3)))  # some have seen nothing
    for one, other in zip(
        rank_users(model, test), rank_users(JustPredicts(model), test), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_a_held_out_item_that_was_learned_from_is_not_found():
    """Where the parts overlap, what is held out is never on the list."""
    ratings = Ratings([1, 1], ["a", "b"], [5, 5])
    found = rank_users(Fixed(ratings, np.array([[1.0, 2.0]])), ratings, 2)
    assert [figures.tolist() for figures in found[1:]] == [[0], [0], [0]]


def test_a_prediction_that_is_no_number_is_named():
    train, held_out = Ratings([1], ["a"], [5]), Ratings([1, 1], ["a", "b"], [5, 5])
    train = held_out.take(np.array([0]))
    model = Fixed(train, np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="the prediction for user 1 and item 'b' is nan"):
        rank_users(model, held_out)
    with pytest.raises(TypeError, match="model must be a model"):
        rank_users(3, held_out)
