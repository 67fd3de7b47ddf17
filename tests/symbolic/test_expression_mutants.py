"""Each line of each derivation, changed in each spot: none is accepted that is false."""

from collections import Counter

import pytest
from expression_mutants import share
from wild_sums import SIZE_OF, differ_at

from mfteach.symbolic import lecture
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover

MOST = 10  # of each line; all of them, 21,193, were tried once


def answers(name, lines, mutants_of):
    """Ask about each mutant of each line, and count; no false mutant may be accepted."""
    counts = Counter()
    for number, line in enumerate(lines, start=1):
        for mutant in mutants_of(line.expression):
            try:
                found = same(line.expression, mutant, SIZE_OF)
            except (CaptureError, UndecidedError) as error:
                assert len(str(error)) > 20
                found = "refused"
            counts[found] += 1
            if found is True:
                where = differ_at(line.expression, mutant, SIZE_OF, most=9)
                assert where is None, f"{name}, line {number}: {mutant} is accepted, {where}"
    return counts


@pytest.mark.parametrize("builder", lecture.ALL, ids=lambda builder: builder.__name__)
@pytest.mark.no_cover
def test_no_false_mutant_of_a_line_is_accepted(builder, record_property):
    counts = answers(builder.__name__, builder(), lambda expr: share(expr, MOST))
    tried = f"{counts['refused']} refused, {counts[False]} refuted, {counts[True]} true in disguise"
    record_property("mutants", f"expressions of {builder.__name__}: {tried}")
    assert counts[False] + counts["refused"] > counts[True]
    assert counts[False] > counts["refused"]
