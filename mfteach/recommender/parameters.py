"""scikit-learn's API for the arguments of a constructor, without scikit-learn."""

from __future__ import annotations

import inspect
from typing import Any, Self


class Parameters:
    """Makes an estimator of a class whose constructor only keeps its arguments, by their names.

    `sklearn.base.clone`, grid search and cross-validation then work on it.
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor, by name; ``deep`` makes no difference."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

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
                raise ValueError(f"there is no parameter {name!r}; there are {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
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
