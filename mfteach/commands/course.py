"""``mfteach course``: run every notebook from top to bottom, each in a fresh kernel."""

from __future__ import annotations

import argparse
from pathlib import Path

from mfteach.commands.notebook_runner import (
    NOTEBOOKS,
    Run,
    add_processes,
    count,
    find_notebooks,
    run_notebooks,
)
from mfteach.console import in_words
from mfteach.matrices.saved import replacing

WITHOUT_MAKE = "python -m jupyterlab notebooks --config .jupyter/jupyter_lab_config.py"
BUILD = "_build"
"""Where the executed copies go."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its option."""
    parser = commands.add_parser(
        "course",
        help="run every notebook from top to bottom",
        description=f"Run every notebook of {NOTEBOOKS}/, each in a fresh kernel, and put the "
        f"executed copies into {BUILD}/.",
    )
    add_processes(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    return run_course(NOTEBOOKS, BUILD, arguments.processes)


def run_course(folder: str | Path, build: str | Path, processes: int = 2) -> int:
    """Run every notebook of a folder and print a line for each and a table at the end.

    Parameters
    ----------
    folder : path
        Where the notebooks are; they run in this folder, in the order of their names.
    build : path
        Where the executed copies go; created if it is missing. The notebooks themselves do not
        change.
    processes : int
        How many notebooks run at a time.

    Returns
    -------
    int
        The exit status: 0 if every notebook ran, 1 if one failed or its copy was not written, 130
        if Ctrl-C stopped it.

    Raises
    ------
    UsageError
        If there is no notebook, or a package that runs notebooks is not installed.
    """
    notebooks = find_notebooks(folder)
    build = Path(build)
    build.mkdir(parents=True, exist_ok=True)
    print(
        f"Running {count(notebooks)} from {folder}, {processes} at a time. "
        f"Executed copies go to {build}.",
        flush=True,
    )
    try:
        runs = run_notebooks(notebooks, processes)
    except KeyboardInterrupt:
        print("Stopped before the end; every kernel was shut down.")
        return 130
    unwritten = list(filter(None, [_save_copy(each, build) for each in runs]))
    failed = [each for each in runs if each.problem]
    for each in failed:
        print(f"\n{each.name}: {each.problem}")
    print("\n" + _table(runs))
    if failed:
        print(f"\n{len(failed)} of {count(runs)} failed; see the errors above the table.")
    for problem in unwritten:
        print(f"\nThe executed copy was not written: {problem}")
    if failed or unwritten:
        return 1
    print(f"\nEvery cell of {count(runs)} ran. Next, read and change them yourself:")
    print(f"    make lab    (or: {WITHOUT_MAKE})")
    print("The same as web pages, with slides for each class:")
    print("    make site   (then make site-open)")
    return 0


def _save_copy(run: Run, build: Path) -> str:
    """Write the executed copy; return why that was not possible, or nothing."""
    import nbformat  # slow to load, and only the extra ``course`` installs it

    if run.notebook is None:
        return ""
    try:
        with replacing(build / f"{run.name}.ipynb") as file:
            file.write(nbformat.writes(run.notebook).encode())
    except OSError as error:  # what the notebooks said is worth reading all the same
        return in_words(error)
    return ""


def _table(runs: list[Run]) -> str:
    width = max(len("Notebook"), *(len(run.name) for run in runs))
    lines = [f"{'Notebook':<{width}}  Seconds  Result"]
    lines += [f"{run.name:<{width}}  {run.seconds:7.1f}  {run.result}" for run in runs]
    return "\n".join(lines)
