"""Tables that start where a line of the processor's cache does, as compiled code wants them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Bytes that a processor fetches at a time.
LINE = 64


def aligned_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.floating]:
    """Zeros whose first starts where a line of the cache does."""
    return _aligned(np.zeros, shape, dtype)


def aligned_empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.floating]:
    """As `aligned_zeros`, for numbers that are yet to be written."""
    return _aligned(np.empty, shape, dtype)


def _aligned(
    made: Callable[..., Any], shape: tuple[int, ...], dtype: DTypeLike
) -> NDArray[np.floating]:
    size, itemsize = math.prod(shape), np.dtype(dtype).itemsize
    room = made(size + LINE // itemsize, dtype)
    first = -room.ctypes.data % LINE // itemsize
    found: NDArray[np.floating] = room[first : first + size].reshape(shape)
    return found
