"""How good predictions and lists are, and which settings to choose.

Lessons 09, 11, 14.
"""

from mfteach.evaluation.metrics import mae, rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.ranking import RankingFigures, ndcg, precision, rank_held_out, recall
from mfteach.evaluation.splits import by_time, k_fold, leave_n_out
from mfteach.evaluation.tuning import SecondLookWarning, Trial, Tuned, tune

__all__ = [
    "NothingLearnedWarning",
    "RankingFigures",
    "SecondLookWarning",
    "Trial",
    "Tuned",
    "by_time",
    "k_fold",
    "leave_n_out",
    "mae",
    "ndcg",
    "precision",
    "rank_held_out",
    "recall",
    "rmse",
    "tune",
]
