"""What an assignment asks: its question file, and the checks that know the right answers.

The question file (``questions/NAME.toml``) says what may be seen: kind, points, hint, parameters.
The checks (``checks/NAME.py``) compute from the parameters what is right, and which slip leads to
which wrong answer. Checks are never released, and never enter a student's process.
"""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mfteach.answers.formulas import parse_formula
from mfteach.answers.numbers import near
from mfteach.grading.assignments.properties import EVERY, Property

if TYPE_CHECKING:
    import sympy

    from mfteach.answers.choices import Question as Proved

__all__ = [
    "Check",
    "Choice",
    "Derivation",
    "Formula",
    "Implementation",
    "Number",
    "Question",
    "Slip",
    "in_quarters",
    "label_of",
    "source_of",
]

LEAST_SLIPS = 3


# What is right, and what the slips give ----------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """A plausible wrong answer.

    Parameters
    ----------
    label : str
        A few words for the class report, such as "sign lost".
    answer : str, number, list, sympy.Expr or callable
        What a student who makes this slip gets; of the same kind as the right answer.
    diagnosis : str
        A sentence for the student that never contains the right answer. Of a derivation: how the
        message about its first false line begins.
    points : float
        What the slip leaves. In a derivation it is written here; else the question file says it.
    """

    label: str
    answer: Any
    diagnosis: str
    points: float = 0


@dataclass(frozen=True)
class Choice:
    """One right option and wrong ones, as Markdown; `variants.draw` assigns the letters.

    Parameters
    ----------
    right : str
    slips : sequence of Slip
    in_order : sequence of str
        All options, where their order means something, such as the lines of a derivation; without
        it, they are shuffled.
    """

    right: str
    slips: Sequence[Slip]
    in_order: Sequence[str] = ()

    def __post_init__(self) -> None:
        options = {self.right, *(slip.answer for slip in self.slips)}
        if self.in_order and set(self.in_order) != options:
            raise ValueError("in_order must hold the right option and those of the slips")

    @classmethod
    def of(cls, question: Proved, labels: Mapping[str, str] | None = None) -> Choice:
        """Build it from a question whose key and diagnoses are computed.

        Parameters
        ----------
        question : mfteach.answers.choices.Question
        labels : mapping of the question's letters to str, optional
            Short labels; without them `label_of` shortens the diagnosis.
        """
        labels = labels or {}
        wrong = [letter for letter in question.options if letter != question.key]
        return cls(
            question.shown(question.key),
            [
                Slip(
                    labels.get(letter) or label_of(question.diagnosis(letter)),
                    question.shown(letter),
                    question.diagnosis(letter),
                )
                for letter in wrong
            ],
        )


@dataclass(frozen=True)
class Formula:
    """A right formula, decided by equivalence, never by string.

    Parameters
    ----------
    right : sympy.Expr or str
        A string is read as a student's formula, with the symbols of the question.
    slips : sequence of Slip
    function, variable : sympy.Expr and sympy.Symbol, optional
        What was differentiated, and with respect to what: then the grid of slips of
        `mfteach.answers.comparison.compare` is tried after the explicit ones.
    """

    right: sympy.Expr | str
    slips: Sequence[Slip]
    function: sympy.Expr | None = None
    variable: sympy.Symbol | None = None


@dataclass(frozen=True)
class Number:
    """A right number, or a nested list of them.

    Parameters
    ----------
    right : float or list
    slips : sequence of Slip
    tolerance : float
        How far off an entry may be, relative to itself: four digits are enough.
    computed : bool
        Whether the student computes it by code: then it need not be easy to type.
    """

    right: Any
    slips: Sequence[Slip]
    tolerance: float = 1e-3
    computed: bool = False


@dataclass(frozen=True)
class Implementation:
    """A function to be written, judged by what it returns.

    Parameters
    ----------
    reference : callable
        Returns the right values. It and the slips use nothing but ``np``.
    inputs : callable
        Draws a list of argument tuples (numbers, NumPy arrays, lists of these) from a Generator.
        Each set contains the draws that decide: an empty row, a tie, whatever a slip or a property
        needs to show.
    slips : sequence of Slip
        Their answers are functions, written as a student might write them.
    properties : sequence of Property
        What earns a share where not everything is right.
    tolerance : float
        How far off an entry may be, relative to the largest entry of a right value (or to 1, if
        that is larger).
    """

    reference: Callable[..., Any]
    inputs: Callable[[np.random.Generator], list[tuple[Any, ...]]]
    slips: Sequence[Slip]
    properties: Sequence[Property] = ()
    tolerance: float = 1e-6


@dataclass(frozen=True)
class Derivation:
    """A derivation, judged line by line: whatever its way, and with points for each milestone.

    Parameters
    ----------
    right : str
        One that earns all points, a line a row.
    slips : sequence of Slip
        Derivations with a false line. What is said about them is computed, not taken from here.
    padded : sequence of Slip
        Derivations whose lines are all true, and which do not show the steps: the goal alone, lines
        that are repeated or renamed, a 0 that is added.
    """

    right: str
    slips: Sequence[Slip]
    padded: Sequence[Slip]


Check = Choice | Formula | Number | Implementation | Derivation
_CHECKS: dict[str, type[Any]] = {
    "choice": Choice,
    "formula": Formula,
    "number": Number,
    "function": Implementation,
    "derivation": Derivation,
}


def label_of(diagnosis: str) -> str:
    """Shorten a diagnosis of the grid of slips to a label for the class report.

    Examples
    --------
    >>> label_of("Your exponent is right, but the factor has the wrong sign.")
    'the factor has the wrong sign'
    """
    first = re.split(r"(?<=[.!?])\s", diagnosis.strip(), maxsplit=1)[0].rstrip(".:")
    return re.sub(r"^Your (exponent|factor) is right, but ", "", first)


def source_of(function: Callable[..., Any], name: str) -> str:
    """Return the source code of a function, under another name.

    Raises
    ------
    ValueError
        If it is a lambda, or has a decorator.
    """
    code = textwrap.dedent(inspect.getsource(function))
    renamed, count = re.subn(rf"^def {function.__name__}\(", f"def {name}(", code, count=1)
    if not count:
        raise ValueError(f"{function.__name__} must be written with def, without decorators")
    return renamed.rstrip()


def in_quarters(points: float) -> float:
    """Round points down to quarters, in which all shares are counted."""
    return math.floor(points * 4 + 1e-9) / 4


# Questions ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Question:
    """One question: what is printed, and the function that knows what is right.

    Parameters
    ----------
    name : str
        "q1", "q2", ...
    kind : str
        "choice", "formula", "number", "function", "derivation" or "text".
    points : int
    rows, misconception, hint : str
        Rows of the lecture; the misconception, with its number or row; printed under the question.
    parameters : mapping of str to list
        What a variant draws, and the list that each is drawn from.
    facts : mapping
        What only this kind has: symbols, function, by, shape, name, contract, words, start, goal,
        letters, milestones.
    shares : mapping of str to float
        Of a function: the points of each property, and of `EVERY`.
    slips : mapping of str to float
        The points that slips leave, by their labels.
    few : str
        Why a class gets fewer than 20 different right answers, if it does.
    build : callable or None
        Parameters as keywords -> `Check`; None for a text, which is marked by hand.
    printed : callable or None
        Parameters as keywords -> further placeholders and their texts (the checks' ``q1_printed``).
    """

    name: str
    kind: str
    points: int
    rows: str
    misconception: str
    hint: str
    parameters: Mapping[str, list[Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    slips: Mapping[str, float] = field(default_factory=dict)
    few: str = ""
    build: Callable[..., Check] | None = None
    printed: Callable[..., Mapping[str, str]] | None = None

    def check(self, parameters: Mapping[str, Any]) -> Check | None:
        """Return the right answer and the slips for these parameters; None for a text.

        Raises
        ------
        ValueError
            If it is not of the question's kind, if there are fewer than three slips, if two of
            them share a label or a diagnosis, or if the question file has points for other slips
            or properties than there are.
        """
        if self.build is None:
            return None
        check = self.build(**parameters)
        if not isinstance(check, _CHECKS[self.kind]):
            raise ValueError(
                f"{self.name} is a {self.kind}, so its check must return "
                f"{_CHECKS[self.kind].__name__}, not {type(check).__name__}"
            )
        _examine(self.name, check.slips)
        if isinstance(check, Derivation):
            _examine(self.name, check.padded)
            return check
        self._examine_shares(check)
        if isinstance(check, Formula):
            check = self._read(check)
        slips = [replace(slip, points=self._left(check, slip)) for slip in check.slips]
        return replace(check, slips=slips)

    def _left(self, check: Check, slip: Slip) -> float:
        """Return what a slip leaves: what the file says, or more if whole entries are right."""
        left = self.slips.get(slip.label, 0)
        if not isinstance(check, Number):
            return left
        return max(left, self.points_of_entries(slip.answer, check))

    def points_of_entries(self, answer: Any, check: Number) -> float:
        """Return what the right entries of a wrong list are worth: each counts by itself."""
        right = near(answer, check.right, check.tolerance)
        return in_quarters(self.points * float(right.mean())) if right.ndim else 0

    def _examine_shares(self, check: Check) -> None:
        labels = {slip.label for slip in check.slips}
        where = f"{self.name}, slips: "
        for label in self.slips:
            if label not in labels:
                raise ValueError(f"{where}there is no slip {label!r}, only {', '.join(labels)}")
        if not isinstance(check, Implementation):
            return
        for label in labels - set(self.slips):
            raise ValueError(f"{where}say what the slip {label!r} leaves, if only 0")
        names = {*(each.name for each in check.properties), EVERY}
        if set(self.shares) - {EVERY} != names - {EVERY}:
            raise ValueError(
                f"{self.name}, shares: these are for {sorted(self.shares)}, but the check has the "
                f"properties {sorted(names)}"
            )

    def _read(self, check: Formula) -> Formula:
        """Turn typed formulas into expressions."""

        def read(formula: Any) -> Any:
            if not isinstance(formula, str):
                return formula
            return parse_formula(formula, self.facts["symbols"].split())

        slips = [replace(slip, answer=read(slip.answer)) for slip in check.slips]
        return replace(check, right=read(check.right), slips=slips)


def _examine(name: str, slips: Sequence[Slip]) -> None:
    if len(slips) < LEAST_SLIPS:
        raise ValueError(f"{name} has {len(slips)} slips; at least {LEAST_SLIPS} are needed")
    for part in ("label", "diagnosis"):
        words = [getattr(slip, part) for slip in slips]
        for word in words:
            if not word or words.count(word) > 1:
                raise ValueError(
                    f"{name}: each slip needs its own {part}, but two share {word!r}"
                    if word
                    else f"{name}: a slip has no {part}"
                )
