"""The tables that functions of students have to cope with are of the kinds that they say."""

import numpy as np
import pytest

from mfteach.grading.assignments.tables import tables


@pytest.mark.parametrize("seed", range(20))
def test_each_kind_of_table_is_there_whatever_is_drawn(seed):
    found = tables(np.random.default_rng(seed))
    blank, other_blank, (_, full), (_, with_empty), (_, single), larger = found
    for R, W in found:
        assert set(W.flat) <= {0, 1}
        assert not R[W == 0].any()
        assert set(R.flat) <= set(range(-2, 6))
        assert W.sum() == 1 or not R[W == 1].all()  # a known rating of 0
    for _, W in (blank, other_blank, larger):
        assert not W.all()
    assert full.all()
    assert not with_empty[2].any()
    assert not with_empty[:, 2].any()
    assert single.sum() == 1
    assert larger[0].size == max(R.size for R, _ in found)


def test_ratings_of_both_signs_are_drawn():
    every = np.concatenate([R.ravel() for R, _ in tables(np.random.default_rng(0))])
    assert set(every) == set(range(-2, 6))
