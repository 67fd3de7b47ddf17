"""Which notebook a student was given: their own variant, or the release."""

from __future__ import annotations

from pathlib import Path


def release_file(course: Path, assignment: str) -> Path:
    """Return the notebook that the class was given."""
    return course / "release" / assignment / f"{assignment}.ipynb"


def variant_file(course: Path, student: str, assignment: str) -> Path:
    """Return where a student's own notebook is, if they have one."""
    return course / "variants" / student / assignment / f"{assignment}.ipynb"


def given(course: Path, assignment: str, student: str) -> Path:
    """Return the notebook that a student was given."""
    variant = variant_file(course, student, assignment)
    return variant if variant.is_file() else release_file(course, assignment)
