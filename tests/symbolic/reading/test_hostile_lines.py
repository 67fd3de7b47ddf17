"""Whatever is typed, there is an answer after a bounded number of steps, and nothing is run."""

import sys

import pytest
from hostile_texts import hostile_lines

from mfteach.symbolic.indexed_sums import same
from mfteach.symbolic.lecture import NOTATION

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover

# Calls of Python functions, to read a line and to compare it with the loss. The longest proof of
# the lecture takes about 60,000.
MOST_CALLS = 1_000_000


def calls_of(text):
    """Read a line and compare it with J; return how many functions were called for it."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        reading = NOTATION.understand(text)
        same(reading.expression, NOTATION.read("J"), reading.ranges)
    except ValueError as error:
        assert str(error).count("\n") == 0
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("number", range(10))
def test_every_text_is_answered_in_a_bounded_number_of_steps(number):
    for text in hostile_lines(500)[number::10]:
        assert calls_of(text) < MOST_CALLS, text


@pytest.mark.parametrize("value", [None, 3, b"u_is", ["u_is"], ...])
def test_what_is_not_text_is_refused_by_name(value):
    with pytest.raises(ValueError, match="a line is text"):
        NOTATION.understand(value)
