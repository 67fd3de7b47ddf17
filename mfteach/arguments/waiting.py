"""The bar that whoever waits is shown, in a terminal or in a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

MOMENT = 2.0
"""Seconds before a bar appears: nobody waits for less."""


def progress_bar(*things: Iterable[Any], **settings: Any) -> Any:
    """Return a bar of tqdm's; in a notebook, too, there is none where ``TQDM_DISABLE`` is set.

    Tqdm's own bar for notebooks takes no notice of that variable.
    """
    from tqdm.auto import tqdm  # loaded when it is shown: it asks for widgets

    return tqdm(*things, disable=bool(os.environ.get("TQDM_DISABLE")), **settings)
