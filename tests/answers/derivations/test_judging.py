"""A typed line is proved, refuted with numbers, or unread with the place: never wrongly."""

import re
from random import Random

import pytest
from cases import some
from hostile_lines import HOSTILE
from line_mutants import differ, mutants

from mfteach.answers import Judgement, judge
from mfteach.symbolic import lecture
from mfteach.symbolic.lecture import NOTATION

U = r"\frac{\partial J}{\partial u_{is}}"
V = "dJ/dv_js"
TRUE_LINE = "-sum_{j in I_i} v_js e_ij"
VERDICTS = {"proved", "refuted", "unread", "undecided"}


def test_a_true_line_is_proved_and_true_as_a_condition():
    found = judge(TRUE_LINE, equals=U)
    assert isinstance(found, Judgement)
    assert found.verdict == "proved"
    assert found
    assert found.counterexample is None


def test_a_false_line_is_refuted_with_numbers_that_say_which_side_gives_which():
    found = judge("sum_{j in I_i} v_js e_ij", equals=U)
    assert found.verdict == "refuted"
    assert not found
    assert found.counterexample.startswith("at k = 1, m = 1, n = 1, i = 1, s = 1, ")
    assert "your line gives -1, the reference gives 1" in found.counterexample
    assert "your line gives -1, the reference gives 1" in found.message


@pytest.mark.parametrize("text", ["", "   ", None, ...])
def test_nothing_typed_is_not_yet_an_answer(text):
    found = judge(text, equals=U)
    assert found.verdict == "unread"
    assert found.message.startswith("Not yet")


@pytest.mark.parametrize("text", [5, 1.5, ["x"], b"x", object(), lambda: 1])
def test_what_is_not_text_is_unread(text):
    assert judge(text, equals=U).verdict == "unread"


def test_a_captured_index_is_unread_and_named():
    found = judge("sum_{j in I_i} -v_js (r_ij - sum_{s=1}^k u_is v_js)", equals=U)
    assert found.verdict == "unread"
    assert "index s is bound" in found.message.lower()


def test_an_unread_line_says_where():
    found = judge("-sum_{j in I_i} v_js ? e_ij", equals=U)
    assert found.verdict == "unread"
    place, end = found.place
    assert "-sum_{j in I_i} v_js ? e_ij"[place:end] == "?"


def test_how_a_bare_sum_was_read_is_a_note():
    found = judge("-sum_j w_ij v_js e_ij", equals=U)
    assert found.verdict == "proved"
    assert any("all items" in note for note in found.notes)
    assert "all items" in str(found)


# Chains, left sides, updates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (f"dJ/du_is = {TRUE_LINE}", "proved", ""),
        (f"{TRUE_LINE} = -[(W∘E) V]_is - [(W∘E) V]_is + [(W∘E) V]_is", "unread", ""),
        (f"{TRUE_LINE} = [-(W∘E) V]_is", "proved", ""),
        (f"= {TRUE_LINE}", "proved", ""),
        (f"dJ/dv_js = {TRUE_LINE}", "refuted", "The left side, dJ/dv_js, is not what"),
        (f"{TRUE_LINE} = sum_{{j in I_i}} v_js e_ij", "refuted", "In the part “sum_"),
        (f"dJ/du_is = 0 = {TRUE_LINE}", "refuted", "In the part “0”"),
    ],
)
def test_every_part_of_a_chain_must_be_equal(text, verdict, words):
    found = judge(text, equals=U)
    if verdict != "unread":
        assert found.verdict == verdict
    assert words in found.message


def test_a_wrong_left_side_before_a_true_line_is_said_to_be_that():
    message = judge(f"dJ/dv_js = {TRUE_LINE}", equals=U).message
    assert "What stands after it is true." in message


STEP = "u_is <- u_is - eta dJ/du_is"


@pytest.mark.parametrize(
    ("text", "equals", "verdict"),
    [
        ("u_is <- u_is + eta sum_{j in I_i} e_ij v_js", STEP, "proved"),
        (r"u_{is} \leftarrow u_{is} - \eta \frac{\partial J}{\partial u_{is}}", STEP, "proved"),
        ("u_is <- u_is - eta sum_{j in I_i} e_ij v_js", STEP, "refuted"),
        ("v_js <- u_is - eta dJ/du_is", STEP, "refuted"),
        ("u_is + eta sum_{j in I_i} e_ij v_js", STEP, "unread"),
        ("u_is <- u_is - eta dJ/du_is", "u_is - eta dJ/du_is", "proved"),
        ("v_js <- u_is - eta dJ/du_is", "u_is - eta dJ/du_is", "refuted"),
    ],
)
def test_of_an_update_both_sides_must_agree(text, equals, verdict):
    assert judge(text, equals=equals).verdict == verdict


def test_an_update_of_another_number_is_said_to_be_that():
    assert "another number" in judge("v_js <- u_is - eta dJ/du_is", equals=STEP).message


@pytest.mark.parametrize(
    ("text", "equals", "verdict"),
    [
        ("u_is <- u_is + eta e_ij v_js", "u_is + eta e_ij v_js", "proved"),
        ("v_js <- u_is + eta e_ij v_js", "u_is + eta e_ij v_js", "refuted"),
        ("r_ij <- u_is + eta e_ij v_js", "u_is + eta e_ij v_js", "refuted"),
        ("u_ps <- u_is + eta e_ij v_js", "u_is <- u_is + eta e_ij v_js", "refuted"),
        ("u_is <- 2 u_is", "2 u_is", "unread"),
    ],
)
def test_what_an_update_changes_is_compared_too(text, equals, verdict):
    assert judge(text, equals=equals).verdict == verdict


# Indices ---------------------------------------------------------------------------------------


def test_what_is_known_of_an_index_that_differs_is_said_in_one_sentence():
    message = judge("-sum_{j in I_i} v_jq e_ij", equals=U).message
    assert message.startswith("This is about another factor, q. At ")
    message = judge("u_iq^3 + 1", equals=U).message
    assert "Your line depends on q where the reference depends on s." in message
    assert "also depends" not in message


def test_a_letter_that_counts_something_else_is_named():
    found = judge("-sum_{j in U_i} u_js e_ji", equals=U)
    assert found.verdict == "refuted"
    assert "Here i counts items, and in the reference users" in found.message


def test_a_size_instead_of_a_count_is_refuted():
    assert judge("n", equals="|I_i|").verdict == "refuted"
    assert judge("sum_{j=1}^n w_ij", equals="|I_i|").verdict == "proved"


# Never wrong ------------------------------------------------------------------------------------

LINES = [
    line
    for build in (lecture.gradient_u, lecture.ridge_v, lecture.bias_user, lecture.als_u)
    for line in build()
]


def sampled_mutants(count):
    """Return some mutants of the lecture's lines: the same each time."""
    everything = [
        (line.latex, kind, mutant) for line in LINES for kind, mutant in mutants(line.latex)
    ]
    return Random(22).sample(everything, count)


@pytest.mark.parametrize(("line", "kind", "mutant"), some(sampled_mutants(60), 20))
def test_no_false_mutant_is_proved_and_no_true_one_refuted(line, kind, mutant):
    verdict = judge(mutant, equals=line).verdict
    assert verdict in VERDICTS
    if verdict not in ("proved", "refuted"):
        return
    ours, theirs = NOTATION.understand(mutant), NOTATION.understand(line)
    ranges = {**theirs.ranges, **ours.ranges}
    assert differ(ours.expression, theirs.expression, ranges) == (verdict == "refuted")


def test_every_kind_of_mutant_is_tried():
    kinds = {kind for line in LINES for kind, _ in mutants(line.latex)}
    assert kinds >= {
        "letter",
        "index",
        "sign",
        "number",
        "range",
        "set",
        "order",
        "bracket",
        "power",
        "term",
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_never_proved_and_never_raises(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = judge(text, equals=U)
    assert found.verdict in VERDICTS - {"proved"}
    assert found.message
    assert list(tmp_path.iterdir()) == []


def test_the_same_line_gets_the_same_words_each_time():
    texts = ["sum_j v_js e_ij", TRUE_LINE, "-sum_{j in I_i} u_is e_ij", "?"]
    assert [judge(text, equals=U) for text in texts] == [judge(text, equals=U) for text in texts]


@pytest.mark.parametrize(
    "aside",
    [
        "d/du_is rhat_ij = v_js",
        "rhat_ij = sum_q u_iq v_jq",
        "de_ij/du_is = -v_js",
        "d/du_is u_iq = delta_qs",
    ],
)
def test_a_true_side_calculation_is_called_true_and_costs_nothing(aside):
    found = judge(aside, equals=U)
    assert found.verdict == "unread"
    assert found.message == (
        "True, but a side calculation: each line here must be equal to the reference."
    )


@pytest.mark.parametrize("false", ["d/du_is rhat_ij = -v_js", "e_ij = -sum_{j in I_i} v_js e_ij"])
def test_a_side_calculation_that_is_false_is_refuted(false):
    assert judge(false, equals=U).verdict == "refuted"


@pytest.mark.parametrize(
    "false",
    [
        "-sum_{j in I_i} v_jq e_ij",
        "rhat_ij = -sum_{j in I_i} v_js e_ij",
        "dJ/du_is = sum_{j in I_i} u_is e_pj",
        "-sum_{j=1}^n v_js",
        "sum_{j in I_i} e_pj",
    ],
)
def test_of_a_false_line_two_sentences_are_said_and_the_numbers(false):
    words, _, numbers = judge(false, equals=U).message.partition(" At ")
    assert numbers
    assert len(re.findall(r"[.](?: |$)", words)) <= 2
