"""What a notebook imports: figures, replies to answers and guesses, the input line of a ledger.

Lessons 00-15.
"""

from mfteach.lessons.asking import check, hint, solution
from mfteach.lessons.figures import contour_map, figure, heat_map, road_map
from mfteach.lessons.formula_and_code import formula_and_code
from mfteach.lessons.guesses import guess, outcome
from mfteach.lessons.ledger_input import ledger_input
from mfteach.lessons.practice import choice_feedback, derivative_feedback, feedback
from mfteach.lessons.quizzes import quiz
from mfteach.lessons.unquoted import explain_in_this_notebook

__all__ = [
    "check",
    "choice_feedback",
    "contour_map",
    "derivative_feedback",
    "feedback",
    "figure",
    "formula_and_code",
    "guess",
    "heat_map",
    "hint",
    "ledger_input",
    "outcome",
    "quiz",
    "road_map",
    "solution",
]

explain_in_this_notebook()
