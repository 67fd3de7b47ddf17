"""``mfteach doctor`` reports what is true; its exit status says whether a student can start."""

import argparse
import platform
from importlib import metadata

import numpy as np
import pytest

from mfteach.commands import doctor
from mfteach.grading.sandbox import sandbox

SMALL = "userId,movieId,rating,timestamp\n1,31,2.5,1\n7,31,0.5,2\n"


@pytest.fixture(autouse=True)
def a_sandbox(monkeypatch):
    """Say that there is one, whatever this machine has."""

    class Found:
        def describe(self):
            return "bubblewrap 0.8.0, no network"

    monkeypatch.setattr(sandbox, "find_sandbox", Found)


@pytest.fixture(autouse=True)
def no_data(monkeypatch, tmp_path):
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def status():
    parser = argparse.ArgumentParser()
    doctor.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["doctor"])
    return arguments.run(arguments)


def without(monkeypatch, *names):
    real = metadata.version

    def version(name):
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)


@pytest.fixture
def with_every_extra(monkeypatch):
    """Let every package be installed, also those of an extra that is not."""
    real = metadata.version

    def version(name):
        try:
            return real(name)
        except metadata.PackageNotFoundError:
            return "1000.0"

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr("mfteach.commands.doctor.import_module", lambda name: None)


@pytest.mark.usefixtures("with_every_extra")
def test_everything_is_installed(capsys):
    assert status() == 0
    out = capsys.readouterr().out
    assert f"mfteach {metadata.version('mfteach')}" in out
    assert f"Python {platform.python_version()}" in out
    assert f"  ok       numpy {np.__version__}" in out
    assert out.endswith("\nEverything is installed.\n")


@pytest.mark.usefixtures("with_every_extra")
def test_every_declared_dependency_has_a_line_in_its_part(capsys):
    status()
    _, *parts = capsys.readouterr().out.split("\nFor ")
    package, notebooks, large, changing, pages, grading = parts
    for part, names in (
        (large, ["numba"]),
        (package, ["numpy", "scipy", "sympy", "matplotlib", "tqdm", "pooch"]),
        (notebooks, ["jupyterlab", "ipykernel", "ipywidgets", "nbclient", "nbformat", "flit_core"]),
        (pages, ["sphinx", "myst-nb", "playwright", "pypdf"]),
        (grading, ["nbgrader"]),
        (changing, ["nbval", "pytest", "pytest-cov", "hypothesis", "pandas", "ruff"]),
    ):
        listed = [line.split()[1] for line in part.splitlines() if line.startswith("  ok  ")]
        assert set(names) <= set(listed)
    assert "pytest" not in package + notebooks
    assert "jupyterlab" not in package + changing + grading.split("\nReal")[0]


@pytest.mark.parametrize("name", ["numpy", "jupyterlab"])
def test_what_a_student_lacks_is_exit_status_1(name, capsys, monkeypatch):
    without(monkeypatch, name)
    assert status() == 1
    out = capsys.readouterr().out
    assert f"  missing  {name}\n" in out
    assert "make course" in out
    assert "-m pip install -e '.[course]'" in out


def test_what_only_a_contributor_lacks_is_not_a_failure(capsys, monkeypatch):
    without(monkeypatch, "ruff")
    assert status() == 0
    out = capsys.readouterr().out
    assert "  missing  ruff\n" in out
    assert "Everything a student needs is installed. To change the course: make dev (without" in out


def test_without_compiled_kernels_a_student_can_start(capsys, monkeypatch):
    without(monkeypatch, "numba")
    assert status() == 0
    out = capsys.readouterr().out
    assert "  missing  numba\n" in out
    assert (
        "Everything a student needs is installed. For large data: make fast "
        "(without make: pip install -e '.[fast]')" in out
    )
    assert "Everything is installed." not in out


def test_numba_that_is_installed_but_does_not_load_is_called_broken(capsys, monkeypatch):
    def too_new(name):
        raise ImportError("Numba needs an older NumPy")

    monkeypatch.setattr("mfteach.commands.doctor.import_module", too_new)
    real = metadata.version  # installed, also where these tests run without
    monkeypatch.setattr(metadata, "version", lambda name: "1" if name == "numba" else real(name))
    assert status() == 0
    printed = capsys.readouterr().out
    assert ": Numba needs an older NumPy" in printed.partition("  broken   numba ")[2]
    assert "For large data: make fast" in printed
    assert "Everything is installed." not in printed


def test_without_nbgrader_a_student_can_start(capsys, monkeypatch):
    without(monkeypatch, "nbgrader")
    assert status() == 0
    out = capsys.readouterr().out
    assert "  missing  nbgrader\n" in out
    assert (
        "Everything a student needs is installed. To grade exercises: make grading "
        "(without make: pip install -e '.[grading]')" in out
    )


def test_what_spark_needs_has_lines_and_cures_for_each_system(capsys, monkeypatch, tmp_path):
    without(monkeypatch, "pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert status() == 0  # students need none
    out = capsys.readouterr().out.partition("\nSpark, for ratings beyond one machine")[2]
    assert "  missing  pyspark\n" in out
    assert "make spark (without make: pip install -e '.[spark]')" in out
    java = out.partition("  missing  Spark needs Java")[2].partition("\n")[0]
    for cure in ("apt install openjdk-17", "brew install openjdk@17", "winget install"):
        assert cure in java


def test_what_only_the_web_pages_need_is_not_a_failure(capsys, monkeypatch):
    without(monkeypatch, "sphinx-book-theme")
    assert status() == 0
    out = capsys.readouterr().out
    assert "  missing  sphinx-book-theme\n" in out
    assert (
        "Everything a student needs is installed. To build the web pages: make site "
        "(without make: pip install -e '.[site]')" in out
    )


def test_the_sandbox_has_a_line_and_its_cure(capsys, monkeypatch):
    assert status() == 0
    assert "  ok       sandbox: bubblewrap 0.8.0, no network\n" in capsys.readouterr().out

    def nowhere():
        raise sandbox.SandboxUnavailable("No sandbox.\nCure: sudo apt install bubblewrap")

    monkeypatch.setattr(sandbox, "find_sandbox", nowhere)
    assert status() == 0  # students need none
    out = capsys.readouterr().out
    assert "  missing  sandbox: No sandbox. Cure: sudo apt install bubblewrap\n" in out
    assert out.endswith("To grade exercises, see the line about the sandbox.\n")


def test_data_that_is_missing_found_or_damaged(capsys, monkeypatch, tmp_path):
    assert status() == 0
    assert "  missing  ml-latest-small is not here (MFTEACH_DATA is not set)" in (
        capsys.readouterr().out
    )
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path))
    (tmp_path / "ml-latest-small").mkdir()
    table = tmp_path / "ml-latest-small" / "ratings.csv"
    table.write_text(SMALL)
    assert status() == 0
    assert f"  ok       Ratings(2 users, 1 items, 2 ratings: 100.00% known), from {tmp_path}" in (
        capsys.readouterr().out
    )
    table.write_text(SMALL + "1,32,five,1\n")
    assert status() == 0
    assert "  damaged  ratings.csv, line 4: 'five' is not a number" in capsys.readouterr().out
    table.unlink()
    table.mkdir()
    assert status() == 0
    assert "holds neither ratings.csv nor u.data" in capsys.readouterr().out


def test_data_in_the_current_folder_needs_no_variable(capsys, tmp_path):
    (tmp_path / "ml-latest-small").mkdir()
    (tmp_path / "ml-latest-small" / "ratings.csv").write_text(SMALL)
    assert status() == 0
    assert "2 ratings: 100.00% known), from the current folder" in capsys.readouterr().out
