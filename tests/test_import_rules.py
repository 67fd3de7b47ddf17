"""Who may import whom: the contracts of pyproject.toml hold, and each bites where it is broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cases import later

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}
# For each contract: a file and the import that it must not contain.
BREACHES = [
    ("numbers", "matrices/ratings.py", "import mfteach.loss.squared_error"),
    ("numbers", "loss/squared_error.py", "import mfteach.descent.als"),
    ("numbers", "fast/threads.py", "import mfteach.evaluation.metrics"),
    ("marks", "answers/numbers.py", "import mfteach.grading.files"),
    ("marks", "symbolic/notation.py", "import mfteach.answers.formulas"),
    ("marks", "grading/demo.py", "import mfteach.lessons.practice"),
    ("numbers-alone", "descent/als.py", "import mfteach.symbolic.lecture"),
    ("numbers-alone", "datasets/examples.py", "import sympy"),
    ("symbols-alone", "answers/promises.py", "import mfteach.loss.squared_error"),
    ("symbols-alone", "grading/cli.py", "from mfteach import Ratings"),
    ("cluster", "recommender/learning.py", "import pyspark"),
    ("cluster", "commands/factorize.py", "def late():\n    import pyarrow"),
    ("numbers", "spark/frames.py", "import mfteach.recommender.learning"),
    ("speed", "descent/als.py", "import numba"),
    ("speed", "recommender/top_items.py", "import threadpoolctl"),
    ("worker", "grading/sandbox/wire.py", "import mfteach.grading.assignments.questions"),
    ("worker", "grading/sandbox/worker.py", "import mfteach.grading.settings"),
    ("worker", "grading/sandbox/while_grading.py", "import mfteach.answers.promises"),
    ("inside", "matrices/factors.py", "import mfteach.version"),
    ("inside", "datasets/examples.py", "import matplotlib.pyplot"),
    ("door", "descent/als.py", "from mfteach.fast.numba_least_squares import half_step"),
    ("symbols-alone", "lessons/practice.py", "from mfteach.recommender import fold_in"),
    ("grading", "grading/assignments/variants.py", "import mfteach.grading.marks.score"),
    ("grading", "grading/submissions/typed.py", "import mfteach.grading.sandbox.session"),
    ("circles", "descent/steps.py", "import mfteach.descent.gradient_descent"),
    ("circles", "grading/files.py", "import mfteach.grading.settings"),
    # An import inside a function does not hide a circle.
    ("circles", "matrices/groups.py", "def late():\n    import mfteach.matrices.ratings"),
]


def lint(folder, *words):
    """Run the linter on the package in a folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package and its contracts, to be broken."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "mfteach", folder / "mfteach")
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def test_all_contracts_hold():
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in found.stdout


def one_for_each_contract():
    """The first that breaks a contract now, the others each night."""
    met, cases = set(), []
    for case in BREACHES:
        cases.append(later(case) if case[0] in met else case)
        met.add(case[0])
    return cases


def test_every_contract_is_broken_below():
    now = {case[0] for case in one_for_each_contract() if case in BREACHES}
    assert now == CONTRACTS.keys()


@pytest.mark.parametrize(("contract", "file", "breach"), one_for_each_contract())
def test_a_contract_bites(copy, contract, file, breach):
    path = copy / "mfteach" / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n\n{breach}\n", encoding="utf-8")
    try:
        found = lint(copy, "--contract", contract)
    finally:
        path.write_text(before, encoding="utf-8")
    assert found.returncode == 1, found.stdout
    assert f"{CONTRACTS[contract]} BROKEN" in found.stdout
