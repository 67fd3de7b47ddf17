"""An approximate half step of alternating least squares, for large k: a few cheap steps downhill.

The equations of a row are those of `mfteach.descent.als`: (vᵀv + penalty 1) x = vᵀr, where v are
the rows of its neighbours.
"""

from __future__ import annotations

import numpy as np

from mfteach.matrices.rows import Rows, Table

# How many steps a half step takes.
CG_STEPS = 3


def approximate_half_step(rows: Rows, table: Table, start: Table, n_steps: int) -> Table:
    """Better rows than ``start``: steps of conjugate gradients towards those of `half_step`.

    The residual vᵀ(r - v x) - penalty x is minus the gradient at x. Each step goes to the lowest
    point along p, and turns p so that no later step spoils what it has gained; k steps would
    solve the equations. No matrix of k x k numbers is needed.

    Parameters
    ----------
    rows, table
        As for `mfteach.descent.als.half_step`.
    start : ndarray, shape (n_rows, k)
        The rows to begin with.
    n_steps : int
        How many steps.

    Returns
    -------
    ndarray, shape (n_rows, k)
        A row without ratings is 0.

    Source: Hestenes and Stiefel (1952), Methods of conjugate gradients for solving linear systems.
    """
    solution = np.zeros_like(start)
    for i, (neighbours, r, penalty) in enumerate(rows):
        if len(r) == 0:
            continue
        v, x = table[neighbours], start[i]
        residual = v.T @ (r - v @ x) - penalty * x
        p = residual
        for _ in range(n_steps):
            Ap = v.T @ (v @ p) + penalty * p
            if not p @ Ap > 0:  # converged
                break
            step = residual @ residual / (p @ Ap)
            x = x + step * p
            before, residual = residual, residual - step * Ap
            p = residual + residual @ residual / (before @ before) * p
        solution[i] = x
    return solution
