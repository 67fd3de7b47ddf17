"""Both engines through the solvers, and what only the kernels have: blocks, chunks, a cache."""

import errno
import logging
import os
import subprocess
import sys
from itertools import islice, pairwise

import numpy as np
import pytest
from engine_examples import point_for, some_ratings

from mfteach import Factors, Loss, MatrixFactorization, Ratings
from mfteach.commands import factorize
from mfteach.commands.main import main
from mfteach.descent import (
    alternating_least_squares,
    solve_items,
    solve_users,
    stochastic_gradient_descent,
)
from mfteach.descent.sgd import Shares
from mfteach.fast import engine, numpy_twins
from mfteach.fast.threads import side_by_side
from mfteach.matrices.rows import Known
from mfteach.recommender import baselines

numba_twins = pytest.importorskip(
    "mfteach.fast.numba_twins", reason="Numba is not installed", exc_type=ImportError
)
from mfteach.fast import (  # noqa: E402
    compiling,
    numba_gradient,
    numba_least_squares,
    numba_lines,
    numba_sgd,
)
from mfteach.fast.numba_sgd import TURNS, Blocks  # noqa: E402

PENALTIES = [(0.3, 0.7), 0.0]
KINDS = ["none", "fixed", "learned"]
# With float32, errors of rounding grow with the length of the sums.
CLOSE = {"float64": {"rtol": 1e-12, "atol": 1e-12}, "float32": {"rtol": 1e-4, "atol": 1e-4}}


def test_where_the_disk_is_full_compiled_code_is_used_and_not_kept(caplog, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile._save_data", full)
    compiling._say_once.cache_clear()
    add = compiling.compiled(lambda a, b: a + b)
    with caplog.at_level(logging.WARNING, "mfteach"):
        assert (add(1, 2), add(1.5, 2)) == (3, 3.5)
    (record,) = caplog.records
    assert "NUMBA_CACHE_DIR names a folder" in record.message


def test_where_no_folder_keeps_compiled_code_it_is_compiled_again(caplog):
    compiling._say_once.cache_clear()
    made = {}
    exec("def three():\n    return 3\n", made)  # Numba finds no folder for code without a file
    with caplog.at_level(logging.WARNING, "mfteach"):
        assert compiling.compiled(made["three"])() == 3
        compiling.compiled(made["three"])
    (record,) = caplog.records
    assert "NUMBA_CACHE_DIR names a folder" in record.message


def both(ratings, *penalty):
    return [Loss(ratings, *penalty, engine=name) for name in ("numpy", "numba")]


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("biases", KINDS)
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_errors_value_and_gradient_equal_those_of_numpy(penalty, weighting, biases, dtype):
    ratings = some_ratings()
    point = point_for(ratings, biases=biases, dtype=dtype)
    slow, fast = both(ratings, penalty, weighting)
    assert np.allclose(fast.errors(point), slow.errors(point), **CLOSE[dtype])
    assert fast.value(point) == pytest.approx(slow.value(point), rel=CLOSE[dtype]["rtol"])
    mine, theirs = fast.gradient(point), slow.gradient(point)
    assert np.allclose(np.asarray(mine), np.asarray(theirs), **CLOSE[dtype])
    assert mine.U.dtype == mine.V.dtype == fast.errors(point).dtype == dtype
    assert mine.learned_biases == (biases == "learned")


def epoch_by_loops(loss, start, order, eta):
    """The updates of the module `mfteach.descent.sgd`, one rating and one number at a time."""
    ratings, bias_penalty = loss.ratings, loss.bias_regularization
    U, V = start.U.copy(), start.V.copy()
    b, c = (
        (np.zeros(len(U)), np.zeros(len(V)))
        if start.user_bias is None
        else (start.user_bias.copy(), start.item_bias.copy())
    )
    shares = [
        penalty / np.maximum(1, g.counts)
        for penalty, g in zip(loss.penalties(), (ratings.by_user, ratings.by_item), strict=True)
    ]
    for position in order:
        i, j = ratings.user_index[position], ratings.item_index[position]
        n_i, n_j = ratings.by_user.counts[i], ratings.by_item.counts[j]
        e = ratings.values[position] - start.mean - b[i] - c[j]
        e -= sum(U[i, s] * V[j, s] for s in range(U.shape[1]))
        if start.learned_biases:
            b[i] += eta * (e - bias_penalty / n_i * b[i])
            c[j] += eta * (e - bias_penalty / n_j * c[j])
        for s in range(U.shape[1]):
            u, v = U[i, s], V[j, s]
            U[i, s] += eta * (e * v - shares[0][i] * u)
            V[j, s] += eta * (e * u - shares[1][j] * v)
    return U, V, b, c


def positions(ratings, order):
    """The positions of the ratings in the order of their updates."""
    pairs = zip(ratings.user_index.tolist(), ratings.item_index.tolist(), strict=True)
    position = {pair: at for at, pair in enumerate(pairs)}
    return [position[i, j] for i, j, _ in order]


def blocks_of(ratings, generator):
    return Blocks.of(Known.of(ratings, point_for(ratings)), ratings.shape, generator)


def orders_of(ratings, generator, start=None):
    start = point_for(ratings) if start is None else start
    known = Known.of(ratings, start, with_biases=not start.learned_biases)
    return numba_twins.orders(known, ratings.shape, generator)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("biases", KINDS)
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_an_epoch_equals_the_plain_loop_in_the_same_order(penalty, weighting, biases):
    ratings, eta = some_ratings(), 0.03
    loss = Loss(ratings, penalty, weighting, engine="numba")
    start = point_for(ratings, biases=biases)
    steps = stochastic_gradient_descent(loss, start, eta, rng=5)
    point = list(islice(steps, 2))[1].point

    # The same seed draws the same blocks, and then the same first epoch.
    order = positions(ratings, next(orders_of(ratings, np.random.default_rng(5), start)))
    assert sorted(order) == list(range(len(ratings)))
    U, V, b, c = epoch_by_loops(loss, start, order, eta)
    assert np.abs(U - start.U).max() > 0.01
    for mine, theirs in ((point.U, U), (point.V, V)):
        assert np.allclose(mine, theirs, rtol=1e-12, atol=1e-12)
    if biases != "none":
        assert np.allclose(point.user_bias, b, rtol=1e-12, atol=1e-12)
        assert np.allclose(point.item_bias, c, rtol=1e-12, atol=1e-12)
    assert np.array_equal(point.U[3], start.U[3])
    assert np.array_equal(point.V[5], start.V[5])


def test_blocks_of_a_stage_share_no_user_and_no_item():
    ratings = some_ratings(60, 50)
    order = next(orders_of(ratings, np.random.default_rng(0)))
    updated = 0
    for stage in order.stages:
        seen_users, seen_items = [], []
        for bundles in stage:
            here = list(numba_sgd.Order(order.blocks, [[bundles]]))
            updated += len(here)
            seen_users.append({i for i, _, _ in here})
            seen_items.append({j for _, j, _ in here})
        assert sum(map(len, seen_users)) == len(set().union(*seen_users))
        assert sum(map(len, seen_items)) == len(set().union(*seen_items))
    assert updated == len(ratings)


@pytest.mark.usefixtures("compiler")
def test_the_users_of_a_bundle_take_turns():
    ratings = some_ratings(200, 90)
    blocks = blocks_of(ratings, np.random.default_rng(0))
    starts = blocks.starts.astype(int).tolist()
    for first, last in pairwise(starts):
        users = blocks.users[first:last].tolist()
        remaining = {user: users.count(user) for user in users}
        assert len(remaining) <= TURNS
        while remaining:
            turn = users[: len(remaining)]
            assert set(turn) == set(remaining)
            users = users[len(remaining) :]
            remaining = {user: n - 1 for user, n in remaining.items() if n > 1}
    bundles_of = np.diff(blocks.block_starts)
    assert bundles_of.sum() == len(starts) - 1
    # About equally many ratings each: few updates are left to a user alone.
    alone = sum(
        int(np.count_nonzero(np.diff(blocks.users[a:b].astype(int)) == 0))
        for a, b in pairwise(starts)
    )
    assert alone < 0.1 * len(ratings)


def test_epochs_differ_and_a_band_is_no_favourite():
    ratings = some_ratings(200, 90)
    orders = orders_of(ratings, np.random.default_rng(0))
    one, other = next(orders), next(orders)
    assert positions(ratings, one) != positions(ratings, other)
    blocks = one.blocks
    sizes = np.diff(blocks.starts[blocks.block_starts].astype(int))
    assert sizes.sum() == len(ratings)
    assert sizes.max() < 3 * len(ratings) / len(sizes)


@pytest.mark.parametrize("biases", KINDS)
def test_a_seed_repeats_bit_for_bit_on_any_number_of_threads(biases, monkeypatch):
    monkeypatch.setattr(compiling, "WORTH_A_THREAD", 0)
    ratings = some_ratings(200, 90)
    start = point_for(ratings, biases=biases, dtype="float32")
    loss = Loss(ratings, 0.5, engine="numba")

    def after_epochs(threads, seed):
        monkeypatch.setenv("MFTEACH_THREADS", str(threads))
        point = list(islice(stochastic_gradient_descent(loss, start, 0.01, seed), 6))[-1].point
        assert point.U.dtype == np.float32
        half = start if biases == "learned" else solve_users(loss, point)
        return np.concatenate(
            [np.asarray(point), np.asarray(half), np.asarray(loss.gradient(point))]
        )

    once = after_epochs(1, 0)
    assert np.array_equal(once, after_epochs(1, 0))
    assert np.array_equal(once, after_epochs(2, 0))
    assert np.array_equal(once, after_epochs(5, 0))
    assert not np.array_equal(once, after_epochs(1, 1))


def test_a_few_ratings_are_left_to_one_thread(monkeypatch):
    """However many there are; of many ratings four bands have turns, on any number of threads."""
    ratings = some_ratings()
    point = point_for(ratings, dtype="float32")
    pieces = []

    def counted(task, arguments):
        arguments = list(arguments)
        pieces.append(len(arguments))
        return side_by_side(task, arguments)

    def after_an_epoch(threads):
        monkeypatch.setenv("MFTEACH_THREADS", threads)
        order = next(orders_of(ratings, np.random.default_rng(0)))
        with monkeypatch.context() as here:
            here.setattr(numba_sgd, "side_by_side", counted)
            shares = Shares.of(Loss(ratings, 0.5))
            return numba_twins.epoch(order, point.U, point.V, None, shares, 0.01)[:2]

    after_an_epoch("2")
    assert pieces == [1]
    monkeypatch.setattr(compiling, "WORTH_A_THREAD", 0)
    together, alone = after_an_epoch("2"), after_an_epoch("1")
    assert pieces[1:] == [numba_sgd.BANDS] * numba_sgd.BANDS * 2
    assert all(np.array_equal(*tables) for tables in zip(alone, together, strict=True))


@pytest.mark.parametrize("m", [40, 511, 512, 3000])
def test_rows_that_share_a_line_come_into_one_band_if_there_are_many(m):
    """Whatever their biases: two threads that write to one line wait for each other."""
    counts = np.random.default_rng(0).integers(1, 50, m)
    bands = numba_sgd._bands(counts, np.random.default_rng(1), 4)
    per_band = np.bincount(bands, counts, minlength=4)
    assert per_band.sum() == counts.sum()
    assert per_band.max() <= 1.3 * per_band.min()
    lines = [bands[first : first + 16] for first in range(0, m, 16)]
    split = sum(len(set(line.tolist())) > 1 for line in lines)
    assert split <= 3 if m >= 512 else split > len(lines) / 2


@compiling.compiled
def on_lines(U, V, keep_u, keep_v, eta_e):
    """The product of rows 0 and 1, which then pull each other."""
    numba_lines.fetch_ahead(V, np.uint32(2))
    product = numba_lines.dot(U[0], V[1])
    numba_lines.pull(U[0], V[1], keep_u, keep_v, eta_e)
    return product


@pytest.mark.parametrize("run", [on_lines, on_lines.py_func], ids=["compiled", "line by line"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("k", [1, 8, 16, 17, 40])
def test_rows_are_filled_up_to_whole_lines_that_no_update_sees(k, dtype, run):
    """Whatever their number, the factors move as the formulas say."""
    rng = np.random.default_rng(0)
    given = rng.normal(size=(3, k)).astype(dtype)
    U, V = numba_lines.whole_lines(given), numba_lines.whole_lines(given)
    assert U.ctypes.data % numba_lines.LINE == U.strides[0] % numba_lines.LINE == 0
    assert np.array_equal(U[:, :k], given)
    one, two, _ = given.astype(float)
    keep_u, keep_v, eta_e = (U.dtype.type(number) for number in (0.9, 0.8, 0.3))
    assert float(run(U, V, keep_u, keep_v, eta_e)) == pytest.approx(one @ two, rel=1e-5)
    assert np.allclose(U[0, :k], 0.9 * one + 0.3 * two, rtol=0, atol=1e-6)
    assert np.allclose(V[1, :k], 0.8 * two + 0.3 * one, rtol=0, atol=1e-6)
    assert np.array_equal(U[1:, :k], given[1:])
    assert not U[:, k:].any()
    assert not V[:, k:].any()


@compiling.compiled
def sums_on_lines(u, V, a, gram, tables, x):
    """Products with four rows, multiples of them, products of all rows, and entries in turn."""
    found = numba_lines.dots(u, V[0], V[1], V[2], V[3])
    numba_lines.add_multiples(u, (a[0], a[1], a[2], a[3]), V[0], V[1], V[2], V[3])
    lanes = numba_lines.LINE // V.itemsize
    which = np.array([2, 0, 4, 2]).astype(np.uint32)
    for top in range(0, len(gram), numba_lines.tall_of(lanes)):
        numba_lines.add_outer_products(gram, top, lanes, V, which)
    numba_lines.interleave(x, tables, 3)
    return found


@pytest.mark.parametrize(
    "run", [sums_on_lines, sums_on_lines.py_func], ids=["compiled", "line by line"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_lines", [2, 3])
def test_sums_over_whole_lines_are_what_the_formulas_say(n_lines, dtype, run):
    rng, lanes = np.random.default_rng(1), numba_lines.LINE // np.dtype(dtype).itemsize
    k = n_lines * lanes
    u = numba_lines.whole_lines(rng.normal(size=(1, k)).astype(dtype))[0]
    V = numba_lines.whole_lines(rng.normal(size=(5, k)).astype(dtype))
    a, gram = rng.normal(size=4).astype(dtype), rng.normal(size=(k, k)).astype(dtype)
    tables = rng.normal(size=(lanes // 2, 2 * lanes)).astype(dtype)
    x = np.zeros((lanes, lanes), dtype)
    before, gram_before = u.copy(), gram.copy()
    found = run(u, V, a, gram, tables, x.ravel())
    close = {"rtol": 1e-5, "atol": 1e-5}
    assert np.allclose(found, V[:4] @ before, **close)
    assert np.allclose(u, before + a @ V[:4], **close)
    rows, second = V[[2, 0, 4, 2]], slice(lanes, 2 * lanes)
    assert np.allclose(gram[:, second], gram_before[:, second] + rows.T @ rows[:, second], **close)
    gram[:, second] = gram_before[:, second]
    assert np.array_equal(gram, gram_before)
    assert np.array_equal(x[:, : lanes // 2], tables[:, 3 : 3 + lanes].T)
    assert not x[:, lanes // 2 :].any()


FORKED = """
import os, signal
os.environ["MFTEACH_THREADS"] = "2"
import numpy as np
import mfteach
ratings = mfteach.datasets.history_romance()
loss = mfteach.Loss(ratings, 0.1, engine="numba")
point = mfteach.Factors.random(ratings.shape, 2, 0)
before = np.asarray(loss.gradient(point))
signal.alarm(60)
if (child := os.fork()) == 0:
    signal.alarm(60)
    os._exit(0 if np.array_equal(np.asarray(loss.gradient(point)), before) else 1)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_has_threads_of_its_own():
    assert python(FORKED, "default")[0] == "0\n"


def normal_equations(ratings, targets, V, penalties):
    """The exact solution for each user, one dense system at a time."""
    U = np.zeros((ratings.shape[0], V.shape[1]))
    for i in range(len(U)):
        here = ratings.by_user[i]
        A = V[ratings.item_index[here]]
        if len(here):
            U[i] = np.linalg.solve(A.T @ A + penalties[i] * np.eye(V.shape[1]), A.T @ targets[here])
    return U


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("k", [1, 4, 17])
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
@pytest.mark.parametrize("biases", ["none", "fixed"])
def test_a_half_step_equals_the_exact_solution(biases, weighting, k):
    ratings = some_ratings()
    point = point_for(ratings, k, biases)
    loss = Loss(ratings, (0.3, 0.7), weighting, engine="numba")
    U = solve_users(loss, point).U
    exact = normal_equations(ratings, loss.targets(point), point.V, loss.penalties()[0])
    assert np.linalg.norm(U - exact) <= 1e-10 * np.linalg.norm(exact)
    assert not U[3].any()
    V = solve_items(loss, point).V
    assert np.allclose(
        V, solve_items(Loss(ratings, (0.3, 0.7), weighting, engine="numpy"), point).V
    )


@pytest.mark.usefixtures("compiler")
def test_a_row_longer_than_a_chunk_is_solved_exactly(monkeypatch):
    rng = np.random.default_rng(0)
    n = 2 * numba_least_squares.CHUNK + 5
    ratings = Ratings.from_matrix(rng.normal(size=(3, n)))
    point = point_for(ratings, 6)
    loss = Loss(ratings, 0.5, engine="numba")
    exact = normal_equations(ratings, loss.targets(point), point.V, loss.penalties()[0])
    assert np.allclose(solve_users(loss, point).U, exact, rtol=1e-10)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_a_penalty_both_engines_solve_and_refuse_alike(dtype):
    full = Ratings.from_matrix(np.random.default_rng(0).normal(size=(9, 8)))
    point = point_for(full, 3, dtype=dtype)
    slow, fast = (solve_users(loss, point).U for loss in both(full, 0.0))
    assert np.array_equal(slow, fast)
    for ratings, V in ((some_ratings(), None), (full, np.ones((8, 3), dtype=dtype))):
        start = point_for(ratings, 3, dtype=dtype)
        start = start if V is None else start.with_tables(start.U, V)
        said = []
        for loss in both(ratings, 0.0):
            with pytest.raises(ValueError, match="user") as caught:
                solve_users(loss, start)
            said.append(str(caught.value))
        assert said[0] == said[1]


def test_a_penalty_that_rounding_swallows_is_no_penalty():
    ratings = Ratings.from_matrix(np.ones((4, 6)))
    alike = Factors(np.ones((4, 3)), np.ones((6, 3)))
    for loss in both(ratings, 1e-300):
        with pytest.raises(ValueError, match="ratings of user 0 do not determine the factors"):
            solve_users(loss, alike)
    apart = point_for(ratings, 3)
    slow, fast = (solve_users(loss, apart).U for loss in both(ratings, 1e-300))
    assert np.array_equal(slow, fast)


@pytest.mark.parametrize("name", ["numpy", "numba"])
@pytest.mark.parametrize("method", ["exact", "cg"])
def test_ratings_out_of_range_are_an_error_that_names_the_row(method, name):
    ratings = Ratings(["Ann", "Bob"], ["Nero", "Cleopatra"], [1.0, 3e38])
    start = Factors(np.full((2, 2), 9, "float32"), np.full((2, 2), 1e-3, "float32"))
    with pytest.raises(ValueError, match="the factors of user 'Bob' left the range of float32"):
        solve_users(Loss(ratings, 1e-9, engine=name), start, method)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weighting", ["plain", "by_count"])
def test_conjugate_gradients_in_both_engines(weighting, dtype):
    ratings = some_ratings()
    point = point_for(ratings, 6, "fixed", dtype)
    slow, fast = both(ratings, (0.3, 0.7), weighting)
    for half in (solve_users, solve_items):
        mine, theirs = half(fast, point, "cg"), half(slow, point, "cg")
        assert np.allclose(np.asarray(mine), np.asarray(theirs), **CLOSE[dtype])
        assert mine.U.dtype == dtype
    assert not solve_users(fast, point, "cg").U[3].any()
    # Three steps solve systems of three unknowns, and stay where nothing is left to do.
    point = solve_users(fast, point_for(ratings, 3, "fixed"), "cg")
    exact = solve_users(fast, point).U
    assert np.allclose(point.U, exact, rtol=1e-8, atol=1e-8)
    again = solve_users(fast, point.with_tables(exact, point.V), "cg").U
    assert np.allclose(again, exact, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["numpy", "numba"])
@pytest.mark.parametrize("method", ["exact", "cg"])
def test_the_objective_never_rises_and_both_methods_converge(method, name):
    ratings = some_ratings()
    loss = Loss(ratings, 2.0, engine=name)
    start = point_for(ratings, 6, "fixed")
    halves = alternating_least_squares(loss, start, method=method, half_steps=True)
    steps = list(islice(halves, 401))
    values = np.array([step.value for step in steps])
    assert (np.diff(values) <= 1e-12 * values[:-1]).all()
    assert values[1] < 0.9 * values[0]
    assert steps[-1].gradient_norm < 1e-6 * steps[0].gradient_norm


def test_another_method_is_refused():
    with pytest.raises(ValueError, match="method must be 'exact' or 'cg', but is 'qr'"):
        alternating_least_squares(Loss(some_ratings()), point_for(some_ratings()), method="qr")


def test_both_engines_learn_equally_well():
    """Orders differ between engines, so factors do; their quality does not."""
    rng = np.random.default_rng(3)
    U, V = rng.normal(size=(80, 2)), rng.normal(size=(60, 2))
    R = np.where(rng.random((80, 60)) < 0.5, U @ V.T, np.nan)
    ratings = Ratings.from_matrix(R)
    ends = []
    for name in ("numpy", "numba"):
        model = MatrixFactorization(
            n_factors=2,
            solver="sgd",
            regularization=0.1,
            biases=False,
            n_epochs=60,
            learning_rate=0.03,
            engine=name,
            rng=0,
        )
        ends.append(model.fit(ratings).trace_.last.value)
    assert ends[0] == pytest.approx(ends[1], rel=0.02)
    assert ends[0] < 0.02 * (ratings.values @ ratings.values)


def test_every_solver_takes_the_engine_that_the_model_names(monkeypatch):
    called = []
    for module, name in (
        (numba_least_squares, "_solve_rows"),
        (numba_gradient, "_row_gradients"),
        (numba_sgd, "_update"),
    ):
        original = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, f=original, name=name: (called.append(name), f(*a))[1]
        )
    for solver, expected in (
        ("als", "_solve_rows"),
        ("gd", "_row_gradients"),
        ("sgd", "_update"),
    ):
        for name in ("numpy", "numba", "auto"):
            called.clear()
            model = MatrixFactorization(2, solver, 0.1, n_epochs=5, engine=name, rng=0)
            model.fit(some_ratings())
            assert (expected in called) == (name == "numba")


@pytest.mark.parametrize("solver", ["gd", "als"])
def test_the_command_takes_an_engine(solver, tmp_path, monkeypatch, capsys):
    ratings = some_ratings()
    lines = [
        f"{u},{i},{r}" for u, i, r in zip(ratings.users, ratings.items, ratings.values, strict=True)
    ]
    csv = tmp_path / "ratings.csv"
    csv.write_text("\n".join(["userId,movieId,rating", *lines]))
    monkeypatch.setitem(factorize.MOST_EPOCHS, solver, 5)
    arguments = ["factorize", str(csv), "--n-factors", "2", "--solver", solver]
    arguments += ["--output", str(tmp_path / "f.npz"), "--engine"]
    tables = []
    for name in ("numpy", "numba"):
        assert main([*arguments, name]) == 0
        tables.append(Factors.load(tmp_path / "f.npz").matrix())
    assert np.allclose(*tables, rtol=1e-3)
    monkeypatch.setitem(sys.modules, "mfteach.fast.numba_twins", None)
    monkeypatch.delattr("mfteach.fast.numba_twins")
    assert main([*arguments, "numba"]) == 2
    assert "mfteach factorize: " in capsys.readouterr().err


def test_auto_takes_the_kernels_for_large_data_only(monkeypatch):
    assert engine.twins("auto", engine.WORTHWHILE - 1) is numpy_twins
    assert engine.twins("auto", engine.WORTHWHILE) is numba_twins
    assert engine.twins("numpy", 10**9) is numpy_twins
    assert engine.twins("numba", 1) is numba_twins
    with pytest.raises(
        ValueError, match="engine must be 'auto', 'numpy' or 'numba', but is 'cuda'"
    ):
        Loss(some_ratings(), engine="cuda")


HIDDEN = """
import sys
sys.modules["numba"] = None
import logging
import mfteach
from mfteach.fast.engine import WORTH_A_WORD, twins
ratings = mfteach.datasets.history_romance()
try:
    mfteach.Loss(ratings, engine="numba")
except ImportError as error:
    print(error)
point = mfteach.Factors.random(ratings.shape, 2, 0)
print(mfteach.Loss(ratings).gradient(point).shape)
print(twins("auto", WORTH_A_WORD).__name__, twins("auto", WORTH_A_WORD).__name__)
"""


def python(code, warnings="error"):
    run = subprocess.run(
        [sys.executable, "-W", warnings, "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout, run.stderr


def test_without_numba_it_falls_back_to_numpy_and_says_so_once():
    out, err = python(HIDDEN)
    refused, shape, modules = out.splitlines()
    assert "pip install 'mfteach[fast]'" in refused
    assert shape == "(7, 6)"
    assert modules == "mfteach.fast.numpy_twins mfteach.fast.numpy_twins"
    assert err.count("NumPy computes, which is slower") == 1
    assert err.count("mfteach[fast]") == 1


def test_what_auto_says_goes_to_the_logger_of_the_package(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "mfteach.fast.numba_twins", None)
    monkeypatch.delattr("mfteach.fast.numba_twins")
    engine._say_once.cache_clear()
    with caplog.at_level(logging.WARNING, logger="mfteach"):
        assert engine.twins("auto", engine.WORTH_A_WORD - 1) is numpy_twins
        assert not caplog.records, "of ratings as few as in a lesson nothing is said"
        assert engine.twins("auto", engine.WORTH_A_WORD) is numpy_twins
        assert engine.twins("auto", engine.WORTH_A_WORD) is numpy_twins
    engine._say_once.cache_clear()
    assert [record.name for record in caplog.records] == ["mfteach"]


WARM = """
import time, numpy as np, scipy.sparse, scipy.linalg.cython_lapack
import mfteach
from mfteach.descent import solve_users, stochastic_gradient_descent
ratings = mfteach.datasets.history_romance()
loss = mfteach.Loss(ratings, 0.1)
start = mfteach.Factors.random(ratings.shape, 2, 0).astype("float32")
list(zip(range(2), stochastic_gradient_descent(loss, start, 0.01, 0)))
began = time.process_time()
loss = mfteach.Loss(ratings, 0.1, engine="numba")
list(zip(range(2), stochastic_gradient_descent(loss, start, 0.01, 0)))
solve_users(loss, start)
solve_users(loss, start, "cg")
print(time.process_time() - began)
"""


TWICE = """
import sys, numpy as np
from mfteach.fast.compiling import compiled

@compiled
def twice(x):
    return 2 * x.sum()

for dtype in sys.argv[1:]:
    print(twice(np.ones(3, dtype)), *twice.stats.cache_hits.values())
"""


def test_two_processes_that_compile_at_once_do_not_mistake_each_others_code(tmp_path):
    """Both number 1: the index of one came to lie beside the code of the other."""
    script = tmp_path / "twice.py"
    script.write_text(TWICE)

    def run(folder, *dtypes):
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / folder)}
        command = [sys.executable, str(script), *dtypes]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout.splitlines()

    def codes(folder):
        return {path.name: path for path in (tmp_path / folder).rglob("*.nbc")}

    run("one", "float32")
    run("other", "float64")
    assert len({*codes("one"), *codes("other")}) == 2
    (home,) = {path.parent for path in codes("other").values()}
    for name, path in codes("one").items():  # written last
        (home / name).write_bytes(path.read_bytes())
    assert run("other", "float64", "float32") == ["6.0 1", "6.0 1"]
    assert run("other", "float32", "float64") == ["6.0 1", "6.0 1 1"]


OTHER = """
from mfteach.fast.compiling import compiled

@compiled
def other(x):
    return x + {}
"""
TAKES_IN = """
from other import other
from mfteach.fast.compiling import compiled

@compiled
def kernel(x):
    return other(x)

print(kernel(0), *kernel.stats.cache_hits.values())
"""


def test_a_kernel_follows_what_changes_in_another_file(tmp_path):
    script = tmp_path / "kernel.py"
    script.write_text(TAKES_IN)

    def run(added):
        other = tmp_path / "other.py"
        if not other.exists() or OTHER.format(added) != other.read_text():
            other.write_text(OTHER.format(added))
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
        command = [sys.executable, str(script)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert [run(1), run(1), run(20), run(20)] == ["1", "1 1", "20", "20 1"]


def test_the_kernels_are_kept_between_runs():
    python(WARM)
    import_alone = (
        "import time\nbegan = time.process_time()\nimport numba\nprint(time.process_time() - began)"
    )
    warm = min(float(python(WARM)[0]) for _ in range(3))
    assert warm - min(float(python(import_alone)[0]) for _ in range(3)) < 2.0
    for kernel in (
        numba_sgd._update,
        numba_gradient._row_gradients,
        numba_least_squares._solve_rows,
        numba_least_squares._improve_rows,
    ):
        assert kernel._cache is not None


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("penalty", [0.7, 20.0])
def test_biases_are_the_same_with_both_engines(penalty):
    ratings = some_ratings()
    fast, slow = (baselines.Biases.fit(ratings, penalty, name) for name in ("numba", "numpy"))
    assert np.allclose(fast.user_bias, slow.user_bias, rtol=1e-9, atol=1e-10)
    assert np.allclose(fast.item_bias, slow.item_bias, rtol=1e-9, atol=1e-10)
