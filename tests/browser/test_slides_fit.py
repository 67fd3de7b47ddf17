"""No slide overflows 16:9, and nothing on it is read as LaTeX."""

import pytest
from delivery.guides import guides

SIZE = {"width": 1280, "height": 720}
LOWEST_EDGE, RIGHTMOST_EDGE = 716, 1276

MEASURED = """() => {
  const slide = Reveal.getCurrentSlide(), box = slide.getBoundingClientRect();
  const scale = Reveal.getScale();
  const hidden = "aside, mjx-assistive-mml, mjx-speech";
  let down = 0, right = 0;
  for (const each of slide.querySelectorAll("*")) {
    if (each.closest(hidden) || !each.checkVisibility()) continue;
    const edges = each.getBoundingClientRect();
    if (!edges.width || !edges.height) continue;
    down = Math.max(down, (edges.bottom - box.top) / scale);
    right = Math.max(right, (edges.right - box.left) / scale);
  }
  return [slide.querySelector("h1, h2").innerText, Math.round(down), Math.round(right)];
}"""


def overflowing(seen, first, last):
    """The slides from first to before last that need more room, with what they need."""
    seen.page.wait_for_function("Reveal.isReady()")
    found = []
    for number in range(first, last):
        seen.page.evaluate(f"Reveal.slide({number})")
        heading, down, right = seen.page.evaluate(MEASURED)
        if down > LOWEST_EDGE or right > RIGHTMOST_EDGE:
            found.append((number + 1, heading, down, right))
    return found


def look_at(view, guide, last=None):
    seen = view()
    seen.page.set_viewport_size(SIZE)
    seen.open(f"slides/{guide.number}.html")
    total = seen.page.evaluate("Reveal.getTotalSlides()")
    assert overflowing(seen, 0, min(last or total, total)) == []
    assert seen.raw_formulas() == []
    assert seen.trouble == []


def test_the_slides_of_a_class_fit(view):
    look_at(view, guides()[4], last=9)


@pytest.mark.browser
@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.number)
def test_every_slide_fits(view, guide):
    look_at(view, guide)


def test_the_measure_finds_what_overflows(view):
    seen = view()
    seen.page.set_viewport_size(SIZE)
    seen.open("slides/05.html")
    seen.page.wait_for_function("Reveal.isReady()")
    seen.page.evaluate(
        "Reveal.getCurrentSlide().insertAdjacentHTML('beforeend', '<p>one more</p>'.repeat(30))"
    )
    _, down, _ = seen.page.evaluate(MEASURED)
    assert down > LOWEST_EDGE
