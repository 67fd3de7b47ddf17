"""The form of a typed line: how it is written, whatever it is equal to.

Two lines that are equal can differ in form: in one the derivative still stands, in the other it is
gone. `Form` counts what stands in a syntax tree; `what_is_left` says what a line still has that the
goal of a derivation no longer has. A `Step` is a line with all that is known of its form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mfteach.answers.derivations.lines.outlines import outline
from mfteach.answers.derivations.lines.tidying import tidied
from mfteach.symbolic.reading.letters import KINDS, Letters
from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Letter,
    MatrixOf,
    Minus,
    Node,
    NormSquared,
    Number,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    parts,
    walk,
)

__all__ = [
    "ABBREVIATIONS",
    "SLACK",
    "Form",
    "Step",
    "abbreviates",
    "has_form",
    "is_collected",
    "row_kind",
    "step_of",
    "what_is_left",
]

SLACK = 1
"""By how many letters and numbers a line may be longer than the goal and still have its form.

So a bracket such as r_ij - rhat_ij may stand for the error e_ij.
"""

_NO_MINUS = 99
_DELTA = r"\delta"
_UNCOUNTED = ("", "w", _DELTA)
ABBREVIATIONS = (r"\hat{r}", "e", r"\tilde{e}")
_OF_ERRORS = ("r", *ABBREVIATIONS)


@dataclass(frozen=True)
class Form:
    """What stands in a line.

    Parameters
    ----------
    slopes : int
        Derivative signs.
    squares : int
        Those that still stand before a squared error or a loss: the chain rule is to come.
    losses : int
        Losses by their name, such as J.
    deltas : int
    sums : Counter of str
        Sum signs by what they sum over: "user", "item", "factor".
    letters : Counter of str
        How often each letter stands, whatever its indices; not the indicator w.
    places : Counter of str
        How often each letter stands with the same free indices: v_js and v_jq are two.
    numbers : int
    brackets : int
        Products and powers that can be multiplied out.
    outside : int
        Factors that stand in front of a sum sign.
    minus_depth : int
        In how many sums, products and brackets the outermost minus stands; large if there is none.
    """

    slopes: int = 0
    squares: int = 0
    losses: int = 0
    deltas: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    brackets: int = 0
    outside: int = 0
    minus_depth: int = field(default=_NO_MINUS, compare=False)

    @property
    def size(self) -> int:
        """How many letters and numbers stand in the line."""
        return sum(self.letters.values()) + self.numbers


@dataclass(frozen=True)
class Step:
    """A line of a derivation.

    Parameters
    ----------
    tree : Node
        As it was typed.
    form : Form
        What stands in it, without padding.
    outline : object
        The same for two lines that differ only in spelling or padding.
    bare : Node
        The tree without padding, each sum sign with its range.
    """

    tree: Node
    form: Form
    outline: Any
    bare: Node


def step_of(tree: Node, letters: Letters, text: str) -> Step:
    """Find out the form of a line that has passed its checks."""
    plain = tidied(tree, letters, text)
    return Step(tree, form_of(plain), outline(plain), plain)


def form_of(tree: Node) -> Form:
    """Count what stands in a tree whose sum signs have their ranges."""
    nodes = list(_counted(tree))
    names = [name for name in map(_name, nodes) if name]
    slopes = [node for node in nodes if isinstance(node, Slope)]
    bound = {name for node in nodes if isinstance(node, SumOf) for name in node.names}
    return Form(
        slopes=len(slopes),
        squares=sum(any(map(_is_square, walk(slope.of))) for slope in slopes),
        losses=sum(name.startswith("J") for name in names),
        deltas=names.count(_DELTA),
        sums=Counter(kind for node in nodes for kind in _summed(node)),
        letters=Counter(name for name in names if name not in _UNCOUNTED),
        places=Counter(_place(node, bound) for node in nodes if _name(node) not in _UNCOUNTED),
        numbers=sum(isinstance(node, Number) for node in nodes),
        brackets=sum(map(_can_be_expanded, nodes)),
        outside=sum(map(_in_front_of_a_sum, nodes)),
        minus_depth=min(_minus_depths(tree, 0), default=_NO_MINUS),
    )


def _minus_depths(tree: Node, depth: int) -> Iterator[int]:
    if isinstance(tree, Minus):
        yield depth
    deeper = isinstance(tree, SumOf | Plus | Times | Slope)
    for part in parts(tree):
        yield from _minus_depths(part, depth + deeper)


def _counted(tree: Node) -> Iterator[Node]:
    """Yield the nodes of a tree, without the variables of its derivatives."""
    yield tree
    inside = (tree.of,) if isinstance(tree, Slope) else parts(tree)
    for part in inside:
        yield from _counted(part)


def _name(node: Node) -> str:
    if isinstance(node, Letter | MatrixOf):
        return node.name
    return "|.|" if isinstance(node, Count) else ""


def _place(node: Node, bound: set[str]) -> str:
    """Write a letter with a dot for each summed index."""
    indices = node.indices if isinstance(node, Letter) else ()
    return f"{_name(node)}_{','.join('.' if i in bound else str(i) for i in indices)}"


def _is_square(node: Node) -> bool:
    if isinstance(node, Power | NormSquared):
        return any(_name(part) in _OF_ERRORS for part in walk(node))
    return _name(node).startswith("J")


def _can_be_expanded(node: Node) -> bool:
    if isinstance(node, Times):
        return any(isinstance(factor, Plus) for factor in node.factors)
    return isinstance(node, Power) and (
        isinstance(node.base, Plus) or _name(node.base) in ("e", r"\tilde{e}")
    )


def _in_front_of_a_sum(node: Node) -> int:
    if not isinstance(node, Times):
        return 0
    places = [place for place, factor in enumerate(node.factors) if isinstance(factor, SumOf)]
    return places[-1] if places else 0


def _summed(node: Node) -> tuple[str, ...]:
    if not isinstance(node, SumOf):
        return ()
    if node.over == "range":
        return (KINDS.get(str(node.high), "number"),)
    return {"rated by user": ("item",), "raters of item": ("user",)}.get(
        node.over, ("user", "item")
    )


def what_is_left(line: Form, goal: Form) -> frozenset[str]:
    """Say what a line still has that the goal no longer has; empty if it has the goal's form.

    "loss", "derivative", "delta"; "user", "item" or "factor" for the sums; "abbreviation",
    "numbers", "letters"; or "length", if it is nothing of these.
    """
    checks = {
        "loss": line.losses > goal.losses,
        "derivative": line.slopes > goal.slopes or line.squares > goal.squares,
        "delta": line.deltas > goal.deltas,
        **{kind: line.sums[kind] > goal.sums[kind] for kind in ("user", "item", "factor")},
        "abbreviation": abbreviates(line) and not abbreviates(goal),
        "numbers": line.numbers > goal.numbers + SLACK,
        "letters": any(line.letters[name] > count for name, count in goal.letters.items()),
    }
    left = frozenset(name for name, is_left in checks.items() if is_left)
    if not left and line.size > goal.size + SLACK:
        return frozenset({"length"})
    return left


def abbreviates(form: Form) -> bool:
    """Whether a line contains e, rhat or etilde, which stand for sums."""
    return any(form.letters[name] for name in ABBREVIATIONS)


def is_collected(line: Form, goal: Form) -> bool:
    """Whether no letter stands more often than in the goal, where the goal has it.

    If the goal abbreviates, then letters that differ in a free index are told apart: in the
    bracket that will be e_ij, v_jq may still stand beside the factor v_js.
    """
    ours, theirs = line.letters, goal.letters
    if abbreviates(goal):
        ours, theirs = line.places, goal.places
    return all(ours[name] <= count for name, count in theirs.items())


def has_form(line: Step, goal: Step, start: Step) -> bool:
    """Whether a line has the form of the goal; exactly that form where the start has it already."""
    if line.outline == goal.outline:
        return True
    if not what_is_left(start.form, goal.form):
        return line.form == goal.form
    return not what_is_left(line.form, goal.form)


def row_kind(start: Step) -> str:
    """Return whether a derivation is about one "user" or one "item"; "" if about neither.

    That is told by the letter with respect to which its start differentiates.
    """
    slopes = [node for node in walk(start.tree) if isinstance(node, Slope)]
    names = {letter.name for slope in slopes for letter in slope.by}
    if names <= {"u", "b"}:
        return "user" if names else ""
    return "item" if names <= {"v", "c"} else ""
