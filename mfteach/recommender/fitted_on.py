"""What a model was fitted on, in a few words that can be saved and checked."""

from __future__ import annotations

from typing import NamedTuple

from mfteach.matrices.ratings import Ratings
from mfteach.version import __version__


class FittedOn(NamedTuple):
    """The version of mfteach that fitted a model, and the ratings that it was fitted on.

    Attributes
    ----------
    version : str
        Of mfteach.
    shape : tuple of int
        (m, n), the numbers of users and of items.
    n_ratings : int
        How many ratings there were.
    sha256 : str
        The hash of their pairs and values: `mfteach.Ratings.fingerprint`.
    """

    version: str
    shape: tuple[int, int]
    n_ratings: int
    sha256: str

    @classmethod
    def of(cls, ratings: Ratings, version: str = __version__) -> FittedOn:
        """What is to be said of ratings that a model has just been fitted on."""
        return cls(version, ratings.shape, len(ratings), ratings.fingerprint())

    def require(self, ratings: Ratings, place: str) -> None:
        """Refuse other ratings with a ValueError that names their place and what differs."""
        found = FittedOn.of(ratings, self.version)
        for name, wanted, given in zip(self._fields, self, found, strict=True):
            if wanted != given:
                raise ValueError(
                    f"{place} holds other ratings than its model was fitted on: {name} {given} "
                    f"instead of {wanted}. Refit the model"
                )
