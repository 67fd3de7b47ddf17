"""What the text of an assignment asks about happens in the experiment of every student."""

import itertools

import numpy as np
import pytest
from classes import NAMES, load


def falls(values):
    return all(a > b for a, b in itertools.pairwise(values))


def approaches(values, limit):
    return falls([abs(value - limit) for value in values])


def shown(value):
    """A number as the notebook prints it."""
    return float(f"{value:.6g}")


def one_lowest(values):
    """Whether one number is the lowest, also as it is printed."""
    first, second, *_ = sorted(map(shown, values))
    return first < second


def secants(rows):
    runs, slopes = zip(*rows, strict=True)
    return falls(runs) and approaches(slopes[:-1], slopes[-1])


def secants_and_cancelled(rows):
    _, slopes, cancelled = zip(*rows, strict=True)
    return np.allclose(slopes, cancelled) and approaches(slopes[:-1], slopes[-1])


def two_minima(rows):
    """A maximum between two lowest points, of which one is lower."""
    left, top, right = (height for _, height in rows)
    return one_lowest((left, top, right)) and top > max(left, right)


def rents(rows):
    here, larger, smaller, farther, nearer = (row[2] for row in rows)
    return smaller < here < larger and farther < here < nearer


def learning_rates(rows):
    """Some rates converge although the first step crosses the minimum, and some diverge."""
    converges = [last < start for _, start, _, last in rows]
    rises = [first > start for _, start, first, _ in rows]
    return converges == [True] * 5 + [False] * 2 and rises == [False] * 5 + [True] * 2


def blanks_as_0(rows):
    (j_out, mean_out), (j_0, mean_0) = rows
    return mean_0 < 0.9 * mean_out and j_0 > j_out


def too_low(rows):
    return falls([loss for _, loss in rows])


def difference_quotients(rows):
    """The error shrinks with h, and grows again where h is tiny."""
    errors = [abs(row[2]) for row in rows]
    return falls(errors[:3]) and errors[-1] > 100 * min(errors) and rows[1][2] < 0


def overfits(rows):
    _, losses, errors = zip(*rows, strict=True)
    return falls(losses) and errors[-1] > 1.02 * min(errors)


def starts(rows):
    """All converge, the random ones to the lowest J, the others to saddles."""
    zero, equal, first, second = (row[1] for row in rows)
    agree = abs(first - second) < 1e-4 * first
    return agree and first * 1.02 < equal < zero and max(row[2] for row in rows) < 0.01


def oscillates(rows):
    _, constant, shrinking = zip(*rows[-5:], strict=True)
    return np.ptp(constant) > 10 * np.ptp(shrinking) and shrinking[-1] < min(constant)


def als_is_lower(rows):
    _, als, descent = zip(*rows, strict=True)
    return falls(als) and als[-1] < 0.98 * descent[-1]


def stars_and_lists(rows):
    """The lowest RMSE is one, and has another penalty than the best list."""
    _, errors, hits = zip(*rows, strict=True)
    return one_lowest(errors) and max(hits) > 1.05 * hits[int(np.argmin(errors))]


def gain_grows(rows):
    gains = [1 - factor / biases for _, biases, factor in rows]
    return gains[-1] > gains[0] + 0.01


HAPPENS = {
    "01": secants,
    "02": secants_and_cancelled,
    "03": two_minima,
    "04": rents,
    "05": learning_rates,
    "06": blanks_as_0,
    "07": too_low,
    "08": difference_quotients,
    "09": overfits,
    "10": starts,
    "11": oscillates,
    "12": als_is_lower,
    "13": stars_and_lists,
    "14": gain_grows,
}


def experiment_of(name):
    """The question with the experiment, and the experiment."""
    for question in load(name).questions:
        if "seed" in question.parameters:
            return question, question.build.__globals__["_experiment"]
    raise AssertionError(f"{name} has no experiment")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_about_happens_for_every_student(name):
    question, experiment = experiment_of(name)
    seeds = question.parameters["seed"]
    assert len(seeds) >= 30
    assert [seed for seed in seeds if not HAPPENS[name[:2]](experiment(seed))] == []


def test_the_lowest_point_is_where_the_height_is_lowest():
    """For one student in five it is the first of the three, and the key said the last."""
    question, experiment = experiment_of("03-power-rule")
    places = []
    for seed in question.parameters["seed"]:
        rows = experiment(seed)
        right = question.check({"seed": seed}).right
        places.append([row[0] for row in rows].index(right))
        assert min(rows, key=lambda row: row[1])[0] == right
    assert set(places) == {0, 2}


def test_rivals_of_lesson_14_have_one_best_setting_each():
    (question,) = (q for q in load("14-movielens").questions if "run" in q.parameters)
    runs = question.build.__globals__["_runs"]
    for run in question.parameters["run"]:
        for rival in runs(run):
            _, validation, test = zip(*rival, strict=True)
            assert one_lowest(validation)
            assert np.argmin(validation) != np.argmin(test)
