"""The corpus, graded as one class by the command: nothing unearned, nothing touched."""

import contextlib
import csv
import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from corpus import BROKEN, COURSE, FULL, HONEST, HOSTILE, NAME, NOTHING, RIGHT, Case, corpus
from neighbours import neighbours

from mfteach.grading.sandbox.clock import family
from mfteach.grading.students import shown

pytestmark = pytest.mark.needs_sandbox
CASES = [*corpus(), *neighbours()]
# The same honest student, graded before, between and after all the others.
WITNESSES = ("0-witness", "m-witness", "zz-witness")
OUTPUTS = {
    *("graded", "autograded", "feedback", "reports", "grades.csv", "gradebook.db"),
    *(".grading.lock", "secrets.toml"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with every case and the witnesses in ``submitted/``."""
    folder = tmp_path_factory.mktemp("hostile") / "course"
    for part in ("questions", "checks", "release"):
        shutil.copytree(COURSE / part, folder / part)
    (folder / "course.toml").write_text('secrets = "secrets.toml"\n')
    for case in CASES:
        case.submit(folder)
    witness = {**RIGHT, "q3": "x^3", "q7": "An honest text."}
    for name in WITNESSES:
        Case(name, HONEST, witness, {**FULL, "q3": 0}).submit(folder)
    return folder


def command(course, at_a_time):
    """The command that grades, with a home and a temporary folder beside the course."""
    for name in ("home", "tmp"):
        (course.parent / name).mkdir(exist_ok=True)
    places = {"HOME": str(course.parent / "home"), "TMPDIR": str(course.parent / "tmp")}
    words = [
        sys.executable,
        "-m",
        "mfteach.grading",
        NAME,
        "--course",
        str(course),
        "-j",
        str(at_a_time),
    ]
    return {
        "args": [*words, "--time-limit", "1"],
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": {**os.environ, **places},
    }


def inputs(course):
    """Every file that grading may not change, by its bytes."""
    paths = [path for path in sorted(course.parent.rglob("*")) if path.is_file()]
    names = {path: path.relative_to(course.parent).parts for path in paths}
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if not path.is_symlink() and not (len(names[path]) > 1 and names[path][1] in OUTPUTS)
    }


def rows(course):
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@contextlib.contextmanager
def reaper():
    """Let this process inherit orphans, so that whoever outlives the grader is our child."""
    set_child_subreaper, prctl = 36, ctypes.CDLL(None).prctl
    assert prctl(set_child_subreaper, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        prctl(set_child_subreaper, 0, 0, 0, 0)
        for entry in Path("/proc/self/task").glob("*/children"):
            for pid in map(int, entry.read_text().split()):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)  # the dead among those inherited


def alive():
    """All living descendants of this process."""
    found = {}
    for pid in set(family(os.getpid())) - {os.getpid()}:
        with contextlib.suppress(OSError):  # it ended meanwhile
            if "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
                found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes()
    return found


@pytest.fixture(scope="module")
def graded(course):
    """What the run left: the process, the inputs before and after, who is still alive."""
    before, others = inputs(course), alive()
    with reaper(), subprocess.Popen(**command(course, 2)) as running:
        most = 0
        while running.poll() is None:
            most = max(most, len(alive()) - len(others))
            time.sleep(0.2)
        done = running, *running.communicate()
        time.sleep(2)
        left = {pid: words for pid, words in alive().items() if pid not in others}
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    return done, before, inputs(course), (most, left)


def test_the_corpus_is_large_enough():
    kinds = Counter(case.kind for case in CASES)
    assert kinds[HOSTILE] + kinds[BROKEN] >= 180
    assert len(neighbours()) >= 60
    assert kinds[HONEST] >= 10


def test_the_command_succeeds(graded):
    done, out, errors = graded[0]
    assert done.returncode == 0, errors[-2000:]
    assert "Traceback" not in errors
    assert "report:" in out


def test_nothing_outside_the_output_changed(graded):
    _, before, after, _ = graded
    assert before == after
    assert len(before) > 150
    assert not Path("/tmp/pwned").exists()


def test_nobody_is_alive_after_two_seconds(graded):
    most, left = graded[3]
    assert most > 6  # the grader, and two sandboxes with what the students start in them
    assert left == {}


def test_everyone_has_one_row_per_question_and_a_total(graded, course):
    found = Counter((row["student"], row["question"]) for row in rows(course))
    assert set(found.values()) == {1}
    students = {case.name for case in CASES} | set(WITNESSES)
    assert {s for s, _ in found} == {in_csv(name) for name in students}
    assert {q for _, q in found} == {*FULL, "q7", "total"}


def in_csv(name):
    """The name as it is in the file: harmless to terminals and to spreadsheets."""
    return f"'{shown(name)}" if name[0] in "-=" else shown(name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_scores_what_it_earned(graded, course, case):
    mine = [row for row in rows(course) if row["student"] == in_csv(case.name)]
    points = {row["question"]: float(row["points"]) for row in mine}
    labels = {row["question"]: row["label"] for row in mine}
    assert {name: points[name] for name in FULL} == case.points, mine
    assert {name: labels[name] for name in case.labels} == case.labels
    assert points["total"] == sum(case.points.values())
    if case.kind == BROKEN and case.points == NOTHING:
        total = next(row for row in mine if row["question"] == "total")
        assert total["label"] in ("refused", "not submitted")
        assert len(total["reason"]) > 10


def test_the_witness_gets_the_same_before_between_and_after(graded, course):
    def of(name):
        mine = [list(row.values())[2:] for row in rows(course) if row["student"] == name]
        page = (course / "feedback" / name / f"{NAME}.html").read_text(encoding="utf-8")
        return mine, page.replace(name, "witness")

    first, *others = (of(name) for name in WITNESSES)
    assert all(other == first for other in others)
    assert len(first[0]) == 8


@pytest.mark.thorough
@pytest.mark.no_cover
def test_with_four_hostile_ones_beside_each_the_bytes_are_the_same(graded, course):
    """Five at a time, on however few processors: three of four submissions are hostile."""

    def outputs():
        kept = ("graded", "feedback", "reports", "autograded", "grades.csv")
        paths = [p for name in kept for p in (course / name, *(course / name).rglob("*"))]
        return {path: path.read_bytes() for path in paths if path.is_file()}

    before = outputs()
    assert subprocess.run(**command(course, 5)).returncode == 0
    after = outputs()
    assert {path for path in before | after if before.get(path) != after.get(path)} == set()
    assert len(before) > 300


def test_no_page_and_no_table_contains_what_students_typed_as_code(graded, course):
    for file in [*course.glob("feedback/**/*.html"), *course.glob("reports/*.html")]:
        assert "<script" not in file.read_text(encoding="utf-8"), file
        assert "<b>bold" not in file.read_text(encoding="utf-8"), file
    for cell in [cell for row in rows(course) for cell in row.values()]:
        assert not cell.startswith(("=", "+", "-", "@")), cell
    for file in course.glob("autograded/html-answer/**/*.ipynb"):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        text = next(c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] == "q7")
        assert text["source"].startswith("```")  # a block of code: nothing in it is HTML
