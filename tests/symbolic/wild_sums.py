"""Random polynomials with everything that may go wrong in them, and the truth about pairs of them.

Besides what `random_sums` draws: empty sums, sums between numbers, shifted limits, sizes and
numbers as indices, deltas of all kinds, letters used again in other sums, and the indicator w.
"""

from itertools import product
from random import Random

from full_expansion import expanded
from random_sums import FREE, SHAPES, SIZES, Maker, Rewriter
from sympy import (
    Add,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
)

M, N, K = SIZES
ALL_SHAPES = {**SHAPES, "w": (M, N)}
SIZE_OF = {index: size for size, indices in FREE.items() for index in indices}
PLACES = (
    (1, 1, 1),
    (2, 1, 1),
    (1, 2, 1),
    (1, 1, 2),
    (2, 3, 2),
    (3, 2, 3),
    (2, 2, 2),
    (1, 3, 3),
)


class WildMaker(Maker):
    """Draws polynomials; an index may be captured, and then the engine has to say so."""

    def sum(self, depth, around):
        chosen = [self.limit(around)]
        if self.random.random() < 0.4:
            chosen.append(self.limit((*around, chosen[0])))
        inside = (*around, *((limit[0], limit[3]) for limit in chosen))
        body = self.factor(inside) * self.term(depth - 1, inside)
        if self.random.random() < 0.3:
            body += self.term(depth - 1, inside)
        node = Sum(body, *(limit[:3] for limit in chosen))
        return node ** self.random.choice((1, 1, 1, 2))

    def limit(self, around):
        taken = {pair[0] for pair in around}
        letter = next(self.letters)
        if self.random.random() < 0.3:
            old = Symbol(f"z{self.random.randint(1, 3)}")
            letter = letter if old in taken else old
        size = self.random.choice(SIZES)
        ends = [(1, size)] * 12 + [(1, 0), (1, 0), (1, 2), (1, 1), (2, 3), (1, 3)]
        ends += [(1, size - 1), (1, size + 1), (2, size), (0, size)]
        low, high = self.random.choice(ends)
        return letter, Integer(low), high + Integer(0), size

    def factor(self, around):
        if self.random.random() < 0.25:
            size = self.random.choice(SIZES)
            other = self.random.choice(SIZES) if self.random.random() < 0.15 else size
            one, two = self.index(size, around), self.index(other, around)
            return KroneckerDelta(one, two) ** self.random.choice((1, 1, 2))
        name = self.random.choice(sorted([*ALL_SHAPES, "w", "w"]))
        entry = IndexedBase(name)[tuple(self.index(size, around) for size in ALL_SHAPES[name])]
        return entry ** self.random.choice((1, 1, 1, 2))

    def index(self, size, around):
        bound = [letter for letter, of in around if of == size]
        if bound and self.random.random() < 0.8:
            return self.random.choice(bound)
        letters = (*FREE[size], *FREE[size])
        return self.random.choice((*letters, *letters, *letters, Integer(1), Integer(2), size))


class WildRewriter(Rewriter):
    """Writes the same polynomial differently, for all sizes and all indices in their ranges."""

    def behind_a_delta(self, expr):
        at = self.random.randrange(len(expr.indices))
        index = expr.indices[at]
        if index not in SIZE_OF:
            return expr
        letter = next(self.letters)
        indices = list(expr.indices)
        indices[at] = letter
        delta = KroneckerDelta(letter, index)
        return Sum(expr.base[tuple(indices)] * delta, (letter, 1, SIZE_OF[index]))

    def rewritten(self, expr):
        if isinstance(expr, Indexed) and str(expr.base) == "w" and self.random.random() < 0.3:
            return Mul(expr, expr, evaluate=False)
        return super().rewritten(expr)

    def sum(self, expr):
        if len({limit[0] for limit in expr.limits}) < len(expr.limits):
            return expr
        fresh = {limit[0]: next(self.letters) for limit in expr.limits}
        if any(fresh.keys() & _bound(part) for part in [expr.function]):
            return expr
        body = self.rewritten(expr.function).xreplace(fresh)
        limits = [(fresh[index], low, high) for index, low, high in expr.limits]
        self.random.shuffle(limits)
        if isinstance(body, Add) and self.random.random() < 0.5:
            return Add(*(Sum(part, *limits) for part in body.args))
        index, low, high = limits[0]
        choice = self.random.random()
        if choice < 0.3 and high.is_Integer and low <= high:
            at_each = (body.xreplace({index: Integer(at)}) for at in range(low, high + 1))
            body = Add(*at_each)
            return Sum(body, *limits[1:]) if limits[1:] else body
        if choice < 0.5 and high.is_Symbol and low == 1 and not body.has(KroneckerDelta):
            last = body.xreplace({index: high})
            body = Sum(body, (index, 1, high - 1)) + last
            return Sum(body, *limits[1:]) if limits[1:] else body
        return Sum(body, *limits)


def _bound(expr):
    return {limit[0] for node in expr.atoms(Sum) for limit in node.limits}


def wildly_changed(expr, random):
    """Change one spot: a limit, an index, a sign, a factor, a power."""
    spots = [n for n in nodes(expr) if isinstance(n, Indexed | Sum | Pow | KroneckerDelta)]
    spots += [n for n in nodes(expr) if n.is_Rational]
    if not spots:
        return expr + 1
    spot = random.choice(spots)
    return replaced(expr, spot, changed(spot, random))


def nodes(expr):
    yield expr
    if isinstance(expr, Add | Mul):
        for part in expr.args:
            yield from nodes(part)
    if isinstance(expr, Pow):
        yield from nodes(expr.base)
    if isinstance(expr, Sum):
        yield from nodes(expr.function)


def replaced(expr, spot, new):
    if expr is spot:
        return new
    if isinstance(expr, Sum):
        return Sum(replaced(expr.function, spot, new), *expr.limits)
    if isinstance(expr, Pow):
        return Pow(replaced(expr.base, spot, new), expr.exp)
    if isinstance(expr, Add | Mul):
        return expr.func(*(replaced(part, spot, new) for part in expr.args))
    return expr


def changed(node, random):
    if node.is_Rational:
        return random.choice((-node, node + 1))
    if isinstance(node, Pow):
        return node.base
    if isinstance(node, Sum):
        (index, low, high), *rest = node.limits
        ends = [(low, other) for other in (*SIZES, 0, 1, 2)] + [(low + 1, high), (low, high + 1)]
        low, high = random.choice(ends)
        return random.choice((Sum(node.function, (index, low, high), *rest), -node))
    slots = node.indices if isinstance(node, Indexed) else node.args
    at = random.randrange(len(slots))
    others = (*SIZE_OF, Integer(1), Integer(2), *SIZES)
    indices = list(slots)
    indices[at] = random.choice(others)
    if isinstance(node, KroneckerDelta):
        return random.choice((KroneckerDelta(*indices), Integer(1)))
    return random.choice((node.base[tuple(indices)], node.base[tuple(reversed(slots))], Integer(1)))


# --- the truth -----------------------------------------------------------------------------------


def places(ranges, *expressions, most=3, strict=True):
    """Yield sizes and free indices in their ranges; without one, within all the ranges there are.

    That is what is assumed: the range of the sum that a delta matches an index with. If not
    `strict`, within all sizes.
    """
    free = set().union(*(expr.free_symbols for expr in expressions)) & set(SIZE_OF)
    fixed = [
        range(int(low), int(high) + 1)
        for expr in expressions
        for node in expr.atoms(Sum)
        for _, low, high in node.limits
        if strict and high.is_Integer and high >= low
    ]
    order = sorted(free, key=str)
    for place in PLACES:
        sizes = dict(zip(SIZES, place, strict=True))
        everywhere = [x for x in range(1, min(place) + 1) if all(x in span for span in fixed)]
        spans = [
            range(1, sizes[ranges[index]] + 1) if index in ranges else everywhere for index in order
        ]
        choices = list(product(*spans))
        for choice in Random(5).sample(choices, min(len(choices), most)):
            yield {**sizes, **dict(zip(order, choice, strict=True))}


def runs_backwards(numbers, *expressions):
    """Whether a sum has an upper limit more than one below the lower: nobody agrees on that."""
    limits = [limit for e in expressions for node in e.atoms(Sum) for limit in node.limits]
    return any(high.xreplace(numbers) < low - 1 for _, low, high in limits)


def differ_at(a, b, ranges, most=3, strict=True):
    """Return a place at which the two differ when they are written out; None if there is none."""
    for numbers in places(ranges, a, b, most=most, strict=strict):
        if runs_backwards({s: Integer(x) for s, x in numbers.items()}, a, b):
            continue
        if expanded(a, numbers) != expanded(b, numbers):
            return numbers
    return None
