"""The same attacks against nbgrader alone, where they matter: why we have our own grader.

nbgrader runs student code and hidden tests in one process. Each attack here earns marks that the
answers do not deserve, or takes them from others; graded by ours, the same files earn nothing.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import NAME, RIGHT, VARIANT, WRONG, make, run, submit, submit_text

from mfteach.grading.assignments.release import rendered_source

pytestmark = [pytest.mark.needs_sandbox, pytest.mark.thorough]
pytest.importorskip("nbgrader")
HONEST = {name: answer for name, answer in RIGHT.items() if name != "q7"}
FULL = 8
CHEAT = {**WRONG, "q6": "def tangent_line(c, n, p):\n    return 0.0, 0.0\n"}

# Code of the student before everything else, and what it tries.
FIRST_CELLS = {
    # Replace the function that the hidden tests call.
    "patched-test": "import mfteach.grading as p\np.expect = lambda *_: None",
    # Replace the decision inside it.
    "patched-decision": (
        "from mfteach.grading.assignments import plain_nbgrader as p\np._is_right = lambda *_: True"
    ),
    # Rewrite each cell before it runs: calls of expect are dropped.
    "transformer": (
        "import ast\n\nclass No(ast.NodeTransformer):\n    def visit_Call(self, node):\n"
        "        return ast.Constant(None) if getattr(node.func, 'id', '') == 'expect' else node\n"
        "\nget_ipython().ast_transformers.append(No())"
    ),
    # Read the expected values, which are within reach of the process.
    "reads-the-checks": (
        "from mfteach.grading.assignments import plain_nbgrader as p, question_files, variants\n"
        f"a = question_files.Assignment.load(p.find_course(), '{NAME}')\n"
        "R = {n: x.right for n, x in variants.sample(a).answers.items()}"
    ),
}


@pytest.fixture(scope="module")
def class_of_cheats(tmp_path_factory):
    """A course of nbgrader's, with every attack submitted and autograded: (course, outcomes)."""
    course = make(tmp_path_factory.mktemp("plain") / "course")
    source = course / "source" / NAME / f"{NAME}.ipynb"
    source.write_text(json.dumps(rendered_source(course, VARIANT)), encoding="utf-8")
    submit(course, "a-honest", HONEST)
    for name, source in FIRST_CELLS.items():
        notebook = _submitted(course, name, CHEAT)
        notebook["cells"].insert(0, _cell(source))
        if name == "reads-the-checks":
            _answer_from(notebook, "R")
        _put(course, name, notebook)
    # Tag the cells of the hidden tests: nbgrader does not run them, and no error is full marks.
    notebook = _submitted(course, "skip-execution", CHEAT)
    for cell in _checks(notebook):
        cell["metadata"]["tags"] = ["skip-execution"]
    _put(course, "skip-execution", notebook)
    # Copy a test cell, as happens by accident: no one after this one is graded.
    notebook = _submitted(course, "z-duplicated-cell", HONEST)
    notebook["cells"].append(_checks(notebook)[0])
    _put(course, "z-duplicated-cell", notebook)
    # An honest function that warns.
    warns = RIGHT["q6"].replace("\n", "\n    import warnings; warnings.warn('careful')\n", 1)
    submit(course, "warns", {**HONEST, "q6": warns})
    # Write the classmates' marks into the gradebook.
    notebook = _submitted(course, "b-rewrites-gradebook", CHEAT)
    notebook["cells"].insert(
        0,
        _cell(
            "import os, sqlite3\n"
            "book = sqlite3.connect(os.path.join(os.environ['MFTEACH_COURSE'], 'gradebook.db'))\n"
            "book.execute('UPDATE grade SET manual_score = 0')\nbook.commit()\nbook.close()"
        ),
    )
    _put(course, "b-rewrites-gradebook", notebook)
    # Leave a start-up file for the next student, who is honest.
    notebook = _submitted(course, "x-start-up-file", CHEAT)
    notebook["cells"].insert(
        0,
        _cell(
            "import pathlib\nfolder = pathlib.Path.home() / '.ipython/profile_default/startup'\n"
            "folder.mkdir(parents=True, exist_ok=True)\n"
            "(folder / 'x.py').write_text('import mfteach.grading as p\\n'\n"
            "    'def no(*_): raise AssertionError\\np.expect = no\\n')"
        ),
    )
    _put(course, "x-start-up-file", notebook)
    submit(course, "y-next-in-line", HONEST)
    submit(course, "s-honest", HONEST)
    submit(course, "zz-last", HONEST)
    return course, _autograde(course)


def _submitted(course, student, answers):
    return json.loads(submit(course, student, answers).read_text(encoding="utf-8"))


def _put(course, student, notebook):
    submit_text(course, student, json.dumps(notebook))


def _cell(source):
    return {
        **{"cell_type": "code", "metadata": {}, "source": source},
        **{"outputs": [], "execution_count": None},
    }


def _checks(notebook):
    return [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").endswith("-check")
    ]


def _answer_from(notebook, variable):
    """Let every answer be taken from a dictionary that the notebook made."""
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in CHEAT and cell["cell_type"] == "code":
            cell["source"] = f"{name} = {variable}['{name}']"
            if name == "q6":
                cell["source"] = f"exec({variable}['q6'])"


def _autograde(course):
    """Let nbgrader grade everybody in the order of their names; points, None if it failed."""
    from nbgrader.api import Gradebook, MissingEntry

    home = course.parent / "home"
    home.mkdir()
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    places = {"HOME": str(home), "MFTEACH_COURSE": str(course), "PATH": tools}
    for words in (["generate_assignment", "--force"], ["autograde"]):
        command = [sys.executable, "-m", "nbgrader", *words, NAME]
        subprocess.run(command, cwd=course, env=os.environ | places, capture_output=True)
    with pytest.MonkeyPatch.context() as patch, Gradebook(_book(course, patch, tools)) as book:
        outcomes = {}
        for folder in (course / "submitted").iterdir():
            try:
                graded = (course / "autograded" / folder.name / NAME).is_dir()
                outcomes[folder.name] = book.find_submission(NAME, folder.name).score
            except MissingEntry:
                graded = False
            if not graded:
                outcomes[folder.name] = None
    return outcomes


def _book(course, patch, tools):
    patch.setenv("PATH", tools)  # nbgrader calls alembic by its name
    return f"sqlite:///{course / 'gradebook.db'}"


@pytest.fixture(scope="module")
def ours(class_of_cheats):
    """The points of the same files by our grader, by student."""
    course, _ = class_of_cheats
    (course / "gradebook.db").unlink()
    shutil.rmtree(course / "autograded", ignore_errors=True)
    assert run(course, NAME, "-j", "2") == 0
    rows = [line.split(",") for line in (course / "grades.csv").read_text().splitlines()]
    return {row[0]: float(row[3]) for row in rows[1:] if row[2] == "total"}


def test_nbgrader_grades_an_honest_student_like_us(class_of_cheats, ours):
    assert class_of_cheats[1]["s-honest"] == ours["s-honest"] == FULL


@pytest.mark.parametrize("attack", [*FIRST_CELLS, "skip-execution"])
def test_an_attack_that_buys_marks_there_buys_none_here(class_of_cheats, ours, attack):
    assert class_of_cheats[1][attack] == FULL
    assert ours[attack] == 0


def test_marks_of_classmates_can_be_rewritten_there(class_of_cheats, ours):
    assert class_of_cheats[1]["a-honest"] == 0
    assert ours["a-honest"] == FULL


def test_a_start_up_file_costs_the_next_student_the_marks_there(class_of_cheats, ours):
    assert class_of_cheats[1]["y-next-in-line"] in (0, None)
    assert ours["y-next-in-line"] == FULL


def test_an_honest_warning_costs_marks_there(class_of_cheats, ours):
    assert class_of_cheats[1]["warns"] < FULL
    assert ours["warns"] == FULL


@pytest.mark.parametrize("student", ["z-duplicated-cell", "zz-last"])
def test_one_copied_cell_stops_the_class_there(class_of_cheats, ours, student):
    assert class_of_cheats[1][student] is None
    assert ours[student] == FULL
