"""The slides of a class, from the cells of its lesson: one idea a slide, no code.

A slide shows what can be read from the last row: a question before its figure, a figure, what
happened, a formula with the sentence that leads to it, a sentence with a bold word, a ledger, an
exercise. The rest of the text goes into the speaker's notes, with what the guide says.

An author can overrule this with a tag of the cell: ``slide`` shows all of it, ``no-slide`` nothing.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from delivery import web_parts
from delivery.guides import Guide, guides
from delivery.lessons import Block, Cell, Lesson, blocks, lessons
from delivery.markup import mathjax, of_markdown, of_output, plain, sentences, without_typing
from delivery.places import OUTPUT, SITE, SLIDES

__all__ = ["Slide", "build", "deck"]

MOST_LETTERS = 520
"""On one slide of text; what is more goes on the next."""

LONG_FORMULA = 100
"""Letters of LaTeX from which formulas that stand side by side go on lines of their own."""

FEW_LETTERS = 330
"""A slide with fewer, tags included, has larger letters."""

MANY_LETTERS = 700
"""A slide with more, tags and LaTeX not counted, is one long list and has smaller letters."""

MOST_OF_A_LEDGER = 900
"""Letters of LaTeX and rules on one slide; a longer ledger goes on from the line where it was."""

_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_DETAILS = re.compile(r"<details.*?</details>", re.DOTALL)
_BOLD = re.compile(r"\*\*(?!On trust)[^*]+\*\*")
_LISTED = ("|", "- ", "1. ")
_ASKING = {"Exercises", "Exit check"}
_SKIPPED = {"What you'll do", "What you'll need", "Further reading", "Rows of the lecture"}


@dataclass(frozen=True)
class Slide:
    """One slide: a heading, HTML below it, notes for whoever speaks, and how it looks."""

    heading: str
    body: str
    notes: str = ""
    look: str = "text"


def build() -> Path:
    """Write the slides of all classes that have a guide and return the page that lists them.

    Raises
    ------
    MissingPartsError
        If MathJax and reveal.js are not there and cannot be fetched.
    """
    web_parts.fetch()
    web_parts.copy_to(OUTPUT)
    SLIDES.mkdir(parents=True, exist_ok=True)
    for name in ("slides.css", "favicon.svg"):
        shutil.copy(SITE / "static" / name, SLIDES)
    course = {lesson.number: lesson for lesson in lessons()}
    listed = []
    for guide in guides():
        lesson = course[guide.number]
        (SLIDES / f"{lesson.number}.html").write_text(_page(lesson, guide), encoding="utf-8")
        listed.append(f'<li><a href="{lesson.number}.html">{html.escape(lesson.title)}</a></li>')
    index = _TEMPLATE.format(
        title="Slides",
        head='<link rel="stylesheet" href="slides.css">',
        body=f'<main class="list"><h1>Slides</h1>\n<ol start="{next(iter(guides())).number}">'
        + "\n".join(listed)
        + "</ol>\n<p>In a class, S shows the speaker's notes and F fills the screen.</p></main>",
    )
    (SLIDES / "index.html").write_text(index, encoding="utf-8")
    return SLIDES / "index.html"


def deck(lesson: Lesson, guide: Guide) -> list[Slide]:
    """Return the slides of a lesson, each with its notes."""
    first = Slide(lesson.title, "", _spoken(guide.notes("Hook and poll")), "title")
    slides = [first]
    heading, said = "", ""
    for cell in lesson.cells[1:]:
        for slide in _of_cell(cell, heading):
            if slide.look == "section":
                heading, said = slide.heading, guide.notes(slide.heading)
                continue
            if heading in _SKIPPED:
                continue
            notes = _spoken(said) + slide.notes
            slides.append(Slide(slide.heading or heading, slide.body, notes, slide.look))
            said = ""
    return slides


def _spoken(notes: str) -> str:
    return of_markdown(notes) if notes else ""


# Which slides a cell gives ------------------------------------------------------------------------


def _of_cell(cell: Cell, heading: str) -> Iterator[Slide]:
    if "no-slide" in cell.tags:
        return
    if cell.kind == "text":
        yield from _of_text(cell)
        return
    for output in cell.shown:
        page = of_output(output)
        said = "".join(output.get("data", {}).get("text/markdown", ""))
        if "<figure" in page:
            yield Slide("", page, look="figure")
        elif 'class="mfteach-derivation"' in page:
            yield from _ledgers(page)
        elif cell.kind == "outcome" and said:
            yield from _of_outcome(said)
        elif said or "slide" in cell.tags:
            yield Slide("", page, look="dense" if len(page) > MOST_LETTERS else "text")


def _of_outcome(said: str) -> Iterator[Slide]:
    """Show what happened, and what follows from it; a long paragraph goes on after a sentence."""
    text = re.sub(r"What happened: (\w)", lambda found: found[1].upper(), said, count=1)
    parts = [part for one in text.split("\n\n") for part in _pages(sentences(one))]
    for page in _pages([" ".join(part) for part in parts]):
        yield Slide("What happened", of_markdown("\n\n".join(page)))


def _of_text(cell: Cell) -> Iterator[Slide]:
    paragraphs: list[str] = []
    section = ""
    for block in blocks(cell.source):
        if block.kind == "heading":
            yield from _of_paragraphs(paragraphs, section, whole="slide" in cell.tags)
            paragraphs = []
            section = block.text.lstrip("# ")
            yield Slide(section, "", look="section")
        elif block.kind == "paragraph":
            paragraphs.append(block.text)
        else:
            yield from _of_paragraphs(paragraphs, section, whole="slide" in cell.tags)
            paragraphs = []
            yield from _of_box(block)
    yield from _of_paragraphs(paragraphs, section, whole="slide" in cell.tags)


def _of_box(block: Block) -> Iterator[Slide]:
    heading = "Predict"
    if block.kind == "exercise":
        number, _, name = block.title.partition(". ")
        heading = f"Exercise {number}: {name.rstrip('.')}"
    for page in _pages(without_typing(block.text).split("\n\n")):
        yield Slide(heading, of_markdown("\n\n".join(page)), look=block.kind)


def _of_paragraphs(paragraphs: list[str], section: str, *, whole: bool) -> Iterator[Slide]:
    """Show what is displayed or bold, and keep the rest for the notes."""
    if not paragraphs:
        return
    shown = paragraphs if whole else [part for one in paragraphs for part in _worth(one, section)]
    if not shown and section and section not in _ASKING:
        shown = [" ".join(sentences(paragraphs[0])[:2])]
    prose = [one for one in paragraphs if not one.startswith((*_LISTED, "$$"))]
    notes = "".join(map(of_markdown, prose))
    for page in _pages(shown):
        yield Slide("", of_markdown("\n\n".join(page)), notes)
        notes = ""


def _worth(paragraph: str, section: str) -> Iterator[str]:
    listed = paragraph.startswith(_LISTED)
    if listed or section == "Exit check":
        yield without_typing(paragraph) if not listed else paragraph
        return
    if paragraph.startswith(("<", "Next:", "For marks", "Put your answer")):
        return
    if "$$" in paragraph:
        lead, _, rest = paragraph.partition("$$")
        formula, _, after = rest.partition("$$")
        yield f"{sentences(lead)[-1] if lead.strip() else ''}\n\n$${_stacked(formula)}$$"
        yield from _worth(after.strip(), section) if after.strip() else ()
        return
    yield from (one for one in sentences(paragraph) if _BOLD.search(one))


def _stacked(formula: str) -> str:
    """Put formulas that stand beside each other one below the other, if they are long."""
    beside = re.split(r"(?:\\qquad\s*)+", formula)
    if len(beside) == 1 or len(formula) < LONG_FORMULA:
        return formula
    return r"\begin{gathered}" + r"\\[0.6em]".join(beside) + r"\end{gathered}"


def _pages(parts: list[str]) -> Iterator[list[str]]:
    """Spread parts over slides: no more letters on each than can be read."""
    page: list[str] = []
    for part in parts:
        if page and sum(map(_size, page)) + _size(part) > MOST_LETTERS:
            yield page
            page = []
        page.append(part)
    if page:
        yield page


def _size(part: str) -> int:
    lines = part.count("\n|") * 60 + part.count("$$") * 70
    return len(plain(re.sub(r"\\[a-z]+", "", part))) + lines


def _ledgers(page: str) -> Iterator[Slide]:
    """Show a ledger a few lines at a time, without how each was proved."""
    title = re.search(r"<caption>(.*?)</caption>", page, re.DOTALL)
    rows = [row for row in _ROW.findall(_DETAILS.sub("", page)) if "<td" in row]
    shown: list[str] = []
    for row in rows:
        if len(shown) > 1 and sum(map(_length, [*shown, row])) > MOST_OF_A_LEDGER:
            yield _ledger(title, shown)
            shown = shown[-1:]
        shown.append(row)
    yield _ledger(title, shown)


def _length(row: str) -> int:
    return 50 + len(re.sub(r"<[^>]*>|\\[a-z]+", "", row))


def _ledger(title: re.Match[str] | None, rows: list[str]) -> Slide:
    table = f'<table class="mfteach-derivation"><tbody>{"".join(rows)}</tbody></table>'
    return Slide(title[1] if title else "", table, look="ledger")


# The page -----------------------------------------------------------------------------------------

_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="favicon.svg">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""

_HEAD_OF_DECK = f"""<link rel="stylesheet" href="../web/reveal/dist/reset.css">
<link rel="stylesheet" href="../web/reveal/dist/reveal.css">
<link rel="stylesheet" href="slides.css">
{mathjax("../web/mathjax/tex-chtml.js")}"""

_START = """<script src="../web/reveal/dist/reveal.js"></script>
<script src="../web/reveal/dist/plugin/notes.js"></script>
<script>
Reveal.initialize({
  width: 1280, height: 720, margin: 0.02, center: false, hash: true, transition: "none",
  slideNumber: "c/t", plugins: [RevealNotes],
});
</script>"""


def _page(lesson: Lesson, guide: Guide) -> str:
    shown = "\n".join(_section(slide, lesson) for slide in deck(lesson, guide))
    body = f'<div class="reveal"><div class="slides">\n{shown}\n</div></div>\n{_START}'
    title = html.escape(f"{lesson.number} {lesson.title}")
    return _TEMPLATE.format(title=title, head=_HEAD_OF_DECK, body=body)


def _section(slide: Slide, lesson: Lesson) -> str:
    heading = of_markdown(slide.heading).strip().removeprefix("<p>").removesuffix("</p>")
    notes = f'<aside class="notes">{slide.notes}</aside>' if slide.notes else ""
    if slide.look == "title":
        return (
            f'<section class="title"><p class="number">{lesson.number}</p><h1>{heading}</h1>'
            "<p>After Robin Burke, <em>Recommender Systems: Mathematical Foundations</em></p>"
            f"{notes}</section>"
        )
    look = f"{slide.look}{_size_of_letters(slide)}"
    return f'<section class="{look}"><h2>{heading}</h2>\n{slide.body}\n{notes}</section>'


def _size_of_letters(slide: Slide) -> str:
    if slide.look != "text":
        return ""
    if len(plain(slide.body)) < FEW_LETTERS:
        return " few"
    return " many" if _size(re.sub(r"<[^>]*>", "", slide.body)) > MANY_LETTERS else ""
