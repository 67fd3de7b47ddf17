"""The syntax tree of a line: what was typed, in order, before anything is computed.

Every node knows its place, ``text[start:end]``, so that a message can point at it. An index is a
letter (text, perhaps with primes) or a whole number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Literal

__all__ = [
    "Count",
    "Entry",
    "Entrywise",
    "Identity",
    "Index",
    "Letter",
    "MatrixOf",
    "Minus",
    "Node",
    "NormSquared",
    "Number",
    "Over",
    "Plus",
    "Power",
    "Slope",
    "SumOf",
    "Times",
    "Transposed",
    "Update",
    "walk",
]

Index = str | int


@dataclass(frozen=True)
class Node:
    """A part of a line, ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True)
class Number(Node):
    """A number that was typed: 2, 0.5 or ½."""

    value: Fraction


@dataclass(frozen=True)
class Letter(Node):
    r"""A letter with its indices: ``u_is``, ``\hat{r}_{ij}``, ``J^{ridge}``, ``\lambda``, ``u_i``.

    ``u_i``, with fewer indices than u has, is a vector.
    """

    name: str
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True)
class MatrixOf(Node):
    """A capital letter: the matrix of all ``name``; W is that of w."""

    name: str


@dataclass(frozen=True)
class Identity(Node):
    """The identity matrix, I."""


@dataclass(frozen=True)
class Plus(Node):
    """A sum of terms that are written out; a term that is taken away is a `Minus`."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Minus(Node):
    """The negative of a term or a factor."""

    of: Node


@dataclass(frozen=True)
class Times(Node):
    """A product, also of matrices, from left to right."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Entrywise(Node):
    """Two matrices multiplied entry by entry."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Over(Node):
    """A quotient."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Power(Node):
    """A power with a natural exponent."""

    base: Node
    exponent: int


@dataclass(frozen=True)
class Transposed(Node):
    """A matrix or a vector, transposed."""

    of: Node


@dataclass(frozen=True)
class Entry(Node):
    """One entry of a matrix or a vector in brackets, ``[...]_{is}``."""

    matrix: Node
    indices: tuple[Index, ...]


@dataclass(frozen=True)
class NormSquared(Node):
    """The squared norm: the sum of the squares of all entries."""

    of: Node


@dataclass(frozen=True)
class SumOf(Node):
    """A sum sign and what it sums.

    Parameters
    ----------
    names : tuple of str
        The summed indices: one, or for "all rated" and "bare" also two.
    over : {"range", "rated by user", "raters of item", "all rated", "bare"}
        From `low` to `high`; the items in I_owner; the users in U_owner; the pairs in S; or a
        letter alone, which stands for all that its slot allows.
    low, high : int, str or None
        Of a range: whole numbers or, for `high`, a size.
    shift : int
        Added to `high`.
    owner : Index or None
    body : Node
    """

    names: tuple[str, ...]
    over: Literal["range", "rated by user", "raters of item", "all rated", "bare"]
    body: Node
    low: int = 1
    high: int | str | None = None
    shift: int = 0
    owner: Index | None = None


@dataclass(frozen=True)
class Count(Node):
    """How many items user i rated, ``|I_i|``, or how many users rated item j, ``|U_j|``."""

    over: Literal["rated by user", "raters of item"]
    owner: Index


@dataclass(frozen=True)
class Slope(Node):
    """A partial derivative, by one letter or several in turn, or by a whole vector or matrix."""

    by: tuple[Letter | MatrixOf, ...]
    of: Node


@dataclass(frozen=True)
class Update(Node):
    r"""``target \leftarrow value``: a step of gradient descent."""

    target: Node
    value: Node


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and, in the order in which they were typed, all nodes in it."""
    yield node
    for part in parts(node):
        yield from walk(part)


def parts(node: Node) -> Iterator[Node]:
    """Yield the nodes directly inside a node."""
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part
