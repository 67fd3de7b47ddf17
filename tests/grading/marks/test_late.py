"""Late days by the stated rule, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from classroom import NAME

from mfteach.console import UsageError
from mfteach.grading.marks.late import RULE, Deadlines, Lateness, lateness
from mfteach.grading.marks.results import Mark, Result
from mfteach.grading.settings import Course
from mfteach.grading.submissions.collected import Collected, Origin

DUE = datetime(2027, 2, 1, 23, 59, tzinfo=UTC)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path, tmp_path / "secrets.toml", {NAME: DUE}, 0.1)


def submitted(after):
    when = None if after is None else (DUE + after).isoformat()
    return Result("s1", (Mark("q1", 7, 8, "right", ""),), submitted_at=when)


@pytest.mark.parametrize(
    ("after", "days", "points"),
    [
        (timedelta(hours=-1), 0, 7),
        (timedelta(0), 0, 7),
        (timedelta(seconds=1), 1, 6.3),
        (timedelta(days=1), 1, 6.3),
        (timedelta(days=1, microseconds=1), 2, 5.6),
        (timedelta(days=10), 10, 0),
        (timedelta(days=400), 400, 0),
    ],
)
def test_each_day_begun_costs_its_share(course, after, days, points):
    assert lateness(course, NAME, submitted(after)) == Lateness(days, points, True)


def test_the_time_zone_of_the_submission_counts(course):
    at_home = replace(submitted(timedelta(0)), submitted_at="2027-02-02T01:00:00+02:00")
    assert lateness(course, NAME, at_home).days == 0


def test_without_a_date_or_a_time_nothing_is_late(course):
    assert lateness(course, NAME, submitted(None)) == Lateness(0, 7, False)
    assert lateness(course, "05-downhill", submitted(timedelta(days=3))) == Lateness(0, 7, True)
    free = replace(course, late_per_day=0.0)
    assert lateness(free, NAME, submitted(timedelta(days=3))) == Lateness(3, 7, True)


def test_the_rule_is_stated():
    for word in ("day begun", "[due]", "[late] per_day", "timestamp.txt"):
        assert word in RULE


# The course's time zone, grace, floor, extensions ------------------------------------------------

CHICAGO = ZoneInfo("America/Chicago")


def at(course, when):
    return lateness(course, NAME, replace(submitted(None), submitted_at=when))


def test_grace_moves_the_end_and_nothing_else(course):
    kind = replace(course, grace=timedelta(minutes=15))
    assert lateness(kind, NAME, submitted(timedelta(minutes=15))).days == 0
    assert lateness(kind, NAME, submitted(timedelta(minutes=15, seconds=1))).days == 1
    assert lateness(kind, NAME, submitted(timedelta(days=1, minutes=15))).days == 1


def test_the_floor_remains_however_late(course):
    kind = replace(course, late_floor=0.5)
    assert lateness(kind, NAME, submitted(timedelta(days=3))).points == 4.9
    assert lateness(kind, NAME, submitted(timedelta(days=300))).points == 3.5
    assert lateness(kind, NAME, submitted(timedelta(0))).points == 7


@pytest.mark.parametrize(
    ("due", "after", "days"),
    [
        # Clocks go forward in the night to 14 March 2027: that day has 23 hours.
        (datetime(2027, 3, 13, 23, 59, tzinfo=CHICAGO), timedelta(hours=23), 1),
        (datetime(2027, 3, 13, 23, 59, tzinfo=CHICAGO), timedelta(hours=23, seconds=1), 2),
        # And back in the night to 7 November: 25 hours.
        (datetime(2027, 11, 6, 23, 59, tzinfo=CHICAGO), timedelta(hours=25), 1),
        (datetime(2027, 11, 6, 23, 59, tzinfo=CHICAGO), timedelta(hours=25, seconds=1), 2),
    ],
)
def test_a_day_is_one_of_the_course_s_calendar(course, due, after, days):
    here = replace(course, timezone=CHICAGO, due={NAME: due})
    assert at(here, (due.astimezone(UTC) + after).isoformat()).days == days


@pytest.fixture
def questions(course):
    (course.folder / "questions").mkdir()
    (course.folder / "questions" / f"{NAME}.toml").touch()
    return course


def test_an_extension_is_one_student_s_due_date_in_the_course_s_zone(questions):
    here = replace(questions, timezone=CHICAGO)
    file = here.folder / "extensions.csv"
    file.write_text(f"student,assignment,due\ns1, {NAME}, 2027-02-03 23:59\n", encoding="utf-8-sig")
    assert at(here, "2027-02-04T05:59:00+00:00").days == 0
    assert at(here, "2027-02-04T05:59:01+00:00").days == 1
    other = replace(submitted(timedelta(seconds=1)), student="s2")
    assert lateness(here, NAME, other).days == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,due\n", "its first line must be student,assignment,due"),
        ("student,assignment,due\ns1,99-x,2027-02-03 23:59\n", "line 2: there is no assignment"),
        (f"student,assignment,due\ns1,{NAME},soon\n", "line 2: due must be a date and time"),
        (f"student,assignment,due\ns1,{NAME},2027-02-03\n", "line 2: due must be a date and time"),
        (f"student,assignment,due\n,{NAME},2027-02-03 23:59\n", "line 2: write a student"),
    ],
)
def test_an_extension_that_cannot_be_read_names_its_line(questions, text, said):
    (questions.folder / "extensions.csv").write_text(text)
    with pytest.raises(UsageError, match=said):
        Deadlines(questions, NAME)


def test_what_the_system_calls_late_without_a_time_is_said_and_not_deducted(questions):
    Collected("canvas", {"s1": Origin("101", "x", 1, late=True)}).save(questions.folder, NAME)
    deadlines = Deadlines(questions, NAME)
    late = deadlines.lateness(submitted(None))
    assert (late.points, late.by_system) == (7, True)
    assert deadlines.words(late) == "Late, but the time is not known: no points were deducted."
    unknown = deadlines.lateness(replace(submitted(None), student="s2"))
    assert deadlines.words(unknown) == "The time of submission is not known."
