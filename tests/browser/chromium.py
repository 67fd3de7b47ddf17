"""A page in Chromium that notes what goes wrong on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


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


@contextmanager
def visit(browser: Any, address: str, **options: Any) -> Iterator[Opened]:
    """Open a page in a context of its own; it may ask nobody but its own machine."""
    opened = Opened(browser.new_page(**options))
    home = urlsplit(address)
    opened.listen(f"{home.scheme}://{home.netloc}")
    opened.page.goto(address)
    yield opened
    opened.page.close()
