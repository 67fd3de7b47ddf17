"""Marks and feedback go back in files that the system takes; what is not final is not a number."""

import csv
import io
import json
import shutil
import zipfile

import classroom
import pytest
import systems
from classroom import NAME, mark, run
from systems import CANVAS_GRADEBOOK, MOODLE_WORKSHEET, zipped

pytestmark = pytest.mark.usefixtures("no_sandbox")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a course whose class came from Canvas, and one from Moodle, collected and graded."""
    folder = tmp_path_factory.mktemp("graded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin.isatty", lambda: False, raising=False)
        patch.setattr(
            "mfteach.grading.commands.grade.find_sandbox", lambda *_: classroom.NoSandbox()
        )
        for system, list_of_class in (("canvas", CANVAS_GRADEBOOK), ("moodle", MOODLE_WORKSHEET)):
            (folder / system).mkdir()
            course = classroom.make(folder / system / "course")
            if system == "moodle":
                (course / "students.csv").write_text("id\ns1\ns2\ns3\ns4\n")
            (folder / "grades.csv").write_text(list_of_class, encoding="utf-8")
            archive = getattr(systems, system)(course, folder / f"{system}.zip")
            words = ("--gradebook", str(folder / "grades.csv"))
            assert run(course, "collect", str(archive), *words) == 0
            assert run(course, NAME) == 0
    return folder


@pytest.fixture
def canvas(graded, tmp_path):
    """Return a copy of the class from Canvas."""
    return shutil.copytree(graded / "canvas", tmp_path / "canvas") / "course"


@pytest.fixture
def moodle(graded, tmp_path):
    """Return a copy of the class from Moodle."""
    return shutil.copytree(graded / "moodle", tmp_path / "moodle") / "course"


def table(file):
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def columns(file, key, *names):
    head, *rows = table(file)
    return {row[head.index(key)]: [row[head.index(name)] for name in names] for row in rows}


def test_canvas_gets_its_own_gradebook_with_one_column_filled(canvas, capsys):
    assert run(canvas, "export", NAME, "--column", "The Power Rule") == 0
    said = capsys.readouterr().out
    file = canvas / "exports" / f"{NAME}-canvas.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,")
    rows = table(file)
    assert rows[0][5:] == ["The Power Rule (9001)"]  # nothing that somebody else may have changed
    assert rows[1] == ["", "", "", "", "", "Manual Posting"]
    assert rows[2] == ["    Points Possible", "", "", "", "", "10.00"]
    assert columns(file, "ID", "Student", "SIS Login ID", "The Power Rule (9001)") == {
        "": ["    Points Possible", "", "10.00"],
        "101": ["Hopper, Grace", "ghopper", "8"],
        "102": ["Lovelace, Ada", "alovelace", "1"],  # a share for what is half right
        "103": ["O'Neil, Séan", "soneil", ""],
        "104": ["Turing, Alan", "aturing", "7.50"],
        "106": ["Gauss, C.", "cgauss", "EX"],
        "109": ["Absent, A.", "aabsent", ""],
        "999": ["Student, Test", "5f3a", ""],
    }
    assert f"{file}: 2 marks" in said
    assert "left as it was (excused): cgauss" in said
    assert "no mark, missing: aabsent, cgauss" in said
    assert "no mark, refused: soneil" in said
    assert "no mark, not marked yet: aturing" in said
    assert "late, but by how much is not known; nothing deducted: alovelace" in said
    assert "time of submission not known; nothing deducted: aturing, ghopper" in said


def test_after_marking_by_hand_the_mark_is_final(canvas):
    mark(canvas, "aturing", points=2)
    assert run(canvas, "export", NAME, "--column", "The Power Rule (9001)") == 0
    file = canvas / "exports" / f"{NAME}-canvas.csv"
    assert columns(file, "ID", "The Power Rule (9001)")["104"] == ["10"]


def test_the_column_is_found_or_asked(canvas, tmp_path, capsys):
    assert run(canvas, "export", NAME) == 2
    said = capsys.readouterr().err
    assert 'name it with --column, one of "The Power Rule (9001)", "Quiz 1 (9002)"' in said
    assert not (canvas / "exports").exists()
    named = tmp_path / "named.csv"
    named.write_text(CANVAS_GRADEBOOK.replace("The Power Rule", "03 Power Rule"), encoding="utf-8")
    assert run(canvas, "export", NAME, "--gradebook", str(named)) == 0
    assert run(canvas, "export", NAME, "--gradebook", str(named), "--column", "Quiz 1") == 2
    assert "gives 5.00 points for this assignment" in capsys.readouterr().err


def test_canvas_takes_feedback_under_the_names_that_it_gave(canvas):
    """It looks for two numbers between underscores, and files it under the name handed in."""
    assert run(canvas, "export", NAME, "--column", "The Power Rule") == 0
    file = canvas / "exports" / f"{NAME}-canvas-feedback.zip"
    first = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        pages = {name: json.loads(archive.read(name)) for name in names}
    assert sorted(names) == [
        "hoppergrace_101_5001_03-power-rule.ipynb",
        "lovelaceada_LATE_102_5002_03-power-rule-1.ipynb",
    ]  # a pdf cannot come back as a notebook, and a text is not marked yet
    said = "\n".join(
        "".join(c["source"]) for c in pages["hoppergrace_101_5001_03-power-rule.ipynb"]["cells"]
    )
    assert "**8** of 10 points" in said
    assert "## 1. A negative exponent" in said
    assert {c["cell_type"] for page in pages.values() for c in page["cells"]} == {"markdown"}
    assert run(canvas, "export", NAME, "--column", "The Power Rule") == 0
    assert file.read_bytes() == first
    nbformat = pytest.importorskip("nbformat")
    for page in pages.values():
        nbformat.validate(nbformat.from_dict(page))


def test_moodle_gets_its_own_worksheet_with_marks_and_comments(moodle, capsys):
    assert run(moodle, "export", NAME) == 0
    said = capsys.readouterr().out
    file = moodle / "exports" / f"{NAME}-moodle.csv"
    before = table(io_file(MOODLE_WORKSHEET, moodle))
    after = table(file)
    changed = {
        (r[0], h)
        for a, r in zip(before, after, strict=True)
        for h, x, y in zip(before[0], a, r, strict=True)
        if x != y
    }
    assert changed == {
        ("Participant 12345", "Grade"),
        ("Participant 12345", "Feedback comments"),
        ("Participant 12346", "Grade"),
        ("Participant 12346", "Feedback comments"),
        ("Participant 12348", "Feedback comments"),
    }
    assert columns(file, "Identifier", "Grade", "Feedback comments") == {
        "Participant 12345": ["8", "Not answered: q7."],
        "Participant 12346": ["6.4", "2 days late. Not answered: q7."],
        "Participant 12347": ["", ""],
        "Participant 12348": ["", "Nothing was handed in."],
    }
    assert "left as it was (the grade cannot be changed): s3" in said
    assert "no mark, missing: s4" in said


def io_file(text, folder):
    file = folder / "before.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_moodle_takes_feedback_in_the_folders_that_it_made(moodle):
    assert run(moodle, "export", NAME) == 0
    with zipfile.ZipFile(moodle / "exports" / f"{NAME}-moodle-feedback.zip") as archive:
        names = archive.namelist()
        page = archive.read(names[0]).decode()
    assert names[0] == f"Grace Hopper_12345_assignsubmission_file/{NAME}-feedback.html"
    assert len(names) == 3
    assert "<strong>8</strong> of 10 points" in page


def test_a_worksheet_with_semicolons_and_decimal_commas(moodle, tmp_path):
    text = MOODLE_WORKSHEET.replace("10.00", "10,00")
    rows = list(csv.reader(io.StringIO(text.replace("10,00", '"10,00"').replace('""', '"'))))
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    (tmp_path / "w.csv").write_text(stream.getvalue(), encoding="utf-8")
    assert run(moodle, "export", NAME, "--gradebook", str(tmp_path / "w.csv")) == 0
    lines = (moodle / "exports" / f"{NAME}-moodle.csv").read_text(encoding="utf-8-sig").splitlines()
    assert any(";6,4;" in line for line in lines)


def test_points_that_differ_from_the_system_s_are_an_error(moodle, tmp_path, capsys):
    other = tmp_path / "w.csv"
    other.write_text(MOODLE_WORKSHEET.replace("10.00", "100.00"), encoding="utf-8")
    assert run(moodle, "export", NAME, "--gradebook", str(other)) == 2
    assert "set it to 10 in Moodle, and download the file again" in capsys.readouterr().err


def test_nobody_who_is_alike_is_named_in_an_export(course, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    same = systems.notebook(course, systems.WITHOUT_TEXT)
    entries = {f"{n}_{n}_{n}0_{NAME}.ipynb": same for n in (771, 772)}
    assert run(course, "collect", str(zipped(tmp_path / "x.zip", entries))) == 0
    assert run(course, NAME) == 0
    assert run(course, "export", NAME) == 0
    report = (course / "reports" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "as that of 772" in report
    assert not caplog.records
    for file in (course / "feedback" / "771").iterdir():
        assert "772" not in file.read_text(encoding="utf-8")
    with zipfile.ZipFile(course / "exports" / f"{NAME}-canvas-feedback.zip") as archive:
        for name in archive.namelist():
            others = {"771", "772"} - {name[:3]}
            assert not any(other in archive.read(name).decode() for other in others)
    for file in (course / "exports").glob("*.csv"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not {"771", "772"} <= set(line.replace("'", "").split(","))
            assert "same" not in line
