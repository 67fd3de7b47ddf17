"""Claims of lesson 04 that its own cells do not hold."""

import matplotlib as mpl
import numpy as np
import sympy

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.quiver import Quiver

from mfteach.lessons.drawings import lesson_04 as draw
from mfteach.symbolic.calculus import flat_points, hessian

x, y = sympy.symbols("x y", real=True)


def test_each_arrow_of_the_grid_is_drawn_but_the_one_in_the_middle(monkeypatch):
    monkeypatch.setattr(draw, "figure", lambda fig, **words: None)
    draw.arrows(lambda p: 3 * p[0] ** 2 - 2 * p[1] ** 2, lambda p: np.array([6 * p[0], -4 * p[1]]))
    drawn = [arrow for arrow in plt.gca().get_children() if isinstance(arrow, Quiver)]
    plt.close("all")
    assert len(drawn) == 24
    places = {(arrow.X[0], arrow.Y[0]): (arrow.U[0], arrow.V[0]) for arrow in drawn}
    assert places[1, 1] == (6, -4)
    assert (0, 0) not in places


def test_the_tilted_bowl_falls_along_a_line_and_rises_along_the_axes():
    for c, kinds in [(5, ["minimum"]), (7, ["saddle"])]:
        tilted = 3 * x**2 + 3 * y**2 + c * x * y
        assert [str(point.kind) for point in flat_points(tilted, x, y)] == kinds
        assert sympy.diff(tilted.subs(y, 0), x, 2) > 0
        assert sympy.diff(tilted.subs(x, 0), y, 2) > 0
        assert (sympy.diff(tilted.subs(y, -x), x, 2) < 0) == (kinds == ["saddle"])
    at_the_end = 3 * x**2 + 3 * y**2 + 6 * x * y
    assert at_the_end.subs(y, -x) == 0
    assert sorted(hessian(at_the_end, x, y).eigenvals()) == [0, 12]
