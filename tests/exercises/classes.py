"""The assignments, and what a class of 200 gets: drawn once for all tests of this folder."""

from collections import defaultdict
from functools import cache
from pathlib import Path

from mfteach.grading.assignments.question_files import Assignment, assignment_names
from mfteach.grading.assignments.variants import draw

COURSE = Path(__file__).parents[2] / "exercises"
NAMES = assignment_names(COURSE)
CLASS = [f"s{number:03}" for number in range(1, 201)]
SEED = b"the seed of a class that does not exist"

load = cache(lambda name: Assignment.load(COURSE, name))


@cache
def drawn(name):
    """What each student gets in an assignment, by question."""
    found = defaultdict(list)
    for student in CLASS:
        for question, posed in draw(load(name), SEED, student).answers.items():
            found[question].append(posed)
    return found


def questions(*kinds):
    """The assignments and names of all questions of some kinds."""
    return [
        (name, question.name)
        for name in NAMES
        for question in load(name).questions
        if question.kind in kinds
    ]
