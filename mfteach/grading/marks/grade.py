"""Grades one submission or a whole class: every student gets a result, whatever was submitted."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from traceback import format_exc
from typing import Protocol

import numpy as np

from mfteach.console import UsageError
from mfteach.grading.assignments.given import given, variant_file
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.questions import Choice
from mfteach.grading.assignments.variants import Variant, draw, sample
from mfteach.grading.files import steps, write_json
from mfteach.grading.marks import gradebook
from mfteach.grading.marks.alike import alike
from mfteach.grading.marks.fence import Fence
from mfteach.grading.marks.functions import score_function
from mfteach.grading.marks.once import counted_once
from mfteach.grading.marks.results import FAILED, ClassResult, Mark, Result, without_answers
from mfteach.grading.marks.score import Score, score_typed
from mfteach.grading.sandbox.session import Session
from mfteach.grading.settings import Course, Secrets, fingerprint
from mfteach.grading.students import is_id, shown
from mfteach.grading.students import students as submitters
from mfteach.grading.submissions import apart
from mfteach.grading.submissions import notebooks as submissions
from mfteach.grading.submissions import typed as answers
from mfteach.grading.submissions.notebooks import Refusal, Submission

log = logging.getLogger(__name__)
HISTORY = "history.json"


class AnySandbox(Protocol):
    """What runs student code; see `mfteach.grading.sandbox.sandbox`."""

    def session(self, program: Sequence[str], seconds: float) -> AbstractContextManager[Session]:
        """Run a submission."""


@dataclass(frozen=True)
class Graded:
    """A result, and what the marker's page and ``--explain`` show in addition.

    Parameters
    ----------
    result : Result
    scores : tuple of Score
        In the order of the questions; none if the submission was refused.
    sources : dict of str to str
        What the student wrote, by question.
    variant : Variant or None
        The questions as the student got them.
    is_doubtful : bool
        Whether time ran out while the machine was busy: to be graded once more, alone.
    """

    result: Result
    scores: tuple[Score, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    variant: Variant | None = None
    is_doubtful: bool = False


@dataclass(frozen=True)
class Grader:
    """Grades submissions of one assignment.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    sandbox : AnySandbox
    time_limit : float
        Seconds for the code of one submission, as the sandbox's `Clock` counts them.
    secrets : Secrets
    """

    course: Course
    assignment: Assignment
    sandbox: AnySandbox
    time_limit: float
    secrets: Secrets

    def grade(self, student: str) -> Graded:
        """Return what a student earned. Whatever goes wrong becomes the student's result."""
        try:
            submission = submissions.read(self.course.folder, student, self.assignment.name)
            return self._grade(apart.parsed(submission))
        except Refusal as refusal:
            return Graded(self._nothing(student, refusal.label, refusal.reason))
        except Exception as error:  # one submission must not stop the class: log it, and go on
            where = "\n".join(shown(line) for line in format_exc().splitlines())
            log.error("%s: could not be graded\n%s", shown(student), where)
            reason = f"Grading stopped with {type(error).__name__}: a person has to look at it."
            return Graded(self._nothing(student, FAILED, reason))

    def variant(self, student: str) -> Variant:
        """Return the questions as this student got them: their own variant, or the sample.

        Raises
        ------
        UsageError
            If the variants were drawn from another seed.
        """
        if not variant_file(self.course.folder, student, self.assignment.name).is_file():
            return sample(self.assignment)
        return draw(self.assignment, self.secrets.seed, student)

    def _nothing(self, student: str, label: str, reason: str) -> Result:
        questions = [(question.name, question.points) for question in self.assignment.questions]
        return without_answers(student, questions, label, reason)

    def _grade(self, submission: Submission) -> Graded:
        variant = self.variant(submission.student)
        program = answers.program(submission)
        with self.sandbox.session(program, self.time_limit) as session:
            each = tuple(self._scores(submission, variant, program, session))
            scores = counted_once(variant.answers, each)
            notes = [submission.note, _left_out(session)]
            is_doubtful = session.is_doubtful
        submitted_at = submission.submitted_at
        result = Result(
            submission.student,
            tuple(
                _mark(question.name, score)
                for question, score in zip(self.assignment.questions, scores, strict=True)
            ),
            reason=" ".join(note for note in notes if note),
            digest=submission.digest,
            submitted_at=submitted_at.isoformat() if submitted_at else None,
        )
        sources = {q.name: answers.source(submission, q) for q in self.assignment.questions}
        return Graded(result, scores, sources, variant, is_doubtful)

    def _scores(
        self, submission: Submission, variant: Variant, program: list[str], session: Session
    ) -> Iterator[Score]:
        for question in self.assignment.questions:
            posed = variant.answers[question.name]
            if question.kind == "function":
                rng = self._rng(submission, question.name)
                yield score_function(posed, session, program, rng)
            else:
                yield score_typed(posed, answers.typed(submission, question), session)

    def _rng(self, submission: Submission, question: str) -> np.random.Generator:
        """Inputs that the student cannot know, but that are the same on a regrade."""
        message = f"{submission.digest}/{self.assignment.name}/{question}".encode()
        digest = hmac.new(self.secrets.secret, message, hashlib.sha256).digest()
        return np.random.default_rng(int.from_bytes(digest))


def _left_out(session: Session) -> str:
    """What the student's row says about cells that were skipped."""
    failures = {outcome.failure for outcome in session.cell_failures.values()}
    if failures.isdisjoint({"time limit", "crashed"}):
        return ""
    return "A cell that took too long, or ended the process, was skipped."


def _mark(question: str, score: Score) -> Mark:
    return Mark(question, score.points, score.max_points, score.label, score.reason, score.answer)


def check_seed(course: Course, secrets: Secrets) -> None:
    """Check that the variants which students have were drawn from this seed.

    Raises
    ------
    UsageError
        If they were not: every answer would be compared with the wrong numbers.
    """
    file = course.folder / "variants" / "seed.txt"
    if file.is_file() and file.read_text(encoding="utf-8").strip() != fingerprint(secrets.seed):
        raise UsageError(
            f"the variants in {file.parent} were not drawn from the seed in "
            f"{course.secrets_file}: put the right secrets file there, or name it in course.toml"
        )


# A class -----------------------------------------------------------------------------------------


def grade_class(
    grader: Grader, processes: int, progress: Callable[[], object] = lambda: None
) -> ClassResult:
    """Grade all submissions of an assignment and store the results.

    Whose time ran out while the machine was busy is graded once more, alone, at the end. What goes
    wrong while a result is stored is noted in that student's row.

    This writes ``graded/STUDENT/ASSIGNMENT/DIGEST.json``, ``reports/ASSIGNMENT.json`` and, if
    there is a gradebook, into it and ``autograded/``.

    Parameters
    ----------
    grader : Grader
    processes : int
        How many submissions run at a time.
    progress : callable
        Called when a submission is settled.
    """
    course, assignment = grader.course.folder, grader.assignment
    graded: dict[str, Graded] = {}
    with ThreadPoolExecutor(processes) as pool:
        jobs = {pool.submit(grader.grade, student): student for student in submitters(course)}
        try:
            for job in as_completed(jobs):
                graded[jobs[job]] = one = job.result()
                if not one.is_doubtful:
                    progress()
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    for student, one in graded.items():
        if one.is_doubtful:
            graded[student] = _noted(grader.grade(student))
            progress()
    in_order = [graded[student] for student in jobs.values()]
    fence = Fence()
    for one in in_order:
        if one.result.digest is not None:
            with fence.around(one.result.student, "The result could not be kept"):
                keep(course, assignment.name, one.result)
    if gradebook.is_used(course):
        entries = _entries(grader, in_order)
        with steps(f"{assignment.name}, gradebook", len(entries)) as step:
            gradebook.record(course, assignment, entries, fence, step)
    results = tuple(one.result for one in in_order)
    result = ClassResult(assignment.name, results, _distractors(in_order))
    result = _with_alike(_with_duplicates(fence.noted(result)), in_order)
    result.save(course)
    return result


def _noted(graded: Graded) -> Graded:
    """What was graded alone, with a word about it if the machine was too busy even so."""
    if not graded.is_doubtful:
        return graded
    note = "The machine was too busy to give this submission its time: grade it again."
    reason = f"{graded.result.reason} {note}".strip()
    return replace(graded, result=replace(graded.result, reason=reason))


def _entries(grader: Grader, graded: Sequence[Graded]) -> list[gradebook.Entry]:
    name = grader.assignment.name
    return [
        gradebook.Entry(
            one.result, one.sources, given(grader.course.folder, name, one.result.student)
        )
        for one in graded
        if one.result.digest is not None
    ]


def _distractors(graded: Sequence[Graded]) -> dict[str, tuple[str, ...]]:
    """Return the labels of all wrong options that somebody could choose, by question."""
    found: dict[str, dict[str, None]] = {}
    for one in graded:
        for name, posed in one.variant.answers.items() if one.variant else ():
            if isinstance(posed.check, Choice):
                labels = dict.fromkeys(slip.label for slip in posed.check.slips)
                found.setdefault(name, {}).update(labels)
    return {name: tuple(labels) for name, labels in found.items()}


def _with_duplicates(result: ClassResult) -> ClassResult:
    """Note who submitted the same file, byte for byte; the points stay the same."""
    by_digest: dict[str, list[str]] = {}
    for one in result.results:
        if one.digest is not None:
            by_digest.setdefault(one.digest, []).append(one.student)
    results = []
    for one in result.results:
        others = [s for s in by_digest.get(one.digest or "", []) if s != one.student]
        results.append(replace(one, same_as=tuple(others)))
    return replace(result, results=tuple(results))


def _with_alike(result: ClassResult, graded: Sequence[Graded]) -> ClassResult:
    """Note whose answers are alike, for the instructor alone; the points stay the same."""
    sources = {one.result.student: one.sources for one in graded}
    variants = {one.result.student: one.variant for one in graded if one.variant}
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        for first, other, what in alike(result.results, sources, variants):
            found.setdefault(first, []).append((other, what))
    except Exception:  # it is a help for the instructor: marks do not depend on it
        where = "\n".join(shown(line) for line in format_exc().splitlines())
        log.error("answers could not be compared with one another\n%s", where)
    results = (replace(one, alike=tuple(found.get(one.student, ()))) for one in result.results)
    return replace(result, results=tuple(results))


def keep(course: Path, assignment: str, result: Result) -> None:
    """Store a result beside those of earlier submissions; `history` is in order of grading."""
    if result.digest is None or not is_id(result.student):
        raise ValueError(f"{result.student}: there is nothing to keep")
    folder = course / "graded" / result.student / assignment
    name = result.digest[:12]
    marks = [asdict(mark) for mark in result.marks]
    data = {"student": result.student, "assignment": assignment, "digest": result.digest}
    write_json(folder / f"{name}.json", {**data, "reason": result.reason, "marks": marks})
    known = history(course, result.student, assignment)
    if name not in known:
        write_json(folder / HISTORY, [*known, name])


def history(course: Path, student: str, assignment: str) -> list[str]:
    """Return the distinct submissions of a student, by digest, in the order of first grading."""
    file = course / "graded" / student / assignment / HISTORY
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []
