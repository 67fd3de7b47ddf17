"""What the tests of the grader share: a small course, and the mark ``needs_sandbox``."""

import os
from functools import cache

import classroom
import pytest

from mfteach.grading.marks.gradebook import tools_on_path
from mfteach.grading.sandbox.sandbox import SandboxUnavailable, find_sandbox

if os.name != "posix":  # nothing is graded on Windows
    collect_ignore_glob = ["test_[!qrv]*.py", "test_results.py", "test_report.py"]


def pytest_configure(config):
    config.addinivalue_line("markers", "needs_sandbox: runs code of students in the real sandbox")


def pytest_runtest_setup(item):
    if item.get_closest_marker("needs_sandbox"):
        _sandbox()  # skips


def _sandbox():
    """Return the sandbox of this machine, or skip the test and say so."""
    try:
        return find_sandbox()
    except SandboxUnavailable as error:
        if "does not start in the sandbox" in str(error) or "does not answer" in str(error):
            raise  # it is not missing, it is broken
        pytest.skip(f"no sandbox here: {' '.join(str(error).split())}")


@pytest.fixture(scope="session")
def sandbox():
    """Return the sandbox; without one, the test is skipped and says so."""
    return _sandbox()


@pytest.fixture
def course(tmp_path):
    """Return the folder of a course with one assignment and its own secrets."""
    return classroom.make(tmp_path / "course")


@cache
def _alembic_version():
    from nbgrader.api import get_alembic_version

    with tools_on_path():
        return get_alembic_version()


@pytest.fixture
def quick_gradebook(monkeypatch):
    """Let nbgrader start alembic once, and not for each new gradebook."""
    version = _alembic_version()
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: version)


@pytest.fixture
def with_gradebook(course, quick_gradebook):
    """Let there be a gradebook from the start, so that grading keeps it up to date."""
    with classroom.nbgrader(course):
        pass


@pytest.fixture
def no_sandbox(monkeypatch, quick_gradebook):
    """Let the command run the code of these tests in this process: it is ours."""
    for command in ("grade", "demo_class"):
        monkeypatch.setattr(
            f"mfteach.grading.commands.{command}.find_sandbox", lambda *_: classroom.NoSandbox()
        )
