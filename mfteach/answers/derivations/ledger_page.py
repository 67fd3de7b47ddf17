"""A ledger as text for a terminal and as a table for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from mfteach.answers.derivations.judging import Judgement
from mfteach.answers.derivations.ledger_lines import LedgerLine
from mfteach.symbolic.tables import TABLE, scrolling, whole
from mfteach.symbolic.writing import plain

__all__ = ["Shown", "page", "text"]

_HEADS = ("line", "verdict", "formula, and what there is to say")
_LEFT = 'style="text-align:left"'
_LONGEST_SHOWN = 200
_HERE = '<span aria-hidden="true">▲</span>'
"""Marks a place where something is missing; in a formula a caret would be read as a power."""


@dataclass(frozen=True)
class Shown:
    """What is shown of a ledger.

    Parameters
    ----------
    title : str
    caption : str
        The title with its formulas between dollars.
    start : str
        As LaTeX.
    lines : tuple of LedgerLine
    status : str
    arrow : bool
        Whether the lines are updates, with an arrow and no equals sign.
    """

    title: str
    caption: str
    start: str
    lines: tuple[LedgerLine, ...]
    status: str
    arrow: bool = False


def text(ledger: Shown) -> str:
    """Write a ledger as plain text."""
    rows = [ledger.title, f"start  {plain(ledger.start)}"]
    for number, line in enumerate(ledger.lines, start=1):
        rows += _text_of_line(ledger, number, line)
    return "\n".join([*rows, ledger.status])


def _text_of_line(ledger: Shown, number: int, line: LedgerLine) -> Iterator[str]:
    sign = "" if ledger.arrow or line.text.lstrip().startswith("=") else "= "
    typed = _one_line(line.text)
    yield f"{number:>5}  {sign}{typed}"
    caret = caret_below(line.text, line.judgement)
    if caret:
        yield f"       {' ' * len(sign)}{caret}"
    verdict = line.judgement.verdict
    yield f"       {line.mark} {verdict}: {line.judgement.message}"
    for remark in line.comments:
        yield f"       {remark}"


def caret_below(typed: str, judgement: Judgement) -> str:
    """Mark the place of an unread line, for the row below it; empty if none can be marked."""
    if judgement.place is None or _one_line(typed) != typed:
        return ""
    place, end = judgement.place
    return " " * place + "^" * max(1, end - place)


def _one_line(typed: str) -> str:
    """Write a line in one row, however it was typed, and not without end."""
    shown = "".join(letter if letter.isprintable() else " " for letter in typed)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


# --- the page ------------------------------------------------------------------------------------


def page(ledger: Shown) -> str:
    """Write a ledger as a table."""
    head = "".join(f'<th scope="col" {_LEFT}>{text}</th>' for text in _HEADS)
    start = _row("start", "", _formula(ledger.start))
    rows = "".join(
        _row(str(number), _verdict(line), f"{_shown(ledger, line)}<br>{_said(line)}")
        for number, line in enumerate(ledger.lines, start=1)
    )
    return scrolling(
        f'<table class="mfteach-ledger" {TABLE}><caption>{escape(ledger.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{start}{rows}</tbody>"
        f'<tfoot><tr><td colspan="{len(_HEADS)}" {_LEFT}>{_safe(ledger.status)}</td></tr></tfoot>'
        "</table>"
    )


def _row(name: str, *cells: str) -> str:
    tds = "".join(f"<td {_LEFT}>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row" {_LEFT}>{name}</th>{tds}</tr>'


def _formula(latex: str) -> str:
    formula = escape(rf"$\displaystyle {latex}$", quote=False)
    return f"<span {whole(latex, 'inline-block')}>{formula}</span>"


def _shown(ledger: Shown, line: LedgerLine) -> str:
    if line.latex:
        return _formula(line.latex if ledger.arrow else rf"{{}}= {line.latex}")
    return _typed_with_its_place(line)


def _typed_with_its_place(line: LedgerLine) -> str:
    """Write a line as it was typed; the place that could not be read is marked and underlined."""
    place = line.judgement.place
    if place is None:
        return f"<code>{escape(_one_line(line.text))}</code>"
    before, at, after = line.text[: place[0]], line.text[place[0] : place[1]], line.text[place[1] :]
    marked = f'<mark style="text-decoration:underline">{escape(_one_line(at)) or _HERE}</mark>'
    return f"<code>{escape(_one_line(before))}{marked}{escape(_one_line(after))}</code>"


def _verdict(line: LedgerLine) -> str:
    verdict = line.judgement.verdict
    sign = f'<span aria-hidden="true">{line.mark}</span>'
    return f'<span style="white-space:nowrap">{sign} {verdict}</span>'


def _said(line: LedgerLine) -> str:
    return "<br>".join(_safe(words) for words in (line.judgement.message, *line.comments))


def _safe(words: str) -> str:
    """Escape what was typed, also from MathJax: in a typed line a dollar sign is only a sign."""
    return f'<span class="tex2jax_ignore mathjax_ignore">{escape(words)}</span>'
