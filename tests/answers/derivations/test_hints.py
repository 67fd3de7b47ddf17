"""Hints grow clearer, follow the route that a student takes, and never lead back."""

import pytest
from cases import some

from mfteach.answers import Ledger
from mfteach.answers.derivations.lecture_ways import WAYS, paths_of
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.syntax_tree import Letter, Slope, walk

ONLY = "d/du_is 1/2 sum_{j in I_i} e_ij^2"
CHAIN = "sum_{j in I_i} e_ij d/du_is e_ij"
BY_CHAIN = [
    (ONLY, "the chain rule"),
    ("d/du_is 1/2 sum_{j in I_i} (r_ij - rhat_ij)^2", "the chain rule"),
    (CHAIN, "in e_ij only rhat_ij depends on u_is"),
    ("1/2 sum_{j in I_i} 2 e_ij d/du_is e_ij", "differentiate"),
    ("sum_{j in I_i} e_ij (-d/du_is rhat_ij)", "write the prediction rhat_ij out"),
    ("sum_{j in I_i} (r_ij - sum_q u_iq v_jq) d/du_is (r_ij - sum_q u_iq v_jq)", "differentiate"),
    ("sum_{j in I_i} (r_ij - sum_q u_iq v_jq) (-sum_q delta_qs v_jq)", "the delta keeps"),
    ("sum_{j in I_i} e_ij (-sum_q delta_qs v_jq)", "the delta keeps only the term q = s"),
    ("1/2 sum_{j in I_i} 2 e_ij * -v_js", "cancel"),
    ("sum_{j in I_i} (-v_js) (r_ij - rhat_ij) * 2 * 1/2", "cancel"),
]


def ledger_of(*texts, name="u"):
    ledger = Ledger(name)
    for text in texts:
        assert ledger.add(text), text
    return ledger


def hints_at(ledger):
    return [ledger.hint() for _ in range(3)]


def line_of(hint):
    assert hint.startswith("The next line: ")
    return hint.removeprefix("The next line: ")


def signs(text):
    nodes = list(walk(NOTATION.understand(text).tree))
    return (
        any(isinstance(node, Slope) for node in nodes),
        any(isinstance(node, Letter) and node.name == r"\delta" for node in nodes),
    )


ROUTES = [(name, path) for name, way in WAYS.items() for path in paths_of(way)]


@pytest.mark.parametrize(("name", "path"), ROUTES)
def test_every_line_of_every_route_is_proved_and_only_the_last_is_the_goal(name, path):
    ledger = Ledger(name)
    assert len(path.lines) == len(path.steps)
    for line in path.lines[1:]:
        assert not ledger.done
        assert ledger.add(line), line
    assert ledger.done


@pytest.mark.parametrize(("name", "path"), some(ROUTES, 7))
def test_at_a_line_of_a_route_the_hint_is_a_line_after_it(name, path):
    ledger = Ledger(name)
    for line in path.lines[1:-1]:
        ledger.add(line)
        following = line_of(hints_at(ledger)[-1])
        assert ledger_of(*(one.text for one in ledger.lines), following, name=name)
        assert signs(following)[0] <= signs(line)[0]


@pytest.mark.parametrize("name", WAYS)
def test_whoever_follows_the_hints_gets_to_the_goal_and_not_at_once(name):
    ledger = Ledger(name)
    for _ in range(12):
        assert ledger.add(line_of(hints_at(ledger)[-1]))
        if ledger.done:
            break
    assert ledger.done
    assert len(ledger.lines) > 1
    assert ledger.hint() == "The goal is reached."


@pytest.mark.parametrize(("line", "step"), BY_CHAIN)
def test_hints_go_on_from_a_line_of_the_chain_rule_and_never_lead_back(line, step):
    ledger = ledger_of(line)
    first, _, third = hints_at(ledger)
    assert first.startswith("Next step: ")
    assert step in first
    following = line_of(third)
    assert signs(following)[0] <= signs(line)[0]
    assert signs(following)[1] <= (signs(line)[1] or signs(line)[0])
    assert "r_ij^2" not in following
    for _ in range(8):
        if not ledger.done:
            ledger.add(line_of(hints_at(ledger)[-1]))
    assert ledger.done


def test_hints_grow_from_the_kind_of_step_to_its_shape_to_the_line():
    ledger = Ledger("u")
    assert ledger.hint() == "Next step: only user i matters."
    assert ledger.hint() == (
        "The shape of the next line: one derivative; one sum over items, one sum over factors;"
        " two terms in brackets."
    )
    line = "d/du_is 1/2 sum_(j in I_i) (r_ij - sum_(q=1..k) u_iq v_jq)^2"
    assert ledger.hint().endswith(line)
    assert ledger.hint().endswith(line)


def test_hints_begin_again_where_a_line_is_proved_and_only_there():
    ledger = Ledger("u")
    hints_at(ledger)
    assert not ledger.add("sum_{j in I_i} v_js e_ij")
    assert ledger.hint().startswith("The next line: ")
    ledger.add(ONLY)
    assert ledger.hint().startswith("Next step: the chain rule")


def test_the_same_next_line_as_before_is_said_to_be_the_same():
    ledger = ledger_of("d/du_is 1/2 sum_{j in I_i} (r_ij - rhat_ij)^2")
    first, *_ = hints_at(ledger)
    ledger.add("d/du_is 1/2 sum_{l in I_i} (-rhat_il + r_il)^2")
    assert ledger.hint() == first.replace("Next step", "Next step, the same as before")
    assert ledger.hint().startswith("The shape")


def test_at_the_lecture_s_lines_the_hints_are_the_lecture_s():
    ledger = ledger_of(WAYS["u"].lines[1])
    assert ledger.hint() == "Next step: expand the square."
    ledger.add(WAYS["u"].lines[6])
    assert ledger.hint() == "Next step: the bracket is the error e_ij."


def test_the_first_step_of_only_user_i_is_to_write_the_loss_user_by_user():
    assert Ledger("user").hint() == "Next step: write J user by user."


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "ridge",
            "d/du_is (J + lambda/2 (sum_{i=1}^m sum_q u_iq^2 + sum_{j=1}^n sum_q v_jq^2))",
        ),
        ("ridge", "d/du_is (J + lambda/2 (sum_{p,q} u_pq^2 + sum_{l,q} v_lq^2))"),
        ("ridge", "dJ/du_is + d/du_is lambda/2 (sum_{p,q} u_pq^2 + sum_{l,q} v_lq^2)"),
        ("ridge v", "d/dv_js (J + lambda/2 (sum_{p,q} u_pq^2 + sum_{l,q} v_lq^2))"),
    ],
)
def test_the_loss_with_its_penalty_is_to_be_differentiated(name, line):
    ledger = Ledger(name)
    judgement = ledger.add(line.replace("sum_{i=1}^m sum_q u_iq", "sum_{p=1}^m sum_q u_pq"))
    assert judgement, judgement
    hint = ledger.hint()
    assert "differentiate term by term" in hint or "of all the squares, only those of" in hint


def test_of_any_other_derivation_the_hint_is_about_the_goal():
    ledger = Ledger(start="(u_is + v_js)^2", goal="u_is^2 + 2 u_is v_js + v_js^2")
    assert ledger.hint() == "Next step: expand."
