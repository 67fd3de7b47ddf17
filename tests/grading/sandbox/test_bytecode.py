"""Imports cost a student nothing, and where they are slow the instructor is told why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mfteach.commands.main import main as mfteach
from mfteach.grading.sandbox import bytecode, session, thin_package
from mfteach.grading.sandbox.sandbox import find_sandbox


@pytest.fixture
def not_compiled(tmp_path, monkeypatch):
    """A package that was installed without compiled files."""
    package = tmp_path / "slow"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(bytecode, "PACKAGES", ("numpy", "slow", "not_installed_at_all"))
    return package


def test_a_package_without_compiled_files_is_named_with_a_cure_that_works(not_compiled):
    said = bytecode.slow_imports()
    assert said.startswith("Slow imports: slow came without compiled files")
    command = said.partition("Cure: ")[2].split()
    assert command[0] == sys.executable
    subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert bytecode.slow_imports() == ""
    os.utime(not_compiled / "__init__.py", (0, 0))  # it belongs to another source now
    assert bytecode.slow_imports() != ""


@pytest.mark.needs_sandbox
def test_the_doctor_says_it(not_compiled, capsys):
    mfteach(["doctor"])
    assert "slow     Slow imports: slow came" in capsys.readouterr().out


def test_the_thinned_package_is_compiled(tmp_path):
    thin_package.build(tmp_path)
    sources = list((tmp_path / "mfteach").rglob("*.py"))
    assert len(sources) > 20
    assert all(bytecode._is_compiled(source) for source in sources)


def test_what_a_program_imports_is_known_however_it_is_written():
    program = ["from scipy import optimize as o\nimport sympy", "import mfteach\nmfteach.matrices"]
    assert session._usual(program) == ["scipy.optimize", "sympy", "mfteach.matrices"]
    assert session._usual(["x = 1"]) == []


@pytest.mark.needs_sandbox
def test_the_usual_packages_are_there_before_the_clock_starts():
    """Even where nothing is compiled: a second and a half of imports cost nothing."""
    cell = "import sympy, scipy.optimize, matplotlib.pyplot\ndef f():\n    return 1"
    with find_sandbox().session([cell], 1.0) as at_work:
        assert at_work.call("f", ()).value == 1
        assert at_work._remaining > 0.7


@pytest.mark.needs_sandbox
def test_packages_that_do_not_load_are_not_the_students_fault(monkeypatch):
    monkeypatch.setattr(session, "USUAL", ("this",))
    monkeypatch.setattr(session, "_START", 0.0)
    with (
        find_sandbox().session(["import this"], 5) as at_work,
        pytest.raises(session.StartError, match="this"),
    ):
        monkeypatch.setattr(session.Clock, "is_over", lambda self, _: bool(self.time))
        at_work.value("x")


def test_installing_compiles():
    makefile = Path(thin_package.PACKAGE.parent, "Makefile").read_text(encoding="utf-8")
    assert "uv pip install --quiet --compile-bytecode" in makefile
    assert "-m pip install -qq --compile" in makefile
