"""Run notebooks in fresh kernels, side by side, and say what went wrong where."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mfteach.console import UsageError, at_least_one
from mfteach.fast.threads import n_threads

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode


NOTEBOOKS = "notebooks"
"""The folder of the lessons, inside the course's."""
CELL_SECONDS = 60
"""A cell that runs longer than this is stopped, and its notebook fails."""
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
_LAST_LINES_OF_A_TRACEBACK = 12
_THREADS = ("MFTEACH_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Run:
    """One notebook after it was run.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    notebook : NotebookNode or None
        The executed copy, up to the cell that failed; None if the file could not be read.
    seconds : float
        From the start of the kernel to its end.
    problem : str
        Why it failed, in lines to print; empty if every cell ran.
    where : str
        The failed cell in two words, such as ``cell [4]``; empty if every cell ran.
    """

    name: str
    notebook: NotebookNode | None
    seconds: float
    problem: str = ""
    where: str = ""

    @property
    def result(self) -> str:
        """``ok``, or that it failed and where."""
        if not self.problem:
            return "ok"
        return f"FAILED in {self.where}" if self.where else "FAILED"


class _CellError(Exception):
    """A cell failed."""


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Add the option of each command that runs notebooks."""
    parser.add_argument(
        "--processes",
        type=at_least_one,
        default=2,
        metavar="N",
        help="how many notebooks run at a time (default: 2)",
    )


def find_notebooks(folder: str | Path) -> list[Path]:
    """List the notebooks of a folder in the order of their names.

    Raises
    ------
    UsageError
        If the folder is missing or contains no notebook.
    """
    folder = Path(folder)
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        state = "contains no notebook" if folder.is_dir() else "does not exist"
        raise UsageError(
            f"the folder {folder} {state}: run this in the course's folder, the one with README.md"
        )
    return notebooks


def run_notebooks(paths: list[Path], processes: int = 2) -> list[Run]:
    """Run notebooks, each in a fresh kernel of this very Python, and print a line as each ends.

    Parameters
    ----------
    paths : list of Path
        The notebooks; each runs in the folder it is in, and its file is not changed.
    processes : int
        How many run at a time, at least 1.

    Returns
    -------
    list of Run
        In the order of ``paths``.

    Raises
    ------
    UsageError
        If nbclient, nbformat or ipykernel is not installed, ``processes`` is below 1, or
        ``MFTEACH_THREADS`` is not a number of threads.
    KeyboardInterrupt
        On Ctrl-C, after every kernel was shut down.
    """
    if processes < 1:
        raise UsageError(f"at least 1 process is needed, got {processes}")
    _require_jupyter()
    width = max(len(path.stem) for path in paths)
    try:
        threads = max(1, n_threads() // min(processes, len(paths)))
    except ValueError as error:  # what MFTEACH_THREADS says is not a number
        raise UsageError(str(error)) from None

    async def run_all() -> list[Run]:
        slots = asyncio.Semaphore(processes)

        async def run_one(path: Path) -> Run:
            async with slots:
                run = await _run(path, threads)
            print(f"  {run.name:<{width}}  {run.seconds:5.1f} s  {run.result}", flush=True)
            return run

        async with asyncio.TaskGroup() as group:
            # The last of a course compute most: at its end, nobody waits for one alone.
            tasks = [group.create_task(run_one(path)) for path in reversed(paths)]
        return [task.result() for task in reversed(tasks)]

    # Jupyter's own deprecation warnings say nothing about the course.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The selector loop is the one that Jupyter's sockets work with on Windows too.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(run_all())


def count(notebooks: Sequence[object]) -> str:
    """Say how many notebooks there are, in words."""
    return f"{len(notebooks)} notebook" + ("" if len(notebooks) == 1 else "s")


def plain(text: str) -> str:
    """Remove the terminal's colour codes from a text."""
    return _COLOUR_CODES.sub("", text)


def _require_jupyter() -> None:
    for module in ("nbformat", "nbclient", "ipykernel"):
        if importlib.util.find_spec(module) is None:
            raise UsageError(
                f"running notebooks needs {module}: python -m pip install 'mfteach[course]'"
            )


async def _run(path: Path, threads: int) -> Run:
    import nbformat  # Jupyter's packages, here and below, are slow to load and optional

    start = time.perf_counter()
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        return Run(path.stem, None, 0.0, f"this is not a readable notebook: {error}")
    problem = where = ""
    with tempfile.TemporaryFile() as kernel_log:
        try:
            await _run_cells(notebook, path.parent, kernel_log, threads)
        except _CellError as failure:
            where, problem = failure.args
        except RuntimeError as error:
            kernel_log.seek(0)
            last = kernel_log.read().decode(errors="replace").strip().splitlines()[-5:]
            problem = "\n".join([f"its kernel did not start: {error}", *last])
    return Run(path.stem, notebook, time.perf_counter() - start, problem, where)


async def _run_cells(
    notebook: NotebookNode, folder: Path, kernel_log: IO[bytes], threads: int
) -> None:
    """Run the code cells one by one; their outputs are written into the notebook."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    _clear(notebook)
    cells = [
        (index, cell)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    client = NotebookClient(
        notebook, km=_kernel_manager(threads), timeout=CELL_SECONDS, record_timing=False
    )
    await client.async_start_new_kernel(cwd=str(folder), stdout=kernel_log, stderr=kernel_log)
    try:
        await client.async_start_new_kernel_client()
        for number, (index, cell) in enumerate(cells, start=1):
            try:
                await client.async_execute_cell(cell, index, execution_count=number)
            except CellExecutionError:
                raise _failure(number, cell, _error_of(cell)) from None
            except CellTimeoutError:
                words = f"It ran longer than {CELL_SECONDS} s and was stopped."
                raise _failure(number, cell, words) from None
            except DeadKernelError:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise asyncio.CancelledError from None
                words = "Its kernel died, most likely because it ran out of memory."
                raise _failure(number, cell, words) from None
    finally:
        await _shut_down(client)


async def _shut_down(client: NotebookClient) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    manager: Any = client.km
    if manager is not None:
        await manager.shutdown_kernel(now=True)


def _clear(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _kernel_manager(threads: int) -> Any:
    """Return a manager that starts this very Python, whatever else is registered as python3."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    # Kernels that run side by side share the processors: more threads than these slow all down.
    settings = dict.fromkeys(_THREADS, str(threads))
    settings["TQDM_DISABLE"] = "1"  # on a slow machine a bar would appear among the outputs

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(
                argv=command, display_name="Python 3 (ipykernel)", language="python", env=settings
            )

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisPython())


def _failure(number: int, cell: NotebookNode, words: str) -> _CellError:
    where = f"cell [{number}]"
    return _CellError(where, f"{where} failed\n\n{_indented(cell.source)}\n\n{_indented(words)}")


def _error_of(cell: NotebookNode) -> str:
    """Return the last lines of the traceback that a cell ended with."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    lines = plain("\n".join(errors[-1].traceback)).splitlines()
    cut = ["…"] if len(lines) > _LAST_LINES_OF_A_TRACEBACK else []
    return "\n".join(cut + lines[-_LAST_LINES_OF_A_TRACEBACK:])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
