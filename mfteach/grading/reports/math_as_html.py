"""Markdown with formulas as HTML that needs no script: formulas become MathML."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

_PIECE = re.compile(r"\$\$?([^$]+)\$\$?|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*")
_TAGS = ("code", "strong", "em")
_ATTRIBUTES = {
    *("accent", "accentunder", "fence", "form", "largeop", "movablelimits", "stretchy"),
    *("displaystyle", "linethickness", "mathvariant", "maxsize", "minsize", "scriptlevel"),
    *("columnalign", "depth", "height", "lspace", "rspace", "width"),
}
"""The attributes that an element of a formula may have: no links, no styles."""


def readable(text: str) -> Markup:
    """Return a Markdown text as HTML: formulas, code and emphasis; all else is escaped.

    Examples
    --------
    >>> readable("`a<b` is *not* b < a")
    Markup('<code>a&lt;b</code> is <em>not</em> b &lt; a')
    """
    parts: list[str] = []
    end = 0
    for match in _PIECE.finditer(text):
        formula, *pieces = match.groups()
        parts.append(text[end : match.start()])
        if formula is not None:
            parts.append(math(formula))
        parts += [
            Markup(f"<{tag}>{{}}</{tag}>").format(piece)
            for tag, piece in zip(_TAGS, pieces, strict=True)
            if piece is not None
        ]
        end = match.end()
    return Markup("").join([*parts, text[end:]])  # escapes what is not Markup


def math(latex: str) -> Markup:
    r"""Return a formula as MathML; one that cannot be read as its own text, escaped.

    Examples
    --------
    >>> math("x^2")
    Markup('<math><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>')
    >>> math(r"\left(a<b")
    Markup('<code>\\left(a&lt;b</code>')
    """
    try:
        formula = convert_to_element(latex)
    except Exception:  # malformed LaTeX raises more than the errors meant for it
        return Markup("<code>{}</code>").format(latex)
    for element in formula.iter():
        # The converter writes signs as references and escapes nothing: we have plain text, and
        # `tostring` escapes it.
        element.text = html.unescape(element.text or "")
        for name in element.attrib.keys() - _ATTRIBUTES:
            del element.attrib[name]
    for element in formula.iter():
        _space(element)
    return Markup(tostring(formula, encoding="unicode", short_empty_elements=False))


def _space(row: Element) -> None:
    """Space signs as a reader expects: no gap in -2 where no term comes before, none in |x|."""
    for before, sign in pairwise(row):
        if sign.text == "−" and before.tag == "mo" and before.text not in (")", "]", "|"):
            sign.set("form", "prefix")
    for sign in row:
        if sign.tag == "mo" and sign.text == "|":
            sign.attrib |= {"lspace": "0", "rspace": "0"}
