"""The slow truth about a typed line: its syntax tree written out at given sizes, entry by entry.

Nothing of the package but the node classes is used here: no slots, no index engine, no derivative
of ours. An entry is a SymPy symbol, a sum is written out, and SymPy differentiates polynomials.
"""

from functools import reduce
from itertools import product

import sympy as sp

from mfteach.symbolic.reading import syntax_tree as tree

SHAPES = {"r": "mn", "w": "mn", "u": "mk", "v": "nk", "b": "m", "c": "n", "x": "k"}


class Writer:
    """Writes trees out at one choice of sizes and known ratings."""

    def __init__(self, sizes, known):
        self.sizes = sizes  # {"m": 2, "n": 3, "k": 1}
        self.known = known  # the pairs (i, j) in S

    def __call__(self, node, at):
        """Return a polynomial in entries; `at` gives every free index a number."""
        value = self.value(node, at)
        assert not isinstance(value, sp.MatrixBase) or value.shape == (1, 1)
        return sp.expand(value[0] if isinstance(value, sp.MatrixBase) else value)

    def entry(self, name, at):
        if name == "w":
            return sp.Integer(tuple(at) in self.known)
        return sp.Symbol(f"{name}_{'_'.join(map(str, at))}")

    def value(self, node, at):
        return getattr(self, f"_{type(node).__name__.lower()}")(node, at)

    def _number(self, node, at):
        return sp.Rational(node.value.numerator, node.value.denominator)

    def _letter(self, node, at):
        indices = [index if isinstance(index, int) else at[index] for index in node.indices]
        if node.name == r"\delta":
            return sp.Integer(indices[0] == indices[1])
        if node.name in self.sizes:
            return sp.Integer(self.sizes[node.name])
        if node.name in DEFINED:
            return DEFINED[node.name](self, *indices)
        shape = SHAPES.get(node.name, "")
        if len(indices) < len(shape):
            rows = range(1, self.sizes[shape[-1]] + 1)
            return sp.Matrix([self.entry(node.name, (*indices, row)) for row in rows])
        return self.entry(node.name, indices) if shape else sp.Symbol(node.name)

    def _matrixof(self, node, at):
        shape = SHAPES.get(node.name, "mn")
        rows, columns = (range(1, self.sizes[size] + 1) for size in shape)
        letters = [
            [self._letter(tree.Letter(0, 0, node.name, (row, column)), {}) for column in columns]
            for row in rows
        ]
        return sp.Matrix(letters)

    def _identity(self, node, at):
        return sp.eye(self.sizes["k"])

    def _minus(self, node, at):
        return -self.value(node.of, at)

    def _plus(self, node, at):
        return reduce(lambda a, b: a + b, (self.value(term, at) for term in node.terms))

    def _times(self, node, at):
        return reduce(_times, (self.value(factor, at) for factor in node.factors))

    def _entrywise(self, node, at):
        return self.value(node.left, at).multiply_elementwise(self.value(node.right, at))

    def _over(self, node, at):
        return self.value(node.top, at) / self.value(node.bottom, at)

    def _power(self, node, at):
        return _number(self.value(node.base, at)) ** node.exponent

    def _transposed(self, node, at):
        return self.value(node.of, at).T

    def _entry(self, node, at):
        matrix = self.value(node.matrix, at)
        places = [(index if isinstance(index, int) else at[index]) - 1 for index in node.indices]
        if len(places) == 1:
            return matrix[places[0]]
        return matrix[places[0], places[1]]

    def _normsquared(self, node, at):
        value = self.value(node.of, at)
        entries = value if isinstance(value, sp.MatrixBase) else [value]
        return sum(entry**2 for entry in entries)

    def _sumof(self, node, at):
        places = [
            place
            for place in product(*(self.range(node, n) for n in range(len(node.names))))
            if self.counts(node, place, at)
        ]
        scopes = ({**at, **dict(zip(node.names, place, strict=True))} for place in places)
        terms = [self.value(node.body, scope) for scope in scopes]
        return reduce(lambda a, b: a + b, terms) if terms else sp.Integer(0)

    def range(self, node, number):
        sizes = {"rated by user": "n", "raters of item": "m", "all rated": "mn"}.get(node.over)
        if sizes:
            return range(1, self.sizes[sizes[number]] + 1)
        assert node.over == "range", "a bare sum takes its range from a slot: not known here"
        high = node.high if isinstance(node.high, int) else self.sizes[node.high]
        return range(node.low, high + node.shift + 1)

    def counts(self, node, place, at):
        if node.over == "range":
            return True
        if node.over == "all rated":
            return place in self.known
        owner = node.owner if isinstance(node.owner, int) else at[node.owner]
        pair = (owner, place[0]) if node.over == "rated by user" else (place[0], owner)
        return pair in self.known

    def _count(self, node, at):
        owner = node.owner if isinstance(node.owner, int) else at[node.owner]
        slot = 0 if node.over == "rated by user" else 1
        return sp.Integer(sum(pair[slot] == owner for pair in self.known))

    def _slope(self, node, at):
        value = sp.expand(_number(self.value(node.of, at)))
        for letter in node.by:
            value = value.diff(self._letter(letter, at))
        return value


def _number(value):
    return value[0] if isinstance(value, sp.MatrixBase) else value


def _times(left, right):
    matrices = [isinstance(value, sp.MatrixBase) for value in (left, right)]
    if all(matrices) and left.shape[1] != right.shape[0]:
        left, right = _number(left), right  # a row times a column is a number
    return left * right


def _prediction(write, i, j):
    return sum(
        write.entry("u", (i, q)) * write.entry("v", (j, q)) for q in range(1, write.sizes["k"] + 1)
    )


def _error(write, i, j):
    return write.entry("r", (i, j)) - _prediction(write, i, j)


def _error_with_biases(write, i, j):
    bias = sp.Symbol(r"\mu") + write.entry("b", (i,)) + write.entry("c", (j,))
    return _error(write, i, j) - bias


def _loss(write, error=_error):
    return sum(error(write, i, j) ** 2 for i, j in write.known) / sp.Integer(2)


def _squares(write, name, weight=lambda row: 1):
    rows, columns = (write.sizes[size] for size in SHAPES[name])
    return sum(
        weight(row) * write.entry(name, (row, column)) ** 2
        for row in range(1, rows + 1)
        for column in range(1, columns + 1)
    )


def _ridge(write):
    penalty = _squares(write, "u") + _squares(write, "v")
    return _loss(write) + sp.Symbol(r"\lambda") / 2 * penalty


def _count(write):
    by_user = _squares(write, "u", lambda row: sum(i == row for i, _ in write.known))
    by_item = _squares(write, "v", lambda row: sum(j == row for _, j in write.known))
    return _loss(write) + sp.Symbol(r"\lambda") / 2 * (by_user + by_item)


def _bias(write):
    squares = [write.entry("b", (i,)) ** 2 for i in range(1, write.sizes["m"] + 1)]
    squares += [write.entry("c", (j,)) ** 2 for j in range(1, write.sizes["n"] + 1)]
    return _loss(write, _error_with_biases) + sp.Symbol(r"\beta") / 2 * reduce(
        lambda a, b: a + b, squares
    )


def _weight(write, i, j):
    return 1 + sp.Symbol(r"\alpha") * write.entry("w", (i, j)) * write.entry("r", (i, j))


def _implicit(write):
    users, items = (range(1, write.sizes[size] + 1) for size in "mn")
    everywhere = sum(
        _weight(write, i, j) * (write.entry("w", (i, j)) - _prediction(write, i, j)) ** 2
        for i, j in product(users, items)
    )
    penalty = _squares(write, "u") + _squares(write, "v")
    return everywhere / 2 + sp.Symbol(r"\lambda") / 2 * penalty


DEFINED = {
    r"\hat{r}": _prediction,
    "e": _error,
    r"\tilde{e}": _error_with_biases,
    "J": _loss,
    r"J^{\mathrm{ridge}}": _ridge,
    r"J^{\mathrm{count}}": _count,
    r"J^{\mathrm{bias}}": _bias,
    r"\tilde{w}": _weight,
    r"J^{\mathrm{implicit}}": _implicit,
}


def differs(first, second, ranges, choices):
    """Say at which of the choices two trees differ; None if they agree at all of them.

    `choices` are pairs of sizes and known ratings; `ranges` the size of each free index.
    """
    for sizes, known in choices:
        write = Writer(sizes, known)
        names = sorted(ranges)
        for place in product(*(range(1, sizes[ranges[name]] + 1) for name in names)):
            at = dict(zip(names, place, strict=True))
            if sp.expand(write(first, at) - write(second, at)) != 0:
                return sizes, at
    return None


CHOICES = [
    ({"m": 1, "n": 1, "k": 1}, {(1, 1)}),
    ({"m": 2, "n": 3, "k": 2}, {(1, 1), (1, 3), (2, 2)}),
    ({"m": 3, "n": 2, "k": 2}, {(1, 1), (2, 1), (2, 2)}),
    ({"m": 2, "n": 2, "k": 1}, {(1, 2), (2, 1), (2, 2)}),
]
