"""A Spark session that begins with a clear word where it cannot, and leaves no process behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfteach.arguments import Cure, InputError, shown
from mfteach.spark.java import how_to_install, require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL = "local[*]"
LOCAL_MASTER = re.compile(r"local(\[(\d+|\*)\])?")
CLUSTER = re.compile(r"spark://([\w.-]+):(\d+)")
HOW_TO_GET = "pip install 'mfteach[spark]'"
# ALS grows a plan a step, which is walked recursively: the usual stack of 1 MB overflows.
JAVA_OPTIONS = "-Xss4m"
# Java starts in half the time, and computes at half the speed: right for what one machine is given.
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Seconds to wait for an answer of a master, and for a process to end before it is killed.
ANSWER = 5.0
END = 20.0


class MissingSpark(InputError, ImportError):
    """The extra is not installed: an ImportError as well."""


def require_master(master: Any) -> str:
    """Refuse what names no master, before anything is started."""
    if isinstance(master, str) and (LOCAL_MASTER.fullmatch(master) or CLUSTER.fullmatch(master)):
        return master
    raise InputError(
        f"must be local[*], local[2] or spark://HOST:7077, but is {shown(master)}",
        argument="master",
        cures=(Cure("master", LOCAL),),
    )


def require_spark() -> None:
    """Refuse to begin without Spark or Java; the message says how to get it."""
    missing = [name for name in ("pyspark", "pyarrow") if find_spec(name) is None]
    if missing:
        raise MissingSpark(
            f"engine 'spark' needs {' and '.join(missing)}, which is not installed",
            f"{HOW_TO_GET} (in the folder of the course: make spark)",
        )
    require_java()
    with warnings.catch_warnings():  # Spark sees a pandas that is newer than it is; none is used
        warnings.simplefilter("ignore", FutureWarning)
        for module in ("pyspark.testing.utils", "pyspark.ml.recommendation"):
            import_module(module)


@contextmanager
def session(master: str = LOCAL) -> Iterator[SparkSession]:
    """Open a session on this master, or use the one that is open; end what was started.

    Parameters
    ----------
    master : str
        ``local[*]`` (all processors of this machine), ``local[N]`` or ``spark://HOST:PORT``.

    Raises
    ------
    InputError
        For a master that is none, does not answer or is not the one of the session that is open;
        where Spark or Java is missing.
    """
    require_master(master)
    require_spark()
    from pyspark.sql import SparkSession

    _require_answer(master)
    opened = SparkSession.getActiveSession()
    if opened is not None:
        _require_same(opened, master)
        yield opened
        return
    folder = Path(tempfile.mkdtemp(prefix="mfteach-spark-"))
    try:
        with _started(master, folder) as spark:
            yield spark
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_same(opened: SparkSession, master: str) -> None:
    there = opened.sparkContext.master
    if there != master:
        raise InputError(
            f"a Spark session on {there} is open already",
            "Stop it, or use it",
            cures=(Cure("master", there),),
        )


def _require_answer(master: str) -> None:
    """Spark itself would try for a minute, and then end without a word."""
    found = CLUSTER.fullmatch(master)
    if found is None:
        return
    try:
        socket.create_connection((found[1], int(found[2])), ANSWER).close()
    except (OSError, OverflowError) as error:
        raise InputError(
            f"no Spark master answers at {master} ({error})",
            "Start it (on this machine: make spark-cluster), or compute without one",
            cures=(Cure("master", LOCAL),),
        ) from None


@contextmanager
def _started(master: str, folder: Path) -> Iterator[SparkSession]:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    conf = SparkConf(loadDefaults=False).setAll(_settings(master, folder).items())
    log = folder / "log"
    gateway = spark = None
    try:
        with log.open("wb") as said, _interrupts_wait():
            gateway = launch_gateway(conf, {"stderr": said, "stdout": said})
        with _own_interrupts():
            context = SparkContext(conf=conf, gateway=gateway)
        context.setCheckpointDir(str(folder / "checkpoints"))
        context.pythonExec = _python_of_workers(master)
        spark = SparkSession(context)
        # Two processors are kept busy by two parts of a table; Spark's own choice is 200.
        spark.conf.set("spark.sql.shuffle.partitions", max(2, context.defaultParallelism))
        yield spark
    except Exception as error:
        if spark is None:
            raise _not_started(master, gateway, _reason(log, error)) from error
        raise
    finally:
        _end(gateway, spark)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Let Ctrl-C count when this is over: a Java that has just been started would be left alone."""
    pressed = []
    with _own_interrupts(lambda *_: pressed.append(True)):
        yield
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def _own_interrupts(handler: Any = None) -> Iterator[None]:
    """Let afterwards Ctrl-C do what it did before, and meanwhile what is given.

    Spark takes it over and asks Java to stop by the line on which it waits for an answer: that
    answer is then taken for another.
    """
    if threading.current_thread() is not threading.main_thread():  # gets no signals
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if handler is not None:
        signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def by_another_line(call: Callable[[], Any]) -> None:
    """Ask Java from another thread, which has its own line, and wait for a while.

    After Ctrl-C the line of this one still carries the answer to what was interrupted.
    """

    def ask() -> None:
        with suppress(Exception):  # Java may have ended
            call()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(END)


def _not_started(master: str, gateway: Any, reason: str) -> InputError:
    problem = f"Spark does not start on {master}: {reason}"
    if "All masters are unresponsive" in reason:
        return InputError(
            f"what listens at {master} is no Spark master, or one of another version",
            "Look at its address and version, or compute without one",
            cures=(Cure("master", LOCAL),),
        )
    if gateway is None:
        return InputError(f"{problem} (Java {require_java()})", how_to_install())
    return InputError(problem)


def _settings(master: str, folder: Path) -> dict[str, str]:
    """What Spark is told before it starts."""
    is_local = LOCAL_MASTER.fullmatch(master)
    java = f"{JAVA_OPTIONS} {QUICK_START}" if is_local else JAVA_OPTIONS
    settings = {
        "spark.master": master,
        "spark.app.name": "mfteach",
        "spark.driver.extraJavaOptions": java,
        "spark.executor.extraJavaOptions": java,
        "spark.local.dir": str(folder),
        "spark.log.level": "ERROR",
        "spark.sql.adaptive.enabled": "false",  # it would choose other parts from run to run
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "500",  # each with all its neighbours
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if is_local or is_loopback(master):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if is_local and hasattr(os, "sysconf"):
        half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        settings["spark.driver.memory"] = f"{max(half >> 20, 512)}m"
    return settings


def _python_of_workers(master: str) -> str:
    """On this machine the one that runs here, which has what it needs, whatever PATH says."""
    here = sys.executable if is_loopback(master) else "python3"
    return os.environ.get("PYSPARK_PYTHON", here)


def is_loopback(master: str) -> bool:
    """Whether its machines are this one, so that they see every folder of it."""
    found = CLUSTER.fullmatch(master)
    return found is None or found[1] in ("127.0.0.1", "localhost")


def _reason(log: Path, error: Exception) -> str:
    """What Java said last that is a reason, or else Python's own error."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    reasons = [line for line in said if re.search(r"(Exception|Error)\b.*:|Reason:", line)]
    return reasons[-1].strip() if reasons else " ".join(str(error).split())[:200]


def _end(gateway: Any, spark: SparkSession | None) -> None:
    """Stop the session, and the Java behind it: Python would keep it until its own end."""
    from pyspark import SparkContext

    if gateway is None:
        return
    process: subprocess.Popen[bytes] = gateway.proc
    try:
        if spark is not None and process.poll() is None:
            by_another_line(spark.stop)
    finally:
        SparkContext._active_spark_context = None
        SparkContext._gateway = SparkContext._jvm = None
        gateway.shutdown()
        if process.stdin is not None:
            process.stdin.close()  # at which Java ends
        try:
            process.wait(END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
