"""The same line in plain text, unicode and LaTeX means the same; what has no meaning is refused."""

import pytest

from mfteach.symbolic.indexed_sums import CaptureError, UndecidedError, same
from mfteach.symbolic.lecture import ALL, EIGHT_LINES, NOTATION
from mfteach.symbolic.notation import NotationError
from mfteach.symbolic.reading.syntax_tree import walk
from mfteach.symbolic.writing import plain

# What is meant, in the lecture's LaTeX, and how people type it.
TYPED = {
    r"\frac{\partial J}{\partial u_{is}}": [
        "dJ/du_is",
        "dJ/du_{is}",
        "d J / d u_{i,s}",
        "∂J/∂uᵢₛ",
        "∂J/∂u_{is}",
        "∂J/∂u[i,s]",
        r"\partial J / \partial u_{is}",
        r"\frac{dJ}{du_{is}}",
        r"\frac{\mathrm{d}J}{\mathrm{d}u_{is}}",
        r"\dfrac{\partial J}{\partial u_{i,s}}.",
        r"\frac{\partial}{\partial u_{is}} J",
        r"$\frac{\partial J}{\partial u_{is}}$",
        r"\[ \frac{\partial J}{\partial u_{is}} \]",
        "d/du_is J",
        "∂/∂u_is (J)",
        "dJ/(du_is)",
        "= dJ/dU_is",
    ],
    r"\sum_{j \in I_i} -v_{js} e_{ij}": [
        "sum_{j in I_i} -v_js e_ij",
        "sum_(j in I_i) -v_js*e_ij",
        "sum_j in I_i -v_js e_ij",
        "Sum over j in I_i of -v_js e_ij",
        "-sum over j in I_i of e_ij v_js",
        "Σ_{j∈I_i} −v_{js}·e_{ij}",
        "∑_{j∈Iᵢ} -vⱼₛeᵢⱼ",
        "- ∑_{j ∈ I_i} v_js e_ij",
        r"-\sum_{j\in I_i}v_{js}\,e_{ij}",
        r"\sum_{j \in I_{i}} \left( - v_{js} \right) e_{ij}.",
        r"\sum\limits_{j\in I_i} v_{js} \cdot (-e_{ij})",
        "sum_{j in I_i} e_ij * -v_js",
        "sum_{j: (i,j) in S} -v_js e_ij",
        r"\sum_{j \mid (i,j) \in S} -v_{js} e_{ij}",
        "sum_{j : w_ij = 1} -v_js e_ij",
        "sum_j -w_ij v_js e_ij",
        "-sum_{j=1}^n w_ij e_ij v_js",
        "sum_(j=1..n) -w_ij v_js e_ij",
        r"\sum_{j=1,\ldots,n} -w_{ij} v_{js} e_{ij}",
        "-sum_{j in I_i} v_js (r_ij - rhat_ij)",
        "sum_{j in I_i} v_js (r̂_ij - r_ij)",
        r"\sum_{j \in I_i} v_{js} \bigl( \hat r_{ij} - r_{ij} \bigr)",
        r"\sum_{j \in I_i} v_{js} \left[ \widehat{r}_{ij} - r_{ij} \right]",
        "sum_{j in I_i} v_js [r_hat[i,j] - r[i,j]]",
        "-sum_{j in I_i} v_js (r_ij - u_i^T v_j)",
        r"-\sum_{j\in I_i} v_{js}(r_{ij} - \mathbf{u}_i^\top \mathbf{v}_j)",
        "-[(W∘E)V]_is",
        r"(-(W \odot E) V)_{is}",
        "[-(W o E) V]_is",
        r"-\left[ (W \circ (R - U V^T)) V \right]_{is}",
    ],
    r"J": [
        "1/2 sum_{(i,j) in S} e_ij^2",
        "½ Σ_{(i,j)∈S} e_{ij}²",
        r"\frac12 \sum_{(i,j)\in S} (r_{ij} - \hat{r}_{ij})^2",
        r"\tfrac{1}{2}\sum_{(p,l) \in S} e_{pl}^{2}",
        "½ Σ_{(i,j)∈S} (r_ij − u_i·v_j)²",
        "0.5 * sum_i sum_{j in I_i} e_ij**2",
        "sum_{i,j} w_ij e_ij^2 / 2",
        "(1/2) sum_{i=1}^m sum_{j=1}^n w_ij (r_ij - sum_{q=1}^k u_iq v_jq)^2",
        "sum_(i,j) in S e^2_ij / 2",
        r"\frac{1}{2} \| W \circ E \|_F^2",
        "1/2 ||W ∘ E||^2",
        "1/2 sum_{ij} (w_ij e_ij)^2",
        r"\frac 1 2 \sum_{j=1}^{n} \sum_{i \in U_j} e_{ij}^2",
    ],
    r"J^{\mathrm{ridge}}": [
        "J + lambda/2 (||U||^2 + ||V||^2)",
        r"J^{ridge}",
        r"J_\text{ridge}",
        "Jridge",
        r"J + \frac{\lambda}{2} \left( \|U\|_F^2 + \lVert V \rVert_F^2 \right)",
        "J + λ/2 (‖U‖² + ‖V‖²)",
        "J + ½λ|U|^2 + ½λ|V|^2",
        "J + λ/2 sum_{i,q} u_iq^2 + λ/2 sum_{j,q} v_jq^2",
        "J + λ/2 sum_i |u_i|^2 + λ/2 sum_j v_j^T v_j",
    ],
    r"\sum_{j \in I_i} -v_{js} e_{ij} + \lambda \lvert I_i \rvert u_{is}": [
        "-sum_{j in I_i} v_js e_ij + lambda |I_i| u_is",
        "λ |I_i| u_is - Σ_{j∈I_i} v_js e_ij",
        "sum_{j in I_i} (lambda u_is - v_js e_ij)",
    ],
    r"\sum_{q=1}^{k} \left( \sum_{j \in I_i} v_{js} v_{jq} + \lambda \delta_{sq} \right) u_{iq}": [
        "sum_q (sum_{j in I_i} v_js v_jq + λ δ_sq) u_iq",
        "((sum_{j in I_i} v_j v_j^T + lambda I) u_i)_s",
        "sum_{j in I_i} v_js u_i^T v_j + lambda u_is",
        "sum_{j in I_i} v_js rhat_ij + lambda u_is",
    ],
    r"\frac{\partial^2 J}{\partial u_{is} \partial u_{pt}}": [
        "d^2J/du_is du_pt",
        "∂²J/(∂u_is ∂u_pt)",
        "δ_ip sum_{j in I_i} v_js v_jt",
    ],
    r"\sum_{j=1}^{4} 1": ["4", "2 + 2", "sum_{j=1}^4 1"],
}
CASES = [(meant, typed) for meant, ways in TYPED.items() for typed in ways]


@pytest.mark.parametrize(("meant", "typed"), CASES, ids=[typed for _, typed in CASES])
def test_every_way_to_type_a_line_means_the_same(meant, typed):
    assert same(NOTATION.read(typed), NOTATION.read(meant))


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("u_iq v_jq +", "missing"),
        ("", "nothing was typed"),
        ("=", "nothing was typed"),
        ("dL/du_is", "L is not a letter"),
        ("E", "matrix"),
        (r"\frac{\partial J^{\mathrm{rigde}}}{\partial u_{is}}", "J^ridge"),
        (r"\frac{\partial^7 J}{\partial u_{is}}", "order"),
        (r"\frac{\partial^2 J}{\partial u_{is}}", "order 2 by 1 variable"),
        (r"\frac{\partial J}{}", "with respect to what"),
        (r"\frac{\partial J}{\partial \hat{r}_{ij}}", "differentiate with respect to"),
        ("dJ/dw_ij", "differentiate with respect to"),
        ("dJ", "with respect to what"),
        (r"\delta_{q}", "two indices"),
        ("b_ij", "one index"),
        ("b_{ij}", "one index"),
        ("r_ijs", "2 indices"),
        ("u_{isq}", "two indices"),
        ("u_i", "vector"),
        ("u_i v_j", "transposed"),
        ("U V", "does not fit"),
        ("u_is + U", "cannot be added"),
        ("U^T", "vector or a matrix"),
        ("sum_{q=1}^n u_iq v_jq", "two meanings"),
        ("sum_{q=1}^m delta_qs v_jq + v_js", "two meanings"),
        ("d/du_is sum_{q=1}^n u_iq v_jq", "two meanings"),
        ("sum_{j in I_j} v_js", "index j is bound"),
        ("sum_{s=1}^k u_is v_js + u_is", "index s is bound"),
        ("d/du_is sum_{s=1}^k u_is v_js", "index s is bound"),
        ("sum_a 1", "from where to where"),
        ("sum_j in I v_js", "of which"),
        ("sum_{j in J_i} v_js", "sums run over"),
        ("sum_{j in I_i, j != l} v_js", "no meaning"),
        ("sum_{j=0}^n v_js", "count from 1"),
        ("sum v_js", "run over"),
        ("sum_{j in I_i}", "missing"),
        ("(u_is", ") is missing"),
        ("u_is)", "closes no bracket"),
        ("u_is]", "closes no bracket"),
        ("[u_is", "] is missing"),
        ("2^{1000000000}", "largest exponent"),
        ("9^{9^{9^{9}}}", "exponent"),
        ("((9^20)^20)^20", "digits"),
        ("(" * 400 + "u_is" + ")" * 400, "500"),
        ("(" * 100 + "u_is" + ")" * 100, "nested"),
        ("u_is " * 600, "characters"),
        ("1" * 13, "12 digits"),
        ("u_is / 0", "divides by 0"),
        ("e_ij / w_ij", "could be 0"),
        ("u_is / u_is", "could be 0"),
        ("|I_i| / |I_i|", "could be 0"),
        ("sum_{i,j}^n e_ij", "only a sum such as"),
        ("1/sum_{j in I_i} e_ij", "divides by a sum"),
        ("x_1.5", "whole number"),
        ("delta_{q 1.5}", "letter or a number"),
        ("1½ u_is", "side by side"),
        ("1 1/2 u_is", "side by side"),
        ("10 000 u_is", "side by side"),
        ("sum_{j=00}^n v_js", "count from 1"),
        ("sum_{q=1}^{k+1} x_q", "past the last"),
        ("-u_is <- u_is", "changes one letter"),
        ("[V]_js <- v_js", "changes one letter"),
        ("v_js ∘ e_ij", "between numbers type *"),
        ("dJ/dU^T", "with respect to a letter"),
        ("r_ij \u00ad rhat_ij", "invisible character U+00AD"),
        ("sum_{i in I_j} e_ij", "the users who rated item j are U_j"),
        ("sum_{j in U_j} e_ij", "the items that user i rated are I_i"),
        ("(chain rule)", "looks like a word"),
        ("vjs", "v_js"),
        ("sum_{item in I_i} e_ij", "one letter, not a word"),
        ("sum_{u in U_j} u_us", "another one for the index"),
        ("d(1/2 e_ij^2)/de_ij", "short for other letters"),
        ("u_is . v_js", "this has no place"),
        ("0,5 u_is", "0.5"),
        ("|e_ij|", "square"),
        ("e_ij^{-1}", "whole number"),
        ("e_ij^s", "whole number"),
        ("u_is ≠ v_js", "no meaning"),
        ("u_is; v_js", "no place"),
        ("u_is <- v_js = 2", "one arrow"),
        ("v_{ns}", "is a size"),
        ("é_ij", "no meaning"),
        (r"\sqrt{2}", "not a letter"),
        ("__import__('os')", "no meaning"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence_with_the_place(typed, part):
    with pytest.raises((NotationError, UndecidedError)) as caught:
        NOTATION.understand(typed)
    message = str(caught.value)
    assert part in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("|U_i|^2", "sum_q u_iq^2"),
        ("|I_i|^2", "|I_i| |I_i|"),
        ("|I_i||U_j|", "|U_j| |I_i|"),
        ("|I_i||U_j||I_i|", "|U_j| |I_i|^2"),
        ("sum_q^k u_iq v_jq", "rhat_ij"),
        ("[U V^T V V^T]_{ij}", "[U (V^T (V V^T))]_{ij}"),
        ("u_i^T V^T V u_i", "sum_j rhat_ij^2"),
        ("||U U^T U||^2", "||U (U^T U)||^2"),
        ("d/dv_jt d/du_is J^2", "d^2 J^2/(du_is dv_jt)"),
        ("v_jt d/du_is J^2", "2 v_jt J dJ/du_is"),
        ("sum_{s''=1}^k x_{s''} [E V]_{is''}", "sum_t x_t [E V]_{it}"),
        ("r_ij - 2 u_i*v_j", "r_ij - 2 rhat_ij"),
        ("dJ^bias/dmu", "-sum_{(i,j) in S} etilde_ij"),
        ("sum_{j in Ii} e_ij drhat_ij/du_is", "sum{j in I_i} e_ij v_js"),
        ("e_ij (d/du_is) rhat_ij", "e_ij v_js"),
        ("1\u2064½", "3/2"),
        ("sum for j from 1 to n of c_j", "sum_j c_j"),
        ("sum_{q=1}^{k-1} d/du_iq J", "sum_{q=1}^{k-1} dJ/du_iq"),
    ],
)
def test_what_looks_different_and_means_the_same(one, other):
    first, second = NOTATION.understand(one), NOTATION.understand(other)
    assert same(first.expression, second.expression, {**first.ranges, **second.ranges})


def test_a_whole_vector_captures_no_letter_that_was_typed():
    for whole in ("sum_{s''=1}^k x_{s''} v_j", "sum_{q=1}^k x_q v_j"):
        vector = NOTATION.understand(whole, whole=True)
        assert not vector.expression.has(0)
        (at,) = set(vector.ranges) - set(NOTATION.understand("v_js").ranges) or {None}
        assert at is not None
        assert "'" not in str(at)
    one, other = (
        NOTATION.understand(f"sum_{{{q}=1}}^k x_{{{q}}} v_j", whole=True) for q in ("s''", "q")
    )
    assert same(one.expression, other.expression, one.ranges)


def test_an_index_without_a_slot_has_no_range():
    assert NOTATION.understand("delta_gh").ranges == {}


@pytest.mark.parametrize(
    ("false", "true"),
    [
        (r"r_{ij} \cdot -\hat{r}_{ij}", "e_ij"),
        (r"\hat{r}_{q'j}", r"sum_t u_it v_jt"),
        ("sum_{q=1}^2 u_iq v_jq", "rhat_ij"),
        ("sum_{q=2}^k u_iq v_jq", "rhat_ij"),
        ("sum_{q=1}^{k-1} u_iq v_jq", "rhat_ij"),
        ("sum_j v_js e_ij", "sum_{j in I_i} v_js e_ij"),
    ],
)
def test_what_looks_alike_and_means_something_else(false, true):
    assert not same(NOTATION.read(false), NOTATION.read(true))


def test_an_index_of_a_definition_never_captures_what_is_put_in():
    q, (i, j) = "q'", "ij"
    assert same(NOTATION.read(rf"\hat{{r}}_{{{q}{j}}}"), NOTATION.read("sum_t u_{q't} v_jt"))
    assert str(i) == "i"


def test_a_delta_with_a_number_is_not_taken_for_granted():
    with pytest.raises(UndecidedError, match="2 lies in 1 to k"):
        same(NOTATION.read("sum_{q=1}^k delta_{q2} x_q"), NOTATION.read("x_2"))


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("sum_j v_js", "sum_j is read as the sum over all items, j = 1 to n"),
        ("sum_{i,q} u_iq", "sum_i,q is read as the sum over all users and factors"),
        ("lambda / n u_is", "divided by n and then times u_is"),
        ("Σ_{j∈I_і} v_js", "Cyrillic"),
    ],
)
def test_an_ambiguous_spelling_is_said(typed, note):
    assert any(note in found for found in NOTATION.understand(typed).notes)


def test_a_plain_line_needs_no_note():
    assert NOTATION.understand("1/2 sum_{j in I_i} e_ij^2").notes == ()


def test_an_update_has_a_target_and_a_value():
    (part,) = NOTATION.understand(r"u_{is} \leftarrow u_{is} + \eta e_{ij} v_{js}").parts
    assert same(part.target, NOTATION.read("u_is"))
    assert same(part.expression, NOTATION.read("u_is + eta v_js e_ij"))
    for typed in (
        "u_is <- u_is + η e_ij v_js",
        "uᵢₛ ← uᵢₛ + η eᵢⱼ vⱼₛ",
        "u_is := u_is + eta e_ij v_js",
    ):
        (other,) = NOTATION.understand(typed).parts
        assert same(other.target, part.target)
        assert same(other.expression, part.expression)


def test_a_chain_has_a_part_for_each_side():
    reading = NOTATION.understand("dJ/du_is = -sum_{j in I_i} v_js e_ij = -[(W o E) V]_is")
    assert len(reading.parts) == 3
    assert all(same(part.expression, reading.expression) for part in reading.parts)
    assert {str(index): str(size) for index, size in reading.ranges.items()} == {"i": "m", "s": "k"}


def test_every_formula_that_a_derivation_prints_can_be_typed():
    for build in ALL:
        for line in build():
            assert same(NOTATION.read(line.latex), line.expression), line.latex
            assert same(NOTATION.read(plain(line.latex)), line.expression), plain(line.latex)


def test_every_node_lies_inside_the_text():
    for text in EIGHT_LINES:
        tree = NOTATION.understand(text).tree
        assert all(0 <= node.start < node.end <= len(text) for node in walk(tree))


def test_a_captured_index_is_also_a_capture_error():
    with pytest.raises(CaptureError, match=r"index s .* e\.g\. q"):
        NOTATION.read("sum_{s=1}^k u_is v_js + u_is")
