"""Ratings to learn from: the lecture's table, synthetic ones, and MovieLens.

Lessons 00, 06-12, 14.
"""

from mfteach.datasets.examples import (
    FILMS,
    Films,
    Planted,
    films,
    hand_factors,
    history_romance,
    planted,
)
from mfteach.datasets.movielens import movielens, movielens_titles

__all__ = [
    "FILMS",
    "Films",
    "Planted",
    "films",
    "hand_factors",
    "history_romance",
    "movielens",
    "movielens_titles",
    "planted",
]
