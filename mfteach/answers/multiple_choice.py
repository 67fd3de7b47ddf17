"""The lecture's multiple choice, with computed keys: S30, S35, S43, and dJ/du_is (S52).

Each question is written once, as on the slide. The right answer is derived here, and so is the
diagnosis of each wrong option: no key and no explanation is tied to a letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp

from mfteach.answers.choices import Appraisal, BadQuestionError, Feedback, Question
from mfteach.answers.comparison import Verdict, compare
from mfteach.answers.equality import equal
from mfteach.answers.formulas import parse_formula, read_formula
from mfteach.answers.slips import single_slips
from mfteach.answers.tokens import Symbols
from mfteach.symbolic.indexed_sums import same
from mfteach.symbolic.lecture import NOTATION

__all__ = [
    "QUESTIONS",
    "Appraisal",
    "BadQuestionError",
    "Feedback",
    "Question",
    "derivative_question",
    "power_rule_pairs",
    "power_rule_variant",
    "s30",
    "s35",
    "s43",
    "slope_of_the_loss",
]


# Derivatives of typed formulas -------------------------------------------------------------------


def derivative_question(
    prompt: str,
    function: str,
    variable: str,
    options: Mapping[str, str],
    *,
    symbols: Symbols = (),
    slips: Mapping[str, str] | None = None,
) -> Question:
    """Return a question about the derivative of a function; its right answer is computed here.

    Parameters
    ----------
    prompt : str
        The question, in Markdown.
    function, variable : str
        As a student would type them: "5x^-3", "x".
    options : mapping of str to str
        Formulas, as a student would type them.
    symbols : Symbols, optional
        Every name that may be typed; ``variable`` alone if left out.
    slips : mapping of str to str, optional
        Slips of this question only, besides the grid of `slips`: the diagnosis, and the name that
        wrongly replaces the variable in the right answer.

    Raises
    ------
    BadQuestionError
        As `Question` does.

    Source: lecture rows S30 and S43.
    """
    names = symbols or variable
    x = sp.Symbol(variable)
    f = parse_formula(function, names)
    truth = sp.diff(f, x)
    wrong_names = {
        message: truth.xreplace({x: sp.Symbol(name)}) for message, name in (slips or {}).items()
    }

    def judge(text: str) -> Appraisal:
        expression, note = read_formula(text, names, by=x)
        found = compare(expression, truth, function=f, variable=x)
        special = [m for m, wrong in wrong_names.items() if equal(expression, wrong)]
        return Appraisal(found.verdict is Verdict.EQUAL, (*found.diagnoses, *special), note)

    return Question(
        prompt, options, judge, show=lambda text: f"${_formula_in_latex(text)}$", typed=True
    )


def _formula_in_latex(text: str) -> str:
    """Show a typed formula as the slide does: SymPy would turn 5x^-3 into a fraction."""
    return re.sub(r"\^(-?\w+)", r"^{\1}", text)


def _power_rule_question(function: str, options: Mapping[str, str]) -> Question:
    prompt = f"What is the derivative of $f(x) = {_formula_in_latex(function)}$?"
    return derivative_question(prompt, function, "x", options)


@cache
def s30() -> Question:
    """Return the slide's question on the power rule (S30)."""
    options = {"A": "-20x^-4", "B": "15x^-2", "C": "15x^-4", "D": "-15x^-4"}
    return _power_rule_question("5x^-3", options)


@cache
def s43() -> Question:
    """Return the slide's question on a partial derivative (S43)."""
    function = "x_1^2 + x_2^2 + x_3^2 + x_4^2"
    return derivative_question(
        r"$y = f(x_1, x_2, x_3, x_4) = \sum_{i=1}^4 x_i^2"
        f" = {_formula_in_latex(function)}$. What is $\\partial y / \\partial x_1$?",
        function,
        "x_1",
        {"A": "2x", "B": "2x_1", "C": "2x_i", "D": "2x_1 + x_2^2 + x_3^2 + x_4^2"},
        symbols="x_1 x_2 x_3 x_4 x x_i",
        slips={
            "The index was dropped. There are four variables here, and none of them is x.": "x",
            "The index i has a meaning only inside the sum, where it runs from 1 to 4. Which of "
            "the four variables does the question ask for?": "x_i",
        },
    )


# Variants of S30 ---------------------------------------------------------------------------------


@cache
def power_rule_pairs() -> tuple[tuple[int, int], ...]:
    """Return the pairs (c, n) for which all single slips differ on c x^n, and none is right.

    c runs over -9..9 without 0, n over -6..6 without 0 and 1: 198 pairs. In the others two slips
    collide, or a slip gives the right answer: adding the exponent to the factor also gives
    (2x^2)' = 4x.
    """
    coefficients = [c for c in range(-9, 10) if c != 0]
    exponents = [n for n in range(-6, 7) if n not in (0, 1)]
    return tuple((c, n) for c in coefficients for n in exponents if _slips_differ(c, n))


def _slips_differ(c: int, n: int) -> bool:
    x = sp.Symbol("x")
    slips = [slip.result for slip in single_slips(c * x**n, x)]
    return len(slips) == _NUMBER_OF_SLIPS and len(set(slips)) == len(slips)


_NUMBER_OF_SLIPS = 12  # six of the factor, three of the exponent, three of the whole function


def power_rule_variant(rng: int | np.random.Generator | None = None) -> Question:
    """Return a variant of S30 with a different power, different slips and a different order.

    Parameters
    ----------
    rng : int, numpy.random.Generator or None
        The same int gives the same question.
    """
    generator = np.random.default_rng(rng)
    pairs = power_rule_pairs()
    c, n = pairs[generator.integers(len(pairs))]
    x = sp.Symbol("x")
    results = [slip.result.as_coeff_exponent(x) for slip in single_slips(c * x**n, x)]
    wrong = [_as_typed(*pair) for pair in results if pair[0].is_Integer and pair[0] != 0]
    chosen = generator.choice(wrong, size=3, replace=False)
    texts = generator.permutation([*chosen, _as_typed(c * n, n - 1)])
    return _power_rule_question(_as_typed(c, n), dict(zip("ABCD", map(str, texts), strict=True)))


def _as_typed(coefficient: int, exponent: int) -> str:
    """Return c x^n as the slide writes it: 5x^-3, -x^2, 4x, 7."""
    if exponent == 0:
        return str(coefficient)
    factor = {1: "", -1: "-"}.get(coefficient, str(coefficient))
    return f"{factor}x" if exponent == 1 else f"{factor}x^{exponent}"


# Why a slope of 0 matters ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claim:
    """A claim about a function f and a point p where its slope is 0.

    ``holds`` tests it at one such point; without it there is nothing to test. ``lesson`` says what
    a counterexample, ``{f}`` at ``{p}``, teaches. ``proof`` must return True for the right claim.
    """

    lesson: str
    holds: Callable[[sp.Poly, sp.Expr], bool] | None = None
    proof: Callable[[], bool] | None = None


_X = sp.Symbol("x")
_GALLERY = tuple(sp.Poly(f, _X) for f in (_X**2, -(_X**2), _X**4 - 2 * _X**2, _X**3))


def _is_extremum(f: sp.Poly, p: sp.Expr) -> bool:
    """Whether the first derivative that is not 0 at the stationary point p has even order."""
    orders = range(2, f.degree() + 1)
    return next(order for order in orders if f.diff((0, order)).eval(p) != 0) % 2 == 0


def _is_convex(f: sp.Poly) -> bool:
    """Whether the second derivative is never negative: it starts positive and never crosses 0."""
    second = f.diff((0, 2))
    crossings = [m for m in sp.roots(second, filter="R").values() if m % 2]
    return not crossings and bool(second.LC() > 0)


def _tangent_at_a_stationary_point_is_horizontal() -> bool:
    """Prove that a stationary point p of a convex f is a minimum.

    A convex differentiable f lies above each tangent, f(y) >= f(p) + slope (y - p). With slope 0
    the right side is f(p), whatever f, y and p.
    """
    f = sp.Function("f")
    y, p, slope = (sp.Symbol(name, real=True) for name in ("y", "p", "slope"))
    tangent = f(p) + slope * (y - p)
    return bool(tangent.subs(slope, 0) == f(p))


_S35_CLAIMS = {
    "Because that's the coolest point": _Claim(
        "Nothing in this can be proved or refuted: look for an option that says something about f."
    ),
    "Because that's the maximum or minimum of the function": _Claim(
        "Not always: $f(x) = {f}$ has slope 0 at $x = {p}$, but neither a maximum nor a minimum "
        "there.",
        holds=_is_extremum,
    ),
    "Because that's where the function becomes undefined": _Claim(
        "$f(x) = {f}$ has slope 0 at $x = {p}$, and both its value and its slope are defined "
        "there. A slope of 0 is a number; an undefined slope, like that of $|x|$ at 0, is not.",
        holds=lambda f, p: not (f.eval(p).is_finite and f.diff().eval(p).is_finite),
    ),
    "Because that's the maximum or minimum of the function if it is convex": _Claim(
        "",
        holds=lambda f, p: not _is_convex(f) or _is_extremum(f, p),
        proof=_tangent_at_a_stationary_point_is_horizontal,
    ),
}


def _judge_claim(text: str) -> Appraisal:
    claim = _S35_CLAIMS[text]
    if claim.holds is None:
        return Appraisal(False, (claim.lesson,))
    for f in _GALLERY:
        for p in sp.roots(f.diff(), filter="R"):
            if not claim.holds(f, p):
                lesson = claim.lesson.format(f=sp.latex(f.as_expr()), p=sp.latex(p))
                return Appraisal(False, (lesson,))
    return Appraisal(claim.proof is not None and claim.proof())


@cache
def s35() -> Question:
    """Return the slide's question on slope 0, each wrong claim refuted by a computed example.

    The right claim is proved, and tested at every stationary point of the examples (S35).
    """
    return Question(
        "For the purposes of this class, why is slope $= 0$ important?",
        dict(zip("ABCD", _S35_CLAIMS, strict=True)),
        _judge_claim,
        remark="Strictly: where a convex function has slope 0, it has its global minimum; where a "
        "concave one has slope 0, its global maximum. The slope need not be 0 anywhere: that of "
        "$e^x$ never is.",
    )


# The slope of the loss ---------------------------------------------------------------------------


_SLIPS_OF_THE_LOSS = {
    "This is the derivative of the prediction for one item. The chain rule brings in the error of "
    "each rating, and the loss adds up all ratings of the user.": (
        r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}"
    ),
    "The sum runs over all items, but the loss includes only the items that user i rated.": (
        r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j=1}^{n} e_{ij}^2"
    ),
    "A minus sign got lost: where the prediction is too low, a larger one lowers the loss.": (
        r"-\frac{\partial J}{\partial u_{is}}"
    ),
    "The sum over the factors is still there, but only its term with factor s changes with u_is.": (
        r"\sum_{t=1}^{k} \frac{\partial J}{\partial u_{it}}"
    ),
    "The prediction was differentiated with respect to v instead of u: the wrong factor of the "
    "product u v remains.": (
        r"-\sum_{j \in I_i} e_{ij} \frac{\partial}{\partial v_{js}} \hat{r}_{ij}"
    ),
}


@cache
def slope_of_the_loss() -> Question:
    """Return the question that the slides leave out: the derivative of J w.r.t. u_is (S52)."""
    truth = NOTATION.read(r"\frac{\partial J}{\partial u_{is}}")
    slips = {message: NOTATION.read(latex) for message, latex in _SLIPS_OF_THE_LOSS.items()}

    def judge(latex: str) -> Appraisal:
        option = NOTATION.read(latex)
        if same(option, truth):
            return Appraisal(True)
        return Appraisal(False, tuple(m for m, wrong in slips.items() if same(option, wrong)))

    return Question(
        r"$J = \frac{1}{2} \sum_{(i,j) \in S} e_{ij}^2$ with "
        r"$e_{ij} = r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq}$. "
        r"What is $\partial J / \partial u_{is}$?",
        {
            "A": r"v_{js}",
            "B": r"-\sum_{j=1}^{n} e_{ij} v_{js}",
            "C": r"\sum_{j \in I_i} e_{ij} v_{js}",
            "D": r"-\sum_{j \in I_i} e_{ij} v_{js}",
            "E": r"-\sum_{j \in I_i} e_{ij} \sum_{q=1}^{k} v_{jq}",
            "F": r"-\sum_{j \in I_i} e_{ij} u_{is}",
        },
        judge,
        show=lambda latex: f"${latex}$",
    )


QUESTIONS: Mapping[str, Callable[[], Question]] = {
    "S30": s30,
    "S35": s35,
    "S43": s43,
    "S52": slope_of_the_loss,
}
"""The questions by lecture row; S52 asks for dJ/du_is."""
