"""The machine's own rates, beside which the figures of a race are read."""

import time

import numpy as np
from threadpoolctl import threadpool_limits

REPETITIONS = 5


def copy_rate():
    """GB/s of memory read and written by one thread that copies a large array."""
    source = np.ones(16_000_000)
    target = np.empty_like(source)
    return 2 * source.nbytes / _quickest(lambda: np.copyto(target, source)) / 1e9


def gemm_rate(dtype, threads=1):
    """GF/s of so many threads that multiply matrices."""
    n = 1200
    A = np.ones((n, n), dtype)
    with threadpool_limits(threads):
        return 2 * n**3 / _quickest(lambda: A @ A) / 1e9


def _quickest(task):
    def timed():
        began = time.perf_counter()
        task()
        return time.perf_counter() - began

    return min(timed() for _ in range(REPETITIONS))
