"""Which submissions are alike: the same code but for its names, or the answers of another variant.

That is a reason to look at both, and never a verdict: short right code is often the same.
"""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from cmath import isclose
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from mfteach.answers.formulas import FormulaError, read_formula
from mfteach.answers.numbers import agree
from mfteach.grading.assignments.questions import Formula, Number
from mfteach.grading.assignments.variants import Posed, Variant
from mfteach.grading.marks.labels import RIGHT
from mfteach.grading.marks.results import Mark, Result

Found = tuple[str, str, str]
"""Two students, and what is alike."""
_LONGEST = 20_000  # characters of code that are compared
_LEAST = {True: 80, False: 30}  # tokens of right code, and of wrong code, that are not chance
_WORDS = 12  # of a text
_MOST_TYPED = 200  # characters of a typed number
_SHARED = 0.05  # of the class: what more of it wrote is usual


def alike(
    results: Sequence[Result],
    sources: Mapping[str, Mapping[str, str]],
    variants: Mapping[str, Variant],
) -> Iterator[Found]:
    """Find pairs of students whose answers are alike.

    Parameters
    ----------
    results : sequence of Result
    sources : mapping of str to mapping of str to str
        What each student wrote, by question.
    variants : mapping of str to Variant
        The questions as each student got them.

    Yields
    ------
    tuple of str
        The two, in the order of the results, and what is alike.
    """
    most = max(2, round(_SHARED * len(results)))
    by_form: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in results:
        for mark in one.marks:
            form = _form(one, mark, sources, variants)
            if form is not None:
                by_form[mark.question, *form].append(one.student)
    for (question, kind, *_), students in by_form.items():
        if 2 <= len(students) <= most:
            for first, other in combinations(students, 2):
                yield first, other, f"{question}: the same {kind}"
    yield from _of_other_variants(results, variants, most)


# The same code, the same text --------------------------------------------------------------------


def _form(
    one: Result,
    mark: Mark,
    sources: Mapping[str, Mapping[str, str]],
    variants: Mapping[str, Variant],
) -> tuple[str, ...] | None:
    """What is compared of an answer; None if it is too short to say anything."""
    variant = variants.get(one.student)
    posed = variant.answers.get(mark.question) if variant else None
    source = sources.get(one.student, {}).get(mark.question, "")
    if posed is None or not source or len(source) > _LONGEST:
        return None
    if posed.question.kind == "text":
        words = source.casefold().split()
        return ("text", *words) if len(words) >= _WORDS else None
    if posed.question.kind != "function":
        return None
    code = normal_form(source)
    return ("code, but for its names", *code) if len(code) >= _LEAST[mark.label == RIGHT] else None


def normal_form(source: str) -> tuple[str, ...]:
    """Return code as tokens, without comments and layout, names numbered in order of appearance.

    Nothing is parsed, so neither depth nor length does harm; code that has no tokens has no form.
    """
    names: dict[str, str] = {}
    form: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _LAYOUT:
                continue
            text = token.string
            is_name = token.type == tokenize.NAME and not keyword.iskeyword(text)
            if is_name and form[-1:] != ["."]:
                text = names.setdefault(text, f"name {len(names)}")
            form.append(text)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return ()
    return tuple(form)


_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


# The answers of another variant ------------------------------------------------------------------


def _of_other_variants(
    results: Sequence[Result], variants: Mapping[str, Variant], most: int
) -> Iterator[Found]:
    """Who gave, in two questions or more, what is wrong for them and right for somebody else."""
    matches: dict[str, dict[str, list[str]]] = {}
    for name in {name for variant in variants.values() for name in variant.answers}:
        rights = _rights(name, variants)
        if not rights:
            continue
        for one in results:
            for other in _whose(one, name, variants, rights):
                matches.setdefault(one.student, {}).setdefault(other, []).append(name)
    for student, others in matches.items():
        count = Counter({other: len(names) for other, names in others.items()})
        top = max(count.values())
        likely = [other for other, n in count.items() if n == top]
        if top >= 2 and len(likely) <= most:
            for other in likely:
                names = ", ".join(sorted(others[other]))
                yield student, other, f"{names}: wrong here, and right in the other's variant"


class _Right(NamedTuple):
    """A right answer as it is compared, and whose it is."""

    posed: Posed
    value: Any
    students: list[str]


def _rights(name: str, variants: Mapping[str, Variant]) -> list[_Right]:
    """The different right answers of a question that is typed."""
    rights: dict[str, _Right] = {}
    for student, variant in variants.items():
        posed = variant.answers[name]
        if not isinstance(posed.check, Number | Formula):
            continue
        text = str(posed.check.right)
        if text not in rights:  # a class has few different ones, and each is evaluated once
            formula = isinstance(posed.check, Formula)
            value = _values(posed.check.right) if formula else posed.check.right
            rights[text] = _Right(posed, value, [])
        rights[text].students.append(student)
    return list(rights.values()) if len(rights) > 1 else []


def _whose(
    one: Result,
    name: str,
    variants: Mapping[str, Variant],
    rights: Sequence[_Right],
) -> list[str]:
    """Whose right answer a student gave; nobody's if it was right for the student."""
    mark = next((mark for mark in one.marks if mark.question == name), None)
    if mark is None or mark.label == RIGHT or not mark.answer or one.student not in variants:
        return []
    given = _read(mark.answer, variants[one.student].answers[name])
    if given is None:
        return []
    return [
        student
        for right in rights
        if _is(given, right)
        for student in right.students
        if student != one.student
    ]


def _read(answer: str, posed: Posed) -> Any:
    """An answer as it is compared; None if it cannot be."""
    try:
        if isinstance(posed.check, Number):
            return ast.literal_eval(answer) if len(answer) <= _MOST_TYPED else None
        symbols = str(posed.question.facts["symbols"])
        return _values(read_formula(answer, symbols, by=posed.facts.get("by"))[0])
    except (FormulaError, ValueError, SyntaxError, TypeError, ArithmeticError):
        return None


def _is(given: Any, right: _Right) -> bool:
    if isinstance(right.posed.check, Number):
        return bool(agree(given, right.value, right.posed.check.tolerance))
    if right.value is None:
        return False
    pairs = zip(given, right.value, strict=True)
    return all(isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) for one, other in pairs)


def _values(formula: Any) -> list[complex] | None:
    """A formula at three points: quick, whatever was typed, and good enough for a hint."""
    expression = sp.sympify(formula)
    names = sorted(expression.free_symbols, key=str)
    values = []
    for start in (0.7, 1.3, 2.9):
        point = {name: start + 0.37 * place for place, name in enumerate(names)}
        values.append(complex(expression.evalf(15, subs=point)))
    return values if np.isfinite(values).all() else None
