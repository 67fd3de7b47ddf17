"""The reference of the package: a page for each folder, its formulas typeset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

__all__ = ["pages", "typeset", "with_formulas"]

FOLDERS = {
    "mfteach.matrices": "R, U and V: what is known and what is learned",
    "mfteach.datasets": "Ratings to learn with",
    "mfteach.loss": "J, its gradient, and the gradient check",
    "mfteach.descent": "Downhill: gradient descent, SGD, ALS",
    "mfteach.evaluation": "Measures, splits and tuning",
    "mfteach.recommender": "Recommenders",
    "mfteach.symbolic.calculus": "Slopes, powers, stationary points, gradients",
    "mfteach.symbolic.derivation": "Derivations, line by line",
    "mfteach.answers": "Judging what was typed: formulas, numbers, functions, derivations",
    "mfteach.answers.check": "Checking an answer in an exercise",
    "mfteach.lessons": "What a notebook imports",
}
"""The folders whose public names have a page, in the order of the course."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    listed = "\n".join(f"- [`{folder}`]({folder}.md): {what}" for folder, what in FOLDERS.items())
    names = "\n".join(FOLDERS)
    yield (
        "index",
        "# Reference\n\nThe public functions and classes of the package, from their docstrings.\n\n"
        f"{listed}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n",
    )
    described: set[int] = set()
    for folder, what in FOLDERS.items():
        module = import_module(folder)
        public = {name: id(getattr(module, name)) for name in module.__all__}
        again = [name for name, thing in public.items() if thing in described]
        described |= set(public.values())
        yield folder, _page(folder, what, again)


def _page(folder: str, what: str, again: list[str]) -> str:
    """Return the page of a folder, without what another page has described already."""
    without = f"   :exclude-members: {', '.join(again)}\n" if again else ""
    return (
        f"# `{folder}`\n\n{what}.\n\n```{{eval-rst}}\n.. automodule:: {folder}\n"
        f"   :members:\n   :imported-members:\n{without}```\n"
    )


_WORDS = {
    "lambda_b": r"\lambda_b",
    "lambda": r"\lambda",
    "alpha": r"\alpha",
    "beta": r"\beta",
    "sigma": r"\sigma",
    "eta": r"\eta",
    "sum": r"\sum",
    "sqrt": r"\sqrt",
    "log2": r"\log_2",
    "in": r"\in",
    "mean": r"\mu",
    "trace": r"\operatorname{trace}",
}


_SIGNS = {
    "²": "^2",
    "ᵀ": r"^{\mathsf T}",
    "⁻": "^{-",
    "¹": "1}",
    "{": r"\{",
    "}": r"\}",
    "<-": r"\leftarrow ",
}


_SYMBOL = re.compile(
    r"\bd[A-Z]/d\w+|\b[a-z]_[a-z]+\b|\blambda\b|\b[JUV]\b|(?<=user )[ip]\b|(?<=item )[jl]\b"
)


def typeset(formula: str) -> str:
    """Write a formula of a docstring, such as ``sum_{j in I_i} e_ij v_js``, in LaTeX.

    Raises
    ------
    ValueError
        If it holds a word that is not known: no formula, or one to be shown as it stands.
    """
    text = formula.replace("r-hat", "rhat")
    out: list[str] = []
    for token in re.findall(
        r"d[A-Z]/d\w+|(?:\d+|[a-z]+)/\d+|<-|[A-Za-z]+2?(?:_\{[^}]*\}|_[A-Za-z0-9]+)?|\S|\s+", text
    ):
        out.append(_token(token))
    return "".join(out)


def with_formulas(sentence: str) -> str:
    """Typeset what a sentence calls by a letter: dJ/du_is, u_i, lambda, J, user i."""
    return _SYMBOL.sub(lambda found: f"${typeset(found[0]).strip()}$", sentence)


def _token(token: str) -> str:
    partial = re.fullmatch(r"d([A-Z])/d(\w+)", token)
    if partial:
        return rf"\frac{{\partial {partial[1]}}}{{\partial {_letters(partial[2])}}}"
    fraction = re.fullmatch(r"(\w+)/(\d+)", token)
    if fraction:
        return rf"\tfrac{{{_letters(fraction[1])}}}{{{fraction[2]}}}"
    if token in _SIGNS:
        return _SIGNS[token]
    return _letters(token) + " " if token[0].isalpha() else token


def _letters(word: str) -> str:
    name, _, index = word.partition("_")
    if word in _WORDS:
        return _WORDS[word]
    if name not in _WORDS and name != "rhat" and len(name) > 2:
        raise ValueError(f"{word} is no symbol of a formula")
    letter = {"rhat": r"\hat r"}.get(name) or _WORDS.get(name, name)
    if not index:
        return letter
    inside = index.strip("{}")
    if name == "sum":
        inside = " ".join(
            _letters(part) if part[0].isalpha() else part for part in re.findall(r"\w+|\S", inside)
        )
    return f"{letter}_{{{inside}}}"


def typeset_docstring(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Typeset the indented formulas of a docstring; what is not one becomes a literal block.

    Sphinx calls this with the lines of each docstring, to be changed in place.
    """
    lines[:] = [*_written(lines)]


_HEADS = ("Parameters", "Returns", "Raises", "Yields", "Attributes", "Notes", "Examples")


def _written(lines: list[str]) -> Iterator[str]:
    place = 0
    while place < len(lines):
        if _starts_formula(lines, place):
            end = place
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield from _formulas([line for line in lines[place:end] if line.strip()])
            place = end
        elif lines[place].startswith("Source: "):  # else it would go on with the section above
            yield from ("References", "----------", lines[place].removeprefix("Source: "))
            place += 1
        else:
            yield lines[place].replace("|", r"\|")
            place += 1


def _starts_formula(lines: list[str], place: int) -> bool:
    """Whether an indented block begins here: after a blank line, and not below a heading."""
    if not lines[place].startswith("    ") or (place and lines[place - 1].strip()):
        return False
    before = [line for line in lines[:place] if line.strip()]
    return not any(line.startswith("---") for line in before)


def _formulas(block: list[str]) -> Iterator[str]:
    try:
        written = [typeset(line.strip()) for line in block]
    except ValueError:
        yield from ["::", "", *block, ""]
        return
    if len(written) == 1:
        yield from [".. math::", "", f"   {written[0]}", ""]
        return
    joined = r" \\ ".join(line.replace("=", "&=", 1) for line in written)
    yield from [".. math::", "", rf"   \begin{{aligned}} {joined} \end{{aligned}}", ""]
