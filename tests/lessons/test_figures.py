"""Figures: their words, their table, their bytes; and the heat map."""

import base64
import io
import re
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from mfteach.lessons import contour_map, figure, heat_map, road_map

mpl.use("Agg")
import matplotlib.pyplot as plt

HOLES = np.array([[1.0, -2.0, np.nan], [0.0, 0.5, 4.0]])


@pytest.fixture(autouse=True)
def course_style():
    with plt.style.context("mfteach.course"):
        yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed instead of showing it."""
    import IPython.display

    outputs = []
    monkeypatch.setattr(IPython.display, "display", outputs.append)
    return outputs


def a_line():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 2])
    return fig


def test_a_figure_has_a_picture_its_alt_text_and_its_caption(shown):
    figure(a_line(), "A line that rises.", "Slope 2.")
    page = shown[0]._repr_html_()
    match = re.fullmatch(
        r'<figure>\n<img src="data:image/png;base64,([^"]+)" alt="A line that rises." '
        r'style="width:768px;max-width:100%">'
        r"<figcaption>Slope 2.</figcaption></figure>",
        page,
    )
    with Image.open(io.BytesIO(base64.b64decode(match[1]))) as picture:
        assert picture.size == (2 * 768, 2 * 480)


def test_the_plain_text_version_has_the_words(shown):
    figure(a_line(), "A line.", "Slope 2.")
    assert repr(shown[0]) == "Figure: A line.\nSlope 2."


def test_words_are_escaped(shown):
    figure(a_line(), 'J < "2" & <b>', "a < b & c", data={"x<y": ["<i>"]})
    page = shown[0]._repr_html_()
    assert 'alt="J &lt; &quot;2&quot; &amp; &lt;b&gt;"' in page
    assert "<figcaption>a &lt; b &amp; c</figcaption>" in page
    assert "<th>x&lt;y</th>" in page
    assert "<td>&lt;i&gt;</td>" in page


def test_a_figure_is_closed_so_that_it_is_not_shown_twice(shown):
    fig = a_line()
    assert plt.fignum_exists(fig.number)
    figure(fig, "A line.", "Slope 2.")
    assert not plt.fignum_exists(fig.number)


def test_equal_figures_have_equal_bytes_that_name_no_program(shown):
    figure(a_line(), "A line.", "Slope 2.")
    figure(a_line(), "A line.", "Slope 2.")
    assert shown[0]._repr_html_() == shown[1]._repr_html_()
    png = base64.b64decode(re.search(r'base64,([^"]+)"', shown[0]._repr_html_())[1])
    assert b"atplotlib" not in png


@pytest.mark.parametrize(("alt", "caption", "culprit"), [(" ", "x", "alt"), ("x", "", "caption")])
def test_missing_words_are_refused(shown, alt, caption, culprit):
    with pytest.raises(ValueError, match=f"{culprit} must not be empty: say in words"):
        figure(a_line(), alt, caption)
    assert shown == []


def test_the_numbers_can_be_opened_and_are_rounded(shown):
    data = {
        "step": [0, np.int64(1), 2],
        "J": [12345.678, np.float64(0.123456), 1e-17],
        "film": ["Nero", None, float("nan")],
        "loss": [2.5e12, 1.5, 999.96],
    }
    figure(a_line(), "A line.", "Slope 2.", data=data)
    page = shown[0]._repr_html_()
    assert "</figure><details><summary>The numbers of this figure</summary><table>" in page
    assert "<th>step</th><th>J</th><th>film</th><th>loss</th>" in page
    rows = [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", page)[1:]]
    assert rows == [
        ["0", "12346", "Nero", "2.500e+12"],
        ["1", "0.1235", "None", "1.5"],
        ["2", "0", "nan", "1000"],
    ]


def test_minus_zero_and_rounding_error_read_as_zero(shown):
    figure(a_line(), "A line.", "x", data={"E": [1.0, -1e-16, -0.0, 2e-9]})
    assert re.findall("<td>(.*?)</td>", shown[0]._repr_html_()) == ["1", "0", "0", "2e-09"]


def test_small_numbers_beside_huge_or_tiny_ones_are_kept(shown):
    figure(a_line(), "A line.", "x", data={"J": [16.5, 2e30], "h": [1e-14, 3e-14]})
    cells = re.findall("<td>(.*?)</td>", shown[0]._repr_html_())
    assert cells == ["16.5", "1e-14", "2.000e+30", "3e-14"]


@pytest.mark.parametrize("data", [{}, {"x": [1, 2], "y": [1]}])
def test_uneven_columns_are_refused(shown, data):
    with pytest.raises(ValueError, match="columns of the same length"):
        figure(a_line(), "A line.", "Slope 2.", data=data)
    assert shown == []


def test_without_ipython_the_error_names_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match=r"pip install 'mfteach\[course\]'"):
        figure(a_line(), "A line.", "Slope 2.")


def test_in_a_script_the_words_are_printed():
    script = (
        "import matplotlib; matplotlib.use('Agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from mfteach.lessons.figures import figure\n"
        "figure(plt.figure(), 'Nothing yet.', 'An empty figure.')"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout == "Figure: Nothing yet.\nAn empty figure.\n"


def test_importing_figures_loads_neither_matplotlib_nor_ipython():
    script = (
        "import sys, mfteach.lessons.figures; print({'matplotlib', 'IPython'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout == "set()\n"


def colours(matrix, **options):
    """Return the RGB of each cell of a heat map as it is drawn, background included."""
    fig, ax = plt.subplots()
    heat_map(ax, matrix, title="R", **options)
    for text in ax.texts:
        text.remove()
    fig.canvas.draw()
    pixels = np.asarray(fig.canvas.buffer_rgba())[::-1]
    rows, columns = np.shape(matrix)
    found = np.empty((rows, columns, 3))
    for row, column in np.ndindex(rows, columns):
        x, y = ax.transData.transform((column, row)).astype(int)
        found[row, column] = pixels[y - 4 : y + 4, x - 4 : x + 4, :3].mean(axis=(0, 1))
    return found


def test_positive_is_blue_negative_is_red_and_zero_nearly_white():
    (positive, negative, zero), *_ = colours([[1.0, -1.0, 0.0]])
    assert positive[2] > positive[0] + 40
    assert negative[0] > negative[2] + 40
    assert zero.min() > 240


def test_one_limit_gives_one_colour_to_one_number():
    half = colours([[0.5, -0.5]], limit=2)
    among = colours([[0.5, 2.0]], limit=2)
    assert np.allclose(half[0, 0], among[0, 0], atol=1)
    alone = colours([[0.5, -0.5]])
    assert not np.allclose(half[0, 0], alone[0, 0], atol=20)


@pytest.mark.parametrize("size", [3, 20])
def test_not_rated_is_grey_and_not_zero(size):
    matrix = np.zeros((size, size))
    matrix[1, 1] = np.nan
    drawn = colours(matrix)
    grey = drawn[1, 1]
    assert np.ptp(grey) < 2
    assert grey.mean() < drawn[0, 0].mean() - 5


def texts(matrix):
    _, ax = plt.subplots()
    heat_map(ax, matrix, title="R")
    return [text.get_text() for text in ax.texts]


def test_a_small_matrix_has_its_numbers_and_no_number_where_there_is_none():
    assert texts(HOLES) == ["1.0", "−2.0", "0.0", "0.5", "4.0"]
    assert texts([[1, -1], [0, np.nan]]) == ["1", "−1", "0"]
    assert texts(np.zeros((20, 20))) == []


def test_numbers_can_be_read_on_dark_cells():
    _, ax = plt.subplots()
    heat_map(ax, [[4.0, 0.0]], title="R")
    dark, light = ax.texts
    assert (dark.get_color(), light.get_color()) == ("white", "0.15")


def test_labels_and_title():
    _, ax = plt.subplots()
    heat_map(ax, HOLES, title="R", row_labels=["Ann", "Bob"], column_labels=["Nero", 2, 3])
    assert ax.get_title(loc="left") == "R"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Ann", "Bob"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Nero", "2", "3"]


@pytest.mark.parametrize(
    ("matrix", "options", "message"),
    [
        ([1, 2], {}, r"rows and columns, but has the shape \(2,\)"),
        (np.empty((0, 2)), {}, r"not shape \(0, 2\)"),
        ([[np.inf]], {}, "infinite"),
        (HOLES, {"limit": 0}, "limit must be a positive number, but is 0"),
        (HOLES, {"limit": float("nan")}, "limit must be a positive number"),
        (HOLES, {"row_labels": list("abc")}, "row_labels holds 3 labels for 2 rows"),
        (HOLES, {"column_labels": ["a"]}, "column_labels holds 1 labels for 3 columns"),
    ],
)
def test_what_cannot_be_drawn_is_refused(matrix, options, message):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=message):
        heat_map(ax, matrix, title="R", **options)


def test_a_matrix_without_any_number_is_drawn():
    assert texts([[np.nan, np.nan]]) == []
    assert texts([[0, 0]]) == ["0", "0"]


def test_the_colours_of_lines_are_okabe_and_itos():
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle[:3] == ["#0072B2", "#D55E00", "#009E73"]
    assert len(set(cycle)) == 8


def test_contour_map_labels_its_levels_and_asks_for_all_points_at_once():
    calls = []

    def bowl(point):
        calls.append(point.shape)
        return point[0] ** 2 + point[1] ** 2

    _, ax = plt.subplots()
    lines = contour_map(ax, bowl, (-2, 2), (-1, 1), levels=[0.5, 1])
    assert calls == [(2, 201, 201)]
    assert lines.levels.tolist() == [0.5, 1]
    assert {text.get_text() for text in lines.labelTexts} == {"0.5", "1"}
    assert ax.get_xlim() == (-2, 2) and ax.get_ylim() == (-1, 1)


def test_road_map_has_a_box_for_each_station_and_an_arrow_between_two():
    _, ax = plt.subplots()
    road_map(ax, ["a", "b", "c"], shaded=[1])
    boxes = [text for text in ax.texts if text.get_text()]
    assert [text.get_text() for text in boxes] == ["a", "b", "c"]
    colours = [text.get_bbox_patch().get_facecolor() for text in boxes]
    assert colours[0] == colours[2] != colours[1]
    assert len(ax.texts) == 3 + 2
    assert not ax.axison
