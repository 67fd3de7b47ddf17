"""What cannot be done on Spark is said in one line, and leaves no process behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from py4j.protocol import Py4JError

from mfteach import MatrixFactorization
from mfteach.commands.main import main
from mfteach.spark.errors import in_our_words
from mfteach.spark.java import NoJava, require_java
from mfteach.spark.session import (
    JAVA_OPTIONS,
    QUICK_START,
    _interrupts_wait,
    _not_started,
    _settings,
)
from mfteach.spark.watching import watching

SETTINGS = {"engine": "spark", "weighting": "by_count", "master": "local[2]"}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"weighting": "plain"}, r"weighting='plain'.*set_params\(weighting='by_count'\)"),
        ({"solver": "sgd"}, r"solver='sgd'.*set_params\(solver='als'\)"),
        ({"dtype": "float64"}, r"set_params\(dtype='float32'\)"),
        ({"regularization": 0.0}, "must be one number larger than 0"),
        ({"regularization": (0.1, 0.2)}, "must be one number larger than 0"),
        ({"master": "yarn"}, r"set_params\(master='local\[\*\]'\)"),
        ({"master": "spark://127.0.0.1:1"}, "no Spark master answers at spark://127.0.0.1:1"),
        ({"master": "spark://10.255.255.1:7077"}, "need a folder that all of them see"),
    ],
)
def test_a_setting_that_spark_has_not_is_refused_by_name(example, setting, words):
    with pytest.raises(ValueError, match=words):
        MatrixFactorization(**SETTINGS | setting).fit(example.train)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ('openjdk version "11.0.2" 2019-01-15', "needs Java 17 or newer, and .* is 11.0.2"),
        ('java version "1.8.0_392"', "is 1.8.0_392"),
        ("", "does not run"),
    ],
)
def test_another_java_is_named_with_a_cure(tmp_path, monkeypatch, version, words):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{version}' >&2\n", "utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(NoJava, match=words) as caught:
        require_java()
    assert "Install Java 17: " in str(caught.value)


def test_a_java_that_ends_at_once_is_named(monkeypatch):
    monkeypatch.setattr("mfteach.spark.session.require_java", lambda: "99.0.1 (/x/java)")
    error = str(_not_started("local[2]", None, "it exited"))
    assert "does not start on local[2]: it exited (Java 99.0.1 (/x/java)). Install Java" in error


def test_what_is_no_master_is_said():
    said = "Application has been killed. Reason: All masters are unresponsive! Giving up."
    error = _not_started("spark://127.0.0.1:80", object(), said)
    assert "what listens at spark://127.0.0.1:80 is no Spark master" in str(error)


def test_a_cluster_has_java_as_it_computes_best(tmp_path):
    quick = {
        master: _settings(master, tmp_path)["spark.executor.extraJavaOptions"]
        for master in ("local[2]", "spark://127.0.0.1:7077")
    }
    assert quick == {
        "local[2]": f"{JAVA_OPTIONS} {QUICK_START}",
        "spark://127.0.0.1:7077": JAVA_OPTIONS,
    }


def test_the_bar_is_gone_before_an_error_is_said(spark, bars, capsys):
    with pytest.raises(KeyError), watching(spark) as watch:
        watch.stage("factors")
        raise KeyError
    shown = capsys.readouterr().err
    assert "factors" in shown
    assert shown.endswith("\r") and not shown.split("\r")[-2].strip()


def test_without_java_the_command_says_so_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["factorize", "ratings.csv", "--engine", "spark"]) == 2
    said = capsys.readouterr().err
    assert "there is none on this machine" in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


class Gone:
    lost = True


class There:
    lost = False


@pytest.mark.parametrize(
    ("watch", "said", "error", "words"),
    [
        (Gone, "Job 3 cancelled", ValueError, "no worker of M is left"),
        (There, "java.io.IOException: No space left on device", OSError, "the disk is full"),
        (
            There,
            "java.io.FileNotFoundException: File file:/x/y.csv does not",
            ValueError,
            "/x/y.csv",
        ),
        (There, "java.lang.OutOfMemoryError: Java heap space", ValueError, "out of memory"),
        (There, "SparkContext was shut down", ValueError, "in the middle of the work"),
    ],
)
def test_what_java_says_is_put_in_one_line(watch, said, error, words):
    with pytest.raises(error, match=words), in_our_words(watch, "M"):
        raise Py4JError(said)


def test_an_error_that_is_not_known_stays_as_it_is():
    with pytest.raises(Py4JError, match="NullPointerException"), in_our_words(There, "M"):
        raise Py4JError("java.lang.NullPointerException")


def test_ctrl_c_stays_what_it_is_where_cleaning_up_after_it_fails():
    def collect():
        try:
            raise KeyboardInterrupt
        finally:
            raise Py4JError("Job 3 cancelled as part of cancellation of all jobs")

    with pytest.raises(KeyboardInterrupt), in_our_words(There, "M"):
        collect()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to oneself")
def test_ctrl_c_while_java_starts_waits_until_java_can_be_stopped():
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), _interrupts_wait():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        reached.append(True)
    assert reached
    assert signal.getsignal(signal.SIGINT) is before


EARLY = """
import os, signal, threading
from mfteach.spark.session import require_spark, session
require_spark()
threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
with session("local[1]"):
    threading.Event().wait(60)
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look into")
def test_after_an_early_ctrl_c_no_java_is_left(tmp_path):
    interrupted(EARLY, tmp_path)
    assert not [java for java in running() if str(tmp_path) in java]


def interrupted(code, folder):
    """What code prints that presses Ctrl-C by itself, and that it leaves nothing in its folder."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
        timeout=300,
    )
    assert "KeyboardInterrupt" in run.stderr
    assert not list(folder.glob("mfteach-spark*"))
    return run.stdout


def running():
    """The command line of every process: that of our Java names its folder."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            yield file.read_text(errors="replace")


INTERRUPTED = """
import os, signal, threading
from mfteach.spark.session import session
with session("local[1]") as spark:
    print(spark.sparkContext._gateway.proc.pid, flush=True)
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    spark.range(10**12).selectExpr("sum(id * id % 7)").collect()
"""


def test_after_ctrl_c_no_process_is_left(tmp_path):
    java = int(interrupted(INTERRUPTED, tmp_path))
    with pytest.raises(ProcessLookupError):
        os.kill(java, 0)
