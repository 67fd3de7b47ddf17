"""Reading an assignment: its question file, and the checks that know the right answers."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from mfteach.answers.derivations.milestones import MILESTONES
from mfteach.grading.assignments.outline import assignment_names
from mfteach.grading.assignments.questions import Question

__all__ = ["Assignment", "QuestionFileError", "assignment_names"]

_NAME = re.compile(r"\d\d-[a-z0-9-]+")


_COMMON = {"kind": str, "points": int, "rows": str, "misconception": str, "hint": str}


# What a kind needs, and what it may have.
_FACTS: dict[str, tuple[dict[str, type], dict[str, type]]] = {
    "choice": ({}, {"slips": dict}),
    "formula": ({"symbols": str}, {"function": str, "by": str, "slips": dict}),
    "number": ({"shape": list}, {"slips": dict}),
    "function": ({"name": str, "shares": dict, "slips": dict}, {"contract": str}),
    "derivation": ({"start": str, "goal": str, "letters": str, "milestones": dict}, {}),
    "text": ({"words": list, "criteria": list}, {}),
}


_WORDS = {str: "a string", int: "a whole number", list: "a list", dict: "a table"}


class QuestionFileError(ValueError):
    """A question file or its checks cannot be used; names the file, the question and the key."""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        super().__init__(f"{file}, {where}: {problem}" if where else f"{file}: {problem}")


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
        if not _NAME.fullmatch(name):  # so that it is never mistaken for a command
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
        names = ", ".join(extra)
        raise QuestionFileError(file, "", f"the checks define {names}, but this file does not")
    return title, lesson, tuple(_read_question(file, name, table[name], checks) for name in table)


def _read_question(file: Path, name: str, table: Any, checks: ModuleType) -> Question:
    if not isinstance(table, dict):
        raise QuestionFileError(file, name, "this must be a table: [" + name + "]")
    entries = dict(table)
    common = {key: _take(file, name, entries, key, kind) for key, kind in _COMMON.items()}
    if common["kind"] not in _FACTS:
        kinds = ", ".join(_FACTS)
        raise QuestionFileError(file, f"{name}, kind", f"{common['kind']!r} is not one of {kinds}")
    if common["points"] < 1:
        raise QuestionFileError(file, f"{name}, points", "a question needs at least 1 point")
    if not re.match(r"(S?\d+): \S", common["misconception"]):
        raise QuestionFileError(
            file, f"{name}, misconception", 'begin with its number or row: "1: ..." or "S30: ..."'
        )
    few = _take(file, name, entries, "few", str) if "few" in entries else ""
    parameters = _read_parameters(file, name, entries)
    facts = _read_facts(file, name, common["kind"], entries)
    if common["kind"] == "derivation":
        _check_milestones(file, f"{name}, milestones", facts["milestones"], common["points"])
    if common["kind"] == "text":
        _check_text(file, name, facts, common["points"])
    shares, slips = _read_shares(file, name, facts, common["points"])
    build, printed = getattr(checks, name, None), getattr(checks, f"{name}_printed", None)
    _match(file, name, common["kind"], build, parameters)
    return Question(
        name,
        **common,
        parameters=parameters,
        facts=facts,
        shares=shares,
        slips=slips,
        few=few,
        build=build,
        printed=printed,
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
        allowed = ", ".join([*_COMMON, "variants", "few", *needed, *optional])
        raise QuestionFileError(
            file, f"{name}, {next(iter(entries))}", f"the keys of a {kind} are {allowed}"
        )
    return facts


def _check_text(file: Path, name: str, facts: Mapping[str, Any], points: int) -> None:
    """Check the length of a text, and what it gets points for: both are printed."""
    words = facts["words"]
    if [type(number) for number in words] != [int, int] or not 0 < words[0] < words[1]:
        problem = "write the least and the largest number of words: [40, 130]"
        raise QuestionFileError(file, f"{name}, words", problem)
    criteria = facts["criteria"]
    for one in criteria:
        if not isinstance(one, list) or [type(part) for part in one] != [int, str]:
            problem = 'each criterion is its points and a sentence: [1, "why it fails"]'
            raise QuestionFileError(file, f"{name}, criteria", problem)
    if len(criteria) < 2 or sum(one[0] for one in criteria) != points:
        problem = f"there must be at least two criteria, and their points must add up to {points}"
        raise QuestionFileError(file, f"{name}, criteria", problem)


def _read_shares(
    file: Path, name: str, facts: dict[str, Any], points: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Take out of the facts, which are printed, what is right or wrong on its own leaves."""
    read = {key: facts.pop(key, {}) for key in ("shares", "slips")}
    for key, shares in read.items():
        for what, share in shares.items():
            if type(share) not in (int, float) or not 0 <= share <= points or share * 4 % 1:
                problem = f"{what!r} needs quarters of a point, from 0 to {points}: 0.5"
                raise QuestionFileError(file, f"{name}, {key}", problem)
    if read["shares"] and sum(read["shares"].values()) != points:
        total = sum(read["shares"].values())
        problem = f"the shares add up to {total:g}, not {points} points"
        raise QuestionFileError(file, f"{name}, shares", problem)
    if any(left == points for left in read["slips"].values()):
        raise QuestionFileError(file, f"{name}, slips", "a slip must cost something")
    return read["shares"], read["slips"]


def _check_milestones(file: Path, where: str, shares: Mapping[str, Any], points: int) -> None:
    """Check that the shares of a derivation have known names and add up to its points."""
    known = ", ".join(MILESTONES)
    for milestone, share in shares.items():
        if milestone not in MILESTONES:
            raise QuestionFileError(file, where, f"{milestone!r} is not one of {known}")
        if type(share) is not int or share < 1:
            problem = f"{milestone} needs a whole number of points, at least 1: {{ goal = 1 }}"
            raise QuestionFileError(file, where, problem)
    if "goal" not in shares:
        raise QuestionFileError(file, where, "there must be points for the goal: { goal = 1 }")
    total = sum(shares.values())
    if total != points:
        raise QuestionFileError(file, where, f"the shares add up to {total}, not {points} points")


def _match(
    file: Path, name: str, kind: str, build: Any, parameters: Mapping[str, list[Any]]
) -> None:
    """Check that a question and its check match."""
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
            f"the check takes {sorted(wanted)}, but the variants draw {sorted(parameters)}",
        )


def _take(file: Path, where: str, entries: dict[str, Any], key: str, kind: type) -> Any:
    value = entries.pop(key, None)
    if type(value) is not kind:
        raise QuestionFileError(file, f"{where}, {key}", f"this must be {_WORDS[kind]}")
    return value
