r"""Fractions and derivatives: both are written with a bar.

``\frac{a}{b}``, ``\frac12``, ``\frac{\partial J}{\partial u_{is}}``, ``dJ/du_is``, ``d/du_is``.
"""

from __future__ import annotations

from mfteach.symbolic.reading.cursor import CLOSING, Cursor
from mfteach.symbolic.reading.errors import NotationError
from mfteach.symbolic.reading.spelling import Token
from mfteach.symbolic.reading.syntax_tree import Letter, MatrixOf, Node, Over, Power, Slope, Times

__all__ = ["MAX_ORDER", "Fractions"]

MAX_ORDER = 3


class Fractions(Cursor):
    """Reads fractions and derivatives; mixed into the parser, which reads what is in them."""

    def fraction(self) -> Node:
        r"""Read ``\frac`` and its two arguments: a quotient, or a derivative."""
        sign = self.take(r"\frac")
        if self._is_a_slope():
            return self._slope_as_a_fraction(sign)
        top, bottom = self._argument(), self._argument()
        return Over(sign.start, bottom.end, top, bottom)

    def _argument(self) -> Node:
        r"""Read one argument of ``\frac``: braces, or one sign, as in ``\frac12``."""
        if self.next() == "{":
            return self.bracketed()
        token = self.token()
        if token.kind == "number" and len(token.text) > 1 and "." not in token.text:
            digit, rest = token.text[0], token.text[1:]
            first = Token("number", digit, token.start, token.start + 1, token.spaced)
            second = Token("number", rest, token.start + 1, token.end)
            self.tokens[self.position : self.position + 1] = [first, second]
        return self.base()

    def _is_a_slope(self) -> bool:
        opening = self.next() == "{"
        return self.peek(1 if opening else 0) in (r"\partial", "d")

    def _slope_as_a_fraction(self, sign: Token) -> Node:
        braces = self.took("{")
        order = self._order(self.take())
        of = None if not braces or self.next() == "}" else self.terms()
        if braces:
            self.take("}")
        braces = self.took("{")
        if not braces or self.next() == "}":
            raise self.error(r"with respect to what? \frac{\partial J}{\partial u_{is}}")
        by = self._variables()
        self.take("}")
        return self._slope(sign.start, order, of, by)

    def slope_in_a_line(self) -> Node:
        """Read ``dJ/du_is`` or ``d/du_is`` before what is differentiated."""
        token = self.take()
        order = self._order(token)
        of = None if self.next() == "/" else self.with_powers(self.base())
        if self.next() != "/":
            raise self.error("a derivative is dJ/du_is: with respect to what?", token)
        self.take("/")
        closing = CLOSING.get(self.next(), "")
        if closing:
            self.take()
        if self.next() not in (r"\partial", "d"):
            raise self.error("below the bar of a derivative stands d again: dJ/du_is")
        by = self._variables(order)
        if closing:
            self.take(closing)
        return self._slope(token.start, order, of, by)

    def _order(self, token: Token) -> int:
        if not self.took("^"):
            return 1
        order = self.raised()
        if order is None or not 1 <= order <= MAX_ORDER:
            raise self.error(f"the order of a derivative is 1 to {MAX_ORDER}", token)
        return order

    def _variables(self, most: int = MAX_ORDER) -> tuple[Letter | MatrixOf, ...]:
        variables: list[Letter | MatrixOf] = []
        while self.next() in (r"\partial", "d") and len(variables) < most:
            self.take()
            start = self.token()
            found = self.with_powers(self.base())
            times = 1
            if isinstance(found, Power):
                times, found = found.exponent, found.base
            if not isinstance(found, Letter | MatrixOf):
                raise self.error("differentiate with respect to a letter such as u_{is}", start)
            variables += [found] * times
            if len(variables) > MAX_ORDER:
                raise self.error(f"the order of a derivative is 1 to {MAX_ORDER}", start)
        return tuple(variables)

    def _slope(
        self, start: int, order: int, of: Node | None, by: tuple[Letter | MatrixOf, ...]
    ) -> Node:
        if len(by) != order:
            raise NotationError(
                f"a derivative of order {order} by {len(by)} "
                f"variable{'' if len(by) == 1 else 's'}: both must be the same number",
                self.text,
                start,
                self.previous().end,
            )
        if of is not None:
            return Slope(start, self.previous().end, by, of)
        closing = self.next()
        if closing in (")", "]") and self.text[:start].rstrip().endswith(("(", "[")):
            self.take()  # (d/du_is) e_ij: the brackets hold only the sign of the derivative
            self.closed_early = True
        if not (self.goes_on() or self.next() in ("+", "-")):
            raise self.error("what is differentiated is missing here")
        in_brackets = self.next() in CLOSING
        body = self.signed_term()
        if in_brackets and isinstance(body, Times):
            self.notes.append(
                "the derivative is read as that of the whole product after it; to differentiate "
                "only the brackets, put the derivative in brackets with them"
            )
        return Slope(start, body.end, by, body)
