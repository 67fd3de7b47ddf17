"""The report shows every distractor, also those that nobody took."""

from classroom import NAME, RIGHT, VARIANT, run, submit
from test_feedback import text

from mfteach.grading.marks.results import ClassResult


def test_distractors_that_nobody_took_are_shown(course, no_sandbox):
    asked = VARIANT.answers["q2"]
    labels = [slip.label for slip in asked.check.slips]
    (taken, slip), *_ = asked.wrong
    for student in ("s1", "s2", "s3"):
        submit(course, student)
    submit(course, "s4", {**RIGHT, "q2": taken})
    assert run(course, NAME) == 0
    for _ in range(2):  # graded, and written again from what is stored
        said = text((course / "reports" / f"{NAME}.html").read_text(encoding="utf-8"))
        one = said[said.index("2. Slope 0 and convex") : said.index("3. Three terms")]
        assert f"25 % {slip.label} (" in one
        for label in set(labels) - {slip.label}:
            assert f"0 % {label}" in one
        assert "points elsewhere" not in one.partition("0 % ")[2]
        assert run(course, "feedback", NAME) == 0
    assert ClassResult.load(course, NAME).distractors["q2"] == tuple(labels)
