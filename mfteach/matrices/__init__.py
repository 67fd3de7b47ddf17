"""R, U and V: what is known and what is learned.

Lessons 00, 06-15.
"""

from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Groups, Rng
from mfteach.matrices.ratings import Ratings

__all__ = [
    "Factors",
    "Groups",
    "Ratings",
    "Rng",
]
