"""Python's parser, in one thread at a time."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mfteach.answers.parser import parse

SOURCES = ["+".join(["x"] * n) for n in (1, 7, 50, 90)]


def test_it_is_the_parser_of_python():
    for source in SOURCES:
        assert ast.dump(parse(source)) == ast.dump(ast.parse(source))
        assert ast.dump(parse(source, "eval")) == ast.dump(ast.parse(source, mode="eval"))
    with pytest.raises(SyntaxError):
        parse("x +")


def test_threads_take_turns(monkeypatch):
    inside, most = 0, 0

    def slow(source, mode):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.005)
        inside -= 1
        return ast.Module()

    monkeypatch.setattr(ast, "parse", slow)
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(parse, SOURCES * 5))) == 20
    assert most == 1
