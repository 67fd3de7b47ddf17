"""A place among the tokens of a line."""

from __future__ import annotations

from mfteach.symbolic.reading.errors import NotationError
from mfteach.symbolic.reading.letters import Letters
from mfteach.symbolic.reading.spelling import Token
from mfteach.symbolic.reading.syntax_tree import Index, Node

__all__ = ["CLOSING", "Cursor"]

CLOSING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
_END = Token("sign", "", -1, -1)


class Cursor:
    """A place among the tokens of a line."""

    text: str
    tokens: list[Token]
    letters: Letters
    position: int
    notes: list[str]
    closed_early = False

    # What the parser knows, and every part of it needs.

    def terms(self) -> Node:
        """Read terms with + and - between them."""
        raise NotImplementedError

    def signed_term(self) -> Node:
        """Read a term with its sign."""
        raise NotImplementedError

    def base(self) -> Node:
        """Read a factor without its power."""
        raise NotImplementedError

    def bracketed(self) -> Node:
        """Read terms in brackets."""
        raise NotImplementedError

    def with_powers(self, base: Node) -> Node:
        """Read the powers after a factor."""
        raise NotImplementedError

    def raised(self) -> int | None:
        """Read what stands after ^: a natural number, or the sign of a transpose (None)."""
        raise NotImplementedError

    def goes_on(self) -> bool:
        """Whether another factor of the same term comes next."""
        raise NotImplementedError

    def subscript(self, arity: int | None, name: str = "") -> tuple[Index, ...]:
        """Read indices."""
        raise NotImplementedError

    # --- tokens ----------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        """Return the spelling of a token further on; at the end, the empty text."""
        place = self.position + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def next(self) -> str:
        """Return the spelling of the next token."""
        return self.peek()

    def following(self) -> Token:
        """Return the token after the next one."""
        place = self.position + 1
        return self.tokens[place] if place < len(self.tokens) else _END

    def token(self) -> Token:
        """Return the next token; there must be one."""
        if self.position >= len(self.tokens):
            raise self.error("something is missing here")
        return self.tokens[self.position]

    def previous(self) -> Token:
        """Return the token that was taken last."""
        return self.tokens[self.position - 1]

    def place(self) -> int:
        """Return where in the text the next token begins."""
        return self.token().start

    def take(self, *wanted: str) -> Token:
        """Step over the next token, which must be one of those wanted, if any are."""
        if wanted and self.next() not in wanted:
            raise self.error(f"{' or '.join(map(_in_plain, wanted))} is missing here")
        token = self.token()
        self.position += 1
        return token

    def took(self, *wanted: str) -> bool:
        """Step over the next token if it is one of those wanted."""
        if self.next() not in wanted or not self.next():
            return False
        self.position += 1
        return True

    def error(self, message: str, token: Token | None = None) -> NotationError:
        """Make an error that points at a token: the next one if none is given."""
        if token is None and self.position < len(self.tokens):
            token = self.tokens[self.position]
        if token is None:
            return NotationError(message, self.text, len(self.text), len(self.text))
        return NotationError(message, self.text, token.start, token.end)


def _in_plain(sign: str) -> str:
    return sign.lstrip("\\") if len(sign) > 2 else sign
