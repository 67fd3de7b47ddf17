"""Every derivation that the course asks for: full marks, partial credit, and none for padding."""

import itertools
from functools import cache
from pathlib import Path

import pytest
from cases import some

from mfteach.answers.derivations.whole_texts import judge_derivation, problems
from mfteach.grading.assignments import release
from mfteach.grading.assignments.derivations import task_of
from mfteach.grading.assignments.question_files import Assignment, assignment_names
from mfteach.grading.assignments.questions import Derivation
from mfteach.grading.assignments.variants import Posed, sample
from mfteach.grading.marks.score import score_typed
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.typed import NOT_ANSWERED, Typed, typed
from mfteach.symbolic import lecture

COURSE = Path(__file__).parents[2] / "exercises"
load = cache(lambda name: Assignment.load(COURSE, name))


def all_variants():
    """Every variant of every derivation: the assignment, the question, what was drawn."""
    for name in assignment_names(COURSE):
        for question in load(name).questions:
            if question.kind == "derivation":
                for values in itertools.product(*question.parameters.values()):
                    yield name, question.name, dict(zip(question.parameters, values, strict=True))


VARIANTS = list(all_variants())
SOME = VARIANTS[::5]  # 5 shares no factor with the numbers of values: each value is there


def posed(name, question, drawn):
    found = load(name)[question]
    return Posed(found, drawn, found.check(drawn))


def score(asked, text):
    return score_typed(asked, Typed(text=text), None)


def test_derivations_are_asked_in_three_assignments():
    names = {name for name, _, _ in VARIANTS}
    assert {"07-derivative-of-the-loss", "08-gradient-check"} < names
    assert names & {"11-regularization", "12-als"}


@pytest.mark.parametrize(("name", "question", "drawn"), some(VARIANTS, 20))
@pytest.mark.no_cover
def test_every_variant_can_be_derived_and_its_right_derivation_earns_everything(
    name, question, drawn
):
    asked = posed(name, question, drawn)
    task = task_of(asked.facts)
    assert problems(task, tuple(asked.question.facts["milestones"])) == []
    found = score(asked, asked.right)
    assert (found.points, found.label) == (asked.question.points, "right")


@pytest.mark.no_cover  # many cases of the same lines
@pytest.mark.parametrize(("name", "question", "drawn"), some(SOME, 5))
def test_false_and_padded_derivations_earn_what_they_show(name, question, drawn):
    asked = posed(name, question, drawn)
    assert isinstance(asked.check, Derivation)
    assert min(len(asked.check.slips), len(asked.check.padded)) >= 3
    for slip in asked.check.slips:
        found = score(asked, slip.answer)
        assert (found.points, found.label) == (slip.points, slip.label), found
        assert found.reason.startswith(slip.diagnosis)
        assert slip.points < asked.question.points
    for padded in asked.check.padded:
        found = score(asked, padded.answer)
        assert found.points == padded.points, (padded.label, found)
        assert found.label in ("steps left out", "goal not reached")
        assert found.points <= 2


@pytest.mark.parametrize(("name", "question", "drawn"), SOME)
def test_the_goal_alone_earns_the_last_share(name, question, drawn):
    asked = posed(name, question, drawn)
    shares = asked.question.facts["milestones"]
    goal = asked.facts["goal"]
    for text in (goal, f"{goal}\n{goal} + 0\n{goal}", f"{asked.facts['start']}\n{goal}"):
        assert score(asked, text).points == shares["goal"]


@pytest.mark.parametrize(("name", "question", "drawn"), VARIANTS[::16])
def test_the_release_earns_nothing(name, question, drawn):
    variant = sample(load(name))
    cells = {c["id"]: c["source"] for c in release.rendered_source(COURSE, variant)["cells"]}
    blank = cells[question].partition("### BEGIN SOLUTION")[0]
    submission = Submission("s1", (Cell("code", blank, question),), "0" * 64)
    answer = typed(submission.with_code(syntax.read(submission.sources)), load(name)[question])
    assert answer.problem == NOT_ANSWERED


@pytest.mark.parametrize(("name", "question", "drawn"), SOME)
def test_the_line_that_the_question_shows_is_true_and_earns_nothing(name, question, drawn):
    asked = posed(name, question, drawn)
    shown = asked.placeholders.get("written_out") or asked.placeholders["apart"]
    walk = judge_derivation(shown, task_of(asked.facts))
    assert [line.verdict for line in walk.lines] == ["proved"]
    assert walk.reached == ()


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("07-derivative-of-the-loss", lecture.gradient_u),
        ("08-gradient-check", lecture.gradient_v),
    ],
)
def test_the_way_of_the_lecture_earns_everything(name, way):
    asked = posed(name, "q8", {"loss": "J", "user": "i", "item": "j", "factor": "s"})
    text = "\n".join(f"&= {line.latex} \\\\" for line in way())
    assert score(asked, text).points == asked.question.points
