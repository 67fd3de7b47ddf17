"""The libraries in the race, each behind the same calls; run as a process of its own.

A contender is told how many epochs to learn and with which settings, learns from triples in
memory, and answers with the seconds that took, its RMSE on held-out ratings and its peak of
memory. Or it is asked to recommend to some users, or for what is similar to some items, and
answers with the seconds. Each library does what its own documentation tells a user to do. Nothing
of mfteach is imported here unless it is mfteach that runs, so that a peer lives in an environment
of its own.

    python contenders.py "cornac SGD" data.npz 64 2
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Ratings that a library learns before the clock starts.
FEW = 500
# Items that are recommended to a user, or called similar to another.
TOP = 10
# Pairs that are looked at a time.
SLAB = 100_000


class Triples:
    """Training ratings as three arrays of row numbers and values, and the pairs to be predicted."""

    def __init__(self, path):
        with np.load(path) as arrays:
            self.i, self.j, self.r = arrays["i"], arrays["j"], arrays["r"]
            self.test_i, self.test_j, self.test_r = (arrays[f"test_{x}"] for x in "ijr")
            self.shape = tuple(arrays["shape"].tolist())


class Learned(NamedTuple):
    """What a library has learned, as functions that are called when the clock has stopped."""

    predict: Callable | None  # ratings for pairs
    recommend: Callable | None = None  # the best new items for users
    similar: Callable | None = None  # the items nearest to items
    implicit: Callable | None = None  # U, V and lambda of implicit feedback


def mfteach_model(solver, engine, method="exact"):
    """`MatrixFactorization`, as a user of this package calls it."""

    def fit(data, k, n_epochs, threads, **settings):
        from mfteach import MatrixFactorization, Ratings

        model = MatrixFactorization(
            k, solver=solver, engine=engine, n_epochs=n_epochs, rng=0, **settings
        )
        model.fit(Ratings(data.i, data.j, data.r))
        return Learned(
            model.predict,
            lambda users: model.recommend(users, TOP),
            lambda items: model.similar_items(items, TOP),
        )

    return fit


def surprise_svd(data, k, n_epochs, threads, rate, penalty):
    """Surprise's SVD: biased factors by SGD."""
    from surprise import SVD, Dataset, Reader

    class Known(Dataset):
        """Ratings that are in memory already, without the detour through a data frame."""

        def __init__(self):
            super().__init__(Reader(rating_scale=(1, 5)))

    columns = data.i.tolist(), data.j.tolist(), data.r.tolist(), [None] * len(data.r)
    rows = list(zip(*columns, strict=True))
    train = Known().construct_trainset(rows)
    model = SVD(n_factors=k, n_epochs=n_epochs, lr_all=rate, reg_all=penalty, random_state=0)
    model.fit(train)
    row_of, column_of = np.full(data.shape[0], -1), np.full(data.shape[1], -1)
    row_of[[train.to_raw_uid(u) for u in train.all_users()]] = list(train.all_users())
    column_of[[train.to_raw_iid(v) for v in train.all_items()]] = list(train.all_items())

    def predict(i, j):
        i, j = row_of[i], column_of[j]
        products = np.einsum("ns,ns->n", model.pu[i], model.qi[j])
        return train.global_mean + model.bu[i] + model.bi[j] + products

    return Learned(predict)


def cornac_mf(data, k, n_epochs, threads, rate, penalty):
    """cornac's MF: biased factors by SGD; a seed would silently make it one thread."""
    from cornac.data import Dataset
    from cornac.models import MF

    m, n = data.shape
    ids = {i: i for i in range(m)}, {j: j for j in range(n)}
    rows, columns = data.i.astype(np.int64), data.j.astype(np.int64)
    train = Dataset(m, n, *ids, (rows, columns, data.r))
    model = MF(
        k=k, max_iter=n_epochs, learning_rate=rate, lambda_reg=penalty, num_threads=threads
    ).fit(train)

    def predict(i, j):
        products = np.einsum("ns,ns->n", model.u_factors[i], model.i_factors[j])
        return model.global_mean + model.u_biases[i] + model.i_biases[j] + products

    return Learned(predict)


def libmf(data, k, n_epochs, threads, rate, penalty):
    """LIBMF: factors without biases, by SGD over blocks. It starts from the mean: keep it in."""
    from libmf import mf

    options = {"lambda_p2": penalty, "lambda_q2": penalty, "eta": rate, "quiet": True}
    model = mf.MF(fun=0, k=k, nr_threads=threads, nr_bins=25, nr_iters=n_epochs, **options)
    model.fit(np.column_stack([data.i, data.j, data.r]).astype(np.float32))
    U, V = model.p_factors(), model.q_factors()
    return Learned(lambda i, j: np.einsum("ns,ns->n", U[i], V[j]))


def lenskit_als(data, k, n_epochs, threads, penalty):
    """LensKit's BiasedMFScorer: biases first, then factors by ALS."""
    import pandas as pd
    from lenskit.als import BiasedMFScorer
    from lenskit.data import from_interactions_df

    frame = pd.DataFrame({"user_id": data.i, "item_id": data.j, "rating": data.r})
    train = from_interactions_df(frame)
    model = BiasedMFScorer(embedding_size=k, epochs=n_epochs, regularization=penalty)
    model.train(train)
    rows = train.users.numbers(np.arange(data.shape[0]), missing="negative")
    columns = train.items.numbers(np.arange(data.shape[1]), missing="negative")
    biases = model.bias

    def predict(i, j):
        i, j = rows[i], columns[j]
        U, V = np.asarray(model.user_embeddings), np.asarray(model.item_embeddings)
        products = np.einsum("ns,ns->n", U[i], V[j])
        return biases.global_bias + biases.user_biases[i] + biases.item_biases[j] + products

    return Learned(predict)


def cmfrec_als(use_cg):
    """cmfrec's CMF: biased factors by ALS, solved by Cholesky or by conjugate gradients."""

    def fit(data, k, n_epochs, threads, penalty):
        from cmfrec import CMF
        from scipy.sparse import coo_matrix

        model = CMF(
            k=k,
            lambda_=penalty,
            niter=n_epochs,
            use_cg=use_cg,
            finalize_chol=False,
            precompute_for_predictions=False,
            nthreads=threads,
        )
        model.fit(coo_matrix((data.r.astype(np.float32), (data.i, data.j)), shape=data.shape))

        def predict(i, j):
            products = np.einsum("ns,ns->n", model.A_[i], model.B_[j])
            return model.glob_mean_ + model.user_bias_[i] + model.item_bias_[j] + products

        return Learned(predict)

    return fit


def implicit_als(use_cg):
    """implicit's ALS: all pairs, what was seen with the confidence 1 + r."""

    def fit(data, k, n_epochs, threads, penalty):
        from implicit.cpu.als import AlternatingLeastSquares
        from scipy.sparse import csr_matrix

        model = AlternatingLeastSquares(
            factors=k,
            regularization=penalty,
            iterations=n_epochs,
            use_cg=use_cg,
            num_threads=threads,
            random_state=0,
        )
        confidences = (1 + data.r).astype(np.float32)
        table = csr_matrix((confidences, (data.i, data.j)), shape=data.shape)
        model.fit(table, show_progress=False)
        return Learned(
            None,
            lambda users: model.recommend(users, table[users], N=TOP),
            lambda items: model.similar_items(items, N=TOP + 1),  # the first is the item itself
            lambda: (model.user_factors, model.item_factors, penalty),
        )

    return fit


def mfteach_implicit(data, k, n_epochs, threads, penalty):
    """`ImplicitFactorization`, as a user of this package calls it: alpha is 1."""
    from mfteach import ImplicitFactorization, Ratings
    from mfteach.fast import engine

    engine.WORTHWHILE = 0  # a few ratings load the compiled kernels too, before the clock starts
    model = ImplicitFactorization(k, regularization=penalty, n_epochs=n_epochs, rng=0)
    model.fit(Ratings(data.i, data.j, data.r))

    def tables():
        U, V = np.zeros((data.shape[0], k)), np.zeros((data.shape[1], k))  # 0 for what is unseen
        U[model.ratings_.user_labels] = model.factors_.U
        V[model.ratings_.item_labels] = model.factors_.V
        return U, V, penalty

    return Learned(None, implicit=tables)


CONTENDERS = {
    "mfteach SGD numba": mfteach_model("sgd", "numba"),
    "mfteach SGD numpy": mfteach_model("sgd", "numpy"),
    "Surprise SGD": surprise_svd,
    "cornac SGD": cornac_mf,
    "LIBMF SGD": libmf,
    "mfteach ALS numba": mfteach_model("als", "numba"),
    "mfteach ALS numpy": mfteach_model("als", "numpy"),
    "LensKit ALS": lenskit_als,
    "cmfrec ALS": cmfrec_als(use_cg=False),
    "implicit ALS": implicit_als(use_cg=False),
    "mfteach CG numba": mfteach_model("cg", "numba"),
    "cmfrec CG": cmfrec_als(use_cg=True),
    "implicit CG": implicit_als(use_cg=True),
    "mfteach all-pairs numba": mfteach_implicit,
}


def learn(contender, data, k, threads, n_epochs, settings):
    """Learn once; seconds from triples to model, RMSE on the held-out ratings, memory."""
    held = _resident("VmRSS")
    _forget_peak()
    began = time.perf_counter()
    learned = contender(data, k, n_epochs, threads, **settings)
    seconds = time.perf_counter() - began
    found = {"seconds": seconds, "bytes": _resident("VmHWM") - held, "rmse": None, "J": None}
    found["helpers"] = sum(each.name.startswith("mfteach") for each in threading.enumerate())
    if learned.predict is not None:
        errors = data.test_r - learned.predict(data.test_i, data.test_j)
        found["rmse"] = float(np.sqrt(np.mean(np.square(errors, dtype=np.float64))))
    if learned.implicit is not None:
        found["J"] = objective(data, *learned.implicit())
    return learned, found


def objective(data, U, V, penalty):
    """J of all pairs, in double precision, by the formula that needs none of the blanks."""
    U, V = np.asarray(U, np.float64), np.asarray(V, np.float64)
    x = np.empty(len(data.r))
    for start in range(0, len(x), SLAB):  # rows of U and V, gathered, take gigabytes
        some = slice(start, start + SLAB)
        x[some] = np.einsum("ns,ns->n", U[data.i[some]], V[data.j[some]])
    c = 1 + data.r.astype(np.float64)
    everywhere = np.sum((U.T @ U) * (V.T @ V)) + np.sum(c * (1 - x) ** 2 - x**2)
    return float(everywhere + penalty * (np.sum(U**2) + np.sum(V**2))) / 2


def answer(learned, data, question, number):
    """Seconds for as many lists, after a first time that does not count."""
    ask = {"recommend": learned.recommend, "similar": learned.similar}[question]
    known = np.unique(data.i if question == "recommend" else data.j)
    asked = np.random.default_rng(0).permutation(known)[:number]
    ask(asked)
    began = time.perf_counter()
    ask(asked)
    return {"seconds": time.perf_counter() - began}


# Settings that nobody minds on a few ratings.
HARMLESS = {"regularization": 10.0}, {"penalty": 0.1}, {"penalty": 0.1, "rate": 0.01}


def warm_up(name, data, k, threads):
    """Learn a few ratings, so that libraries are loaded and kernels compiled or read back."""
    few = copy.copy(data)
    kept = np.sort(np.unique(data.i, return_index=True)[1])[:FEW]
    few.i, few.j = (np.unique(each[kept], return_inverse=True)[1] for each in (data.i, data.j))
    few.r = data.r[kept]
    few.shape = int(few.i.max()) + 1, int(few.j.max()) + 1
    for settings in HARMLESS:
        with contextlib.suppress(Exception):  # it does not know these settings, or fails later
            CONTENDERS[name](few, k, 1, threads, **settings)


def _forget_peak():
    """Let the kernel count the peak of memory again, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _resident(which):
    """Bytes of memory: VmRSS now, VmHWM at the peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {which}")


def main():
    """Read commands from standard input, one JSON a line, and answer each with another."""
    name, path, k, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to standard error
    data = Triples(path)
    warm_up(name, data, k, threads)
    learned = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if "ready" in command:
                found = command
            elif "question" in command:
                found = answer(learned, data, **command)
            else:
                learned, found = learn(CONTENDERS[name], data, k, threads, **command)
        except Exception as error:  # named in the table: the race goes on
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), file=replies, flush=True)


if __name__ == "__main__":
    main()
