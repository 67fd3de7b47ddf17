"""The race of our ALS beside Spark's: what is timed, and what is said of it."""

import numpy as np
import pytest

from benchmarks import one_or_many
from benchmarks.data import Shape
from benchmarks.one_or_many import LONG, OURS, SHORT, SPARK, Ours, per_epoch, table, timed


def test_set_up_drops_out_of_the_time_of_an_epoch():
    set_up, clock, processor = 5.0, 0.25, 0.5
    runs = {n: [[set_up + n * clock, set_up + n * processor]] * 3 for n in (SHORT, LONG)}
    runs[LONG][1] = [1e3, 1e3]  # one slow moment of the machine
    found = per_epoch(runs)
    assert found["seconds_per_epoch"] == pytest.approx(clock)
    assert found["processor_seconds_per_epoch"] == pytest.approx(processor)
    assert found["seconds"] == pytest.approx(set_up + LONG * clock)


def test_ratings_are_drawn_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(one_or_many, "FOLDER", tmp_path)
    monkeypatch.setitem(one_or_many.MILLIONS, 0.01, Shape(60, 50, 1500))
    first = one_or_many.ratings_of(0.01)
    monkeypatch.setattr(one_or_many, "synthetic_ratings", None)
    again = one_or_many.ratings_of(0.01)
    assert len(first) == pytest.approx(1500, rel=0.05)
    np.testing.assert_array_equal(first.values, again.values)


def test_ours_is_the_model_of_the_package(tmp_path, monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(one_or_many, "FOLDER", tmp_path)
    monkeypatch.setitem(one_or_many.MILLIONS, 0.01, Shape(60, 50, 1500))
    solver = Ours(one_or_many.ratings_of(0.01))
    clock, processor, (J, factors) = timed(solver, SHORT)
    assert clock > 0 and processor >= 0 and J > 0 and solver.peak_bytes > 1e7
    assert factors.U.shape == (60, one_or_many.SETTINGS["n_factors"])
    assert timed(solver, LONG)[2][0] < J


def test_the_table_names_both_and_leaves_out_who_did_not_run():
    of = dict.fromkeys(
        ("seconds_per_epoch", "processor_seconds_per_epoch", "peak_bytes", "J", "rmse"), 1.0
    )
    lines = table([{"ratings": 1000, OURS: of, SPARK: of}, {"ratings": 10**8, OURS: of}])
    assert [lines.count(f"| {name} |") for name in (OURS, SPARK)] == [2, 1]
    assert "100,000,000" in lines
