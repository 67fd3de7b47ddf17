"""What code in the sandbox can and cannot do; every limit is tried by running into it."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from mfteach.cli import main as mfteach
from mfteach.grading import bubblewrap, sandbox, values, worker
from mfteach.grading.sandbox import SandboxUnavailable, find_sandbox
from mfteach.grading.session import StartError

ROOT = Path(__file__).parents[2]
in_sandbox = pytest.mark.needs_sandbox


def tried(body, seconds=10.0, cells=()):
    """What a function with this body returns in the sandbox."""
    source = f"def f():\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    with find_sandbox().session([*cells, source], seconds) as session:
        return session.call("f", ())


def succeeds(body, **more):
    """Whether the body runs without an error."""
    outcome = tried(f"{textwrap.dedent(body)}\nreturn 1", **more)
    assert outcome.failure in (None, "error"), outcome
    return outcome.failure is None


# What it sees ------------------------------------------------------------------------------------


@in_sandbox
def test_it_computes():
    with find_sandbox().session(
        ["import numpy as np", "def f(x):\n    return 2 * x"], 10
    ) as session:
        assert session.call("f", (np.arange(3.0),)).value.tolist() == [0.0, 2.0, 4.0]
        assert session.call("f", (1.5,)).value == 3.0
        assert session.value("np").failure == "unreadable"
        assert session.call("g", ()).failure == "missing"


@in_sandbox
@pytest.mark.parametrize(
    "path",
    [
        ROOT / "exercises" / "checks" / "03-power-rule.py",
        ROOT / "exercises" / "source",
        ROOT / "mfteach" / "grading" / "score.py",
        ROOT / "README.md",
        Path.home(),
        "/etc/passwd",
        "/etc/shadow",
        "/root",
        "/var",
    ],
)
def test_nothing_of_the_grader_can_be_read(path):
    path = Path(path)
    assert path.exists() or not os.access(path.parent, os.R_OK) or path.parts[1] == "etc"
    outcome = tried(
        f"""
        import pathlib
        path = pathlib.Path({str(path)!r})
        try:
            return len(list(path.iterdir()) if path.is_dir() else path.read_bytes())
        except OSError:
            return 0
        """
    )
    assert outcome.value == 0


@in_sandbox
def test_files_of_the_class_are_nowhere(tmp_path):
    secret = f"expected-{os.getpid()}"
    (tmp_path / "checks.py").write_text(secret)
    outcome = tried(
        f"""
        import os
        found = 0
        for folder, _, files in os.walk("/"):
            found += {str(tmp_path)!r} in folder or "checks.py" in files and "tmp" in folder
        return found
        """
    )
    assert outcome.value == 0


@in_sandbox
def test_the_package_lacks_what_is_asked():
    assert succeeds("import mfteach")
    assert not succeeds("from mfteach.grading import questions")
    assert not succeeds("from mfteach import MatrixFactorization")
    assert not succeeds("import mfteach.contracts as c; c.contract('gradient').reference")


@in_sandbox
def test_there_is_no_network():
    assert not succeeds(
        "import socket; socket.create_connection(('127.0.0.1', 9), timeout=2).close()"
    )
    outcome = tried("import os; return sorted(os.listdir('/sys/class/net')).count('eth0')")
    assert outcome.failure == "error" or outcome.value == 0


@in_sandbox
def test_the_environment_tells_nothing(monkeypatch):
    monkeypatch.setenv("MFTEACH_SECRET", "hidden")
    assert tried("import os; return int('MFTEACH_SECRET' in os.environ)").value == 0
    assert tried("import os; return len(os.environ)").value < 20


@in_sandbox
def test_other_processes_cannot_be_seen():
    outcome = tried("import os; return len([n for n in os.listdir('/proc') if n.isdigit()])")
    assert outcome.failure == "error" or outcome.value < 10


# What it can change ------------------------------------------------------------------------------


@in_sandbox
def test_home_is_empty_and_forgotten():
    write = "import os; h = os.path.expanduser('~'); open(h + '/x', 'w').write('1'); "
    count = "import os; return len(os.listdir(os.path.expanduser('~')))"
    assert tried(count).value == 0
    assert tried(write + "return len(os.listdir(h))").value == 1
    assert tried(count).value == 0


@in_sandbox
@pytest.mark.parametrize("place", [sys.prefix, str(bubblewrap.INSIDE), "/usr", "/", "/dev"])
def test_nothing_else_can_be_written(place):
    assert not succeeds(f"open({place!r} + '/mfteach-was-here', 'w')")
    assert not Path(place, "mfteach-was-here").exists()


# Limits ------------------------------------------------------------------------------------------


@in_sandbox
def test_address_space_has_a_limit():
    assert not succeeds("bytearray(4 * 2**30)")
    assert succeeds("bytearray(2**28)")


@in_sandbox
def test_files_and_disk_have_a_limit():
    assert not succeeds("open('/tmp/x', 'wb').write(bytes(40 * 2**20))")
    assert not succeeds("[open(f'/tmp/{i}', 'wb').write(bytes(20 * 2**20)) for i in range(8)]")


@in_sandbox
def test_processes_have_a_limit():
    outcome = tried(
        """
        import os, time
        n = 0
        try:
            for n in range(100):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
        except OSError:
            pass
        return n
        """
    )
    assert outcome.value < sandbox.PROCESSES


@in_sandbox
def test_time_is_shared_by_the_whole_submission():
    began = time.monotonic()
    with find_sandbox().session(["def f():\n    while True:\n        pass"], 1.0) as session:
        for name in ("f", "f", "f"):
            assert session.call(name, ()).failure == "time limit"
    assert time.monotonic() - began < 8


@in_sandbox
def test_who_ends_the_process_loses_one_function_and_no_other():
    cells = ["import os\ndef bad():\n    os._exit(1)\ndef good():\n    return 1"]
    with find_sandbox().session(cells, 10) as session:
        assert session.call("bad", ()).failure == "crashed"
        assert session.call("good", ()).value == 1
        assert session.call("bad", ()).failure == "crashed"


@in_sandbox
def test_warnings_and_output_cost_nothing():
    noise = (
        "import sys, warnings\nwarnings.warn('!')\nprint('x' * 10**6)\nprint('!', file=sys.stderr)"
    )
    assert tried("print('y'); return 5", cells=[noise]).value == 5


@in_sandbox
@pytest.mark.parametrize(
    "value",
    [
        "'text'",
        "{'a': 1}",
        "object()",
        "[[[[[[[1]]]]]]]",
        "[0] * 200_000",
        "10**400",
        "1j",
        "__import__('numpy').zeros(10**6)",
        "__import__('numpy').array(['a'])",
        "__import__('numpy').array([1j])",
        "type('F', (float,), {})(1.0)",
        "type('L', (list,), {})([1])",
    ],
)
def test_only_numbers_come_out(value):
    assert tried(f"return {value}").failure == "unreadable"


@in_sandbox
def test_nobody_is_left_behind():
    outcome = tried(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1000)
            os._exit(0)
        return 1
        """
    )
    assert outcome.value == 1
    time.sleep(0.5)
    mine = [
        entry
        for entry in Path("/proc").glob("[0-9]*/status")
        if f"PPid:\t{os.getpid()}\n" in _text(entry) and "bwrap" in _text(entry)
    ]
    assert mine == []


def _text(path):
    try:
        return path.read_text()
    except OSError:
        return ""


# Where there is none -----------------------------------------------------------------------------


def test_without_bubblewrap_it_refuses_and_names_the_cure(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setenv("PATH", "")
    find_sandbox.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match=r"(?s)bubblewrap.*--unsafe-no-sandbox"):
            find_sandbox()
    finally:
        find_sandbox.cache_clear()


def test_a_bubblewrap_that_may_not_make_namespaces_is_explained(monkeypatch):
    def refused(self):
        raise StartError("bwrap: No permissions to create new namespace")

    monkeypatch.setattr(bubblewrap, "bwrap_path", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(sandbox.Sandbox, "_start", refused)
    find_sandbox.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match=r"(?s)[Nn]amespaces.*--unsafe-no-sandbox"):
            find_sandbox()
    finally:
        find_sandbox.cache_clear()


def test_without_protection_it_still_computes_when_it_is_asked_to():
    unsafe = find_sandbox(unsafe=True)
    assert "no sandbox" in unsafe.describe()
    with unsafe.session(["def f():\n    return 2"], 10) as session:
        assert session.call("f", ()).value == 2


def test_the_command_refuses_without_a_sandbox(course, monkeypatch, capsys):
    from mfteach.grading import cli

    def none(*_):
        raise SandboxUnavailable("no sandbox: install bubblewrap")

    monkeypatch.setattr(cli, "find_sandbox", none)
    assert cli.main(["03-power-rule", "--course", str(course)]) == 2
    assert "install bubblewrap" in capsys.readouterr().err


@in_sandbox
def test_the_doctor_reports_it(capsys):
    mfteach(["doctor"])
    assert "bubblewrap" in capsys.readouterr().out


# The worker, in this process ---------------------------------------------------------------------


def answers(*requests, cells=("def f(x):\n    return x + 1", "y = 3.0")):
    namespace = {}
    for cell in cells:
        assert worker._answer(namespace, {"run": cell, "seconds": 5}) == {"value": None}
    return [worker._answer(namespace, {"seconds": 5, **request}) for request in requests]


def test_the_worker_answers_requests():
    assert answers(
        {"call": "f", "arguments": [values.encode(1.0)]},
        {"value": "y"},
        {"value": "z"},
        {"call": "y", "arguments": []},
    ) == [
        {"value": 2.0},
        {"value": 3.0},
        {"failure": "missing", "detail": "there is no z"},
        {"failure": "missing", "detail": "there is no y"},
    ]


@pytest.mark.parametrize(
    ("cell", "failure"),
    [
        ("1 / 0", "error"),
        ("raise SystemExit", "error"),
        ("raise NotImplementedError('later')", "not answered"),
        ("while True:\n    pass", "time limit"),
    ],
)
def test_the_worker_survives_what_a_cell_raises(cell, failure):
    assert worker._answer({}, {"run": cell, "seconds": 0.2})["failure"] == failure


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -0.5,
        [1, 2.5],
        (1, [2, 3]),
        np.arange(6).reshape(2, 3),
        np.array(2.5),
        np.array([True, False]),
        np.zeros((0, 2)),
    ],
)
def test_values_come_back_as_they_went(value):
    back = values.decode(values.encode(value))
    assert type(back) is type(value)
    assert np.array_equal(np.asarray(back, dtype=object), np.asarray(value, dtype=object))


@pytest.mark.parametrize(
    "data",
    [
        {"array": "AAAA", "dtype": "float64", "shape": [1]},
        {"array": "!", "dtype": "float64", "shape": []},
        {"array": "", "dtype": "object", "shape": []},
        {"array": "", "dtype": "float64", "shape": [-1]},
        {"array": "", "dtype": "float64", "shape": "2"},
        {"tuple": 3},
        {"other": []},
        2**70,
        [[[[[[[1]]]]]]],
    ],
)
def test_what_is_no_value_is_refused(data):
    with pytest.raises(values.Unreadable):
        values.decode(data)


def test_the_worker_needs_no_more_than_it_is_given():
    """It starts as a program of its own, outside of any sandbox, and answers over its pipes."""
    found = subprocess.run(
        [sys.executable, str(ROOT / "mfteach/grading/worker.py"), '{"limits": {}, "uid": null}'],
        input=b'{"token": "t", "seconds": 5, "run": "x = 1"}\n',
        capture_output=True,
        timeout=60,
    )
    assert found.stdout.splitlines() == [b'{"ready": true}', b'{"token": "t", "value": null}']
