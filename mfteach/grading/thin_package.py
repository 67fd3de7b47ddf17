"""The mfteach that student code meets in the sandbox, without what it is asked to write."""

from __future__ import annotations

import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
KEPT = ("ratings.py", "factors.py", "datasets.py", "delimited.py", "errors.py")
"""What an answer may use. No loss, no gradient, no solver, no symbols, no checks."""
WORKER = ("worker.py", "values.py")

_INIT = '''"""mfteach while grading: ratings and factors; the rest is what the student writes."""


def exercise(*facts, **more):
    """Nothing: the grader knows the exercise."""


def check(*answer, **more):
    """Nothing: the grader checks."""


def __getattr__(name):
    from importlib import import_module

    if name in {"ratings", "factors", "datasets", "errors"}:
        return import_module("mfteach." + name)
    if name in {"Ratings", "Factors"}:
        return getattr(import_module("mfteach." + name.lower()), name)
    raise AttributeError(f"mfteach.{name} is not available while grading: write it with NumPy")
'''


def build(folder: Path) -> Path:
    """Write the thinned package, with the worker in it, into ``folder``; the worker's path.

    Everything is readable for all: in the sandbox it is read by another user.
    """
    package = folder / "mfteach"
    grading = package / "grading"
    grading.mkdir(parents=True)
    (package / "__init__.py").write_text(_INIT)
    (grading / "__init__.py").write_text("")
    for source, target, names in (
        (PACKAGE, package, KEPT),
        (PACKAGE / "grading", grading, WORKER),
    ):
        for name in names:
            shutil.copyfile(source / name, target / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return grading / "worker.py"
