"""What both commands print on consoles that know few letters, or take nothing more."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mfteach import MatrixFactorization, Ratings
from mfteach.commands import doctor
from mfteach.commands.main import main
from mfteach.console import UsageError, exit_status, write_to_any_console
from mfteach.grading import cli

TITLES = ["Amélie", "七人の侍", "λ → ∞", "Ünïcödé — “x”", "😀", "I️", "\ud800"]
ENCODINGS = ["cp437", "cp932", "gbk", "ascii", "latin-1", "utf-8"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model whose items, titles and folder are hard to print."""
    folder = tmp_path_factory.mktemp("Ordnér λ 七")
    users, items = np.divmod(np.arange(70), 10)
    keep = (users + items) % 3 > 0
    ratings = Ratings(users[keep], items[keep], 1.0 + (users * items % 5)[keep])
    MatrixFactorization(2, rng=0).fit(ratings).save(
        folder / "m.npz",
        titles=json.dumps(dict(enumerate(TITLES))),
        held_out_by=np.zeros(0, dtype=int),
        held_out_item=np.zeros(0, dtype=int),
    )
    (folder / "ids.txt").write_text("1\n2\n")
    (folder / "pairs.csv").write_text("user,item\n1,1\n99,2\n")
    (folder / "movies.csv").write_text("movieId,título\n", encoding="utf-8")
    return folder / "m.npz"


def console(encoding, monkeypatch):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, errors="strict") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    return out, err


def printed(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_prints_on_every_console(encoding, model, monkeypatch):
    out, err = console(encoding, monkeypatch)
    folder = model.parent
    assert main(["recommend", str(model), "3"]) == 0
    assert main(["recommend", str(model), "--users-from", str(folder / "ids.txt")]) == 0
    assert main(["similar", str(model), "2"]) == 0
    assert main(["predict", str(model), str(folder / "pairs.csv")]) == 0
    assert main(["recommend", str(model), "é七"]) == 2
    assert main(["factorize", str(folder / "none.csv"), "--output", str(folder / "f.npz")]) == 2
    monkeypatch.chdir(folder)
    assert main(["course"]) == 2
    monkeypatch.setattr(doctor, "_report", lambda extra: [])
    monkeypatch.setattr(doctor, "_report_sandbox", lambda: True)
    monkeypatch.setenv("MFTEACH_DATA", str(folder))
    assert main(["doctor"]) == 0
    assert cli.main(["03-é七", "--course", str(folder)]) == 2
    for command in (main, cli.main):
        with pytest.raises(SystemExit):
            command(["é七", "--λ"])
        with pytest.raises(SystemExit):
            command(["--help"])
    shown = printed(out) + printed(err)
    assert ("Amélie" in shown) == (encoding not in ("cp932", "ascii"))
    assert ("Amelie" in shown) == (encoding in ("cp932", "ascii"))
    assert ("七人の侍" in shown) == (encoding in ("cp932", "gbk", "utf-8"))


def test_what_a_console_lacks_is_shown_without_accent_or_by_its_number(monkeypatch):
    out, _ = console("cp437", monkeypatch)
    write_to_any_console()
    print("Čapek, “Łódź”, 七, ½, ﬁn")
    assert printed(out) == "Capek, \\u201c\\u0141ódz\\u201d, \\u4e03, ½, fin\n"
    print("\udcff", file=sys.stderr)
    assert printed(sys.stderr) == "\\udcff\n"


def mfteach(*arguments, **options):
    command = [sys.executable, "-m", "mfteach", *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_console_that_takes_nothing_more_is_one_line(model):
    with Path("/dev/full").open("w") as full:
        done = mfteach("recommend", model, 3, stdout=full)
    assert (done.returncode, done.stderr) == (2, "mfteach recommend: No space left on device\n")


def test_a_reader_that_has_seen_enough_is_no_mistake(model):
    reading = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE)
    reading.wait()
    done = mfteach("recommend", model, 3, stdout=reading.stdin)
    reading.stdin.close()
    assert (done.returncode, done.stderr) == (141, "")


def test_a_console_by_its_environment(model):
    environment = os.environ | {"PYTHONIOENCODING": "cp437"}
    command = [sys.executable, "-m", "mfteach", "similar", str(model), "2"]
    done = subprocess.run(command, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Amélie" in done.stdout.decode("cp437")


def raising(error):
    def work():
        print("said before")
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UsageError("no\n such  thing"), "go: no such thing"),
        (FileNotFoundError(2, "No such file", "a\nb"), "go: a b: No such file"),
        (OSError(28, "No space left on device"), "go: No space left on device"),
        (ConnectionError("no network"), "go: no network"),
        (KeyError("x"), "go: 'x'"),
    ],
)
def test_mistakes_are_one_line_and_what_was_said_before_stays(error, line, capsys):
    assert exit_status("go", raising(error), (KeyError,)) == 2
    assert capsys.readouterr() == ("said before\n", f"{line}\n")


def test_other_errors_are_ours_and_have_their_traceback():
    with pytest.raises(ZeroDivisionError):
        exit_status("go", raising(ZeroDivisionError()))
