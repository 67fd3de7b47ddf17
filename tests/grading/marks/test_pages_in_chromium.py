"""The corpus in nbgrader's own pages, feedback and Formgrader, in Chromium: nothing runs."""

import shutil

import pytest
from classroom import NAME, nbgrader, run, submit
from corpus import COURSE, RIGHT, corpus
from delivery.browser import chromium_program, open_browser
from own_server import jupyter_server
from test_gradebook import MARKUP

from mfteach.grading.marks import gradebook

pytestmark = [pytest.mark.browser, pytest.mark.needs_sandbox]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with the whole corpus, and markup in every answer, graded and with feedback."""
    if not chromium_program():
        pytest.skip("not tested in a browser: there is no Chromium: sudo apt install chromium")
    folder = tmp_path_factory.mktemp("pages") / "course"
    for part in ("questions", "checks", "release"):
        shutil.copytree(COURSE / part, folder / part)
    (folder / "course.toml").write_text('secrets = "secrets.toml"\n')
    for case in corpus():
        case.submit(folder)
    for number, text in enumerate(MARKUP):
        raises = f"def tangent_line(c, n, p):\n    raise ValueError({text!r})"
        answers = {**RIGHT, "q1": text, "q3": text, "q4": text, "q6": raises, "q7": text}
        submit(folder, f"markup-{number}", answers)
    assert run(folder, NAME) == run(folder, "gradebook", NAME) == 0
    return folder


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


def looked_at(browser, addresses, home):
    """What a browser did at these pages that it should not have: dialogs, requests elsewhere.

    Some of them show the markup, as text.
    """
    found, shown, page = [], "", browser.new_page()
    page.on("dialog", lambda dialog: (found.append((page.url, dialog.message)), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((home, "data:", "blob:"))
            or found.append((page.url, request.url))
        ),
    )
    page.route(lambda url: not url.startswith((home, "data:", "blob:")), lambda way: way.abort())
    for address in addresses:
        answer = page.goto(address, wait_until="load")
        assert answer.ok, address
        shown += page.locator("body").inner_text()
    page.close()
    assert "alert(1)" in shown
    return found


def without_known(found):
    """Scripts that nbgrader's own pages fetch from elsewhere: they are the same for everybody."""
    return [(page, what) for page, what in found if "MathJax" not in what and "cdn" not in what]


def test_a_dialog_and_a_request_elsewhere_are_seen(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<p>alert(1)<script>alert(1)</script><img src=http://127.0.0.1:9/x>")
    found = looked_at(browser, [page.as_uri()], "file:")
    assert {what for _, what in without_known(found)} == {"1", "http://127.0.0.1:9/x"}


def test_nbgraders_feedback_of_the_corpus_runs_nothing(course, browser):
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    ours = looked_at(browser, [p.as_uri() for p in course.glob("feedback/*/*.html")], "file:")
    assert ours == []
    shutil.rmtree(course / "feedback")
    settings = Config()
    settings.CourseDirectory.root = str(course)
    with gradebook.tools_on_path():
        done = NbGraderAPI(config=settings).generate_feedback(NAME)
    assert done["success"], done["log"][-2000:]
    pages = sorted(course.glob("feedback/*/*/*.html"))
    assert len(pages) > 130
    assert without_known(looked_at(browser, [p.as_uri() for p in pages], "file:")) == []


@pytest.fixture(scope="module")
def formgrader(course):
    """The address of nbgrader's page for this course."""
    with jupyter_server("jupyter server", course, f"--CourseDirectory.root={course}") as address:
        yield address


def test_formgrader_shows_the_corpus_and_runs_nothing(course, browser, formgrader):
    with nbgrader(course) as book:
        ids = [each.id for each in book.notebook_submissions(NAME, NAME)]
    assert len(ids) > 130
    pages = [f"{formgrader}/formgrader/submissions/{each}/" for each in ids]
    lists = [
        f"{formgrader}/formgrader/{name}"
        for name in ("manage_students", f"gradebook/{NAME}/{NAME}")
    ]
    assert without_known(looked_at(browser, [*lists, *pages], formgrader)) == []
