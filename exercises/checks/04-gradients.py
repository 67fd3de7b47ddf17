"""Right answers and slips of 04-gradients. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import (
    Choice,
    Formula,
    Implementation,
    Number,
    Slip,
    part,
    source_of,
    up_to_a_factor,
)

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
                "The letter i counts inside the sum and means nothing outside it. Which of the "
                "four variables does the question ask about?",
            ),
            Slip(
                "index dropped",
                f"${n * p}x^{{{n - 1}}}$",
                "There are four variables here, and none of them is called x.",
            ),
            Slip(
                "others kept as they are",
                f"${' + '.join(slope(i) if i == p else term(i) for i in PLACES)}$",
                "You left the other terms as they are. But they do not change when only the "
                "variable in question varies.",
            ),
            Slip(
                "all variables varied",
                f"${' + '.join(slope(i) for i in PLACES)}$",
                "You let every variable vary. In a partial derivative only one does.",
            ),
            Slip(
                "factor of the term lost",
                f"${n}x_{p}^{{{n - 1}}}$",
                "In this sum each term has its own factor. Constant factors stay.",
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
                "with respect to the other variable",
                sp.diff(f, x),
                "You let the other variable vary. The letter below the fraction bar is the one "
                "that varies.",
            ),
            Slip(
                "fixed factor taken for 0",
                3 * b * y**2,
                "A fixed term has slope 0. But a fixed factor stays as it is.",
            ),
            Slip(
                "fixed factor lost",
                a + 3 * b * y**2,
                "A factor got lost in the first term. It is held fixed, so it stays, as a number "
                "would.",
            ),
            Slip(
                "others kept as they are",
                right + c * x,
                "One term contains nothing that varies. How fast does it change?",
            ),
            Slip(
                "all variables varied",
                2 * a * x + 3 * b * y**2,
                "You differentiated both factors of the first term. Only one variable varies.",
            ),
        ],
        function=f,
        variable=y,
    )


def _experiment(seed):
    """Return area, distance and rent: here, with the area moved, with the distance moved."""
    rng = np.random.default_rng(seed)
    base, per_area, per_km = rng.integers((200, 8, 10), (400, 15, 31))
    mixed = rng.choice([0.2, 0.4])

    def rent(area, distance):
        return base + per_area * area - per_km * distance - mixed * area * distance

    places = [(60, 5), (61, 5), (59, 5), (60, 6), (60, 4)]
    return [(area, distance, rent(area, distance)) for area, distance in places]


def q3(seed):
    rows = _experiment(seed)
    return Number(
        right=[(rows[1][2] - rows[2][2]) / 2, (rows[3][2] - rows[4][2]) / 2],
        slips=[
            Slip(
                "run of 1",
                [rows[1][2] - rows[2][2], rows[3][2] - rows[4][2]],
                "These are rises. From one neighbour to the other the run is 2.",
            ),
            Slip(
                "order of the two",
                [(rows[3][2] - rows[4][2]) / 2, (rows[1][2] - rows[2][2]) / 2],
                "The two are right, but in the wrong order: first the area, then the distance.",
            ),
            Slip(
                "sign lost",
                [(rows[1][2] - rows[2][2]) / 2, (rows[4][2] - rows[3][2]) / 2],
                "The first is right. Does the rent rise or fall with the distance?",
            ),
            Slip(
                "height instead of slope",
                [rows[1][2], rows[3][2]],
                "These are rents. How fast does the rent change?",
            ),
        ],
        computed=True,
    )


def q3_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def q4(a, c):
    road = "$y = -x$" if c > 0 else "$y = x$"  # where the mixed term is negative
    return Choice(
        right=f"A saddle: along the road {road} the surface bends downwards.",
        slips=[
            Slip(
                "axes alone",
                "A minimum: along $x$ and along $y$ the surface bends upwards.",
                "There are more than two directions. The mixed term is 0 on both axes, and shows "
                "only off them.",
            ),
            Slip(
                "stationary taken for lowest",
                "A minimum: the gradient is zero there.",
                "A zero gradient means a stationary point, and no more. Lesson 04 has one of "
                "another kind.",
            ),
            Slip(
                "mixed term means saddle",
                "A saddle: whenever there is a product $xy$, a stationary point is a saddle.",
                "With a small factor in front of it, the product changes a bowl only a little. "
                "What matters is how large that factor is.",
            ),
            Slip(
                "one direction taken for all",
                f"A maximum: along the road {road} the surface bends downwards.",
                "That road does go down. But look at the axes, too.",
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
                "That is the partial derivative: it holds y fixed. On the road y changes as well.",
            ),
            Slip(
                "inner derivative forgotten",
                2 * (a - b * k) * x,
                "Part of it is missing. On your road y changes faster than x, and in its square "
                "that counts twice.",
            ),
            Slip(
                "height instead of slope",
                (a - b * k**2) * x**2,
                "This is the height along the road. The question asks how fast it changes.",
            ),
            Slip(
                "exponent not brought down",
                (a - b * k**2) * x,
                "You substituted the road correctly. But the exponent did not come down as a "
                "factor.",
            ),
            Slip(
                "steepness of the road lost",
                2 * (a - b) * x,
                "This would be right for a road on which both variables are equal. Yours is a "
                "different one.",
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
    inputs.append((np.diag(rng.uniform(1, 4, 3)), rng.uniform(-2, 2, 3)))  # no mixed terms
    return inputs


def _no_mixed_terms(H, x):
    return np.array_equal(H, np.diag(np.diag(H)))


def q6():
    return Implementation(
        _gradient,
        _tables,
        slips=[
            Slip(
                "half kept",
                _half_kept,
                "Your result is half as large as it should be. Each square brings down a 2, and "
                "each mixed term appears twice in the double sum.",
            ),
            Slip(
                "twice as large",
                _twice,
                "Your result is twice as large as it should be. What happened to the 1/2 in front?",
            ),
            Slip(
                "mixed terms forgotten",
                _diagonal,
                "Only the numbers on the diagonal of H are used. The others belong to the mixed "
                "terms.",
            ),
            Slip(
                "every column with the same x",
                _row_sums,
                "Each row of H is multiplied by a single entry of x. Which entry belongs to which "
                "column?",
            ),
            Slip(
                "height instead of slope",
                _height,
                "This is f itself, one number. A gradient has as many entries as x.",
            ),
            Slip(
                "slopes added up",
                _added_up,
                "The slopes are right, but you added them up. A gradient keeps them separate.",
            ),
        ],
        properties=[
            part("functions without mixed terms", where=_no_mixed_terms),
            up_to_a_factor("everything but a factor"),
        ],
    )
