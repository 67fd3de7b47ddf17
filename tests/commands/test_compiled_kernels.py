"""After `compile_kernels`, a fit compiles nothing: what it calls has been compiled already."""

import pytest

import mfteach as mf
from mfteach.commands.compiled_kernels import compile_kernels
from mfteach.fast import engine
from mfteach.recommender.baselines import Biases

pytest.importorskip("numba", reason="Numba is not installed", exc_type=ImportError)

from mfteach.fast import compiling, numba_gradient, numba_least_squares, numba_sgd

MODULES = compiling, numba_gradient, numba_least_squares, numba_sgd


def compiled():
    """Each kernel with the types that it has been compiled for, or read back."""
    kernels = {name: each for module in MODULES for name, each in vars(module).items()}
    return {
        name: set(each.signatures) for name, each in kernels.items() if hasattr(each, "signatures")
    }


@pytest.mark.no_cover
def test_a_fit_of_any_kind_finds_all_kernels_compiled(monkeypatch):
    compile_kernels()
    before = compiled()
    assert sum(map(len, before.values())) > 10
    monkeypatch.setattr(engine, "WORTHWHILE", 0)
    ratings = mf.Ratings(
        [1, 1, 1, 2, 2, 3, 3, 3], [1, 2, 4, 1, 3, 1, 2, 4], [5, 3, 1, 4, 2, 1, 2, 5]
    )
    for dtype in ("float32", "float64"):
        for settings in (
            {"solver": "als"},
            {"solver": "als", "weighting": "by_count", "biases": False},
            {"solver": "cg"},
            {"solver": "gd"},
            {"solver": "sgd"},
            {"solver": "sgd", "biases": "learned"},
        ):
            mf.MatrixFactorization(
                2, regularization=1.0, n_epochs=2, rng=0, dtype=dtype, **settings
            ).fit(ratings)
    for k in (2, 21):
        mf.ImplicitFactorization(k, regularization=0.1, n_epochs=2, rng=0).fit(ratings)
    Biases.fit(ratings)
    assert compiled() == before
