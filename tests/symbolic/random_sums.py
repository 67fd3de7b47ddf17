"""Random indexed polynomials, equal copies written differently, and slightly changed ones."""

from itertools import count

from sympy import (
    Add,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    symbols,
)

SIZES = symbols("m n k")
M, N, K = SIZES
FREE = dict(zip(SIZES, (symbols("i p"), symbols("j l"), symbols("s t")), strict=True))
SHAPES = {"a": (M,), "b": (N,), "c": (K,), "r": (M, N), "u": (M, K), "v": (N, K), "g": (K, K)}
PLAIN = (Symbol("lambda"), *SIZES)


class Maker:
    """Draws polynomials; every summed index gets its own letter."""

    def __init__(self, random):
        self.random = random
        self.letters = (Symbol(f"z{number}") for number in count(1))

    def polynomial(self):
        """Draw a polynomial whose longest product, multiplied out, has at most four sums."""
        while True:
            drawn = Add(*(self.term(depth=2) for _ in range(self.random.randint(1, 3))))
            if _summed(drawn) <= 4:
                return drawn

    def term(self, depth, around=()):
        factors = [Rational(self.random.randint(-3, 3) or 1, self.random.randint(1, 2))]
        if self.random.random() < 0.2:
            factors.append(self.random.choice(PLAIN))
        factors += [self.factor(around) for _ in range(self.random.randint(0, 2))]
        if depth and self.random.random() < 0.8:
            factors.append(self.sum(depth, around))
        return Mul(*factors)

    def sum(self, depth, around):
        chosen = [(next(self.letters), self.random.choice(SIZES))]
        if self.random.random() < 0.4:
            chosen.append((next(self.letters), self.random.choice(SIZES)))
        inside = (*around, *chosen)
        body = self.factor(inside) * self.term(depth - 1, inside)
        if self.random.random() < 0.3:
            body += self.term(depth - 1, inside)
        node = Sum(body, *((letter, 1, size) for letter, size in chosen))
        return node ** self.random.choice((1, 1, 1, 2))

    def factor(self, around):
        if self.random.random() < 0.15:
            size = self.random.choice(SIZES)
            return KroneckerDelta(self.index(size, around), self.index(size, around))
        name = self.random.choice(sorted(SHAPES))
        return IndexedBase(name)[tuple(self.index(size, around) for size in SHAPES[name])]

    def index(self, size, around):
        bound = [letter for letter, of in around if of == size]
        if bound and self.random.random() < 0.8:
            return self.random.choice(bound)
        return self.random.choice((*FREE[size], FREE[size][0], 1))


def _summed(expr):
    if isinstance(expr, Add):
        return max(map(_summed, expr.args))
    if isinstance(expr, Mul):
        return sum(map(_summed, expr.args))
    if isinstance(expr, Pow):
        return int(expr.exp) * _summed(expr.base)
    return len(expr.limits) + _summed(expr.function) if isinstance(expr, Sum) else 0


class Rewriter:
    """Writes the same polynomial differently."""

    def __init__(self, random):
        self.random = random
        self.letters = (Symbol(f"y{number}") for number in count(1))

    def rewritten(self, expr):
        if isinstance(expr, Indexed):
            return self.behind_a_delta(expr) if self.random.random() < 0.15 else expr
        if isinstance(expr, Pow):
            if self.random.random() < 0.5:
                return Pow(self.rewritten(expr.base), expr.exp)
            return self.merged([self.rewritten(expr.base) for _ in range(int(expr.exp))])
        if isinstance(expr, Mul):
            return self.merged([self.rewritten(part) for part in expr.args])
        if isinstance(expr, Add):
            return Add(*(self.rewritten(part) for part in expr.args))
        if isinstance(expr, Sum):
            return self.sum(expr)
        return expr

    def behind_a_delta(self, expr):
        at = self.random.randrange(len(expr.indices))
        size = SHAPES[str(expr.base)][at]
        letter = next(self.letters)
        indices = list(expr.indices)
        delta = KroneckerDelta(letter, indices[at])
        indices[at] = letter
        return Sum(expr.base[tuple(indices)] * delta, (letter, 1, size))

    def sum(self, expr):
        fresh = {limit[0]: next(self.letters) for limit in expr.limits}
        body = self.rewritten(expr.function).xreplace(fresh)
        limits = [(fresh[index], low, high) for index, low, high in expr.limits]
        self.random.shuffle(limits)
        if isinstance(body, Add) and self.random.random() < 0.5:
            return Add(*(Sum(part, *limits) for part in body.args))
        if self.random.random() < 0.5:
            return self.pulled_out(body, limits)
        return Sum(body, *limits)

    @staticmethod
    def pulled_out(body, limits):
        (index, low, high), *outer = limits
        inner = [part for part in Mul.make_args(body) if part.has(index)]
        rest = Mul(*(part for part in Mul.make_args(body) if not part.has(index)))
        body = rest * (Sum(Mul(*inner), (index, low, high)) if inner else high)
        return Sum(body, *outer) if outer else body

    def merged(self, factors):
        """Sometimes make one sum of the product of sums: their letters differ."""
        sums = [factor for factor in factors if isinstance(factor, Sum)]
        if not sums or self.random.random() < 0.5:
            return Mul(*factors)
        body = Mul(*(f.function if f in sums else f for f in factors))
        return Sum(body, *(limit for node in sums for limit in node.limits))


def perturbed(expr, random):
    """Change one spot of an expression: an index, a limit, a factor, a number."""
    spots = [node for node in _nodes(expr) if isinstance(node, Indexed | Sum | Rational | Pow)]
    return _replaced_once(expr, random.choice(spots), random) if spots else expr + 1


def _nodes(expr):
    yield expr
    if isinstance(expr, Add | Mul):
        for part in expr.args:
            yield from _nodes(part)
    if isinstance(expr, Pow):
        yield from _nodes(expr.base)
    if isinstance(expr, Sum):
        yield from _nodes(expr.function)


def _replaced_once(expr, spot, random):
    if expr is spot:
        return _changed(expr, random)
    if isinstance(expr, Sum):
        return Sum(_replaced_once(expr.function, spot, random), *expr.limits)
    if not isinstance(expr, Add | Mul | Pow):
        return expr
    parts = list(expr.args)
    for position, part in enumerate(parts):
        if any(node is spot for node in _nodes(part)):
            parts[position] = _replaced_once(part, spot, random)
            break
    return expr.func(*parts)


def _changed(node, random):
    if isinstance(node, Rational):
        return random.choice((-node, node + 1))
    if isinstance(node, Pow):
        return node.base
    if isinstance(node, Sum):
        index, low, high = node.limits[0]
        other = random.choice([size for size in SIZES if size != high])
        return random.choice((Sum(node.function, (index, low, other), *node.limits[1:]), -node))
    if len(node.indices) == 2 and SHAPES[str(node.base)] == (K, K) and random.random() < 0.5:
        return node.base[node.indices[::-1]]
    at = random.randrange(len(node.indices))
    indices = list(node.indices)
    indices[at] = random.choice((*FREE[SHAPES[str(node.base)][at]], 1))
    return random.choice((node.base[tuple(indices)], Rational(1)))
