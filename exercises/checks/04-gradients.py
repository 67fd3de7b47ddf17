"""Right answers and slips of 04-gradients. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip

x, y = sp.symbols("x y")
PLACES = range(1, 5)


def q1(n, p):
    def slope(i):
        return f"{n * i}x_{i}^{{{n - 1}}}"

    def term(i):
        return f"x_1^{{{n}}}" if i == 1 else f"{i}x_{i}^{{{n}}}"

    return Choice(
        right=f"${slope(p)}$",
        slips=[
            Slip(
                "bound index outside",
                f"${n}i\\,x_i^{{{n - 1}}}$",
                "The letter i counts inside the sum, and means nothing outside. Which of the four "
                "variables was asked for?",
            ),
            Slip(
                "index dropped",
                f"${n * p}x^{{{n - 1}}}$",
                "There are four variables here, and none of them is called x.",
            ),
            Slip(
                "others kept as they are",
                f"${' + '.join(slope(i) if i == p else term(i) for i in PLACES)}$",
                "The other terms were left alone. But they do not change when only the variable "
                "asked for moves.",
            ),
            Slip(
                "all variables moved",
                f"${' + '.join(slope(i) for i in PLACES)}$",
                "Here every variable moved. In a partial derivative only one does.",
            ),
            Slip(
                "factor of the term lost",
                f"${n}x_{p}^{{{n - 1}}}$",
                "In this sum each term has a factor of its own. Constant factors stay.",
            ),
        ],
    )


def q2(a, b, c):
    f = a * x**2 * y + b * y**3 + c * x
    right = sp.diff(f, y)
    return Formula(
        right,
        slips=[
            Slip(
                "by the other variable",
                sp.diff(f, x),
                "Here the other variable moved. The letter below the fraction bar is the one that "
                "moves.",
            ),
            Slip(
                "fixed factor taken for 0",
                3 * b * y**2,
                "A fixed term has the slope 0. But a fixed factor stays as it is.",
            ),
            Slip(
                "fixed factor lost",
                a + 3 * b * y**2,
                "In the first term a factor got lost. It is held fixed, so it stays, as a number "
                "would.",
            ),
            Slip(
                "fixed term kept",
                right + c * x,
                "One term has nothing in it that moves. How fast does it change?",
            ),
            Slip(
                "both variables moved",
                2 * a * x + 3 * b * y**2,
                "In the first term both factors were differentiated. Only one variable moves.",
            ),
        ],
        function=f,
        variable=y,
    )


def q3(a, b, p, q, r):
    square, product = a * p**2, b * q * r
    return Number(
        right=[2 * a * p, b * r, b * q],
        slips=[
            Slip(
                "others kept as they are",
                [2 * a * p + product, square + b * r, square + b * q],
                "In each entry the term without its variable was left alone. It does not move, so "
                "its slope is 0.",
            ),
            Slip(
                "wrong factor left",
                [2 * a * p, b * q, b * r],
                "Of a product the other factor stays: the one that is held fixed.",
            ),
            Slip(
                "fixed factor lost",
                [2 * a * p, b, b],
                "A factor that is held fixed stays as it is. In two entries it got lost.",
            ),
            Slip(
                "exponent not brought down",
                [a * p, b * r, b * q],
                "The product is done right. In the first entry the exponent did not come down as a "
                "factor.",
            ),
            Slip(
                "fixed factor taken for 0",
                [2 * a * p, 0, 0],
                "A fixed term has the slope 0, but in the product there is a factor that moves.",
            ),
        ],
    )


def q4(a, c):
    road = "$y = -x$" if c > 0 else "$y = x$"  # where the mixed term is negative
    return Choice(
        right=f"A saddle: along the road {road} the surface bends downwards.",
        slips=[
            Slip(
                "axes alone",
                "A minimum: along $x$ and along $y$ the surface bends upwards.",
                "There are more directions than two. The mixed term is 0 on both axes, and shows "
                "only beside them.",
            ),
            Slip(
                "flat means lowest",
                "A minimum: the gradient is zero there.",
                "A zero gradient says flat, and no more. Lesson 04 has a flat place of another "
                "kind.",
            ),
            Slip(
                "mixed term means saddle",
                "A saddle: whenever a product $xy$ occurs, a flat point is a saddle.",
                "With a small factor in front of it, the product changes a bowl only a little. "
                "What matters is how large that factor is.",
            ),
            Slip(
                "one direction taken for all",
                f"A maximum: along the road {road} the surface bends downwards.",
                "That road goes down, true. But look at the axes, too.",
            ),
        ],
    )


def q5(a, b, k):
    return Formula(
        right=2 * (a - b * k**2) * x,
        slips=[
            Slip(
                "curly d instead",
                2 * a * x,
                "That is the partial derivative: it holds y fixed. On the road y moves as well.",
            ),
            Slip(
                "inner derivative forgotten",
                2 * (a - b * k) * x,
                "Part of it is missing. On your road y moves faster than x, and in its square that "
                "counts twice.",
            ),
            Slip(
                "height instead of slope",
                (a - b * k**2) * x**2,
                "This is the height along the road. Asked for is how fast it changes.",
            ),
            Slip(
                "exponent not brought down",
                (a - b * k**2) * x,
                "The road was put in well. But the exponent did not come down as a factor.",
            ),
            Slip(
                "steepness of the road lost",
                2 * (a - b) * x,
                "This is so on a road on which both variables are equal. Yours is another one.",
            ),
        ],
    )


def _gradient(H, x):
    return H @ x


def _half_kept(H, x):
    return H @ x / 2


def _twice(H, x):
    return 2 * H @ x


def _diagonal(H, x):
    return np.diag(H) * x


def _row_sums(H, x):
    return H.sum(axis=1) * x


def _height(H, x):
    return x @ H @ x / 2


def _added_up(H, x):
    return np.sum(H @ x)


def _tables(rng):
    inputs = []
    for n in (2, 3, 5, 1):
        table = rng.uniform(-3, 3, (n, n))
        inputs.append((table + table.T, rng.uniform(-2, 2, n)))
    return inputs


def q6():
    return Implementation(
        _gradient,
        _tables,
        slips=[
            Slip(
                "half kept",
                _half_kept,
                "Your result is half as large as it should be. Each square brings a 2 down, and "
                "each mixed term stands twice in the double sum.",
            ),
            Slip(
                "twice as large",
                _twice,
                "Your result is twice as large as it should be. What became of the 1/2 in front?",
            ),
            Slip(
                "mixed terms forgotten",
                _diagonal,
                "Only the numbers on the diagonal of H are used. The others stand for the mixed "
                "terms.",
            ),
            Slip(
                "every column with the same x",
                _row_sums,
                "Each row of H is multiplied by a single entry of x. Which entry belongs to which "
                "column?",
            ),
            Slip(
                "height instead of slopes",
                _height,
                "This is f itself, one number. A gradient has as many entries as x.",
            ),
            Slip(
                "slopes added up",
                _added_up,
                "The slopes were added to one number. A gradient keeps them apart.",
            ),
        ],
    )
