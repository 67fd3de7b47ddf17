"""A message is printed as it is, or typeset where it contains a formula."""

import pytest

from mfteach.lessons import showing


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    found = []
    monkeypatch.setattr(showing, "ipython_display", lambda: found.append)
    return found


def test_a_text_is_printed_in_lines_that_break_between_words(shown, capsys):
    showing.show("one two three " * 20 + "\nx" * 2)
    lines = capsys.readouterr().out.splitlines()
    assert shown == []
    assert max(map(len, lines)) <= showing.LINE
    assert set(" ".join(lines).split()) == {"one", "two", "three", "x"}


def test_a_formula_is_typeset_and_has_a_text_in_words(shown, capsys):
    showing.show(r"The limit is $\frac{2}{L}$, and *that* is it.")
    assert capsys.readouterr().out == ""
    (message,) = shown
    assert message._repr_markdown_() == r"The limit is $\frac{2}{L}$, and *that* is it."
    assert repr(message) == "The limit is 2/L, and *that* is it."


def test_markdown_is_typeset_also_without_a_formula(shown):
    showing.show("See `here`.", typeset=True)
    assert [repr(message) for message in shown] == ["See `here`."]
