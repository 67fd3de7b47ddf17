"""Choosing settings on validation ratings, and opening the test ratings once.

Whoever picks the settings that do best on the test ratings has learned from them, and their
figure is no longer an honest one. So `tune` never sees them, and `Tuned.test` says so when they
are looked at a second time.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Generic, Literal, NamedTuple, TypeVar, get_args

from mfteach.arguments import (
    Cure,
    InputError,
    WrongType,
    flag,
    instance,
    mapping,
    one_of,
    real_number,
    shown,
)
from mfteach.arguments.waiting import progress_bar
from mfteach.evaluation.model import Model, require_model
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.evaluation.ranking import rank_held_out
from mfteach.matrices.ratings import Ratings

M = TypeVar("M", bound=Model)

# How many values beyond those of the grid are tried at most.
WIDENED = 10

# Fingerprints of the test ratings that have been looked at since Python was started.
_opened: set[str] = set()


class SecondLookWarning(UserWarning):
    """Test ratings were looked at again: their figure has begun to be part of the choice."""


class Trial(NamedTuple):
    """Settings that were tried, and the RMSE on the validation ratings that they reached."""

    settings: dict[str, Any]
    rmse: float


class RankedTrial(NamedTuple):
    """Settings that were tried, and how well they ranked the validation ratings."""

    settings: dict[str, Any]
    score: float


# From a fitted model and held-out ratings to a figure, the higher the better; by name, a field of
# `mfteach.evaluation.RankingFigures` at 10.
Scorer = Callable[[Any, Ratings], float]
Scoring = Literal["ndcg", "precision", "recall"]
SCORINGS: tuple[Scoring, ...] = get_args(Scoring)


@dataclass(frozen=True)
class Tuned(Generic[M]):
    """What `tune` found.

    Attributes
    ----------
    model : Model
        With the chosen settings, fitted on training and validation ratings together.
    settings : dict
        The chosen settings, the number of epochs and the learning rate (if any) included.
    trials : list of Trial, or of RankedTrial
        Everything that was tried, in order.
    """

    model: M
    settings: dict[str, Any]
    trials: Sequence[Trial | RankedTrial]
    _scorer: Scorer | None = field(default=None, repr=False)

    def test(self, test: Ratings) -> float:
        """RMSE of the chosen model on test ratings, or what it was chosen by: look once.

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
        return -self.model.score(test) if self._scorer is None else self._scorer(self.model, test)


def tune(
    model: M,
    grid: Mapping[str, Sequence[Any]],
    train: Ratings,
    validation: Ratings,
    *,
    widen: Collection[str] = (),
    progress: bool = False,
    scoring: Scoring | Scorer | None = None,
    checkpoint: str | PathLike[str] | None = None,
) -> Tuned[M]:
    """Try all combinations of settings and keep the one that does best on validation ratings.

    Each trial stops early on the validation ratings, so that the number of epochs is chosen too.
    The best settings are then refitted on both parts together, with as many epochs and at the
    same learning rate. With ``scoring`` nothing stops early, and the number of epochs is a setting
    like all others.

    Parameters
    ----------
    model : Model
        The settings that are not in the grid; it is not changed. Its ``n_epochs`` is the most
        that any trial takes. With ``scoring`` any model of scikit-learn's kind will do, such as
        `mfteach.ImplicitFactorization`.
    grid : mapping from a name to the values to try
        Such as ``{"regularization": [4, 8, 16], "n_factors": [10, 20]}``.
    train, validation : Ratings
        Two parts of one set, with the same labels; a third part is for `Tuned.test`.
    widen : collection of str
        Names in the grid whose values are positive numbers. While the best value so far is the
        smallest or the largest tried, one beyond it is tried, at the same ratio, `WIDENED` times
        at most. A rate so large that descent diverges ends this.
    progress : bool
        Whether to show a bar.
    scoring : {"ndcg", "precision", "recall"} or callable, optional
        What is to be high instead of the RMSE low: how well the validation ratings of 4 or more
        are ranked (`mfteach.evaluation.rank_held_out`, at 10), or a function from the fitted
        model and the validation ratings to a number, the higher the better.
    checkpoint : path, optional
        A folder that every fit gets as its ``checkpoint``: what was killed goes on from there.

    Returns
    -------
    Tuned
        The refitted model, its settings, and all trials.

    Raises
    ------
    ValueError
        For an empty grid, an unknown name, or parts with different labels or a common rating.

    Warns
    -----
    NothingLearnedWarning
        If even the best trial, fitted again, learned nothing, or predicts the validation ratings
        no better than mean and biases alone; see `mfteach.MatrixFactorization.fit`.
    """
    require_model(model)
    flag(progress, "progress")
    scorer = _as_scorer(scoring)
    if scorer is None and "validation" not in inspect.signature(model.fit).parameters:
        raise InputError(
            f"{type(model).__name__} cannot be chosen by the RMSE, for it predicts no ratings",
            "Choose it by its ranking",
            cures=(Cure("scoring", "ndcg"),),
        )
    keeping: dict[str, Any] = {} if checkpoint is None else {"checkpoint": checkpoint}
    if keeping and "checkpoint" not in inspect.signature(model.fit).parameters:
        raise InputError(
            f"{type(model).__name__} keeps no epochs", "Leave it out", argument="checkpoint"
        )
    grid = _as_lists(grid)
    widen = _as_names(widen, grid)
    instance(validation, "validation", Ratings)
    both = instance(train, "train", Ratings).joined(validation)  # finds parts that do not fit
    combinations = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    with _bar(len(combinations) + 1, progress) as advance:
        tried = []
        for settings in combinations:
            tried.append(_try(model, settings, train, validation, scorer, keeping))
            advance()
        for name in widen:
            _go_beyond_the_edge(model, name, tried, train, validation, scorer, keeping)
        best = _best(tried)
        for warning in best.warnings:
            warnings.warn(warning, stacklevel=2)
        fitted = _like(model, best.trial.settings).fit(both, **keeping)
        advance()
    return Tuned(fitted, best.trial.settings, [each.trial for each in tried], scorer)


def _as_scorer(scoring: Any) -> Scorer | None:
    if scoring is None:
        return None
    if callable(scoring):
        scorer: Scorer = scoring
        return scorer
    name = one_of(scoring, "scoring", SCORINGS)
    return lambda model, held_out: float(getattr(rank_held_out(model, held_out), name))


def _as_names(widen: Any, grid: Mapping[str, Any]) -> list[str]:
    if isinstance(widen, str) or not isinstance(widen, Iterable):
        raise WrongType(
            f"must be a list of names in the grid, but is {shown(widen)}", argument="widen"
        )
    return [one_of(name, "widen", tuple(grid)) for name in widen]


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


class _Tried(NamedTuple):
    """The values from the grid, what came of them, and what is to be said if they win."""

    asked: dict[str, Any]
    trial: Trial | RankedTrial
    warnings: list[NothingLearnedWarning]

    @property
    def goodness(self) -> float:
        """The higher, the better."""
        return -self.trial.rmse if isinstance(self.trial, Trial) else self.trial.score


def _best(tried: Sequence[_Tried]) -> _Tried:
    return max(tried, key=lambda each: each.goodness)


def _try(
    model: M,
    settings: dict[str, Any],
    train: Ratings,
    validation: Ratings,
    scorer: Scorer | None,
    keeping: Mapping[str, Any],
) -> _Tried:
    candidate = _like(model, settings)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if scorer is None:
            candidate.fit(train, validation=validation, **keeping)
        else:
            candidate.fit(train, **keeping)
    beaten = []
    for message in (entry.message for entry in caught):
        if not isinstance(message, NothingLearnedWarning):
            warnings.warn(message, stacklevel=3)
        elif message.kind == "beaten":  # of the rest the last fit, to both parts, says the same
            beaten.append(message)
    if scorer is not None:
        score = real_number(scorer(candidate, validation), "what scoring gives")
        return _Tried(settings, RankedTrial(settings, score), beaten)
    # At least one epoch: the start itself is not a model that could be fitted again.
    found: dict[str, Any] = {"n_epochs": max(candidate.trace_.best.number, 1)}
    if candidate.learning_rate_ is not None:
        # As many epochs at another rate would be another model.
        found["learning_rate"] = candidate.learning_rate_
    return _Tried(settings, Trial(settings | found, min(candidate.trace_.validation)), beaten)


def _go_beyond_the_edge(
    model: M,
    name: str,
    tried: list[_Tried],
    train: Ratings,
    validation: Ratings,
    scorer: Scorer | None,
    keeping: Mapping[str, Any],
) -> None:
    """Add trials, one after the other, as long as the best value of a setting is extreme."""
    for _ in range(WIDENED):
        asked = _best(tried).asked
        value = _beyond(asked[name], {each.asked[name] for each in tried})
        if value is None:
            return
        try:
            tried.append(_try(model, asked | {name: value}, train, validation, scorer, keeping))
        except ArithmeticError:  # a rate beyond the edge that diverges is none to choose
            return


def _beyond(best: float, tried: set[float]) -> float | None:
    """The next value, of four digits, if the best is the first or last of several, else None."""
    values = sorted(tried)
    if len(values) == 1 or best not in (values[0], values[-1]):
        return None
    beside = values[1] if best == values[0] else values[-2]
    return float(f"{best * best / beside:.4g}")


def _like(model: M, settings: Mapping[str, Any]) -> M:
    like: M = type(model)(**model.get_params()).set_params(**settings)
    return like


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Callable[[], object]]:
    """A bar, if it is wanted, and what moves it on by one."""
    if not shown:
        yield lambda: None
        return
    with progress_bar(total=total, desc="choosing the settings", leave=False) as bar:
        yield bar.update
