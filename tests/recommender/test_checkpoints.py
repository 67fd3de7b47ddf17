"""A fit that was killed and begun again ends at the bytes of one that was not."""

import itertools
import signal
import subprocess
import sys

import numpy as np
import polars
import pytest
from cases import some

from mfteach import DivergenceError, MatrixFactorization, Ratings
from mfteach.commands.main import main
from mfteach.evaluation.tuning import tune
from mfteach.recommender import checkpoints

N_EPOCHS = 6


class KilledError(BaseException):
    """As if the process had ended."""


def ratings(seed=0, n=180):
    """Ratings of one planted truth; other seeds, other pairs."""
    truth = np.random.default_rng(7)
    table = 3 + truth.normal(size=(20, 2)) @ truth.normal(size=(2, 15))
    pairs = np.random.default_rng(seed).permutation(20 * 15)[:n]
    return Ratings(pairs // 15, pairs % 15, table.ravel()[pairs])


@pytest.fixture
def killed(monkeypatch):
    """Let writing fail, as by a kill, once so many epochs have been written."""
    write = checkpoints.write

    def after(n_epochs):
        counter = itertools.count()

        def limited(*arguments):
            if next(counter) == n_epochs:
                raise KilledError
            write(*arguments)

        monkeypatch.setattr(checkpoints, "write", limited)

    yield after
    monkeypatch.setattr(checkpoints, "write", write)


def everything(model):
    """What is learned, as bytes, and the record."""
    arrays = {name: np.asarray(each).tobytes() for name, each in model.factors_.arrays().items()}
    best = model.trace_.best.number, model.trace_.last.number
    return arrays, best, model.trace_.validation, model.learning_rate_, model.regularization_


def after_kills(killed, folder, settings, validation, kills):
    """Fit, killed again and again; return the model that came through."""
    for n in itertools.chain(kills, [None]):
        killed(n)
        model = MatrixFactorization(4, n_epochs=N_EPOCHS, rng=3, **settings)
        try:
            return model.fit(ratings(), validation=validation, checkpoint=folder)
        except KilledError:
            continue
    raise AssertionError("the last fit is not killed")


@pytest.mark.parametrize("validation", some([ratings(1, 40), None], 1), ids=["validated", "alone"])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "als"},
        {"solver": "cg"},
        {"solver": "sgd", "decay": 0.5},
        {"solver": "sgd", "biases": "learned"},
        {"solver": "gd"},
        {"solver": "gd", "biases": "learned", "dtype": "float64"},
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_a_fit_that_is_killed_ends_at_the_same_bytes(
    killed, tmp_path, settings, engine, validation
):
    if engine == "numba":
        pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)
    settings = settings | {"engine": engine}
    whole = MatrixFactorization(4, n_epochs=N_EPOCHS, rng=3, **settings)
    whole.fit(ratings(), validation=validation)
    resumed = after_kills(killed, tmp_path, settings, validation, kills=[2, 1, 2])
    assert everything(resumed) == everything(whole)


@pytest.mark.parametrize("solver", ["sgd", "gd"])
def test_a_fit_that_diverges_says_the_same_after_it_was_killed(killed, tmp_path, solver):
    settings = {"solver": solver, "learning_rate": {"sgd": 0.45, "gd": 0.2}[solver]}
    model = MatrixFactorization(
        4, n_epochs=200, rng=3, regularization=0.1, momentum=0.0, **settings
    )
    with pytest.raises(DivergenceError) as whole:
        model.fit(ratings())
    assert whole.value.step > 3
    killed(whole.value.step - 1)
    with pytest.raises(KilledError):
        model.fit(ratings(), checkpoint=tmp_path)
    killed(None)
    with pytest.raises(DivergenceError) as resumed:
        model.fit(ratings(), checkpoint=tmp_path)
    assert str(resumed.value) == str(whole.value)


def test_what_is_complete_is_read_and_more_epochs_go_on_from_there(tmp_path, monkeypatch):
    def fitted(n_epochs, **options):
        model = MatrixFactorization(4, regularization=1.0, n_epochs=n_epochs, rng=0)
        return everything(model.fit(ratings(), **options))

    first = fitted(4, checkpoint=tmp_path)
    monkeypatch.setattr("mfteach.descent.als._Side.solve", None)  # nothing is solved again
    assert fitted(4, checkpoint=tmp_path) == first
    monkeypatch.undo()
    assert fitted(6, checkpoint=tmp_path) == fitted(6)
    assert fitted(2, checkpoint=tmp_path) == fitted(2)


@pytest.mark.parametrize("other", [{"rng": 1}, {"n_factors": 3}, {"regularization": 2.0}])
def test_other_settings_and_other_ratings_have_files_of_their_own(tmp_path, other):
    for settings in ({}, other):
        model = MatrixFactorization(**{"n_factors": 4, "n_epochs": 2, "rng": 0} | settings)
        model.fit(ratings(), checkpoint=tmp_path)
    MatrixFactorization(4, n_epochs=2, rng=0).fit(ratings(5), checkpoint=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_early_stopping_is_not_forgotten(killed, tmp_path):
    settings = {"solver": "sgd", "learning_rate": 0.2, "regularization": 0.01}
    whole = MatrixFactorization(4, n_epochs=40, rng=3, **settings)
    whole.fit(ratings(), validation=ratings(1, 40))
    assert whole.trace_.last.number < 40
    for _ in range(2):
        again = MatrixFactorization(4, n_epochs=40, rng=3, **settings)
        again.fit(ratings(), validation=ratings(1, 40), checkpoint=tmp_path)
        assert everything(again) == everything(whole)


@pytest.mark.parametrize("rng", [None, np.random.default_rng(0)])
def test_without_a_seed_there_is_nothing_to_go_on_with(tmp_path, rng):
    with pytest.raises(ValueError, match=r"checkpoint.*Give rng a seed"):
        MatrixFactorization(4, rng=rng).fit(ratings(), checkpoint=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["damaged", "foreign"])
def test_another_file_in_its_place_is_named_with_the_cure(tmp_path, content):
    MatrixFactorization(4, n_epochs=2, rng=0).fit(ratings(), checkpoint=tmp_path)
    (file,) = tmp_path.glob("*.npz")
    if content == "damaged":
        file.write_bytes(file.read_bytes()[:100])
    else:
        np.savez(file, a=1)
    with pytest.raises(ValueError, match=rf"{file.name}.*Delete it, and the fit begins again$"):
        MatrixFactorization(4, n_epochs=2, rng=0).fit(ratings(), checkpoint=tmp_path)
    file.unlink()
    MatrixFactorization(4, n_epochs=2, rng=0).fit(ratings(), checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--checkpoint", "ratings.csv"], "--checkpoint ratings.csv: that is no folder; name one"),
        (["--master", "local[2]"], "--master says where Spark computes: add --engine spark"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_work(
    tmp_path, monkeypatch, capsys, options, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ratings.csv").write_text("user,item,rating\n1,1,3\n")
    assert main(["factorize", "ratings.csv", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_search_for_settings_goes_on_too(tmp_path, killed):
    parts = ratings(n=220).split(0.2, 0)
    grid = {"regularization": [1.0, 3.0]}
    model = MatrixFactorization(4, n_epochs=5, rng=0)
    whole = tune(model, grid, *parts)
    killed(9)
    with pytest.raises(KilledError):
        tune(model, grid, *parts, checkpoint=tmp_path)
    killed(None)
    found = tune(model, grid, *parts, checkpoint=tmp_path)
    assert found.trials == whole.trials
    assert everything(found.model) == everything(whole.model)


COMMAND = [sys.executable, "-m", "mfteach", "factorize", "--seed", "4"]
SUICIDE = """
import os, signal, sys
from mfteach.recommender import checkpoints
write, left = checkpoints.write, [5]
def dies(*arguments):
    write(*arguments)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
checkpoints.write = dies
sys.argv[0] = "mfteach"
from mfteach.commands.main import main
sys.exit(main())
"""


@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize(
    "options",
    some(
        [
            ["ratings.csv", "--solver", "sgd", "--tune"],
            ["ratings.csv", "--solver", "als"],
            ["ratings.parquet", "--solver", "als", "--n-epochs", "6"],
        ],
        2,
    ),
)
def test_the_command_that_was_killed_writes_the_bytes_of_one_that_was_not(tmp_path, options):
    rated = ratings()
    table = polars.DataFrame({"user": rated.users, "item": rated.items, "rating": rated.values})
    table.write_csv(tmp_path / "ratings.csv")
    table.write_parquet(tmp_path / "ratings.parquet")
    run = {"cwd": tmp_path, "capture_output": True, "text": True}
    whole = subprocess.run([*COMMAND, *options, "--output", "whole.npz"], **run)
    assert whole.returncode == 0, whole.stderr
    options = [*options, "--output", "resumed.npz", "--checkpoint", "epochs"]
    dead = subprocess.run([sys.executable, "-c", SUICIDE, *COMMAND[3:], *options], **run)
    assert dead.returncode == -signal.SIGKILL
    assert not (tmp_path / "resumed.npz").exists()
    resumed = subprocess.run([*COMMAND, *options], **run)
    assert resumed.returncode == 0, resumed.stderr
    assert (tmp_path / "whole.npz").read_bytes() == (tmp_path / "resumed.npz").read_bytes()


def test_a_fit_that_goes_on_does_not_look_for_the_regularization_again(
    killed, tmp_path, monkeypatch
):
    model = MatrixFactorization(4, n_epochs=5, rng=3)
    whole = everything(model.fit(ratings()))
    killed(2)
    with pytest.raises(KilledError):
        model.fit(ratings(), checkpoint=tmp_path)
    killed(None)
    monkeypatch.setattr("mfteach.recommender.learning.auto_regularization", None)
    assert everything(model.fit(ratings(), checkpoint=tmp_path)) == whole
