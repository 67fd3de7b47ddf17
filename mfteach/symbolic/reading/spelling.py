r"""Plain text, unicode and LaTeX, cut into the same tokens, each with its place in what was typed.

``Σ_{j∈I_i} −vⱼₛ``, ``\sum_{j \in I_i} -v_{js}`` and ``sum_{j in I_i} -v_js`` give the same tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from mfteach.symbolic.reading.characters import (
    DIVISION,
    LOOK_ALIKES,
    MINUS,
    NO_WIDTH,
    PRIMES,
    TIMES,
    note_on_look_alike,
)
from mfteach.symbolic.reading.errors import NotationError

__all__ = ["MAX_LENGTH", "Spelled", "Token", "spell"]

MAX_LENGTH = 1_000

_SIGNS = (
    dict.fromkeys(MINUS, "-")
    | dict.fromkeys(TIMES, "*")
    | dict.fromkeys(DIVISION, "/")
    | dict.fromkeys("∘⊙⨀", "\\circ ")
    | dict.fromkeys("∑Σ", "\\sum ")
    | dict.fromkeys("∂𝜕𝛛", "\\partial ")
    | dict.fromkeys("∈∊ϵ", "\\in ")
    | dict.fromkeys("←⟵⇐≔", "\\leftarrow ")
    | dict.fromkeys("‖∥", "\\|")
    | dict.fromkeys("∣｜", "|")
    | dict.fromkeys(PRIMES, "'")
    | dict.fromkeys("⊤⊺", "\\top ")
    | dict.fromkeys("…⋯", "...")
    | dict.fromkeys("≤⩽", "<=")
    | {
        "α": "\\alpha ",
        "λ": "\\lambda ",
        "β": "\\beta ",
        "μ": "\\mu ",
        "η": "\\eta ",
        "δ": "\\delta ",
    }
    | dict.fromkeys("\u2061\u2062\u2063", " ")
    | {"\u2064": "+"}
)
# No line has a small Greek letter but those above, so these can only be meant for Latin ones.
_LOOK_ALIKES = LOOK_ALIKES | dict(zip("νυιρχκ", "vuipxk", strict=True))
_ARROW = "\u20d7"  # over a vector
_ACCENTS = {"\u0302": "\\hat", "\u0303": "\\tilde"}

_STYLES = "mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|vec|text|textrm|operatorname|mathbb"
_SPACING = (
    "quad|qquad|displaystyle|textstyle|scriptstyle|limits|nolimits|left|right|middle|"
    "[bB]igg?[lrm]?|mathstrut|hfill"
)
_WORDS = (
    "sum|over|from|of|for|all|in|to|alpha|lambda|beta|eta|mu|delta|"
    "ridge|count|bias|implicit|hat|tilde|partial"
)
_TOKEN = re.compile(
    rf"(?P<silent>\s+|\\[,;:!>/ ]|~(?!_)|\\(?:left|right)\s*\.|\\(?:{_SPACING})(?![A-Za-z])"
    r"|&|\\\\|\$|\\[()\[\]])"
    r"|(?P<one>\\(?:mathbf|boldsymbol|mathbb|mathds)\s*(?:\{\s*1\s*\}|1))"
    rf"|\\(?:{_STYLES})\s*(?:\{{\s*(?P<styled>[A-Za-z]+)\s*\}}|(?P<bold>[A-Za-z])(?![A-Za-z]))"
    r"|(?:(?<![A-Za-z])|(?<=\bd))(?P<accented>[A-Za-z])(?:_?(?P<accent>hat|tilde)(?![A-Za-z])|(?P<mark>[\^~])(?=_))"
    rf"|(?:(?<![A-Za-z])|(?<=J)|(?<=\bd))(?P<word>{_WORDS}|[Ss]um|SUM)(?![A-Za-z])"
    r"|(?P<command>\\(?:[A-Za-z]+|[|{}]))"
    r"|(?P<dots>\.\.\.?)"
    r"|(?P<number>[0-9]+(?:\.(?!\.)[0-9]+)?|\.[0-9]+)"
    r"|(?P<letter>[A-Za-z]'*)"
    r"|(?P<sign>\*\*|:=|\+=|-=|<-|<=|\|\||[-+*/^_=()\[\]{}|,:;.])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SAME = {
    **dict.fromkeys((r"\dfrac", r"\tfrac", r"\cfrac"), r"\frac"),
    **dict.fromkeys((r"\cdot", r"\times", r"\ast", r"\bullet"), "*"),
    **dict.fromkeys((r"\odot", r"\circ"), r"\circ"),
    **dict.fromkeys((r"\lVert", r"\rVert", r"\Vert", "||"), r"\|"),
    **dict.fromkeys((r"\lvert", r"\rvert", r"\vert", r"\mid"), "|"),
    **dict.fromkeys((r"\intercal", r"\top"), r"\top"),
    **dict.fromkeys((r"\gets", ":=", "<-", r"\coloneqq", r"\leftarrow"), r"\leftarrow"),
    **dict.fromkeys((r"\ldots", r"\dots", r"\cdots", r"\dotsc", ".."), "..."),
    **dict.fromkeys((r"\le", r"\leq", r"\leqslant"), "<="),
    **dict.fromkeys(("Sum", "SUM", "sum"), r"\sum"),
    **dict.fromkeys((r"\widehat", "hat"), r"\hat"),
    **dict.fromkeys((r"\widetilde", "tilde"), r"\tilde"),
    **dict.fromkeys((r"\lbrack",), "["),
    **dict.fromkeys((r"\rbrack",), "]"),
    **dict.fromkeys((r"\lbrace",), r"\{"),
    **dict.fromkeys((r"\rbrace",), r"\}"),
    **{
        word: rf"\{word}"
        for word in ("alpha", "lambda", "beta", "eta", "mu", "delta", "partial", "in")
    },
    "**": "^",
    r"\colon": ":",
}


@dataclass(frozen=True)
class Token:
    r"""A piece of a line.

    Parameters
    ----------
    kind : {"letter", "number", "word", "sign"}
        A LaTeX command such as ``\sum`` is a sign.
    text : str
        Its one spelling.
    start, end : int
        Its place in what was typed.
    spaced : bool
        Whether anything stands between it and the token before.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False

    @property
    def value(self) -> Fraction:
        """The number that was typed."""
        return Fraction(self.text)


class Spelled(NamedTuple):
    """The tokens of a line, and how unusual letters in it were read."""

    tokens: list[Token]
    notes: tuple[str, ...]


class _Piece(NamedTuple):
    """One character in plain spelling, and which characters of the text it stands for."""

    character: str
    start: int
    end: int


def spell(text: str) -> Spelled:
    """Cut a line into tokens.

    Raises
    ------
    NotationError
        If it is not text, too long, or contains a sign without a meaning.
    """
    if not isinstance(text, str):
        raise NotationError(f"a line is text, not {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise NotationError(f"a line has at most {MAX_LENGTH} characters, and this has {len(text)}")
    notes: list[str] = []
    pieces = list(_pieces(text, notes))
    plain = "".join(piece.character for piece in pieces)
    return Spelled(list(_tokens(plain, pieces, text)), tuple(dict.fromkeys(notes)))


def _pieces(text: str, notes: list[str]) -> Iterator[_Piece]:
    place = 0
    for style, run in groupby(text, _style):
        part = "".join(run)
        end = place + len(part)
        if style in ("super", "sub"):
            inside = unicodedata.normalize("NFKC", part).replace("−", "-")
            for character in f"{'^' if style == 'super' else '_'}{{{inside}}}":
                yield _Piece(character, place, end)
        else:
            yield from _plain_run(part, place, notes)
        place = end


def _style(character: str) -> str:
    return unicodedata.decomposition(character).partition(" ")[0].strip("<>")


def _plain_run(part: str, place: int, notes: list[str]) -> Iterator[_Piece]:
    for match in re.finditer(r".[\u0300-\u036f\u20d0-\u20ff]*", part, re.DOTALL):
        start, end = place + match.start(), place + match.end()
        for character in _spelling(match[0], notes):
            yield _Piece(character, start, end)


def _spelling(typed: str, notes: list[str]) -> str:
    """Spell one character, with the accents on it, in ASCII where it has such a spelling."""
    first = typed[0]
    if typed in _SIGNS:
        return _SIGNS[typed]
    if first in NO_WIDTH:
        return ""
    plain = unicodedata.normalize("NFKD", typed)
    if "\u2044" in plain:  # a fraction such as ½
        return "\\frac{{{}}}{{{}}}".format(*plain.split("\u2044"))
    letter, marks = _look_alike(plain[0], notes), plain[1:].replace(_ARROW, "")
    if marks in _ACCENTS:
        return f"{_ACCENTS[marks]}{{{letter}}}"
    if any(map(unicodedata.combining, marks)):
        return marks  # ≠ and é have no meaning here, and must not become = and e
    return _SIGNS.get(letter + marks, letter + marks)


def _look_alike(letter: str, notes: list[str]) -> str:
    plain = _LOOK_ALIKES.get(letter)
    if plain is None:
        return letter
    notes.append(note_on_look_alike(letter, plain))
    return plain


def _tokens(plain: str, pieces: list[_Piece], text: str) -> Iterator[Token]:
    spaced = False
    for match in _TOKEN.finditer(plain):
        start, end = pieces[match.start()].start, pieces[match.end() - 1].end
        groups = {name: found for name, found in match.groupdict().items() if found is not None}
        if "silent" in groups:
            spaced = True
            continue
        if "other" in groups:
            raise NotationError(_meaningless(groups["other"]), text, start, end)
        for kind, spelling in _spelled_out(groups):
            yield Token(kind, spelling, start, end, spaced)
            spaced = False


def _spelled_out(groups: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the one spelling of what a match of the pattern stands for."""
    styled = groups.get("styled") or groups.get("bold")
    if "one" in groups:  # a bold 1 is the identity matrix
        yield "letter", "I"
    elif styled:
        if re.fullmatch(_WORDS, styled):
            yield "word", styled
        else:
            yield from (("letter", letter) for letter in styled)
    elif "accented" in groups:
        accent = "tilde" if groups.get("accent") == "tilde" or groups.get("mark") == "~" else "hat"
        yield "letter", rf"\{accent}{{{groups['accented']}}}"
    elif "number" in groups:
        yield "number", groups["number"]
    elif "letter" in groups:
        yield "letter", groups["letter"]
    else:
        (spelling,) = groups.values()
        spelling = _SAME.get(spelling, spelling)
        yield ("word" if spelling.isalpha() else "sign"), spelling


def _meaningless(character: str) -> str:
    if character.isprintable():
        return "this symbol has no meaning in a line"
    return f"the invisible character U+{ord(character):04X} has no meaning in a line: delete it"
