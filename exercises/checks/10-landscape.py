"""Right answers and slips of 10-landscape. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading.questions import Choice, Formula, Implementation, Number, Slip

u, v = sp.symbols("u v")


def q1(r):
    J = (r - u * v) ** 2 / 2
    return Formula(
        right=sp.expand(sp.diff(J, u, v)),
        slips=[
            Slip(
                "product rule half done",
                u * v - r,
                "Only one of the two places where v stands was differentiated: after the first "
                "derivative there is a v in front of the error, and another one inside it.",
            ),
            Slip(
                "error alone",
                r - u * v,
                "This is the error. Its sign, and one more term, are missing: differentiate twice.",
            ),
            Slip(
                "twice by the same letter",
                v**2,
                "This is the second derivative by u and again by u. Asked for is first one, then "
                "the other.",
            ),
            Slip(
                "first derivative only",
                sp.expand(sp.diff(J, u)),
                "This is the first derivative. Differentiate it once more, by the other letter.",
            ),
            Slip(
                "sign lost",
                r - 2 * u * v,
                "Every term has the wrong sign: the inner derivative of the error brings a minus.",
            ),
        ],
    )


def q2(r):
    return Number(
        right=-r,
        slips=[
            Slip(
                "level taken for flat",
                0,
                "The slope is nothing there, in every direction. The curvature is not: the "
                "landscape bends.",
            ),
            Slip(
                "upward direction",
                r,
                "That is how strongly it bends upwards, in the other diagonal direction.",
            ),
            Slip(
                "length of the direction forgotten",
                -2 * r,
                "Divide by the squared length of the direction: (1, 1) is longer than 1.",
            ),
            Slip(
                "height of the saddle",
                sp.Rational(r * r, 2),
                "That is the height of J there, not its curvature.",
            ),
        ],
    )


def q3(u, v, c):
    return Choice(
        right=f"$({c * u}, {v // c})$",
        slips=[
            Slip(
                "both multiplied",
                f"$({c * u}, {c * v})$",
                "Both numbers grew, so the prediction grew fourfold.",
            ),
            Slip(
                "sum kept instead of product",
                f"$({u + 1}, {v - 1})$",
                "The sum of the two is as before. The prediction is their product.",
            ),
            Slip(
                "one sign changed",
                f"$({u}, {-v})$",
                "Now the prediction has the other sign. Two signs must change, or none.",
            ),
            Slip(
                "nothing else fits",
                "No other point: the factors of a minimum are unique.",
                "Try it: double the first number. What must happen to the second, so that the "
                "prediction stays?",
            ),
        ],
    )


def q4(k, m, n):
    return Number(
        right=k * k,
        slips=[
            Slip(
                "one for each factor",
                k,
                "Scaling each factor is free, but so is mixing one into another.",
            ),
            Slip(
                "rotations only",
                sp.Rational(k * (k - 1), 2),
                "So many numbers does a rotation have. More than rotations leave the product as "
                "it is: stretching does too.",
            ),
            Slip(
                "all numbers",
                (m + n) * k,
                "So many numbers are learned in all. Not every one of them is free at an optimum.",
            ),
            Slip(
                "signs and orders",
                2 * k,
                "Signs and orders are single points. A level direction is one in which you can "
                "walk.",
            ),
        ],
    )


def _hessian(r, u, v):
    return np.array([[v * v, 2 * u * v - r], [2 * u * v - r, u * u]])


def _half_product_rule(r, u, v):
    return np.array([[v * v, u * v - r], [u * v - r, u * u]])


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


def q5():
    return Implementation(
        _hessian,
        _hessian_inputs,
        slips=[
            Slip(
                "product rule half done",
                _half_product_rule,
                "The diagonal is right. In the mixed entry only one of the two places where the "
                "other letter stands was differentiated.",
            ),
            Slip(
                "diagonal swapped",
                _diagonal_swapped,
                "The mixed entries are right, and the two on the diagonal stand in each other's "
                "place: what is squared is the letter that stays fixed.",
            ),
            Slip(
                "mixed entries left out",
                _no_mixed,
                "The diagonal is right. But u and v act on each other: the entries beside the "
                "diagonal are not 0.",
            ),
            Slip(
                "products of first derivatives",
                _gradient_products,
                "These are products of first derivatives. Second derivatives are derivatives of "
                "derivatives.",
            ),
            Slip(
                "sign lost",
                _sign_lost,
                "The diagonal is right; the mixed entries have the wrong sign.",
            ),
        ],
    )
