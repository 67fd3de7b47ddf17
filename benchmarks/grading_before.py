"""Grading and feedback of two versions, side by side: ``python benchmarks/grading_before.py OLD``.

OLD is a checkout of the version before (``git worktree add OLD TAG``). Each version makes the same
class with its own exercises, and the two take turns: 300 submissions, 30 of them hostile, and the
feedback for six. CPU counts every process that a command started, student code that was killed
included: the kernel counts it for a control group, so run this as root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.grading import HOSTILE, NAME, PROCESSES, ROOT

FOLDER = ROOT / "_build" / "bench" / "versions"
SMALL = 6
MAKE = """
import sys
from pathlib import Path
from mfteach.grading.demo import make_class, with_cell

root, to, name, students, hostile, *sources = sys.argv[1:]
make_class(Path(root, "exercises"), Path(to), name, int(students))
for number in range(int(hostile)):
    file = Path(to, "submitted", f"s{number + 1:03}", name, f"{name}.ipynb")
    file.write_text(with_cell(file, sources[number % len(sources)]), encoding="utf-8")
"""


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of all processors."""

    wall: float
    cpu: float


@contextmanager
def counted():
    """Make a control group; yield the words that let a command enter it, and what reads its CPU."""
    old = Path("/sys/fs/cgroup/cpuacct")  # version 1
    group = (old if old.is_dir() else Path("/sys/fs/cgroup")) / f"mfteach-bench-{os.getpid()}"
    group.mkdir()

    def seconds():
        if old.is_dir():
            return int((group / "cpuacct.usage").read_text()) / 1e9
        return int((group / "cpu.stat").read_text().split()[1]) / 1e6

    enter = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    try:
        yield enter, seconds
    finally:
        while (group / "cgroup.procs").read_text():  # what was killed is still ending
            time.sleep(0.1)
        group.rmdir()


def run(version, *words):
    """Run Python with one version of the package, and time it."""
    environment = {**os.environ, "PYTHONPATH": str(version)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each version compiled, as installed
    with counted() as (enter, cpu):
        began = time.perf_counter()
        subprocess.run(
            [*enter, sys.executable, *words],
            check=True,
            cwd=version,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        return Took(time.perf_counter() - began, cpu())


def prepare(version, folder, students, hostile):
    """Let a version make its class."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    words = (str(version), str(folder), NAME, str(students), str(hostile), *HOSTILE.values())
    run(version, "-c", MAKE, *words)


def command(version, folder, *words):
    """Time a command of a version."""
    return run(version, "-m", "mfteach.grading", *words, "--course", str(folder))


def main(argv=None):
    """Prepare both, let them take turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path, help="a checkout of the version before")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--hostile", type=int, default=30)
    parser.add_argument("--only-new", action="store_true", help="such as for 1000 students")
    options = parser.parse_args(argv)
    versions = {"before": options.old.resolve(), "now": ROOT}
    if options.only_new:
        del versions["before"]
    print("| | copies | hostile | command | seconds | CPU seconds |")
    print("|---|---:|---:|---|---:|---:|")
    for students, hostile, words in (
        (options.students, options.hostile, (NAME, "-j", str(PROCESSES))),
        (SMALL, 0, ("feedback", NAME)),
    ):
        for name, version in versions.items():
            prepare(version, FOLDER / name, students, hostile)
            if words[0] == "feedback":
                command(version, FOLDER / name, NAME)
                command(version, FOLDER / name, *words)  # what is compiled once
        for name, version in versions.items():
            took = command(version, FOLDER / name, *words)
            print(
                f"| {name} | {students} | {hostile} | `{words[0]}` "
                f"| {took.wall:.1f} | {took.cpu:.1f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
