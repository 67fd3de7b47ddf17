"""What a lesson claims, sentence by sentence, and what holds each claim.

A claim is a sentence with a number, or with a word that compares: more, best, faster, twice, never.
``claims/05.toml`` says for each claim of lesson 05 what holds it: a part of the sentence, and

- ``"assert ..."``: how an assert of the notebook begins;
- ``"tests/...::test_name"``: a test of this project;
- ``"computed"``: the number is computed where the sentence is written, in the package;
- ``"given: ..."``: nothing to hold: it sets a task, defines a word or reports what a book says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from mfteach.lessons.questions.finding import predictions, questions
from mfteach.lessons.questions.kinds import Prediction

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "claims"

NOT_SCANNED = {
    "What you'll do",
    "What you'll learn",
    "What you'll need",
    "Exercises",
    "Exit check",
    "Further reading",
    "Rows of the lecture",
}
"""Sections that announce, ask or point elsewhere; the answers are scanned with the package."""

NUMBER = r"(?<![\w^_.{§])[-−]?\d+(?:[.,]\d+)*(?![\w^{]|\.\d)"
COMPARING = (
    r"more|less|fewer|most|least|best|better|worse|worst|twice|always|never|"
    r"larger|smaller|longer|shorter|higher|lower|faster|slower|sooner|later|closer|steeper|easier|"
    r"\w{3,}est|\w{2,}er than|increases?|decreases?|grows?|shrinks?|falls?|rises?"
)
CLAIM = re.compile(rf"{NUMBER}|\b(?:{COMPARING})\b", re.IGNORECASE)
NO_CLAIM = re.compile(
    r"\[[^\]]*\]\([^)]*\)|`[^`]*`|, Spring 2019|\bS\d+(?:-S?\d+)?"
    r"|\b(?:lessons?|exercises?) \d+(?:(?:,| and| to|-) ?\d+)*"
    r"|\b(?:at least|at most|tests?|rest|guest|latest|honest|interest|request|suggest)\b",
    re.IGNORECASE,
)
"""What looks like a claim and is none: a link, code, a pointer to a lesson, a word that ends so."""


def sentences(name: str, notebook: NotebookNode) -> Iterator[str]:
    """Yield the sentences of a lesson: text, captions and alt texts, outcomes, solutions."""
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for part in re.split(r"^(?=#+ )", cell.source, flags=re.MULTILINE):
                found = re.match(r"#+ +(.*)", part)
                heading = found[1].strip() if found else heading
                if heading not in NOT_SCANNED:
                    yield from _cut(part)
        else:
            yield from (s for text in _drawn(cell) for s in _cut(text))
    lesson = name[:2]
    for one in (*predictions(lesson).values(), *questions(lesson).values()):
        texts = [one.outcome, one.meaning] if isinstance(one, Prediction) else [one.solution]
        yield from (sentence for text in texts for sentence in _cut(text))


def _drawn(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        text = output.get("data", {}).get("text/plain", "")
        if text.startswith("Figure: "):
            yield text


def _cut(text: str) -> Iterator[str]:
    """Cut a text into sentences; an item of a list and a row of a table are apart.

    A paragraph that asks for a prediction is left out: what happened is scanned with the package.
    """
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=[-|#] ?|\d+\. )|^#+ .*\n", text, flags=re.MULTILINE):
        joined = re.sub(r"^(?:-|\d+\.) ", "", " ".join(block.split()))
        if joined.startswith("**Predict"):
            continue
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“$*(0-9])", joined):
            if sentence.strip():
                yield sentence.strip()


def claims(name: str, notebook: NotebookNode) -> list[str]:
    """Return the sentences that claim something that numbers could refute."""
    return [
        sentence
        for sentence in dict.fromkeys(sentences(name, notebook))
        if not sentence.endswith("?") and CLAIM.search(NO_CLAIM.sub("", sentence))
    ]


def held(lesson: str) -> Mapping[str, str]:
    """Return what holds each claim of a lesson, by a part of its sentence."""
    path = FOLDER / f"{lesson}.toml"
    found: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def problems(name: str, notebook: NotebookNode, holds: Mapping[str, str]) -> list[str]:
    """Return each claim that nothing holds, and each entry that holds nothing."""
    made = claims(name, notebook)
    said = list(sentences(name, notebook))
    found = [
        f"{name}: nothing holds this claim; add it to tests/notebooks/claims/{name[:2]}.toml:\n"
        f"    {sentence!r}"
        for sentence in made
        if not any(part in sentence for part in holds)
    ]
    asserts = _asserts(notebook)
    for part, by in holds.items():
        if not any(part in sentence for sentence in said):
            found.append(f"{name}: no sentence contains {part!r}")
        if not _is_there(by, asserts):
            found.append(f"{name}: {part!r} is said to be held by {by!r}, which is not there")
    return found


def _asserts(notebook: NotebookNode) -> list[str]:
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [
        m[1] for source in cells for m in re.finditer(r"^\s*(assert .*)$", source, re.MULTILINE)
    ]


def _is_there(by: str, asserts: list[str]) -> bool:
    if by.startswith("assert "):
        return any(one.startswith(by) for one in asserts)
    if by.startswith("tests/"):
        path, _, test = by.partition("::")
        file = ROOT / path
        return file.is_file() and f"def {test}(" in file.read_text(encoding="utf-8")
    return by == "computed" or bool(re.match(r"given: \w+", by))
