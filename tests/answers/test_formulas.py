import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp
from hostile_formulas import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from mfteach.answers.comparison import Comparison, Verdict, compare
from mfteach.answers.equality import equal
from mfteach.answers.formulas import FormulaError, parse_formula, read_formula
from mfteach.answers.slips import double_slips, single_slips

x, y, x_1, x_2, lam, n = sp.symbols("x y x_1 x_2 lambda n")
SYMBOLS = [x, y, x_1, x_2, lam, n]

READINGS = [
    ("15x", 15 * x),
    ("2(x-1)", 2 * (x - 1)),
    ("(x-1)2", (x - 1) * 2),
    ("(x-1)(x+1)", (x - 1) * (x + 1)),
    ("x(x-1)", x * (x - 1)),
    ("xy", x * y),
    ("x y", x * y),
    ("x 2", 2 * x),
    ("x^2", x**2),
    ("x**2", x**2),
    ("x⁻⁴", x**-4),
    ("-15x⁻⁴", -15 * x**-4),
    ("x²", x**2),
    ("x²y", x**2 * y),
    ("x^2y", x**2 * y),
    ("xⁿ", x**n),
    ("nx^(n-1)", n * x ** (n - 1)),
    ("x⁽ⁿ⁻¹⁾", x ** (n - 1)),
    ("½x", x / 2),
    ("x^½", sp.sqrt(x)),
    ("¾", sp.Rational(3, 4)),
    ("0.5x", x / 2),
    (".25", sp.Rational(1, 4)),
    ("3.", sp.Integer(3)),
    ("0.1+0.2", sp.Rational(3, 10)),
    ("−x", -x),
    ("x–1", x - 1),
    ("2·x", 2 * x),
    ("2×x", 2 * x),
    ("2⋅x", 2 * x),
    ("x÷2", x / 2),
    ("x∕2", x / 2),
    ("sqrt(x)", sp.sqrt(x)),
    ("√(x+1)", sp.sqrt(x + 1)),
    ("2sqrt(x)y", 2 * sp.sqrt(x) * y),
    ("xsqrt(2)", x * sp.sqrt(2)),
    ("exp(2x)", sp.exp(2 * x)),
    ("ln(x)", sp.log(x)),
    ("sin(x)cos(x)", sp.sin(x) * sp.cos(x)),
    ("1/2x", x / 2),
    ("1/(2x)", 1 / (2 * x)),
    ("-x^2", -(x**2)),
    ("(-x)^2", x**2),
    ("2^3^2", sp.Integer(512)),
    ("x^-4", x**-4),
    ("x--1", x + 1),
    ("+x", x),
    ("x_1", x_1),
    ("x1", x_1),
    ("x₁", x_1),
    ("x_{1}", x_1),
    ("2x₁x₂", 2 * x_1 * x_2),
    ("λx", lam * x),
    ("lambda x", lam * x),
    ("𝑥+１", x + 1),
    ("ｘ", x),
    (" 15\N{NO-BREAK SPACE}x\n", 15 * x),
    ("(((x)))", x),
]


@pytest.mark.parametrize(("text", "expression"), READINGS)
def test_what_people_type_is_read_as_sympy_builds_it(text, expression):
    assert parse_formula(text, SYMBOLS) == expression


@pytest.mark.parametrize(
    "symbols", ["x y", "x, y", ["x", "y"], (x, y), {x, y}, {"x": x, "y": y}, iter(["x", y])]
)
def test_symbols_may_be_names_or_symbols(symbols):
    assert parse_formula("2xy", symbols) == 2 * x * y


def test_one_symbol_suffices_and_keeps_its_assumptions():
    positive = sp.Symbol("x", positive=True)
    assert parse_formula("x", positive) is positive
    assert parse_formula("15x", "x") == 15 * x


def test_a_symbol_of_several_letters_wins_over_a_product():
    u_is = sp.Symbol("u_{is}")
    assert parse_formula("2xy", ["x", "y", "xy"]) == 2 * sp.Symbol("xy")
    assert parse_formula("3u_is", [u_is]) == 3 * u_is
    assert parse_formula("3uᵢₛ", "u_is") == 3 * sp.Symbol("u_is")
    assert parse_formula("ηθ", ["eta", "theta"]) == sp.Symbol("eta") * sp.Symbol("theta")
    assert parse_formula("xyz", ["x", "xy", "yz"]) == x * sp.Symbol("yz")


@pytest.mark.parametrize("symbols", [None, 3, [3], {"x": 3}, [x**2]])
def test_invalid_symbols_are_refused(symbols):
    with pytest.raises(FormulaError, match="symbols are names or SymPy symbols"):
        parse_formula("x", symbols)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (None, "as text"),
        (3, "as text"),
        (b"x", "as text"),
        (x, "as text"),
        ("", "Nothing was typed"),
        ("y=2x", "only the right side"),
        ("z", "Names: x, y"),
        ("x3", "x^3 or 3*x"),
        ("2 3", "a sign is missing"),
        ("0,5,5", "0.5"),
        ("sqrt -x", "sqrt needs parentheses"),
        ("√-x", "parentheses"),
        ("2½", "2.5 or 5/2"),
        ("x²^3", "power of a power"),
        ("x+", "missing after the last “+”"),
        ("x*/y", "two signs side by side"),
        ("(x", "parentheses do not match"),
        ("1/0", "divides by zero"),
        ("1/(x(x-1)-x²+x)", "divides by zero"),
        ("sqrt(-1)", "no real value"),
        ("x^1000", "too large"),
        ("9^9^9^9", "digits"),
        ("x" * 300, "at most 250 characters"),
        ("(" * 40 + "x" + ")" * 40, "more than 30 deep"),
        ("x\u202e", "U+202E"),
        ("\ud800", "U+D800"),
        ("x\\2", "LaTeX command is not known"),
        ("sin(sin(x))", "inside another one"),
    ],
)
def test_each_refusal_says_what_to_do(text, hint):
    with pytest.raises(FormulaError, match=re.escape(hint)) as caught:
        parse_formula(text, SYMBOLS)
    str(caught.value).encode()  # printable, whatever was typed
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("1/2x", "1/2x is read as (1/2)x. If you meant 1/(2x), type these parentheses."),
        ("3+1/2 x", "1/2 x is read as (1/2)x. If you meant 1/(2 x), type these parentheses."),
        (
            "(x+1)/2(x-1)",
            "(x+1)/2(x-1) is read as ((x+1)/2)(x-1). "
            "If you meant (x+1)/(2(x-1)), type these parentheses.",
        ),
        (
            "(1/xy)^2",
            "1/xy is read as (1/x)y. If you meant 1/(xy), type these parentheses.",
        ),
    ],
)
def test_an_ambiguous_division_is_read_left_to_right_and_explained(text, note):
    assert read_formula(text, SYMBOLS).note == note
    suggested = re.search(r"you meant (.*), type", note).group(1)
    assert read_formula(suggested, SYMBOLS).note == ""


@pytest.mark.parametrize(
    "text", ["x/2", "1/(2x)", "2x/3", "1/2*x", "3*1/2*2x", "½x", "x^(1/2)+2x", "x^4/2"]
)
def test_a_clear_division_needs_no_note(text):
    assert read_formula(text, SYMBOLS).note == ""


polynomials = st.builds(
    lambda terms: sum((c * x**p * y**q for c, p, q in terms), sp.Integer(0)),
    st.lists(
        st.tuples(
            st.fractions(-99, 99, max_denominator=20).map(lambda f: sp.Rational(f)),
            st.integers(-4, 6),
            st.sampled_from([0, 1, 2, sp.Rational(1, 2)]),
        ),
        max_size=6,
    ),
)


@pytest.mark.no_cover  # many cases of the same lines
@settings(max_examples=80, deadline=None, derandomize=True)
@given(polynomials)
def test_what_sympy_prints_reads_back_as_itself(polynomial):
    assert parse_formula(str(polynomial), [x, y]) == polynomial


# Hostile input -----------------------------------------------------------------------------------

FRAGMENTS = [
    *"xy0123456789+-*/^().,=_[]{}'\"\\ \n²½₁⁻λ·−√:;#@!\x00\u202e",
    *["**", "sqrt(", "sin(", "exp(", "log(", "x_1", "lambda", "^50", "^(1/2)", "/(x-x)", "9^9^9"],
    *["__import__('os')", "open(", ".__class__", "eval(", "(x+y+x_1)", "10^50", "^x", "^-4"],
]


ATOMS = ["x", "y", "x_1", "2", "3", "½", "0.1", "99", "x²", "10^50", "(x+y+x_1+1)", "(x-y)"]
POWERS = ["2", "3", "-4", "5", "9", "50", "1/2", "-1/3", "7/2", "x", "-y-20", "(x+1)"]


def random_formula(generator, depth):
    """Return something that could be a formula, but is often too large for one."""
    if depth == 0 or generator.random() < 0.15:
        return generator.choice(ATOMS)
    left, right = (random_formula(generator, depth - 1) for _ in range(2))
    power = generator.choice(POWERS)
    function = generator.choice(["sqrt", "exp", "log", "sin", "cos"])
    shapes = [f"({left}+{right})", f"({left}-{right})", f"{left}*{right}", f"{left} {right}"]
    shapes += [f"({left})/({right})", f"({left})^({power})", f"({left})^{power}"]
    return generator.choice([*shapes, f"{function}({left})"])


MOST_CALLS = 100_000  # of Python functions, to read one formula; some 45,000 are the most seen


def random_texts(count):
    generator = random.Random(7)
    noise = [
        "".join(generator.choices(FRAGMENTS, k=generator.randint(1, 30))) for _ in range(count // 2)
    ]
    formulas = [random_formula(generator, generator.randint(1, 5)) for _ in range(count // 2)]
    return noise + formulas


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory):
    canary = tmp_path_factory.mktemp("canary") / "touched"
    written_out = [
        text.replace("{canary}", str(canary)) for texts in HOSTILE.values() for text in texts
    ]
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hostile_run.py"))],
        input=json.dumps([*written_out, *random_texts(3_000)]),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=canary.parent,
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    report["written_out"] = dict(zip(written_out, report["outcomes"], strict=False))
    report["left behind"] = sorted(path.name for path in canary.parent.iterdir())
    return report


def test_every_hostile_string_is_refused(hostile_report):
    outcomes = hostile_report["written_out"]
    obeyed = {text[:80]: found for text, found in outcomes.items() if found.startswith("read")}
    assert len(outcomes) >= 550
    assert obeyed == {}


def test_random_strings_are_read_or_refused_and_both_are_common(hostile_report):
    found = [outcome.partition(":")[0] for outcome in hostile_report["outcomes"]]
    assert len(found) >= 3_500
    assert found.count("read") > 600
    assert found.count("refused") > 1_500


def test_nothing_is_executed_imported_or_written(hostile_report):
    assert hostile_report["events"] == []
    assert hostile_report["left behind"] == []


def test_python_s_grammar_sees_only_placeholders(hostile_report):
    names = r"_\d+|sqrt|exp|log|sin|cos|abs"
    seen = [s for s in hostile_report["sources"] if not re.fullmatch(rf"(?:{names}|[-+*/()])*", s)]
    assert len(hostile_report["sources"]) > 100
    assert seen == []


def test_every_string_is_answered_within_a_bound_of_calls(hostile_report):
    """The time of a string is bounded by its calls, and these do not depend on the machine."""
    longest, text = hostile_report["longest"][0]
    assert longest < MOST_CALLS, text


# Equality ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("-15/x^4", "-15x^-4"),
        ("(x+1)^2", "x^2+2x+1"),
        ("(x²-1)/(x-1)", "x+1"),
        ("sqrt(x)sqrt(y)", "sqrt(xy)"),
        ("x^(1/3)x^(2/3)", "x"),
        ("sqrt(x)/x", "1/sqrt(x)"),
        ("1/(sqrt(x+1)-1)", "(sqrt(x+1)+1)/x"),
        ("sin(x)²+cos(x)²", "1"),
        ("sin(2x)", "2sin(x)cos(x)"),
        ("exp(x+y)", "exp(x)exp(y)"),
        ("log(x²y)", "2log(x)+log(y)"),
        ("n x^(n-1)", "n x^n/x"),
        ("1/(1+sqrt(2))", "sqrt(2)-1"),
    ],
)
def test_equal_formulas_are_proved_equal(left, right):
    assert equal(parse_formula(left, SYMBOLS), parse_formula(right, SYMBOLS)) is True


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x", "x+1/10^40"),
        ("sqrt(x²)", "x"),
        ("sqrt(x²+2x+1)", "x+1"),
        ("x^n", "x^(n+1)"),
        ("sin(x)", "cos(x)"),
        ("exp(x)", "exp(-x)"),
        ("(x-2/3)(x-7/5)(x+3/7)(x-11/4)(x+13/9)(x-1/6)(x+5)(x-17/3)", "0"),
    ],
)
def test_different_formulas_are_proved_different(left, right):
    assert equal(parse_formula(left, SYMBOLS), parse_formula(right, SYMBOLS)) is False


def test_what_cannot_be_proved_is_not_called_equal():
    nested = sp.sqrt(3 + 2 * sp.sqrt(2))
    assert equal(nested, 1 + sp.sqrt(2)) is None
    with pytest.raises(FormulaError, match="simpler form"):
        compare(nested, 1 + sp.sqrt(2))


@pytest.mark.no_cover  # many cases of the same lines
@settings(max_examples=40, deadline=None, derandomize=True)
@given(polynomials, polynomials)
def test_equality_agrees_with_multiplied_out_polynomials(first, second):
    product = first * second
    assert equal(product, sp.expand(product)) is True
    assert equal(product, sp.expand(product) + sp.Rational(1, 10**9)) is False


# Comparing ---------------------------------------------------------------------------------------

RIGHT = -15 * x**-4


@pytest.mark.parametrize("answer", ["-15x^-4", "-15/x^4", "−15x⁻⁴", RIGHT, -15 / x**4])
def test_an_equivalent_answer_is_right(answer):
    comparison = compare(answer, RIGHT)
    assert comparison == Comparison(Verdict.EQUAL, "Right.")
    assert comparison


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("15x^-4", "Your exponent is right, but the factor has the wrong sign."),
        ("-20x^-4", "multiplied by the new exponent"),
        ("5x^-4", "not brought down"),
        ("-3x^-4", "constant factor got lost"),
        ("2x^-4", "added"),
        ("-5/3 x^-4", "divided"),
        ("-15x^-2", "Your factor is right, but the exponent was raised"),
        ("-15x^-3", "kept"),
        ("-15x^4", "exponent has the wrong sign"),
        ("15x^-2", "Two slips: the factor has the wrong sign, and the exponent was raised"),
        ("5x^-3", "not differentiated"),
        ("-5/2 x^-2", "integrated"),
        ("60x^-5", "twice"),
    ],
)
def test_each_slip_is_named_even_without_the_function(answer, words):
    comparison = compare(answer, RIGHT)
    assert comparison.verdict == "slip"
    assert words in comparison.message
    assert not comparison


def test_other_slips_need_the_function():
    function = 5 * x**2 + 6 * y + 10
    to_x = {"function": function, "variable": x}
    assert "with respect to y" in compare("6", 10 * x, **to_x).message
    assert "terms without x were kept" in compare("10x+6y+10", 10 * x, **to_x).message
    assert compare("sin(x)", 10 * x, **to_x).verdict is Verdict.DIFFERENT
    assert compare("-exp(x)", sp.exp(x), function=sp.exp(x)).message == "The sign is wrong."


@pytest.mark.parametrize(
    ("function", "answer", "words"),
    [
        (5 * x + 10, "15", "terms without x were kept"),
        (5 * x + 10, "5x", "kept instead of lowered"),
        (-5 * x - 10, "5", "wrong sign"),
        (-5 * x - 10, "-15", "terms without x were kept"),
    ],
)
def test_the_distractors_of_the_first_exercises(function, answer, words):
    comparison = compare(answer, sp.diff(function, x), function=function, variable=x)
    assert words in comparison.message
    assert len(comparison.diagnoses) == 1


def test_the_reading_of_an_ambiguous_answer_is_explained():
    assert "1/2x is read as (1/2)x" in compare("1/2x", x / 2).message
    assert "1/2x is read as (1/2)x" in compare("1/2x", RIGHT).message


def test_colliding_slips_are_all_named():
    comparison = compare("12x", 3 * x**2, function=x**3)
    assert comparison.verdict is Verdict.DIFFERENT
    comparison = compare("4x^2", 4 * x, function=2 * x**2)
    assert comparison.diagnoses == (
        "Your factor is right, but the exponent was kept instead of lowered by 1.",
    )
    comparison = compare("2x", 4 * x, function=2 * x**2)
    assert len(comparison.diagnoses) > 1
    assert " Or: " in comparison.message


def test_text_never_reaches_sympy_as_the_right_answer():
    with pytest.raises(sp.SympifyError):
        compare("x", "open('x')")


# A third of the small ones, so that every coefficient meets several powers.
GRID = [
    (c, p)
    for c in range(-9, 10)
    for p in range(-6, 7)
    if c and p not in (0, 1) and (c + p) % 3 == 0
]


@pytest.mark.no_cover  # many cases of the same lines
def test_single_slips_are_labelled_correctly():
    """Of all slips over the grid whose result no other slip shares, each gets its own label."""
    right = total = 0
    for c, p in GRID:
        function = c * x**p
        slips = single_slips(function, x)
        results = [slip.result for slip in slips]
        for slip in slips:
            if results.count(slip.result) > 1:
                continue
            total += 1
            found = compare(slip.result, sp.diff(function, x), function=function, variable=x)
            right += found.diagnoses == (slip.message,)
    assert total > 600
    assert right >= 0.95 * total


@pytest.mark.parametrize(("c", "p"), [(5, -3), (7, 4), (-3, 5), (4, -2)])
def test_no_diagnosis_contains_the_right_answer(c, p):
    function = c * x**p
    slips = single_slips(function, x) + double_slips(function, x)
    assert len(slips) > 20
    for slip in slips:
        assert str(abs(c * p)) not in slip.message
        assert str(p - 1) not in re.sub(r"(raised|lowered) by 1", "", slip.message)
