"""Claims of lesson 15 that its own cells do not hold."""

import numpy as np
import pytest

from mfteach.answers import parse_formula
from mfteach.lessons.drawings.lesson_15 import OnPaper
from mfteach.lessons.questions.finding import questions
from mfteach.spark.stored import one_or_many


def test_what_travels_is_at_most_what_the_table_says():
    random = np.random.default_rng(0)
    for n_machines in (2, 5, 30):
        known = random.random((60, 40)) < 0.2
        of_users, of_items = (random.integers(n_machines, size=size) for size in known.shape)
        i, j = np.nonzero(known)
        away = of_users[i] != of_items[j]
        of_v = len({*zip(of_users[i][away].tolist(), j[away].tolist(), strict=True)})
        of_u = len({*zip(of_items[j][away].tolist(), i[away].tolist(), strict=True)})
        assert of_v + of_u <= 2 * len(i)
        assert of_v + of_u <= sum(known.shape) * (n_machines - 1)


def test_of_a_rating_never_more_is_sent_than_two_rows():
    paper = OnPaper(one=1.0, rating=10.0, fixed=5.0, travel=0.5, most=2.0, full=1e9)
    sent = [paper.seconds_to_send(100.0, machines) * machines for machines in (1, 2, 3, 5, 9, 500)]
    assert sent == pytest.approx([0, 50, 100, 200, 200, 200])
    assert paper.seconds_of_many(100.0, 5) == pytest.approx(5 + 200 + 40)


def test_the_stored_table_is_of_the_settings_that_the_lesson_names():
    stored = one_or_many()
    settings = stored["settings"]
    assert (settings["n_factors"], settings["regularization"]) == (16, 0.05)
    assert settings["weighting"] == "by_count"
    assert stored["machine"]["processors"] == 2


def test_the_stored_table_grows_and_every_figure_is_a_measurement():
    rows = one_or_many()["rows"]
    sizes = [row["ratings"] for row in rows]
    assert sizes == sorted(set(sizes)) and sizes[0] < 20_000 < 4e6 < sizes[-1]
    for row in rows:
        for of in (row[name] for name in ("one machine", "spark") if name in row):
            assert min(of["seconds_per_epoch"], of["processor_seconds_per_epoch"]) > 0
            assert of["peak_bytes"] > 1e8


def test_where_the_lines_of_exercise_3_meet():
    names = ["a", "b", "c", "M"]
    at = parse_formula(questions("15")["15-3"].right, names)
    values = dict(zip(names, (0.2, 3.0, 5.0, 20.0), strict=True))
    N = float(at.subs(values))
    assert values["a"] * N == pytest.approx(values["c"] + values["b"] * N / values["M"])
    assert float(at.subs(values | {"M": 10.0})) < 0


def test_a_tenth_of_the_ratings_was_held_out():
    large = [row["ratings"] / 1e6 for row in one_or_many()["rows"] if row["ratings"] > 100_000]
    assert large == pytest.approx([0.9 * drawn for drawn in (1, 5, 20, 100)], rel=0.01)
