"""Every cure that a message names is followed, from each side, and works.

A scenario is a call that fails with an `InputError`. Its remedies are typed as the message words
them: keywords of a function, changes of a model or a `Ratings` for it, options of a command. Each
place in the package that raises an error with cures must be reached by a scenario.
"""

import argparse
import ast
import csv
import io
import re
import shlex
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import mfteach
from mfteach import (
    DivergenceError,
    Factors,
    ImplicitFactorization,
    Loss,
    MatrixFactorization,
    Ratings,
    datasets,
    fast,
)
from mfteach.arguments import InputError
from mfteach.commands import predict, recommend
from mfteach.commands.main import main
from mfteach.console import Parser, UsageError
from mfteach.descent import (
    Function,
    alternating_least_squares,
    gradient_descent,
    implicit_least_squares,
)
from mfteach.evaluation import by_time, tune
from mfteach.loss import ImplicitLoss
from mfteach.recommender import learning

PACKAGE = Path(mfteach.__file__).parent
# What an error takes besides the cures that its advice speaks of.
PARTS = {"argument", "advice", "cures", "otherwise"}
ERRORS = {"InputError", "WrongType", "UnknownLabel"}

USERS, ITEMS, VALUES = ["ann", "ann", "bob", "bob"], ["x", "x", "x", "y"], [1, 2, 3, 4]
PAIRS = list(zip(USERS, ITEMS, strict=True))
COLUMNS = {"users": USERS, "items": ITEMS, "values": VALUES}
HUGE = 1.7e308
GOOD = datasets.planted(20, 15, 2, 0.5, 0.1, rng=0).ratings
LIKED = GOOD.with_values(np.full(len(GOOD), 5.0))
FEW = Ratings(["ann", "bob", "bob"], ["x", "x", "y"], [1, 2, 3])


class Scenario(NamedTuple):
    """A call that fails, and what changes it."""

    call: object
    settings: dict = {}  # noqa: RUF012


# ---- as functions


def solved(*, regularization=0.0, method="exact", dtype="float64", scale=1.0, alike=False):
    """Two steps of alternating least squares; its arguments are those of the calls inside."""
    ratings = FEW.with_values(scale * FEW.values)
    start = Factors.random(ratings.shape, 2 if not alike else 1, rng=0)
    if alike:
        ratings = Ratings.from_matrix([[1.0, 2.0], [3.0, 4.0]])
        start = Factors([[1, 1], [1, 1]], [[1, 1], [1, 1]])
    steps = alternating_least_squares(
        Loss(ratings, regularization), start.astype(dtype), method=method
    )
    return [next(steps) for _ in range(2)]


def seen(*, regularization=0.0):
    """A step of least squares for implicit feedback, with more factors than items."""
    start = Factors.random(FEW.shape, 3, rng=0)
    steps = implicit_least_squares(ImplicitLoss(FEW, regularization=regularization), start)
    return [next(steps) for _ in range(2)]


def chosen(*, scoring=None):
    model = ImplicitFactorization(2, n_epochs=1, rng=0)
    return tune(model, {"alpha": [1.0]}, *LIKED.split(0.5, rng=0), scoring=scoring)


def descending(*, momentum=0.5, line_search=True):
    parabola = Function(lambda x: x * x, lambda x: 2 * x)
    return gradient_descent(parabola, 1.0, 0.1, momentum=momentum, line_search=line_search)


def read_csv(**changes):
    with Path("twice.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("userId", "movieId", "rating"), *zip(*COLUMNS.values(), strict=True)]
        )
    return Ratings.read_csv("twice.csv", **changes)


TIMED = Ratings([1, 2, 3], [1, 1, 1], [1, 2, 3], timestamps=[1, 2, 3])
FUNCTIONS = {
    "duplicates in columns": Scenario(Ratings, COLUMNS),
    "duplicates in a frame": Scenario(
        Ratings.from_frame,
        {"frame": pd.DataFrame(COLUMNS), **{name: name for name in COLUMNS}},
    ),
    "duplicates in a file": Scenario(read_csv),
    "a mean too large": Scenario(
        Ratings, {"users": [1, 1], "items": [1, 1], "values": [HUGE] * 2, "duplicates": "mean"}
    ),
    "a part that is empty": Scenario(FEW.split, {"fraction": 0.01}),
    "a part that is everything": Scenario(by_time, {"ratings": TIMED, "fraction": 0.99}),
    "too few ratings": Scenario(solved),
    "ratings too much alike": Scenario(solved, {"alike": True}),
    "implicit feedback that does not determine": Scenario(seen),
    "settings of what predicts no ratings": Scenario(chosen),
    "an overflow": Scenario(solved, {"scale": 1e38, "dtype": "float32", "regularization": 1e-6}),
    "momentum with line search": Scenario(descending),
    "a count as text": Scenario(
        datasets.planted,
        {"n_users": "15", "n_items": 3, "n_factors": 1, "density": 0.5, "noise": 0},
    ),
    "a number as text": Scenario(GOOD.split, {"fraction": "0.5"}),
    "a misspelled name": Scenario(Loss, {"ratings": GOOD, "weighting": "by count"}),
    "a flag as text": Scenario(datasets.history_romance, {"surprise": "true"}),
    "a class in place of a name": Scenario(Factors([[1.0]], [[1.0]]).astype, {"dtype": "Float32"}),
    "a misspelled setting": Scenario(MatrixFactorization().set_params, {"n_factor": 3}),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def failing(call):
    """The error of a call, which words all its remedies."""
    with pytest.raises(InputError) as caught:
        call()
    error = caught.value
    assert all(text in str(error) for text in error.remedies)
    return error


def places(error):
    """File and line of each call on the way to an error."""
    return {(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_cures_of_a_function_are_keywords(name):
    call, settings = FUNCTIONS[name]
    error = failing(lambda: call(**settings))
    assert error.remedies, "a cure"
    for remedy in error.remedies:
        changes = eval(f"dict({remedy})")
        kept = {key: value for key, value in settings.items() if key != "n_factor"}
        call(**kept | changes)


# ---- as a reader of files

ROWS = [(user, item, (user * item) % 5 + 0.5) for user in range(1, 9) for item in range(1, 7)]


def text(form, header=""):
    return header + "".join(
        form.format(u=u, i=i, v=v, c=str(v).replace(".", ","), t=870_000_000 + i) + "\n"
        for u, i, v in ROWS
    )


PLAIN = "userId,movieId,rating\n"
FILES = {
    "names and numbers": (text("{u},{i},{v}", PLAIN), {"columns": (1, 2, 3), "users": "userId"}),
    "a column that is not there": (text("{u},{i},{v}", PLAIN), {"columns": (1, 2, 9)}),
    "one column twice": (text("{u},{i},{v}", PLAIN), {"columns": (1, 1, 3)}),
    "letters for columns": (text("{u},{i},{v}", PLAIN), {"columns": "abc"}),
    "an unknown name": (text("{u},{i},{v}", PLAIN), {"users": "nobody"}),
    "other names": (text("{u};{i};{c}", "Who;What;Stars\n"), {}),
    "a name twice": (text("{u},{i},{v},{v}", "user,item,rating,rating\n"), {}),
    "two candidates": (text("{u},a{i},b{i},{v}", "user,asin,parent_asin,rating\n"), {}),
    "two roles": (text("{u},{i},{v}", PLAIN), {"users": "userId", "items": "userId"}),
    "an odd separator": (text("{u},{i},{v}", PLAIN), {"separator": "a"}),
    "a separator that is not there": (text("{u},{i},{v}", PLAIN), {"separator": ";"}),
    "a sign between fields": (text("u{u}~i{i}~{v}", "user~item~rating\n"), {}),
    "UTF-8 as bytes of 0": (text("{u},{i},{v}").encode("utf-16-le"), {"encoding": "utf-8"}),
    "no such encoding": (text("{u},{i},{v}", PLAIN), {"encoding": "utf-9"}),
    "not that encoding": (text("{u},é{i},{v}", PLAIN).encode("latin-1"), {"encoding": "utf-8"}),
    "one letter of another encoding": (
        text("{u},é{i},{v}", PLAIN).encode() + "9,é9,4.5\n".encode("latin-1"),
        {},
    ),
    "another script": (text("{u},スタルカー {i},{v}", PLAIN).encode("shift_jis"), {}),
    "no header": (text("A{u},B{i},{v}"), {"users": "A1", "items": "B1"}),
    "no names above": (text("A{u},B{i},{v}"), {"header": True}),
    "names above": (text("{u},{i},{v}", PLAIN), {"header": False}),
    "names or a rating": (text("{u},x{i},{v}", "user,item,2\n"), {}),
    "four columns": (text("{u}\t{i}\tdrama\t{v}"), {}),
    "nothing that looks like ratings": (
        "".join(f"{u}\t{i}\t{u % 2}\tx\n" for u, i, _ in ROWS),
        {},
    ),
    "a separator of JSON": (
        "".join(f'{{"user": {u}, "item": {i}, "rating": {v}}}\n' for u, i, v in ROWS),
        {"separator": ","},
    ),
    "two columns": (text("{u};{i};{c}"), {"separator": ","}),
}


def as_file(content):
    return io.BytesIO(content if isinstance(content, bytes) else content.encode())


def followed(error, settings):
    """The settings with which each remedy of a message is followed."""
    changes = eval(f"dict({', '.join(error.remedies)})")
    if error.advice.startswith("Leave"):
        name = re.search(r"{(\w+)}", error.advice)[1]
        yield {key: value for key, value in settings.items() if key != name}
        del changes[name]
    if not changes:
        return
    if "columns" in changes:
        changes.pop("header", None)
        yield {"columns": changes["columns"]}
    else:
        yield {key: value for key, value in settings.items() if key not in changes} | changes


@pytest.mark.parametrize("name", FILES)
def test_the_cures_of_a_file_are_keywords(name):
    content, settings = FILES[name]
    error = failing(lambda: Ratings.read(as_file(content), **settings))
    for changed in followed(error, settings):
        assert len(Ratings.read(as_file(content), **changed)) >= len(ROWS)


# ---- as a reader of users and of pairs; tests/commands/test_label_files.py follows these cures

OF_LABELS = {
    "names that are unknown": ("predict", "who,what\nann,x\n", []),
    "one name": ("predict", "who,what\nann,x\n", ["--users", "who"]),
    "no names": ("predict", "user,item\nann,x\n", ["--no-header"]),
    "no header": ("predict", "ann,x\nbob,y\n", ["--users", "who"]),
    "items first": ("predict", "x,ann\ny,bob\n", ["--no-header"]),
    "another column": ("predict", "user,item,id\n1,x,ann\n", []),
    "users and more": ("recommend", "ann,1\nbob,2\n", []),
    "a name above users": ("recommend", "who\nann\n", []),
}


@pytest.fixture(scope="module")
def model_of_few(tmp_path_factory):
    path = tmp_path_factory.mktemp("few") / "few.npz"
    MatrixFactorization(1, n_epochs=1, rng=0).fit(FEW).save(path)
    return path


def asked(name, model):
    """The error of a command for a file of users or pairs."""
    command, content, options = OF_LABELS[name]
    Path("labels.txt").write_text(content)
    parser = argparse.ArgumentParser()
    {"predict": predict, "recommend": recommend}[command].add_parser(
        parser.add_subparsers(parser_class=Parser)
    )
    source = ["--users-from", "labels.txt"] if command == "recommend" else ["labels.txt"]
    arguments = parser.parse_args([command, str(model), *source, *options])
    with pytest.raises(UsageError) as caught:
        arguments.run(arguments)
    return caught.value.args[0]


@pytest.mark.parametrize("name", OF_LABELS)
def test_the_cures_of_a_file_of_labels_are_options(name, model_of_few):
    error = asked(name, model_of_few)
    assert error.remedies, "a cure"
    assert all(remedy.startswith("--") and remedy in str(error) for remedy in error.remedies)


# ---- as a model


def fit(model, X=PAIRS, y=VALUES):
    return model.fit(X) if isinstance(X, Ratings) else model.fit(X, y)


def validate(model, X=PAIRS, y=VALUES):
    held_out = X if isinstance(X, Ratings) else (X, y)
    return MatrixFactorization(1, n_epochs=1, rng=0).fit(HELD_OUT_OF, validation=held_out)


def with_little_memory(model):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(learning, "_is_free", lambda n_numbers: n_numbers < 2000)
        return model.fit(GOOD)


def without_numba(model):
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "mfteach.fast.numba_twins", None)
        patched.delattr(fast, "numba_twins", raising=False)
        return model.fit(GOOD)


HELD_OUT_OF = Ratings(["ann", "bob", "ann"], ["x", "y", "y"], [1, 2, 3])
SOME = {"n_factors": 2, "n_epochs": 2, "rng": 0}
MODELS = {
    "duplicates": Scenario(fit, {"n_factors": 1}),
    "duplicates among held-out ratings": Scenario(validate),
    "a stranger among held-out ratings": Scenario(
        lambda model: model.fit(HELD_OUT_OF, validation=([("eve", "x"), ("ann", "x")], [1, 2]))
    ),
    "a stranger to be predicted": Scenario(lambda model: model.fit(FEW).predict([("eve", "x")])),
    "a stranger to be recommended to": Scenario(lambda model: model.fit(FEW).recommend("eve")),
    "an item without a direction": Scenario(
        lambda model: model.fit(FEW.take(np.array([0, 1]))).similar_items("y"),
        {"regularization": 0.01, "biases": False},
    ),
    "too few ratings": Scenario(lambda model: model.fit(FEW), {"regularization": 0}),
    "ratings that single precision cannot hold": Scenario(
        lambda model: model.fit(FEW.with_values(1e39 * FEW.values))
    ),
    "ratings too large for single precision": Scenario(
        lambda model: model.fit(GOOD.with_values(1e30 * GOOD.values)),
    ),
    "ratings too small for conjugate gradients": Scenario(
        lambda model: model.fit(GOOD.with_values(1e-12 * GOOD.values)), {"solver": "cg"}
    ),
    "ratings that single precision takes for 0": Scenario(
        lambda model: model.fit(GOOD.with_values(1e-60 * GOOD.values))
    ),
    "ratings that single precision rounds away": Scenario(
        lambda model: model.fit(GOOD.with_values(1e8 + GOOD.values))
    ),
    "a penalty too large": Scenario(lambda model: model.fit(GOOD), {"regularization": 1e300}),
    "a start too large": Scenario(lambda model: model.fit(GOOD), {"start_scale": 1e30}),
    "more factors than can be of use": Scenario(lambda model: model.fit(GOOD), {"n_factors": 5000}),
    "an engine that cannot be had": Scenario(without_numba, {"engine": "numba"}),
    "more factors than memory": Scenario(with_little_memory, {"n_factors": 50}),
    "no rate for such a penalty": Scenario(
        lambda model: model.fit(GOOD), {"solver": "sgd", "regularization": 1e15}
    ),
    "biases that least squares cannot learn": Scenario(
        lambda model: model.fit(GOOD), {"biases": "learned"}
    ),
    "a count as text": Scenario(lambda model: model.fit(GOOD), {"n_factors": "3"}),
    "a number as text": Scenario(lambda model: model.fit(GOOD), {"decay": "0.5"}),
    "a misspelled name": Scenario(lambda model: model.fit(GOOD), {"solver": "asl"}),
    "a capital letter": Scenario(lambda model: model.fit(GOOD), {"regularization": "Auto"}),
    "no penalty": Scenario(lambda model: model.fit(GOOD), {"regularization": None}),
    "a penalty as text": Scenario(lambda model: model.fit(GOOD), {"regularization": "0.5"}),
    "a class in place of a name": Scenario(lambda model: model.fit(GOOD), {"dtype": np.float64}),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_cures_of_a_model_are_settings_or_ratings(name):
    call, settings = MODELS[name]
    error = failing(lambda: call(MatrixFactorization(**SOME | settings)))
    assert error.remedies, "a cure"
    for remedy in error.remedies:
        model = MatrixFactorization(**SOME | settings)
        if remedy.startswith("set_params("):
            call(eval(f"model.{remedy}"))
        else:
            assert remedy.startswith("Ratings(users, items, values, ")
            call(model, eval(remedy, {"Ratings": Ratings, **COLUMNS}))


def test_the_rate_that_a_divergence_suggests_works():
    model = MatrixFactorization(2, "sgd", learning_rate=9.0, n_epochs=5, rng=0)
    with pytest.raises(DivergenceError, match="try learning_rate=") as caught:
        model.fit(GOOD)
    model.set_params(learning_rate=float(str(caught.value).rpartition("=")[2])).fit(GOOD)


# ---- as a command


def written(ratings, again=()):
    """The arguments of `mfteach factorize` for a file of these ratings, some of them twice."""
    columns = ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist()
    rows = list(zip(*columns, strict=True))
    with Path("ratings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["userId", "movieId", "rating"])
        writer.writerows(rows + [rows[at] for at in again])
    return ["factorize", "ratings.csv", "--n-factors", "2"]


COMMANDS = {
    "duplicates": Scenario(lambda: written(GOOD, again=[0])),
}


def run(arguments, capsys):
    status = main(arguments)
    return status, capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.no_cover
def test_the_cures_of_a_command_are_options(name, capsys, monkeypatch):
    arguments = COMMANDS[name].call()
    errors = []
    kept = UsageError.__init__

    def keeping(self, error):
        errors.append(error)
        kept(self, error)

    monkeypatch.setattr(UsageError, "__init__", keeping, raising=False)
    status, said = run(arguments, capsys)
    (error,) = errors
    assert status == 2
    assert error.remedies, "a cure"
    assert "=" not in said.partition("hoose")[2], "options, no keywords"
    for remedy in error.remedies:
        assert remedy in said
        assert run([*arguments, *shlex.split(remedy)], capsys)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["--n-factors", "2.5"], "--n-factors"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "1_0"], "--seed"),
        (["--solver", "asl"], "--solver"),
        (["--duplicates", "first"], "--duplicates"),
    ],
)
def test_options_are_checked_before_they_become_arguments(arguments, culprit, capsys):
    with pytest.raises(SystemExit) as exit_:
        main([*written(GOOD), *arguments])
    assert exit_.value.code == 2
    assert culprit in capsys.readouterr().err


def test_too_few_ratings_for_a_test_are_said_and_more_of_them_help(capsys):
    status, said = run(written(FEW), capsys)
    assert status == 2
    assert said.endswith("holding out 0.1 of 3 ratings leaves one part empty. Give more ratings\n")
    assert run(written(GOOD), capsys)[0] == 0


def test_ratings_too_large_for_single_precision_are_said_and_smaller_ones_help(capsys):
    huge = [*written(GOOD.with_values(1e39 * GOOD.values)), "--solver", "als"]
    status, said = run(huge, capsys)
    assert status == 2
    assert re.search(r"does not fit float32\. Scale the ratings down\n$", said)
    assert run([*written(GOOD.with_values(1e9 * GOOD.values)), "--solver", "als"], capsys)[0] == 0


# ---- nothing is left out


def raised_with_cures():
    """File, first and last line of each place that raises an error with cures."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "spark":
            continue  # tests/spark has these: Spark may be missing here
        code = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in code for name in ERRORS):
            continue  # most are quickly read
        for node in ast.walk(ast.parse(code)):
            if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
                continue
            names = {keyword.arg for keyword in node.exc.keywords}
            called = node.exc.func.id if isinstance(node.exc.func, ast.Name) else ""
            if "cures" in names or (called in ERRORS and names - PARTS):
                yield str(path), node.lineno, node.end_lineno


def test_every_error_with_cures_has_a_scenario(model_of_few):
    reached = set()
    for call, settings in FUNCTIONS.values():
        reached |= places(failing(lambda call=call, settings=settings: call(**settings)))
    for content, settings in FILES.values():
        reached |= places(failing(lambda f=content, s=settings: Ratings.read(as_file(f), **s)))
    for call, settings in MODELS.values():
        model = MatrixFactorization(**SOME | settings)
        reached |= places(failing(lambda call=call, model=model: call(model)))
    for name in OF_LABELS:
        reached |= places(asked(name, model_of_few))
    missed = [
        f"{Path(path).relative_to(PACKAGE)}:{first}"
        for path, first, last in raised_with_cures()
        if not any((path, line) in reached for line in range(first, last + 1))
    ]
    assert missed == []
    assert len(list(raised_with_cures())) >= 12
