"""SymPy arithmetic that refuses a result before it grows too large to compute with.

SymPy answers ``9**9**9**9`` by computing it. Here every number, name and result carries an upper
bound of what it would be once expanded, and an operation looks at the bounds of its operands
before SymPy sees them. What is built therefore stays cheap to expand and to compare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from mfteach.answers.equality import is_zero

MAX_DEGREE = 100
MAX_TERMS = 300
MAX_DIGITS = 60
_MAX_INSIDE = 10  # terms and degree inside a root or a function
_MAX_DIGITS_INSIDE = 6  # exp(log(9)*10^50) is 9^(10^50)
_FUNCTION_TERMS = 4  # sin and cos become two exponentials, log splits into a few

FUNCTIONS = {"sqrt": sp.sqrt, "exp": sp.exp, "log": sp.log, "sin": sp.sin, "cos": sp.cos}
FUNCTIONS["abs"] = sp.Abs
_CONSTANTS = {"e": sp.E, "pi": sp.pi}


class FormulaError(ValueError):
    """A formula that cannot be read; the message is written for the person who typed it."""


@dataclass(frozen=True)
class _Size:
    """An upper bound of an expanded polynomial: its degree, its terms, the digits of their sum.

    ``digits`` is log10 of the sum of the absolute coefficients, so that it adds in a product.
    """

    degree: int
    terms: int
    digits: float

    def __post_init__(self) -> None:
        for what, value, limit in (
            ("degree", self.degree, MAX_DEGREE),
            ("number of terms", self.terms, MAX_TERMS),
            ("number of digits", self.digits, MAX_DIGITS),
        ):
            if value > limit:
                raise FormulaError(
                    f"This formula grows too large: its {what} may exceed {limit} once it is "
                    "multiplied out. Type a simpler one."
                )

    def __add__(self, other: _Size) -> _Size:
        high, low = max(self.digits, other.digits), min(self.digits, other.digits)
        digits = high + math.log10(1 + 10 ** (low - high))
        return _Size(max(self.degree, other.degree), self.terms + other.terms, digits)

    def __mul__(self, other: _Size) -> _Size:
        return _Size(
            self.degree + other.degree, self.terms * other.terms, self.digits + other.digits
        )

    def power(self, times: int) -> _Size:
        # Compared before the binomial coefficient, which is itself huge for a huge exponent.
        if times > MAX_DEGREE and (self.degree or self.terms > 1):
            raise FormulaError(f"This exponent is too large: the largest allowed is {MAX_DEGREE}.")
        terms = 1 if self.terms == 1 else math.comb(self.terms + times - 1, times)
        return _Size(self.degree * times, terms, self.digits * times)


def _size_of_integer(value: int) -> _Size:
    # math.log10 takes the integer itself; a huge one would not fit a float.
    return _Size(0, 1, math.log10(max(1, abs(value))))


_ONE = _Size(0, 1, 0.0)


@dataclass(frozen=True)
class Bounded:
    """An expression with the sizes of its numerator and denominator, multiplied out.

    The operators + - * / ** and ``apply`` build exactly what SymPy builds from the same operands.

    Raises
    ------
    FormulaError
        If a result could exceed the limits of this module, divides by zero or is not real.
    """

    expression: sp.Expr
    top: _Size
    bottom: _Size = _ONE
    transcendental: bool = False

    @classmethod
    def number(cls, value: Fraction) -> Bounded:
        """Return an exact rational number."""
        expression = sp.Rational(value.numerator, value.denominator)
        top = _size_of_integer(value.numerator)
        return cls(expression, top, _size_of_integer(value.denominator))

    @classmethod
    def symbol(cls, symbol: sp.Expr) -> Bounded:
        """Return a symbol of the question."""
        return cls(symbol, _Size(1, 1, 0.0))

    @classmethod
    def constant(cls, name: str) -> Bounded:
        """Return e or pi."""
        return cls(_CONSTANTS[name], _Size(0, 1, 0.5))

    def __add__(self, other: Bounded) -> Bounded:
        top = self.top * other.bottom + other.top * self.bottom
        bottom, transcendental = (
            self.bottom * other.bottom,
            self.transcendental or other.transcendental,
        )
        return Bounded(self.expression + other.expression, top, bottom, transcendental)

    def __neg__(self) -> Bounded:
        return Bounded(-self.expression, self.top, self.bottom, self.transcendental)

    def __sub__(self, other: Bounded) -> Bounded:
        return self + -other

    def __mul__(self, other: Bounded) -> Bounded:
        top, bottom = self.top * other.top, self.bottom * other.bottom
        transcendental = self.transcendental or other.transcendental
        return Bounded(self.expression * other.expression, top, bottom, transcendental)

    def __truediv__(self, other: Bounded) -> Bounded:
        other._require_divisor()
        top, bottom = self.top * other.bottom, self.bottom * other.top
        transcendental = self.transcendental or other.transcendental
        return Bounded(self.expression / other.expression, top, bottom, transcendental)

    def __pow__(self, exponent: Bounded) -> Bounded:
        power = exponent.expression
        if not power.is_Integer and not self._is_short():
            raise FormulaError("The expression under a root or a fractional power is too long.")
        if power.is_Rational:
            times, extra, transcendental = math.ceil(abs(power)), _ONE, self.transcendental
        else:
            # x^(n+50) expands to x^n x^50: the coefficients of the exponent bound the copies.
            times, extra = math.ceil(10**exponent.top.digits), _Size(1, 1, 0.0)
            transcendental = True
            _refuse_nesting(self, exponent)
        top, bottom = self.top.power(times) * extra, self.bottom.power(times) * extra
        if power.is_negative:
            self._require_divisor()
            top, bottom = bottom, top
        return _real(Bounded(self.expression**power, top, bottom, transcendental))

    def apply(self, name: str) -> Bounded:
        """Return the function of `FUNCTIONS` called ``name``, of this argument."""
        if name == "sqrt":
            return self ** Bounded.number(Fraction(1, 2))
        _refuse_nesting(self)
        if not self._is_short() or self._largest.digits > _MAX_DIGITS_INSIDE:
            raise FormulaError(f"The expression inside {name}( ) is too long or too large.")
        size = _Size(1, _FUNCTION_TERMS, 1.0)
        return _real(Bounded(FUNCTIONS[name](self.expression), size, size, transcendental=True))

    @property
    def _largest(self) -> _Size:
        return _Size(
            max(self.top.degree, self.bottom.degree),
            max(self.top.terms, self.bottom.terms),
            max(self.top.digits, self.bottom.digits),
        )

    def _is_short(self) -> bool:
        largest = self._largest
        return largest.terms == 1 or max(largest.terms, largest.degree) <= _MAX_INSIDE

    def _require_divisor(self) -> None:
        if is_zero(self.expression):
            raise FormulaError("This formula divides by zero.")


def _refuse_nesting(*operands: Bounded) -> None:
    # exp(log(x)*99) is x^99, and sixty nested sines keep SymPy busy for hours.
    if any(operand.transcendental for operand in operands):
        raise FormulaError(
            "A function or a variable exponent is nested inside another one. Type a simpler "
            "formula."
        )


def _real(result: Bounded) -> Bounded:
    value = result.expression
    if value.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo) or (
        value.is_number and value.is_real is False
    ):
        raise FormulaError(
            "Part of this formula has no real value: look for a root or a logarithm of zero or of "
            "a negative number."
        )
    return result
