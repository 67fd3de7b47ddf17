"""Question files with a derivation, and what is said about one that is not all right."""

import shutil

import pytest

from mfteach.answers.derivations.whole_texts import judge_derivation
from mfteach.grading.assignments.derivations import (
    FALSE_LINE,
    INCOMPLETE,
    JUMPED,
    judged,
    label_and_reason,
    shown,
    task_of,
)
from mfteach.grading.assignments.question_files import Assignment, QuestionFileError
from mfteach.grading.assignments.questions import Derivation, Slip
from mfteach.grading.assignments.variants import DrawError, sample

QUESTIONS = """
title = "A title"
lesson = "99"
[q1]
kind = "derivation"
points = 3
rows = "S1"
misconception = "1: slope 0 means extremum"
hint = "A hint"
start = "dJ/du_{«i»s}"
goal = "-sum_{j in I_«i»} v_js e_«i»j"
letters = "J u v r e i j s p"
milestones = { only = 2, goal = 1 }
variants = { i = ["i", "p"] }
"""
CHECKS = """
from mfteach.grading import Derivation, Slip
THREE = [Slip(f"{i}", f"line {i}", f"It is false by {i}.") for i in (3, 4, 5)]
def q1(i):
    return Derivation("= a\\n= b", THREE, THREE)
"""
FACTS = {
    "start": "dJ/du_is",
    "goal": "-sum_{j in I_i} v_js e_ij",
    "letters": "J u v r e delta i j l p q s",
}
SHARES = {"only": 1, "inner": 1, "delta": 1, "factor": 1, "goal": 1}
ONLY = "d/du_is 1/2 sum_{j in I_i} e_ij^2"


@pytest.fixture
def load(tmp_path):
    def write(questions=QUESTIONS, checks=CHECKS):
        for folder, suffix, text in [("questions", "toml", questions), ("checks", "py", checks)]:
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
            (tmp_path / folder).mkdir()
            (tmp_path / folder / f"99-test.{suffix}").write_text(text)
        return Assignment.load(tmp_path, "99-test")

    return write


# Files -------------------------------------------------------------------------------------------


def test_a_derivation_is_read_and_drawn(load):
    posed = sample(load()).answers["q1"]
    i = posed.parameters["i"]
    assert posed.facts == {
        "kind": "derivation",
        "start": f"dJ/du_{{{i}s}}",
        "goal": f"-sum_{{j in I_{i}}} v_js e_{i}j",
        "letters": "J u v r e i j s p",
    }
    assert isinstance(posed.check, Derivation)
    assert posed.placeholders["answer"] == 'r"""\n= a\n= b\n"""'
    assert posed.right == "= a\n= b"
    assert [answer for answer, _ in posed.wrong] == ["line 3", "line 4", "line 5"]


BROKEN = {
    "no start": (('start = "dJ/du_{«i»s}"\n', ""), "q1, start: this must be a string"),
    "no goal": (('goal = "-sum_{j in I_«i»} v_js e_«i»j"\n', ""), "q1, goal: this must be a str"),
    "no letters": (('letters = "J u v r e i j s p"\n', ""), "q1, letters: this must be a string"),
    "no shares": (("milestones = { only = 2, goal = 1 }\n", ""), "q1, milestones: .* a table"),
    "shares as a list": (("{ only = 2, goal = 1 }", "[1, 2]"), "q1, milestones: this must be a ta"),
    "unknown": (("only = 2", "half = 2"), "q1, milestones: 'half' is not one of only, inner, de"),
    "no goal share": (("{ only = 2, goal = 1 }", "{ only = 3 }"), "points for the goal: { goal ="),
    "a text": (("only = 2", 'only = "2"'), "only needs a whole number of points, at least 1"),
    "0": (("only = 2", "only = 0"), "only needs a whole number of points, at least 1"),
    "true": (("goal = 1", "goal = true"), "goal needs a whole number of points, at least 1"),
    "sum": (("points = 3", "points = 4"), "the shares add up to 3, not 4 points"),
    "more": (("points = 3", "points = 3\nshape = []"), "q1, shape: the keys of a derivation are"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_question_is_refused_with_file_question_and_cure(load, name):
    (old, new), message = BROKEN[name]
    assert old in QUESTIONS
    with pytest.raises(QuestionFileError, match=message) as caught:
        load(QUESTIONS.replace(old, new))
    assert "99-test.toml, q1" in str(caught.value)


UNFIT = {
    "not true": (("-sum", "sum"), "the goal does not follow from the start. The sign is wrong."),
    "unread": (("v_js", "v_j_s"), "q1: no acceptable numbers"),
    "same": (("-sum_{j in I_«i»} v_js e_«i»j", "dJ/du_{«i»s}"), "there is nothing to derive"),
    "letters": (('letters = "J u v', 'letters = "J u'), "The letter v does not belong"),
    "never": (("dJ/du_{«i»s}", "d/du_{«i»s} 1/2 sum_{j in I_«i»} e_«i»j^2"), "no milestone only"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_question_that_cannot_be_derived_is_refused(load, name):
    (old, new), message = UNFIT[name]
    assert old in QUESTIONS
    with pytest.raises(DrawError, match=message):
        sample(load(QUESTIONS.replace(old, new)))


def test_a_check_needs_three_false_and_three_padded_derivations(load):
    few = CHECKS.replace("THREE, THREE)", "THREE, THREE[:2])")
    with pytest.raises(ValueError, match="q1 has 2 slips; at least 3"):
        sample(load(checks=few))
    assert Slip("a", "b", "c").points == 0


# Marks and words ---------------------------------------------------------------------------------


def scored(*lines):
    points, walk = judged("\n".join(lines), task_of(FACTS), SHARES)
    return points, *label_and_reason(walk, SHARES, "right")


def test_all_milestones_are_all_points():
    points, label, reason = scored(
        ONLY, "sum_{j in I_i} e_ij (-sum_{q=1}^k delta_qs v_jq)", FACTS["goal"]
    )
    assert (points, label, reason) == (5, "right", "")


def test_a_typo_on_a_way_that_shows_everything_is_mentioned_and_costs_nothing():
    points, label, reason = scored(
        ONLY, "delta delta", "sum_{j in I_i} e_ij (-sum_{q=1}^k delta_qs v_jq)", FACTS["goal"]
    )
    assert (points, label) == (5, "right")
    assert reason.startswith("Line 2 could not be read.")


def test_the_first_false_line_is_diagnosed_with_the_steps_that_count():
    points, label, reason = scored(ONLY, "sum_{j in I_i} v_js e_ij", "2 sum_{j in I_i} v_js e_ij")
    assert (points, label) == (1, "the sign is wrong")
    assert reason.startswith("Line 2 is false. The sign is wrong. At k = 1, ")
    assert reason.endswith(
        "Steps that count: only one user or item left (line 1). "
        "No points for: the inner derivative; no delta left; the common factor pulled out; "
        "the goal. A false line costs the next of these steps, also where it is reached later."
    )
    assert "Line 3" not in reason


def test_milestones_without_a_share_are_not_mentioned():
    walk = judge_derivation(ONLY, task_of(FACTS))
    label, reason = label_and_reason(walk, {"delta": 1, "goal": 1}, "right")
    assert label == INCOMPLETE
    assert reason.startswith("Steps that count: none. No points for: no delta left; the goal.")


def test_a_jump_a_stop_and_nothing_readable_have_labels():
    points, label, reason = scored(FACTS["goal"])
    assert (points, label) == (1, JUMPED)
    assert reason.endswith("what is missing is steps, each in a line of its own.")
    assert scored(ONLY)[:2] == (1, INCOMPLETE)
    points, label, reason = scored("what?", "why?")
    assert (points, label) == (0, "unreadable")
    assert reason.startswith("Line 1 could not be read.")
    assert scored("17")[:2] == (0, FALSE_LINE)


def test_a_label_quotes_nobody():
    line = "-sum_{j in I_i} v_js (r_ij + sum_{q=1}^k u_iq v_jq)"
    label, reason = scored(ONLY, line)[1:]
    assert "“sum_{q=1}^k u_iq v_jq”" in reason
    assert label == "the sign of … is wrong"


def test_lines_that_were_left_out_are_counted():
    reason = scored(*[ONLY] * 33)[2]
    assert "Only the first 30 lines were read, and 3 more not." in reason


def test_lines_are_shown_with_their_verdicts():
    walk = judge_derivation(f"{ONLY}\nwhat?\n17", task_of(FACTS))
    assert shown(walk) == f"1 ✓ proved: {ONLY}\n2 ? unread: what?\n3 ✗ refuted: 17"
