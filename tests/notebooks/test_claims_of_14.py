"""Claims of lesson 14 that its own cells do not hold."""

from itertools import combinations, product

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from converted import ROOT
from matplotlib.text import Annotation, Text

import mfteach as mf
from mfteach.evaluation import k_fold
from mfteach.lessons.drawings import lesson_14
from mfteach.lessons.questions.finding import questions


def test_the_lowest_of_many_errors_is_too_good_on_average():
    random = np.random.default_rng(0)
    true = 0.85
    measured = true + 0.005 * random.normal(size=(2000, 8))
    assert measured.min(axis=1).mean() < true - 0.005
    assert abs(measured[:, 0].mean() - true) < 0.0005


@pytest.mark.no_cover
def test_the_two_errors_of_the_exit_check_are_measured():
    films = mf.datasets.watched_films()
    if "real" not in films.source:
        pytest.skip("the exit check of lesson 14 quotes MovieLens: set MFTEACH_DATA")
    rest, test = list(k_fold(films.ratings, n_folds=10, rng=0))[3]
    learn, choose = rest.split(0.1, rng=1)
    found = []
    for strength, seed in product((14, 16), range(4)):
        model = mf.MatrixFactorization(
            20, regularization=strength, n_epochs=15, unknown="mean", rng=seed
        ).fit(learn)
        found.append((-model.score(choose), -model.score(test)))
    chosen, lowest = min(found)[1], min(error for _, error in found)
    assert lowest < chosen
    notebook = nbformat.read(ROOT / "notebooks" / "14_movielens.ipynb", as_version=4)
    text = next(cell.source for cell in notebook.cells if "Exit check" in cell.source)
    assert text.count(f"{lowest:.4f}") == 2 and text.count(f"{chosen:.4f}") == 1


def test_the_shares_of_exercise_3_add_up():
    u, first, second = questions("14")["14-3"].right
    assert np.isclose(u, (1 * 1 + 2 * 0.5) / (1 + 4 + 1))
    assert np.isclose(first + second, u * 1.5)


@pytest.mark.parametrize("spread", [0.2, 1.0])
def test_no_title_on_the_map_covers_another(monkeypatch, spread):
    shown = []
    monkeypatch.setattr(lesson_14, "figure", lambda fig, **words: shown.append(fig))
    places = np.random.default_rng(1).normal(size=(40, 2)) * [1, spread]
    places[0] = places[1] + 1e-3  # nearly the same place
    titles = [f"A film with quite a long name, part {n} (1999)" for n in range(40)]
    lesson_14.film_map(places, titles, 0.5, places)
    (fig,) = shown
    fig.draw_without_rendering()
    labels = [text for text in fig.axes[0].texts if isinstance(text, Annotation)]
    assert sorted(label.get_text() for label in labels) == sorted(titles)
    boxes = [Text.get_window_extent(label) for label in labels]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    plt.close(fig)
