"""Submissions are put into place, whatever the system called them; what is unclear is asked."""

import json
import zipfile

import pytest
import systems
from classroom import NAME, place, run
from systems import CANVAS_GRADEBOOK, MOODLE_WORKSHEET, UNMARKED, WITHOUT_TEXT, notebook, zipped

from mfteach.grading.commands import collect
from mfteach.grading.exchange.archive import Found
from mfteach.grading.exchange.schemes import original, pieces
from mfteach.grading.submissions.collected import Collected
from mfteach.grading.submissions.notebooks import Refusal, read

pytestmark = pytest.mark.usefixtures("nobody_at_the_terminal")


@pytest.fixture
def nobody_at_the_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)


@pytest.fixture
def gradebook(tmp_path):
    file = tmp_path / "grades.csv"
    file.write_text(CANVAS_GRADEBOOK, encoding="utf-8")
    return str(file)


# How files are named -----------------------------------------------------------------------------


def read_names(*paths, assignments=(NAME,), students=()):
    found, others = pieces([Found(path, bytes) for path in paths], assignments, students)
    return [(one.user, one.own, one.order, one.late) for one in found], [one.path for one in others]


@pytest.mark.parametrize(
    ("path", "piece"),
    [
        ("hoppergrace_101_5001_a.ipynb", ("101", "a.ipynb", 5001, False)),
        ("hoppergrace_LATE_101_5001_a_b-2.ipynb", ("101", "a_b-2.ipynb", 5001, True)),
        ("101_5001_1_2_a.ipynb", ("101", "1_2_a.ipynb", 5001, False)),
        ("o_neil_101_5001_a.ipynb", ("101", "a.ipynb", 5001, False)),
        ("李雷_101_5001_a.ipynb", ("101", "a.ipynb", 5001, False)),
        ("anon_a1b2c_5001_a.ipynb", ("anon_a1b2c", "a.ipynb", 5001, False)),
        ("LATE_anon_a1b2c_5001_a.ipynb", ("anon_a1b2c", "a.ipynb", 5001, True)),
        ("late_101_5001_a.ipynb", ("101", "a.ipynb", 5001, False)),  # someone called Late
        ("hoppergrace_101_text.html", ("101", "text.html", 0, False)),
        ("hoppergrace_LATE_101_link.html", ("101", "link.html", 0, True)),
        ("submissions/hoppergrace_101_5001_a.ipynb", ("101", "a.ipynb", 5001, False)),
        ("Grace Hopper_12_assignsubmission_file/a.ipynb", ("12", "a.ipynb", 0, False)),
        ("Grace Hopper_12_assignsubmission_file_/b/a.ipynb", ("12", "a.ipynb", 0, False)),
        ("Grace Hopper_12_assignsubmission_file_a_b.ipynb", ("12", "a_b.ipynb", 0, False)),
        ("Participant_12_assignsubmission_file/a.ipynb", ("12", "a.ipynb", 0, False)),
        ("x/Hopper, G._12_assignsubmission_file/a.ipynb", ("12", "a.ipynb", 0, False)),
        ("Grace Hopper_12_assignsubmission_onlinetext/t.html", ("12", "t.html", 0, False)),
        (f"s1/{NAME}/{NAME}.ipynb", ("s1", f"{NAME}.ipynb", 0, False)),
        (f"submitted/s1/{NAME}/x.ipynb", ("s1", "x.ipynb", 0, False)),
        (f"s1/{NAME}.ipynb", ("s1", f"{NAME}.ipynb", 0, False)),
        ("s1.ipynb", ("s1", "s1.ipynb", 0, False)),
    ],
)
def test_a_path_says_whose_it_is(path, piece):
    assert read_names(path) == ([piece], [])


def test_in_a_folder_the_class_list_tells_a_student_from_the_rest_of_a_name():
    students = ("s1", "s10", "a-b")
    found, others = read_names(
        "s10_homework.ipynb", "hw s1 final.ipynb", "a-b-3.ipynb", "xs1x.ipynb", students=students
    )
    assert [user for user, *_ in found] == ["s10", "s1", "a-b"]
    assert others == ["xs1x.ipynb"]


def test_one_odd_name_does_not_make_a_folder_canvas_s():
    found, _ = read_names("a/x.ipynb", "b/x.ipynb", "c/c_1_2_x.ipynb")
    assert [user for user, *_ in found] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["a.ipynb", "a-1.ipynb", "a (2).ipynb", "a(3).ipynb"])
def test_copies_of_a_name(name):
    assert original(name) == "a"


# Into place --------------------------------------------------------------------------------------


def test_canvas(course, tmp_path, gradebook, capsys):
    archive = systems.canvas(course, tmp_path / "submissions.zip")
    assert run(course, "collect", str(archive), "--gradebook", gradebook) == 0
    said = capsys.readouterr().out
    assert place(course, "ghopper").read_bytes() == notebook(course, WITHOUT_TEXT)
    assert place(course, "aturing").read_bytes() == notebook(course, UNMARKED)
    assert "late, but by how much is not known: alovelace" in said
    assert "time of submission not known: aturing, ghopper" in said
    assert "not a notebook, which grading will refuse: soneil" in said
    assert "handed in nothing: aabsent, cgauss" in said
    assert f"next: mfteach-grade {NAME}" in said
    with pytest.raises(Refusal, match=r"my_answers.pdf is not a notebook") as refusal:
        read(course, "soneil", NAME)
    assert refusal.value.label == "refused"
    listed = (course / "students.csv").read_text(encoding="utf-8").splitlines()
    assert listed[:2] == ["id,last_name,first_name", "ghopper,Hopper,Grace"]
    assert len(listed) == 7  # the test student is not one
    origin = Collected.load(course, NAME).origins["alovelace"]
    assert (origin.user, origin.order, origin.late) == ("102", 5002, True)


def test_collecting_again_changes_nothing_and_a_newer_file_replaces_an_older_one(
    course, tmp_path, gradebook, capsys
):
    words = ("--gradebook", gradebook)
    first = systems.canvas(course, tmp_path / "first.zip")
    assert run(course, "collect", str(first), *words) == 0
    before = {f: f.read_bytes() for f in (course / "submitted").rglob("*") if f.is_file()}
    assert run(course, "collect", str(first), *words) == 0
    after = {f: f.read_bytes() for f in (course / "submitted").rglob("*") if f.is_file()}
    assert after == before
    newer = {"hoppergrace_101_6001_03-power-rule-1.ipynb": notebook(course, UNMARKED)}
    second = zipped(tmp_path / "second.zip", newer)
    capsys.readouterr()
    assert run(course, "collect", str(second), *words) == 0
    assert "replaced by a newer file: ghopper" in capsys.readouterr().out
    assert place(course, "ghopper").read_bytes() == notebook(course, UNMARKED)
    assert read(course, "ghopper", NAME).note == ""
    kept = place(course, "ghopper").with_name(f".earlier-{NAME}.ipynb")
    assert kept.read_bytes() == notebook(course, WITHOUT_TEXT)
    assert run(course, "collect", str(first), *words) == 0  # the older zip by mistake
    assert "older than what is there, so left out: ghopper" in capsys.readouterr().out
    assert place(course, "ghopper").read_bytes() == notebook(course, UNMARKED)


@pytest.mark.parametrize(
    "folder", ["_assignsubmission_file/", "_assignsubmission_file_/", "_assignsubmission_file_"]
)
def test_moodle_with_its_times_in_the_zone_of_the_course(course, tmp_path, folder, capsys):
    settings = course / "course.toml"
    settings.write_text('timezone = "America/Chicago"\n' + settings.read_text())
    (course / "students.csv").write_text("id\ns1\ns2\ns3\ns4\n")
    worksheet = tmp_path / "Grades.csv"
    worksheet.write_text(MOODLE_WORKSHEET, encoding="utf-8")
    archive = systems.moodle(course, tmp_path / "moodle.zip", folder)
    assert run(course, "collect", str(archive), "--gradebook", str(worksheet)) == 0
    said = capsys.readouterr().out
    assert "handed in nothing: s4" in said
    assert "not known" not in said
    when = read(course, "s1", NAME).submitted_at
    assert when.isoformat() == "2027-02-01T23:58:00+00:00"
    assert place(course, "s3").read_bytes() == notebook(course, WITHOUT_TEXT)  # not its online text


def test_without_a_list_the_system_s_number_is_the_id(course, tmp_path):
    archive = systems.moodle(course, tmp_path / "moodle.zip")
    assert run(course, "collect", str(archive)) == 0
    assert {one.name for one in (course / "submitted").iterdir()} == {"12345", "12346", "12347"}


def test_names_say_who_it_is_where_ids_do_not(course, tmp_path):
    (course / "students.csv").write_text(
        "id,last_name,first_name\na,Hopper,Grace\nb,Lovelace,Ada\nc,O'Neil,Séan\nd,Turing,Alan\n",
        encoding="utf-8",
    )
    archive = systems.canvas(course, tmp_path / "canvas.zip")
    assert run(course, "collect", str(archive)) == 0
    assert Collected.load(course, NAME).origins["c"].user == "103"


# What a person decides ---------------------------------------------------------------------------


def test_who_is_not_clear_is_listed_with_the_option_that_decides(course, tmp_path, capsys):
    (course / "students.csv").write_text("id,last_name,first_name\na,Hopper,Grace\nz,,\n")
    entries = {
        f"hoppergrace_101_1_{NAME}.ipynb": notebook(course, UNMARKED),
        f"stranger_102_2_{NAME}.ipynb": notebook(course, WITHOUT_TEXT),
    }
    archive = zipped(tmp_path / "canvas.zip", entries)
    assert run(course, "collect", str(archive)) == 1
    said = capsys.readouterr().out
    assert "102 (stranger) is not on the class list" in said
    assert "--student 102=ID" in said
    assert place(course, "a").is_file()
    assert run(course, "collect", str(archive), "--student", "102=z") == 0
    assert place(course, "z").read_bytes() == notebook(course, WITHOUT_TEXT)


def test_two_users_are_never_one_student(course, tmp_path, capsys):
    (course / "students.csv").write_text("id,last_name,first_name\na,Hopper,Grace\n")
    entries = {f"hoppergrace_{n}_{n}_{NAME}.ipynb": notebook(course, UNMARKED) for n in (1, 2)}
    assert run(course, "collect", str(zipped(tmp_path / "x.zip", entries))) == 1
    assert "1, 2 would all be a: say who is who with --student 1=ID" in capsys.readouterr().out
    assert not (course / "submitted" / "a").exists()


@pytest.fixture
def two_notebooks(course, tmp_path):
    """Return a zip in which a student handed in two notebooks of no known name."""
    entries = {
        "hoppergrace_101_1_a.ipynb": notebook(course, UNMARKED),
        "hoppergrace_101_2_b.ipynb": notebook(course, WITHOUT_TEXT),
    }
    return str(zipped(tmp_path / "canvas.zip", entries))


def test_which_of_two_notebooks_counts_is_asked(course, two_notebooks, capsys, monkeypatch):
    assert run(course, "collect", two_notebooks) == 1
    assert "101 handed in 2 notebooks, a.ipynb, b.ipynb" in capsys.readouterr().out
    assert run(course, "collect", two_notebooks, "--file", "101=b.ipynb") == 0
    assert place(course, "101").read_bytes() == notebook(course, WITHOUT_TEXT)
    assert run(course, "collect", two_notebooks, "--file", "101=c.ipynb") == 1
    assert "101 handed in a.ipynb, b.ipynb, and not c.ipynb" in capsys.readouterr().out


def test_at_a_terminal_the_person_is_asked(course, two_notebooks, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "2")
    assert run(course, "collect", two_notebooks) == 0
    assert "  2. b.ipynb" in capsys.readouterr().err
    assert place(course, "101").read_bytes() == notebook(course, WITHOUT_TEXT)
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert collect._ask("?", ["a"]) is None


def test_of_canvas_s_copies_of_one_name_the_newest_counts(course, tmp_path):
    entries = {
        f"hoppergrace_101_2_{NAME}.ipynb": notebook(course, UNMARKED),
        f"hoppergrace_101_9_{NAME}-1.ipynb": notebook(course, WITHOUT_TEXT),
        "hoppergrace_101_7_figure.png": b"png",
    }
    assert run(course, "collect", str(zipped(tmp_path / "x.zip", entries))) == 0
    assert place(course, "101").read_bytes() == notebook(course, WITHOUT_TEXT)


def test_which_assignment_it_is_is_seen_from_titles_or_asked(course, tmp_path, capsys):
    archive = zipped(tmp_path / "x.zip", {"a_1_1_homework.ipynb": notebook(course, UNMARKED)})
    assert run(course, "collect", str(archive)) == 0
    unknown = str(zipped(tmp_path / "y.zip", {"a_1_2_homework.ipynb": b"{}"}))
    assert run(course, "collect", unknown) == 2
    assert "say it with --assignment NAME, one of 03-power-rule" in capsys.readouterr().err
    assert run(course, "collect", unknown, "--assignment", "99-x") == 2
    assert run(course, "collect", unknown, "--assignment", NAME) == 0
    assert place(course, "1").read_bytes() == b"{}"


# What cannot be used -----------------------------------------------------------------------------


def test_a_damaged_or_hostile_zip_costs_nobody_else_anything(course, tmp_path, capsys):
    entries = {
        f"../../hoppergrace_101_1_{NAME}.ipynb": notebook(course, UNMARKED),
        f"/etc/x_102_2_{NAME}.ipynb": notebook(course, UNMARKED),
        f"y_103_3_{NAME}.ipynb": b"broken",
        f"z_104_4_{NAME}.ipynb": b"0" * (20 * 2**20 + 1),
        "v_105_5_../../../evil.sh": b"#!/bin/sh",
        "__MACOSX/._hoppergrace_101_1_x.ipynb": b"",
    }
    archive = zipped(tmp_path / "x.zip", entries)
    link = zipfile.ZipInfo(f"l_106_6_{NAME}.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr(link, "/etc/passwd")
        more.writestr(f"c_107_7_{NAME}.ipynb", b"spam" * 1000)
    data = archive.read_bytes()
    spoilt = data.rindex(b"c_107")
    place_of_data = data.index(b"c_107") + len(f"c_107_7_{NAME}.ipynb")
    assert spoilt > place_of_data
    archive.write_bytes(data[:place_of_data] + b"\xff\xff" + data[place_of_data + 2 :])
    before = {f for f in tmp_path.rglob("*") if "submitted" not in f.parts}
    assert run(course, "collect", str(archive), "--assignment", NAME) == 0
    assert place(course, "101").read_bytes() == notebook(course, UNMARKED)
    assert place(course, "102").read_bytes() == notebook(course, UNMARKED)
    for student, why in (
        ("104", "larger than 20 MB"),
        ("106", "a link and not a file"),
        ("107", "cannot be read from the zip"),
    ):
        with pytest.raises(Refusal, match=why) as refusal:
            read(course, student, NAME)
        assert refusal.value.label == "refused"
    after = {f for f in tmp_path.rglob("*") if "submitted" not in f.parts}
    assert {f.name for f in after - before} <= {"collected", f"{NAME}.json", ".grading.lock"}
    assert "evil.sh" not in {f.name for f in tmp_path.rglob("*")}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.zip", None, "does not exist: give the zip that you downloaded, or a folder"),
        ("x.zip", b"PK", "is neither a complete zip nor a folder: download it again"),
    ],
)
def test_what_is_not_an_archive(course, tmp_path, name, data, said, capsys):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert run(course, "collect", str(tmp_path / name)) == 2
    assert said in capsys.readouterr().err


def test_an_empty_folder_and_a_table_of_another_kind(course, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(course, "collect", str(tmp_path / "empty")) == 2
    assert "contains nothing that can be told apart by student" in capsys.readouterr().err
    table = tmp_path / "t.csv"
    table.write_text("a,b\n1,2\n")
    assert run(course, "collect", str(tmp_path / "empty"), "--gradebook", str(table)) == 2
    assert "is neither Canvas's gradebook" in capsys.readouterr().err
    assert run(course, "collect", str(tmp_path), "--gradebook", str(tmp_path / "none")) == 2


def test_a_damaged_record_says_what_to_do(course, tmp_path, capsys):
    archive = zipped(tmp_path / "x.zip", {f"a_1_1_{NAME}.ipynb": notebook(course, UNMARKED)})
    run(course, "collect", str(archive))
    (course / "collected" / f"{NAME}.json").write_text(json.dumps({"system": 3}))
    assert run(course, "collect", str(archive)) == 2
    assert "is damaged: delete it, and collect again" in capsys.readouterr().err
