"""As many ratings as the Netflix prize had, on one machine: the second part of ``make bench-scaling``.

`mfteach factorize` reads, fits (ALS, 32 factors, 5 epochs) and saves 20 and 100 million synthetic
ratings, from CSV and from Parquet, on two processors and in 8 GiB of memory. Time and memory per
rating are to stay the same. What is measured is kept at once: killed and started again, the run
goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.data import NETFLIX, write

FOLDER = Path(__file__).parents[1] / "_build" / "bench"
SIZES = (20, 100)  # million ratings, of a fifth of the users and of all
FORMS = (".csv", ".parquet")
MEMORY = 8 * 2**30
PROCESSORS = 2
OPTIONS = ("--solver", "als", "--n-factors", "32", "--n-epochs", "5")
# The line of the command with which a stage ends.
STAGES = {"read": "split:", "fit": "test RMSE", "test and save": "wrote"}
# Time and memory per rating of the most over those of the fewest ratings, at most.
REACH = {"CPU s": 1.3, "GiB": 1.1}


def file_of(millions, form):
    """The ratings in a file, written once: it takes minutes."""
    path = FOLDER / f"netflix {millions} M.csv"
    if not path.exists():
        share = millions / SIZES[-1]
        write(
            NETFLIX._replace(
                n_users=round(share * NETFLIX.n_users), n_ratings=round(share * NETFLIX.n_ratings)
            ),
            path,
        )
    return path.with_suffix(form)


def measure(path):
    """Seconds and GiB at the most of each stage, and of all."""
    processors = sorted(os.sched_getaffinity(0))[:PROCESSORS]
    output = FOLDER / "netflix.npz"
    command = [sys.executable, "-u", "-m", "mfteach", "factorize", str(path), *OPTIONS]
    began, found, stages = time.perf_counter(), {}, iter(STAGES.items())
    child = subprocess.Popen(
        [*command, "--output", str(output)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )
    stage, ends = next(stages)
    for line in child.stdout:
        print(f"  {line}", end="")
        if line.startswith(ends):
            found[stage] = (time.perf_counter() - began, _peak(child.pid))
            print(stage, found[stage])
            stage, ends = next(stages, ("", "\0"))
    _, status, used = os.wait4(child.pid, 0)
    return found, status, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20

def _peak(pid):
    st = Path(f"/proc/{pid}/status").read_text()
    hwm = int(st.split("VmHWM:")[1].split()[0]) / 2**20
    rss = int(st.split("VmRSS:")[1].split()[0]) / 2**20
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return hwm, rss

if __name__ == "__main__":
    print(measure(sys.argv[1]))
