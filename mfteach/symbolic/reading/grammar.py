r"""Tokens ordered into a syntax tree.

- a line is a chain, A = B = C, or an update, A <- B;
- each side has terms with + and - between them;
- a term has factors, one after the other; a sum sign or a derivative takes all that follow it in
  its term, so it extends to the next plus or minus outside brackets;
- a factor is a number, a letter with indices, brackets, a fraction, a norm or a count; perhaps a
  power.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mfteach.symbolic.reading.cursor import CLOSING
from mfteach.symbolic.reading.errors import NotationError
from mfteach.symbolic.reading.fractions import Fractions
from mfteach.symbolic.reading.letters import Letters
from mfteach.symbolic.reading.spelling import Spelled, Token, spell
from mfteach.symbolic.reading.sum_signs import SumSigns
from mfteach.symbolic.reading.symbols import Symbols
from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Entry,
    Entrywise,
    Letter,
    MatrixOf,
    Minus,
    Node,
    NormSquared,
    Number,
    Over,
    Plus,
    Power,
    Times,
    Transposed,
    Update,
)

__all__ = ["MAX_DEPTH", "MAX_TOKENS", "Parsed", "parse"]

MAX_TOKENS = 500
MAX_DEPTH = 25
MAX_EXPONENT = 20

_ARROWS = (r"\leftarrow", "+=", "-=")


class Parsed(NamedTuple):
    """The parts of a line, ``A = B = C``, and how ambiguous spellings were read."""

    parts: tuple[Node, ...]
    notes: tuple[str, ...]


def parse(text: str, letters: Letters) -> Parsed:
    """Order a line into syntax trees, one for each side of its equals signs.

    Raises
    ------
    NotationError
        If it is not a line, or longer or more deeply nested than a derivation needs.
    """
    parser = _Parser(text, spell(text), letters)
    parts = tuple(parser.line())
    return Parsed(parts, tuple(dict.fromkeys(parser.notes)))


class _Parser(Symbols, Fractions, SumSigns):
    """Recursive descent over the tokens of one line; one step for each token."""

    def __init__(self, text: str, spelled: Spelled, letters: Letters) -> None:
        self.text = text
        self.tokens = spelled.tokens
        self.letters = letters
        self.notes = list(spelled.notes)
        self.position = 0
        self.depth = 0
        self.bars = self.norms = 0
        if len(self.tokens) > MAX_TOKENS:
            raise NotationError(
                f"this line has {len(self.tokens)} signs; shorten it to {MAX_TOKENS} at most"
            )

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count how deeply brackets, sums and fractions are nested, and refuse too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"brackets are nested more than {MAX_DEPTH} deep: write it flatter")
        yield
        self.depth -= 1

    # --- lines -----------------------------------------------------------------------------------

    def line(self) -> Iterator[Node]:
        self.took("=")
        if not self.tokens[self.position :]:
            raise self.error("nothing was typed yet")
        first = self.terms()
        change = self.token().text if self.next() in ("+=", "-=") else ""
        if self.took(*_ARROWS):
            if not isinstance(first, Letter | MatrixOf):
                raise NotationError(
                    "an update changes one letter, such as u_{is}",
                    self.text,
                    first.start,
                    first.end,
                )
            value = self.terms()
            if change:
                step = value if change == "+=" else Minus(value.start, value.end, value)
                value = Plus(first.start, value.end, (first, step))
            yield Update(first.start, value.end, first, value)
        else:
            yield first
            while self.took("="):
                yield self.terms()
        while self.took(".", ",", ";"):
            pass
        if self.position < len(self.tokens):
            raise self.error(self._why_not_here(self.token()))

    def _why_not_here(self, token: Token) -> str:
        if token.text in CLOSING.values():
            return f"this {token.text} closes no bracket: delete it, or open one before"
        if token.text in ("=", *_ARROWS):
            return "an update has one arrow and no equals sign"
        if token.text == ".":
            return "a dot between numbers is *, and between vectors u_i^T v_j"
        if token.text == ",":
            return "a comma has no place here; a decimal has a point: 0.5"
        if token.kind == "word":
            return "this word has no place here: type the formula alone"
        return "this has no place here"

    # --- terms and factors -----------------------------------------------------------------------

    def terms(self) -> Node:
        with self.deeper():
            found = [self.signed_term()]
            while self.next() in ("+", "-"):
                found.append(self.signed_term())
        if len(found) == 1:
            return found[0]
        return Plus(found[0].start, found[-1].end, tuple(found))

    def signed_term(self) -> Node:
        """Read a term with its sign."""
        start = self.place()
        signs = 0
        minus = False
        while self.next() in ("+", "-"):
            minus ^= self.take().text == "-"
            signs += 1
            if signs > 2:
                raise self.error("too many signs in a row: keep one")
        term = self.term()
        return Minus(start, term.end, term) if minus else term

    def term(self) -> Node:
        product = self.factor()
        silent = True  # whether the next factor follows without a sign
        divided: Node | None = None
        while self.goes_on():
            token = self.token()
            if token.text == "/" and isinstance(product, Power) and product.exponent == 1:
                self.notes.append("the exponent ends before the /: x^1/2 is (x^1)/2, and no root")
            if self.took("*"):
                factor = self._signed_factor()
                if self._is_a_column(_last(product)) and self._is_a_column(factor):
                    product = _with_a_row(product)
                product = self._times(product, factor)
                silent = False
            elif self.took("/"):
                divided = bottom = self._signed_factor()
                product = Over(product.start, bottom.end, product, bottom)
                silent = True
            elif self.took(r"\circ") or (self.next() == "o" and self._between_matrices(product)):
                self.took("o")
                right = self.factor()
                product = Entrywise(product.start, right.end, product, right)
            else:
                self._refuse_two_numbers(_last(product), token)
                factor = self.factor()
                if divided is not None and silent and not isinstance(divided, Number):
                    self.notes.append(self._note_on_division(divided, factor, token))
                divided = None
                product = self._times(product, factor)
        return product

    def goes_on(self) -> bool:
        """Whether another factor of the same term comes next."""
        token = self.tokens[self.position] if self.position < len(self.tokens) else None
        if token is None or token.kind == "word":
            return False
        if token.text == "|":
            return not self.bars
        if token.text == r"\|":
            return not self.norms
        return token.text not in {"+", "-", "=", *_ARROWS, ",", ";", ".", *CLOSING.values()}

    def _signed_factor(self) -> Node:
        start = self.place()
        if self.took("-"):
            factor = self.factor()
            return Minus(start, factor.end, factor)
        self.took("+")
        return self.factor()

    def _refuse_two_numbers(self, before: Node, token: Token) -> None:
        """Refuse 2½ and 1 000: one is a sum, one a number, and neither is a product."""
        a_fraction = unicodedata.normalize("NFKD", self.text[token.start : token.end])
        if isinstance(before, Number) and (token.kind == "number" or "\u2044" in a_fraction):
            raise self.error("two numbers stand side by side: type 2.5, 1000, or a sign", token)

    def _is_a_column(self, node: Node) -> bool:
        """Whether this is a vector such as u_i: a dot between two of them is their product."""
        if not isinstance(node, Letter) or node.name == r"\delta":
            return False
        return len(node.indices) < len(self.letters.shape(node.name) or "")

    def _times(self, left: Node, right: Node) -> Node:
        factors = left.factors if isinstance(left, Times) else (left,)
        return Times(left.start, right.end, (*factors, right))

    def _note_on_division(self, bottom: Node, factor: Node, token: Token) -> str:
        below, after = (self.text[node.start : node.end] for node in (bottom, factor))
        gap = " " if token.spaced else ""
        return (
            f"“/ {below}{gap}{after}” is read as divided by {below} and then times {after}; "
            f"if both are below the bar, type / ({below} {after})"
        )

    def _between_matrices(self, left: Node) -> bool:
        return isinstance(left, MatrixOf | Entrywise | Transposed | Plus | Times)

    def factor(self) -> Node:
        with self.deeper():
            if self.next() == r"\sum":
                return self.summation()
            return self.with_powers(self.base())

    def with_powers(self, base: Node) -> Node:
        """Read the powers and the transposes after a factor, and the indices after brackets."""
        is_a_power = isinstance(base, Power) and not self.is_bracketed(base)
        while self.next() in ("^", "_"):
            if self.next() == "_":
                base = self._entry(base)
                continue
            sign = self.take("^")
            if is_a_power:
                raise self.error("a power of a power needs brackets: (x^2)^3", sign)
            is_a_power = True
            power = self.raised()
            end = self.previous().end
            if power is None:
                base = Transposed(base.start, end, base)
            else:
                base = Power(base.start, end, base, power)
        return base

    def _entry(self, base: Node) -> Node:
        if not self.is_bracketed(base):
            raise self.error("indices belong to a letter or to brackets: [ ... ]_{is}")
        indices = self.subscript(arity=None)
        return Entry(base.start, self.previous().end, base, indices)

    def is_bracketed(self, node: Node) -> bool:
        return isinstance(node, MatrixOf) or self.previous().text in (")", "]", "}", r"\}")

    def raised(self) -> int | None:
        """Read what stands after ^: a natural number, or the sign of a transpose (None)."""
        closing = CLOSING.get(self.next(), "")
        if closing:
            self.take()
        token = self.take()
        if token.text in ("T", r"\top", "t", "'"):
            exponent = None
        elif token.kind == "number" and token.value.denominator == 1:
            if token.value > MAX_EXPONENT:
                raise self.error(f"the largest exponent here is {MAX_EXPONENT}", token)
            exponent = int(token.value)
        else:
            raise self.error("an exponent is a whole number, as in e_{ij}^2, or T", token)
        if closing and not self.took(closing):
            raise self.error("an exponent is one whole number, or T")
        return exponent

    # --- what a factor is made of ----------------------------------------------------------------

    def base(self) -> Node:
        token = self.token()
        if token.kind == "number":
            return self.number()
        if token.text == r"\frac":
            return self.fraction()
        if token.text in CLOSING:
            return self.bracketed()
        if token.text in ("|", r"\|"):
            return self.norm_or_count()
        if token.text in (r"\partial", "d"):
            return self.slope_in_a_line()
        if token.text in (r"\hat", r"\tilde"):
            return self.accented()
        return self.letter()

    def number(self) -> Node:
        token = self.take()
        if len(token.text) > 12:
            raise self.error("a number has at most 12 digits here", token)
        if self.next() == "," and self.following().kind == "number":
            raise self.error("a decimal has a point: 0.5", token)
        return Number(token.start, token.end, token.value)

    def bracketed(self) -> Node:
        opening = self.take()
        closing = CLOSING[opening.text]
        bars, self.bars, norms, self.norms = self.bars, 0, self.norms, 0
        inside = self.terms()
        if self.closed_early:
            self.closed_early = False
            self.bars, self.norms = bars, norms
            return inside
        if self.next() != closing:
            raise self.error(f"{closing} is missing here, for the {opening.text} before")
        self.take()
        self.bars, self.norms = bars, norms
        return inside

    def norm_or_count(self) -> Node:
        opening = self.take()
        if opening.text == "|" and self.next() in ("I", "U") and self.following().text in "_[(":
            count = self._count(opening)
            if count is not None:
                return count
        if opening.text == "|":
            self.bars += 1
        else:
            self.norms += 1
        inside = self.terms()
        self.take(opening.text)
        if opening.text == "|":
            self.bars -= 1
        else:
            self.norms -= 1
        if self.took("_"):
            self._take_which_norm()
        if not (self.took("^") and self.raised() == 2):
            raise self.error("a norm has a place here only as a square: ||U||^2", opening)
        return NormSquared(opening.start, self.previous().end, inside)

    def _count(self, opening: Token) -> Node | None:
        """Read |I_i| or |U_j|; step back if it is the norm of a matrix's row or anything else."""
        before = self.position
        over, owner = self.set_of_rated()
        self._part_two_bars()
        if not self.took("|") or (over == "raters of item" and self.next() == "^"):
            self.position = before  # |U_i|^2 is the square of a row of U
            return None
        return Count(opening.start, self.previous().end, over, owner)

    def _part_two_bars(self) -> None:
        """The two bars in the middle of |I_i||U_j| close one count and open the next."""
        if self.next() == r"\|" and self.text[self.place() : self.place() + 2] == "||":
            at = self.place()
            bars = [Token("sign", "|", at, at + 1), Token("sign", "|", at + 1, at + 2)]
            self.tokens[self.position : self.position + 1] = bars

    def _take_which_norm(self) -> None:
        closing = CLOSING.get(self.next(), "")
        if closing:
            self.take()
        if self.take().text not in ("F", "2"):
            raise self.error("the norm is the Frobenius norm, F", self.previous())
        if closing:
            self.take(closing)


def _last(product: Node) -> Node:
    return product.factors[-1] if isinstance(product, Times) else product


def _with_a_row(product: Node) -> Node:
    """Transpose the last factor, a column: what follows it after a dot is a column too."""
    last = _last(product)
    row = Transposed(last.start, last.end, last)
    if not isinstance(product, Times):
        return row
    return Times(product.start, product.end, (*product.factors[:-1], row))
