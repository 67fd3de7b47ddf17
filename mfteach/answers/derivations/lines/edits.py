"""One node of a syntax tree replaced, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from mfteach.symbolic.reading.syntax_tree import Node

__all__ = ["edited", "with_parts"]


def edited(tree: Node, old: Node, new: Node) -> Node:
    """Return a tree with one of its nodes, that very object, replaced."""
    if tree is old:
        return new
    return with_parts(tree, lambda part: edited(part, old, new))


def with_parts(tree: Node, change: Callable[[Node], Node]) -> Node:
    """Rebuild a node, with each of the nodes directly inside it changed."""
    new: dict[str, Any] = {}
    for field in fields(tree):
        value = getattr(tree, field.name)
        if isinstance(value, Node):
            new[field.name] = change(value)
        elif isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
            new[field.name] = tuple(change(part) for part in value)
    return replace(tree, **new) if new else tree
