"""course.toml and the secrets that it names."""

from datetime import UTC, datetime

import pytest

from mfteach.console import UsageError
from mfteach.grading.settings import Course, fingerprint
from mfteach.grading.students import is_id, shown


def settings(course, text):
    (course / "course.toml").write_text(text)
    return Course.load(course)


def test_without_settings_the_defaults_apply(course):
    (course / "course.toml").unlink()
    loaded = Course.load(course)
    assert (loaded.due, loaded.late_per_day) == ({}, 0)
    assert str(loaded.secrets_file).endswith("/.config/mfteach/course.toml")


def test_due_dates_and_late_days(course):
    text = '[due]\n"03-power-rule" = 2027-02-01T23:59:00\n[late]\nper_day = 1\n'
    loaded = settings(course, text)
    assert loaded.due == {"03-power-rule": datetime(2027, 2, 1, 23, 59, tzinfo=UTC)}
    assert loaded.late_per_day == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secret = 'x'", "unknown key secret; the keys are secrets, timezone, due, late"),
        ("due = 3", r"due must be a table: \[due\]"),
        ("[due]\na = 2027-02-01", "due, a: write a date and time"),
        ("[late]\nper_day = 2", "write per_day = 0.1"),
        ("[late]\nper_day = true", "write per_day = 0.1"),
        ("[late]\nper_week = 0.1", "the keys are per_day, grace_minutes, floor"),
        ("[late]\ngrace_minutes = -1", "write grace_minutes = 15"),
        ("[late]\nfloor = nan", "write floor = 0.5"),
        ("timezone = 'Chicago'", "timezone: 'Chicago' is not one"),
        ("timezone = '../x'", "is not one; write a name"),
        ("no toml", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_name_the_key(course, text, said):
    with pytest.raises(UsageError, match=said):
        settings(course, text)


def test_another_folder_is_not_a_course(tmp_path):
    with pytest.raises(UsageError, match="has no folder questions/; give yours as --course DIR"):
        Course.load(tmp_path)


def test_secrets_are_created_once_for_nobody_else_and_announced(course, capsys):
    loaded = Course.load(course)
    made = loaded.secrets()
    assert "Created the course's secrets" in capsys.readouterr().err
    assert loaded.secrets_file.stat().st_mode & 0o777 == 0o600
    assert loaded.secrets() == made
    assert capsys.readouterr().err == ""
    assert len(made.secret) == len(made.seed) == 32
    assert made.secret != made.seed
    assert made.secret.hex() not in repr(made)


def test_secrets_that_others_can_read_give_a_warning(course, capsys):
    loaded = Course.load(course)
    loaded.secrets()
    loaded.secrets_file.chmod(0o644)
    capsys.readouterr()
    loaded.secrets()
    assert "others can read" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", 'secret = "ab"', 'secret = "x"\nseed = "ab"', "seed = 3"])
def test_damaged_secrets_are_not_recreated(course, text):
    file = Course.load(course).secrets_file
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(UsageError, match="must contain secret and seed"):
        Course.load(course).secrets()
    assert file.read_text() == text


def test_fingerprints_of_two_seeds_differ():
    assert fingerprint(b"a") != fingerprint(b"b")
    assert len(fingerprint(b"a")) == 16


@pytest.mark.parametrize("name", ["s001", "ada.lovelace@example.org", "A-1_b", "x" * 64])
def test_ids(name):
    assert is_id(name)


@pytest.mark.parametrize("name", ["", ".a", "-a", "a b", "ü", "a/b", "a\n", "x" * 65, "<b>"])
def test_what_is_not_an_id(name):
    assert not is_id(name)


def test_every_name_is_shown_as_different_printable_ascii():
    names = ["a\nb", "a\\nb", "ü", "\x1b[2J", "\udcff"]
    assert len({shown(name) for name in names}) == len(names)
    assert all(shown(name).isascii() and shown(name).isprintable() for name in names)
