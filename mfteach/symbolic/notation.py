r"""The lecture's way of writing, read into indexed sums.

What a notebook shows is LaTeX; what the index engine proves is an expression. So that the two
cannot disagree, the expression of a line **is read from** the text that is shown. People type the
same lines in plain text or unicode, and `mfteach.symbolic.reading` reads them with one grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sympy import Expr, Indexed, KroneckerDelta, Symbol

from mfteach.symbolic.reading.errors import CapturedIndexError, NotationError
from mfteach.symbolic.reading.grammar import parse
from mfteach.symbolic.reading.letters import Definition, Letters
from mfteach.symbolic.reading.meaning import ONE_ENTRY, meaning
from mfteach.symbolic.reading.slots import Shape, Slots, slots_of
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
    shape : tuple of str, optional
        Of a line about a vector or a matrix: its sizes; the expressions are its general entry.
    """

    text: str
    parts: tuple[Part, ...]
    ranges: dict[Symbol, Symbol]
    notes: tuple[str, ...] = ()
    shape: Shape = None

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

    def understand(self, text: str, *, whole: bool = False) -> Reading:
        """Read a line, with all that there is to say about it.

        Parameters
        ----------
        text : str
            Such as ``dJ/du_is = sum_{j in I_i} -v_js e_ij``.
        whole : bool
            Whether a line about whole vectors or matrices, ``dJ/du_i = -sum_{j in I_i} e_ij v_j``,
            may be read: by its general entry.

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
        sides = [side for tree in trees for side in _sides(tree)]
        found = [(side, slots_of(side, self.letters, text)) for side in sides]
        for side, slots in found:
            notes = (*notes, *slots.notes)
            if slots.shape != found[0][1].shape:
                raise _at(side, text, "the two sides have different shapes")
            if slots.shape is not None and not whole:
                raise _at(side, text, ONE_ENTRY)
        free = _free([slots for _, slots in found], text)
        at = _general_entry(found[0][1].shape, free)
        meanings = [meaning(side, slots, self.letters, text, at) for side, slots in found]
        parts = tuple(_parts(trees, meanings))
        ranges = {Symbol(name): Symbol(free[name]) for name in sorted(free) if free[name]}
        return Reading(text, parts, ranges, tuple(dict.fromkeys(notes)), found[0][1].shape)

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


def _at(side: Node, text: str, message: str) -> NotationError:
    return NotationError(message, text, side.start, side.end)


def _sides(tree: Node) -> tuple[Node, ...]:
    return (tree.target, tree.value) if isinstance(tree, Update) else (tree,)


def _parts(trees: tuple[Node, ...], meanings: list[Expr]) -> Iterator[Part]:
    expressions = iter(meanings)
    for tree in trees:
        target = next(expressions) if isinstance(tree, Update) else None
        yield Part(tree, next(expressions), target)


def _free(sides: list[Slots], text: str) -> dict[str, str]:
    """Collect the free indices of all sides, each with the one size that it runs to."""
    free: dict[str, str] = {}
    for slots in sides:
        for name, size in slots.free.items():
            if name not in free or not free[name]:
                free[name] = size
            elif size and free[name] != size:
                both = f"{free[name]} on one side and to {size} on the other"
                raise NotationError(f"{name} runs to {both}", text, 0, len(text))
    return free


_ENTRY_LETTERS = {"m": "ip", "n": "jl", "k": "st"}


def _general_entry(shape: Shape, free: dict[str, str]) -> tuple[Symbol, ...]:
    """Choose letters for the entry that stands for all, and note the sizes that they run to."""
    at = []
    for size in shape or ():
        if size != "1":
            # With a digit: no index that is typed, free or summed, can be the same.
            name = next(f"{a}0" for a in _ENTRY_LETTERS[size] if f"{a}0" not in free)
            free[name] = size
            at.append(Symbol(name))
    return tuple(at)
