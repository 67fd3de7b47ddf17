"""Who computes: NumPy, or the compiled `mfteach.fast.kernels` where Numba is installed.

Both give the same numbers up to rounding, but for one seed stochastic gradient descent visits
the ratings in another order with each.
"""

from __future__ import annotations

import logging
from functools import cache
from types import ModuleType
from typing import Literal

Engine = Literal["auto", "numpy", "numba"]
ENGINES = ("auto", "numpy", "numba")

# With fewer ratings, "auto" stays with NumPy: loading the kernels takes longer than they save.
WORTHWHILE = 50_000


def kernels_for(engine: Engine, n_ratings: int) -> ModuleType | None:
    """The module of compiled kernels, or None where the NumPy forms are to serve.

    Parameters
    ----------
    engine : {"auto", "numpy", "numba"}
        "auto": the kernels for `WORTHWHILE` ratings or more. Without Numba NumPy serves, and a
        warning of the logger ``mfteach`` says so, once.
    n_ratings : int
        How much work there is.

    Raises
    ------
    ValueError
        For another engine.
    ImportError
        For "numba" where Numba cannot be imported.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is one of 'auto', 'numpy', 'numba', not {engine!r}")
    if engine == "numpy" or (engine == "auto" and n_ratings < WORTHWHILE):
        return None
    try:
        from mfteach.fast import kernels
    except ImportError as error:
        if engine == "numba":
            raise
        _say_once(str(error))
        return None
    return kernels


@cache
def _say_once(reason: str) -> None:
    logging.getLogger("mfteach").warning("NumPy computes, which is slower: %s", reason)
