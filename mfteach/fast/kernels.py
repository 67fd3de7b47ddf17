"""The compiled kernels, which `mfteach.fast.engine` hands out where Numba is installed."""

from mfteach.fast.blocks import Blocks
from mfteach.fast.gradient import BiasSums, errors, row_gradients
from mfteach.fast.numba_least_squares import improve_rows, in_order_of_rows, solve_rows

__all__ = [
    "BiasSums",
    "Blocks",
    "errors",
    "improve_rows",
    "in_order_of_rows",
    "row_gradients",
    "solve_rows",
]
