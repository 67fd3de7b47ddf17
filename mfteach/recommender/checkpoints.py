"""Epochs that are written down, so that a fit that was killed goes on from the last of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mfteach.arguments import InputError
from mfteach.arguments import path as path_of
from mfteach.descent import Step, Trace
from mfteach.loss.squared_error import Loss
from mfteach.matrices.factors import OPTIONAL, Factors
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading, write
from mfteach.version import __version__


class Scaled(NamedTuple):
    """The settings that follow the scale of the ratings where nobody gave them, as numbers."""

    regularization: float | tuple[float, float]
    start_scale: float
    learning_rate: float | None  # None for least squares; for "gd" the largest one to try


class Kept(NamedTuple):
    """What a fit had come to: its record, and the settings that it had found."""

    trace: Trace
    scaled: Scaled


class Checkpoint:
    """The last epoch of one fit, in a file of a folder.

    Other ratings and other settings have files of their own, but for the number of epochs: more
    of them go on from fewer.

    Parameters
    ----------
    folder : path
        Made if it is missing.
    settings : mapping
        The arguments of the model.
    ratings, validation : Ratings
        What it learns from, and what it watches.

    Raises
    ------
    ValueError
        For a source of randomness that is no seed: it would give another fit.
    OSError
        If the folder cannot be made.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        settings: Mapping[str, Any],
        ratings: Ratings,
        validation: Ratings | None,
    ) -> None:
        seed = settings["rng"]
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError(
                "goes on with the same random numbers", "Give rng a seed", argument="checkpoint"
            )
        parts = [each.fingerprint() for each in (ratings, validation) if each is not None]
        depends = {name: str(value) for name, value in settings.items() if name != "n_epochs"}
        text = json.dumps([__version__, depends, parts], sort_keys=True)
        place = Path(path_of(folder, "checkpoint"))
        place.mkdir(parents=True, exist_ok=True)
        self._file = place / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.npz"

    def read(
        self, loss_with: Callable[[float | tuple[float, float]], Loss], n_epochs: int
    ) -> Kept | None:
        """What was kept last, if that were no more epochs than are wanted.

        ``loss_with`` gives J with the regularization that had been found: to find it takes longer
        than many an epoch.

        Raises
        ------
        OSError, ValueError
            If the file cannot be read.
        """
        if not self._file.exists():
            return None
        again = "Delete it, and the fit begins again"
        with reading(self._file, "holds no epoch of a fit", again) as saved:
            seconds, rate = saved["seconds"].tolist(), float(saved["learning_rate"])
            if len(seconds) - 1 > n_epochs:
                return None
            strength = saved["regularization"].tolist()
            strength = tuple(strength) if isinstance(strength, list) else strength
            loss = loss_with(strength)
            trace = Trace(seconds=seconds, validation=saved["validation"].tolist())
            trace.last = trace.best = _step(saved, "last", loss)
            if "best_U" in saved:
                trace.best = _step(saved, "best", loss)
            if trace.validation:
                trace._lowest = trace.validation[trace.best.number]
            if "move_U" in saved:
                trace.last.move = _factors(saved, "move")
            rate_found = None if np.isnan(rate) else rate
            return Kept(trace, Scaled(strength, float(saved["start_scale"]), rate_found))

    def keep(self, trace: Trace, scaled: Scaled) -> None:
        """Write the record down; whenever the work is killed, the one before is whole.

        Raises
        ------
        OSError
            If it cannot be written. What was kept before is untouched.
        """
        steps = {"last": trace.last}
        if trace.best is not trace.last:
            steps["best"] = trace.best
        arrays: dict[str, Any] = {
            "seconds": trace.seconds,
            "validation": trace.validation,
            "regularization": scaled.regularization,
            "start_scale": scaled.start_scale,
            "learning_rate": np.nan if scaled.learning_rate is None else scaled.learning_rate,
        }
        for name, step in steps.items():
            arrays[f"{name}_number"], arrays[f"{name}_rate"] = step.number, step.learning_rate
            arrays |= _named(name, step.point)
        if trace.last.move is not None:
            arrays |= _named("move", trace.last.move)
        write(self._file, arrays, {})

    def keeping(self, steps: Iterator[Step], trace: Trace, scaled: Scaled) -> Iterator[Step]:
        """Pass the steps on, and keep the record of each, once it has been made."""
        for step in steps:
            yield step
            self.keep(trace, scaled)


def _named(name: str, factors: Factors) -> dict[str, Any]:
    return {f"{name}_{each}": array for each, array in factors.arrays().items()}


def _factors(saved: Mapping[str, Any], name: str) -> Factors:
    optional = {each: saved[f"{name}_{each}"][()] for each in OPTIONAL if f"{name}_{each}" in saved}
    return Factors(saved[f"{name}_U"], saved[f"{name}_V"], **optional)


def _step(saved: Mapping[str, Any], name: str, loss: Loss) -> Step:
    number, rate = int(saved[f"{name}_number"]), float(saved[f"{name}_rate"])
    return Step(number, _factors(saved, name), loss, rate)
