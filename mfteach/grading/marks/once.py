"""The same slip costs once in an assignment, however many questions it runs through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mfteach.grading.assignments.questions import Derivation, Slip
from mfteach.grading.assignments.variants import Posed
from mfteach.grading.marks.score import Score, sentences

__all__ = ["counted_once"]


def counted_once(answers: Mapping[str, Posed], scores: Sequence[Score]) -> tuple[Score, ...]:
    """Give back what a slip costs for the second time.

    Slips of the same label are the same slip. The one that costs most counts, of equal ones the
    first. Derivations have shares of their own and stay as they are.

    Parameters
    ----------
    answers : mapping of str to Posed
        The questions by name, in order.
    scores : sequence of Score
        In the same order.
    """
    names = list(answers)
    places = defaultdict(list)
    for place, (posed, score) in enumerate(zip(answers.values(), scores, strict=True)):
        if _slip(posed, score) is not None:
            places[score.label].append(place)
    found = list(scores)
    for same in places.values():
        counts = max(same, key=lambda place: scores[place].max_points - scores[place].points)
        for place in set(same) - {counts}:
            found[place] = _given_back(answers[names[place]], scores[place], names[counts])
    return tuple(found)


def _slip(posed: Posed, score: Score) -> Slip | None:
    """Return the slip that a score names, if it names one of the question's own."""
    if posed.check is None or isinstance(posed.check, Derivation):
        return None
    return next((slip for slip in posed.check.slips if slip.label == score.label), None)


def _given_back(posed: Posed, score: Score, counts: str) -> Score:
    slip = _slip(posed, score)
    assert slip is not None
    where = counts.removeprefix("q")
    said = f"It is the same slip as in question {where}, and counts only there."
    points = score.points + score.max_points - slip.points
    return replace(score, points=points, reason=sentences(score.reason, said))
