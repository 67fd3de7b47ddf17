"""Claims of lesson 05 that its own cells do not hold, held with the package's descent."""

from itertools import islice

import numpy as np

import mfteach as mf
from mfteach.lessons.questions.finding import question
from mfteach.loss import Function

BOWL = Function(
    value=lambda point: 0.5 * point[0] ** 2 + 5 * point[1] ** 2,
    gradient=lambda point: np.array([point[0], 10 * point[1]]),
)


def distance(rate, steps):
    *_, last = islice(mf.gradient_descent(BOWL, [9.0, 1.0], rate), steps + 1)
    return np.linalg.norm(last.point)


def test_the_best_rate_for_30_steps_and_in_the_long_run():
    best = question("05-3").example
    assert round(best, 4) == 0.1845
    assert all(distance(best, 30) < distance(rate, 30) for rate in (0.17, 2 / 11, 0.184, 0.185))
    assert all(distance(2 / 11, 300) < distance(rate, 300) for rate in (0.17, 0.181, 0.1825, best))


def test_the_curvature_of_the_loss_changes_on_the_way():
    loss = mf.Loss(mf.datasets.history_romance())
    start = mf.Factors.random((7, 6), n_factors=2, rng=0)

    def curvature(point):
        """The second derivative of J along the gradient, by central differences."""
        slope = loss.gradient(point)
        along = slope * (1 / np.sqrt((slope.U**2).sum() + (slope.V**2).sum()))
        h = 1e-3
        ends = loss.value(point + h * along) + loss.value(point - h * along)
        return (ends - 2 * loss.value(point)) / h**2

    places = [step.point for step in islice(mf.gradient_descent(loss, start, 0.1), 50)]
    found = [curvature(place) for place in places[::10]]
    assert max(found) > min(found) + 1
