"""What a person waits for before anything is computed: the import, the first fit, the course."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.goals import Figure
from benchmarks.racer import ROOT

REPETITIONS = 5
IMPORT = "import mfteach, time; print(time.process_time())"
FIRST_FIT = """
import mfteach, time
films = mfteach.datasets.movielens("ml-latest-small")
began = time.process_time()
mfteach.MatrixFactorization(rng=0).fit(films)
print(time.process_time() - began)
"""
# Title, most seconds, and what is measured.
IMPORT_GOAL = ("import mfteach, s of CPU", 0.35)
FIRST_FIT_GOAL = ("first fit with kernels cached, MovieLens small, s of CPU more", 0.5)
COURSE_GOAL = ("make course after the install, s", 45.0)


def waits(with_course):
    """Each title and reach, and a `Figure` or the reason why there is none."""
    yield *IMPORT_GOAL, _quickest(IMPORT)
    if os.environ.get("MFTEACH_DATA"):
        yield *FIRST_FIT_GOAL, _quickest(FIRST_FIT)
    else:
        yield *FIRST_FIT_GOAL, "MFTEACH_DATA is not set"
    if with_course:
        yield *COURSE_GOAL, _course()


def _quickest(code):
    """CPU seconds of the quickest of some fresh processes."""
    seconds = []
    for _ in range(REPETITIONS):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=_environment())
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["it died"])[-1]
        seconds.append(float(done.stdout))
    return Figure(min(seconds), f"the quickest of {REPETITIONS} processes")


def _course():
    """Without Spark, as the install of README leaves it out; it takes lesson 15 some 20 seconds."""
    command = [sys.executable, "-m", "mfteach", "course"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyspark.py").write_text("raise ModuleNotFoundError('no pyspark here')\n")
        began = time.perf_counter()
        quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL}
        done = subprocess.run(command, **quiet, env=_environment(folder))
        seconds = time.perf_counter() - began
    return "a notebook failed" if done.returncode else Figure(seconds, "once, without Spark")


def _environment(*folders):
    """As a person's, whose Python keeps what it has compiled."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": os.pathsep.join([*folders, str(ROOT)])}
