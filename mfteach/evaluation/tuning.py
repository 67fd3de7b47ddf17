"""Choosing settings on validation ratings, and opening the test ratings once.

Whoever picks the settings that do best on the test ratings has learned from them, and their
figure is no longer an honest one. So `tune` never sees them, and `Tuned.test` says so when they
are looked at a second time.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from mfteach.arguments import InputError, WrongType, flag, instance, mapping, shown
from mfteach.evaluation.model import Model, require_model
from mfteach.matrices.ratings import Ratings

M = TypeVar("M", bound=Model)

# Fingerprints of the test ratings that have been looked at since Python was started.
_opened: set[str] = set()


class SecondLookWarning(UserWarning):
    """Test ratings were looked at again: their figure has begun to be part of the choice."""


class Trial(NamedTuple):
    """Settings that were tried, and the RMSE on the validation ratings that they reached."""

    settings: dict[str, Any]
    rmse: float


@dataclass(frozen=True)
class Tuned(Generic[M]):
    """What `tune` found.

    Attributes
    ----------
    model : Model
        With the chosen settings, fitted on training and validation ratings together.
    settings : dict
        The chosen settings, the number of epochs and the learning rate (if any) included.
    trials : list of Trial
        Everything that was tried, in order.
    """

    model: M
    settings: dict[str, Any]
    trials: list[Trial]

    def test(self, test: Ratings) -> float:
        """RMSE of the chosen model on test ratings: look once.

        Warns
        -----
        SecondLookWarning
            If these ratings (the same pairs and values) were looked at before, by whatever
            model, since Python was started.
        """
        fingerprint = instance(test, "test", Ratings).fingerprint()
        if fingerprint in _opened:
            warnings.warn(
                "these test ratings have been looked at before: if that has led to other "
                "settings, their figure is too good to be true. Choose on validation ratings, "
                "and hold out a fresh test part",
                SecondLookWarning,
                stacklevel=2,
            )
        _opened.add(fingerprint)
        return -self.model.score(test)


def tune(
    model: M,
    grid: Mapping[str, Sequence[Any]],
    train: Ratings,
    validation: Ratings,
    *,
    progress: bool = False,
) -> Tuned[M]:
    """Try all combinations of settings and keep the one that does best on validation ratings.

    Each trial stops early on the validation ratings, so that the number of epochs is chosen too.
    The best settings are then refitted on both parts together, with as many epochs and at the
    same learning rate.

    Parameters
    ----------
    model : Model
        The settings that are not in the grid; it is not changed. Its ``n_epochs`` is the most
        that any trial takes.
    grid : mapping from a name to the values to try
        Such as ``{"regularization": [4, 8, 16], "n_factors": [10, 20]}``.
    train, validation : Ratings
        Two parts of one set, with the same labels; a third part is for `Tuned.test`.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    Tuned
        The refitted model, its settings, and all trials.

    Raises
    ------
    ValueError
        For an empty grid, an unknown name, or parts with different labels or a common rating.
    """
    require_model(model)
    flag(progress, "progress")
    grid = _as_lists(grid)
    instance(validation, "validation", Ratings)
    both = instance(train, "train", Ratings).joined(validation)  # finds parts that do not fit
    combinations = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    with _bar(len(combinations) + 1, progress) as advance:
        trials = []
        for settings in combinations:
            trials.append(_try(model, settings, train, validation))
            advance()
        chosen = min(trials, key=lambda trial: trial.rmse).settings
        best = _like(model, chosen).fit(both)
        advance()
    return Tuned(best, chosen, trials)


def _as_lists(grid: Any) -> dict[str, list[Any]]:
    """The values to try of each setting, at least one."""
    lists = {}
    for name, values in mapping(grid, "grid").items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise WrongType(
                f"must name the values to try in a list, but {name!r} has {shown(values)}",
                argument="grid",
            )
        lists[name] = list(values)
    if not lists or not all(lists.values()):
        raise InputError(f"holds nothing to try: {shown(lists)}", argument="grid")
    return lists


def _try(model: M, settings: dict[str, Any], train: Ratings, validation: Ratings) -> Trial:
    candidate = _like(model, settings).fit(train, validation=validation)
    # At least one epoch: the start itself is not a model that could be fitted again.
    found: dict[str, Any] = {"n_epochs": max(candidate.trace_.best.number, 1)}
    if candidate.learning_rate_ is not None:
        # As many epochs at another rate would be another model.
        found["learning_rate"] = candidate.learning_rate_
    return Trial(settings | found, min(candidate.trace_.validation))


def _like(model: M, settings: Mapping[str, Any]) -> M:
    like: M = type(model)(**model.get_params()).set_params(**settings)
    return like


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Callable[[], object]]:
    """A bar, if it is wanted, and what moves it on by one."""
    if not shown:
        yield lambda: None
        return
    from tqdm import tqdm

    with tqdm(total=total, desc="choosing the settings", leave=False) as bar:
        yield bar.update
