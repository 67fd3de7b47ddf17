"""Mathematical foundations of recommender systems: the numbers behind the notebooks.

    Ratings  ->  Loss  ->  gradient_descent  ->  Step, Step, Step ...  ->  Factors

The symbols, where every step is proved, live in `mfteach.symbolic`.
"""

from mfteach import datasets
from mfteach.descent import DivergenceError, gradient_descent
from mfteach.exercises import check, exercise
from mfteach.factors import Factors
from mfteach.gradient_check import check_gradient
from mfteach.loss import Loss
from mfteach.ratings import Ratings
from mfteach.recommender import MatrixFactorization

__all__ = [
    "DivergenceError",
    "Factors",
    "Loss",
    "MatrixFactorization",
    "Ratings",
    "check",
    "check_gradient",
    "datasets",
    "exercise",
    "gradient_descent",
]

__version__ = "0.1.0"
