"""What a file says about a model besides its factors and its ratings, also an older file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np

from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading
from mfteach.recommender.fitted_on import FittedOn
from mfteach.version import __version__

# The version whose files do not say what wrote them, nor on what the model was fitted.
FIRST = "0.1.0"


def written(params: Mapping[str, Any], fitted_on: FittedOn) -> dict[str, Any]:
    """The settings of a model, and what it was fitted on, as texts by name.

    A source of randomness is written as None: it has moved on, and would not start again.

    Raises
    ------
    ValueError
        For a setting that no file can hold; the message names it.
    """
    settings = {name: _plain(name, value) for name, value in params.items()}
    return {"params": json.dumps(settings), "fitted_on": json.dumps(fitted_on)}


def _plain(name: str, value: Any) -> Any:
    """The same value without NumPy: whoever tunes over ``np.arange`` has it in the settings."""
    if isinstance(value, np.generic | np.ndarray):
        return _plain(name, value.tolist())
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, tuple | list):
        return [_plain(name, each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, (Real, Decimal)):  # such as a Fraction
        return float(value)
    if name == "rng":
        return None
    raise ValueError(f"{name}={value!r} cannot be saved: set it to a number, a text or None")


def require_kind(path: str | PathLike[str], kind: str) -> None:
    """Refuse the file of another class of models with a ValueError that names it."""
    found = kind_of(path)
    if found not in (kind, None):
        raise ValueError(f"{path} holds no {kind}: read it by mfteach.{found}.load")


def kind_of(path: str | PathLike[str]) -> str | None:
    """The name of the class that saved a model, or None of a file that holds no model.

    Raises as `mfteach.matrices.saved.reading`.
    """
    with reading(path, "holds no factors") as saved:
        if "params" not in saved:
            return None
        # What has no name of a class is older than there were two.
        return str(saved["model"]) if "model" in saved else "MatrixFactorization"


def read_settings(saved: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the constructor; ``known`` are those of this version.

    Raises
    ------
    ValueError
        If there are none, or if a newer version wrote others.
    """
    if "params" not in saved:
        raise ValueError(
            "read them by mfteach.Factors.load, or fit a model to the ratings and save that"
        )
    params: dict[str, Any] = json.loads(str(saved["params"]))
    if "fitted_on" not in saved:
        params = _of_the_first_version(params)
    news = params.keys() - known.keys()
    if news:
        version = json.loads(str(saved["fitted_on"]))[0]
        raise ValueError(
            f"version {version} of mfteach wrote it, with a setting {min(news)!r} that version "
            f"{__version__} does not have: install version {version}"
        )
    if isinstance(params["regularization"], list):
        params["regularization"] = tuple(params["regularization"])
    return params


def _of_the_first_version(params: dict[str, Any]) -> dict[str, Any]:
    """The settings that say today what these said then."""
    params = {"momentum": 0.0} | params  # there was none
    if params["biases"] == "joint":
        params["biases"] = "learned"
    if params["solver"] in ("als", "cg"):  # which ignored the rate
        del params["learning_rate"]
    return params


def read_fitted_on(saved: Mapping[str, Any], ratings: Ratings) -> FittedOn:
    """What the file says that the model was fitted on; of an older file, what it holds."""
    if "fitted_on" not in saved:
        return FittedOn.of(ratings, FIRST)
    version, shape, n_ratings, sha256 = json.loads(str(saved["fitted_on"]))
    return FittedOn(version, tuple(shape), n_ratings, sha256)
