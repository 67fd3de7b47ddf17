"""The kinds of answers that a lesson asks for, and what is said about each answer.

A kind holds what is right, the slips with their sentences, the hints and the solution. Its
``reply`` reads an answer in the forms in which people type it, and names what went wrong. Nothing
here raises because of an answer.
"""

from __future__ import annotations

import copy
import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mfteach import answers
from mfteach.answers.contracts import Contract
from mfteach.answers.missing import is_missing, not_answered
from mfteach.answers.numbers import agree, as_numbers, difference, entries_apart, typed_misfit
from mfteach.answers.typed_numbers import cut, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sympy import Expr

    from mfteach.answers import choices

__all__ = [
    "Choice",
    "Derivation",
    "Derivative",
    "Formula",
    "Function",
    "Number",
    "Prediction",
    "Property",
    "Proved",
    "Question",
    "Reply",
    "Several",
    "TrueFalse",
]

ROUNDED = 1e-3
"""How far off a rounded number may be, relative to the largest one of the right answer."""

_EXACT = 1e-9
_DECIMALS, _ROUNDING = 3, 1e-14
_CLOSE, _ROUGH = 0.02, 0.1
_A_STEP_IS_MISSING = "Put at least one line between the start and the goal."
_UNANSWERED = not_answered("put your answer in and run this cell again.")
_MOST_SHOWN = 60


@dataclass(frozen=True)
class Reply:
    """What is said about an answer.

    Parameters
    ----------
    right : bool
    message : str
        For the student; formulas in it stand between dollars.
    answered : bool
        Whether there was an answer at all.
    """

    right: bool
    message: str
    answered: bool = True


NOTHING_YET = Reply(False, _UNANSWERED, answered=False)


def _right(note: str = "") -> Reply:
    return Reply(True, f"Right. {note}".strip())


def _not_yet(sentence: str, note: str = "") -> Reply:
    return Reply(False, f"Not yet. {sentence} {note}".strip())


@dataclass(frozen=True)
class Prediction:
    """What happened, for the student who has guessed it before.

    Parameters
    ----------
    outcome : str
        In Markdown, computed where it can be.
    meaning : str
        What follows from it, for whoever has seen it. In the text of the lesson, which nothing
        folds, it would give the outcome away.
    """

    outcome: str
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question of a lesson.

    Parameters
    ----------
    hints : tuple of str
        From the gentlest on; none of them contains the right answer.
    solution : str
        The way to the answer, in Markdown; computed where it can be.
    """

    hints: tuple[str, ...]
    solution: str

    def reply(self, answer: Any, **given: Any) -> Reply:
        """Return what is said about an answer.

        Parameters
        ----------
        answer : anything
            As a student gives it.
        **given
            What the right answer is computed from, if the lesson computed it.
        """
        return NOTHING_YET if _is_empty(answer) else self._judge(answer, given)

    @abstractmethod
    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        """Judge an answer that is there."""


def _is_empty(answer: Any) -> bool:
    """Whether nothing was answered, also in a list with a place for each answer."""
    if isinstance(answer, list | tuple) and len(answer):
        return all(map(_is_empty, answer))
    return is_missing(answer)


def _shown(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


# Numbers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number, a list of numbers, or a matrix.

    Parameters
    ----------
    right : number, list, matrix, or function
        A function computes it from what the lesson gives to ``check``. Whole numbers are exact, and
        so are those that end after at most three decimals: nobody needs to round them.
    slips : sequence of (wrong answer, sentence)
        A slip may be a function too.
    tolerance : float, optional
        Relative to the largest number of ``right``: by default 0 for exact numbers, else `ROUNDED`.
    """

    right: Any
    slips: Sequence[tuple[Any, str]] = ()
    tolerance: float | None = None

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        right = _computed(self.right, given)
        found, note = _numbers(answer, right)
        if isinstance(found, Reply):
            return found
        off = _off(right, self.tolerance)
        if agree(found, right, off):
            return _right(note)
        roughly = max(off, _off(right, ROUNDED))  # who slips may round as well
        for near in (_EXACT, roughly):  # a slip that is met exactly before one met roughly
            for slip, sentence in self.slips:
                if agree(found, _computed(slip, given), near):
                    return _not_yet(sentence, note)
        return _not_yet(_how_they_differ(found, right, off), note)


@dataclass(frozen=True, kw_only=True)
class Property(Question):
    """Any number, list or matrix that has a property; there is more than one right answer.

    Parameters
    ----------
    example : number, list or matrix
        One that is right; its shape is the shape that is asked for.
    fault : function
        The answer, as floats, and what the lesson gives -> what it lacks, or "".
    """

    example: Any
    fault: Callable[..., str]

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        found, note = _numbers(answer, self.example)
        if isinstance(found, Reply):
            return found
        fault = self.fault(as_numbers(found), **given)
        return _not_yet(fault, note) if fault else _right(note)


def _computed(value: Any, given: Mapping[str, Any]) -> Any:
    """Return a value of the question, computed from what the lesson gives if it depends on it."""
    return value(**given) if inspect.isfunction(value) else value


def _numbers(answer: Any, right: Any) -> tuple[Any, str]:
    """Read an answer; what is not of the right form becomes the reply that says so."""
    wanted = as_numbers(right)
    if isinstance(answer, bool | np.bool_):
        return _not_yet(f"The question asks for a number, not for {answer}."), ""
    try:
        found, note = read(answer, wanted.ndim)
    except answers.FormulaError as error:
        return _not_yet(f"{_shown(answer)} cannot be read as a number. {error}"), ""
    if isinstance(found, list) and any(map(_is_empty, found)):
        empty = [n for n, part in enumerate(found, start=1) if _is_empty(part)]
        return _not_yet(f"{_entries(empty, len(found))} is not answered yet."), ""
    fault = typed_misfit(found, wanted)
    return (_not_yet(fault), "") if fault else (found, note)


def _off(right: Any, tolerance: float | None) -> float:
    """Return how far off an answer may be, as `agree` counts it: relative to 1 at least."""
    wanted = as_numbers(right)
    if tolerance is None:
        ends = np.abs(wanted - np.round(wanted, _DECIMALS)) <= _ROUNDING * np.abs(wanted)
        tolerance = _EXACT if ends.all() else ROUNDED
    return tolerance * min(1.0, float(np.abs(wanted).max(initial=0.0)) or 1.0)


def _how_they_differ(found: Any, right: Any, off: float) -> str:
    left, wanted = as_numbers(found), as_numbers(right)
    if off <= _EXACT and _is_rounded(left, wanted) and agree(left, wanted, _off(right, _ROUGH)):
        return "That is close, but this answer is exact: do not round."
    if off <= _EXACT and agree(left, wanted, _off(right, _CLOSE)):
        return "That is close, but this answer is exact."
    if wanted.ndim == 0:
        return f"It is not the number: {difference(left, wanted, off)}."
    if wanted.ndim == 1 and agree(np.sort(left), np.sort(wanted), off):
        return "These are the right numbers in another order: read once more which comes first."
    if agree(-left, wanted, off):
        return "Every sign is the wrong one."
    if wanted.ndim == 2 and left.shape == left.T.shape and agree(left.T, wanted, off):
        return "The rows are where the columns should be: this is the transposed matrix."
    places = entries_apart(left, wanted, off)
    if wanted.ndim == 1:
        return f"{_entries([n + 1 for (n,) in places], len(left))} is not right."
    named = ", ".join(f"row {r + 1}, column {c + 1}" for r, c in places[:3])
    return f"Not right: {named}{' and more' if len(places) > 3 else ''} (rows and columns from 1)."


def _is_rounded(found: NDArray[Any], wanted: NDArray[Any]) -> bool:
    """Whether what was found is what is wanted, rounded to one or more decimals."""
    apart = float(np.abs(found - wanted).max(initial=0.0))
    return any(
        apart <= 0.5 / 10.0**decimals * (1 + _EXACT)
        and agree(found, np.round(found, decimals), _EXACT)
        for decimals in range(1, 10)
    )


def _entries(numbers: Sequence[int], count: int) -> str:
    """Name entries as a reader counts them, from 1; the sentence goes on with "is"."""
    if len(numbers) == 1:
        return f"Entry {numbers[0]} of {count}"
    return f"Each of the entries {', '.join(map(str, numbers))} (of {count})"


# Formulas ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Formula(Question):
    """A formula, proved equal to the right one or refuted; never tested at a point only.

    Parameters
    ----------
    right : str
        As a student would type it.
    symbols : str
        The names that may be typed, with blanks between them.
    slips : sequence of (wrong formula, sentence)
        A slip may contain Delta, the change that ought to have gone to 0.
    """

    right: str
    symbols: str
    slips: Sequence[tuple[str, str]] = ()

    @property
    def _names(self) -> list[str]:
        return self.symbols.split()

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        try:
            formula, note = self._read(answer)
            return self._compare(formula, note)
        except answers.FormulaError as error:
            return _not_yet(str(error))

    def _read(self, answer: Any) -> tuple[Any, str]:
        """Return the formula and how it was read.

        Raises
        ------
        FormulaError
            If it is not a formula.
        """
        import sympy

        if isinstance(answer, int | float | np.number) and not isinstance(answer, bool):
            answer = repr(answer.item() if isinstance(answer, np.number) else answer)
        if isinstance(answer, str):
            return answers.read_formula(answer, [*self._names, "Delta"], by=self._by())
        if inspect.isfunction(answer):
            answer = self._applied(answer)
        if isinstance(answer, sympy.Expr):
            return self._own_symbols(answer), ""
        raise answers.FormulaError(
            f'{_shown(answer)} is not a formula. Type it in quotes, as in "2 {self._names[0]}".'
        )

    def _applied(self, function: Callable[..., Any]) -> Any:
        """Apply a student's function to the letters themselves, so that it can be proved."""
        import sympy

        try:
            return sympy.sympify(function(*map(sympy.Symbol, self._names)))
        except Exception as error:  # whatever a student's code raises is reported with its type
            raise answers.FormulaError(
                f"Your function stops with {type(error).__name__}: {error}. "
                "Type the formula in quotes instead."
            ) from error

    def _own_symbols(self, answer: Expr) -> Expr:
        import sympy

        unknown = sorted({s.name for s in answer.free_symbols} - {*self._names, "Delta"})
        if unknown:
            raise answers.FormulaError(
                f"{unknown[0]} is not a name in this question. Names: {', '.join(self._names)}."
            )
        return answer.xreplace({s: sympy.Symbol(s.name) for s in answer.free_symbols})

    def _by(self) -> str | None:
        return None

    def _expected(self) -> Expr:
        return answers.parse_formula(self.right, self._names)

    def _compare(self, formula: Expr, note: str) -> Reply:
        from mfteach.answers.equality import equal

        right = self._expected()
        same = equal(formula, right)
        if same is None:
            return _not_yet("This cannot be decided: write it in a simpler form.", note)
        if same:
            return _right(note)
        for slip, sentence in self.slips:
            if equal(formula, answers.parse_formula(slip, [*self._names, "Delta"])):
                return _not_yet(sentence, note)
        return _not_yet(_delta_left(formula, right) or self._slip(formula), note)

    def _slip(self, formula: Expr) -> str:
        from mfteach.answers.equality import equal

        if equal(formula, -self._expected()):
            return "The sign is wrong."
        return "This is another formula. Put in a small number for each letter and compare."


@dataclass(frozen=True, kw_only=True)
class Derivative(Formula):
    """The derivative of a function, computed here; its slips are computed too.

    Parameters
    ----------
    function : str
        As a student would type it.
    by : str
        The variable.
    symbols : str, optional
        The names that may be typed, if there are more than the variable.
    """

    function: str
    by: str
    right: str = field(init=False, default="")
    symbols: str = ""

    @property
    def _names(self) -> list[str]:
        return self.symbols.split() or [self.by]

    def _by(self) -> str:
        return self.by

    @cached_property
    def _parsed(self) -> tuple[Expr, Expr]:
        function = answers.parse_formula(self.function, self._names)
        return function, answers.parse_formula(self.by, self._names)

    def _expected(self) -> Expr:
        function, variable = self._parsed
        return function.diff(variable)

    def _slip(self, formula: Expr) -> str:
        function, variable = self._parsed
        found = answers.compare(formula, self._expected(), function=function, variable=variable)
        return found.message


def _delta_left(formula: Expr, right: Expr) -> str:
    import sympy

    from mfteach.answers.equality import equal

    delta = sympy.Symbol("Delta")
    if delta not in formula.free_symbols or delta in right.free_symbols:
        return ""
    if equal(formula.subs(delta, 0), right):
        return "There is a Delta left over: let it go to 0."
    return "There is a Delta left over, and without it the rest is not right either."


# Letters, true and false -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """A letter, or the number of a line.

    Parameters
    ----------
    right : str
    others : mapping of str to str
        Each other letter, with what is wrong with it.
    """

    right: str
    others: Mapping[str, str]

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        letter = _letter(answer)
        if letter == self.right:
            return _right()
        if letter in self.others:
            return _not_yet(self.others[letter])
        known = ", ".join(sorted([self.right, *self.others]))
        return _not_yet(f"{_shown(answer)} is not one of {known}. Type one of them, in quotes.")


@dataclass(frozen=True, kw_only=True)
class Proved(Question):
    """A multiple-choice question whose key and diagnoses are computed.

    Parameters
    ----------
    question : function
        Returns it, such as ``mfteach.answers.multiple_choice.s30``.
    """

    question: Callable[[], choices.Question]

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        question = self.question()
        letter = _letter(answer)
        try:
            feedback = question.answer(letter if letter in question.options else str(answer))
        except ValueError as error:
            text = str(error)
            return _not_yet(f"{text[:1].upper()}{text[1:].rstrip('.')}.")
        return Reply(feedback.right, feedback.message)


def _letter(answer: Any) -> str:
    """Return a letter as it was meant: "d)", "(D)", "Option D" and a SymPy letter are "D"."""
    if isinstance(answer, float) and answer.is_integer():
        answer = int(answer)
    text = "" if isinstance(answer, bool) else str(answer).strip()
    before = r"(?:(?:option|line|number|no\.?)\s+)?"
    after = r"(?:[.)\]:]+|[.)\]:]+\s+\D.*|\s+[-–]\s+\D.*)?"  # "B: only V moves"
    match = re.fullmatch(rf"{before}[(\[]?\s*(\w)\s*{after}", text, re.IGNORECASE)
    return match[1].upper() if match else text


_TRUE, _FALSE = {"true", "t", "yes", "1"}, {"false", "f", "no", "0"}


@dataclass(frozen=True, kw_only=True)
class TrueFalse(Question):
    """Sentences, each of them true or false.

    Parameters
    ----------
    right : sequence of bool
    reasons : sequence of str
        For each sentence, what helps someone who has it wrong.
    """

    right: Sequence[bool]
    reasons: Sequence[str]

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        words = _words(answer)
        if len(words) != len(self.right):
            return _not_yet(f"Type True or False for each of the {len(self.right)} sentences.")
        values = [_truth(word) for word in words]
        if None in values:
            odd = values.index(None)
            if is_missing(words[odd]):
                return _not_yet(f"Sentence {odd + 1} is not answered yet.")
            return _not_yet(f"{_shown(words[odd])} is neither True nor False.")
        wrong = [n for n, (v, r) in enumerate(zip(values, self.right, strict=True)) if v != r]
        if not wrong:
            return _right()
        named = ", ".join(str(n + 1) for n in wrong)
        first = f"To sentence {wrong[0] + 1}: {self.reasons[wrong[0]]}"
        return _not_yet(f"Look again at sentence{'s' * (len(wrong) > 1)} {named}. {first}")


def _words(answer: Any) -> list[Any]:
    if isinstance(answer, str):
        words = re.findall(r"\w+", answer)
        return list(words[0]) if len(words) == 1 and len(words[0]) > 1 else words
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _truth(word: Any) -> bool | None:
    text = str(word).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


# Functions, derivations, several answers at once -------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Function(Question):
    """A function to be written, compared with the right one on several inputs.

    Parameters
    ----------
    right : function
    inputs : sequence of tuples
        The arguments of each call.
    slips : sequence of (wrong function, sentence)
    tolerance : float
        Relative to the largest number of a result.
    """

    right: Callable[..., Any]
    inputs: Sequence[tuple[Any, ...]]
    slips: Sequence[tuple[Callable[..., Any], str]] = ()
    tolerance: float = 1e-6

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        if not callable(answer):
            return _not_yet(
                f"{_shown(answer)} is not a function. Pass its name, without parentheses."
            )
        result = self._first_result(answer)
        if result is not None and _is_empty(result):
            return NOTHING_YET
        if isinstance(result, list | tuple) and any(map(_is_empty, result)):
            empty = [n for n, part in enumerate(result, start=1) if _is_empty(part)]
            which = _entries(empty, len(result)).lower()
            return _not_yet(
                f"Your function is half written: {which} that it returns is still dots."
            )
        problem = self._contract(self.right).problem(answer)
        if not problem:
            return _right()
        if "'ellipsis'" in problem:
            return _not_yet("Your function is half written: it computes with dots.")
        for slip, sentence in self.slips:
            if not self._contract(slip).problem(answer):
                return _not_yet(sentence)
        return _not_yet(problem if problem.endswith((".", "?", "!")) else f"{problem}.")

    def _first_result(self, answer: Callable[..., Any]) -> Any:
        """Return what the function returns at first, dots if it is not written."""
        try:
            return answer(*copy.deepcopy(self.inputs[0]))
        except NotImplementedError:
            return ...
        except Exception:  # the contract reports it, with its type
            return None

    def _contract(self, like: Callable[..., Any]) -> Contract:
        """Promise what ``like`` returns."""

        def holds(result: Any, *arguments: Any) -> str:
            wanted = like(*arguments)
            if not isinstance(wanted, tuple):
                how = difference(result, wanted, self.tolerance)
                return f"{how}." if how else ""
            for number, (found, right) in enumerate(zip(result, wanted, strict=True), start=1):
                how = difference(found, right, self.tolerance)
                if how:
                    return f"value {number} of {len(wanted)}: {how}."
            return ""

        signature = ", ".join(inspect.signature(self.right).parameters)
        return Contract(signature, lambda: self.inputs, like, holds)


@dataclass(frozen=True, kw_only=True)
class Derivation(Question):
    """A ledger that has to reach its goal.

    Parameters
    ----------
    name : str
        As ``Ledger(name)`` takes it.
    """

    name: str

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        from mfteach.answers.derivations.ledger import Ledger

        asked = Ledger(self.name)
        if not isinstance(answer, Ledger):
            return _not_yet(
                f'{_shown(answer)} is not a ledger: start one with Ledger("{self.name}").'
            )
        if (answer.start, answer.goal) != (asked.start, asked.goal):
            return _not_yet(f'This ledger derives something else: take Ledger("{self.name}").')
        if not answer.lines:
            return NOTHING_YET
        if answer.jumped:
            return _not_yet(f"{answer.status} {_A_STEP_IS_MISSING}")
        if answer.done:
            return _right()
        return _not_yet(f"{answer.status} Its own hint() names the next step.")


@dataclass(frozen=True, kw_only=True)
class Several(Question):
    """Several answers in a list, each with a kind of its own.

    Parameters
    ----------
    parts : mapping of str to Question
        What each answer is called, in the order of the list.
    """

    parts: Mapping[str, Question]

    def _judge(self, answer: Any, given: Mapping[str, Any]) -> Reply:
        if isinstance(answer, Mapping):
            answer = list(answer.values())
        if isinstance(answer, str):
            answer = cut(answer)
        if hasattr(answer, "tolist"):  # a column of SymPy, such as a gradient, or an array
            answer = [*answer]
        if not isinstance(answer, list | tuple) or len(answer) != len(self.parts):
            names = ", ".join(self.parts)
            return _not_yet(f"Type {len(self.parts)} answers in a list: {names}.")
        replies = [
            part.reply(a, **given) for part, a in zip(self.parts.values(), answer, strict=True)
        ]
        if all(reply.right for reply in replies):
            return _right()
        if self._are_swapped(answer, given):
            return _not_yet("Each of these is right, but in another place: look at their order.")
        said = [
            f"{name}: {_without_start(reply)}"
            for name, reply in zip(self.parts, replies, strict=True)
            if not reply.right
        ]
        return _not_yet(" ".join(said))

    def _are_swapped(self, answer: Sequence[Any], given: Mapping[str, Any]) -> bool:
        turned: Iterator[Any] = reversed(answer)
        pairs = zip(self.parts.values(), turned, strict=True)
        return len(answer) == 2 and all(part.reply(a, **given).right for part, a in pairs)


def _without_start(reply: Reply) -> str:
    if not reply.answered:
        return "not answered yet."
    return reply.message.removeprefix("Not yet. ")
