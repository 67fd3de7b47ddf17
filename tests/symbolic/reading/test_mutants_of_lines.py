r"""Every line of every derivation with one sign changed: no false one is proved.

A mutant changes one character of the LaTeX: a size, an order, a letter, an index, a sign, a
limit or a bracket. What is proved equal to the line before must be equal when both are written out
by brute force, which knows nothing of the index engine. All mutants are too many for every run, so
each run takes a fixed share; with MFTEACH_MUTANTS=10000 in the environment it takes all.
"""

import os
import re
from itertools import pairwise
from random import Random

import pytest
from brute_force import CHOICES, differs

from mfteach.symbolic.indexed_sums import same
from mfteach.symbolic.lecture import ALL, NOTATION

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover

SHARE = int(os.environ.get("MFTEACH_MUTANTS", "150"))
# What may stand in the place of a sign: sizes, indices, letters, numbers, signs.
OTHERS = {
    **dict.fromkeys("mnk", "mnk"),
    **dict.fromkeys("ijlpqst", "ijpqstl"),
    **dict.fromkeys("uvrewxbc", "uvrewxbc"),
    **dict.fromkeys("0123", "0123"),
    "+": "-",
    "-": "+",
    "I": "U",
    "U": "IV",
    "V": "UE",
    "W": "RE",
    "E": "RW",
    "S": "I",
    "J": "Le",
}
_SIGN = re.compile(r"\\[A-Za-z]+|\\mathrm\{\w+\}|.", re.DOTALL)
_DROPPED = (r"\delta", r"\lambda", r"\partial", r"\top", r"\circ", "-", "2", "(", ")", "^", "_")


def mutants(latex):
    """Yield every text that differs from a line in one sign."""
    for match in _SIGN.finditer(latex):
        before, sign, after = latex[: match.start()], match[0], latex[match.end() :]
        for other in OTHERS.get(sign, ""):
            if other != sign:
                yield before + other + after
        if sign in _DROPPED:
            yield before + after
        if sign == r"\lambda":
            yield before + r"\beta" + after
    # Brackets that a student forgets come in pairs.
    for pair in re.finditer(r"\\left\(((?:(?!\\left).)*?)\\right\)", latex):
        yield latex[: pair.start()] + pair[1] + latex[pair.end() :]


def all_pairs():
    """Yield each line of each derivation beside each mutant of it."""
    for build in ALL:
        for line in build():
            for mutant in mutants(line.latex):
                yield line.latex, mutant


def verdict(line, mutant):
    """Say whether a mutant is proved equal to its line: True, False, or None if it is refused."""
    try:
        true, reading = NOTATION.understand(line), NOTATION.understand(mutant)
        ranges = {**true.ranges, **reading.ranges}
        return same(true.expression, reading.expression, ranges)
    except ValueError:
        return None


def difference(line, mutant):
    """Return where a mutant differs from its line, by brute force."""
    true, reading = NOTATION.understand(line), NOTATION.understand(mutant)
    ranges = {str(index): str(size) for index, size in {**true.ranges, **reading.ranges}.items()}
    return differs(true.tree, reading.tree, ranges, CHOICES)


def check(pairs):
    """Return the number of mutants refused, refuted and proved; fail on a false verdict."""
    counts = {None: 0, False: 0, True: 0}
    for line, mutant in pairs:
        found = verdict(line, mutant)
        counts[found] += 1
        if found is not None:
            assert (difference(line, mutant) is None) == found, (line, mutant)
    return counts


@pytest.mark.no_cover
def test_the_brute_force_agrees_with_every_derivation():
    for build in ALL:
        lines = [line.latex for line in build()]
        for before, after in pairwise(lines):
            assert difference(before, after) is None, (before, after)


def test_a_share_of_the_mutants(record_property):
    pairs = list(all_pairs())
    counts = check(Random(22).sample(pairs, min(SHARE, len(pairs))))
    record_property(
        "mutants",
        f"LaTeX of the derivations, one sign changed: {SHARE} of {len(pairs)} tried, "
        f"{counts[None]} refused, {counts[False]} refuted, {counts[True]} true in disguise",
    )
    assert counts[False] > SHARE / 4, "most of the mutants that can be read are refuted"
