r"""The lecture's way of writing, read into indexed sums.

What a notebook shows is LaTeX; what the index engine proves is an expression. So that the two
cannot disagree, the expression of a line **is read from** the text that is shown. People type the
same lines in plain text or unicode, and `mfteach.symbolic.reading` reads them with one grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta, Symbol

from mfteach.symbolic.reading.errors import CapturedIndexError, NotationError
from mfteach.symbolic.reading.grammar import parse
from mfteach.symbolic.reading.letters import Definition, Letters
from mfteach.symbolic.reading.meaning import meaning
from mfteach.symbolic.reading.slots import slots_of
from mfteach.symbolic.reading.syntax_tree import Node, Update

__all__ = ["CapturedIndexError", "Notation", "NotationError", "Part", "Reading"]


@dataclass(frozen=True)
class Part:
    """One side of the equals signs of a line.

    Parameters
    ----------
    tree : Node
        What was typed.
    expression : Expr
        What it means; of an update, the new value.
    target : Expr, optional
        Of an update: what it changes.
    """

    tree: Node
    expression: Expr
    target: Expr | None = None


@dataclass(frozen=True)
class Reading:
    """A line as it was understood.

    Parameters
    ----------
    text : str
        As it was typed.
    parts : tuple of Part
        ``A = B = C`` has three; an equals sign in front of a line counts for nothing.
    ranges : dict of Symbol to Symbol
        The size that each free index runs to.
    notes : tuple of str
        How ambiguous spellings were read, for the person who typed them.
    """

    text: str
    parts: tuple[Part, ...]
    ranges: dict[Symbol, Symbol]
    notes: tuple[str, ...] = ()

    @property
    def expression(self) -> Expr:
        """What the last part means."""
        return self.parts[-1].expression

    @property
    def tree(self) -> Node:
        """The syntax tree of the last part."""
        return self.parts[-1].tree


class Notation:
    r"""Reads the lecture's formulas, in plain text, unicode or LaTeX.

    Parameters
    ----------
    shapes : mapping of str to str
        The sizes of each indexed symbol, such as ``{"u": "mk"}`` for u of shape (m, k). The
        capital letter is the matrix. The indicator of a known rating must be one of them,
        called ``w``: ``\sum_{j \in I_i} x_j`` is the sum over all j of ``w_{ij} x_j``.
    definitions : mapping of str to str
        What abbreviations stand for, such as ``{"e_{ij}": r"r_{ij} - \hat{r}_{ij}"}``; each may
        use those before it.

    Examples
    --------
    >>> lecture = Notation({"u": "mk", "v": "nk", "w": "mn"}, {})
    >>> lecture.read(r"\sum_{j \in I_i} v_{js}")
    Sum(v[j, s]*w[i, j], (j, 1, n))
    >>> lecture.read("sum over j in I_i of v_js")
    Sum(v[j, s]*w[i, j], (j, 1, n))
    """

    def __init__(self, shapes: Mapping[str, str], definitions: Mapping[str, str]) -> None:
        self.letters = Letters(dict(shapes))
        for left, right in definitions.items():
            name, _, parameters = left.partition("_")
            known = {**self.letters.definitions, name: self._definition(parameters, right)}
            self.letters = Letters(self.letters.shapes, definitions=known)

    def _definition(self, parameters: str, text: str) -> Definition:
        (tree,) = parse(text, self.letters).parts
        free = slots_of(tree, self.letters, text).free
        names = tuple(parameters.strip("{}"))
        return Definition(names, "".join(free[name] for name in names), text, tree)

    def understand(self, text: str) -> Reading:
        """Read a line, with all that there is to say about it.

        Raises
        ------
        NotationError
            If it cannot be read; the message names the place and the cure.
        CaptureError
            If an index is bound by a sum and free elsewhere in the same expression.
        UndecidedError
            If a derivative in it cannot be taken.
        """
        trees, notes = parse(text, self.letters)
        parts: list[Part] = []
        free: dict[str, str] = {}
        for tree in trees:
            slots = slots_of(tree, self.letters, text)
            for name, size in slots.free.items():
                if free.setdefault(name, size) != size:
                    raise NotationError(
                        f"{name} runs to {free[name]} on one side and to {size} on the other",
                        text,
                        tree.start,
                        tree.end,
                    )
            notes = (*notes, *slots.notes)
            parts.append(self._part(tree, text))
        ranges = {Symbol(name): Symbol(free[name]) for name in sorted(free)}
        return Reading(text, tuple(parts), ranges, tuple(dict.fromkeys(notes)))

    def _part(self, tree: Node, text: str) -> Part:
        if isinstance(tree, Update):
            return Part(tree, self._meaning(tree.value, text), self._meaning(tree.target, text))
        return Part(tree, self._meaning(tree, text))

    def _meaning(self, tree: Node, text: str) -> Expr:
        return meaning(tree, slots_of(tree, self.letters, text), self.letters, text)

    def read(self, text: str) -> Expr:
        """Read a line into an expression: of a chain of equations, the last side.

        Raises
        ------
        NotationError, CaptureError, UndecidedError
            As `understand`.
        """
        return self.understand(text).expression

    def ranges(self, expr: Expr) -> dict[Symbol, Symbol]:
        """Give the size that each free index of an expression runs to, in alphabetical order."""
        found: dict[Symbol, Symbol] = {}
        for node in expr.atoms(Indexed):
            shape = self.letters.shapes.get(str(node.base), "")
            found |= {i: Symbol(size) for i, size in zip(node.indices, shape, strict=False)}
        for delta in expr.atoms(KroneckerDelta):
            known = [found[index] for index in delta.args if index in found]
            found |= dict.fromkeys(delta.args, known[0]) if known else {}
        return {i: found[i] for i in sorted(found, key=str) if i in expr.free_symbols}
