"""Ratings of a known truth with noise."""

from typing import NamedTuple

import numpy as np

from mfteach import Ratings


class Planted(NamedTuple):
    """Ratings of a known truth with noise, and pairs nobody rated with their true values."""

    train: Ratings
    unseen: Ratings


def planted(m=150, n=100, k=2, share=0.3, noise=0.1, seed=0):
    """r_ij = 3 + b_i + c_j + sum_s u_is v_js + noise, for some of the pairs."""
    draw = np.random.default_rng(seed)
    b, c = draw.normal(0, 0.3, m), draw.normal(0, 0.3, n)
    truth = 3 + b[:, None] + c + draw.normal(0, 0.7, (m, k)) @ draw.normal(0, 0.7, (k, n))
    known = draw.random((m, n)) < share
    labels = np.arange(m), np.arange(n)
    i, j = np.nonzero(known)
    train = Ratings.from_indices(i, j, truth[i, j] + draw.normal(0, noise, len(i)), *labels)
    i, j = np.nonzero(~known)
    return Planted(train, Ratings.from_indices(i, j, truth[i, j], *labels))
