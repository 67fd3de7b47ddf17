"""Formulas as people type them: each is read as meant, with a note where it could be otherwise."""

import contextlib
import re

import pytest
import sympy as sp

from mfteach.answers import bounded
from mfteach.answers.comparison import Verdict, compare
from mfteach.answers.formulas import FormulaError, parse_formula, read_formula, read_number

x, y, n, a = sp.symbols("x y n a")
NAMES = "x y n a x_1"
RIGHT = -15 * x**-4

# The derivative of 5x^-3, typed by many hands; below, as many that are wrong.
RIGHT_ANSWERS = [
    *["-15x^{-4}", r"-\frac{15}{x^4}", r"\frac{-15}{x^{4}}", r"\dfrac{-15}{x^4}", "$-15x^{-4}$."],
    *[r"\(-15x^{-4}\)", r"-15\,x^{-4}", r"-15\cdot x^{-4}", r"-15 \times x^{-4}", "= -15x^-4"],
    *[r"f'(x) = -15x^{-4}", "y' = -15/x^4", "y’ = -15/x^4", "df/dx = -15x^-4", "dy/dx=-15x^-4"],
    *[r"\frac{dy}{dx} = -15x^{-4}", r"\frac{d}{dx}f(x) = -15x^{-4}", "∂f/∂x = -15x⁻⁴"],
    *["[-15]x^-4", "-15[x^(-4)]", r"\left(-15\right)x^{-4}", "-15X^-4", "−15х⁻⁴", "-15𝑥^−4"],
    *[
        "−15⁢𝑥^{−4}",
        "-15\N{NO-BREAK SPACE}x^-4",
        "-15,0x^-4",
        "-1,5e1x^-4",
        "-30/2 * x^-4",
        "–15x^–4",
    ],
    *[
        "-1.5e1 x^-4",
        "-15/(x²)²",
        "-15|x|^-4",
        "-15/|x|^4",
        "-15x^-4.",
        "\u200b-15x^-4",
        "f_x = -15/x^4",
    ],
    *[r"\[ f'(x) = -15x^{-4}. \]", "-15 / x⁴", "-15e^0 x^-4", "-15x^-4 sin²x - 15x^-4 cos²x"],
]
WRONG_ANSWERS = [
    *["15x^{-4}", r"\frac{15}{x^4}", r"\frac{-15}{x^{2}}", r"\dfrac{-5}{x^4}", "$-15x^{-2}$."],
    *[r"\(-15x^{4}\)", r"-20\,x^{-4}", r"5\cdot x^{-4}", r"15 \times x^{-4}", "= -15x^-3"],
    *[r"f'(x) = 15x^{-4}", "y' = -15/x^2", "y’ = 15/x^4", "df/dx = -15x^4", "dy/dx=-12x^-4"],
    *[r"\frac{dy}{dx} = -5x^{-4}", r"\frac{d}{dx}f(x) = 5x^{-3}", "∂f/∂x = -15x⁻³", "60x⁻⁵"],
    *["[15]x^-4", "-15[x^(4)]", r"\left(15\right)x^{-4}", "15X^-4", "−15х⁻²", "15𝑥^−4", "-15e"],
    *["−15⁢𝑥^{4}", "15\N{NO-BREAK SPACE}x^-4", "-1,5x^-4", "-15,000x^-4", "-1.5e2x^-4", "–15x–4"],
    *["-15/x^-4", "-15/(x²)^3", "-15|x|^-3", "-15x", "-15x^-4/2", "-15√x", "-15e^-4", "-15pi x^-4"],
]


@pytest.mark.parametrize("answer", RIGHT_ANSWERS)
def test_a_right_answer_is_right_however_it_is_typed(answer):
    assert compare(answer, RIGHT, function=5 * x**-3, variable=x).verdict is Verdict.EQUAL


@pytest.mark.parametrize("answer", WRONG_ANSWERS)
def test_a_wrong_answer_stays_wrong_however_it_is_typed(answer):
    assert compare(answer, RIGHT, function=5 * x**-3, variable=x).verdict is not Verdict.EQUAL


# What is read without a word.
PLAIN = [
    ("√x", sp.sqrt(x)),
    ("√(x+1)", sp.sqrt(x + 1)),
    (r"\sqrt[3]{x}", x ** sp.Rational(1, 3)),
    (r"\frac12", sp.Rational(1, 2)),
    (r"x^\frac12", sp.sqrt(x)),
    (r"\frac{1}{2\sqrt{x}}", 1 / (2 * sp.sqrt(x))),
    ("sin^2(x)", sp.sin(x) ** 2),
    ("sin²x", sp.sin(x) ** 2),
    ("sin x cos x", sp.sin(x) * sp.cos(x)),
    ("-sin x", -sp.sin(x)),
    (r"\ln x", sp.log(x)),
    (r"\operatorname{sin}(x)", sp.sin(x)),
    (r"\mathrm{e}^{-x}", sp.exp(-x)),
    ("xe^x", x * sp.exp(x)),
    ("e²ˣ", sp.exp(2 * x)),
    ("2πx", 2 * sp.pi * x),
    ("|x-1|", sp.Abs(x - 1)),
    ("|x||y|", sp.Abs(x) * sp.Abs(y)),
    (r"\left|x\right|", sp.Abs(x)),
    ("1e3", sp.Integer(1000)),
    ("3e-2", sp.Rational(3, 100)),
    ("3e", 3 * sp.E),
    ("0,5", sp.Rational(1, 2)),
    ("1,5x", sp.Rational(3, 2) * x),
    ("0{,}25", sp.Rational(1, 4)),
    ("x^0,5", sp.sqrt(x)),
    ("x^2-1", x**2 - 1),
    ("x^4/2", x**4 / 2),
    ("x^{n-1}", x ** (n - 1)),
    ("x_{1}", sp.Symbol("x_1")),
]


@pytest.mark.parametrize(("text", "meant"), PLAIN)
def test_what_has_one_meaning_is_read_without_a_note(text, meant):
    assert read_formula(text, NAMES) == (meant, "")


# What could mean something else: how it is read, and words of the note.
NOTED = [
    ("x^1/2", x / 2, "If you meant x^(1/2)"),
    ("5x^3/2", 5 * x**3 / 2, "If you meant x^(3/2)"),
    ("a n x^n-1", a * n * x**n - 1, "If you meant x^(n-1)"),
    ("x^4^-1", x ** sp.Rational(1, 4), "x^(4^-1). If you meant (x^4)^-1"),
    ("2^3^2", sp.Integer(512), "2^(3^2). If you meant (2^3)^2"),
    ("e^2x", sp.exp(2) * x, "If you meant e^(2x)"),
    (
        "-5/3 x^-4",
        -sp.Rational(5, 3) * x**-4,
        "5/3 x^-4 is read as (5/3)x^-4. If you meant 5/(3 x^-4)",
    ),
    ("5/-3x", -5 * x / 3, "5/-3x is read as (5/-3)x"),
    ("√2x", sp.sqrt(2) * x, "sqrt(2)"),
    ("sin 2x", sp.sin(2 * x), "sin(2x)"),
    ("ln x^2", sp.log(x**2), "ln(x^2)"),
    ("1,000x", 1000 * x, "separates thousands"),
    ("1,000,000", sp.Integer(10**6), "separates thousands"),
    ("0,125", sp.Rational(1, 8), "decimal comma"),
    ("X", x, "“X” is read as x"),
    ("Sin(x)", sp.sin(x), "“Sin” is read as sin"),
    ("х", x, "Cyrillic letter; it is read as x"),
    ("f(x) = 6x", 6 * x, "“f(x) =”, is left out"),
]


@pytest.mark.parametrize(("text", "meant", "words"), NOTED)
def test_a_choice_of_the_reader_is_said(text, meant, words):
    expression, note = read_formula(text, NAMES)
    assert expression == meant
    assert words in note


# A mutant of each reading that must not be read, and words of its refusal.
REFUSED = [
    (r"x^{-4", "parentheses do not match"),
    (r"x^{}", "nothing between"),
    (r"\frac{15}{}", "Empty braces"),
    (r"\frac1", "missing after \\frac"),
    (r"\fraction{1}{x}", "not known here"),
    (r"\left.x\right)", "without a partner"),
    (r"2 + \foo", "at character 5"),
    ("$x", "“$” at character 1"),
    ("[x)", "parentheses do not match"),
    ("x[1]", "typed as in x_1"),
    ("sin^-1(x)", "ambiguous"),
    ("√x^2", "sqrt(x^2) or sqrt(x)^2"),
    ("√-x", "sqrt needs parentheses"),
    ("sin", "sin needs parentheses"),
    ("tan x", "Functions:"),
    ("|x", "no partner"),
    ("1e99999", "too many digits"),
    ("1e100", "digits"),
    ("1,2,3", "not one number"),
    ("1,00,000", "not one number"),
    ("1.000,5", "not one number"),
    ("x, y", "one formula at a time"),
    ("x.5", "point belongs inside a number"),
    ("Z", "“Z” at character 1 is not a name"),
    ("ж", "is not a name"),
    ("E", "is not a name"),
    ("2½", "mixed number"),
    ("x\n6", "on one line"),
    ("“x”", "Leave out the quotation marks"),
    ("x'", "A prime belongs on the left side"),
    ("f'(z) = x", "z is not a name"),
    ("f''(x) = x", "higher derivative"),
    ("x = 5", "names nothing asked for"),
    ("2x = 5", "names nothing asked for"),
    ("f'(x) = 2x = 3x", "more than one"),
    ("x == 2", "more than one"),
    ("f' := x", "plain “=”"),
    ("2^{1000000000}", "too large"),
    ("9^{9^{9^{9}}}", "too large"),
    ("(" * 120 + "x" + ")" * 120, "nested"),
    ("{" * 120 + "x" + "}" * 120, "nested"),
    ("(" * 400, "too long"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_a_mutant_of_each_reading_is_refused_with_a_reason(text, words):
    with pytest.raises(FormulaError, match=re.escape(words)):
        parse_formula(text, NAMES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f(x) = 6x", "its derivative is asked for"),
        ("z = 6x", "its derivative is asked for"),
        ("dy/dz = 6x", "goes by z, but the question asks by x"),
        ("∂f/∂y = 6x", "goes by y"),
        ("f'(y) = 6x", "goes by y"),
    ],
)
def test_a_left_side_that_names_something_else_is_refused(text, words):
    with pytest.raises(FormulaError, match=words):
        read_formula(text, "x y", by="x")


def test_e_and_pi_may_be_symbols_of_the_question():
    e, pi = sp.symbols("e pi")
    assert parse_formula("e^2 + π", "e pi") == e**2 + pi
    with pytest.raises(FormulaError, match="ambiguous"):
        parse_formula("1e3", "e")


def test_capitals_and_look_alikes_of_the_question_stay_what_they_are():
    assert read_formula("X + x", "x X") == (sp.Symbol("X") + x, "")
    assert read_formula("х", ["х", "x"]) == (sp.Symbol("х"), "")


def test_a_symbol_of_the_same_name_is_the_question_s():
    real = sp.Symbol("x", real=True)
    assert compare(6 * real, 6 * x)
    assert compare("6x", 6 * x, function=3 * real**2, variable=real)
    assert not compare(6 * real, 7 * x)


def test_an_answer_may_contain_the_variable_of_a_question_whose_answer_has_none():
    assert compare("0/x", sp.Integer(0))
    assert not compare("x", sp.Integer(0))
    with pytest.raises(FormulaError):
        compare("0/0", sp.Integer(0))


def test_a_number_is_read_with_the_same_habits():
    assert read_number("0,5") == 0.5
    assert read_number("1e3") == 1000
    assert read_number(r"\frac{1}{4}.") == 0.25
    with pytest.raises(FormulaError):
        read_number("4+0j")


@pytest.mark.parametrize("text", ["x^{2}" * 50, "9^{9^{9^{9}}}", "(x+1)" * 50, "1+" * 124 + "1"])
def test_the_work_is_bounded_by_the_number_of_characters(text, monkeypatch):
    steps = []
    for name in ("__add__", "__mul__", "__truediv__", "__pow__", "apply"):
        plain = getattr(bounded.Bounded, name)

        def counted(*operands, plain=plain):
            steps.append(1)
            return plain(*operands)

        monkeypatch.setattr(bounded.Bounded, name, counted)
    with contextlib.suppress(FormulaError):
        parse_formula(text, "x")
    assert len(steps) <= len(text)
