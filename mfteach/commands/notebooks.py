"""``mfteach notebooks``: run the committed notebooks again and write them in place.

What did not change is written as before, so that a diff shows only what did.
"""

from __future__ import annotations

import argparse
import base64
import copy
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfteach.commands.notebook_runner import (
    NOTEBOOKS,
    add_processes,
    count,
    find_notebooks,
    plain,
    run_notebooks,
)
from mfteach.console import UsageError, in_words
from mfteach.first_lines import FIRST_CELL, without_first_lines
from mfteach.matrices.saved import replacing

if TYPE_CHECKING:
    from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
IGNORE_OUTPUT = re.compile(r"^\s*#\s*NBVAL_IGNORE_OUTPUT\s*$", re.MULTILINE)
"""The line that marks a cell whose output depends on the machine; a tag of this name does too."""

FOLDED = {"hide-input": "source_hidden", "hide-output": "outputs_hidden"}
"""What JupyterLab folds when it opens a notebook, by the tags that fold it on a web page."""

PICTURE = re.compile(r'data:image/png;base64,([^"]*)')
"""A picture inside an HTML output; its only group is the base64 text."""

SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
"""What moves a figure; a test compares it with ``live.js``."""

# Without an ending and an exporter, `jupyter nbconvert --to script` writes code alone, as .txt.
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}

TABLE_BEGINS, TABLE_ENDS = "<!-- lessons -->", "<!-- /lessons -->"


def ignores_output(cell: NotebookNode) -> bool:
    """Whether a cell is marked as one whose output depends on the machine."""
    if cell.cell_type != "code":
        return False
    tagged = "nbval-ignore-output" in cell.metadata.get("tags", [])
    return tagged or bool(IGNORE_OUTPUT.search(cell.source))


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its option."""
    parser = commands.add_parser(
        "notebooks",
        help="run the notebooks again and rewrite them in place",
        description=f"For authors: run every notebook of {NOTEBOOKS}/ again and write it in place, "
        "so that a diff shows only what changed, and update the README's table of lessons.",
    )
    add_processes(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    return refresh_notebooks(NOTEBOOKS, arguments.processes)


def refresh_notebooks(folder: str | Path, processes: int = 2) -> int:
    """Run every notebook of a folder again, write it in place, and update the README's table.

    Where nothing changed, nothing is written: the old bytes of a picture stay while its pixels
    agree. A cell tagged ``nbval-ignore-output`` keeps its stored output where ``MFTEACH_DATA`` is
    not set. A notebook that fails is left as it was.

    Parameters
    ----------
    folder : path
        Where the notebooks are. The README is beside this folder.
    processes : int
        How many notebooks run at a time.

    Returns
    -------
    int
        The exit status: 0, or 1 if a notebook failed or could not be written.

    Raises
    ------
    UsageError
        If there is no notebook, a package that runs notebooks is not installed, or the table of
        lessons cannot be built.
    """
    paths = find_notebooks(folder)
    readme = Path(folder).resolve().parent / "README.md"
    if not readme.exists():
        raise UsageError(f"{readme} does not exist: there is nowhere to put the table of lessons")
    keep = not os.environ.get("MFTEACH_DATA")
    print(f"Running {count(paths)} from {folder} again.", flush=True)
    runs = run_notebooks(paths, processes)
    print()
    import nbformat  # here and below: slow to load, and only the extra ``course`` installs it

    unwritten = False
    for path, fresh in zip(paths, runs, strict=True):
        if fresh.problem or fresh.notebook is None:
            print(f"{fresh.name}: {fresh.problem}\n    The file was left as it was.")
            continue
        text = path.read_text(encoding="utf-8")
        kept = merge(fresh.notebook, nbformat.reads(text, as_version=4), keep_marked=keep)
        if kept:
            cells = "1 cell that needs" if kept == 1 else f"{kept} cells that need"
            print(f"{fresh.name}: kept the stored outputs of {cells} MFTEACH_DATA")
        try:
            print(f"{fresh.name}: {write_if_changed(path, text, text_of(fresh.notebook))}")
        except OSError as error:  # the others may still be written
            print(f"{fresh.name}: not written: {in_words(error)}")
            unwritten = True
    if unwritten or any(fresh.problem for fresh in runs):
        return 1
    text = readme.read_text(encoding="utf-8")
    print(f"README.md: {write_if_changed(readme, text, with_lesson_table(text, folder))}")
    return 0


def merge(notebook: NotebookNode, stored: NotebookNode, keep_marked: bool) -> int:
    """Normalise a fresh run and take from the stored notebook what did not change.

    Parameters
    ----------
    notebook : NotebookNode
        The fresh run; changed in place.
    stored : NotebookNode
        The same notebook as the file has it.
    keep_marked : bool
        Whether cells tagged ``nbval-ignore-output`` keep their stored outputs.

    Returns
    -------
    int
        How many cells kept their stored outputs.
    """
    normalise(begin(notebook))
    stored_cells = {cell.get("id"): cell for cell in normalise(stored).cells}
    kept = 0
    for cell in notebook.cells:
        old = stored_cells.get(cell.id)
        marked = ignores_output(cell)
        if old is not None and old.cell_type == cell.cell_type == "code":
            if keep_marked and marked and old.execution_count:
                cell.outputs, cell.metadata = old.outputs, old.metadata
                kept += 1
                continue
            _keep_equal_pictures(cell, old)
        if marked:
            cell.metadata["seal"] = seal(cell)
    return kept


def begin(notebook: NotebookNode) -> NotebookNode:
    """Let a first cell of code, folded, say what to do where mfteach is missing.

    Returns
    -------
    NotebookNode
        The same notebook; where the cell was missing, the cells of code are counted anew.
    """
    from nbformat.v4 import new_code_cell

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code:
        return notebook
    first = code[0]
    if (rest := without_first_lines(first.source)) or not first.source:
        first.source = rest
        for cell in code:
            cell.execution_count = cell.execution_count and cell.execution_count + 1
        first = new_code_cell(id="first-lines", execution_count=1)
        notebook.cells.insert(notebook.cells.index(code[0]), first)
    first.source, first.metadata = FIRST_CELL, _node(tags=["hide-input"])
    return notebook


def seal(cell: NotebookNode) -> str:
    """Hash a cell's outputs, without scripts and the bytes of pictures, to 16 hexadecimal digits.

    nbval does not compare the outputs of a marked cell. Its seal, written when it was run, shows
    whether a number in the file has been changed since.
    """
    shown = copy.deepcopy(cell.outputs)
    for output in shown:
        data = output.get("data", {})
        data.pop("image/png", None)
        if "text/html" in data:
            data["text/html"] = SCRIPT.sub("", data["text/html"])
    words = PICTURE.sub("", json.dumps(shown, sort_keys=True).replace('\\"', '"'))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Remove from a notebook, in place, what changes from run to run or from machine to machine.

    The cells stay, with their ids, tags, seals and outputs; the tags say what JupyterLab folds. The
    metadata shrink to the names of
    the kernel and the language, widgets go (a progress bar or a slider does nothing in a file),
    the pieces of one stream are joined, and a traceback is cut to its last line: the rest names
    files of one machine.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    notebook.metadata = _node(
        kernelspec={
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        language_info=LANGUAGE,
    )
    notebook.nbformat, notebook.nbformat_minor = 4, max(5, notebook.nbformat_minor)
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
        keys = [key for key in ("tags", "seal") if cell.metadata.get(key)]
        tags = cell.metadata.get("tags", [])
        cell.metadata = _node(**{key: cell.metadata[key] for key in keys})
        if folded := {FOLDED[tag]: True for tag in sorted(tags) if tag in FOLDED}:
            cell.metadata["jupyter"] = folded
        if cell.cell_type == "code":
            lasting = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
            cell.outputs = _joined([_tidy(output) for output in lasting])
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
    return notebook


@dataclass(frozen=True)
class Lesson:
    """What the table of lessons says about a notebook."""

    file: str
    title: str
    what: str
    minutes: int


def read_lesson(path: Path) -> Lesson:
    """Read the title, purpose and minutes at the beginning of a notebook.

    The title is the ``# ...`` of the first cell, the purpose is the first paragraph of ``## What
    you'll do``, and the minutes are in ``## What you'll need`` as ``Time: 40 minutes``.

    Raises
    ------
    UsageError
        If one of them is missing; the message names the notebook and what to write.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    title = re.match(r"# (.+)", text)
    what = re.search(r"^## What you'll do\s*\n+((?:.+\n?)+)", text, re.MULTILINE)
    need = re.search(r"^## What you'll need\s*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    minutes = re.search(r"Time: (\d+) minutes", need[1]) if need else None
    if title is None:
        raise UsageError(f"{path.name}: its first cell must begin with '# ' and the title")
    if what is None:
        raise UsageError(
            f"{path.name}: it needs a heading '## What you'll do' and a sentence below it"
        )
    if minutes is None:
        raise UsageError(
            f"{path.name}: '## What you'll need' must say how long it takes: 'Time: 40 minutes'"
        )
    return Lesson(path.name, title[1].strip(), " ".join(what[1].split()), int(minutes[1]))


def lesson_table(folder: str | Path) -> str:
    """Build the README's table of lessons (Markdown) from the notebooks of a folder.

    Raises
    ------
    UsageError
        If there is no notebook, or one does not say its title, purpose and minutes.
    """
    folder = Path(folder)
    rows = ["| | Lesson | What you'll do | Minutes |", "|---:|---|---|---:|"]
    for path in find_notebooks(folder):
        lesson = read_lesson(path)
        number = lesson.file.split("_")[0]
        link = f"[{_cell(lesson.title)}]({folder.name}/{lesson.file})"
        rows.append(f"| {number} | {link} | {_cell(lesson.what)} | {lesson.minutes} |")
    return "\n".join(rows)


def with_lesson_table(text: str, folder: str | Path) -> str:
    """Put the current table of lessons between the two marks of the README's text.

    Raises
    ------
    UsageError
        If the marks are missing, or the table cannot be built.
    """
    before, begins, rest = text.partition(TABLE_BEGINS)
    _, ends, after = rest.partition(TABLE_ENDS)
    if not (begins and ends):
        raise UsageError(
            f"README.md has no place for the lessons: write {TABLE_BEGINS} and {TABLE_ENDS} in it"
        )
    return f"{before}{begins}\n{lesson_table(folder)}\n{ends}{after}"


def _node(**entries: Any) -> NotebookNode:
    import nbformat

    node: NotebookNode = nbformat.from_dict(entries)
    return node


def text_of(notebook: NotebookNode) -> str:
    """Return a notebook as its file has it."""
    import nbformat

    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def write_if_changed(path: Path, old: str, new: str) -> str:
    """Write a file whose text has changed, and return what was done, in words."""
    if new == old:
        return "no change"
    with replacing(path) as file:  # a full disk leaves the notebook as it was
        file.write(new.encode())
    return "rewritten"


def _tidy(output: NotebookNode) -> NotebookNode:
    output = copy.deepcopy(output)
    if output.output_type == "error":
        output.traceback = [plain(f"{output.ename}: {output.evalue}")]
    return output


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where the kernel cuts them is arbitrary."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _keep_equal_pictures(cell: NotebookNode, old: NotebookNode) -> None:
    """Keep a picture's old bytes where the pixels agree: zlib versions write different bytes."""
    stored = [png for output in old.outputs for png in _pictures(output)]

    def kept(png: str) -> str:
        return next((old for old in stored if _same_picture(old, png)), png)

    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            data["image/png"] = kept(data["image/png"])
        if "text/html" in data:
            data["text/html"] = PICTURE.sub(
                lambda match: f"data:image/png;base64,{kept(match[1])}", data["text/html"]
            )


def _pictures(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    if "image/png" in data:
        yield data["image/png"]
    yield from PICTURE.findall(data.get("text/html", ""))


def _same_picture(old: str, new: str) -> bool:
    return old == new or (_pixels(old) or old) == _pixels(new)


def _pixels(png: str) -> tuple[tuple[int, int], bytes] | None:
    """Decode a picture to its size and its RGBA bytes; None if it is not a picture."""
    from PIL import Image, UnidentifiedImageError  # only authors need it

    try:
        with Image.open(io.BytesIO(base64.b64decode(png))) as image:
            return image.size, image.convert("RGBA").tobytes()
    except (UnidentifiedImageError, ValueError):
        return None


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
