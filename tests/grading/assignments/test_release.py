"""The release: nothing meant for instructors, the same bytes each time, drift is noticed."""

import copy
import json
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import compute_checksum

from mfteach.grading.assignments import leaks, release
from mfteach.grading.assignments.plain_nbgrader import expect, find_course
from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import draw, sample

NAME = "03-power-rule"
COURSE = Path(__file__).parents[3] / "exercises"


@pytest.fixture
def course(tmp_path):
    """Return a course of this one assignment, in its own folder."""
    folder = tmp_path / "exercises"
    for part in ("source", "release"):
        shutil.copytree(COURSE / part / NAME, folder / part / NAME)
    for part, suffix in (("questions", "toml"), ("checks", "py")):
        (folder / part).mkdir()
        shutil.copy(COURSE / part / f"{NAME}.{suffix}", folder / part)
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    shutil.copy(COURSE / "STUDENTS.md", folder)
    return folder


@pytest.fixture(scope="module")
def variant():
    return sample(Assignment.load(COURSE, NAME))


@pytest.fixture(scope="module")
def source(variant):
    return release.rendered_source(COURSE, variant)


@pytest.fixture
def notebook():
    return json.loads((COURSE / "release" / NAME / f"{NAME}.ipynb").read_text())


def cell(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


# Building ----------------------------------------------------------------------------------------


def test_two_builds_are_the_same_bytes_and_what_is_stored(course):
    assignment = Assignment.load(course, NAME)
    stored = (COURSE / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    assert release.build(course, assignment).encode() == stored
    assert release.build(course, assignment).encode() == stored


def test_building_touches_nothing_but_the_release(course):
    def listing():
        return {p: p.read_bytes() for p in course.parent.rglob("*") if p.is_file()}

    before = listing()
    assert release.write_release(course, NAME) is False
    assert listing() == before


def test_the_release_keeps_the_cells_and_their_ids(source, notebook):
    assert [c["id"] for c in notebook["cells"]] == [c["id"] for c in source["cells"]]
    nbformat.validate(nbformat.from_dict(notebook))


def test_checksums_are_those_of_nbgrader(notebook):
    checked = [c for c in nbformat.from_dict(notebook).cells if "nbgrader" in c.metadata]
    assert len(checked) > 20
    assert all(c.metadata.nbgrader.checksum == compute_checksum(c) for c in checked)


# Check cells -------------------------------------------------------------------------------------


def test_nobody_writes_a_check_cell_and_every_question_but_texts_gets_one(source):
    file = COURSE / "source" / NAME / f"{NAME}.ipynb"
    written = [c["id"] for c in json.loads(file.read_text())["cells"]]
    whole = [c["id"] for c in source["cells"]]
    checks = [f"q{number}-check" for number in range(1, 7)]
    assert [name for name in whole if name not in written] == checks
    assert all(whole[whole.index(name) - 1] == name.removesuffix("-check") for name in checks)


def test_a_check_cell_follows_from_the_question_file(source):
    assert cell(source, "q6-check") == {
        "cell_type": "code",
        "execution_count": None,
        "id": "q6-check",
        "metadata": {
            "nbgrader": {
                "grade": True,
                "grade_id": "q6-check",
                "locked": True,
                "points": 2,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
        },
        "outputs": [],
        "source": 'check("q6", tangent_line)\n### BEGIN HIDDEN TESTS\n'
        "from mfteach.grading import expect\n\n"
        f'expect("{NAME}", "q6", tangent_line)\n### END HIDDEN TESTS',
    }
    assert cell(source, "q1-check")["source"].startswith('check("q1", q1)\n')


def test_points_in_the_release_come_from_the_question_file(course):
    file = course / "questions" / f"{NAME}.toml"
    file.write_text(file.read_text().replace("points = 1", "points = 3", 1))
    given = json.loads(release.build(course, Assignment.load(course, NAME)))
    assert cell(given, "q1-check")["metadata"]["nbgrader"]["points"] == 3


def leave_a_check_cell(notebook):
    copied = {**cell(notebook, "q3"), "id": "mine"}
    copied["metadata"] = {"nbgrader": {**copied["metadata"]["nbgrader"], "grade_id": "q3-check"}}
    notebook["cells"].append(copied)


def leave_a_check_cell_without_its_metadata(notebook):
    notebook["cells"].append({**cell(notebook, "q3"), "id": "q3-check", "metadata": {}})


def remove_an_answer(notebook):
    notebook["cells"].remove(cell(notebook, "q4"))


def remove_a_question(notebook):
    notebook["cells"].remove(cell(notebook, "q4-question"))


def copy_an_answer(notebook):
    notebook["cells"].append({**cell(notebook, "q4"), "id": "copied"})


def write_code_as_text(notebook):
    cell(notebook, "q2")["cell_type"] = "markdown"


def change_the_points_of_the_text(notebook):
    cell(notebook, "q7")["metadata"]["nbgrader"]["points"] = 5


MISFITS = [
    (leave_a_check_cell, "remove the cell q3-check from the source: make release writes it"),
    (leave_a_check_cell_without_its_metadata, "remove the cell q3-check from the source"),
    (remove_an_answer, "the source has no cell q4"),
    (remove_a_question, "the source has no cell q4-question"),
    (copy_an_answer, "the source has 2 cells q4: keep one of them"),
    (write_code_as_text, "q2 is a choice, so its cell must be code"),
    (change_the_points_of_the_text, "q7 has 5 points, but the question file gives 2"),
]


@pytest.mark.parametrize(("doctor", "told"), MISFITS)
def test_source_and_question_file_must_match(doctor, told, course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    broken = json.loads(file.read_text())
    doctor(broken)
    file.write_text(json.dumps(broken))
    assignment = Assignment.load(course, NAME)
    with pytest.raises(release.ReleaseError) as caught:
        release.build(course, assignment)
    headline, problem = str(caught.value).splitlines()
    assert headline == f"{NAME} cannot be released:"
    assert problem.startswith(told)
    with pytest.raises(release.ReleaseError, match="cannot be released"):
        release.rendered_source(course, sample(assignment))


def test_every_misfit_is_reported_at_once(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    broken = json.loads(file.read_text())
    for doctor, _ in MISFITS[2:4]:
        doctor(broken)
    file.write_text(json.dumps(broken))
    with pytest.raises(release.ReleaseError) as caught:
        release.build(course, Assignment.load(course, NAME))
    assert "cell q4-question" in str(caught.value) and "cell q4\n" in f"{caught.value}\n"


def test_an_unknown_placeholder_names_its_cell(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    file.write_text(file.read_text().replace("«q4.p»", "«q4.z»"))
    with pytest.raises(release.ReleaseError, match=r"q4-question: «q4.z» has no value"):
        release.build(course, Assignment.load(course, NAME))


def test_what_nbgrader_refuses_is_reported(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    file.write_text(file.read_text().replace("### END SOLUTION", "### END", 1))
    with pytest.raises(release.ReleaseError, match=f"{NAME} cannot be released"):
        release.build(course, Assignment.load(course, NAME))


# Drift -------------------------------------------------------------------------------------------


def test_a_release_that_is_up_to_date_has_no_problems(course):
    assert release.check_release(course) == []


def test_drift_is_noticed(course):
    file = course / "release" / NAME / f"{NAME}.ipynb"
    file.write_bytes(file.read_bytes() + b" ")
    assert release.check_release(course) == [
        f"{NAME}: the release does not match its source; run make release"
    ]
    file.unlink()
    assert release.check_release(course) == [f"{NAME}: the release is missing; run make release"]
    (course / "release" / "98-gone").mkdir()
    (course / "questions" / f"{NAME}.toml").write_text("title = 3")
    problems = release.check_release(course)
    assert len(problems) == 2
    assert problems[0].startswith(str(course / "questions")) and "title" in problems[0]
    assert problems[1] == "release/98-gone: there is no such assignment"


def test_make_release_rewrites_what_changed(course, capsys):
    questions = course / "questions" / f"{NAME}.toml"
    questions.write_text(questions.read_text().replace("Go term by term.", "One after the other."))
    arguments = ["--course", str(course), "--zip", str(course / "out.zip")]
    assert release.main(arguments) == 1  # drift: the stored release did not match the source
    told = capsys.readouterr().out
    assert f"{NAME}: written" in told
    assert "review it, and commit it" in told
    assert "One after the other." in (course / "release" / NAME / f"{NAME}.ipynb").read_text()
    assert release.main(arguments) == 0
    assert f"{NAME}: unchanged" in capsys.readouterr().out
    questions.write_text("title = 3")
    assert release.main(arguments) == 1
    assert "this must be a string" in capsys.readouterr().out


# Leaks -------------------------------------------------------------------------------------------


def line_of(source, marker):
    """Return the last line of the first region with this marker."""
    text = next(c["source"] for c in source["cells"] if f"BEGIN {marker}" in c["source"])
    return text.split(f"### END {marker}")[0].splitlines()[-1]


def leave_a_mark(notebook, source, variant):
    cell(notebook, "q1")["source"] += "\n### BEGIN SOLUTION"


def leave_a_solution(notebook, source, variant):
    text = next(c["source"] for c in source["cells"] if c["id"] == "q6")
    cell(notebook, "title")["source"] += "\n" + text.splitlines()[6]


def leave_a_solution_in_an_output(notebook, source, variant):
    text = line_of(source, "SOLUTION")
    cell(notebook, "q1")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]


def leave_a_hidden_test_in_the_metadata(notebook, source, variant):
    cell(notebook, "q1")["metadata"]["nbgrader"]["grade_id"] += line_of(source, "HIDDEN TESTS")


def leave_a_placeholder(notebook, source, variant):
    cell(notebook, "title")["source"] += "«q1.c»"


def leave_an_output(notebook, source, variant):
    cell(notebook, "q1")["execution_count"] = 3


def leave_foreign_metadata(notebook, source, variant):
    cell(notebook, "q2-question")["metadata"]["tags"] = ["skip-execution"]


def leave_foreign_metadata_of_the_notebook(notebook, source, variant):
    notebook["metadata"]["celltoolbar"] = "Create Assignment"


def leave_an_answer(notebook, source, variant):
    cell(notebook, "q2")["source"] = 'q2 = "B"' if variant.answers["q2"].right != "B" else 'q2="C"'


def leave_a_function(notebook, source, variant):
    cell(notebook, "q6")["source"] = "def tangent_line(c, n, p):\n    return 0, 0"


def leave_out_a_cell(notebook, source, variant):
    notebook["cells"].remove(cell(notebook, "q5"))


def leave_a_right_formula(notebook, source, variant):
    cell(notebook, "q7-question")["source"] += variant.answers["q3"].right.replace(" ", "  ")


def leave_a_right_number(notebook, source, variant):
    cell(notebook, "q4")["source"] += f", for example {variant.answers['q4'].right}"


def leave_a_diagnosis(notebook, source, variant):
    cell(notebook, "q4-question")["source"] += variant.answers["q4"].check.slips[0].diagnosis


DOCTORED = {
    leaks.no_markers: [leave_a_mark],
    leaks.no_solutions: [leave_a_solution, leave_a_solution_in_an_output],
    leaks.no_hidden_tests: [leave_a_hidden_test_in_the_metadata],
    leaks.no_placeholders: [leave_a_placeholder],
    leaks.no_outputs: [leave_an_output],
    leaks.no_foreign_metadata: [leave_foreign_metadata, leave_foreign_metadata_of_the_notebook],
    leaks.nothing_answered: [leave_an_answer, leave_a_function, leave_out_a_cell],
    leaks.no_right_answers: [leave_a_right_formula, leave_a_right_number, leave_a_diagnosis],
}


def test_every_rule_has_a_release_that_it_must_refuse():
    assert list(DOCTORED) == list(leaks.RULES)


def test_the_release_has_no_leaks(notebook, source, variant):
    assert leaks.leaks(notebook, source, variant) == []


@pytest.mark.parametrize(
    ("rule", "doctor"), [(rule, doctor) for rule in DOCTORED for doctor in DOCTORED[rule]]
)
def test_a_rule_bites_and_without_it_the_leak_is_missed(
    rule, doctor, notebook, source, variant, monkeypatch
):
    doctored = copy.deepcopy(notebook)
    doctor(doctored, source, variant)
    found = list(rule(doctored, source, variant))
    assert found
    assert set(found) <= set(leaks.leaks(doctored, source, variant))
    monkeypatch.setattr(leaks, "RULES", tuple(r for r in leaks.RULES if r is not rule))
    assert not set(found) & set(leaks.leaks(doctored, source, variant))


def test_a_leaking_source_is_not_released(course):
    file = course / "source" / NAME / f"{NAME}.ipynb"
    leaking = json.loads(file.read_text())
    cell(leaking, "end")["source"] += "\n\nBy the way, question 3: «q3.answer»"
    file.write_text(json.dumps(leaking))
    with pytest.raises(release.ReleaseError, match="end: the right answer of q3"):
        release.build(course, Assignment.load(course, NAME))


def test_the_zip_holds_what_students_need_and_nothing_else(course):
    (course.parent / "LICENSE-CONTENT").write_text("CC")
    first = release.write_zip(course, course.parent / "out" / "a.zip").read_bytes()
    (course / "release" / NAME / f"{NAME}.ipynb").touch()
    assert release.write_zip(course, course.parent / "out" / "b.zip").read_bytes() == first
    with zipfile.ZipFile(course.parent / "out" / "a.zip") as archive:
        assert archive.namelist() == [
            f"mfteach-exercises/{NAME}/{NAME}.ipynb",
            "mfteach-exercises/LICENSE-CONTENT",
            "mfteach-exercises/README.md",
        ]
        packed = archive.read(archive.namelist()[0])
    assert packed == (course / "release" / NAME / f"{NAME}.ipynb").read_bytes()


# Variants ----------------------------------------------------------------------------------------


def test_each_student_gets_a_release_of_the_same_form(course):
    assignment = Assignment.load(course, NAME)
    students = ["s001", "anna@example.org", "s002"]
    files = release.write_variants(course, assignment, students, b"seed")
    assert files == [course / "variants" / s / NAME / f"{NAME}.ipynb" for s in students]
    for student, file in zip(students, files, strict=True):
        given = json.loads(file.read_text())
        own = draw(assignment, b"seed", student)
        assert leaks.leaks(given, release.rendered_source(course, own), own) == []
        assert own.fill("f(x) = «q4.a»x^2 «q4.b:+»x") in cell(given, "q4-question")["source"]
        assert own.fill("«facts»") in cell(given, "begin")["source"]
    assert files[0].read_bytes() != files[2].read_bytes()
    again = release.write_variants(course, assignment, ["s001"], b"seed")
    assert again == files[:1]


@pytest.mark.parametrize("student", ["../s001", ".s001", "-s001", "", "a/b", "a" * 65, "a\n"])
def test_invalid_ids_are_refused(course, student):
    with pytest.raises(ValueError, match="an id has 1 to 64"):
        release.write_variants(course, Assignment.load(course, NAME), ["s001", student], b"seed")
    assert not (course / "variants").exists()


def test_variants_of_another_seed_are_not_overwritten(course):
    assignment = Assignment.load(course, NAME)
    release.write_variants(course, assignment, ["s001"], b"seed")
    with pytest.raises(ValueError, match="variants of another seed"):
        release.write_variants(course, assignment, ["s001"], b"other")


# Running -----------------------------------------------------------------------------------------


def run(notebook, folder):
    """Run a notebook from top to bottom; return what each check printed, by its cell."""
    node = nbformat.from_dict(notebook)
    client = NotebookClient(node, kernel_name="python3", timeout=600)
    client.execute(cwd=str(folder))
    return {
        c.id: "".join(output.get("text", "") for output in c.outputs)
        for c in node.cells
        if c.cell_type == "code"
    }


def test_the_unanswered_release_runs_to_its_end(notebook, tmp_path):
    printed = run(notebook, tmp_path)
    checks = [text for name, text in printed.items() if name.endswith("-check")]
    assert len(checks) == 6
    assert all(text.startswith("Not answered yet") and text.count("\n") == 1 for text in checks)


def test_the_source_passes_its_hidden_tests(source, monkeypatch, tmp_path):
    monkeypatch.setenv("MFTEACH_COURSE", str(COURSE))
    printed = run(source, tmp_path)
    assert printed["q3-check"].rstrip().endswith("Right.")
    assert "passes its checks" in printed["q6-check"]


# The hidden tests --------------------------------------------------------------------------------


def test_hidden_tests_distinguish_right_from_wrong(variant, monkeypatch):
    monkeypatch.setenv("MFTEACH_COURSE", str(COURSE))
    judged = 0
    for name, posed in variant.answers.items():
        if posed.question.kind == "text":
            continue
        is_function = posed.question.kind == "function"
        expect(NAME, name, posed.check.reference if is_function else posed.right)
        for typed, slip in posed.wrong:
            judged += 1
            answer = slip.answer if is_function else typed
            if slip.points:
                assert expect(NAME, name, answer) == slip.points < posed.question.points
                continue
            with pytest.raises(AssertionError) as caught:
                expect(NAME, name, answer)
            assert str(caught.value) == slip.diagnosis
    assert judged >= 18


@pytest.mark.parametrize(
    ("name", "empty"),
    [("q1", ""), ("q3", ""), ("q3", None), ("q4", None), ("q6", None), ("q3", "2x^")],
)
def test_hidden_tests_refuse_an_empty_or_unreadable_answer(name, empty, monkeypatch):
    monkeypatch.setenv("MFTEACH_COURSE", str(COURSE))
    with pytest.raises(AssertionError):
        expect(NAME, name, empty)


def test_the_course_is_looked_for_upwards(course, monkeypatch):
    monkeypatch.delenv("MFTEACH_COURSE", raising=False)
    monkeypatch.chdir(course / "source" / NAME)
    assert find_course() == course
    monkeypatch.setenv("MFTEACH_COURSE", str(course / "source"))
    with pytest.raises(FileNotFoundError, match="MFTEACH_COURSE"):
        find_course()
