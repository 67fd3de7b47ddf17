"""Factors: arithmetic, entries in one row, and files that are whole or untouched."""

import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from oracles import ratings_and_factors

from mfteach import Factors
from mfteach.loss.predictions import pair_predictions
from mfteach.recommender import Biases

A = Factors([[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10]])
B = Factors([[1, 0], [0, 1], [1, 1]], [[2, 0], [0, 2]])


def same(one, other):
    return np.array_equal(one.U, other.U) and np.array_equal(one.V, other.V)


def test_arithmetic_is_that_of_the_entries():
    for result, U, V in (
        (A + B, A.U + B.U, A.V + B.V),
        (A - B, A.U - B.U, A.V - B.V),
        (-A, -A.U, -A.V),
        (2 * A, 2 * A.U, 2 * A.V),
        (A * np.float64(0.5), A.U / 2, A.V / 2),
        (np.float64(0.5) * A, A.U / 2, A.V / 2),
    ):
        assert isinstance(result, Factors)
        assert_array_equal(result.U, U)
        assert_array_equal(result.V, V)


@given(ratings_and_factors(), st.floats(-2, 2))
def test_entries_in_one_row_and_back(case, scale):
    _, factors, _ = case
    row = np.asarray(factors)
    assert row.shape == (factors.U.size + factors.V.size,)
    assert same(factors.with_entries(row), factors)
    assert_array_equal(np.asarray(scale * factors), scale * row)
    assert_allclose(factors.matrix(), factors.U @ factors.V.T, atol=1e-12)


@pytest.mark.parametrize("biases", [False, True])
@given(ratings_and_factors())
def test_all_predictions_for_a_user_are_those_of_its_pairs(biases, case):
    ratings, factors, _ = case
    if biases:
        factors = factors.with_biases(Biases.fit(ratings))
    items = np.arange(ratings.shape[1])
    for dtype in ("float32", "float64"):
        of = factors.astype(dtype)
        for i in range(ratings.shape[0]):
            pairs = pair_predictions(of, np.full(len(items), i), items)
            assert_array_equal(of.of_user(i), pairs)


def test_matrix_by_hand():
    assert_array_equal(A.matrix(), [[23, 29], [53, 67], [83, 105]])
    assert A.shape == (3, 2)
    assert A.n_factors == 2
    assert repr(A) == "Factors(3 users, 2 items, n_factors=2)"


def test_precision_is_single_only_if_both_are():
    single = np.ones((2, 1), np.float32)
    both = Factors(single, single)
    assert both.U.dtype == both.V.dtype == np.float32
    for scaled in (np.float64(0.1) * both, both * 3, both - 0.1 * both):
        assert scaled.U.dtype == scaled.V.dtype == np.float32
    assert np.asarray(both).dtype == np.float32
    assert np.asarray(both, dtype=np.float64).dtype == np.float64
    mixed = Factors(single, np.ones((2, 1)))
    assert mixed.U.dtype == mixed.V.dtype == np.float64
    assert Factors([[1]], [[1]]).U.dtype == np.float64


def test_random_start_has_the_scale_asked_for():
    start = Factors.random((300, 200), 20, rng=1, scale=0.3)
    assert (start.U.shape, start.V.shape) == ((300, 20), (200, 20))
    entries = np.asarray(start)
    assert abs(entries.mean()) < 0.01
    assert entries.std() == pytest.approx(0.3, rel=0.03)
    assert same(start, Factors.random((300, 200), 20, np.random.default_rng(1), scale=0.3))
    assert not same(start, Factors.random((300, 200), 20, rng=2, scale=0.3))
    assert np.asarray(Factors.random((100, 100), 20, 0)).std() == pytest.approx(0.1, rel=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_factors": 0}, "n_factors must be at least 1, but is 0"),
        ({"n_factors": 1, "scale": 0}, "scale must be a positive number, but is 0"),
        ({"n_factors": 1, "scale": np.nan}, "scale must be a positive number, but is nan"),
    ],
)
def test_bad_random_starts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Factors.random((2, 2), **arguments)


@pytest.mark.parametrize(("U", "V"), [([1], [1]), ([[1]], [[1, 2]]), ([[1]], [[[1]]])])
def test_shapes_that_do_not_multiply_are_quoted(U, V):
    with pytest.raises(ValueError, match="do not multiply") as refused:
        Factors(U, V)
    assert str(np.shape(U)) in str(refused.value)
    assert str(np.shape(V)) in str(refused.value)


def test_other_sizes_and_other_things_do_not_add():
    for other in (Factors([[1, 1]], [[1, 1]]), Factors(A.U[:, :1], A.V[:, :1])):
        for operation in ("__add__", "__sub__"):
            with pytest.raises(ValueError, match="do not add"):
                getattr(A, operation)(other)
    with pytest.raises(TypeError):
        A + 1
    with pytest.raises(TypeError):
        A - 1
    with pytest.raises(TypeError):
        A * A
    with pytest.raises(TypeError):
        A + np.ones(10)
    with pytest.raises(ValueError, match="entries must be the 10 entries of"):
        A.with_entries(np.ones(9))


def test_a_factor_cannot_be_replaced():
    with pytest.raises(AttributeError):
        A.U = A.V


def test_save_and_load(tmp_path):
    path = tmp_path / "a.npz"
    A.save(path, labels=["x", "y", "z"], mean=3.5)
    assert same(Factors.load(path), A)
    with np.load(path, allow_pickle=False) as saved:
        assert saved["labels"].tolist() == ["x", "y", "z"]
        assert float(saved["mean"]) == 3.5
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_save_keeps_single_precision_and_the_exact_name(tmp_path):
    path = tmp_path / "factors"
    Factors(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32)).save(str(path))
    assert path.exists()
    assert Factors.load(str(path)).U.dtype == np.float32


def test_objects_and_taken_names_are_not_saved(tmp_path):
    with pytest.raises(ValueError, match="labels holds Python objects, which are never saved"):
        A.save(tmp_path / "a.npz", labels=np.array([{"a": 1}, None], dtype=object))
    for name in ("U", "V", "file", "allow_pickle"):
        with pytest.raises(ValueError, match=f"no further array can be called {name}"):
            A.save(tmp_path / "a.npz", **{name: [1]})
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    A.save(path)
    before = path.read_bytes()

    def write_half(file, **contents):
        file.write(b"PK half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", write_half)
    with pytest.raises(KeyboardInterrupt):
        B.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        A.save(tmp_path / "nowhere" / "a.npz")
    with pytest.raises(FileNotFoundError):
        Factors.load(tmp_path / "none.npz")


@pytest.mark.parametrize("joint", [True, False])
def test_factors_of_an_earlier_version_are_read(tmp_path, joint):
    biases = {"user_bias": np.ones(len(A.U)), "item_bias": np.zeros(len(A.V))}
    np.savez(tmp_path / "a.npz", U=A.U, V=A.V, mean=3.0, joint=joint, **biases)
    again = Factors.load(tmp_path / "a.npz")
    assert (again.mean, again.learned_biases) == (3.0, joint)
    assert np.array_equal(again.user_bias, biases["user_bias"])


class Bomb:
    """What a hostile pickle would run."""

    went_off = False

    def __reduce__(self):
        return (setattr, (Bomb, "went_off", True))


def hostile_files(folder):
    np.savez(folder / "objects.npz", U=np.array([[Bomb()]]), V=np.ones((1, 1)))
    (folder / "pickle.npz").write_bytes(pickle.dumps(Bomb()))
    np.save(folder / "array.npy", np.ones((1, 1)))
    np.savez(folder / "half.npz", U=np.ones((1, 1)))
    np.savez(folder / "shapes.npz", U=np.ones((1, 1)), V=np.ones((1, 2)))
    (folder / "cut.npz").write_bytes((folder / "half.npz").read_bytes()[:100])
    (folder / "empty.npz").write_bytes(b"")
    (folder / "text.npz").write_text("userId,movieId\n")
    return sorted(folder.iterdir())


def test_hostile_and_broken_files_are_refused_by_name(tmp_path):
    files = hostile_files(tmp_path)
    assert len(files) == 8
    for path in files:
        with pytest.raises(ValueError, match=f"{path.name} holds no factors"):
            Factors.load(path)
    assert not Bomb.went_off


def test_single_precision_is_drawn_as_the_same_numbers(monkeypatch):
    """However many at a time."""
    monkeypatch.setattr(sys.modules["mfteach.matrices.factors"], "SLAB", 7)
    wide = Factors.random((5, 4), 3, rng=2, scale=0.3)
    random = np.random.default_rng(2)
    for table in (wide.U, wide.V):
        assert np.array_equal(table, 0.3 * random.standard_normal(table.shape))
    narrow = Factors.random((5, 4), 3, rng=2, scale=0.3, dtype="float32")
    assert np.array_equal(np.asarray(narrow), np.asarray(wide.astype("float32")))
    assert narrow.U.dtype == np.float32
    with pytest.raises(ValueError, match="dtype must be 'float32' or 'float64', but is 'int8'"):
        Factors.random((5, 4), 3, dtype="int8")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_drawn_and_copied_tables_start_where_a_line_of_the_cache_does(dtype):
    for k in (1, 3, 16):
        drawn = Factors.random((5, 4), k, rng=0, dtype=dtype)
        for factors in (drawn, drawn.astype("float32"), drawn.astype("float64")):
            assert factors.U.ctypes.data % 64 == 0
            assert factors.V.ctypes.data % 64 == 0
            assert np.allclose(factors.U, drawn.U)
            assert np.allclose(factors.V, drawn.V)
