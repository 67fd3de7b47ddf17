"""``quiz``: a multiple-choice question of a lesson, with a button for each answer."""

from __future__ import annotations

from mfteach.arguments import InputError
from mfteach.lessons.figures import Drawn, ipython_display
from mfteach.lessons.live import quiz_page
from mfteach.lessons.questions import finding
from mfteach.lessons.questions.kinds import Proved

__all__ = ["quiz"]


def quiz(name: str) -> None:
    """Show a question; a click on an answer says what `check` says about that letter.

    It needs no kernel, so it works on a web page, too. Where no scripts run, the question and its
    answers are read, and `check` replies.

    Parameters
    ----------
    name : str
        The question, such as "03-s30".

    Raises
    ------
    ValueError
        If there is no such question, or it has no letters to choose from.
    """
    from mfteach.symbolic.writing import formulas_in_words  # needs SymPy

    asked = finding.question(name)
    if not isinstance(asked, Proved):
        raise InputError(f"must be a question with letters to choose from, but is {name!r}")
    question = asked.question()
    answers = {
        letter: (question.shown(letter), formulas_in_words(asked.reply(letter).message))
        for letter in question.options
    }
    ipython_display()(Drawn(quiz_page(question.prompt, answers), repr(question)))
