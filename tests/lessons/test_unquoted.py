"""An answer without quotes gets a sentence, and every other error stays an error."""

import linecache
import sys
from types import SimpleNamespace

import pytest

from mfteach.lessons import unquoted

CHECK = 'check("05-1", answer)'


def error_of(cell):
    """Run a cell as IPython does, with its lines where tracebacks look for them."""
    name = "/somewhere/ipykernel_1/cell.py"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    try:
        exec(compile(cell, name, "exec"), {})
    except (NameError, SyntaxError):
        return sys.exc_info()
    raise AssertionError("the cell did not fail")


@pytest.fixture
def shell():
    """An IPython that notes what it is asked to show."""
    shown = []
    return SimpleNamespace(
        shown=shown,
        custom_exceptions=(),
        showtraceback=lambda *error, tb_offset: shown.append("traceback"),
        showsyntaxerror=lambda: shown.append("syntax"),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("answer = D", 'If it is your answer, put it in quotes: "D".'),
        ("answer = −2", "type the hyphen"),
        ("answer = 6x", "cannot read this cell in line 1"),
        ("answer = 2 x + 1", "need quotes"),
        ('answer = "6x', "are all quotes and parentheses closed?"),
    ],
)
def test_an_answer_without_quotes_gets_a_sentence(line, words, shell, capsys):
    unquoted._handle(shell, *error_of(f"{line}\n{CHECK}"))
    told = capsys.readouterr().out
    assert words in told
    assert shell.shown == []


@pytest.mark.parametrize(("cell", "kind"), [("nobody", "traceback"), ("6x", "syntax")])
def test_a_cell_that_does_not_ask_keeps_its_error(cell, kind, shell, capsys):
    unquoted._handle(shell, *error_of(cell))
    assert shell.shown == [kind]
    assert capsys.readouterr().out == ""


def test_it_is_set_up_once_and_only_where_nobody_else_is(monkeypatch):
    import IPython

    taken = []
    shell = SimpleNamespace(custom_exceptions=(), set_custom_exc=lambda *how: taken.append(how))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    unquoted.explain_in_this_notebook()
    assert taken == [((NameError, SyntaxError), unquoted._handle)]
    shell.custom_exceptions = (NameError,)
    unquoted.explain_in_this_notebook()
    assert len(taken) == 1
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    unquoted.explain_in_this_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    unquoted.explain_in_this_notebook()
    assert len(taken) == 1
