"""A student's page: what was right, what failed; nothing in it loads, runs or reveals answers."""

import html
import html.parser
import json
import re
import sys
import tomllib
from dataclasses import replace

import pytest
from classroom import COURSE, HOSTILE, NAME, RIGHT, VARIANT, WRONG, grader, load, run, submit
from jinja2 import UndefinedError

from mfteach.grading.marks.late import Deadlines
from mfteach.grading.marks.results import Manual, Mark, Result, without_answers
from mfteach.grading.reports.feedback import feedback, write_feedback
from mfteach.grading.reports.math_as_html import _ATTRIBUTES, math, readable
from mfteach.grading.reports.page import number, templates
from mfteach.grading.reports.page import page as fill_in
from mfteach.grading.reports.publish import Printed


class Tags(html.parser.HTMLParser):
    """The tags of a page, with their attributes; checks that each is closed."""

    VOID = ("meta",)

    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


ALLOWED = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "section", "span"}
ALLOWED |= {"strong", "em", "code", "math", "mrow", "mi", "mn", "mo", "mtext", "msup", "msub"}


LINK = re.compile(r"\.\./(?:feedback|submitted)/[A-Za-z0-9_.@-]+/03-power-rule[a-z0-9/.-]*")
"""From the report to a copy or to its feedback."""


def harmless(page, allowed=ALLOWED):
    """Check that a page is well formed, and that nothing in it loads or runs."""
    tags = Tags(page)
    assert tags.open == []
    assert {tag for tag, _ in tags.found} <= allowed
    for _, attributes in tags.found:
        assert not any(name.startswith("on") or name == "src" for name in attributes)
        assert LINK.fullmatch(attributes.get("href", "../feedback/s1/03-power-rule.html"))
    assert "http://" not in re.sub(r"HYPERLINK\(&#34;http://", "", page)
    assert "https://" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert 'name="viewport" content="width=device-width' in page
    return tags


@pytest.fixture
def page(course):
    loaded, assignment = load(course)

    def make(result, titles=None, hints=None):
        return feedback(Deadlines(loaded, NAME), assignment, result, titles or {}, hints or {})

    return make


def text(page):
    """What a reader sees of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]).split())


# What it says ------------------------------------------------------------------------------------


def test_each_question_has_its_verdict_and_its_hint(course, page):
    submit(course, "s1", {**RIGHT, "q3": WRONG["q3"], "q4": ""})
    printed = Printed.of(course / "release" / NAME / f"{NAME}.ipynb")
    made = page(grader(course).grade("s1").result, printed.titles, printed.hints)
    harmless(made)
    said = text(made)
    assert "5 so far of 10 points" in said
    assert "1. A negative exponent ✓ Right 1 / 1" in said
    assert "3. Three terms ✗ Not right 0 / 2" in said
    slip = VARIANT.answers["q3"].wrong[0][1]
    assert f"{slip.diagnosis} Hint. Go term by term." in said
    assert "4. The slope at a point ○ Not answered 0 / 1" in said
    assert "7. Slope 0 is not enough ✎ Not marked yet – / 2" in said
    assert "the total may still rise" in said


def test_a_page_never_reveals_what_is_right(course, page):
    for name, wrong in WRONG.items():
        submit(course, "s1", {**RIGHT, name: wrong})
        mark = next(m for m in grader(course).grade("s1").result.marks if m.question == name)
        assert mark.points == VARIANT.answers[name].wrong[0][1].points
        made = page(Result("s1", (mark,)))
        right = str(VARIANT.answers[name].right)
        assert right not in text(made).split()
        if len(right) > 4:  # a formula or the source of a function
            assert right not in html.unescape(made)


def test_the_teacher_s_points_and_words(page):
    marks = (
        Mark("q1", 0, 1, "wrong", "Not so."),
        Mark("q4", 0, 1, "wrong", "Not so."),
        Mark("q7", 0, 2, "not marked yet", ""),
    )
    manual = {
        ("s1", "q1"): Manual(1, "A fair reading.\nGood."),
        ("s1", "q7"): Manual(1.5, "<b>Nearly</b>"),
    }
    said = text(page(Result("s1", marks).with_manual(manual)))
    assert "Points given by your teacher 1 / 1" in said
    assert "Your teacher: A fair reading. Good." in said
    assert "Marked by your teacher 1.5 / 2" in said
    assert "Your teacher: &lt;b&gt;Nearly&lt;/b&gt;" in said
    outdated = {("s1", "q7"): Manual(1.5, outdated=True)}
    again = text(page(Result("s1", marks).with_manual(outdated)))
    assert "Will be marked again 1.5 / 2" in again


def test_a_late_or_ungraded_submission_is_told_why(page):
    late = Result("s1", (Mark("q1", 1, 1, "right", ""),), submitted_at="2027-02-03T12:00:00+00:00")
    assert "Submitted 2 days late: 0.8 points count." in text(page(late))
    one = replace(late, submitted_at="2027-02-02T12:00:00+00:00", reason="A note.")
    assert "A note. Submitted 1 day late: 0.9 points count." in text(page(one))
    refused = without_answers("s1", [("q1", 1)], "refused", "The file is a link.")
    said = text(page(refused))
    assert "of 1 points" not in said  # which is not 0 points
    assert "Nothing was graded. The file is a link." in said
    assert "Question" not in said


# What it is made of ------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_a_student_wrote_becomes_html(page, bad):
    labels = ("right", "unreadable", "error", "wrong", "not marked yet", bad)
    marks = tuple(Mark(f"q{i}", 0, 1, label, bad, bad, bad) for i, label in enumerate(labels, 1))
    made = page(Result("s1", marks, reason=bad))
    harmless(made)
    harmless(page(Result("s1", marks, label="refused", reason=bad)))
    assert "<script" not in made
    assert "<img" not in made


def test_a_bad_name_gets_no_page(course):
    loaded, assignment = load(course)
    for name in ("..", "a/b", "<b>", ".x"):
        assert write_feedback(Deadlines(loaded, NAME), assignment, Result(name, ()), {}, {}) is None
    file = write_feedback(Deadlines(loaded, NAME), assignment, Result("s1", ()), {}, {})
    assert file == course / "feedback" / "s1" / f"{NAME}.html"


def test_a_heading_without_points_or_number_is_its_own_title(tmp_path):
    file = tmp_path / "release.ipynb"
    cells = [
        '{"source": ["## A title"], "metadata": {"nbgrader": {"grade_id": "q1-question"}}}',
        '{"source": "no heading", "metadata": {"nbgrader": {"grade_id": "q2-question"}}}',
        '{"source": "## 3. Three (2 points, marked by hand)\\n<details><summary>Hint</summary>\\n'
        'Do $x$.</details>", "metadata": {"nbgrader": {"grade_id": "q3-question"}}}',
        '{"source": "x", "metadata": {}}',
    ]
    file.write_text(f'{{"cells": [{", ".join(cells)}]}}')
    printed = Printed.of(file)
    assert printed.titles == {"q1": "A title", "q2": "q2", "q3": "Three"}
    assert printed.hints == {"q3": "Do $x$."}


# Markdown and formulas ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "made"),
    [
        ("a < b", "a &lt; b"),
        ("`a<b`", "<code>a&lt;b</code>"),
        ("**a** and *b*", "<strong>a</strong> and <em>b</em>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("is $x$?", "is <math><mrow><mi>x</mi></mrow></math>?"),
        ("costs $5", "costs $5"),
        ("", ""),
    ],
)
def test_markdown(markdown, made):
    assert readable(markdown) == made


@pytest.mark.parametrize(
    ("latex", "made"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\frac{a}{2}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac>"),
        ("u_{is}", "<msub><mi>u</mi><mrow><mi>i</mi><mi>s</mi></mrow></msub>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\lambda", "<mi>λ</mi>"),
        (r"W \circ E", "<mi>W</mi><mo>∘</mo><mi>E</mi>"),
        (r"\text{own }", "<mtext>own\u00a0</mtext>"),
        # A sign before a number is close to it; between two terms it is not.
        ("-2", "<mo>−</mo><mn>2</mn>"),
        ("x = -2", '<mi>x</mi><mo>=</mo><mo form="prefix">−</mo><mn>2</mn>'),
        ("x-2", "<mi>x</mi><mo>−</mo><mn>2</mn>"),
        (
            "|x|-2",
            '<mo stretchy="false" lspace="0" rspace="0">|</mo><mi>x</mi>'
            '<mo stretchy="false" lspace="0" rspace="0">|</mo><mo>−</mo><mn>2</mn>',
        ),
    ],
)
def test_formulas(latex, made):
    assert math(latex) == f"<math><mrow>{made}</mrow></math>"


@pytest.mark.parametrize("latex", ["x^", r"\left(x", "x_1_2", r"\begin{a}", "{" * 3000])
def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written(latex):
    assert math(f"a<b{latex}") == f"<code>a&lt;b{html.escape(latex)}</code>"


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
        r"\mbox{<img src=x onerror=alert(1)>}",
        r"\operatorname{<script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(x)}{x}",
        r"\color{red\" onload=\"alert(1)}{x}",
        r"\unicode{x3c}script\unicode{x3e}",
        r"\left<script\right>",
    ],
)
def test_no_formula_loads_or_runs_anything(latex):
    tags = Tags(made := math(latex))
    assert tags.open == []
    assert all(tag.startswith("m") for tag, _ in tags.found), made
    assert {name for _, attributes in tags.found for name in attributes} <= _ATTRIBUTES


def test_the_formulas_of_the_course_can_all_be_read():
    """Whatever a page may show of it: what the questions say, and what the releases print."""
    files = [*COURSE.glob("questions/*.toml"), *COURSE.glob("release/*/*.ipynb")]
    found = {
        formula
        for text in map(_text_in, files)
        for formula in re.findall(r"\$\$?([^$\n]+)\$\$?", text)
    }
    assert len(found) > 200
    assert [formula for formula in found if not math(formula).startswith("<math>")] == []


def _text_in(file):
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        return "\n".join(_strings(tomllib.loads(text)))
    cells = json.loads(text)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def _strings(data):
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for entry in data.values() if isinstance(data, dict) else data:
            yield from _strings(entry)


# How a page is filled in -------------------------------------------------------------------------


def test_the_same_facts_give_the_same_bytes(page):
    result = Result("s1", (Mark("q1", 0, 1, "wrong", "Not $x^2$."),))
    first = page(result, {"q1": "$f'(x)$"}, {"q1": "Look *again*."})
    templates.cache_clear()
    assert page(result, {"q1": "$f'(x)$"}, {"q1": "Look *again*."}) == first


def test_a_fact_that_is_missing_is_an_error():
    with pytest.raises(UndefinedError, match="'sheet' is undefined"):
        fill_in("feedback.html", "title")


@pytest.mark.parametrize("name", ["jinja2", "latex2mathml"])
def test_what_is_not_installed_is_named_with_the_cure(name, course, monkeypatch, capsys):
    """Before anything is graded."""
    submit(course, "s1")
    for module in [module for module in sys.modules if module.endswith("math_as_html")]:
        monkeypatch.delitem(sys.modules, module)
    for module in {name, *(each for each in sys.modules if each.startswith(f"{name}."))}:
        monkeypatch.setitem(sys.modules, module, None)
    templates.cache_clear()
    try:
        assert run(course, NAME) == 2
    finally:
        templates.cache_clear()
    said = capsys.readouterr().err
    assert f"writing pages needs {name}" in said
    assert "pip install 'mfteach[grading]'" in said
    assert not (course / "graded").exists()


def test_points_as_they_are_read():
    assert [number(value) for value in (2.0, 1.5, 1 / 3, 10, 0)] == ["2", "1.5", "0.33", "10", "0"]
