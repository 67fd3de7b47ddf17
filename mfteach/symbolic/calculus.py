"""What lessons 01 to 04 prove: slopes, from the line through two points to the gradient.

- ``secants``: the secant slope, its limit step by step, the slope at a point, the tangent line;
- ``power_rule``: proved for every natural exponent, and for any given negative or fractional one;
- ``flat_points``: stationary points, which are minimum, maximum, inflection or saddle;
- ``gradients``: all partial derivatives at once, and the Hessian.

Everything a lesson needs can be imported from here.
"""

from mfteach.symbolic.flat_points import FlatPoint, Kind, flat_points
from mfteach.symbolic.gradients import (
    gradient,
    hessian,
    sum_of_squares_gradient,
    sum_of_squares_hessian,
)
from mfteach.symbolic.power_rule import power_rule, power_rule_at
from mfteach.symbolic.secants import (
    DELTA,
    NotDifferentiableError,
    derivative_from_definition,
    secant_slope,
    slope_at,
    tangent_line,
)

__all__ = [
    "DELTA",
    "FlatPoint",
    "Kind",
    "NotDifferentiableError",
    "derivative_from_definition",
    "flat_points",
    "gradient",
    "hessian",
    "power_rule",
    "power_rule_at",
    "secant_slope",
    "slope_at",
    "sum_of_squares_gradient",
    "sum_of_squares_hessian",
    "tangent_line",
]
