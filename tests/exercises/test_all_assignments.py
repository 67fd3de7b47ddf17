"""What is true of every assignment with a question file: a new one needs no further test."""

import re

import numpy as np
import pytest
from cases import some
from classes import CLASS, COURSE, NAMES, SEED, load

import mfteach
from mfteach.answers.derivations.whole_texts import rows
from mfteach.answers.promises import CONTRACTS
from mfteach.grading.assignments import release
from mfteach.grading.assignments.leaks import leaks
from mfteach.grading.assignments.variants import draw, sample
from mfteach.grading.marks.functions import score_function
from mfteach.grading.marks.score import score_typed
from mfteach.grading.sandbox.session import Outcome
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.typed import program, typed

FEW = CLASS[:3]

every_assignment = pytest.mark.parametrize("name", NAMES)


class Here:
    """A session without a sandbox, for code of our own."""

    cell_failures = {}  # noqa: RUF012

    def __init__(self, cells):
        self.names = {"np": np}
        exec("\n\n".join(cells), self.names)

    def call(self, function, arguments):
        return Outcome(value=self.names[function](*arguments))

    def value(self, variable):
        return Outcome(value=self.names[variable])


def score(posed, answer):
    """Score what a student typed, from its cell on."""
    question = posed.question
    is_function = question.kind == "function"
    source = answer if is_function else f"{question.name} = {answer!r}"
    submission = Submission("s001", (Cell("code", source, question.name),), "0" * 64)
    submission = submission.with_code(syntax.read(submission.sources))
    if is_function:
        cells = program(submission)
        return score_function(posed, Here(cells), cells, np.random.default_rng(1))
    return score_typed(
        posed, typed(submission, question), Here([] if isinstance(answer, str) else [source])
    )


def graded(variant):
    return [posed for posed in variant.answers.values() if posed.check is not None]


# Form --------------------------------------------------------------------------------------------


def test_there_are_assignments():
    assert "03-power-rule" in NAMES


@every_assignment
def test_four_to_eight_questions_of_several_kinds_one_of_them_a_text(name):
    assignment = load(name)
    kinds = [question.kind for question in assignment.questions]
    assert 4 <= len(kinds) <= 8
    assert kinds.count("text") == 1
    assert len(set(kinds)) >= 3
    assert assignment.lesson == name[:2]
    assert all(len(question.hint) > 20 for question in assignment.questions)


@every_assignment
def test_contracts_exist(name):
    wanted = {q.facts["contract"] for q in load(name).questions if "contract" in q.facts}
    assert wanted <= set(CONTRACTS)


@every_assignment
def test_the_source_notebook_has_the_standard_form(name):
    assignment, notebook = load(name), release.rendered_source(COURSE, sample(load(name)))
    cells = {cell["id"]: cell["source"] for cell in notebook["cells"]}
    assert cells["title"].startswith(f"# Exercises {assignment.lesson}: {assignment.title}\n")
    assert "\nAfter Robin Burke, *Recommender Systems: Mathematical Foundations*" in cells["title"]
    assert re.search(r"Time: \d+ minutes", cells["title"])
    for number, question in enumerate(assignment.questions, 1):
        text = cells[f"{question.name}-question"]
        assert text.startswith(f"## {number}. ")
        points = f"({question.points} point{'s' * (question.points > 1)}"
        assert points in text.splitlines()[0]
        assert "<details><summary>Hint</summary>" in text
        if question.kind != "text":
            assert f'expect("{name}", "{question.name}", ' in cells[f"{question.name}-check"]
    assert all(not cell.get("outputs") for cell in notebook["cells"])


# Marks -------------------------------------------------------------------------------------------


@every_assignment
@pytest.mark.parametrize("student", some(FEW, 1))
def test_right_answers_get_full_marks_and_each_slip_less_with_its_own_diagnosis(name, student):
    for posed in graded(draw(load(name), SEED, student)):
        question = posed.question
        found = score(posed, posed.right)
        assert (found.points, found.label) == (question.points, "right"), (question.name, found)
        wrong = [(slip, score(posed, answer)) for answer, slip in posed.wrong]
        assert len(wrong) >= 3
        for slip, found in wrong:
            assert (found.points, found.label) == (slip.points, slip.label), (question.name, found)
            assert slip.points < question.points
            assert found.reason.startswith(slip.diagnosis)
        assert len({found.reason for _, found in wrong}) == len(wrong)


@every_assignment
def test_the_solutions_of_the_source_get_full_marks(name):
    variant = sample(load(name))
    notebook = release.rendered_source(COURSE, variant)
    cells = tuple(
        Cell(cell["cell_type"], cell["source"], cell["metadata"]["nbgrader"]["grade_id"])
        for cell in notebook["cells"]
    )
    submission = Submission("s001", cells, "0" * 64)
    submission = submission.with_code(syntax.read(submission.sources))
    for posed in graded(variant):
        if posed.question.kind == "function":
            own = [cell.source for cell in cells if cell.grade_id == posed.question.name]
            found = score_function(posed, Here(own), own, np.random.default_rng(2))
        else:
            found = score_typed(posed, typed(submission, posed.question), Here([]))
        assert found.label == "right", (posed.question.name, found)


@every_assignment
def test_no_diagnosis_reveals_the_right_answer(name):
    for student in FEW:
        for posed in graded(draw(load(name), SEED, student)):
            for _, slip in posed.wrong:
                assert not tells(slip.diagnosis, posed), (posed.question.name, slip)


def tells(text, posed):
    """Whether a text contains the right answer."""
    if posed.question.kind == "choice":
        return posed.check.right in text or f"Noted: {posed.right}." in text
    if posed.question.kind == "function":
        lines = [line.strip() for line in posed.right.splitlines()[1:]]
        return any(line in text for line in lines if len(line) > 8)
    if posed.question.kind == "derivation":  # start and goal are printed
        return any(line in text for line in rows(posed.right)[:-1])
    if posed.question.kind == "formula":
        right = re.escape("".join(posed.right.split()))
        return bool(re.search(rf"(?<![\w.^*/-]){right}", "".join(text.split())))
    return bool(re.search(rf"(?<![\w.^/-]){re.escape(str(posed.right))}(?![\w.^/])", text))


@every_assignment
def test_the_check_in_the_notebook_never_reveals_the_right_answer(name, capsys):
    for student in FEW[:1]:
        variant = draw(load(name), SEED, student)
        mfteach.exercise(name, variant.facts)
        for posed in graded(variant):
            if posed.question.kind == "function":
                continue  # their replies contain a contract's words and the student's own values
            for answer in ["", None, "?", *(wrong for wrong, _ in posed.wrong)]:
                mfteach.check(posed.question.name, answer)
                told = capsys.readouterr().out
                typed_lines = len(rows(answer or "")) if posed.question.kind == "derivation" else 0
                costs = sum(
                    "costs a step" in said or "not count" in said for said in told.split("\n")
                )
                assert told.count("\n") == (typed_lines + 2 + costs if typed_lines else 1)
                assert not tells(told, posed), (posed.question.name, told)


@every_assignment
def test_the_contract_takes_the_reference_and_names_no_other_fault(name, capsys):
    variant = sample(load(name))
    mfteach.exercise(name, variant.facts)
    for posed in graded(variant):
        if posed.question.kind == "function":
            mfteach.check(posed.question.name, posed.check.reference)
            assert "Not yet" not in capsys.readouterr().out


# Variants and release ----------------------------------------------------------------------------


@every_assignment
def test_the_variants_of_students_have_no_leaks(name, tmp_path):
    assignment = load(name)
    template = release._template(COURSE, assignment)
    for student in FEW:
        variant = draw(assignment, SEED, student)
        notebook = release._fill(template, variant)
        assert leaks(notebook, release.rendered_source(COURSE, variant), variant) == []


def test_the_releases_match_their_sources():
    assert release.check_release(COURSE) == []
