"""One line of a ledger: what was typed, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass

from mfteach.answers.derivations.judging import Judgement
from mfteach.answers.derivations.lines.rules import RuleCheck
from mfteach.symbolic.notation import Reading
from mfteach.symbolic.reading.latex import as_latex

__all__ = ["LedgerLine"]

_MARKS = {"proved": "✓", "refuted": "✗", "unread": "?", "undecided": "…"}


@dataclass(frozen=True)
class LedgerLine:
    """A line as it was typed, and what is known about it.

    Parameters
    ----------
    text : str
    judgement : Judgement
    rule : RuleCheck, optional
        The rule that the line claims, and whether it is what the line does.
    remarks : tuple of str
        That the goal is reached, or that the line repeats an earlier one.
    reading : Reading, optional
        How it was read, if it was.
    """

    text: str
    judgement: Judgement
    rule: RuleCheck | None = None
    remarks: tuple[str, ...] = ()
    reading: Reading | None = None

    @property
    def latex(self) -> str:
        """The line as LaTeX, as it was read; empty if it was not."""
        if self.reading is None:
            return ""
        return " = ".join(as_latex(part.tree) for part in self.reading.parts)

    @property
    def mark(self) -> str:
        """The symbol of the verdict; the word stands beside it."""
        return _MARKS[self.judgement.verdict]

    @property
    def comments(self) -> list[str]:
        """What there is to say about the line besides the verdict."""
        rule = [] if self.rule is None else [f"rule: {self.rule}"]
        return [*rule, *(f"note: {note}" for note in self.judgement.notes), *self.remarks]
