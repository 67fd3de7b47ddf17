"""Markdown with formulas as HTML that needs no script: x^{n-1} becomes x with a superscript."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_SIGNS = {
    **{"cdot": "·", "times": "×", "partial": "∂", "sum": "Σ", "infty": "∞", "in": "∈", "to": "→"},
    **{"le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈"},
    **{"dots": "…", "ldots": "…", "cdots": "…", "pm": "±", "sqrt": "√", "nabla": "∇", "top": "T"},
    **{"alpha": "α", "beta": "β", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "eta": "η"},
    **{"lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "theta": "θ", "odot": "⊙"},
    **{"lVert": "‖", "rVert": "‖", "Vert": "‖", "mid": "|", "quad": " ", "qquad": " "},
    **{"rightarrow": "→", "Rightarrow": "⇒", "implies": "⇒", "prime": "′", "circ": "°"},
}
_SILENT = {"left", "right", "text", "mathrm", "mathbf", "mathcal", "operatorname", "displaystyle"}
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_TOKEN = re.compile(r"\\([A-Za-z]+)|\\(.)|([{}^_])|(\s+)|(.)", re.DOTALL)
_PIECE = re.compile(r"\$\$?([^$]+)\$\$?|`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*")


def readable(text: str) -> str:
    """Return a text in Markdown as HTML: formulas, code and emphasis; all else is escaped."""
    parts, end = [], 0
    for match in _PIECE.finditer(text):
        parts.append(html.escape(text[end : match.start()]))
        formula, code, strong, emphasis = match.groups()
        if formula is not None:
            parts.append(f'<span class="math">{math(formula)}</span>')
        elif code is not None:
            parts.append(f"<code>{html.escape(code)}</code>")
        elif strong is not None:
            parts.append(f"<strong>{html.escape(strong)}</strong>")
        else:
            parts.append(f"<em>{html.escape(emphasis)}</em>")
        end = match.end()
    return "".join([*parts, html.escape(text[end:])])


def math(latex: str) -> str:
    r"""Return a formula as HTML with superscripts and subscripts.

    Examples
    --------
    >>> math(r"-15x^{-4} \cdot \frac{1}{2}")
    '−15<i>x</i><sup>−4</sup> · 1/2'
    """
    return _group(iter(_TOKEN.findall(latex)), until="").strip()


_Tokens = Iterator[tuple[str, str, str, str, str]]


def _group(tokens: _Tokens, until: str) -> str:
    parts: list[str] = []
    for token in tokens:
        if token[2] == "}" and until:
            break
        parts.append(_one(token, tokens))
    return re.sub(r"  +", " ", "".join(parts))


def _one(token: tuple[str, str, str, str, str], tokens: _Tokens) -> str:
    command, escaped, bracket, space, character = token
    if command:
        return _command(command, tokens)
    if escaped:
        return " " if escaped in ",;: !\\" else html.escape(escaped)
    if bracket in ("^", "_"):
        tag = "sup" if bracket == "^" else "sub"
        return f"<{tag}>{_argument(tokens)}</{tag}>"
    if bracket == "{":
        return _group(tokens, until="}")
    if space or bracket:
        return " " if space else ""
    if character.isascii() and character.isalpha():
        return f"<i>{character}</i>"
    return {"-": "−", "'": "′"}.get(character, html.escape(character))


def _command(name: str, tokens: _Tokens) -> str:
    if name in ("frac", "tfrac", "dfrac"):
        return f"{_operand(_argument(tokens))}/{_operand(_argument(tokens))}"
    if name in _ACCENTS:
        return re.sub(r"([A-Za-z])", rf"\1{_ACCENTS[name]}", _letters(_argument(tokens)))
    if name in _SILENT:
        return ""
    return _SIGNS.get(name, html.escape(name))


def _argument(tokens: _Tokens) -> str:
    """What a command, a ^ or a _ stands before: a group, or one token."""
    for token in tokens:
        if not token[3]:
            return _one(token, tokens)
    return ""


def _letters(markup: str) -> str:
    return re.sub(r"</?i>", "", markup)


def _operand(markup: str) -> str:
    plain = re.sub(r"<[^>]*>", "", markup)
    return markup if re.fullmatch(r"[\w.∂]+", plain) else f"({markup})"
