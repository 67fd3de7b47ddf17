"""A model that knows the labels of its ratings alone, for these stayed on a cluster."""

import numpy as np
import pytest

from mfteach import Factors, MatrixFactorization, Ratings
from mfteach.commands.main import main

SETTINGS = {"engine": "spark", "weighting": "by_count", "regularization": 0.1, "n_factors": 2}
U, V = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[2.0, 0.0], [1.0, 1.0], [2.0, 0.5]])
BIASES = {"user_bias": [0.5, -0.5], "item_bias": [0.25, 0.0, 0.0], "mean": 3.0}


def model(**further):
    nothing = np.empty(0, np.intp)
    labels = np.array([10, 20]), np.array([7, 8, 9])
    ratings = Ratings.from_indices(nothing, nothing, np.empty(0, np.float32), *labels)
    settings = SETTINGS | {"biases": bool(further)}
    return MatrixFactorization.from_factors(Factors(U, V, **further), ratings, **settings)


@pytest.fixture
def saved(tmp_path):
    model(**BIASES).save(tmp_path / "model.npz")
    return tmp_path / "model.npz"


def test_similar_says_no_number_of_ratings(saved, capsys):
    assert main(["similar", str(saved), "7"]) == 0
    assert capsys.readouterr().out == "similar to 7:\n  1   0.97  9\n  2   0.71  8\n"


def test_predict_takes_the_mean_and_the_biases_that_came_back(saved, tmp_path, capsys):
    (tmp_path / "pairs.csv").write_text("userId,itemId\n10,7\n20,9\n30,7\n", "utf-8")
    assert main(["predict", str(saved), str(tmp_path / "pairs.csv")]) == 0
    said = capsys.readouterr()
    assert said.out.split() == ["user,item,prediction", "10,7,5.7500", "20,9,3.0000", "30,7,3.2500"]
    assert "1 of 3 pairs have a user (1) or an item (0) that the model does not know" in said.err


def test_recommend_says_that_rated_items_may_be_in_the_list(saved, capsys):
    assert main(["recommend", str(saved), "10", "-n", "2"]) == 0
    said = capsys.readouterr()
    assert said.out == "for user 10:\n  1   5.75  7\n  2   5.50  9\n"
    assert said.err.startswith("the ratings stayed on the cluster: items that were rated may be")


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.recommend(10),
        lambda model: model.explain(10, 7),
        lambda model: model.fold_in(Ratings([30], [7], [4.0])),
    ],
)
def test_what_needs_the_ratings_themselves_is_refused(ask):
    with pytest.raises(ValueError, match="the ratings stayed on the cluster"):
        ask(model(**BIASES))


def test_without_biases_no_mean_is_known():
    plain = model().set_params(unknown="mean")
    with pytest.raises(ValueError, match=r"does not know their mean\. .*unknown='nan'"):
        plain.predict([30], [7])
    assert np.isnan(plain.set_params(unknown="nan").predict([30], [7])).all()


def test_no_penalty_follows_from_labels():
    known = model(**BIASES)
    with pytest.raises(ValueError, match="Give the number that was used"):
        MatrixFactorization.from_factors(known.factors_, known.ratings_, engine="spark")
