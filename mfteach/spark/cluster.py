"""A Spark cluster on this machine: a master and two workers, from the installed package.

``python -m mfteach.spark.cluster start`` and ``stop``, or ``make spark-cluster`` and ``make
spark-stop``. It listens on the loopback address alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

from mfteach.arguments import InputError
from mfteach.console import UsageError, exit_status
from mfteach.spark.session import require_spark

HOST, PORT, PAGE = "127.0.0.1", 7077, 8077
MASTER = f"spark://{HOST}:{PORT}"
N_WORKERS = 2
# Where the process ids and the logs of the cluster are.
FOLDER = Path(tempfile.gettempdir()) / "mfteach-spark-cluster"
# They go on after this process, which is not to wait for them.
_started_here: list[subprocess.Popen[bytes]] = []
# Seconds until the workers must have registered, and in which a process ends that is asked to.
REGISTERED, ENDED = 120.0, 15.0


class Member(NamedTuple):
    """A process of the cluster."""

    name: str
    pid: int


def start(folder: Path = FOLDER) -> str:
    """Start master and workers, wait until they know each other, and return the master's name.

    Raises
    ------
    InputError
        If one runs already, or if the workers do not register; then nothing is left running.
    """
    require_spark()
    if any(map(is_alive, members(folder))):
        raise InputError("a cluster runs here already", "Use it, or end it first: make spark-stop")
    folder.mkdir(parents=True, exist_ok=True)
    place = ["--host", HOST]
    started = [
        _launch("master.Master", [*place, "--port", f"{PORT}", "--webui-port", f"{PAGE}"], folder)
    ]
    for number in range(1, N_WORKERS + 1):
        limits = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}")]
        page = ["--webui-port", f"{PAGE + number}"]
        started.append(_launch("worker.Worker", [*place, *limits, *page, MASTER], folder))
    _written(folder).write_text(json.dumps(started), encoding="utf-8")
    if not _have_registered():
        stop(folder)
        raise InputError(f"the workers do not register within {REGISTERED:.0f} s", f"See {folder}")
    return MASTER


def stop(folder: Path = FOLDER) -> int:
    """End what `start` has started; return how many processes that were."""
    alive = [member for member in members(folder) if is_alive(member)]
    for member in alive:
        os.kill(member.pid, signal.SIGTERM)
    until = time.monotonic() + ENDED
    while any(map(is_alive, alive)) and time.monotonic() < until:
        time.sleep(0.1)
    for member in filter(is_alive, alive):
        os.kill(member.pid, signal.SIGKILL)
    _written(folder).unlink(missing_ok=True)
    return len(alive)


def members(folder: Path = FOLDER) -> list[Member]:
    """The processes that were started last, the master first."""
    try:
        return [Member(*each) for each in json.loads(_written(folder).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []


def is_alive(member: Member) -> bool:
    """Whether the process runs, and no other has its number by now."""
    said = subprocess.run(
        ["ps", "-ww", "-o", "stat=,args=", "-p", f"{member.pid}"], capture_output=True, text=True
    ).stdout
    return member.name in said and not said.startswith("Z")


def _launch(name: str, options: list[str], folder: Path) -> Member:
    import pyspark

    script = Path(pyspark.__file__).parent / "bin" / "spark-class"
    number = len(list(folder.glob("*.log")))
    with (folder / f"{number}-{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(script), f"org.apache.spark.deploy.{name}", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | {"SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "512m"},
        )
    _started_here.append(process)
    return Member(name, process.pid)


def _have_registered() -> bool:
    until = time.monotonic() + REGISTERED
    while time.monotonic() < until:
        if _n_workers() == N_WORKERS:
            return True
        time.sleep(0.5)
    return False


def _n_workers() -> int:
    """How many workers the master knows; 0 while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{PAGE}/json/", timeout=5) as page:
            return int(json.load(page)["aliveworkers"])
    except (OSError, ValueError):
        return 0


def _written(folder: Path) -> Path:
    return folder / "members.json"


def main(words: list[str]) -> int:
    """Do what the one word says."""
    if words == ["start"]:
        print(f"{start()} is ready; end it with make spark-stop")
    elif words == ["stop"]:
        print(f"ended {stop()} processes")
    else:
        raise UsageError("say start or stop")
    return 0


if __name__ == "__main__":
    sys.exit(exit_status("mfteach.spark.cluster", lambda: main(sys.argv[1:]), (InputError,)))
