"""Every row of the lecture is named in the foot of the notebook that treats it."""

from pathlib import Path

import nbformat.v4 as v4
import pytest
from checks import LAST_ROW, ROWS, read, rows_covered

PLACES = {
    "00_start_here": {69},
    "01_slopes_of_lines_and_curves": set(range(1, 11)),
    "02_the_derivative_from_its_definition": set(range(11, 25)),
    "03_the_power_rule_and_flat_points": set(range(25, 36)),
    "04_partial_derivatives_and_gradients": set(range(36, 47)),
    "05_walking_downhill": {64, 65},
    "06_from_ratings_to_a_loss": {*range(47, 53), 61},
    "07_the_big_hairy_derivative": set(range(53, 61)),
    "08_the_other_half_and_the_gradient_check": {62, 63},
    "09_lets_factorize": {66},
    "10_the_landscape": {35, 36, 47},
    "11_regularization_biases_and_sgd": {67},
    "12_alternating_least_squares": {68},
    "13_recommending_is_ranking": {67, 68},
    "15_beyond_one_machine": {68},
}
THURSDAY = {
    "11_regularization_biases_and_sgd",
    "12_alternating_least_squares",
    "13_recommending_is_ranking",
    "15_beyond_one_machine",
}
"""The lecture only announces what these treat: their rows are due once the lessons exist."""

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.ipynb"))}


def missing_rows(notebooks):
    """Return, by notebook, the rows of its place that its foot does not name."""
    due = {name: rows for name, rows in PLACES.items() if name in notebooks or name not in THURSDAY}
    named = {name: rows_covered(notebooks[name]) if name in notebooks else set() for name in due}
    return {name: sorted(rows - named[name]) for name, rows in due.items() if rows - named[name]}


def test_each_row_has_a_place():
    assert set().union(*PLACES.values()) == set(range(1, LAST_ROW + 1))


def test_each_row_is_named_where_it_is_treated():
    assert missing_rows(NOTEBOOKS) == {}


def foot(rows):
    return v4.new_notebook(cells=[v4.new_markdown_cell(f"## {ROWS}\n{rows}")])


@pytest.mark.parametrize(
    ("name", "rows", "missing"),
    [
        ("05_walking_downhill", "S64 (direction)", [65]),
        ("12_alternating_least_squares", "S67", [68]),
        ("02_the_derivative_from_its_definition", "S11-S14, S16-S24", [15]),
    ],
)
def test_a_forgotten_row_is_noticed(name, rows, missing):
    assert missing_rows({**NOTEBOOKS, name: foot(rows)}) == {name: missing}


def test_only_the_lessons_of_thursday_may_be_absent():
    without = {k: v for k, v in NOTEBOOKS.items() if k not in THURSDAY | {"09_lets_factorize"}}
    assert missing_rows(without) == {"09_lets_factorize": [66]}
