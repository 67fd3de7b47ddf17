"""``check``, ``hint``, ``solution``, ``guess`` and ``outcome``, as a student meets them."""

import pytest

from mfteach.lessons import check, guess, hint, outcome, solution


@pytest.mark.parametrize("nothing", [None, ..., "", " ", [..., ...], ["", ""], ()])
def test_nothing_was_answered(nothing, capsys):
    check("05-1", nothing)
    told = capsys.readouterr().out
    assert told.startswith("Not answered yet") == (nothing != ())
    assert "Right" not in told


def test_a_wrong_answer_is_told_where_the_hint_is_and_a_right_one_is_not(capsys):
    check("05-1", 0.1)
    assert capsys.readouterr().out.endswith('For a hint: hint("05-1").\n')
    check("05-1", 0.2)
    assert capsys.readouterr().out == "Right.\n"


@pytest.mark.parametrize("number", [3, 0, -1, 1.5, "2"])
def test_hints_come_one_at_a_time_and_end(number, capsys):
    hint("05-2", 2)
    told = capsys.readouterr().out
    assert "Hint 2 of 2" in told
    assert 'solution("05-2")' in told
    hint("05-2", number)
    assert capsys.readouterr().out.startswith("There are 2 hints here.")


def test_a_solution_has_a_text_without_markup(capsys):
    solution("05-1")
    assert "Solution of 05-1: The second derivative is L = 10" in capsys.readouterr().out


@pytest.mark.parametrize("face", [hint, solution, lambda name: check(name, 1)])
@pytest.mark.parametrize(
    ("name", "nearest"),
    [("05-4", "05-"), ("5-1", "05-1"), ("05-Exit", "05-exit"), ("99-1", "-1"), ("", "-")],
)
def test_an_unknown_id_is_an_error_that_names_the_nearest(face, name, nearest):
    with pytest.raises(ValueError, match=f"there is no id '{name}'; the nearest is '.*{nearest}"):
        face(name)


def test_an_id_is_a_text():
    with pytest.raises(ValueError, match="an id is a text in quotes"):
        check(5, 1)


def test_a_guess_is_kept_and_shown_beside_what_happened(capsys):
    guess("05-a", ...)
    assert capsys.readouterr().out.startswith("No guess yet")
    outcome("05-a")
    assert capsys.readouterr().out.startswith("Your guess: none was written down\nWhat happened: ")
    guess("05-a", "a *straight* line")
    assert capsys.readouterr().out.startswith("Your guess is kept.")
    outcome("05-a")
    assert capsys.readouterr().out.startswith("Your guess: a *straight* line\nWhat happened: one")
    guess("05-a", "")
    outcome("05-a")
    assert "none was written down" in capsys.readouterr().out


@pytest.mark.parametrize("face", [outcome, lambda name: guess(name, 1)])
def test_a_question_is_not_a_prediction(face):
    with pytest.raises(ValueError, match="there is no id '05-1'; the nearest is '05-"):
        face("05-1")
