"""A page in Chromium that notes what goes wrong on it; a skip where there is no Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Opened:
    """A page, its errors, and whatever it asked another machine for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def listen(self, home: str) -> None:
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url, home))

    def _note(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.outside.append(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, closed when the tests of a file are done: its event loop must not outlive them."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="not tested in a browser: playwright is not installed"
    )
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("not tested in a browser: there is no Chromium on this machine")
    with playwright.sync_playwright() as run:
        yield run.chromium.launch(executable_path=program, args=["--no-sandbox"])


@contextmanager
def visit(browser: Any, address: str, **options: Any) -> Iterator[Opened]:
    """Open a page in a context of its own; it may ask nobody but its own machine."""
    opened = Opened(browser.new_page(**options))
    home = urlsplit(address)
    opened.listen(f"{home.scheme}://{home.netloc}")
    opened.page.goto(address)
    yield opened
    opened.page.close()
