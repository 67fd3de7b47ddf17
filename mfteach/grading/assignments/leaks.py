"""What must not be in a release: solutions, hidden tests, right answers, anywhere in the file.

Each rule takes the release, the source for the same variant, and the variant, and yields a
sentence for each leak that it finds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from mfteach.answers.derivations.whole_texts import rows
from mfteach.answers.missing import is_missing
from mfteach.grading.assignments.questions import Derivation, Formula, Number
from mfteach.grading.assignments.variants import Posed, Variant

__all__ = ["RULES", "leaks"]

Notebook = dict[str, Any]
_MARKERS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_LONG = 8  # lines of at least this length are looked for inside other lines too
_METADATA = {"nbgrader", "deletable", "editable"}
_NBGRADER = {"cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version"}
_NBGRADER |= {"solution", "task"}
_NOTEBOOK = {"kernelspec", "language_info"}


def leaks(release: Notebook, source: Notebook, variant: Variant) -> list[str]:
    """Return what the rules found, in the order of `RULES`; nothing if the release is clean."""
    return [problem for rule in RULES for problem in rule(release, source, variant)]


def no_markers(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """No BEGIN or END of a region is left."""
    for where, text in _strings(release):
        for marker in _MARKERS:
            if f"BEGIN {marker}" in text or f"END {marker}" in text:
                yield f"{where}: a marker of nbgrader is left: {marker}"


def no_solutions(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """No line of a solution is left, unless the source shows it outside solutions too."""
    yield from _leftover_lines(release, source, "SOLUTION")


def no_hidden_tests(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """No line of a hidden test is left."""
    yield from _leftover_lines(release, source, "HIDDEN TESTS")


def no_placeholders(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """Every «placeholder» was filled in."""
    for where, text in _strings(release):
        if "«" in text or "»" in text:
            yield f"{where}: a placeholder was not filled in"


def no_outputs(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """No output, no execution count, no attachment."""
    for cell in release["cells"]:
        for key in ("outputs", "execution_count", "attachments"):
            if cell.get(key):
                yield f"{cell['id']}: {key} must be empty"


def no_foreign_metadata(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """Metadata contains what nbgrader and Jupyter need, and nothing else."""
    for key in release["metadata"].keys() - _NOTEBOOK:
        yield f"the notebook's metadata: {key}"
    for cell in release["cells"]:
        metadata = cell["metadata"]
        for key in metadata.keys() - _METADATA | metadata.get("nbgrader", {}).keys() - _NBGRADER:
            yield f"{cell['id']}: the metadata {key}"


def nothing_answered(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """Every answer cell is there, and empty."""
    sources = _by_grade_id(release)
    for name, posed in variant.answers.items():
        if name not in sources:
            yield f"{name}: its answer cell is missing"
        elif posed.question.kind == "function":
            if not _only_raises(sources[name], posed.question.facts["name"]):
                yield f"{name}: the function does more than raise NotImplementedError"
        elif posed.question.kind != "text" and not _is_empty(sources[name], name):
            yield f'{name}: the answer must be "" or None, or blank lines'


def no_right_answers(release: Notebook, source: Notebook, variant: Variant) -> Iterator[str]:
    """No right formula, line or diagnosis anywhere, no right number in the cells to fill in."""
    texts = list(_strings(release))
    sources = _by_grade_id(release)
    for name, posed in variant.answers.items():
        secret = [*map(_spaceless, _secret_lines(posed))]
        for where, text in texts:
            if secret and any(line in _spaceless(text) for line in secret):
                yield f"{where}: the right answer of {name}"
            for slip in posed.check.slips if posed.check else ():
                if slip.diagnosis in text:
                    yield f"{where}: the diagnosis of a slip of {name}"
        if isinstance(posed.check, Number):
            cells = "\n".join(sources.get(cell, "") for cell in (name, f"{name}-check"))
            if re.search(rf"(?<![\w./-]){re.escape(str(posed.right))}(?![\w./])", cells):
                yield f"{name}: the right number is in the answer cell"


RULES: tuple[Callable[[Notebook, Notebook, Variant], Iterator[str]], ...] = (
    no_markers,
    no_solutions,
    no_hidden_tests,
    no_placeholders,
    no_outputs,
    no_foreign_metadata,
    nothing_answered,
    no_right_answers,
)


# Looking into notebooks --------------------------------------------------------------------------


def _strings(value: Any, where: str = "the notebook") -> Iterator[tuple[str, str]]:
    """Every text in a notebook, keys included, with the cell that it is in."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry, where)
    elif isinstance(value, dict):
        where = value.get("id", where) if "cell_type" in value and "source" in value else where
        for key, entry in value.items():
            yield where, key
            yield from _strings(entry, where)


def _secret_lines(posed: Posed) -> list[str]:
    """Return a right formula, or the lines of a right derivation before the goal."""
    if isinstance(posed.check, Formula):
        return [posed.right]
    if isinstance(posed.check, Derivation):
        return [line for line in rows(posed.right)[:-1] if line != posed.facts["start"]]
    return []


def _leftover_lines(release: Notebook, source: Notebook, marker: str) -> Iterator[str]:
    inside, outside = _split(source, marker)
    secret = inside - outside
    for where, text in _strings(release):
        lines = {line.strip() for line in text.splitlines()}
        for line in sorted(secret):
            if line in lines or (len(line) >= _LONG and line in text):
                yield f"{where}: a line of {marker} is left: {line}"


def _split(source: Notebook, marker: str) -> tuple[set[str], set[str]]:
    """Return the lines inside and outside the regions with this marker."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in source["cells"]:
        lines = outside
        for line in cell["source"].splitlines():
            if f"BEGIN {marker}" in line:
                lines = inside
            elif f"END {marker}" in line:
                lines = outside
            else:
                lines.add(line.strip())
    return inside - {""}, outside


def _by_grade_id(notebook: Notebook) -> dict[str, str]:
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"]
    }


def _is_empty(code: str, name: str) -> bool:
    """Whether the cell does nothing but assign a blank text or None to the name."""
    match ast.parse(code).body:
        case [ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=value))]:
            return target == name and is_missing(value)
    return False


def _only_raises(code: str, name: str) -> bool:
    """Whether the function has a docstring and a NotImplementedError, and nothing else."""
    functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    match [function.body for function in functions if function.name == name]:
        case [[ast.Expr(value=ast.Constant(value=str())), ast.Raise(exc=ast.Call(func=raised))]]:
            return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def _spaceless(text: str) -> str:
    return "".join(text.split())
