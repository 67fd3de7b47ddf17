r"""The grid of slips: what a true line becomes when one thing goes wrong.

Each slip changes the reference into what somebody gets who makes only this slip. No message
contains a part of the right line.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import starmap

from sympy import Expr, Symbol

from mfteach.answers.derivations.slips.constants import of_constants
from mfteach.answers.derivations.slips.factors import of_deltas, of_factors
from mfteach.answers.derivations.slips.losses import slips_before, slips_of_squares
from mfteach.answers.derivations.slips.ratings import of_other_letters, of_ratings
from mfteach.answers.derivations.slips.true_lines import WRONG_SIGN, LineSlip, TrueLine
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import Reading
from mfteach.symbolic.reading.syntax_tree import Node

__all__ = ["slips_of", "two_slips"]

_Ranges = tuple[tuple[Symbol, Symbol], ...]


def slips_of(
    reference: Reading, start: Reading | None = None, typed: Reading | None = None
) -> tuple[LineSlip, ...]:
    """Return the slips that can be made on the way to a true line.

    Parameters
    ----------
    reference : Reading
        The true line.
    start : Reading, optional
        What is derived: it contains the loss, and tells the variable.
    typed : Reading, optional
        The typed line: its free indices may be others than those of the true one.
    """
    start = reference if start is None else start
    ranges = tuple(reference.ranges.items())
    key = (reference.expression, ranges, reference.tree, reference.text, start.text)
    return (*_slips(*key), *_of_others(reference, start, typed))


def two_slips(slips: tuple[LineSlip, ...]) -> tuple[LineSlip, ...]:
    """Return the slips that are often made together with a wrong sign, with it."""
    return tuple(
        LineSlip(f"Two slips. {WRONG_SIGN}. And: {slip.message}", -slip.result)
        for slip in slips
        if slip.also_with_sign
    )


@lru_cache(maxsize=64)
def _slips(
    expression: Expr, ranges: _Ranges, tree: Node, text: str, start: str
) -> tuple[LineSlip, ...]:
    beginning = NOTATION.understand(start)
    line = TrueLine(expression, dict(ranges), beginning)
    return (
        LineSlip(WRONG_SIGN, -expression),
        LineSlip("A factor 2 is left over: it should have cancelled", 2 * expression, True),
        LineSlip("A factor 2 is lost: the 2 of the square cancels the 1/2", expression / 2, True),
        *of_ratings(line),
        *of_factors(line),
        *of_constants(line),
        *of_deltas(line),
        *starmap(LineSlip, slips_of_squares(tree, text)),
        *starmap(LineSlip, slips_before(beginning)),
    )


def _of_others(reference: Reading, start: Reading, typed: Reading | None) -> tuple[LineSlip, ...]:
    if typed is None:
        return ()
    line = TrueLine(reference.expression, reference.ranges, start)
    others = sorted(set(typed.ranges) - set(reference.ranges), key=str)
    return tuple(
        slip for other in others for slip in of_other_letters(line, other, str(typed.ranges[other]))
    )
