r"""A letter and its indices: ``u_is``, ``\hat{r}_{ij}``, ``J^{ridge}``, ``V``, ``e^2_{ij}``."""

from __future__ import annotations

import re

from mfteach.symbolic.reading.cursor import CLOSING
from mfteach.symbolic.reading.spelling import Token
from mfteach.symbolic.reading.subscripts import Subscripts
from mfteach.symbolic.reading.syntax_tree import Identity, Index, Letter, MatrixOf, Node, Power

__all__ = ["Symbols"]

_VARIANTS = ("ridge", "count", "bias", "implicit")


class Symbols(Subscripts):
    """Reads letters; mixed into the parser."""

    def letter(self) -> Node:
        """Read a letter with its indices: a number, a vector or a matrix."""
        token = self.take()
        name = token.text
        if token.kind == "sign" and not name[1:].isalpha():
            raise self.error("a letter or a number is missing here", token)
        if token.kind == "word":
            raise self.error("this word has no place here: type the formula alone", token)
        if token.kind == "letter" and name.rstrip("'") != name:
            raise self.error("only an index has a prime", token)
        if token.kind == "letter" and name == "J":
            name = f"J{self._which_loss()}"
        if self.letters.is_matrix(name):
            return self._matrix(name, token)
        if name == "I" and self.next() != "_":
            return Identity(token.start, token.end)
        return self.indexed(name, token)

    def _which_loss(self) -> str:
        """Read ridge, count, bias or implicit, above, below or beside the J."""
        before = self.position
        if self.next() in ("^", "_"):
            self.take()
        closing = CLOSING.get(self.next(), "") if self.position > before else ""
        if closing:
            self.take()
        if self.next() not in _VARIANTS:
            if self.position > before and self.next().isalpha() and self.next() != "T":
                raise self.error("the losses are J, J^ridge, J^count, J^bias and J^implicit")
            self.position = before
            return ""
        variant = self.take().text
        if closing:
            self.take(closing)
        return rf"^{{\mathrm{{{variant}}}}}"

    def _matrix(self, capital: str, token: Token) -> Node:
        if self.next() not in ("_", "["):
            return MatrixOf(token.start, token.end, capital.lower())
        if self.next() == "[" and self.token().spaced:
            return MatrixOf(token.start, token.end, capital.lower())
        return self.indexed(capital.lower(), token)

    def accented(self) -> Node:
        r"""Read ``\hat{r}_{ij}``, ``\hat r_{ij}`` or ``\hat{r_{ij}}``."""
        sign = self.take()
        closing = CLOSING.get(self.next(), "")
        if closing:
            self.take()
        token = self.take()
        name = rf"{sign.text}{{{token.text}}}"
        if not closing or self.took(closing):
            return self.indexed(name, sign)
        letter = self.indexed(name, sign)
        self.take(closing)
        return letter

    def indexed(self, name: str, token: Token) -> Node:
        """Read the indices of a letter; a power may stand before them: ``e^2_{ij}``."""
        shape = self.letters.shape(name)
        if shape is None:
            raise self.error(self._unknown(name, token), token)
        exponent = self._power_before_indices()
        indices: tuple[Index, ...] = ()
        if self.next() == "_" or (self.next() == "[" and not self.token().spaced and shape):
            if not shape:
                raise self.error(f"{name} has no index", token)
            indices = self.subscript(len(shape), name)
        end = self.previous().end
        letter = Letter(token.start, end, name, indices)
        return letter if exponent is None else Power(token.start, end, letter, exponent)

    def _power_before_indices(self) -> int | None:
        before = self.position
        if self.next() != "^":
            return None
        self.take()
        exponent = self.raised()
        if self.next() == "_" and exponent is not None:
            return exponent
        self.position = before
        return None

    def _word_at(self, token: Token) -> str:
        """Return the letters around a token between which nothing stands."""
        before = re.search(r"[A-Za-z]*$", self.text[: token.start])
        after = re.match(r"[A-Za-z]*", self.text[token.start :])
        return f"{before[0] if before else ''}{after[0] if after else ''}"

    def _unknown(self, name: str, token: Token) -> str:
        word = self._word_at(token)
        arity = len(self.letters.shape(word[:1]) or "")
        if arity and len(word) == arity + 1:
            return f"indices stand after an underscore: {word[0]}_{word[1:]}"
        if len(word) > 2:
            return "this looks like a word: type the formula alone"
        if self.letters.is_matrix(name.upper()) or name in ("S", "I"):
            return f"{name} alone is not a number here"
        hint = ""
        if name.lower() != name and self.letters.shape(name.lower()) is not None:
            hint = f"did you mean {name.lower()}? "
        return f"{name} is not a letter of this notation. {hint}Its letters: {self.letters.names()}"
