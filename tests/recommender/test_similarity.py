"""``similar_items`` and ``similar_users``: cosines by definition, ties, zeros, many at once."""

import numpy as np
import pytest

from mfteach import Factors, MatrixFactorization, Ratings
from mfteach.recommender import Neighbour


def model_of(V, labels=None, U=((1.0, 0.0),), **params):
    """A model with these factors; the ratings only lend their labels."""
    V, U = np.asarray(V), np.asarray(U)
    users, items = np.arange(len(U)), np.arange(len(V)) if labels is None else np.asarray(labels)
    i, j = np.divmod(np.arange(len(U) * len(V)), len(V))
    ratings = Ratings.from_indices(i, j, np.ones(len(i)), users, items)
    return MatrixFactorization.from_factors(Factors(U, V), ratings, **params)


def cosine(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cosine_by_its_definition(dtype):
    rng = np.random.default_rng(0)
    V = rng.normal(size=(60, 5)).astype(dtype) * rng.lognormal(0, 3, (60, 1)).astype(dtype)
    names = [f"film {number:02}" for number in range(60)]
    model = model_of(V, names, U=rng.normal(size=(3, 5)).astype(dtype))
    found = model.similar_items("film 07", 59)
    by_hand = {
        name: cosine(V[7].astype(float), V[row].astype(float))
        for row, name in enumerate(names)
        if row != 7
    }
    assert [each.label for each in found] == sorted(by_hand, key=by_hand.get, reverse=True)
    for each in found:
        assert each.similarity == pytest.approx(by_hand[each.label], abs=1e-12)
        assert (type(each.label), type(each.similarity)) == (str, float)
    assert model.similar_items("film 07", 3) == found[:3]
    assert len(model.similar_items("film 07")) == 10


def test_users_are_compared_by_their_own_factors():
    model = model_of([[1.0, 0.0], [0.0, 1.0]], U=[[1.0, 0.1], [-1.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
    found = model.similar_users(0)
    assert [each.label for each in found] == [2, 3, 1]
    assert found[0] == Neighbour(2, pytest.approx(1 / np.sqrt(1.01)))
    assert found[2].similarity == pytest.approx(-1 / np.sqrt(1.01))


def test_many_at_once_are_the_single_ones_in_their_order():
    rng = np.random.default_rng(1)
    V = rng.normal(size=(300, 20)).astype("float32")
    V[100:200] = V[:100]  # so many ties
    model = model_of(V, U=rng.normal(size=(2, 20)).astype("float32"))
    labels = rng.permutation(300)
    assert model.similar_items(labels, 4) == [model.similar_items(int(one), 4) for one in labels]
    assert model.similar_items([], 4) == []
    assert model.similar_items((5,), 4) == [model.similar_items(5, 4)]


@pytest.mark.parametrize("k", [1, 3, 8, 17])
def test_of_equal_rows_the_first_label_comes_first(k):
    rng = np.random.default_rng(k)
    V = np.repeat(rng.normal(size=(7, k)), 60, axis=0)[rng.permutation(420)]
    model = model_of(V, U=rng.normal(size=(2, k)))
    for item in (0, 211, 419):
        same = np.sign(V) == np.sign(V[item]) if k == 1 else V[item] == V
        expected = [other for other in np.flatnonzero(same.all(axis=1)) if other != item]
        found = model.similar_items(item, 25)
        assert [each.label for each in found] == expected[:25]
        assert len({each.similarity for each in found}) == 1
        assert 1 - 1e-12 < found[0].similarity <= 1.0


def test_a_length_makes_no_difference_however_small_or_large():
    V = np.array([[3.0, 4.0], [3e-300, 4e-300], [3e300, 4e300], [5e-324, 0.0], [-4.0, 3.0]])
    found = model_of(V).similar_items(0)
    assert {each.label: each.similarity for each in found} == {
        1: pytest.approx(1.0),
        2: pytest.approx(1.0),
        3: pytest.approx(0.6),
        4: pytest.approx(0.0, abs=1e-15),
    }


def with_an_unrated_item(**params):
    ratings = Ratings([1, 1, 2, 2, 3], ["a", "b", "a", "c", "d"], [1, 5, 2, 4, 3])
    train = ratings.take(np.arange(4))  # neither user 3 nor item d has a rating left
    return MatrixFactorization(2, regularization=0.1, rng=0, **params).fit(train)


def test_what_has_no_rating_is_nobodys_neighbour_and_is_refused_by_name():
    model = with_an_unrated_item()
    assert {each.label for each in model.similar_items("a")} == {"b", "c"}
    assert {each.label for each in model.similar_users(1)} == {2}
    with pytest.raises(ValueError, match="similar to 'd': its factors are all 0, as of whatever"):
        model.similar_items(["a", "d"])
    with pytest.raises(ValueError, match="similar to 3: its factors are all 0"):
        model.similar_users(3)


@pytest.mark.parametrize("unknown", ["mean", "nan"])
def test_the_cure_that_the_refusal_names_works(unknown):
    model = with_an_unrated_item(unknown=unknown)
    assert model.similar_items("d") == []
    assert model.similar_items(["d", "a", "nobody"])[0::2] == [[], []]
    assert len(model.similar_items(["d", "a"])[1]) == 2


def test_collapsed_factors_are_called_so():
    model = model_of(np.zeros((3, 2)))
    with pytest.raises(
        ValueError, match=r"all factors are 0\. Fit the model with a smaller regular"
    ):
        model.similar_items(1)


def test_unknown_labels_and_bad_counts_are_refused_as_recommend_refuses_them():
    model = with_an_unrated_item()
    for asked in (model.similar_items, lambda label: model.similar_items(["a", label])):
        with pytest.raises(KeyError, match=r"item 'e' is not among the 4 items .*unknown='mean'"):
            asked("e")
    with pytest.raises(KeyError, match=r"user 'a' is not among .* types differ"):
        model.similar_users("a")
    with pytest.raises(ValueError, match="n must be at least 1, but is 0"):
        model.similar_items("a", 0)
    with pytest.raises(ValueError, match="not fitted yet"):
        MatrixFactorization().similar_items("a")


def test_neighbours_share_a_planted_taste():
    """Two groups of items with factors of their own; the biases tell them apart in no way."""
    rng = np.random.default_rng(0)
    i, j = np.nonzero(rng.random((80, 40)) < 0.5)
    taste = rng.choice([-1.0, 1.0], 80)
    group = np.where(np.arange(40) < 20, -1.0, 1.0)
    ratings = Ratings(i, j, 3 + taste[i] * group[j] + 0.1 * rng.normal(size=len(i)))
    model = MatrixFactorization(2, regularization=1.0, rng=0).fit(ratings)
    for item, found in enumerate(model.similar_items(ratings.item_labels, 19)):
        assert {group[each.label] for each in found} == {group[item]}
