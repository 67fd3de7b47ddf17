"""Downhill: gradient descent, SGD and ALS, each an iterator of steps.

Lessons 00, 05, 09-15.
"""

from mfteach.descent.als import (
    alternating_least_squares,
    half_step,
    item_rows,
    solve_items,
    solve_users,
    user_rows,
)
from mfteach.descent.gradient_descent import gradient_descent
from mfteach.descent.implicit_als import (
    implicit_half_step,
    implicit_items,
    implicit_least_squares,
    implicit_rows,
    implicit_users,
)
from mfteach.descent.learning_rate import suggest_learning_rate
from mfteach.descent.sgd import stochastic_gradient_descent
from mfteach.descent.steps import DivergenceError, Step
from mfteach.descent.training import Trace, descend
from mfteach.loss.objective import Function, Objective

__all__ = [
    "DivergenceError",
    "Function",
    "Objective",
    "Step",
    "Trace",
    "alternating_least_squares",
    "descend",
    "gradient_descent",
    "half_step",
    "implicit_half_step",
    "implicit_items",
    "implicit_least_squares",
    "implicit_rows",
    "implicit_users",
    "item_rows",
    "solve_items",
    "solve_users",
    "stochastic_gradient_descent",
    "suggest_learning_rate",
    "user_rows",
]
