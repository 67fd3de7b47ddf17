"""The course stays within what runs inside a browser, should somebody build it for one."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PYODIDE = json.loads((ROOT / "tests" / "pyodide_versions.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PURE_PYTHON = {"pooch"}
"""Not built by pyodide, and not in need of it: its wheel is for every machine."""

WATCHED = """
import sys
def watch(event, arguments):
    if event in {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "socket.connect"}:
        raise SystemExit(f"{event} {arguments}")
    if event == "_thread.start_new_thread":
        raise SystemExit("a thread was started")
sys.addaudithook(watch)
import mfteach, mfteach.lessons, mfteach.symbolic.lecture, mfteach.recommender, mfteach.evaluation
"""


def test_the_bounds_allow_what_pyodide_ships():
    assert PYODIDE["python"] in SpecifierSet(PROJECT["requires-python"])
    needed = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}
    assert needed.keys() == PYODIDE["packages"].keys() | PURE_PYTHON
    for name, version in PYODIDE["packages"].items():
        assert version in needed[name].specifier, name


def test_importing_the_course_starts_no_process_and_no_thread():
    command = [sys.executable, "-c", WATCHED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
