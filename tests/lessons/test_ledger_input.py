"""The input line of a ledger: Enter and the buttons add lines, and what is said can be heard."""

import asyncio

import pytest
from ipywidgets import HTMLMath

from mfteach.answers import Ledger
from mfteach.lessons.ledger_input import LedgerInput, ledger_input

TRUE_LINE = "-sum_{j in I_i} v_js e_ij"


@pytest.fixture
def shown():
    return LedgerInput(Ledger("u"))


def press_enter(shown):
    shown.line._handle_custom_msg({"event": "submit"}, [])


def test_the_button_adds_the_line(shown):
    shown.line.value = TRUE_LINE
    shown.add.click()
    assert shown.ledger.done
    assert "Line 1: proved." in shown.verdict.value
    assert "The goal is reached" in shown.verdict.value
    assert "The goal is reached" in shown.page.value
    assert shown.line.value == ""


def test_enter_adds_the_line_even_if_the_key_arrives_before_the_text(shown):
    async def typing():
        press_enter(shown)
        shown.line.value = TRUE_LINE
        while not shown.ledger.lines:
            await asyncio.sleep(0.01)

    asyncio.run(typing())
    assert shown.ledger.done


def test_enter_works_without_an_event_loop(shown):
    shown.line.value = TRUE_LINE
    press_enter(shown)
    assert shown.ledger.done


def test_other_messages_of_the_field_are_left_alone(shown):
    shown.line.value = TRUE_LINE
    shown.line._handle_custom_msg({"event": "blur"}, [])
    assert not shown.ledger.lines


def test_a_line_that_is_not_proved_stays_to_be_mended(shown):
    shown.line.value = "sum_{j in I_i} v_js e_ij"
    shown.add.click()
    assert "Line 1: refuted. The sign is wrong." in shown.verdict.value
    assert shown.line.value == "sum_{j in I_i} v_js e_ij"


def test_the_same_line_again_is_announced_again(shown):
    said = set()
    for _ in range(2):
        shown.line.value = "sum_{j in I_i} v_js e_ij"
        shown.add.click()
        said.add(shown.verdict.value)
    assert len(said) == 2


def test_how_a_line_was_read_is_said_beside_the_verdict(shown):
    shown.line.value = "sum_j -v_js e_ij"
    shown.add.click()
    assert "note: sum_j is read as the sum over all items" in shown.verdict.value


def test_after_a_line_the_next_one_can_be_typed_at_once(shown, monkeypatch):
    calls = []
    monkeypatch.setattr(shown.line, "send", lambda content, buffers=None: calls.append(content))
    shown.line.value = TRUE_LINE
    shown.add.click()
    assert calls == [{"do": "focus"}]


def test_formulas_are_typeset_and_what_is_said_stands_right_above_the_line(shown):
    page, verdict, line, *_ = shown.box.children
    assert (page, verdict, line) == (shown.page, shown.verdict, shown.line)
    assert isinstance(page, HTMLMath)


def test_the_rule_is_written_down(shown):
    shown.line.value = TRUE_LINE
    shown.rule.value = "chain rule"
    shown.add.click()
    assert shown.ledger.lines[0].rule.holds
    assert shown.rule.value == ""


def test_an_empty_line_adds_nothing(shown):
    shown.add.click()
    assert "Not yet" in shown.verdict.value
    assert shown.ledger.lines == []


def test_a_hint_is_shown(shown):
    shown.ask.click()
    assert "Next step" in shown.verdict.value


def test_what_is_said_is_read_aloud_and_typed_text_is_escaped(shown):
    shown.line.value = "<img src=x onerror=alert(1)> $x$"
    shown.add.click()
    assert 'role="alert"' in shown.verdict.value
    assert "<img" not in shown.verdict.value + shown.page.value


def test_formulas_are_typeset_and_typed_text_is_not(shown):
    assert type(shown.page).__name__ == "HTMLMath"
    assert type(shown.verdict).__name__ == "HTML"


def test_everything_is_labelled():
    box = ledger_input(Ledger("v"))
    _, _, line, rule, buttons = box.children
    assert line.description
    assert rule.description
    assert all(button.description for button in buttons.children)
