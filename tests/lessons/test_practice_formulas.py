"""Feedback on typed derivatives and on choices: right, diagnosed, unreadable, not answered."""

import pytest
import sympy

from mfteach.answers.multiple_choice import s30, s35
from mfteach.lessons import choice_feedback, derivative_feedback

UNANSWERED = "Not answered yet: put your answer in and run this cell again."
x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("answer", "function", "words"),
    [
        ("6x", 3 * x**2, "Right."),
        ("3x", 3 * x**2, "not brought down"),
        ("15", 5 * x + 10, "terms without x were kept"),
        ("", 3 * x**2, UNANSWERED),
        (" ", 3 * x**2, UNANSWERED),
        (None, 3 * x**2, UNANSWERED),
        (0, 3 * x**2, "This is not the derivative"),
        ("6z", 3 * x**2, "not a name in this question"),
        ("6", 5 * x + 6 * y, "with respect to y instead of x"),
    ],
)
def test_feedback_on_a_typed_derivative(answer, function, words, capsys):
    derivative_feedback(answer, function, x)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (s30(), "D", "Right."),
        (s30(), "-15x^-4", "Right."),
        (s30(), "B", "Two slips"),
        (s30(), "", UNANSWERED),
        (s30(), ..., UNANSWERED),
        (s30(), 0, "one of the letters A, B, C, D, not with 0"),
        (s30(), "15q", "not a name in this question"),
        (s35(), "B", "Not always"),
        (s35(), "Z", "one of the letters A, B, C, D"),
    ],
)
def test_feedback_on_a_choice(question, answer, words, capsys):
    choice_feedback(answer, question)
    assert words in capsys.readouterr().out
