"""Tables that start where a line of the processor's cache does, as compiled code wants them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Bytes that a processor fetches at a time.
LINE = 64


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.floating]:
    """Zeros whose first starts where a line of the cache does."""
    size, itemsize = math.prod(shape), np.dtype(dtype).itemsize
    room = np.zeros(size + LINE // itemsize, dtype)
    first = -room.ctypes.data % LINE // itemsize
    return room[first : first + size].reshape(shape)
