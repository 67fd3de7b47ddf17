"""Cells are parsed in a process of their own, within a bound of time and memory."""

import resource
import subprocess
import threading
import time

import pytest

from mfteach.grading.submissions import apart, syntax
from mfteach.grading.submissions.notebooks import Cell, Refusal, Submission

F_STRING = 'f"' + "{a}" * 60_000 + '"'
"""The parser takes long for it: in Python 3.11 the square of its length."""


def submission(*sources):
    return Submission("s1", tuple(Cell("code", source) for source in sources), "0" * 64)


def test_it_says_the_same_as_in_this_process():
    written = submission('q1 = "B"\nq4 = [1, 2/3]', "%%time\nx = 1", "no python", "q3 = '\ud83d'")
    here = written.with_code(syntax.read(written.sources))
    assert apart.parsed(written) == here
    assert here.code[0].answers == {"q1": [["text", "B"]], "q4": [["numbers", [1, "2 / 3"]]]}


def test_each_cell_is_parsed_once(monkeypatch):
    real, parsed = syntax.ast.parse, []
    monkeypatch.setattr(syntax.ast, "parse", lambda source: parsed.append(source) or real(source))
    sources = ["q1 = 'A'", "def f(x):\n    raise NotImplementedError", "x = 1 % 2"]
    syntax.read([("code", source) for source in sources])
    assert sorted(parsed) == sorted([*sources, sources[2]])  # a % might have been a magic


def of_children():
    """Seconds of the processors, the kernel's among them: it is their sum that has a limit."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_what_takes_too_long_is_refused_and_costs_the_grader_nothing(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {**apart.LIMITS, "RLIMIT_CPU": 1})
    monkeypatch.setattr(apart, "_idle", [])  # a parser of its own, whose time is known in the end
    mine, others = time.process_time(), of_children()
    with pytest.raises(Refusal, match=r"takes too long to read.*Remove what no answer needs"):
        apart.parsed(submission(*[F_STRING] * 8))
    apart._idle.clear()
    assert time.process_time() - mine < 0.5
    assert 0.9 < of_children() - others < 2


def test_what_takes_too_much_memory_costs_this_cell(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {**apart.LIMITS, "RLIMIT_AS": 80 * 2**20})
    found = apart.parsed(submission("[" + "x, " * 60_000 + "]", "q1 = 'A'"))
    assert [code.is_python for code in found.code] == [False, True]


def test_any_other_end_is_not_the_students_fault(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {"RLIMIT_OF_NO_SYSTEM": 1})
    with pytest.raises(RuntimeError, match="RLIMIT_OF_NO_SYSTEM"):
        apart.parsed(submission("x = 1"))


def test_a_class_is_parsed_by_one_process_that_is_started_once(monkeypatch):
    monkeypatch.setattr(apart, "_idle", [])
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a) or real(*a, **k))
    for number in range(20):
        found = apart.parsed(submission(f"q1 = {number}"))
        assert found.code[0].answers == {"q1": [["number", number]]}
    assert len(started) == 1


def test_nothing_of_one_submission_is_left_for_the_next(monkeypatch):
    monkeypatch.setattr(apart, "_idle", [])
    with monkeypatch.context() as patch:
        patch.setattr(apart, "LIMITS", {**apart.LIMITS, "RLIMIT_CPU": 1})
        with pytest.raises(Refusal):
            apart.parsed(submission(*[F_STRING] * 8))
        patch.setattr(apart, "LIMITS", {"RLIMIT_OF_NO_SYSTEM": 1})
        with pytest.raises(RuntimeError):
            apart.parsed(submission("x = 1"))
    (parser,) = apart._idle
    assert apart.parsed(submission("q1 = 2")).code[0].answers == {"q1": [["number", 2]]}
    assert apart._idle == [parser]


def test_a_parser_that_was_killed_while_idle_costs_nobody_anything(monkeypatch):
    monkeypatch.setattr(apart, "_idle", [])
    apart.parsed(submission("x = 1"))
    apart._idle[0]._popen.kill()
    apart._idle[0]._popen.wait()
    assert apart.parsed(submission("q1 = 2")).code[0].answers == {"q1": [["number", 2]]}


def test_one_that_is_killed_while_it_parses_costs_that_submission_alone(monkeypatch):
    monkeypatch.setattr(apart, "_idle", [])
    apart.parsed(submission("x = 1"))
    parser = apart._idle[0]
    killer = threading.Timer(0.2, parser._popen.kill)
    killer.start()
    with pytest.raises(RuntimeError, match="the process that parses ended"):
        apart.parsed(submission(*[F_STRING] * 2))
    killer.join()
    assert apart._idle == []
    assert apart.parsed(submission("q1 = 2")).code[0].answers == {"q1": [["number", 2]]}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("q1 = None", ["nothing", None]),
        ("q1 = ...", ["nothing", None]),
        ("q1 = -3", ["number", -3]),
        ("q1 = 10**400", ["numbers", "10 ** 400"]),
        (f"q1 = {'9' * 400}", ["problem", "This number is too large."]),
        (f"q1 = 0x{'f' * 9000}", ["problem", "This number is too large."]),
        ("q1 = [1, [2, -0.5], 3 + 0j]", ["numbers", [1, [2, -0.5], 3]]),
        ("q1 = 1e999", ["number", float("inf")]),
        ("q1 = True", ["code", None]),
        ("q1 = [None]", ["code", None]),
        ("q1 = f'{x}'", ["code", None]),
        ("q1 = b'x'", ["code", None]),
        ("ｑ１ = 'A'", ["text", "A"]),  # Python takes these letters for q1 too
    ],
)
def test_an_answer_is_a_word_and_a_value(source, said):
    assert apart.parsed(submission(source)).code[0].answers == {"q1": [said]}
