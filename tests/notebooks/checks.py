"""What nbval cannot see in a notebook file: pure functions from a notebook to a list of problems.

Each problem names the notebook and the cell. Cells are counted from 1, Markdown cells too.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from converted import NOT_YET
from nbformat import NotebookNode

from mfteach.commands.notebooks import IGNORE_OUTPUT, PICTURE, ignores_output, normalise, seal
from mfteach.first_lines import FIRST_CELL, FIRST_LINES, without_first_lines

ATTRIBUTION = "After Robin Burke, *Recommender Systems: Mathematical Foundations*, Spring 2019."
LAST_ROW = 69
MOST_LINES = 25
FEWEST_ASSERTS = 3
SHARED_LINES = 5

OPENING = ["What you'll do", "What you'll learn", "What you'll need"]
EXERCISES, EXIT_CHECK, ROWS = "Exercises", "Exit check", "Rows of the lecture"
IN_SHORT, FURTHER_READING = "In short", "Further reading"
WITHOUT_EXERCISES = {"00_start_here"}

TRACES_OF_A_MACHINE = {
    "an object's address": re.compile(r"\b0x[0-9a-fA-F]{5,}"),
    "an absolute path": re.compile(
        r"(?<![\w.:/<])/(?:Users|etc|home|mnt|opt|private|proc|root|srv|tmp|usr|var|work)/"
        r"|\b[A-Z]:\\(?:Program|Temp|Users|Windows)|file://"
    ),
    "a process id": re.compile(r"ipykernel_\d+|\bpid\b\W{0,3}\d+", re.IGNORECASE),
    "an address of this machine": re.compile(r"\blocalhost\b|\b127\.0\.0\.1\b|\b0\.0\.0\.0\b"),
}

Check = Callable[[str, NotebookNode], list[str]]


def problem(name: str, number: int, cell: NotebookNode, words: str) -> str:
    """Name the notebook, the cell and its first line before the words."""
    first = (cell.source.strip().splitlines() or [""])[0][:40]
    return f"{name}, cell {number} ({first!r}): {words}"


def numbered(notebook: NotebookNode, kind: str) -> list[tuple[int, NotebookNode]]:
    """Return the cells of one kind with their numbers; a code cell without code does not count."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == kind and (kind != "code" or cell.source.strip())
    ]


def shown(cell: NotebookNode) -> Iterator[str]:
    """Yield the texts of a cell's outputs, without the bytes of pictures."""
    for output in cell.outputs:
        texts = [output.get(key, "") for key in ("text", "evalue")]
        texts += output.get("traceback", [])
        texts += [
            text
            for mime, text in output.get("data", {}).items()
            if isinstance(text, str) and not mime.startswith("image/")
        ]
        yield from (PICTURE.sub("", text) for text in texts)


def html_of(cell: NotebookNode) -> str:
    """Join what a cell shows as HTML."""
    return "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)


def counts_run_from_one(name: str, notebook: NotebookNode) -> list[str]:
    """Require the counts 1..n: else outputs were cleared, or the cells not run in order."""
    return [
        problem(name, number, cell, f"execution count {cell.execution_count}, not {expected}")
        for expected, (number, cell) in enumerate(numbered(notebook, "code"), start=1)
        if cell.execution_count != expected
    ]


def errors_only_where_announced(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no stderr, and an error exactly in the cells tagged raises-exception."""
    found = []
    for number, cell in numbered(notebook, "code"):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            found.append(problem(name, number, cell, "it wrote to stderr (a warning?)"))
        failed = any(output.output_type == "error" for output in cell.outputs)
        announced = "raises-exception" in cell.metadata.get("tags", [])
        if failed and not announced:
            found.append(problem(name, number, cell, "an error, and no tag raises-exception"))
        if announced and not failed:
            found.append(problem(name, number, cell, "tagged raises-exception, raises nothing"))
    return found


def no_trace_of_a_machine(name: str, notebook: NotebookNode) -> list[str]:
    """Allow nothing in the outputs that another machine or run would print differently."""
    return [
        problem(name, number, cell, f"its output shows {what}: {match.group()!r}")
        for number, cell in numbered(notebook, "code")
        for text in shown(cell)
        for what, pattern in TRACES_OF_A_MACHINE.items()
        if (match := pattern.search(text))
    ]


def markers_are_bare(name: str, notebook: NotebookNode) -> list[str]:
    """Allow of nbval's marks only the tag ``nbval-ignore-output``, or the bare line of that name.

    With words after it nbval silently ignores the line; the other marks switch checks off.
    """
    found = []
    for number, cell in numbered(notebook, "code"):
        for line in cell.source.splitlines():
            if "NBVAL_" in line and not IGNORE_OUTPUT.fullmatch(line):
                words = f"write '# NBVAL_IGNORE_OUTPUT' and nothing else, not {line.strip()!r}"
                found.append(problem(name, number, cell, words))
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("nbval") and tag != "nbval-ignore-output":
                words = f"the tag 'nbval-ignore-output', not {tag!r}"
                found.append(problem(name, number, cell, words))
    return found


def ignored_outputs_are_asserted(name: str, notebook: NotebookNode) -> list[str]:
    """Require an assert in the code cell after one whose output nbval ignores."""
    cells = numbered(notebook, "code")
    followers = [cell for _, cell in cells[1:]] + [None]
    return [
        problem(name, number, cell, "its output is ignored, so the next cell must assert something")
        for (number, cell), follower in zip(cells, followers, strict=True)
        if ignores_output(cell) and not (follower and asserts(follower))
    ]


def ignored_outputs_are_sealed(name: str, notebook: NotebookNode) -> list[str]:
    """Require that the outputs that nbval ignores are those that ``make notebooks`` stored."""
    return [
        problem(name, number, cell, "its stored output was changed: run 'make notebooks'")
        for number, cell in numbered(notebook, "code")
        if ignores_output(cell) and cell.metadata.get("seal") != seal(cell)
    ]


def no_trailing_semicolon(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no line of code that ends in ``;``: it hides an output here and not in nbval."""
    return [
        problem(name, number, cell, f"a trailing semicolon: {line.strip()!r}")
        for number, cell in numbered(notebook, "code")
        for line in cell.source.splitlines()
        if line.rstrip().endswith(";") and not line.lstrip().startswith("#")
    ]


def figures_have_words(name: str, notebook: NotebookNode) -> list[str]:
    """Require alt text on every picture, and ``mfteach.lessons.figure`` for what is drawn."""
    found = []
    for number, cell in numbered(notebook, "code"):
        mimes = {mime for output in cell.outputs for mime in output.get("data", {})}
        if any(mime.startswith("image/") for mime in mimes):
            found.append(problem(name, number, cell, "a bare picture: use mfteach.lessons.figure"))
        found += [
            problem(name, number, cell, "a picture without alt text")
            for image in re.findall(r"<img\b[^>]*>", html_of(cell))
            if not re.search(r'\salt="[^"]*\S[^"]*"', image)
        ]
    for number, cell in numbered(notebook, "markdown"):
        pictures = re.findall(r"!\[\s*\]\(|<img\b(?![^>]*\salt=\"[^\"]*\S)[^>]*>", cell.source)
        if pictures:
            found.append(problem(name, number, cell, "a picture without alt text"))
    return found


def figures_are_predicted(name: str, notebook: NotebookNode) -> list[str]:
    """Require a Markdown cell with ``**Predict`` before each figure, after the figure before it."""
    found = []
    predicted = False
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            predicted = predicted or "**Predict" in cell.source
        elif cell.cell_type == "code" and "<figure>" in html_of(cell):
            if not predicted:
                words = "a figure, and no '**Predict.**' before it since the last figure"
                found.append(problem(name, number, cell, words))
            predicted = False
    return found


def cells_are_short(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no code cell longer than it teaches: helper code belongs in mfteach."""
    return [
        problem(name, number, cell, f"{length} lines, at most {MOST_LINES}")
        for number, cell in numbered(notebook, "code")
        if (length := len(without_first_lines(cell.source).splitlines())) > MOST_LINES
    ]


def missing_package_is_explained(name: str, notebook: NotebookNode) -> list[str]:
    """Require the lines that say, before anything is imported, how to get the course's package."""
    number, first = numbered(notebook, "code")[0]
    if first.source.startswith((FIRST_CELL, FIRST_LINES)):
        return []
    words = "the first code must begin with mfteach.first_lines: run 'make notebooks'"
    return [problem(name, number, first, words)]


def ids_are_unique(name: str, notebook: NotebookNode) -> list[str]:
    """Require a unique id for each cell."""
    seen: set[str] = set()
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        identity = cell.get("id")
        if not identity or identity in seen:
            words = f"its id {identity!r} is missing or not unique"
            found.append(problem(name, number, cell, words))
        seen.add(identity)
    return found


def is_normalised(name: str, notebook: NotebookNode) -> list[str]:
    """Require the form that ``make notebooks`` writes: kernel python3, nothing of one run in it."""
    wanted = normalise(copy.deepcopy(notebook))
    found = []
    if (notebook.metadata, notebook.nbformat_minor) != (wanted.metadata, wanted.nbformat_minor):
        found.append(f"{name}: its metadata are more or other than kernel python3 and Python")
    found += [
        problem(name, number, cell, "not as 'make notebooks' writes it (metadata or outputs)")
        for number, (cell, good) in enumerate(zip(notebook.cells, wanted.cells, strict=True), 1)
        if cell != good
    ]
    return found


def headings_are_standard(name: str, notebook: NotebookNode) -> list[str]:
    """Require the title, the opening and the closing headings of a lesson, in their order."""
    levels = list(headings(notebook))
    if not levels or levels[0][0] != 1 or not notebook.cells[0].source.startswith("# "):
        return [f"{name}, cell 1: it must begin with '# ' and the title"]
    found = [
        problem(name, number, notebook.cells[number - 1], "a second title ('# ')")
        for level, _, number in levels[1:]
        if level == 1
    ]
    second = [text for level, text, _ in levels if level == 2]
    if second[:3] != OPENING:
        found.append(f"{name}: after the title come {OPENING} as '## ' headings, not {second[:3]}")
    surprises = [text for level, text, _ in levels if level > 1 and "surprise" in text.lower()]
    if len(surprises) != 1:
        found.append(f"{name}: one heading has the word surprise, not {len(surprises)}")
    closing = [] if name in WITHOUT_EXERCISES else [EXERCISES]
    closing += [EXIT_CHECK] if name[:2] in NOT_YET else [EXIT_CHECK, IN_SHORT, FURTHER_READING]
    closing.append(ROWS)
    if second[-len(closing) :] != closing:
        found.append(
            f"{name}: its last '## ' headings are {closing}, not {second[-len(closing) :]}"
        )
    if not re.search(r"\bTime: \d+ minutes\b", section(notebook, OPENING[2])):
        found.append(f"{name}: '## {OPENING[2]}' must say 'Time: 40 minutes' or so")
    return found


def source_is_named(name: str, notebook: NotebookNode) -> list[str]:
    """Require the line that names the lecture in the first cell."""
    if ATTRIBUTION in notebook.cells[0].source:
        return []
    return [problem(name, 1, notebook.cells[0], f"it must say: {ATTRIBUTION}")]


def rows_are_named(name: str, notebook: NotebookNode) -> list[str]:
    """Require at least one row of the lecture at the foot, and none that does not exist."""
    try:
        rows = rows_covered(notebook)
    except ValueError as error:
        return [f"{name}, '## {ROWS}': {error}"]
    return [] if rows else [f"{name}, '## {ROWS}': name the rows, as in S47-S52, S61"]


def claims_are_asserted(name: str, notebook: NotebookNode) -> list[str]:
    """Require a few asserts: a lesson's claims are checked where the reader sees it."""
    count = sum(asserts(cell) for _, cell in numbered(notebook, "code"))
    if count >= FEWEST_ASSERTS:
        return []
    return [f"{name}: {count} asserts, at least {FEWEST_ASSERTS} are needed"]


CHECKS: tuple[Check, ...] = (
    counts_run_from_one,
    errors_only_where_announced,
    no_trace_of_a_machine,
    markers_are_bare,
    ignored_outputs_are_asserted,
    ignored_outputs_are_sealed,
    no_trailing_semicolon,
    figures_have_words,
    figures_are_predicted,
    cells_are_short,
    missing_package_is_explained,
    ids_are_unique,
    is_normalised,
    headings_are_standard,
    source_is_named,
    rows_are_named,
    claims_are_asserted,
)
"""Every check of one notebook."""


def shared_code(notebooks: dict[str, NotebookNode]) -> list[str]:
    """Find five lines of code in a row that two notebooks share; imports do not count."""
    first_seen: dict[tuple[str, ...], str] = {}
    found = []
    for name, notebook in notebooks.items():
        for number, cell in numbered(notebook, "code"):
            lines = telling_lines(without_first_lines(cell.source))
            starts = range(len(lines) - SHARED_LINES + 1)
            blocks = [tuple(lines[start : start + SHARED_LINES]) for start in starts]
            owners = {first_seen.setdefault(block, name) for block in blocks} - {name}
            for owner in sorted(owners):
                words = f"{SHARED_LINES} lines also stand in {owner}: move them into mfteach"
                found.append(problem(name, number, cell, words))
    return found


def telling_lines(source: str) -> list[str]:
    """Return the lines of code that are not blank, a comment, an import or only brackets."""
    lines = [line.strip() for line in source.splitlines()]
    return [
        line
        for line in lines
        if re.search(r"\w", line) and not re.match(r"#|import\b|from\b.*\bimport\b", line)
    ]


def rows_covered(notebook: NotebookNode) -> set[int]:
    """Return the rows of the lecture that the notebook's foot names: ``S47-S52, S61`` names seven.

    Raises
    ------
    ValueError
        If a row does not exist or a range runs backwards.
    """
    rows: set[int] = set()
    for match in re.finditer(r"\bS(\d+)(?:\s*[-–]\s*S?(\d+))?", section(notebook, ROWS)):
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= LAST_ROW:
            raise ValueError(f"{match.group()} is no row or range of S1 to S{LAST_ROW}")
        rows.update(range(first, last + 1))
    return rows


def headings(notebook: NotebookNode) -> Iterator[tuple[int, str, int]]:
    """Yield level, text and cell number of each Markdown heading outside fenced code."""
    for number, cell in numbered(notebook, "markdown"):
        unfenced = re.sub(r"^```.*?^```", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        for match in re.finditer(r"^(#{1,6}) +(.*?) *$", unfenced, re.MULTILINE):
            yield len(match[1]), match[2], number


def section(notebook: NotebookNode, heading: str) -> str:
    """Return the Markdown below a ``## `` heading, up to the next one; empty if there is none."""
    text = "\n\n".join(cell.source for _, cell in numbered(notebook, "markdown"))
    match = re.search(
        rf"^## +{re.escape(heading)} *$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return match[1] if match else ""


def asserts(cell: NotebookNode) -> int:
    """Count the assert statements of a code cell."""
    return len(re.findall(r"^\s*assert\b", cell.source, re.MULTILINE))


def read(path: Path) -> NotebookNode:
    """Read a notebook from its file."""
    return nbformat.read(path, as_version=4)
