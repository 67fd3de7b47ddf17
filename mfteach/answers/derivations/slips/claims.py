r"""The slips of a typed line, by name.

A slip is claimed only if the engine proves that the typed line is equal to what the slip makes of
the reference (`grid`), or that the line without the slip is equal to the reference
(`repairs`). No message contains a part of the right line.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Indexed, S, Symbol

from mfteach.answers.derivations.slips.fingerprints import fingerprint
from mfteach.answers.derivations.slips.grid import slips_of, two_slips
from mfteach.answers.derivations.slips.repairs import repairs
from mfteach.answers.derivations.slips.true_lines import ALL_ROWS, LineSlip
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import Part, Reading
from mfteach.symbolic.reading.syntax_tree import Entry, Letter, Node, Slope, SumOf, walk

__all__ = ["MOST_CLAIMED", "diagnoses"]

MOST_CLAIMED = 3
"""If more slips than this lead to the same line, they explain nothing, and none is claimed."""


def diagnoses(
    part: Part, reading: Reading, reference: Reading, start: Reading | None = None
) -> tuple[str, ...]:
    """Return the slips that explain a refuted part of a line; several if they lead to the same.

    Parameters
    ----------
    part : Part
        The part that differs from the reference.
    reading : Reading
        The line.
    reference : Reading
    start : Reading, optional
        What is derived, where the reference is a later line.
    """
    if part.target is not None:
        slips: tuple[LineSlip, ...] = _of_the_step(part.target, reference.expression)
    else:
        slips = slips_of(reference, start, reading)
        if part.expression == 0 or not _is_about_the_loss(reference, start):
            slips = slips[:1]  # the sign: the others are slips on the way from a loss
    found = _claimed(part, reading, reference, slips)
    if not found:
        found = repairs(part, reading, reference)
    if not found:
        found = _claimed(part, reading, reference, two_slips(slips))
    found = tuple(dict.fromkeys(found))
    return _with_bare_sums(found, part.tree) if len(found) <= MOST_CLAIMED else ()


def _is_about_the_loss(reference: Reading, start: Reading | None) -> bool:
    """Whether a sum, a derivative, an error or a penalty is in what the line should equal."""
    readings = [reference] if start is None else [reference, start]
    nodes = (node for reading in readings for node in walk(reading.tree))
    known = {*NOTATION.letters.definitions, r"\lambda", r"\beta"}
    return any(
        isinstance(node, SumOf | Slope | Entry) or (isinstance(node, Letter) and node.name in known)
        for node in nodes
    )


def _of_the_step(target: Expr, value: Expr) -> tuple[LineSlip, ...]:
    """Return the slips of an update: what is added to the old value."""
    step = value - target
    everywhere = {x: S.One for x in step.atoms(Indexed) if str(x.base) == "w"}
    return (
        LineSlip("The step goes the other way", target - step),
        LineSlip("The learning rate is missing", target + step.xreplace({Symbol("eta"): S.One})),
        LineSlip("The step is twice as long as it should be", target + 2 * step),
        LineSlip("The step is half as long as it should be", target + step / 2),
        LineSlip("The old value is missing: only the step is there", step),
        LineSlip(
            f"{ALL_ROWS}rows, and only the known ratings count", target + step.xreplace(everywhere)
        ),
    )


def _claimed(
    part: Part, reading: Reading, reference: Reading, slips: Iterable[LineSlip]
) -> tuple[str, ...]:
    ranges = {**reference.ranges, **reading.ranges}
    ours = fingerprint(part.expression, ranges)
    if ours is None:
        return ()
    return tuple(
        f"{slip.message}."
        for slip in slips
        if fingerprint(slip.result, ranges) == ours and _same(part.expression, slip.result, ranges)
    )


def _same(ours: Expr, theirs: Expr, ranges: dict[Symbol, Symbol]) -> bool:
    try:
        return same(ours, theirs, ranges)
    except (CaptureError, UndecidedError):
        return False


def _with_bare_sums(found: tuple[str, ...], tree: Node) -> tuple[str, ...]:
    """Say also that a sum sign with a letter alone was read as the sum over all."""
    bare = [node.names[0] for node in walk(tree) if isinstance(node, SumOf) and node.over == "bare"]
    return tuple(
        f"{text[:-1]}: sum_{bare[0]} alone was read as the sum over all."
        if bare and ALL_ROWS in text
        else text
        for text in found
    )
