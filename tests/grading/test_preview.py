"""What a student sees, without writing anything."""

from classroom import NAME, run


def test_a_student_sees_the_notebook_that_is_theirs(course, capsys):
    assert run(course, "preview", NAME, "--student", "s007") == 0
    drawn = capsys.readouterr().out
    assert "s007 has no notebook in variants/" in drawn
    assert not (course / "variants").exists()
    assert run(course, "variants", "s007") == 0
    capsys.readouterr()
    assert run(course, "preview", NAME, "--student", "s007") == 0
    written = capsys.readouterr().out
    assert written.partition("\n\n")[2] == drawn.partition("\n\n")[2]
    assert "## 1. A negative exponent (1 point)" in written
    assert '    check("q1", q1)' in written
    assert run(course, "preview", NAME, "--student", "s008") == 0
    assert capsys.readouterr().out.partition("\n\n")[2] != written.partition("\n\n")[2]


def test_nothing_in_it_says_what_is_right(course, capsys):
    run(course, "preview", NAME, "--student", "s007")
    said = capsys.readouterr().out
    assert "BEGIN SOLUTION" not in said
    assert "HIDDEN TESTS" not in said


def test_what_is_not_an_id(course, capsys):
    assert run(course, "preview", NAME, "--student", "a b\x1b") == 2
    assert "'a b\\x1b' is not an id" in capsys.readouterr().err
