r"""The lecture's derivations, line by line, as data.

Each function builds one `Derivation`, and so proves each of its lines, the first time that it is
called. The LaTeX is the source: what a line means is read from what it shows.

The letters: i, p users (1 to m), j, l items (1 to n), s, t, q factors (1 to k); r_ij the ratings,
w_ij 1 for a known rating and 0 for an unknown one, I_i the items that user i rated, U_j the users
who rated item j, S all known pairs; u_is and v_js the factors, b_i and c_j the biases, mu the
mean; lambda the regularization, beta that of the biases; x a vector of k numbers. For implicit
feedback w_ij is what is to be predicted, for all pairs, and alpha what a rating adds to the weight.
"""

from __future__ import annotations

from functools import cache

from mfteach.symbolic.derivation import Derivation, Line
from mfteach.symbolic.notation import Notation

__all__ = [
    "ALL",
    "EIGHT_LINES",
    "NOTATION",
    "SLIDE_LOSS_OF_USER_I",
    "als_expansion",
    "als_positive_definite",
    "als_u",
    "als_v",
    "bias_item",
    "bias_user",
    "biased_u",
    "biased_v",
    "delta_step",
    "gradient_u",
    "gradient_v",
    "hessian_uu",
    "hessian_uv",
    "hessian_vv",
    "implicit_loss",
    "implicit_trick",
    "implicit_u",
    "implicit_v",
    "matrix_u",
    "matrix_v",
    "only_user_i",
    "ridge_u",
    "ridge_v",
    "weighted_u",
    "weighted_v",
]

_SQUARES_OF_USERS = r"\sum_{i=1}^{m} \sum_{q=1}^{k} u_{iq}^2"
_SQUARES_OF_ITEMS = r"\sum_{j=1}^{n} \sum_{q=1}^{k} v_{jq}^2"

NOTATION = Notation(
    shapes={
        "r": "mn",
        "w": "mn",
        "e": "mn",
        "u": "mk",
        "v": "nk",
        "b": "m",
        "c": "n",
        "x": "k",
    },
    definitions={
        r"\hat{r}_{ij}": r"\sum_{q=1}^{k} u_{iq} v_{jq}",
        r"e_{ij}": r"r_{ij} - \hat{r}_{ij}",
        r"\tilde{e}_{ij}": r"r_{ij} - \mu - b_i - c_j - \hat{r}_{ij}",
        r"J": r"\frac{1}{2} \sum_{(i,j) \in S} e_{ij}^2",
        r"J^{\mathrm{ridge}}": (
            rf"J + \frac{{\lambda}}{{2}} \left( {_SQUARES_OF_USERS} + {_SQUARES_OF_ITEMS} \right)"
        ),
        r"J^{\mathrm{count}}": (
            r"J + \frac{\lambda}{2} \left( \sum_{i=1}^{m} \lvert I_i \rvert \sum_{q=1}^{k} u_{iq}^2"
            r" + \sum_{j=1}^{n} \lvert U_j \rvert \sum_{q=1}^{k} v_{jq}^2 \right)"
        ),
        r"J^{\mathrm{bias}}": (
            r"\frac{1}{2} \sum_{(i,j) \in S} \tilde{e}_{ij}^2"
            r" + \frac{\beta}{2} \left( \sum_{i=1}^{m} b_i^2 + \sum_{j=1}^{n} c_j^2 \right)"
        ),
        r"\tilde{w}_{ij}": r"1 + \alpha w_{ij} r_{ij}",
        r"J^{\mathrm{implicit}}": (
            r"\frac{1}{2} \sum_{i=1}^{m} \sum_{j=1}^{n}"
            r" \tilde{w}_{ij} \left( w_{ij} - \hat{r}_{ij} \right)^2"
            rf" + \frac{{\lambda}}{{2}} \left( {_SQUARES_OF_USERS} + {_SQUARES_OF_ITEMS} \right)"
        ),
    },
)
"""The lecture's notation, with the loss J (S47) and its variants: regularized, with biases, and of
all pairs.
"""

SLIDE_LOSS_OF_USER_I = (
    r"\frac{1}{2} \sum_{j \in I_i} \left( r_{ij} - \sum_{s=1}^{k} u_{is} v_{js} \right)^2"
)
"""S54 as the slide has it: s is bound here, and free in the derivative with respect to u_is."""

EIGHT_LINES = (
    r"\sum_{j \in I_i} -v_{js} e_{ij}",
    r"\sum_{q=1}^{k} u_{iq} \sum_{j \in I_i} v_{jq} v_{js} - \sum_{j \in I_i} r_{ij} v_{js}",
    r"\frac{1}{2} \sum_{j \in I_i} 2 e_{ij} \left( -v_{js} \right)",
    r"\sum_{j \in I_i} \left( \hat{r}_{ij} - r_{ij} \right) v_{js}",
    r"-\sum_{p=1}^{m} \delta_{pi} \sum_{j \in I_p} e_{pj} v_{js}",
    r"\sum_{j=1}^{n} -v_{js} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)",
    r"\left[ -(W \circ E) V \right]_{is}",
    r"\sum_{j \in I_i} \sum_{q=1}^{k} \delta_{qs} v_{jq}"
    r" \left( \sum_{t=1}^{k} u_{it} v_{jt} - r_{ij} \right)",
)
"""Eight candidates for dJ/du_is, for the exercise: exactly one is false."""


def _derivation(name: str, *lines: Line) -> Derivation:
    return Derivation(name, lines, NOTATION)


@cache
def only_user_i() -> Derivation:
    """Derive that only user i matters: other users' rows of J do not depend on u_is (S53)."""
    return _derivation(
        "Only user $i$ matters",
        Line(r"\frac{\partial J}{\partial u_{is}}", "what we want", "S52"),
        Line(
            r"\frac{\partial}{\partial u_{is}} \sum_{p=1}^{m}"
            r" \frac{1}{2} \sum_{j \in I_p} e_{pj}^2",
            "write $J$ user by user; the letter $i$ is taken, so $p$ counts the users",
            "S47",
        ),
        Line(
            r"\sum_{p=1}^{m} \frac{\partial}{\partial u_{is}}"
            r" \frac{1}{2} \sum_{j \in I_p} e_{pj}^2",
            "the derivative of a sum is the sum of the derivatives",
        ),
        Line(
            r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j \in I_i} e_{ij}^2",
            "where $p$ is not $i$ the term does not contain user $i$, so its derivative is 0",
            "S53",
        ),
    )


@cache
def delta_step() -> Derivation:
    """Derive the derivative of the prediction: of all the summed factors only one is left (S56)."""
    return _derivation(
        "The derivative of the prediction with respect to one factor",
        Line(r"\frac{\partial}{\partial u_{is}} \hat{r}_{ij}", "what we want", "S56"),
        Line(
            r"\frac{\partial}{\partial u_{is}} \sum_{q=1}^{k} u_{iq} v_{jq}",
            "write out the prediction; the letter $s$ is taken, so $q$ counts the factors",
            "S61",
        ),
        Line(
            r"\sum_{q=1}^{k} \delta_{qs} v_{jq}",
            "$u_{iq}$ has the derivative 1 with respect to $u_{is}$ where $q = s$, and 0 elsewhere",
        ),
        Line(r"v_{js}", "only the term $q = s$ is left"),
    )


@cache
def gradient_u() -> Derivation:
    """Derive dJ/du_is, the five lines of the lecture, repaired (S52 to S59)."""
    return _derivation(
        "The derivative of $J$ with respect to $u_{is}$",
        Line(r"\frac{\partial J}{\partial u_{is}}", "what we want", "S52"),
        Line(
            r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j \in I_i}"
            r" \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2",
            "only user $i$ matters; the letter $s$ is taken, so $q$ counts the factors",
            "S54",
        ),
        Line(
            r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j \in I_i}"
            r" \left( r_{ij}^2 - 2 r_{ij} \sum_{q=1}^{k} u_{iq} v_{jq}"
            r" + \left( \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2 \right)",
            "expand the square",
            "S55",
        ),
        Line(
            r"\frac{1}{2} \sum_{j \in I_i} \left( -2 r_{ij} \sum_{q=1}^{k} \delta_{qs} v_{jq}"
            r" + 2 \left( \sum_{q=1}^{k} u_{iq} v_{jq} \right)"
            r" \sum_{q=1}^{k} \delta_{qs} v_{jq} \right)",
            "differentiate term by term: $r_{ij}$ is fixed, the square needs the chain rule",
            "S56",
        ),
        Line(
            r"\frac{1}{2} \sum_{j \in I_i} \left( -2 r_{ij} v_{js}"
            r" + 2 v_{js} \sum_{q=1}^{k} u_{iq} v_{jq} \right)",
            "the delta is 1 where $q = s$ and 0 elsewhere, so only $v_{js}$ is left",
            "S56",
        ),
        Line(
            r"\sum_{j \in I_i} \left( -r_{ij} v_{js}"
            r" + v_{js} \sum_{q=1}^{k} u_{iq} v_{jq} \right)",
            r"the $\frac{1}{2}$ cancels the 2",
            "S57",
        ),
        Line(
            r"\sum_{j \in I_i} -v_{js} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)",
            "factor out $-v_{js}$",
            "S58",
        ),
        Line(r"\sum_{j \in I_i} -v_{js} e_{ij}", "the bracket is the error $e_{ij}$", "S59"),
    )


@cache
def gradient_v() -> Derivation:
    """Derive dJ/dv_js, the other half, which the lecture leaves to the reader (S63)."""
    return _derivation(
        "The derivative of $J$ with respect to $v_{js}$",
        Line(r"\frac{\partial J}{\partial v_{js}}", "what we want", "S63"),
        Line(
            r"\frac{\partial}{\partial v_{js}} \frac{1}{2} \sum_{i \in U_j}"
            r" \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2",
            "only item $j$ matters; the letter $s$ is taken, so $q$ counts the factors",
        ),
        Line(
            r"\sum_{i \in U_j} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)"
            r" \left( -\sum_{q=1}^{k} \delta_{qs} u_{iq} \right)",
            r"chain rule: the 2 cancels the $\frac{1}{2}$, the inner derivative brings the minus",
        ),
        Line(
            r"\sum_{i \in U_j} -u_{is} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)",
            "the delta is 1 where $q = s$ and 0 elsewhere, so only $u_{is}$ is left",
        ),
        Line(r"\sum_{i \in U_j} -u_{is} e_{ij}", "the bracket is the error $e_{ij}$", "S63"),
    )


@cache
def matrix_u() -> Derivation:
    """Derive the matrix form of the derivatives with respect to U (S59)."""
    return _derivation(
        "The gradient with respect to $U$ as a matrix",
        Line(r"\frac{\partial J}{\partial u_{is}}", "entry $(i, s)$ of the gradient", "S59"),
        Line(
            r"\sum_{j \in I_i} -v_{js} e_{ij}",
            "the derivative of $J$ with respect to $u_{is}$",
            "S59",
        ),
        Line(
            r"-\sum_{j=1}^{n} w_{ij} e_{ij} v_{js}",
            "$w_{ij}$ is 1 where the rating is known and 0 elsewhere",
        ),
        Line(
            r"\left[ -(W \circ E) V \right]_{is}",
            "the definition of the matrix product; $\\circ$ multiplies entry by entry",
        ),
    )


@cache
def matrix_v() -> Derivation:
    """Derive the matrix form of the derivatives with respect to V (S63)."""
    return _derivation(
        "The gradient with respect to $V$ as a matrix",
        Line(r"\frac{\partial J}{\partial v_{js}}", "entry $(j, s)$ of the gradient", "S63"),
        Line(
            r"\sum_{i \in U_j} -u_{is} e_{ij}",
            "the derivative of $J$ with respect to $v_{js}$",
            "S63",
        ),
        Line(
            r"-\sum_{i=1}^{m} w_{ij} e_{ij} u_{is}",
            "$w_{ij}$ is 1 where the rating is known and 0 elsewhere",
        ),
        Line(
            r"\left[ -(W \circ E)^\top U \right]_{js}",
            "the definition of the matrix product; the sum runs over the rows of $W \\circ E$",
        ),
    )


@cache
def ridge_u() -> Derivation:
    """Derive the derivative with respect to u_is, with the plain penalty (S67)."""
    return _derivation(
        "The derivative with respect to $u_{is}$, with regularization",
        Line(r"\frac{\partial J^{\mathrm{ridge}}}{\partial u_{is}}", "what we want", "S67"),
        Line(
            r"\frac{\partial J}{\partial u_{is}} + \frac{\partial}{\partial u_{is}}"
            r" \frac{\lambda}{2} \sum_{q=1}^{k} u_{iq}^2",
            "of all the squares, only those of user $i$ contain $u_{is}$",
        ),
        Line(
            r"\sum_{j \in I_i} -v_{js} e_{ij} + \lambda u_{is}",
            r"the $\frac{1}{2}$ cancels the 2 of the square",
        ),
        Line(r"\left[ -(W \circ E) V + \lambda U \right]_{is}", "as a matrix"),
    )


@cache
def ridge_v() -> Derivation:
    """Derive the derivative with respect to v_js, with the plain penalty (S67)."""
    return _derivation(
        "The derivative with respect to $v_{js}$, with regularization",
        Line(r"\frac{\partial J^{\mathrm{ridge}}}{\partial v_{js}}", "what we want", "S67"),
        Line(
            r"\frac{\partial J}{\partial v_{js}} + \frac{\partial}{\partial v_{js}}"
            r" \frac{\lambda}{2} \sum_{q=1}^{k} v_{jq}^2",
            "of all the squares, only those of item $j$ contain $v_{js}$",
        ),
        Line(
            r"\sum_{i \in U_j} -u_{is} e_{ij} + \lambda v_{js}",
            r"the $\frac{1}{2}$ cancels the 2 of the square",
        ),
        Line(r"\left[ -(W \circ E)^\top U + \lambda V \right]_{js}", "as a matrix"),
    )


@cache
def weighted_u() -> Derivation:
    """Derive the derivative with respect to u_is, with the penalty weighted by count (S67)."""
    return _derivation(
        "The derivative with respect to $u_{is}$, with count-weighted regularization",
        Line(r"\frac{\partial J^{\mathrm{count}}}{\partial u_{is}}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j \in I_i}"
            r" \left( e_{ij}^2 + \lambda \sum_{q=1}^{k} u_{iq}^2 \right)",
            "only user $i$ matters; the squares are counted once for each rating by user $i$",
        ),
        Line(
            r"\sum_{j \in I_i} \left( -v_{js} e_{ij} + \lambda u_{is} \right)",
            r"the $\frac{1}{2}$ cancels the 2 of both squares",
        ),
        Line(
            r"\sum_{j \in I_i} -v_{js} e_{ij} + \lambda \lvert I_i \rvert u_{is}",
            "the second term is the same for each rating: count the ratings",
        ),
    )


@cache
def weighted_v() -> Derivation:
    """Derive the derivative with respect to v_js, with the penalty weighted by count (S67)."""
    return _derivation(
        "The derivative with respect to $v_{js}$, with count-weighted regularization",
        Line(r"\frac{\partial J^{\mathrm{count}}}{\partial v_{js}}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial v_{js}} \frac{1}{2} \sum_{i \in U_j}"
            r" \left( e_{ij}^2 + \lambda \sum_{q=1}^{k} v_{jq}^2 \right)",
            "only item $j$ matters; the squares are counted once for each rating of item $j$",
        ),
        Line(
            r"\sum_{i \in U_j} \left( -u_{is} e_{ij} + \lambda v_{js} \right)",
            r"the $\frac{1}{2}$ cancels the 2 of both squares",
        ),
        Line(
            r"\sum_{i \in U_j} -u_{is} e_{ij} + \lambda \lvert U_j \rvert v_{js}",
            "the second term is the same for each rating: count the ratings",
        ),
    )


@cache
def bias_user() -> Derivation:
    """Derive the derivative with respect to the bias of user i (S67)."""
    return _derivation(
        "The derivative with respect to the bias of user $i$",
        Line(r"\frac{\partial J^{\mathrm{bias}}}{\partial b_i}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial b_i} \left( \frac{1}{2} \sum_{j \in I_i} \left( r_{ij} - \mu"
            r" - b_i - c_j - \hat{r}_{ij} \right)^2 + \frac{\beta}{2} b_i^2 \right)",
            "only user $i$ matters",
        ),
        Line(
            r"\sum_{j \in I_i} -\left( r_{ij} - \mu - b_i - c_j - \hat{r}_{ij} \right) + \beta b_i",
            "chain rule: the inner derivative with respect to $b_i$ is $-1$",
        ),
        Line(
            r"\sum_{j \in I_i} -\tilde{e}_{ij} + \beta b_i", "the bracket is the error with biases"
        ),
    )


@cache
def bias_item() -> Derivation:
    """Derive the derivative with respect to the bias of item j (S67)."""
    return _derivation(
        "The derivative with respect to the bias of item $j$",
        Line(r"\frac{\partial J^{\mathrm{bias}}}{\partial c_j}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial c_j} \left( \frac{1}{2} \sum_{i \in U_j} \left( r_{ij} - \mu"
            r" - b_i - c_j - \hat{r}_{ij} \right)^2 + \frac{\beta}{2} c_j^2 \right)",
            "only item $j$ matters",
        ),
        Line(
            r"\sum_{i \in U_j} -\left( r_{ij} - \mu - b_i - c_j - \hat{r}_{ij} \right) + \beta c_j",
            "chain rule: the inner derivative with respect to $c_j$ is $-1$",
        ),
        Line(
            r"\sum_{i \in U_j} -\tilde{e}_{ij} + \beta c_j", "the bracket is the error with biases"
        ),
    )


@cache
def biased_u() -> Derivation:
    """Derive the derivative with respect to u_is in the model with biases (S67)."""
    return _derivation(
        "The derivative with respect to $u_{is}$, with biases",
        Line(r"\frac{\partial J^{\mathrm{bias}}}{\partial u_{is}}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial u_{is}} \frac{1}{2} \sum_{j \in I_i} \left( r_{ij} - \mu"
            r" - b_i - c_j - \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2",
            "only user $i$ matters, and the penalty on the biases does not contain $u_{is}$",
        ),
        Line(
            r"\sum_{j \in I_i} -v_{js} \tilde{e}_{ij}",
            "chain rule, as without biases: the mean and the biases are constants here",
        ),
    )


@cache
def biased_v() -> Derivation:
    """Derive the derivative with respect to v_js in the model with biases (S67)."""
    return _derivation(
        "The derivative with respect to $v_{js}$, with biases",
        Line(r"\frac{\partial J^{\mathrm{bias}}}{\partial v_{js}}", "what we want", "S67"),
        Line(
            r"\frac{\partial}{\partial v_{js}} \frac{1}{2} \sum_{i \in U_j} \left( r_{ij} - \mu"
            r" - b_i - c_j - \sum_{q=1}^{k} u_{iq} v_{jq} \right)^2",
            "only item $j$ matters, and the penalty on the biases does not contain $v_{js}$",
        ),
        Line(
            r"\sum_{i \in U_j} -u_{is} \tilde{e}_{ij}",
            "chain rule, as without biases: the mean and the biases are constants here",
        ),
    )


@cache
def hessian_uu() -> Derivation:
    """Derive the block of the Hessian for two user factors (S47)."""
    return _derivation(
        "The second derivative with respect to $u_{is}$ and $u_{pt}$",
        Line(r"\frac{\partial^2 J}{\partial u_{is} \partial u_{pt}}", "what we want", "S47"),
        Line(
            r"\frac{\partial}{\partial u_{pt}} \sum_{j \in I_i} -v_{js} e_{ij}",
            "the derivative with respect to $u_{is}$ first",
            "S59",
        ),
        Line(
            r"\sum_{j \in I_i} v_{js} \frac{\partial}{\partial u_{pt}} \hat{r}_{ij}",
            "in the error only the prediction depends on $u_{pt}$, and it has a minus sign",
        ),
        Line(
            r"\delta_{ip} \sum_{j \in I_i} v_{js} v_{jt}",
            "a prediction for user $i$ does not contain another user's factors: 0 unless $p = i$",
        ),
    )


@cache
def hessian_vv() -> Derivation:
    """Derive the block of the Hessian for two item factors (S47)."""
    return _derivation(
        "The second derivative with respect to $v_{js}$ and $v_{lt}$",
        Line(r"\frac{\partial^2 J}{\partial v_{js} \partial v_{lt}}", "what we want", "S47"),
        Line(
            r"\frac{\partial}{\partial v_{lt}} \sum_{i \in U_j} -u_{is} e_{ij}",
            "the derivative with respect to $v_{js}$ first",
            "S63",
        ),
        Line(
            r"\sum_{i \in U_j} u_{is} \frac{\partial}{\partial v_{lt}} \hat{r}_{ij}",
            "in the error only the prediction depends on $v_{lt}$, and it has a minus sign",
        ),
        Line(
            r"\delta_{jl} \sum_{i \in U_j} u_{is} u_{it}",
            "a prediction for item $j$ does not contain another item's factors: 0 unless $l = j$",
        ),
    )


@cache
def hessian_uv() -> Derivation:
    """Derive the mixed block of the Hessian, which makes J nonconvex (S47)."""
    return _derivation(
        "The second derivative with respect to $u_{is}$ and $v_{lt}$",
        Line(r"\frac{\partial^2 J}{\partial u_{is} \partial v_{lt}}", "what we want", "S47"),
        Line(
            r"\frac{\partial}{\partial v_{lt}} \sum_{j \in I_i} -v_{js} e_{ij}",
            "the derivative with respect to $u_{is}$ first",
            "S59",
        ),
        Line(
            r"\sum_{j=1}^{n} w_{ij} \left( -\delta_{jl} \delta_{st} e_{ij}"
            r" + v_{js} \delta_{jl} u_{it} \right)",
            "product rule: $v_{js}$ depends on $v_{lt}$, and so does the error",
        ),
        Line(
            r"w_{il} \left( u_{it} v_{ls} - \delta_{st} e_{il} \right)",
            "only the term $j = l$ is left",
        ),
    )


@cache
def als_u() -> Derivation:
    """Derive the normal equations of user i: the derivative is linear in u_i (S68)."""
    return _derivation(
        "The normal equations of user $i$",
        Line(r"\frac{\partial J^{\mathrm{ridge}}}{\partial u_{is}}", "to be set to 0", "S68"),
        Line(
            r"\sum_{j \in I_i} -v_{js} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)"
            r" + \lambda u_{is}",
            "the derivative with respect to $u_{is}$, with regularization",
            "S67",
        ),
        Line(
            r"\sum_{q=1}^{k} \sum_{j \in I_i} v_{js} v_{jq} u_{iq}"
            r" + \lambda \sum_{q=1}^{k} \delta_{sq} u_{iq} - \sum_{j \in I_i} r_{ij} v_{js}",
            "multiply out, swap the two sums, and write $u_{is}$ as a sum with a delta",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{j \in I_i} v_{js} v_{jq} + \lambda \delta_{sq} \right)"
            r" u_{iq} - \sum_{j \in I_i} r_{ij} v_{js}",
            "a matrix times $u_i$, minus a vector: $k$ equations for the $k$ numbers $u_{iq}$",
            "S68",
        ),
    )


@cache
def als_v() -> Derivation:
    """Derive the normal equations of item j: the derivative is linear in v_j (S68)."""
    return _derivation(
        "The normal equations of item $j$",
        Line(r"\frac{\partial J^{\mathrm{ridge}}}{\partial v_{js}}", "to be set to 0", "S68"),
        Line(
            r"\sum_{i \in U_j} -u_{is} \left( r_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right)"
            r" + \lambda v_{js}",
            "the derivative with respect to $v_{js}$, with regularization",
            "S67",
        ),
        Line(
            r"\sum_{q=1}^{k} \sum_{i \in U_j} u_{is} u_{iq} v_{jq}"
            r" + \lambda \sum_{q=1}^{k} \delta_{sq} v_{jq} - \sum_{i \in U_j} r_{ij} u_{is}",
            "multiply out, swap the two sums, and write $v_{js}$ as a sum with a delta",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{i \in U_j} u_{is} u_{iq} + \lambda \delta_{sq} \right)"
            r" v_{jq} - \sum_{i \in U_j} r_{ij} u_{is}",
            "a matrix times $v_j$, minus a vector: $k$ equations for the $k$ numbers $v_{jq}$",
            "S68",
        ),
    )


@cache
def als_positive_definite() -> Derivation:
    """Derive why the normal equations have exactly one solution for lambda > 0 (S68).

    The last line is a sum of squares plus lambda |x|^2: positive for every x other than 0. A
    matrix that maps only x = 0 to 0 has an inverse, so the equations have exactly one solution.
    """
    return _derivation(
        r"The matrix of the normal equations is positive definite for $\lambda > 0$",
        Line(
            r"\sum_{s=1}^{k} x_s \sum_{q=1}^{k} \left( \sum_{j \in I_i} v_{js} v_{jq}"
            r" + \lambda \delta_{sq} \right) x_q",
            "the matrix multiplied by $x$ from both sides, for any vector $x$",
            "S68",
        ),
        Line(
            r"\sum_{j \in I_i} \left( \sum_{s=1}^{k} x_s v_{js} \right)"
            r" \left( \sum_{q=1}^{k} v_{jq} x_q \right) + \lambda \sum_{s=1}^{k} x_s x_s",
            "swap the sums; the delta keeps only $q = s$",
        ),
        Line(
            r"\sum_{j \in I_i} \left( \sum_{q=1}^{k} v_{jq} x_q \right)^2"
            r" + \lambda \sum_{q=1}^{k} x_q^2",
            "both brackets are the same number, so all that is left is squares",
        ),
    )


@cache
def als_expansion() -> Derivation:
    """Derive that the solution of the normal equations is the only minimum for user i (S68).

    The first line is what user i contributes to the regularized loss, after a step x away from
    u_i. In the last line, the second term is x times the derivative, which is 0 at the solution;
    if lambda > 0, the third is positive for every x other than 0. So every other point is higher.
    """
    return _derivation(
        "One step away from the solution the loss is higher",
        Line(
            r"\frac{1}{2} \sum_{j \in I_i} \left( r_{ij}"
            r" - \sum_{q=1}^{k} \left( u_{iq} + x_q \right) v_{jq} \right)^2"
            r" + \frac{\lambda}{2} \sum_{q=1}^{k} \left( u_{iq} + x_q \right)^2",
            "the loss of user $i$ at $u_i + x$",
            "S68",
        ),
        Line(
            r"\frac{1}{2} \sum_{j \in I_i} \left( e_{ij}^2 - 2 e_{ij} \sum_{q=1}^{k} v_{jq} x_q"
            r" + \left( \sum_{q=1}^{k} v_{jq} x_q \right)^2 \right)"
            r" + \frac{\lambda}{2} \sum_{q=1}^{k} \left( u_{iq}^2 + 2 u_{iq} x_q + x_q^2 \right)",
            "expand the squares",
        ),
        Line(
            r"\left( \frac{1}{2} \sum_{j \in I_i} e_{ij}^2"
            r" + \frac{\lambda}{2} \sum_{q=1}^{k} u_{iq}^2 \right)"
            r" + \sum_{s=1}^{k} x_s \left( \sum_{j \in I_i} -v_{js} e_{ij} + \lambda u_{is} \right)"
            r" + \frac{1}{2} \left( \sum_{j \in I_i} \left( \sum_{q=1}^{k} v_{jq} x_q \right)^2"
            r" + \lambda \sum_{q=1}^{k} x_q^2 \right)",
            "collect: the loss at $u_i$, $x$ times the derivative there, and a sum of squares",
        ),
    )


@cache
def implicit_u() -> Derivation:
    """Derive the normal equations of user i for implicit feedback: all items count, seen or not.

    The weight of a pair is 1 for a blank and 1 + alpha r_ij for what was seen. In the last line
    the sum over all items is the same for every user, and the others run over what i has seen.
    """
    return _derivation(
        "The normal equations of user $i$ for implicit feedback",
        Line(
            r"\frac{\partial J^{\mathrm{implicit}}}{\partial u_{is}}",
            "to be set to 0; $w_{ij}$ is 1 for what was seen, 0 for a blank, and to be predicted",
            "S68",
        ),
        Line(
            r"\sum_{j=1}^{n} -v_{js} \tilde{w}_{ij}"
            r" \left( w_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right) + \lambda u_{is}",
            "only user $i$ matters, but now with all items: chain rule, as for the ratings",
            "S59",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{j=1}^{n} \tilde{w}_{ij} v_{js} v_{jq}"
            r" + \lambda \delta_{sq} \right) u_{iq} - \sum_{j=1}^{n} \tilde{w}_{ij} w_{ij} v_{js}",
            "multiply out, swap the two sums, and write $u_{is}$ as a sum with a delta",
            "S68",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{j=1}^{n} v_{js} v_{jq}"
            r" + \alpha \sum_{j \in I_i} r_{ij} v_{js} v_{jq} + \lambda \delta_{sq} \right) u_{iq}"
            r" - \sum_{j \in I_i} \left( 1 + \alpha r_{ij} \right) v_{js}",
            "the weight is 1 plus $\\alpha r_{ij}$ where something was seen: the sum over all items"
            " is the same for every user, and the rest needs no blank",
        ),
    )


@cache
def implicit_v() -> Derivation:
    """Derive the normal equations of item j for implicit feedback: all users count."""
    return _derivation(
        "The normal equations of item $j$ for implicit feedback",
        Line(
            r"\frac{\partial J^{\mathrm{implicit}}}{\partial v_{js}}",
            "to be set to 0; $w_{ij}$ is 1 for what was seen, 0 for a blank, and to be predicted",
            "S68",
        ),
        Line(
            r"\sum_{i=1}^{m} -u_{is} \tilde{w}_{ij}"
            r" \left( w_{ij} - \sum_{q=1}^{k} u_{iq} v_{jq} \right) + \lambda v_{js}",
            "only item $j$ matters, but now with all users: chain rule, as for the ratings",
            "S63",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{i=1}^{m} \tilde{w}_{ij} u_{is} u_{iq}"
            r" + \lambda \delta_{sq} \right) v_{jq} - \sum_{i=1}^{m} \tilde{w}_{ij} w_{ij} u_{is}",
            "multiply out, swap the two sums, and write $v_{js}$ as a sum with a delta",
            "S68",
        ),
        Line(
            r"\sum_{q=1}^{k} \left( \sum_{i=1}^{m} u_{is} u_{iq}"
            r" + \alpha \sum_{i \in U_j} r_{ij} u_{is} u_{iq} + \lambda \delta_{sq} \right) v_{jq}"
            r" - \sum_{i \in U_j} \left( 1 + \alpha r_{ij} \right) u_{is}",
            "the weight is 1 plus $\\alpha r_{ij}$ where something was seen: the sum over all users"
            " is the same for every item, and the rest needs no blank",
        ),
    )


@cache
def implicit_trick() -> Derivation:
    """Derive that the weighted sum over all items costs no more than what user i has seen."""
    return _derivation(
        "All items, at the price of those that user $i$ has seen",
        Line(
            r"\sum_{j=1}^{n} \tilde{w}_{ij} v_{js} v_{jq}",
            "entry $(s, q)$ of the matrix of user $i$: a sum of $n$ terms for each user",
            "S68",
        ),
        Line(
            r"\sum_{j=1}^{n} \left( 1 + \alpha w_{ij} r_{ij} \right) v_{js} v_{jq}",
            "write out the weight",
        ),
        Line(
            r"\sum_{j=1}^{n} v_{js} v_{jq} + \alpha \sum_{j=1}^{n} w_{ij} r_{ij} v_{js} v_{jq}",
            "split the sum: the first one does not contain $i$",
        ),
        Line(
            r"\sum_{j=1}^{n} v_{js} v_{jq} + \alpha \sum_{j \in I_i} r_{ij} v_{js} v_{jq}",
            "$w_{ij}$ leaves only what $i$ has seen",
        ),
    )


@cache
def implicit_loss() -> Derivation:
    """Derive how the sum over all pairs is computed from two k x k tables and the seen pairs."""
    return _derivation(
        "The weighted squared error of all pairs, without a look at any blank",
        Line(
            r"\sum_{i=1}^{m} \sum_{j=1}^{n}"
            r" \tilde{w}_{ij} \left( w_{ij} - \hat{r}_{ij} \right)^2",
            "all $m n$ pairs",
            "S47",
        ),
        Line(
            r"\sum_{i=1}^{m} \sum_{j=1}^{n} \hat{r}_{ij}^2 + \sum_{(i,j) \in S} \left("
            r" \left( 1 + \alpha r_{ij} \right) \left( 1 - \hat{r}_{ij} \right)^2"
            r" - \hat{r}_{ij}^2 \right)",
            "first as if all were blanks, then put the seen pairs right",
        ),
        Line(
            r"\sum_{s=1}^{k} \sum_{q=1}^{k} \left( \sum_{i=1}^{m} u_{is} u_{iq} \right)"
            r" \left( \sum_{j=1}^{n} v_{js} v_{jq} \right) + \sum_{(i,j) \in S} \left("
            r" \left( 1 + \alpha r_{ij} \right) \left( 1 - \hat{r}_{ij} \right)^2"
            r" - \hat{r}_{ij}^2 \right)",
            "multiply out the square and swap the sums: two tables of $k$ times $k$ numbers",
        ),
    )


ALL = (
    only_user_i,
    delta_step,
    gradient_u,
    gradient_v,
    matrix_u,
    matrix_v,
    ridge_u,
    ridge_v,
    weighted_u,
    weighted_v,
    bias_user,
    bias_item,
    biased_u,
    biased_v,
    hessian_uu,
    hessian_vv,
    hessian_uv,
    als_u,
    als_v,
    als_positive_definite,
    als_expansion,
    implicit_u,
    implicit_v,
    implicit_trick,
    implicit_loss,
)
"""Every derivation of the lecture, in teaching order; each is built when it is called."""
