"""The derivations of the course, each a page of its own, and each line of it with an address.

Those of the lecture come from the package, whether a lesson shows them or not. The others are what
the lessons show as proved, as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

from delivery.lessons import Lesson
from delivery.reference_pages import with_formulas
from mfteach.symbolic import lecture
from mfteach.symbolic.derivation import Derivation

__all__ = ["Proof", "contents", "pages", "proofs", "shown"]

_ROW = re.compile(r'<tr><th scope="row"([^>]*)>(\d+)')
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
_PROVED = ('class="mfteach-derivation"', "The goal is reached.")
"""What only a ledger says whose every line is proved: a derivation, or a finished try."""


@dataclass(frozen=True)
class Proof:
    """A derivation: its ledger as HTML, what is said about it, and the lessons that show it."""

    caption: str
    ledger: str
    lessons: tuple[Lesson, ...]
    says: str = ""
    call: str = ""

    @property
    def name(self) -> str:
        """The name of its page: that of its function, or else its caption in plain letters."""
        return self.call or re.sub(r"(\\\w+|\W)+", "_", self.caption).strip("_").lower()

    @property
    def title(self) -> str:
        """Its caption with fractions such as 1/2 on one line, as a browser's tab can show them."""
        return re.sub(r"\\frac\{(\w+)\}\{(\w+)\}", r"\1/\2", self.caption)

    @property
    def places(self) -> str:
        """Links to the lessons that show it."""
        links = (f"[{one.number}, {one.title}](../{one.name}.ipynb)" for one in self.lessons)
        return " and ".join(links)


def proofs(course: tuple[Lesson, ...]) -> list[Proof]:
    """Return all proofs, in teaching order.

    What only a lesson shows comes before what the next of the lecture's derivations derives.
    """
    in_lessons = _by_caption(course)
    of_lecture = {build().caption: build for build in lecture.ALL}
    found: dict[str, Proof] = {}
    waiting: list[Proof] = []
    before: dict[str, list[Proof]] = {}
    for caption, (ledger, where) in in_lessons.items():
        if caption in of_lecture:
            before[caption], waiting = waiting, []
        else:
            waiting.append(Proof(caption, ledger, where))
    for caption, build in of_lecture.items():
        found |= {one.caption: one for one in before.get(caption, [])}
        _, where = in_lessons.get(caption, ("", ()))
        found[caption] = _of_lecture(build, where)
    return [*found.values(), *waiting]


def shown(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield the caption and the HTML of each ledger of a lesson whose every line is proved."""
    for cell in lesson.cells:
        for output in cell.outputs:
            ledger = "".join(output.get("data", {}).get("text/html", ""))
            caption = _CAPTION.search(ledger)
            if caption and any(words in ledger for words in _PROVED):
                yield unescape(caption[1]), ledger


def pages(course: tuple[Lesson, ...]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    for proof in proofs(course):
        yield proof.name, _page(proof)


def contents(course: tuple[Lesson, ...]) -> str:
    """Return a list of all derivations, in teaching order, and the contents for the side."""
    whole = proofs(course)
    listed = "\n".join(
        f"- [{proof.title}]({proof.name}.md): {proof.says or f'lesson {proof.places}.'}"
        for proof in whole
    )
    names = "\n".join(proof.name for proof in whole)
    return f"{listed}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def _by_caption(course: tuple[Lesson, ...]) -> dict[str, tuple[str, tuple[Lesson, ...]]]:
    found: dict[str, tuple[str, tuple[Lesson, ...]]] = {}
    for lesson in course:
        for caption, ledger in shown(lesson):
            first, where = found.get(caption, (ledger, ()))
            found[caption] = (first, where if lesson in where else (*where, lesson))
    return found


def _of_lecture(build: Callable[[], Derivation], where: tuple[Lesson, ...]) -> Proof:
    derivation = build()
    says = " ".join((build.__doc__ or "").split("\n\n")[0].split()).replace("|", r"\|")
    ledger = derivation._repr_html_()
    return Proof(derivation.caption, ledger, where, with_formulas(says), build.__name__)


def _page(proof: Proof) -> str:
    ledger = _CAPTION.sub("", proof.ledger)  # it is the heading
    linked = _ROW.sub(r'<tr id="line-\2"><th scope="row"\1><a href="#line-\2">\2</a>', ledger)
    paragraphs = [
        f"# {proof.title}",
        proof.says,
        f"```{{raw}} html\n{linked}\n```",
        f"It is shown in lesson {proof.places}." if proof.lessons else "",
        f"In a notebook: `lecture.{proof.call}()`, after `from mfteach.symbolic import lecture`."
        if proof.call
        else "",
        "Each line has an address of its own: click its number.",
    ]
    return "\n\n".join(filter(None, paragraphs)) + "\n"
