"""How good predictions and lists are, and which settings to choose.

Lessons 09, 11, 13, 14.
"""

from mfteach.evaluation.lists import coverage, novelty, overlap
from mfteach.evaluation.metrics import mae, rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.ranking import (
    RankingFigures,
    UserFigures,
    ndcg,
    precision,
    rank_held_out,
    rank_users,
    recall,
)
from mfteach.evaluation.significance import Difference, bootstrap_difference
from mfteach.evaluation.splits import by_time, k_fold, leave_n_out
from mfteach.evaluation.tuning import RankedTrial, SecondLookWarning, Trial, Tuned, tune

__all__ = [
    "Difference",
    "NothingLearnedWarning",
    "RankedTrial",
    "RankingFigures",
    "SecondLookWarning",
    "Trial",
    "Tuned",
    "UserFigures",
    "bootstrap_difference",
    "by_time",
    "coverage",
    "k_fold",
    "leave_n_out",
    "mae",
    "ndcg",
    "novelty",
    "overlap",
    "precision",
    "rank_held_out",
    "rank_users",
    "recall",
    "rmse",
    "tune",
]
