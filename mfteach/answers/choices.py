"""A multiple-choice question whose key is computed: one option proved right, the others explained.

A question holds its options as the text that the reader sees. A judge turns each text into an
appraisal: right, or the diagnoses of what went wrong. A question is built only if exactly one
option is right and every other option has its own diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mfteach.answers.formulas import FormulaError

__all__ = ["Appraisal", "BadQuestionError", "Feedback", "Question"]


class BadQuestionError(ValueError):
    """A question that must not be asked; the message names the option at fault."""


@dataclass(frozen=True)
class Appraisal:
    """What a judge says about one answer.

    Parameters
    ----------
    right : bool
        Whether the answer is proved equivalent to the right one.
    diagnoses : tuple of str
        What went wrong, for the student; more than one if the answer cannot tell them apart.
    note : str
        How the answer was read, if that needs saying.
    """

    right: bool
    diagnoses: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Feedback:
    """The reply to an answer: whether it is right, and the words for the student."""

    right: bool
    message: str

    def __str__(self) -> str:
        return self.message

    def _repr_markdown_(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.message}"


class Question:
    """A question with lettered options, one of them right.

    Parameters
    ----------
    prompt : str
        The question, in Markdown.
    options : mapping of str to str
        The text of each option by its letter.
    judge : callable
        Turns the text of an option into its `Appraisal`.
    show : callable, optional
        Turns the text of an option into Markdown.
    typed : bool
        Whether a student may type a formula instead of a letter; the judge reads it.
    remark : str
        What to add for students who are right.

    Raises
    ------
    BadQuestionError
        If not exactly one option is right, if a wrong option has no diagnosis or several, or if
        two wrong options share one.
    """

    def __init__(
        self,
        prompt: str,
        options: Mapping[str, str],
        judge: Callable[[str], Appraisal],
        *,
        show: Callable[[str], str] = str,
        typed: bool = False,
        remark: str = "",
    ) -> None:
        self.prompt = prompt
        self.options = dict(options)
        self.typed = typed
        self.remark = remark
        self._judge = judge
        self._show = show
        self._appraisals = {
            letter: _judged(letter, text, judge) for letter, text in self.options.items()
        }
        _check(self.options, self._appraisals)

    @property
    def key(self) -> str:
        """The letter of the option that was proved right when the question was built."""
        return next(letter for letter, found in self._appraisals.items() if found.right)

    def diagnosis(self, letter: str) -> str:
        """Return the diagnosis of a wrong option, or the empty string for the right one."""
        return "".join(self._appraisals[self._letter(letter)].diagnoses)

    def shown(self, letter: str) -> str:
        """Return an option as Markdown."""
        return self._show(self.options[self._letter(letter)])

    def answer(self, text: str) -> Feedback:
        """Return the feedback to a letter or, if the question takes them, to a typed formula.

        Raises
        ------
        ValueError
            If the answer is neither; a `FormulaError` if it is a formula that cannot be read.
        """
        if not isinstance(text, str):
            raise ValueError(f"answer with {self._choices()}, not with {text!r}")
        letter = text.strip().upper()
        if letter in self._appraisals:
            return self._feedback(self._appraisals[letter])
        if not self.typed:
            raise ValueError(f"answer with {self._choices()}, not with {text!r}")
        try:
            return self._feedback(self._judge(text))
        except FormulaError as error:
            raise FormulaError(f"{error} Or answer with {self._choices()}.") from error

    def _letter(self, letter: str) -> str:
        if letter not in self._appraisals:
            raise ValueError(f"there is no option {letter!r}, only {', '.join(self.options)}")
        return letter

    def _choices(self) -> str:
        return "one of the letters " + ", ".join(self.options)

    def _feedback(self, appraisal: Appraisal) -> Feedback:
        if appraisal.right:
            sentences = ["Right.", self.remark]
        else:
            no = "This is not right. Go step by step."
            sentences = [" Or: ".join(appraisal.diagnoses) or no]
        return Feedback(appraisal.right, " ".join(s for s in [*sentences, appraisal.note] if s))

    def _lines(self) -> Iterator[str]:
        for letter in self.options:
            yield f"{letter}: {self.shown(letter)}"

    def __repr__(self) -> str:
        return "\n".join([self.prompt, *self._lines()])

    def _repr_markdown_(self) -> str:
        ending = "Answer with a letter, or type the formula." if self.typed else ""
        return "\n".join([self.prompt, "", *(f"- {line}" for line in self._lines()), "", ending])


def _judged(letter: str, text: str, judge: Callable[[str], Appraisal]) -> Appraisal:
    try:
        return judge(text)
    except FormulaError as error:
        raise BadQuestionError(f"option {letter} ({text}) cannot be read: {error}") from error


def _check(options: Mapping[str, str], appraisals: Mapping[str, Appraisal]) -> None:
    right = [letter for letter, found in appraisals.items() if found.right]
    if not right:
        raise BadQuestionError(f"none of the options {', '.join(options)} is right")
    if len(right) > 1:
        raise BadQuestionError(f"the options {' and '.join(right)} are both right: keep one")
    owner: dict[str, str] = {}
    for letter, found in appraisals.items():
        if found.right:
            continue
        if not found.diagnoses:
            raise BadQuestionError(
                f"option {letter} ({options[letter]}) is wrong, but no slip leads to it: "
                "replace it with an error that students make"
            )
        if len(found.diagnoses) > 1:
            raise BadQuestionError(
                f"option {letter} ({options[letter]}) cannot tell these slips apart: "
                + " | ".join(found.diagnoses)
            )
        (diagnosis,) = found.diagnoses
        if diagnosis in owner:
            raise BadQuestionError(
                f"the options {owner[diagnosis]} and {letter} have the same diagnosis: {diagnosis}"
            )
        owner[diagnosis] = letter
