"""``mfteach notebooks``: what is written back, what is kept, and the table of lessons."""

import base64
import errno
import io
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from PIL import Image

from mfteach.commands import notebook_runner, notebooks
from mfteach.commands.notebook_runner import Run
from mfteach.commands.notebooks import (
    Lesson,
    begin,
    lesson_table,
    merge,
    normalise,
    read_lesson,
    refresh_notebooks,
    with_lesson_table,
)
from mfteach.console import UsageError
from mfteach.first_lines import FIRST_CELL, FIRST_LINES
from mfteach.matrices.saved import replacing

OPENING = """# Walk downhill | step by step

## What you'll do
Take steps
until it is flat.

You will like it.

## What you'll learn
How far to step.

## What you'll need
Time: 40 minutes, and lesson 04."""


def lesson(*cells, opening=OPENING):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(opening), *cells])
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


def png(level, size=(4, 3), colour=(10, 200, 30)):
    """Return a picture as base64; the compression level changes the bytes, not the pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, format="PNG", compress_level=level)
    return base64.b64encode(buffer.getvalue()).decode()


def html_figure(picture):
    page = f'<figure><img src="data:image/png;base64,{picture}" alt="A."></figure>'
    return v4.new_output("display_data", {"text/html": page, "text/plain": "A."})


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def executed(source, *outputs, count=1):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=count)


@pytest.fixture
def project(tmp_path):
    """Make a project with a README and two notebooks; return its folder of notebooks."""
    (tmp_path / "README.md").write_text("# Course\n<!-- lessons -->\nold\n<!-- /lessons -->\nEnd\n")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    source = "import os\nprint('data' if os.environ.get('MFTEACH_DATA') else 'none')"
    marked = v4.new_code_cell(f"# NBVAL_IGNORE_OUTPUT\n{source}")
    bite = v4.new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    print_twice = v4.new_code_cell(
        "import time\nprint('a', flush=True)\ntime.sleep(0.3)\nprint('b')\n7",
        metadata={"scrolled": True, "execution": {"iopub.status.busy": "2019-03-01"}},
    )
    notebook = lesson(print_twice, marked, bite)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    nbformat.write(notebook, folder / "05_walk.ipynb")
    nbformat.write(lesson(v4.new_code_cell("x = 1")), folder / "04_look.ipynb")
    return folder


def cells_of(folder, name="05_walk"):
    return nbformat.read(folder / f"{name}.ipynb", as_version=4).cells


def test_the_last_notebooks_run_first_and_are_returned_in_order(monkeypatch, capsys):
    async def done(path, threads):
        return Run(path.stem, None, 0.0)

    monkeypatch.setattr(notebook_runner, "_run", done)
    runs = notebook_runner.run_notebooks([Path(f"{name}.ipynb") for name in "abc"], 1)
    assert [run.name for run in runs] == ["a", "b", "c"]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["c", "b", "a"]


def test_refresh_writes_normalised_notebooks_and_the_second_time_nothing(
    project, monkeypatch, capsys
):
    monkeypatch.setenv("MFTEACH_DATA", "somewhere")
    assert refresh_notebooks(project) == 0
    _, first, twice, marked, bite = cells_of(project)
    assert [cell.execution_count for cell in (first, twice, marked, bite)] == [1, 2, 3, 4]
    assert twice.metadata == {}
    assert [output.output_type for output in twice.outputs] == ["stream", "execute_result"]
    assert twice.outputs[0].text == "a\nb\n"
    assert twice.outputs[1].execution_count == 2
    assert bite.metadata == {"tags": ["raises-exception"]}
    assert bite.outputs[0].traceback == ["ZeroDivisionError: division by zero"]
    assert [cell.id for cell in cells_of(project)] == [
        "cell-0",
        "first-lines",
        "cell-1",
        "cell-2",
        "cell-3",
    ]
    assert "05_walk: rewritten" in capsys.readouterr().out
    raw = (project / "05_walk.ipynb").read_bytes()
    assert raw.endswith(b"}\n")
    assert b"\r" not in raw

    files = [*project.iterdir(), project.parent / "README.md"]
    readme = files[-1].read_text()
    assert readme.startswith("# Course\n<!-- lessons -->\n| |")
    assert readme.endswith("|\n<!-- /lessons -->\nEnd\n")
    assert "old" not in readme
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    assert refresh_notebooks(project) == 0
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files} == before
    out = capsys.readouterr().out
    assert out.count("no change") == 3
    assert "rewritten" not in out


def test_on_a_full_disk_a_notebook_stays_whole_and_the_others_are_written(
    project, monkeypatch, capsys
):
    def run(paths, _):
        fresh = [nbformat.read(path, as_version=4) for path in paths]
        for notebook in fresh:
            notebook.cells[0].source += "\n\nMore."
        return [Run(path.stem, notebook, 1.0) for path, notebook in zip(paths, fresh, strict=True)]

    def full_for_one(path):
        if path.stem == "04_look":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return replacing(path)

    monkeypatch.setattr(notebooks, "run_notebooks", run)
    monkeypatch.setattr(notebooks, "replacing", full_for_one)
    before = (project / "04_look.ipynb").read_bytes()
    assert refresh_notebooks(project) == 1
    out = capsys.readouterr().out
    assert "04_look: not written: " in out
    assert "No space left on device" in out
    assert "05_walk: rewritten" in out
    assert (project / "04_look.ipynb").read_bytes() == before


def test_without_data_the_marked_cells_keep_their_outputs_and_it_says_so(
    project, monkeypatch, capsys
):
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    assert refresh_notebooks(project) == 0
    never_ran_before = cells_of(project)[3].outputs[0].text
    assert never_ran_before == "none\n"
    assert "kept" not in capsys.readouterr().out

    path = project / "05_walk.ipynb"
    path.write_text(path.read_text().replace(r"none\n", r"data\n"))
    assert refresh_notebooks(project) == 0
    out = capsys.readouterr().out
    assert "05_walk: kept the stored outputs of 1 cell that needs MFTEACH_DATA" in out
    assert "04_look: kept" not in out
    assert cells_of(project)[3].outputs[0].text == "data\n"


def test_a_notebook_that_fails_is_left_as_it_was(project, capsys):
    path = project / "06_fails.ipynb"
    nbformat.write(lesson(v4.new_code_cell("undefined")), path)
    before = path.read_bytes()
    readme = project.parent / "README.md"
    assert refresh_notebooks(project) == 1
    assert path.read_bytes() == before
    assert "old" in readme.read_text()
    out = capsys.readouterr().out
    assert "06_fails: cell [1] failed" in out
    assert "The file was left as it was." in out
    assert "05_walk: rewritten" in out


def test_refresh_without_a_readme_is_a_clear_error(project):
    (project.parent / "README.md").unlink()
    with pytest.raises(UsageError, match=r"README\.md does not exist"):
        refresh_notebooks(project)


@pytest.mark.parametrize("before", ["", FIRST_LINES, f"{FIRST_CELL}\n\n"])
def test_what_to_do_without_the_course_becomes_a_folded_cell_of_its_own(before):
    notebook = lesson(executed(f"{before}import numpy"), executed("x"))
    for _ in range(2):  # the second time nothing changes
        code = [cell for cell in begin(notebook).cells if cell.cell_type == "code"]
        assert [cell.source for cell in code] == [FIRST_CELL, "import numpy", "x"]
        assert [cell.execution_count for cell in code] == [1, 2, 2]
        assert code[0].metadata.tags == ["hide-input"]


def test_the_old_bytes_of_a_picture_stay_while_its_pixels_agree():
    old, same, other = png(0), png(9), png(9, colour=(10, 200, 31))
    assert old != same
    stored = lesson(executed("draw()", html_figure(old)))
    for new, kept in ((same, old), (other, other), (png(9, size=(3, 4)), png(9, size=(3, 4)))):
        fresh = lesson(executed("draw()", html_figure(new)))
        merge(fresh, stored, keep_marked=False)
        assert fresh.cells[2].outputs[0].data["text/html"].count(kept) == 1


def test_the_old_bytes_stay_in_a_bare_picture_too_and_the_text_is_updated():
    old = v4.new_output("display_data", {"image/png": png(0), "text/plain": "old"})
    new = v4.new_output("display_data", {"image/png": png(9), "text/plain": "new"})
    stored, fresh = lesson(executed("draw()", old)), lesson(executed("draw()", new))
    merge(fresh, stored, keep_marked=False)
    assert fresh.cells[2].outputs[0].data == {"image/png": png(0), "text/plain": "new"}


def test_a_stored_picture_that_is_broken_is_replaced():
    stored = lesson(executed("draw()", html_figure("AAAA")))
    fresh = lesson(executed("draw()", html_figure(png(9))))
    merge(fresh, stored, keep_marked=False)
    assert png(9) in fresh.cells[2].outputs[0].data["text/html"]


def test_only_marked_cells_are_kept_and_only_while_they_are_the_same_cell():
    marked = "# NBVAL_IGNORE_OUTPUT\nclock()"
    worded = "# NBVAL_IGNORE_OUTPUT since it is a clock\nclock()"
    stored = lesson(executed(marked, stream("1")), executed(worded, stream("1")))
    fresh = lesson(executed(marked, stream("2")), executed(worded, stream("2")))
    assert merge(fresh, stored, keep_marked=True) == 1
    assert [cell.outputs[0].text for cell in fresh.cells[2:]] == ["1", "2"]
    moved = lesson(executed(marked, stream("2")))
    moved.cells[1].id = "another"
    assert merge(moved, stored, keep_marked=True) == 0
    assert moved.cells[2].outputs[0].text == "2"


def test_normalise_drops_a_widget_and_keeps_what_is_beside_it():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "8a1"}, "text/plain": "100%"}
    bar = v4.new_output("display_data", view)
    notebook = normalise(lesson(executed("bar()", stream("a"), bar, stream("b"))))
    assert [output.text for output in notebook.cells[1].outputs] == ["ab"]


def test_normalise_joins_only_neighbouring_pieces_of_one_stream():
    pieces = [stream("a"), stream("b"), stream("!", "stderr"), stream("c"), html_figure("AAAA")]
    notebook = normalise(lesson(executed("x", *pieces, stream("d"), stream("e"))))
    words = [output.get("text") for output in notebook.cells[1].outputs]
    assert words == ["ab", "!", "c", None, "de"]


def test_normalise_shrinks_the_metadata_and_gives_ids_to_an_old_notebook():
    notebook = lesson(executed("1"))
    notebook.metadata = nbformat.from_dict({"kernelspec": {"name": "mine"}, "toc": {"x": 1}})
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    normalise(notebook)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
        },
    }
    assert [cell.id for cell in notebook.cells] == ["cell-0", "cell-1"]
    nbformat.validate(notebook)


def write_lesson(folder: Path, name: str, opening: str = OPENING) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(nbformat.writes(lesson(opening=opening)))
    return path


def test_a_lesson_is_read_from_its_opening(tmp_path):
    path = write_lesson(tmp_path, "05_walk.ipynb")
    assert read_lesson(path) == Lesson(
        "05_walk.ipynb", "Walk downhill | step by step", "Take steps until it is flat.", 40
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# Walk", "Walk", "05_walk.ipynb: its first cell must begin with '# '"),
        ("What you'll do", "Aims", "05_walk.ipynb: it needs a heading '## What you'll do'"),
        ("Time: 40 minutes", "A while", "must say how long it takes: 'Time: 40 minutes'"),
        ("What you'll need", "Needs", "must say how long it takes: 'Time: 40 minutes'"),
    ],
)
def test_an_opening_that_lacks_something_is_a_clear_error(tmp_path, old, new, message):
    path = write_lesson(tmp_path, "05_walk.ipynb", OPENING.replace(old, new, 1))
    with pytest.raises(UsageError, match=message):
        read_lesson(path)


def test_the_table_of_lessons(tmp_path):
    folder = tmp_path / "notebooks"
    write_lesson(folder, "05_walk.ipynb")
    write_lesson(folder, "00_start_here.ipynb", OPENING.replace("40", "10"))
    assert lesson_table(folder).splitlines() == [
        "| | Lesson | What you'll do | Minutes |",
        "|---:|---|---|---:|",
        r"| 00 | [Walk downhill \| step by step](notebooks/00_start_here.ipynb) "
        "| Take steps until it is flat. | 10 |",
        r"| 05 | [Walk downhill \| step by step](notebooks/05_walk.ipynb) "
        "| Take steps until it is flat. | 40 |",
    ]


def test_a_stale_table_differs_from_a_new_one(tmp_path):
    folder = tmp_path / "notebooks"
    write_lesson(folder, "05_walk.ipynb")
    current = with_lesson_table("<!-- lessons --><!-- /lessons -->", folder)
    assert with_lesson_table(current, folder) == current
    write_lesson(folder, "05_walk.ipynb", OPENING.replace("40", "45"))
    assert with_lesson_table(current, folder) != current


@pytest.mark.parametrize("text", ["nothing", "<!-- lessons -->", "<!-- /lessons -->"])
def test_a_readme_without_marks_is_a_clear_error(tmp_path, text):
    write_lesson(tmp_path, "05_walk.ipynb")
    with pytest.raises(UsageError, match="no place for the lessons"):
        with_lesson_table(text, tmp_path)
