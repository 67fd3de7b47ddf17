"""As many ratings as the Netflix prize had, on one machine: the second half of the scaling.

``mfteach factorize`` reads, fits (ALS, 32 factors, 5 epochs), tests and saves 20 and 100 million
synthetic ratings on two processors: time and memory per rating are to stay, and 8 GiB to suffice.
Then a fit is killed and begun again, and has to end at the same bytes.

What is measured is kept at once: killed and started again, the run goes on where it was. It needs
Linux, which says what a process has used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.data import NETFLIX, write

FOLDER = Path(__file__).parents[1] / "_build" / "bench"
MILLIONS = (20, 100)
FORMS = ("csv", "parquet")
PROCESSORS = 2
GIB = 2**30
MEMORY = 8  # GiB
OPTIONS = ("--solver", "als", "--n-factors", "32", "--n-epochs", "5")
# The stages, and how the line begins with which the command ends each.
STAGES = {"read": "split:", "fit": "test RMSE", "save": "wrote"}
# CPU time and memory per rating, of 100 million over 20 million, at most.
REACH = {"CPU": 1.3, "memory": 1.1}
# A fit is killed once so many epochs have been written down, the start included.
KILLED_AFTER = 3
NOTICE = 0.05  # seconds between two looks at them


def ratings_file(millions, form):
    """The file of so many ratings of a share of all users; written once, for it takes minutes."""
    path = FOLDER / f"netflix {millions} M.csv"
    if not path.exists():
        share = millions / max(MILLIONS)
        n_users, n_ratings = (round(share * n) for n in (NETFLIX.n_users, NETFLIX.n_ratings))
        print(f"writing {path.name} and the same as Parquet, once ...", flush=True)
        write(NETFLIX._replace(n_users=n_users, n_ratings=n_ratings), path)
    return path.with_suffix(f".{form}")


def started(path, output, *options):
    """The command at work on a file."""
    command = [sys.executable, "-u", "-m", "mfteach", "factorize", str(path), *OPTIONS, *options]
    return subprocess.Popen([*command, "--output", str(output)], stdout=subprocess.PIPE, text=True)


def measured(path, output):
    """CPU seconds of each stage, GiB of memory at most, and the hash of what was written."""
    found, before = {}, 0.0
    with started(path, output) as work:
        for line in work.stdout:
            for stage, beginning in STAGES.items():
                if line.startswith(beginning):
                    cpu = cpu_seconds(work.pid)
                    found[stage], before = cpu - before, cpu
            if " users, " in line:
                found["ratings"] = int(line.split(" users, ")[1].split()[2].replace(",", ""))
        _, status, used = os.wait4(work.pid, 0)
        work.returncode = os.waitstatus_to_exitcode(status)
    if work.returncode:
        raise SystemExit(f"factorize {path} ended with status {work.returncode}")
    return found | {"GiB": used.ru_maxrss * 1024 / GIB, "sha256": sha256(output)}


def cpu_seconds(pid):
    """What a process that has not been waited for has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def resumed(path, output):
    """SHA-256 of what a fit ends at that was killed in the middle and begun again."""
    epochs = FOLDER / "epochs"
    shutil.rmtree(epochs, ignore_errors=True)
    written = set()
    with started(path, output, "--checkpoint", str(epochs)) as work:
        while len(written) < KILLED_AFTER:
            if work.poll() is not None:
                raise SystemExit("the fit that was to be killed ended before")
            written |= {(file.name, file.stat().st_mtime_ns) for file in epochs.glob("[!.]*.npz")}
            time.sleep(NOTICE)
        work.kill()
    with started(path, output, "--checkpoint", str(epochs)) as work:
        print(work.stdout.read(), end="")
    shutil.rmtree(epochs)
    return sha256(output)


def sha256(path):
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measure(path, millions):
    """Fill in what is missing, one fit at a time, and keep it."""
    found = json.loads(path.read_text()) if path.exists() else {}
    output = FOLDER / "netflix.npz"

    def keep(name, compute):
        if name not in found:
            found[name] = compute()
            path.write_text(json.dumps(found, indent=1))

    for size in millions:
        for form in FORMS:
            file = ratings_file(size, form)
            keep(f"{size} {form}", lambda file=file: measured(file, output))
    few, form = min(millions), FORMS[-1]
    whole = found[f"{few} {form}"]["sha256"]
    keep(f"{few} killed", lambda: whole == resumed(ratings_file(few, form), output))
    output.unlink(missing_ok=True)
    return found


def table(found, millions):
    """What each stage took, and what a rating costs, as Markdown."""
    header = ["ratings", "file", *(f"{stage}, CPU s" for stage in STAGES), "GiB"]
    header += ["CPU µs per rating", "bytes per rating"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for size in millions:
        for form in FORMS:
            one = found[f"{size} {form}"]
            stages = [f"{one[stage]:.0f}" for stage in STAGES]
            costs = [f"{1e6 * cpu_of(one):.2f}", f"{memory_of(one):.0f}"]
            lines.append(
                "| " + " | ".join([f"{size} M", form, *stages, f"{one['GiB']:.2f}", *costs]) + " |"
            )
    return "\n".join(lines)


def cpu_of(one):
    """CPU seconds for each rating."""
    return sum(one[stage] for stage in STAGES) / one["ratings"]


def memory_of(one):
    """Bytes for each rating, of the memory at most."""
    return one["GiB"] * GIB / one["ratings"]


def verdicts(found, millions):
    """What was to be reached, a line each, and whether it was."""
    few, many = min(millions), max(millions)
    for form in FORMS:
        one, other = found[f"{few} {form}"], found[f"{many} {form}"]
        for name, cost in {"CPU": cpu_of, "memory": memory_of}.items():
            growth = cost(other) / cost(one)
            said = f"{form}: {name} per rating, {many} M over {few} M: {growth:.2f}"
            yield f"{said} (at most {REACH[name]})", growth <= REACH[name]
        yield f"{form}: {other['GiB']:.2f} GiB (at most {MEMORY})", other["GiB"] <= MEMORY
    yield f"a fit of {few} M that was killed ends at the same bytes", found[f"{few} killed"]


def main(argv=None):
    """Measure what is missing, print the table, and what was reached."""
    parser = argparse.ArgumentParser(prog="make bench-scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=int, nargs="+", default=list(MILLIONS))
    millions = parser.parse_args(argv).millions
    if sys.platform != "linux":
        print("how 100 million ratings are factorized is measured on Linux only")
        return 0
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = measure(FOLDER / "netflix.json", millions)
    text = table(found, millions)
    text += "\n\n" + "\n".join(
        f"{said}: {'reached' if reached else 'NOT reached'}"
        for said, reached in verdicts(found, millions)
    )
    print(text)
    (FOLDER / "netflix.md").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
