"""``python -m delivery site`` and so on: what ``make site``, ``slides`` and ``handout`` call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from delivery import pages, slides
from delivery.places import ROOT
from delivery.web_parts import MissingPartsError

TARGETS: dict[str, Callable[[], Path]] = {"site": pages.build, "slides": slides.build}


def main() -> int:
    """Build what is asked for and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m delivery", description=__doc__)
    parser.add_argument("what", choices=TARGETS)
    what = parser.parse_args().what
    try:
        made = TARGETS[what]()
    except MissingPartsError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Open {made.relative_to(ROOT)}, or type make site-open.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
