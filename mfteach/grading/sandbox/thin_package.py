"""The mfteach that student code meets in the sandbox, without what it is asked to write."""

from __future__ import annotations

import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
KEPT = ("matrices", "datasets")
"""What an answer may use. No loss, no gradient, no solver, no symbols, no checks."""
WORKER = ("worker.py", "wire.py")

_INIT = '''"""mfteach while grading: ratings and factors; the rest is what the student writes."""


def exercise(*facts, **more):
    """Nothing: the grader knows the exercise."""


def check(*answer, **more):
    """Nothing: the grader checks."""


def __getattr__(name):
    from importlib import import_module

    if name in {"matrices", "datasets"}:
        return import_module("mfteach." + name)
    if name in {"Ratings", "Factors"}:
        return getattr(import_module("mfteach.matrices"), name)
    raise AttributeError(f"mfteach.{name} is not available while grading: write it with NumPy")
'''


def build(folder: Path) -> Path:
    """Write the thinned package, with the worker in it, into ``folder``; the worker's path.

    Everything is readable for all: in the sandbox it is read by another user.
    """
    package = folder / "mfteach"
    sandbox = package / "grading" / "sandbox"
    sandbox.mkdir(parents=True)
    (package / "__init__.py").write_text(_INIT)
    for empty in (sandbox.parent, sandbox):
        (empty / "__init__.py").write_text("")
    for name in KEPT:
        shutil.copytree(
            PACKAGE / name, package / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in WORKER:
        shutil.copyfile(Path(__file__).with_name(name), sandbox / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return sandbox / "worker.py"
