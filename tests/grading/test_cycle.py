"""From the release to the marks and back; and a killed grader leaves nothing half done."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import classroom
import numpy as np
import pytest
from cases import some
from classroom import NAME, RIGHT, TEXT, WRONG, mark, nbgrader, place, rows, run, submit, written

from mfteach.grading.assignments import release
from mfteach.grading.marks.grade import history
from mfteach.grading.marks.results import ClassResult
from mfteach.grading.sandbox.sandbox import SandboxUnavailable, find_sandbox

PARTLY = {name: RIGHT[name] for name in ("q1", "q3", "q6")}
OUTPUTS = ("feedback", "reports", "graded", "autograded", "exports", "grades.csv", "gradebook.db")


def how():
    """Use the sandbox; these submissions are ours, so do without if there is none."""
    try:
        find_sandbox()
    except SandboxUnavailable:
        return ("--unsafe-no-sandbox",)
    return ()


# The cycle ---------------------------------------------------------------------------------------


def test_the_whole_cycle(course, quick_gradebook):
    shutil.rmtree(course / "release")
    release.write_release(course, NAME)
    assert run(course, "check-release") == 0
    submit(course, "right", RIGHT, when="2027-02-01 10:00:00 UTC")
    submit(course, "wrong", {**WRONG, "q7": TEXT})
    submit(course, "partly", PARTLY, when="2027-02-02 10:00:00 UTC")
    submit(course, "empty", {})

    assert run(course, NAME, *how()) == 0
    assert {
        name: rows(course, name)["total"][0] for name in ("right", "wrong", "partly", "empty")
    } == {
        "right": 8,
        "wrong": classroom.VARIANT.answers["q6"].wrong[0][1].points,
        "partly": 5,
        "empty": 0,
    }
    assert {label for _, label in rows(course, "empty").values()} == {"not answered", "ok"}
    slips = {
        name: posed.wrong[0][1].label
        for name, posed in classroom.VARIANT.answers.items()
        if posed.wrong
    }
    assert {name: rows(course, "wrong")[name][1] for name in slips} == slips

    mark(course, "right", points=2, comment="Well said.")
    assert run(course, "feedback", NAME) == 0
    assert run(course, "export", NAME) == 0
    assert rows(course, "right")["total"] == (10, "ok")
    exported = (course / "exports" / f"{NAME}-canvas.csv").read_text()
    assert "right,,,right,,10" in exported
    assert "partly,,,partly,,4.5" in exported  # a day late

    before = written(course)
    assert len(before) == 4 * 4 + 2 + 1 + 3  # pages and copies, reports, grades, exports
    assert run(course, NAME, *how()) == 0
    assert run(course, "export", NAME) == 0
    after = written(course)
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert set(after) == set(before)


def test_one_process_or_three_the_bytes_are_the_same(course, quick_gradebook):
    for number in range(4):
        submit(course, f"s{number}", PARTLY if number % 2 else {**RIGHT, "q7": str(number)})
    assert run(course, NAME, "-j", "1", *how()) == 0
    before = written(course)
    for name in OUTPUTS:
        path = course / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    assert run(course, NAME, "-j", "3", *how()) == 0
    assert written(course) == before


def test_a_resubmission_keeps_the_history(course, no_sandbox):
    file = submit(course, "s1", PARTLY)
    run(course, NAME)
    first = file.read_bytes()
    submit(course, "s1", RIGHT)
    run(course, NAME)
    assert rows(course)["total"][0] == 8
    names = history(course, "s1", NAME)
    assert len(names) == 2
    kept = [
        json.loads((course / "graded/s1" / NAME / f"{name}.json").read_text()) for name in names
    ]
    assert [sum(m["points"] for m in one["marks"]) for one in kept] == [5, 8]
    file.write_bytes(first)  # the first one again: no third entry
    run(course, NAME)
    assert history(course, "s1", NAME) == names
    assert rows(course)["total"][0] == 5


def test_the_same_file_twice_is_noted_for_both(course, no_sandbox):
    submit(course, "s1")
    shutil.copytree(place(course, "s1").parents[1], course / "submitted" / "s2")
    submit(course, "s3", PARTLY)
    run(course, NAME)
    same = {one.student: one.same_as for one in ClassResult.load(course, NAME).results}
    assert same == {"s1": ("s2",), "s2": ("s1",), "s3": ()}
    assert rows(course, "s2")["total"][0] == 8


def test_functions_get_new_inputs_in_each_submission_and_the_same_in_a_regrade(course):
    """Whoever hard-codes what the last report showed gains nothing."""

    def inputs(student):
        scores = classroom.grader(course).grade(student).scores
        return [one.arguments for one in scores[5].evidence]

    submit(course, "s1")
    submit(course, "s2", {**RIGHT, "q7": "Another text."})
    assert inputs("s1") == inputs("s1")
    assert inputs("s1") != inputs("s2")


def test_nothing_is_stored_of_what_was_refused(course):
    from mfteach.grading.marks.grade import keep
    from mfteach.grading.marks.results import Result

    for bad in (Result("s1", ()), Result("../x", (), digest="ab")):
        with pytest.raises(ValueError, match="there is nothing to keep"):
            keep(course, NAME, bad)


# Killed ------------------------------------------------------------------------------------------

SERVER = """
import itertools, json, os, signal, sys
import nbgrader.api, sqlalchemy.dialects.sqlite
import mfteach.answers.equality, mfteach.answers.formulas
from mfteach.grading import cli
from mfteach.grading.marks.gradebook import tools_on_path

with tools_on_path():
    version = nbgrader.api.get_alembic_version()
nbgrader.api.get_alembic_version = lambda: version
STEPS = ("open", "os.rename", "os.mkdir", "os.remove", "sqlite3.connect", "subprocess.Popen")
for line in sys.stdin:
    last, words = json.loads(line)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        steps = itertools.count(1)
        taken = 0

        def hook(event, arguments):
            global taken
            # How often it looks at a clock in /proc depends on the machine; the other steps do not.
            if event in STEPS and not str(arguments[0]).startswith("/proc"):
                taken = next(steps)
                if taken == last:
                    os.killpg(0, signal.SIGKILL)

        sys.addaudithook(hook)
        status = cli.main(words)
        os.write(writer, str(taken).encode())
        os._exit(status)
    os.close(writer)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([status, int(os.read(reader, 100) or 0)]), flush=True)
    os.close(reader)
"""
"""Runs the command in child processes, and kills their whole group at a step that touches files."""


@contextmanager
def server(temporary):
    """Start it; what killed children leave behind goes into the folder ``temporary``."""
    temporary.mkdir()
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment = {**os.environ, **threads, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:

        def command(course, last=None):
            words = [NAME, "--course", str(course), "-j", "2", *how()]
            process.stdin.write(json.dumps([last, words]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield command


def scores(course):
    """What the gradebook says, without its random ids."""
    with nbgrader(course) as book:
        return {
            (one.student_id, grade.name): (
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
            )
            for one in book.find_assignment(NAME).submissions
            for grade in one.notebooks[0].grades
        }


STARTS = {"marked": (2, "look again"), "new": (0, "not marked yet")}
"""From where a run starts, and what it says of the first student's text."""


@pytest.mark.parametrize(
    ("moment", "start"), some(itertools.product([2, 0, 1, 3], STARTS), 1), ids=str
)
@pytest.mark.no_cover
def test_killed_at_any_moment_the_next_run_finishes_with_the_same_bytes(
    course, tmp_path, moment, start
):
    """A third of the class resubmitted since it was graded and marked by hand; or all is new."""
    for number, answers in enumerate([RIGHT, PARTLY, {**WRONG, "q7": TEXT}]):
        submit(course, f"s{number}", answers)
    with nbgrader(course):
        pass  # this makes an empty gradebook, as good as none
    part = np.random.default_rng([moment, len(start)]).random()
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    with server(tmp_path / "temporary") as command:
        if start == "marked":
            assert command(course)[0] == 0
            mark(course, "s0", points=2)
            mark(course, "s2", points=1)
            submit(course, "s0", {**RIGHT, "q7": "Something else.", "q4": 0})
        for folder in (whole, broken):
            shutil.copytree(course, folder)
        status, steps = command(whole)
        assert status == 0
        assert steps > 50
        assert command(broken, 1 + int(steps * (moment + part) / 4.5))[0] == -9
        assert command(broken)[0] == 0
    assert written(broken) == written(whole)
    assert scores(broken) == scores(whole)
    assert not list(broken.rglob(".*.part*"))
    assert rows(whole, "s0")["q7"] == STARTS[start]


class Killed(BaseException):
    """Nothing catches it."""


@pytest.mark.no_cover
def test_killed_before_any_file_is_in_place(course, tmp_path, no_sandbox, monkeypatch):
    """The same again, systematically: at each file that a run writes."""
    submit(course, "s0", RIGHT)
    submit(course, "s1", {**RIGHT, "q7": "Another text."})
    run(course, NAME)
    for student in ("s0", "s1"):
        mark(course, student, points=2)
        submit(course, student, {**RIGHT, "q7": f"{student} wrote something else."})
    whole = shutil.copytree(course, tmp_path / "whole")
    assert run(whole, NAME) == 0
    real = Path.replace
    for last in range(100):
        broken = shutil.copytree(course, tmp_path / f"killed at {last}")
        writes = iter(range(100))

        def replace(self, target, *, last=last, writes=writes):
            if next(writes) == last:
                raise Killed
            return real(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            try:
                run(broken, NAME)
                break  # there is no such write
            except Killed:
                pass
        assert run(broken, NAME) == 0
        assert written(broken) == written(whole)
        assert scores(broken) == scores(whole)
    assert last > 8
    assert rows(whole, "s0")["q7"] == (2, "look again")


def test_a_second_grader_waits_outside_and_the_killed_one_leaves_no_lock(
    course, no_sandbox, capsys
):
    hangs = {**RIGHT, "q6": "def tangent_line(c, n, p):\n    while True:\n        pass"}
    submit(course, "s1", hangs)
    words = [sys.executable, "-m", "mfteach.grading", NAME, "--course", str(course), *how()]
    environment = {**os.environ, "TMPDIR": str(course.parent)}  # the killed one leaves a folder
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, start_new_session=True, env=environment
    ) as first:
        first.stderr.read(1)  # the bar: it is running
        second = run(course, NAME)
        assert first.poll() is None
        os.killpg(first.pid, 9)
    assert second == 2
    assert "another mfteach-grade is running" in capsys.readouterr().err
    submit(course, "s1")
    assert run(course, NAME) == 0
    assert rows(course)["total"][0] == 8
