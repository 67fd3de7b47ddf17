"""Pages in Chromium. Where it or the site is missing the tests are skipped, aloud."""

import pytest
from delivery.browser import chromium_program, open_browser, serving, typeset
from delivery.places import OUTPUT, WEB, is_current


@pytest.fixture(scope="session")
def address():
    """Where the site is served: as built from the sources that are there now."""
    if not is_current():
        pytest.skip("the site is missing or older than its sources: make site")
    with serving(OUTPUT) as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    """Chromium, closed when the tests of a file are done: its event loop must not outlive them."""
    if not chromium_program():
        pytest.skip("not tested in a browser: there is no Chromium: sudo apt install chromium")
    with open_browser() as opened:
        yield opened


class View:
    """A page that is open, and what went wrong while it loaded."""

    def __init__(self, browser, address, theme):
        self.address = address
        self.trouble = []
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=theme)
        context.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
        self.page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.trouble.append(f"console: {message.text}")

    def _asked(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.trouble.append(f"request to {request.url}")

    def open(self, name):
        """Open a page, wait for its formulas, and unfold what is folded."""
        answer = self.page.goto(f"{self.address}/{name}")
        assert answer.ok, f"{name}: {answer.status}"
        if self.page.locator("script[src*=mathjax]").count():
            typeset(self.page)
        self.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        return self

    def raw_formulas(self):
        """What a reader sees of LaTeX that nobody has typeset, outside code."""
        return self.page.evaluate(
            r"""() => {
              const hidden = "pre, code, script, style, mjx-container, .headerlink, aside.notes";
              const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const found = [];
              while (walker.nextNode()) {
                const node = walker.currentNode;
                if (node.parentElement.closest(hidden)) continue;
                if (/\$|\\frac|\\sum|\\\(/.test(node.data)) found.push(node.data.trim());
              }
              return found;
            }"""
        )

    def sideways(self, width=390):
        """How many pixels of the page stick out to the right of a phone."""
        self.page.set_viewport_size({"width": width, "height": 800})
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def barriers(self):
        """What axe-core finds serious or critical."""
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.add_script_tag(path=WEB / "axe" / "axe.min.js")
        return self.page.evaluate(
            """() => axe.run(document, {
              resultTypes: ["violations"],
              runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
            }).then(({violations}) => violations
              .filter(each => ["serious", "critical"].includes(each.impact))
              .map(each => `${each.id}: ${each.nodes.map(node => node.html).join(" ")}`))"""
        )


@pytest.fixture
def view(browser, address):
    """A function from a theme to a `View`; what it opened is closed at the end."""
    opened = []

    def show(theme="light"):
        opened.append(View(browser, address, theme))
        return opened[-1]

    yield show
    for each in opened:
        each.page.context.close()
