"""What lists are like, against counting pair by pair and item by item."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfteach import Ratings
from mfteach.evaluation import coverage, novelty, overlap
from mfteach.recommender import Baseline

RATINGS = Ratings([1, 2, 3, 4, 1, 2, 1], list("aaaabbc"), np.ones(7))
LISTS = st.lists(
    st.lists(st.sampled_from("abc"), unique=True, max_size=3), min_size=2, max_size=5
).filter(any)


@given(LISTS)
def test_against_counting(lists):
    every = list(itertools.chain.from_iterable(lists))
    assert coverage(lists, RATINGS) == pytest.approx(len(set(every)) / 3)
    shared = [len({*one} & {*two}) for one, two in itertools.combinations(lists, 2)]
    mean_length = len(every) / len(lists)
    assert overlap(lists) == pytest.approx(np.mean(shared) / mean_length)
    raters = {"a": 4, "b": 2, "c": 1}
    assert novelty(lists, RATINGS) == pytest.approx(
        np.mean([-math.log2(raters[item] / 4) for item in every])
    )


def test_by_hand():
    same, apart = [["a", "b"], ["a", "b"]], [["a", "b"], ["c"]]
    assert (overlap(same), overlap(apart)) == (1, 0)
    assert (coverage(same, RATINGS), coverage(apart, RATINGS)) == (pytest.approx(2 / 3), 1)
    assert str(novelty([["a"]], RATINGS)) == "0.0"
    assert (novelty([["b"]], RATINGS), novelty([["c"]], RATINGS)) == (1, 2)


def test_what_recommend_gives_is_taken_as_it_is():
    lists = Baseline().fit(RATINGS).recommend([3, 4], n=2)
    labels = [[entry.item for entry in listed] for listed in lists]
    assert labels == [["b", "c"], ["b", "c"]]
    assert coverage(lists, RATINGS) == coverage(labels, RATINGS)
    assert novelty(lists, RATINGS) == novelty(labels, RATINGS) == 1.5
    assert overlap(lists) == overlap([np.array(listed) for listed in labels]) == 1


def test_an_item_without_a_rating_counts_as_if_one_user_had_rated_it():
    some = RATINGS.take(np.arange(6))
    assert novelty([["c"]], some) == 2


def test_what_cannot_be_looked_at():
    for measure in (lambda lists: coverage(lists, RATINGS), overlap):
        with pytest.raises(ValueError, match="lists is empty: nothing is recommended to anybody"):
            measure([[], []])
        with pytest.raises(TypeError, match="lists must be a list of lists, but is 'ab'"):
            measure("ab")
        with pytest.raises(TypeError, match="must hold a list for each user, but 1 is 'ab'"):
            measure([["a"], "ab"])
    with pytest.raises(ValueError, match="two users or more, but is 1"):
        overlap([["a"]])
    with pytest.raises(ValueError, match="names an item twice in list 1"):
        overlap([["a"], ["b", "b"]])
    with pytest.raises(KeyError, match="'d' is not among the 3 items"):
        coverage([["d"]], RATINGS)
