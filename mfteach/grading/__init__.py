"""Grading: reads, runs and scores what students submit.

Lessons: none; it grades the assignments of lessons 01-14.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_PLACES = {
    "expect": "plain_nbgrader",
    "part": "properties",
    "up_to_a_factor": "properties",
}


def __getattr__(name: str) -> Any:
    """Load what checks need when they need it: it takes SymPy, and feedback does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = _PLACES.get(name, "questions")
    return getattr(import_module(f"{__name__}.assignments.{place}"), name)
