"""mfteach.check: the form of an answer, the diagnosis of a slip, never what is right."""

import numpy as np
import pytest

import mfteach
from mfteach.answers import check as exercises

UNANSWERED = "Not answered yet: put your answer in, run its cell, and run this cell again."
FACTS = {
    "q1": {"kind": "choice", "letters": "ABCD"},
    "q2": {"kind": "formula", "symbols": "x", "function": "5x^-3 + 2", "by": "x"},
    "q3": {"kind": "formula", "symbols": "a b"},
    "q4": {"kind": "number", "shape": []},
    "q5": {"kind": "number", "shape": [2]},
    "q6": {"kind": "function", "name": "tangent_line", "contract": "tangent_line"},
    "q7": {"kind": "function", "name": "anything"},
    "q8": {"kind": "text", "words": [20, 100]},
}


@pytest.fixture
def reply(capsys):
    mfteach.exercise("99-test", FACTS)

    def of(name, answer):
        assert mfteach.check(name, answer) is None
        (line,) = capsys.readouterr().out.splitlines()
        return line

    return of


def unwritten(c, n, p):
    raise NotImplementedError("write this function")


def right(c, n, p):
    slope = c * n * p ** (n - 1)
    return slope, c * p**n - slope * p


LATER = "Your marks will show whether it is right."
REPLIES = [
    ("q1", "", UNANSWERED),
    ("q1", None, UNANSWERED),
    ("q1", ..., UNANSWERED),
    ("q1", " c ", f"Noted: C. {LATER}"),
    ("q1", "E", "'E' is not one of the letters A, B, C, D. Type one of them."),
    ("q1", "AB", "'AB' is not one of the letters A, B, C, D. Type one of them."),
    ("q1", 3, "3 is not one of the letters A, B, C, D. Type one of them."),
    ("q2", "  ", UNANSWERED),
    ("q2", 15, "Read as 15."),
    ("q2", [15], "[15] is not text. Put your formula in quotes."),
    ("q2", "-15x^-4", "Read as -15/x**4. Right."),
    ("q2", "15x⁻⁴", "Your exponent is right, but the factor has the wrong sign."),
    ("q2", "x + y", "“y”"),
    ("q2", "1/2x", "Read as x/2."),
    ("q3", "a + b b", f"Read as a + b**2. {LATER}"),
    ("q4", None, UNANSWERED),
    ("q4", 42, f"Noted: 42.0. {LATER}"),
    ("q4", "42", f"Noted: 42.0. {LATER}"),
    ("q4", [42], "Your answer is a list of 1 number; the question asks for a single number."),
    ("q4", "many", "This cannot be read as a number"),
    ("q4", float("nan"), "Your answer is not finite: it is nan."),
    ("q4", 1 + 2j, "Your answer is (1+2j), which is not a number."),
    ("q4", 10**400, "Your answer is not finite"),
    ("q5", [1, 2.5], f"Noted: [1.0, 2.5]. {LATER}"),
    ("q5", np.ones(3), "Your answer is a list of 3 numbers; the question asks for a list of 2"),
    ("q5", [1, None], "Your answer has None at [1], which is not a number. Type numbers only"),
    ("q5", [[1], [1, 2]], "Your answer has rows that differ in length."),
    ("q6", None, UNANSWERED),
    ("q6", unwritten, "Not answered yet: write this function. Then run both cells again."),
    ("q6", right(3, 2, 7), "is not a function. Pass tangent_line itself, without parentheses."),
    ("q6", right, "tangent_line passes its checks on small inputs. Grading tries others."),
    ("q6", lambda c, n, p: (0, 0), "Not yet. <lambda>(3, 2, 7): the line does not pass"),
    ("q7", right, f"Noted: anything. {LATER}"),
    ("q8", "Two words", "2 words, but 20 to 100 were asked for. A person will read them."),
    ("q8", "word " * 30, "30 words. A person will read them."),
    ("q8", "", "0 words, but 20 to 100 were asked for. A person will read them."),
    ("q8", None, "Write your text in its own cell. A person will read it."),
    ("q8", 3, "Write your text in its own cell. A person will read it."),
]


@pytest.mark.parametrize(("name", "answer", "told"), REPLIES)
def test_each_answer_gets_one_friendly_line(name, answer, told, reply):
    assert told in reply(name, answer)


def test_a_spelling_that_can_be_read_in_two_ways_is_explained(reply):
    assert "1/2" in reply("q2", "1/2x").removeprefix("Read as x/2.")


def test_before_the_first_cell_the_cure_is_named(monkeypatch):
    monkeypatch.setattr(exercises, "_current", exercises._Exercise())
    with pytest.raises(ValueError, match="run the first code cell"):
        mfteach.check("q1", "A")


def test_an_unknown_question_names_those_that_exist(reply):
    with pytest.raises(ValueError, match="99-test has no question 'q9', only q1, q2, q3"):
        mfteach.check("q9", "A")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="q1 has the kind 'essay'; it must be one of choice"):
        mfteach.exercise("99-test", {"q1": {"kind": "essay"}})


def test_an_unknown_contract_is_an_error_of_the_course(reply):
    mfteach.exercise("99-test", {"q1": {"kind": "function", "name": "f", "contract": "none"}})
    with pytest.raises(ValueError, match="there is no contract 'none', only slopes_between, "):
        mfteach.check("q1", right)


# Derivations -------------------------------------------------------------------------------------

DERIVATION = {
    "kind": "derivation",
    "start": "dJ/du_is",
    "goal": "-sum_{j in I_i} v_js e_ij",
    "letters": "J u v r e delta i j q s",
}


@pytest.fixture
def derive(capsys):
    mfteach.exercise("99-test", {"q1": DERIVATION})

    def told(answer):
        mfteach.check("q1", answer)
        return capsys.readouterr().out.splitlines()

    return told


def test_each_line_of_a_derivation_gets_its_verdict(derive):
    told = derive(
        "d/du_is 1/2 sum_{j in I_i} e_ij^2\n"
        "sum_{j in I_i} e_ij sum_q delta_qs v_jq\n"
        "-sum_{j in I_i} v_jx e_ij\n"
        "-sum_{j in I_i} e_ij sum_q delta_qs v_jq\n"
    )
    assert len(told) == 7
    assert told[0] == "line 1: proved. Equal to the start, for all sizes and values."
    assert told[1].startswith("line 2: refuted. The sign is wrong. At k = 1, ")
    assert told[1].endswith("Note: sum_q is read as the sum over all factors, q = 1 to k.")
    assert told[2].startswith("line 3: unread. The letter x does not belong to this question.")
    assert told[3].startswith("line 4: proved. Equal to line 1, ")
    assert told[4].startswith("Not yet: a delta is left")
    assert told[5] == "Line 2 is false: it costs a step; delete it."
    assert told[6].startswith("Marks count steps, so type each of them")


def test_what_costs_points_of_a_derivation_is_said(derive):
    told = derive("-sum_{j in I_i} v_js e_ij\nd/du_is 1/2 sum_{j in I_i} e_ij^2")
    assert told[-2].startswith("Line 1 is already the goal: steps after it do not count.")
    told = derive("d/du_is 1/2 sum_{j in I_i} e_ij^2 # kept\nd/du_is 1/2 sum_{j in I_i} e_ij^2")
    assert told[1].endswith("This is line 1 in another spelling: true, but not a step.")


def test_the_goal_of_a_derivation_is_recognized(derive):
    told = derive("-sum_{j in I_i} v_js e_ij")
    assert told[1].startswith("The goal is reached")


@pytest.mark.parametrize("empty", ["", "\n\n", None, ..., "# nothing but a remark"])
def test_a_blank_derivation_is_not_answered(derive, empty):
    assert derive(empty) == [UNANSWERED]


def test_what_is_no_derivation_is_told_what_to_do(derive):
    cure = 'Put your lines between r""" and """, one below the other.'
    assert derive(3) == [f"3 is not text. {cure}"]
    assert derive(["J"] * 100)[0].endswith(f"… is not text. {cure}")


def test_lines_beyond_the_thirtieth_are_counted(derive):
    assert "The 3 lines after these were not read." in derive("dJ/du_is\n" * 33)
