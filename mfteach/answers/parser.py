"""Python's own parser, one thread at a time.

It keeps one depth counter for all threads of an interpreter, so two that parse at once may end in
a SystemError ("recursion depth mismatch", CPython issue 106905).
"""

from __future__ import annotations

import ast
import threading
from typing import Literal, overload

_alone = threading.Lock()


@overload
def parse(source: str) -> ast.Module: ...


@overload
def parse(source: str, mode: Literal["eval"]) -> ast.Expression: ...


def parse(source: str, mode: Literal["exec", "eval"] = "exec") -> ast.Module | ast.Expression:
    """Return the syntax tree of a source; nothing is run. Raises as `ast.parse`."""
    with _alone:
        tree = ast.parse(source, mode=mode)
    assert isinstance(tree, ast.Module | ast.Expression)
    return tree
