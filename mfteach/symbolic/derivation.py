"""A derivation: lines that follow from each other, each proved when it is built.

A line has what the lecture shows (LaTeX), what it means (an expression), why it follows from the
line before (a rule), and how the machine checked it (a proof). A derivation with a line that does
not follow cannot be built.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, overload

from sympy import Expr, Symbol, expand

from mfteach.symbolic.counterexamples import disagreement
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, normal_form, same
from mfteach.symbolic.notation import Notation, NotationError
from mfteach.symbolic.tables import TABLE, TEXT, scrolling, whole
from mfteach.symbolic.writing import formulas_in_words, plain, write

if TYPE_CHECKING:
    from mfteach.symbolic.numpy_functions import Array

__all__ = ["BY_EXPANSION", "FOR_ALL_SIZES", "Derivation", "Line", "LineError", "Method"]


class LineError(ValueError):
    """A line that does not follow; the message names it and shows where the two sides differ."""


Ranges = Mapping[Symbol, Expr]


def _where_they_differ(before: Expr, after: Expr, ranges: Ranges | None = None) -> str:
    """Say at which small numbers the two differ."""
    return disagreement(before, after, ranges) or "not equal, although no small numbers show it"


def _refutation(before: Expr, after: Expr, ranges: Ranges) -> str | None:
    try:
        return disagreement(before, after, ranges)
    except UndecidedError:
        return None


@dataclass(frozen=True)
class Method:
    """A way to prove that a line follows from the line before it.

    Parameters
    ----------
    words : str
        How it proves a line, as the ledger shows it.
    holds : callable
        Takes the expressions of both lines, in order; True only if the second is proved.
    explain : callable
        Takes the same; says in words where a false line goes wrong.
    uses_ranges : bool
        Whether `holds` and `explain` also take the upper limit of each free index, {s: k}.
    """

    words: str
    holds: Callable[..., bool]
    explain: Callable[..., str] = _where_they_differ
    uses_ranges: bool = False


FOR_ALL_SIZES = Method(
    "index engine: the same normal form, so equal for all sizes", same, uses_ranges=True
)
"""Both lines are indexed sums and the index engine proves them equal for all m, n and k, all
entries of the matrices, w_ij 0 or 1, and all free indices in their ranges."""

BY_EXPANSION = Method("SymPy: the difference expands to 0", lambda a, b: bool(expand(a - b) == 0))
"""Both lines are plain polynomials or fractions, and their difference expands to zero."""


@dataclass(frozen=True)
class Line:
    """One line of a derivation.

    Parameters
    ----------
    latex : str
        The line as it is shown, without the leading equals sign.
    rule : str
        Why it follows from the line before; for the first line, what it is. A formula in it, or
        in the words of a method, stands between dollars.
    source : str
        The row of the lecture that it corresponds to, such as ``"S55"``.
    expression : Expr, optional
        What the LaTeX means; if not given, the derivation's notation reads it from the LaTeX.
    method : Method
        How it is proved.
    proof, seconds : str, float
        How it was proved and how long that took; filled in by the derivation.
    """

    latex: str
    rule: str
    source: str = ""
    expression: Expr | None = None
    method: Method = FOR_ALL_SIZES
    proof: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def words(self) -> str:
        """The rule as plain text."""
        return formulas_in_words(self.rule)


class Derivation(Sequence[Line]):
    """A sequence of lines, each proved to follow from the line before it.

    Parameters
    ----------
    name : str
        What is derived; error messages and the ledger's caption show it. A formula in it stands
        between dollars, as LaTeX.
    lines : iterable of Line
        The first is the statement, the last the result.
    notation : Notation, optional
        Reads the LaTeX of the lines that have no expression.

    Raises
    ------
    LineError
        If a line does not follow. The message names the derivation, the line and its rule, and
        gives sizes and values at which the two sides disagree.
    CaptureError, UndecidedError, NotationError
        If a line cannot be read or decided; the message names it in the same way.
    """

    def __init__(self, name: str, lines: Iterable[Line], notation: Notation | None = None) -> None:
        self.name = formulas_in_words(name)
        self.caption = name
        self.notation = notation
        self.lines: tuple[Line, ...] = ()
        for line in lines:
            self.lines += (self._proved(line),)
        if not self.lines:
            raise ValueError(f"{name}: a derivation needs at least one line")

    def _proved(self, line: Line) -> Line:
        start = perf_counter()
        try:
            expression = self._meaning(line)
            reason = self._why_not(line, expression) if self.lines else None
        except (CaptureError, UndecidedError, NotationError) as error:
            raise type(error)(f"{self._place(line)}: {error}") from error
        if reason is not None:
            raise LineError(
                f"{self._place(line)} does not follow from line {len(self.lines)}: {reason}\n"
                f"line {len(self.lines)}: {plain(self.lines[-1].latex)}\n"
                f"line {len(self.lines) + 1}: {plain(line.latex)}"
            )
        seconds = perf_counter() - start
        proof = line.method.words if self.lines else "where we start"
        return replace(line, expression=expression, proof=proof, seconds=seconds)

    def _why_not(self, line: Line, expression: Expr) -> str | None:
        """Say why a line does not follow; None if it is proved."""
        if not line.method.uses_ranges:
            follows = line.method.holds(self.result, expression)
            return None if follows else line.method.explain(self.result, expression)
        ranges, clash = self._ranges(self.result, expression)
        try:
            if clash:
                raise UndecidedError(clash)
            if line.method.holds(self.result, expression, ranges):
                return None
        except UndecidedError:
            # Not proved either way; but numbers that show a difference refute it all the same.
            found = _refutation(self.result, expression, ranges)
            if found is None:
                raise
            return found
        return line.method.explain(self.result, expression, ranges)

    def _place(self, line: Line) -> str:
        return f"{self.name}, line {len(self.lines) + 1} ({line.words})"

    def _meaning(self, line: Line) -> Expr:
        return self._read(line.latex) if line.expression is None else line.expression

    def _read(self, latex: str) -> Expr:
        if self.notation is None:
            raise NotationError(f"no notation given to read {latex!r}")
        return self.notation.read(latex)

    @property
    def result(self) -> Expr:
        """The expression of the last line."""
        return self.lines[-1].expression

    @property
    def timings(self) -> dict[int, float]:
        """The seconds that reading and proving took, by line number (from 1)."""
        return {number: line.seconds for number, line in enumerate(self.lines, start=1)}

    def disagreement(self, candidate: str | Expr) -> str | None:
        """Compare a candidate, LaTeX or an expression, with what is derived here.

        Returns
        -------
        str or None
            None if the candidate is proved equal; otherwise where the two differ, the derivation
            first.

        Raises
        ------
        CaptureError, UndecidedError, NotationError
            If the candidate cannot be read or decided.
        """
        other = self._read(candidate) if isinstance(candidate, str) else candidate
        return self._why_not(Line("", "", expression=other), other)

    def lambdify(self) -> Callable[..., Array]:
        """Turn the last line into a NumPy function; see `numpy_functions.array_function`.

        Returns
        -------
        callable
            Takes arrays by keyword, ``f(r=R, u=U, v=V, w=W)``, of any sizes m, n, k. The result
            has one axis for each free index of the first line, in the order in which the line
            names them: entry [0, 1] of the derivative with respect to u_is is the one for u_12.
        """
        from mfteach.symbolic.numpy_functions import array_function

        return array_function(self.result, self._axes())

    def _axes(self) -> list[Symbol]:
        ranges, _ = self._ranges()
        letters = "".join(re.findall(r"_\{?(\w+)", self.lines[0].latex))
        return sorted(ranges, key=lambda index: letters.index(index.name))

    def _ranges(self, *others: Expr) -> tuple[dict[Symbol, Symbol], str]:
        """Return the size that each free index runs to, on the first line and in `others`.

        An index that runs to two different sizes is left out, and the second value says so.
        """
        found: dict[Symbol, list[Symbol]] = {}
        for expression in (self.lines[0].expression, *others):
            ranges = self.notation.ranges(expression) if self.notation else {}
            for index, size in ranges.items():
                sizes = found.setdefault(index, [])
                sizes += [size] if size not in sizes else []
        clashes = (
            f"{index} would have to run from 1 to {sizes[0]} and from 1 to {sizes[1]}: take "
            "another letter for one of them"
            for index, sizes in found.items()
            if len(sizes) > 1
        )
        known = {index: sizes[0] for index, sizes in found.items() if len(sizes) == 1}
        return known, next(clashes, "")

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, index: int | slice) -> Line | tuple[Line, ...]:
        return self.lines[index]

    def __len__(self) -> int:
        return len(self.lines)

    # --- the ledger ------------------------------------------------------------------------------

    @cached_property
    def _normal_forms(self) -> tuple[str, ...]:
        """The normal form by which each line was proved, as LaTeX; "" where none was used."""
        forms = [""]
        for before, line in pairwise(self.lines):
            if line.method is not FOR_ALL_SIZES:
                forms.append("")
            elif forms[-1]:
                forms.append(forms[-1])
            else:
                ranges, _ = self._ranges(before.expression)
                form = write(normal_form(before.expression, ranges))
                forms.append(re.sub("^- ", "-", form))
        return tuple(forms)

    def _shows_normal_form(self, number: int) -> bool:
        """Whether a line is the first that its normal form proves."""
        form = self._normal_forms[number - 1]
        return form != "" and self._normal_forms[number - 2] != form

    def _assumptions(self) -> str:
        limits = self._ranges()[0].items()
        ranges = ", ".join(rf"$1 \leq {i} \leq {size}$" for i, size in limits)
        return f"For {ranges}." if ranges else ""

    def __str__(self) -> str:
        rows = [self.name]
        for number, line in enumerate(self.lines, start=1):
            sign = "= " if number > 1 else ""
            source = f" [{line.source}]" if line.source else ""
            rows.append(f"{number:>3}  {sign}{plain(line.latex)}")
            rows.append(formulas_in_words(f"       {line.rule}{source}; {line.proof}"))
            if self._shows_normal_form(number):
                rows.append(f"       normal form: {plain(self._normal_forms[number - 1])}")
        return "\n".join([*rows, formulas_in_words(self._assumptions())]).rstrip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heads = ("line", "formula", "rule", "how it was proved")
        head = "".join(f'<th scope="col" style="text-align:left">{text}</th>' for text in heads)
        rows = "".join(self._row(*numbered) for numbered in enumerate(self.lines, start=1))
        foot = ""
        if self._assumptions():
            foot = (
                f'<tfoot><tr><td colspan="{len(heads)}" style="text-align:left">'
                f"{self._assumptions()}</td></tr></tfoot>"
            )
        return scrolling(
            f'<table class="mfteach-derivation" {TABLE}><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>{foot}</table>"
        )

    def _row(self, number: int, line: Line) -> str:
        sign = "{}= " if number > 1 else ""
        name = f"{number}\N{NO-BREAK SPACE}({line.source})" if line.source else f"{number}"
        formula = rf"$\displaystyle {sign}{line.latex}$"
        cells = (escape(line.rule, quote=False), self._proof(number))
        row = "".join(f"<td {TEXT}>{cell}</td>" for cell in cells)
        return (
            f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
            f"<td {whole(formula)}>{escape(formula, quote=False)}</td>{row}</tr>"
        )

    def _proof(self, number: int) -> str:
        """Say how a line was proved; its normal form can be unfolded, and is open at first."""
        words = escape(self.lines[number - 1].proof, quote=False)
        form = self._normal_forms[number - 1]
        if not form:
            return words
        opened = " open" if self._shows_normal_form(number) else ""
        formula = escape(rf"$\displaystyle {form}$", quote=False)
        return f"{words}<details{opened}><summary>normal form</summary>{formula}</details>"
