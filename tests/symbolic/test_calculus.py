"""Slopes and stationary points: each line proved, each false line refused, each kind right."""

import re
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from cases import some
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Limit, Rational, Symbol
from sympy.parsing.sympy_parser import (
    implicit_multiplication,
    parse_expr,
    standard_transformations,
)

from mfteach.symbolic.calculus import (
    DELTA,
    Kind,
    NotDifferentiableError,
    derivative_from_definition,
    flat_points,
    gradient,
    hessian,
    power_rule,
    power_rule_at,
    secant_slope,
    slope_at,
    sum_of_squares_gradient,
    sum_of_squares_hessian,
    tangent_line,
)
from mfteach.symbolic.derivation import Derivation, Line, LineError

x, y = sp.symbols("x y", real=True)
a = Symbol("a", real=True)
FUNCTIONS = [
    3 * x**2,
    5 * x,
    5 * x + 10,
    -5 * x - 10,
    sp.Integer(7),
    a * x**3 - x,
    x**4 - 2 * x**2,
    1 / x,
    5 * x**-3,
    (x + 1) / (x - 2),
]
EXPONENTS = [*range(-3, 8), Rational(1, 2), Rational(-5, 2), Rational(2, 3)]


def all_derivations():
    for f in FUNCTIONS:
        yield secant_slope(f, x)
        yield derivative_from_definition(f, x)
    yield power_rule()
    yield from (power_rule_at(n) for n in EXPONENTS)
    yield from (sum_of_squares_gradient(), sum_of_squares_hessian())


DERIVATIONS = {
    derivation.name + f" {len(derivation)}": derivation for derivation in all_derivations()
}


def with_expression(derivation, number, expression):
    lines = list(derivation)
    lines[number] = replace(lines[number], expression=expression)
    return Derivation(derivation.name, lines, derivation.notation)


def inside(expression, change):
    """Change an expression, or what is under its lim sign."""
    if isinstance(expression, Limit):
        return Limit(change(expression.args[0]), *expression.args[1:])
    return change(expression)


CHANGES = {
    "one more": lambda e: e + 1,
    "doubled": lambda e: 2 * e + int(e == 0),
    "sign": lambda e: -e + int(e == 0),
    "times x": lambda e: e * x + int(e == 0),
    "with Delta": lambda e: e + DELTA,
}


@pytest.mark.parametrize("part", some(range(len(CHANGES)), 1))
@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_false_line_is_refused_and_named(name, part):
    """At each line another change at once; all changes at all lines in the parts together."""
    derivation = DERIVATIONS[name]
    for number in range(1, len(derivation)):
        for change in [list(CHANGES.values())[(number + part) % len(CHANGES)]]:
            wrong = inside(derivation[number].expression, change)
            with pytest.raises(ValueError, match=rf"line {number + 1} \(") as caught:
                with_expression(derivation, number, wrong)
            assert derivation.name in str(caught.value)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_mistake_deep_inside_the_sum_of_the_power_rule_is_found(number):
    rule, p = power_rule(), NAMES["p"]
    # The factor is 1 for p = 0 and p = 1: it changes no term but those from p = 2 on.
    wrong = rule[number].expression.replace(
        sp.binomial(NAMES["n"], p), sp.binomial(NAMES["n"], p) * (p**2 - p + 1)
    )
    with pytest.raises(LineError, match=rf"line {number + 1} \("):
        with_expression(rule, number, wrong)


def test_the_power_rule_refuses_sums_that_it_cannot_take_apart():
    rule, n, p = power_rule(), NAMES["n"], NAMES["p"]
    odd = {
        "is not a sum from 0, 1 or 2": sp.Sum(DELTA**p, (p, 3, n)),
        "without p": p * sp.Sum(DELTA**p, (p, 1, n)),
    }
    for words, expression in odd.items():
        with pytest.raises(ValueError, match=rf"line 4 \(.*{words}"):
            with_expression(rule, 3, Limit(expression, DELTA, 0, "+-"))


@pytest.mark.parametrize("name", DERIVATIONS)
def test_the_limit_must_not_get_lost(name):
    derivation = DERIVATIONS[name]
    limits = [k for k, line in enumerate(derivation) if isinstance(line.expression, Limit)]
    for number in limits[1:]:
        with pytest.raises(LineError, match=rf"line {number + 1} \("):
            with_expression(derivation, number, derivation[number].expression.args[0])
    assert limits or "secant" in name or "squares" in name


# What the LaTeX says ------------------------------------------------------------------------------

NAMES = {"x": x, "a": a, "D": DELTA, "n": Symbol("n", integer=True, positive=True)}
NAMES |= {"p": Symbol("p", integer=True, nonnegative=True)}


def read(latex):
    """Read a line's LaTeX with SymPy's own parser, via Python's notation."""
    text = re.sub(r"^\\lim_\{.*?\}", "", latex).replace(r"\left", "").replace(r"\right", "")
    text = re.sub(
        r"\\sum_\{p=(\d)\}\^\{n\} \\binom\{n\}\{p\} x\^\{n-p\} \\Delta\^(\{.*?\}|p)",
        r"Sum(binomial(n, p)*x**(n-p)*D**(\2), (p, \1, n))",
        text,
    )
    text = text.replace(r"\Delta", " D ").replace("^", "**")
    before = ""
    while before != text:
        before = text
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\*\*\{([^{}]*)\}", r"**(\1)", text)
    text = text.replace("{", "(").replace("}", ")")
    transformations = (*standard_transformations, implicit_multiplication)
    return parse_expr(text, local_dict=NAMES, transformations=transformations)


@pytest.mark.parametrize("f", FUNCTIONS, ids=str)
def test_the_latex_of_each_line_says_what_was_proved(f):
    for derivation in (secant_slope(f, x), derivative_from_definition(f, x)):
        for line in derivation:
            if "f(" in line.latex or "f'" in line.latex:
                continue
            meant = line.expression
            meant = meant.args[0] if isinstance(meant, Limit) else meant
            assert sp.cancel(read(line.latex) - meant) == 0, line.latex
            assert line.latex.startswith(r"\lim") == isinstance(line.expression, Limit)


def test_the_latex_of_the_power_rule_says_what_was_proved():
    for line in power_rule():
        meant = line.expression
        meant = meant.args[0] if isinstance(meant, Limit) else meant
        shown = read(line.latex)
        for n in (1, 2, 5):
            difference = (shown - meant).subs(NAMES["n"], n).doit()
            assert sp.expand(difference) == 0, line.latex


def test_the_slides_line_is_shown_as_the_slide_has_it_with_its_parentheses():
    shown = [line.latex for line in secant_slope(3 * x**2, x)]
    assert shown[0] == r"\frac{f(x + \Delta) - f(x)}{\Delta}"
    assert shown[2] == r"\frac{\left(3 x^{2} + 6 x \Delta + 3 \Delta^{2}\right) - 3 x^{2}}{\Delta}"
    assert shown[-2:] == [r"\frac{6 x \Delta + 3 \Delta^{2}}{\Delta}", r"6 x + 3 \Delta"]
    assert "(f(x + Delta) - f(x))/Delta" in str(secant_slope(3 * x**2, x))
    assert r"- 5 x - 10 - 5 \Delta" in secant_slope(-5 * x - 10, x)[2].latex


# The results, against SymPy's own derivative ------------------------------------------------------


@pytest.mark.parametrize("f", FUNCTIONS, ids=str)
def test_the_derivative_from_the_definition_is_the_derivative(f):
    assert sp.cancel(derivative_from_definition(f, x).result - sp.diff(f, x)) == 0
    quotient = (f.subs(x, x + DELTA) - f) / DELTA
    assert sp.cancel(secant_slope(f, x).result - quotient) == 0


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5), st.integers(0, 2))
@pytest.mark.no_cover
def test_random_polynomials_and_fractions(coefficients, power):
    f = sp.Add(*(c * x**k for k, c in enumerate(coefficients))) / (x + 3) ** power
    assert sp.cancel(derivative_from_definition(f, x).result - sp.diff(f, x)) == 0


def test_the_secant_slope_is_not_the_derivative():
    false = [
        *derivative_from_definition(3 * x**2, x)[:2],
        Line(r"6 x + 3 \Delta", "as on the slide", "S23", 6 * x + 3 * DELTA,
             secant_slope(3 * x**2, x)[4].method),
    ]  # fmt: skip
    with pytest.raises(LineError, match=r"line 3 \(as on the slide\)"):
        Derivation("S23", false)


def test_delta_0_before_cancelling_is_refused():
    true = derivative_from_definition(3 * x**2, x)
    hasty = [*true[:5], replace(true[-1], rule="too early")]
    with pytest.raises(LineError, match=r"line 6 \(too early\).*divides by 0: cancel first"):
        Derivation("hasty", hasty)


@pytest.mark.parametrize("n", EXPONENTS, ids=str)
def test_the_power_rule_at_each_exponent(n):
    positive = Symbol("x", positive=True)
    wanted = sp.diff(a * positive**n, positive)
    assert sp.simplify(power_rule_at(n).result - wanted) == 0


@pytest.mark.parametrize("n", range(1, 7))
def test_the_power_rule_for_all_natural_n_at_some(n):
    rule = power_rule()
    for line in rule[:-1]:
        at_n = line.expression.args[0].subs(NAMES["n"], n).doit()
        assert sp.cancel(at_n - (a * (x + DELTA) ** n - a * x**n) / DELTA) == 0
    assert rule.result.subs(NAMES["n"], n) == sp.diff(a * x**n, x)


def test_bad_input_names_the_culprit():
    with pytest.raises(ValueError, match="symbols\\('z', real=True\\)"):
        secant_slope(Symbol("z") ** 2, Symbol("z"))
    with pytest.raises(ValueError, match="exp\\(x\\) is not a polynomial"):
        derivative_from_definition(sp.exp(x), x)
    with pytest.raises(ValueError, match="is sqrt\\(2\\)"):
        power_rule_at(sp.sqrt(2))


# Slopes and tangents ------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [-2, 0, 1, 7, Rational(1, 3)])
@pytest.mark.parametrize("f", [3 * x**2, x**3 - x, x**4 - 2 * x**2, 2 * x - 5], ids=str)
def test_the_tangent_touches_to_second_order(f, at):
    tangent = tangent_line(f, x, at)
    _, rest = sp.div(sp.Poly(f - tangent, x), sp.Poly((x - at) ** 2, x))
    assert rest.is_zero
    assert slope_at(f, x, at) == sp.diff(tangent, x)


def test_the_lectures_slope_and_its_tangent():
    assert slope_at(3 * x**2, x, 7) == 42
    assert tangent_line(3 * x**2, x, 7) == 42 * x - 147
    assert slope_at(sp.sin(x), x, 0) == 1
    assert slope_at(sp.Abs(x), x, -3) == -1


@pytest.mark.parametrize(
    ("f", "at", "words"),
    [
        (sp.Abs(x), 0, "from the left it is -1, from the right 1"),
        (1 / x, 0, "no real value"),
        (sp.sqrt(x), 0, "no finite real limit"),
        (x ** Rational(1, 3), 0, "no finite real limit"),
        (sp.sign(x), 0, "no finite real limit"),
        (sp.log(x), -1, "no real value"),
    ],
    ids=str,
)
def test_where_there_is_no_slope_none_is_given(f, at, words):
    with pytest.raises(NotDifferentiableError, match=words) as caught:
        tangent_line(f, x, at)
    assert f"x = {at}" in str(caught.value)


# Stationary points --------------------------------------------------------------------------------

KINDS = [
    (x**3, {0: Kind.INFLECTION}),
    (x**4, {0: Kind.MINIMUM}),
    (-(x**2), {0: Kind.MAXIMUM}),
    (-(x**6), {0: Kind.MAXIMUM}),
    (x**4 - 2 * x**2, {-1: Kind.MINIMUM, 0: Kind.MAXIMUM, 1: Kind.MINIMUM}),
    (3 * x**2, {0: Kind.MINIMUM}),
    (x + 1 / x, {-1: Kind.MAXIMUM, 1: Kind.MINIMUM}),
    (x**2 * sp.exp(x), {-2: Kind.MAXIMUM, 0: Kind.MINIMUM}),
    (x**5 * (x - 1) ** 2, {0: Kind.INFLECTION, Rational(5, 7): Kind.MAXIMUM, 1: Kind.MINIMUM}),
    (sp.exp(x), {}),
    (x**3 + x, {}),
    (5 * x + 1, {}),
]


@pytest.mark.parametrize(("f", "kinds"), KINDS, ids=lambda value: str(value)[:20])
def test_flat_points_of_a_curve(f, kinds):
    found = flat_points(f, x)
    assert {point.at[0]: point.kind for point in found} == kinds
    assert [point.value for point in found] == [sp.simplify(f.subs(x, at)) for at in sorted(kinds)]


@pytest.mark.parametrize(("f", "kinds"), [k for k in KINDS if k[1]], ids=lambda v: str(v)[:20])
def test_kinds_agree_with_values_nearby(f, kinds):
    step = Rational(1, 100)
    for at, kind in kinds.items():
        left, here, right = (sp.N(f.subs(x, at + d), 40) for d in (-step, 0, step))
        shape = (bool(left > here), bool(right > here))
        expected = {Kind.MINIMUM: {(True, True)}, Kind.MAXIMUM: {(False, False)}}
        assert shape in expected.get(kind, {(True, False), (False, True)})


def test_roots_without_a_formula_are_found_too():
    low, high = flat_points(x**5 / 5 - x**2 / 2 - x, x)
    assert (low.kind, high.kind) == (Kind.MAXIMUM, Kind.MINIMUM)
    for point in (low, high):
        assert abs(sp.N(point.at[0] ** 4 - point.at[0] - 1, 30)) < 1e-20


SURFACES = [
    (3 * x**2 - 2 * y**2, {(0, 0): Kind.SADDLE}),
    (x**2 + y**2, {(0, 0): Kind.MINIMUM}),
    (-(x**2) - x * y - y**2, {(0, 0): Kind.MAXIMUM}),
    (x**2 + 4 * x * y + y**2, {(0, 0): Kind.SADDLE}),
    (x**3 - 3 * x + y**2, {(-1, 0): Kind.SADDLE, (1, 0): Kind.MINIMUM}),
    (x**4 + y**4, {(0, 0): Kind.UNDECIDED}),
    (x**3 + y**2, {(0, 0): Kind.UNDECIDED}),
]


@pytest.mark.parametrize(("f", "kinds"), SURFACES, ids=lambda value: str(value)[:20])
def test_flat_points_of_a_surface(f, kinds):
    found = flat_points(f, x, y)
    assert {point.at: point.kind for point in found} == kinds
    assert str(found[0]).startswith(f"{found[0].kind} at ")


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (sp.Abs(x), r"Abs\(x\) may have a kink"),
        (sp.sqrt(x), r"sqrt\(x\) may have a kink"),
        (x ** Rational(4, 3), "may have a kink"),
        (sp.Max(x, 0), "may have a kink"),
        (5, "5 is constant"),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, "is constant"),
        (sp.sin(x), "no finite list"),
        (a * x**2, "also contains a"),
    ],
    ids=str,
)
def test_what_has_no_list_of_flat_points_says_why(f, words):
    with pytest.raises(ValueError, match=words):
        flat_points(f, x)


def test_flat_points_needs_real_variables_and_isolated_points():
    with pytest.raises(ValueError, match="z is not a real symbol"):
        flat_points(Symbol("z") ** 2, Symbol("z"))
    with pytest.raises(ValueError, match="the variables too"):
        flat_points(x**2)
    with pytest.raises(ValueError, match="along a whole curve"):
        flat_points((1 - x * y) ** 2, x, y)


# Gradients ----------------------------------------------------------------------------------------


def test_gradient_and_hessian_of_the_lectures_examples():
    f = 3 * x**2 - 2 * y**2
    assert list(gradient(f, x, y)) == [6 * x, -4 * y]
    assert hessian(f, x, y) == sp.diag(6, -4) == sp.hessian(f, (x, y))
    assert list(gradient(5 * x + 6 * y, x, y)) == [5, 6]
    g = x**2 * sp.sin(y)
    assert hessian(g, x, y) == sp.hessian(g, (x, y))
    for function in (gradient, hessian):
        with pytest.raises(ValueError, match="name the variables"):
            function(f)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_any_number_of_variables_against_written_out_sums(n):
    entries = sp.symbols(f"x_1:{n + 1}", real=True)
    f = sum(entry**2 for entry in entries)
    point = np.arange(1.0, n + 1)
    numbers = dict(zip(entries, point, strict=True))
    by_hand = [float(value) for value in gradient(f, *entries).subs(numbers)]
    assert sum_of_squares_gradient().lambdify()(x=point) == pytest.approx(by_hand)
    assert sp.Matrix(n, n, lambda i, j: 2 * int(i == j)) == hessian(f, *entries)
    assert str(sum_of_squares_hessian().result) == "2*KroneckerDelta(p, q)"


@pytest.mark.parametrize("derive", [secant_slope, derivative_from_definition])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_rules_are_typeset(derive, f):
    for line in derive(f, x):
        words = re.sub(r"\$.*?\$", "", f"{line.rule} {line.proof}")
        assert not re.search(r"Delta|\bf\b", words), words
