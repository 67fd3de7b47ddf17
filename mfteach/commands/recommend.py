"""``mfteach recommend``: what users may like next, and why, from a file of factors."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mfteach.arguments import InputError, shown, worded
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
from mfteach.commands.saved_model import SavedModel, row_of
from mfteach.console import Parser, UsageError, at_least_one
from mfteach.matrices.delimited import plain_integers
from mfteach.matrices.label_tables import LabelTable
from mfteach.recommender.by_label import Recommendation

# What may be said of a file of users, and of nothing else.
OF_A_FILE = ("users", "columns", "separator", "header", "encoding")
# How many of the user's own ratings are named as the reason of a recommendation.
REASONS = 2
# Users whose lists are made at a time.
TOGETHER = 1000


def add_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "recommend",
        help="recommend items to a user, with reasons, or to many",
        description="Read what mfteach factorize wrote, and list what the user has not rated "
        "and would rate highest, with the user's ratings that contribute most to each. For many "
        "users, or with --output, write a table: user, rank, item, title (if known), prediction.",
        epilog="An id that begins with - is typed as it is, or after --.",
    )
    parser.takes_ids = True
    parser.add_argument("factors", type=Path, metavar="FACTORS.npz", help="from mfteach factorize")
    parser.add_argument("user", nargs="?", metavar="USER", help="the user's id in the ratings file")
    parser.add_argument("-n", type=at_least_one, default=10, metavar="N", help="default: 10")
    parser.add_argument(
        "--users-from",
        metavar="FILE",
        help="a file of users, one a line, or a table of any kind that factorize reads, with a "
        "column of them; each gets a list, once; - is what comes through a pipe",
    )
    parser.add_argument("--output", type=Path, metavar="FILE.csv", help="default: to the console")
    add_reading_options(parser, ("users",))
    parser.set_defaults(run=run, interface=Options(parser))


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    try:
        with worded(arguments.interface):
            return _recommend(arguments)
    except KeyError as error:
        raise UsageError(error.args[0]) from error
    except ValueError as error:
        raise UsageError(error) from error


def _recommend(arguments: argparse.Namespace) -> int:
    if (arguments.user is None) == (arguments.users_from is None):
        raise UsageError("name either a USER or, with --users-from, a file of users")
    said = [name for name in OF_A_FILE if getattr(arguments, name) is not None]
    if said and arguments.users_from is None:
        raise UsageError(f"--{said[0]} is about the file that --users-from names: give both")
    if arguments.output is not None:
        require_other_file(arguments.output, arguments.factors, arguments.users_from or "-")
        require_writable(arguments.output)
    saved = SavedModel.load(arguments.factors)
    known = saved.model.ratings_
    if not len(known):
        print(
            "the ratings stayed on the cluster: items that were rated may be in the list",
            file=sys.stderr,
        )
    if arguments.users_from is not None:
        table, (rows,) = read_known(arguments.users_from, arguments, known)
        _require_known(table, rows)
        first = np.sort(
            np.unique(rows, return_index=True)[1]
        )  # a file of ratings repeats its users
        _write(saved, rows[first], arguments.n, arguments.output)
        return 0
    row = row_of(arguments.user, known.user_rows, known.user_labels, "user")
    if arguments.output is not None:
        _write(saved, np.array([row]), arguments.n, arguments.output)
        return 0
    _show(saved, row, arguments.n)
    return 0


def _require_known(table: LabelTable, rows: NDArray[np.intp]) -> None:
    unknown = np.flatnonzero(rows < 0)
    if not len(unknown):
        return
    first = int(unknown[0])
    label, kind = table.columns[0][first], table.kind
    problem = (
        f"{table.place(first)}: user {shown(label)} is not among the users of the model, as "
        f"{len(unknown):,} of {len(rows):,} are not"
    )
    may_be_name = not (first or kind.separator or kind.header) and kind.form == "text"
    if may_be_name and plain_integers([label]) is None:
        advice = "Leave them out, or say {header} if that is the name of the column"
        raise InputError(problem, advice, header=True)
    raise InputError(problem, "Leave them out")


def _write(saved: SavedModel, rows: NDArray[np.intp], n: int, output: Path | None) -> None:
    if output is None:
        _write_table(saved, rows, n, None)
        return
    keep(output, partial(_write_table, saved, rows, n))
    say_written(output, f"{len(rows):,} {'user' if len(rows) == 1 else 'users'}")


def _write_table(saved: SavedModel, rows: NDArray[np.intp], n: int, output: Path | None) -> None:
    titled = ["title"] if saved.titles else []
    users = saved.model.ratings_.user_labels[rows].tolist()
    header = ["user", "rank", "item", *titled, "prediction"]
    with (
        table(output, header) as writer,
        progress_bar(
            total=len(rows), desc="recommending", unit="user", leave=False, delay=MOMENT
        ) as bar,
    ):
        for start in range(0, len(rows), TOGETHER):
            some = slice(start, start + TOGETHER)
            lists = saved.recommend(rows[some], n)
            for user, listed in zip(users[some], lists, strict=True):
                for rank, (item, prediction) in enumerate(listed, start=1):
                    title = [saved.titles.get(item, "")] if titled else []
                    writer.writerow([user, rank, item, *title, f"{prediction:.4f}"])
                bar.update()


def _show(saved: SavedModel, row: int, n: int) -> None:
    known = saved.model.ratings_
    user, n_rated = known.user_labels[row].item(), int(saved.rated.user_counts[row])
    (listed,) = saved.recommend(np.array([row]), n)
    if len(known):
        print(f"user {user} has rated {n_rated:,} of {known.shape[1]:,} items; next:")
    else:
        print(f"for user {user}:")
    for place, entry in enumerate(listed, start=1):
        print(f"{place:>3}  {entry.prediction:5.2f}  {saved.title(entry.item)}")
        if not len(known):
            continue
        print(f"            {_reason(saved, user, entry)}")


def _reason(saved: SavedModel, user: int | str, entry: Recommendation) -> str:
    """The user's own ratings that raised this prediction most, or what else did."""
    why = saved.model.explain(user, entry.item)
    best = [
        f"{saved.title(item)}, rated {rating:g} ({share:+.2f})"
        for item, rating, share in zip(
            why.items[:REASONS].tolist(),
            why.ratings[:REASONS].tolist(),
            why.by_item[:REASONS].tolist(),
            strict=True,
        )
        if share > 0.005  # what is printed as +0.00 is no reason
    ]
    if best:
        return "because of " + " and ".join(best)
    if saved.model.factors_.item_bias is not None:
        return f"because people in general like it ({why.item_bias:+.2f})"
    return "because of a little from each of them" if len(why.items) else "because others know it"
