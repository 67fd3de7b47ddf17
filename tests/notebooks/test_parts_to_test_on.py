"""No two lessons look at the same test rating: each has a part of its own.

The part is what a lesson calls ``test`` or ``held_out``, by the statement that cuts it off.
"""

import ast
from itertools import combinations

import nbformat
import pytest
from converted import ROOT

import mfteach as mf
from mfteach.evaluation import by_time, k_fold

NAMES = {"test", "held_out"}
LESSONS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
FILMS = mf.datasets.watched_films()


def cut_off(node):
    """The name of the part to test on, if a statement cuts one off: the last that it assigns."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        last = node.targets[0].elts[-1]
        if isinstance(last, ast.Name) and last.id in NAMES:
            return last.id
    return None


def parts(source, films):
    """The parts that a cell sets aside to test on, as sets of pairs (user, item), by name.

    What they are cut from is made in the same cell: `films`, functions, and other parts.
    """
    names = {"films": films, "k_fold": k_fold, "by_time": by_time}
    statements = needed(ast.parse(source).body, set(names))
    exec(compile(ast.Module(statements, []), "cut", "exec"), names)
    return {name: pairs(names[name]) for name in map(cut_off, statements) if name}


def needed(statements, given):
    """The statements that cut parts off, and those that make what these use."""
    kept, wanted = [], set()
    for node in reversed(statements):
        if cut_off(node) or made_by(node) & (wanted - given):
            kept.insert(0, node)
            wanted |= {used.id for used in ast.walk(node) if isinstance(used, ast.Name)}
    return kept


def made_by(node):
    """The names that a definition or an assignment makes."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def pairs(part):
    return set(zip(part.user_index.tolist(), part.item_index.tolist(), strict=True))


def set_aside(source, films):
    return set().union(*parts(source, films).values())


def parts_of(lesson):
    cells = nbformat.read(LESSONS[lesson], as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    films = FILMS if any("films.ratings" in source for source in sources) else FILMS.ratings
    return [part for source in sources for part in parts(source, films).values()]


PARTS = {lesson: parts_of(lesson) for lesson in sorted(LESSONS)}
ALL = {lesson: set().union(*found) for lesson, found in PARTS.items()}


def test_lesson_11_tests_on_a_tenth():
    assert abs(len(ALL["11"]) - len(FILMS.ratings) / 10) <= 1


def test_no_lesson_looks_at_a_rating_in_two_parts():
    assert [len(found) for found in PARTS.values()].count(2) == 1, "lesson 13 has two"
    for lesson, found in PARTS.items():
        assert len(ALL[lesson]) == sum(map(len, found)), lesson


def test_no_rating_is_looked_at_in_two_lessons():
    for (one, first), (other, second) in combinations(ALL.items(), 2):
        assert not first & second, f"lessons {one} and {other} test on the same ratings"


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (
            "rest, test = list(k_fold(films.ratings, n_folds=10, rng=0))[1]",
            "rest, test = list(k_fold(films.ratings, n_folds=10, rng=0))[2]",
            False,
        ),
        (
            "learn, held_out = films.ratings.split(0.1, rng=0)",
            "rest, test = films.ratings.split(0.1, rng=13)",
            True,
        ),
    ],
)
def test_seeds_of_their_own_are_not_enough(one, other, common):
    assert bool(set_aside(one, FILMS) & set_aside(other, FILMS)) is common
