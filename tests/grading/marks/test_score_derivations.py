"""A derivation is scored from its cell on; a hostile one costs its student this question alone."""

import pytest
from classroom import COURSE, Here

from mfteach.answers.derivations.ledger import Ledger
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import sample
from mfteach.grading.marks.score import NOT_MARKED, score_typed
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.typed import NOT_ANSWERED, Typed, typed

VARIANT = sample(Assignment.load(COURSE, "07-derivative-of-the-loss"))
POSED = VARIANT.answers["q8"]


def score(source):
    submission = Submission("s1", (Cell("code", source, "q8"),), "0" * 64)
    submission = submission.with_code(syntax.read(submission.sources))
    return score_typed(POSED, typed(submission, POSED.question), Here([]))


def test_all_of_it():
    found = score(f'q8 = r"""\n{POSED.right}\n"""')
    assert (found.points, found.label, found.reason) == (5, "right", "")
    assert found.answer.startswith("1 ✓ proved: d/du_")


def test_nothing_typed():
    for source in ('q8 = r"""\n\n"""', "q8 = None", "", 'q8 = "# only a remark"'):
        found = score(source)
        assert (found.points, found.label) == (0, NOT_ANSWERED)


def test_part_of_it():
    first, second, *_ = POSED.right.splitlines()
    found = score(f'q8 = r"""\n{first}\n{second}\n"""')
    assert 0 < found.points < 5
    assert found.label == "goal not reached"


@pytest.mark.parametrize(
    "source",
    [
        'q8 = f"""{__import__("os").abort()}"""',
        'q8 = b"abc"',
        'q8 = ["a", "b"]',
        "q8 = " + "(" * 10_000,
        f'q8 = """{"(" * 5000}"""',
        f'q8 = """{"a" * 150_000}"""',
        'q8 = """' + "9^{9^{9^{9}}}\n" * 40 + '"""',
        'q8 = """\x00\ud800"""',
        'q8 = """<script>alert(1)</script>"""',
        "q8 = (lambda: 1/0)()",
    ],
)
def test_a_hostile_literal_costs_this_question_alone(source):
    found = score(source)
    assert (found.points, found.label) == (0, "unreadable")
    assert found.reason


def test_an_error_of_ours_is_left_to_a_person(monkeypatch):
    def fails(self, text):
        raise ZeroDivisionError

    monkeypatch.setattr(Ledger, "add", fails)
    found = score_typed(POSED, Typed(text="J + J + 17"), Here([]))
    assert (found.points, found.label) == (0, NOT_MARKED)
    assert found.reason == "Judging stopped with ZeroDivisionError: a person has to look at it."
