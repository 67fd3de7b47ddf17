r"""A sum sign, and what stands below, above or beside it.

``\sum_{j \in I_i}``, ``sum over j in I_i of``, ``\sum_{(i,j) \in S}``, ``\sum_{j: (i,j) \in S}``,
``\sum_{q=1}^{k}``, ``sum_(q=1..k)``, ``\sum_{i,j}``, ``sum_j``.
"""

from __future__ import annotations

from typing import Any, Literal

from mfteach.symbolic.reading.cursor import Cursor
from mfteach.symbolic.reading.letters import KINDS
from mfteach.symbolic.reading.spelling import Token
from mfteach.symbolic.reading.syntax_tree import Index, Node, SumOf

__all__ = ["SumSigns"]

_CLOSING = {"{": "}", "(": ")", "[": "]"}
_Rated = Literal["rated by user", "raters of item"]


class SumSigns(Cursor):
    """Reads sums; mixed into the parser, which reads what is summed."""

    def summation(self) -> Node:
        """Read a sum sign and the term after it."""
        sign = self.take(r"\sum")
        upper = self._upper() if self.next() == "^" else None
        over = self._below(sign)
        if upper is None and self.next() == "^":
            upper = self._upper()
        if upper is not None:
            over = self._with_upper(over, upper, sign)
        if over.get("over") == "range" and over["high"] is None:
            raise self.error(f"up to what does {over['names'][0]} run? {sign_of(over)}", sign)
        self.took("of")
        if not (self.goes_on() or self.next() in ("+", "-")):
            raise self.error("what is summed is missing here")
        body = self.signed_term()
        return SumOf(sign.start, body.end, body=body, **over)

    def _below(self, sign: Token) -> dict[str, Any]:
        if self.took("over", "from", "for"):
            self.took("all")
            return self._header("")
        if self.next() in _CLOSING and self.peek(2) in ("=", r"\in"):
            return self._header(_CLOSING[self.take().text])
        if self.peek(1) == r"\in":
            return self._header("")
        if not self.took("_"):
            raise self.error(r"what does the sum run over? sum_{j in I_i} or sum_{q=1}^k", sign)
        if self.next() in _CLOSING and not self._is_a_bare_pair():
            return self._header(_CLOSING[self.take().text])
        return self._header("")

    def _is_a_bare_pair(self) -> bool:
        """Whether these brackets hold only the pair, as in ``sum_(i,j) in S``."""
        return self.next() == "(" and self.peek(4) == ")" and self.peek(5) == r"\in"

    def _header(self, closing: str) -> dict[str, Any]:
        start = self.token()
        if start.kind == "number":
            over = self._between()
        else:
            names = self._names()
            if len(names) == 2:
                over = self._pair(names)
            else:
                over = self._single(names[0], in_brackets=bool(closing))
        if len(set(over["names"])) < len(over["names"]):
            raise self.error("the two indices of a sum need two letters", start)
        if closing:
            if self.next() != closing:
                raise self.error(
                    "this condition of a sum cannot be read; sums run over j in I_i, over i in "
                    "U_j, over (i,j) in S, or from 1 to m, n, k or a whole number"
                )
            self.take()
        return over

    def _names(self) -> tuple[str, ...]:
        """Read j, or i and j: ``(i,j)``, ``i,j`` or ``ij``."""
        bracket = self.took("(")
        names = [self._name()]
        while self.took(",") or (self.token_kind() == "letter" and not self.token().spaced):
            names.append(self._name())
        if bracket:
            self.take(")")
        if len(names) > 2:
            raise self.error("a sum sign has one index or two", self.previous())
        return tuple(names)

    def token_kind(self) -> str:
        """Return the kind of the next token; at the end, the empty text."""
        return self.token().kind if self.position < len(self.tokens) else ""

    def _name(self) -> str:
        token = self.take()
        if token.kind != "letter" or token.text.startswith("\\"):
            raise self.error(f"a summed index is a letter, not {token.text}", token)
        if self.token_kind() == "letter" and not self.token().spaced and not token.spaced:
            following = self.following()
            if following.kind == "letter" and not following.spaced:
                raise self.error("a summed index is one letter, not a word", token)
        if token.text in KINDS:
            raise self.error(f"{token.text} is a size here: take another letter", token)
        return token.text

    def _pair(self, names: tuple[str, ...]) -> dict[str, Any]:
        if not self.took(r"\in"):
            return {"names": names, "over": "bare"}
        self.take("S")
        return {"names": names, "over": "all rated"}

    def _single(self, name: str, *, in_brackets: bool) -> dict[str, Any]:
        if self.took(r"\in"):
            over, owner = self.set_of_rated()
            return {"names": (name,), "over": over, "owner": owner}
        if in_brackets and self.took(":", "|"):
            return self._known_pair(name)
        if self.took("=", "from"):
            return self._from(name)
        return {"names": (name,), "over": "bare"}

    def set_of_rated(self) -> tuple[_Rated, Index]:
        """Read I_i, the items that user i rated, or U_j, the users who rated item j."""
        token = self.take()
        if token.text not in ("I", "U"):
            raise self.error("sums run over I_i, over U_j, or over pairs in S", token)
        if self.next() == "(":
            self.take()
            (owner,) = self._owner(self.take().text)
            self.take(")")
        elif self.next() in ("_", "["):
            (owner,) = self.subscript(1, token.text)
        elif self.token_kind() == "letter" and not self.token().spaced:
            (owner,) = self._owner(self.take().text)
        else:
            of = "user i: I_i" if token.text == "I" else "item j: U_j"
            raise self.error(f"{token.text} of which? of {of}", token)
        return ("rated by user" if token.text == "I" else "raters of item"), owner

    def _owner(self, text: str) -> tuple[Index]:
        return (int(text) if text.isdecimal() else text,)

    def _known_pair(self, name: str) -> dict[str, Any]:
        """Read what stands after ``j :``, such as (i,j) in S or w_ij = 1: one owner is left."""
        start = self.token()
        if self.next() in ("I", "U"):
            over, owner = self.set_of_rated()
            return {"names": (name,), "over": over, "owner": owner}
        if self.took("w"):
            pair = self.subscript(2, "w")
            self.take("=")
            self.take("1")
        else:
            bracket = self.took("(")
            first = self.take().text
            self.took(",")
            pair = (*self._owner(first), *self._owner(self.take().text))
            if bracket:
                self.take(")")
            self.take(r"\in")
            self.take("S")
        if len(pair) != 2 or name not in pair or pair[0] == pair[1]:
            raise self.error(f"this pair must contain {name} once", start)
        if pair[1] == name:
            return {"names": (name,), "over": "rated by user", "owner": pair[0]}
        return {"names": (name,), "over": "raters of item", "owner": pair[1]}

    # --- ranges ----------------------------------------------------------------------------------

    def _from(self, name: str) -> dict[str, Any]:
        low = self._whole_number()
        over: dict[str, Any] = {"names": (name,), "over": "range", "low": low, "high": None}
        listed = self.took(",")
        if self.took("..."):
            self.took(",")
        elif listed or not self.took("to"):
            return over
        return over | self._limit()

    def _between(self) -> dict[str, Any]:
        low = self._whole_number()
        self.take("<=")
        name = self._name()
        self.take("<=")
        return {"names": (name,), "over": "range", "low": low} | self._limit()

    def _whole_number(self) -> int:
        token = self.take()
        if token.kind != "number" or "." in token.text or len(token.text) > 6:
            raise self.error("a sum begins at a whole number, such as 1", token)
        if int(token.text) == 0:
            raise self.error("indices count from 1", token)
        return int(token.text)

    def _upper(self) -> dict[str, Any]:
        self.take("^")
        closing = _CLOSING.get(self.next(), "")
        if closing:
            self.take()
        limit = self._limit(in_brackets=bool(closing))
        if closing:
            self.take(closing)
        return limit

    def _limit(self, *, in_brackets: bool = False) -> dict[str, Any]:
        token = self.take()
        if token.kind == "number" and "." not in token.text and len(token.text) <= 6:
            return {"high": int(token.text), "shift": 0}
        if token.text not in KINDS:
            raise self.error("a sum ends at m, n, k or a whole number", token)
        shift = 0
        if in_brackets and self.next() in ("+", "-"):
            if self.take().text == "+":
                raise self.error("this sum runs past the last index", token)
            shift = -self._whole_number()
        return {"high": token.text, "shift": shift}

    def _with_upper(
        self, over: dict[str, Any], upper: dict[str, Any], sign: Token
    ) -> dict[str, Any]:
        if over["over"] == "bare" and len(over["names"]) == 1:
            over = over | {"over": "range", "low": 1, "high": None}
        if over["over"] != "range" or over["high"] is not None:
            raise self.error("only a sum such as sum_{q=1}^k has a limit above", sign)
        return over | upper


def sign_of(over: dict[str, Any]) -> str:
    """Show how the limit of a sum is typed."""
    return f"sum_{{{over['names'][0]}={over['low']}}}^k"
