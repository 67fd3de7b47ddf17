"""What students may use of mfteach works while grading; the rest says that it is not available."""

import ast
import shutil
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import mfteach
from mfteach import datasets, matrices
from mfteach.grading.sandbox import thin_package, while_grading
from mfteach.grading.sandbox.sandbox import find_sandbox

ROOT = Path(__file__).parents[3]
in_sandbox = pytest.mark.needs_sandbox

SETUP = """
import numpy as np
import mfteach
from mfteach import Factors, Ratings, check, datasets, exercise, matrices
from mfteach.datasets import (FILMS, Films, Planted, Viewers, films, hand_factors,
                              history_romance, movielens, movielens_titles, planted, viewers,
                              watched_films)
from mfteach.matrices import Groups, Rng

class Column:
    def __init__(self, *values):
        self.values = values
    def to_numpy(self):
        return np.array(self.values)

class Frame(dict):
    columns = property(list)

class Biases:
    mean, user_bias, item_bias = 3.0, np.arange(7.0), np.arange(6.0)

R = history_romance()
F = hand_factors()
G = Groups.of(np.array([1, 0, 1]), 2)
PARTS = ("user_index", "item_index", "values", "user_labels", "item_labels")
FRAME = Frame(userId=Column(1, 1, 2), movieId=Column(7, 8, 7), rating=Column(3.0, 4.5, 1.0))

def csv():
    with open("three.csv", "w") as file:
        file.write("userId,movieId,rating\\n1,7,3\\n1,8,4.5\\n2,7,1\\n")
    return "three.csv"

def saved():
    F.save("factors.npz")
    return "factors.npz"
"""

USES = {
    "exercise": "exercise('fact', more=1) is None",
    "check": "check(1, q1=2) is None",
    "datasets": "mfteach.datasets.history_romance(surprise=True).values",
    "matrices": "mfteach.matrices.Ratings([1], [2], [3]).values",
    "Ratings": "mfteach.Ratings([1, 2], [1, 1], [3.5, 0], timestamps=[5, 6]).timestamps",
    "Ratings.arrays": "list(R.arrays().values())[2]",
    "Ratings.by_item": "R.by_item[2]",
    "Ratings.by_user": "R.by_user[2]",
    "Ratings.count_of": "R.count_of(0.1)",
    "Ratings.fingerprint": "int(R.fingerprint()[:12], 16)",
    "Ratings.from_arrays": "Ratings.from_arrays(R.arrays()).to_matrix()",
    "Ratings.from_frame": "Ratings.from_frame(FRAME).values",
    "Ratings.from_indices": "Ratings.from_indices(*(getattr(R, name) for name in PARTS)).values",
    "Ratings.from_matrix": "Ratings.from_matrix([[1, None], [np.nan, 2]]).item_index",
    "Ratings.index_items": "R.index_items(['Cleopatra'])",
    "Ratings.index_users": "R.index_users([3, 1])",
    "Ratings.item_counts": "R.item_counts",
    "Ratings.item_rows": "R.item_rows.rows(['Casablanca'])",
    "Ratings.items": "len(R.items)",
    "Ratings.joined": "R.take(np.arange(3)).joined(R.take(np.arange(3, 9))).values",
    "Ratings.read": "Ratings.read(csv()).values",
    "Ratings.read_csv": "Ratings.read_csv(csv()).values",
    "Ratings.shape": "R.shape",
    "Ratings.split": "R.split(0.25, rng=1)[1].user_index",
    "Ratings.take": "R.take(np.array([3, 5])).values",
    "Ratings.to_matrix": "R.to_matrix()",
    "Ratings.user_counts": "R.user_counts",
    "Ratings.user_rows": "R.user_rows.rows([7])",
    "Ratings.users": "R.users",
    "Ratings.with_values": "R.with_values(np.arange(42)).to_matrix()",
    "Factors": "np.asarray(2 * F - 0.5 * F + -F)",
    "Factors.U": "mfteach.Factors([[1, 2]], [[3, 4]]).U",
    "Factors.V": "F.V",
    "Factors.arrays": "F.arrays()['V']",
    "Factors.astype": "F.astype('float32').U",
    "Factors.item_bias": "F.item_bias",
    "Factors.learned_biases": "F.with_biases(Biases, learned=True).learned_biases",
    "Factors.load": "Factors.load(saved()).U",
    "Factors.matrix": "F.matrix()",
    "Factors.mean": "F.with_biases(Biases).mean",
    "Factors.n_factors": "F.n_factors",
    "Factors.of_user": "F.of_user(1)",
    "Factors.offsets": "F.with_biases(Biases).offsets(np.array([0, 6]), np.array([5, 1]))",
    "Factors.random": "Factors.random((3, 4), 2, rng=0).V",
    "Factors.save": "F.save('more.npz', extra=[1, 2])",
    "Factors.shape": "F.shape",
    "Factors.user_bias": "F.with_biases(Biases).user_bias",
    "Factors.with_biases": "F.with_biases(Biases).matrix()",
    "Factors.with_entries": "np.asarray(F.with_entries(np.arange(26.0)))",
    "Factors.with_tables": "F.with_tables(F.U + 1, F.V).matrix()",
    "Groups": "len(G)",
    "Groups.counts": "G.counts",
    "Groups.of": "Groups.of(np.array([1, 0, 1]), 2)[1]",
    "Groups.order": "G.order",
    "Groups.starts": "G.starts",
    "Rng": "isinstance(3, Rng)",
    "FILMS": "len(FILMS)",
    "Films": "len(Films(R, {1: 'one'}, 'here').titles)",
    "Planted": "Planted(R, F).truth.U",
    "films": "films().ratings.values[:50]",
    "hand_factors": "hand_factors().matrix() - R.to_matrix()",
    "history_romance": "history_romance().to_matrix()",
    "movielens": None,  # without data: below
    "movielens_titles": None,
    "planted": "planted(5, 4, 2, density=0.5, noise=0.1, rng=3).ratings.to_matrix()",
    "Viewers": "len(Viewers(R, R.to_matrix()).ratings)",
    "viewers": "viewers(5, 6, 0.5, rng=3).liking",
    "watched_films": "watched_films().ratings.values[:20]",
}
"""For each public name an expression that uses it and gives numbers."""


def public_names():
    """Every name that a student may use: of the package, of its two folders, of their classes."""
    names = {*while_grading.__all__, *matrices.__all__, *datasets.__all__}
    for kind in (matrices.Ratings, matrices.Factors, matrices.Groups):
        members = {*vars(kind), *getattr(kind, "__dataclass_fields__", {})}
        names |= {f"{kind.__name__}.{name}" for name in members if not name.startswith("_")}
    return names


def test_every_public_name_is_used_here():
    assert set(USES) == public_names(), "give each new name a line in USES: students may use it"


@pytest.fixture(scope="module")
def at_work():
    """One session in the real sandbox, with a function for each use."""
    functions = [
        f"def use{number}():\n    return {use}" for number, use in enumerate(USES.values()) if use
    ]
    with find_sandbox().session([SETUP, *functions], seconds=60) as session:
        assert session.value("np").failure == "unreadable"  # the cells ran
        assert session.cell_failures == {}
        yield session


@in_sandbox
@pytest.mark.parametrize("name", [name for name, use in USES.items() if use])
def test_it_gives_in_the_sandbox_what_it_gives_outside(name, at_work, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    here = {"exercise": while_grading.exercise, "check": while_grading.check}
    namespace = {}
    exec(SETUP, namespace)
    wanted = eval(USES[name], namespace | here)
    outcome = at_work.call(f"use{list(USES).index(name)}", ())
    assert outcome.failure is None, outcome.detail
    np.testing.assert_equal(outcome.value, wanted)


@in_sandbox
def test_known_numbers_come_out():
    """An oracle that needs no package: the lecture's table."""
    cell = "from mfteach.datasets import history_romance as h\ndef f():\n    return h().to_matrix()"
    row, other = [1, 1, 1, 0, 0, 0], [-1, -1, -1, 1, 1, 1]
    with find_sandbox().session([cell], 10) as session:
        assert session.call("f", ()).value.tolist() == [row] * 3 + [[1] * 6] + [other] * 3


def said(body, seconds=60):
    """What an error in the sandbox says; None if there was none."""
    with find_sandbox().session([f"def f():\n{textwrap.indent(body, '    ')}"], seconds) as session:
        outcome = session.call("f", ())
    assert outcome.failure in (None, "error"), outcome
    return outcome.detail if outcome.failure else None


@in_sandbox
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import mfteach; mfteach.Ratings.read_csv('none.csv')", "No such file or directory: 'non"),
        ("import mfteach; mfteach.Ratings([1], [1], [float('nan')])", "leave unknown ratings out"),
        ("import mfteach; mfteach.Factors([[1]], [[1, 2]])", "do not multiply"),
        ("import mfteach; mfteach.datasets.planted(0, 1, 1, 1, 0)", "n_users must be at least 1"),
        ("import mfteach; mfteach.datasets.movielens()", "ml-latest-small is not here"),
        ("import mfteach; mfteach.datasets.movielens_titles()", "ml-latest-small is not here"),
        ("import mfteach; mfteach.datasets.movielens(download=True)", "could not be downloaded"),
    ],
)
def test_bad_input_gets_its_usual_error(body, words):
    assert words in said(body)


# What is left out --------------------------------------------------------------------------------

WAYS = [
    ("import mfteach; mfteach.recommender.fold_in(1, 2)", "mfteach.recommender"),
    ("import mfteach; mfteach.fold_in", "mfteach.fold_in"),
    ("from mfteach import fold_in", "mfteach.fold_in"),
    ("from mfteach.recommender import fold_in", "mfteach.recommender"),
    ("from mfteach.recommender.fold_in import fold_in", "mfteach.recommender"),
    ("from mfteach.matrices import fold_in", "mfteach.matrices.fold_in"),
    ("import mfteach.recommender.fold_in as f", "mfteach.recommender"),
    ("import mfteach.descent", "mfteach.descent"),
    ("import mfteach; mfteach.descent", "mfteach.descent"),
    ("import mfteach; mfteach.descent.als.half_step", "mfteach.descent"),
    ("import importlib; importlib.import_module('mfteach.descent.als')", "mfteach.descent"),
    ("from mfteach import Loss", "mfteach.Loss"),
    ("import mfteach; mfteach.Loss()", "mfteach.Loss"),
    ("import mfteach.loss", "mfteach.loss"),
    ("from mfteach import MatrixFactorization as M", "mfteach.MatrixFactorization"),
    ("import mfteach; mfteach.gradient_descent", "mfteach.gradient_descent"),
    ("import mfteach; getattr(mfteach, 'check_gradient')", "mfteach.check_gradient"),
    ("from mfteach import symbolic", "mfteach.symbolic"),
    ("from mfteach.answers.promises import contract", "mfteach.answers"),
    ("from mfteach.grading.assignments import questions", "mfteach.grading.assignments"),
    ("import mfteach.nonsense", "mfteach.nonsense"),
]


@in_sandbox
@pytest.mark.parametrize(("body", "name"), WAYS, ids=[body for body, _ in WAYS])
def test_what_is_left_out_says_so_and_what_to_do(body, name):
    error, _, words = said(body).partition(": ")
    assert error in ("ImportError", "AttributeError")
    assert words == f"{name} is not available while grading: write it with NumPy"


def test_those_names_exist_outside():
    """Or the test above would hold for any package."""
    for name in ("recommender.fold_in", "descent.als", "loss", "symbolic", "answers.promises"):
        assert (ROOT / "mfteach" / name.replace(".", "/")).with_suffix(".py").exists() or (
            ROOT / "mfteach" / name.replace(".", "/")
        ).is_dir()
    assert {"Loss", "MatrixFactorization", "gradient_descent", "check_gradient"} <= set(
        dir(mfteach)
    )


@in_sandbox
def test_hasattr_says_no():
    ask = "import mfteach; assert {}hasattr(mfteach, {!r})"
    for name in ("__name__", "__path__", "__all__", "Ratings", "datasets"):
        assert said(ask.format("", name)) is None, name
    for name in ("__wrapped__", "__version__", "Loss", "descent"):
        assert said(ask.format("not ", name)) is None, name


@in_sandbox
def test_a_star_import_gives_what_is_available():
    with find_sandbox().session(
        ["from mfteach import *", "def f():\n    return Factors([[2]], [[3]]).matrix()"], 10
    ) as session:
        assert session.call("f", ()).value.tolist() == [[6.0]]


@in_sandbox
def test_other_modules_are_found_as_usual():
    assert said("import nonsense") == "ModuleNotFoundError: No module named 'nonsense'"
    assert said("import json, numpy.fft, mfteach.matrices.ratings") is None


# Which files it is made of -----------------------------------------------------------------------


def test_the_folders_come_whole_and_nothing_but_python(tmp_path, monkeypatch):
    package = tmp_path / "package"
    for name in thin_package.KEPT:
        shutil.copytree(thin_package.PACKAGE / name, package / name)
    (package / "matrices" / "new" / "__pycache__").mkdir(parents=True)
    (package / "matrices" / "new" / "idea.py").write_text("x = 1\n")
    (package / "matrices" / "new" / "__pycache__" / "idea.cpython-311.pyc").write_bytes(b"\0")
    (package / "matrices" / "notes.txt").write_text("a secret")
    (package / "datasets" / ".#examples.py").symlink_to("nobody@nowhere")
    monkeypatch.setattr(thin_package, "PACKAGE", package)
    folder = tmp_path / "thinned"
    folder.mkdir()
    thin_package.build(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    # Python's own copies are made there, of what stands there; none comes along.
    assert b"\0" not in {path.read_bytes() for path in files}
    found = {
        path.relative_to(folder / "mfteach") for path in files if path.parent.name != "__pycache__"
    }
    wanted = {
        path.relative_to(thin_package.PACKAGE)
        for name in thin_package.KEPT
        for path in (package / name).rglob("*.py")
        if not path.is_symlink()
    }
    assert Path("matrices/new/idea.py") in found
    grader = ["__init__.py", "sandbox/__init__.py", "sandbox/worker.py", "sandbox/wire.py"]
    assert found == wanted | {Path("__init__.py")} | {Path("grading", name) for name in grader}
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_what_goes_into_the_sandbox_imports_nothing_that_stays_outside(tmp_path):
    folder = tmp_path / "thinned"
    folder.mkdir()
    thin_package.build(folder)
    inside = {".".join(p.relative_to(folder).with_suffix("").parts) for p in folder.rglob("*.py")}
    inside |= {name.removesuffix(".__init__") for name in inside}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = [node.module] if isinstance(node, ast.ImportFrom) else []
            named += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            assert {name for name in named if name.startswith("mfteach")} <= inside, file


def test_the_worker_imports_the_wire_and_the_standard_library_and_numpy():
    ours = {"worker": {"grading.sandbox.wire"}, "wire": {"arguments.plain"}, "while_grading": set()}
    for name, allowed in ours.items():
        tree = ast.parse((ROOT / f"mfteach/grading/sandbox/{name}.py").read_text(encoding="utf-8"))
        named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        named |= {
            each.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for each in node.names
        }
        others = {each for each in named if each.partition(".")[0] not in sys.stdlib_module_names}
        assert others - {"numpy"} == {f"mfteach.{each}" for each in allowed}
