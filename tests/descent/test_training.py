"""descend: when it stops, what it records, and which point it calls the best."""

import math
import time
from itertools import islice

import matplotlib.pyplot as plt
import numpy as np
import pytest
from oracles import nth

from mfteach import DivergenceError, Factors, Loss, Ratings, datasets, gradient_descent
from mfteach.descent.training import PATIENCE, Trace, descend
from mfteach.evaluation import rmse
from mfteach.loss import Function, predictions

PARABOLA = Function(lambda x: 3 * x**2, lambda x: 6 * x)
SURPRISE = datasets.history_romance(surprise=True)


def halving(rate=1 / 12):
    """3x² from 1, where x halves at each step."""
    return gradient_descent(PARABOLA, 1.0, rate)


def quietly(steps, n_steps, *arguments, **options):
    return descend(steps, n_steps, *arguments, progress=False, **options)


def test_everything_is_recorded():
    trace = quietly(halving(), 5, 0.0)
    assert trace.values == pytest.approx([3 * 0.25**t for t in range(6)], rel=1e-12)
    assert trace.gradient_norms == pytest.approx([6 * 0.5**t for t in range(6)], rel=1e-12)
    assert trace.n_steps == 5
    assert len(trace.seconds) == 6
    assert trace.seconds == sorted(trace.seconds)
    assert trace.seconds[0] >= 0
    assert trace.validation == []
    assert not trace.converged
    assert trace.best.number == 5
    assert repr(trace) == "Trace(5 steps, value 0.00292969, not converged)"


def test_it_takes_no_more_steps_than_it_may():
    steps = halving()
    assert quietly(steps, 3, 0.0).n_steps == 3
    assert next(steps).number == 4
    assert quietly(halving(), 0, 0.0).values == [3]


def test_it_stops_when_the_gradient_is_small_against_that_of_the_start():
    """|gradient| = 6/2^t, so 1e-3 of the first one is reached at t = 10."""
    trace = quietly(halving(), 100, 1e-3)
    assert (trace.n_steps, trace.converged) == (10, True)
    near = gradient_descent(PARABOLA, 1e-3, 1 / 12)  # |gradient| starts at 0.006: measured by 1
    assert quietly(near, 100, 1e-3).n_steps == 3
    assert "converged" in repr(trace)


def test_a_swing_is_not_converged():
    for rate in (0.225, 0.25):
        start = Factors.random(SURPRISE.shape, 2, rng=0)
        trace = quietly(gradient_descent(Loss(SURPRISE), start, rate), 500)
        assert trace.n_steps == 500
        assert not trace.converged
        assert max(trace.values[100:]) < 16.5
        settled = quietly(gradient_descent(Loss(SURPRISE), start, 0.2), 500)
        assert settled.converged


def test_a_zero_start_has_converged_for_the_gradient_is_all_it_knows():
    zero = Factors(np.zeros((7, 2)), np.zeros((6, 2)))
    trace = quietly(gradient_descent(Loss(SURPRISE), zero, 0.1), 10)
    assert (trace.n_steps, trace.converged) == (0, True)


def test_the_best_point_is_not_the_last_in_a_swing():
    trace = quietly(gradient_descent(PARABOLA, 1.0, 0.33, momentum=0.9), 30, 0.0)
    best = int(np.argmin(trace.values))
    assert best < 30
    assert trace.best.number == best
    assert trace.best.value == min(trace.values)


def test_early_stopping_on_a_figure():
    figures = [5, 4, 3, 3.5, 2.9, 3, 3, 3, 2.9, 1]
    at = iter(figures)
    trace = quietly(halving(), 100, 0.0, validation=lambda x: next(at), patience=4)
    assert trace.validation == figures[:9]
    assert (trace.best.number, trace.n_steps) == (4, 8)
    assert not trace.converged


def test_the_usual_patience():
    figures = iter([1.0] + [2.0] * 1000)
    trace = quietly(halving(), 500, 0.0, validation=lambda x: next(figures))
    assert trace.n_steps == PATIENCE
    assert trace.best.number == 0


def test_validation_on_ratings_is_their_rmse():
    ratings, _ = datasets.planted(30, 20, 2, 0.7, 0.5, rng=0)
    train, held_out = ratings.split(0.3, rng=0)
    start = Factors.random(ratings.shape, 5, rng=0)
    trace = quietly(gradient_descent(Loss(train), start, 0.01), 2000, 0.0, held_out, patience=60)
    points = [step.point for step in islice(gradient_descent(Loss(train), start, 0.01), 40)]
    expected = [rmse(held_out.values, predictions(held_out, point)) for point in points]
    assert trace.validation[:40] == pytest.approx(expected, rel=1e-12)
    assert trace.n_steps < 2000
    assert trace.best.number == int(np.argmin(trace.validation)) == trace.n_steps - 60
    assert trace.values[-1] < trace.best.value


def test_a_figure_that_is_nan_is_refused():
    with pytest.raises(ValueError, match="is nan at step 0"):
        quietly(halving(), 5, 0.0, validation=lambda x: math.nan)
    figures = iter([1.0, math.nan])
    with pytest.raises(ValueError, match="is nan at step 1"):
        quietly(halving(), 5, 0.0, validation=lambda x: next(figures))


def test_divergence_brings_what_was_recorded():
    with pytest.raises(DivergenceError) as error:
        quietly(gradient_descent(PARABOLA, 1.0, 1.0), 100)
    trace = error.value.trace
    assert trace.n_steps == error.value.step - 1
    assert trace.values[:3] == [3, 75, 1875]
    assert not trace.converged


def test_descent_goes_on_where_it_stopped():
    steps = halving()
    first, second = quietly(steps, 2, 0.0), quietly(steps, 2, 0.0)
    assert first.best.number == 2
    assert second.best.number == 5
    assert second.values[0] == first.values[-1] / 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": -1}, "n_steps must be at least 0, but is -1"),
        ({"n_steps": 1, "tolerance": -1e-3}, "tolerance must be 0 or larger"),
        ({"n_steps": 1, "tolerance": math.nan}, "tolerance must be 0 or larger, but is nan"),
        ({"n_steps": 1, "patience": 0}, "patience must be at least 1, but is 0"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        quietly(halving(), **options)


def test_a_used_up_iterator_is_refused():
    with pytest.raises(ValueError, match="there was no step"):
        quietly(iter([]), 10)


def test_a_long_descent_takes_time_in_proportion(monkeypatch):
    """Each step costs the same, however many were recorded before."""
    monkeypatch.setattr("mfteach.descent.training.time.perf_counter", time.process_time)
    step = nth(halving(), 0)
    trace = quietly((step for _ in range(60_000)), 59_999, 0.0)
    assert len(trace.values) == 60_000
    of_100 = np.diff(trace.seconds[::100])
    assert min(of_100[-100:]) < 5 * min(of_100[:100])  # 11 times as many were recorded before


@pytest.mark.usefixtures("bars")
def test_a_quiet_descent_prints_nothing_and_a_bar_counts_steps(capsys, monkeypatch):
    quietly(halving(), 5)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("mfteach.descent.training.MOMENT", -1.0)
    trace = descend(halving(), 5, 0.0)
    assert trace.n_steps == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert "descending" in err
    assert "6/6" in err


# Figures


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_plot_draws_values_on_a_logarithmic_scale(ax):
    trace = quietly(halving(), 5, 0.0)
    assert trace.plot(ax) is ax
    line, best = ax.lines
    assert line.get_ydata().tolist() == trace.values
    assert best.get_xdata() == [trace.best.number]
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "value of the objective")
    ax.figure.canvas.draw()


def test_plot_puts_validation_beside(ax):
    at = iter([5, 4, 3, 4, 5, 6])
    trace = quietly(halving(), 5, 0.0, validation=lambda x: next(at))
    trace.plot(ax)
    (beside,) = (other for other in ax.figure.axes if other is not ax)
    (dashed,) = beside.lines
    assert dashed.get_ydata().tolist() == [5, 4, 3, 4, 5, 6]
    assert ax.lines[1].get_xdata() == [trace.best.number] == [2]
    assert "validation" in beside.get_ylabel()
    ax.figure.canvas.draw()


def test_plot_makes_its_own_axes_and_keeps_negative_values_linear():
    saddle = Function(lambda x: -(x**2), lambda x: -2 * x)
    axes = quietly(gradient_descent(saddle, 1.0, 0.1), 5, 0.0).plot()
    assert axes.get_yscale() == "linear"
    assert axes.figure.canvas.get_renderer() is not None
    plt.close(axes.figure)


def test_a_trace_without_steps_says_so():
    assert repr(Trace()) == "Trace(no step)"
    assert Trace().n_steps == 0


def test_a_planted_truth_is_found():
    """Rank 2, 60 % seen, no noise: the pairs that were not seen are predicted."""
    ratings, truth = datasets.planted(40, 30, 2, 0.6, 0.0, rng=0)
    start = Factors.random(ratings.shape, 2, rng=1)
    steps = gradient_descent(Loss(ratings), start, 0.02, momentum=0.9)
    trace = quietly(steps, 5000)
    assert trace.converged
    everything = Ratings.from_matrix(truth.matrix())
    assert rmse(everything.values, predictions(everything, trace.best.point)) < 1e-3
