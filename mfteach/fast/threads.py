"""Threads for work that comes in independent pieces.

NumPy and the compiled kernels let other threads run while they compute, so plain threads are
enough. A result depends neither on their number nor on who comes first.
"""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

from mfteach.arguments import shown

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

# No machine of a student has more processors; the pieces of work would be too small for more.
MOST_THREADS = 1024


def n_threads() -> int:
    """Processors that this process may use, or what ``MFTEACH_THREADS`` says.

    Inside a browser there is one: no thread can be started there.

    Raises
    ------
    ValueError
        If ``MFTEACH_THREADS`` is not a whole number from 1 to `MOST_THREADS`.
    """
    if sys.platform == "emscripten":
        return 1
    wanted = os.environ.get("MFTEACH_THREADS", "").strip()
    if not wanted:  # as a script leaves it that sets no number
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _count()
    if not re.fullmatch("[1-9][0-9]{0,3}", wanted) or int(wanted) > MOST_THREADS:
        raise ValueError(
            f"MFTEACH_THREADS is a whole number from 1 to {MOST_THREADS}, not {shown(wanted)}: "
            "unset it, or give the number of processors"
        )
    return int(wanted)


def _count() -> int:
    return os.cpu_count() or 1


def side_by_side(task: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Call ``task`` with each of the arguments, in threads; the results in their order.

    The thread that calls works, too, and at once: others have to wake up first.
    """
    pieces = list(arguments)
    threads = min(n_threads(), len(pieces)) if len(pieces) > 1 else 1
    if threads == 1:
        return [task(*each) for each in pieces]
    results: list[Any] = [None] * len(pieces)
    left = deque(enumerate(pieces))

    def work() -> None:
        try:
            while piece := _next(left):
                results[piece[0]] = task(*piece[1])
        except BaseException:
            left.clear()  # what others have begun they end, and nothing more
            raise

    helpers = [_pool(threads - 1).submit(work) for _ in range(threads - 1)]
    try:
        work()
    finally:
        for helper in helpers:
            if not helper.cancel():  # it has begun; else there was nothing left for it
                helper.result()
    return results


def _next(left: deque[Any]) -> Any:
    """Take what is first, or None: whoever looked before may have found what another took."""
    try:
        return left.popleft()
    except IndexError:
        return None


@cache
def _pool(helpers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(helpers, thread_name_prefix="mfteach")


def one_blas_thread(*, with_scipy: bool = True) -> AbstractContextManager[Any]:
    """Keep linear algebra on one thread: it solves thousands of small systems faster than two.

    SciPy's BLAS has threads of its own; whoever multiplies by NumPy alone need not load it.
    """
    limited: AbstractContextManager[Any] = _blas(with_scipy).limit(limits=1, user_api="blas")
    return limited


@cache
def _blas(with_scipy: bool) -> ThreadpoolController:
    if with_scipy:
        import scipy.linalg.cython_blas  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


if hasattr(os, "register_at_fork"):  # a fork inherits the pool, but none of its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
