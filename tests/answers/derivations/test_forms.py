"""Forms count what stands in a line; outlines are the same for two spellings of one line."""

from itertools import pairwise

import pytest

from mfteach.answers.derivations.lines.forms import row_kind, step_of
from mfteach.answers.derivations.lines.rules import ONLY_CLAIMED, RULES, check_rule, rule_between
from mfteach.symbolic import lecture
from mfteach.symbolic.lecture import NOTATION


def step(text):
    return step_of(NOTATION.understand(text).tree, NOTATION.letters, text)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("dJ/du_is", {"slopes": 1, "squares": 1, "losses": 1, "size": 1}),
        ("d/du_is 1/2 sum_{j in I_i} e_ij^2", {"slopes": 1, "squares": 1, "numbers": 2, "size": 3}),
        ("d/du_is lambda/2 sum_q u_iq^2", {"slopes": 1, "squares": 0}),
        ("sum_{j in I_i} e_ij d/du_is e_ij", {"slopes": 1, "squares": 0, "size": 2}),
        ("sum_q delta_qs v_jq", {"deltas": 1, "size": 1}),
        ("v_js (r_ij - rhat_ij)", {"brackets": 1, "size": 3}),
        ("e_ij^2 - rhat_ij^2", {"brackets": 1}),
        ("v_js sum_q u_iq", {"outside": 1}),
        ("|I_i| u_is", {"size": 2}),
        ("[-(W∘E) V]_is", {"size": 2}),
        ("0 + 1 u_is + v_js - v_js", {"size": 1, "numbers": 0}),
        ("u_is^1 / 1", {"size": 1, "numbers": 0}),
    ],
)
def test_what_stands_in_a_line_is_counted(text, counts):
    form = step(text).form
    assert {name: getattr(form, name) for name in counts} == counts


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("sum_{j in I_i} e_ij", {"item": 1}),
        ("sum_{i in U_j} e_ij", {"user": 1}),
        ("sum_{(i,j) in S} e_ij", {"user": 1, "item": 1}),
        ("sum_{i,j} e_ij", {"user": 1, "item": 1}),
        ("sum_j sum_q v_jq", {"item": 1, "factor": 1}),
        ("sum_{i=1}^m sum_{q=1}^3 u_iq", {"user": 1, "number": 1}),
    ],
)
def test_sums_are_counted_by_what_they_sum_over(text, sums):
    assert dict(step(text).form.sums) == sums


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sum_{j in I_i} -v_js e_ij", "-sum_{l in I_i} e_il v_ls"),
        ("sum_j v_js", "sum_{j=1}^n v_js"),
        ("sum_{i,j} e_ij", "sum_{p=1}^m sum_{l=1}^n e_pl"),
        ("u_is - v_js", "-v_js + u_is"),
        ("u_is - (v_js - r_ij)", "r_ij + u_is - v_js"),
        ("(-u_is)(-v_js)", "v_js u_is"),
        ("u_is / 2", "1/2 u_is"),
        ("delta_qs v_jq", "v_jq delta_sq"),
        ("u_is + 0", "1 u_is"),
        ("u_is * v_js^1", "(u_is v_js)"),
        ("[W∘E]_ij", "(W ∘ E)_ij"),
        ("u_is <- u_is + 0", "u_is <- u_is"),
    ],
)
def test_two_spellings_of_one_line_have_one_outline(one, other):
    assert step(one).outline == step(other).outline


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e_ij", "r_ij - rhat_ij"),
        ("v_js sum_q u_iq", "sum_q v_js u_iq"),
        ("sum_{j in I_i} v_js", "sum_{j=1}^n w_ij v_js"),
        ("1/2 sum_{j in I_i} 2 e_ij", "sum_{j in I_i} e_ij"),
        ("u_is^2", "u_is u_is"),
        ("sum_q u_iq v_jq", "sum_q u_iq v_js"),
        ("sum_{q=1}^k u_iq", "sum_{q=2}^k u_iq"),
        ("[(W∘E) V]_is", "[W V]_is"),
        ("-u_is", "u_is"),
    ],
)
def test_a_step_changes_the_outline(one, other):
    assert step(one).outline != step(other).outline


@pytest.mark.parametrize(
    ("text", "kind"),
    [("dJ/du_is", "user"), ("dJ^bias/dc_j", "item"), ("u_is", ""), ("d^2J/(du_is dv_lt)", "")],
)
def test_the_variable_tells_what_a_derivation_is_about(text, kind):
    assert row_kind(step(text)) == kind


# Rules ------------------------------------------------------------------------------------------

ONLY = "d/du_is 1/2 sum_{j in I_i} e_ij^2"
RULED = [
    ("only user i matters", "dJ/du_is", ONLY, "d/du_is sum_p sum_{j in I_p} e_pj^2"),
    ("the other users drop out", "dJ/du_is", ONLY, "dJ/du_is + 1"),
    ("expand", "(u_is + v_js)^2", "u_is^2 + 2 u_is v_js + v_js^2", "(v_js + u_is)^2"),
    ("multiply out", "u_is (v_js + r_ij)", "u_is v_js + u_is r_ij", "(v_js + r_ij) u_is"),
    ("chain rule", ONLY, "sum_{j in I_i} e_ij d/du_is e_ij", "d/du_is 2/4 sum_{j in I_i} e_ij^2"),
    ("pull out v_js", "v_js r_ij - v_js b_i", "v_js (r_ij - b_i)", "v_js r_ij - b_i v_js"),
    ("take lambda out of the sum", "sum_q lambda u_iq", "lambda sum_q u_iq", "sum_q u_iq lambda"),
    ("cancel", "1/2 sum_q 2 u_iq", "sum_q u_iq", "2 * 1/4 sum_q 2 u_iq"),
    ("the delta keeps q = s", "sum_q delta_qs v_jq", "v_js", "sum_q v_jq delta_qs"),
    (
        "pull the minus out",
        "sum_q u_iq (-v_jq)",
        "-sum_q u_iq v_jq",
        "sum_q (-v_jq) u_iq",
    ),
    ("take the minus sign out", "-u_is - v_js", "-(u_is + v_js)", "-v_js - u_is"),
    ("expand the error", "v_js e_ij", "v_js (r_ij - rhat_ij)", "e_ij v_js"),
    ("write rhat_ij out", "r_ij - rhat_ij", "r_ij - sum_q u_iq v_jq", "-rhat_ij + r_ij"),
    ("I only keep user i", "dJ/du_is", ONLY, "dJ/du_is + 1"),
    ("this gives a delta", "d/du_is u_iq", "delta_qs", "d/du_is u_iq"),
]


@pytest.mark.parametrize(("claim", "before", "after", "other"), RULED)
def test_a_rule_holds_where_the_line_does_what_it_says(claim, before, after, other):
    assert check_rule(claim, step(before).form, step(after).form).holds
    found = check_rule(claim, step(before).form, step(other).form)
    assert not found.holds
    assert found.missing in str(found)


def test_every_rule_is_tried():
    claimed = {check_rule(c, step(b).form, step(a).form).rule for c, b, a, _ in RULED}
    assert claimed == {rule.name for rule in (*RULES, *ONLY_CLAIMED)}


def test_other_words_are_the_author_s_own():
    form = step("u_is").form
    assert str(check_rule("trust me", form, form)) == "trust me (your own words, not checked)"


def test_the_lecture_s_steps_are_what_its_rules_say():
    steps = [step(line.latex).form for line in lecture.gradient_u()]
    found = [rule_between(a, b) for a, b in pairwise(steps)]
    assert [rule.name if rule else "" for rule in found] == [
        "only this user or item matters",
        "expand",
        "chain rule",
        "delta",
        "cancel",
        "pull out",
        "",
    ]
