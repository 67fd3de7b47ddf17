"""The command line: its subcommands, their help, and one line for a mistake of the user's."""

import subprocess
import sys

import pytest

import mfteach
from mfteach.commands import course, notebooks
from mfteach.commands.main import main


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"mfteach {mfteach.__version__}\n"


def test_help_names_the_subcommands(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "run every notebook from top to bottom" in out
    assert "rewrite them in place" in out


@pytest.mark.parametrize("command", ["course", "notebooks"])
def test_help_of_a_subcommand_names_its_option(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert "--processes N" in capsys.readouterr().out


def test_no_subcommand_is_exit_status_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5"])
def test_processes_must_be_a_whole_number_of_at_least_1(number, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["course", f"--processes={number}"])
    assert stop.value.code == 2
    assert f"expected a whole number of at least 1, got '{number}'" in capsys.readouterr().err


def test_course_runs_the_notebooks_folder_into_build(monkeypatch):
    calls = []
    monkeypatch.setattr(course, "run_course", lambda *given: calls.append(given) or 1)
    assert main(["course", "--processes", "3"]) == 1
    assert main(["course"]) == 1
    assert calls == [("notebooks", "_build", 3), ("notebooks", "_build", 2)]


def test_notebooks_refreshes_the_notebooks_folder(monkeypatch):
    calls = []
    monkeypatch.setattr(notebooks, "refresh_notebooks", lambda *given: calls.append(given) or 0)
    assert main(["notebooks"]) == 0
    assert calls == [("notebooks", 2)]


@pytest.mark.parametrize("command", ["course", "notebooks"])
def test_outside_the_course_one_line_says_where_to_run_it(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([command]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"mfteach {command}: the folder notebooks does not exist: "
        "run this in the course's folder, the one with README.md\n"
    )


def test_ctrl_c_prints_no_traceback(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(notebooks, "refresh_notebooks", interrupted)
    assert main(["notebooks"]) == 130
    assert capsys.readouterr().err == "mfteach notebooks: stopped\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["factorize", "a.csv", "-k", "1"], "mfteach factorize: unrecognized arguments: -k 1"),
        (["doctor", "x"], "mfteach doctor: unrecognized arguments: x"),
        (["--foo", "doctor"], "mfteach: unrecognized arguments: --foo"),
    ],
)
def test_the_help_that_is_named_lists_what_could_have_been_typed(words, said, capsys):
    """Of an option of a subcommand the whole command's help says nothing."""
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"{said} (see {said.split(':')[0]} --help)\n"


def test_python_m_mfteach_is_the_same_command(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "mfteach", "course"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr


def test_the_command_line_loads_nothing_heavy_before_it_runs():
    heavy = {"matplotlib", "sympy", "nbclient", "nbformat", "IPython"}
    script = f"import sys, mfteach.commands.main; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout == "set()\n"
