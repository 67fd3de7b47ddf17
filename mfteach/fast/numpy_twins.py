"""The fast twins in NumPy, which `mfteach.fast.engine` hands out."""

from mfteach.fast.numpy_gradient import BiasSums, errors, gradient, targets
from mfteach.fast.numpy_least_squares import (
    approximate_half_step,
    approximate_implicit_half_step,
    half_step,
    implicit_half_step,
    sort_by_row,
)
from mfteach.fast.numpy_sgd import epoch, orders

__all__ = [
    "BiasSums",
    "approximate_half_step",
    "approximate_implicit_half_step",
    "epoch",
    "errors",
    "gradient",
    "half_step",
    "implicit_half_step",
    "orders",
    "sort_by_row",
    "targets",
]
