"""The class at a glance: who earned what, what is misunderstood, who needs a look."""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, median

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.files import write
from mfteach.grading.marks.late import lateness
from mfteach.grading.marks.results import (
    LOOK,
    LOOK_AGAIN,
    MARKED,
    NOT_SUBMITTED,
    OK,
    REFUSED,
    ClassResult,
    Mark,
    Result,
)
from mfteach.grading.marks.score import RIGHT, TO_BE_MARKED
from mfteach.grading.reports.math_as_html import readable
from mfteach.grading.reports.page import STYLE, number, page
from mfteach.grading.settings import Course
from mfteach.grading.submissions.typed import NOT_ANSWERED

_MOST_SLIPS = 5
_ALARMING = ("time limit", "crashed")
_NO_SLIP = (RIGHT, MARKED, TO_BE_MARKED, LOOK_AGAIN)

_STYLE = (
    STYLE
    + """
body{max-width:60rem}
h2{font-size:1.2rem;margin:2rem 0 .6rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem;
margin:1.1rem 0}
.figures div{background:var(--soft);border-radius:.5rem;padding:.6rem .8rem}
.figures b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.figures span{color:var(--quiet);font-size:.9rem}
svg{width:100%;max-width:44rem;height:auto;display:block}svg text{fill:var(--ink);font-size:14px}
@media(max-width:40rem){svg text{font-size:22px}}
summary{cursor:pointer;color:var(--quiet);font-size:.92rem}
svg .axis{fill:var(--quiet)}svg rect{fill:var(--bar)}svg line{stroke:var(--line)}
table{border-collapse:collapse;font-size:.95rem}
th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--quiet);font-weight:600;font-size:.88rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}.wide table{width:100%}
.question{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;margin:.7rem 0}
.question h3{font-size:1.02rem;margin:0;display:flex;gap:.6rem;align-items:baseline}
.question h3 span.share{margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.meter{height:.5rem;background:var(--soft);border-radius:.25rem;margin:.45rem 0 .6rem;
overflow:hidden}
.meter i{display:block;height:100%;background:var(--bar)}
.slips{list-style:none;margin:0;padding:0}
.slips li{display:grid;grid-template-columns:3rem 8rem minmax(0,1fr);gap:.6rem;
align-items:center;padding:.14rem 0;line-height:1.35}
@media(max-width:40rem){.slips li{grid-template-columns:2.7rem 3rem minmax(0,1fr)}}
.slips b{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.slips .meter{margin:0}.slips .meter i{background:var(--bar2)}
.badge{font-size:.8rem;font-weight:600;color:var(--bad);border:1px solid currentColor;
border-radius:1rem;padding:0 .5rem;white-space:nowrap}
"""
)


def write_report(
    course: Course, assignment: Assignment, result: ClassResult, titles: Mapping[str, str]
) -> Path:
    """Write ``reports/ASSIGNMENT.html`` and return it."""
    file = course.folder / "reports" / f"{assignment.name}.html"
    write(file, report(course, assignment, result, titles))
    return file


def report(
    course: Course, assignment: Assignment, result: ClassResult, titles: Mapping[str, str]
) -> str:
    """Return the class report as a page.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    result : ClassResult
        With the teacher's marks, if there are any.
    titles : mapping of str to str
        The headings of the questions, in Markdown.
    """
    graded = [one for one in result.results if one.label == OK]
    body = [
        f"<h1>{html.escape(assignment.title)}</h1>",
        f"<p class=quiet>{html.escape(assignment.name)} · class report</p>",
        _figures(course, assignment, result, graded),
        _histogram(assignment, graded),
        "<h2>Question by question</h2>",
        *_questions(assignment, graded, titles),
        "<h2>Who needs a look</h2>",
        _looks(result),
        _late_ones(course, assignment, graded),
    ]
    return page(f"{assignment.title}: class report", "\n".join(body), _STYLE)


def summary(course: Course, assignment: Assignment, result: ClassResult) -> str:
    """Return the report in a few lines for the terminal."""
    graded = [one for one in result.results if one.label == OK]
    lines = [f"{len(graded)} of {len(result.results)} graded" + _others(result)]
    if graded:
        totals = [one.points for one in graded]
        lines.append(
            f"points: mean {mean(totals):.1f}, median {median(totals):.1f} of {assignment.points}"
        )
        hard = hardest(assignment, graded)
        if hard is not None:
            lines.append(
                f"hardest question: {hard} ({_percent(_shares(graded)[hard])} of its points)"
            )
        for name, label, share in _common_slips(assignment, graded):
            lines.append(f"{_percent(share):>5}  {name}: {label}")
    by_hand = sum(_is_pending(mark) for one in graded for mark in one.marks)
    if by_hand:
        lines.append(f"{by_hand} answers to be marked in nbgrader's page (their points are not in)")
    return "\n".join(lines)


def hardest(assignment: Assignment, graded: Sequence[Result]) -> str | None:
    """Return the question with the smallest share of its points; texts not yet marked are none."""
    shares = _shares(graded)
    return min(shares, key=lambda name: shares[name]) if shares else None


# Figures -----------------------------------------------------------------------------------------


def _figures(
    course: Course, assignment: Assignment, result: ClassResult, graded: Sequence[Result]
) -> str:
    totals = [one.points for one in graded]
    late = sum(lateness(course, assignment.name, one).days > 0 for one in graded)
    figures = [(f"{len(graded)} of {len(result.results)}", "graded")]
    if totals:
        figures += [
            (number(round(mean(totals), 1)), f"mean of {assignment.points}"),
            (number(round(median(totals), 1)), "median"),
            (f"{number(min(totals))}–{number(max(totals))}", "lowest and highest"),
        ]
    for label in (NOT_SUBMITTED, REFUSED, LOOK):
        count = sum(one.label == label for one in result.results)
        figures += [(str(count), label)] if count else []
    figures += [(str(late), "late")] if late else []
    boxes = "".join(f"<div><b>{value}</b><span>{name}</span></div>" for value, name in figures)
    return f"<div class=figures>{boxes}</div>"


def _others(result: ClassResult) -> str:
    counts = Counter(one.label for one in result.results if one.label != OK)
    return "".join(f", {count} {label}" for label, count in sorted(counts.items()))


def _histogram(assignment: Assignment, graded: Sequence[Result]) -> str:
    """Totals as bars, and the same numbers as a table below them."""
    if not graded:
        return "<p>Nothing was graded.</p>"
    width = max(1, math.ceil(assignment.points / 12))
    last = max(assignment.points, math.floor(max(one.points for one in graded)))
    starts = range(0, last + 1, width)
    counts = Counter(math.floor(max(0, one.points) / width) for one in graded)
    bars = [
        (f"{start}" if width == 1 else f"{start}–{min(start + width - 1, last)}", counts[place])
        for place, start in enumerate(starts)
    ]
    rows = "".join(f"<tr><td>{name}</td><td class=n>{count}</td></tr>" for name, count in bars)
    head = "<tr><th>Points</th><th class=n>Students</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return (
        f"<h2>Totals</h2>{_unmarked(graded)}{_svg(bars)}"
        f"<details><summary>The same as a table</summary>{table}</details>"
    )


def _unmarked(graded: Sequence[Result]) -> str:
    """Which points the totals do not hold yet."""
    pending = {m.question: m.max_points for one in graded for m in one.marks if _is_pending(m)}
    if not pending:
        return ""
    missing = ", ".join(f"{name} ({number(most)} points)" for name, most in pending.items())
    return f"<p class=quiet>Not marked yet, and not in these totals: {html.escape(missing)}.</p>"


def _svg(bars: Sequence[tuple[str, int]]) -> str:
    step, height, top = 600 / len(bars), 220, 24
    most = max(count for _, count in bars)
    words = ", ".join(f"{count} with {name}" for name, count in bars if count)
    parts = [
        f'<svg viewBox="0 0 600 {top + height + 54}" role="img" aria-labelledby="t d">'
        '<title id="t">How many students earned how many points</title>'
        f'<desc id="d">Students by points: {words}.</desc>'
    ]
    for place, (name, count) in enumerate(bars):
        tall, middle = height * count / most, step * (place + 0.5)
        parts.append(
            f'<rect x="{step * place + step * 0.1:.1f}" y="{top + height - tall:.1f}" '
            f'width="{step * 0.8:.1f}" height="{tall:.1f}" rx="3"/>'
        )
        if count:
            y = top + height - tall - 6
            parts.append(f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{count}</text>')
        y = top + height + 22
        parts.append(
            f'<text class="axis" x="{middle:.1f}" y="{y}" text-anchor="middle">{name}</text>'
        )
    parts.append(f'<line x1="0" y1="{top + height}" x2="600" y2="{top + height}"/>')
    parts.append(
        f'<text class="axis" x="300" y="{top + height + 48}" text-anchor="middle">points</text>'
        "</svg>"
    )
    return "".join(parts)


# Questions ---------------------------------------------------------------------------------------


def _shares(graded: Sequence[Result]) -> dict[str, float]:
    """The share of its points that the class earned in each question."""
    earned: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for one in graded:
        for mark in one.marks:
            if not _is_pending(mark):
                earned[mark.question] += mark.points  # type: ignore[assignment]
                possible[mark.question] += mark.max_points  # type: ignore[assignment]
    pending = {mark.question for one in graded for mark in one.marks if _is_pending(mark)}
    return {name: earned[name] / n for name, n in possible.items() if n and name not in pending}


def _slips(name: str, graded: Sequence[Result]) -> list[tuple[str, float]]:
    """Labels of what went wrong in a question, with the share of the class; commonest first."""
    labels = Counter(
        mark.label
        for one in graded
        for mark in one.marks
        if mark.question == name and mark.label not in _NO_SLIP
    )
    in_order = sorted(labels.items(), key=lambda entry: (-entry[1], entry[0]))
    return [(label, count / len(graded)) for label, count in in_order]


def _common_slips(assignment: Assignment, graded: Sequence[Result]) -> list[tuple[str, str, float]]:
    """The three commonest slips of all questions."""
    every = [
        (question.name, label, share)
        for question in assignment.questions
        for label, share in _slips(question.name, graded)
        if label != NOT_ANSWERED
    ]
    return sorted(every, key=lambda entry: -entry[2])[:3]


def _questions(
    assignment: Assignment, graded: Sequence[Result], titles: Mapping[str, str]
) -> Iterator[str]:
    if not graded:
        return
    shares, hard = _shares(graded), hardest(assignment, graded)
    for question in assignment.questions:
        marks = [mark for one in graded for mark in one.marks if mark.question == question.name]
        title = readable(titles.get(question.name) or question.name)
        badge = " <span class=badge>hardest</span>" if question.name == hard else ""
        yield (
            f"<div class=question><h3><span>{_place(question.name)}{title}</span>{badge}"
            f"<span class=share>{_share_words(question.kind, marks)}</span></h3>"
            f"{_meter(shares.get(question.name, 0))}"
            f"<p class=quiet>{readable(_misconception(question.misconception))}</p>"
            f"{_slip_list(_slips(question.name, graded))}</div>"
        )


def _place(name: str) -> str:
    """The number of a question, as its heading in the notebook has it."""
    return f"{name.removeprefix('q')}. "


def _misconception(words: str) -> str:
    """Without the number or row in front, which is the author's."""
    return "The trap: " + words.partition(": ")[2]


def _share_words(kind: str, marks: Sequence[Mark]) -> str:
    pending = sum(_is_pending(mark) for mark in marks)
    if pending:
        return f"{pending} to be marked"
    if kind == "text":
        return f"mean {number(round(mean(mark.points for mark in marks), 1))}"
    return f"{_percent(sum(mark.label == RIGHT for mark in marks) / len(marks))} right"


def _slip_list(slips: Sequence[tuple[str, float]]) -> str:
    items = [
        f"<li><b>{_percent(share)}</b>{_meter(share)}<span>{readable(label)}</span></li>"
        for label, share in slips[:_MOST_SLIPS]
    ]
    rest = sum(share for _, share in slips[_MOST_SLIPS:])
    if rest:
        items.append(f"<li><b>{_percent(rest)}</b>{_meter(rest)}<span>others</span></li>")
    return f"<ul class=slips>{''.join(items)}</ul>"


def _meter(share: float) -> str:
    return f'<div class=meter aria-hidden=true><i style="width:{min(1, share):.1%}"></i></div>'


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _is_pending(mark: Mark) -> bool:
    """Whether a person has yet to give the points."""
    return mark.label == TO_BE_MARKED and not mark.by_hand


# Who needs a look --------------------------------------------------------------------------------


def _looks(result: ClassResult) -> str:
    rows = list(_look_rows(result))
    pending = [one.student for one in result.results for mark in one.marks if _is_pending(mark)]
    parts = []
    if rows:
        lines = "".join(
            f"<tr>{''.join(f'<td>{html.escape(entry)}</td>' for entry in row)}</tr>" for row in rows
        )
        head = "<tr><th>Student</th><th>What</th><th>Why</th></tr>"
        parts.append(
            f"<div class=wide><table><thead>{head}</thead><tbody>{lines}</tbody></table></div>"
        )
    if pending:
        texts = "1 answer" if len(pending) == 1 else f"{len(pending)} answers"
        names = ", ".join(html.escape(name) for name in dict.fromkeys(pending))
        parts.append(f"<p><strong>{texts} to be marked</strong> in nbgrader's page: {names}.</p>")
    return "".join(parts) or "<p>Nobody.</p>"


def _late_ones(course: Course, assignment: Assignment, graded: Sequence[Result]) -> str:
    days = [(one.student, lateness(course, assignment.name, one).days) for one in graded]
    names = ", ".join(
        f"{html.escape(student)} ({count} {'day' if count == 1 else 'days'})"
        for student, count in days
        if count
    )
    return f"<h2>Late</h2><p>{names}.</p>" if names else ""


def _look_rows(result: ClassResult) -> Iterator[tuple[str, str, str]]:
    for one in result.results:
        if one.label in (REFUSED, LOOK, NOT_SUBMITTED):
            yield one.student, one.label, one.reason
        elif one.reason:
            yield one.student, "note", one.reason
        for mark in one.marks:
            if mark.label in (*_ALARMING, LOOK_AGAIN):
                yield one.student, f"{mark.question}: {mark.label}", mark.reason
        if one.same_as and any(mark.label != NOT_ANSWERED for mark in one.marks):
            others = ", ".join(one.same_as)
            yield one.student, "identical", f"The same file, byte for byte, as that of {others}."
