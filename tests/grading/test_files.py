"""Files are whole or as they were; a disk that is full or read-only concerns the whole class."""

import errno
import os

import pytest
from classroom import NAME, run, submit

from mfteach.console import UsageError
from mfteach.grading import files
from mfteach.grading.marks.by_hand import unusable

pytestmark = pytest.mark.usefixtures("no_sandbox")


def failing(number, name):
    """What opens files, except that one of this name cannot be written."""
    real = os.open

    def opened(path, flags, *more, **options):
        if str(path).endswith(name) and flags & os.O_CREAT:
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *more, **options)

    return opened


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_stops_the_class_and_the_cure_is_room(course, number, monkeypatch, capsys):
    for student in ("s1", "s2"):
        submit(course, student)
    monkeypatch.setattr(os, "open", failing(number, f"{NAME}.html.part"))
    assert run(course, NAME) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "there is no room left on the disk; make some, and run this again" in error
    monkeypatch.undo()


def test_a_file_that_is_the_trouble_of_one_student_stays_so(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "open", failing(errno.EACCES, ".x.part"))
    with pytest.raises(PermissionError):
        files.write(tmp_path / "x", "text")


def test_what_could_not_be_written_leaves_nothing_and_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "")))
    with pytest.raises(UsageError, match="make some"):
        files.write(tmp_path / "x", "new")
    assert [file.name for file in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "old"


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_course_says_what_to_do(course, number, monkeypatch, capsys):
    def opened(self, *_, **__):
        raise OSError(number, os.strerror(number), str(self))

    submit(course, "s1")
    monkeypatch.setattr("pathlib.Path.open", opened)
    with (
        pytest.raises(UsageError, match="give yourself the right to write there"),
        files.alone(course),
    ):
        pass


def test_the_next_run_removes_what_a_killed_one_left(course):
    submit(course, "s1")
    left = [
        course / ".grades.csv.part",
        course / "feedback" / "gone" / f".{NAME}.html.part",
        course / "exports" / ".old-canvas.csv.part",
    ]
    theirs = course / "submitted" / "s1" / NAME / ".mine.part"
    for file in (*left, theirs):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("half")
    assert run(course, NAME) == 0
    assert not any(file.exists() for file in left)
    assert theirs.read_text() == "half"  # a student's file is not ours


@pytest.mark.parametrize(
    ("why", "cure"),
    [
        ("database or disk is full", "make some"),
        ("attempt to write a readonly database", "the right to write there"),
        ("no such column: entry.extra_credit", "nbgrader db upgrade"),
        ("file is not a database", "of another version of nbgrader"),
        ("database is locked", "close the program that uses it"),
    ],
)
def test_each_trouble_of_a_gradebook_has_its_own_cure(tmp_path, why, cure):
    assert cure in str(unusable(tmp_path, why))


def test_a_gradebook_of_another_version_is_said(course, capsys):
    import sqlite3

    submit(course, "s1")
    assert run(course, NAME) == 0
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("CREATE TABLE grade (id, notebook_id, cell_id, auto_score)")
    assert run(course, "feedback", NAME) == 2
    assert "run nbgrader db upgrade" in capsys.readouterr().err


def test_results_of_another_version_are_said(course, capsys):
    submit(course, "s1")
    assert run(course, NAME) == 0
    (course / "reports" / f"{NAME}.json").write_text('[{"student": "s1", "marks": [{"x": 1}]}]')
    assert run(course, "feedback", NAME) == 2
    assert f"of another version: run mfteach-grade {NAME} again" in capsys.readouterr().err


def test_results_of_the_version_before_are_read(course):
    """They are a list, and do not know who is alike, nor what nobody has chosen."""
    import json

    submit(course, "s1")
    assert run(course, NAME) == 0
    file = course / "reports" / f"{NAME}.json"
    before = json.loads(file.read_text())["results"]
    for one in before:
        del one["alike"]
    file.write_text(json.dumps(before))
    assert run(course, "feedback", NAME) == 0


def test_neither_grading_nor_feedback_nor_export_loads_nbgrader(course):
    import subprocess
    import sys

    submit(course, "s1")
    assert run(course, NAME) == 0
    code = (
        "import sys; from mfteach.grading import cli; "
        f"status = [cli.main([word, {NAME!r}, '--course', {str(course)!r}]) "
        "for word in ('feedback', 'export')]; "
        "print(status, [m for m in ('nbgrader', 'sqlalchemy', 'sympy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 0] []"
