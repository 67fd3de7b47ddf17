"""Did the factors learn anything? What is said if not, and which cure is named."""

from __future__ import annotations

import math
import warnings

import numpy as np

from mfteach.evaluation.metrics import rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.fast.engine import row_squares
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.rows import Table
from mfteach.matrices.slabs import root_mean_square
from mfteach.recommender.baselines import Biases
from mfteach.recommender.learning import Learned, Settings, engine_here, left_by, loss_of

# Factors that leave more than this share of what the biases leave, or of what the start leaves,
# have learned nothing: of the squares they explain less than a thousandth.
UNEXPLAINED = math.sqrt(1 - 1e-3)
# Predictions that differ from those of the start by less than this share of its errors have hardly
# left it: those of a start that is right by chance may stay as bad, and yet move.
MOVED = 0.1
# What the biases leave is nothing where it is less than this share of the largest rating, and an
# error no better than theirs where it is lower by less.
NEGLIGIBLE = 1e-6
# Held-out ratings say nothing if they are fewer.
FEW = 10
# Up to so many pairs of a user and an item, a table of all is as fast as a sparse one.
SMALL = 100_000


def warn_if_useless(
    settings: Settings,
    ratings: Ratings,
    learned: Learned,
    factors: Factors,
    held_out: Ratings | None = None,
) -> None:
    """Say so, and name a cure, if factors have learned nothing, or nothing that helps.

    Parameters
    ----------
    settings : Settings
        What was asked for.
    ratings : Ratings
        What was learned from, of shape (m, n).
    learned : Learned
        How the descent went.
    factors : Factors
        Its result, of shape (m, n).
    held_out : Ratings, optional
        Of the same shape, if descent watched some.

    Warns
    -----
    NothingLearnedWarning
        If the factors have collapsed to 0 or never left their start, or predict the held-out
        ratings no better than mean and biases alone. Not for collapsed ones if "auto" chose the
        penalty for ratings that are no more than users and items together: where biases could
        explain every rating, there is nothing else to learn.
    """
    warning = None
    if held_out is None or learned.trace.best.number > 0:
        warning = _useless(settings, ratings, learned, factors)
    if warning is None and held_out is not None and len(held_out) >= FEW:
        warning = _beaten(settings, ratings, learned, held_out)
    if warning is not None:
        warnings.warn(warning, stacklevel=3)


def _useless(
    settings: Settings, ratings: Ratings, learned: Learned, factors: Factors
) -> NothingLearnedWarning | None:
    loss = loss_of(settings, ratings, learned.regularization)
    to_explain = root_mean_square(loss.targets(factors))
    if to_explain <= NEGLIGIBLE * (float(np.abs(ratings.values).max()) or 1.0):
        return None  # the biases explain everything
    errors = loss.errors(factors)
    left = root_mean_square(errors)
    # The errors of the start: no less than what there is to explain, less what it predicts.
    if left < UNEXPLAINED * (to_explain - learned.start_size):
        return None
    start = learned.start()
    before = loss.errors(factors.with_tables(start.U, start.V))
    moved = _moved(before, errors, left)
    if moved and left < UNEXPLAINED * to_explain:
        return None
    # Half the largest singular value is a penalty that factors survive, and in a few epochs.
    targets = loss.targets(factors)
    if settings.biases == "learned":  # those of a descent that went nowhere explain nothing yet
        targets = left_by(None, settings, ratings).values
    largest = _largest_singular_value(loss, targets)
    bearable = largest / 2
    used = float(np.sqrt(loss.user_regularization * loss.item_regularization))
    chosen = isinstance(settings.regularization, str)
    if chosen and used > bearable and len(ratings) <= sum(ratings.shape):
        return None
    if used <= (largest if chosen else 1.1 * bearable):  # of which two digits are shown
        return NothingLearnedWarning(_on_standstill(settings, learned, moved), "unmoved")
    cure = f"at most {bearable:.2g}"
    if not moved and _size(factors) > _size(start) / 2:  # not even shrunk to 0
        problem = _on_standstill(settings, learned, moved)
        problem += "" if chosen else f"; and give a regularization of {cure}, or 'auto'"
        return NothingLearnedWarning(problem, "unmoved")
    cure = f"give a number of {cure}, or "
    cure += (
        "more ratings: in these, nothing can be told from noise"
        if chosen
        else "regularization='auto'"
    )
    problem = f"regularization {used:.3g} shrinks all factors to 0, so that predictions are "
    return NothingLearnedWarning(f"{problem}those of mean and biases alone: {cure}", "collapsed")


def _moved(before: Table, errors: Table, left: float) -> bool:
    """Whether the errors are smaller than those of the start, or at least quite different."""
    started = root_mean_square(before)
    return left < UNEXPLAINED * started or root_mean_square(errors - before) > MOVED * started


def _size(factors: Factors) -> float:
    return float(row_squares(factors.U).sum() + row_squares(factors.V).sum())


def _on_standstill(settings: Settings, learned: Learned, moved: bool) -> str:
    problem = "still explain nothing" if moved else "have hardly left their random start"
    problem = f"the factors {problem} after {settings.n_epochs} epochs"
    if learned.learning_rate is not None:
        problem += f" with learning_rate={learned.learning_rate:.2g}"
    if settings.learning_rate is not None and learned.learning_rate is not None:
        return f"{problem}: leave learning_rate out, so that one is found"
    if moved:
        return f"{problem}: take more epochs, or a smaller start_scale"
    other = "a larger start_scale" if learned.learning_rate is None else "solver='als'"
    return f"{problem}: take more epochs, or {other}"


def _beaten(
    settings: Settings, ratings: Ratings, learned: Learned, held_out: Ratings
) -> NothingLearnedWarning | None:
    reached, started = min(learned.trace.validation), learned.trace.best.number == 0
    baseline = Biases.fit(ratings, engine=engine_here(settings))
    biases = rmse(held_out.values, baseline.predict(held_out))
    if reached < (1 - NEGLIGIBLE) * biases and not started:
        return None
    problem = (
        "every epoch predicts the held-out ratings worse than the random start"
        if started
        else f"the factors predict the held-out ratings no better (RMSE {reached:.4g}) than mean "
        f"and biases alone ({biases:.4g})"
    )
    if not isinstance(settings.regularization, str):
        cure = "choose regularization='auto'"
    elif settings.learning_rate is not None:
        cure = "leave learning_rate out, so that one is found"
    else:
        cure = "take mfteach.recommender.Biases, or more ratings"
    return NothingLearnedWarning(f"{problem}: {cure}", "beaten")


def _largest_singular_value(loss: Loss, targets: Table) -> float:
    """Of the targets with their weights, 0 where unknown: no factor survives a larger lambda."""
    from scipy import sparse  # loaded here: it takes longer than NumPy
    from scipy.sparse.linalg import svds

    ratings = loss.ratings
    i, j = ratings.user_index, ratings.item_index
    weighted = targets.astype(np.float64)
    if loss.weighting == "by_count":
        weighted = weighted / np.sqrt(ratings.user_counts[i] * ratings.item_counts[j])
    m, n = ratings.shape
    table = sparse.csr_matrix((weighted, (i, j)), shape=(m, n))
    if m * n <= SMALL or min(m, n) == 1:
        return float(np.linalg.norm(table.toarray(), 2))
    start = np.ones(min(m, n))
    return float(svds(table, k=1, v0=start, return_singular_vectors=False)[0])
