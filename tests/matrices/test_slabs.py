"""What is computed or read a part at a time is what is computed or read at once."""

import numpy as np
import pytest

from mfteach import Ratings
from mfteach.matrices import slabs
from mfteach.recommender import Biases
from mfteach.recommender.regularization import auto_regularization


def ratings(labels=np.asarray):
    rng = np.random.default_rng(0)
    pairs = rng.permutation(60 * 40)[:900]
    return Ratings(labels(pairs // 40), labels(pairs % 40), rng.normal(3, 1, 900))


@pytest.fixture
def short(monkeypatch):
    """Slabs and blocks that nine hundred ratings need many of."""

    def shorten():
        monkeypatch.setattr(slabs, "SLAB", 17)
        monkeypatch.setattr(slabs, "BLOCK", 5)
        for module in ("mfteach.matrices.slabs", "mfteach.recommender.regularization"):
            monkeypatch.setattr(f"{module}.TERMS", 100)

    return shorten


@pytest.mark.parametrize("count", [0, 1, 16, 17, 18, 51])
def test_slabs_are_all_positions_once(count, short):
    short()
    positions = [np.arange(count)[some] for some in slabs.slabs(count)]
    assert np.concatenate([[], *positions]).tolist() == list(range(count))
    assert all(0 < len(some) <= 17 for some in positions)


@pytest.mark.parametrize("count", [1, 17, 18, 100, slabs.SLAB + 1, 90_753, slabs.TERMS])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sum_of_squares_is_that_of_all_at_once_bit_for_bit(count, dtype):
    numbers = np.random.default_rng(count).normal(size=count).astype(dtype)
    for unit in (1.0, 0.3):
        shares = np.divide(numbers, unit, dtype=np.float64)
        assert slabs.square_sum(numbers, unit) == np.sum(np.square(shares))


def test_rows_with_an_infinity_or_a_nan_are_found_in_whichever_slab(short):
    short()
    table = np.zeros((50, 4))
    table[[0, 3, 4, 49], [0, 1, 2, 3]] = np.nan, np.inf, -np.inf, np.nan
    assert slabs.rows_not_finite(table).tolist() == [0, 3, 4, 49]


@pytest.mark.parametrize("labels", [np.asarray, lambda rows: np.char.add("u", rows.astype(str))])
def test_the_hash_and_the_residuals_do_not_depend_on_slabs(labels, short):
    whole = ratings(labels)
    biases = Biases.fit(whole)
    before = whole.fingerprint(), biases.residuals(whole).values.tobytes()
    short()
    assert (whole.fingerprint(), biases.residuals(whole).values.tobytes()) == before


@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_the_regularization_depends_on_slabs_by_rounding_alone(weighting, engine, short):
    if engine == "numba":
        pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)
    whole = ratings()
    residuals = Biases.fit(whole).residuals(whole)
    before = auto_regularization(residuals, 3, weighting, engine)
    short()
    after = auto_regularization(residuals, 3, weighting, engine)
    assert after == pytest.approx(before, rel=1e-9)


def test_a_text_is_read_in_blocks(tmp_path, short, monkeypatch):
    file = tmp_path / "ratings.csv"
    large = 2**40  # no label of 32 bits, below many that are
    lines = [f"{user + large * (user > 30)},film {item},{item / 4}" for user in range(60)
             for item in range(1, 20)]  # fmt: skip
    file.write_text("\n".join(["userId,movieId,rating", *lines]) + "\n")
    whole = Ratings.read(file)
    assert whole.user_labels.max() == large + 59
    short()
    monkeypatch.setattr("mfteach.matrices.plain_text.PIECE", 100)
    assert Ratings.read(file).fingerprint() == whole.fingerprint()


def test_what_grows_is_given_once_and_let_go():
    column = slabs.Growing()
    for piece in (np.arange(3, dtype=np.int32), np.array([2**40])):
        column.append(piece)
    joined = column.joined()
    assert joined.dtype == np.int64
    assert joined.tolist() == [0, 1, 2, 2**40]
