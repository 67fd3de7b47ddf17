"""Every committed notebook passes every check, and every check catches a doctored notebook."""

import copy
import re
from pathlib import Path

import nbformat.v4 as v4
import pytest
from checks import (
    ATTRIBUTION,
    CHECKS,
    cells_are_short,
    claims_are_asserted,
    counts_run_from_one,
    errors_only_where_announced,
    figures_are_predicted,
    figures_have_words,
    headings_are_standard,
    ids_are_unique,
    ignored_outputs_are_asserted,
    ignored_outputs_are_sealed,
    is_normalised,
    markers_are_bare,
    missing_package_is_explained,
    no_trace_of_a_machine,
    no_trailing_semicolon,
    read,
    rows_are_named,
    rows_covered,
    shared_code,
    source_is_named,
)

from mfteach.commands.notebooks import normalise, seal, with_lesson_table
from mfteach.first_lines import FIRST_LINES

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {path.stem: read(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def test_there_are_notebooks():
    assert NOTEBOOKS, "notebooks/ is empty, so nothing was checked"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name, check):
    problems = check(name, NOTEBOOKS[name])
    assert not problems, "\n" + "\n".join(problems)


def test_no_two_notebooks_share_code():
    problems = shared_code(NOTEBOOKS)
    assert not problems, "\n" + "\n".join(problems)


def test_the_readme_lists_the_lessons_as_they_are():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == with_lesson_table(readme, ROOT / "notebooks"), "run 'make notebooks'"


# From here on: a notebook that passes, and doctored copies that must not.

FIGURE = (
    '<figure><img src="data:image/png;base64,AAAA" alt="A line.">'
    "<figcaption>It.</figcaption></figure>"
)
SIX_LINES = "\n".join(f"value_{i} = {i} + 1" for i in range(6))


def code(source, outputs=(), tags=()):
    cell = v4.new_code_cell(source, outputs=list(outputs))
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def prints(text, stream="stdout"):
    return v4.new_output("stream", name=stream, text=text)


def shows(**data):
    return v4.new_output("display_data", {f"text/{kind}": text for kind, text in data.items()})


def raises(error="ValueError"):
    return v4.new_output("error", ename=error, evalue="no", traceback=[f"{error}: no"])


def good():
    """A lesson that passes every check; cell numbers in comments."""
    cells = [
        v4.new_markdown_cell(f"# Walk downhill\n{ATTRIBUTION}"),  # 1
        v4.new_markdown_cell(
            "## What you'll do\nWalk.\n## What you'll learn\nHow.\n## What you'll need\n"
            "Time: 40 minutes"
        ),  # 2
        code(f"{FIRST_LINES}print(1)\nassert 1", [prints("1\n")]),  # 3
        v4.new_markdown_cell("**Predict.** What will you see?"),  # 4
        code("figure(fig)\nassert True", [shows(html=FIGURE, plain="A line.")]),  # 5
        v4.new_markdown_cell("## The surprise"),  # 6
        code("int('x')", [raises()], tags=["raises-exception"]),  # 7
        code("# NBVAL_IGNORE_OUTPUT\nprint(clock())", [prints("12\n")]),  # 8
        code("assert clock() > 0"),  # 9
        v4.new_markdown_cell(
            "## Exercises\nTry.\n## Exit check\nWhy?\n## In short\nSo.\n## Further reading\nA book."
        ),  # 10
        v4.new_markdown_cell("## Rows of the lecture\nS47-S52, S61."),  # 11
    ]
    notebook = v4.new_notebook(cells=cells)
    for number, cell in enumerate(cells, start=1):
        cell.id = f"cell-{number}"
    for count, cell in enumerate([c for c in cells if c.cell_type == "code"], start=1):
        cell.execution_count = count
    cells[7].metadata["seal"] = seal(cells[7])
    return normalise(notebook)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_notebook_passes(check):
    assert check("good", good()) == []


def clear_outputs(cells):
    cells[2].outputs, cells[2].execution_count = [], None


def run_out_of_order(cells):
    cells[2].execution_count, cells[4].execution_count = 2, 1


def set_source(number, source):
    def doctor(cells):
        cells[number - 1].source = source

    return doctor


def add_output(number, output):
    def doctor(cells):
        cells[number - 1].outputs.append(output)

    return doctor


def set_html(html):
    def doctor(cells):
        cells[4].outputs = [shows(html=html, plain="words")]

    return doctor


def replace(number, old, new):
    def doctor(cells):
        assert old in cells[number - 1].source
        cells[number - 1].source = cells[number - 1].source.replace(old, new)

    return doctor


def drop_tags(cells):
    cells[6].metadata = {}


def drop_error(cells):
    cells[6].outputs = []


def tag_nbval(cells):
    cells[2].metadata = {"tags": ["nbval-skip"]}


def bare_picture(cells):
    cells[4].outputs = [v4.new_output("display_data", {"image/png": "AAAA"})]


def scrolled(cells):
    cells[2].metadata = {"scrolled": True}


def tag_ignore(cells):
    cells[2].metadata = {"tags": ["nbval-ignore-output"]}


def fold_without_a_tag(cells):
    cells[2].metadata = {"jupyter": {"outputs_hidden": True}}


def tag_without_folding(cells):
    cells[2].metadata = {"tags": ["hide-output"]}


def unseal(cells):
    cells[7].metadata = {}


def same_id(cells):
    cells[5].id = cells[2].id


def random_widget(cells):
    cells[2].outputs[0] = v4.new_output(
        "display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    )


BITES = [
    (counts_run_from_one, clear_outputs, 3),
    (counts_run_from_one, run_out_of_order, 3),
    (errors_only_where_announced, add_output(3, prints("careful", "stderr")), 3),
    (errors_only_where_announced, add_output(3, raises()), 3),
    (errors_only_where_announced, drop_tags, 7),
    (errors_only_where_announced, drop_error, 7),
    (no_trace_of_a_machine, add_output(3, prints("<Axes at 0x7f12ab34cd56>")), 3),
    (no_trace_of_a_machine, add_output(3, prints("saved /home/ann/u.npz")), 3),
    (no_trace_of_a_machine, add_output(3, prints(r"saved C:\Users\Ann\u.npz")), 3),
    (no_trace_of_a_machine, add_output(3, prints("in ipykernel_4711/12.py")), 3),
    (no_trace_of_a_machine, add_output(3, prints("see http://localhost:8888")), 3),
    (no_trace_of_a_machine, set_html("<b>/usr/lib/x</b>"), 5),
    (markers_are_bare, replace(8, "OUTPUT", "OUTPUT since it is a clock"), 8),
    (markers_are_bare, replace(8, "IGNORE_OUTPUT", "SKIP"), 8),
    (markers_are_bare, replace(8, "IGNORE_OUTPUT", "CHECK_OUTPUT"), 8),
    (markers_are_bare, tag_nbval, 3),
    (ignored_outputs_are_asserted, set_source(9, "print(clock())"), 8),
    (ignored_outputs_are_sealed, tag_ignore, 3),
    (is_normalised, fold_without_a_tag, 3),
    (is_normalised, tag_without_folding, 3),
    (ignored_outputs_are_asserted, set_source(9, "# NBVAL_IGNORE_OUTPUT\nassert 1"), 9),
    (ignored_outputs_are_sealed, add_output(8, prints("13\n")), 8),
    (ignored_outputs_are_sealed, unseal, 8),
    (no_trailing_semicolon, set_source(3, "ax.plot(x);"), 3),
    (figures_have_words, bare_picture, 5),
    (figures_have_words, set_html(FIGURE.replace("A line.", " ")), 5),
    (figures_have_words, set_html(FIGURE.replace(' alt="A line."', "")), 5),
    (figures_have_words, set_source(4, "![ ](slope.png)"), 4),
    (figures_have_words, set_source(4, '<img src="slope.png">'), 4),
    (figures_are_predicted, set_source(4, "Now look."), 5),
    (figures_are_predicted, add_output(9, shows(html=FIGURE, plain="words")), 9),
    (cells_are_short, set_source(3, "x = 1\n" * 26), 3),
    (missing_package_is_explained, set_source(3, "print(1)\nassert 1"), 3),
    (ids_are_unique, same_id, 6),
    (is_normalised, scrolled, 3),
    (is_normalised, random_widget, 3),
    (source_is_named, replace(1, "Burke", "Brown"), 1),
    (headings_are_standard, replace(4, "**Predict", "# Predict"), 4),
]


@pytest.mark.parametrize(
    ("check", "doctor", "number"),
    BITES,
    ids=[f"{check.__name__}-{i}" for i, (check, _, _) in enumerate(BITES)],
)
def test_check_bites_and_names_the_cell(check, doctor, number):
    notebook = good()
    doctor(notebook.cells)
    problems = check("doctored", notebook)
    assert len(problems) >= 1
    assert problems[0].startswith(f"doctored, cell {number} (")


NAMELESS_BITES = [
    (headings_are_standard, replace(1, "# Walk", "Walk"), "title"),
    (headings_are_standard, replace(2, "What you'll learn", "Aims"), "What you'll learn"),
    (headings_are_standard, replace(2, "40 minutes", "a while"), "Time: 40 minutes"),
    (headings_are_standard, replace(6, "surprise", "end"), "surprise"),
    (headings_are_standard, replace(4, "**Predict", "### A surprise\n**Predict"), "surprise"),
    (headings_are_standard, replace(10, "## Exercises", "## Practice"), "Exercises"),
    (headings_are_standard, replace(10, "## Exit check", "Exit check"), "Exit check"),
    (headings_are_standard, replace(10, "## In short", "## Summary"), "In short"),
    (headings_are_standard, replace(11, "Rows of the lecture", "Rows"), "Rows of the lecture"),
    (rows_are_named, replace(11, "S47-S52, S61", "many"), "name the rows"),
    (rows_are_named, replace(11, "S61", "S70"), "S70"),
    (rows_are_named, replace(11, "S47-S52", "S52-S47"), "S52-S47"),
    (claims_are_asserted, replace(3, "assert 1", "pass"), "2 asserts"),
]


@pytest.mark.parametrize(
    ("check", "doctor", "words"),
    NAMELESS_BITES,
    ids=[f"{check.__name__}-{i}" for i, (check, _, _) in enumerate(NAMELESS_BITES)],
)
def test_check_bites_and_says_what_to_write(check, doctor, words):
    notebook = good()
    doctor(notebook.cells)
    (problem,) = check("doctored", notebook)
    assert problem.startswith("doctored")
    assert words in problem


def test_check_of_the_metadata_bites():
    notebook = good()
    notebook.metadata.kernelspec.name = "my-env"
    (problem,) = is_normalised("doctored", notebook)
    assert "kernel python3" in problem


def test_every_check_was_seen_biting():
    assert {check for check, _, _ in BITES + NAMELESS_BITES} == set(CHECKS)


def test_the_first_notebook_needs_no_exercises(monkeypatch):
    monkeypatch.setattr("checks.NOT_YET", set())
    notebook = good()
    replace(10, "## Exercises", "## Practice")(notebook.cells)
    assert headings_are_standard("00_start_here", notebook) == []


def test_copied_code_is_found_in_the_second_notebook_and_imports_are_not():
    one, two = good(), good()
    one.cells[2].source = f"import numpy as np\n{SIX_LINES}"
    two.cells[4].source = f"# the same again\n\n{SIX_LINES}\nprint(1)"
    problems = shared_code({"one": one, "two": two})
    assert len(problems) == 1
    assert re.match(r"two, cell 5 .*also stand in one", problems[0])
    imports = "\n".join(f"import module_{i}\nfrom module_{i} import thing" for i in range(6))
    one.cells[2].source = two.cells[4].source = imports
    assert shared_code({"one": one, "two": two}) == []


def test_four_shared_lines_are_not_a_copy():
    one, two = good(), good()
    one.cells[2].source = two.cells[4].source = "\n".join(SIX_LINES.splitlines()[:4])
    assert shared_code({"one": one, "two": two}) == []


def test_rows_covered_expands_ranges():
    assert rows_covered(good()) == {47, 48, 49, 50, 51, 52, 61}
    dashes = copy.deepcopy(good())
    replace(11, "S47-S52", "S47–S49 and S5 - 6")(dashes.cells)
    assert rows_covered(dashes) == {47, 48, 49, 5, 6, 61}
    elsewhere = good()
    replace(10, "Try.", "S1 is named here only.")(elsewhere.cells)
    assert 1 not in rows_covered(elsewhere)
