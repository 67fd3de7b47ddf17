"""Late days by the stated rule, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from classroom import NAME

from mfteach.grading.marks.late import RULE, Lateness, lateness
from mfteach.grading.marks.results import Mark, Result
from mfteach.grading.settings import Course

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
