r"""A typed line judged against a reference: proved, refuted with numbers, or told why not.

Both are text in the lecture's letters. Equal means equal for all sizes m, n and k and all values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from sympy import Expr, Symbol

from mfteach.answers.derivations.slips import diagnoses, transposed
from mfteach.answers.missing import is_missing
from mfteach.symbolic.counterexamples import disagreement
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError, Part, Reading
from mfteach.symbolic.reading.letters import KINDS
from mfteach.symbolic.reading.syntax_tree import Letter, Minus, Plus, Slope, Update

__all__ = ["Examined", "Judgement", "Reference", "examine", "judge"]

_MOST_SENTENCES = 2
"""How much is said about a false line, before the numbers."""

_EMPTY = "Not yet: nothing was typed."
_TOO_LONG = "This is too long to be decided."
_WHOLE_TABLE = "The question asks for a whole vector or matrix of another shape."
_NO_ARROW = "What the question asks for is not an update: type the value alone, without an arrow."
_WHOLE_UPDATE = "The question asks for a whole update: type u_is <- ... with the arrow."
_ASIDE = "True, but a side calculation: each line here must be equal to {}."
_TOO_DEEP = "This is nested too deeply to be read: write it flatter."


@dataclass(frozen=True)
class Judgement:
    """What is known about a typed line; as a condition, true only if the line is proved.

    Parameters
    ----------
    verdict : {"proved", "refuted", "unread", "undecided"}
    message : str
        The verdict in words, with the diagnosis of a slip where one is known.
    notes : tuple of str
        How something ambiguous was read.
    counterexample : str, optional
        Of a refuted line: numbers at which it fails, and what each side gives.
    place : tuple of int, optional
        Of an unread line: the part of the text, from and up to which character.
    """

    verdict: str
    message: str
    notes: tuple[str, ...] = ()
    counterexample: str | None = None
    place: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return self.verdict == "proved"

    def __str__(self) -> str:
        return " ".join([self.message, *(f"Note: {note}." for note in self.notes)])


@dataclass(frozen=True)
class Reference:
    """What a line is judged against.

    Parameters
    ----------
    reading : Reading
    name : str
        What messages call it.
    start : Reading, optional
        What is derived, if that is known: it shows from which loss a slip may come.
    zero : bool
        Whether it is to be set to 0: then a line may also be an equation, ``A = B``, whose sides
        differ by the reference.
    """

    reading: Reading
    name: str = "the reference"
    start: Reading | None = None
    zero: bool = False


class Examined(NamedTuple):
    """A judgement; how the line was read, if it was; of an equation, left side minus right side."""

    judgement: Judgement
    reading: Reading | None = None
    meant: Reading | None = None


def judge(text: str, equals: str) -> Judgement:
    r"""Judge a typed line against a reference.

    Parameters
    ----------
    text : str
        As a student types it: plain text, unicode or LaTeX. ``A = B = C`` is proved only if each
        part is; an update ``u_is <- ...`` only if both its sides are.
    equals : str
        The reference, in the lecture's letters.

    Returns
    -------
    Judgement
        "proved": equal for all sizes and values. "refuted": not equal, with numbers. "unread":
        the text cannot be read; the message says where and why. "undecided": neither could be
        shown. No text raises.

    Raises
    ------
    NotationError, CaptureError, UndecidedError
        If the *reference* cannot be read.

    Source: lecture rows S52 to S59.

    Examples
    --------
    >>> judge("-sum_{j in I_i} v_js e_ij", equals=r"\frac{\partial J}{\partial u_{is}}").verdict
    'proved'
    >>> found = judge("sum_{j in I_i} v_js e_ij", equals="dJ/du_is")
    >>> print(found.message.partition(" At ")[0])
    The sign is wrong.
    >>> print(found.counterexample.partition(": ")[2])
    your line gives -1, the reference gives 1
    """
    return examine(text, Reference(_understood(equals))).judgement


@lru_cache(maxsize=256)
def _understood(text: str) -> Reading:
    return NOTATION.understand(text, whole=True)


def examine(text: str, reference: Reference) -> Examined:
    """Judge a line, and return also how it was read."""
    if is_missing(text):
        return Examined(Judgement("unread", _EMPTY))
    try:
        reading = NOTATION.understand(text, whole=reference.reading.shape is not None)
    except NotationError as error:
        return Examined(_unread(text, error, reference))
    except CaptureError as error:
        return Examined(Judgement("unread", _sentence(str(error))))
    except UndecidedError as error:
        return Examined(Judgement("undecided", f"This could not be decided: {error}."))
    except (RecursionError, MemoryError):
        return Examined(Judgement("unread", _TOO_DEEP))
    try:
        if reading.shape != reference.reading.shape:
            return Examined(Judgement("unread", _WHOLE_TABLE, reading.notes))
        equation = _equation(reading, reference)
        if equation is not None:
            return equation
        return Examined(_judged(reading, reference), reading, reading)
    except CaptureError as error:  # two sums over j, one inside the other, both with I_i
        return Examined(Judgement("unread", _sentence(str(error)), reading.notes))
    except (RecursionError, MemoryError):
        return Examined(Judgement("undecided", _TOO_LONG, reading.notes), reading)


def _equation(reading: Reading, reference: Reference) -> Examined | None:
    """Judge ``A = B`` as an equation, where one is wanted; None if it is not true as one."""
    if not reference.zero or len(reading.parts) != 2:
        return None
    left, right = reading.parts
    for plus, minus in ((left, right), (right, left)):
        taken = Minus(minus.tree.start, minus.tree.end, minus.tree)
        tree = Plus(left.tree.start, right.tree.end, (plus.tree, taken))
        part = Part(tree, plus.expression - minus.expression)
        if _Compared(reading, part, reference).verdict == "proved":
            note = f"this is read as an equation: its sides differ by {reference.name}, which is 0"
            notes = (*reading.notes, note)
            judgement = Judgement("proved", "Proved, as an equation.", notes)
            return Examined(judgement, reading, replace(reading, parts=(part,)))
    return None


def _unread(text: str, error: NotationError, reference: Reference) -> Judgement:
    place = (error.place, error.end) if error.text else None
    try:
        diagnosis = transposed(text, reference.reading)
    except (RecursionError, MemoryError):
        diagnosis = ""
    message = " ".join(part for part in (_sentence(str(error)), diagnosis) if part)
    return Judgement("unread", message, place=place)


def _sentence(text: str) -> str:
    if len(text.partition(" ")[0]) > 1:  # not "j has two meanings"
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def _judged(reading: Reading, reference: Reference) -> Judgement:
    if isinstance(reference.reading.tree, Update) and not isinstance(reading.tree, Update):
        return Judgement("unread", _WHOLE_UPDATE, reading.notes)
    found = [_Compared(reading, part, reference) for part in reading.parts]
    none_is = not any(compared.verdict == "proved" for compared in found)
    if none_is and len(found) > 1 and _all_equal(reading):
        aside = _ASIDE.format("the start" if reference.start else reference.name)
        return Judgement("unread", aside, reading.notes)
    for verdict in ("refuted", "unread", "undecided"):
        for compared in found:
            if compared.verdict == verdict:
                return compared.judgement(all(other.verdict == "proved" for other in found[1:]))
    return Judgement(
        "proved", f"Equal to {reference.name}, for all sizes and values.", reading.notes
    )


def _all_equal(reading: Reading) -> bool:
    """Whether the parts of a line are equal to each other, whatever the reference is."""
    if any(isinstance(part.tree, Update) for part in reading.parts):
        return False
    first, *others = (part.expression for part in reading.parts)
    try:
        return all(same(first, other, reading.ranges) for other in others)
    except (CaptureError, UndecidedError):
        return False


class _Compared:
    """One part of a line, compared with the reference."""

    def __init__(self, reading: Reading, part: Part, reference: Reference) -> None:
        self.reading, self.part, self.reference = reading, part, reference
        self.ranges = {**reference.reading.ranges, **reading.ranges}
        self.message = ""
        self.counterexample: str | None = None
        self.verdict = self._verdict()

    def _verdict(self) -> str:
        wanted = self.reference.reading.parts[-1]
        clash = self._clash()
        if clash:
            diagnosis = transposed(self.reading.text, self.reference.reading)
            self.message = f"{diagnosis} {clash}".strip()
            return "refuted"
        if self.part.target is not None:
            target = _updated(self.reference.reading)
            if target is None:
                self.message = _NO_ARROW
                return "unread"
            if self.part.target != target:
                self.message = "This updates another number than the one asked about."
                return "refuted"
        return self._equal(self.part.expression, wanted.expression)

    def _clash(self) -> str:
        """Name an index that counts one thing here and another in the reference."""
        ours, theirs = self.reading.ranges, self.reference.reading.ranges
        for index in sorted(ours.keys() & theirs.keys(), key=str):
            if ours[index] != theirs[index] and index in self.part.expression.free_symbols:
                here, there = KINDS[str(ours[index])], KINDS[str(theirs[index])]
                return (
                    f"Here {index} counts {here}s, and in {self.reference.name} {there}s: "
                    "keep the letters of the start."
                )
        return ""

    def _equal(self, ours: Expr, theirs: Expr) -> str:
        try:
            if same(ours, theirs, self.ranges):
                return "proved"
            reason = ""
        except UndecidedError as error:
            reason = str(error)
        self.counterexample = self._numbers(ours, theirs)
        if reason and not self.counterexample:
            self.message = f"This could not be decided: {reason}."
            return "undecided"
        return "refuted"

    def _numbers(self, ours: Expr, theirs: Expr) -> str | None:
        try:
            found = disagreement(ours, theirs, self.ranges)
        except UndecidedError:
            return None
        if found is None:
            return None
        place, _, values = found.rpartition(": ")
        left, _, right = values.partition(" and ")
        return f"{place}: your line gives {left}, {self.reference.name} gives {right}"

    # --- words -----------------------------------------------------------------------------------

    def judgement(self, rest_is_proved: bool) -> Judgement:
        sentences = [*self._which_part(rest_is_proved)]
        if self.message:
            sentences.append(self.message)
        elif self.verdict == "refuted":
            sentences += self._why_refuted()
            introduced = sentences[0].endswith(":")
            sentences = sentences[: _MOST_SENTENCES + introduced]
            if self.counterexample:
                sentences.append(_sentence(self.counterexample))
        return Judgement(self.verdict, " ".join(sentences), self.reading.notes, self.counterexample)

    def _which_part(self, rest_is_proved: bool) -> Iterator[str]:
        if len(self.reading.parts) == 1:
            return
        place = self.reading.parts.index(self.part)
        typed = self.reading.text[self.part.tree.start : self.part.tree.end]
        if place == 0 and isinstance(self.part.tree, Slope | Letter):
            yield f"The left side, {typed}, is not what this line is about."
            if rest_is_proved:
                yield "What stands after it is true."
        else:
            yield f"In the part “{typed}”:"

    def _why_refuted(self) -> Iterator[str]:
        slips = self._slips()
        first, *others = slips or [f"This is not equal to {self.reference.name}."]
        yield first
        yield from (f"Or: {other}" for other in others)
        if not slips:
            yield from self._other_indices()

    def _slips(self) -> Sequence[str]:
        if self.reading.shape is not None:  # slips are known for numbers, entry by entry
            return ()
        return diagnoses(self.part, self.reading, self.reference.reading, self.reference.start)

    def _other_indices(self) -> Iterator[str]:
        ours = self.part.expression.free_symbols & set(self.reading.ranges)
        theirs = self.reference.reading.expression.free_symbols & set(self.reference.reading.ranges)
        more, fewer = _named(ours - theirs), _named(theirs - ours)
        name = self.reference.name
        if more and fewer and theirs:
            yield f"Your line depends on {more} where {name} depends on {fewer}."
        elif more:
            yield f"Your line also depends on {more}, which {name} does not."
        elif fewer and theirs:
            yield f"Your line does not depend on {fewer}, and {name} does."


def _updated(wanted: Reading) -> Expr | None:
    """Return what an update changes; a reference without an arrow begins with the old value."""
    if wanted.parts[-1].target is not None:
        return wanted.parts[-1].target
    first = wanted.tree.terms[0] if isinstance(wanted.tree, Plus) else wanted.tree
    if not isinstance(first, Letter):
        return None
    return NOTATION.understand(wanted.text[first.start : first.end], whole=True).expression


def _named(indices: set[Symbol] | Mapping[Symbol, object]) -> str:
    return " and ".join(sorted(str(index) for index in indices))
