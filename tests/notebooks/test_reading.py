"""No symbol is used before it is introduced.

A symbol is introduced by a phrase of one lesson: the sentence or the row of a table that says what
it means. In the order of the course it may not stand in a formula before the paragraph with that
phrase. Formulas are those of the text and those of the ledgers that a lesson shows.

Three places may name a symbol earlier, since they only announce it: headings, the section "What
you'll learn", and the table "Symbols" of the first lesson, which is there to come back to.
"""

import copy
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from checks import html_of, read

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.ipynb"))}


class Symbol(NamedTuple):
    """How a symbol looks in LaTeX, the number of the lesson that introduces it, and the phrase."""

    latex: str
    lesson: str
    phrase: str


def letter(name):
    return rf"(?<![A-Za-z\\_])(?<!_\{{){name}(?![A-Za-z])"


SYMBOLS = {
    "f(x)": Symbol(r"f\(x\)", "01", "We write $f(x)$ for the height of the curve"),
    "f'": Symbol(r"f'", "02", 'The **derivative** of $f$ is the function $f\'$ (say "f prime")'),
    "df/dx": Symbol(r"\\frac\{d", "02", "| d f by d x |"),
    "Delta": Symbol(r"\\Delta", "02", "the Greek capital letter **Delta**"),
    "limit": Symbol(r"\\lim(?![a-z])", "02", r"$\lim_{\Delta \to 0}$, the **limit**, means"),
    "n choose p": Symbol(r"\\binom", "03", '(say "n choose p")'),
    "sum sign": Symbol(r"\\sum", "03", r"a sum sign $\sum$ adds up"),
    "partial": Symbol(r"\\partial", "04", r'a curly sign, $\partial$ (say "partial"'),
    "nabla": Symbol(r"\\nabla", "04", 'the sign is called "nabla"'),
    "delta of two indices": Symbol(r"\\delta_", "04", "a Greek delta with two indices"),
    "eta": Symbol(r"\\eta", "05", r"$\eta$ (eta), the **learning rate**"),
    "L": Symbol(letter("L"), "05", "Call it $L$"),
    "J": Symbol(letter("J"), "06", "into one number, $J$"),
    "user i": Symbol(letter("m"), "06", "| a user, from 1 to $m$ |"),
    "known pairs S": Symbol(letter("S"), "06", "| the pairs $(i, j)$ whose rating is known |"),
    "rating": Symbol(r"r_\{?i", "06", "| the rating, for $(i, j)$ in $S$ |"),
    "number of factors k": Symbol(letter("k"), "06", "| how many *latent factors* we allow |"),
    "factor s": Symbol(letter("s"), "06", "| one factor, from 1 to $k$ |"),
    "user factor": Symbol(r"u_\{?i", "06", "| how much user $i$ goes for factor $s$ |"),
    "item factor": Symbol(r"v_\{?j", "06", "| how much item $j$ has of factor $s$ |"),
    "tables U and V": Symbol(letter("[UV]"), "06", "All $u_{is}$ together are a table"),
    "prediction": Symbol(r"\\hat", "06", '"this is our prediction formula"'),
    "transposed": Symbol(r"\\mathsf|\\top", "06", "(rows of $U$ times rows of $V$)"),
    "error": Symbol(r"e_\{?i", "06", "The **error** is what is true minus what we predict"),
    "lowest J": Symbol(r"J\^\*", "06", "called $J^*$"),
    "items of user i": Symbol(r"I_[ip]", "07", "$I_i$ is the set of items that user"),
    "known or not": Symbol(r"w_\{?i", "07", "$W$ holds the $w_{ij}$"),
    "entry by entry": Symbol(r"\\circ", "07", r"$\circ$ multiplies entry by entry"),
    "users of item j": Symbol(r"U_[jl]", "08", "$U_j$ is the set of users who rated"),
    "lambda": Symbol(r"\\lambda", "08", r"a penalty on large factors: $\frac{\lambda}{2}"),
    "mean": Symbol(r"\\mu", "11", r"\mu: \text{the mean}"),
    "bias of a user": Symbol(r"(?<![A-Za-z])b_i", "11", r"b_i: \text{the bias of user } i"),
    "bias of an item": Symbol(r"(?<![A-Za-z])c_j", "11", r"c_j: \text{the bias of"),
    "penalty on biases": Symbol(r"\\beta", "11", r"biases have a penalty too, $\frac{\beta}{2}$"),
    "error with biases": Symbol(r"\\tilde", "11", r"$\tilde e_{ij}$ is the error including biases"),
}

FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)


def paragraphs(notebook):
    """Return the paragraphs and rows of tables of a lesson, and the formulas of its ledgers.

    A ledger that is folded until a guess is written is read after the paragraphs below it.
    """
    found, folded = [], []
    announcing = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            rows = re.findall(r"<td[^>]*>\$.*?\$</td>", html_of(cell))
            if "hide-output" in cell.metadata.get("tags", []):
                folded += rows
            else:
                found += rows
            continue
        text = re.sub(r"^```.*?^```", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^(#+ .*|\|.*)$", r"\n\1\n", text, flags=re.MULTILINE)
        for paragraph in filter(None, map(str.strip, re.split(r"\n\s*\n", text))):
            if paragraph.startswith("#"):
                announcing = paragraph in ("## What you'll learn", "## Symbols")
            elif not announcing:
                found.append(" ".join(paragraph.split()))
        found, folded = found + folded, []
    return found + folded


def used_too_early(notebooks):
    """Return a sentence for each symbol that is used before it is introduced, or never is."""
    lessons = {name[:2]: paragraphs(notebook) for name, notebook in sorted(notebooks.items())}
    return [
        problem
        for name, symbol in SYMBOLS.items()
        if symbol.lesson in lessons and (problem := _problem(name, symbol, lessons))
    ]


def _problem(name, symbol, lessons):
    for lesson, texts in lessons.items():
        for text in texts:
            if lesson == symbol.lesson and symbol.phrase in text:
                return ""
            if any(re.search(symbol.latex, formula) for formula in FORMULA.findall(text)):
                words = f"before lesson {symbol.lesson} says {symbol.phrase!r}"
                return f"{name} is used in lesson {lesson}, {words}: {text[:80]}"
        if lesson == symbol.lesson:
            return f"{name}: lesson {lesson} does not say {symbol.phrase!r}"
    return ""


def test_no_symbol_is_used_before_it_is_introduced():
    problems = used_too_early(NOTEBOOKS)
    assert not problems, "\n" + "\n".join(problems)


def test_each_symbol_is_used_by_the_lesson_that_introduces_it():
    lessons = {name[:2]: paragraphs(notebook) for name, notebook in NOTEBOOKS.items()}
    for name, symbol in SYMBOLS.items():
        formulas = FORMULA.findall("\n".join(lessons.get(symbol.lesson, ())))
        assert any(re.search(symbol.latex, formula) for formula in formulas), name


# Doctored copies of the lessons, in which a symbol comes too early -------------------------------


def doctored(lesson, change):
    name = next(name for name in NOTEBOOKS if name.startswith(lesson))
    notebook = copy.deepcopy(NOTEBOOKS[name])
    change(notebook.cells)
    return {**NOTEBOOKS, name: notebook}


def put_first(text):
    def change(cells):
        cells[0].source += f"\n\n{text}"

    return change


def replace(old, new):
    def change(cells):
        assert any(old in cell.source for cell in cells)
        for cell in cells:
            cell.source = cell.source.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("lesson", "change", "words"),
    [
        ("01", put_first(r"Let $\Delta$ be small."), "Delta is used in lesson 01"),
        ("02", put_first(r"$$\lim_{\Delta \to 0}$$"), "limit is used in lesson 02"),
        ("03", put_first(r"$\frac{\partial f}{\partial x}$"), "partial is used in lesson 03"),
        ("04", replace('(the sign is called "nabla")', ""), "nabla is used in lesson 04"),
        ("05", put_first(r"The loss $J$ falls."), "J is used in lesson 05"),
        ("06", replace("| $k$ | how many *latent factors* we allow |", "| | |"), "of factors k"),
        ("06", put_first("| $u_{is}$ | a number |"), "user factor is used in lesson 06"),
        ("08", put_first(r"Pay $\lambda$ for it."), "lambda is used in lesson 08"),
    ],
)
def test_a_symbol_that_comes_too_early_is_found(lesson, change, words):
    problems = used_too_early(doctored(lesson, change))
    assert any(words in problem for problem in problems), problems


def test_a_ledger_is_read_too():
    def show_a_ledger(cells):
        ledger = next(cell for cell in NOTEBOOKS[_named("07")].cells if r"\partial" in html(cell))
        cells.insert(1, copy.deepcopy(ledger))

    problems = used_too_early(doctored("02", show_a_ledger))
    assert any(problem.startswith("partial is used in lesson 02") for problem in problems)


def html(cell):
    return html_of(cell) if cell.cell_type == "code" else ""


def _named(lesson):
    return next(name for name in NOTEBOOKS if name.startswith(lesson))


def test_headings_and_announcements_may_name_a_symbol():
    change = replace("## What you'll learn", "## Why $J$?\n\n## What you'll learn\n\n- what $J$ is")
    assert used_too_early(doctored("02", change)) == []
