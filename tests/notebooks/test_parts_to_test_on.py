"""No two lessons look at the same test rating: each has a part of its own.

The part is what a lesson calls ``test`` or ``held_out``, by the statement that cuts it off.
"""

import ast
from itertools import combinations

import nbformat
import pytest
from converted import ROOT

import mfteach as mf
from mfteach.evaluation import k_fold

NAMES = {"test", "held_out"}
LESSONS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
FILMS = mf.datasets.films()


def cuts(source):
    """Yield the assignments whose last name is that of a part to test on."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            last = node.targets[0].elts[-1]
            if isinstance(last, ast.Name) and last.id in NAMES:
                yield node, last.id


def set_aside(source, films):
    """The pairs (user, item) that a cell sets aside to test on."""
    found = set()
    for node, name in cuts(source):
        names = {"films": films, "k_fold": k_fold}
        exec(compile(ast.Module([node], []), "cut", "exec"), names)
        part = names[name]
        found |= set(zip(part.user_index.tolist(), part.item_index.tolist(), strict=True))
    return found


def looked_at_in(lesson):
    cells = nbformat.read(LESSONS[lesson], as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    films = FILMS if any("films.ratings" in source for source in sources) else FILMS.ratings
    return set().union(*(set_aside(source, films) for source in sources))


ALL = {lesson: looked_at_in(lesson) for lesson in sorted(LESSONS)}


def test_lesson_11_tests_on_a_tenth():
    assert abs(len(ALL["11"]) - len(FILMS.ratings) / 10) <= 1


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
