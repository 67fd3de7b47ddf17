"""What all kernels share: how they are compiled, and how work is cut into ranges.

Numba is imported here, and in `mfteach.fast.numba_lines`, alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from numba import njit
except ImportError as error:
    raise ImportError(
        f"the compiled kernels need Numba, which cannot be imported ({error})"
    ) from error

from mfteach.fast.threads import n_threads, side_by_side

# With fewer ratings, work that grows with their number alone is over before a second thread has
# woken up.
WORTH_A_THREAD = 200_000
# Ranges of rows for each thread: more balance better.
PIECES = 8


# Sums may be regrouped, so that processors add several numbers at once; NaN stays NaN.
_compiled: Any = partial(njit, nogil=True, fastmath={"reassoc", "contract"})


def compiled(kernel: Any) -> Any:
    """A kernel, compiled when it is first called, and kept for the next process."""
    try:
        kept = _compiled(kernel, cache=True)
    except RuntimeError:  # no folder takes it, as in a container that is read-only
        _say_once()
        return _compiled(kernel)
    file = kept._cache._cache_file
    file.save = _by_signature(file)
    file._source_stamp = file._source_stamp, _stamps(Path(kernel.__code__.co_filename).parent)
    kept._cache.save_overload = _if_there_is_room(kept._cache.save_overload)
    return kept


@cache
def _stamps(folder: Path) -> list[tuple[str, float, int]]:
    """Times and sizes of the files of a folder: kernels take in those of the others as they are.

    Numba looks at a kernel's own file alone.
    """
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return [(name, stat.st_mtime, stat.st_size) for name, stat in found]


def _by_signature(file: Any) -> Callable[[Any, Any], None]:
    """Save the code of a signature in a file that is named by it.

    Numba numbers the files. Two processes that compile at once, as two notebooks do, can take the
    same number for two signatures, and from then on one is called with the code of the other.
    """
    base = file._index_name.removesuffix(".nbi")

    def save(signature: Any, code: Any) -> None:
        known = file._load_index()
        name = f"{base}.{sha256(repr(signature).encode()).hexdigest()[:16]}.nbc"
        file._save_data(name, code)
        file._save_index({**known, signature: name})

    return save


def _if_there_is_room(save: Callable[..., None]) -> Callable[..., None]:
    """Save compiled code if it can be saved: a full disk must not end the fit that needs it."""

    def saved(*overload: Any) -> None:
        try:
            save(*overload)
        except OSError:
            _say_once()

    return saved


@cache
def _say_once() -> None:
    logging.getLogger("mfteach").warning(
        "compiled code finds no folder to be kept in, and is compiled again by each process, which "
        "takes some seconds: NUMBA_CACHE_DIR names a folder"
    )


def _ranges(starts: NDArray[np.intp], step: int = 1) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about equally many ratings, some for each thread; of whole steps."""
    pieces = PIECES * n_threads()
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], pieces + 1)[1:-1]) // step * step
    edges = np.unique([0, *cuts.tolist(), len(starts) - 1]).tolist()
    yield from pairwise(edges)


def _shares(n: int) -> Iterator[tuple[int, int]]:
    """Ranges of equally many of n ratings, one for each thread that is worth it."""
    threads = n_threads() if worth_a_thread(n) else 1
    yield from pairwise(np.linspace(0, n, threads + 1).astype(int).tolist())


def worth_a_thread(n: int) -> bool:
    """Whether a pass over n ratings takes longer than a second thread takes to wake up."""
    return n_threads() > 1 and n >= WORTH_A_THREAD


def if_worth_it(n: int, task: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> None:
    """Call ``task`` with each of the arguments: in threads, if n ratings are worth them."""
    if worth_a_thread(n):
        side_by_side(task, arguments)
        return
    for each in arguments:
        task(*each)


@compiled
def _dot(u, v):  # type: ignore[no-untyped-def]
    """Sum over s of u_s v_s, from a 0 of their own precision: a literal would widen float32."""
    total = u.dtype.type(0)
    for s in range(len(u)):
        total += u[s] * v[s]
    return total


@compiled
def _target(n, i, j, r, mean, b, c):  # type: ignore[no-untyped-def]
    """r_ij - mean - b_i - c_j of rating n. Empty b and c: there are no biases."""
    if len(b) > 0:
        return r[n] - mean - (b[i[n]] + c[j[n]])
    return r[n] - mean
