"""Markdown and stored outputs as HTML, for the slides and the handout.

Formulas are left to MathJax, which both load; no letter between dollars is taken for Markdown.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

__all__ = [
    "SETTINGS",
    "mathjax",
    "of_markdown",
    "of_output",
    "plain",
    "sentences",
    "without_typing",
]

_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")
_TYPING = re.compile(r"in place of the dots|[Rr]un (the|this) cell|`hint\(|Type |folded")
_SENTENCE = re.compile(r"(?<=[.?!])[\"*_)]*\s+(?=[\"*_(\[$A-Z0-9])")

SETTINGS = {
    "tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]]},
    "loader": {"paths": {"fonts": "[mathjax]/fonts"}},
    "output": {"displayOverflow": "linebreak"},
}


SILENT = {
    "enableMenu": False,
    "enableEnrichment": False,
    "enableSpeech": False,
    "enableBraille": False,
    "enableExplorer": False,
}
"""On paper nobody asks for a formula to be read aloud, and preparing it takes most of the time."""


def mathjax(path: str, *, spoken: bool = True) -> str:
    """Return the lines of a page's head that load MathJax from a path beside it."""
    settings = json.dumps(SETTINGS if spoken else {**SETTINGS, "options": SILENT})
    return f'<script>window.MathJax = {settings}</script>\n<script defer src="{path}"></script>'


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.use(dollarmath_plugin, renderer=_formula, allow_digits=True, double_inline=True)
    return reader


def _formula(latex: str, options: dict[str, Any]) -> str:
    begin, end = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return f"{begin}{html.escape(latex.strip(), quote=False)}{end}"


def of_markdown(text: str) -> str:
    """Turn Markdown into HTML; a link into the course keeps its words alone."""
    return str(_reader().render(_LINK.sub(r"\1", text)))


def of_output(output: dict[str, Any]) -> str:
    """Turn a stored output into HTML."""
    data = output.get("data", {})
    if "text/html" in data:
        return "".join(data["text/html"])
    if "text/markdown" in data:
        return of_markdown("".join(data["text/markdown"]))
    words = "".join(output.get("text", "") or data.get("text/plain", ""))
    if output["output_type"] == "error":
        words = f"{output['ename']}: {output['evalue']}"
    return f"<pre>{html.escape(words.rstrip())}</pre>" if words.strip() else ""


def sentences(paragraph: str) -> list[str]:
    """Cut a paragraph into sentences, but never inside a formula."""
    kept: list[str] = []
    for piece in _SENTENCE.split(" ".join(paragraph.split())):
        if kept and (kept[-1].count("$") % 2 or kept[-1].count("`") % 2):
            kept[-1] += f" {piece}"
        else:
            kept.append(piece)
    return kept


def plain(text: str) -> str:
    """Return Markdown as one line of words, to count or compare them."""
    return " ".join(re.sub(r"[*_`#]|\$\$?", "", _LINK.sub(r"\1", text)).split())


def without_typing(text: str) -> str:
    """Leave out the sentences that say where to type an answer: here are no cells."""
    return "\n\n".join(filter(None, map(_paragraph_without_typing, text.split("\n\n"))))


def _paragraph_without_typing(paragraph: str) -> str:
    if "\n" in paragraph:
        return paragraph
    return " ".join(one for one in sentences(paragraph) if not _TYPING.search(one))
