"""What a wheel contains, how the package cites itself, and that the workflow file can be read."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from flit_core import buildapi

import mfteach

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """A folder with what a wheel installs, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = buildapi.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture(scope="module")
def wheel(unpacked):
    """The names of the files in it."""
    return {file.relative_to(unpacked).as_posix() for file in unpacked.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        ["mfteach.commands.main", "--version"],
        ["mfteach.commands.main", "factorize", "--help"],
        ["mfteach.grading.cli", "--help"],
    ],
    ids=" ".join,
)
def test_the_commands_run_from_what_a_wheel_installs_alone(words, unpacked, tmp_path):
    module, *arguments = words
    code = (
        f"import sys; sys.argv = ['command', *{arguments}]; import mfteach\n"
        f"assert mfteach.__file__.startswith({str(unpacked)!r}), mfteach.__file__\n"
        f"from {module} import main\nsys.exit(main())"
    )
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(unpacked), "PATH": ""}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_wheel_contains_every_file_of_the_package(wheel):
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mfteach").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"mfteach/course.mplstyle", "mfteach/py.typed", "mfteach/__main__.py"} <= package
    assert package <= wheel


def test_the_wheel_contains_both_licences(wheel):
    names = {Path(name).name for name in wheel}
    assert {"LICENSE", "LICENSE-CONTENT"} <= names


def test_the_citation_says_who_what_and_which_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"].startswith("mfteach")
    assert citation["authors"] == [{"name": "The mfteach authors"}]
    assert citation["version"] == mfteach.__version__
    assert citation["license"] == ["BSD-3-Clause", "CC-BY-4.0"]


def test_the_changelog_begins_with_what_is_coming():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_the_workflow_runs_the_targets_that_a_person_types():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    locked = workflow["jobs"]["locked"]
    assert locked["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    commands = [step["run"] for step in locked["steps"] if "run" in step]
    sandbox, *targets = commands
    assert "install -qq -y bubblewrap" in sandbox
    assert targets == ["make lint", "make course", "make test"]
    assert {"newest", "oldest"} <= workflow["jobs"].keys()


@pytest.mark.skipif(sys.platform == "win32", reason="make and bash are not on Windows")
@pytest.mark.parametrize("target", ["help", "course", "test", "lab", "notebooks", "lint", "lock"])
def test_make_help_names_every_target_and_the_makefile_has_it(target):
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert target == "help" or f"make {target} " in shown
    assert dry.returncode == 0
