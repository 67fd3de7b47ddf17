"""From ratings to recommendations: the model, its baselines, new users, reasons.

Lessons 09, 11-15.
"""

from mfteach.recommender.baseline_model import Baseline
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.by_label import Recommendation
from mfteach.recommender.explanation import Explanation, explain
from mfteach.recommender.fold_in import fold_in
from mfteach.recommender.implicit_factorization import ImplicitFactorization
from mfteach.recommender.matrix_factorization import MatrixFactorization
from mfteach.recommender.similarity import Neighbour
from mfteach.recommender.top_items import top_items

__all__ = [
    "Baseline",
    "Biases",
    "Explanation",
    "GlobalMean",
    "ImplicitFactorization",
    "MatrixFactorization",
    "Neighbour",
    "Recommendation",
    "explain",
    "fold_in",
    "top_items",
]
