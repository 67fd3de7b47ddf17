"""What is still to be done to a typed line until it has the form of the goal, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mfteach.answers.derivations.lines.forms import (
    ABBREVIATIONS,
    Step,
    abbreviates,
    what_is_left,
)
from mfteach.answers.derivations.lines.outlines import opposite, outline
from mfteach.answers.derivations.lines.tidying import tidied
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.reading.syntax_tree import (
    Letter,
    Minus,
    Node,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    parts,
    walk,
)

__all__ = ["advice", "counted"]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
_SHORTER = "the line can be written shorter"
_TIMES = {2: "twice", 3: "three times", 4: "four times"}
_ERRORS = {
    "e": ("r_{0} - sum_(q=1..k) u_{1}q v_{2}q", "r_{0} - rhat_{0}"),
    r"\tilde{e}": ("r_{0} - mu - b_{1} - c_{2} - rhat_{0}", "e_{0} - mu - b_{1} - c_{2}"),
}
"""What the errors stand for, with the indices of the rating, the user and the item."""


def advice(line: Step, goal: Step) -> tuple[str, ...]:
    """Say what is left to do; empty if the line has the goal's form.

    That a factor can be pulled out is said only if it is a factor of every term of a bracket.
    """
    left = what_is_left(line.form, goal.form)
    return tuple(dict.fromkeys(_advice(line, goal, left)))


def _advice(line: Step, goal: Step, left: frozenset[str]) -> Iterator[str]:
    if "loss" in left:
        yield "the loss is still there by its name"
    if "derivative" in left:
        yield "a derivative is left"
    if "delta" in left:
        yield "a delta is left"
    error = "" if left & {"derivative", "delta"} else _error_in_brackets(line, goal)
    for kind in ("user", "item", "factor"):
        if kind in left and not (error and kind == "factor"):
            yield _about_sums(kind, line.form.sums[kind], goal.form.sums[kind])
    if "abbreviation" in left:
        yield f"write {_abbreviation(line)} out"
    if "derivative" in left:  # what cancels, and what is common, is seen after it
        return
    if "numbers" in left:
        yield "some numbers still cancel"
    if error:
        yield f"the bracket is {error}"
    elif "letters" in left:
        found = list(_about_letters(line, goal))
        yield from found if found or len(left) > 1 else (_SHORTER,)
    if left == {"length"}:
        yield _SHORTER


def _about_sums(kind: str, ours: int, theirs: int) -> str:
    if ours == 1:
        return f"a sum over {kind}s is left"
    cure = {0: "", 1: ": make them one"}.get(theirs, f": make them {counted(theirs, '').strip()}")
    return f"{counted(ours, f'sum over {kind}s')} are left{cure}"


def counted(number: int, name: str) -> str:
    """Return "two sums over items" for 2 and "sum over items"."""
    count = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    if number <= 1 or not name:
        return f"{count} {name}"
    return f"{count} {name.replace('sum over', 'sums over') if 'sum over' in name else f'{name}s'}"


# The error in brackets ---------------------------------------------------------------------------


def _error_in_brackets(line: Step, goal: Step) -> str:
    """Name the error of the goal that stands in the line, written out, in brackets."""
    if not abbreviates(goal.form):
        return ""
    names = [name for name in _ERRORS if goal.form.letters[name]]
    for node in walk(line.bare):
        ratings = [part for part in walk(node) if isinstance(part, Letter) and part.name == "r"]
        if not isinstance(node, Plus) or len(ratings) != 1:
            continue
        for name in names:
            sign = _as_error(node, name, ratings[0])
            if sign is not None:
                return f"the error {_typed(Letter(0, 0, name, ratings[0].indices))}{sign}"
    return ""


def _as_error(bracket: Node, name: str, rating: Letter) -> str | None:
    """Say whether a bracket is an error: "" or " with the sign changed"; None if it is not."""
    user, item = map(str, rating.indices)
    if not (user + item).isalpha():  # a rating r_12, written with numbers
        return None
    ours = outline(bracket)
    for spelling in _ERRORS[name]:
        text = spelling.format(user + item, user, item)
        error = outline(tidied(NOTATION.understand(text).tree, NOTATION.letters, text))
        if ours == error:
            return ""
        if ours == ("+", *sorted(map(opposite, error[1:]), key=repr)):
            return " with the sign changed"
    return None


# Letters -----------------------------------------------------------------------------------------


def _abbreviation(line: Step) -> str:
    names = [
        _typed(node)
        for node in walk(line.bare)
        if isinstance(node, Letter) and node.name in ABBREVIATIONS
    ]
    return " and ".join(dict.fromkeys(names))


def _about_letters(line: Step, goal: Step) -> Iterator[str]:
    """Name a factor that every term of a bracket has, or else a letter that appears twice."""
    more = {name for name, count in goal.form.letters.items() if line.form.letters[name] > count}
    common = [
        letter
        for node in walk(line.bare)
        if isinstance(node, Plus)
        for letter in _common(node)
        if letter.name in more
    ]
    if common:
        yield f"{_typed(common[0])} can be pulled out"
        return
    counts = Counter((node.name, node.indices) for node in _outside(line.bare))
    for (name, indices), count in counts.items():
        if name in more and count > 1:
            times = _TIMES.get(count, f"{count} times")
            yield f"{_typed(Letter(0, 0, name, indices))} appears {times}"


def _common(bracket: Plus) -> list[Letter]:
    first, *others = (list(_letters_in_front(term)) for term in bracket.terms)
    keys = [{(letter.name, letter.indices) for letter in other} for other in others]
    return [x for x in first if all((x.name, x.indices) in other for other in keys)]


def _letters_in_front(term: Node) -> Iterator[Letter]:
    """Yield the letters that are factors of a term, out of its sum signs too."""
    if isinstance(term, Letter):
        yield term
    elif isinstance(term, Minus):
        yield from _letters_in_front(term.of)
    elif isinstance(term, Times):
        for factor in term.factors:
            yield from _letters_in_front(factor)
    elif isinstance(term, SumOf):
        for letter in _letters_in_front(term.body):
            if not set(map(str, letter.indices)) & set(term.names):
                yield letter


def _outside(tree: Node) -> Iterator[Letter]:
    """Yield the letters of a tree that stand in no derivative and in no power."""
    if isinstance(tree, Letter):
        yield tree
    if isinstance(tree, Slope | Power):
        return
    for part in parts(tree):
        yield from _outside(part)


def _typed(letter: Letter) -> str:
    r"""Write a letter as it is typed: ``etilde_ij`` for ``\tilde{e}`` with i and j, "lambda"."""
    accent, _, name = letter.name.removesuffix("}").partition("{")
    name = f"{name}{accent.strip(chr(92))}" if name else letter.name.strip("\\")
    at = list(map(str, letter.indices))
    joined = "".join(at) if all(len(index) == 1 for index in at) else ",".join(at)
    return f"{name}_{joined}" if joined else name
