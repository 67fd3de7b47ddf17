"""`ImplicitFactorization`: what people will look at next, learned from what they have looked at.

`mfteach.MatrixFactorization` asks how many stars a film would get. This model asks whether a user
will watch it at all, and so learns from the blanks as well: see `mfteach.loss.ImplicitLoss`.
"""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from mfteach.arguments import (
    InputError,
    generator,
    instance,
    one_of,
    real_number,
    whole_number,
    worded,
)
from mfteach.descent import (
    Trace,
    descend,
    implicit_items,
    implicit_least_squares,
    implicit_users,
)
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.ranking import rank_held_out
from mfteach.loss.implicit import ImplicitLoss, require_positive
from mfteach.loss.predictions import pair_predictions, require_fit
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.labels import as_pairs
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading, write
from mfteach.recommender.by_label import HasNeighbours
from mfteach.recommender.explanation import Explanation
from mfteach.recommender.fold_in import numbered_like, with_appended
from mfteach.recommender.implicit_regularization import implicit_regularization, largest_signal
from mfteach.recommender.learning import as_ratings
from mfteach.recommender.saved_models import read_fitted_on, read_settings, require_kind, written
from mfteach.version import __version__

# Learning starts from random numbers between 0 and this, as in the library implicit: near 0, where
# nothing is settled, and all of one sign, as what is popular asks of the first factor.
START = 0.01
# Factors that predict less than this of what has been seen, on average, have collapsed.
NOTHING = 1e-3


class ImplicitFactorization(HasNeighbours):
    """Predict what a user will look at by sum_s u_is v_js, from all that was seen and all blanks.

    With p_ij = 1 and the confidence c_ij = 1 + alpha r_ij where user i has seen item j, and
    p_ij = 0 and c_ij = 1 where not, alternating least squares minimizes

        J = 1/2 sum_{i,j} c_ij (p_ij - sum_s u_is v_js)² + lambda/2 (|U|² + |V|²)

    over all pairs (i, j), by a few steps of conjugate gradients for each row, which are faster than
    exact solutions and as good (``method="cg"`` of `mfteach.descent.implicit_least_squares`).
    The predictions are about 1 for what a user is sure to like and about 0
    for most of the rest: an order of the items, and no ratings. A user of the ratings who has seen
    nothing yet, as in a part of them, is predicted what the others are on average. The constructor
    only keeps its arguments; `fit` checks them.

    Parameters
    ----------
    n_factors : int
        k.
    regularization : float or "auto"
        lambda. "auto" takes it from the interactions, as a share of the largest singular value
        beta that the table of the c_ij p_ij would have if who has seen what were chance:

            lambda = 0.3 beta,    beta = mean over the seen pairs (i, j) of
                                          sqrt(sum_{l in I_i} c_il²) + sqrt(sum_{p in U_j} c_pj²)

        It depends on c_ij alone: values times 2 and alpha by 2 give the same.
    alpha : float
        How much a value adds to the confidence, 0 or larger. At 0 all pairs count alike.
    n_epochs : int
        How often both tables are solved for.
    rng : int, Generator or None
        Seed or source of randomness of the start. With a seed, a refit to the same interactions
        gives the same factors, number for number.

    Attributes
    ----------
    factors_ : Factors
        What was learned, in single precision and without biases. A row without an interaction
        is 0.
    ratings_ : Ratings
        What it was learned from.
    trace_ : Trace
        The record of the descent: one entry an epoch and one for the start.
        ``trace_.last.value`` is the value of J at the end.
    regularization_ : float
        The lambda that was used, given or found.
    fitted_on_ : FittedOn
        Version of mfteach, shape, number and hash of ``ratings_``.
    n_features_in_ : int
        2: a column of users and one of items.

    Examples
    --------
    >>> users, items = [1, 1, 2, 2, 3, 3], ["tea", "milk", "tea", "milk", "beer", "wine"]
    >>> model = ImplicitFactorization(n_factors=2, regularization=0.1, rng=0)
    >>> model = model.fit([*zip(users, items), (4, "tea")])
    >>> model.recommend(4, n=1)[0].item
    'milk'

    Source: Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets (2008).
    """

    trace_: Trace
    regularization_: float

    def __init__(
        self,
        n_factors: int = 20,
        regularization: float | Literal["auto"] = "auto",
        alpha: float = 1.0,
        n_epochs: int = 15,
        rng: Rng = None,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.alpha = alpha
        self.n_epochs = n_epochs
        self.rng = rng

    # ---- learning

    def fit(self, X: Ratings | ArrayLike, y: ArrayLike | None = None) -> ImplicitFactorization:
        """Learn factors from interactions.

        Parameters
        ----------
        X : Ratings, or array-like of shape (N, 2)
            The interactions, or the labels (user, item) of each.
        y : array-like of float, shape (N,), optional
            r_ij, if X holds labels: how often, how long, how many stars; above 0. By default
            every pair has the value 1.

        Returns
        -------
        ImplicitFactorization
            The model itself.

        Raises
        ------
        ValueError
            For an argument of the constructor out of range, for a value that is not above 0 (the
            message names its user and its item), and for factors that are not determined (see
            `mfteach.descent.implicit_least_squares`).

        Warns
        -----
        mfteach.evaluation.NothingLearnedWarning
            If the penalty has shrunk all factors to 0. The message names a cure.
        """
        with worded(self._interface):
            self._check()
            ratings = _in_single_precision(as_interactions(X, y))
            loss = self._loss(ratings)
            self.trace_ = self._descend(loss)
        self.regularization_ = loss.regularization
        self.factors_, self.ratings_ = self.trace_.last.point, ratings
        self._version = __version__
        _warn_if_collapsed(loss, self.factors_)
        return self

    def _check(self) -> None:
        for name in ("n_factors", "n_epochs"):
            whole_number(getattr(self, name), name, 1)
        real_number(self.alpha, "alpha", "[0, inf)")
        if isinstance(self.regularization, str):
            one_of(self.regularization, "regularization", ("auto",))
        else:
            real_number(self.regularization, "regularization", "[0, inf)")
        generator(self.rng)

    def _loss(self, ratings: Ratings) -> ImplicitLoss:
        alpha, regularization = float(self.alpha), self.regularization
        if isinstance(regularization, str):
            regularization = implicit_regularization(ratings, alpha)
        return ImplicitLoss(ratings, alpha, regularization)

    def _descend(self, loss: ImplicitLoss) -> Trace:
        # Nobody keeps the start: it is as large as the factors.
        steps = implicit_least_squares(loss, self._start(loss.ratings), method="cg")
        return descend(steps, self.n_epochs, None, progress=False)

    def _start(self, ratings: Ratings) -> Factors:
        draw, k = generator(self.rng).random, int(self.n_factors)
        U, V = (draw((n, k), dtype="float32") for n in ratings.shape)
        for table in (U, V):
            table *= START
        start = Factors(U, V)
        # No interaction would ever move these rows: they are 0.
        start.U[ratings.user_counts == 0] = 0
        start.V[ratings.item_counts == 0] = 0
        return start

    def fold_in(self, ratings: Ratings) -> ImplicitFactorization:
        """Add new users from what they have seen of the known items, or new items by known users.

        Half a step of least squares with everything else fixed: exactly what the next one would
        give them.

        Returns
        -------
        ImplicitFactorization
            A new model that includes them; this one is unchanged.

        Raises
        ------
        KeyError
            If both the user and the item of an interaction are unknown; the message quotes the
            item.
        ValueError
            If a user (an item) is not new: refit to learn from further interactions.
        """
        known = self._fitted()
        new, kind = numbered_like(known, instance(ratings, "ratings", Ratings))
        loss = ImplicitLoss(new, self.alpha, self.regularization_, engine="numpy")
        U, V = self.factors_.U, self.factors_.V
        unsolved = np.zeros((new.shape[kind == "items"], U.shape[1]), U.dtype)
        if kind == "users":
            solved = implicit_users(loss, Factors(unsolved, V)).U
            factors = replace(self.factors_, U=np.concatenate([U, solved]))
        else:
            solved = implicit_items(loss, Factors(U, unsolved)).V
            factors = replace(self.factors_, V=np.concatenate([V, solved]))
        further = copy.copy(self)
        further.factors_, further.ratings_ = factors, with_appended(known, new, kind)
        return further

    # ---- answering

    @property
    def predicting_factors(self) -> Factors:
        """Who has seen nothing is predicted what the others are on average."""
        alone = self.ratings_.user_counts == 0
        if not alone.any():
            return self.factors_
        U = self.factors_.U.copy()
        U[alone] = U[~alone].mean(axis=0)
        return self.factors_.with_tables(U, self.factors_.V)

    def explain(self, user: int | str, item: int | str) -> Explanation:
        """Which factors, and which of the items that a user has seen, made a prediction.

        The normal equations make u_i a sum over what i has seen, and so the prediction too:

            sum_s u_is v_js = sum_{l in I_i} c_il v_jᵀ A⁻¹ v_l
            A = sum_l c_il v_l v_lᵀ + lambda 1    over all items l

        Raises
        ------
        KeyError
            For an unknown user or item.
        """
        known, V = self._fitted(), self.factors_.V.astype(np.float64)
        i, j = int(known.index_users([user])[0]), int(known.index_items([item])[0])
        at = known.by_user[i]
        seen, c = known.item_index[at], 1 + float(self.alpha) * known.values[at].astype(np.float64)
        v = V[seen]
        A = V.T @ V + v.T @ ((c - 1)[:, None] * v) + self.regularization_ * np.eye(V.shape[1])
        shares = c * (v @ np.linalg.pinv(A, hermitian=True) @ V[j])
        order = np.argsort(-shares, kind="stable")
        by_factor = self.predicting_factors.U[i] * V[j]
        return Explanation(
            prediction=float(by_factor.sum()),
            mean=0.0,
            user_bias=0.0,
            item_bias=0.0,
            by_factor=by_factor,
            items=known.item_labels[seen[order]],
            ratings=known.values[at][order],
            by_item=shares[order],
            remainder=float(by_factor.sum() - shares.sum()),
        )

    def score(self, X: Ratings | ArrayLike, y: ArrayLike | None = None) -> float:
        """nDCG at 10 of held-out interactions, all of which are relevant: more is better.

        See `mfteach.evaluation.rank_held_out`.
        """
        self._fitted()
        return rank_held_out(self, as_interactions(X, y), 10, relevant_from=0.0).ndcg

    # ---- keeping

    def save(self, path: str | PathLike[str], **arrays: ArrayLike) -> None:
        """Write the model, its interactions included, and further named arrays to an ``.npz`` file.

        As `mfteach.MatrixFactorization.save`.
        """
        known = self._fitted()
        self._check()  # what `load` would refuse is better refused now
        described = written(self.get_params(), self.fitted_on_)
        described["model"] = type(self).__name__
        described["regularization"] = np.asarray(self.regularization_)
        write(path, self.factors_.arrays() | known.arrays() | described, arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> ImplicitFactorization:
        """Read what `save` wrote. Nothing in the file is ever executed; ``trace_`` is empty.

        As `mfteach.MatrixFactorization.load`.
        """
        factors = Factors.load(path)
        require_kind(path, cls.__name__)
        with reading(path, "holds factors, but no model") as saved:
            model = cls(**read_settings(saved, cls().get_params()))
            model._check()
            ratings = Ratings.from_arrays(saved)
            fitted_on = read_fitted_on(saved, ratings)
            require_fit(ratings, factors)
            model.factors_, model.ratings_, model.trace_ = factors, ratings, Trace()
            model.regularization_ = float(saved["regularization"])
        fitted_on.require(ratings, str(path))
        model._version = fitted_on.version
        return model

    def __sklearn_tags__(self) -> Any:
        """scikit-learn's, which knows of targets that must be there, or above 0."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.target_tags.positive_only = True
        return tags


def as_interactions(X: Ratings | ArrayLike, y: ArrayLike | None = None) -> Ratings:
    """Ratings as they are, or from labels X of shape (N, 2) with values y, or 1 for each."""
    if y is None and not isinstance(X, Ratings):
        users, items = as_pairs(X)
        return Ratings(users, items, np.ones(len(users)))
    return as_ratings(X, y)


def _in_single_precision(ratings: Ratings) -> Ratings:
    """The same interactions as float32; a ValueError for a value that is too large or small."""
    require_positive(ratings)
    with np.errstate(over="ignore", under="ignore"):
        values = ratings.values.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(values) | (values == 0))
    if len(wrong):
        raise InputError(
            f"a value of {ratings.values[wrong[0]]:g} does not fit float32",
            "Scale the values to about 1",
        )
    return ratings if ratings.values.dtype == np.float32 else ratings._holding(values)


def _warn_if_collapsed(loss: ImplicitLoss, factors: Factors) -> None:
    """Say so, and name a cure, if next to nothing is predicted for what was seen."""
    known = loss.ratings
    predicted = pair_predictions(factors, known.user_index, known.item_index)
    if float(np.mean(predicted)) > NOTHING:
        return
    bearable = largest_signal(known, loss.alpha) / 2
    if loss.regularization <= bearable:
        return
    warnings.warn(
        NothingLearnedWarning(
            f"regularization {loss.regularization:.3g} shrinks all factors to 0, so that every "
            f"prediction is 0: give a number of at most {bearable:.2g}, or regularization='auto'",
            "collapsed",
        ),
        stacklevel=3,
    )
