"""Mathematical foundations of recommender systems: the numbers behind the notebooks.

    Ratings  ->  Loss  ->  gradient_descent  ->  Step, Step, Step ...  ->  Factors

The symbols, where every step is proved, live in `mfteach.symbolic`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mfteach.version import __version__ as __version__

if TYPE_CHECKING:
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

# Each is loaded when it is first asked for: a command that needs none of them starts at once.
_HOME = {
    "DivergenceError": "descent.steps",
    "Factors": "matrices.factors",
    "ImplicitFactorization": "recommender.implicit_factorization",
    "Loss": "loss.squared_error",
    "MatrixFactorization": "recommender.matrix_factorization",
    "Ratings": "matrices.ratings",
    "check": "answers.check",
    "check_gradient": "loss.gradient_check",
    "exercise": "answers.check",
    "gradient_descent": "descent.gradient_descent",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        found = getattr(import_module(f"mfteach.{_HOME[name]}"), name)
    elif name == "datasets":
        found = import_module("mfteach.datasets")
    else:
        raise AttributeError(f"module 'mfteach' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
