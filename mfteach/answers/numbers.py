"""Whether numbers agree with those that are wanted."""

from __future__ import annotations

from typing import Any

import numpy as np


def agree(given: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values have the same shape, and entries that differ by no more than tolerance.

    The tolerance is relative to the largest entry of ``wanted``, or to 1 if that is larger. Tuples
    and lists of arrays are compared part by part.
    """
    if isinstance(wanted, tuple):
        return (
            isinstance(given, tuple | list)
            and len(given) == len(wanted)
            and all(agree(g, w, tolerance) for g, w in zip(given, wanted, strict=True))
        )
    try:
        left, right = np.asarray(given, dtype=float), np.asarray(wanted, dtype=float)
    except (TypeError, ValueError):  # no numbers, or lists of unequal length
        return False
    if left.shape != right.shape:
        return False
    if right.size == 0:
        return True
    off = tolerance * max(1.0, float(np.max(np.abs(right))))
    return bool(np.all(np.abs(left - right) <= off))  # false for NaN
