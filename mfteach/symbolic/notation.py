r"""The lecture's way of writing: LaTeX read into indexed sums, and written back.

What a notebook shows is LaTeX; what the index engine proves is an expression. So that the two
cannot disagree, the expression of a line **is read from** the LaTeX that is shown. The dialect is
the lecture's: ``\sum_{j \in I_i}``, ``r_{ij}``, ``\frac{\partial}{\partial u_{is}}``,
``\left[ -(W \circ E) V \right]_{is}``. A sum or a derivative extends to the next plus or minus
outside brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Indexed, IndexedBase, Integer, KroneckerDelta, Mul, S, Sum, Symbol, symbols
from sympy.printing.latex import LatexPrinter

from mfteach.symbolic.indexed_sums import derivative

__all__ = ["Notation", "NotationError", "plain", "write"]

_TOKEN = re.compile(
    r"J\^\{\\mathrm\{\w+\}\}|\\(?:hat|tilde)\{\w\}|\\[A-Za-z]+|[A-Za-z]'*|\d+|[-+=^_{}()\[\],]"
)
_SILENT = re.compile(r"\s+|\\(?:left|right|cdot|displaystyle)(?![A-Za-z])|\\[,;!]")
_OPENING = {"(": ")", "{": "}", "[": "]"}


class NotationError(ValueError):
    """LaTeX that is not in the lecture's dialect; the message quotes where."""


class Notation:
    r"""Reads the lecture's LaTeX.

    Parameters
    ----------
    shapes : mapping of str to str
        The sizes of each indexed symbol, such as ``{"u": "mk"}`` for u of shape (m, k). The
        capital letter is the matrix. The indicator of a known rating must be one of them,
        called ``w``: ``\sum_{j \in I_i} x_j`` is the sum over all j of ``w_{ij} x_j``.
    definitions : mapping of str to str
        What abbreviations stand for, such as ``{"e_{ij}": r"r_{ij} - \hat{r}_{ij}"}``.

    Examples
    --------
    >>> lecture = Notation({"u": "mk", "v": "nk", "w": "mn"}, {})
    >>> lecture.read(r"\sum_{j \in I_i} v_{js}")
    Sum(v[j, s]*w[i, j], (j, 1, n))
    """

    def __init__(self, shapes: Mapping[str, str], definitions: Mapping[str, str]) -> None:
        self.shapes = dict(shapes)
        self.definitions = {}
        for left, right in definitions.items():
            name, _, parameters = left.partition("_")
            self.definitions[name] = (parameters.strip("{}"), right)

    def read(self, latex: str) -> Expr:
        """Read LaTeX into an expression.

        Raises
        ------
        NotationError
            If it is not in the lecture's dialect.
        CaptureError, UndecidedError
            If a derivative in it cannot be taken.
        """
        reader = _Reader(self, latex)
        expr = reader.sum_of_terms()
        reader.finish()
        return expr

    def symbol(self, name: str, indices: tuple[Symbol, ...] = ()) -> Expr:
        """Look a symbol up: an abbreviation, an indexed symbol or a plain one."""
        if name in self.definitions:
            return self._defined(name, indices)
        if not indices:
            return Symbol(name.lstrip("\\"))
        if name == r"\delta":
            return KroneckerDelta(*indices)
        if len(indices) != len(self.shapes.get(name, "")):
            raise NotationError(f"{name} with the indices {indices} is not defined")
        return IndexedBase(name)[indices]

    def ranges(self, expr: Expr) -> dict[Symbol, Symbol]:
        """Give the size that each free index of an expression runs to, in alphabetical order."""
        found: dict[Symbol, Symbol] = {}
        for node in expr.atoms(Indexed):
            shape = self.shapes.get(str(node.base), "")
            found |= {i: Symbol(size) for i, size in zip(node.indices, shape, strict=False)}
        for delta in expr.atoms(KroneckerDelta):
            known = [found[index] for index in delta.args if index in found]
            found |= dict.fromkeys(delta.args, known[0]) if known else {}
        return {i: found[i] for i in sorted(found, key=str) if i in expr.free_symbols}

    def _defined(self, name: str, indices: tuple[Symbol, ...]) -> Expr:
        parameters, latex = self.definitions[name]
        if len(parameters) != len(indices):
            raise NotationError(f"{name} takes the indices {parameters or 'none'}, not {indices}")
        expr = self.read(latex)
        bound = {limit[0] for node in expr.atoms(Sum) for limit in node.limits}
        # A prime on every bound letter: none of them can clash with a letter in the line.
        names: dict[Any, Any] = {}
        for index in bound:
            primed = Symbol(index.name.rstrip("'") + "'")
            while primed in {*names.values(), *(bound - {index})}:
                primed = Symbol(f"{primed}'")
            names[index] = primed
        names |= dict(zip(map(Symbol, parameters), indices, strict=True))
        return expr.xreplace(names)


@dataclass(frozen=True)
class _Matrix:
    rows: str
    columns: str
    entry: Callable[[Symbol, Symbol], Expr]

    def __matmul__(self, other: _Matrix) -> _Matrix:
        if self.columns != other.rows:
            raise NotationError(
                f"a matrix with {self.columns} columns times one with {other.rows} rows"
            )

        def entry(row: Symbol, column: Symbol) -> Expr:
            inner = next(x for x in symbols("a' b' d'") if x not in (row, column))
            product = self.entry(row, inner) * other.entry(inner, column)
            return Sum(product, (inner, 1, Symbol(self.columns)))

        return _Matrix(self.rows, other.columns, entry)

    def entrywise(self, other: _Matrix, combine: Callable[[Expr, Expr], Expr]) -> _Matrix:
        if (self.rows, self.columns) != (other.rows, other.columns):
            raise NotationError("an entry-by-entry operation on matrices of different shapes")
        return _Matrix(
            self.rows, self.columns, lambda a, b: combine(self.entry(a, b), other.entry(a, b))
        )

    def scaled(self, factor: Expr) -> _Matrix:
        return _Matrix(self.rows, self.columns, lambda a, b: factor * self.entry(a, b))

    def transposed(self) -> _Matrix:
        return _Matrix(self.columns, self.rows, lambda a, b: self.entry(b, a))


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, notation: Notation, latex: str) -> None:
        self.notation = notation
        self.latex = latex
        self.tokens: list[str] = []
        rest = latex
        while rest:
            found = _SILENT.match(rest) or _TOKEN.match(rest)
            if found is None:
                raise NotationError(f"cannot read {rest[:20]!r} in {latex!r}")
            if found.re is _TOKEN:
                self.tokens.append(found[0])
            rest = rest[found.end() :]
        self.tokens.reverse()

    # --- tokens ----------------------------------------------------------------------------------

    def next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def take(self, *wanted: str) -> str:
        if not self.tokens or (wanted and self.next() not in wanted):
            expected = f", expected {' or '.join(wanted)}" if wanted else ""
            raise NotationError(f"unexpected {self.next() or 'end'!r} in {self.latex!r}{expected}")
        return self.tokens.pop()

    def took(self, *wanted: str) -> bool:
        if self.next() not in wanted:
            return False
        self.take()
        return True

    def finish(self) -> None:
        if self.tokens:
            self.take("the end")

    # --- sums, products, powers ------------------------------------------------------------------

    def sum_of_terms(self) -> Expr:
        total = self.signed_term()
        while self.next() in {"+", "-"}:
            total += self.signed_term()
        return total

    def signed_term(self) -> Expr:
        if self.took("-"):
            return -self.term()
        self.took("+")
        return self.term()

    def term(self) -> Expr:
        """Read a product; a sum sign or a derivative applies to all the factors after it."""
        factors = [self.factor()]
        while self.next() not in {"", "+", "-", ")", "]", "}"}:
            factors.append(self.factor())
        return Mul(*factors)

    def factor(self) -> Expr:
        if self.took(r"\sum"):
            return self.summation()
        if self.took(r"\frac"):
            return self.derivative() if self.tokens[-2:] == [r"\partial", "{"] else self.fraction()
        base = self.base()
        return base ** self.exponent() if self.took("^") else base

    def exponent(self) -> Expr:
        if self.next() == "{":
            return self.bracketed()
        return Integer(self.take(*"0123456789"))

    def fraction(self) -> Expr:
        return self.bracketed() / self.bracketed()

    def base(self) -> Expr:
        if self.next() == "[":
            return self.matrix_entry()
        if self.next() in _OPENING:
            return self.bracketed()
        if self.next() == r"\lvert":
            return self.count()
        if self.next().isdigit():
            return Integer(self.take())
        return self.symbol()

    def bracketed(self) -> Expr:
        closing = _OPENING[self.take(*_OPENING)]
        inside = self.sum_of_terms()
        self.take(closing)
        return inside

    def symbol(self) -> Expr:
        name = self.take()
        if not re.fullmatch(
            r"[A-Za-z]'*|J\^.*|\\(?:hat|tilde)\{\w\}|\\(?:lambda|beta|mu|delta)", name
        ):
            raise NotationError(f"unexpected {name!r} in {self.latex!r}")
        return self.notation.symbol(name, self.subscript() if self.took("_") else ())

    def subscript(self) -> tuple[Symbol, ...]:
        if not self.took("{"):
            return (Symbol(self.take()),)
        letters = []
        while not self.took("}"):
            letters.append(Symbol(self.take()))
            self.took(",")
        return tuple(letters)

    # --- sums ------------------------------------------------------------------------------------

    def summation(self) -> Expr:
        self.take("_")
        self.take("{")
        if self.took("("):
            return self.over_all_ratings()
        index = Symbol(self.take())
        if self.took("="):
            return self.from_one_to(index)
        self.take(r"\in")
        indicator, size = self.set_of(index)
        self.take("}")
        return Sum(indicator * self.signed_term(), (index, 1, size))

    def over_all_ratings(self) -> Expr:
        i, _, j = Symbol(self.take()), self.take(","), Symbol(self.take())
        for token in (")", r"\in", "S", "}"):
            self.take(token)
        indicator = self.notation.symbol("w", (i, j))
        m, n = map(Symbol, self.notation.shapes["w"])
        return Sum(indicator * self.signed_term(), (j, 1, n), (i, 1, m))

    def from_one_to(self, index: Symbol) -> Expr:
        for token in ("1", "}", "^"):
            self.take(token)
        braces = self.took("{")
        size = Symbol(self.take())
        if braces:
            self.take("}")
        return Sum(self.signed_term(), (index, 1, size))

    def set_of(self, index: Symbol) -> tuple[Expr, Symbol]:
        """Read I_i, the items that user i rated, or U_j, the users who rated item j."""
        m, n = map(Symbol, self.notation.shapes["w"])
        of_user = self.take("I", "U") == "I"
        self.take("_")
        (owner,) = self.subscript()
        pair, size = ((owner, index), n) if of_user else ((index, owner), m)
        return self.notation.symbol("w", pair), size

    def count(self) -> Expr:
        self.take(r"\lvert")
        index = Symbol("c'")
        indicator, size = self.set_of(index)
        self.take(r"\rvert")
        return Sum(indicator, (index, 1, size))

    # --- derivatives -----------------------------------------------------------------------------

    def derivative(self) -> Expr:
        self.take("{")
        self.take(r"\partial")
        if self.took("^"):
            self.take()
        function = None if self.next() == "}" else self.symbol()
        self.take("}")
        self.take("{")
        variables = []
        while self.took(r"\partial"):
            variables.append(self.symbol())
        self.take("}")
        expr = self.signed_term() if function is None else function
        for variable in reversed(variables):
            expr = derivative(expr, variable)
        return expr

    # --- matrices --------------------------------------------------------------------------------

    def matrix_entry(self) -> Expr:
        self.take("[")
        matrix = self.matrix_sum()
        self.take("]")
        self.take("_")
        row, column = self.subscript()
        return matrix.entry(row, column)

    def matrix_sum(self) -> _Matrix:
        total = self.matrix_product()
        while self.next() in {"+", "-"}:
            total = total.entrywise(self.matrix_product(), lambda a, b: a + b)
        return total

    def matrix_product(self) -> _Matrix:
        factor = -S.One if self.took("-") else S.One
        self.took("+")
        if self.took(r"\lambda"):
            factor *= Symbol("lambda")
        product = self.matrix_factor()
        while self.next() not in {"", "+", "-", ")", "]"}:
            if self.took(r"\circ"):
                product = product.entrywise(self.matrix_factor(), lambda a, b: a * b)
            else:
                product = product @ self.matrix_factor()
        return product.scaled(factor)

    def matrix_factor(self) -> _Matrix:
        matrix = self.matrix_base()
        if not self.took("^"):
            return matrix
        self.take(r"\top")
        return matrix.transposed()

    def matrix_base(self) -> _Matrix:
        if self.took("("):
            inside = self.matrix_sum()
            self.take(")")
            return inside
        name = self.take().lower()
        if len(self.notation.shapes.get(name, "")) != 2:
            raise NotationError(f"{name.upper()} is not a matrix in the lecture, in {self.latex!r}")
        rows, columns = tuple(self.notation.shapes[name])
        return _Matrix(rows, columns, lambda a, b: self.notation.symbol(name, (a, b)))


class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer, but r_{ij} for {r}_{i,j}, and one sum sign for each index."""

    def _print_Indexed(self, expr: Indexed) -> str:
        return f"{self._print(expr.base)}_{{{self._indices(expr.indices)}}}"

    def _print_KroneckerDelta(self, expr: KroneckerDelta, exp: str | None = None) -> str:
        return rf"\delta_{{{self._indices(expr.args)}}}"

    def _print_Sum(self, expr: Sum) -> str:
        signs = (
            rf"\sum_{{{self._print(index)}={self._print(low)}}}^{{{self._print(high)}}} "
            for index, low, high in reversed(expr.limits)
        )
        body = self._print(expr.function)
        return "".join(signs) + (rf"\left({body}\right)" if expr.function.is_Add else body)

    def _indices(self, indices: tuple[Expr, ...]) -> str:
        texts = [self._print(index) for index in indices]
        return ("" if all(len(text) == 1 for text in texts) else ",").join(texts)


def write(expr: Expr) -> str:
    r"""Write an expression as the lecture does: ``r_{ij}``, one sum sign for each index.

    Examples
    --------
    >>> from sympy import IndexedBase, symbols
    >>> print(write(IndexedBase("r")[symbols("i j")]))
    r_{ij}
    """
    return str(_Printer().doprint(expr))


_WITHOUT_BRACES = (
    (r"\\(?:left|right|displaystyle|cdot)(?![A-Za-z])|\\[,;!]|\s+", " "),
    (r"\\(?:mathrm|text)\{(\w+)\}", r"\1"),
    (r"\\hat\{(\w)\}", r"\1^"),
    (r"\\tilde\{(\w)\}", r"\1~"),
)
_PLAIN = (
    (r"_(\S*)=(\w)\^(\w)", r"_(\1=\2..\3)"),
    (r"_(\S+ \\in \w+)", r"_(\1)"),
    (r"_(\S+) \\to (\w+)", r"_(\1 -> \2)"),
    (r"\\partial *", "d"),
    (r"\\[lr]vert", "|"),
    (r"\\top", "T"),
    (r"\\circ", "o"),
    (r"\\([A-Za-z]+)", r"\1"),
    (r"\| *(\S+) *\|", r"|\1|"),
    (r"(?<=[(\[]) +| +(?=[)\]])| +(?= )", ""),
)


def plain(latex: str) -> str:
    r"""Write LaTeX as plain text, for a terminal.

    Examples
    --------
    >>> print(plain(r"\sum_{j \in I_i} -v_{js} e_{ij}"))
    sum_(j in I_i) -v_js e_ij
    >>> print(plain(r"\frac{f(x + \Delta) - f(x)}{\Delta}"))
    (f(x + Delta) - f(x))/Delta
    """
    for pattern, replacement in _WITHOUT_BRACES:
        latex = re.sub(pattern, replacement, latex)
    latex = _in_one_line(latex)
    for pattern, replacement in _PLAIN:
        latex = re.sub(pattern, replacement, latex)
    return latex.strip()


def _in_one_line(latex: str) -> str:
    """Write indices, powers and fractions without braces, from the innermost outwards."""
    before = ""
    while before != latex:
        before = latex
        latex = re.sub(r"([_^])\{([^{}]*)\}", _script, latex)
        latex = re.sub(r"\\binom\{([^{}]*)\}\{([^{}]*)\}", r"binom(\1, \2)", latex)
        latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", _fraction, latex)
    return latex


def _script(match: re.Match[str]) -> str:
    sign, text = match.groups()
    return f"^({text})" if sign == "^" and re.search(r"[-+/]", text) else sign + text


def _fraction(match: re.Match[str]) -> str:
    """Put back the parentheses that a fraction bar saves: without them a/b+c would be ambiguous."""
    top, bottom = match.groups()
    if re.search(r"\S *[-+] |/", top):
        top = f"({top})"
    if r"\partial" not in bottom and re.search(r"[-+/ ]", bottom.strip()):
        bottom = f"({bottom})"
    return f"{top}/{bottom}"
