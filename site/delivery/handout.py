"""The handout: the whole course in one PDF, with a contents that names pages.

It holds the text, the figures, the ledgers, the exercises and what the cells print of all lessons,
and no code. Chromium prints it twice: the first time to see on which page each lesson begins, which
the contents then says.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from delivery import web_parts
from delivery.browser import open_browser, serving, typeset
from delivery.lessons import Block, Cell, Lesson, blocks, lessons
from delivery.markup import mathjax, of_markdown, of_output, without_typing
from delivery.places import BUILD, HANDOUT, SITE

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["build", "page"]

FOOTER = (
    '<div style="font-size:8px;width:100%;padding:0 18mm;color:#555;display:flex;'
    'justify-content:space-between"><span>Mathematical Foundations of Recommender Systems</span>'
    '<span class="pageNumber"></span></div>'
)
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}
_PAGE = "handout.html"
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)


def build() -> Path:
    """Print the handout and return the PDF.

    Raises
    ------
    MissingPartsError, MissingChromiumError
        If MathJax cannot be fetched, or there is no Chromium.
    """
    web_parts.fetch()
    with serving(BUILD) as address, open_browser() as browser:
        opened = browser.new_page()
        # One lesson at a time: in all of them together, each formula that is set would move
        # everything below it.
        written = [_typeset(opened, address, lesson) for lesson in lessons()]
        _open(opened, address, page(written))
        _number_contents(opened, _first_pages(_printed(opened)))
        HANDOUT.write_bytes(_printed(opened))
    return HANDOUT


def _open(opened: Page, address: str, text: str) -> None:
    (BUILD / _PAGE).write_text(text, encoding="utf-8")
    opened.goto(f"{address}/{_PAGE}")


def _typeset(opened: Page, address: str, lesson: Lesson) -> Written:
    head = mathjax("web/mathjax/tex-chtml.js", spoken=False)
    _open(opened, address, _whole(head, _lesson(lesson)))
    typeset(opened)
    style = opened.evaluate(
        "[...document.querySelectorAll('style')].slice(1).map(one => one.textContent).join('')"
    )
    article = opened.evaluate("document.querySelector('article').outerHTML")
    return Written(lesson, article, style)


def _printed(opened: Page) -> bytes:
    printed: bytes = opened.pdf(
        format="A4",
        margin=MARGIN,
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
    )
    return printed


def _first_pages(pdf: bytes) -> dict[str, int]:
    """Return on which page, from 1, each place that the contents link to stands."""
    from pypdf import PdfReader  # only the handout needs it

    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.lstrip("/"): 1 + (reader.get_destination_page_number(place) or 0)
        for name, place in reader.named_destinations.items()
    }


def _number_contents(opened: Page, pages: dict[str, int]) -> None:
    opened.evaluate(
        """pages => document.querySelectorAll("nav [data-to]").forEach(line => {
             const page = pages[line.dataset.to];
             if (!page) throw new Error(`no page for ${line.dataset.to}`);
             line.querySelector(".page").textContent = page;
           })""",
        pages,
    )


# The page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """A lesson as it is printed, with the style that its formulas need."""

    lesson: Lesson
    article: str
    style: str


def page(written: list[Written]) -> str:
    """Return the page that is printed."""
    styles = "\n".join(f"<style>{each.style}</style>" for each in written)
    contents = "".join(_entry(each.lesson) for each in written)
    return _whole(
        styles,
        '<header><p class="title">Mathematical Foundations<br>of Recommender Systems</p>'
        "<p>The handout: what the lessons say, without the code. "
        "After Robin Burke, Spring 2019. CC BY 4.0.</p></header>\n"
        f"<nav><p>Contents</p>{contents}</nav>\n" + "\n".join(each.article for each in written),
    )


def _whole(head: str, body: str) -> str:
    style = (SITE / "static" / "handout.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        "<title>Mathematical Foundations of Recommender Systems</title>\n"
        f"<style>{style}</style>\n{head}</head>\n<body>\n{body}</body></html>"
    )


def _title(lesson: Lesson) -> str:
    return html.escape(f"{lesson.number} {lesson.title}")


def _entry(lesson: Lesson) -> str:
    title = _title(lesson)
    return (
        f'<p data-to="l{lesson.number}"><a href="#l{lesson.number}">{title}</a>'
        '<span class="dots"></span><span class="page">000</span></p>'
    )


def _lesson(lesson: Lesson) -> str:
    introduction = of_markdown(lesson.cells[0].source.partition("\n")[2])
    body = "\n".join(part for cell in lesson.cells[1:] for part in _cell(cell))
    return (
        f'<article id="l{lesson.number}"><h1>{_title(lesson)}</h1>\n{introduction}{body}</article>'
    )


def _cell(cell: Cell) -> Iterator[str]:
    if cell.kind == "text":
        yield from map(_block, blocks(cell.source))
    elif cell.kind in ("code", "drawing", "outcome"):
        for output in cell.shown:
            shown = _SCRIPT.sub("", of_output(output))  # on paper the still pictures stand
            if shown:
                yield f'<div class="{_kind(shown, cell)}">{shown}</div>'


def _kind(shown: str, cell: Cell) -> str:
    if "<table" in shown:
        return "ledger"
    return "outcome" if cell.kind == "outcome" else "shown"


def _block(block: Block) -> str:
    if block.text.startswith("Put your answer in"):  # nothing can be typed on paper
        return ""
    text = re.sub(r"<details.*?</details>", "", block.text, flags=re.DOTALL)
    shown = of_markdown(without_typing(text) if block.kind == "predict" else text)
    if block.kind == "predict":
        return f'<section class="predict"><p class="name">Predict</p>{shown}</section>'
    if block.kind == "exercise":
        name = of_markdown(f"Exercise {block.title}").replace("<p>", '<p class="name">', 1)
        return f'<section class="exercise">{name}{shown}</section>'
    return shown
