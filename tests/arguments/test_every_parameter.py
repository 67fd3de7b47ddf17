"""Every public parameter is checked, and named in the message: found by signature.

`EXAMPLES` holds a call that works for every public function, class and method, and what kind of
value each of its parameters takes. A new function without an example, a new parameter without a
kind, and a parameter that lets a wrong value through, each turn a test red.
"""

import datetime
import importlib
import inspect
import re
import traceback
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import sympy

import mfteach
from mfteach import (
    Factors,
    ImplicitFactorization,
    Loss,
    MatrixFactorization,
    Ratings,
    datasets,
    lessons,
)
from mfteach.answers import multiple_choice
from mfteach.descent import alternating_least_squares, implicit_rows, user_rows
from mfteach.evaluation import tune
from mfteach.lessons.live import Live
from mfteach.loss import ImplicitLoss
from mfteach.recommender import Baseline, Biases, GlobalMean

mpl.use("agg")
PACKAGE = str(Path(mfteach.__file__).parent)
FOLDERS = ("datasets", "evaluation", "descent", "loss", "matrices", "recommender", "lessons")

RATINGS = Ratings(
    ["ann", "ann", "bob", "bob", "eve", "eve"],
    ["x", "y", "x", "z", "y", "z"],
    [5, 3, 4, 1, 2, 4.5],
    timestamps=range(6),
)
TRAIN, HELD_OUT = RATINGS.split(0.3, rng=1)
FACTORS = Factors.random(RATINGS.shape, 2, rng=0)
LOSS = Loss(RATINGS, 0.5)
PARABOLA = mfteach.descent.Function(lambda x: x @ x, lambda x: 2 * x)
MODEL = MatrixFactorization(2, n_epochs=2, rng=0).fit(RATINGS)
IMPLICIT_LOSS = ImplicitLoss(RATINGS, regularization=0.5)
IMPLICIT = ImplicitFactorization(2, n_epochs=2, rng=0).fit(RATINGS)
BASELINE = Baseline().fit(RATINGS)
LISTS = IMPLICIT.recommend(["ann", "bob"], n=1)
NEW_USER = Ratings(["new"], ["x"], [4])
GAINS, PREDICTED = [3, 0, 1], [0.2, 0.5, 0.1]
X = sympy.Symbol("x")


class Odd:
    """Nothing that any function wants."""

    def __repr__(self):
        return "<odd\n" + "x" * 1000 + ">"


NOT_A_NUMBER = [
    "15",
    "many",
    b"2",
    True,
    np.True_,
    1j,
    2 + 0j,
    [2],
    np.array([2]),
    np.timedelta64(2, "D"),
    np.datetime64("2020-01-01"),
    datetime.timedelta(2),
    Odd(),
    float,
    np.float64,
    np.ndarray,
    np.random.SeedSequence(3),
    np.ma.masked,
    memoryview(b"2"),
    slice(2),
    {},
]
NOT_FINITE = [np.nan, np.inf, -np.inf, Decimal("NaN"), Decimal("sNaN"), 10**400, np.float32("nan")]
OBJECTS = [3, 2.5, "abc", True, [1, 2], np.eye(2), {}, Odd(), Ratings, Factors, Loss]

# Wrong values for each kind of parameter.
WRONG = {
    "count": [*NOT_A_NUMBER, *NOT_FINITE, 2.5, -1, np.float64(2.5), Fraction(1, 3), 10**5000],
    "positive": [*NOT_A_NUMBER, *NOT_FINITE, 0, -0.5, np.float32(-1), Fraction(-1, 3)],
    "not negative": [*NOT_A_NUMBER, *NOT_FINITE, -0.5, Decimal("-1e-9")],
    "below 1": [*NOT_A_NUMBER, *NOT_FINITE, -0.5, 1, 1.5],
    "share": [*NOT_A_NUMBER, *NOT_FINITE, -0.5, 0, 1.5, 2],
    "number": [*NOT_A_NUMBER, *NOT_FINITE],
    "any number": NOT_A_NUMBER,
    "penalties": [*NOT_A_NUMBER, *NOT_FINITE, -1, (1, 2, 3), (1, "2"), (1, np.nan), [-1, 1], []],
    "choice": ["wrong", "", 3, 2.5, np.nan, ["plain"], np.array(["als", "cg"]), Odd(), b"als", 1],
    "flag": [0, 1, "yes", "True", 1.0, np.nan, [], [True], np.array([True, False]), Odd()],
    "seed": [-1, 2.5, "0", True, np.nan, [1], 1j, Odd(), np.random],
    "numbers": ["abc", ["a", "b"], [[1], [2, 3]], [1j, 2], Odd(), [None, Odd()], {1: 2}, b"ab"],
    "rows": ["abc", [0.5, 1], [-1], [99], [[0]], ["0"], Odd(), 1j, [True], [None], 0],
    "labels": [3, "abc", Odd(), [1.5], [[1], [2]], [None], [True], [Odd()], [""], [1, "a"]],
    "label": [1.5, Odd(), True, None, ""],
    "values": ["abc", ["a"], [None] * 6, [1j] * 6, [np.nan] * 6, [np.inf] * 6, [[1]] * 6, Odd()],
    "path": [3, 2.5, b"a.npz", "", ["a"], Odd(), True],
    "text": [3, 2.5, "", "  ", ["a"], Odd(), True, b"a"],
    "function": [3, "abc", [1], Odd()],
    "object": OBJECTS,
}
# Of parameters that an example makes itself, for they can be used but once.
OWN = object()
NONE = [None]
# What messages call a parameter that holds users, items or ratings.
ALIASES = {
    "labels": r"user|item",
    "users": r"user",
    "items": r"item",
    "X": r"X|user|item",
    "y": r"y|rating|value",
    "values": r"value|rating",
    "R": r"table|row",
    "timestamps": r"timestamp|time",
    "gains": r"gain",
    "predicted": r"prediction",
    "truth": r"rating",
    "name": r"\bid\b",
    "user": r"user",
    "item": r"item",
}


class Example(NamedTuple):
    """A call that works, and the kind of each parameter; a kind that ends in ? may be None."""

    call: object
    arguments: dict
    kinds: dict
    free: dict = {}  # noqa: RUF012  parameters that take anything, each with the reason


def model(**settings):
    """The constructor keeps its arguments as they are; `fit` checks them."""
    return MatrixFactorization(**{"n_epochs": 1, "rng": 0} | settings).fit(RATINGS)


def fresh_axes():
    return plt.subplots()[1]


def fitted():
    return MatrixFactorization(2, n_epochs=2, rng=0).fit(RATINGS)


MATRIX_FACTORIZATION_KINDS = {
    "n_factors": "count",
    "solver": "choice",
    "regularization": "penalties",
    "weighting": "choice",
    "biases": "choice",
    "n_epochs": "count",
    "learning_rate": "positive?",
    "momentum": "below 1",
    "decay": "not negative",
    "start_scale": "positive",
    "unknown": "choice",
    "engine": "choice",
    "dtype": "choice",
    "rng": "seed?",
}
FROM_SOUND_PARTS = "built from parts that are known to be sound; nothing is checked, says its page"
ANYTHING = "an answer may be anything, and is replied to"
COLUMN = "which columns there are is known to the reader of tables, which names what is missing"

EXAMPLES = {
    "MatrixFactorization": Example(
        model, {}, MATRIX_FACTORIZATION_KINDS, {"master": "of Spark alone: tests/spark"}
    ),
    "MatrixFactorization.fit": Example(
        lambda **a: MatrixFactorization(2, n_epochs=1, rng=0).fit(**a),
        {"X": [("ann", "x"), ("bob", "y")], "y": [1, 2], "validation": None},
        {"X": "pairs", "y": "values", "validation": "object?", "progress": "flag"},
        {"checkpoint": "a folder, and a seed beside it: tests/recommender/test_checkpoints.py"},
    ),
    "MatrixFactorization.fold_in": Example(
        MODEL.fold_in, {"ratings": NEW_USER}, {"ratings": "object"}
    ),
    "MatrixFactorization.predict": Example(
        MODEL.predict, {"users": ["ann"], "items": ["x"]}, {"users": "labels", "items": "labels"}
    ),
    "MatrixFactorization.recommend": Example(
        MODEL.recommend,
        {"users": "ann", "n": 2, "exclude_rated": True},
        {"users": "label", "n": "count", "exclude_rated": "flag"},
    ),
    "MatrixFactorization.similar_items": Example(
        MODEL.similar_items, {"items": "x", "n": 2}, {"items": "label", "n": "count"}
    ),
    "MatrixFactorization.similar_users": Example(
        MODEL.similar_users, {"users": "ann", "n": 2}, {"users": "label", "n": "count"}
    ),
    "MatrixFactorization.explain": Example(
        MODEL.explain, {"user": "ann", "item": "x"}, {"user": "label", "item": "label"}
    ),
    "MatrixFactorization.score": Example(
        MODEL.score, {"X": [("ann", "x")], "y": [3]}, {"X": "pairs", "y": "values"}
    ),
    "MatrixFactorization.save": Example(MODEL.save, {"path": "model.npz"}, {"path": "path"}),
    "MatrixFactorization.load": Example(
        MatrixFactorization.load, {"path": "saved.npz"}, {"path": "path"}
    ),
    "MatrixFactorization.from_factors": Example(
        MatrixFactorization.from_factors,
        {"factors": FACTORS, "ratings": RATINGS},
        {"factors": "object", "ratings": "object"},
    ),
    "MatrixFactorization.get_params": Example(
        MODEL.get_params,
        {"deep": True},
        {},
        {"deep": "scikit-learn's; it makes no difference"},
    ),
    "MatrixFactorization.set_params": Example(fitted().set_params, {"n_factors": 3}, {}),
    "ImplicitFactorization": Example(
        lambda **settings: ImplicitFactorization(**{"n_epochs": 1, "rng": 0} | settings).fit(
            RATINGS
        ),
        {},
        {
            "n_factors": "count",
            "regularization": "not negative",
            "alpha": "not negative",
            "n_epochs": "count",
            "rng": "seed?",
        },
    ),
    "ImplicitFactorization.fit": Example(
        lambda **a: ImplicitFactorization(1, 0.1, n_epochs=1, rng=0).fit(**a),
        {"X": [("ann", "x"), ("bob", "y")], "y": [1, 2]},
        {"X": "pairs", "y": "values?"},
    ),
    "ImplicitFactorization.fold_in": Example(
        IMPLICIT.fold_in, {"ratings": NEW_USER}, {"ratings": "object"}
    ),
    "ImplicitFactorization.predict": Example(
        IMPLICIT.predict,
        {"users": ["ann"], "items": ["x"]},
        {"users": "labels", "items": "labels"},
    ),
    "ImplicitFactorization.recommend": Example(
        IMPLICIT.recommend,
        {"users": "ann", "n": 2, "exclude_rated": True},
        {"users": "label", "n": "count", "exclude_rated": "flag"},
    ),
    "ImplicitFactorization.similar_items": Example(
        IMPLICIT.similar_items, {"items": "x", "n": 2}, {"items": "label", "n": "count"}
    ),
    "ImplicitFactorization.similar_users": Example(
        IMPLICIT.similar_users, {"users": "ann", "n": 2}, {"users": "label", "n": "count"}
    ),
    "ImplicitFactorization.explain": Example(
        IMPLICIT.explain, {"user": "ann", "item": "x"}, {"user": "label", "item": "label"}
    ),
    "ImplicitFactorization.score": Example(
        IMPLICIT.score, {"X": [("ann", "z")], "y": [3]}, {"X": "pairs", "y": "values?"}
    ),
    "ImplicitFactorization.save": Example(IMPLICIT.save, {"path": "model.npz"}, {"path": "path"}),
    "ImplicitFactorization.load": Example(
        ImplicitFactorization.load, {"path": "implicit.npz"}, {"path": "path"}
    ),
    "ImplicitFactorization.get_params": Example(
        IMPLICIT.get_params,
        {"deep": True},
        {},
        {"deep": "scikit-learn's; it makes no difference"},
    ),
    "ImplicitFactorization.set_params": Example(
        ImplicitFactorization().set_params, {"n_factors": 3}, {}
    ),
    "Baseline": Example(
        lambda **settings: Baseline(**settings).fit(RATINGS),
        {},
        {"strategy": "choice", "regularization": "not negative"},
    ),
    "Baseline.fit": Example(
        lambda **a: Baseline().fit(**a),
        {"X": [("ann", "x"), ("bob", "y")], "y": [1, 2]},
        {"X": "pairs", "y": "values"},
    ),
    "Baseline.predict": Example(
        BASELINE.predict,
        {"users": ["ann"], "items": ["x"]},
        {"users": "labels", "items": "labels"},
    ),
    "Baseline.recommend": Example(
        BASELINE.recommend,
        {"users": "ann", "n": 2, "exclude_rated": True},
        {"users": "label", "n": "count", "exclude_rated": "flag"},
    ),
    "Baseline.get_params": Example(
        BASELINE.get_params,
        {"deep": True},
        {},
        {"deep": "scikit-learn's; it makes no difference"},
    ),
    "Baseline.set_params": Example(Baseline().set_params, {"regularization": 3}, {}),
    "Ratings": Example(
        Ratings,
        {
            "users": [1, 2, 3, 4, 5, 6],
            "items": list("abcdef"),
            "values": [1, 2, 3, 4, 5, 6],
            "duplicates": "error",
            "timestamps": None,
        },
        {
            "users": "labels",
            "items": "labels",
            "values": "values",
            "duplicates": "choice",
            "timestamps": "values?",
        },
    ),
    "Ratings.from_matrix": Example(
        Ratings.from_matrix,
        {"R": [[1, np.nan], [2, 3]], "users": None, "items": None},
        {"R": "table", "users": "labels?", "items": "labels?"},
    ),
    "Ratings.from_frame": Example(
        Ratings.from_frame,
        {"frame": pd.DataFrame({"userId": [1], "movieId": [2], "rating": [3]})},
        {"frame": "frame", "duplicates": "choice"},
        {"users": COLUMN, "items": COLUMN, "values": COLUMN},
    ),
    "Ratings.read": Example(
        Ratings.read,
        {"source": "ratings.csv"},
        {"source": "path", "duplicates": "choice"},
        {
            **dict.fromkeys(("users", "items", "values", "columns", "timestamps"), COLUMN),
            **dict.fromkeys(("separator", "header", "encoding"), "the look at a file checks it"),
        },
    ),
    "Ratings.read_csv": Example(
        Ratings.read_csv,
        {"path": "ratings.csv"},
        {"path": "path", "duplicates": "choice"},
        {"users": COLUMN, "items": COLUMN, "values": COLUMN, "timestamps": COLUMN},
    ),
    "Ratings.from_indices": Example(
        Ratings.from_indices,
        {
            "user_index": RATINGS.user_index,
            "item_index": RATINGS.item_index,
            "values": RATINGS.values,
            "user_labels": RATINGS.user_labels,
            "item_labels": RATINGS.item_labels,
        },
        {},
        dict.fromkeys(
            ("user_index", "item_index", "values", "user_labels", "item_labels", "timestamps"),
            FROM_SOUND_PARTS,
        ),
    ),
    "Ratings.from_arrays": Example(
        Ratings.from_arrays,
        {"arrays": RATINGS.arrays()},
        {},
        {"arrays": "what a file holds, whose reader names the file and what is wrong with it"},
    ),
    "Ratings.index_users": Example(RATINGS.index_users, {"labels": ["ann"]}, {"labels": "labels"}),
    "Ratings.index_items": Example(RATINGS.index_items, {"labels": ["x"]}, {"labels": "labels"}),
    "Ratings.with_values": Example(
        RATINGS.with_values, {"values": np.arange(6)}, {"values": "values"}
    ),
    "Ratings.take": Example(RATINGS.take, {"positions": [0, 1]}, {"positions": "rows"}),
    "Ratings.joined": Example(TRAIN.joined, {"other": HELD_OUT}, {"other": "object"}),
    "Ratings.split": Example(
        RATINGS.split, {"fraction": 0.5, "rng": 0}, {"fraction": "share", "rng": "seed?"}
    ),
    "Ratings.count_of": Example(RATINGS.count_of, {"fraction": 0.5}, {"fraction": "share"}),
    "Groups": Example(
        mfteach.matrices.Groups,
        {"order": RATINGS.by_user.order, "starts": RATINGS.by_user.starts},
        {},
        {"order": FROM_SOUND_PARTS, "starts": FROM_SOUND_PARTS},
    ),
    "Groups.of": Example(
        mfteach.matrices.Groups.of,
        {"index": [0, 1, 1], "n_rows": 2},
        {"index": "rows", "n_rows": "count"},
    ),
    "Factors": Example(
        Factors,
        {
            "U": [[1, 2]],
            "V": [[1, 2]],
            "mean": 1,
            "user_bias": [1],
            "item_bias": [2],
            "learned_biases": False,
        },
        {
            "U": "numbers",
            "V": "numbers",
            "mean": "any number",
            "user_bias": "numbers",
            "item_bias": "numbers",
            "learned_biases": "flag",
        },
    ),
    "Factors.random": Example(
        Factors.random,
        {"shape": (2, 3), "n_factors": 2, "rng": 0, "scale": 0.1, "dtype": "float64"},
        {
            "shape": "shape",
            "n_factors": "count",
            "rng": "seed?",
            "scale": "positive",
            "dtype": "choice",
        },
    ),
    "Factors.offsets": Example(
        FACTORS.offsets, {"i": np.array([0]), "j": np.array([1])}, {"i": "rows", "j": "rows"}
    ),
    "Factors.of_user": Example(FACTORS.of_user, {"i": 1}, {"i": "count"}),
    "Factors.with_biases": Example(
        FACTORS.with_biases,
        {"biases": Biases.fit(RATINGS), "learned": True},
        {"biases": "object", "learned": "flag"},
    ),
    "Factors.with_tables": Example(
        FACTORS.with_tables, {"U": FACTORS.U, "V": FACTORS.V}, {"U": "numbers", "V": "numbers"}
    ),
    "Factors.astype": Example(FACTORS.astype, {"dtype": "float32"}, {"dtype": "choice"}),
    "Factors.with_entries": Example(
        FACTORS.with_entries, {"entries": np.asarray(FACTORS)}, {"entries": "numbers"}
    ),
    "Factors.save": Example(FACTORS.save, {"path": "factors.npz"}, {"path": "path"}),
    "Factors.load": Example(Factors.load, {"path": "saved.npz"}, {"path": "path"}),
    "ImplicitLoss": Example(
        ImplicitLoss,
        {"ratings": RATINGS, "alpha": 1.0, "regularization": 0.1, "engine": "numpy"},
        {
            "ratings": "object",
            "alpha": "not negative",
            "regularization": "not negative",
            "engine": "choice",
        },
    ),
    "ImplicitLoss.value": Example(IMPLICIT_LOSS.value, {"factors": FACTORS}, {"factors": "object"}),
    "ImplicitLoss.gradient": Example(
        IMPLICIT_LOSS.gradient, {"factors": FACTORS}, {"factors": "object"}
    ),
    "ImplicitLoss.known": Example(IMPLICIT_LOSS.known, {"factors": FACTORS}, {"factors": "object"}),
    "Loss": Example(
        Loss,
        {"ratings": RATINGS, "regularization": 1.0, "weighting": "plain"},
        {
            "ratings": "object",
            "regularization": "penalties",
            "weighting": "choice",
            "bias_regularization": "not negative",
            "engine": "choice",
        },
    ),
    "Loss.errors": Example(LOSS.errors, {"factors": FACTORS}, {"factors": "object"}),
    "Loss.targets": Example(LOSS.targets, {"factors": FACTORS}, {"factors": "object"}),
    "Loss.value": Example(LOSS.value, {"factors": FACTORS}, {"factors": "object"}),
    "Loss.gradient": Example(LOSS.gradient, {"factors": FACTORS}, {"factors": "object"}),
    "Function": Example(
        mfteach.descent.Function,
        {"value": PARABOLA.value, "gradient": PARABOLA.gradient},
        {"value": "function", "gradient": "function"},
    ),
    "check_gradient": Example(
        mfteach.check_gradient,
        {"objective": PARABOLA, "point": [1.0, 2.0], "h": 0.01},
        {"objective": "object", "point": "numbers", "h": "positive"},
    ),
    "predictions": Example(
        mfteach.loss.predictions,
        {"ratings": RATINGS, "factors": FACTORS},
        {"ratings": "object", "factors": "object"},
    ),
    "require_fit": Example(
        mfteach.loss.require_fit,
        {"ratings": RATINGS, "factors": FACTORS},
        {"ratings": "object", "factors": "object"},
    ),
    "pair_predictions": Example(
        mfteach.loss.pair_predictions,
        {"factors": FACTORS, "i": np.array([0]), "j": np.array([1])},
        {"factors": "object", "i": "rows", "j": "rows"},
    ),
    "gradient_descent": Example(
        mfteach.gradient_descent,
        {"objective": PARABOLA, "start": [1.0, 2.0], "learning_rate": 0.1},
        {
            "objective": "object",
            "start": "numbers",
            "learning_rate": "positive",
            "momentum": "below 1",
            "line_search": "flag",
        },
    ),
    "suggest_learning_rate": Example(
        mfteach.descent.suggest_learning_rate,
        {"objective": PARABOLA, "start": [1.0, 2.0]},
        {
            "objective": "object",
            "start": "numbers",
            "largest": "positive",
            "n_steps": "count",
        },
    ),
    "stochastic_gradient_descent": Example(
        mfteach.descent.stochastic_gradient_descent,
        {"loss": LOSS, "start": FACTORS, "learning_rate": 0.1},
        {
            "loss": "object",
            "start": "object",
            "learning_rate": "positive",
            "rng": "seed?",
            "decay": "not negative",
        },
    ),
    "implicit_half_step": Example(
        mfteach.descent.implicit_half_step,
        {"rows": implicit_rows(IMPLICIT_LOSS, FACTORS)[0], "table": FACTORS.V},
        {},
        {"rows": FROM_SOUND_PARTS, "table": FROM_SOUND_PARTS},
    ),
    **{
        name: Example(
            getattr(mfteach.descent, name),
            {"loss": IMPLICIT_LOSS, "factors": FACTORS},
            {"loss": "object", "factors": "object"},
        )
        for name in ("implicit_rows", "implicit_users", "implicit_items")
    },
    "implicit_least_squares": Example(
        mfteach.descent.implicit_least_squares,
        {"loss": IMPLICIT_LOSS, "start": FACTORS, "method": "cg", "half_steps": True},
        {"loss": "object", "start": "object", "method": "choice", "half_steps": "flag"},
    ),
    "alternating_least_squares": Example(
        alternating_least_squares,
        {"loss": LOSS, "start": FACTORS},
        {"loss": "object", "start": "object", "method": "choice", "half_steps": "flag"},
    ),
    "solve_users": Example(
        mfteach.descent.solve_users,
        {"loss": LOSS, "factors": FACTORS},
        {"loss": "object", "factors": "object", "method": "choice"},
    ),
    "solve_items": Example(
        mfteach.descent.solve_items,
        {"loss": LOSS, "factors": FACTORS},
        {"loss": "object", "factors": "object", "method": "choice"},
    ),
    "user_rows": Example(
        user_rows, {"loss": LOSS, "factors": FACTORS}, {"loss": "object", "factors": "object"}
    ),
    "item_rows": Example(
        mfteach.descent.item_rows,
        {"loss": LOSS, "factors": FACTORS},
        {"loss": "object", "factors": "object"},
    ),
    "half_step": Example(
        mfteach.descent.half_step,
        {"rows": user_rows(LOSS, FACTORS), "table": FACTORS.V},
        {},
        dict.fromkeys(("rows", "table"), "the lecture's lines on arrays that `user_rows` checks"),
    ),
    "descend": Example(
        lambda steps=OWN, **a: mfteach.descent.descend(
            alternating_least_squares(LOSS, FACTORS) if steps is OWN else steps, **a
        ),
        {"n_steps": 1, "progress": False},
        {
            "steps": "steps",
            "n_steps": "count",
            "tolerance": "not negative?",
            "validation": "function?",
            "progress": "flag",
            "patience": "count",
        },
    ),
    "rmse": Example(
        mfteach.evaluation.rmse,
        {"truth": [1, 2], "predicted": [2, 3]},
        {"truth": "finite numbers", "predicted": "finite numbers"},
    ),
    "mae": Example(
        mfteach.evaluation.mae,
        {"truth": [1, 2], "predicted": [2, 3]},
        {"truth": "finite numbers", "predicted": "finite numbers"},
    ),
    "ndcg": Example(
        mfteach.evaluation.ndcg,
        {"gains": GAINS, "predicted": PREDICTED, "n": 2},
        {"gains": "finite numbers", "predicted": "finite numbers", "n": "count?"},
    ),
    "precision": Example(
        mfteach.evaluation.precision,
        {"relevant": GAINS, "predicted": PREDICTED, "n": 2},
        {"relevant": "finite numbers", "predicted": "finite numbers", "n": "count"},
    ),
    "recall": Example(
        mfteach.evaluation.recall,
        {"relevant": GAINS, "predicted": PREDICTED, "n": 2},
        {"relevant": "finite numbers", "predicted": "finite numbers", "n": "count"},
    ),
    "rank_held_out": Example(
        mfteach.evaluation.rank_held_out,
        {"model": fitted().fit(TRAIN), "held_out": HELD_OUT, "n": 2, "relevant_from": 1},
        {"model": "object", "held_out": "object", "n": "count", "relevant_from": "number"},
    ),
    "rank_users": Example(
        mfteach.evaluation.rank_users,
        {"model": BASELINE, "held_out": HELD_OUT, "n": 2, "relevant_from": 1},
        {"model": "object", "held_out": "object", "n": "count", "relevant_from": "number"},
    ),
    "coverage": Example(
        mfteach.evaluation.coverage,
        {"lists": LISTS, "ratings": RATINGS},
        {"lists": "lists", "ratings": "object"},
    ),
    "novelty": Example(
        mfteach.evaluation.novelty,
        {"lists": LISTS, "ratings": RATINGS},
        {"lists": "lists", "ratings": "object"},
    ),
    "overlap": Example(mfteach.evaluation.overlap, {"lists": LISTS}, {"lists": "lists"}),
    "bootstrap_difference": Example(
        mfteach.evaluation.bootstrap_difference,
        {
            "first": [1, 2, 3],
            "second": [3, 2, 2],
            "confidence_level": 0.9,
            "n_resamples": 10,
            "rng": 0,
        },
        {
            "first": "finite numbers",
            "second": "finite numbers",
            "confidence_level": "below 1",
            "n_resamples": "count",
            "rng": "seed?",
        },
    ),
    "k_fold": Example(
        mfteach.evaluation.k_fold,
        {"ratings": RATINGS, "n_folds": 2, "rng": 0},
        {"ratings": "object", "n_folds": "count", "rng": "seed?"},
    ),
    "leave_n_out": Example(
        mfteach.evaluation.leave_n_out,
        {"ratings": RATINGS, "n": 1, "rng": 0},
        {"ratings": "object", "n": "count", "rng": "seed?"},
    ),
    "by_time": Example(
        mfteach.evaluation.by_time,
        {"ratings": RATINGS, "fraction": 0.5, "per_user": True},
        {"ratings": "object", "fraction": "share", "per_user": "flag"},
    ),
    "tune": Example(
        tune,
        {
            "model": MatrixFactorization(2, n_epochs=1, rng=0),
            "grid": {"regularization": [1.0]},
            "train": TRAIN,
            "validation": HELD_OUT,
        },
        {
            "model": "object",
            "grid": "grid",
            "train": "object",
            "validation": "object",
            "widen": "names",
            "progress": "flag",
            "scoring": "scoring?",
        },
        {"checkpoint": "given to every fit: tests/recommender/test_checkpoints.py"},
    ),
    "Tuned.test": Example(
        tune(
            MatrixFactorization(2, n_epochs=1, rng=0), {"regularization": [1.0]}, TRAIN, HELD_OUT
        ).test,
        {"test": RATINGS},
        {"test": "object"},
    ),
    "history_romance": Example(datasets.history_romance, {}, {"surprise": "flag"}),
    "planted": Example(
        datasets.planted,
        {"n_users": 2, "n_items": 3, "n_factors": 2, "density": 0.5, "noise": 0.1, "rng": 0},
        {
            "n_users": "count",
            "n_items": "count",
            "n_factors": "count",
            "density": "share",
            "noise": "not negative",
            "rng": "seed?",
        },
    ),
    "films": Example(datasets.films, {}, {"name": "path"}),
    "watched_films": Example(datasets.watched_films, {}, {"name": "path"}),
    "viewers": Example(
        datasets.viewers,
        {"n_users": 4, "n_items": 6, "taste": 0.5, "rng": 0},
        {"n_users": "count", "n_items": "count", "taste": "not negative", "rng": "seed?"},
    ),
    "movielens": Example(
        datasets.movielens, {"path_or_name": "."}, {"path_or_name": "path", "download": "flag"}
    ),
    "movielens_titles": Example(
        datasets.movielens_titles, {"path_or_name": "."}, {"path_or_name": "path"}
    ),
    "GlobalMean.fit": Example(GlobalMean.fit, {"ratings": RATINGS}, {"ratings": "object"}),
    "GlobalMean.predict": Example(
        GlobalMean(3.0).predict, {"ratings": RATINGS}, {"ratings": "object"}
    ),
    "Biases.fit": Example(
        Biases.fit,
        {"ratings": RATINGS},
        {"ratings": "object", "regularization": "not negative", "engine": "choice"},
    ),
    "Biases.predict": Example(
        Biases.fit(RATINGS).predict, {"ratings": RATINGS}, {"ratings": "object"}
    ),
    "Biases.residuals": Example(
        Biases.fit(RATINGS).residuals, {"ratings": RATINGS}, {"ratings": "object"}
    ),
    "explain": Example(
        mfteach.recommender.explain,
        {"factors": FACTORS, "user": 0, "item": 1, "loss": LOSS},
        {"factors": "object", "user": "count", "item": "count", "loss": "object?"},
    ),
    "fold_in": Example(
        mfteach.recommender.fold_in,
        {"factors": FACTORS, "ratings": RATINGS, "regularization": 1.0},
        {
            "factors": "object",
            "ratings": "object",
            "regularization": "penalties",
            "weighting": "choice",
            "new": "choice",
            "bias_regularization": "not negative",
        },
    ),
    "top_items": Example(
        mfteach.recommender.top_items,
        {"factors": FACTORS, "users": [0, 1], "n": 2, "rated": RATINGS},
        {"factors": "object", "users": "rows", "n": "count", "rated": "object?"},
    ),
    "figure": Example(
        lambda fig=OWN, **a: lessons.figure(plt.figure() if fig is OWN else fig, **a),
        {"alt": "a line", "caption": "A line.", "data": {"x": [1]}, "live": Live("turning_line")},
        {"fig": "figure", "alt": "text", "caption": "text", "data": "data?", "live": "object?"},
    ),
    "heat_map": Example(
        lambda ax=OWN, **a: lessons.heat_map(fresh_axes() if ax is OWN else ax, **a),
        {"matrix": [[1, 2], [3, 4]], "title": "R"},
        {
            "ax": "axes",
            "matrix": "numbers",
            "title": "text",
            "row_labels": "list?",
            "column_labels": "list?",
            "limit": "positive?",
        },
    ),
    "contour_map": Example(
        lambda ax=OWN, **a: lessons.contour_map(fresh_axes() if ax is OWN else ax, **a),
        {
            "value": lambda p: p[0] + p[1],
            "x_range": (0, 1),
            "y_range": (0, 1),
            "levels": [0.5, 1.0],
        },
        {
            "ax": "axes",
            "value": "function",
            "x_range": "ends",
            "y_range": "ends",
            "levels": "numbers",
        },
    ),
    "road_map": Example(
        lambda ax=OWN, **a: lessons.road_map(fresh_axes() if ax is OWN else ax, **a),
        {"stations": ["a", "b"], "shaded": [0]},
        {"ax": "axes", "stations": "list", "shaded": "rows"},
    ),
}


EXAMPLES |= {
    "Trace.plot": Example(
        lambda **a: mfteach.descent.descend(
            alternating_least_squares(LOSS, FACTORS), 1, progress=False
        ).plot(**a),
        {"ax": None},
        {"ax": "axes?"},
    ),
    "feedback": Example(
        lessons.feedback,
        {"answer": 1, "right": 1, "hints": {2: "no"}, "tolerance": 0.1},
        {"right": "numbers", "hints": "dict?", "tolerance": "not negative"},
        {"answer": ANYTHING},
    ),
    "derivative_feedback": Example(
        lessons.derivative_feedback,
        {"answer": "2x", "function": X**2, "variable": X},
        {"function": "object", "variable": "object"},
        {"answer": ANYTHING},
    ),
    "choice_feedback": Example(
        lessons.choice_feedback,
        {"answer": "A", "question": multiple_choice.s30()},
        {"question": "object"},
        {"answer": ANYTHING},
    ),
    "formula_and_code": Example(
        lessons.formula_and_code,
        {"pairs": [("f", fitted, "def fitted():")]},
        {"pairs": "list"},
    ),
    "ledger_input": Example(
        lambda ledger=OWN: None if ledger is OWN else lessons.ledger_input(ledger),
        {},
        {"ledger": "object"},
    ),
    "mfteach.lessons.check": Example(
        lessons.check, {"name": "05-1", "answer": 1}, {"name": "text"}, {"answer": ANYTHING}
    ),
    "hint": Example(
        lessons.hint,
        {"name": "05-1"},
        {"name": "text"},
        {"number": "whatever it is, the reply says how many hints there are"},
    ),
    "quiz": Example(lessons.quiz, {"name": "03-s30"}, {"name": "text"}),
    "solution": Example(lessons.solution, {"name": "05-1"}, {"name": "text"}),
    "guess": Example(
        lessons.guess, {"name": "05-a", "answer": "up"}, {"name": "text"}, {"answer": ANYTHING}
    ),
    "outcome": Example(lessons.outcome, {"name": "05-a"}, {"name": "text"}),
    "exercise": Example(
        mfteach.exercise,
        {"assignment": "03-power-rule", "facts": {"q1": {"kind": "text"}}},
        {"assignment": "text", "facts": "dict"},
    ),
    "check": Example(
        mfteach.check, {"name": "q1", "answer": "a"}, {"name": "text"}, {"answer": ANYTHING}
    ),
}
WRONG |= {
    "finite numbers": [*WRONG["numbers"], [np.nan] * 3, [np.inf, 0, 1], [[[1]]], []],
    "table": [*WRONG["numbers"], [1, 2], [[np.nan]], [[np.inf]], [], [["a"]], None, 3],
    "pairs": [3, "abc", [1, 2], [(1, 2, 3)], [("ann", 1.5)], Odd(), [[1], [2, 3]], {"a": 1}],
    "frame": [3, "abc", None, Odd(), [1], np.eye(2)],
    "shape": [3, "ab", (2,), (2, 3, 4), (2.5, 3), (0, 3), (2, -1), None, Odd(), (True, 2)],
    "steps": [3, Odd(), True],
    "grid": [3, "abc", None, {}, [], {"n_factors": 3}, {"n_factors": []}, {"solver": "als"}],
    "figure": [3, "abc", None, Odd()],
    "axes": [3, "abc", Odd()],
    "data": [3, "abc", [1], {"a": [1], "b": [1, 2]}, {}],
    "list": [3, "abc", Odd()],
    "lists": [3, "abc", Odd(), [3], ["x"], [[]], []],
    "scoring": ["wrong", "", 3, 2.5, np.nan, ["ndcg"], Odd(), b"ndcg", "rmse"],
    "ends": [3, "ab", (1,), (2, 1), (1, 1), (0, np.nan), (0, np.inf), None, Odd(), (0, 1, 2)],
    "dict": [3, "abc", [1], Odd()],
    "names": [3, "regularization", ["nothing"], [1], Odd()],
}

# Made by mfteach itself and read by people: what they hold was checked on the way.
RESULTS = {
    "DivergenceError",
    "Step",
    "Trace",
    "Trial",
    "RankedTrial",
    "Tuned",
    "RankingFigures",
    "UserFigures",
    "Difference",
    "SecondLookWarning",
    "NothingLearnedWarning",
    "Explanation",
    "Recommendation",
    "Neighbour",
    "Films",
    "Planted",
    "Viewers",
    "GlobalMean",
    "Biases",
}
PROTOCOLS = {"Objective"}


def public():
    """Every public function, class and method with parameters: its name, and its signature."""
    found = {}
    for module in [mfteach, *(importlib.import_module(f"mfteach.{name}") for name in FOLDERS)]:
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) and name not in PROTOCOLS:
                found |= of_class(thing)
            elif inspect.isfunction(thing):
                twin = name in found and thing is not getattr(mfteach, name, None)
                found[f"{module.__name__}.{name}" if twin else name] = inspect.signature(thing)
    return {name: signature for name, signature in found.items() if signature.parameters}


def of_class(thing):
    """The constructor, unless the class is a result, and the methods that mfteach defines."""
    found = {}
    if thing.__name__ not in RESULTS:
        found[thing.__name__] = inspect.signature(thing)
    for name in dir(thing):
        method = inspect.getattr_static(thing, name)
        function = inspect.unwrap(getattr(method, "__func__", method))
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        if not function.__module__.startswith("mfteach"):
            continue
        bound = isinstance(method, classmethod | staticmethod)
        signature = inspect.signature(getattr(thing, name))
        if not bound:
            signature = signature.replace(parameters=list(signature.parameters.values())[1:])
        found[f"{thing.__name__}.{name}"] = signature
    return found


PUBLIC = public()


def test_every_public_function_has_an_example():
    assert sorted(PUBLIC.keys() - EXAMPLES.keys()) == []
    assert sorted(EXAMPLES.keys() - PUBLIC.keys()) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_parameter_has_a_kind(name):
    example = EXAMPLES[name]
    parameters = {
        parameter.name
        for parameter in PUBLIC[name].parameters.values()
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    }
    assert parameters == example.kinds.keys() | example.free.keys()
    assert all(len(reason) > 10 for reason in example.free.values())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with a file of each kind, to be the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    Path("ratings.csv").write_text("userId,movieId,rating\n1,2,3\n", encoding="utf-8")
    MODEL.save("saved.npz")
    IMPLICIT.save("implicit.npz")
    yield
    plt.close("all")


@pytest.mark.filterwarnings("ignore::mfteach.evaluation.SecondLookWarning")
@pytest.mark.filterwarnings("ignore::mfteach.evaluation.NothingLearnedWarning")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_works(name):
    EXAMPLES[name].call(**EXAMPLES[name].arguments)


CASES = [
    (name, parameter, kind)
    for name, example in EXAMPLES.items()
    for parameter, kind in example.kinds.items()
]


@pytest.mark.filterwarnings("ignore::mfteach.evaluation.SecondLookWarning")
@pytest.mark.filterwarnings("ignore::mfteach.evaluation.NothingLearnedWarning")
@pytest.mark.parametrize(("name", "parameter", "kind"), CASES)
def test_wrong_values_are_refused_by_name(name, parameter, kind):
    example = EXAMPLES[name]
    wrong = WRONG[kind.removesuffix("?")] + ([] if kind.endswith("?") else NONE)
    passed = [
        f"{short(value)}: {fault}"
        for value in wrong
        if (fault := let_through(example, parameter, value))
    ]
    assert passed == []


def let_through(example, parameter, value):
    """What is wrong with the answer to a wrong value; empty if it is refused as it should be."""
    try:
        answer = example.call(**example.arguments | {parameter: value})
    except (TypeError, ValueError, KeyError) as error:
        message, place = str(error), traceback.extract_tb(error.__traceback__)[-1].filename
        if not place.startswith(PACKAGE):
            return f"refused by {place}: {message}"
        if not re.search(f"{parameter}|{ALIASES.get(parameter, parameter)}", message):
            return f"not named: {message}"
        return "" if len(message) < 400 else f"{len(message)} characters long"
    finally:
        plt.close("all")
    return f"taken, for {short(answer)}"


def short(value):
    try:
        return repr(value)[:80]
    except ValueError:
        return "an integer of thousands of digits"


# ---- values that are right, though not plain


def variants(value):
    """The same value as other types have it."""
    if isinstance(value, bool):
        return [np.bool_(value)]
    if isinstance(value, str):
        return [np.str_(value)]
    if isinstance(value, int):
        return [float(value), *(kind(value) for kind in (np.int8, np.uint64, np.float16, np.array))]
    return [kind(value) for kind in (np.float64, np.float32, np.array, Fraction, Decimal)]


PLAIN = {
    "count": 2,
    "positive": 0.5,
    "not negative": 0.5,
    "below 1": 0.5,
    "share": 0.5,
    "number": 0.5,
    "any number": 0.5,
    "penalties": 0.5,
    "flag": False,
    "seed": 3,
}


@pytest.mark.parametrize(
    ("name", "parameter", "kind"),
    [case for case in CASES if case[2].removesuffix("?") in {*PLAIN, "choice"}],
)
def test_right_values_of_other_types_are_taken(name, parameter, kind):
    example = EXAMPLES[name]
    default = PUBLIC[name].parameters[parameter].default
    plain = example.arguments.get(parameter, PLAIN.get(kind.removesuffix("?"), default))
    for value in variants(plain):
        example.call(**example.arguments | {parameter: value})


def test_a_setting_of_another_type_makes_the_same_model_and_can_be_saved(tmp_path):
    settings = {"n_factors": 2, "n_epochs": 3, "regularization": 0.5, "rng": 4, "start_scale": 0.25}
    plain = MatrixFactorization(**settings).fit(RATINGS)
    for number in range(5):
        odd = {name: variants(value)[number] for name, value in settings.items()}
        model = MatrixFactorization(**odd).fit(RATINGS)
        assert np.array_equal(model.factors_.U, plain.factors_.U)
        assert all(value is odd[name] for name, value in model.get_params().items() if name in odd)
        model.save(tmp_path / "model.npz")
        loaded = MatrixFactorization.load(tmp_path / "model.npz")
        assert loaded.get_params() == plain.get_params()
