"""Ratings to learn from: the lecture's table, synthetic ones, and MovieLens.

Lessons 00, 06-15.
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
from mfteach.datasets.viewers import Viewers, viewers, watched_films

__all__ = [
    "FILMS",
    "Films",
    "Planted",
    "Viewers",
    "films",
    "hand_factors",
    "history_romance",
    "movielens",
    "movielens_titles",
    "planted",
    "viewers",
    "watched_films",
]
