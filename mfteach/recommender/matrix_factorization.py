"""`MatrixFactorization`: the whole way from ratings to recommendations, in scikit-learn's manners.

It brings together what the other modules hold: `mfteach.recommender.Biases` fitted first, a
`mfteach.Loss`, one of the solvers, and labels in place of row numbers.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.descent.als import alternating_least_squares
from mfteach.descent.gradient_descent import gradient_descent
from mfteach.descent.sgd import stochastic_gradient_descent
from mfteach.descent.steps import Step
from mfteach.descent.training import Trace, descend
from mfteach.evaluation.metrics import rmse
from mfteach.fast.engine import ENGINES, Engine
from mfteach.loss.predictions import pair_predictions
from mfteach.loss.squared_error import Loss, Weighting
from mfteach.matrices.factors import Factors
from mfteach.matrices.groups import Rng
from mfteach.matrices.labels import (
    _columns,
    _labels,
    _require_known,
    _require_new,
    _rows,
)
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases, GlobalMean
from mfteach.recommender.explanation import Explanation, explain
from mfteach.recommender.fold_in import fold_in
from mfteach.recommender.top_items import top_items

BIAS_REGULARIZATION = 5.0
# Epochs without a better validation figure before learning stops.
PATIENCE = 10

Unknown = Literal["raise", "mean", "nan"]
Labels = NDArray[Any] | list[Any] | tuple[Any, ...]


class Recommendation(NamedTuple):
    """An item, by label, and the rating that the user would give it."""

    item: int | str
    prediction: float


class MatrixFactorization:
    """Predict ratings by r-hat_ij = mean + b_i + c_j + sum_s u_is v_js.

    The constructor only keeps its arguments; `fit` checks them.

    Parameters
    ----------
    n_factors : int
        k.
    solver : {"als", "cg", "sgd", "gd"}
        Alternating least squares, solved exactly or by a few steps of conjugate gradients (see
        `mfteach.descent.alternating_least_squares`); stochastic or plain gradient descent.
    regularization : float or pair of float
        lambda of `mfteach.Loss`, or one for users and one for items. With ``weighting="plain"``
        it must grow with the number of ratings of a row.
    weighting : {"plain", "by_count"}
        Whether each row has one price, or one for each of its ratings.
    biases : bool or "learned"
        True: mean and biases are fitted first, with a penalty of their own
        (`BIAS_REGULARIZATION`), and the factors learn what these leave. "learned": the biases are
        learned along with the factors (``"sgd"`` and ``"gd"``), from 0. False: none, not even
        the mean.
    n_epochs : int
        Exactly as many, unless `fit` is given ``validation``.
    learning_rate : float
        eta of ``"sgd"`` and ``"gd"``; least squares have none.
    decay : float
        0 or larger, of ``"sgd"``: epoch t = 1, 2, ... uses eta / (1 + decay (t - 1)). A large
        rate that becomes smaller is there sooner, and ends nearer to a minimum, than one that
        stays.
    start_scale : float
        Standard deviation of the random entries that learning starts from. A smaller one makes
        ``"sgd"`` fit less noise, and take more epochs.
    unknown : {"raise", "mean", "nan"}
        The answer for a user or an item without a label in the training ratings: a KeyError that
        quotes it; the mean rating plus whatever bias is known; or NaN.
    engine : {"auto", "numpy", "numba"}
        What computes, as for `mfteach.Loss`: NumPy, compiled kernels, or whichever suits the
        size of the data.
    dtype : {"float32", "float64"}
        Precision of the factors and of the predictions.
    rng : int, Generator or None
        Seed or source of randomness of the start, and of the order of visits of ``"sgd"``.

    Attributes
    ----------
    factors_ : Factors
        What was learned, biases included. A row without a rating is 0.
    ratings_ : Ratings
        What it was learned from.
    trace_ : Trace
        The record of the descent: one entry an epoch and one for the start, with the figures of
        ``validation`` if it was given. ``trace_.last.value`` is the value of J at the end.

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

    factors_: Factors
    ratings_: Ratings
    trace_: Trace

    def __init__(
        self,
        n_factors: int = 20,
        solver: Literal["als", "cg", "sgd", "gd"] = "als",
        regularization: float | tuple[float, float] = 10.0,
        weighting: Weighting = "plain",
        biases: bool | Literal["learned"] = True,
        n_epochs: int = 15,
        learning_rate: float = 0.01,
        decay: float = 0.0,
        start_scale: float = 0.1,
        unknown: Unknown = "raise",
        engine: Engine = "auto",
        dtype: Literal["float32", "float64"] = "float32",
        rng: Rng = None,
    ) -> None:
        self.n_factors = n_factors
        self.solver = solver
        self.regularization = regularization
        self.weighting = weighting
        self.biases = biases
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.decay = decay
        self.start_scale = start_scale
        self.unknown = unknown
        self.engine = engine
        self.dtype = dtype
        self.rng = rng

    # ---- learning

    def fit(
        self,
        X: Ratings | ArrayLike,
        y: ArrayLike | None = None,
        *,
        validation: Ratings | tuple[ArrayLike, ArrayLike] | None = None,
    ) -> MatrixFactorization:
        """Learn factors from ratings.

        Parameters
        ----------
        X : Ratings, or array-like of shape (N, 2)
            The ratings, or the labels (user, item) of each.
        y : array-like of float, shape (N,)
            The values, if X holds labels.
        validation : Ratings or pair (X, y), optional
            Held-out ratings. Learning stops when their RMSE has not become lower for a while
            (`PATIENCE` epochs), after ``n_epochs`` at most, and the factors with the
            lowest are kept. Pairs with an unknown user or item are treated as ``unknown`` says,
            except that those answered without factors are left out.

        Returns
        -------
        MatrixFactorization
            The model itself.

        Raises
        ------
        ValueError
            For an argument of the constructor, or ratings, out of range; for factors that are
            not determined (see `mfteach.descent.alternating_least_squares`).
        ImportError
            For ``engine="numba"`` where Numba cannot be imported.
        mfteach.DivergenceError
            If the learning rate is too large; it suggests another.
        """
        self._check()
        ratings = _in_precision(_as_ratings(X, y), self.dtype)
        generator = np.random.default_rng(self.rng)
        loss = self._loss(ratings)
        held_out = None
        if validation is not None:
            held_out = self._on_rows_of(ratings, validation)
        steps = self._steps(loss, self._start(ratings, generator), generator)
        trace = descend(steps, self.n_epochs, None, held_out, progress=False, patience=PATIENCE)
        self.trace_ = trace
        self.ratings_ = ratings
        self.factors_ = (trace.last if validation is None else trace.best).point
        return self

    def _check(self) -> None:
        choices = {
            "solver": ("als", "cg", "sgd", "gd"),
            "biases": (True, False, "learned"),
            "unknown": ("raise", "mean", "nan"),
            "engine": ENGINES,
            "dtype": ("float32", "float64"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                listed = ", ".join(map(repr, allowed))
                raise ValueError(f"{name} is one of {listed}, not {getattr(self, name)!r}")
        if self.n_epochs < 1:
            raise ValueError(f"n_epochs must be at least 1, but is {self.n_epochs}")
        if self.biases == "learned" and self.solver in ("als", "cg"):
            raise ValueError(
                "biases='learned' is for solver='sgd' or 'gd'; least squares take biases=True"
            )

    def _loss(self, ratings: Ratings) -> Loss:
        return Loss(
            ratings,
            self.regularization,
            self.weighting,
            bias_regularization=BIAS_REGULARIZATION,
            engine=self.engine,
        )

    def _start(self, ratings: Ratings, generator: np.random.Generator) -> Factors:
        start = Factors.random(ratings.shape, self.n_factors, generator, self.start_scale)
        start = start.astype(self.dtype)
        # No rating would ever move these rows: they stay at 0, which is what is known of them.
        start.U[ratings.user_counts == 0] = 0
        start.V[ratings.item_counts == 0] = 0
        if self.biases == "learned":
            nothing = Biases(GlobalMean.fit(ratings).mean, *map(np.zeros, ratings.shape))
            return start.with_biases(nothing, learned=True)
        if self.biases:
            start = start.with_biases(Biases.fit(ratings, BIAS_REGULARIZATION, self.engine))
        return start

    def _steps(self, loss: Loss, start: Factors, generator: np.random.Generator) -> Iterator[Step]:
        if self.solver == "als":
            return alternating_least_squares(loss, start)
        if self.solver == "cg":
            return alternating_least_squares(loss, start, method="cg")
        if self.solver == "sgd":
            return stochastic_gradient_descent(
                loss, start, self.learning_rate, generator, decay=self.decay
            )
        return gradient_descent(loss, start, self.learning_rate)

    def _on_rows_of(
        self, ratings: Ratings, validation: Ratings | tuple[ArrayLike, ArrayLike]
    ) -> Ratings:
        """The held-out ratings with the row numbers of the training ratings."""
        pairs = (validation, None) if isinstance(validation, Ratings) else validation
        held_out = _as_ratings(*pairs)
        users, items = held_out.users, held_out.items
        i, j = _rows(ratings.user_labels, users), _rows(ratings.item_labels, items)
        if self.unknown == "raise":
            _require_known(users, i, "user")
            _require_known(items, j, "item")
        known = (i >= 0) & (j >= 0)
        if not known.any():
            raise ValueError("no validation rating has a user and an item of the training ratings")
        labels = ratings.user_labels, ratings.item_labels
        return Ratings._from_indices(i[known], j[known], held_out.values[known], *labels)

    def fold_in(self, ratings: Ratings) -> MatrixFactorization:
        """Get to know new users by their ratings of known items, or new items by known users.

        In closed form, the bias first; nothing else changes (see `mfteach.recommender.fold_in`).

        Returns
        -------
        MatrixFactorization
            A further model that knows them too; this one stays as it is.

        Raises
        ------
        KeyError
            If both the user and the item of a rating are unknown; the message quotes the item.
        ValueError
            If a user (an item) is not new: ``fit`` anew to learn from further ratings.
        """
        known = self._fitted()
        new = Ratings(ratings.users, ratings.items, ratings.values)
        i, j = _rows(known.user_labels, new.user_labels), _rows(known.item_labels, new.item_labels)
        kind: Literal["users", "items"] = "items" if (j < 0).any() and (i >= 0).all() else "users"
        if kind == "users":
            _require_known(new.item_labels, j, "item", "Fold in new users by known items")
            _require_new(new.user_labels, i, "user")
            users = np.concatenate([known.user_labels, new.user_labels])
            shape, rows = (new.user_labels, known.item_labels), (new.user_index, j[new.item_index])
            shift, labels = (known.shape[0], 0), (users, known.item_labels)
        else:
            _require_new(new.item_labels, j, "item")
            items = np.concatenate([known.item_labels, new.item_labels])
            shape, rows = (known.user_labels, new.item_labels), (i[new.user_index], new.item_index)
            shift, labels = (0, known.shape[1]), (known.user_labels, items)
        values = new.values.astype(known.values.dtype)
        further = copy.copy(self)
        further.factors_ = fold_in(
            self.factors_,
            Ratings._from_indices(*rows, values, *shape),
            self.regularization,
            self.weighting,
            new=kind,
            bias_regularization=BIAS_REGULARIZATION,
        )
        further.ratings_ = Ratings._from_indices(
            np.concatenate([known.user_index, rows[0] + shift[0]]),
            np.concatenate([known.item_index, rows[1] + shift[1]]),
            np.concatenate([known.values, values]),
            *labels,
        )
        return further

    # ---- answering

    def predict(
        self, users: Ratings | ArrayLike, items: ArrayLike | None = None
    ) -> NDArray[np.floating[Any]]:
        """Predict the rating of each pair.

        Parameters
        ----------
        users, items : array-like of labels, shape (N,)
            Or instead of the two: a `Ratings`, or one array-like of shape (N, 2).

        Returns
        -------
        ndarray of shape (N,)
            In the precision ``dtype``.

        Raises
        ------
        KeyError
            For an unknown user or item if ``unknown="raise"``, and for labels of another type
            than those learned from, always.
        ValueError
            If there are not equally many users and items.
        """
        known = self._fitted()
        if isinstance(users, Ratings):
            user_labels, item_labels = users.users, users.items
        else:
            pairs = _columns(users) if items is None else (users, items)
            user_labels, item_labels = _labels(pairs[0], "user"), _labels(pairs[1], "item")
        if len(user_labels) != len(item_labels):
            raise ValueError(f"{len(user_labels)} users and {len(item_labels)} items are no pairs")
        i = _rows(known.user_labels, user_labels)
        j = _rows(known.item_labels, item_labels)
        if self.unknown == "raise":
            _require_known(user_labels, i, "user")
            _require_known(item_labels, j, "item")
        return self._predict_rows(i, j)

    def _predict_rows(self, i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.floating[Any]]:
        """Predictions for row numbers; -1 stands for unknown."""
        factors = self.factors_
        known = (i >= 0) & (j >= 0)
        if known.all():
            return pair_predictions(factors, i, j)
        predicted = np.full(len(i), np.nan, dtype=factors.U.dtype)
        predicted[known] = pair_predictions(factors, i[known], j[known])
        if self.unknown == "nan":
            return predicted
        predicted[~known] = GlobalMean.fit(self.ratings_).mean
        for rows, bias in ((i, factors.user_bias), (j, factors.item_bias)):
            if bias is not None:
                half_known = ~known & (rows >= 0)
                predicted[half_known] += bias[rows[half_known]]
        return predicted

    @overload
    def recommend(
        self, users: int | str, n: int = 10, exclude_rated: bool = True
    ) -> list[Recommendation]: ...

    @overload
    def recommend(
        self, users: Labels, n: int = 10, exclude_rated: bool = True
    ) -> list[list[Recommendation]]: ...

    def recommend(
        self, users: int | str | Labels, n: int = 10, exclude_rated: bool = True
    ) -> list[Recommendation] | list[list[Recommendation]]:
        """The n items with the highest predictions for a user, or for each of many, best first.

        Parameters
        ----------
        users : int, str or array-like of these
            A label, or many. An unknown one is treated as ``unknown`` says: with "mean" it gets
            what people in general like, with "nan" nothing.
        n : int
            How many, at least 1; there are fewer if not as many are left.
        exclude_rated : bool
            Whether to leave out what the user has rated in the training ratings.

        Returns
        -------
        list of Recommendation, or a list of such lists
            For one label its list; for many a list for each, in their order. Of items with equal
            predictions the one whose label sorts first comes first.

        Raises
        ------
        KeyError
            For an unknown user if ``unknown="raise"``.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, but is {n}")
        known = self._fitted()
        single = np.ndim(users) == 0
        asked = _labels([users] if single else users, "user")  # type: ignore[arg-type]
        rows = _rows(known.user_labels, asked)
        if self.unknown == "raise":
            _require_known(asked, rows, "user")
        best = top_items(self.factors_, rows[rows >= 0], n, known if exclude_rated else None)
        lists = [self._listed(*(next(best) if row >= 0 else self._liked(n))) for row in rows]
        return lists[0] if single else lists

    def _liked(self, n: int) -> tuple[NDArray[np.intp], NDArray[np.floating[Any]]]:
        """What a user of whom nothing is known gets, as ``unknown`` says."""
        items = np.arange(self.factors_.shape[1])
        predicted = self._predict_rows(np.full(len(items), -1), items)
        best = np.argsort(-predicted, kind="stable")[: min(n, int(np.isfinite(predicted).sum()))]
        return items[best], predicted[best]

    def _listed(
        self, items: NDArray[np.intp], predicted: NDArray[np.floating[Any]]
    ) -> list[Recommendation]:
        labels = self.ratings_.item_labels[items].tolist()
        return list(map(Recommendation, labels, predicted.tolist()))

    def explain(self, user: int | str, item: int | str) -> Explanation:
        """Which factors, and which of the user's ratings, made a prediction.

        Raises
        ------
        KeyError
            For an unknown user or item, whatever ``unknown`` says: there is nothing to explain.
        """
        known = self._fitted()
        i, j = known.index_users([user])[0], known.index_items([item])[0]
        return explain(self.factors_, int(i), int(j), self._loss(known))

    def score(self, X: Ratings | ArrayLike, y: ArrayLike | None = None) -> float:
        """Minus the RMSE, so that more is better, as scikit-learn wants it."""
        truth = X.values if isinstance(X, Ratings) else y
        if truth is None:
            raise ValueError("score needs the true ratings y beside the labels X")
        return -rmse(truth, self.predict(X))

    # ---- keeping

    def save(self, path: str | PathLike[str], **arrays: ArrayLike) -> None:
        """Write the model, its ratings included, and further named arrays to an ``.npz`` file.

        A Generator as ``rng`` is not written. Raises as `Factors.save`.
        """
        known = self._fitted()
        params = self.get_params()
        if isinstance(self.rng, np.random.Generator):
            params["rng"] = None
        self.factors_.save(
            path,
            user_labels=known.user_labels,
            item_labels=known.item_labels,
            rated_by=known.user_index,
            rated_item=known.item_index,
            rated=known.values,
            params=json.dumps(params),
            **arrays,
        )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> MatrixFactorization:
        """Read what `save` wrote. Nothing in the file is ever executed; ``trace_`` is empty.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it holds no model.
        """
        factors = Factors.load(path)
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as saved:
                params = json.loads(str(saved["params"]))
                columns = (saved["rated_by"], saved["rated_item"], saved["rated"])
                labels = saved["user_labels"], saved["item_labels"]
            ratings = Ratings._from_indices(*columns, *labels)
            if isinstance(params["regularization"], list):
                params["regularization"] = tuple(params["regularization"])
            return cls.from_factors(factors, ratings, **params)
        except OSError:
            raise
        except Exception as error:  # whatever is wrong inside: it is no model
            raise ValueError(f"{path} holds factors, but no model: {error}") from None

    @classmethod
    def from_factors(cls, factors: Factors, ratings: Ratings, **params: Any) -> MatrixFactorization:
        """A model around factors that were learned elsewhere, from ``ratings``.

        ``params`` are those of the constructor that describe how; they matter for `fold_in`,
        `explain` and ``unknown``.
        """
        if factors.shape != ratings.shape:
            raise ValueError(f"{factors!r} does not fit {ratings!r}")
        model = cls(**params)
        model.factors_, model.ratings_, model.trace_ = factors, ratings, Trace()
        return model

    def _fitted(self) -> Ratings:
        """The training ratings of a model that has been fitted."""
        if not hasattr(self, "factors_"):
            raise ValueError("this model knows nothing yet: call fit first")
        return self.ratings_

    # ---- scikit-learn's manners

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor, by name; ``deep`` makes no difference."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> MatrixFactorization:
        """Change arguments of the constructor, by name; return the model itself."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"there is no parameter {name!r}; there are {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        )
        return f"MatrixFactorization({', '.join(changed)})"

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks for; only it ever calls this, so it is there to be imported."""
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(categorical=True, string=True),
        )


def _as_ratings(X: Ratings | ArrayLike, y: ArrayLike | None) -> Ratings:
    if isinstance(X, Ratings):
        if y is not None:
            raise ValueError("a Ratings holds its values: give no y beside it")
        return X
    if y is None:
        raise ValueError("give the values y beside the labels X, or a Ratings")
    users, items = _columns(X)
    return Ratings(users, items, y)


def _in_precision(ratings: Ratings, dtype: str) -> Ratings:
    if ratings.values.dtype == dtype:
        return ratings
    largest = max(float(ratings.values.max()), -float(ratings.values.min()))
    if largest > float(np.finfo(dtype).max):
        raise ValueError(f"a rating of size {largest:g} does not fit {dtype}: use dtype='float64'")
    return ratings.with_values(ratings.values.astype(dtype))
