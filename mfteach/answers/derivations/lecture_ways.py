"""The derivations that a ledger knows by name: where each starts, where it ends, and the way.

The way is that of `mfteach.symbolic.lecture`; its lines are what hints are computed from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mfteach.answers.derivations.hints import Path
from mfteach.answers.derivations.routes import ROUTES, Route
from mfteach.symbolic import lecture
from mfteach.symbolic.derivation import Derivation
from mfteach.symbolic.writing import formulas_in_words

__all__ = ["WAYS", "Way", "paths_of", "way_of"]


@dataclass(frozen=True)
class Way:
    """A derivation of the lecture, or a part of one.

    Parameters
    ----------
    derivation : callable
        Builds it, and so proves it.
    last : int
        The number of the line that is the goal, counted from 1.
    zero : bool
        Whether what is derived is to be set to 0, so that a line may be an equation.
    form : str
        In which form the goal is wanted, where that is not known beforehand.
    routes : tuple
        Other ways to the goal.
    """

    derivation: Callable[[], Derivation]
    last: int
    zero: bool = False
    form: str = ""
    routes: tuple[Route, ...] = ()

    @property
    def title(self) -> str:
        """What is derived."""
        return formulas_in_words(self.caption)

    @property
    def caption(self) -> str:
        """What is derived, with formulas between dollars."""
        name = self.derivation().caption
        return f"{name}, {self.form}" if self.form else name

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines from the start to the goal, as LaTeX."""
        return tuple(line.latex for line in self.derivation()[: self.last])

    @property
    def rules(self) -> tuple[str, ...]:
        """Why each of the lines follows, as plain text."""
        return tuple(line.words for line in self.derivation()[: self.last])


_PENALIZED = r"as a sum over the {} plus a term with $\lambda$"
_LINEAR = "as a matrix times {} minus a vector, entry by entry, with $r$, $u$ and $v$ only"
_WEIGHTED = r"as a matrix times {} minus a vector, entry by entry, without $\hat r$"

WAYS: Mapping[str, Way] = {
    "user": Way(lecture.only_user_i, 4),
    "u": Way(lecture.gradient_u, 8, routes=ROUTES["u"]),
    "v": Way(lecture.gradient_v, 5, routes=ROUTES["v"]),
    "ridge": Way(lecture.ridge_u, 3, form=_PENALIZED.format("items"), routes=ROUTES["ridge"]),
    "ridge v": Way(lecture.ridge_v, 3, form=_PENALIZED.format("users"), routes=ROUTES["ridge v"]),
    "biases": Way(lecture.bias_user, 4, routes=ROUTES["biases"]),
    "bias item": Way(lecture.bias_item, 4, routes=ROUTES["bias item"]),
    "normal": Way(lecture.als_u, 4, True, _LINEAR.format("$u_i$"), ROUTES["normal"]),
    "normal v": Way(lecture.als_v, 4, True, _LINEAR.format("$v_j$"), ROUTES["normal v"]),
    "implicit": Way(lecture.implicit_u, 3, True, _WEIGHTED.format("$u_i$")),
    "implicit v": Way(lecture.implicit_v, 3, True, _WEIGHTED.format("$v_j$")),
}
"""The derivations by name.

"user" stops where only user i is left; "u" and "v" are the two halves of the gradient; "ridge" and
"ridge v" have the penalty; "biases" and "bias item" are about b_i and c_j; "normal" and "normal v"
are the normal equations, "implicit" and "implicit v" those of all pairs.
"""


def way_of(name: str) -> Way:
    """Return a derivation by its name.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name not in WAYS:
        raise ValueError(
            f"there is no derivation {name!r}, only {', '.join(WAYS)}; or give a start and a goal: "
            'Ledger(start="dJ/du_is", goal="...")'
        )
    return WAYS[name]


def paths_of(way: Way) -> list[Path]:
    """Return the lecture's way and the other routes, each from the start to the goal."""
    start, goal = way.lines[0], way.lines[-1]
    paths = [Path(way.lines, way.rules)]
    for route in way.routes:
        lines = [line or goal for line, _ in route]
        paths.append(Path((start, *lines), ("", *(step for _, step in route))))
    return paths
