"""What lessons and solutions write into a ledger is proved, and by the rule that they name."""

import re
from pathlib import Path

import pytest
from checks import read, shown

from mfteach.answers import Ledger
from mfteach.lessons.questions.finding import lessons, question, questions
from mfteach.lessons.questions.kinds import Derivation

FOLDER = Path(__file__).parents[2] / "notebooks"
DERIVED = [
    name for lesson in lessons() for name, q in questions(lesson).items() if type(q) is Derivation
]
ANOTHER_RULE = "but not by this rule"


def solved(name):
    """Run the code of a solution, and return its ledger."""
    (code,) = re.findall(r"```python\n(.*?)```", question(name).solution, re.DOTALL)
    names = {"Ledger": Ledger}
    exec(code, names)
    (ledger,) = (value for value in names.values() if isinstance(value, Ledger))
    return ledger


@pytest.mark.parametrize("name", DERIVED)
def test_the_code_of_a_solution_is_a_right_answer(name):
    ledger = solved(name)
    assert question(name).reply(ledger).right
    assert ANOTHER_RULE not in str(ledger)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_lesson_names_a_rule_that_its_line_does_not_follow(path):
    texts = (text for cell in read(path).cells if cell.cell_type == "code" for text in shown(cell))
    assert not [text for text in texts if ANOTHER_RULE in text]
