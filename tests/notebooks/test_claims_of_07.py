"""Claims of lesson 07 that its own cells do not hold."""

import numpy as np

import mfteach as mf
from mfteach.answers import Ledger
from mfteach.datasets import hand_factors, history_romance
from mfteach.lessons.questions.finding import question
from mfteach.symbolic import lecture


def test_the_derivative_of_the_exit_check():
    factors = hand_factors()
    V = factors.V.copy()
    V[2] = [3, 2]
    ratings = history_romance(surprise=True)
    errors = ratings.to_matrix()[5] - factors.U[5] @ V.T
    assert errors.tolist() == [0, 0, 2, 0, 0, 0]
    slopes = mf.Loss(ratings).gradient(mf.Factors(factors.U, V)).U[5]
    assert slopes.tolist() == [question("07-exit").right, -4] == [-6, -4]


def test_the_false_line_is_refuted_by_a_rating_that_is_not_there():
    assert question("07-1").right == "6"
    assert "w_11 = 0" in lecture.gradient_u().disagreement(lecture.EIGHT_LINES[5])


def test_a_sum_over_all_items_needs_ratings_that_nobody_gave():
    """The derivative does not depend on what stands in a blank; a sum over all items would."""
    rng = np.random.default_rng(1)
    U, V = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    r, w = rng.normal(size=(3, 4)), np.ones((3, 4))
    w[0, 1] = 0
    other = r.copy()
    other[0, 1] += 100
    formula = lecture.gradient_u().lambdify()
    assert np.array_equal(formula(r=r, w=w, u=U, v=V), formula(r=other, w=w, u=U, v=V))
    assert not np.allclose(-(r - U @ V.T) @ V, -(other - U @ V.T) @ V)


def test_the_three_terms_of_the_square():
    prediction = "sum_q u_iq v_jq"
    for start, goal in (
        (f"(r_ij - {prediction})^2", f"r_ij^2 - 2 r_ij {prediction} + ({prediction})^2"),
        (f"d/du_is (r_ij^2 - 2 r_ij {prediction})", "-2 r_ij v_js"),
        (f"d/du_is ({prediction})^2", f"2 v_js {prediction}"),
    ):
        Ledger(start=start, goal=goal)  # refuses two lines that are not proved equal


def test_raising_a_taste_for_which_predictions_are_too_low_lowers_the_loss():
    ratings = mf.Ratings.from_matrix([[2.0, 3.0]])
    low = mf.Factors([[1.0, 0.0]], [[1.0, 0.5], [2.0, 0.1]])
    raised = mf.Factors([[1.01, 0.0]], low.V)
    loss = mf.Loss(ratings)
    assert (loss.errors(low) > 0).all()
    assert loss.gradient(low).U[0, 0] < 0
    assert loss.value(raised) < loss.value(low)
