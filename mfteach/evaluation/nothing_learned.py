"""What is said when learning ends without an error, and without a use."""

from __future__ import annotations

from typing import Literal

# collapsed: the penalty shrank all factors to 0. unmoved: descent never left its start.
# beaten: the factors predict held-out ratings worse than the biases alone.
Kind = Literal["collapsed", "unmoved", "beaten"]


class NothingLearnedWarning(UserWarning):
    """Nothing useful was learned, though nothing failed; the message names a cure.

    Attributes
    ----------
    kind : {"collapsed", "unmoved", "beaten"}
        All factors were shrunk to 0; descent never left its start; the factors predict held-out
        ratings worse than the biases alone.
    """

    def __init__(self, message: str, kind: Kind) -> None:
        super().__init__(message)
        self.kind: Kind = kind
