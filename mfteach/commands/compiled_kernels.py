"""``python -m mfteach.commands.compiled_kernels``: let Numba compile now what fits will call.

Compiled code is kept beside its source, so an installation that does this once spares the first
fit in a lesson half a minute. Without Numba there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import product

import numpy as np
from tqdm.auto import tqdm

from mfteach.descent import (
    alternating_least_squares,
    descend,
    gradient_descent,
    implicit_least_squares,
    stochastic_gradient_descent,
)
from mfteach.loss import ImplicitLoss, Loss
from mfteach.matrices.factors import Factors
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.baselines import Biases
from mfteach.recommender.matrix_factorization import MatrixFactorization

__all__ = ["compile_kernels"]

# Any ratings do: kernels differ by the types of numbers alone. Some users have fewer ratings than
# there are factors, and some more: their equations are solved by kernels of their own.
N_USERS, N_ITEMS, N_RATINGS, N_FACTORS = 40, 30, 400, 12
PRECISIONS = "float32", "float64"


def compile_kernels() -> None:
    """Take one step of each solver, with ratings and factors of both precisions."""
    if find_spec("numba") is None:
        return
    for step in tqdm(list(_steps()), desc="Compiling", unit="step", leave=False):
        step()


def _steps() -> Iterator[Callable[[], object]]:
    for of_ratings, of_factors in product(PRECISIONS, PRECISIONS):
        ratings = _ratings(of_ratings)
        loss, implicit = Loss(ratings, 1.0, engine="numba"), ImplicitLoss(ratings, engine="numba")
        start = Factors.random(ratings.shape, N_FACTORS, 0).astype(of_factors)
        for walk in (
            gradient_descent(loss, start, 0.001),
            stochastic_gradient_descent(loss, start, 0.001),
            alternating_least_squares(loss, start),
            alternating_least_squares(loss, start, method="cg"),
            implicit_least_squares(implicit, start),
            implicit_least_squares(implicit, start, method="cg"),
        ):
            yield partial(descend, walk, 1, None, progress=False)
        yield partial(Biases.fit, ratings, engine="numba")
    learned = MatrixFactorization(solver="sgd", biases="learned", engine="numba", n_epochs=1)
    yield partial(learned.fit, ratings)


def _ratings(precision: str) -> Ratings:
    generator = np.random.default_rng(0)
    pairs = generator.permutation(N_USERS * N_ITEMS)[:N_RATINGS]
    values = generator.integers(1, 6, N_RATINGS).astype(precision)
    return Ratings(pairs // N_ITEMS, pairs % N_ITEMS, values)


if __name__ == "__main__":
    compile_kernels()
