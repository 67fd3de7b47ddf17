"""The grid of slips: what a derivative becomes when one rule, or two, is misremembered.

A factor slip and an exponent slip act on every monomial c x^n whose derivative is c n x^(n-1); a
pair of them makes a double slip, as in option B of lecture row S30. The other slips act on the
whole function, or leave a part of it out. No message contains a part of the right answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import sympy as sp

from mfteach.answers.equality import equal

Monomial = tuple[sp.Expr, sp.Expr]
_Part = Callable[[sp.Expr, sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Slip:
    """A derivative gone wrong.

    Parameters
    ----------
    message : str
        The diagnosis, in words for the student.
    result : sympy.Expr
        What a student who makes only this slip gets.
    weight : int
        How many rules were misremembered: 1 or 2.
    """

    message: str
    result: sp.Expr
    weight: int = 1


_FACTOR_SLIPS: dict[str, _Part] = {
    "the factor has the wrong sign": lambda c, n: -c * n,
    "you multiplied by the new exponent instead of the old one": lambda c, n: c * (n - 1),
    "the old exponent was not brought down as a factor": lambda c, n: c,
    "the constant factor got lost": lambda c, n: n,
    "the exponent was added to the factor instead of multiplied": lambda c, n: c + n,
    "the factor was divided by the exponent instead of multiplied": lambda c, n: c / n,
}
_EXPONENT_SLIPS: dict[str, _Part] = {
    "the exponent was raised by 1 instead of lowered": lambda c, n: n + 1,
    "the exponent was kept instead of lowered by 1": lambda c, n: n,
    "the exponent has the wrong sign": lambda c, n: 1 - n,
}


def _right_factor(c: sp.Expr, n: sp.Expr) -> sp.Expr:
    return c * n


def _right_exponent(c: sp.Expr, n: sp.Expr) -> sp.Expr:
    return n - 1


def monomials(function: sp.Expr, variable: sp.Symbol) -> list[Monomial] | None:
    """Return the pairs (c, n) of a sum of c x^n, or None if it is not such a sum."""
    pairs = []
    for term in sp.Add.make_args(sp.expand(function)):
        coefficient, power = term.as_independent(variable, as_Add=False)
        base, exponent = power.as_base_exp() if power != 1 else (variable, sp.Integer(0))
        if base != variable or exponent.has(variable):
            return None
        pairs.append((coefficient, exponent))
    return pairs


def antiderivative(function: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    """Return an integral of a sum of monomials, without a constant; None of anything else."""
    pairs = monomials(function, variable)
    if pairs is None:
        return None
    return sp.Add(
        *(c * sp.log(variable) if n == -1 else c * variable ** (n + 1) / (n + 1) for c, n in pairs)
    )


@lru_cache(maxsize=256)
def single_slips(function: sp.Expr, variable: sp.Symbol) -> tuple[Slip, ...]:
    """Return each slip that misremembers one rule and changes the derivative of ``function``."""
    pairs = monomials(function, variable)
    slips = _whole_slips(function, variable)
    if pairs is not None:
        slips += [
            _slip(f"Your exponent is right, but {message}.", pairs, variable, factor=factor)
            for message, factor in _FACTOR_SLIPS.items()
        ]
        slips += [
            _slip(f"Your factor is right, but {message}.", pairs, variable, exponent=exponent)
            for message, exponent in _EXPONENT_SLIPS.items()
        ]
    else:
        slips.append(Slip("The sign is wrong.", -sp.diff(function, variable)))
    return _that_change(slips, function, variable)


@lru_cache(maxsize=256)
def double_slips(function: sp.Expr, variable: sp.Symbol) -> tuple[Slip, ...]:
    """Return each pair of a factor slip and an exponent slip that changes the derivative."""
    pairs = monomials(function, variable)
    if pairs is None:
        return ()
    slips = [
        _slip(f"Two slips: {first}, and {second}.", pairs, variable, factor, exponent)
        for first, factor in _FACTOR_SLIPS.items()
        for second, exponent in _EXPONENT_SLIPS.items()
    ]
    return _that_change(slips, function, variable)


@lru_cache(maxsize=256)
def partial_slips(function: sp.Expr, variable: sp.Symbol) -> tuple[Slip, ...]:
    """Return each slip that leaves a part out: an inner derivative, a frozen factor, a term."""
    slips = [
        *_without_inner_derivative(function, variable),
        *_without_frozen_factors(function, variable),
        *_one_term_only(function, variable),
    ]
    return _that_change(slips, function, variable)


@lru_cache(maxsize=256)
def termwise_slips(function: sp.Expr, variable: sp.Symbol) -> tuple[Slip, ...]:
    """Return slips in the terms as they are written: in one of them, in all, or in the end.

    A sum of squares is not multiplied out, so that the chain rule can go wrong in each square.
    """
    derivative = sp.diff(function, variable)
    slips = [
        Slip("The sign is wrong.", -derivative),
        Slip("Everything is twice as large as it should be.", 2 * derivative),
        Slip("Everything is half as large as it should be.", derivative / 2),
    ]
    everywhere: dict[str, sp.Expr] = {}
    terms = [term for term in sp.Add.make_args(function) if term.has(variable)]
    for term in terms:
        own = sp.diff(term, variable)
        for message, result in _slips_of_a_term(term, variable).items():
            everywhere[message] = everywhere.get(message, derivative) + result - own
            if len(terms) > 1:
                said = f"In one term: {message[:1].lower()}{message[1:]}"
                slips.append(Slip(said, derivative + result - own))
    slips += [Slip(message, result) for message, result in everywhere.items()]
    return _that_change(slips, function, variable)


def _slips_of_a_term(term: sp.Expr, variable: sp.Symbol) -> dict[str, sp.Expr]:
    """Return the results of single slips by their messages; the first one of each."""
    found = [*_chain_rule_slips(term, variable), *single_slips(term, variable)]
    results: dict[str, sp.Expr] = {}
    for slip in found:
        results.setdefault(slip.message, slip.result)
    return results


def _chain_rule_slips(term: sp.Expr, variable: sp.Symbol) -> Iterator[Slip]:
    """Take a power of a bracket, and lose a part of the chain rule."""
    coefficient, power = term.as_independent(variable, as_Add=False)
    base, exponent = power.as_base_exp()
    inner = sp.diff(base, variable)
    if base == variable or exponent.has(variable):
        return
    outer = coefficient * exponent * base ** (exponent - 1)
    yield Slip("The inner derivative is missing: by the chain rule it is one more factor.", outer)
    yield Slip("The inner derivative has the wrong sign.", -outer * inner)
    yield Slip("The power was not brought down as a factor.", outer * inner / exponent)
    if inner.is_number and inner != 0:
        said = "The inner derivative is there with its sign, but not with its size."
        yield Slip(said, outer * sp.sign(inner))


def explanations(answer: sp.Expr, function: sp.Expr, variable: sp.Symbol) -> list[Slip]:
    """Return the slips whose result equals the answer; the rarer ones only if no other does.

    More than one slip in the answer's list means that they collide: the answer cannot tell them
    apart.
    """
    for slips in (single_slips, double_slips, partial_slips):
        found = [s for s in slips(function, variable) if equal(answer, s.result)]
        if found:
            return found
    in_terms = (s for s in termwise_slips(function, variable) if equal(answer, s.result))
    return list(islice(in_terms, 1))  # they are many, and some say the same in other words


def _slip(
    message: str,
    pairs: list[Monomial],
    variable: sp.Symbol,
    factor: _Part = _right_factor,
    exponent: _Part = _right_exponent,
) -> Slip:
    terms = (factor(c, n) * variable ** exponent(c, n) for c, n in pairs if n != 0)
    weight = (factor is not _right_factor) + (exponent is not _right_exponent)
    return Slip(message, sp.Add(*terms), weight)


def _whole_slips(function: sp.Expr, variable: sp.Symbol) -> list[Slip]:
    derivative = sp.diff(function, variable)
    slips = [
        Slip("This is the function itself: it was not differentiated.", function),
        Slip("This was differentiated twice.", sp.diff(derivative, variable)),
    ]
    integral = antiderivative(function, variable)
    if integral is not None:
        slips.append(Slip("This was integrated instead of differentiated.", integral))
    constants = function.as_independent(variable, as_Add=True)[0]
    slips.append(
        Slip(
            f"The terms without {variable} were kept; they do not change with {variable}, so "
            "each of them has the derivative 0.",
            derivative + constants,
        )
    )
    slips += [
        Slip(
            f"This was differentiated with respect to {other} instead of {variable}.",
            sp.diff(function, other),
        )
        for other in sorted(function.free_symbols - {variable}, key=str)
    ]
    return slips


def _without_inner_derivative(function: sp.Expr, variable: sp.Symbol) -> Iterator[Slip]:
    """Differentiate as if each inner function changed as fast as the variable does."""
    inner = sp.Dummy()
    for part in sp.preorder_traversal(function):
        within = part.args[0] if isinstance(part, sp.Pow | sp.Function) else variable
        if within == variable or not within.has(variable):
            continue
        outer = function.xreplace({within: inner})
        wrong = (outer.diff(inner) + outer.diff(variable)).xreplace({inner: within})
        message = (
            "The derivative of the inner function is missing: by the chain rule it is one more "
            "factor."
        )
        yield Slip(message, wrong)


def _without_frozen_factors(function: sp.Expr, variable: sp.Symbol) -> Iterator[Slip]:
    split = [term.as_independent(variable, as_Add=False) for term in _terms(function)]
    numbers = [frozen.xreplace(dict.fromkeys(frozen.free_symbols, sp.S.One)) for frozen, _ in split]
    kept = (number * part.diff(variable) for number, (_, part) in zip(numbers, split, strict=True))
    message = (
        f"A frozen factor got lost: with respect to {variable} every other letter is a number, "
        "and a constant factor stays."
    )
    yield Slip(message, sp.Add(*kept))


def _one_term_only(function: sp.Expr, variable: sp.Symbol) -> Iterator[Slip]:
    message = (
        f"Only one term was differentiated: each term that contains {variable} adds its own "
        "derivative."
    )
    for term in _terms(function):
        if term.has(variable):
            yield Slip(message, term.diff(variable))


def _terms(function: sp.Expr) -> tuple[sp.Expr, ...]:
    return tuple(sp.Add.make_args(sp.expand(function)))


def _that_change(slips: list[Slip], function: sp.Expr, variable: sp.Symbol) -> tuple[Slip, ...]:
    derivative = sp.diff(function, variable)
    return tuple(slip for slip in slips if not equal(slip.result, derivative))
