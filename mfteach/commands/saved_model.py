"""A model as ``mfteach factorize`` saved it: with titles, and with the pairs of its test part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfteach.console import UsageError
from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.labels import RowLookup
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading
from mfteach.recommender.matrix_factorization import MatrixFactorization, Recommendation
from mfteach.recommender.top_items import top_items


class SavedModel(NamedTuple):
    """A model, the titles of its items, and all that its users have rated, test part included.

    Of a model that Python saved there are no titles, and nothing was held out.
    """

    model: MatrixFactorization
    titles: dict[Any, str]
    rated: Ratings

    @classmethod
    def load(cls, path: Path) -> SavedModel:
        """Read a file; raises as `mfteach.MatrixFactorization.load`."""
        model = MatrixFactorization.load(path)
        known = model.ratings_
        with reading(path, "holds no titles and test pairs") as saved:
            if "titles" not in saved:
                return cls(model, {}, known)
            titles = {int(key): title for key, title in json.loads(str(saved["titles"])).items()}
            tested = saved["held_out_by"], saved["held_out_item"]
        # Which pairs they are is all that is known, and all that matters here.
        unread = np.zeros(len(tested[0]), dtype=known.values.dtype)
        labels = known.user_labels, known.item_labels
        return cls(model, titles, known.joined(Ratings.from_indices(*tested, unread, *labels)))

    def title(self, item: int | str) -> str:
        """The title of an item, or else its label."""
        return self.titles.get(item, str(item))

    def recommend(self, users: NDArray[np.intp], n: int) -> Iterator[list[Recommendation]]:
        """For each row number the n items with the highest predictions that are not rated."""
        for items, predicted in top_items(self.model.factors_, users, n, self.rated):
            labels = self.model.ratings_.item_labels[items].tolist()
            yield list(map(Recommendation, labels, predicted.tolist()))


def row_of(text: str, lookup: RowLookup, labels: NDArray[Any], kind: str) -> int:
    """The row of a label that somebody typed.

    Raises
    ------
    KeyError
        For an unknown one.
    UsageError
        For a word where labels are numbers, or nothing.
    """
    text = text.strip()
    if not text:
        raise UsageError(f"the {kind} is blank: type an id, such as {labels[0].item()!r}")
    if labels.dtype.kind == "U":
        return int(lookup.rows([text])[0])
    number = plain_integers([text])
    if number is None:
        example = labels[0].item()
        raise UsageError(f"{kind} {text!r}: {kind}s are whole numbers here, such as {example}")
    return int(lookup.rows(number)[0])
