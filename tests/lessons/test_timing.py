from itertools import count

import pytest

from mfteach.lessons.timing import seconds_per_step


def test_steps_are_timed_but_not_the_start_and_the_first(monkeypatch):
    walk = count()
    clock = iter([10.0, 22.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    assert seconds_per_step(walk, 4) == 3.0
    assert next(walk) == 6, "the start, the first and four steps were taken"


def test_a_walk_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="1 steps after its first, and 5 are needed"):
        seconds_per_step([0, 1, 2])
