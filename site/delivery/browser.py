"""The pages in Chromium: a server of this machine, and a browser that reads from nowhere else."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from delivery.places import OUTPUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["MissingChromiumError", "chromium_program", "open_browser", "serving", "typeset"]


class MissingChromiumError(RuntimeError):
    """There is no Chromium on this machine; the message says how to get it."""


class _Quiet(SimpleHTTPRequestHandler):
    """Serve files without a line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path = OUTPUT, port: int = 0) -> Iterator[str]:
    """Serve a folder on this machine alone, and yield its address; port 0 is any that is free."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def chromium_program() -> str:
    """Return the Chromium of this machine, or "" where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return ""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium, without a window; close it at the end.

    Raises
    ------
    MissingChromiumError
        If there is no Chromium on this machine.
    """
    program = chromium_program()
    if not program:
        raise MissingChromiumError(
            "Chromium was not found. On Debian and Ubuntu: sudo apt install chromium"
        )
    from playwright.sync_api import sync_playwright  # the pages are built without it

    with sync_playwright() as playwright:
        # A container has little shared memory and often runs as root.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def typeset(page: Page) -> None:
    """Wait until MathJax has set every formula of a page that loads it."""
    page.wait_for_function("typeof window.MathJax?.startup?.promise?.then === 'function'")
    page.evaluate("MathJax.startup.promise.then(() => true)")
