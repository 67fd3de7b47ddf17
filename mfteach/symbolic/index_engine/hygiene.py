"""What an indexed sum must look like before anything is computed with it.

An index is bound by its sum or free, never both; a name stands for one symbol; numbers and
expressions are of a size that can be worked with. What breaks a rule is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import (
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Rational,
    Sum,
    Symbol,
    sympify,
)

__all__ = [
    "CaptureError",
    "UndecidedError",
    "bases_of",
    "checked",
    "name_of",
    "refuse_capture",
    "refuse_large_number",
    "refuse_namesakes",
    "shown",
    "symbols_of",
    "used_as_indices",
]

MOST_BITS = 1_000
MOST_PARTS = 5_000
MOST_NESTING = 60


class UndecidedError(ValueError):
    """The question lies outside what the index engine can prove; the message says why."""


class CaptureError(ValueError):
    """An index is both bound by a sum and free; the message names it and suggests a letter."""


def checked(value: object) -> Expr:
    """Return a value as an expression of reasonable size.

    Raises
    ------
    TypeError
        For text, which SymPy would execute.
    UndecidedError
        If it is not an expression, does not commute, or is too large.
    """
    if isinstance(value, str):
        raise TypeError(f"write {value!r} as a SymPy expression: text would be executed")
    if isinstance(value, int):
        refuse_large_number(value)
    expr = sympify(value, strict=True)
    if not isinstance(expr, Expr):
        raise UndecidedError(f"{expr} is not a polynomial but a {type(expr).__name__}")
    _refuse_large(expr)
    if not expr.is_commutative:
        raise UndecidedError(f"{expr} contains symbols that do not commute")
    return expr


def _refuse_large(expr: Expr) -> None:
    """Count the parts, without recursion: a deep expression must not exhaust Python's stack."""
    waiting = [(expr, 0)]
    for number in range(MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        if depth > MOST_NESTING:
            raise UndecidedError(f"the brackets are nested more than {MOST_NESTING} deep")
        if isinstance(part, Rational):
            refuse_large_number(int(part.p), int(part.q))
        if number + len(waiting) + len(part.args) > MOST_PARTS:
            break
        waiting += [(inner, depth + 1) for inner in part.args]
    raise UndecidedError(f"the expression has more than {MOST_PARTS} parts")


def refuse_large_number(*numbers: int) -> None:
    """Refuse numbers that nobody writes down, before they are computed with."""
    if any(number.bit_length() > MOST_BITS for number in numbers):
        raise UndecidedError("a number has more than 300 digits")


def symbols_of(expr: Expr) -> tuple[set[Symbol], set[Symbol]]:
    """Collect the free and the bound symbols; an indexed symbol counts with its indices only.

    Raises
    ------
    CaptureError
        If a symbol is free and bound within one subexpression.
    """
    if isinstance(expr, Symbol):
        return {expr}, set()
    free: set[Symbol] = set()
    bound: set[Symbol] = set()
    for part in _parts(expr):
        part_free, part_bound = symbols_of(part)
        free |= part_free
        bound |= part_bound
    refuse_capture(free & bound, free | bound, "outside it")
    for index, *limits in expr.limits if isinstance(expr, Sum) else ():
        free = (free - {index}).union(*(limit.free_symbols for limit in limits))
        bound = bound | {index}
        refuse_capture(free & bound, free | bound, "outside it")
    return free, bound


def _parts(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Sum):
        return (expr.function,)
    return tuple(expr.indices if isinstance(expr, Indexed) else expr.args)


def refuse_capture(captured: set[Symbol], taken: set[Symbol], place: str) -> None:
    """Refuse indices that are both bound and free, and suggest a letter that is not taken."""
    if not captured:
        return
    index = min(captured, key=str)
    used = {symbol.name for symbol in taken}
    spare = next(name for name in (*"qpltabcdefgh", f"{index}_new") if name not in used)
    raise CaptureError(
        f"index {index} is bound in the sum and free {place}: rename the bound one, e.g. {spare}"
    )


def refuse_namesakes(free: Iterable[Symbol], bound: Iterable[Symbol]) -> None:
    """Refuse two different symbols of one name, unless each is bound by a sum of its own.

    SymPy takes ``Symbol("x")`` and ``Symbol("x", real=True)`` for two letters; a reader does not.
    """
    known: dict[str, Symbol] = {}
    for symbol in (*free, *bound):
        if symbol.name.isdigit():
            raise UndecidedError(f"{symbol.name} is a letter here: write the number as Integer")
    for symbol in free:
        if known.setdefault(symbol.name, symbol) != symbol:
            raise UndecidedError(_namesakes(known[symbol.name], symbol))
    for symbol in bound:
        if known.get(symbol.name, symbol) != symbol:
            raise UndecidedError(_namesakes(known[symbol.name], symbol))


def _namesakes(one: Symbol, other: Symbol) -> str:
    described = " and ".join(sorted((_described(one), _described(other))))
    return f"two different symbols are called {one.name}, {described}: use one of them throughout"


def _described(symbol: Symbol) -> str:
    if isinstance(symbol, Dummy):
        return "a Dummy"
    usual = Symbol(symbol.name).assumptions0
    special = {key: value for key, value in symbol.assumptions0.items() if key not in usual}
    for name in ("integer", "real"):
        for sign in ("positive", "negative", "nonnegative", "nonzero"):
            if special.get(sign) and special.get(name):
                return f"one {sign} {name}"
        if special.get(name):
            return f"one {name}"
    return "one with assumptions" if special else "one without assumptions"


def bases_of(expressions: list[Expr], symbols: set[Symbol]) -> dict[str, IndexedBase]:
    """Collect the indexed symbols by name; a name that is also a plain symbol is refused."""
    nodes = {node for expr in expressions for node in expr.atoms(Indexed)}
    found: dict[str, IndexedBase] = {}
    for node in sorted(nodes, key=str):
        if not isinstance(node.base, IndexedBase) or not isinstance(node.base.label, Symbol):
            raise UndecidedError(f"{shown(node)} is not an indexed symbol such as x[i]")
        found.setdefault(name_of(node), node.base)
    refuse_namesakes({node.base.label for node in nodes}, ())
    both = found.keys() & {symbol.name for symbol in symbols}
    if both:
        raise UndecidedError(f"{min(both)} names both an indexed symbol and an index: rename one")
    return found


def used_as_indices(expressions: list[Expr]) -> set[str]:
    """Collect the names that stand in the place of an index."""
    nodes = {node for expr in expressions for node in expr.atoms(Indexed, KroneckerDelta)}
    slots = (node.indices if isinstance(node, Indexed) else node.args for node in nodes)
    return {s.name for slot in slots for index in slot for s in index.atoms(Symbol)}


def name_of(indexed: Indexed) -> str:
    """Return x for x[i]."""
    return str(indexed.base.label.name)


def shown(expr: Expr) -> str:
    """Write an expression for a message, cut where it is long."""
    text = str(expr)
    return text if len(text) <= 80 else f"{text[:76]} ..."
