"""The slow truth: an indexed sum at given sizes, written out entry by entry.

Nothing of mfteach is used here. A polynomial is a dict from monomials to coefficients; a monomial
is the sorted tuple of the entries in it. Entries of w with two indices are 0 or 1: their powers
are the entries themselves.
"""

from fractions import Fraction
from itertools import product

from sympy import Add, Indexed, KroneckerDelta, Mul, Pow, Rational, Sum


def expanded(expr, numbers):
    """Write out `expr`; `numbers` gives each size and each free index a value."""
    if isinstance(expr, Rational):
        return nonzero({(): int(expr) if expr.is_Integer else Fraction(int(expr.p), int(expr.q))})
    if expr.is_Symbol:
        return {(): numbers[expr]} if expr in numbers else {(str(expr),): 1}
    if isinstance(expr, Indexed):
        place = ",".join(str(_number(index, numbers)) for index in expr.indices)
        return {(f"{expr.base}[{place}]",): 1}
    if isinstance(expr, KroneckerDelta):
        a, b = (_number(index, numbers) for index in expr.args)
        return {(): 1} if a == b else {}
    if isinstance(expr, Add):
        return total(expanded(part, numbers) for part in expr.args)
    if isinstance(expr, Mul):
        return multiplied(expanded(part, numbers) for part in expr.args)
    if isinstance(expr, Pow):
        return multiplied(expanded(expr.base, numbers) for _ in range(int(expr.exp)))
    assert isinstance(expr, Sum), expr
    indices = [limit[0] for limit in expr.limits]
    ranges = [
        range(_number(low, numbers), _number(high, numbers) + 1) for _, low, high in expr.limits
    ]
    # The first limit is the innermost: it wins if a letter is used twice.
    places = (dict(reversed(list(zip(indices, place, strict=True)))) for place in product(*ranges))
    return total(expanded(expr.function, {**numbers, **place}) for place in places)


def _number(expr, numbers):
    if expr.is_Symbol:
        return numbers[expr]
    return int(expr) if expr.is_Integer else int(expr.subs(numbers))


def total(polynomials):
    result = {}
    for polynomial in polynomials:
        for monomial, coefficient in polynomial.items():
            result[monomial] = result.get(monomial, 0) + coefficient
    return nonzero(result)


def multiplied(polynomials):
    result = {(): 1}
    for polynomial in polynomials:
        products = {}
        for a, x in result.items():
            for b, y in polynomial.items():
                monomial = _with_w_once(a + b)
                products[monomial] = products.get(monomial, 0) + x * y
        result = nonzero(products)
    return result


def _with_w_once(entries):
    known = {entry for entry in entries if entry.startswith("w[") and entry.count(",") == 1}
    return tuple(sorted([entry for entry in entries if entry not in known] + list(known)))


def nonzero(polynomial):
    return {monomial: coefficient for monomial, coefficient in polynomial.items() if coefficient}


def differentiated(polynomial, entry):
    """Differentiate a written-out polynomial with respect to one entry, such as ``"u[1,2]"``."""
    result = {}
    for monomial, coefficient in polynomial.items():
        if entry in monomial:
            rest = list(monomial)
            rest.remove(entry)
            result[tuple(rest)] = coefficient * monomial.count(entry)
    return result
