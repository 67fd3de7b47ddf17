"""A model as ``mfteach factorize`` saved it: with titles, and with the pairs of its test part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.console import UsageError, in_words
from mfteach.datasets.movielens import find, movielens_titles
from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.labels import RowLookup
from mfteach.matrices.ratings import FILED, Ratings
from mfteach.matrices.saved import reading
from mfteach.recommender.by_label import Recommendation
from mfteach.recommender.implicit_factorization import ImplicitFactorization
from mfteach.recommender.matrix_factorization import MatrixFactorization
from mfteach.recommender.saved_models import kind_of
from mfteach.recommender.top_items import top_items


class SavedModel(NamedTuple):
    """A model, the titles of its items, and all that its users have rated, test part included.

    Of a model that Python saved there are no titles, and nothing was held out.
    """

    model: MatrixFactorization | ImplicitFactorization
    titles: dict[Any, str]
    rated: Ratings

    @classmethod
    def load(cls, path: Path) -> SavedModel:
        """Read a file; raises as `mfteach.MatrixFactorization.load`."""
        implicit = kind_of(path) == ImplicitFactorization.__name__
        model = ImplicitFactorization.load(path) if implicit else MatrixFactorization.load(path)
        known = model.ratings_
        label = str if known.item_labels.dtype.kind == "U" else int
        with reading(path, "holds damaged titles or test pairs") as saved:
            if "titles" not in saved:
                return cls(model, {}, known)
            titles = {label(key): title for key, title in json.loads(str(saved["titles"])).items()}
            i, j = saved["held_out_by"], saved["held_out_item"]
            if not len(i):
                return cls(model, titles, known)
            # Which pairs they are is all that is known, and all that matters here.
            values = np.zeros(len(i), known.values.dtype)
            columns = (i, j, values, known.user_labels, known.item_labels)
            tested = Ratings.from_arrays(dict(zip(FILED, columns, strict=True)))
            return cls(model, titles, known.joined(tested))

    @staticmethod
    def save(path: Path, model: MatrixFactorization, test: Ratings, titles: dict[int, str]) -> None:
        """Write the model, which test pairs exist (a rated film is not to be recommended), titles.

        Those of items that the model does not have are left out.
        """
        known = set(model.ratings_.item_labels.tolist())
        model.save(
            path,
            held_out_by=test.user_index,
            held_out_item=test.item_index,
            titles=json.dumps({label: title for label, title in titles.items() if label in known}),
        )

    def title(self, item: int | str) -> str:
        """The title of an item, or else its label."""
        return self.titles.get(item, str(item))

    def recommend(self, users: NDArray[np.intp], n: int) -> Iterator[list[Recommendation]]:
        """For each row number the n items with the highest predictions that are not rated."""
        for items, predicted in top_items(self.model.predicting_factors, users, n, self.rated):
            labels = self.model.ratings_.item_labels[items].tolist()
            yield list(map(Recommendation, labels, predicted.tolist()))


def titles_beside(ratings: str) -> dict[int, str]:
    """Film titles, where a table of them lies beside the ratings; read before the work."""
    place = find(ratings)
    if place is None:  # a pipe, or a place that only a cluster sees
        return {}
    try:
        return movielens_titles(place)
    except (ValueError, OSError) as error:
        print(f"no titles: the films beside {Path(ratings).name} cannot be read: {in_words(error)}")
        return {}


def row_of(text: str, lookup: RowLookup, labels: NDArray[Any], kind: str) -> int:
    """The row of a label that somebody typed.

    Raises
    ------
    KeyError
        For an unknown one.
    UsageError
        For a word where labels are numbers, or nothing.
    """
    stripped = text.strip()
    if not stripped:
        raise UsageError(f"the {kind} is blank: type an id, such as {labels[0].item()!r}")
    if labels.dtype.kind == "U":
        exact = int(lookup.find([text])[0])
        return exact if exact >= 0 else int(lookup.rows([stripped])[0])
    number = plain_integers([stripped])
    if number is None:
        example = labels[0].item()
        raise UsageError(f"{kind} {text!r}: {kind}s are whole numbers here, such as {example}")
    return int(lookup.rows(number)[0])
