"""Pictures of the twelve views that matter most, to be looked at one by one."""

from __future__ import annotations

from pathlib import Path

from delivery.browser import open_browser, serving, typeset
from delivery.places import SCREENSHOTS

__all__ = ["VIEWS", "take"]

DESK, PHONE = (1280, 900), (390, 800)

VIEWS = (
    ("home", "index.html", "light", DESK),
    ("home-dark-phone", "index.html", "dark", PHONE),
    ("lesson", "05_walking_downhill.html#which-way-is-uphill", "light", DESK),
    ("lesson-dark", "06_from_ratings_to_a_loss.html#where-should-cleopatra-be", "dark", DESK),
    ("lesson-phone", "01_slopes_of_lines_and_curves.html#a-line-that-turns", "light", PHONE),
    ("ledger", "07_the_big_hairy_derivative.html#the-five-lines", "light", DESK),
    ("exercises", "05_walking_downhill.html#exercises", "dark", DESK),
    ("proof", "proofs/gradient_u.html", "dark", DESK),
    ("proof-phone", "proofs/gradient_u.html", "light", PHONE),
    ("rows", "rows.html", "light", DESK),
    ("reference", "reference/mfteach.loss.html", "light", DESK),
    ("slide", "slides/05.html#/8", "light", (1280, 720)),
)
"""The name of the picture, the page, the theme, and the size of the window."""


def take() -> Path:
    """Open each view with all its folds unfolded, take its picture, and return the folder.

    Raises
    ------
    MissingChromiumError
        If there is no Chromium on this machine.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with serving() as address, open_browser() as browser:
        for name, page, theme, (width, height) in VIEWS:
            view = browser.new_page(viewport={"width": width, "height": height})
            view.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
            view.goto(f"{address}/{page}")
            typeset(view)
            view.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            view.evaluate("document.querySelector(':target')?.scrollIntoView()")
            view.screenshot(path=SCREENSHOTS / f"{name}.png")
            view.close()
    return SCREENSHOTS
