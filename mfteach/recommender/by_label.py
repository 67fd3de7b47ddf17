"""What every fitted model answers by label: predictions, lists of the best, neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfteach.arguments import Cure, InputError, flag, whole_number, worded
from mfteach.matrices.factors import Factors
from mfteach.matrices.labels import RowLookup, as_pairs
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.fitted_on import FittedOn
from mfteach.recommender.parameters import Parameters, not_fitted
from mfteach.recommender.similarity import Neighbour, neighbours, require_directions
from mfteach.recommender.top_items import top_lists
from mfteach.recommender.unknown import Unknown, favourites, predict_rows
from mfteach.version import __version__

Labels = NDArray[Any] | list[Any] | tuple[Any, ...]


class Recommendation(NamedTuple):
    """An item, by label, and the rating that the user would give it."""

    item: int | str
    prediction: float


class AnswersByLabel(Parameters):
    """A model that has fitted factors to ratings, and is asked by the labels of these.

    Attributes
    ----------
    factors_ : Factors
        What was learned.
    ratings_ : Ratings
        What it was learned from.
    unknown : {"raise", "mean", "nan"}
        What is answered about a label that is in no rating; "raise" unless the model has a
        parameter of this name.
    """

    factors_: Factors
    ratings_: Ratings
    unknown: Unknown = "raise"
    _version: str = __version__

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
            if items is not None:
                raise InputError("a Ratings holds its items: give no items beside it")
            pairs: tuple[ArrayLike, ArrayLike] = users.users, users.items
        else:
            pairs = as_pairs(users) if items is None else (users, items)
        i = self._rows(known.user_rows, pairs[0])
        j = self._rows(known.item_rows, pairs[1])
        if len(i) != len(j):
            raise ValueError(f"{len(i)} users and {len(j)} items are no pairs")
        return predict_rows(self.predicting_factors, i, j, self.unknown, known)

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
        n, exclude_rated = whole_number(n, "n", 1), flag(exclude_rated, "exclude_rated")
        known = self._fitted()
        if exclude_rated:
            self._require_ratings(advice="Give exclude_rated=False")
        single = isinstance(users, str) or not isinstance(users, Iterable)
        rows = self._rows(known.user_rows, [users] if single else users)  # type: ignore[arg-type]
        best = top_lists(
            self.predicting_factors, rows[rows >= 0], n, known if exclude_rated else None
        )
        listed = iter(best.labelled(Recommendation, known.item_labels))
        liked = self._liked(n, known) if (rows < 0).any() else []
        lists = [next(listed) if row >= 0 else liked.copy() for row in rows.tolist()]
        return lists[0] if single else lists

    def _liked(self, n: int, known: Ratings) -> list[Recommendation]:
        """What an unknown user is recommended."""
        items, predicted = favourites(self.predicting_factors, n, self.unknown, known)
        labels = known.item_labels[items].tolist()
        return list(map(Recommendation, labels, predicted.tolist()))

    @property
    def predicting_factors(self) -> Factors:
        """The factors that predict: those that were learned, or more for whom nothing was."""
        return self.factors_

    def _rows(self, lookup: RowLookup, labels: ArrayLike) -> NDArray[np.intp]:
        """Row number of each label; an unknown one is an error, or -1, as ``unknown`` says."""
        if self.unknown != "raise":
            return lookup.find(labels)
        chosen = ("mean", "nan") if self._has_choice else ()
        with worded(self._interface):
            return lookup.rows(labels, cures=tuple(Cure("unknown", name) for name in chosen))

    @property
    def _has_choice(self) -> bool:
        """Whether ``unknown`` is a parameter of the model, which may be given another value."""
        return "unknown" in vars(self)

    @property
    def n_features_in_(self) -> int:
        """2, the columns of X: users and items."""
        self._fitted()
        return 2

    @property
    def fitted_on_(self) -> FittedOn:
        """Version of mfteach, shape, number and hash of the ratings that were learned from."""
        return FittedOn.of(self._fitted(), self._version)

    def _require_ratings(self, advice: str = "Fit the model to a Ratings") -> Ratings:
        """The training ratings themselves, for what needs more than their labels."""
        known = self._fitted()
        if not len(known):
            problem = "the ratings stayed on the cluster, and the model knows their labels alone"
            raise InputError(problem, advice)
        return known

    def _fitted(self) -> Ratings:
        """The training ratings of a model that has been fitted."""
        if not hasattr(self, "factors_"):
            raise not_fitted(self)
        return self.ratings_


class HasNeighbours(AnswersByLabel):
    """A model whose factors also say which items, and which users, are similar."""

    @overload
    def similar_items(self, items: int | str, n: int = 10) -> list[Neighbour]: ...

    @overload
    def similar_items(self, items: Labels, n: int = 10) -> list[list[Neighbour]]: ...

    def similar_items(
        self, items: int | str | Labels, n: int = 10
    ) -> list[Neighbour] | list[list[Neighbour]]:
        """The n items whose factors point most nearly in the direction of an item's, or of many.

        That is the cosine of the rows of V, cos(v_j, v_l) = sum_s v_js v_ls / (|v_j| |v_l|), from
        1 (who likes the one likes the other) over 0 to -1. Two traps of popularity:

        - Regularization shrinks the row of an item with few ratings, but the cosine forgets
          lengths: the direction of such a row is mostly noise, and it is as often somebody's
          neighbour as that of a popular item. Look at ``ratings_.item_counts`` before you believe
          it.
        - Without biases the factors also hold how much an item is liked in general, so that
          popular items are similar to one another whatever they are about. `MatrixFactorization`
          has ``biases=True``.

        Parameters
        ----------
        items : int, str or array-like of these
            A label, or many.
        n : int
            How many, at least 1; there are fewer if there are not as many others.

        Returns
        -------
        list of Neighbour, or a list of such lists
            For one label its list, the most similar first; for many a list for each, in their
            order. Of equal cosines the label that sorts first comes first. Items whose factors
            are all 0, such as those without a training rating, have no direction and are in no
            list; their own list is empty unless ``unknown="raise"``, as is that of an unknown
            label.

        Raises
        ------
        KeyError
            For an unknown item if ``unknown="raise"``.
        ValueError
            For an item whose factors are all 0, if ``unknown="raise"``.
        """
        known = self._fitted()
        return self._similar(items, self.factors_.V, known.item_rows, known.item_labels, n)

    @overload
    def similar_users(self, users: int | str, n: int = 10) -> list[Neighbour]: ...

    @overload
    def similar_users(self, users: Labels, n: int = 10) -> list[list[Neighbour]]: ...

    def similar_users(
        self, users: int | str | Labels, n: int = 10
    ) -> list[Neighbour] | list[list[Neighbour]]:
        """The n users whose factors point most nearly in the direction of a user's, or of many.

        The cosine of the rows of U; everything else is as for `similar_items`, its traps included.
        """
        known = self._fitted()
        return self._similar(users, self.factors_.U, known.user_rows, known.user_labels, n)

    def _similar(
        self,
        labels: int | str | Labels,
        table: NDArray[np.floating[Any]],
        lookup: RowLookup,
        names: NDArray[Any],
        n: int,
    ) -> list[Neighbour] | list[list[Neighbour]]:
        n = whole_number(n, "n", 1)
        single = isinstance(labels, str) or not isinstance(labels, Iterable)
        rows = self._rows(lookup, [labels] if single else labels)  # type: ignore[arg-type]
        if self.unknown == "raise":
            with worded(self._interface):
                require_directions(table, rows, names, choice=self._has_choice)
        lists = neighbours(table, rows, names, n)
        return lists[0] if single else lists
