"""One error, worded for Python and for the command, and never long."""

import pytest

from mfteach.matrices.input_errors import InputError, listed, quoted


@pytest.mark.parametrize(
    ("arguments", "python", "command"),
    [
        ({"columns": (1, 2, 3)}, "columns=(1, 2, 3)", "--columns 1,2,3"),
        ({"header": False}, "header=False", "--no-header"),
        ({"header": True}, "header=True", "--header"),
        ({"separator": ";"}, "separator=';'", "--separator ';'"),
        ({"users": "User ID"}, "users='User ID'", "--users 'User ID'"),
        ({"n_factors": 5}, "n_factors=5", "--n-factors 5"),
        (
            {"duplicates": ["last", "mean"]},
            "duplicates='last' or duplicates='mean'",
            "--duplicates last or --duplicates mean",
        ),
    ],
)
def test_a_cure_is_worded_for_both(arguments, python, command):
    (name,) = arguments
    error = InputError("the file {name} is odd", f"say {{{name}}}", **arguments)
    assert str(error) == f"the file {{name}} is odd. Say {python}"
    assert error.for_command() == f"the file {{name}} is odd. Say {command}"


def test_what_has_no_cure_is_the_problem_alone():
    assert str(InputError("it is odd")) == InputError("it is odd").for_command() == "it is odd"


@pytest.mark.parametrize("value", ["x" * 10**6, b"x" * 10**6, list(range(10**5)), 10**400])
def test_what_is_quoted_is_cut(value):
    assert len(quoted(value)) < 70
    assert quoted(value).endswith("...")


def test_lists_are_cut():
    assert listed(["a", 2]) == "a, 2"
    assert listed(range(1000)) == "0, 1, 2, 3, 4, 5, 6, 7, ... (1,000 in all)"
    assert len(listed(["x" * 1000] * 1000)) < 600
    assert listed(["a\nb"]) == "a b"
    assert quoted("it's") == '"it\'s"'
