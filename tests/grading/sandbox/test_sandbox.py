"""What code in the sandbox can and cannot do; every limit is tried by running into it."""

import errno
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest

from mfteach.commands.main import main as mfteach
from mfteach.grading.sandbox import bubblewrap, sandbox, seccomp, session, worker
from mfteach.grading.sandbox import wire as values
from mfteach.grading.sandbox.sandbox import SandboxUnavailable, find_sandbox

ROOT = Path(__file__).parents[3]
in_sandbox = pytest.mark.needs_sandbox


def tried(body, seconds=10.0, cells=()):
    """What a function with this body returns in the sandbox."""
    source = f"def f():\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    with find_sandbox().session([*cells, source], seconds) as at_work:
        return at_work.call("f", ())


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
    ) as at_work:
        assert at_work.call("f", (np.arange(3.0),)).value.tolist() == [0.0, 2.0, 4.0]
        assert at_work.call("f", (1.5,)).value == 3.0
        assert at_work.value("np").failure == "unreadable"
        assert at_work.call("g", ()).failure == "missing"


@in_sandbox
@pytest.mark.parametrize(
    "path",
    [
        ROOT / "exercises" / "checks" / "03-power-rule.py",
        ROOT / "exercises" / "source",
        ROOT / "mfteach" / "grading" / "marks" / "score.py",
        ROOT / "README.md",
        "/etc/passwd",
        "/etc/shadow",
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
def test_the_disk_holds_the_interpreter_and_nothing_else(tmp_path):
    """Not the course, not the class, not a home: every file that can be found is accounted for."""
    (tmp_path / "gradebook.db").write_text("marks")
    shown = [*bubblewrap._SYSTEM, *bubblewrap._LOADER, *bubblewrap._DEVICES]
    shown += map(str, [bubblewrap.INSIDE, *bubblewrap.prefixes()])
    assert not any(str(tmp_path).startswith(f"{place}/") for place in shown)
    outcome = tried(
        f"""
        import os
        shown, found, seen = {shown!r}, [], 0
        for folder, folders, files in os.walk("/"):
            folders[:] = [n for n in folders if os.path.join(folder, n) not in shown]
            found += [p for n in files if (p := os.path.join(folder, n)) not in shown]
            seen += 1
        if found:
            raise ValueError(found)
        return seen
        """
    )
    assert outcome.value is not None, outcome.detail
    assert outcome.value > 3


@in_sandbox
def test_all_libraries_of_the_interpreter_can_be_used():
    """Even by the ordinary user that the worker becomes if the grader is root."""
    body = "import scipy.optimize, matplotlib.pyplot as p; p.plot([1]); return 1"
    assert tried(body, seconds=60).value == 1  # whether it can, not how fast


@in_sandbox
def test_a_folder_stays_hidden_even_among_the_libraries(monkeypatch):
    libraries = Path(np.__file__).parents[1]
    body = "import os; return len(os.listdir({!r}))".format(str(libraries / "scipy"))
    assert tried(body).value > 10
    with sandbox.Sandbox(bubblewrap.bwrap_path(), (libraries / "scipy",)).session(
        [f"def f():\n    {body}"], 10
    ) as at_work:
        assert at_work.call("f", ()).value == 0


@in_sandbox
def test_an_installed_mfteach_is_covered_by_the_thinned_one(monkeypatch):
    monkeypatch.setattr(bubblewrap.thin_package, "PACKAGE", Path(np.__file__).parents[1] / "scipy")
    assert tried("import scipy; return len(scipy.KEPT)").failure == "error"
    assert tried("import scipy; return scipy.exercise()").failure is None


@in_sandbox
@pytest.mark.parametrize("filtered", [True, False])
def test_there_is_no_network(monkeypatch, filtered):
    """Twice over: no sockets, and where calls cannot be filtered, no one to talk to."""
    if not filtered:
        monkeypatch.setattr(seccomp, "program", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()
        socket.create_connection(here, timeout=2).close()
        assert not succeeds(f"import socket; socket.create_connection({here}, timeout=2)")
    assert not succeeds("import os; os.listdir('/sys')")


@in_sandbox
def test_the_environment_reveals_nothing(monkeypatch):
    monkeypatch.setenv("MFTEACH_SECRET", "hidden")
    assert tried("import os; return int('MFTEACH_SECRET' in os.environ)").value == 0
    assert tried("import os; return len(os.environ)").value < 20


@in_sandbox
def test_other_processes_cannot_be_seen():
    assert not succeeds("import os; os.listdir('/proc')")
    assert tried("import os; return os.getpid()").value < 10  # its own numbering


@in_sandbox
def test_doors_into_the_kernel_are_shut():
    calls = [
        numbers[0 if platform.machine() == "x86_64" else 1] for numbers in seccomp._REFUSED.values()
    ]
    new_user = 0x10000000
    errors = tried(
        f"""
        import ctypes
        kernel = ctypes.CDLL(None, use_errno=True).syscall

        def error(number, *arguments):
            return 0 if kernel(number, *arguments) >= 0 else ctypes.get_errno()

        calls = [error(number, 0, 0, 0, 0, 0) for number in {calls}]
        clone = error({seccomp._CLONE[platform.machine() != "x86_64"]}, {new_user}, 0, 0, 0, 0)
        return [calls, clone, error({seccomp._CLONE3[0]}, 0, 0), error({seccomp._X32 + 39})]
        """
    ).value
    assert errors == [[errno.EPERM] * len(calls), errno.EPERM, errno.ENOSYS, errno.EPERM]


def test_calls_of_unknown_processors_are_not_filtered_and_it_says_so(monkeypatch):
    assert seccomp.program("riscv64") is None
    assert len(seccomp.program("aarch64")) == len(seccomp.program("x86_64"))
    monkeypatch.setattr(seccomp, "program", lambda: None)
    monkeypatch.setattr(bubblewrap, "version", lambda _: "bubblewrap 0.8.0")
    assert sandbox.Sandbox("/usr/bin/bwrap").describe().endswith("system calls not filtered")


ORDINARY = f"""
import os, time
def sees():
    return os.path.exists({str(ROOT / "exercises")!r})
def writes():
    try:
        return len([open(p + "/x", "w") for p in ("/usr", {sys.prefix!r})])
    except OSError:
        return 0
def computes():
    import scipy.optimize
    return 1
def forks():
    n = 0
    try:
        for n in range(100):
            if os.fork() == 0:
                time.sleep(60)
    except OSError:
        pass
    return n
def hoards():
    try:
        return len(bytearray(4 * 2**30))
    except MemoryError:
        return 0
def fills():
    n = 0
    try:
        for n in range(40):
            open(f"/tmp/{{n}}", "wb").write(bytes(4 * 2**20))
    except OSError:
        pass
    return n
def floods():
    for end in [*range(3, 20)] * 40:
        try:
            os.write(end, b"x" * 2**16)
        except OSError:
            pass
"""


NAMES = ("sees", "writes", "computes", "hoards", "fills", "forks")


def _may_run_python(user):
    """Whether another user can start this Python, wherever it is."""
    try:
        subprocess.run([sys.executable, "-c", ""], user=user, group=user, check=True, cwd="/")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@in_sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran as an ordinary user already")
def test_an_ordinary_user_gets_the_same_sandbox():
    """Without root it is built in another way: with a user namespace."""
    if not _may_run_python(65534):
        pytest.skip(f"an ordinary user may not run {sys.executable}")
    program = f"""
import mfteach.grading.sandbox.sandbox as s
try:
    sandbox = s.find_sandbox()
except s.SandboxUnavailable as error:
    raise SystemExit(f"none: {{error}}")
with sandbox.session([{ORDINARY!r}], 10) as at_work:
    print(*(at_work.call(name, ()).value for name in {NAMES!r}))
    print(at_work.call("floods", ()).detail)
"""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        found = subprocess.run(
            [sys.executable, "-B", "-c", program],
            **{"user": 65534, "group": 65534, "extra_groups": [], "cwd": ROOT},
            **{"capture_output": True, "text": True},
            env={"HOME": folder, "TMPDIR": folder, "PATH": os.environ["PATH"]},
        )
    if found.stderr.startswith("none") or "Permission" in found.stderr:
        pytest.skip(f"an ordinary user has none here: {found.stderr[-300:]}")
    values, flood = found.stdout.splitlines()
    *others, fills, forks = values.split()
    assert others == ["False", "0", "1", "0"], found.stderr
    assert 0 < int(fills) < 17  # 64 MB
    assert 0 < int(forks) < sandbox.PROCESSES
    assert flood == "more output than an answer may contain"


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
    assert tried(f"import os; return os.statvfs({place!r}).f_flag & os.ST_RDONLY").value == 1
    assert not Path(place, "mfteach-was-here").exists()


# Limits ------------------------------------------------------------------------------------------


@in_sandbox
def test_address_space_has_a_limit():
    assert not succeeds("bytearray(4 * 2**30)")
    assert not succeeds("import os; os.memfd_create('x')")  # outside every address space
    assert succeeds("bytearray(2**28)")


@in_sandbox
def test_files_and_disk_have_a_limit():
    assert not succeeds("open('/tmp/x', 'wb').write(bytes(40 * 2**20))")
    assert not succeeds("[open(f'/tmp/{i}', 'wb').write(bytes(20 * 2**20)) for i in range(8)]")
    home = "import os; h = os.path.expanduser('~'); "
    assert not succeeds(
        home + "[open(f'{h}/{i}', 'wb').write(bytes(20 * 2**20)) for i in range(8)]"
    )


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
    cells = [f"def {name}():\n    while True:\n        pass" for name in "fghijkl"]
    with find_sandbox().session(cells, 1.0) as at_work:
        for name in "fghijkl":
            assert at_work.call(name, ()).failure == "time limit"
        assert -1 < at_work._remaining <= 0
        assert at_work.call("l", ()).detail == "the time of the submission was used up"


@in_sandbox
def test_ending_the_process_costs_one_function_and_no_other():
    cells = ["import os\ndef bad():\n    os._exit(1)\ndef good():\n    return 1"]
    with find_sandbox().session(cells, 10) as at_work:
        assert at_work.call("bad", ()).failure == "crashed"
        assert at_work.call("good", ()).value == 1
        assert at_work.call("bad", ()).failure == "crashed"


@in_sandbox
def test_memory_of_all_processes_together_has_a_limit():
    cell = (
        "import mmap, os, time\ndef f():\n    for _ in range(4):\n        if os.fork() == 0:\n"
        "            hoard = mmap.mmap(-1, 3 * 2**29)\n            time.sleep(60)\n"
        "    time.sleep(60)\ndef g():\n    return 1"
    )
    with find_sandbox().session([cell], 30) as at_work:
        outcome = at_work.call("f", ())
        assert (outcome.failure, outcome.detail) == (
            "crashed",
            "all processes together took more than 4 GB",
        )
        assert at_work.call("g", ()).value == 1


@in_sandbox
def test_no_one_waits_for_a_worker_that_does_not_read():
    cell = "import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    return 1"
    with find_sandbox().session([cell, "def g(x):\n    return 2"], 2) as at_work:
        assert at_work.call("f", (np.zeros(50_000),)).failure == "time limit"
        assert at_work.call("g", (np.zeros(50_000),)).value == 2


def test_losing_the_worker_again_and_again_uses_up_the_time(monkeypatch):
    """Starting a worker takes the grader's time: thousands of cells that exit took minutes."""
    starts = []
    start = sandbox.Sandbox._start_unprotected
    monkeypatch.setattr(
        sandbox.Sandbox, "_start_unprotected", lambda self: starts.append(1) or start(self)
    )
    with find_sandbox(unsafe=True).session(["import os\nos._exit(0)"] * 100, 10) as at_work:
        outcome = at_work.value("x")
        assert (outcome.failure, at_work.call("f", ()).failure) == ("time limit", "time limit")
    assert 5 < len(starts) <= 12


@in_sandbox
def test_what_stops_itself_is_ended_at_once():
    with find_sandbox().session([STOPS, "def f():\n    return 1"], 20) as at_work:
        assert at_work.call("f", ()).value == 1
        assert at_work.cell_failures[0].failure == "time limit"
        assert at_work._remaining > 20 - session.LOSS * 20 - 1


@in_sandbox
def test_a_child_may_wake_it():
    with find_sandbox().session([f"{WAKES}\n{STOPS}", "def f():\n    return 1"], 20) as at_work:
        assert at_work.call("f", ()).value == 1
        assert at_work.cell_failures == {}


STOPS = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
WAKES = """
import os, signal, time
parent = os.getpid()
if os.fork() == 0:
    time.sleep(0.3)
    os.kill(parent, signal.SIGCONT)
    os._exit(0)
"""


# The pipe ----------------------------------------------------------------------------------------


@in_sandbox
def test_answers_written_ahead_are_not_accepted():
    cell = (
        "import json, os\nfor end in range(3, 20):\n    try:\n"
        '        os.write(end, b\'{"token": "0", "value": 42.0}\\n\' * 1000)\n'
        "    except OSError:\n        pass\ndef f():\n    return 5"
    )
    with find_sandbox().session([cell], 10) as at_work:
        assert [at_work.call("f", ()).value for _ in range(3)] == [5, 5, 5]


@in_sandbox
def test_an_extra_answer_does_not_shift_the_next_ones():
    cell = """
import json, os, sys
def f():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    token = frame.f_locals["request"]["token"]
    for end in range(3, 20):
        try:
            os.write(end, json.dumps({"token": token, "value": 42.0}).encode() + b"\\n")
        except OSError:
            pass
    return 5
def g():
    return 6
"""
    with find_sandbox().session([cell], 10) as at_work:
        assert at_work.call("f", ()).value == 42.0  # its own answer, as if returned
        assert at_work.call("g", ()).value == 6


@in_sandbox
@pytest.mark.parametrize("line", ["b'x' * 2**16", "b'x\\n' * 2**16"], ids=["endless", "many"])
def test_a_flood_on_the_pipe_ends_the_worker_and_costs_one_function(line):
    cell = (
        f"import os\ndef f():\n    for end in [*range(3, 20)] * 40:\n        try:\n"
        f"            os.write(end, {line})\n        except OSError:\n            pass\n"
        "def g():\n    return 1"
    )
    with find_sandbox().session([cell], 120) as at_work:
        outcome = at_work.call("f", ())
        assert (outcome.failure, outcome.detail) == (
            "unreadable",
            "more output than an answer may contain",
        )
        assert at_work.call("g", ()).value == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"value": {"array": [], "dtype": [], "shape": {}}}',
        b'{"value": "42"}',
        b'{"value": [1, ["42"]]}',
        b'{"value": {"tuple": ["42"]}}',
        b'{"failure": "right", "detail": ""}',
        b'{"failure": ["error"], "detail": ""}',
        b'{"failure": "error", "detail": 3}',
        b'{"failure": "error"}',
    ],
)
def test_an_invalid_answer_is_unreadable(answer):
    outcome = session._outcome(answer)
    assert (outcome.value, outcome.failure) == (None, "unreadable")
    assert outcome.detail


def test_a_detail_is_one_short_line_that_every_file_can_hold():
    detail = json.dumps("\x1b[31m\n\ud800" + "x" * 10_000)
    outcome = session._outcome(b'{"failure": "error", "detail": ' + detail.encode() + b"}")
    assert outcome.detail.startswith(" [31m  xxx")
    assert len(outcome.detail.encode()) == session.MAX_DETAIL


@in_sandbox
def test_what_a_function_does_to_its_arguments_affects_no_other_call():
    cell = "def f(a):\n    a[0] += 1\n    return a[0]"
    given = [1.0, 2.0]
    with find_sandbox().session([cell], 10) as at_work:
        assert [at_work.call("f", (given,)).value for _ in range(2)] == [2.0, 2.0]
    assert given == [1.0, 2.0]


@in_sandbox
def test_a_function_that_changes_its_arguments_is_noticed():
    program = [
        "def keeps(x, n):\n    return x + n",
        "def changes(x, n):\n    x += n\n    return x",
        "def appends(x, n):\n    x.append(n)\n    return n",
    ]
    with find_sandbox().session(program, 20) as at_work:
        array, blanks = np.arange(3.0), np.array([1.0, np.nan])
        assert not at_work.call("keeps", (array, 1.0)).changed
        assert not at_work.call("keeps", (blanks, 1.0)).changed
        assert at_work.call("changes", (array, 1.0)).changed
        assert not at_work.call("changes", (2.0, 1.0)).changed
        assert at_work.call("appends", ([1.0], 2.0)).changed


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
def test_no_process_is_left_behind():
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


def test_a_bubblewrap_that_may_not_make_namespaces_is_explained(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "bwrap_path", lambda: str(fake))
    find_sandbox.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match=r"(?s)[Nn]amespaces.*--unsafe-no-sandbox"):
            find_sandbox()
    finally:
        find_sandbox.cache_clear()


@pytest.mark.parametrize(
    ("setting", "complaint", "cure"),
    [
        (
            "kernel/apparmor_restrict_unprivileged_userns=1",
            "setting up uid map",
            "/etc/apparmor.d/bwrap",
        ),
        ("kernel/unprivileged_userns_clone=0", "No permissions", "unprivileged_userns_clone=1"),
        ("user/max_user_namespaces=0", "No space left", "max_user_namespaces=10000"),
        ("", "bwrap: Unknown option --size", "bubblewrap 0.8 or later"),
        ("", "Creating new namespace failed", "outside it"),
        ("", "no module named numpy", "does not start in the sandbox: no module named numpy"),
        ("", "", "ended without a message"),
    ],
)
def test_each_reason_has_its_cure(monkeypatch, setting, complaint, cure):
    known, _, value = setting.partition("=")
    monkeypatch.setattr(bubblewrap, "_setting", lambda name: value if name == known else "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cure in bubblewrap.why_not(complaint)
    assert complaint in bubblewrap.why_not(complaint)


def test_settings_of_the_kernel_are_read_where_there_are_any():
    assert bubblewrap._setting("no/such/setting") == ""
    assert bubblewrap._setting("kernel/ostype") == ("Linux" if sys.platform == "linux" else "")


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_other_systems_are_told_where_to_grade(monkeypatch, system):
    monkeypatch.setattr(platform, "system", lambda: system)
    with pytest.raises(FileNotFoundError, match=rf"{system}.*Linux container.*WSL2"):
        bubblewrap.bwrap_path()


def test_a_python_whose_folder_contains_the_home_folder_is_refused(monkeypatch, tmp_path):
    """Student code could read the whole home folder."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    find_sandbox.cache_clear()
    try:
        with pytest.raises(SandboxUnavailable, match=r"(?s)home folder.*Cure.*--unsafe"):
            find_sandbox()
    finally:
        find_sandbox.cache_clear()
    monkeypatch.setenv("HOME", "/")
    assert bubblewrap.home_within() is None


def test_without_protection_it_still_computes_when_it_is_asked_to():
    unsafe = find_sandbox(unsafe=True)
    assert "no sandbox" in unsafe.describe()
    with unsafe.session(["def f():\n    return 2"], 10) as at_work:
        assert at_work.call("f", ()).value == 2


def test_the_command_refuses_without_a_sandbox(course, monkeypatch, capsys):
    from mfteach.grading import cli

    def none(*_):
        raise SandboxUnavailable("no sandbox: install bubblewrap")

    monkeypatch.setattr("mfteach.grading.commands.grade.find_sandbox", none)
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
def test_values_come_back_unchanged(value):
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
def test_what_is_not_a_value_is_refused(data):
    with pytest.raises(values.Unreadable):
        values.decode(data)


def test_the_worker_needs_no_more_than_it_is_given():
    """It starts as a separate program, outside any sandbox, and answers over its pipes."""
    found = subprocess.run(
        [
            sys.executable,
            str(ROOT / "mfteach/grading/sandbox/worker.py"),
            '{"limits": {}, "uid": null}',
        ],
        input=b'{"token": "t", "seconds": 5, "run": "x = 1"}\n',
        capture_output=True,
        timeout=300,
    )
    assert found.stdout.splitlines() == [b'{"ready": true}', b'{"token": "t", "value": null}']
