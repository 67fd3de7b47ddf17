"""How long a class takes: ``make bench-grading``.

300 submissions, 30 of them hostile, graded by two processes in the sandbox; beside it plain
nbgrader, which runs student code unprotected, on honest copies of the same class.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from mfteach.grading.demo import make_class, with_cell

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "_build" / "bench" / "grading"
NAME = "03-power-rule"
STUDENTS, HOSTILE_ONES, PROCESSES = 300, 30, 2
GOAL = 5 * 60.0  # seconds for the class
PEERS = 20  # copies that nbgrader grades

HOSTILE = {
    "a cell that hangs": "while True: pass",
    "a function that hangs": "def tangent_line(c, n, p):\n    while True: pass",
    "ends its process": "import os\nos._exit(0)",
    "stops its process": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "takes all memory": "hoard = []\nwhile True: hoard.append(bytearray(10**8))",
    "forks without end": "import os\nwhile True: os.fork()",
    "starts threads": "import threading, time\n"
    "while True: threading.Thread(target=time.sleep, args=(1000,)).start()",
    "fills the disk": "with open('/tmp/fill', 'wb') as file:\n"
    "    while True: file.write(bytes(10**7))",
    "prints without end": "while True: print('spam' * 10**5)",
    "a crash in C": "import ctypes\nctypes.string_at(0)",
}
"""What each tries, and the cell that does it."""


@dataclass(frozen=True)
class Timed:
    """Seconds for a number of copies."""

    seconds: float
    copies: int

    @property
    def each(self) -> float:
        """Seconds for one copy."""
        return self.seconds / self.copies


def prepare(folder):
    """A class in a course of its own, with hostile cells in the first of its notebooks."""
    make_class(ROOT / "exercises", folder, NAME, STUDENTS)
    for number in range(HOSTILE_ONES):
        file = folder / "submitted" / student(number) / NAME / f"{NAME}.ipynb"
        source = list(HOSTILE.values())[number % len(HOSTILE)]
        file.write_text(with_cell(file, source), encoding="utf-8")


def student(number):
    """The id of a student of the invented class, counted from 0."""
    return f"s{number + 1:03}"


def grade(folder):
    """Time our command, and see that everybody has a row."""
    command = [sys.executable, "-m", "mfteach.grading", NAME, "--course", str(folder)]
    began = time.perf_counter()
    subprocess.run([*command, "-j", str(PROCESSES)], check=True)
    seconds = time.perf_counter() - began
    with (folder / "grades.csv").open(newline="") as stream:
        totals = [row for row in csv.DictReader(stream) if row["question"] == "total"]
    if len(totals) != STUDENTS:
        raise SystemExit(f"{len(totals)} rows for {STUDENTS} students")
    return Timed(seconds, STUDENTS)


def grade_with_nbgrader(course, folder, copies):
    """Time ``nbgrader autograde`` on honest copies; hostile ones would harm this machine."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in ("source", "questions", "checks", "nbgrader_config.py"):
        (folder / part).symlink_to((course / part).resolve())
    honest = (student(number) for number in range(HOSTILE_ONES, STUDENTS))
    for _, name in zip(range(copies), honest, strict=False):
        shutil.copytree(course / "submitted" / name, folder / "submitted" / name)
    _nbgrader(folder, "generate_assignment", NAME)
    began = time.perf_counter()
    _nbgrader(folder, "autograde", NAME)
    seconds = time.perf_counter() - began
    graded = len(list((folder / "autograded").glob(f"*/{NAME}/{NAME}.ipynb")))
    if graded != copies:
        raise SystemExit(f"nbgrader graded {graded} of {copies} copies")
    return Timed(seconds, copies)


def _nbgrader(folder, *words):
    scripts = Path(sys.executable).parent  # nbgrader runs alembic and jupyter by name
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]]),
        "MFTEACH_COURSE": str(folder),
    }
    command = [str(scripts / "nbgrader"), *words, "--log-level=ERROR"]
    subprocess.run(command, cwd=folder, env=environment, check=True)


def table(ours, peer):
    """What was measured, as Markdown; what was only reckoned says so."""
    honest = STUDENTS - HOSTILE_ONES
    reckoned = "measured" if peer.copies >= honest else "reckoned from those graded"
    verdict = "reached" if ours.seconds <= GOAL else "NOT reached"
    return "\n".join(
        [
            "| | copies | hostile | processes | seconds | s per copy |",
            "|---|---:|---:|---:|---:|---:|",
            f"| mfteach-grade, in the sandbox | {ours.copies} | {HOSTILE_ONES} | {PROCESSES} "
            f"| {ours.seconds:.1f} | {ours.each:.2f} |",
            f"| nbgrader autograde, unprotected | {peer.copies} | 0 | 1 "
            f"| {peer.seconds:.1f} | {peer.each:.2f} |",
            "",
            f"Goal: {STUDENTS} submissions, {HOSTILE_ONES} of them hostile, in at most "
            f"{GOAL:.0f} s: {verdict} ({ours.seconds:.0f} s).",
            f"nbgrader, the {honest} honest ones alone: {peer.each * honest:.0f} s ({reckoned}).",
        ]
    )


def main(argv=None):
    """Make the class, grade it in both ways, print the table."""
    parser = argparse.ArgumentParser(prog="make bench-grading", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--peers",
        type=int,
        default=PEERS,
        help="copies that nbgrader grades (default: %(default)s)",
    )
    parser.add_argument("--all", action="store_true", help="nbgrader grades every honest copy")
    arguments = parser.parse_args(argv)
    course = FOLDER / "course"
    prepare(course)
    ours = grade(course)
    copies = STUDENTS - HOSTILE_ONES if arguments.all else arguments.peers
    peer = grade_with_nbgrader(course, FOLDER / "nbgrader", copies)
    text = table(ours, peer)
    print(text)
    (FOLDER / "grading.md").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
