"""Each plain function against each of its fast twins: the same numbers, the same refusals."""

from itertools import islice

import numpy as np
import pytest
from engine_examples import point_for, some_ratings

from mfteach import Loss, Ratings
from mfteach.descent.als import half_step, item_rows, user_rows
from mfteach.descent.conjugate_gradients import approximate_half_step
from mfteach.descent.implicit_als import (
    approximate_implicit_half_step,
    implicit_half_step,
    implicit_rows,
)
from mfteach.descent.sgd import Shares, epoch
from mfteach.fast.engine import row_squares
from mfteach.loss.gradient import errors, gradient
from mfteach.loss.implicit import ImplicitLoss
from mfteach.matrices.rows import Known, Rows, UndeterminedRow

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
WEIGHTINGS = pytest.mark.parametrize("weighting", ["plain", "by_count"])
# Up to the length of the longest row, between, and beyond: each form of the equations.
FACTORS = pytest.mark.parametrize("k", [1, 4, 23])
SIDES = pytest.mark.parametrize("side", ["users", "items"])
ROUNDING = {"float32": 2e-4, "float64": 1e-10}

SINGLE = Ratings(["ann"], ["Nero"], [3.0])
ALIKE = Ratings.from_matrix(np.ones((4, 6)))


def agree(fast, plain, dtype):
    """Whether two tables are equal up to rounding, and both of this precision."""
    assert fast.dtype == plain.dtype == dtype
    assert fast.shape == plain.shape
    scale = max(1.0, float(np.abs(plain).max(initial=0.0)))
    np.testing.assert_allclose(fast, plain, rtol=0, atol=ROUNDING[dtype] * scale)


def rows_and_tables(side, ratings, k, weighting, dtype, biases="fixed"):
    """The rows of one side, its own table and the other one."""
    point = point_for(ratings, k, biases, dtype)
    loss = Loss(ratings, (0.3, 0.7), weighting, engine="numpy")
    if side == "users":
        return user_rows(loss, point), point.U, point.V
    return item_rows(loss, point), point.V, point.U


@DTYPES
@pytest.mark.parametrize("biases", ["none", "fixed", "learned"])
@pytest.mark.parametrize("ratings", [some_ratings(), SINGLE], ids=["many", "single"])
def test_targets_and_errors(fast, ratings, biases, dtype):
    point = point_for(ratings, biases=biases, dtype=dtype)
    known = Known.of(ratings, point)
    agree(fast.targets(known), known.targets, dtype)
    agree(fast.errors(known, point.U, point.V), errors(known, point.U, point.V), dtype)


@DTYPES
@FACTORS
def test_squares_of_rows(k, dtype):
    """In double precision, where single precision would leave its range."""
    table = np.random.default_rng(6).normal(size=(9, k)).astype(dtype)
    table[3], table[4] = 1e25, 0
    expected = [sum(float(x) ** 2 for x in row) for row in table]
    squares = row_squares(table)
    assert squares.dtype == np.float64
    np.testing.assert_allclose(squares, expected, rtol=1e-12)


@DTYPES
@WEIGHTINGS
@FACTORS
@pytest.mark.parametrize("ratings", [some_ratings(), SINGLE], ids=["many", "single"])
def test_gradient(fast, ratings, k, weighting, dtype):
    users, U, V = rows_and_tables("users", ratings, k, weighting, dtype)
    items = rows_and_tables("items", ratings, k, weighting, dtype)[0]
    for mine, plain in zip(
        fast.gradient(users, items, U, V), gradient(users, items, U, V), strict=True
    ):
        agree(mine, plain, dtype)


@DTYPES
@pytest.mark.parametrize("penalty", [0.0, 1e-30, 3.0])
@pytest.mark.parametrize("counts", [[1], [2, 1], [1, 3, 2, 0]])
def test_steps_beyond_the_solution_divide_no_rounding_by_rounding(fast, counts, penalty, dtype):
    """A row with n ratings has converged after n steps without a penalty: the others do nothing."""
    rng = np.random.default_rng(5)
    table = rng.normal(size=(6, 5)).astype(dtype)
    starts = np.concatenate([[0], np.cumsum(counts)])
    neighbours = np.concatenate([rng.permutation(6)[:n] for n in counts]).astype(np.uint32)
    targets = rng.normal(3, 1, size=starts[-1]).astype(dtype)
    rows = Rows(starts, neighbours, targets, np.full(len(counts), penalty, dtype))
    start = rng.normal(size=(len(counts), 5)).astype(dtype)
    plain = approximate_half_step(rows, table, start, 30)
    agree(fast.approximate_half_step(rows, table, start, 30), plain, dtype)
    assert np.abs(plain).max() < 100
    for (of_row, r, _), x in zip(rows, plain, strict=True):
        if len(r) and penalty < 1:
            np.testing.assert_allclose(table[of_row] @ x, r, rtol=0, atol=50 * ROUNDING[dtype])


@pytest.mark.parametrize(("dtype", "tiny"), [("float32", 1e-25), ("float64", 1e-170)])
def test_squares_that_underflow_divide_nothing_by_nothing(fast, dtype, tiny):
    """Factors that regularization has shrunk this far stay finite."""
    rows = Rows(
        np.array([0, 1, 2]),
        np.array([0, 1], np.uint32),
        np.zeros(2, dtype),
        np.full(2, 30.0, dtype),
    )
    table, start = np.full((2, 2), tiny, dtype), np.full((2, 2), tiny, dtype)
    for step in (approximate_half_step, fast.approximate_half_step):
        assert np.all(np.abs(step(rows, table, start, 3)) <= tiny)


@DTYPES
def test_the_first_row_with_too_few_ratings_is_named(fast, dtype):
    """Rows of 2, 0, 1 and 3 ratings, 3 factors, no penalty: row 0 is the first, 1 is none."""
    table = np.eye(3, dtype=dtype)
    neighbours = np.array([0, 1, 2, 0, 1, 2], np.uint32)
    rows = Rows(np.array([0, 2, 2, 3, 6]), neighbours, np.ones(6, dtype), np.zeros(4, dtype))
    for step in (half_step, fast.half_step):
        with pytest.raises(UndeterminedRow) as caught:
            step(rows, table)
        assert caught.value.row == 0


@DTYPES
def test_the_first_row_with_ratings_too_much_alike_is_named(fast, dtype):
    """Row 0 is longer than row 1, and both are undetermined."""
    table = np.array([[1, 1], [2, 2], [3, 3], [0, 1]], dtype=dtype)
    neighbours = np.array([0, 1, 2, 0, 1, 0, 1, 2, 3], np.uint32)
    rows = Rows(np.array([0, 3, 5, 9]), neighbours, np.ones(9, dtype), np.zeros(3, dtype))
    for step in (half_step, fast.half_step):
        with pytest.raises(UndeterminedRow) as caught:
            step(rows, table)
        assert caught.value.row == 0


@DTYPES
@pytest.mark.parametrize("biases", ["none", "fixed"])
def test_sorting_by_row(fast, biases, dtype):
    ratings = some_ratings()
    known = Known.of(ratings, point_for(ratings, biases=biases, dtype=dtype))
    for groups, rows, others in (
        (ratings.by_user, ratings.user_index, ratings.item_index),
        (ratings.by_item, ratings.item_index, ratings.user_index),
    ):
        neighbours, targets = fast.sort_by_row(groups.starts, rows, others, known)
        assert neighbours.tolist() == others[groups.order].tolist()
        agree(targets, known.targets[groups.order], dtype)


@DTYPES
@WEIGHTINGS
@FACTORS
@SIDES
@pytest.mark.parametrize("ratings", [some_ratings(), SINGLE], ids=["many", "single"])
def test_half_step(fast, ratings, side, k, weighting, dtype):
    rows, _, table = rows_and_tables(side, ratings, k, weighting, dtype)
    solved = fast.half_step(rows, table)
    agree(solved, half_step(rows, table), dtype)
    assert not solved[rows.counts == 0].any()


@DTYPES
@WEIGHTINGS
@FACTORS
@SIDES
@pytest.mark.parametrize("n_steps", [0, 1, 3])
def test_approximate_half_step(fast, n_steps, side, k, weighting, dtype):
    rows, start, table = rows_and_tables(side, some_ratings(), k, weighting, dtype)
    improved = fast.approximate_half_step(rows, table, start, n_steps)
    agree(improved, approximate_half_step(rows, table, start, n_steps), dtype)
    assert not improved[rows.counts == 0].any()


@DTYPES
@FACTORS
@SIDES
@pytest.mark.parametrize("alpha", [0.0, 1e-9, 0.7, 50.0])
@pytest.mark.parametrize("ratings", [some_ratings(), SINGLE], ids=["many", "single"])
def test_implicit_half_step(fast, ratings, alpha, side, k, dtype):
    ratings = ratings.with_values(np.abs(ratings.values) + 0.5)
    point = point_for(ratings, k, "none", dtype)
    rows = implicit_rows(ImplicitLoss(ratings, alpha, 0.7, engine="numpy"), point)
    rows, table = (rows[0], point.V) if side == "users" else (rows[1], point.U)
    solved = fast.implicit_half_step(rows, table)
    agree(solved, implicit_half_step(rows, table), dtype)
    assert not solved[rows.counts == 0].any()


@DTYPES
@FACTORS
@SIDES
@pytest.mark.parametrize("alpha", [0.0, 0.7, 20.0])
@pytest.mark.parametrize("n_steps", [0, 1, 3])
def test_approximate_implicit_half_step(fast, n_steps, alpha, side, k, dtype):
    ratings = some_ratings()
    ratings = ratings.with_values(np.abs(ratings.values) + 0.5)
    point = point_for(ratings, k, "none", dtype)
    rows = implicit_rows(ImplicitLoss(ratings, alpha, 0.7, engine="numpy"), point)
    rows, start, table = (
        (rows[0], point.U, point.V) if side == "users" else (rows[1], point.V, point.U)
    )
    improved = fast.approximate_implicit_half_step(rows, table, start, n_steps)
    agree(improved, approximate_implicit_half_step(rows, table, start, n_steps), dtype)
    assert not improved[rows.counts == 0].any()
    if n_steps == 0:
        agree(improved, start * (rows.counts > 0)[:, None], dtype)


@DTYPES
def test_implicit_steps_end_at_the_solution(fast, dtype):
    """Four factors: four steps are enough, and those beyond do nothing."""
    ratings = some_ratings()
    ratings = ratings.with_values(np.abs(ratings.values) + 0.5)
    point = point_for(ratings, 4, "none", dtype)
    rows, _ = implicit_rows(ImplicitLoss(ratings, 2.0, 0.7, engine="numpy"), point)
    exact = implicit_half_step(rows, point.V)
    agree(fast.approximate_implicit_half_step(rows, point.V, point.U, 8), exact, dtype)
    agree(fast.approximate_implicit_half_step(rows, point.V, exact, 3), exact, dtype)


@DTYPES
def test_an_implicit_half_step_that_is_not_determined(fast, dtype):
    """The table has rank 2, and row 0 no interaction: row 1 is the first."""
    table = np.array([[1, 1, 0], [2, 2, 0], [0, 1, 0]], dtype)
    rows = Rows(
        np.array([0, 0, 2]), np.array([0, 2], np.uint32), np.ones(2, dtype), np.zeros(2, dtype)
    )
    for solve in (implicit_half_step, fast.implicit_half_step):
        with pytest.raises(UndeterminedRow) as caught:
            solve(rows, table)
        assert caught.value.row == 1


@DTYPES
def test_steps_from_the_solution_stay_there(fast, dtype):
    rows, _, table = rows_and_tables("users", some_ratings(), 4, "plain", dtype)
    exact = half_step(rows, table)
    agree(fast.approximate_half_step(rows, table, exact, 3), exact, dtype)
    agree(approximate_half_step(rows, table, exact, 3), exact, dtype)


@DTYPES
def test_rows_without_any_rating(fast, dtype):
    nothing = np.empty(0, np.uint32), np.empty(0, dtype)
    rows = Rows(np.zeros(4, np.intp), *nothing, np.ones(3, dtype))
    table = np.ones((5, 2), dtype)
    start = np.ones((3, 2), dtype)
    for found in (
        fast.half_step(rows, table),
        fast.approximate_half_step(rows, table, start, 3),
        half_step(rows, table),
        approximate_half_step(rows, table, start, 3),
    ):
        agree(found, np.zeros((3, 2), dtype), dtype)


@DTYPES
@pytest.mark.parametrize("penalty", [0.0, 1e-30])
def test_rows_that_are_not_determined(fast, penalty, dtype):
    """User 2 is the first: user 0 rated nothing, and user 1 is determined."""
    table = np.array([[1, 1], [2, 2], [0, 1]], dtype)
    rows = Rows(
        np.array([0, 0, 2, 4]),
        np.array([0, 2, 0, 1], np.uint32),
        np.ones(4, dtype),
        np.full(3, penalty, dtype),
    )
    for solve in (half_step, fast.half_step):
        with pytest.raises(UndeterminedRow) as caught:
            solve(rows, table)
        assert caught.value.row == 2


@DTYPES
@WEIGHTINGS
@pytest.mark.parametrize("biases", ["none", "fixed", "learned"])
@pytest.mark.parametrize("ratings", [some_ratings(), SINGLE], ids=["many", "single"])
def test_epochs(fast, ratings, biases, weighting, dtype):
    point = point_for(ratings, biases=biases, dtype=dtype)
    loss = Loss(ratings, (0.3, 0.7), weighting, bias_regularization=0.9)
    learned = (point.user_bias, point.item_bias) if biases == "learned" else None
    known = Known.of(ratings, point, with_biases=learned is None)
    before = [table.copy() for table in (point.U, point.V)]
    orders = fast.orders(known, ratings.shape, np.random.default_rng(0))
    for order in islice(orders, 2):
        drawn = sorted((i, j, float(r)) for i, j, r in order)
        expected = sorted(
            zip(known.i.tolist(), known.j.tolist(), known.targets.tolist(), strict=True)
        )
        assert [pair[:2] for pair in drawn] == [pair[:2] for pair in expected]
        agree(*(np.array([r for *_, r in rated], dtype) for rated in (drawn, expected)), dtype)
        given = order, point.U, point.V, learned, Shares.of(loss), 0.03
        mine, plain = fast.epoch(*given), epoch(*given)
        for table, plain_table, old in zip(mine[:2], plain[:2], before, strict=True):
            agree(table, plain_table, dtype)
            assert np.abs(table - old).max() > 0.01
        assert (mine[2] is None) == (learned is None)
        for bias, plain_bias in zip(mine[2] or (), plain[2] or (), strict=True):
            agree(bias, plain_bias, dtype)
    # What came in is as it was.
    assert all(np.array_equal(*pair) for pair in zip(before, (point.U, point.V), strict=True))


def test_sums_for_the_biases(fast):
    ratings = some_ratings()
    rng = np.random.default_rng(4)
    b, c = (rng.normal(size=size) for size in ratings.shape)
    i, j, r = ratings.user_index, ratings.item_index, ratings.values
    sums = fast.BiasSums(i, j, ratings.shape)
    by_user, by_item = sums.of_biases(b, c)
    r_by_user, r_by_item = sums.of_values(r, 3.1)
    for user, here in enumerate(ratings.by_user[row] for row in range(len(b))):
        assert by_user[user] == pytest.approx(sum(c[j[here]]), abs=1e-12)
        assert r_by_user[user] == pytest.approx(sum(r[here] - 3.1), abs=1e-12)
    for item, here in enumerate(ratings.by_item[row] for row in range(len(c))):
        assert by_item[item] == pytest.approx(sum(b[i[here]]), abs=1e-12)
        assert r_by_item[item] == pytest.approx(sum(r[here] - 3.1), abs=1e-12)
