"""The indices of a letter, split by how many the letter has."""

from __future__ import annotations

from mfteach.symbolic.reading.cursor import Cursor
from mfteach.symbolic.reading.spelling import Token
from mfteach.symbolic.reading.syntax_tree import Index

__all__ = ["Subscripts"]


class Subscripts(Cursor):
    """Reads ``_is``, ``_{i,s}``, ``_{12}`` and ``[i, s]``."""

    def subscript(self, arity: int | None, name: str = "") -> tuple[Index, ...]:
        """Read the indices after a letter that has `arity` of them, or after brackets (None).

        A letter with two indices may have one: then it stands for a vector.
        """
        opening = self.token()
        if opening.text == "[":
            found = self._in_square_brackets()
        else:
            self.take("_")
            if self.next() in ("{", "("):
                found = self._in_brackets({"{": "}", "(": ")"}[self.take().text])
            else:
                found = self._one_after_the_other(arity or 2)
        indices = _split(found, arity)
        if not indices:
            raise self.error("an index is missing here", opening)
        if len(indices) > (arity or 2):
            raise self.error(_too_many(name, arity or 2), opening)
        if any(index == 0 for index in indices):
            raise self.error("indices count from 1", opening)
        return indices

    def _in_square_brackets(self) -> list[list[Token]]:
        found: list[list[Token]] = []
        while self.next() == "[" and (not found or not self.token().spaced):
            self.take()
            found += self._in_brackets("]")
        return found

    def _in_brackets(self, closing: str) -> list[list[Token]]:
        """Read letters and numbers up to a closing bracket; a list for each comma."""
        groups: list[list[Token]] = [[]]
        while self.next() != closing:
            token = self.take()
            if token.text == ",":
                groups.append([])
            elif token.kind == "letter" or token.text.isdecimal():
                groups[-1].append(token)
            else:
                raise self.error(f"an index is a letter or a number, not {token.text}", token)
        self.take(closing)
        return [group for group in groups if group]

    def _one_after_the_other(self, arity: int) -> list[list[Token]]:
        """Read indices without brackets: ``u_is``, as many as the letter has."""
        found = [self.take()]
        while not self._full(found, arity) and self._is_an_index():
            found.append(self.take())
        if found[0].kind != "letter" and not found[0].text.isdecimal():
            raise self.error("an index is a letter or a whole number", found[0])
        if self._full(found, arity) and self._is_an_index():
            message = f"{'one index' if arity == 1 else f'{arity} indices'} at most stand here"
            raise self.error(f"{message}; put a space or a * before the next factor")
        return [found]

    def _full(self, found: list[Token], arity: int) -> bool:
        digits = sum(len(token.text) if token.kind == "number" else 1 for token in found)
        return len(found) >= arity or digits >= arity

    def _is_an_index(self) -> bool:
        """Whether the next token belongs to the indices before it: nothing stands between."""
        if self.position >= len(self.tokens):
            return False
        token = self.tokens[self.position]
        if token.spaced or not (token.kind == "letter" or token.text.isdecimal()):
            return False
        begins_a_factor = self.following().text in ("_", "[") or token.text.startswith("\\")
        return not (begins_a_factor and self.letters.shape(token.text) is not None)


def _split(groups: list[list[Token]], arity: int | None) -> tuple[Index, ...]:
    """Make indices of tokens; ``12`` is one index or two, whichever the letter has room for."""
    tokens = [token for group in groups for token in group]
    room = (arity or 2) - len(tokens) if len(groups) == 1 else 0
    indices: list[Index] = []
    for token in tokens:
        if token.kind == "number" and 0 < len(token.text) - 1 <= room:
            indices += [int(digit) for digit in token.text]
        else:
            indices.append(_index(token.text))
    return tuple(indices)


def _index(text: str) -> Index:
    return int(text) if text.isdecimal() else text


def _too_many(name: str, arity: int) -> str:
    if arity == 1:
        return f"{name} has one index; put a space or a * before the next factor"
    return f"{name or 'this'} has two indices at most"
