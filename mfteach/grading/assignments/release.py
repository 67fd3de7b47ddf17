"""What students get: source -> check cells -> nbgrader's generate_assignment -> numbers filled in.

nbgrader strips a source once, with its «placeholders» still in it; a variant only fills them in.
Nothing is written before it passes the leak check.
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mfteach.first_lines import with_first_lines
from mfteach.grading.assignments.check_cells import misfits, with_check_cells
from mfteach.grading.assignments.leaks import leaks
from mfteach.grading.assignments.question_files import Assignment, assignment_names
from mfteach.grading.assignments.variants import Variant, draw, sample
from mfteach.grading.settings import fingerprint
from mfteach.grading.students import is_id

__all__ = [
    "ReleaseError",
    "build",
    "check_release",
    "main",
    "rendered_source",
    "write_release",
    "write_variants",
    "write_zip",
]

Notebook = dict[str, Any]
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date in a zip: the same bytes every day


class ReleaseError(ValueError):
    """A notebook that must not be given to students; names the assignment and each problem."""

    def __init__(self, assignment: str, problems: Iterable[str]) -> None:
        super().__init__("\n".join([f"{assignment} cannot be released:", *problems]))


# From source to release --------------------------------------------------------------------------


def rendered_source(course: Path, variant: Variant) -> Notebook:
    """Return the whole source, solutions and hidden tests included, for one variant.

    This is what plain nbgrader takes as its source.

    Raises
    ------
    ReleaseError
        If the cells of the source do not match the question file.
    """
    return _fill(_whole_source(course, variant.assignment), variant)


def build(course: Path, assignment: Assignment, variant: Variant | None = None) -> str:
    """Return the text of the release notebook, for the sample variant if none is given.

    Raises
    ------
    ReleaseError
        If anything meant only for instructors would be left in it.
    """
    return _rendered(_template(course, assignment), course, variant or sample(assignment))


def write_release(course: Path, name: str) -> bool:
    """Build ``release/NAME/NAME.ipynb`` and return whether its bytes changed."""
    text = build(course, Assignment.load(course, name))
    return _write(_release_file(course, name), text)


def write_variants(
    course: Path, assignment: Assignment, students: Sequence[str], seed: bytes
) -> list[Path]:
    """Write ``variants/STUDENT/NAME/NAME.ipynb`` for each student and return the files.

    ``variants/seed.txt`` keeps a fingerprint of the seed, so that grading can check that it is the
    same.

    Raises
    ------
    ValueError
        If a student's id is not valid, or there are already variants of another seed.
    """
    refused = [student for student in students if not is_id(student)]
    if refused:
        raise ValueError(
            f"{', '.join(map(repr, refused))}: an id has 1 to 64 of the characters "
            "A-Z a-z 0-9 _ . @ - and does not begin with . or -"
        )
    mark = Path(course, "variants", "seed.txt")
    if mark.is_file() and mark.read_text().strip() != fingerprint(seed):
        raise ValueError(
            f"{mark.parent} contains variants of another seed, which your students may have: "
            "restore the old secrets, or move that folder away"
        )
    _write(mark, fingerprint(seed) + "\n")
    template = _template(course, assignment)
    files = []
    for student in students:
        file = Path(course, "variants", student, assignment.name, f"{assignment.name}.ipynb")
        _write(file, _rendered(template, course, draw(assignment, seed, student)))
        files.append(file)
    return files


def check_release(course: Path) -> list[str]:
    """Rebuild every release and return how the stored ones differ, problem by problem."""
    names = assignment_names(course)
    folders = {folder.name for folder in Path(course, "release").glob("*/")}
    problems = [f"release/{name}: there is no such assignment" for name in folders - set(names)]
    for name in names:
        try:
            text = build(course, Assignment.load(course, name))
        except ValueError as error:  # a question file, a draw or a leak: report it, and go on
            problems.append(str(error))
            continue
        file = _release_file(course, name)
        if not file.is_file():
            problems.append(f"{name}: the release is missing; run make release")
        elif file.read_bytes() != text.encode():
            problems.append(f"{name}: the release does not match its source; run make release")
    return sorted(problems)


def write_zip(course: Path, file: Path) -> Path:
    """Pack what students need: the release notebooks, a README and the license of the texts."""
    names = assignment_names(course)
    contents = {f"{name}/{name}.ipynb": _release_file(course, name) for name in names}
    contents["README.md"] = Path(course) / "STUDENTS.md"
    licence = Path(course).resolve().parent / "LICENSE-CONTENT"
    if licence.is_file():  # a course outside this repository has its own
        contents["LICENSE-CONTENT"] = licence
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"mfteach-exercises/{name}", LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, contents[name].read_bytes(), zipfile.ZIP_DEFLATED)
    return file


def _whole_source(course: Path, assignment: Assignment) -> Notebook:
    """Return the source with first lines and check cells; its «placeholders» are still in it."""
    source = _read(Path(course, "source", assignment.name, f"{assignment.name}.ipynb"))
    problems = list(misfits(source, assignment))
    if problems:
        raise ReleaseError(assignment.name, problems)
    first = next(cell for cell in source["cells"] if cell["cell_type"] == "code")
    first["source"] = with_first_lines(first["source"])
    return with_check_cells(source, assignment)


# nbgrader ----------------------------------------------------------------------------------------


def _template(course: Path, assignment: Assignment) -> Notebook:
    """Let nbgrader strip the source, in a temporary folder."""
    name = assignment.name
    source = _whole_source(course, assignment)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "source", name, f"{name}.ipynb")
        _write(file, _text(source))
        _generate_assignment(Path(course, "nbgrader_config.py"), Path(folder), name)
        return _read(Path(folder, "release", name, f"{name}.ipynb"))


def _generate_assignment(settings: Path, root: Path, name: str) -> None:
    try:
        from nbgrader.apps import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config.loader import PyFileConfigLoader
    except ImportError as error:
        raise ReleaseError(
            name, [f"{error}. Install what instructors need: pip install 'mfteach[grading]'"]
        ) from error
    config = PyFileConfigLoader(settings.name, path=str(settings.parent)).load_config()
    config.CourseDirectory.root = str(root)
    config.GenerateAssignment.no_database = True  # these two are its --no-db
    config.SaveCells.enabled = False
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    result = api.generate_assignment(name)
    if not result["success"]:
        raise ReleaseError(name, [result.get("error") or "", result.get("log") or ""])


# Rendering ---------------------------------------------------------------------------------------


def _rendered(template: Notebook, course: Path, variant: Variant) -> str:
    notebook = _fill(template, variant)
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if "checksum" in about:
            about["checksum"] = _checksum(cell)
    problems = leaks(notebook, rendered_source(course, variant), variant)
    if problems:
        raise ReleaseError(variant.assignment.name, problems)
    return _text(notebook)


def _fill(notebook: Notebook, variant: Variant) -> Notebook:
    filled = copy.deepcopy(notebook)
    for cell in filled["cells"]:
        try:
            cell["source"] = variant.fill(cell["source"]).rstrip()
        except ValueError as error:
            raise ReleaseError(variant.assignment.name, [f"{cell['id']}: {error}"]) from error
    return filled


def _checksum(cell: dict[str, Any]) -> str:
    from nbformat import NotebookNode, from_dict
    from nbgrader.utils import compute_checksum

    node: NotebookNode = from_dict(cell)
    return str(compute_checksum(node))


def _read(file: Path) -> Notebook:
    notebook: Notebook = json.loads(file.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def _text(notebook: Notebook) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _write(file: Path, text: str) -> bool:
    if file.is_file() and file.read_bytes() == text.encode():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return True


def _release_file(course: Path, name: str) -> Path:
    return Path(course, "release", name, f"{name}.ipynb")


# make release ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Build every release and the zip for students.

    Exit status 1 if one of them cannot be built, or if a stored release did not match its source:
    it has then been rebuilt, and has to be reviewed and committed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m mfteach.grading.assignments.release", description=__doc__
    )
    parser.add_argument("--course", type=Path, default=Path("exercises"))
    parser.add_argument("--zip", type=Path, default=Path("_build/mfteach-exercises.zip"))
    options = parser.parse_args(arguments)
    drifted = []
    try:
        for name in assignment_names(options.course):
            was_there = _release_file(options.course, name).is_file()
            changed = write_release(options.course, name)
            drifted += [name] if changed and was_there else []
            print(f"{name}: {'written' if changed else 'unchanged'}")
    except ValueError as error:
        print(error)
        return 1
    print(f"for students: {write_zip(options.course, options.zip)}")
    if drifted:
        print(
            f"{', '.join(drifted)}: the stored release did not match its source. "
            "It has been rebuilt: review it, and commit it."
        )
    return 1 if drifted else 0


if __name__ == "__main__":
    raise SystemExit(main())
