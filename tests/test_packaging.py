"""What a wheel contains, how the package cites itself, and that the workflow file can be read."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
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


OF_EXTRAS = ["IPython", "ipykernel", "nbclient", "nbformat", "nbgrader", "jinja2", "latex2mathml"]
"""What an empty environment has not: it is found neither by an import nor by a look for it."""

EVERY_HELP = r"""
import re
from contextlib import redirect_stdout
from io import StringIO
from {module} import main

def said(*words):
    with redirect_stdout(StringIO()) as page:
        try:
            status = main(list(words))
        except SystemExit as end:
            status = end.code
    assert not status, words
    return page.getvalue()

assert said("--version").strip()
for name in re.findall(r"^    ([a-z-]+)", said("--help"), re.MULTILINE):
    assert said(name, "--help").startswith("usage: ")
    print(name)
"""


@pytest.fixture
def run_alone(unpacked, tmp_path):
    """A function that runs code where only what the wheel installs is the package."""

    def run(code, without=()):
        begin = f"import sys; sys.modules |= dict.fromkeys({[*without]}); import mfteach\n"
        begin += f"assert mfteach.__file__.startswith({str(unpacked)!r}), mfteach.__file__\n"
        command = [sys.executable, "-c", begin + code]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(unpacked)},
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(
    ("module", "some"),
    [
        ("mfteach.commands.main", {"factorize", "doctor", "notebooks"}),
        ("mfteach.grading.cli", {"grade", "demo-class", "export"}),
    ],
)
def test_every_command_of_a_wheel_says_how_it_is_used_without_any_extra(module, some, run_alone):
    done = run_alone(EVERY_HELP.replace("{module}", module), OF_EXTRAS)
    assert done.returncode == 0, done.stderr
    assert some <= set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (["notebooks"], "running notebooks needs nbformat: python -m pip install"),
        (["course"], "running notebooks needs nbformat: python -m pip install"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_that_needs_an_extra_names_it(words, cure, run_alone, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_walk.ipynb").write_text("{}")
    (tmp_path / "README.md").write_text("# A course")
    code = f"from mfteach.commands.main import main; sys.exit(main({words}))"
    done = run_alone(code, OF_EXTRAS)
    assert done.returncode == 2
    assert cure in done.stderr and "Traceback" not in done.stderr


def test_a_wheel_factorizes_and_draws_without_any_extra(run_alone, tmp_path):
    pairs = [(user, item) for user in range(6) for item in range(5) if (user + item) % 4]
    rows = [f"u{user},i{item},{1 + (user * item) % 5}" for user, item in pairs]
    (tmp_path / "ratings.csv").write_text("user,item,rating\n" + "\n".join(rows))
    done = run_alone(
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from mfteach.commands.main import main\n"
        "status = main(['factorize', 'ratings.csv', '--solver', 'als', '--n-factors', '2'])\n"
        "plt.style.use('mfteach.course')\n"
        "plt.plot([1, 2]); plt.savefig('line.png'); sys.exit(status)",
        OF_EXTRAS,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "factors.npz").exists()
    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")


def test_a_wheel_shows_a_figure_of_a_lesson(run_alone):
    done = run_alone(
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from mfteach.lessons import figure\n"
        "plt.style.use('mfteach.course')\n"
        "figure(plt.subplots()[0], alt='two empty axes', caption='Nothing yet')"
    )
    assert done.returncode == 0, done.stderr
    assert "two empty axes" in done.stdout


@pytest.mark.skipif(
    not (find_spec("nbgrader") and shutil.which("bwrap")), reason="no nbgrader, or no bubblewrap"
)
def test_a_wheel_grades_a_demo_class(run_alone, tmp_path):
    words = ["demo-class", "--course", str(ROOT / "exercises"), "--students", "6", "-j", "1"]
    done = run_alone(f"from mfteach.grading.cli import main; sys.exit(main({words}))")
    assert done.returncode == 0, done.stderr
    assert "6 invented students" in done.stdout
    built = tmp_path / "_build" / "demo-class"
    assert (built / "grades.csv").read_text().count("\n") > 6
    assert (built / "reports" / "03-power-rule.html").exists()


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
