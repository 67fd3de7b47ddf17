"""``mfteach recommend``: what a user may like next, and why, from a file of factors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mfteach.arguments import worded
from mfteach.commands.options import Options
from mfteach.console import UsageError, at_least_one
from mfteach.matrices.ratings import Ratings
from mfteach.matrices.saved import reading
from mfteach.recommender.matrix_factorization import MatrixFactorization, Recommendation

# How many of the user's own ratings are named as the reason of a recommendation.
REASONS = 2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "recommend",
        help="recommend items to a user, with reasons",
        description="Read what mfteach factorize wrote, and list what the user has not rated "
        "and would rate highest, with the user's ratings that contribute most to each.",
    )
    parser.add_argument("factors", type=Path, metavar="FACTORS.npz", help="from mfteach factorize")
    parser.add_argument("user", metavar="USER", help="the user's id in the ratings file")
    parser.add_argument("-n", type=at_least_one, default=10, metavar="N", help="default: 10")
    parser.set_defaults(run=run, interface=Options(parser))


def run(arguments: argparse.Namespace) -> int:
    """Do the work; bad input becomes a `UsageError`."""
    try:
        with worded(arguments.interface):
            return _recommend(arguments)
    except OSError as error:
        named = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise UsageError(named) from error
    except ValueError as error:
        raise UsageError(error) from error


def _recommend(arguments: argparse.Namespace) -> int:
    model = MatrixFactorization.load(arguments.factors)
    titles, held_out = _extras(arguments.factors)
    user = _as_label(arguments.user, model.ratings_)
    row = int(model.ratings_.index_users([user])[0])
    tested = set(model.ratings_.item_labels[held_out.get(row, [])].tolist())
    # Rated films that were held out for the test are no news to the user either.
    listed = model.recommend(user, arguments.n + len(tested))
    listed = [entry for entry in listed if entry.item not in tested][: arguments.n]
    n_rated = len(model.ratings_.by_user[row]) + len(tested)
    print(f"user {user} has rated {n_rated:,} of {model.ratings_.shape[1]:,} items; next:")
    for place, entry in enumerate(listed, start=1):
        print(f"{place:>3}  {entry.prediction:5.2f}  {titles.get(entry.item, entry.item)}")
        print(f"            {_reason(model, user, entry, titles)}")
    return 0


def _extras(path: Path) -> tuple[dict[Any, str], dict[int, list[int]]]:
    """Titles by label, and the items that each user had rated in the test part, by row number."""
    with reading(path, "holds no titles and test pairs") as saved:
        if "titles" not in saved:
            return {}, {}
        titles = {int(label): title for label, title in json.loads(str(saved["titles"])).items()}
        pairs = zip(saved["held_out_by"].tolist(), saved["held_out_item"].tolist(), strict=True)
    held_out: dict[int, list[int]] = {}
    for user, item in pairs:
        held_out.setdefault(user, []).append(item)
    return titles, held_out


def _as_label(text: str, known: Ratings) -> int | str:
    """The user as the ratings call them: a number where those are numbers."""
    if known.user_labels.dtype.kind == "U":
        return text
    try:
        return int(text)
    except ValueError:
        example = known.user_labels[0].item()
        raise ValueError(
            f"user {text!r}: users are whole numbers here, such as {example}"
        ) from None


def _reason(
    model: MatrixFactorization, user: int | str, entry: Recommendation, titles: dict[Any, str]
) -> str:
    """The user's own ratings that raised this prediction most, or what else did."""
    why = model.explain(user, entry.item)
    best = [
        f"{titles.get(item, item)}, rated {rating:g} ({share:+.2f})"
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
    return f"because people in general like it ({why.item_bias:+.2f})"
