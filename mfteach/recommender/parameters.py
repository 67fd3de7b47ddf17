"""scikit-learn's API for the arguments of a constructor, without scikit-learn."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, NamedTuple, Self

from mfteach.arguments import Cure, InputError, shown

# The settings of a model that the functions behind it call otherwise.
RENAMED = {"method": "solver"}


class OfModel(NamedTuple):
    """The interface of a model: its settings, and what only `mfteach.Ratings` takes.

    Attributes
    ----------
    settings : frozenset of str
        The arguments of its constructor.
    """

    settings: frozenset[str]

    def name(self, argument: str) -> str:
        """A setting is called what it is called; the values of ratings are y."""
        return "y" if argument == "values" else argument

    def words(self, cure: Cure) -> str:
        """A change of a setting, or a `Ratings` to give in place of labels and values."""
        argument = RENAMED.get(cure.argument, cure.argument)
        setting = f"{argument}={cure.value!r}"
        if argument in self.settings:
            return f"set_params({setting})"
        return f"Ratings(users, items, values, {setting})"


class NotFitted(InputError, AttributeError):
    """Something needs a fit first; an AttributeError, so that `hasattr` says what is there."""


def not_fitted(model: object) -> ValueError:
    """The error for what needs a fit first: scikit-learn's own, where scikit-learn is loaded."""
    message = f"this {type(model).__name__} is not fitted yet: call fit first"
    if "sklearn" not in sys.modules:
        return NotFitted(message)
    from sklearn.exceptions import NotFittedError

    error: ValueError = NotFittedError(message)
    return error


class Parameters:
    """Makes an estimator of a class whose constructor only keeps its arguments, by their names.

    `sklearn.base.clone`, grid search and cross-validation then work on it.
    """

    _arguments: ClassVar[Mapping[str, inspect.Parameter]]

    def __init_subclass__(cls) -> None:
        """Look once at the arguments of the constructor: they are asked for at each prediction."""
        cls._arguments = inspect.signature(cls).parameters

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor, by name; ``deep`` makes no difference."""
        return {name: getattr(self, name) for name in self._arguments}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor, by name; return the model itself.

        Raises
        ------
        ValueError
            For a name that is no argument; the message lists those that are.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise InputError(
                    f"there is no parameter {shown(name)}; there are {', '.join(known)}",
                    cures=tuple(Cure(close, value) for close in get_close_matches(name, known, 1)),
                )
            setattr(self, name, value)
        return self

    @property
    def _interface(self) -> OfModel:
        """What its errors are worded for."""
        return OfModel(frozenset(self.get_params()))

    def __repr__(self) -> str:
        defaults = self._arguments
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks for; only it ever calls this, so it is there to be imported."""
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(categorical=True, string=True),
        )
