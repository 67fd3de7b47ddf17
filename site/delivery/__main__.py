"""``python -m delivery site`` and so on: what ``make site``, ``slides`` and ``handout`` call."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from delivery import handout, pages, screenshots, slides
from delivery.browser import MissingChromiumError, serving
from delivery.places import OUTPUT, ROOT
from delivery.web_parts import MissingPartsError, fetch

BUILDS: dict[str, Callable[[], Path]] = {
    "site": pages.build,
    "slides": slides.build,
    "handout": handout.build,
    "screenshots": screenshots.take,
}


def main() -> int:
    """Build what is asked for and say where it is; 2 if what it takes is not on this machine."""
    parser = argparse.ArgumentParser(prog="python -m delivery", description=__doc__)
    parser.add_argument("what", choices=["parts", *BUILDS, "open"])
    what = parser.parse_args().what
    if what == "open":
        return _serve()
    try:
        if what == "parts":
            fetch()
            return 0
        made = BUILDS[what]()
    except (MissingPartsError, MissingChromiumError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"Open {made.relative_to(ROOT)}" + (", or type make site-open." if what == "site" else ".")
    )
    return 0


def _serve() -> int:
    """Serve the site until Ctrl-C, on this machine alone."""
    if not (OUTPUT / "index.html").exists():
        print("There is no site yet. Build it first: make site", file=sys.stderr)
        return 2
    with serving(OUTPUT) as address:
        print(f"The site is at {address}/index.html. Stop with Ctrl-C.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
