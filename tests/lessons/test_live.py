"""What Python writes around a figure that can be moved, and what ``live.js`` must be."""

import re
from pathlib import Path

import pytest

import mfteach.lessons
from mfteach.lessons import quiz
from mfteach.lessons.live import Live, names, renewed, script

SOURCE = (Path(mfteach.lessons.__file__).parent / "live.js").read_text(encoding="utf-8")
MOST_CHARACTERS = 24_000
LEAST_CONTRAST = 3  # of what is not text, says WCAG 2.1


def test_a_script_holds_its_own_lesson_and_no_other():
    for name in names():
        assert script(name).count(f'figure("{name}"') == 1
        assert len(re.findall("^// ==== ", script(name), re.MULTILINE)) == 1
        assert len(script(name)) < MOST_CHARACTERS


def test_names_are_unique():
    assert len(names()) == len(set(names())) > 5


def test_the_script_asks_nobody_for_anything_and_ends_no_element_early():
    assert not re.search(r"https?:|\bimport\b|\bfetch\b|</script", SOURCE)


def test_an_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"name must be .*turning_line.* 'turning'"):
        Live("turning")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(bad):
    with pytest.raises(ValueError, match="JSON"):
        Live("turning_line", height=bad)


def test_the_first_line_gives_nothing_away():
    first, _, rest = Live("turning_line", height=2).around("<figure></figure>").partition("\n")
    assert first == '<div class="live">' and "height" in rest


def test_an_old_script_is_renewed_and_nothing_else_changes():
    page = Live("turning_line", height=2).around("<figure></figure>")
    old = page.replace("class Panel", "class OldPanel")
    assert old != page and renewed(old) == page
    assert renewed("<p>x</p>") == "<p>x</p>"


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", re.findall(r"--\w+: (#\w{6})", SOURCE))
@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_each_colour_is_seen_on_white_and_on_black(colour, page):
    high, low = sorted([luminance(colour), luminance(page)], reverse=True)
    assert (high + 0.05) / (low + 0.05) >= LEAST_CONTRAST


def test_a_quiz_replies_what_check_says(capsys):
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mfteach.lessons.quizzes.ipython_display", lambda: shown.append)
        quiz("03-s30")
    (drawn,) = shown
    page = drawn._repr_html_()
    for letter in "ABCD":
        mfteach.lessons.check("03-s30", letter)
        said = " ".join(capsys.readouterr().out.split("For a hint")[0].split())
        assert f'data-letter="{letter}" data-says="{said}"' in page
    assert repr(drawn).startswith("What is the derivative of")


def test_a_quiz_needs_letters():
    with pytest.raises(ValueError, match="letters to choose from"):
        quiz("01-1")
