"""The bootstrap against SciPy's, and against what an interval promises."""

import numpy as np
import pytest
from scipy import stats

from mfteach.evaluation import bootstrap_difference


def two_models(n=200, better=0.1, rng=0):
    random = np.random.default_rng(rng)
    user = random.normal(size=n)  # the same user is easy or hard for both
    return user + better + 0.3 * random.normal(size=n), user + 0.3 * random.normal(size=n)


def test_the_interval_is_that_of_scipy():
    first, second = two_models()
    found = bootstrap_difference(first, second, 0.9, 20_000, rng=1)
    expected = stats.bootstrap(
        (first - second,),
        np.mean,
        confidence_level=0.9,
        n_resamples=20_000,
        method="percentile",
        random_state=np.random.default_rng(2),
    )
    low, high = expected.confidence_interval
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second))
    np.testing.assert_allclose((found.low, found.high), (low, high), atol=0.1 * (high - low))


def test_pairs_stay_together():
    """Figures that differ from user to user far more than from model to model are no noise."""
    first, second = two_models(better=0.2)
    assert bootstrap_difference(first, second, rng=0).low > 0
    shuffled = np.random.default_rng(0).permutation(second)
    apart = bootstrap_difference(first, shuffled, rng=0)
    assert apart.low < 0 < apart.high


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(200):
        found = bootstrap_difference(*two_models(60, 0.1, seed), 0.8, 300, rng=seed)
        held += found.low <= 0.1 <= found.high
    assert 0.7 < held / 200 < 0.88


def test_a_seed_repeats_it_and_equal_models_do_not_differ():
    first, second = two_models()
    assert bootstrap_difference(first, second, rng=3) == bootstrap_difference(first, second, rng=3)
    assert bootstrap_difference(first, first, rng=0) == (0, 0, 0)


def test_what_cannot_be_compared():
    with pytest.raises(ValueError, match="second must hold as many users as first, 3, but holds 2"):
        bootstrap_difference([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="first must hold two users or more, but holds 1"):
        bootstrap_difference([1], [1])
    with pytest.raises(ValueError, match="second must hold finite figures"):
        bootstrap_difference([1, 2], [1, np.nan])
    with pytest.raises(ValueError, match="confidence_level must lie between 0 and 1"):
        bootstrap_difference([1, 2], [1, 2], 95)
