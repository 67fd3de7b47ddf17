"""Answers that students of lesson 04 give: right ones in different forms, wrong ones with words."""

from fractions import Fraction

import numpy as np
import sympy

x, y = sympy.symbols("x y", real=True)

RIGHT = {
    "04-s43": ["B", "b)", "2x_1", "2*x1", "2 x₁", "dy/dx_1 = 2x_1"],
    "04-1": [
        ["2xy", "x^2"],
        ("2yx", "x²"),
        ["2*x*y", "x**2"],
        [2 * x * y, x**2],
        sympy.Matrix([2 * x * y, x**2]),
        "(2xy, x^2)",
    ],
    "04-2": [
        ["-v(r - uv)", "-u(r - uv)"],
        ["u v^2 - r v", "u^2 v - r u"],
        ["v(uv - r)", "(uv - r) u"],
        "-v(r - uv), -u(r - uv)",
        "(r - uv)(-v), (r - uv)(-u)",
        {"u": "-v*(r - u*v)", "v": "-u*(r - u*v)"},
    ],
    "04-3": [[1, -4], [-4, 1], (1.0, -4.0), "1, −4", ["1", "-4"], [Fraction(1), np.int64(-4)]],
    "04-4": [6, 6.0, "6", sympy.Integer(6), "12/2"],
    "04-exit": [[12, 14], (12.0, 14.0), "12, 14", "(12, 14)", np.array([12, 14]), ["2*3*2", "9+5"]],
}

WRONG = {
    "04-s43": [
        ("A", "The index was dropped"),
        ("C", "only inside the sum"),
        ("D", "terms without x_1 were kept"),
        ("2", "differentiated twice"),
        ("x_1", "old exponent was not brought down"),
        ("2x_1 + 2x_2 + 2x_3 + 2x_4", "Go step by step"),
        ("2x_5", "is not a name in this question"),
    ],
    "04-1": [
        (["2x", "x^2"], "with respect to x: The frozen factor got lost"),
        (["2xy", "1"], "with respect to y: The frozen factor got lost"),
        (["x^2", "2xy"], "in another place"),
        (["2x + y", "x^2"], "not a term"),
        (["2xy", "2x"], "with respect to y: Here $x$ is frozen"),
        (["2xy", "2xy"], "differentiated with respect to x instead of y"),
        (["2xy", ...], "with respect to y: not answered yet"),
        ("2xy", "Type 2 answers in a list"),
        (["2xy", "x^2z"], "is not a name in this question"),
        (["x^2 y", "x^2"], "was not differentiated"),
    ],
    "04-2": [
        (["r - u v", "r - u v"], "The inner derivative is missing"),
        (["v(r - uv)", "u(r - uv)"], "sign of the inner derivative"),
        (["-(r - uv)", "-u(r - uv)"], "frozen factor got lost"),
        (["-u(r - uv)", "-v(r - uv)"], "in another place"),
        (["-u(r - uv)", "-u(r - uv)"], "here $u$ moves and $v$ is frozen"),
        (["-2v(r - uv)", "-2u(r - uv)"], "factor 1/2 got lost"),
        (["-v", "-u"], "inner derivative alone"),
        (["-v r - u v", "-u(r - uv)"], "Go step by step"),
        (["-v(r - uv)", ""], "with respect to v: not answered yet"),
    ],
    "04-3": [
        ([2, -8], "These are the eigenvalues."),
        ([-1, 4], "Every sign"),
        ([1, 1], "The eigenvalues of this Hessian are 2 and 2."),
        ([1, 4], "The eigenvalues of this Hessian are 2 and 8."),
        ([0.5, -2], "The eigenvalues of this Hessian are -4 and 1."),
        (1, "list"),
        (["a", "b"], "cannot be read as a number"),
    ],
    "04-4": [
        (3, "There the eigenvalues are 3 and 9: still a bowl."),
        (5.99, "There the eigenvalues are 0.01 and 11.99: still a bowl."),
        (7, "There the eigenvalues are -1 and 13: already a saddle."),
        (12, "There the eigenvalues are -6 and 18: already a saddle."),
        (-6, "above 0"),
        ([6, 7], "single number"),
        ("c > 6", "cannot be read as a number"),
    ],
    "04-exit": [
        ([14, 12], "another order"),
        ([6, 14], "In the first, the frozen factor got lost"),
        ([12, 9], "In the second, one term is missing"),
        ([12, 5], "is not a term that goes to 0"),
        ([12, 11], "In the second, $x$ is frozen"),
        ([22, 14], "a term without $x$ was kept"),
        ([0, 0], "Each of the entries 1, 2"),
        (26, "list"),
        (["2xy", "x^2 + 5"], "cannot be read as a number"),
    ],
}
