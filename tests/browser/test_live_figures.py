"""Every figure of ``live.js`` in Chromium: it moves, and says what Python computes."""

import json
import re
from itertools import islice

import numpy as np
import pytest
from chromium import visit

import mfteach as mf
from mfteach.datasets import hand_factors, history_romance
from mfteach.descent import alternating_least_squares
from mfteach.lessons.drawings.lesson_15 import OnPaper
from mfteach.lessons.live import Live, names, quiz_page
from mfteach.loss import Function

SURPRISE = history_romance(surprise=True)
START = mf.Factors.random(SURPRISE.shape, n_factors=2, rng=1)
RATINGS = history_romance().to_matrix()[:, 2].tolist()
USERS = hand_factors().U.tolist()

PAPER = OnPaper(one=4e-8, rating=8e-7, fixed=1.0, travel=6e-10, most=5e-8, full=4e8)

FIGURES = {
    "turning_line": {"height": 2},
    "rolling_tangent": {"curve": [0, -3, 0, 1], "ends": [-2, 2]},
    "magnifier": {"curve": [0, 0, 3], "at": 1},
    "two_readings": {"curve": [0, 0, 3], "at": 1},
    "slices": {"at": [1, 1]},
    "walk_on_parabola": {"curvature": 6, "start": 1, "rate": 0.05, "n_steps": 6},
    "walk_on_surface": {
        "curvatures": [1, 10],
        "start": [9, 1],
        "rates": [0, 0.22],
        "rate": 0.02,
        "n_steps": 10,
        "window": [[-1, 10], [-1.3, 1.3]],
    },
    "cleopatra": {"users": USERS, "ratings": RATINGS, "start": [1, 1]},
    "factorization": {
        "ratings": SURPRISE.to_matrix().tolist(),
        "U": START.U.tolist(),
        "V": START.V.tolist(),
        "floor": 0.93727,
        "rate": 0.2,
    },
    "one_rating": {"r": 1, "start": [0.3, 2], "rate": 0.1, "n_steps": 3},
    "errors_by_strength": {
        "strengths": [0.1, 1, 4, 16, 40],
        "factors": [5, 10],
        "learned": [[0.5, 0.5, 0.6, 0.7, 0.8], [0.4, 0.4, 0.5, 0.7, 0.8]],
        "unseen": [[1.5, 1.2, 0.9, 0.8, 0.8], [2.5, 1.5, 1.0, 0.8, 0.8]],
        "biases": 0.85,
    },
    "staircase": {"r": 1, "strength": 0.1, "start": [0.3, 2], "rate": 0.1},
    "film_map": {
        "places": [[0, 0], [1, 0.1], [-1, 0.4]],
        "titles": ["Nero", "Casablanca", "Pretty Woman"],
        "near": [[1, 2], [2, 0], [1, 0]],
    },
    "one_or_many": {**PAPER._asdict(), "machines": 8},
}
STILL = "<figure><figcaption>A caption</figcaption></figure>"
QUIZ = quiz_page("Which <one>?", {"A": ("this", "No: not this."), "B": ("that", "Right.")})
ENDS = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Figures</title>"
    "<meta name=viewport content='width=device-width'>"
)


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "page.html"
    page = "".join(Live(name, **numbers).around(STILL) for name, numbers in FIGURES.items())
    path.write_text(ENDS + page + QUIZ, encoding="utf-8")
    with visit(browser, path.as_uri()) as opened:
        yield opened


@pytest.fixture
def page(opened):
    return opened.page


def figure(page, name):
    return page.locator(f'mf-live[name="{name}"]')


def set_sliders(page, name, **values):
    """Move sliders as a script would, and return the sentence."""
    for slider, value in values.items():
        figure(page, name).locator(f'[name="{slider}"]').evaluate(
            "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
            str(value),
        )
    return figure(page, name).locator("p").text_content()


def numbers_in(sentence):
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", sentence.replace("\u2212", "-"))]


def test_every_figure_is_tried_here():
    assert set(FIGURES) == set(names())


@pytest.mark.parametrize("name", FIGURES)
def test_the_arrow_keys_move_the_picture(page, name):
    slider = figure(page, name).locator("select" if name == "film_map" else "input").first
    stage, sentence = figure(page, name).locator(".stage"), figure(page, name).locator("p")
    slider.focus()
    page.keyboard.press("Home")
    before, said, value = stage.inner_html(), sentence.text_content(), slider.input_value()
    page.keyboard.press("ArrowDown" if name == "film_map" else "ArrowRight")
    assert slider.input_value() != value
    assert stage.inner_html() != before and sentence.text_content() != said
    assert slider.get_attribute("aria-valuetext") or name == "film_map"
    assert sentence.get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"magnifier"}))
def test_the_orange_point_can_be_dragged(page, name):
    hold = figure(page, name).locator(".hold").first
    hold.scroll_into_view_if_needed()
    before = figure(page, name).locator(".stage").inner_html()
    box = hold.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y - 40, steps=3)
    page.mouse.up()
    after = figure(page, name).locator(".stage").inner_html()
    assert after != before
    page.mouse.move(x - 30, y, steps=2)
    assert figure(page, name).locator(".stage").inner_html() == after, "it was let go"


def test_keys_that_move_a_slider_do_not_reach_the_page(page):
    page.evaluate(
        "() => { window.heard = []; document.onkeydown = (event) => heard.push(event.key); }"
    )
    figure(page, "turning_line").locator("input").focus()
    for key in ("ArrowRight", "Home", "PageDown", "x"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["x"]


def test_lesson_01_says_the_slopes(page):
    assert numbers_in(set_sliders(page, "turning_line", a=-3))[:3] == [-3, 2, 72]
    assert numbers_in(set_sliders(page, "rolling_tangent", x=0.5)) == [0.5, -2.25]
    # The gap at a distance d is 3 d^2, and half the height is 6 d: the share is d / 2.
    assert numbers_in(set_sliders(page, "magnifier", power=1, x=1)) == [0.1, 1, 6, 5]


def test_lesson_02_says_both_formulas(page):
    said = numbers_in(set_sliders(page, "two_readings", change=-0.5))
    assert said == [-0.5, 0.75 - 3, -0.5, (0.75 - 3) / -0.5, 0.75 - 3 / -0.5]
    assert "divide by 0" in set_sliders(page, "two_readings", change=0)


@pytest.mark.parametrize(("surface", "gradient"), [(0, (9, -2)), (1, (1.5, 2.25))])
def test_lesson_04_says_the_gradient(page, surface, gradient):
    said = numbers_in(set_sliders(page, "slices", surface=surface, frozen=0, x=1.5, y=0.5))
    assert said == [1.5, 0.5, gradient[0], *gradient]
    assert numbers_in(set_sliders(page, "slices", frozen=1))[2] == gradient[1]


def test_lesson_05_walks_as_gradient_descent_does(page):
    parabola = Function(lambda x: 3 * x**2, lambda x: 6 * x)
    for rate in (6 / 120, 30 / 120):
        last = list(islice(mf.gradient_descent(parabola, 0.5, rate), 8))[-1].point
        said = numbers_in(set_sliders(page, "walk_on_parabola", rate=rate, start=0.5, n=7))
        assert said[:5] == [1, 6, pytest.approx(1 - 6 * rate), 7, pytest.approx(last, abs=5e-5)]
    assert "no closer" in set_sliders(page, "walk_on_parabola", rate=40 / 120)
    assert "after one step" in set_sliders(page, "walk_on_parabola", rate=20 / 120)
    bowl = Function(
        lambda point: 0.5 * point[0] ** 2 + 5 * point[1] ** 2,
        lambda point: np.array([point[0], 10 * point[1]]),
    )
    last = list(islice(mf.gradient_descent(bowl, [8, 1.0], 0.15), 6))[-1].point
    said = numbers_in(set_sliders(page, "walk_on_surface", rate=0.15, x=8, y=1, n=5))
    assert said[1:3] == pytest.approx(last, abs=5e-4) and said[-1] == 0.2


def test_lesson_06_says_what_the_loss_says(page):
    loss, factors = mf.Loss(history_romance()), hand_factors()
    factors.V[2] = [0.5, -0.25]
    said = numbers_in(set_sliders(page, "cleopatra", h=0.5, c=-0.25))
    assert said[2] == pytest.approx(loss.value(factors), abs=5e-4)
    assert said[3:5] == pytest.approx(loss.gradient(factors).V[2], abs=5e-3)


def test_lesson_09_steps_as_gradient_descent_does(page):
    for rate, n in [(0.2, 12), (0.05, 40)]:
        steps = mf.gradient_descent(mf.Loss(SURPRISE), START, rate)
        value = next(islice(steps, n, None)).value
        said = numbers_in(set_sliders(page, "factorization", rate=rate, n=n))
        assert said[:3] == [n, rate, pytest.approx(value, abs=1e-4)]
    assert "blown up" in set_sliders(page, "factorization", rate=0.3, n=60)


def test_lessons_10_and_12_step_as_the_solvers_do(page):
    one, start = mf.Ratings.from_matrix([[1.0]]), mf.Factors([[0.5]], [[2.0]])
    last = next(islice(mf.gradient_descent(mf.Loss(one), start, 0.1), 4, None)).point
    said = numbers_in(set_sliders(page, "one_rating", r=1, u=0.5, v=2, rate=0.1, n=4))
    assert said[3:5] == pytest.approx([last.U[0, 0], last.V[0, 0]], abs=5e-3)
    penalized = mf.Loss(one, 0.1)
    halves = alternating_least_squares(penalized, start, half_steps=True)
    walk = mf.gradient_descent(penalized, start, 0.1)
    values = [next(islice(steps, 4, None)).value for steps in (halves, walk)]
    said = numbers_in(set_sliders(page, "staircase", u=0.5, v=2, n=4, rate=0.1))
    assert [said[1], said[-1]] == pytest.approx(values, abs=1e-4)


def test_lesson_11_says_the_numbers_that_it_was_given(page):
    said = numbers_in(set_sliders(page, "errors_by_strength", k=1, at=2))
    assert said == [10, 4, 0.5, 1, 0.85]


def test_lesson_14_names_the_films_that_are_near(page):
    said = set_sliders(page, "film_map", film=1)
    assert said == "Nero. Nearest to it in all factors: 1 Casablanca, 2 Pretty Woman."


def test_lesson_15_crosses_where_both_need_the_same(page):
    said = set_sliders(page, "one_or_many", doublings=7, ratings=8)
    assert "128 with Spark" in said and "had it" not in said
    *_, exponent, _, _, one, many = numbers_in(said)
    assert one == pytest.approx(PAPER.seconds_of_one(1e8), abs=5e-3)
    assert many == pytest.approx(PAPER.seconds_of_many(1e8, 128), abs=5e-3)
    at = 10**exponent
    assert PAPER.seconds_of_one(at) == pytest.approx(PAPER.seconds_of_many(at, 128), rel=0.2)
    assert "nowhere" in set_sliders(page, "one_or_many", doublings=2, ratings=9)
    assert "had it the memory" in set_sliders(page, "one_or_many", doublings=2, ratings=9)


def test_a_click_on_an_answer_says_what_is_wrong_with_it(page):
    for letter, reply in [("A", "A: No: not this."), ("B", "B: Right.")]:
        button = page.locator("mf-quiz button").filter(has_text=f"{letter}:")
        button.focus()
        page.keyboard.press("Enter")
        assert page.locator("mf-quiz [aria-live]").text_content() == reply
        assert button.get_attribute("aria-pressed") == "true"
    assert "<one>" in page.locator("mf-quiz").text_content()


def test_play_runs_to_the_end_of_its_slider(page):
    turning = figure(page, "turning_line")
    set_sliders(page, "turning_line", a=11.5)
    turning.locator("button").click()
    page.wait_for_function("document.querySelector('mf-live').shadowRoot"
                           ".querySelector('button').textContent === 'Play'")  # fmt: skip
    assert turning.locator("input").input_value() == "12"


def test_nothing_went_wrong_and_no_other_machine_was_asked(opened):
    assert opened.errors == [] and opened.outside == []


def test_nobody_needs_to_scroll_sideways_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1200, "height": 800})


def test_the_still_figure_stands_where_no_scripts_run(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(ENDS + Live("turning_line", height=2).around(STILL) + QUIZ, encoding="utf-8")
    with visit(browser, path.as_uri(), java_script_enabled=False) as opened:
        assert opened.page.get_by_text("A caption").is_visible()
        assert opened.page.get_by_text("A: this").is_visible()


def test_who_wants_no_motion_gets_no_button_to_play(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(ENDS + Live("turning_line", height=2).around(STILL), encoding="utf-8")
    with visit(browser, path.as_uri(), reduced_motion="reduce") as opened:
        assert opened.page.locator("mf-live input").count() == 1
        assert opened.page.locator("mf-live button").count() == 0


def test_an_element_without_its_figure_keeps_the_still_one(browser, tmp_path):
    path = tmp_path / "page.html"
    page = Live("turning_line", height=2).around(STILL)
    path.write_text(ENDS + page.replace('name="turning_line"', 'name="gone"'), encoding="utf-8")
    with visit(browser, path.as_uri()) as opened:
        assert opened.page.get_by_text("A caption").is_visible() and opened.errors == []


def test_numbers_are_written_so_that_html_keeps_them():
    page = Live("turning_line", height='"<&>').around("")
    assert json.dumps('"<&>') not in page and "&quot;" in page
