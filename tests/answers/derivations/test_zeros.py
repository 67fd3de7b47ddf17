"""Zeros in disguise are left out of the form of a line, and nothing else is."""

import pytest

from mfteach.answers.derivations.lines.forms import step_of
from mfteach.answers.derivations.lines.zeros import MOST_TERMS, without_zeros
from mfteach.symbolic.lecture import ALL, NOTATION

GOAL = "-sum_{j in I_i} v_js e_ij"


def outline(text):
    bare = without_zeros(NOTATION.understand(text).tree, NOTATION.letters, text)
    return step_of(bare, NOTATION.letters, text).outline


@pytest.mark.parametrize(
    "padded",
    [
        f"{GOAL} + sum_{{q=1}}^k delta_qs u_iq - u_is",
        f"{GOAL} + 2 u_is - u_is - u_is",
        f"{GOAL} + sum_{{q=1}}^k 2 u_iq - sum_{{t=1}}^k u_it - sum_{{q=1}}^k u_iq",
        f"{GOAL} + d/du_is r_pl",
        f"{GOAL} + e_pl - (r_pl - rhat_pl)",
        f"u_is {GOAL} - u_is + sum_{{q=1}}^k delta_qs u_iq".replace(f"u_is {GOAL}", GOAL),
        "-sum_{j in I_i} (v_js e_ij + sum_{q=1}^k delta_qs v_jq - v_js)",
        "-sum_{j in I_i} v_js (e_ij + u_is v_jq - v_jq u_is)",
        "-delta_ss sum_{j in I_i} v_js e_ij",
    ],
)
def test_padding_does_not_change_the_outline(padded):
    assert outline(padded) == outline(GOAL)


@pytest.mark.parametrize(
    "step",
    [
        "-sum_{j in I_i} e_ij sum_{q=1}^k delta_qs v_jq",
        "-sum_{j in I_i} v_js (r_ij - sum_{q=1}^k u_iq v_jq)",
        "-sum_{j in I_i} v_js r_ij + sum_{j in I_i} v_js rhat_ij",
        "u_is - u_is",
    ],
)
def test_what_is_a_step_stays_one(step):
    assert outline(step) != outline(GOAL)


@pytest.mark.no_cover
def test_the_lines_of_the_lecture_stay_as_they_are():
    for derivation in ALL:
        outlines = [outline(line.latex) for line in derivation()]
        assert len(set(map(str, outlines))) == len(outlines)


def test_long_sums_are_left_alone():
    few, many = (" + ".join(["u_is"] * count) for count in (MOST_TERMS - 3, MOST_TERMS))
    assert outline(f"{GOAL} + d/du_is r_pl + {few}") == outline(f"{GOAL} + {few}")
    assert outline(f"{GOAL} + d/du_is r_pl + {many}") != outline(f"{GOAL} + {many}")
