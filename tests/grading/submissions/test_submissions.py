"""Whatever is in submitted/ becomes a submission, or a reason for the student."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone

import pytest
from classroom import HOSTILE, NAME, place, released, submit, submit_text

from mfteach.console import UsageError
from mfteach.grading.students import class_list, students
from mfteach.grading.submissions import notebooks as submissions
from mfteach.grading.submissions.notebooks import Refusal, read


def refusal(course, student="s1"):
    with pytest.raises(Refusal) as caught:
        read(course, student, NAME)
    return caught.value.label, caught.value.reason


# What is read ------------------------------------------------------------------------------------


def test_a_notebook_is_read_as_cells_with_their_names(course):
    submit(course, "s1")
    submission = read(course, "s1", NAME)
    cells = {cell.grade_id: cell for cell in submission.cells}
    assert cells["q1"].kind == "code"
    assert cells["q1-question"].kind == "markdown"
    assert (submission.student, submission.note, submission.submitted_at) == ("s1", "", None)
    assert len(submission.digest) == 64


def test_a_byte_order_mark_costs_nothing(course):
    file = submit(course, "s1")
    before = read(course, "s1", NAME).cells
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read(course, "s1", NAME).cells == before


def test_nbformat_3_is_read_too(course):
    cells = [
        {"cell_type": c["cell_type"], "input": c["source"], "metadata": c["metadata"]}
        for c in released(course)["cells"]
    ]
    submit_text(course, "s1", json.dumps({"worksheets": [{"cells": cells}, 3], "nbformat": 3}))
    submission = read(course, "s1", NAME)
    assert [cell.grade_id for cell in submission.cells if cell.grade_id == "q3"] == ["q3"]
    assert all(cell.source for cell in submission.cells)


def test_cells_of_any_form_are_read_as_far_as_they_go(course):
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", 5, "b = 2"], "metadata": {"nbgrader": 3}},
        {"cell_type": "chart", "source": 7, "metadata": []},
        {"source": "\ud800", "metadata": {"nbgrader": {"grade_id": ["q1"]}}},
        "no cell",
    ]
    submit_text(course, "s1", json.dumps({"cells": cells}))
    first, second, third = read(course, "s1", NAME).cells
    assert (first.kind, first.source, first.grade_id) == ("code", "a = 1\nb = 2", None)
    assert (second.kind, second.source) == ("raw", "")
    assert (third.source, third.grade_id) == ("?", None)


def test_one_notebook_under_another_name_is_accepted_with_a_note(course):
    file = submit(course, "s1")
    file.rename(file.with_name("Untitled <1>.IPYNB"))
    assert read(course, "s1", NAME).note == "The notebook was called Untitled <1>.IPYNB."


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2027-02-01 10:00:00 UTC", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("2027-02-01 10:00:00.5", datetime(2027, 2, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2027-02-01T10:00:00Z\n", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        (
            "2027-02-01 10:00 +0200",
            datetime(2027, 2, 1, 10, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("2027-07-01 10:00:00 Europe/Berlin", datetime(2027, 7, 1, 8, tzinfo=UTC)),
    ],
)
def test_the_time_is_nbgraders(course, text, when):
    submit(course, "s1", when=text)
    assert read(course, "s1", NAME).submitted_at == when


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2027-02-01 10:00:00 Nowhere/At_All",
        "x" * 300,
        # Times that UTC does not have, or offsets that no clock has.
        "0001-01-01 00:00:00 +23:59",
        "9999-12-31 23:59:59 -23:59",
        "0001-01-01 00:00:00 Asia/Tokyo",
        "9999-12-31 23:59:59 America/New_York",
        "0000-01-01 00:00:00 UTC",
        "2027-02-01 10:00:00 +99:99",
        "2027-02-01 10:00:00 -24:00",
        "2027-02-01 25:00:00 UTC",
        "2027-02-01 10:00:00 Europe",
        "2027-02-01 10:00:00 ////",
        "2027-02-01 10:00:00 /etc/passwd",
        "",
    ],
)
def test_a_time_that_cannot_be_read_gives_a_note_and_costs_nothing(course, text):
    submit(course, "s1", when=text)
    submission = read(course, "s1", NAME)
    assert submission.submitted_at is None
    assert "timestamp.txt cannot be read" in submission.note


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*HOSTILE, "-rf", ".hidden", "a b", "ü", "x" * 65, "..", "."])
def test_a_folder_whose_name_is_not_an_id_is_refused(course, name):
    assert refusal(course, name)[0] == "refused"


def test_nothing_submitted(course):
    assert refusal(course) == ("not submitted", "Nothing was submitted.")
    place(course, "s1").parent.mkdir(parents=True)
    assert refusal(course) == (
        "not submitted",
        f"The folder contains no notebook. Submit {NAME}.ipynb.",
    )


def link(file):
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def hard_link(file):
    os.link(file, file.parents[3] / "other")


def pipe(file):
    file.unlink()
    os.mkfifo(file)


def folder(file):
    file.unlink()
    file.mkdir()


def linked_folder(file):
    file.parent.rename(file.parents[3] / "elsewhere")
    file.parent.symlink_to(file.parents[3] / "elsewhere")


def two(file):
    file.with_name("a.ipynb").write_bytes(file.read_bytes())
    file.rename(file.with_name("b.ipynb"))


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (link, f"{NAME}.ipynb is a link and not a file. Submit a file."),
        (hard_link, f"{NAME}.ipynb is a link to another file. Submit a copy of your own."),
        (pipe, f"{NAME}.ipynb is a pipe and not a file. Submit a file."),
        (folder, f"{NAME}.ipynb is a folder and not a file. Submit a file."),
        (linked_folder, f"{NAME} is a link and not a folder. Submit a folder."),
        (two, f"There are 2 notebooks, and none is called {NAME}.ipynb. Submit one, under"),
    ],
)
def test_what_is_not_a_separate_file_is_refused(course, happens, said):
    happens(submit(course, "s1"))
    label, reason = refusal(course)
    assert label == "refused"
    assert reason.startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b" \n", "The file is empty."),
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"{'cells': []}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "it has no cells"),
        (b'{"cells": 3}', "it has no cells"),
        (b'{"worksheets": 3}', "it has no cells"),
        (b"[" * (submissions.MAX_PARTS + 1), "too many parts"),
    ],
)
def test_what_is_not_a_notebook_is_refused(course, content, said):
    submit(course, "s1").write_bytes(content)
    label, reason = refusal(course)
    assert label == "refused"
    assert said in reason


def test_more_code_than_anybody_writes_is_refused(course):
    """Its syntax trees would take gigabytes, outside any sandbox."""
    code = [{"cell_type": "code", "metadata": {}, "source": "[" + "x," * 60_000 + "]"}] * 5
    submit_text(course, "s1", json.dumps({"cells": code}))
    assert "more than 500 thousand characters of code" in refusal(course)[1]
    submit_text(course, "s1", json.dumps({"cells": code[:4]}))
    assert len(read(course, "s1", NAME).cells) == 4


def test_a_picture_in_a_text_is_not_code(course):
    cell = {"cell_type": "markdown", "metadata": {}, "source": "![](data:" + "A" * 600_000 + ")"}
    submit_text(course, "s1", json.dumps({"cells": [cell]}))
    assert len(read(course, "s1", NAME).cells) == 1


def test_what_is_too_large_is_refused_without_being_read(course, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_BYTES", 2**20)
    with submit(course, "s1").open("r+b") as stream:
        stream.truncate(2**40)
    assert "is larger than 1 MB" in refusal(course)[1]


def test_a_file_that_becomes_a_link_while_it_is_read_is_refused(course, monkeypatch):
    file = submit(course, "s1")
    real = os.stat

    def stat(name, **keywords):
        found = real(name, **keywords)
        if name == file.name and not file.is_symlink():
            link(file)
        return found

    monkeypatch.setattr(os, "stat", stat)
    assert refusal(course)[1] == f"{NAME}.ipynb is a link. Submit the file itself."


def test_a_file_that_is_replaced_while_it_is_read_is_refused(course, monkeypatch):
    file = submit(course, "s1")
    real = os.stat

    def stat(name, **keywords):
        found = real(name, **keywords)
        if name == file.name:
            file.with_name("new").write_bytes(b"{}")
            file.with_name("new").replace(file)
        return found

    monkeypatch.setattr(os, "stat", stat)
    assert "changed while it was read" in refusal(course)[1]


# The class ---------------------------------------------------------------------------------------


def test_the_class_is_everyone_listed_or_submitting(course):
    (course / "students.csv").write_text("last_name,id\nHopper, s2 \n,s9\n")
    for name in ("s1", "a b", ".ipynb_checkpoints"):
        (course / "submitted" / name).mkdir()
    assert students(course) == ["a b", "s1", "s2", "s9"]
    assert class_list(course) == {"s2": "Hopper", "s9": ""}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name\nAda\n", "has no column id"),
        (b"id\n<b>\n", "line 2: '<b>' is not an id"),
        (b"id\n\xff\n", "cannot be read"),
    ],
)
def test_a_class_list_that_cannot_be_used_names_the_line(course, content, said):
    (course / "students.csv").write_bytes(content)
    with pytest.raises(UsageError, match=r"students\.csv") as caught:
        students(course)
    assert said in str(caught.value)


def test_neither_a_class_list_nor_submissions(course):
    (course / "submitted").rmdir()
    with pytest.raises(UsageError, match=r"put the notebooks into submitted/STUDENT/ASSIGNMENT/"):
        students(course)
    (course / "students.csv").write_text("student\n")
    with pytest.raises(UsageError, match="is missing"):
        students(course)
    (course / "students.csv").write_text("student\ns1\n")
    assert students(course) == ["s1"]
