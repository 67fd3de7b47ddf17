"""What the pages are written from: all of it stands in the notebooks, and no mark is given away."""

import ast
import html
import json
import re

import pytest
from delivery import launch, lesson_pages, pages, row_pages
from delivery.lessons import lessons
from delivery.places import ROOT

from mfteach.symbolic import lecture

COURSE = {lesson.number: lesson for lesson in lessons()}
LAST_ROW = 69


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Every source that Sphinx reads: name to text."""
    folder = tmp_path_factory.mktemp("sources")
    pages.write_sources(folder)
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*")
        if file.is_file()
    }


def cells(lesson):
    return json.loads(lesson_pages.page(lesson))["cells"]


def test_a_figure_that_was_to_be_predicted_is_folded():
    """In lesson 05 the first figure comes after a guess."""
    sources_of = [cell["source"] for cell in cells(COURSE["05"])]
    opened = sources_of.index('<details class="happens"><summary>What happens</summary>')
    shown = cells(COURSE["05"])[opened + 1]
    assert sources_of[opened + 2] == "</details>"
    assert "<figure>" in str(shown["outputs"][0])
    assert "What happened" in str(shown["outputs"][1])
    assert not any("<figure>" in str(cell.get("outputs")) for cell in cells(COURSE["05"])[:opened])


def test_every_output_of_a_lesson_that_says_something_is_on_its_page():
    for lesson in COURSE.values():
        wanted = [output for cell in lesson.cells for output in cell.shown]
        there = [output for cell in cells(lesson) for output in cell.get("outputs", ())]
        assert sorted(map(str, there)) == sorted(map(str, wanted))


def test_each_question_has_its_hints_and_its_solution_in_folds():
    text = "\n".join(str(cell["source"]) for cell in cells(COURSE["05"]))
    asked = len(re.findall(r"^check\(", text, re.MULTILINE))
    assert text.count('<details class="solution"><summary>Solution</summary>') == asked == 4
    assert '<details class="hint"><summary>Hint 2</summary>' in text


def test_no_page_gives_away_what_is_graded(sources):
    """Every longer sentence of the checks: right answers, slips and diagnoses."""
    sentences = {
        node.value
        for file in (ROOT / "exercises" / "checks").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 45
    }
    assert len(sentences) > 200
    whole = "\n".join(sources.values())
    assert [sentence for sentence in sentences if sentence in whole] == []
    assert "BEGIN SOLUTION" not in whole and "BEGIN HIDDEN" not in whole


def test_every_row_of_the_lecture_leads_to_a_lesson(sources):
    anchors = {int(row) for row in re.findall(r'id="s(\d+)"', sources["rows.md"])}
    assert anchors == set(range(1, LAST_ROW + 1))
    assert row_pages.numbers("S47-S49 and S61") == [47, 48, 49, 61]


def test_every_derivation_of_the_lecture_is_a_page_and_each_of_its_lines_has_an_address(sources):
    for build in lecture.ALL:
        anchors = re.findall(r'<tr id="line-(\d+)">', sources[f"proofs/{build.__name__}.md"])
        assert anchors == [str(number) for number in range(1, len(build()) + 1)]


@pytest.mark.parametrize("lesson", COURSE.values(), ids=COURSE)
def test_every_ledger_that_a_lesson_shows_as_proved_is_a_page(lesson, sources):
    """Line by line; only what a student has begun, or got wrong, has none."""
    titles = {
        text.splitlines()[0].removeprefix("# "): text
        for name, text in sources.items()
        if name.startswith("proofs/")
    }
    for cell in lesson.cells:
        for page in ("".join(output.get("data", {}).get("text/html", "")) for output in cell.shown):
            for caption, lines in re.findall(r"<caption>(.*?)</caption>(.*?)</table>", page):
                said = re.sub("<[^>]+>", " ", lines)
                if "mfteach-ledger" in page and "The goal is reached" not in said:
                    continue
                if "mfteach-derivation" in page or "mfteach-ledger" in page:
                    text = titles[html.unescape(caption).replace(r"\frac{1}{2}", "1/2")]
                    numbered = re.findall(r'<th scope="row"[^>]*>(\d+)', lines)
                    assert re.findall(r'<tr id="line-(\d+)">', text) == numbered != []
                    assert f"(../{lesson.name}.ipynb)" in text


def test_the_calculus_is_among_the_proofs_and_comes_first(sources):
    listed = re.findall(r"^- \[(.+?)\]\((\w+)\.md\)", sources["proofs/index.md"], re.MULTILINE)
    captions = [caption for caption, _ in listed]
    assert captions[0] == "The secant slope of $3 x^{2}$"
    assert captions.index("The derivative of $a x^n$") < captions.index("Only user $i$ matters")
    assert len({name for _, name in listed}) == len(listed) > len(lecture.ALL) + 5


def test_a_source_that_has_not_changed_is_not_written_again(tmp_path):
    pages.write_sources(tmp_path)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.*")}
    (tmp_path / "left_over.md").write_text("# Old")
    pages.write_sources(tmp_path)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.*")} == before


def test_the_buttons_lead_to_the_repository_or_to_how_to_open_it(monkeypatch):
    lesson = COURSE["05"]
    monkeypatch.setattr(launch, "repository", lambda: "")
    assert launch.row(lesson).count('href="where-to-open.html#') == 3
    monkeypatch.setattr(launch, "repository", lambda: "someone/course")
    row = launch.row(lesson)
    path = "notebooks/05_walking_downhill.ipynb"
    assert f"https://colab.research.google.com/github/someone/course/blob/main/{path}" in row
    assert f"https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/{path}" in row
    assert "https://codespaces.new/someone/course" in row
    assert f'href="{path}" download' in row


def test_the_home_page_downloads_or_opens_all_lessons(monkeypatch, sources):
    assert '<a href="notebooks.zip" download>Download</a>' in sources["index.md"]
    monkeypatch.setattr(launch, "repository", lambda: "someone/course")
    row = launch.home_row()
    assert '"https://colab.research.google.com/github/someone/course"' in row
    assert '"https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/notebooks"' in row
