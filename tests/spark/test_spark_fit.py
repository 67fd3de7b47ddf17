"""Spark and ours are the same mathematics: J, half steps, biases, a truth found again."""

import sys
from pathlib import Path

import numpy as np
import pytest

from mfteach import Loss, MatrixFactorization
from mfteach.commands.main import main
from mfteach.commands.saved_model import SavedModel
from mfteach.descent.als import solve_users
from mfteach.evaluation.metrics import rmse
from mfteach.evaluation.nothing_learned import NothingLearnedWarning
from mfteach.matrices.factors import Factors
from mfteach.spark import fitting, models
from mfteach.spark.frames import frame, of_ratings, rows
from mfteach.spark.half_steps import ITEMS, USERS, half_step
from mfteach.spark.kept_epochs import KeptEpochs
from mfteach.spark.objective import value

SETTINGS = {
    "n_factors": 2,
    "regularization": 0.05,
    "weighting": "by_count",
    "n_epochs": 10,
    "rng": 0,
}
ON_SPARK = SETTINGS | {"engine": "spark", "master": "local[2]"}


def within(share, one, other):
    return abs(one - other) <= share * abs(other)


def test_with_biases_taken_off_first_a_path_leads_to_our_j_and_the_truth(spark, example, tmp_path):
    train, unseen = example
    file = tmp_path / "ratings.parquet"
    write_parquet(spark, train, file)
    ours = MatrixFactorization(**SETTINGS).fit(train)
    theirs = MatrixFactorization(**ON_SPARK).fit(file)
    assert within(0.005, theirs.trace_.last.value, ours.trace_.last.value)
    errors = [rmse(unseen.values, model.predict(unseen)) for model in (ours, theirs)]
    assert within(0.005, *errors)
    assert max(errors) < np.std(unseen.values) / 4
    loss = Loss(train, 0.05, "by_count")
    assert theirs.trace_.last.value == pytest.approx(loss.value(theirs.factors_), rel=1e-5)
    works_without_its_ratings(theirs, train.shape, tmp_path / "model.npz")


def works_without_its_ratings(model, shape, saved):
    """They stay on the cluster: what needs them is refused, all else works, also once saved."""
    assert len(model.ratings_) == 0 and model.ratings_.shape == shape
    with pytest.raises(ValueError, match=r"stayed on the cluster.*exclude_rated=False"):
        model.recommend(0)
    assert len(model.recommend(0, 3, exclude_rated=False)) == 3
    model.set_params(unknown="mean")
    assert np.isfinite(model.predict([10**6], [3])).all()
    model.save(saved)
    loaded = MatrixFactorization.load(saved)
    pairs = [0, 5, 7], [3, 3, 90]
    np.testing.assert_array_equal(loaded.predict(*pairs), model.predict(*pairs))
    assert loaded.get_params()["engine"] == "spark"


def test_without_biases_both_converge_to_one_j(spark, example):
    settings = {"biases": False, "n_factors": 4, "n_epochs": 15, "regularization": 0.2}
    ours = MatrixFactorization(**SETTINGS | settings).fit(example.train)
    theirs = MatrixFactorization(**ON_SPARK | settings).fit(example.train)
    assert within(0.005, theirs.trace_.last.value, ours.trace_.last.value)
    assert theirs.factors_.user_bias is None
    assert theirs.recommend(3, 2) and theirs.explain(3, 5).items.size


def test_half_steps_and_j_are_ours(spark, example):
    R, loss = example.train, Loss(example.train, 0.3, "by_count")
    point = Factors.random(R.shape, 3, 0)
    E = of_ratings(spark, R)
    V = frame_of_rows(spark, "j", "v", point.V)
    U = half_step(E, V, USERS, 0.3)
    mine = solve_users(loss, point)
    np.testing.assert_allclose(rows(U, "i", "u", (R.shape[0], 3)), mine.U, rtol=1e-4, atol=1e-5)
    assert value(E, U, V, 0.3) == pytest.approx(loss.value(mine), rel=1e-6)
    back = rows(half_step(E, U, ITEMS, 0.3), "j", "v", (R.shape[1], 3))
    assert loss.value(Factors(mine.U, back)) < loss.value(mine)


def frame_of_rows(spark, at, name, table):
    import pyarrow as pa

    numbers = pa.array(np.arange(len(table), dtype=np.int32))
    lists = pa.array(list(table.astype(np.float32)), pa.list_(pa.float32()))
    return spark.createDataFrame(pa.table({at: numbers, name: lists}))


def test_biases_and_the_lambda_of_auto_are_those_of_one_machine(spark, example):
    settings = {"regularization": "auto", "n_epochs": 1.0, "n_factors": 2.0}
    ours = MatrixFactorization(**SETTINGS | settings).fit(example.train)
    theirs = MatrixFactorization(**ON_SPARK | settings).fit(example.train)
    assert theirs.regularization_ == pytest.approx(ours.regularization_, rel=1e-3)
    assert theirs.factors_.mean == pytest.approx(ours.factors_.mean)
    for name in ("user_bias", "item_bias"):
        here, there = (getattr(model.factors_, name) for model in (ours, theirs))
        np.testing.assert_allclose(there, here, atol=1e-5)


def test_factors_that_learned_nothing_are_told_as_on_one_machine(spark, example):
    settings = {"regularization": 100.0, "n_epochs": 1, "biases": False}
    for engine in (SETTINGS, ON_SPARK):
        with pytest.warns(NothingLearnedWarning, match="shrinks all factors to 0") as caught:
            MatrixFactorization(**engine | settings).fit(example.train)
        assert [entry.message.kind for entry in caught] == ["collapsed"]


def test_the_workers_run_the_python_that_runs_here(spark):
    (prefix,) = spark.sparkContext.parallelize([0], 1).map(lambda _: sys.prefix).collect()
    assert prefix == sys.prefix


def test_held_out_ratings_stop_a_fit_that_gets_worse(spark, example, monkeypatch):
    monkeypatch.setattr("mfteach.spark.factorizing.PATIENCE", 2)
    train, held_out = example.train.split(0.2, 0)
    noisy = train.with_values(train.values + np.random.default_rng(1).normal(0, 2, len(train)))
    worse = {"n_factors": 8, "regularization": 1e-3, "biases": False}
    model = MatrixFactorization(**ON_SPARK | worse)
    model.fit(noisy, validation=held_out)
    figures = model.trace_.validation
    assert len(figures) < model.n_epochs
    best = int(np.argmin(figures)) + 1
    assert model.trace_.best.number == best == len(figures) - 2
    assert rmse(held_out.values, model.predict(held_out)) == pytest.approx(
        figures[best - 1], rel=1e-5
    )


def test_a_fit_that_was_killed_goes_on_and_ends_the_same(spark, example, monkeypatch, tmp_path):
    monkeypatch.setattr("mfteach.spark.factorizing.INTERVAL", 1)
    settings = ON_SPARK | {"n_epochs": 2, "biases": False}
    whole = MatrixFactorization(**settings).fit(example.train, checkpoint=tmp_path / "whole")
    killed_in = KeptEpochs.keep

    def keep(self, epoch, best):
        killed_in(self, epoch, best)
        raise KeyboardInterrupt

    monkeypatch.setattr(KeptEpochs, "keep", keep)
    with pytest.raises(KeyboardInterrupt):
        MatrixFactorization(**settings).fit(example.train, checkpoint=tmp_path / "killed")
    monkeypatch.undo()
    steps = []
    real = half_step
    monkeypatch.setattr(
        "mfteach.spark.factorizing.half_step", lambda *given: steps.append(1) or real(*given)
    )
    resumed = MatrixFactorization(**settings).fit(example.train, checkpoint=tmp_path / "killed")
    assert len(steps) == 2  # those of epoch 2, after the first, which was kept
    np.testing.assert_array_equal(resumed.factors_.U, whole.factors_.U)
    np.testing.assert_array_equal(resumed.factors_.V, whole.factors_.V)


def test_what_does_not_fit_here_is_left_as_a_model_of_spark(spark, example, monkeypatch, tmp_path):
    from pyspark.ml.recommendation import ALSModel

    file = tmp_path / "ratings.parquet"
    write_parquet(spark, example.train, file)
    monkeypatch.setattr(fitting, "fits_here", lambda *_: False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(fitting.TooLarge, match="do not fit into the memory") as caught:
        MatrixFactorization(**ON_SPARK | {"n_epochs": 1, "biases": False}).fit(file)
    place = tmp_path / "spark-model"
    assert str(place) in str(caught.value)
    model = ALSModel.load(str(place / "als"))
    assert model.rank == 2 and model.userFactors.count() == example.train.shape[0]
    assert spark.read.parquet(str(place / "items")).columns == ["j", "c", "item"]
    assert models.fits_here((10, 10), 2) and not models.fits_here((10**12, 10), 2)


def write_parquet(spark, ratings, file):
    table = frame(spark, userId=ratings.users, itemId=ratings.items, rating=ratings.values)
    table.write.parquet(str(file))


def test_the_command_saves_titles_too(spark, example, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    some = example.train
    rows = zip(some.users, some.items, some.values, strict=True)
    lines = [f"{user},{item},{value}" for user, item, value in rows]
    Path("ratings.csv").write_text("\n".join(["userId,movieId,rating", *lines]) + "\n")
    Path("movies.csv").write_text("movieId,title\n3,Nero\n5,Cleopatra\n999,Unrated\n")
    options = ["--master", spark.sparkContext.master, "--n-factors", "2", "--n-epochs", "1"]
    assert main(["factorize", "ratings.csv", "--engine", "spark", *options]) == 0
    saved = SavedModel.load(Path("factors.npz"))
    assert saved.titles == {3: "Nero", 5: "Cleopatra"}
    assert saved.model.n_epochs == 1
    capsys.readouterr()
    assert main(["similar", "factors.npz", "3"]) == 0
    assert "Nero" in capsys.readouterr().out
