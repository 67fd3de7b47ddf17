import re
from fractions import Fraction
from itertools import islice, product

import numpy as np
import pytest
from cases import some
from full_expansion import differentiated, expanded, multiplied, total
from sympy import IndexedBase, KroneckerDelta, Rational, Sum, symbols

from mfteach.symbolic import lecture
from mfteach.symbolic.derivation import Derivation, LineError
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import NOTATION
from mfteach.symbolic.notation import NotationError
from mfteach.symbolic.writing import write

# Many cases of the same lines: tracing each of them again would double the time.
pytestmark = pytest.mark.no_cover

i, j, p, q, s, m, n, k = symbols("i j p q s m n k")
r, u, v, w = map(IndexedBase, "ruvw")
BUILDERS = {builder.__name__: builder for builder in lecture.ALL}


# --- the truth at small sizes, written without mfteach -------------------------------------------

SIZES = {"m": 2, "n": 3, "k": 2}
RANGE = {"i": "m", "p": "m", "j": "n", "l": "n", "s": "k", "t": "k", "q": "k"}
USERS, ITEMS, FACTORS = (range(1, SIZES[size] + 1) for size in "mnk")


def entry(name, *at):
    return {(f"{name}[{','.join(map(str, at))}]",): 1}


def times(*factors):
    return multiplied([{(): Fraction(f)} if isinstance(f, int | Fraction) else f for f in factors])


def plus(*terms):
    return total(terms)


def residual(a, b, biases=False):
    prediction = (times(-1, entry("u", a, f), entry("v", b, f)) for f in FACTORS)
    known = (times(-1, x) for x in ({("mu",): 1}, entry("b", a), entry("c", b)))
    return plus(entry("r", a, b), *prediction, *(known if biases else ()))


def squares(name, weight, rows):
    return plus(
        *(times(weight(a), entry(name, a, f), entry(name, a, f)) for a in rows for f in FACTORS)
    )


def all_pairs(a, b):
    """The weighted squared error of one pair of implicit feedback, a blank or not."""
    weight = plus({(): 1}, times({("alpha",): 1}, entry("w", a, b), entry("r", a, b)))
    predicted = (times(-1, entry("u", a, f), entry("v", b, f)) for f in FACTORS)
    off = plus(entry("w", a, b), *predicted)
    return times(weight, off, off)


def loss(penalty="none"):
    if penalty == "implicit":
        fit = (all_pairs(a, b) for a in USERS for b in ITEMS)
        plain = (squares("u", lambda a: 1, USERS), squares("v", lambda b: 1, ITEMS))
        lambdas = (times({("lambda",): 1}, square) for square in plain)
        return times(Fraction(1, 2), plus(*fit, *lambdas))
    biases = penalty == "bias"
    errors = ((residual(a, b, biases), entry("w", a, b)) for a in USERS for b in ITEMS)
    half = Fraction(1, 2)
    fit = plus(*(times(half, w_ab, e_ab, e_ab) for e_ab, w_ab in errors))
    strength = times(half, {("lambda",): 1})
    if penalty == "ridge":
        plain = (squares("u", lambda a: 1, USERS), squares("v", lambda b: 1, ITEMS))
        return plus(fit, *(times(strength, square) for square in plain))
    if penalty == "count":
        of_users = squares("u", lambda a: plus(*(entry("w", a, b) for b in ITEMS)), USERS)
        of_items = squares("v", lambda b: plus(*(entry("w", a, b) for a in USERS)), ITEMS)
        return plus(fit, times(strength, of_users), times(strength, of_items))
    if biases:
        owners = [entry("b", a) for a in USERS] + [entry("c", b) for b in ITEMS]
        return plus(fit, *(times(half, {("beta",): 1}, x, x) for x in owners))
    return fit


def slope(penalty, *variables):
    """Differentiate a loss with respect to variables such as ``"u is"``, at the places in `at`."""

    def truth(at):
        result = loss(penalty)
        for variable in variables:
            name, letters = variable.split()
            result = differentiated(result, f"{name}[{','.join(str(at[x]) for x in letters)}]")
        return result

    return truth


def step_in_prediction(at):
    prediction = plus(*(times(entry("u", at["i"], f), entry("v", at["j"], f)) for f in FACTORS))
    return differentiated(prediction, f"u[{at['i']},{at['s']}]")


def quadratic_form(at):
    def matrix(a, b):
        known = (
            times(entry("w", at["i"], item), entry("v", item, a), entry("v", item, b))
            for item in ITEMS
        )
        return plus(*known, {("lambda",): 1} if a == b else {})

    pairs = product(FACTORS, FACTORS)
    return plus(*(times(entry("x", a), matrix(a, b), entry("x", b)) for a, b in pairs))


def loss_after_a_step(at):
    def shifted(f):
        return plus(entry("u", at["i"], f), entry("x", f))

    terms = [times({("lambda",): 1}, shifted(f), shifted(f)) for f in FACTORS]
    for item in ITEMS:
        taken = (times(-1, shifted(f), entry("v", item, f)) for f in FACTORS)
        off = plus(entry("r", at["i"], item), *taken)
        terms.append(times(entry("w", at["i"], item), off, off))
    return times(Fraction(1, 2), plus(*terms))


def weighted_gram(at):
    def weight(item):
        return plus(
            {(): 1}, times({("alpha",): 1}, entry("w", at["i"], item), entry("r", at["i"], item))
        )

    return plus(*(times(weight(b), entry("v", b, at["s"]), entry("v", b, at["q"])) for b in ITEMS))


TRUTH = {
    "only_user_i": slope("none", "u is"),
    "delta_step": step_in_prediction,
    "gradient_u": slope("none", "u is"),
    "gradient_v": slope("none", "v js"),
    "matrix_u": slope("none", "u is"),
    "matrix_v": slope("none", "v js"),
    "ridge_u": slope("ridge", "u is"),
    "ridge_v": slope("ridge", "v js"),
    "weighted_u": slope("count", "u is"),
    "weighted_v": slope("count", "v js"),
    "bias_user": slope("bias", "b i"),
    "bias_item": slope("bias", "c j"),
    "biased_u": slope("bias", "u is"),
    "biased_v": slope("bias", "v js"),
    "hessian_uu": slope("none", "u is", "u pt"),
    "hessian_vv": slope("none", "v js", "v lt"),
    "hessian_uv": slope("none", "u is", "v lt"),
    "als_u": slope("ridge", "u is"),
    "als_v": slope("ridge", "v js"),
    "als_positive_definite": quadratic_form,
    "als_expansion": loss_after_a_step,
    "implicit_u": slope("implicit", "u is"),
    "implicit_v": slope("implicit", "v js"),
    "implicit_trick": weighted_gram,
    "implicit_loss": lambda at: plus(*(all_pairs(a, b) for a in USERS for b in ITEMS)),
}


def is_true(name, expression):
    """Whether an expression equals what is derived, at small sizes."""
    letters = sorted(map(str, expression.free_symbols & set(symbols(list(RANGE)))))
    sizes = {size: SIZES[str(size)] for size in (m, n, k)}
    # A false line may lack an index that the truth depends on: compare all places.
    everywhere = sorted({*letters, *free_letters(name)})
    for place in product(*(range(1, SIZES[RANGE[x]] + 1) for x in everywhere)):
        at = dict(zip(everywhere, place, strict=True))
        numbers = {**sizes, **{symbols(x): number for x, number in at.items()}}
        if expanded(expression, numbers) != TRUTH[name](at):
            return False
    return True


FREE_LETTERS = {
    "delta_step": "ijs",
    "bias_user": "i",
    "bias_item": "j",
    "hessian_uu": "ispt",
    "hessian_vv": "jslt",
    "hessian_uv": "islt",
    "als_positive_definite": "i",
    "als_expansion": "i",
    "implicit_trick": "iqs",
    "implicit_loss": "",
}


def free_letters(name):
    return FREE_LETTERS.get(name, "js" if name.endswith("_v") else "is")


@pytest.mark.parametrize("name", BUILDERS)
def test_each_line_is_true_at_small_sizes(name):
    derivation = BUILDERS[name]()
    for number, line in enumerate(derivation, start=1):
        assert is_true(name, line.expression), (
            f"{derivation.name}, line {number} ({line.words}) is false: {line.latex}"
        )


# --- LaTeX and expression ------------------------------------------------------------------------

error = r[i, j] - Sum(u[i, q] * v[j, q], (q, 1, k))
prediction = Sum(u[i, q] * v[j, q], (q, 1, k))
chosen = Sum(KroneckerDelta(q, s) * v[j, q], (q, 1, k))


def rated(body):
    return Sum(w[i, j] * body, (j, 1, n))


BY_HAND = (
    rated(-v[j, s] * error),
    rated(-v[j, s] * error),
    rated(-v[j, s] * error),
    rated(-2 * r[i, j] * chosen + 2 * prediction * chosen) / 2,
    rated(-2 * r[i, j] * v[j, s] + 2 * v[j, s] * prediction) / 2,
    rated(-r[i, j] * v[j, s] + v[j, s] * prediction),
    rated(-v[j, s] * error),
    rated(-v[j, s] * error),
)


def test_the_lines_of_the_lecture_say_what_a_person_reads_in_them():
    derivation = lecture.gradient_u()
    for number, (line, expression) in enumerate(zip(derivation, BY_HAND, strict=True), start=1):
        assert same(line.expression, expression), f"line {number}: {line.latex}"
    # The lines without a derivative are not only equal: they are built in the same way.
    assert lecture.gradient_u()[4].expression == Rational(1, 2) * Sum(
        w[i, j] * (-2 * r[i, j] * v[j, s] + 2 * v[j, s] * prediction), (j, 1, n)
    )


@pytest.mark.parametrize("name", BUILDERS)
def test_latex_and_expression_agree(name):
    derivation = BUILDERS[name]()
    for number, line in enumerate(derivation, start=1):
        where = f"{derivation.name}, line {number}"
        assert same(NOTATION.read(line.latex), line.expression), where
        written = write(line.expression)
        assert same(NOTATION.read(written), line.expression), f"{where}: {written}"


@pytest.mark.parametrize("name", BUILDERS)
def test_each_line_has_a_rule_and_a_row_of_the_lecture_where_it_has_one(name):
    derivation = BUILDERS[name]()
    assert derivation[0].source
    for line in derivation:
        assert line.rule
        assert not line.source or 1 <= int(re.fullmatch(r"S(\d+)", line.source)[1]) <= 69


@pytest.mark.parametrize("name", [build.__name__ for build in lecture.ALL])
def test_in_captions_and_rules_each_letter_is_typeset(name):
    derivation = getattr(lecture, name)()
    for text in [derivation.caption, *(line.rule for line in derivation)]:
        words = re.sub(r"\$[^$]*\$", "", text)
        bare = re.findall(r"\w*_\w+|\\\w+|\*\*|(?<!')\b(?!a\b)[a-z]\b|\d/\d|[<>|=]|lambda", words)
        assert bare == [], text


def test_the_five_lines_of_the_lecture_are_all_there():
    sources = [line.source for line in lecture.gradient_u()]
    assert sources == ["S52", "S54", "S55", "S56", "S56", "S57", "S58", "S59"]


# --- false lines ---------------------------------------------------------------------------------

SLIPS = (
    ("the sign flipped", r"^(.*)$", r"-\\left( \1 \\right)"),
    ("a factor too many", r"^(.*)$", r"2 \\left( \1 \\right)"),
    ("a minus flipped", r"-", "+"),
    ("a plus flipped", r"(?<!\^)\+", "-"),
    ("a half lost", r"\\frac\{1\}\{2\}", ""),
    ("a two lost", r"(?<![{^])2(?!\})", ""),
    ("a square lost", r"\^2(?! J)", ""),
    ("all items", r"\\sum_\{j \\in I_i\}", r"\\sum_{j=1}^{n}"),
    ("all users", r"\\sum_\{i \\in U_j\}", r"\\sum_{i=1}^{m}"),
    ("the wrong user", r"u_\{i(?=[sqt])", r"u_{p"),
    ("the wrong item", r"v_\{j(?=[sqt])", r"v_{l"),
    ("the wrong factor", r"(?<=[uv]_\{[ij])s", "t"),
    ("the wrong owner", r"I_i", "I_p"),
    ("transposed", r"\^\\top", ""),
    ("the error for the rating", r"e_\{", "r_{"),
    ("lambda lost", r"\\lambda", ""),
    ("beta lost", r"\\beta", ""),
    ("the delta lost", r"\\delta_\{\w\w\}", ""),
    ("the wrong mask", r"W \\circ E", "E"),
)


PARTS = 5
"""Of the slips in a line every fifth is tried at once."""


def false_versions(line):
    """Yield the line with each slip made once; `test_mutants_of_lines` makes it everywhere."""
    for label, pattern, replacement in SLIPS:
        if re.search(pattern, line.latex):
            yield label, re.sub(pattern, replacement, line.latex, count=1)


@pytest.mark.parametrize("part", some(range(PARTS), 1))
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.no_cover
def test_a_false_line_is_named(name, part):
    derivation = BUILDERS[name]()
    tried = 0
    for at, line in enumerate(derivation.lines):
        for label, latex in islice(false_versions(line), (at + part) % PARTS, None, PARTS):
            where = f"{derivation.name}, line {at + 1} ({line.words})"
            try:
                if is_true(name, NOTATION.read(latex)):
                    continue
            except (NotationError, CaptureError, UndecidedError):
                pass  # Then the line is refused, below.
            if at == 0:
                assert_named_by_the_next(derivation, latex, f"{label}: {latex}")
            else:
                lines = [*derivation.lines[:at], changed(line, latex), *derivation.lines[at + 1 :]]
                with pytest.raises(ValueError, match=re.escape(where)) as caught:
                    Derivation(derivation.name, lines, NOTATION)
                if isinstance(caught.value, LineError):
                    assert re.search(r"at .* = .*: -?[\d/]+ and -?[\d/]+\n", str(caught.value)), (
                        label
                    )
            tried += 1
    assert tried >= len(derivation) / PARTS


def changed(line, latex):
    return type(line)(latex, line.rule, line.source, method=line.method)


def assert_named_by_the_next(derivation, latex, label):
    """A false statement is found when the next line does not follow from it."""
    lines = [changed(derivation[0], latex), *derivation.lines[1:]]
    with pytest.raises(ValueError, match=r"line 1 |follow from line 1\b") as caught:
        Derivation(derivation.name, lines, NOTATION)
    assert str(caught.value).startswith(derivation.name), label


WRONG = {
    "all items instead of the rated ones": r"\sum_{j=1}^{n} -v_{js} e_{ij}",
    "the minus lost": r"\sum_{j \in I_i} v_{js} e_{ij}",
    "the factor 2 kept": r"\sum_{j \in I_i} -2 v_{js} e_{ij}",
    "the 1/2 kept": r"\frac{1}{2} \sum_{j \in I_i} -v_{js} e_{ij}",
    "the inner derivative lost": r"\sum_{j \in I_i} e_{ij}",
    "the inner derivative lost, with its minus": r"\sum_{j \in I_i} -e_{ij}",
    "the sum over the factors kept": r"\sum_{j \in I_i} -e_{ij} \sum_{q=1}^{k} v_{jq}",
    "the user's factor for the item's": r"\sum_{j \in I_i} -u_{is} e_{ij}",
    "another user's errors": r"\sum_{j \in I_i} -v_{js} e_{pj}",
    "another user's items": r"\sum_{j \in I_p} -v_{js} e_{ij}",
    "all users": r"\sum_{p=1}^{m} \sum_{j \in I_p} -v_{js} e_{pj}",
    "the rating for the error": r"\sum_{j \in I_i} -v_{js} r_{ij}",
    "the error squared": r"\sum_{j \in I_i} -v_{js} e_{ij}^2",
    "another factor": r"\sum_{j \in I_i} -v_{jt} e_{ij}",
    "the sum over the items lost": r"-w_{ij} v_{js} e_{ij}",
    "the users who rated instead of the items": r"\sum_{i \in U_j} -v_{js} e_{ij}",
    "a constant that stayed": r"\sum_{j \in I_i} \left( r_{ij}^2 - v_{js} e_{ij} \right)",
    "the mask left out of the matrix form": r"\left[ -E V \right]_{is}",
    "the mask on the prediction alone": r"\left[ -(R - W \circ R) V \right]_{is}",
}


def test_indices_in_the_wrong_order_are_not_even_read():
    with pytest.raises(NotationError, match="the indices of v are item, factor, in this order"):
        lecture.gradient_u().disagreement(r"\sum_{j \in I_i} -v_{sj} e_{ij}")


@pytest.mark.parametrize("case", WRONG)
def test_a_plausible_wrong_result_is_rejected(case):
    found = lecture.gradient_u().disagreement(WRONG[case])
    assert re.match(r"at .*: -?[\d/]+ and -?[\d/]+$", found)


NOT_WRITTEN_RIGHT = {
    "s for q on line 1": (
        rf"\frac{{\partial}}{{\partial u_{{is}}}} {lecture.SLIDE_LOSS_OF_USER_I}",
        CaptureError,
        "index s is bound in the sum and free in the derivative: rename the bound one, e.g. q",
    ),
    "s for q on line 4": (
        r"\sum_{j \in I_i} -v_{js} \left( r_{ij} - \sum_{s=1}^{k} u_{is} v_{js} \right)",
        CaptureError,
        "index s is bound in the sum and free outside it: rename the bound one, e.g. q",
    ),
    "V where V^T belongs": (r"\left[ -(W \circ E) V^\top \right]_{is}", NotationError, "columns"),
}


@pytest.mark.parametrize("case", NOT_WRITTEN_RIGHT)
def test_a_line_that_is_not_even_well_formed_is_refused(case):
    latex, kind, message = NOT_WRITTEN_RIGHT[case]
    with pytest.raises(kind, match=re.escape(message)):
        lecture.gradient_u().disagreement(latex)


def test_of_the_eight_lines_exactly_one_is_false():
    derivation = lecture.gradient_u()
    verdicts = [derivation.disagreement(latex) for latex in lecture.EIGHT_LINES]
    truths = [is_true("gradient_u", NOTATION.read(latex)) for latex in lecture.EIGHT_LINES]
    assert len(lecture.EIGHT_LINES) == len(set(lecture.EIGHT_LINES)) == 8
    assert [verdict is None for verdict in verdicts] == truths
    assert truths.count(False) == 1
    (shown,) = [verdict for verdict in verdicts if verdict]
    assert "w_11 = 0" in shown or "w_12 = 0" in shown


# --- arrays --------------------------------------------------------------------------------------


@pytest.fixture
def world():
    rng = np.random.default_rng(3)
    users, items, factors = 5, 4, 3
    return {
        "r": rng.normal(size=(users, items)),
        "w": rng.integers(0, 2, size=(users, items)).astype(float),
        "u": rng.normal(size=(users, factors)),
        "v": rng.normal(size=(items, factors)),
        "b": rng.normal(size=users),
        "c": rng.normal(size=items),
        "mu": 0.3,
        "lambda_": 0.7,
        "beta": 0.2,
        "alpha": 1.7,
    }


CLOSED_FORMS = (
    "gradient_u",
    "gradient_v",
    "ridge_u",
    "ridge_v",
    "weighted_u",
    "weighted_v",
    "bias_user",
    "bias_item",
    "biased_u",
    "biased_v",
    "als_u",
    "als_v",
    "hessian_uu",
    "hessian_vv",
    "hessian_uv",
    "implicit_u",
    "implicit_v",
    "implicit_trick",
)


def closed_forms(r, w, u, v, b, c, mu, lambda_, beta, alpha):
    E = w * (r - u @ v.T)
    B = w * (r - mu - b[:, None] - c - u @ v.T)
    weight = 1 + alpha * w * r
    of_all = weight * (w - u @ v.T)
    return {
        "gradient_u": -E @ v,
        "gradient_v": -E.T @ u,
        "ridge_u": -E @ v + lambda_ * u,
        "ridge_v": -E.T @ u + lambda_ * v,
        "weighted_u": -E @ v + lambda_ * w.sum(axis=1)[:, None] * u,
        "weighted_v": -E.T @ u + lambda_ * w.sum(axis=0)[:, None] * v,
        "bias_user": -B.sum(axis=1) + beta * b,
        "bias_item": -B.sum(axis=0) + beta * c,
        "biased_u": -B @ v,
        "biased_v": -B.T @ u,
        "als_u": -E @ v + lambda_ * u,
        "als_v": -E.T @ u + lambda_ * v,
        "implicit_u": -of_all @ v + lambda_ * u,
        "implicit_v": -of_all.T @ u + lambda_ * v,
        "implicit_trick": np.einsum("ij,js,jq->iqs", weight, v, v),
        "hessian_uu": np.einsum("ip,ij,js,jt->ispt", np.eye(len(u)), w, v, v),
        "hessian_vv": np.einsum("jl,ij,is,it->jslt", np.eye(len(v)), w, u, u),
        "hessian_uv": np.einsum("il,it,ls->islt", w, u, v)
        - np.einsum("st,il->islt", np.eye(u.shape[1]), E),
    }


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_last_line_as_a_function_equals_the_closed_form(name, world):
    function = BUILDERS[name]().lambdify()
    wanted = re.search(r" from (.*); axes", function.__doc__)[1].split(", ")
    got = function(**{key: world[key] for key in wanted})
    expected = closed_forms(**world)[name]
    assert got.shape == expected.shape
    assert np.allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_the_normal_equations_have_the_one_solution_that_the_proof_promises(world):
    U, V, W, R, strength = (world[key] for key in ("u", "v", "w", "r", "lambda_"))
    solved = np.empty_like(U)
    for row, known in enumerate(W.astype(bool)):
        rows = V[known]
        gram = rows.T @ rows + strength * np.eye(V.shape[1])
        assert np.linalg.eigvalsh(gram).min() >= strength * (1 - 1e-12)
        solved[row] = np.linalg.solve(gram, rows.T @ R[row, known])
    at_solution = lecture.als_u().lambdify()(u=solved, v=V, w=W, r=R, lambda_=strength)
    np.testing.assert_allclose(at_solution, 0, atol=1e-12)
    form = lecture.als_positive_definite().lambdify()
    x = np.array([1.0, -2.0, 0.5])
    assert (form(v=V, w=W, x=x, lambda_=strength) >= strength * x @ x).all()
