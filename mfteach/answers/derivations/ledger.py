r"""A ledger: a derivation that grows line by line, each line judged when it is typed.

Each line is judged against the last proved line; the start counts as one. So one wrong line does
not make the lines after it wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mfteach.answers.derivations.hints import Guide, Path
from mfteach.answers.derivations.judging import Judgement, Reference, examine
from mfteach.answers.derivations.lecture_ways import paths_of, way_of
from mfteach.answers.derivations.ledger_lines import LedgerLine
from mfteach.answers.derivations.ledger_page import Shown, page, text
from mfteach.answers.derivations.lines.advice import advice
from mfteach.answers.derivations.lines.forms import Step, has_form, row_kind, step_of
from mfteach.answers.derivations.lines.rules import RuleCheck, check_rule
from mfteach.answers.missing import is_missing
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import Reading
from mfteach.symbolic.reading.latex import as_latex
from mfteach.symbolic.reading.syntax_tree import Update

__all__ = ["Ledger", "LedgerLine"]

_LONGEST_RULE = 200
_NO_STEPS = ", but the steps to it are missing"
_NOT_CHECKED = "not checked, because the line is not proved"


class Ledger:
    r"""A derivation of one's own, judged line by line.

    Parameters
    ----------
    name : str, optional
        A derivation of the lecture: "u" for dJ/du_is, "v" for dJ/dv_js, "ridge", "ridge v",
        "biases" (the bias b_i of a user), "bias item" (c_j), "user" (only the ratings of one
        user), "normal" (the normal equations of a user), "normal v", and with
        all pairs "implicit", "implicit v".
    start, goal : str, optional
        Any other derivation, as text in the lecture's letters. They must be equal.
    title : str, optional
        What is derived.

    Attributes
    ----------
    lines : list of LedgerLine
        Every line that was typed, in order.

    Raises
    ------
    ValueError
        If there is no derivation of that name, or if start and goal are not proved equal, or are
        the same line.

    Source: lecture rows S52 to S59, S63, S67, S68.

    Examples
    --------
    >>> ledger = Ledger("u")
    >>> ledger.add("d/du_is 1/2 sum_{j in I_i} e_ij^2", rule="only user i matters").verdict
    'proved'
    >>> ledger.done
    False
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        start: str | None = None,
        goal: str | None = None,
        title: str = "",
    ) -> None:
        if (name is None) == (start is None or goal is None):
            raise ValueError('give a name, Ledger("u"), or both a start and a goal')
        way = None if name is None else way_of(name)
        lines = (start or "", goal or "") if way is None else way.lines
        self.title = title or ("My derivation" if way is None else way.title)
        self._caption = self.title if title or way is None else way.caption
        self._start = NOTATION.understand(lines[0])
        self._goal = NOTATION.understand(lines[-1])
        self.start = step_of(self._start.tree, NOTATION.letters, self._start.text)
        self.goal = step_of(self._goal.tree, NOTATION.letters, self._goal.text)
        zero = way is not None and way.zero
        self._last = Reference(self._start, "the start", self._start, zero)
        if way is None:
            self._require_a_way()
        self.lines: list[LedgerLine] = []
        self.steps: list[tuple[int, Step]] = []
        self._guide = Guide([Path(lines, ("", ""))] if way is None else paths_of(way))

    def _require_a_way(self) -> None:
        judgement = examine(self._goal.text, self._last).judgement
        if not judgement:
            raise ValueError(f"the goal does not follow from the start. {judgement.message}")
        if self.start.outline == self.goal.outline:
            raise ValueError("the start and the goal are the same line: there is nothing to derive")

    # --- typing ----------------------------------------------------------------------------------

    def add(self, text: str, rule: str | None = None) -> Judgement:
        """Judge the next line, and write it down.

        Parameters
        ----------
        text : str
            As a student types it; an equals sign in front is left out of account.
        rule : str, optional
            Why the line follows, in the student's words. "expand", "chain rule", "pull out",
            "cancel", "delta" and "only user i" are checked against what the line does.

        Returns
        -------
        Judgement
            As `judge` returns it; the lines before stay as they are.
        """
        if is_missing(text):
            return Judgement("unread", "Not yet: nothing was typed.")
        if rule is not None and not str(rule).strip():
            rule = None
        judgement, reading, meant = examine(text, self._last)
        number = len(self.lines) + 1
        if not judgement or meant is None:
            checked = None if rule is None else RuleCheck(_short(rule), missing=_NOT_CHECKED)
            self.lines.append(LedgerLine(str(text), judgement, checked, (), reading))
            return judgement
        before = self.steps[-1][1] if self.steps else self.start
        remarks = tuple(self._written_down(number, meant))
        after = self.steps[-1][1]
        checked = None if rule is None else check_rule(_short(rule), before.form, after.form)
        self.lines.append(LedgerLine(text, judgement, checked, remarks, reading))
        self._last = Reference(meant, f"line {number}", self._start, self._last.zero)
        return judgement

    def _written_down(self, number: int, reading: Reading) -> Iterator[str]:
        """Take note of the parts of a proved line; yield what there is to say about them."""
        was_done = self.done
        repeated = ""
        for part in reading.parts:
            step = step_of(part.tree, NOTATION.letters, reading.text)
            repeated = self._same_as(step)
            self.steps.append((number, step))
        if repeated:
            yield f"This is {repeated} in another spelling: true, but not a step."
        if self.done and not was_done:
            yield "The goal is reached."

    def _same_as(self, step: Step) -> str:
        if step.outline == self.start.outline:
            return "the start"
        for number, earlier in self.steps:
            if step.outline == earlier.outline:
                return f"line {number}"
        return ""

    # --- how far it is ---------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether a proved line, other than the start, has the form of the goal."""
        return any(
            has_form(step, self.goal, self.start)
            for _, step in self.steps
            if step.outline != self.start.outline
        )

    @property
    def status(self) -> str:
        """Where the derivation stands, and which lines do not belong in it."""
        if self.done:
            reached = f"The goal is reached{_NO_STEPS if self.jumped else ''}."
            return " ".join([reached, *_to_be_left_out(self.lines)])
        if not self.steps:
            return "Not yet: no line is proved so far."
        last = self.steps[-1][1]
        if last.outline == self.start.outline:
            return "Not yet: this is where you started."
        left = advice(last, self.goal)
        return f"Not yet: {'; '.join(left) or 'it has not the form of the goal'}."

    @property
    def jumped(self) -> bool:
        """Whether the goal stands there without a line that shows how to get to it."""
        if self.start.form.slopes <= self.goal.form.slopes:
            return False
        outlines = (step.outline for _, step in self.steps)
        between = {outline for outline in outlines if outline != self.start.outline}
        return self.done and all(
            has_form(step, self.goal, self.start)
            for _, step in self.steps
            if step.outline in between
        )

    def hint(self) -> str:
        """Return a hint on the next line; asked again at the same place, a clearer one.

        First the kind of step, then the shape of the line, then the line itself. They follow the
        lecture's way or another one, whichever has the line that is nearest to your last proved
        one, and begin again after each proved line.
        """
        if self.done:
            return f"The goal is reached{_NO_STEPS if self.jumped else ''}."
        last = self.steps[-1][1] if self.steps else self.start
        return self._guide.hint(last, row_kind(self.start), len(self.steps))

    # --- showing ---------------------------------------------------------------------------------

    def _shown(self) -> Shown:
        start = as_latex(self._start.tree)
        arrow = isinstance(self._start.tree, Update)
        return Shown(self.title, self._caption, start, tuple(self.lines), self.status, arrow)

    def __str__(self) -> str:
        return text(self._shown())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return page(self._shown())


def _to_be_left_out(lines: Sequence[LedgerLine]) -> Iterator[str]:
    """Name the lines that are not proved."""
    found = [(n, line.judgement.verdict) for n, line in enumerate(lines, 1) if not line.judgement]
    if not found:
        return
    *others, last = (str(number) for number, _ in found)
    what = "false" if all(verdict == "refuted" for _, verdict in found) else "not proved"
    if others:
        numbers = f"{', '.join(others)} and {last}"
        yield f"Lines {numbers} are {what}: leave them out of what you hand in."
    else:
        yield f"Line {last} is {what}: leave it out of what you hand in."


def _short(rule: str) -> str:
    words = " ".join(str(rule).split())
    return words if len(words) <= _LONGEST_RULE else f"{words[: _LONGEST_RULE - 1]}…"
