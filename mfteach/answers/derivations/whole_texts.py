r"""A whole derivation typed as one text, a line a row: judged against a start and a goal.

Each line is judged by a `Ledger`, against the last proved line. How far the derivation has come is
said in `mfteach.answers.derivations.milestones`. Bounded: so many lines, each so long, and so many
of them not proved; what is left out is said.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mfteach.answers.derivations.judging import Judgement
from mfteach.answers.derivations.ledger import Ledger, LedgerLine
from mfteach.answers.derivations.milestones import expected, jumped, reached
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError
from mfteach.symbolic.reading.grammar import parse
from mfteach.symbolic.reading.letters import KINDS
from mfteach.symbolic.reading.syntax_tree import Letter, MatrixOf, Node, Number, walk

__all__ = [
    "LONGEST_LINE",
    "MOST_LINES",
    "MOST_NOT_PROVED",
    "JudgedLine",
    "Task",
    "Walk",
    "judge_derivation",
    "problems",
    "rows",
]

MOST_LINES = 30
LONGEST_LINE = 300
MOST_NOT_PROVED = 5
"""After so many lines that are refuted or undecided no further line is judged: these cost most."""


@dataclass(frozen=True)
class Task:
    r"""What is to be derived.

    Parameters
    ----------
    start, goal : str
        In the lecture's letters, in any spelling that `Ledger` reads.
    letters : str
        The letters and indices that a line may contain, separated by spaces, such as
        ``"J u v r e rhat delta i j s q"``; empty if any may occur. The sizes m, n and k always
        may.
    """

    start: str
    goal: str
    letters: str = ""


@dataclass(frozen=True)
class JudgedLine:
    """A line as it was typed, and what is known about it; see `Judgement`.

    The remarks are those of the ledger on a line that reaches no milestone.
    """

    text: str
    verdict: str
    message: str
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Walk:
    """A derivation that was judged.

    Parameters
    ----------
    lines : tuple of JudgedLine
        Line 1 is the first that is not blank.
    reached : tuple of (str, int)
        The milestones that count, each with its line. A false line costs the next milestone after
        it; false lines without a true one between them cost it once.
    left_out : int
        How many further lines there are, beyond `MOST_LINES`.
    status : str
        Where the last line stands, in one sentence.
    costs : tuple of str
        What costs points, a sentence each: false lines, and jumps over steps that would count.
    """

    lines: tuple[JudgedLine, ...]
    reached: tuple[tuple[str, int], ...]
    left_out: int
    status: str
    costs: tuple[str, ...] = ()

    def first(self, *verdicts: str) -> int | None:
        """Return the number of the first line with one of these verdicts."""
        numbers = (n for n, line in enumerate(self.lines, 1) if line.verdict in verdicts)
        return next(numbers, None)


# The rows of a text ------------------------------------------------------------------------------

# What Python makes of \a, \b, \f, \v in a literal without r in front; and of \r and \t, where they
# begin a command of LaTeX.
_ESCAPED = re.compile(r"[\a\b\f\v]|\r(?=ight|ho)|\t(?=imes|ilde|ext|frac|o\b)")
_SPELLED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\r": "\\r", "\t": "\\t"}
_ROW_END = re.compile(r"\r\n|\r|\n")
_FRAME = re.compile(r"\\(begin|end)\{[a-z]+\*?\}|\\[\[\]]|\$\$?")


def rows(text: str) -> list[str]:
    r"""Return the lines of a typed derivation, without what is not a formula.

    Left out are blank lines, remarks (from ``#`` to the end of a line, as in Python), the frames
    and line ends of LaTeX (``\begin{align}``, ``&``, ``\\``). Commands of LaTeX that Python's
    escapes have spoiled, as in ``"\frac"`` without r in front, are put back.

    Examples
    --------
    >>> rows("# my way\ndJ/du_is  # the start\n\n  &= -sum_{j in I_i} v_js e_ij \\\\ \n")
    ['dJ/du_is', '= -sum_{j in I_i} v_js e_ij']
    """
    spelled = _ESCAPED.sub(lambda match: _SPELLED[match[0]], text)
    plain = (_plain_row(row) for row in _ROW_END.split(spelled))
    return [row for row in plain if row]


def _plain_row(row: str) -> str:
    row = re.sub(r"(?<!\\)#.*", "", row).strip()
    if _FRAME.fullmatch(row):
        return ""
    row = re.sub(r"\\\\(\[[0-9a-z. ]*\])?$", "", row)
    return re.sub(r"[ \t]*(?<!\\)&[ \t]*", " ", row).strip()


# Judging -----------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def judge_derivation(text: str, task: Task) -> Walk:
    """Judge a derivation, line by line. No text raises.

    Parameters
    ----------
    text : str
        A line a row.
    task : Task

    Raises
    ------
    ValueError
        If the goal does not follow from the start; see `problems`.
    """
    typed = rows(text)
    ledger = _judged(tuple(typed[:MOST_LINES]), task)
    found = reached(ledger)
    lines = tuple(
        JudgedLine(
            line.text,
            line.judgement.verdict,
            line.judgement.message,
            line.judgement.notes,
            () if number in found.values() else tuple(line.remarks),
        )
        for number, line in enumerate(ledger.lines, 1)
    )
    left_out = max(0, len(typed) - MOST_LINES)
    return Walk(
        lines, _counted(found, lines), left_out, ledger.status, tuple(_costs(ledger, lines))
    )


def _costs(ledger: Ledger, lines: tuple[JudgedLine, ...]) -> Iterator[str]:
    for number in _went_wrong(lines):
        yield f"Line {number} is false: it costs a step; delete it."
    for jump in jumped(ledger):
        if jump.is_goal and jump.before == 0:
            yield (
                f"Line {jump.after} is already the goal: steps after it do not count. "
                "Delete it, or begin it with #."
            )
        else:
            before = f"line {jump.before}" if jump.before else "the start"
            yield (
                f"From {before} to line {jump.after} is a long jump; "
                "the steps inside it do not count."
            )


def problems(task: Task, milestones: tuple[str, ...]) -> list[str]:
    """Say why a task cannot be set; nothing if it can.

    Parameters
    ----------
    task : Task
    milestones : tuple of str
        Those for which there are points.
    """
    try:
        ledger = _empty(task.start, task.goal)
    except (ValueError, RecursionError) as error:
        return [str(error)]
    strange = [_foreign(text, task.letters) for text in (task.start, task.goal)]
    can_be = expected(ledger)
    never = [name for name in milestones if name not in can_be]
    words = f"the way from start to goal has no milestone {', '.join(never)}, only"
    return [*filter(None, strange), *([f"{words} {', '.join(can_be)}"] if never else [])]


@lru_cache(maxsize=256)
def _empty(start: str, goal: str) -> Ledger:
    """Return a ledger without lines; that the goal follows is proved once."""
    return Ledger(start=start, goal=goal)


@lru_cache(maxsize=4096)
def _judged(typed: tuple[str, ...], task: Task) -> Ledger:
    """Return the ledger with these lines, which nobody may change: prefixes are shared."""
    if not typed:
        return _empty(task.start, task.goal)
    before = _judged(typed[:-1], task)
    ledger = copy.copy(before)
    ledger.lines, ledger.steps = list(before.lines), list(before.steps)
    line = typed[-1]
    refusal = _refusal(line, ledger, task)
    if refusal is None:
        ledger.add(line)
    else:
        ledger.lines.append(LedgerLine(line, refusal))
    return ledger


def _refusal(line: str, ledger: Ledger, task: Task) -> Judgement | None:
    """Say why a line is not judged at all; None if it is."""
    costly = [one for one in ledger.lines if one.judgement.verdict in ("refuted", "undecided")]
    if len(costly) >= MOST_NOT_PROVED:
        words = f"Not judged: {MOST_NOT_PROVED} lines before it are not proved. Mend these first."
        return Judgement("undecided", words)
    if len(line) > LONGEST_LINE:
        words = f"This line has {len(line)} characters, and at most {LONGEST_LINE} are read."
        return Judgement("unread", f"{words} Abbreviate, for example with e_ij.")
    foreign = _foreign(line, task.letters)
    return Judgement("unread", foreign) if foreign else None


def _counted(
    found: Mapping[str, int], lines: tuple[JudgedLine, ...]
) -> tuple[tuple[str, int], ...]:
    """Leave out, for each place where the derivation went wrong, the next milestone after it."""
    left_out: list[str] = []
    for place in _went_wrong(lines):
        later = (name for name, number in found.items() if number > place and name not in left_out)
        left_out += sorted(later, key=found.__getitem__)[:1]
    return tuple((name, number) for name, number in found.items() if name not in left_out)


def _went_wrong(lines: tuple[JudgedLine, ...]) -> Iterator[int]:
    """Yield the numbers of the false lines, only the first of those without a true one between."""
    before = "proved"
    for number, line in enumerate(lines, 1):
        if line.verdict not in ("proved", "refuted"):
            continue
        if line.verdict == "refuted" and before == "proved":
            yield number
        before = line.verdict


# Letters -----------------------------------------------------------------------------------------


def _foreign(line: str, letters: str) -> str:
    """Name a letter that does not belong to the question; empty if there is none."""
    if not letters:
        return ""
    try:
        trees, _ = parse(line, NOTATION.letters)
    except (NotationError, ValueError, RecursionError):
        return ""  # the ledger says what is wrong with it
    known = {*letters.split(), *KINDS}
    names = (name for tree in trees for node in walk(tree) for name in _names(node))
    strange = next((name for name in names if name not in known), None)
    if strange is None:
        return ""
    return f"The letter {strange} does not belong to this question. Its letters: {letters}."


def _names(node: Node) -> Iterator[str]:
    """Yield the letters and indices in a node itself, as they are typed."""
    if isinstance(node, Letter | MatrixOf):
        yield _spoken(node.name)
    for key in ("indices", "names", "owner"):
        value = getattr(node, key, ())
        for index in value if isinstance(value, tuple) else (value,):
            if isinstance(index, str) and not isinstance(node, Number):
                yield index.rstrip("'")


def _spoken(name: str) -> str:
    r"""Write a name as it is typed: ``\hat{r}`` is rhat, ``J^{\mathrm{ridge}}`` is J."""
    accented = re.fullmatch(r"\\(hat|tilde)\{(\w+)\}", name)
    if accented:
        return f"{accented[2]}{accented[1]}"
    return name.partition("^")[0].lstrip("\\")
