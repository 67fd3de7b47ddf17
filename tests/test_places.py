"""Where people open the course: the files for Binder and Codespaces, and what the texts promise."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BINDER, DEVCONTAINER = ROOT / ".binder", ROOT / ".devcontainer" / "devcontainer.json"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_binder_installs_the_lock_of_the_course_with_a_python_that_the_course_has():
    (line,) = (BINDER / "requirements.txt").read_text().split("\n", 1)[0].splitlines()
    option, lock = line.split()
    assert option == "-r"
    assert (BINDER / lock).resolve() == ROOT / "requirements.txt"
    python = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert python in re.search(r"^PYTHONS := (.*)", MAKEFILE, re.MULTILINE)[1].split()


def test_binder_installs_the_course_itself_and_leaves_out_what_has_no_wheel():
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    assert script.read_bytes().startswith(b"#!/bin/bash\n")
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    own, numba = [line for line in script.read_text().splitlines() if "pip install" in line]
    assert own.endswith("--no-deps --no-build-isolation -e .")
    assert "--only-binary :all: --no-deps -r requirements/fast.txt ||" in numba


def test_codespaces_installs_with_make_and_chooses_the_kernel():
    container = json.loads(DEVCONTAINER.read_text(encoding="utf-8"))
    program, target = container["postCreateCommand"].split()
    assert program == "make"
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    python = container["image"].removeprefix("python:")
    assert python in re.search(r"^PYTHONS := (.*)", MAKEFILE, re.MULTILINE)[1].split()
    code = container["customizations"]["vscode"]
    assert {"ms-python.python", "ms-toolsai.jupyter"} <= set(code["extensions"])
    assert code["settings"]["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


def test_no_owner_of_a_repository_is_made_up():
    lesson = (ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8")
    for text in (README, lesson):
        assert "OWNER/REPO" in text
        for place in ("github.com/", "githubtocolab.com/", "mybinder.org/v2/gh/"):
            owners = re.findall(rf"{re.escape(place)}(\w+)", text)
            assert set(owners) <= {"OWNER"}, owners


@pytest.mark.parametrize("place", ["Colab", "Binder", "VS Code", "Codespaces", "JupyterLab"])
def test_the_readme_and_lesson_00_say_what_to_click_in(place):
    lesson = json.loads((ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in lesson["cells"] if c["cell_type"] == "markdown"]
    assert any(f"**{place}" in text for text in texts)
    assert f"**{place}" in README.split("\n## Where to open it\n")[1].split("\n## ")[0]
