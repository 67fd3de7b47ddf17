"""What every index counts, by the slot in which it stands: users, items or factors.

``u_{iq}`` has room for a user and a factor. So in ``sum_{q=1}^{n} u_{iq} v_{jq}`` the q runs to n,
and stands where only 1 to k makes sense: that is refused before anything is computed. A sum sign
with a letter alone takes its range from the slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mfteach.symbolic.reading.errors import CapturedIndexError, NotationError
from mfteach.symbolic.reading.letters import CONVENTION, KINDS, Letters
from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Entry,
    Entrywise,
    Identity,
    Index,
    Letter,
    MatrixOf,
    Minus,
    Node,
    NormSquared,
    Number,
    Over,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    Transposed,
    Update,
    parts,
    walk,
)

__all__ = ["Shape", "Slots", "indices_in", "slots_of"]

Shape = tuple[str, str] | None
"""The sizes of a matrix; a column has the shape (size, "1"), a number None."""

_SPARES = {"m": "pi", "n": "lj", "k": "qs"}
MAX_MATRICES = 20
_PLURALS = {size: f"{kind}s" for size, kind in KINDS.items()}


@dataclass
class Slots:
    """What the indices of a tree count.

    Parameters
    ----------
    free : dict of str to str
        The size that each free index runs to; empty where no slot tells.
    sizes : dict of int to tuple of str
        The sizes that the indices of each bare sum run to, by the ``id`` of its node.
    notes : list of str
        How bare sums were read.
    shape : Shape
        The shape of the whole tree.
    """

    free: dict[str, str] = field(default_factory=dict)
    sizes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    shape: Shape = None


def slots_of(tree: Node, letters: Letters, text: str) -> Slots:
    """Find out what every index counts.

    Raises
    ------
    CapturedIndexError
        If an index is bound by a sum and free in the same tree.
    NotationError
        If an index stands in slots of two kinds, or runs to another size than its slot allows; if
        a letter has too few indices; if shapes of matrices do not fit.
    """
    _refuse_capture(tree, text)
    visitor = _Visitor(letters, text)
    visitor.slots.shape = visitor.shape(tree, {})
    visitor.slots.free = {name: index.size or "" for name, index in visitor.free.items()}
    for node, indices in visitor.bare:
        sizes = tuple(visitor.size(name, indices[name]) for name in node.names)
        visitor.slots.sizes[id(node)] = sizes
        visitor.slots.notes.append(_note(node.names, sizes))
    return visitor.slots


def _note(names: tuple[str, ...], sizes: tuple[str, ...]) -> str:
    ranges = " and ".join(f"{name} = 1 to {size}" for name, size in zip(names, sizes, strict=True))
    kinds = " and ".join(_PLURALS[size] for size in sizes)
    return f"sum_{','.join(names)} is read as the sum over all {kinds}, {ranges}"


# --- capture -------------------------------------------------------------------------------------


def indices_in(node: Node) -> tuple[Index, ...]:
    """Return the indices that a node itself shows, without those of the nodes inside it."""
    if isinstance(node, Letter | Entry):
        return node.indices
    if isinstance(node, SumOf | Count) and node.owner is not None:
        return (node.owner,)
    return ()


def _refuse_capture(tree: Node, text: str) -> None:
    _names(tree, text)


def _names(node: Node, text: str) -> tuple[set[str], set[str]]:
    """Collect the free and the bound indices of a tree, and refuse one that is both."""
    free = {index for index in indices_in(node) if isinstance(index, str)}
    bound: set[str] = set()
    for part in parts(node):
        part_free, part_bound = _names(part, text)
        free |= part_free
        bound |= part_bound
    if isinstance(node, SumOf):
        if node.owner in node.names:
            where = f"in its own set, though {_set_of(node)}"
            raise _captured(str(node.owner), free | bound, where, node, text)
        free -= set(node.names)
        bound |= set(node.names)
    captured = free & bound
    if captured:
        where = "in the derivative" if isinstance(node, Slope) else "outside it"
        raise _captured(min(captured), free | bound, where, node, text)
    return free, bound


def _set_of(node: SumOf) -> str:
    """Say what a set of ratings holds, and what the other one is called."""
    if node.over == "rated by user":
        return f"I_{node.owner} holds items; the users who rated item j are U_j"
    return f"U_{node.owner} holds users; the items that user i rated are I_i"


def _captured(index: str, taken: set[str], where: str, node: Node, text: str) -> CapturedIndexError:
    spares = (*_SPARES[CONVENTION.get(index[0], "k")], *"tafgh", f"{index}'")
    spare = next(name for name in spares if name not in taken)
    brackets = ", or put all that belongs to the sum in brackets" if where == "outside it" else ""
    return CapturedIndexError(
        f"index {index} is bound in the sum and free {where}: rename the bound one, "
        f"e.g. {spare}{brackets}",
        text,
        node.start,
        node.end,
    )


# --- slots ---------------------------------------------------------------------------------------


class _Index:
    """A free or a summed index: what it counts, once a slot or a range has told."""

    def __init__(self, size: str | None = None) -> None:
        self.size = size
        self.told_by = ""
        self.equal: list[_Index] = []

    def counts(self, size: str, told_by: str) -> str | None:
        """Learn a size; return what contradicts it, if anything does."""
        if self.size is not None:
            return None if self.size == size else self.told_by
        self.size, self.told_by = size, told_by
        for other in self.equal:
            conflict = other.counts(size, told_by)
            if conflict is not None:
                return conflict
        return None


_Scope = Mapping[str, _Index]


class _Visitor:
    """Finds the shape of every node, and tells every index what it counts."""

    def __init__(self, letters: Letters, text: str) -> None:
        self.letters = letters
        self.text = text
        self.free: dict[str, _Index] = {}
        self.bare: list[tuple[SumOf, _Scope]] = []
        self.matrices = 0
        self.slots = Slots()

    def error(self, message: str, node: Node) -> NotationError:
        return NotationError(message, self.text, node.start, node.end)

    def size(self, name: str, index: _Index) -> str:
        return index.size or CONVENTION.get(name, "k")

    def shape(self, node: Node, scope: _Scope) -> Shape:
        if isinstance(node, Number):
            return None
        if isinstance(node, Letter):
            return self._letter(node, scope)
        if isinstance(node, MatrixOf):
            shape = self.letters.shapes[node.name]
            return shape[0], shape[1]
        if isinstance(node, Identity):
            return "k", "k"
        if isinstance(node, Minus):
            return self.shape(node.of, scope)
        if isinstance(node, Plus):
            return self._equal_shapes(node.terms, scope, "added")
        if isinstance(node, Times):
            return self._product(node, scope)
        if isinstance(node, Entrywise):
            both = self._equal_shapes((node.left, node.right), scope, "multiplied entry by entry")
            if both is None:
                raise self.error("a circle stands between matrices; between numbers type *", node)
            return both
        if isinstance(node, Over):
            self._require_a_divisor(node)
            return self.shape(node.top, scope)
        if isinstance(node, Power):
            self._number(node.base, scope, "only a number has a power here")
            return None
        return self._other(node, scope)

    def _other(self, node: Node, scope: _Scope) -> Shape:
        if isinstance(node, Transposed):
            shape = self.shape(node.of, scope)
            if shape is None:
                raise self.error("a number has no transpose", node)
            return shape[1], shape[0]
        if isinstance(node, Entry):
            return self._entry(node, scope)
        if isinstance(node, NormSquared):
            self.shape(node.of, scope)
            return None
        if isinstance(node, SumOf):
            return self._sum(node, scope)
        if isinstance(node, Count):
            size = "m" if node.over == "rated by user" else "n"
            self._stands(node.owner, size, node, scope)
            return None
        if isinstance(node, Slope):
            return self._slope(node, scope)
        if isinstance(node, Update):
            self._number(node.target, scope, "an update changes one number, such as u_{is}")
            self._number(node.value, scope, "the new value is one number")
            return None
        raise AssertionError(node)

    def _number(self, node: Node, scope: _Scope, rule: str) -> None:
        if self.shape(node, scope) is not None:
            raise self.error(f"{rule}, and this is a {_kind(self.shape(node, scope))}", node)

    def _equal_shapes(self, terms: Iterable[Node], scope: _Scope, done: str) -> Shape:
        shapes = [(term, self.shape(term, scope)) for term in terms]
        first = shapes[0][1]
        for term, shape in shapes:
            if shape != first:
                cure = "" if first and shape else "; is it v_j v_j^T that you mean, or lambda I?"
                raise self.error(
                    f"a {_kind(first)} and a {_kind(shape)} cannot be {done}{cure}", term
                )
        return first

    def _product(self, node: Times, scope: _Scope) -> Shape:
        product: Shape = None
        for factor in node.factors:
            shape = self.shape(factor, scope)
            self.matrices += shape is not None
            if self.matrices > MAX_MATRICES:
                raise self.error(f"a line has at most {MAX_MATRICES} matrices and vectors", factor)
            if product is None or shape is None:
                product = product or shape
            elif product[1] != shape[0]:
                cure = (
                    " Did you mean the first one transposed, u_i^T v_j?" if product == shape else ""
                )
                raise self.error(
                    f"a {_kind(product)} times a {_kind(shape)} does not fit.{cure}", factor
                )
            else:
                product = product[0], shape[1]
            if product == ("1", "1"):
                product = None
        return product

    # --- indices ---------------------------------------------------------------------------------

    def _index(self, name: str, scope: _Scope, node: Node) -> _Index:
        if name in self.letters.shapes:
            raise self.error(
                f"{name} is a letter of the formulas: take another one for the index", node
            )
        return scope[name] if name in scope else self.free.setdefault(name, _Index())

    def _stands(self, index: Index, size: str, node: Node, scope: _Scope) -> None:
        if isinstance(index, int):
            return
        if index in KINDS:
            raise self.error(f"{index} is a size here: take another letter for the index", node)
        place = f"in {self.text[node.start : node.end]} it counts {_PLURALS[size]}, 1 to {size}"
        conflict = self._index(index, scope, node).counts(size, place)
        if conflict is not None:
            order = self._order_of_slots(node)
            raise self.error(f"{index} has two meanings: {conflict}, and {place}{order}", node)

    def _order_of_slots(self, node: Node) -> str:
        if not isinstance(node, Letter) or len(node.indices) != 2:
            return ""
        first, second = (KINDS[size] for size in self.letters.shape(node.name) or "mk")
        return f"; the indices of {node.name} are {first}, {second}, in this order"

    def _letter(self, node: Letter, scope: _Scope) -> Shape:
        shape = self.letters.shape(node.name) or ""
        if node.name == r"\delta":
            return self._delta(node, scope)
        for index, size in zip(node.indices, shape, strict=False):
            self._stands(index, size, node, scope)
        if len(node.indices) == len(shape):
            return None
        if node.name in self.letters.definitions or len(shape) - len(node.indices) > 1:
            raise self.error(self._too_few(node, shape), node)
        return shape[-1], "1"

    def _too_few(self, node: Letter, shape: str) -> str:
        slots = " and ".join(KINDS[size] for size in shape)
        capital = node.name.upper()
        matrix = f"; the matrix is {capital}" if self.letters.is_matrix(capital) else ""
        return f"{node.name} needs {len(shape)} indices, {slots}{matrix}"

    def _delta(self, node: Letter, scope: _Scope) -> Shape:
        if len(node.indices) != 2:
            raise self.error("a delta has two indices: delta_{qs}", node)
        a, b = node.indices
        if isinstance(a, int) or isinstance(b, int):
            for index in (a, b):
                if isinstance(index, str):
                    self._index(index, scope, node)
            return None
        for index in (a, b):
            if index in KINDS:
                raise self.error(f"{index} is a size here: take another letter", node)
        first, second = self._index(a, scope, node), self._index(b, scope, node)
        first.equal.append(second)
        second.equal.append(first)
        for one, other in ((first, second), (second, first)):
            if one.size is not None:
                conflict = other.counts(one.size, one.told_by)
                if conflict is not None:
                    raise self.error(
                        f"a delta compares two indices of one kind: {conflict}, and {one.told_by}",
                        node,
                    )
        return None

    def _entry(self, node: Entry, scope: _Scope) -> Shape:
        shape = self.shape(node.matrix, scope)
        if shape is None:
            raise self.error("inside these brackets stands a number, which has no entries", node)
        wanted = [size for size in shape if size != "1"]
        if len(wanted) != len(node.indices):
            number = "one index" if len(wanted) == 1 else "two indices"
            raise self.error(f"an entry of a {_kind(shape)} has {number}", node)
        for index, size in zip(node.indices, wanted, strict=True):
            self._stands(index, size, node, scope)
        return None

    def _sum(self, node: SumOf, scope: _Scope) -> Shape:
        inside = {name: _Index() for name in node.names}
        if node.over in ("rated by user", "raters of item"):
            of_user = node.over == "rated by user"
            assert node.owner is not None
            self._stands(node.owner, "m" if of_user else "n", node, scope)
            (name,) = node.names
            inside[name].counts("n" if of_user else "m", _set_of(node))
        elif node.over == "all rated":
            self._runs(inside, ("m", "n"))
        elif node.over == "range" and isinstance(node.high, str):
            self._runs(inside, (node.high,))
        shape = self.shape(node.body, {**scope, **inside})
        if node.over == "bare":
            self.bare.append((node, inside))
            self._require_a_kind(node, inside)
        return shape

    def _runs(self, indices: dict[str, _Index], sizes: tuple[str, ...]) -> None:
        for (name, index), size in zip(indices.items(), sizes, strict=True):
            index.counts(size, f"in its sum {name} runs from 1 to {size}")

    def _require_a_kind(self, node: SumOf, inside: Mapping[str, _Index]) -> None:
        for name, index in inside.items():
            if index.size is None and name in CONVENTION:
                index.counts(
                    CONVENTION[name], f"{name} is a letter for {_PLURALS[CONVENTION[name]]}"
                )
            elif index.size is None:
                raise self.error(
                    f"from where to where does {name} run? Type sum_{{{name}=1}}^n, or "
                    f"sum_{{{name} in I_i}}",
                    node,
                )

    def _require_a_divisor(self, node: Over) -> None:
        """Refuse what may be 0: SymPy would cancel it before anybody could ask."""
        for part in walk(node.bottom):
            if isinstance(part, SumOf | Slope):
                raise self.error("this divides by a sum: is a number missing after the /?", node)
            if isinstance(part, Letter) and not part.indices and part.name in KINDS:
                continue
            if not isinstance(part, Number | Times | Power):
                raise self.error(
                    "only numbers and the sizes m, n, k stand below a bar: this could be 0", node
                )

    def _require_a_variable(self, letter: Node) -> None:
        if not isinstance(letter, Letter | MatrixOf):
            raise self.error("differentiate with respect to a letter such as u_{is}", letter)
        if letter.name in self.letters.definitions:
            raise self.error(
                f"{letter.name} is short for other letters: differentiate with respect to u or v; "
                "the outer derivative of 1/2 e_ij^2 is typed as e_ij",
                letter,
            )
        if letter.name in (r"\delta", "w", *KINDS):
            raise self.error(f"differentiate with respect to u or v, not to {letter.name}", letter)

    def _slope(self, node: Slope, scope: _Scope) -> Shape:
        self._number(node.of, scope, "what is differentiated is a number")
        shapes = []
        for letter in node.by:
            self._require_a_variable(letter)
            shapes.append(self.shape(letter, scope))
        if len(shapes) > 1 and any(shapes):
            raise self.error("differentiate twice by numbers, such as u_{is} and v_{js}", node)
        return shapes[0]


def _kind(shape: Shape) -> str:
    if shape is None:
        return "number"
    if shape[1] == "1":
        return f"column of {shape[0]} numbers"
    if shape[0] == "1":
        return f"row of {shape[1]} numbers"
    return f"matrix of {shape[0]} rows and {shape[1]} columns"
