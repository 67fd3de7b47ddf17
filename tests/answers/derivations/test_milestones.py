"""Milestones are reached once, by whoever shows them; padding reaches the goal alone."""

import pytest

from mfteach.answers import Ledger
from mfteach.answers.derivations.lecture_ways import WAYS
from mfteach.answers.derivations.milestones import MILESTONES, Jump, expected, jumped, reached

ONLY = "d/du_is 1/2 sum_{j in I_i} e_ij^2"
CHAIN = "sum_{j in I_i} e_ij d/du_is e_ij"
TWO = "1/2 sum_{j in I_i} 2 e_ij * -v_js"
DELTA = "sum_{j in I_i} e_ij (-sum_q delta_qs v_jq)"
OPEN = "sum_{j in I_i} (-r_ij v_js + v_js sum_q u_iq v_jq)"
FACTOR = "sum_{j in I_i} -v_js (r_ij - sum_q u_iq v_jq)"
GOAL = "-sum_{j in I_i} v_js e_ij"
FALSE = "sum_{j in I_i} v_js e_ij"
ALL = {"only", "inner", "delta", "factor", "goal"}


def of(*texts, name="u"):
    ledger = Ledger(name)
    for text in texts:
        ledger.add(text)
    return reached(ledger)


def test_the_lecture_s_way_reaches_each_in_order():
    assert of(*WAYS["u"].lines[1:]) == {"only": 1, "inner": 3, "delta": 4, "factor": 6, "goal": 7}
    assert of(*WAYS["v"].lines[1:], name="v") == {
        "only": 1,
        "inner": 2,
        "factor": 2,
        "delta": 3,
        "goal": 4,
    }


@pytest.mark.parametrize(
    "lines",
    [
        (ONLY, CHAIN, GOAL),
        (ONLY, TWO, GOAL),
        (ONLY, DELTA, GOAL),
        (ONLY, OPEN, FACTOR, GOAL),
        (ONLY, FALSE, TWO, "?", GOAL),
        (f"dJ/du_is = {ONLY} = {CHAIN} = {GOAL}",),
    ],
)
def test_other_ways_reach_all_of_them_too(lines):
    assert set(of(*lines)) == ALL


def test_what_is_not_finished_reaches_what_it_shows():
    assert of() == {}
    assert of(FALSE, "?") == {}
    assert of(ONLY) == {"only": 1}
    assert of(ONLY, DELTA) == {"only": 1, "inner": 2, "factor": 2}
    assert of(ONLY, OPEN) == {"only": 1, "inner": 2, "delta": 2}


@pytest.mark.parametrize(
    "lines",
    [
        (GOAL,),
        (GOAL, ONLY, CHAIN, GOAL),
        (GOAL, f"{GOAL} + 0", GOAL),
        (f"{GOAL} + 0",),
        (f"{GOAL} + lambda - lambda",),
        (f"{GOAL} + 0 lambda",),
        (f"2/2 * {GOAL}", GOAL),
        ("dJ/du_is", "dJ/du_is + 0", GOAL),
        (FACTOR, GOAL),
        (TWO, GOAL),
        ("[-(W∘E) V]_is",),
        (f"dJ/du_is = {GOAL}",),
    ],
)
def test_whoever_jumps_over_the_differentiation_reaches_the_goal_at_most(lines):
    assert set(of(*lines)) <= {"goal"}


def test_from_the_square_to_the_goal_at_once_skips_what_lies_between():
    assert of(ONLY, GOAL) == {"only": 1, "goal": 2}
    assert of(ONLY, f"{GOAL} + 0", GOAL) == {"only": 1, "goal": 2}


# Several at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "sum_{j in I_i} (r_ij - rhat_ij)(-v_js)",
        "sum_{j in I_i} e_ij (-v_js)",
        "sum_{j in I_i} (-v_js) e_ij",
        "sum_{j in I_i} e_ij * (-1) v_js",
    ],
)
def test_chain_rule_and_delta_in_one_go_reach_both(line):
    assert of(ONLY, line) == {"only": 1, "inner": 2, "delta": 2, "goal": 2}
    assert of(ONLY, line, GOAL) == {"only": 1, "inner": 2, "delta": 2, "factor": 3, "goal": 3}
    assert of(line, GOAL) == of(line, ONLY, GOAL) == {"goal": 1}
    assert set(of(ONLY, line, line, f"{line} + 0")) == ALL - {"factor"}


def test_a_first_line_with_the_delta_beside_the_error_reaches_what_it_shows():
    assert of(DELTA, GOAL) == {"only": 1, "inner": 1, "delta": 2, "factor": 1, "goal": 2}
    assert of(DELTA) == {"only": 1, "inner": 1, "factor": 1}


X = "sum_{j in I_i} v_js e_ij"


@pytest.mark.parametrize(
    "line",
    [
        f"-1/2 {X} - 1/2 {X}",
        f"-2/2 {X}",
        f"-3 {X} + 2 {X}",
        "sum_{j in I_i} (-1/2 v_js e_ij - 1/2 e_ij v_js)",
        "-sum_{j in I_i} v_js (r_ij - rhat_ij)",
        "sum_{j in I_i} -(r_ij - rhat_ij) v_js",
        "sum_{j in I_i} v_js (rhat_ij - r_ij)",
        "1/2 sum_{j in I_i} -2 e_ij v_js",
        f"-{X} sum_q delta_qs",
        f"-{X} k/k",
        "-sum_{j in I_i} v_js (r_ij - rhat_ij) k/k",
        f"-{X} delta_ss",
        f"{GOAL} + u_is - sum_q delta_qs u_iq",
    ],
)
def test_the_goal_in_disguise_is_the_goal(line):
    assert set(of(line, GOAL)) <= {"goal"}
    assert set(of(line, ONLY, CHAIN, GOAL)) <= {"only", "goal"}
    assert set(of(ONLY, line, GOAL)) <= {"only", "goal"}


def test_jumps_are_told():
    def jumps(*texts):
        ledger = Ledger("u")
        for text in texts:
            ledger.add(text)
        return jumped(ledger)

    assert jumps(GOAL) == (Jump(0, 1, is_goal=True),)
    assert jumps(ONLY, FALSE, GOAL) == (Jump(1, 3, is_goal=True),)
    assert jumps(OPEN, FACTOR, GOAL) == (Jump(0, 1, is_goal=False),)
    assert jumps(ONLY, CHAIN, GOAL) == jumps(DELTA, GOAL) == jumps(ONLY, TWO, GOAL) == ()
    assert jumps(ONLY, "sum_{j in I_i} e_ij (-v_js)", GOAL) == ()


def test_what_was_skipped_is_not_made_up_for_later():
    assert of(OPEN, FACTOR, GOAL) == {"factor": 2, "goal": 3}
    assert of(FACTOR, ONLY, CHAIN, GOAL) == {"goal": 4}


def test_repeating_reaches_nothing_twice_and_nothing_new():
    once = of(ONLY, CHAIN)
    assert of(ONLY, ONLY, f"{ONLY} + 0", CHAIN, CHAIN) == {**once, **of(ONLY)}


def test_the_milestones_of_other_derivations_are_those_that_their_goal_shows():
    assert expected(Ledger("u")) == tuple(MILESTONES)
    assert expected(Ledger("user")) == ("only", "goal")
    other = Ledger(start="(u_is + v_js)^2", goal="u_is^2 + 2 u_is v_js + v_js^2")
    assert expected(other) == ("goal",)
    other.add("(u_is + v_js)^2 + 0")
    assert reached(other) == {}
    other.add("u_is^2 + 2 v_js u_is + v_js^2")
    assert reached(other) == {"goal": 2}


def test_ridge_step_by_step_reaches_all():
    lines = (
        "d/du_is (1/2 sum_{j in I_i} e_ij^2 + lambda/2 sum_q u_iq^2)",
        "sum_{j in I_i} e_ij d/du_is e_ij + d/du_is lambda/2 sum_q u_iq^2",
        "-sum_{j in I_i} e_ij v_js + lambda u_is",
    )
    assert set(of(*lines, name="ridge")) == ALL
