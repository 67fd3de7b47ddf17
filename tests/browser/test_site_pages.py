"""What a reader sees of a page: formulas typeset, nothing from elsewhere, on a desk and a phone.

Pages of four kinds in one theme belong to ``make test``, those of the others to
``make test-thorough``; all pages and both themes to ``make test-browser``.
"""

import zipfile

import pytest
from cases import some
from delivery.lessons import lessons
from delivery.places import OUTPUT, SITE
from delivery.proof_pages import pages as proofs

ONE_OF_EACH = [
    "05_walking_downhill.html",
    "index.html",
    "proofs/delta_step.html",
    "reference/mfteach.loss.html",
    "rows.html",
    "instructors/05.html",
]


def every_page():
    """All pages that are built, from their sources."""
    yield from (f"{lesson.name}.html" for lesson in lessons())
    yield from (f"proofs/{name}.html" for name, _ in proofs(lessons()))
    yield from (f"instructors/{file.stem}.html" for file in (SITE / "instructors").glob("*.md"))
    for file in (SITE / "pages").rglob("*.md"):
        yield file.relative_to(SITE / "pages").with_suffix(".html").as_posix()
    yield from (f"reference/{file.name}" for file in (OUTPUT / "reference").glob("*.html"))


def look_at(view, name, theme):
    seen = view(theme).open(name)
    assert seen.raw_formulas() == []
    assert seen.barriers() == []
    assert seen.sideways() == 0
    assert seen.trouble == []


@pytest.mark.parametrize("name", some(ONE_OF_EACH, 4))
def test_a_page_of_each_kind_can_be_read(view, name):
    look_at(view, name, "light")


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(every_page()))
def test_every_page_can_be_read_in_both_themes(view, name, theme):
    look_at(view, name, theme)


def test_the_search_finds_the_saddle(view):
    page = view().open("search.html?q=saddle").page
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("partial derivatives" in title for title in found)


def test_the_home_page_has_all_lessons_to_download(view):
    page = view().open("index.html").page
    with page.expect_download() as downloading:
        page.locator("p.launch a[download]").click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        assert archive.namelist() == [f"notebooks/{lesson.file.name}" for lesson in lessons()]


def test_a_solution_is_folded_until_it_is_asked_for(view):
    page = view().page
    page.goto(f"{view().address}/05_walking_downhill.html")
    solution = page.locator("details.solution").first
    assert not solution.locator("p").is_visible()
    solution.locator("summary").click()
    assert "second derivative" in solution.inner_text()


@pytest.mark.parametrize("theme", some(["light", "dark"], 1))
def test_a_line_of_a_proof_has_an_address_and_can_be_read_there(view, theme):
    seen = view(theme).open("proofs/gradient_u.html#line-4")
    assert seen.barriers() == []
    line = seen.page.locator("#line-4")
    assert line.evaluate("each => each.matches(':target')")
    assert line.locator("a").get_attribute("href") == "#line-4"


def test_the_theme_can_be_changed(view):
    page = view("light").open("index.html").page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator(".theme-switch-button").click()
    page.locator(".theme-change-button[data-mode=dark]").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate(background) != light
