"""What a model must be able to do, so that its lists can be rated and its settings chosen."""

from __future__ import annotations

from typing import Any, Protocol

from mfteach.matrices.ratings import Ratings


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
