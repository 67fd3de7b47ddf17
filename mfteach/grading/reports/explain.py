"""What ``--explain`` shows about one student: each answer, each call, what was wanted."""

from __future__ import annotations

from collections.abc import Iterator

from mfteach.grading.marks.grade import Graded
from mfteach.grading.marks.results import OK
from mfteach.grading.marks.score import Evidence, Score

MOST = 300
"""At most this many characters of a value are shown."""


def explain(graded: Graded) -> str:
    """Return the result of one student as lines for the instructor's terminal.

    It contains expected values, so it is not for students. Whatever a student wrote is shown as
    printable ASCII, so that it cannot control the terminal.
    """
    result = graded.result
    head = f"{result.student}: {result.points:g} of {result.max_points:g} points"
    label = "note" if result.label == OK else result.label
    lines = [head, *([f"  {label}: {_plain(result.reason)}"] if result.reason else [])]
    if result.digest is not None:
        when = result.submitted_at or "at an unknown time"
        lines.append(f"  file {result.digest[:12]}, submitted {when}")
    for mark, score in zip(result.marks, graded.scores, strict=False):
        lines += ["", f"{mark.question}: {mark.points:g} of {mark.max_points:g}, {mark.label}"]
        lines += [f"  {line}" for line in _lines(score)]
        source = graded.sources.get(mark.question, "").strip()
        lines += [f"  | {_plain(line)}" for line in source.splitlines()]
    return "\n".join(lines)


def _lines(score: Score) -> Iterator[str]:
    if score.reason:
        yield _plain(score.reason)
    if score.answer and not score.evidence:
        first, *others = score.answer.split("\n")
        yield f"read: {_plain(first)}"
        yield from (f"      {_plain(line)}" for line in others)
    for one in score.evidence:
        yield from _call(one)


def _call(one: Evidence) -> Iterator[str]:
    yield f"call {_short(one.arguments)}"
    yield f"  wanted {_short(one.wanted)}"
    if one.outcome.failure is None:
        yield f"  got    {_short(one.outcome.value)}"
    else:
        yield f"  {one.outcome.failure}: {_plain(one.outcome.detail)}"


def _short(value: object) -> str:
    text = _plain(" ".join(repr(value).split()))
    return text if len(text) <= MOST else text[: MOST - 3] + "..."


def _plain(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")
