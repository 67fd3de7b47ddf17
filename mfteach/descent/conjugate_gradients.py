"""An approximate half step of alternating least squares, for large k: a few cheap steps downhill.

The equations of a row are those of `mfteach.descent.als`: (vᵀv + penalty 1) x = vᵀr, where v are
the rows of its neighbours.
"""

from __future__ import annotations

import numpy as np

from mfteach.matrices.rows import Rows, Table, converged_below

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
        p, squares = residual, residual @ residual
        converged = converged_below(squares, len(x))
        for _ in range(n_steps):
            Ap = v.T @ (v @ p) + penalty * p
            curvature = p @ Ap
            if squares <= converged or not curvature > 0:
                break
            step = squares / curvature
            x = x + step * p
            residual = residual - step * Ap
            before, squares = squares, residual @ residual
            p = residual + squares / before * p
        solution[i] = x
    return solution
