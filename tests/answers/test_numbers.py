"""Whether numbers agree, and if not, in which entry and how: plain reasoning, value by value."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from mfteach.answers.numbers import (
    NOT_FINITE,
    NOTHING,
    UNREADABLE,
    WRONG_SHAPE,
    agree,
    as_numbers,
    difference,
    entries_apart,
    misfit,
    typed_misfit,
)

NAN, INF = math.nan, math.inf
itself = [1]
itself.append(itself)
ragged = np.empty(2, dtype=object)
ragged[:] = [np.ones(1), np.ones(2)]

# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (4, 4.0),
        (True, 1.0),
        ([True, 2, 2.5], [1, 2, 2.5]),
        ("4.5", 4.5),
        (["4", 2], [4, 2]),
        (np.float32(0.5), 0.5),
        (np.array(4), 4.0),
        (np.array([1, 2], dtype=object), [1, 2]),
        (4 + 0j, 4.0),
        (np.array([1 + 0j, -2]), [1, -2]),
        ([np.complex64(3), "1"], [3, 1]),
        (Fraction(1, 4), 0.25),
        (sympy.Rational(1, 4), 0.25),
        (2**62, 2.0**62),
        (2**70, 2.0**70),
        (10**400, INF),
        ([], []),
        ([[], []], [[], []]),
        (range(3), [0, 1, 2]),
        ((1, (2)), [1, 2]),
    ],
)
def test_what_reads_as_a_number(value, numbers):
    found = as_numbers(value)
    assert found.dtype == np.float64
    assert found.shape == np.shape(numbers)
    assert found.tolist() == numbers


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "is None, which is not a number"),
        ("four", "is 'four', which is not a number"),
        ("", "is '', which is not a number"),
        ([1, None], "has None at [1], which is not a number"),
        ([[1, 2], [3, "x"]], "has 'x' at [1, 1], which is not a number"),
        ([1, ...], "has Ellipsis at [1], which is not a number"),
        (1 + 2j, "is (1+2j), which is not a number"),
        (np.array([1, 2j]), "has 2j at [1], which is not a number"),
        (np.complex64(1j), "which is not a number"),
        (complex(1, NAN), "which is not a number"),
        ({1, 2}, "is {1, 2}, which is not a number"),
        ({"a": 1}, "is {'a': 1}, which is not a number"),
        (sympy.Symbol("x"), "is x, which is not a number"),
        (np.timedelta64(1, "s"), "which is not a number"),
        ("x" * 1000, "x…, which is not a number"),
        ([[1], [1, 2]], "has rows that differ in length"),
        ([1, [2]], "has rows that differ in length"),
        ([np.ones(1), np.ones(2)], "has rows that differ in length"),
        ([np.ones((2, 3)), np.ones((2, 2))], "has rows that differ in length"),
        (ragged, "has rows that differ in length"),
        (itself, "has rows that differ in length"),
    ],
)
def test_what_does_not_read_as_a_number_names_the_entry(value, fault):
    with pytest.raises(ValueError) as caught:
        as_numbers(value)
    assert fault in str(caught.value)
    assert len(str(caught.value)) < 100
    assert not agree(value, 1, 1e-3)
    assert not agree(value, value, 1e-3)
    assert not agree(1, value, 1e-3)


# Agreement ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "wanted", "same"),
    [
        (1.0005, 1, True),
        (1.002, 1, False),
        (1000.5, 1000, True),  # relative to the largest entry
        ([1000, 0.5], [1000, 0], True),
        (0.0005, 0, True),  # or to 1
        (True, 1, True),
        ("2.5", 2.5, True),
        (2 + 0j, 2, True),
        (2 + 1j, 2, False),
        (np.array([2 + 1j]), [2], False),  # NumPy alone would drop the imaginary part
        ([1], 1, False),
        (np.array(4), 4, True),
        (4, np.array(4), True),
        ((1, [2, 3]), (1, [2, 3]), True),
        ([1, [2, 3]], (1, [2, 3]), True),
        ((np.ones(2), np.ones((2, 2))), (np.ones(2), np.ones((2, 2))), True),
        ((np.ones(2), np.ones((2, 2))), (np.ones(2), np.zeros((2, 2))), False),
        (((1, 2), 3), ((1, 2), 3), True),
        (((1, 2), 3), ((1, 4), 3), False),
        ((1, [2]), (1, [2, 3]), False),
        ((1, 2, 3), (1, 2), False),
        ((), (), True),
        (3, (1, 2), False),
        (np.array([1, 2]), (1, 2), False),  # two values are a tuple or a list
        ((1, 2), np.array([1, 2]), True),
        ([1, None], [1, NAN], False),
        (NAN, NAN, False),
        (INF, INF, False),
        (3, INF, False),
        ([3, 7], [3, INF], False),
        ([5, 7], [3, INF], False),  # an infinity does not set the scale for the other entries
        (3, NAN, False),
        (INF, 3, False),
        (10**400, 10**400, False),
        (10**400, 1, False),
        (2**70 + 1, 2**70, True),
        (1e308, -1e308, False),
        (np.zeros((0, 2)), np.zeros((0, 2)), True),
        (np.zeros((0, 2)), np.zeros((0, 3)), False),
        ([], [], True),
        ([], 0, False),
    ],
)
def test_values_agree_in_shape_and_up_to_the_tolerance(answer, wanted, same):
    assert agree(answer, wanted, 1e-3) is same


finite = st.floats(-1e6, 1e6)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(finite, finite), min_size=1, max_size=6),
    st.sampled_from([1e-9, 1e-3, 0.5]),
)
def test_agreement_entry_by_entry_with_plain_floats(pairs, tolerance):
    """The oracle takes the definition word for word, without NumPy."""
    answer, wanted = [a for a, _ in pairs], [b for _, b in pairs]
    off = tolerance * max([1.0, *map(abs, wanted)])
    apart = [(n,) for n, (a, b) in enumerate(pairs) if abs(a - b) > off]
    assert entries_apart(answer, wanted, tolerance) == apart
    assert agree(answer, wanted, tolerance) is (not apart)
    assert bool(difference(answer, wanted, tolerance)) is bool(apart)


def test_entries_of_different_shapes_are_not_compared():
    with pytest.raises(ValueError, match="a list of 1 number cannot be compared with a single num"):
        entries_apart([1], 1, 1e-3)


@pytest.mark.parametrize(
    ("answer", "wanted", "how"),
    [
        (4, 4, ""),
        (5, 4, "it is too high"),
        (3, 4, "it is too low"),
        (-5, -4, "it is too low"),
        (-4, 4, "it has the wrong sign"),
        (4, -4, "it has the wrong sign"),
        (0, 4, "it is too low"),
        (NAN, 4, "it is not finite"),
        ([1, 7, 3], [1, 2, 3], "the entry at [1] is too high"),
        ([[1, 2], [3, 4]], [[1, 2], [0, 0]], "2 of 4 entries differ, and the first, at [1, 0], is"),
        ([1, INF], [1, 2], "the entry at [1] is not finite"),
        ([1, "x"], [1, "x"], None),
        (1, INF, None),
        ([1], 1, None),
    ],
)
def test_where_and_how_values_differ(answer, wanted, how):
    if how is None:
        with pytest.raises(ValueError):
            difference(answer, wanted, 1e-3)
    else:
        found = difference(answer, wanted, 1e-3)
        assert found.startswith(how)
        assert bool(found) is bool(how)


def test_what_nothing_can_agree_with_is_an_error():
    with pytest.raises(ValueError, match="the wanted value is not finite, so nothing can agree"):
        difference(1, NAN, 1e-3)


# Form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "wanted", "label", "words"),
    [
        (None, 4, NOTHING, "It is None: is a return missing?"),
        (None, (4, 4), NOTHING, "It is None: is a return missing?"),
        ("four", 4, UNREADABLE, "It is 'four', which is not a number."),
        ([1, None], [1, 2], UNREADABLE, "It has None at [1], which is not a number."),
        ([[1], [1, 2]], [1, 2], UNREADABLE, "It has rows that differ in length."),
        ([1], 4, WRONG_SHAPE, "It is a list of 1 number; the question asks for a single number."),
        (
            4,
            [1, 2],
            WRONG_SHAPE,
            "It is a single number; the question asks for a list of 2 numbers.",
        ),
        (
            [],
            [1],
            WRONG_SHAPE,
            "It is a list of 0 numbers; the question asks for a list of 1 number.",
        ),
        (
            np.ones((2, 3)),
            np.ones((3, 2)),
            WRONG_SHAPE,
            "It is an array of shape (2, 3); the question asks for an array of shape (3, 2).",
        ),
        (3, (1, 2), WRONG_SHAPE, "It must be 2 values, as in: return a, b."),
        ((1, 2, 3), (1, 2), WRONG_SHAPE, "It must be 2 values, as in: return a, b."),
        ((1, None), (1, 2), NOTHING, "It, value 2 of 2, is None: is a return missing?"),
        ((1, (2, "x")), (1, (2, 3)), UNREADABLE, "It, value 2 of 2, value 2 of 2, is 'x', which"),
        (NAN, 4, NOT_FINITE, "It is not finite: it is nan. Is something divided by 0, or"),
        ([1, -INF], [1, 2], NOT_FINITE, "It is not finite: it has -inf at [1]. Is"),
        (10**400, 4, NOT_FINITE, "It is not finite: it is inf."),
    ],
)
def test_what_is_wrong_with_a_form(answer, wanted, label, words):
    found = misfit(answer, wanted, "It")
    assert found.label == label
    assert found.words.startswith(words)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (4, 5),
        ("4", 5),
        ([1, 2], np.zeros(2)),
        ([1, [2, 3]], (0, np.zeros(2))),
        ((), ()),
        ([], []),
        (NAN, INF),  # where no finite number is wanted, none is asked for
    ],
)
def test_a_form_that_fits_whatever_the_numbers(answer, wanted):
    assert misfit(answer, wanted) is None
    assert typed_misfit(answer, wanted) == ""


def test_no_message_reveals_a_wanted_entry():
    secret = np.array([[77.0, 88.0], [99.0, 66.0]])
    for answer in (None, "x", 3, [1, 2], [[1, None], [2, 3]], [[1, 2], [3, NAN]], (1, 2, 3)):
        words = typed_misfit(answer, secret)
        assert words
        assert not any(entry in words for entry in ("77", "88", "99", "66"))
    for answer in (secret + 1, -secret, 0 * secret, np.full((2, 2), 87.5)):
        words = difference(answer, secret, 1e-3)
        assert words
        assert not any(entry in words for entry in ("77", "88", "99", "66"))


def test_only_what_is_not_a_number_gets_the_cure_for_it():
    assert typed_misfit("x", 4).endswith("number. Type numbers only, such as 4 or [1, 0.5].")
    assert "Type numbers" not in typed_misfit([1], 4)


def test_a_wanted_value_that_is_not_a_number_is_an_author_error():
    with pytest.raises(ValueError, match=r"the wanted value has 'x' at \[1\], which is not a num"):
        misfit([1, 2], [1, "x"])
