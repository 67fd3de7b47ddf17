"""The mfteach that student code imports in the sandbox, without what students have to write."""

from __future__ import annotations

import compileall
import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
KEPT = ("arguments", "matrices", "datasets")
"""Whole folders that an answer may use. No loss, no gradient, no solver, no symbols, no checks."""
_WORKER = ("worker.py", "wire.py")  # the program in the sandbox, and all that it imports


def build(folder: Path) -> Path:
    """Write the thinned package, with the worker, into ``folder``, and return the worker's path.

    Everything is readable by all: in the sandbox another user reads it.

    Raises
    ------
    OSError
        If the folder cannot be written, or already contains such a package.
    """
    here, package = Path(__file__).parent, folder / "mfteach"
    sandbox = package / "grading" / "sandbox"
    sandbox.mkdir(parents=True)
    shutil.copyfile(here / "while_grading.py", package / "__init__.py")
    for empty in (sandbox.parent, sandbox):
        (empty / "__init__.py").touch()
    for name in _WORKER:
        shutil.copyfile(here / name, sandbox / name)
    for name in KEPT:
        _copy_sources(PACKAGE / name, package / name)
    compileall.compile_dir(package, quiet=2)  # in the sandbox nothing can be written
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return sandbox / "worker.py"


def _copy_sources(source: Path, target: Path) -> None:
    """Copy the Python files of a folder and those below it: no caches, no editor files."""
    for file in sorted(source.rglob("*.py")):
        if file.is_file():  # an editor's lock file may be a broken link
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
