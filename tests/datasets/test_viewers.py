"""People who choose what they see: fame and taste decide, as much as they are told to."""

import numpy as np
import pytest

from mfteach import datasets


def share_liked(taste):
    """How much more people like what they have seen than what they have not, in stars."""
    ratings, liking = datasets.viewers(300, 200, taste, rng=0)
    seen = np.zeros(liking.shape, dtype=bool)
    seen[ratings.user_index, ratings.item_index] = True
    without_fame = liking - liking.mean(axis=0) - liking.mean(axis=1, keepdims=True)
    return without_fame[seen].mean() - without_fame[~seen].mean()


def test_the_stars_are_the_liking_with_noise():
    ratings, liking = datasets.viewers(300, 200, 0.5, rng=1)
    liked = liking[ratings.user_index, ratings.item_index]
    middle = (liked > 2) & (liked < 3.5)  # far from 0.5 and 5, where stars are cut off
    off = ratings.values[middle] - liked[middle]
    assert abs(off.mean()) < 0.05
    assert 0.7 < off.std() < 0.9
    assert set(ratings.values) <= set(np.arange(1, 11) / 2)


def test_without_taste_only_fame_decides_and_with_more_taste_more_of_it():
    none, some, much = (share_liked(taste) for taste in (0, 0.5, 1))
    assert abs(none) < 0.02 < 0.1 < some < much


def test_with_two_films_the_first_choice_is_as_probable_as_it_says():
    """One of two films is seen: with probability sigmoid(difference of the scores)."""
    taste = 2.0
    ratings, liking = datasets.viewers(20000, 2, taste, rng=2)
    assert len(ratings) == 20000
    apart = 2 * (liking[:, 1] - liking[:, 0])  # a_i2 - a_i1 and a constant
    second = ratings.item_index == 1
    edges = np.quantile(apart, [0.2, 0.4, 0.6, 0.8])
    group = np.searchsorted(edges, apart)
    odds = [np.log(second[group == g].mean() / (1 - second[group == g].mean())) for g in range(5)]
    middle = [apart[group == g].mean() for g in range(5)]
    slope = (odds[3] - odds[1]) / (middle[3] - middle[1])
    assert slope == pytest.approx(taste, rel=0.1)


def test_a_few_famous_films_are_seen_by_many_and_nobody_sees_a_film_twice():
    ratings, _ = datasets.viewers(300, 200, 0.5, rng=3)
    pairs = ratings.user_index * 200 + ratings.item_index
    assert len(np.unique(pairs)) == len(ratings)
    counts = np.sort(ratings.by_item.counts)[::-1]
    assert counts[:20].sum() > 0.2 * len(ratings)
    assert ratings.by_user.counts.max() <= 100


def test_users_join_at_different_times_and_some_come_back():
    ratings, _ = datasets.viewers(100, 200, 0.5, rng=4)
    first = np.full(100, np.inf)
    np.minimum.at(first, ratings.user_index, ratings.timestamps)
    assert len(np.unique(first)) == 100
    later = ratings.timestamps > first[ratings.user_index] + 1
    assert 0.1 < later.mean() < 0.25


def test_the_seed_decides():
    one, same, other = (datasets.viewers(20, 30, 1.0, rng=seed) for seed in (0, 0, 1))
    assert one.ratings.fingerprint() == same.ratings.fingerprint() != other.ratings.fingerprint()


def test_watched_films_without_data_are_synthetic_and_say_so(monkeypatch, tmp_path):
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    films = datasets.watched_films()
    assert "synthetic" in films.source
    assert "set MFTEACH_DATA" in films.source
    assert set(films.titles) == set(films.ratings.item_labels.tolist())
    assert films.ratings.timestamps is not None


def test_watched_films_with_data_are_real(monkeypatch, tmp_path):
    (tmp_path / "ml-latest-small").mkdir()
    text = "userId,movieId,rating,timestamp\n1,31,2.5,1\n7,31,0.5,2\n"
    (tmp_path / "ml-latest-small" / "ratings.csv").write_text(text)
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path))
    assert len(datasets.watched_films().ratings) == 2
    assert "2 real ratings" in datasets.watched_films().source
