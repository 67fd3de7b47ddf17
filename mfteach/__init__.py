"""Mathematical foundations of recommender systems: the numbers behind the notebooks.

    Ratings  ->  Loss  ->  gradient_descent  ->  Step, Step, Step ...  ->  Factors

The symbols, where every step is proved, live in `mfteach.symbolic`.
"""

from mfteach import datasets
from mfteach.answers.check import check, exercise
from mfteach.descent.gradient_descent import gradient_descent
from mfteach.descent.steps import DivergenceError
from mfteach.loss.gradient_check import check_gradient
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.implicit_factorization import ImplicitFactorization
from mfteach.recommender.matrix_factorization import MatrixFactorization
from mfteach.version import __version__ as __version__

__all__ = [
    "DivergenceError",
    "Factors",
    "ImplicitFactorization",
    "Loss",
    "MatrixFactorization",
    "Ratings",
    "check",
    "check_gradient",
    "datasets",
    "exercise",
    "gradient_descent",
]
