"""The figures of the course, all in one style, each with a text that says what it shows.

``plt.style.use("mfteach.course")`` sets the style. matplotlib and IPython are loaded when the first
figure is drawn.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from mfteach.arguments import (
    InputError,
    WrongType,
    function,
    having,
    instance,
    mapping,
    real_number,
    real_numbers,
    row_numbers,
    shown,
    text,
)
from mfteach.lessons.live import Live

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from numpy.typing import ArrayLike, NDArray

MOST_CELLS_WITH_NUMBERS = 150
"""A heat map with more cells than this has no room for their numbers."""

PIXELS_PER_PIXEL = 2
"""How many pixels a picture has for each one that it takes on a page."""


class Drawn:
    """A figure or a question ready to display: as HTML if possible, otherwise as text."""

    def __init__(self, page: str, words: str) -> None:
        self._page = page
        self._words = words

    def _repr_html_(self) -> str:
        return self._page

    def __repr__(self) -> str:
        return self._words


def figure(
    fig: Figure,
    alt: str,
    caption: str,
    data: Mapping[str, Sequence[Any]] | None = None,
    live: Live | None = None,
) -> None:
    """Show a figure with a text for readers who cannot see it, and close it.

    The output is an HTML ``<figure>`` with the picture inside, and the text alone as its plain-text
    version, so it reads the same in JupyterLab, on a web page and in a terminal.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The drawing. It is closed afterwards, so that it is not shown twice.
    alt : str
        What the picture shows, for a reader who cannot see it: the axes, the shape, the message.
    caption : str
        The sentence below the picture.
    data : mapping of str to sequence, optional
        Column names and their values, all of the same length: a table that opens below the figure.
        Numbers are rounded to four significant digits.
    live : Live, optional
        What can be moved in place of the picture, wherever scripts run.

    Raises
    ------
    ValueError
        If ``alt`` or ``caption`` is empty, or the columns of ``data`` differ in length.
    ImportError
        If IPython, which shows the figure, is not installed.
    """
    for name, words in (("alt", alt), ("caption", caption)):
        text(words, name, "say in words what the picture shows")
    having(fig, "fig", ("savefig",), "a figure of matplotlib")
    if live is not None:
        instance(live, "live", Live)
    table = "" if data is None else _table(data)
    display = ipython_display()
    import matplotlib.pyplot as plt

    width = round(fig.get_figwidth() * fig.dpi)
    # JupyterLab shows the first line of an output that is folded: here no more than <figure>.
    page = (
        f'<figure>\n<img src="data:image/png;base64,{_png(fig)}" alt="{html.escape(alt)}" '
        f'style="width:{width}px;max-width:100%">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>{table}"
    )
    if live is not None:
        page = live.around(page)
    plt.close(fig)
    display(Drawn(page, f"Figure: {alt}\n{caption}"))


def heat_map(
    ax: Axes,
    matrix: ArrayLike,
    *,
    title: str,
    row_labels: Sequence[object] | None = None,
    column_labels: Sequence[object] | None = None,
    limit: float | None = None,
) -> AxesImage:
    """Draw a matrix as colours: blue above zero, red below, hatched or grey where it is NaN.

    NaN means "not rated". To show R, U V^T and E side by side, give all three the same ``limit``,
    so that a colour means the same number in each. Up to 150 cells show their numbers.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    matrix : array_like of shape (n_rows, n_columns)
        The numbers, with NaN where there is none.
    title : str
        Shown above the matrix.
    row_labels, column_labels : sequence, optional
        One label per row or column; without them the axis has no ticks.
    limit : float, optional
        The colours run from ``-limit`` to ``limit``. By default the largest absolute value.

    Returns
    -------
    matplotlib.image.AxesImage
        For ``fig.colorbar``.

    Raises
    ------
    ValueError
        If the matrix is not two-dimensional, is empty or contains an infinity, if the labels do
        not match it, or if ``limit`` is not a positive number.

    Source: lecture row S47 (R, its prediction, and the errors between them).
    """
    _require_axes(ax)
    text(title, "title")
    values = real_numbers(matrix, "matrix", 2).astype(float)
    limit = _colour_limit(values, limit)
    n_rows, n_columns = values.shape
    small = values.size <= MOST_CELLS_WITH_NUMBERS
    image = ax.imshow(
        np.ma.masked_invalid(values),
        cmap="RdBu",
        vmin=-limit,
        vmax=limit,
        aspect="equal" if small else "auto",
        interpolation="nearest",
    )
    # Masked cells are transparent and show the background, which is hatched if the cells are large
    # enough.
    if small:
        ax.patch.set(facecolor="0.93", edgecolor="0.6", hatch="////")
    else:
        ax.patch.set(facecolor="0.82")
    ax.set_title(title)
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    _label(ax.set_yticks, row_labels, n_rows, "row")
    _label(ax.set_xticks, column_labels, n_columns, "column")
    if column_labels is not None and max(len(str(label)) for label in column_labels) > 3:
        ax.tick_params("x", rotation=40)
        for tick in ax.get_xticklabels():
            tick.set(ha="right", rotation_mode="anchor")
    if small:
        _separate_cells(ax, n_rows, n_columns)
        _write_numbers(ax, values, limit)
    return image


def contour_map(
    ax: Axes,
    value: Callable[[NDArray[np.float64]], Any],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    levels: Sequence[float],
) -> QuadContourSet:
    """Draw the contour lines of a function of two variables, like heights on a hiking map.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    value : callable
        Takes an array whose rows are x and y, and returns f(x, y); it is called once with all
        points of the map.
    x_range, y_range : (float, float)
        The part of the plane to draw.
    levels : sequence of float
        The heights of the lines, in increasing order; each is written on its line.

    Returns
    -------
    matplotlib.contour.QuadContourSet
        The lines.
    """
    _require_axes(ax)
    function(value, "value")
    x_range, y_range = _interval(x_range, "x_range"), _interval(y_range, "y_range")
    levels = real_numbers(levels, "levels", 1).tolist()
    x, y = np.meshgrid(np.linspace(*x_range, 201), np.linspace(*y_range, 201))
    from matplotlib import colormaps

    colours = colormaps["viridis"](np.linspace(0, 0.75, len(levels)))  # yellow is too pale to read
    lines = ax.contour(x, y, value(np.array([x, y])), levels=levels, colors=colours, linewidths=1.2)
    ax.clabel(lines, fontsize="small", fmt="%g")
    return lines


def road_map(ax: Axes, stations: Sequence[str], shaded: Sequence[int] = ()) -> None:
    """Draw stations as boxes in a row, joined by arrows.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its axes are hidden.
    stations : sequence of str
        The text in the boxes, from left to right.
    shaded : sequence of int
        The positions of the boxes to highlight, from 0.
    """
    _require_axes(ax)
    if isinstance(stations, str) or not isinstance(stations, Collection):
        raise WrongType(f"must be a list of texts, but is {shown(stations)}", argument="stations")
    shaded = row_numbers(shaded, "shaded", len(stations)).tolist()
    for place, words in enumerate(stations):
        box = {
            "boxstyle": "round,pad=0.4",
            "facecolor": "C1" if place in shaded else "white",
            "alpha": 0.6,
        }
        ax.text(place, 0, words, ha="center", va="center", fontsize="x-small", bbox=box)
        if place:
            arrow = {"arrowstyle": "->"}
            ax.annotate("", (place - 0.38, 0), (place - 0.6, 0), arrowprops=arrow)
    ax.set(xlim=(-0.5, len(stations) - 0.5), ylim=(-1, 1))
    ax.axis("off")


def _require_axes(ax: Any) -> None:
    having(ax, "ax", ("add_artist", "annotate"), "the Axes of a matplotlib figure")


def _interval(ends: Any, name: str) -> tuple[float, float]:
    low, high = real_numbers(ends, name, 1).tolist() if np.size(ends) == 2 else (np.nan, np.nan)
    if not low < high:
        raise InputError(
            f"must be two numbers, the smaller one first, but is {shown(ends)}", argument=name
        )
    return real_number(low, name), real_number(high, name)


def ipython_display() -> Any:
    """Return IPython's ``display``.

    Raises
    ------
    ImportError
        If IPython is not installed.
    """
    try:
        from IPython.display import display
    except ImportError as error:
        raise ImportError(
            "IPython shows the figures and is missing: python -m pip install 'mfteach[course]'"
        ) from error
    return display


def _png(fig: Figure) -> str:
    """Encode the figure as PNG in base64, without the program's version in it.

    It has more pixels than it is wide on the page, so that it is sharp on a dense screen.
    """
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=PIXELS_PER_PIXEL * fig.dpi, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _table(data: Mapping[str, Sequence[Any]]) -> str:
    columns = {
        str(name): [_number(x) for x in _tidy(column)]
        for name, column in mapping(data, "data").items()
    }
    lengths = {name: len(column) for name, column in columns.items()}
    if not columns or len(set(lengths.values())) != 1:
        raise InputError(
            f"must hold columns of the same length, but holds {lengths}",
            "give each column one value per row",
            argument="data",
        )
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in zip(*columns.values(), strict=True)
    )
    return (
        "<details><summary>The numbers of this figure</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _tidy(column: Sequence[Any]) -> list[Any]:
    """Set rounding errors to zero: their digits differ between machines."""
    sizes = [abs(float(x)) for x in column if isinstance(x, Real) and math.isfinite(x)]
    noise = 1e-12 * min(1.0, max(sizes, default=0.0))
    return [0.0 if isinstance(x, Real) and abs(float(x)) < noise else x for x in column]


def _number(x: object) -> str:
    if isinstance(x, (bool, np.bool_, Integral)) or not isinstance(x, Real):
        return str(x)
    x = float(x)
    if abs(x) >= 1000:
        return f"{x:.0f}" if abs(x) < 1e9 else f"{x:.3e}"
    return f"{x:.4g}"


def _colour_limit(values: NDArray[np.float64], limit: float | None) -> float:
    if values.size == 0:
        raise InputError(f"must have rows and columns, not shape {values.shape}", argument="matrix")
    if np.isinf(values).any():
        raise InputError(
            "holds an infinite value: only numbers and NaN have a colour", argument="matrix"
        )
    if limit is None:
        largest = np.abs(values[~np.isnan(values)]).max(initial=0.0)
        return float(largest) or 1.0
    return real_number(limit, "limit", "(0, inf)")


def _label(set_ticks: Any, labels: Sequence[object] | None, n: int, what: str) -> None:
    if labels is None:
        set_ticks([])
        return
    if isinstance(labels, str) or not isinstance(labels, Collection):
        raise WrongType(f"must be a list, but is {shown(labels)}", argument=f"{what}_labels")
    if len(labels) != n:
        raise InputError(
            f"holds {len(labels)} labels for {n} {what}s: give one each", argument=f"{what}_labels"
        )
    set_ticks(range(n), labels=[str(label) for label in labels])


def _separate_cells(ax: Axes, n_rows: int, n_columns: int) -> None:
    """Draw white lines between the cells."""
    ax.set_xticks(np.arange(n_columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(n_rows + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="minor", length=0)


def _write_numbers(ax: Axes, values: NDArray[np.float64], limit: float) -> None:
    given = values[~np.isnan(values)]
    digits = 0 if np.array_equal(given, np.round(given)) else 1
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        # Adding 0 turns the -0 that rounding leaves into 0.
        label = f"{value.round(digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")
        ink = "white" if abs(value) > 0.6 * limit else "0.15"
        ax.text(column, row, label, ha="center", va="center", color=ink, fontsize="small")
