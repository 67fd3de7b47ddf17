"""Cells are parsed in a process of their own, within a bound of time and memory."""

import resource
import time

import pytest

from mfteach.grading.submissions import apart, syntax
from mfteach.grading.submissions.notebooks import Cell, Refusal, Submission

F_STRING = 'f"' + "{a}" * 60_000 + '"'
"""The parser takes seconds for it: the square of its length."""


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


def test_what_takes_too_long_is_refused_and_costs_the_grader_nothing(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {**apart.LIMITS, "RLIMIT_CPU": 1})
    mine, others = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(Refusal, match=r"takes too long to read.*Remove what no answer needs"):
        apart.parsed(submission(*[F_STRING] * 8))
    assert time.process_time() - mine < 0.5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - others < 2


def test_what_takes_too_much_memory_costs_this_cell(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {**apart.LIMITS, "RLIMIT_AS": 80 * 2**20})
    found = apart.parsed(submission("[" + "x, " * 60_000 + "]", "q1 = 'A'"))
    assert [code.is_python for code in found.code] == [False, True]


def test_any_other_end_is_not_the_students_fault(monkeypatch):
    monkeypatch.setattr(apart, "LIMITS", {"RLIMIT_OF_NO_SYSTEM": 1})
    with pytest.raises(RuntimeError, match="RLIMIT_OF_NO_SYSTEM"):
        apart.parsed(submission("x = 1"))


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
