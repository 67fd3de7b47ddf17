"""The class report: who earned what, what is misunderstood, who needs attention."""

import pytest
from classroom import HOSTILE, NAME, load
from test_feedback import ALLOWED, harmless, text

from mfteach.grading.marks.results import ClassResult, Manual, Mark, Result, without_answers
from mfteach.grading.reports.class_figures import hardest
from mfteach.grading.reports.report import report, summary

MORE = {
    "a",
    "small",
    "div",
    "svg",
    "rect",
    "text",
    "line",
    "desc",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
MORE |= {"ul", "li", "h3", "b", "i", "details", "summary"}
POINTS = {"q1": 1, "q2": 1, "q3": 2, "q4": 1, "q5": 1, "q6": 2, "q7": 2}


def result(student, labels=None, **more):
    """A student who has everything right except what ``labels`` names."""
    labels = {"q7": "marked", **(labels or {})}
    marks = tuple(
        Mark(
            name,
            most if labels.get(name, "right") in ("right", "marked") else 0,
            most,
            labels.get(name, "right"),
            "",
        )
        for name, most in POINTS.items()
    )
    return Result(student, marks, **more)


@pytest.fixture
def made(course):
    loaded, assignment = load(course)

    def make(*results, titles=None):
        whole = ClassResult(NAME, results)
        page = report(loaded, assignment, whole, titles or {})
        harmless(page, ALLOWED | MORE)
        return text(page), page, summary(loaded, assignment, whole)

    return make


CLASS = (
    *(result(f"s{i}", {"q1": "sign lost"}) for i in range(3)),
    result("s3", {"q1": "exponent raised", "q3": "not answered"}),
    *(result(f"s{i}") for i in range(4, 8)),
)


def test_who_earned_what(made):
    said, page, terminal = made(*CLASS)
    assert "8 of 8 graded" in said
    assert "9.2 mean of 10" in said
    assert "9.5 median" in said
    assert "7–10 lowest and highest" in said
    assert "Students by points: 1 with 7, 3 with 9, 4 with 10." in page
    assert "points: mean 9.2, median 9.5 of 10" in terminal


def test_what_is_misunderstood(made):
    said, _, terminal = made(*CLASS, titles={"q1": "A negative exponent"})
    one = said[said.index("1. A negative exponent") : said.index("2. q2")]
    assert "hardest 50 % right" in one
    assert "The trap: the sign of the exponent is lost" in one
    assert one.index("38 % sign lost") < one.index("12 % exponent raised")
    assert "hardest question: q1 (50 % of its points)" in terminal
    assert "38 %  q1: sign lost" in terminal
    assert "not answered" not in terminal


def test_rare_slips_are_put_together(made):
    said, _, _ = made(*(result(f"s{i}", {"q1": f"slip {i}"}) for i in range(10)))
    assert said.count("10 % slip") == 5
    assert "50 % others" in said


def test_texts_that_are_not_marked_do_not_count_anywhere(made):
    pending = [result(f"s{i}", {"q7": "not marked yet"}) for i in range(2)]
    said, _, terminal = made(*pending, result("s9"))
    assert "Not marked yet, so not included in these totals: q7 (2 points)." in said
    assert "2 not marked yet" in said
    assert "2 answers not marked yet (mark by hand in nbgrader): s0, s1." in said
    assert "2 answers not marked yet (not in these points)" in terminal
    assert hardest(pending) != "q7"
    marked = [one.with_manual({(one.student, "q7"): Manual(1.0)}) for one in pending]
    said, _, terminal = made(*marked, result("s9"))
    assert "not marked yet" not in said + terminal
    assert "mean 1.3" in said
    assert "1 answer not marked yet" in made(pending[0])[0]


def test_who_needs_attention(made):
    said, _, terminal = made(
        without_answers("s1", [("q1", 1)], "refused", "The file is a link."),
        without_answers("s2", [("q1", 1)], "not submitted", "Nothing was submitted."),
        without_answers("s3", [("q1", 1)], "grading failed", "Grading stopped."),
        result("s4", {"q6": "time limit"}),
        result("s5", {"q6": "crashed"}),
        result("s6", {"q7": "look again"}),
        result("s7", same_as=("s8",)),
        result("s9", dict.fromkeys(POINTS, "not answered"), same_as=("s10",)),
        result("s11", reason="The notebook was called Untitled.ipynb."),
    )
    flagged = said[said.index("Who needs attention") :]
    for words in (
        "s1 refused The file is a link.",
        "s2 not submitted Nothing was submitted.",
        "s3 grading failed Grading stopped.",
        "s4 q6: time limit",
        "s5 q6: crashed",
        "s6 q7: look again",
        "s7 identical The same file, byte for byte, as that of s8.",
        "s11 note The notebook was called Untitled.ipynb.",
    ):
        assert words in flagged
    assert "s10" not in flagged  # two empty notebooks are nothing special
    assert "6 of 9 graded, 1 grading failed, 1 not submitted, 1 refused" in terminal


def test_who_was_late(made):
    said, _, _ = made(
        result("s1", submitted_at="2027-02-02T10:00:00+00:00"),
        result("s2", submitted_at="2027-02-04T10:00:00+00:00"),
        result("s3", submitted_at="2027-02-01T10:00:00+00:00"),
    )
    assert "2 late" in said
    assert said.endswith("Late s1 (1 day), s2 (3 days).")


def test_a_class_without_a_single_graded_submission(made):
    said, _, terminal = made(without_answers("s1", [("q1", 1)], "refused", "A link."))
    assert "Nothing was graded." in said
    assert terminal == "0 of 1 graded, 1 refused"
    assert "Who needs attention No one." in made(result("s1"))[0]


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_a_student_wrote_becomes_html(made, bad):
    marks = tuple(Mark(name, 0, most, bad, bad, bad) for name, most in POINTS.items())
    _, page, _ = made(
        Result("s1", marks, reason=bad, same_as=(bad,)),
        without_answers(bad, [("q1", 1)], "refused", bad),
    )
    assert "<script" not in page
    assert "<img" not in page


def test_more_points_than_there_are_have_their_bar(made):
    marks = (*result("s1").marks[:-1], Mark("q7", 5, 2, "marked", "", by_hand=True))
    _, page, _ = made(Result("s1", marks))
    assert "Students by points: 1 with 13." in page
