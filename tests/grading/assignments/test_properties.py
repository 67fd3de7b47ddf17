"""Parts of a result that are right by themselves."""

import numpy as np
import pytest

from mfteach.grading.assignments.properties import Draw, part, up_to_a_factor

ONE = [Draw((1.0, 5.0), (1.0, 2.0), (3,)), Draw((4.0, 0.0), (4.0, 1.0), (-3,))]


def test_a_part_of_the_result_in_all_draws():
    assert part("first", of=lambda both, *_: both[0]).holds(ONE, 1e-6)
    assert not part("second", of=lambda both, *_: both[1]).holds(ONE, 1e-6)
    assert not part("all").holds(ONE, 1e-6)


def test_some_of_the_draws():
    draws = [Draw(1.0, 1.0, (3,)), Draw(7.0, 4.0, (-3,))]
    assert part("above 0", where=lambda a: a > 0).holds(draws, 1e-6)
    assert not part("below 0", where=lambda a: a < 0).holds(draws, 1e-6)
    with pytest.raises(ValueError, match="no draw decides about the property 'at 0': add one"):
        part("at 0", where=lambda a: a == 0).holds(draws, 1e-6)


@pytest.mark.parametrize("given", [None, 3.0, [], "text", (None, None), np.zeros(3)])
def test_a_value_without_such_a_part_is_not_right(given):
    draws = [Draw(given, (1.0, 2.0), ())]
    assert not part("second", of=lambda both, *_: both[1] + 1).holds(draws, 1e-6)
    assert not up_to_a_factor("factor").holds(draws, 1e-6)


@pytest.mark.parametrize(
    ("factors", "holds"),
    [
        ((2, 2), True),
        ((-1, -1), True),
        ((0.5, 0.5), True),
        ((2, 3), False),
        ((0, 0), False),
        ((np.nan, 1), False),
        ((np.inf, 1), False),
    ],
)
def test_one_factor_for_all_results(factors, holds):
    wanted = [(np.array([1.0, 2.0]), 3.0), (np.array([4.0]), -1.0)]
    with np.errstate(invalid="ignore"):
        given = [tuple(np.asarray(v) * f for v in w) for w, f in zip(wanted, factors, strict=True)]
    draws = [Draw(g, w, ()) for g, w in zip(given, wanted, strict=True)]
    assert up_to_a_factor("factor").holds(draws, 1e-6) is holds
