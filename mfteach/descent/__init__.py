"""Downhill: gradient descent, SGD and ALS, each an iterator of steps.

Lessons 00, 05, 09-12.
"""

from mfteach.descent.als import alternating_least_squares, solve_items, solve_users
from mfteach.descent.gradient_descent import gradient_descent, suggest_learning_rate
from mfteach.descent.sgd import conflict_free_order, stochastic_gradient_descent
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
    "conflict_free_order",
    "descend",
    "gradient_descent",
    "solve_items",
    "solve_users",
    "stochastic_gradient_descent",
    "suggest_learning_rate",
]
