"""Each slip is named where it was made, and nowhere else."""

import pytest

from mfteach.answers import judge
from mfteach.answers.derivations.slips.repairs import MOST_REPAIRS
from mfteach.symbolic.writing import plain

U = "dJ/du_is"
V = "dJ/dv_js"
RIDGE = "dJ^ridge/du_is"
COUNT = "dJ^count/du_is"
BIAS = "dJ^bias/db_i"
SQUARE = "d/du_is 1/2 sum_{j in I_i} (r_ij - sum_{q=1}^k u_iq v_jq)^2"
NORMAL = "sum_{q=1}^k (sum_{j in I_i} v_js v_jq + lambda delta_sq) u_iq - sum_{j in I_i} r_ij v_js"
STEP = "u_is <- u_is + eta sum_{j in I_i} e_ij v_js"

# A true line, a line with one slip, what the diagnosis must contain, and another false line, whose
# diagnosis must not contain that.
SLIPS = [
    (U, "sum_{j in I_i} v_js e_ij", "The sign is wrong", "-sum_{j in I_i} u_is e_ij"),
    (U, "-2 sum_{j in I_i} v_js e_ij", "factor 2 is left over", "-sum_j v_js e_ij"),
    (U, "-1/2 sum_{j in I_i} v_js e_ij", "factor 2 is lost", "-2 sum_{j in I_i} v_js e_ij"),
    (U, "-sum_{j=1}^n v_js e_ij", "all items", "sum_{j in I_i} v_js e_ij"),
    (U, "-sum_j v_js e_ij", "sum_j alone was read", "-sum_{j=1}^n v_js e_ij"),
    (V, "-sum_i u_is e_ij", "all users", "-sum_{i in U_j} v_js e_ij"),
    (U, "-sum_{j in I_i} u_is e_ij", "u stands where", "-sum_{j in I_i} v_js e_pj"),
    (
        U,
        "sum_{i in U_j} -v_js e_ij",
        "over the users of an item, and should run over the items",
        "-sum_{i in U_j} u_is e_ij",
    ),
    (
        V,
        "sum_{j in I_i} -u_is e_ij",
        "over the items of a user, and should run over the users",
        "-sum_{j in I_i} v_js e_ij",
    ),
    (V, "-sum_{i in U_j} v_js e_ij", "v stands where", "sum_{i in U_j} u_is e_ij"),
    (U, "-sum_{j in I_i} e_ij sum_q v_jq", "sum over the factors is kept", "-sum_j v_js e_ij"),
    (U, "-sum_{j in I_i} v_js e_pj", "another user, p", "-sum_{j in I_i} v_jq e_ij"),
    (V, "-sum_{i in U_j} u_is e_il", "another item, l", "-sum_{i in U_j} u_iq e_ij"),
    (U, "-sum_{j in I_i} v_jq e_ij", "another factor, q", "-sum_{j in I_i} v_js e_pj"),
    (U, "-v_js e_ij", "sum over the items is missing", "-sum_{j in I_i} e_ij"),
    (U, "-sum_{(p,j) in S} e_pj v_js", "sum over all users is kept", "-sum_j v_js e_ij"),
    (U, "-sum_{i in U_j} u_is e_ij", "with respect to v", "-sum_{j in I_i} u_is e_ij"),
    (U, "sum_{j in I_i} e_ij", "inner derivative is forgotten", "sum_{j in I_i} v_js e_ij"),
    (U, "-sum_{j in I_i} v_js", "outer derivative is lost", "-1/2 sum_{j in I_i} v_js"),
    (U, "-1/2 sum_{j in I_i} v_js", "not squared before", "-sum_{j in I_i} v_js e_ij^2"),
    (U, "-sum_{j in I_i} v_js e_ij^2", "keeps its square", "-sum_{j in I_i} v_js"),
    (U, "1/2 sum_{j in I_i} e_ij^2", "not differentiated", "-1/2 sum_{j in I_i} v_js"),
    (U, "-sum_{j in I_i} v_js r_ij", "prediction is missing", "sum_{j in I_i} v_js rhat_ij"),
    (U, "sum_{j in I_i} v_js rhat_ij", "rating is missing", "-sum_{j in I_i} v_js r_ij"),
    (SQUARE, SQUARE.replace(")^2", ")"), "not squared", SQUARE.replace("1/2 ", "")),
    (
        SQUARE,
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - 2 r_ij rhat_ij + sum_q u_iq^2 v_jq^2)",
        "the mixed terms are missing",
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - 2 r_ij rhat_ij + sum_q u_iq^2 v_jq)",
    ),
    (
        U,
        "sum_{j in I_i} -v_js (r_ij - u_is v_js)",
        "sum over the factors is lost",
        "sum_{j in I_i} -v_js (r_ij - u_is)",
    ),
    (
        SQUARE,
        "d/du_is 1/2 sum_{j in I_i} (r_ij - u_is v_js)^2",
        "sum over the factors is lost",
        "d/du_is sum_{j in I_i} (r_ij - u_is v_js)^2",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + beta u_is",
        "“beta” is the regularization of another loss",
        "-sum_{j in I_i} v_js e_ij - beta u_is",
    ),
    (
        BIAS,
        "-sum_{j in I_i} etilde_ij + lambda b_i",
        "“lambda” is the regularization of another loss",
        "-sum_{j in I_i} etilde_ij - lambda b_i",
    ),
    (U, "-1/n sum_{j in I_i} v_js e_ij", "not a mean", "-2/n sum_{j in I_i} v_js e_ij"),
    (SQUARE, "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - rhat_ij^2)", "cross term", SQUARE[:-2]),
    (
        SQUARE,
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - r_ij rhat_ij + rhat_ij^2)",
        "The factor of",
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 + 2 r_ij rhat_ij + rhat_ij^2)",
    ),
    (
        SQUARE,
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 + 2 r_ij rhat_ij + rhat_ij^2)",
        "The sign of",
        "d/du_is 1/2 sum_{j in I_i} (r_ij^2 - r_ij rhat_ij + rhat_ij^2)",
    ),
    (U, "sum_{j in I_i} (-v_js r_ij - rhat_ij)", "Brackets are missing", "sum_j v_js e_ij"),
    (U, "sum_{j in I_i} -v_js (r_ij - sum_q u_iq v_js)", "index of “v_js”", "sum_j v_js e_ij"),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij",
        "term with lambda is lost",
        "-sum_{j in I_i} v_js e_ij + u_is",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + u_is",
        "factor lambda is lost",
        "-sum_{j in I_i} v_js e_ij",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + 2 lambda u_is",
        "lambda is twice too large",
        "-sum_{j in I_i} v_js e_ij + 1/2 lambda u_is",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + 1/2 lambda u_is",
        "lambda is halved",
        "-sum_{j in I_i} v_js e_ij + 2 lambda u_is",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij - lambda u_is",
        "lambda has the wrong sign",
        "sum_{j in I_i} v_js e_ij + lambda u_is",
    ),
    (
        RIDGE,
        "sum_{j in I_i} v_js e_ij + lambda u_is",
        "part with the ratings",
        "-sum_{j in I_i} v_js e_ij - lambda u_is",
    ),
    (
        RIDGE,
        "sum_{j in I_i} (-v_js e_ij + lambda u_is)",
        "once for each rating",
        "-sum_{j in I_i} v_js e_ij",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + lambda sum_q u_iq",
        "penalty is summed",
        "-sum_{j in I_i} v_js e_ij + lambda u_is^2",
    ),
    (
        RIDGE,
        "-sum_{j in I_i} v_js e_ij + lambda u_is^2",
        "should not be squared",
        "-sum_{j in I_i} v_js e_ij + 2 lambda u_is",
    ),
    (
        COUNT,
        "-sum_{j in I_i} v_js e_ij + lambda u_is",
        "count of the ratings is lost",
        "-sum_{j in I_i} v_js e_ij + lambda n u_is",
    ),
    (
        COUNT,
        "-sum_{j in I_i} v_js e_ij + lambda n u_is",
        "All are counted",
        "-sum_{j in I_i} v_js e_ij + lambda u_is",
    ),
    (BIAS, "-sum_{j in I_i} e_ij + beta b_i", "the wrong error", "-sum_{j in I_i} etilde_ij"),
    (
        BIAS,
        "-sum_{j in I_i} (r_ij - b_i - c_j - rhat_ij) + beta b_i",
        "mean is missing",
        "-sum_{j in I_i} etilde_ij",
    ),
    (
        BIAS,
        "-sum_{j in I_i} (r_ij - mu - b_i - rhat_ij) + beta b_i",
        "bias of the item",
        "-sum_{j in I_i} (r_ij - mu - c_j - rhat_ij) + beta b_i",
    ),
    (
        BIAS,
        "-sum_{j in I_i} (r_ij - mu - c_j - rhat_ij) + beta b_i",
        "bias of the user",
        "-sum_{j in I_i} etilde_ij",
    ),
    (NORMAL, NORMAL.replace(" delta_sq", ""), "delta is lost", NORMAL.replace("- sum", "+ sum")),
    ("d/du_is rhat_ij", "sum_q v_jq", "sum over the factors is kept", "u_is v_js"),
    ("d/du_is rhat_ij", "u_is v_js", "both letters", "sum_q v_jq"),
    (U, "d/du_is 1/2 sum_{p=1}^m sum_{j=1}^n e_pj^2", "all items", "sum_{j in I_i} v_js e_ij"),
    (
        "sum_{j=1}^n v_js^2 + u_is",
        "sum_{j in I_i} v_js^2 + u_is",
        "should run over all",
        "sum_{j=1}^n v_js^2 - u_is",
    ),
    (STEP, STEP.replace("+ eta", "- eta"), "other way", STEP.replace("eta ", "")),
    (STEP, STEP.replace("eta ", ""), "learning rate is missing", STEP.replace("+ eta", "- eta")),
    (STEP, STEP.replace("u_is + eta", "eta"), "old value is missing", STEP.replace("eta ", "")),
    (STEP, STEP.replace("eta", "2 eta"), "twice as long", STEP.replace("eta", "1/2 eta")),
    (STEP, STEP.replace("eta", "1/2 eta"), "half as long", STEP.replace("eta", "2 eta")),
]


@pytest.mark.parametrize(("true", "false", "words", "other"), SLIPS)
def test_a_slip_is_named_where_it_was_made(true, false, words, other):
    found = judge(false, equals=true)
    assert found.verdict == "refuted"
    assert words in found.message


@pytest.mark.parametrize(("true", "false", "words", "other"), SLIPS)
def test_a_slip_is_not_named_where_another_was_made(true, false, words, other):
    found = judge(other, equals=true)
    assert found.verdict == "refuted"
    assert words not in found.message


@pytest.mark.parametrize(("true", "false", "words", "other"), SLIPS)
def test_no_diagnosis_contains_the_right_line(true, false, words, other):
    """Neither as it was typed nor as the lecture writes it, nor what stands after its sum sign."""
    message = judge(false, equals=true).message
    for line in (true, "v_js e_ij", "e_ij v_js", "u_is e_ij", "lambda u_is"):
        if line not in false:
            assert plain(line) not in message
            assert line not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sum_j v_js e_ij", "all items"),
        ("1/2 sum_{j in I_i} v_js e_ij", "factor 2 is lost"),
        ("sum_{j in I_i} u_is e_ij", "u stands where"),
        ("sum_{j in I_i} e_pj v_js", "another user"),
    ],
)
def test_two_slips_are_named_if_one_of_them_is_the_sign(text, words):
    message = judge(text, equals=U).message
    assert message.startswith("Two slips. The sign is wrong. And: ")
    assert words in message


def test_slips_that_lead_to_the_same_line_are_both_named():
    message = judge("2 lambda u_is", equals="lambda u_is").message
    assert "A factor 2 is left over: it should have cancelled. Or: The term with lambda" in message


@pytest.mark.parametrize(
    ("text", "equals", "words"),
    [
        ("sum_{j in I_i} -v_sj e_ij", U, "The two indices of v_sj are swapped."),
        ("[-(W∘E) U]_js", V, "A matrix is transposed that should not be, or is not and should be."),
        ("[-(W∘E)^T V]_is", U, "A matrix is transposed"),
        ("[-(W∘E) V]_si", U, "The two indices of the brackets are swapped."),
    ],
)
def test_a_transposition_is_named(text, equals, words):
    found = judge(text, equals=equals)
    assert found.verdict in ("unread", "refuted")
    assert words in found.message


def test_a_line_that_cannot_be_read_for_another_reason_gets_no_transposition():
    assert "transposed" not in judge("sum_{j in I_i} -v_js e_ij +", equals=U).message


def test_repairs_are_counted(monkeypatch):
    """However long a line is, so many repairs are tried and no more."""
    from mfteach.answers.derivations.slips import repairs

    tried = []
    build = repairs._expression
    monkeypatch.setattr(repairs, "_expression", lambda *a: tried.append(1) or build(*a))
    judge("sum_{j in I_i} (" + " + ".join(["v_js r_ij"] * 20) + ")", equals=U)
    assert 0 < len(tried) <= MOST_REPAIRS


def test_fewer_repairs_are_tried_where_each_has_to_be_differentiated(monkeypatch):
    from mfteach.answers.derivations.slips import repairs

    tried = []
    build = repairs._expression
    monkeypatch.setattr(repairs, "_expression", lambda *a: tried.append(1) or build(*a))
    bracket = "(r_ij - mu - b_i - c_j - sum_q u_iq v_jq)"
    judge(f"d/db_i (1/2 sum_{{j in I_i}} {bracket}^2 beta/2 b_i^2)", equals="dJ^bias/db_i")
    assert 0 < len(tried) <= 16
