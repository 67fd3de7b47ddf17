"""Right answers and slips of 10-landscape. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of

t = sp.Symbol("t")


def q1(r, a):
    error = r - a * t**2
    f = error**2 / 2
    right = sp.diff(f, t)
    return Formula(
        right,
        slips=[
            Slip(
                "inner derivative forgotten",
                error,
                "The outer derivative is right. But the error itself changes with t: how fast?",
            ),
            Slip(
                "minus forgotten",
                -right,
                "Everything is right except the sign: does the error grow or fall when t grows?",
            ),
            Slip(
                "inner square not brought down",
                right / 2,
                "You are off by a factor. There are two squares in this formula, and the half "
                "cancels the 2 from only one of them.",
            ),
            Slip(
                "outer square kept",
                right * error / 2,
                "The inner derivative is right. The outer square must be differentiated too.",
            ),
            Slip(
                "added instead of multiplied",
                error + sp.diff(error, t),
                "Both derivatives are right, the outer and the inner one. The chain rule "
                "multiplies them.",
            ),
        ],
        function=f,
        variable=t,
    )


def _experiment(seed):
    """Return the number of the start, J at the end, and the length of its gradient.

    Start 1 is zero, in start 2 the columns are equal, starts 3 and 4 are random.
    """
    rng = np.random.default_rng(seed)
    R = rng.normal(size=(4, 3))
    column, other = rng.normal(size=(4, 1)), rng.normal(size=(3, 1))
    starts = [(np.zeros((4, 2)), np.zeros((3, 2))), (column * [1, 1], other * [1, 1])]
    starts += [(rng.normal(size=(4, 2)), rng.normal(size=(3, 2))) for _ in range(2)]
    rows = []
    for number, (U, V) in enumerate(starts, 1):
        for _ in range(1000):
            E = R - U @ V.T
            U, V = U + 0.05 * E @ V, V + 0.05 * E.T @ U
        E = R - U @ V.T
        rows.append(
            (number, np.sum(E**2) / 2, np.hypot(np.linalg.norm(E @ V), np.linalg.norm(E.T @ U)))
        )
    return rows


def q2(seed):
    rows = _experiment(seed)
    return Number(
        right=min(row[1] for row in rows),
        slips=[
            Slip(
                "zero start",
                rows[0][1],
                "That start has not moved: its gradient is 0, and J is not lowest.",
            ),
            Slip(
                "equal columns",
                rows[1][1],
                "Equal columns stay equal, so this start has used one factor only.",
            ),
            Slip(
                "halfway between two",
                (rows[1][1] + rows[2][1]) / 2,
                "Read one line: which of the four J is lowest?",
            ),
        ],
        computed=True,
    )


def q2_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q3(first, second):
    return Choice(
        right="Nothing is wrong: there is an invertible matrix $G$ such that Ben's $UG$ and "
        "$V(G^{-1})^{\\mathsf T}$ are Ann's factors.",
        slips=[
            Slip(
                "names expected at the minimum",
                "Ben's descent has not converged to a minimum: there the factors would show what "
                "the films have in common.",
                "Both reached the same lowest J. Does J look at the factors, or only at what they "
                "predict?",
            ),
            Slip(
                "unique up to order and signs",
                "Ben has made a mistake: from any start you get the same factors, up to their "
                "order and their signs.",
                "Swapping factors and flipping signs can be undone, so they do not change J. What "
                "else can be undone?",
            ),
            Slip(
                "meaning taken for quality",
                "Ann's factors are better, and will predict new ratings better, because they mean "
                "something.",
                "A prediction is the product of two rows. Compare Ann's products with Ben's.",
            ),
            Slip(
                "names taken for data",
                f"The ratings contain the factor History: seed {first} has found it, and seed "
                f"{second} has missed it.",
                "Who wrote the name on the factor: the ratings, or a person who knows the films?",
            ),
        ],
    )


def q4(a, b, d):
    return Number(
        right=[a - d * b, b],
        slips=[
            Slip(
                "film changed like the user",
                [a, b + d * a],
                "You changed the film in the same way as the users. The two changes then add up, "
                "but the film's must undo theirs.",
            ),
            Slip(
                "undone in the wrong entry",
                [a, b - d * a],
                "Subtracting something is the right idea. Try a user with (1, 0) and one with (0, "
                "1): for which of them does the prediction change?",
            ),
            Slip(
                "sign lost",
                [a + d * b, b],
                "You change the right number. Try a user with (1, 0): is the prediction as before?",
            ),
            Slip(
                "film unchanged",
                [a, b],
                "With the film unchanged, a user with (1, 0) gets a different prediction than "
                "before.",
            ),
            Slip(
                "divided instead of subtracted",
                [a, sp.Rational(b, d)],
                "Dividing undoes a multiplication. Here a multiple of the first number was added.",
            ),
        ],
    )


def q5(m, n, k):
    numbers = (m + n) * k
    return Number(
        right=numbers - k**2,
        slips=[
            Slip(
                "level directions",
                k**2,
                "That is how many directions are level. The question asks for the others.",
            ),
            Slip(
                "no level direction",
                numbers,
                "That is how many numbers are learned. But in some directions you can move "
                "without changing any prediction.",
            ),
            Slip(
                "one level direction for each factor",
                numbers - k,
                "Rescaling each factor costs nothing, but neither does mixing one factor into "
                "another.",
            ),
            Slip(
                "rotations only",
                numbers - sp.Rational(k * (k - 1), 2),
                "You subtracted only the directions of a rotation. There is no penalty on large "
                "factors here, so rescaling costs nothing either.",
            ),
            Slip(
                "ratings counted",
                m * n,
                "That is how many ratings there are. But there is one direction for each number "
                "that is learned.",
            ),
        ],
    )


def _hessian(r, u, v):
    return np.array([[v * v, 2 * u * v - r], [2 * u * v - r, u * u]])


def _half_product_rule(r, u, v):
    return np.array([[v * v, u * v - r], [u * v - r, u * u]])


def _error_left_out(r, u, v):
    return np.array([[v * v, u * v], [u * v, u * u]])


def _diagonal_swapped(r, u, v):
    return np.array([[u * u, 2 * u * v - r], [2 * u * v - r, v * v]])


def _no_mixed(r, u, v):
    return np.array([[v * v, 0.0], [0.0, u * u]])


def _gradient_products(r, u, v):
    e = r - u * v
    g = np.array([-e * v, -e * u])
    return np.outer(g, g)


def _sign_lost(r, u, v):
    return np.array([[v * v, r - 2 * u * v], [r - 2 * u * v, u * u]])


def _hessian_inputs(rng):
    return [tuple(float(x) for x in rng.uniform(-3, 3, 3)) for _ in range(5)] + [(3.0, 0.0, 0.0)]


def q6():
    return Implementation(
        _hessian,
        _hessian_inputs,
        slips=[
            Slip(
                "product rule half done",
                _half_product_rule,
                "The diagonal is right. The first derivative with respect to u contains v twice, "
                "and you differentiated only one of them: the one in front of the error.",
            ),
            Slip(
                "error left out",
                _error_left_out,
                "The diagonal is right. The first derivative with respect to u contains v twice, "
                "and you differentiated only one of them: the one inside the error.",
            ),
            Slip(
                "diagonal swapped",
                _diagonal_swapped,
                "The mixed entries are right, but the two on the diagonal are swapped: what is "
                "squared is the variable that stays fixed.",
            ),
            Slip(
                "mixed entries left out",
                _no_mixed,
                "The diagonal is right. But u and v interact: the off-diagonal entries are not 0 "
                "everywhere.",
            ),
            Slip(
                "products of first derivatives",
                _gradient_products,
                "These are products of first derivatives. Second derivatives are derivatives of "
                "derivatives.",
            ),
            Slip(
                "sign of the mixed entries",
                _sign_lost,
                "The diagonal is right; the mixed entries have the wrong sign.",
            ),
        ],
        properties=[
            part("the diagonal", of=lambda H, *_: np.diag(np.reshape(H, (2, 2)))),
            part("the mixed entries", of=lambda H, *_: np.array([H[0][1], H[1][0]])),
        ],
    )
