"""``mfteach predict``: the predicted rating of each pair in a file."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import worded
from mfteach.arguments.waiting import MOMENT, progress_bar
from mfteach.commands.label_files import read_known
from mfteach.commands.options import Options, add_reading_options
from mfteach.commands.outputs import (
    keep,
    require_other_file,
    require_writable,
    say_written,
    table,
)
from mfteach.console import Parser, UsageError
from mfteach.matrices.label_tables import LabelTable
from mfteach.recommender.matrix_factorization import MatrixFactorization
from mfteach.recommender.unknown import Unknown, predict_rows


def add_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "predict",
        help="predict the ratings of a file of pairs",
        description="Read what mfteach factorize wrote, and write a table: user, item, "
        "prediction. A pair with an unknown user or item gets the mean of the ratings plus the "
        "bias that is known (or a blank, if the model was saved with unknown='nan'), and how many "
        "there are is said.",
    )
    parser.add_argument("factors", type=Path, metavar="FACTORS.npz", help="from mfteach factorize")
    parser.add_argument(
        "pairs",
        metavar="PAIRS",
        help="a file with a user and an item on each line, of any kind that factorize reads; - is "
        "what comes through a pipe",
    )
    parser.add_argument("--output", type=Path, metavar="FILE.csv", help="default: to the console")
    add_reading_options(parser, ("users", "items"))
    parser.set_defaults(run=run, interface=Options(parser))


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    try:
        with worded(arguments.interface):
            return _predict(arguments)
    except KeyError as error:
        raise UsageError(error.args[0]) from error
    except ValueError as error:
        raise UsageError(error) from error


def _predict(arguments: argparse.Namespace) -> int:
    if arguments.output is not None:
        require_other_file(arguments.output, arguments.factors, arguments.pairs)
        require_writable(arguments.output)
    model = MatrixFactorization.load(arguments.factors)
    known = model.ratings_
    table, (i, j) = read_known(arguments.pairs, arguments, known)
    unknown: Unknown = "nan" if model.unknown == "nan" else "mean"
    predicted = predict_rows(model.factors_, i, j, unknown, known)
    _say_unknown(i, j, "no prediction" if unknown == "nan" else "the mean and the known bias")
    if arguments.output is None:
        _write(table, predicted, None)
        return 0
    keep(arguments.output, partial(_write, table, predicted))
    say_written(arguments.output, f"{len(predicted):,} predictions")
    return 0


def _say_unknown(i: NDArray[np.intp], j: NDArray[np.intp], answer: str) -> None:
    """Beside the table, which may go through a pipe."""
    user, item = i < 0, j < 0
    either = int((user | item).sum())
    if either:
        print(
            f"{either:,} of {len(i):,} pairs have a user ({user.sum():,}) or an item "
            f"({item.sum():,}) that the model does not know: they get {answer}",
            file=sys.stderr,
        )


def _write(asked: LabelTable, predicted: NDArray[np.floating[Any]], output: Path | None) -> None:
    shown = zip(*asked.columns, predicted.tolist(), strict=True)
    with table(output, ["user", "item", "prediction"]) as writer:
        for user, item, number in progress_bar(
            shown, total=len(predicted), desc="writing", unit="pair", leave=False, delay=MOMENT
        ):
            writer.writerow([user, item, "" if np.isnan(number) else f"{number:.4f}"])
