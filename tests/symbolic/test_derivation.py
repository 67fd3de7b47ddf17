import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from sympy import IndexedBase, KroneckerDelta, Rational, Sum, Symbol, sin, symbols

from mfteach.symbolic.counterexamples import disagreement, value
from mfteach.symbolic.derivation import BY_EXPANSION, Derivation, Line, LineError, Method
from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.notation import Notation, NotationError
from mfteach.symbolic.numpy_functions import array_function
from mfteach.symbolic.writing import plain, write

NOTATION = Notation(
    {"u": "mk", "v": "nk", "w": "mn", "r": "mn", "x": "k"},
    {r"\hat{r}_{ij}": r"\sum_{q=1}^{k} u_{iq} v_{jq}"},
)
i, j, p, q, s, m, n, k = symbols("i j p q s m n k")
r, u, v, w, x = map(IndexedBase, "ruvwx")
prediction = Sum(u[i, q] * v[j, q], (q, 1, k))

SQUARE = (
    Line(r"\left( \sum_{q=1}^{k} x_q \right)^2", "the square of a sum"),
    Line(r"\sum_{q=1}^{k} \sum_{s=1}^{k} x_q x_s", "multiply out"),
    Line(r"\sum_{s=1}^{k} x_s \sum_{q=1}^{k} x_q", "factor out"),
)


def square():
    return Derivation("A square", SQUARE, NOTATION)


# --- lines that follow, lines that do not --------------------------------------------------------


def test_a_derivation_holds_its_proved_lines():
    derivation = square()
    assert len(derivation) == 3
    assert derivation[1].latex == SQUARE[1].latex
    assert derivation[1].expression == Sum(Sum(x[q] * x[s], (s, 1, k)), (q, 1, k))
    assert derivation[1].rule == "multiply out"
    assert "index engine" in derivation[1].proof
    assert derivation[0].proof == "where we start"
    assert same(derivation.result, derivation[0].expression)


def test_a_false_line_is_named_with_sizes_and_values():
    lines = (SQUARE[0], Line(r"\sum_{q=1}^{k} x_q^2", "square each term"), SQUARE[2])
    with pytest.raises(LineError) as caught:
        Derivation("A square", lines, NOTATION)
    message = str(caught.value)
    assert message.startswith("A square, line 2 (square each term) does not follow from line 1: at")
    numbers = {name: int(text) for name, text in re.findall(r"(\w+) = (-?\d+)", message)}
    left, right = (int(text) for text in re.search(r": (-?\d+) and (-?\d+)\n", message).groups())
    entries = [numbers[f"x_{at}"] for at in range(1, numbers["k"] + 1)]
    assert sum(entries) ** 2 == left
    assert sum(entry**2 for entry in entries) == right
    assert left != right
    assert message.endswith("line 1: (sum_(q=1..k) x_q)^2\nline 2: sum_(q=1..k) x_q^2")


def test_a_capture_keeps_its_kind_and_names_the_line():
    line = Line(r"\frac{\partial}{\partial x_s} \sum_{s=1}^{k} x_s", "differentiate")
    with pytest.raises(CaptureError, match=r"^Slope, line 1 \(differentiate\): index s is bound"):
        Derivation("Slope", [line], NOTATION)


def test_what_cannot_be_decided_or_read_names_the_line():
    undecided = Line("x_s", "a sine", expression=sin(x[s]))
    with pytest.raises(UndecidedError, match=r"^Sine, line 2 \(a sine\): .* contains a sin"):
        Derivation("Sine", [Line("x_s", "start"), undecided], NOTATION)
    with pytest.raises(NotationError, match=r"^Typo, line 1 \(start\)"):
        Derivation("Typo", [Line(r"\sin x_s", "start")], NOTATION)
    with pytest.raises(NotationError, match="no notation"):
        Derivation("Typo", [Line("x_s", "start")])
    with pytest.raises(ValueError, match="at least one line"):
        Derivation("Empty", [])


def test_other_proof_methods_can_be_plugged_in():
    a, step = symbols("a Delta")
    slope = ((a + step) ** 2 - a**2) / step
    limit = Method(
        "SymPy: the limit as Delta goes to 0",
        lambda before, after: before.limit(step, 0) == after,
        lambda before, after: f"the limit is {before.limit(step, 0)}, not {after}",
    )
    lines = [
        Line(r"\frac{(a+\Delta)^2 - a^2}{\Delta}", "rise over run", expression=slope),
        Line(r"2a + \Delta", "cancel", expression=2 * a + step, method=BY_EXPANSION),
        Line("2a", "let Delta go to 0", expression=2 * a, method=limit),
    ]
    secant = Derivation("The slope of a^2", lines)
    assert [line.proof.split(":")[0] for line in secant[1:]] == ["SymPy", "SymPy"]
    assert secant.lambdify()(a=3.0) == 6.0
    lines[2] = Line("3a", "let Delta go to 0", expression=3 * a, method=limit)
    with pytest.raises(LineError, match=r"line 3 .* does not follow from line 2: the limit is 2"):
        Derivation("The slope of a^2", lines)
    lines[1] = Line("2a", "cancel", expression=2 * a, method=BY_EXPANSION)
    with pytest.raises(
        LineError, match=r"line 2 \(cancel\) does not follow from line 1: at Delta ="
    ):
        Derivation("The slope of a^2", lines)


def test_timings_are_one_for_each_line_and_positive():
    timings = square().timings
    assert list(timings) == [1, 2, 3]
    assert all(0 < seconds < 1 for seconds in timings.values())


def test_a_candidate_is_compared_with_the_result():
    derivation = square()
    assert derivation.disagreement(r"\sum_{s=1}^{k} \sum_{q=1}^{k} x_s x_q") is None
    assert derivation.disagreement(Sum(x[q], (q, 1, k)) ** 2) is None
    assert re.match(r"at k = \d.*: -?\d+ and -?\d+$", derivation.disagreement(r"x_q x_q"))
    with pytest.raises(CaptureError, match="index s"):
        derivation.disagreement(r"x_s \sum_{s=1}^{k} x_s")


# --- how it is shown -----------------------------------------------------------------------------


class Table(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.cells, self.scopes, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.scopes += [value for name, value in attributes if name == "scope"]
        if tag in {"td", "th", "caption"}:
            self.cells.append((tag, ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.cells:
            tag, text = self.cells[-1]
            self.cells[-1] = (tag, text + data)


def test_the_ledger_is_an_accessible_table():
    table = Table(square()._repr_html_())
    assert table.open == []
    assert table.cells[0] == ("caption", "A square")
    assert [text for tag, text in table.cells if tag == "th"][:4] == [
        "line",
        "formula",
        "rule",
        "how it was proved",
    ]
    assert table.scopes == ["col"] * 4 + ["row"] * 3
    formulas = [text for _, text in table.cells if text.startswith("$")]
    assert formulas[0] == rf"$\displaystyle {SQUARE[0].latex}$"
    assert formulas[1] == rf"$\displaystyle {{}}= {SQUARE[1].latex}$"


def test_the_ledger_is_the_same_each_time_and_shows_no_times():
    first, second = square(), square()
    assert first._repr_html_() == second._repr_html_()
    assert str(first) == str(second)
    assert "second" not in first._repr_html_()


def test_the_ledger_escapes_what_html_would_read():
    derivation = Derivation("a < b & c", [Line("x_s", "if x < 1 & y")], NOTATION)
    html = derivation._repr_html_()
    assert "a &lt; b &amp; c" in html
    assert "if x &lt; 1 &amp; y" in html


def test_a_formula_in_a_rule_is_typeset_in_html_and_in_words_in_a_terminal():
    derivation = Derivation("A name", [Line("x_s", r"let $\Delta^{2}$ go to 0")], NOTATION)
    assert r"let $\Delta^{2}$ go to 0" in derivation._repr_html_()
    assert "let Delta^2 go to 0" in str(derivation)
    with pytest.raises(LineError, match=r"A name, line 2 \(so x is x\) does not follow"):
        Derivation("A name", [Line("x_s", "first"), Line("x_s x_s", "so $x$ is $x$")], NOTATION)


def test_the_normal_form_is_open_where_it_is_first_used_and_unfolds_at_every_line():
    html = square()._repr_html_()
    forms = re.findall(r"<details( open)?><summary>(.*?)</summary>(.*?)</details>", html)
    assert [opened for opened, _, _ in forms] == [" open", ""]
    assert {summary for _, summary, _ in forms} == {"normal form"}
    assert {form for _, _, form in forms} == {
        r"$\displaystyle \left(\sum_{q=1}^{k} x_{q}\right)^{2}$"
    }
    assert str(square()).count("normal form: (sum_(q=1..k) x_q)^2") == 1


def test_a_line_with_a_free_index_of_another_range_is_refuted_or_undecided():
    start = Line(r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}", "what we want")
    m, (j, q, s) = Symbol("m"), symbols("j q s")
    other_size = Sum(KroneckerDelta(q, s) * IndexedBase("v")[j, q], (q, 1, m))
    false = Line(r"\sum_{q=1}^{m} \delta_{qs} v_{jq}", "the wrong size", expression=other_size)
    with pytest.raises(NotationError, match="q has two meanings"):
        Derivation("Slope", [start, replace(false, expression=None)], NOTATION)
    with pytest.raises(LineError, match=r"at k = 2, m = 1, .*s = 2, .*: 1 and 0\n"):
        Derivation("Slope", [start, false], NOTATION)
    lines = [
        Line("w_{sj} - w_{sj}^2", "start"),
        Line(r"x_s \left( w_{ij} - w_{ij}^2 \right)", "a factor"),
    ]
    with pytest.raises(UndecidedError, match="s would have to run from 1 to m and from 1 to k"):
        Derivation("Slope", lines, NOTATION)


def test_a_line_that_cannot_be_decided_is_refuted_where_numbers_show_it():
    lines = [
        Line(
            r"\sum_{q=1}^{k} \delta_{q2} x_q",
            "start",
            expression=Sum(KroneckerDelta(q, 2) * x[q], (q, 1, k)),
        ),
        Line("x_2", "only the term q = 2 is left", expression=x[2]),
    ]
    with pytest.raises(LineError, match="at k = 1, x_1 = 0, x_2 = 1: 0 and 1"):
        Derivation("A number", lines, NOTATION)


def test_the_text_shows_lines_rules_proofs_and_ranges():
    derivation = Derivation(
        "Prediction",
        [
            Line(r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}", "what we want", "S56"),
            Line(r"v_{js}", "one term is left"),
        ],
        NOTATION,
    )
    assert str(derivation) == repr(derivation)
    assert str(derivation).splitlines() == [
        "Prediction",
        "  1  d/du_is r^_ij",
        "       what we want [S56]; where we start",
        "  2  = v_js",
        f"       one term is left; {derivation[1].proof}",
        "       normal form: v_js",
        "For 1 <= j <= n, 1 <= s <= k.",
    ]


# --- LaTeX ---------------------------------------------------------------------------------------

READ = {
    r"r_{ij}": r[i, j],
    r"x_q": x[q],
    r"-2 r_{ij} v_{js}": -2 * r[i, j] * v[j, s],
    r"\frac{1}{2} x_s^2": x[s] ** 2 / 2,
    r"\frac{\lambda}{2} x_s": Symbol("lambda") * x[s] / 2,
    r"\sum_{q=1}^{k} u_{iq} v_{jq} + x_s": prediction + x[s],
    r"\sum_{q=1}^k -u_{iq} \cdot v_{jq}": -prediction,
    r"\left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2": (r[i, j] - prediction) ** 2,
    r"\sum_{j \in I_i} r_{ij}": Sum(w[i, j] * r[i, j], (j, 1, n)),
    r"\sum_{i \in U_j} r_{ij}": Sum(w[i, j] * r[i, j], (i, 1, m)),
    r"\sum_{(i,j) \in S} r_{ij}": Sum(w[i, j] * r[i, j], (i, 1, m), (j, 1, n)),
    r"\lvert I_i \rvert": Sum(w[i, j], (j, 1, n)),
    r"\lvert U_j \rvert": Sum(w[i, j], (i, 1, m)),
    r"\hat{r}_{ij}": prediction,
    r"\hat{r}_{pj} - \hat{r}_{ij}": prediction.subs(i, p) - prediction,
    r"x_q \hat{r}_{ij}": x[q] * Sum(u[i, s] * v[j, s], (s, 1, k)),
    r"\delta_{qs} x_q": KroneckerDelta(q, s) * x[q],
    r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}": v[j, s],
    r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}^2": 2 * v[j, s] * prediction,
    r"\frac{\partial \hat{r}_{ij}}{\partial u_{is}} + x_s": v[j, s] + x[s],
    r"\frac{\partial^2 \hat{r}_{ij}}{\partial u_{is} \partial v_{jq}}": KroneckerDelta(q, s),
    r"\left[ U V^\top \right]_{ij}": prediction,
    r"\left[ (W \circ R)^\top U \right]_{js}": Sum(w[i, j] * r[i, j] * u[i, s], (i, 1, m)),
    r"\left[ -R V + \lambda U \right]_{is}": Symbol("lambda") * u[i, s]
    - Sum(r[i, j] * v[j, s], (j, 1, n)),
}


@pytest.mark.parametrize("latex", READ)
def test_latex_means_what_it_says(latex):
    assert same(NOTATION.read(latex), READ[latex])


@pytest.mark.parametrize(
    "latex",
    [
        r"\int x_s",
        r"r_{ijk}",
        r"x_s +",
        r"\left( x_s",
        r"x_s )",
        r"\sum_{q=0}^{k} x_q",
        r"\sum_{q \in K} x_q",
        r"\frac{\partial}{\partial u_{is}}",
        r"\left[ U V \right]_{ij}",
        r"\left[ U + V \right]_{ij}",
        r"\left[ X \right]_{ij}",
        r"\hat{r}_{i}",
        r"x_s ! 2",
        r"x_s^s",
        "",
    ],
)
def test_other_latex_is_refused(latex):
    with pytest.raises(NotationError):
        NOTATION.read(latex)


@pytest.mark.parametrize("latex", READ)
def test_what_is_written_reads_back_the_same(latex):
    expr = READ[latex]
    assert same(NOTATION.read(write(expr)), expr)


def test_written_as_the_lecture_writes():
    assert write(r[i, j]) == "r_{ij}"
    assert write(r[i, 10]) == "r_{i,10}"
    assert write(KroneckerDelta(q, s)) == r"\delta_{qs}"
    assert write(Sum(u[i, q] + x[q], (q, 1, k))) == r"\sum_{q=1}^{k} \left(u_{iq} + x_{q}\right)"


# --- values and arrays ---------------------------------------------------------------------------


def test_values_add_up_term_by_term():
    entries = {("u", (1, 1)): 2, ("u", (1, 2)): 3, ("v", (1, 1)): 5, ("v", (1, 2)): 7}
    at = {i: 1, j: 1, k: 2}
    assert value(prediction / 2, at, lambda name, place: entries[name, place]) == Rational(31, 2)
    with pytest.raises(UndecidedError, match="fractions"):
        value(sin(x[s]), {s: 1}, lambda name, place: 1)


def test_no_difference_is_found_between_equal_expressions():
    assert disagreement(prediction**2, prediction * prediction.subs(q, s)) is None
    assert disagreement(1 / Symbol("a"), 1 / Symbol("a")) is None


def test_a_difference_in_the_indicator_is_shown_with_a_zero():
    found = disagreement(Sum(w[i, j] * r[i, j], (j, 1, n)), Sum(r[i, j], (j, 1, n)))
    assert re.search(r"w_1\d = 0", found)
    assert set(re.findall(r"w_1\d = (-?\d+)", found)) <= {"0", "1"}


@pytest.fixture
def arrays():
    rng = np.random.default_rng(7)
    shapes = {"r": (4, 5), "w": (4, 5), "u": (4, 3), "v": (5, 3), "x": (3,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def function_of(latex, axes, arrays):
    expr = NOTATION.read(latex)
    used = {str(node.base) for node in expr.atoms(type(r[i, j]))}
    return array_function(expr, symbols(axes))(**{name: arrays[name] for name in used})


def test_arrays_against_numpy(arrays):
    R, W, U, V = (arrays[name] for name in "rwuv")
    np.testing.assert_allclose(function_of(r"\hat{r}_{ij}", "i j", arrays), U @ V.T, rtol=1e-13)
    np.testing.assert_allclose(function_of(r"\hat{r}_{ij}", "j i", arrays), V @ U.T, rtol=1e-13)
    got = function_of(
        r"\sum_{j \in I_i} v_{js} \left( r_{ij} - \hat{r}_{ij} \right)", "i s", arrays
    )
    np.testing.assert_allclose(got, (W * (R - U @ V.T)) @ V, rtol=1e-12)
    got = function_of(r"\delta_{is} u_{iq} + \lvert I_i \rvert", "i s q", {**arrays, "u": U})
    expected = np.eye(4)[:, :, None] * U[:, None, :] + W.sum(axis=1)[:, None, None]
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_arrays_agree_with_the_values_entry_by_entry(arrays):
    expr = Sum(u[i, q] * v[1, q] * k, (q, 1, k)) ** 2 - Sum(1, (q, 1, k)) * u[i, 1]
    got = array_function(expr, [i])(u=arrays["u"], v=arrays["v"])
    for row in range(4):
        whole = {("u", (row + 1, c + 1)): c - row for c in range(3)}
        whole |= {("v", (1, c + 1)): 2 - c for c in range(3)}
        exact = value(expr, {i: row + 1, k: 3}, lambda name, at, known=whole: known[name, at])
        U = np.array([[c - a for c in range(3)] for a in range(4)])
        V = np.array([[2 - c for c in range(3)]])
        assert array_function(expr, [i])(u=U, v=V)[row] == exact
    assert got.shape == (4,)


def test_a_letter_may_count_two_things_in_two_sums():
    expr = Sum(u[i, q], (q, 1, k)) + Sum(r[i, q], (q, 1, n))
    got = array_function(expr, [i])(u=np.ones((2, 3)), r=np.ones((2, 4)))
    np.testing.assert_array_equal(got, [7, 7])


def test_bad_arrays_are_refused_by_name(arrays):
    function = array_function(NOTATION.read(r"\lambda \sum_{j \in I_i} r_{ij}"), [i])
    good = {"w": arrays["w"], "r": arrays["r"], "lambda_": 0.5}
    np.testing.assert_allclose(function(**good), 0.5 * (arrays["w"] * arrays["r"]).sum(axis=1))
    with pytest.raises(TypeError, match="the arguments are lambda_, r, w; got r, w"):
        function(w=arrays["w"], r=arrays["r"])
    with pytest.raises(ValueError, match=r"j runs to 5, but to 4|j runs to 4, but to 5"):
        function(**{**good, "w": arrays["w"][:, :4]})
    with pytest.raises(ValueError, match=r"r has 2 indices, but its shape is \(20,\)"):
        function(**{**good, "r": arrays["r"].ravel()})
    with pytest.raises(ValueError, match="r contains a NaN"):
        function(**{**good, "r": np.full((4, 5), np.nan)})
    with pytest.raises(UndecidedError, match="from 1 to a size"):
        array_function(Sum(x[q], (q, 2, k)), [])(x=np.ones(3))


def test_plain_text():
    assert plain(r"\frac{\partial^2 J}{\partial u_{is} \partial v_{lt}}") == "d^2 J/du_is dv_lt"
    assert plain(r"\left[ -(W \circ E)^\top U \right]_{js}") == "[-(W o E)^T U]_js"
    assert plain(r"\lambda \lvert I_i \rvert u_{is}") == "lambda |I_i| u_is"
