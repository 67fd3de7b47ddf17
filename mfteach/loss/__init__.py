"""J, its errors, its gradient, and the check that the gradient is right.

Lessons 00, 05, 06, 08-15.
"""

from mfteach.loss.gradient_check import check_gradient
from mfteach.loss.implicit import ImplicitLoss
from mfteach.loss.objective import Function, Objective
from mfteach.loss.predictions import pair_predictions, predictions, require_fit
from mfteach.loss.squared_error import Loss, Weighting

__all__ = [
    "Function",
    "ImplicitLoss",
    "Loss",
    "Objective",
    "Weighting",
    "check_gradient",
    "pair_predictions",
    "predictions",
    "require_fit",
]
