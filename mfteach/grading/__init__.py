"""Grading: reads, runs and scores what students submit.

Lessons: none; it grades the assignments of lessons 01-14.
"""

from mfteach.grading.assignments.plain_nbgrader import expect
from mfteach.grading.assignments.properties import part, up_to_a_factor
from mfteach.grading.assignments.questions import (
    Choice,
    Derivation,
    Formula,
    Implementation,
    Number,
    Slip,
    source_of,
)

__all__ = [
    "Choice",
    "Derivation",
    "Formula",
    "Implementation",
    "Number",
    "Slip",
    "expect",
    "part",
    "source_of",
    "up_to_a_factor",
]
