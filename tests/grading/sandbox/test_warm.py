"""Workers that are copies of a process with NumPy loaded: as safe as others, and quickly there."""

import os
import signal
import subprocess
import sys

import pytest

from mfteach.grading.sandbox import bubblewrap, sandbox, template, warm
from mfteach.grading.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from mfteach.grading.sandbox.session import StartError

pytestmark = pytest.mark.needs_sandbox
ONE = "def f():\n    return 1"
RIGHTS = """
import ctypes, os, signal, sys

def rights():
    kernel = ctypes.CDLL(None)
    data = (ctypes.c_uint32 * 6)()
    read = kernel.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)
    effective, permitted = data[0] | data[3], data[1] | data[4]
    return [read, effective, permitted, kernel.prctl(39, 0, 0, 0, 0), kernel.prctl(21, 0, 0, 0, 0)]

def bounding():
    return sum(ctypes.CDLL(None).prctl(23, one, 0, 0, 0) == 1 for one in range(64))

def opened():
    found = []
    for end in range(1024):
        try:
            os.fstat(end)
            found.append(end)
        except OSError:
            pass
    return found

def first_of_a_session():
    return os.getsid(0) == os.getpid() and os.getpgid(0) == os.getpid()

def usual_signals():
    ignored = {signal.SIGPIPE, signal.SIGXFSZ}  # by Python itself
    known = [signal.getsignal(one) for one in signal.valid_signals() - ignored]
    return known.count(signal.SIG_IGN)

def loaded():
    return "numpy" in sys.modules

def place():
    import mfteach
    return [os.getcwd() == os.environ["HOME"], mfteach.__file__ == "/grading/mfteach/__init__.py"]
"""


@pytest.fixture
def started(monkeypatch):
    """The commands that are started."""
    commands, real = [], subprocess.Popen

    def popen(words, **more):
        commands.append(words)
        return real(words, **more)

    monkeypatch.setattr(subprocess, "Popen", popen)
    return commands


def ran(box, *programs):
    """What ``f`` returns in each of these programs."""
    found = []
    for program in programs:
        with box.session([program], 10) as at_work:
            found.append(at_work.call("f", ()).value)
    return found


@pytest.fixture
def under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("is_warm", [True, False])
def test_it_has_no_rights_and_nothing_of_the_grader(is_warm, under_nohup):
    box = Sandbox(bubblewrap.bwrap_path(), warm=is_warm)
    with box.session([RIGHTS], 10) as at_work:
        assert at_work.call("rights", ()).value == [0, 0, 0, 1, 2]  # 1: none new, 2: filtered
        assert at_work.call("opened", ()).value == [0, 1, 2, 3, 4, 5]  # /dev/null, and two pipes
        assert at_work.call("usual_signals", ()).value == 0
        assert at_work.call("loaded", ()).value is True
        assert at_work.call("place", ()).value == [True, True]
        if is_warm:
            assert at_work.call("bounding", ()).value == 0
            assert at_work.call("first_of_a_session", ()).value is True


def test_numpy_is_loaded_once_for_a_class(started):
    box = Sandbox(bubblewrap.bwrap_path())
    assert ran(box, *[ONE] * 6) == [1] * 6
    pythons = [words for words in started if sys.executable in words]
    assert len(pythons) == 1
    assert len(started) == 7  # and bubblewrap for each


def test_a_copy_loads_nothing_but_the_worker():
    known = (
        f"import runpy, sys\nrunpy.run_path({str(warm.PROGRAM)!r})\n"
        "from importlib import import_module\n"
        f"for one in {template._LIBRARIES!r}: import_module(one)\nprint(*sys.modules)"
    )
    words = [*bubblewrap.python(), "-c", known]
    done = subprocess.run(words, env=bubblewrap.ENVIRONMENT, capture_output=True, check=True)
    loads = (
        f"import sys\nmore = set(sys.modules) - set({done.stdout.decode().split()!r})\n"
        "def f():\n    raise ValueError(*sorted(more))"
    )
    with Sandbox(bubblewrap.bwrap_path()).session([loads], 10) as at_work:
        detail = at_work.call("f", ()).detail
    assert "mfteach.grading.sandbox.worker" in detail
    assert all("'mfteach" in one for one in detail.split(", ") if "__main__" not in one), detail


def test_one_submission_leaves_nothing_for_the_next():
    box = Sandbox(bubblewrap.bwrap_path())
    writes = (
        "import builtins, numpy, os, sys\nbuiltins.left = numpy.left = sys.left = 1\n"
        "numpy.ones = None\nos.environ['LEFT'] = '1'\nopen('/tmp/left', 'w').write('x')\n"
        "def f():\n    return 1"
    )
    looks = (
        "import builtins, numpy, os, sys\ndef f():\n"
        "    found = [hasattr(one, 'left') for one in (builtins, numpy, sys)]\n"
        "    return [*found, 'LEFT' in os.environ, os.path.exists('/tmp/left'), numpy.ones is None]"
    )
    assert ran(box, writes, looks) == [1, [False] * 6]


def test_a_template_that_was_killed_is_replaced_and_costs_nobody_anything(started):
    box = Sandbox(bubblewrap.bwrap_path())
    with box.session([ONE], 10) as at_work:
        assert at_work.call("f", ()).value == 1
        box._template._running._popen.kill()
        box._template._running._popen.wait()
        assert at_work.call("f", ()).value == 1  # who is at work stays so
    assert ran(box, ONE, ONE) == [1, 1]
    assert len([words for words in started if sys.executable in words]) == 2


def test_it_ends_with_the_sandbox_and_so_does_what_was_started_in_it():
    box = Sandbox(bubblewrap.bwrap_path())
    forks = "import os, time\ndef f():\n    if os.fork() == 0: time.sleep(100)\n    return 1"
    assert ran(box, forks) == [1]
    template = box._template._running._popen
    assert template.poll() is None
    del box
    assert template.returncode == 0


def test_who_cannot_be_entered_is_started_in_the_other_way(monkeypatch, tmp_path):
    """As on an older kernel, or where nobody may enter a namespace: slower, and it says so."""
    refuses = tmp_path / "template.py"
    refuses.write_text(
        warm.PROGRAM.read_text().replace("_call(_libc.setns, _SANDBOX,", "_call(_libc.setns, -1,")
    )
    monkeypatch.setattr(warm, "PROGRAM", refuses)
    with pytest.raises(StartError, match="Bad file descriptor"):
        ran(Sandbox(bubblewrap.bwrap_path()), ONE)
    box = find_sandbox.__wrapped__()
    assert ran(box, ONE) == [1]
    assert box.describe().endswith("slow (each submission loads NumPy anew)")
    assert "slow" not in find_sandbox().describe()


def test_a_template_that_does_not_start_is_named(monkeypatch, tmp_path):
    broken = tmp_path / "template.py"
    broken.write_text("raise SystemExit('nothing here')")
    monkeypatch.setattr(warm, "PROGRAM", broken)
    with pytest.raises(StartError, match="nothing here"):
        ran(Sandbox(bubblewrap.bwrap_path()), ONE)


def test_without_namespaces_neither_way_starts_and_the_reason_is_given(monkeypatch, tmp_path):
    refuses = tmp_path / "bwrap"
    refuses.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.setattr(sandbox.bubblewrap, "bwrap_path", lambda: str(refuses))
    with pytest.raises(SandboxUnavailable, match=r"No sandbox.*amespaces"):
        find_sandbox.__wrapped__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each submission a user")
def test_each_submission_is_another_user():
    users = ran(Sandbox(bubblewrap.bwrap_path()), *["import os\nf = os.getuid"] * 3)
    assert len(set(users)) == 3
    assert min(users) >= 61184
