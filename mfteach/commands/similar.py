"""``mfteach similar``: the items whose factors point in nearly the same direction."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from mfteach.arguments import worded
from mfteach.commands.options import Options
from mfteach.commands.saved_model import SavedModel, row_of
from mfteach.console import Parser, UsageError, at_least_one
from mfteach.matrices.ratings import Ratings
from mfteach.recommender.similarity import neighbours

NO_DIRECTION = "its factors are all 0, as of an item without a rating that was learned from"


def add_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "similar",
        help="list the items that are most similar to an item",
        description="Read what mfteach factorize wrote, and list the items whose factors point "
        "most nearly in the direction of an item's: the cosine, how many ratings each has, the "
        "title. The direction of an item with few ratings is mostly noise.",
        epilog="An id that begins with - is typed as it is, or after --.",
    )
    parser.takes_ids = True
    parser.add_argument("factors", type=Path, metavar="FACTORS.npz", help="from mfteach factorize")
    parser.add_argument("item", metavar="ITEM", help="the item's id in the ratings file")
    parser.add_argument("-n", type=at_least_one, default=10, metavar="N", help="default: 10")
    parser.set_defaults(run=run, interface=Options(parser))


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    try:
        with worded(arguments.interface):
            return _similar(arguments)
    except KeyError as error:
        raise UsageError(error.args[0]) from error
    except ValueError as error:
        raise UsageError(error) from error


def _similar(arguments: argparse.Namespace) -> int:
    saved = SavedModel.load(arguments.factors)
    known = saved.model.ratings_
    row = row_of(arguments.item, known.item_rows, known.item_labels, "item")
    item = known.item_labels[row].item()
    (found,) = neighbours(saved.model.factors_.V, np.array([row]), known.item_labels, arguments.n)
    if not found:
        alone = saved.model.factors_.V[row].any()
        why = "no other item has any factor but 0" if alone else NO_DIRECTION
        raise UsageError(f"nothing is similar to {saved.title(item)}: {why}")
    rows = known.index_items([each.label for each in found])
    print(f"similar to {saved.title(item)}{_counted(known, row, ' ({:,} rated it)')}:")
    for place, (each, j) in enumerate(zip(found, rows, strict=True), start=1):
        counted = _counted(known, int(j), "{:>7,} rated it  ")
        print(f"{place:>3}  {each.similarity:5.2f}  {counted}{saved.title(each.label)}")
    return 0


def _counted(known: Ratings, item: int, form: str) -> str:
    """How many rated it; nothing of ratings that stayed on a cluster."""
    return form.format(known.item_counts[item]) if len(known) else ""
