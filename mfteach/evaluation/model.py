"""What a model must be able to do, so that its lists can be rated and its settings chosen."""

from __future__ import annotations

from typing import Any, Protocol

from mfteach.arguments import InputError, having, instance
from mfteach.matrices.ratings import Ratings


class Ranker(Protocol):
    """Whatever orders the items for a user: a fitted model, a baseline, one of your own."""

    @property
    def ratings_(self) -> Ratings:
        """What it was fitted on, and so what its users have seen."""

    def predict(self, users: Any, items: Any, /) -> Any:
        """A number for each pair of labels: the higher, the better the item for the user."""


class Model(Protocol):
    """A model of ratings with scikit-learn's API, such as `mfteach.MatrixFactorization`."""

    ratings_: Ratings
    trace_: Any
    learning_rate_: float | None

    def fit(self, X: Ratings, *, validation: Ratings | None = None) -> Any:
        """Learn from ratings, and stop early where there are validation ratings."""

    def predict(self, users: Any, items: Any = None) -> Any:
        """The predicted rating of each pair."""

    def score(self, X: Ratings) -> float:
        """Minus the RMSE."""

    def get_params(self) -> dict[str, Any]:
        """The settings, by name."""

    def set_params(self, **params: Any) -> Any:
        """Change settings; return the model itself."""


def require_model(model: Any) -> None:
    """Refuse what is not a model: what cannot be fitted, asked, or given settings."""
    methods = ("fit", "predict", "score", "get_params", "set_params")
    having(model, "model", methods, "a model, such as MatrixFactorization()")


def require_ranker(model: Any) -> Ratings:
    """The ratings that a model was fitted on; an error if it cannot be asked, or not yet."""
    having(model, "model", ("predict",), "a model, such as MatrixFactorization()")
    if not hasattr(model, "ratings_"):
        raise InputError("is not fitted yet: call its fit first", argument="model")
    return instance(model.ratings_, "the ratings_ of model", Ratings)
