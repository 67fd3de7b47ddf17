"""``make scripts``: put the script of ``live.js`` into the stored outputs, without running a cell.

For authors who changed ``live.js`` and nothing else: what the figures are drawn from stays.
"""

from __future__ import annotations

from pathlib import Path

from mfteach.commands.notebook_runner import NOTEBOOKS, find_notebooks
from mfteach.commands.notebooks import text_of, write_if_changed
from mfteach.lessons.live import renewed

__all__ = ["renew_scripts"]


def renew_scripts(folder: str | Path) -> None:
    """Renew the scripts in the stored outputs of every notebook of a folder, in place."""
    import nbformat  # only the extra ``course`` installs it

    for path in find_notebooks(folder):
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                page = output.get("data", {}).get("text/html", "")
                if "<script" in page:
                    output.data["text/html"] = renewed(page)
        print(f"{path.stem}: {write_if_changed(path, text, text_of(notebook))}")


if __name__ == "__main__":
    renew_scripts(NOTEBOOKS)
