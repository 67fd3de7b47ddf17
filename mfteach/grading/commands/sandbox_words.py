"""The words about the sandbox, which grading and the demo class share."""

from __future__ import annotations

import argparse
import os

from mfteach.console import at_least_one

# Of computing alone, so that no busy machine needs slack: right answers take less than one.
SECONDS = 7.0


def add_sandbox(parser: argparse.ArgumentParser) -> None:
    """Add how many submissions run at a time, for how long, and in what."""
    parser.add_argument(
        "-j",
        "--processes",
        type=at_least_one,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many submissions run at a time (default: one for each processor)",
    )
    parser.add_argument(
        "--time-limit",
        type=_positive,
        default=SECONDS,
        metavar="S",
        help="seconds for the code of one submission (default: %(default)g)",
    )
    parser.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run student code without protection: it can read and change whatever you can",
    )


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return number
