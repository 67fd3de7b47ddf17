"""Variants: each student gets their own numbers, always the same, for which all slips differ."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any, cast

import numpy as np
import sympy as sp

from mfteach.answers.choices import BadQuestionError
from mfteach.answers.derivations.whole_texts import problems
from mfteach.answers.equality import equal
from mfteach.answers.numbers import agree, near
from mfteach.grading.assignments.derivations import task_of
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.questions import (
    Check,
    Choice,
    Derivation,
    Formula,
    Implementation,
    Number,
    Question,
    Slip,
    source_of,
)

__all__ = ["SAMPLE_SEED", "DrawError", "Posed", "Variant", "accept", "draw", "fill", "sample"]

SAMPLE_SEED = b"the sample that the repository shows"
ATTEMPTS = 200
APART = 10  # numbers differ by more than this many tolerances


class DrawError(ValueError):
    """A question has no acceptable numbers; names it and what was wrong with the last draw."""


# A variant ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Posed:
    """A question as one student gets it.

    Parameters
    ----------
    question : Question
    parameters : mapping
        What was drawn.
    check : Check or None
        What is right and what the slips give; None for a text.
    letters : mapping of str to str
        The options of a choice by their letter.
    """

    question: Question
    parameters: Mapping[str, Any]
    check: Check | None
    letters: Mapping[str, str] = field(default_factory=dict)

    @property
    def right(self) -> Any:
        """The right answer as a student would type it; for a text the empty string.

        A letter, the text of a formula, a number or list, the source code of a function, the lines
        of a derivation.
        """
        if self.check is None:
            return ""
        if isinstance(self.check, Implementation):
            return self._typed(self.check.reference)
        return self._typed(self.check.right)

    @property
    def wrong(self) -> list[tuple[Any, Slip]]:
        """Each slip with its answer as a student would type it."""
        slips = () if self.check is None else self.check.slips
        return [(self._typed(slip.answer), slip) for slip in slips]

    def _typed(self, answer: Any) -> Any:
        if isinstance(self.check, Choice):
            return next(letter for letter, text in self.letters.items() if text == answer)
        if isinstance(self.check, Formula):
            return str(answer).replace("**", "^")
        if isinstance(self.check, Implementation):
            return source_of(answer, self.question.facts["name"])
        if isinstance(self.check, Derivation):
            return str(answer).strip()
        return _plain(answer)

    @property
    def facts(self) -> dict[str, Any]:
        """What `mfteach.exercise` is told: only what the question prints too."""
        question = self.question
        letters = {"letters": "".join(self.letters)} if question.kind == "choice" else {}
        facts = {
            key: self._filled(value)
            for key, value in question.facts.items()
            if key not in ("milestones", "criteria")
        }
        return {"kind": question.kind, **letters, **facts}

    @property
    def placeholders(self) -> dict[str, Any]:
        """The values of «q1.c» and the like in the notebook, by the name after the dot."""
        question = self.question
        answer = {} if question.kind in ("function", "text") else {"answer": self._literal}
        options = "\n".join(f"- {letter}: {text}" for letter, text in self.letters.items())
        choice = {"options": options, "key": self.right} if question.kind == "choice" else {}
        facts = {key: self._filled(value) for key, value in question.facts.items()}
        if "criteria" in facts:
            facts["criteria"] = _criteria(facts["criteria"])
        common = {"points": question.points, "hint": self._filled(question.hint)}
        return {**self._printable, **facts, **common, **answer, **choice}

    @property
    def _literal(self) -> str:
        """The right answer as a cell assigns it."""
        if isinstance(self.check, Derivation):  # a line a row, and no backslash means anything
            return f'r"""\n{self.right}\n"""'
        return json.dumps(self.right)

    @property
    def _printable(self) -> dict[str, Any]:
        """What the question file itself may use: the parameters and what the checks print."""
        return _printable(self.question, self.parameters)

    def _filled(self, value: Any) -> Any:
        return fill(value, self._printable) if isinstance(value, str) else value


@dataclass(frozen=True, eq=False)
class Variant:
    """An assignment as one student gets it.

    Parameters
    ----------
    assignment : Assignment
    answers : mapping of str to Posed
        By the names of the questions.
    """

    assignment: Assignment
    answers: Mapping[str, Posed]

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """The argument of `mfteach.exercise`."""
        return {name: posed.facts for name, posed in self.answers.items()}

    def fill(self, text: str) -> str:
        """Return the text of a cell with every «placeholder» filled in."""
        return fill(text, self._placeholders) if "«" in text else text

    @property
    def _placeholders(self) -> dict[str, Any]:
        values: dict[str, Any] = {"facts": _python(self.facts)}
        for name, posed in self.answers.items():
            values |= {f"{name}.{key}": value for key, value in posed.placeholders.items()}
        return values


def sample(assignment: Assignment) -> Variant:
    """Return the variant that the repository shows."""
    return draw(assignment, SAMPLE_SEED, "sample")


def draw(assignment: Assignment, seed: bytes, student: str) -> Variant:
    """Return a student's variant: the same for the same seed, assignment and student.

    Raises
    ------
    DrawError
        If a question has no acceptable numbers in 200 draws.
    """
    return Variant(
        assignment,
        {
            question.name: _draw_question(assignment.name, question, seed, student)
            for question in assignment.questions
        },
    )


def _draw_question(assignment: str, question: Question, seed: bytes, student: str) -> Posed:
    problems: tuple[str, ...] = ()
    for attempt in range(ATTEMPTS):
        message = f"{assignment}/{question.name}/{student}/{attempt}"
        digest = hmac.new(seed, message.encode(), hashlib.sha256).digest()
        rng = np.random.default_rng(int.from_bytes(digest))
        drawn = {
            key: values[rng.integers(len(values))] for key, values in question.parameters.items()
        }
        check, problems = _checked(question, json.dumps(drawn))
        if not problems:
            return Posed(question, drawn, check, _letters(check, rng))
    raise DrawError(
        f"{assignment}, {question.name}: no acceptable numbers in {ATTEMPTS} draws; "
        f"the last had: {'; '.join(problems)}"
    )


def _letters(check: Check | None, rng: np.random.Generator) -> dict[str, str]:
    if not isinstance(check, Choice):
        return {}
    options = [check.right, *(slip.answer for slip in check.slips)]
    shuffled = (options[i] for i in rng.permutation(len(options)))
    return dict(zip(string.ascii_uppercase, check.in_order or shuffled, strict=False))


@cache
def _checked(question: Question, parameters: str) -> tuple[Check | None, tuple[str, ...]]:
    """A class of 500 draws the same numbers often: each check is built and examined once."""
    return accept(question, json.loads(parameters))


# Which numbers are good --------------------------------------------------------------------------


def accept(
    question: Question, parameters: Mapping[str, Any]
) -> tuple[Check | None, tuple[str, ...]]:
    """Return the check for these parameters, and why the numbers are bad (empty if they are good).

    They are bad if the right answer or the slips coincide, or if what is printed or expected is
    ugly: more than four digits, a denominator above 12, "+ -", "1x", "x^1".
    """
    try:
        check = question.check(parameters)
    except BadQuestionError as error:  # its options coincide, or cannot be told apart
        return None, (str(error),)
    values = _printable(question, parameters)
    printed = [fill(v, values) for v in (*question.facts.values(), question.hint) if type(v) is str]
    if isinstance(check, Derivation):  # its formulas are lines for the reader, not numbers
        return check, (*_coinciding(check), *_unfit(question, values))
    texts = [*printed, *(str(text) for key, text in values.items() if key not in parameters)]
    if isinstance(check, Choice):
        texts += [check.right, *(slip.answer for slip in check.slips)]
    ugly = (f"{text!r} is ugly: {why}" for text in texts if (why := _ugly_text(text)))
    return check, (*_coinciding(check), *_ugly_answer(check), *ugly)


def _unfit(question: Question, values: Mapping[str, Any]) -> list[str]:
    """Why a derivation cannot be set: the goal does not follow, or has no such milestones."""
    facts = {key: fill(v, values) for key, v in question.facts.items() if isinstance(v, str)}
    return problems(task_of(facts), tuple(question.facts["milestones"]))


def _coinciding(check: Check | None) -> list[str]:
    if check is None:
        return []
    named = [("the right answer", _compared(check, None))]
    named += [(slip.label, _compared(check, slip)) for slip in check.slips]
    return [
        f"{first} and {second} coincide"
        for (first, a), (second, b) in itertools.combinations(named, 2)
        if _same(check, a, b)
    ]


def _compared(check: Check, slip: Slip | None) -> Any:
    """What is compared: the answer itself, or what a function returns for some inputs."""
    if not isinstance(check, Implementation):
        return check.right if slip is None else slip.answer
    function = check.reference if slip is None else cast("Callable[..., Any]", slip.answer)
    return tuple(function(*inputs) for inputs in check.inputs(np.random.default_rng(0)))


def _same(check: Check, first: Any, second: Any) -> bool:
    if isinstance(check, Choice | Derivation):
        return bool(first == second)
    if isinstance(check, Formula):
        return equal(first, second) is not False  # undecided counts as the same
    if isinstance(check, Number):
        return bool(np.shape(first) == np.shape(second)) and bool(
            near(first, second, APART * check.tolerance).all()
        )
    return agree(first, second, APART * check.tolerance)


# Each pattern with the reason why a text that contains it is ugly.
_UGLY = {
    re.compile(r"[+-] ?-"): "two signs in a row",
    re.compile(r"(?<![\d./^_{(])1(?=[a-zA-Z]\b)"): "a factor of 1",
    re.compile(r"\^\{?[01](?![\d./])"): "an exponent of 0 or 1",
    re.compile(r"(?<![\d.])0(?=[a-zA-Z]\b)"): "a factor of 0",
}
_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
_DENOMINATOR = re.compile(r"(?:/\s*|\\frac\{-?\d+\}\{)(\d+)")
MOST_DIGITS = 4
LARGEST_DENOMINATOR = 12


def _ugly_text(text: str) -> str:
    for pattern, reason in _UGLY.items():
        if pattern.search(text):
            return reason
    if any(len(n.replace(".", "").lstrip("0")) > MOST_DIGITS for n in _NUMERAL.findall(text)):
        return f"more than {MOST_DIGITS} digits"
    if any(int(d) > LARGEST_DENOMINATOR for d in _DENOMINATOR.findall(text)):
        return f"a denominator above {LARGEST_DENOMINATOR}"
    return ""


def _ugly_answer(check: Check | None) -> list[str]:
    if isinstance(check, Formula):
        numbers = [Fraction(int(n.p), int(n.q)) for n in sp.sympify(check.right).atoms(sp.Rational)]
        return [f"{number} in the right answer is ugly" for number in numbers if not _nice(number)]
    if isinstance(check, Number) and not check.computed:
        entries = np.asarray(check.right, dtype=float).ravel()
        return [f"the right answer {entry} is ugly" for entry in entries if not _nice(entry)]
    return []


def _nice(number: float | Fraction) -> bool:
    """Whether it is short to type: at most four digits, or a fraction with a small denominator."""
    near = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
    is_fraction = abs(near - Fraction(number)) < 1e-9 and abs(near.numerator) < 10**MOST_DIGITS
    return is_fraction or abs(float(f"{float(number):.{MOST_DIGITS}g}") - number) < 1e-12


# Filling in --------------------------------------------------------------------------------------


_PLACEHOLDER = re.compile("«([^«»:]*)(:[+])?»")


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Replace every «name» by its value, and «name:+» by the value with its sign: "- 3".

    Raises
    ------
    ValueError
        If a placeholder has no value; names those that exist.
    """

    def value(match: re.Match[str]) -> str:
        name, signed = match.groups()
        if name not in values:
            raise ValueError(f"«{name}» has no value; there are {', '.join(sorted(values))}")
        if signed:
            return f"{'-' if values[name] < 0 else '+'} {abs(values[name])}"
        return str(values[name])

    return _PLACEHOLDER.sub(value, text)


def _printable(question: Question, parameters: Mapping[str, Any]) -> dict[str, Any]:
    further = question.printed(**parameters) if question.printed else {}
    return {**parameters, **further}


def _criteria(criteria: list[list[Any]]) -> str:
    """Return what a text gets points for, as the notebook prints it."""
    return "\n".join(f"- {points} point{'s' * (points != 1)}: {what}" for points, what in criteria)


def _plain(number: Any) -> Any:
    """Return a number as it is typed, 42 and not 42.0, and likewise every number in a list."""
    if isinstance(number, list | tuple | np.ndarray):
        return [_plain(entry) for entry in number]
    return int(number) if float(number).is_integer() else float(f"{float(number):.6g}")


def _python(facts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the facts as a Python literal, a line for each question."""
    lines = (f"    {json.dumps(name)}: {_literal(fact)}," for name, fact in facts.items())
    return "\n".join(["{", *lines, "}"])


def _literal(fact: Mapping[str, Any]) -> str:
    return json.dumps(fact, ensure_ascii=False)
