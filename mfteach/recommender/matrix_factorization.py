"""`MatrixFactorization`: the whole way from ratings to recommendations, with scikit-learn's API.

It brings together what the other modules hold: `mfteach.recommender.Biases` fitted first, a
`mfteach.Loss`, one of the solvers, and labels in place of row numbers.
"""

from __future__ import annotations

import copy
from functools import partial
from os import PathLike
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from mfteach.arguments import (
    Cure,
    InputError,
    WrongType,
    about,
    flag,
    generator,
    instance,
    one_of,
    real_number,
    real_numbers,
    shown,
    whole_number,
    worded,
)
from mfteach.descent import Trace
from mfteach.evaluation.metrics import rmse
from mfteach.loss.predictions import require_fit
from mfteach.loss.squared_error import WEIGHTINGS, Weighting
from mfteach.matrices.factors import PRECISIONS, Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading, write
from mfteach.recommender.by_label import HasNeighbours
from mfteach.recommender.checkpoints import Checkpoint
from mfteach.recommender.explanation import Explanation, explain
from mfteach.recommender.fold_in import fold_in, numbered_like, with_appended
from mfteach.recommender.learning import (
    ModelEngine,
    Regularization,
    Solver,
    as_ratings,
    in_precision,
    learn,
    loss_of,
    scaled_to,
)
from mfteach.recommender.regularization import auto_regularization, require_regularization
from mfteach.recommender.saved_models import read_fitted_on, read_settings, require_kind, written
from mfteach.recommender.unknown import Unknown
from mfteach.recommender.usefulness import warn_if_useless
from mfteach.version import __version__

CHOICES: dict[str, tuple[Any, ...]] = {
    "solver": get_args(Solver),
    "weighting": WEIGHTINGS,
    "biases": (True, False, "learned"),
    "unknown": get_args(Unknown),
    "engine": get_args(ModelEngine),
    "dtype": PRECISIONS,
}
INTERVALS = {"momentum": "[0, 1)", "decay": "[0, inf)", "start_scale": "(0, inf)"}


class MatrixFactorization(HasNeighbours):
    """Predict ratings by r-hat_ij = mean + b_i + c_j + sum_s u_is v_js.

    The constructor only keeps its arguments; `fit` checks them.

    Parameters
    ----------
    n_factors : int
        k; up to 100 for any table, and up to min(m, n), which is enough for every one.
    solver : {"als", "cg", "sgd", "gd"}
        Alternating least squares, solved exactly or by a few steps of conjugate gradients (see
        `mfteach.descent.alternating_least_squares`); stochastic or plain gradient descent.
    regularization : float, pair of float, or "auto"
        lambda of `mfteach.Loss`, or one for users and one for items. "auto" takes it from the
        ratings, as the mean over the factors of the best shrinkage of each: of a factor that is
        signal, with singular value d, d - sqrt(d² - beta²), and of one that fits noise, 0.75 beta,
        where beta is the largest singular value of noise alone. The formula in full, with how
        beta is estimated: `mfteach.recommender.regularization`. With it, and ``biases=True``,
        values c r + d get |c| times the lambda and the predictions c p + d, up to rounding; for
        ``"sgd"`` and ``"gd"`` if c > 0 and no learning rate is given.
    weighting : {"plain", "by_count"}
        Whether each row is penalized once, or once for each of its ratings.
    biases : bool or "learned"
        True: mean and biases are fitted first, with a penalty of their own (see
        `mfteach.loss.penalty`), and the factors learn what these leave. "learned": the biases
        are learned along with the factors (``"sgd"`` and ``"gd"``), from 0. False: none, not
        even the mean.
    n_epochs : int
        Exactly as many, unless `fit` is given ``validation``.
    learning_rate : float, optional
        eta of ``"sgd"`` and ``"gd"``; least squares have none. By default `SGD_RATE` / s, where
        s is the root mean square of what the biases leave, and for ``"gd"`` what a line search
        from 1/s downward finds (`mfteach.descent.suggest_learning_rate`); either is halved as
        long as it diverges.
    momentum : float
        mu in [0, 1), of ``"gd"``: each step adds mu times the step before.
    decay : float
        0 or larger, of ``"sgd"``: epoch t = 1, 2, ... uses eta / (1 + decay (t - 1)). A large
        rate that becomes smaller is faster, and ends nearer to a minimum, than one that stays.
    start_scale : float
        Standard deviation of the random entries that learning starts from; with
        ``regularization="auto"`` it is multiplied by sqrt(s). A smaller one makes ``"sgd"`` fit
        less noise, and take more epochs.
    unknown : {"raise", "mean", "nan"}
        The answer for a user or an item without a label in the training ratings: a KeyError that
        quotes it; the mean rating plus whatever bias is known; or NaN.
    engine : {"auto", "numpy", "numba", "spark"}
        What computes, as for `mfteach.Loss`: NumPy, compiled kernels, or whichever suits the
        size of the data. Or Apache Spark, for ratings beyond one machine: with
        ``solver="als"`` and ``weighting="by_count"`` (see `mfteach.spark`).
    dtype : {"float32", "float64"}
        Precision of the factors and of the predictions.
    rng : int, Generator or None
        Seed or source of randomness of the start, and of the order of the updates of ``"sgd"``.
        With a seed, a refit to the same ratings gives the same factors, number for number.
    master : str
        Of ``"spark"``, where it computes: ``local[*]``, all processors of this machine, or
        ``spark://HOST:PORT``, a cluster.

    Attributes
    ----------
    factors_ : Factors
        What was learned, biases included. A row without a rating is 0.
    ratings_ : Ratings
        What it was learned from.
    trace_ : Trace
        The record of the descent: one entry an epoch and one for the start, with the figures of
        ``validation`` if it was given. ``trace_.last.value`` is the value of J at the end.
    regularization_ : float or pair of float
        The lambda that was used, given or found.
    learning_rate_ : float or None
        The rate of the first epoch, given or found; None for least squares, and after `load`.
    fitted_on_ : FittedOn
        Version of mfteach, shape, number and hash of ``ratings_``.
    n_features_in_ : int
        2: a column of users and one of items.

    Examples
    --------
    >>> from mfteach.datasets import history_romance
    >>> model = MatrixFactorization(n_factors=2, regularization=0.1, rng=0)
    >>> model = model.fit(history_romance())
    >>> model.predict([1, 7], ["Nero", "Nero"]).round(1)
    array([ 1., -1.], dtype=float32)

    Source: lecture row S67; Koren, Bell and Volinsky, Matrix factorization techniques for
    recommender systems (2009).
    """

    trace_: Trace
    regularization_: float | tuple[float, float]
    learning_rate_: float | None

    def __init__(
        self,
        n_factors: int = 20,
        solver: Solver = "als",
        regularization: Regularization = "auto",
        weighting: Weighting = "plain",
        biases: bool | Literal["learned"] = True,
        n_epochs: int = 15,
        learning_rate: float | None = None,
        momentum: float = 0.9,
        decay: float = 0.0,
        start_scale: float = 0.1,
        unknown: Unknown = "raise",
        engine: ModelEngine = "auto",
        dtype: Literal["float32", "float64"] = "float32",
        rng: Rng = None,
        master: str = "local[*]",
    ) -> None:
        self.n_factors = n_factors
        self.solver = solver
        self.regularization = regularization
        self.weighting = weighting
        self.biases = biases
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.decay = decay
        self.start_scale = start_scale
        self.unknown = unknown
        self.engine = engine
        self.dtype = dtype
        self.rng = rng
        self.master = master

    # ---- learning

    def fit(
        self,
        X: Ratings | ArrayLike | str | PathLike[str],
        y: ArrayLike | None = None,
        *,
        validation: Ratings | tuple[ArrayLike, ArrayLike] | str | PathLike[str] | None = None,
        checkpoint: str | PathLike[str] | None = None,
        progress: bool = False,
    ) -> MatrixFactorization:
        """Learn factors from ratings.

        Parameters
        ----------
        X : Ratings, or array-like of shape (N, 2)
            The ratings, or the labels (user, item) of each. For ``engine="spark"`` also a path
            that the cluster sees: CSV or Parquet, a file or a folder. Such ratings stay where
            they are, and the model knows the labels alone.
        y : array-like of float, shape (N,)
            The values, if X holds labels.
        validation : Ratings or pair (X, y), optional
            Held-out ratings. Learning stops when their RMSE has not fallen for a while (`PATIENCE`
            epochs), after ``n_epochs`` at most, and the factors with the lowest are kept. Pairs
            with an unknown user or item are treated as ``unknown`` says, except that those
            answered without factors are left out. A path, where X is one.
        checkpoint : path, optional
            A folder for the last epoch (with ``engine="spark"`` every third). A fit that was
            killed goes on from it when it is called again with the same seed, and ends at the
            same numbers as one that was not.
        progress : bool
            Whether to show bars, once it takes longer than a moment. Spark always does.

        Returns
        -------
        MatrixFactorization
            The model itself.

        Raises
        ------
        ValueError
            For an argument of the constructor, or ratings, out of range; for factors that are
            not determined (see `mfteach.descent.alternating_least_squares`); if no learning
            rate can be found.
        ImportError
            For ``engine="numba"`` where Numba cannot be imported, and for ``"spark"`` where
            Spark or Java is missing.
        mfteach.DivergenceError
            If the learning rate that was given is too large; it suggests another.

        Warns
        -----
        mfteach.evaluation.NothingLearnedWarning
            If the factors have collapsed to 0 or never left their start, or predict the held-out
            ratings no better than mean and biases alone. The message names a cure.
        """
        with worded(self._interface):
            self._check()
            flag(progress, "progress")
            if self.engine == "spark":
                return self._fit_on_spark(X, y, validation, checkpoint)
            ratings = in_precision(as_ratings(X, y), self.dtype)  # type: ignore[arg-type]
            held_out = None if validation is None else self._on_rows_of(ratings, validation)  # type: ignore[arg-type]
            kept = None
            if checkpoint is not None:
                kept = Checkpoint(checkpoint, self.get_params(), ratings, held_out)
            learned = learn(self, ratings, held_out, kept, progress)
            self.trace_, self.regularization_, self.learning_rate_ = learned[:3]
        self.ratings_, self._version = ratings, __version__
        self.factors_ = (self.trace_.last if held_out is None else self.trace_.best).point
        warn_if_useless(self, ratings, learned, self.factors_, held_out)
        return self

    def _fit_on_spark(self, X: Any, y: Any, validation: Any, checkpoint: Any) -> Self:
        """`fit` where it is too much for one machine."""
        from mfteach.spark.fitting import fit, is_path  # Spark is loaded where it is asked for

        source = X
        if not is_path(X):
            source = in_precision(as_ratings(X, y), self.dtype)
            if not (validation is None or is_path(validation)):
                validation = self._on_rows_of(source, validation)
        elif y is not None:
            raise InputError("a file holds its values: give no y beside it")
        auto = partial(auto_regularization, n_factors=int(self.n_factors), weighting=self.weighting)
        counts = {"n_factors": int(self.n_factors), "n_epochs": int(self.n_epochs)}  # 2.0 is 2
        settings = copy.copy(self).set_params(**counts)
        fitted = fit(settings, source, auto, validation, checkpoint)
        self.factors_, self.ratings_, self._version = fitted.factors, fitted.ratings, __version__
        self.regularization_, self.learning_rate_ = fitted.regularization, None
        self.trace_ = fitted.trace
        return self

    def _check(self) -> None:
        for name in ("n_factors", "n_epochs"):
            whole_number(getattr(self, name), name, 1)
        for name, allowed in CHOICES.items():
            one_of(getattr(self, name), name, allowed)
        for name, interval in INTERVALS.items():
            real_number(getattr(self, name), name, interval)
        if self.learning_rate is not None:
            real_number(self.learning_rate, "learning_rate", "(0, inf)")
        require_regularization(self.regularization)
        generator(self.rng)
        if self.biases == "learned" and self.solver in ("als", "cg"):
            raise InputError(
                f"least squares (solver={self.solver!r}) cannot learn biases along with factors",
                cures=(Cure("biases", True), Cure("solver", "sgd"), Cure("solver", "gd")),
            )

    def _on_rows_of(
        self, ratings: Ratings, validation: Ratings | tuple[ArrayLike, ArrayLike]
    ) -> Ratings:
        """The held-out ratings with the row numbers of the training ratings."""
        pairs = (validation, None) if isinstance(validation, Ratings) else validation
        if not isinstance(pairs, list | tuple) or len(pairs) != 2:
            raise WrongType(
                f"must be a Ratings or a pair (X, y), but is {shown(validation)}",
                argument="validation",
            )
        with about("validation"):
            held_out = as_ratings(*pairs)
        i = self._rows(ratings.user_rows, held_out.users)
        j = self._rows(ratings.item_rows, held_out.items)
        known = (i >= 0) & (j >= 0)
        if not known.any():
            raise ValueError("no validation rating has a user and an item of the training ratings")
        labels = ratings.user_labels, ratings.item_labels
        return Ratings.from_indices(i[known], j[known], held_out.values[known], *labels)

    def fold_in(self, ratings: Ratings) -> MatrixFactorization:
        """Add new users from their ratings of known items, or new items from known users.

        In closed form, the bias first; nothing else changes (see `mfteach.recommender.fold_in`).

        Returns
        -------
        MatrixFactorization
            A new model that includes them; this one is unchanged.

        Raises
        ------
        KeyError
            If both the user and the item of a rating are unknown; the message quotes the item.
        ValueError
            If a user (an item) is not new: refit to learn from further ratings.
        """
        known = self._require_ratings()
        new, kind = numbered_like(known, instance(ratings, "ratings", Ratings))
        further = copy.copy(self)
        further.factors_ = fold_in(
            self.factors_, new, self.regularization_, self.weighting, new=kind
        )
        further.ratings_ = with_appended(known, new, kind)
        return further

    # ---- answering

    def explain(self, user: int | str, item: int | str) -> Explanation:
        """Which factors, and which of the user's ratings, made a prediction.

        Raises
        ------
        KeyError
            For an unknown user or item, whatever ``unknown`` says: there is nothing to explain.
        """
        known = self._require_ratings()
        i, j = known.index_users([user])[0], known.index_items([item])[0]
        return explain(self.factors_, int(i), int(j), loss_of(self, known, self.regularization_))

    def score(self, X: Ratings | ArrayLike, y: ArrayLike | None = None) -> float:
        """Minus the RMSE, so that more is better, as scikit-learn wants it."""
        if isinstance(X, Ratings) and y is not None:
            raise InputError("a Ratings holds its values: give no y beside it")
        truth = X.values if isinstance(X, Ratings) else y
        if truth is None:
            raise ValueError("score needs the true ratings y beside the labels X")
        return -rmse(real_numbers(truth, "y", 1), self.predict(X))

    # ---- keeping

    def save(self, path: str | PathLike[str], **arrays: ArrayLike) -> None:
        """Write the model, its ratings included, and further named arrays to an ``.npz`` file.

        The file also says what the model was fitted on (``fitted_on_``). A source of randomness
        as ``rng``, such as a Generator, is written as None. Raises as `Factors.save`, and a
        ValueError for a setting that no file can hold.
        """
        known = self._fitted()
        self._check()  # what `load` would refuse is better refused now
        described = written(self.get_params(), self.fitted_on_)
        described["regularization"] = np.asarray(self.regularization_)
        write(path, self.factors_.arrays() | known.arrays() | described, arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> MatrixFactorization:
        """Read what `save` wrote. Nothing in the file is ever executed; ``trace_`` is empty.

        ``fitted_on_`` says by which version of mfteach and on which ratings it was fitted. With
        a seed as ``rng``, ``MatrixFactorization(**model.get_params()).fit(model.ratings_)`` gives
        the same factors again, unless `fit` was given ``validation``, something was folded in, or
        an earlier version fitted it; what that saved predicts as it did.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it holds no model, was written by a newer version of mfteach with settings that
            this one does not have, or holds other ratings than those that the model was fitted on.
        """
        factors = Factors.load(path)
        require_kind(path, cls.__name__)
        with reading(path, "holds factors, but no model") as saved:
            params = read_settings(saved, cls().get_params())
            ratings = Ratings.from_arrays(saved)
            fitted_on = read_fitted_on(saved, ratings)
            # A model of a version without "auto" holds a number in its settings.
            used = saved["regularization"].tolist() if "regularization" in saved else None
            model = cls(**params)
            model._check()
            model._keep(factors, ratings, tuple(used) if isinstance(used, list) else used)
        fitted_on.require(ratings, str(path))
        model._version = fitted_on.version
        return model

    @classmethod
    def from_factors(cls, factors: Factors, ratings: Ratings, **params: Any) -> MatrixFactorization:
        """A model around factors that were learned elsewhere, from ``ratings``.

        ``params`` are those of the constructor that describe how; they matter for `fold_in`,
        `explain` and ``unknown``.
        """
        model = cls(**params)
        model._check()
        model._keep(factors, ratings)
        return model

    def _keep(
        self,
        factors: Factors,
        ratings: Ratings,
        regularization: float | tuple[float, float] | None = None,
    ) -> None:
        """Hold factors that were learned elsewhere, with the regularization that was used."""
        require_fit(ratings, factors)
        if regularization is None and not len(ratings):  # labels alone: nothing follows from them
            if isinstance(self.regularization, str):
                raise InputError(
                    "follows from ratings, of which there are the labels alone",
                    "Give the number that was used",
                    argument="regularization",
                )
            regularization = np.asarray(self.regularization, dtype=float).tolist()
        elif regularization is None:
            regularization = scaled_to(self, in_precision(ratings, self.dtype)).regularization
        self.factors_, self.ratings_, self.trace_ = factors, ratings, Trace()
        self.regularization_, self.learning_rate_ = regularization, None
        self._version = __version__
