"""The input line of a ledger: type a line, press Enter, and read what is known about it.

A widget for a notebook, in a cell of its own. In a terminal, or in a cell whose output is kept,
``ledger.add("...")`` does the same.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfteach.answers.derivations.ledger import Ledger

__all__ = ["LedgerInput", "ledger_input"]

_PAUSE = 0.15
"""Seconds from Enter to reading the line: what was typed last may arrive after the key."""

_WIDE = {"width": "auto"}


def ledger_input(ledger: Ledger) -> Any:
    """Return the input line of a ledger, to be the last line of a cell.

    Parameters
    ----------
    ledger : Ledger
        It grows with each line that is typed; ``ledger.lines`` has them afterwards.

    Returns
    -------
    ipywidgets.VBox
        A labelled text field, buttons to add the line and to ask for a hint, the verdict, and the
        ledger so far. All of it can be reached by keyboard, and a screen reader reads the verdict
        aloud.
    """
    return LedgerInput(ledger).box


class LedgerInput:
    """The parts of the input line and what they do."""

    def __init__(self, ledger: Ledger) -> None:
        import ipywidgets as widgets  # loaded when it is shown: a terminal does without

        self.ledger = ledger
        self.line = widgets.Text(
            description="Next line:",
            placeholder="for example: sum_{j in I_i} ...",
            continuous_update=False,
            style={"description_width": "initial"},
            layout=_WIDE,
        )
        self.rule = widgets.Text(
            description="Rule (optional):",
            placeholder="for example: chain rule",
            continuous_update=False,
            style={"description_width": "initial"},
            layout=_WIDE,
        )
        self.add = widgets.Button(description="Add the line", tooltip="Add the line (Enter)")
        self.ask = widgets.Button(description="Hint", tooltip="A hint on the next line")
        self.verdict = widgets.HTML()
        self.page = widgets.HTMLMath(ledger._repr_html_())
        for field in (self.line, self.rule):
            field.on_msg(self._on_key)
        self.add.on_click(lambda _: self.submit())
        self.ask.on_click(lambda _: self.hint())
        buttons = widgets.HBox([self.add, self.ask])
        self.box = widgets.VBox([self.page, self.line, self.rule, buttons, self.verdict])

    def _on_key(self, _: Any, content: Any, __: Any) -> None:
        """Act on Enter; the value of the field arrives at about the same time as the key."""
        if content.get("event") != "submit":
            return
        try:
            asyncio.get_running_loop().call_later(_PAUSE, self.submit)
        except RuntimeError:  # no event loop: nothing can arrive later
            self.submit()

    def submit(self) -> None:
        """Add what was typed to the ledger and say what is known about it."""
        judgement = self.ledger.add(self.line.value, self.rule.value.strip() or None)
        remarks = self.ledger.lines[-1].remarks if self.ledger.lines and judgement else ()
        self._say(" ".join([f"{judgement.verdict.capitalize()}. {judgement}", *remarks]))
        self.page.value = self.ledger._repr_html_()
        if judgement:
            self.line.value = self.rule.value = ""

    def hint(self) -> None:
        """Show the next hint."""
        self._say(self.ledger.hint())

    def _say(self, words: str) -> None:
        """Put words where a screen reader reads them aloud as soon as they appear."""
        quiet = "tex2jax_ignore mathjax_ignore"
        self.verdict.value = f'<div role="alert" class="{quiet}">{escape(words)}</div>'
