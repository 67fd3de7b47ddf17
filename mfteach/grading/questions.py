"""What an assignment asks: its question file, and the checks that know the right answers.

The question file (``questions/NAME.toml``) says what may be seen: kind, points, hint, parameters.
The checks (``checks/NAME.py``) compute from the parameters what is right, and which slip leads to
which wrong answer. Checks are never released, and never enter a student's process.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sympy

    from mfteach.symbolic.question import Question as Proved

__all__ = [
    "Assignment",
    "Check",
    "Choice",
    "Formula",
    "Implementation",
    "Number",
    "Question",
    "QuestionFileError",
    "Slip",
    "agree",
    "assignment_names",
    "label_of",
]

LEAST_SLIPS = 3
_NAME = re.compile(r"\d\d-[a-z0-9-]+")
_COMMON = {"kind": str, "points": int, "rows": str, "misconception": str, "hint": str}
_FACTS: dict[
    str, tuple[dict[str, type], dict[str, type]]
] = {  # what a kind needs, what it may have
    "choice": ({}, {}),
    "formula": ({"symbols": str}, {"function": str, "by": str}),
    "number": ({"shape": list}, {}),
    "function": ({"name": str}, {"contract": str}),
    "text": ({}, {"words": list}),
}
_WORDS = {str: "a text", int: "a whole number", list: "a list", dict: "a table"}


class QuestionFileError(ValueError):
    """A question file or its checks cannot be used; names the file, the question and the key."""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        super().__init__(f"{file}, {where}: {problem}" if where else f"{file}: {problem}")


# What is right, and what the slips give ----------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """A plausible wrong answer.

    Parameters
    ----------
    label : str
        A few words for the class report, such as "sign lost".
    answer : str, number, list, sympy.Expr or callable
        What a student gets who makes this slip; of the same kind as the right answer.
    diagnosis : str
        A sentence for the student that never contains the right answer.
    """

    label: str
    answer: Any
    diagnosis: str


@dataclass(frozen=True)
class Choice:
    """One right option and wrong ones, as Markdown; `variants.draw` deals the letters."""

    right: str
    slips: Sequence[Slip]

    @classmethod
    def of(cls, question: Proved, labels: Mapping[str, str] | None = None) -> Choice:
        """Take over a question whose key and diagnoses are computed.

        Parameters
        ----------
        question : mfteach.symbolic.question.Question
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
        A text is read as a student's is, with the symbols of the question.
    slips : sequence of Slip
    function, variable : sympy.Expr and sympy.Symbol, optional
        What was differentiated, and by what: with it the grid of slips of
        `mfteach.symbolic.formulas.compare` stands behind the explicit ones.
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
        How far off an entry may be, relative to the largest entry of ``right`` (or to 1, if that
        is larger).
    computed : bool
        Whether the student computes it by code: then it need not be a number that is nice to type.
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
        Returns the right values. It and the slips need nothing but ``np``.
    inputs : callable
        Draws a list of argument tuples (numbers, NumPy arrays, lists of these) from a Generator.
    slips : sequence of Slip
        Their answers are functions, written as a student might write them.
    tolerance : float
        As for `Number`.
    """

    reference: Callable[..., Any]
    inputs: Callable[[np.random.Generator], list[tuple[Any, ...]]]
    slips: Sequence[Slip]
    tolerance: float = 1e-6


Check = Choice | Formula | Number | Implementation
_CHECKS: dict[str, type[Any]] = {
    "choice": Choice,
    "formula": Formula,
    "number": Number,
    "function": Implementation,
}


def agree(given: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two values have the same shape, and entries that differ by no more than tolerance.

    The tolerance is relative to the largest entry of ``wanted``, or to 1 if that is larger. Tuples
    and lists of arrays are compared part by part.
    """
    if isinstance(wanted, tuple):
        return (
            isinstance(given, tuple | list)
            and len(given) == len(wanted)
            and all(agree(g, w, tolerance) for g, w in zip(given, wanted, strict=True))
        )
    try:
        left, right = np.asarray(given, dtype=float), np.asarray(wanted, dtype=float)
    except (TypeError, ValueError):  # no numbers, or lists of unequal length
        return False
    if left.shape != right.shape:
        return False
    if right.size == 0:
        return True
    off = tolerance * max(1.0, float(np.max(np.abs(right))))
    return bool(np.all(np.abs(left - right) <= off))  # false for NaN


def label_of(diagnosis: str) -> str:
    """Shorten a diagnosis of the grid of slips to a label for the class report.

    Examples
    --------
    >>> label_of("Your exponent is right, but the factor has the wrong sign.")
    'the factor has the wrong sign'
    """
    first = re.split(r"(?<=[.!?])\s", diagnosis.strip(), maxsplit=1)[0].rstrip(".:")
    return re.sub(r"^Your (exponent|factor) is right, but ", "", first)


# Questions ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Question:
    """One question: what is printed, and the function that knows what is right.

    Parameters
    ----------
    name : str
        "q1", "q2", ...
    kind : str
        "choice", "formula", "number", "function" or "text".
    points : int
    rows, misconception, hint : str
        Rows of the lecture; the misconception, with its number or row; printed under the question.
    parameters : mapping of str to list
        What a variant draws, and the list that each is drawn from.
    facts : mapping
        What only this kind has: symbols, function, by, shape, name, contract, words.
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
    build: Callable[..., Check] | None = None
    printed: Callable[..., Mapping[str, str]] | None = None

    def check(self, parameters: Mapping[str, Any]) -> Check | None:
        """Return the right answer and the slips for these parameters; None for a text.

        Raises
        ------
        ValueError
            If it is of another kind than the question, or its slips are fewer than three or share
            a label or a diagnosis.
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
        return self._read(check) if isinstance(check, Formula) else check

    def _read(self, check: Formula) -> Formula:
        """Turn typed formulas into expressions."""
        from mfteach.symbolic.formulas import parse_formula

        def read(formula: Any) -> Any:
            return (
                parse_formula(formula, self.facts["symbols"].split())
                if (isinstance(formula, str))
                else formula
            )

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
                    f"{name}: each slip needs a {part} of its own, not {word!r} twice"
                    if word
                    else f"{name}: a slip has no {part}"
                )


# Assignments -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Assignment:
    """The questions of one lesson, in order.

    Parameters
    ----------
    name : str
        Also the name of its folders and files, such as "03-power-rule".
    title, lesson : str
    questions : tuple of Question
    """

    name: str
    title: str
    lesson: str
    questions: tuple[Question, ...]

    @classmethod
    def load(cls, course: Path, name: str) -> Assignment:
        """Read ``questions/NAME.toml`` and ``checks/NAME.py`` below the folder of the course.

        Raises
        ------
        QuestionFileError
            If one of them is missing or cannot be used.
        """
        file = Path(course) / "questions" / f"{name}.toml"
        if not _NAME.fullmatch(name):  # a command of mfteach-grade is never taken for one
            raise QuestionFileError(file, "", "call it NN-name, such as 03-power-rule")
        checks = Path(course) / "checks" / f"{name}.py"
        if not file.is_file():
            known = ", ".join(assignment_names(course)) or "none"
            raise QuestionFileError(file, "", f"there is no such file; the course has: {known}")
        if not checks.is_file():
            raise QuestionFileError(checks, "", "there is no such file: write the checks")
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise QuestionFileError(file, "", f"this is not TOML: {error}") from error
        return cls(name, *_read_assignment(file, table, _run(checks)))

    def __getitem__(self, name: str) -> Question:
        """Return the question with this name; a KeyError names those that exist."""
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(
            f"{self.name} has no question {name!r}, only "
            + ", ".join(question.name for question in self.questions)
        )

    @property
    def points(self) -> int:
        """The points of all questions together."""
        return sum(question.points for question in self.questions)


def assignment_names(course: Path) -> list[str]:
    """Return the names of all assignments that have a question file, in order."""
    return sorted(file.stem for file in (Path(course) / "questions").glob("*.toml"))


def _run(file: Path) -> ModuleType:
    """Run the checks, without leaving compiled files beside them."""
    module = ModuleType(f"checks of {file.stem}")
    module.__file__ = str(file)
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module.__dict__)
    return module


def _read_assignment(
    file: Path, table: dict[str, Any], checks: ModuleType
) -> tuple[str, str, tuple[Question, ...]]:
    title, lesson = (_take(file, "at the top", table, key, str) for key in ("title", "lesson"))
    expected = [f"q{number}" for number in range(1, len(table) + 1)]
    if list(table) != expected:
        raise QuestionFileError(
            file, "", f"the questions must be {', '.join(expected)}, not {', '.join(table)}"
        )
    extra = set(vars(checks)) & {f"q{number}" for number in range(1, 100)} - set(table)
    if extra:
        raise QuestionFileError(file, "", f"the checks have {', '.join(extra)}, this file has not")
    return title, lesson, tuple(_read_question(file, name, table[name], checks) for name in table)


def _read_question(file: Path, name: str, table: Any, checks: ModuleType) -> Question:
    if not isinstance(table, dict):
        raise QuestionFileError(file, name, "this must be a table: [" + name + "]")
    entries = dict(table)
    common = {key: _take(file, name, entries, key, kind) for key, kind in _COMMON.items()}
    if common["kind"] not in _FACTS:
        kinds = ", ".join(_FACTS)
        raise QuestionFileError(file, f"{name}, kind", f"{common['kind']!r} is none of {kinds}")
    if common["points"] < 1:
        raise QuestionFileError(file, f"{name}, points", "a question has at least 1 point")
    if not re.match(r"(S?\d+): \S", common["misconception"]):
        raise QuestionFileError(
            file, f"{name}, misconception", 'begin with its number or row: "1: ..." or "S30: ..."'
        )
    parameters = _read_parameters(file, name, entries)
    facts = _read_facts(file, name, common["kind"], entries)
    build, printed = getattr(checks, name, None), getattr(checks, f"{name}_printed", None)
    _match(file, name, common["kind"], build, parameters)
    return Question(
        name, **common, parameters=parameters, facts=facts, build=build, printed=printed
    )


def _read_parameters(file: Path, name: str, entries: dict[str, Any]) -> dict[str, list[Any]]:
    parameters = entries.pop("variants", {})
    for key, values in parameters.items() if isinstance(parameters, dict) else [("", None)]:
        if not isinstance(values, list) or not values:
            raise QuestionFileError(
                file, f"{name}, variants", f"{key} needs a list of values: {{ c = [2, 3, 5] }}"
            )
    return dict(parameters)


def _read_facts(file: Path, name: str, kind: str, entries: dict[str, Any]) -> dict[str, Any]:
    needed, optional = _FACTS[kind]
    facts = {key: _take(file, name, entries, key, of) for key, of in needed.items()}
    facts |= {k: _take(file, name, entries, k, of) for k, of in optional.items() if k in entries}
    if entries:
        allowed = ", ".join([*_COMMON, "variants", *needed, *optional])
        raise QuestionFileError(
            file, f"{name}, {next(iter(entries))}", f"a {kind} knows only {allowed}"
        )
    return facts


def _match(
    file: Path, name: str, kind: str, build: Any, parameters: Mapping[str, list[Any]]
) -> None:
    """See that question and check fit together."""
    if kind == "text":
        if build is not None:
            raise QuestionFileError(file, name, "a text is marked by hand: remove its check")
        return
    if build is None:
        raise QuestionFileError(file, name, f"the checks have no function {name}")
    wanted = set(inspect.signature(build).parameters)
    if wanted != set(parameters):
        raise QuestionFileError(
            file,
            f"{name}, variants",
            f"the check takes {sorted(wanted)}, the variants draw {sorted(parameters)}",
        )


def _take(file: Path, where: str, entries: dict[str, Any], key: str, kind: type) -> Any:
    value = entries.pop(key, None)
    if type(value) is not kind:
        raise QuestionFileError(file, f"{where}, {key}", f"this must be {_WORDS[kind]}")
    return value
