"""The errors, and the gradient of J by every row of U and of V (lecture rows S47, S59, S63).

With e_ij = r_ij - r-hat_ij, and c_i the weight of row i in the penalty,

    dJ/du_i = - sum_{j in I_i} e_ij v_j + lambda c_i u_i
    dJ/dv_j = - sum_{i in U_j} e_ij u_i + lambda d_j v_j

Both lines say the same with U and V exchanged, so one function computes both.
"""

from __future__ import annotations

import numpy as np

from mfteach.matrices.rows import Known, Rows, Table


def errors(known: Known, U: Table, V: Table) -> Table:
    """e_ij = r_ij - r-hat_ij, where r-hat_ij = mean + b_i + c_j + sum_s u_is v_js.

    Parameters
    ----------
    known : Known
        The ratings r_ij, the mean and the biases.
    U, V : ndarray, shapes (m, k) and (n, k)
        The factors.

    Returns
    -------
    ndarray, shape (n_ratings,)
        In the order of the ratings, positive where the prediction is too low.
    """
    targets = known.targets
    e = np.empty_like(targets)
    for number, (i, j) in enumerate(zip(known.i, known.j, strict=True)):
        predicted = U[i] @ V[j]
        e[number] = targets[number] - predicted
    return e


def gradient(users: Rows, items: Rows, U: Table, V: Table) -> tuple[Table, Table, Table, Table]:
    """Both halves of the gradient, and the sums of the errors for the biases.

    Parameters
    ----------
    users, items : Rows
        The same ratings user by user and item by item.
    U, V : ndarray, shapes (m, k) and (n, k)
        The factors.

    Returns
    -------
    dU, dV : ndarray, shapes (m, k) and (n, k)
        dJ/dU and dJ/dV.
    by_user, by_item : ndarray, shapes (m,) and (n,)
        sum_{j in I_i} e_ij of each user i, and sum_{i in U_j} e_ij of each item j.
    """
    dU, by_user = row_gradients(users, U, V)
    dV, by_item = row_gradients(items, V, U)
    return dU, dV, by_user, by_item


def row_gradients(rows: Rows, X: Table, table: Table) -> tuple[Table, Table]:
    """One half: dJ/dx of each row x of X while ``table`` is fixed, and the sum of its errors."""
    slopes, sums = np.zeros_like(X), np.zeros_like(X[:, 0])
    for i, (neighbours, r, penalty) in enumerate(rows):
        x, v = X[i], table[neighbours]
        e = r - v @ x
        slopes[i] = -(e @ v)
        slopes[i] += penalty * x
        sums[i] = e.sum()
    return slopes, sums
