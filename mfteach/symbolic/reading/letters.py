r"""The letters of a notation: what may stand in a line, and what every index counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mfteach.symbolic.reading.syntax_tree import Node

__all__ = ["KINDS", "Definition", "Letters"]

KINDS = {"m": "user", "n": "item", "k": "factor"}
"""What an index counts, by the size that it runs to."""

CONVENTION = {**dict.fromkeys("ip", "m"), **dict.fromkeys("jl", "n"), **dict.fromkeys("qst", "k")}
"""The lecture's letters for indices: used only where no slot tells what an index counts."""


@dataclass(frozen=True)
class Definition:
    """An abbreviation: what ``e_{ij}`` stands for, with i and j its parameters."""

    parameters: tuple[str, ...]
    shape: str
    text: str
    tree: Node


@dataclass(frozen=True)
class Letters:
    r"""Every letter that is declared.

    Parameters
    ----------
    shapes : mapping of str to str
        The sizes that the indices of a letter run to: ``{"u": "mk"}``.
    constants : tuple of str
        Letters without an index, such as ``\lambda``.
    definitions : mapping of str to Definition
    """

    shapes: Mapping[str, str]
    constants: tuple[str, ...] = (r"\lambda", r"\beta", r"\mu", r"\eta", r"\alpha")
    definitions: Mapping[str, Definition] = field(default_factory=dict)

    def shape(self, name: str) -> str | None:
        """Return the sizes that the indices of a letter run to; None if it is not declared."""
        if name == r"\delta":
            return "**"
        if name in self.definitions:
            return self.definitions[name].shape
        if name in self.constants or name in KINDS:
            return ""
        return self.shapes.get(name)

    def is_matrix(self, capital: str) -> bool:
        """Whether a capital letter stands for all entries of a small one."""
        return len(self.shapes.get(capital.lower(), "")) == 2 and capital.isupper()

    def names(self) -> str:
        """Name every declared letter as one would type it, for a message."""
        shapes = {**self.shapes, **{name: found.shape for name, found in self.definitions.items()}}
        typed = [_typed(name, shape) for name, shape in shapes.items()]
        return ", ".join([*typed, *(name.lstrip("\\") for name in self.constants)])


def _typed(name: str, shape: str) -> str:
    r"""Write ``\hat{r}`` as rhat_ij, and ``J^{\mathrm{ridge}}`` as J^ridge."""
    plain = re.sub(r"\\mathrm|[{}]", "", re.sub(r"\\(hat|tilde)\{(\w)\}", r"\2\1", name))
    indices = "".join("ijs"["mnk".index(size)] for size in shape)
    return f"{plain}_{indices}" if indices else plain
