"""The input line of a ledger: type a line, press Enter, and read what is known about it.

A widget for a notebook, in a cell of its own. In a terminal, or in a cell whose output is kept,
``ledger.add("...")`` does the same.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Any

from mfteach.arguments import having

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
        The ledger so far, the verdict, a labelled text field, and buttons to add the line and to
        ask for a hint. All of it can be reached by keyboard, and a screen reader reads the verdict
        aloud.
    """
    having(ledger, "ledger", ("add", "hint"), "a Ledger")
    return LedgerInput(ledger).box


class LedgerInput:
    """The parts of the input line and what they do."""

    def __init__(self, ledger: Ledger) -> None:
        import ipywidgets as widgets  # loaded when it is shown: a terminal does without

        self.ledger = ledger
        self.line = widgets.Text(
            description="Next line:",
            placeholder="plain text or LaTeX, then Enter",
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
        for shown in (self.page, self.verdict):
            shown.add_class("jp-RenderedHTMLCommon")  # tables as in any other output
        for field in (self.line, self.rule):
            field.on_msg(self._on_key)
        self.add.on_click(lambda _: self.submit())
        self.ask.on_click(lambda _: self.hint())
        buttons = widgets.HBox([self.add, self.ask])
        # All that is said stands above the line: as the page grows, the line may move out of the
        # window, but the next key brings it back, and what is above it comes along.
        self.box = widgets.VBox([self.page, self.verdict, self.line, self.rule, buttons])

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
        before = len(self.ledger.lines)
        judgement = self.ledger.add(self.line.value, self.rule.value.strip() or None)
        is_new = len(self.ledger.lines) > before
        self._say(self._known() if is_new else escape(judgement.message))
        self.page.value = self.ledger._repr_html_()
        if judgement:
            self.line.value = self.rule.value = ""
        self.line.focus()  # also after the button: ready for the next line

    def _known(self) -> str:
        """Say what is known about the last line; with its number each announcement is a new one."""
        line = self.ledger.lines[-1]
        verdict = line.judgement.verdict
        words = f"Line {len(self.ledger.lines)}: {verdict}. {line.judgement.message}"
        sign = f'<span aria-hidden="true">{line.mark}</span>'
        said = [f"{sign} {escape(words)}", *map(escape, line.comments)]
        return "<br>".join(said)

    def hint(self) -> None:
        """Show the next hint."""
        self._say(f"Hint: {escape(self.ledger.hint())}")

    def _say(self, html: str) -> None:
        """Put words where a screen reader reads them aloud as soon as they appear."""
        look = 'class="tex2jax_ignore mathjax_ignore" style="line-height:normal"'
        self.verdict.value = f'<div role="alert" {look}>{html}</div>'
