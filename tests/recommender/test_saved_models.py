"""Files of models: what earlier versions wrote is read, and whatever was fitted can be saved."""

import errno
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

import mfteach
from mfteach import Factors, MatrixFactorization, Ratings

RATINGS = Ratings(
    [f"u{number % 7}" for number in range(40)],
    [number // 7 for number in range(40)],
    [1.0 + number % 5 for number in range(40)],
)
# The settings that version 0.1.0 wrote, and those of 0.2.0.
PARAMS_0_1 = {
    "n_factors": 2,
    "solver": "als",
    "regularization": 0.5,
    "weighting": "plain",
    "biases": True,
    "n_epochs": 5,
    "learning_rate": 0.01,
    "decay": 0.0,
    "start_scale": 0.1,
    "unknown": "raise",
    "engine": "auto",
    "dtype": "float64",
    "rng": 3,
}
PARAMS_0_2 = PARAMS_0_1 | {"learning_rate": None, "momentum": 0.9}


def file_of_0_1(path, factors, ratings, params):
    """Write what version 0.1.0 wrote: array by array, as it named them."""
    arrays = {"U": factors.U, "V": factors.V}
    if factors.mean or factors.user_bias is not None:
        arrays["mean"] = factors.mean
    if factors.user_bias is not None:
        arrays |= {"user_bias": factors.user_bias, "item_bias": factors.item_bias}
        arrays["joint"] = factors.learned_biases
    with Path(path).open("wb") as file:
        np.savez(
            file,
            **arrays,
            user_labels=ratings.user_labels,
            item_labels=ratings.item_labels,
            rated_by=ratings.user_index,
            rated_item=ratings.item_index,
            rated=ratings.values,
            params=json.dumps(params),
        )


def file_of_0_2(path, factors, ratings, params):
    """Write what version 0.2.0 wrote."""
    arrays = {"U": factors.U, "V": factors.V}
    if factors.mean or factors.user_bias is not None:
        arrays["mean"] = factors.mean
    if factors.user_bias is not None:
        arrays |= {"user_bias": factors.user_bias, "item_bias": factors.item_bias}
        arrays["learned_biases"] = factors.learned_biases
    fitted_on = ["0.2.0", ratings.shape, len(ratings), ratings.fingerprint()]
    with Path(path).open("wb") as file:
        np.savez(
            file,
            **arrays,
            rated_by=ratings.user_index,
            rated_item=ratings.item_index,
            rated=ratings.values,
            user_labels=ratings.user_labels,
            item_labels=ratings.item_labels,
            params=json.dumps(params),
            fitted_on=json.dumps(fitted_on),
        )


def same(one, other):
    users, items = RATINGS.user_labels.repeat(6), np.tile(RATINGS.item_labels, 7)
    np.testing.assert_array_equal(one.predict(users, items), other.predict(users, items))
    assert one.recommend("u3") == other.recommend("u3")
    new = Ratings(["me"], [1], [5.0])
    assert one.fold_in(new).recommend("me") == other.fold_in(new).recommend("me")
    assert str(one.explain("u1", 2)) == str(other.explain("u1", 2))


@pytest.mark.parametrize(
    ("write", "params"), [(file_of_0_1, PARAMS_0_1), (file_of_0_2, PARAMS_0_2)]
)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"regularization": [0.05, 0.2], "weighting": "by_count", "unknown": "mean"},
        {"biases": False, "solver": "cg"},
        {"biases": "learned", "solver": "sgd", "learning_rate": 0.05},
        {"solver": "gd", "learning_rate": 0.02, "momentum": 0.0},
    ],
)
def test_what_an_earlier_version_wrote_predicts_as_it_did(write, params, changes, tmp_path):
    params = params | changes
    now = dict(params) | {"momentum": params.get("momentum", 0.0)}
    if isinstance(now["regularization"], list):
        now["regularization"] = tuple(now["regularization"])
    fitted = MatrixFactorization(**now).fit(RATINGS)
    if write is file_of_0_1:
        params.pop("momentum", None)  # there was none
        if params["biases"] == "learned":
            params["biases"] = "joint"
    write(tmp_path / "old.npz", fitted.factors_, fitted.ratings_, params)
    old = MatrixFactorization.load(tmp_path / "old.npz")
    same(old, fitted)
    assert old.fitted_on_.version == {file_of_0_1: "0.1.0", file_of_0_2: "0.2.0"}[write]
    for name in ("solver", "biases", "regularization", "unknown", "rng", "n_epochs"):
        assert getattr(old, name) == now[name], name
    # Saved again it is a file of this version, which still knows who fitted it.
    old.save(tmp_path / "new.npz")
    again = MatrixFactorization.load(tmp_path / "new.npz")
    same(again, fitted)
    assert again.fitted_on_ == old.fitted_on_
    # And its settings fit again.
    refit = MatrixFactorization(**old.get_params()).fit(old.ratings_)
    assert np.array_equal(refit.factors_.U, fitted.factors_.U)


def test_a_file_of_factors_alone_says_how_to_get_on(tmp_path):
    path = tmp_path / "f.npz"
    Factors([[1.0]], [[2.0]]).save(path)
    with pytest.raises(
        ValueError, match=r"f\.npz holds factors, but no model: read them by mfteach"
    ):
        MatrixFactorization.load(path)
    assert mfteach.Factors.load(path).shape == (1, 1)


def test_a_file_of_a_newer_version_is_called_so(tmp_path):
    model = MatrixFactorization(2, rng=0).fit(RATINGS)
    file_of_0_2(tmp_path / "m.npz", model.factors_, model.ratings_, PARAMS_0_2 | {"tempo": 3})
    with pytest.raises(
        ValueError, match=r"version 0\.2\.0 of mfteach wrote it, with a setting 'tempo'"
    ):
        MatrixFactorization.load(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"userId,movieId,rating\n1,2,3\n", "it is no .npz archive"),
        (b"", "it is no .npz archive"),
        (b"PK\x03\x04 half a file", "it is no .npz archive, or only a part of one"),
    ],
)
def test_no_words_of_numpy_about_other_files(content, message, tmp_path):
    (tmp_path / "m.npz").write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        MatrixFactorization.load(tmp_path / "m.npz")
    assert "pickle" not in str(error.value)


def test_no_advice_to_read_a_pickle(tmp_path):
    np.savez(tmp_path / "m.npz", U=np.array([[{}]]), V=np.ones((1, 1)))
    with pytest.raises(ValueError, match="it holds Python objects, which are never read") as error:
        MatrixFactorization.load(tmp_path / "m.npz")
    assert "allow_pickle" not in str(error.value)


# ---- whatever was fitted can be saved

X = np.array(list(zip(RATINGS.users.tolist(), RATINGS.items.tolist(), strict=True)), dtype=object)


def test_the_best_model_of_a_search_over_numpy_ranges_can_be_saved(tmp_path):
    grid = {
        "n_factors": np.arange(1, 3),
        "regularization": np.linspace(0.5, 1, 2, dtype="float32"),
        "n_epochs": np.array([2, 3], dtype="uint8"),
        "biases": np.array([True, False]),
        "solver": np.array(["als", "cg"]),
    }
    search = GridSearchCV(
        MatrixFactorization(unknown="mean", rng=0), grid, cv=2, error_score="raise"
    ).fit(X, RATINGS.values)
    saved_again(search.best_estimator_, tmp_path)
    draws = {"regularization": np.geomspace(0.1, 1, 5), "n_factors": range(1, 4)}
    search = RandomizedSearchCV(
        MatrixFactorization(unknown="mean", rng=np.random.default_rng(0)),
        draws,
        n_iter=3,
        cv=2,
        random_state=0,
        error_score="raise",
    ).fit(X, RATINGS.values)
    saved_again(search.best_estimator_, tmp_path)


def saved_again(model, folder):
    model.save(folder / "m.npz")
    again = MatrixFactorization.load(folder / "m.npz")
    assert np.array_equal(again.factors_.U, model.factors_.U)
    for name, value in again.get_params().items():
        wanted = getattr(model, name)
        assert not isinstance(value, np.generic), name
        assert value == wanted or name == "rng", name
    return again


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_factors", np.int8(2)),
        ("regularization", (np.float32(0.5), np.float64(1.5))),
        ("regularization", (np.int64(1), 2)),
        ("n_epochs", np.uint64(15)),
        ("start_scale", np.float16(0.25)),
        ("rng", np.uint32(7)),
        ("rng", None),
        ("dtype", np.str_("float64")),
    ],
)
def test_settings_of_numpy_are_saved_as_what_they_are(name, value, tmp_path):
    model = MatrixFactorization(**{"n_factors": 2, "rng": 0, name: value}).fit(RATINGS)
    again = getattr(saved_again(model, tmp_path), name)
    assert again == value
    assert type(again).__module__ == "builtins"


def test_a_source_of_randomness_is_saved_as_none(tmp_path):
    model = MatrixFactorization(2, rng=np.random.default_rng(3)).fit(RATINGS)
    assert saved_again(model, tmp_path).rng is None
    model.rng = np.random.RandomState(3)
    assert saved_again(model, tmp_path).rng is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"solver": "magic"}, "solver"),
        ({"n_epochs": 0}, "n_epochs"),
        ({"start_scale": 1j}, "start_scale"),
    ],
)
def test_what_could_not_be_read_again_is_refused_and_the_old_file_stays(changes, message, tmp_path):
    path = tmp_path / "m.npz"
    path.write_bytes(b"what stood here before")
    model = MatrixFactorization(2, rng=0).fit(RATINGS)
    for name, value in changes.items():
        setattr(model, name, value)
    with pytest.raises(ValueError, match=message):
        model.save(path)
    assert path.read_bytes() == b"what stood here before"
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]
    model.set_params(solver="als", n_epochs=15, start_scale=0.1).save(path)  # and nothing is lost
    assert MatrixFactorization.load(path).recommend("u1") == model.recommend("u1")


# ---- the file itself


def test_a_folder_that_is_not_there_is_named_and_no_draft(tmp_path):
    model = MatrixFactorization(2, rng=0).fit(RATINGS)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; make it") as error:
        model.save(tmp_path / "nowhere" / "m.npz")
    assert error.value.filename == str(tmp_path / "nowhere" / "m.npz")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        model.save(tmp_path)


def test_a_full_disk_leaves_the_old_file_and_names_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "m.npz"
    path.write_bytes(b"what stood here before")

    def full(file, **_):
        file.write(b"the first half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left on device") as error:
        MatrixFactorization(2, rng=0).fit(RATINGS).save(path)
    assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(path))
    assert str(error.value) == f"[Errno {errno.ENOSPC}] No space left on device: {str(path)!r}"
    assert path.read_bytes() == b"what stood here before"
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


def test_a_link_stays_a_link_to_what_was_written(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "m.npz"
    link.symlink_to(tmp_path / "there" / "real.npz")
    MatrixFactorization(2, rng=0).fit(RATINGS).save(link)
    assert link.is_symlink()
    assert MatrixFactorization.load(tmp_path / "there" / "real.npz").n_factors == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_is_written_and_never_replaced():
    model = MatrixFactorization(2, rng=0).fit(RATINGS)
    with pytest.raises(OSError, match="No space left"):
        model.save("/dev/full")
    assert Path("/dev/full").is_char_device()
