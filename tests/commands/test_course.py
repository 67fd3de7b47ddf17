"""``mfteach course``: each notebook runs in a fresh kernel of this Python; failures are shown."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbformat.v4 as v4
import pytest

from mfteach.commands import course, notebook_runner
from mfteach.commands.course import run_course
from mfteach.commands.main import main
from mfteach.commands.notebook_runner import Run, find_notebooks, plain, run_notebooks
from mfteach.console import UsageError


def write(folder: Path, name: str, *sources: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.ipynb"
    cells = [v4.new_markdown_cell("# Title"), *(v4.new_code_cell(source) for source in sources)]
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One run over a folder of good and bad notebooks: status, what was printed, and where."""
    here = tmp_path_factory.mktemp("course")
    notebooks = here / "notebooks"
    write(notebooks, "01_good", "x = 6", "", "import sys\nprint(sys.executable)", "x * 7")
    write(
        notebooks,
        "02_error",
        "def f(x):\n    return 1 / x",
        "print('before')\nf(0)",
        "raise RuntimeError('never reached')",
    )
    write(notebooks, "03_dies", "import os\nos._exit(3)")
    write(notebooks, "04_forgets", "x")
    write(notebooks, "05_slow", "1", "import time\ntime.sleep(60)")
    write(notebooks, "06_warns", "import sys, warnings\nwarnings.warn('careful')")
    (notebooks / "07_broken.ipynb").write_text("{no notebook")
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(notebook_runner, "CELL_SECONDS", 4)
        status = run_course(notebooks, here / "made" / "_build")
    return SimpleNamespace(status=status, out=out.getvalue(), err=err.getvalue(), here=here)


def test_a_failure_gives_exit_status_1_and_nothing_on_stderr(ran):
    assert ran.status == 1
    assert ran.err == ""


def test_each_notebook_has_a_line_of_progress_and_a_row_of_the_table(ran):
    progress, table = ran.out.split("Notebook    Seconds  Result\n")
    assert sorted(re.findall(r"^  (\w+) +\d+\.\d s", progress, re.MULTILINE)) == [
        "01_good",
        "02_error",
        "03_dies",
        "04_forgets",
        "05_slow",
        "06_warns",
        "07_broken",
    ]
    rows = re.findall(r"^(\w+) +\d+\.\d  (.+)$", table, re.MULTILINE)
    assert rows == [
        ("01_good", "ok"),
        ("02_error", "FAILED in cell [2]"),
        ("03_dies", "FAILED in cell [1]"),
        ("04_forgets", "FAILED in cell [1]"),
        ("05_slow", "FAILED in cell [2]"),
        ("06_warns", "ok"),
        ("07_broken", "FAILED"),
    ]
    assert ran.out.endswith("5 of 7 notebooks failed; see the errors above the table.\n")


def test_the_failing_cell_and_its_error_are_shown_without_colours(ran):
    assert "02_error: cell [2] failed\n\n    print('before')\n    f(0)\n" in ran.out
    assert "ZeroDivisionError: division by zero" in ran.out
    assert "\x1b" not in ran.out


def test_a_dead_kernel_a_slow_cell_and_a_broken_file_are_named(ran):
    assert "03_dies: cell [1] failed" in ran.out
    assert "Its kernel died, most likely because" in ran.out
    assert "05_slow: cell [2] failed" in ran.out
    assert "It ran longer than 4 s and was stopped." in ran.out
    assert "07_broken: this is not a readable notebook" in ran.out


def test_each_notebook_has_a_fresh_kernel(ran):
    assert "NameError: name 'x' is not defined" in ran.out


def test_the_executed_copies_are_kept_and_the_notebooks_are_not_touched(ran):
    here = ran.here
    copy = nbformat.read(here / "made" / "_build" / "01_good.ipynb", as_version=4)
    counts = [cell.get("execution_count") for cell in copy.cells]
    assert counts == [None, 1, None, 2, 3]
    assert copy.cells[-1].outputs[0].data["text/plain"] == "42"
    assert copy.cells[3].outputs[0].text.strip() == sys.executable
    failed = nbformat.read(here / "made" / "_build" / "02_error.ipynb", as_version=4)
    assert [output.output_type for output in failed.cells[2].outputs] == ["stream", "error"]
    source = nbformat.read(here / "notebooks" / "01_good.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in source.cells)


def test_all_well_says_what_to_type_next(tmp_path, capsys):
    write(tmp_path / "notebooks", "00_start", "assert True")
    assert run_course(tmp_path / "notebooks", tmp_path / "_build", processes=1) == 0
    out = capsys.readouterr().out
    assert "Running 1 notebook from" in out
    assert "Every cell of 1 notebook ran." in out
    assert "make lab    (or: python -m jupyterlab notebooks --config " in out
    assert "make site   (then make site-open)" in out


def test_a_failed_cell_keeps_the_last_lines_of_a_long_traceback(tmp_path, capsys):
    deep = "def f(n):\n    1 / n\n    f(n - 1)"
    write(tmp_path, "deep", deep, "f(3)")
    assert run_course(tmp_path, tmp_path / "_build") == 1
    out = capsys.readouterr().out
    assert "    …\n" in out
    assert "ZeroDivisionError" in out


def test_no_stored_output_survives_in_an_executed_copy(tmp_path):
    path = write(tmp_path, "stale", "1 / 0", "2", "")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells[1:]:
        cell.outputs, cell.execution_count = [v4.new_output("stream", text="old")], 9
    nbformat.write(notebook, path)
    (run,) = run_notebooks([path])
    assert "old" not in nbformat.writes(run.notebook)
    assert [cell.execution_count for cell in run.notebook.cells[1:]] == [1, None, None]


def test_a_notebook_runs_in_its_own_folder(tmp_path):
    path = write(tmp_path / "here", "where", "import os\nprint(os.path.basename(os.getcwd()))")
    (run,) = run_notebooks([path])
    assert run.result == "ok"
    assert run.notebook.cells[1].outputs[0].text == "here\n"


def test_a_cell_tagged_raises_exception_may_fail_and_the_next_one_runs(tmp_path):
    path = write(tmp_path, "bites", "assert 0 == 1", "print('on')")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    (run,) = run_notebooks([path])
    assert run.result == "ok"
    assert [cell.outputs[0].output_type for cell in run.notebook.cells[1:]] == ["error", "stream"]


def test_another_kernel_called_python3_does_not_get_in_the_way(tmp_path, monkeypatch):
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    spec = {"argv": ["no-such-python", "{connection_file}"], "display_name": "Old", "language": "x"}
    kernel.write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    (run,) = run_notebooks([write(tmp_path, "mine", "import sys\nprint(sys.executable)")])
    assert run.notebook.cells[1].outputs[0].text.strip() == sys.executable


def test_a_kernel_that_does_not_start_says_why(tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('no sockets here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (run,) = run_notebooks([write(tmp_path, "any", "1")])
    assert run.result == "FAILED"
    assert "its kernel did not start" in run.problem
    assert "no sockets here" in run.problem


def test_on_a_full_disk_the_table_is_printed_all_the_same(tmp_path, monkeypatch, capsys):
    write(tmp_path / "notebooks", "01_a", "1")
    write(tmp_path / "notebooks", "02_b", "2")

    def run(paths, _):
        return [Run(path.stem, nbformat.read(path, as_version=4), 1.5) for path in paths]

    monkeypatch.setattr(course, "run_notebooks", run)
    replacing = course.replacing

    def full_for_one(path):
        if path.stem == "01_a":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return replacing(path)

    monkeypatch.setattr(course, "replacing", full_for_one)
    assert run_course(tmp_path / "notebooks", tmp_path / "_build") == 1
    out = capsys.readouterr().out
    assert "01_a          1.5  ok" in out
    assert "copy was not written: " in out
    assert "01_a.ipynb: No space left on device" in out
    assert [file.name for file in (tmp_path / "_build").iterdir()] == ["02_b.ipynb"]


def test_a_file_where_the_copies_belong_is_one_line_before_the_work(tmp_path, monkeypatch, capsys):
    write(tmp_path / "notebooks", "01_a", "1")
    (tmp_path / "_build").write_text("a file")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(course, "run_notebooks", lambda *_: 1 / 0)
    assert main(["course"]) == 2
    assert capsys.readouterr().err == "mfteach course: _build: File exists\n"


def test_no_notebook_is_a_clear_error(tmp_path):
    with pytest.raises(UsageError, match="missing does not exist: run this in the course"):
        find_notebooks(tmp_path / "missing")
    with pytest.raises(UsageError, match="contains no notebook"):
        run_course(tmp_path, tmp_path / "_build")
    assert not (tmp_path / "_build").exists()


def test_no_process_is_a_clear_error(tmp_path):
    with pytest.raises(UsageError, match="at least 1 process is needed, got 0"):
        run_notebooks([write(tmp_path, "any", "1")], processes=0)


@pytest.mark.parametrize("module", ["nbclient", "nbformat", "ipykernel"])
def test_a_missing_part_of_jupyter_names_the_extra(tmp_path, monkeypatch, module):
    path = write(tmp_path, "any", "1")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"needs {module}: .*'mfteach\[course\]'"):
        run_notebooks([path])


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a child")
def test_ctrl_c_stops_cleanly_and_leaves_no_kernel(tmp_path):
    mark = tmp_path / "started"
    source = f"import os, pathlib, time\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))"
    write(tmp_path / "notebooks", "00_long", source, "time.sleep(600)")
    process = subprocess.Popen(
        [sys.executable, "-m", "mfteach", "course"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300  # for what hangs
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err == ""
    assert "FAILED" not in out
    assert out.endswith("Stopped before the end; every kernel was shut down.\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_after_ctrl_c_the_exit_status_is_130(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "run_notebooks", interrupted)
    assert run_course(write(tmp_path, "any", "1").parent, tmp_path / "_build") == 130
    assert "Stopped before the end" in capsys.readouterr().out


def test_colour_codes_are_removed():
    assert plain("\x1b[31mred\x1b[0m and \x1b[1;32mgreen\x1b[39m") == "red and green"


def test_a_cell_may_take_a_minute():
    assert notebook_runner.CELL_SECONDS == 60


def test_kernels_that_run_side_by_side_share_the_processors(tmp_path, monkeypatch):
    code = "import os\nprint([os.environ[name] for name in ('MFTEACH_THREADS', 'OMP_NUM_THREADS')])"
    paths = [tmp_path / f"{name}.ipynb" for name in "ab"]
    for path in paths:
        nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(code)]), path)
    monkeypatch.setenv("MFTEACH_THREADS", "6")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for run in run_notebooks(paths, 2):
        assert run.notebook.cells[0].outputs[0].text == "['3', '3']\n"
    monkeypatch.setenv("MFTEACH_THREADS", "many")
    with pytest.raises(UsageError, match=r"MFTEACH_THREADS is a whole number .*'many': unset it"):
        run_notebooks(paths, 2)
