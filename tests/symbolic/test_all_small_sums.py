"""All small sums of a certain kind: two are called the same exactly if they are, written out."""

from collections import defaultdict
from itertools import combinations_with_replacement

import pytest
from full_expansion import expanded
from sympy import IndexedBase, KroneckerDelta, Mul, Sum, symbols

from mfteach.symbolic.indexed_sums import UndecidedError, same

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover

x, w = IndexedBase("x"), IndexedBase("w")
i, j, p, n = symbols("i j p n")
delta = KroneckerDelta

FACTORS = (
    x[i],
    x[j],
    x[p],
    x[1],
    w[i, j],
    w[j, i],
    w[i, p],
    delta(i, j),
    delta(i, p),
    delta(j, 1),
    delta(i, 2),
)
LIMITS = {
    "to n, to n": ((i, 1, n), (j, 1, n)),
    "to n, to 2": ((i, 1, n), (j, 1, 2)),
    "to n - 1, to n": ((i, 1, n - 1), (j, 1, n)),
    "from 2, to n + 1": ((i, 2, n), (j, 1, n + 1)),
    "to 2, to 3": ((i, 1, 2), (j, 1, 3)),
    "to 0, to n": ((i, 1, 0), (j, 1, n)),
}
PLACES = ((1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 2), (4, 4))


def truth(expr):
    """Write a sum out at each place."""
    return tuple(
        frozenset(expanded(expr, {n: size, p: position}).items()) for size, position in PLACES
    )


def decided(a, b):
    try:
        return same(a, b, {p: n})
    except UndecidedError:
        return None


@pytest.mark.parametrize("limits", LIMITS)
def test_all_sums_of_up_to_two_factors(limits):
    groups = defaultdict(list)
    for number in (1, 2):
        for factors in combinations_with_replacement(FACTORS, number):
            expr = Sum(Mul(*factors), *LIMITS[limits])
            if decided(expr, expr) is not None:
                groups[truth(expr)].append(expr)
    firsts = [group[0] for group in groups.values()]
    for at, group in enumerate(groups.values()):
        for expr in group:
            assert decided(expr, group[0]) is True, f"{expr} and {group[0]}"
            for other in firsts[at - 2 : at]:
                assert decided(expr, other) is False, f"{expr} and {other}"
    assert len(firsts) > (limits != "to 0, to n") * 15
