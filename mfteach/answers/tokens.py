"""What a student typed, cut into numbers, names and signs, however it was spelled.

`spelling` and `latex` put the text in plain characters, `left_side` and `commas` drop what is no
part of the formula. Here words are cut into the names of the question; `arguments` writes the
brackets and products that were left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import sympy as sp

from mfteach.answers.arguments import Token, with_arguments, with_products
from mfteach.answers.bounded import FUNCTIONS, FormulaError
from mfteach.answers.commas import without_commas
from mfteach.answers.latex import without_latex
from mfteach.answers.left_side import right_side
from mfteach.answers.spelling import GREEK, Spelled, spelled

Symbols: TypeAlias = str | sp.Symbol | Iterable[str | sp.Symbol] | Mapping[str, sp.Symbol]

_CONSTANTS = ("e", "pi")
_LONG = {"lam": "lambda"}  # λ is read as lambda, which Python keeps for itself
MAX_TOKENS = 400
_LINES = r"[\n\r\v\f\x85\u2028\u2029]"

_TOKEN = re.compile(
    r"(?P<other>(?<=[^\W\d_)])\.(?=[0-9]))|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![\w.]*[0-9.]))?)"
    r"|(?P<name>[^\W\d_]\w*)|(?P<sign>\*\*|[-+*/^()|])"
    r"|(?P<space>\s+)|(?P<odd>.)",
    re.DOTALL,
)
_HINTS = {
    ",": "Type one formula at a time; a decimal is 0.5 or 0,5, without spaces.",
    "!": "Factorials are not supported here.",
    ".": "A point belongs inside a number, as in 0.5; for a product type *.",
    **dict.fromkeys('“”„"', "Leave out the quotation marks."),
    "'": "A prime belongs on the left side, as in f'(x) = 6x.",
}


class Typed(NamedTuple):
    """The tokens of a formula, and what has to be said about its characters."""

    tokens: list[Token]
    notes: list[str]


def spellings(symbols: Symbols) -> dict[str, sp.Symbol]:
    """Return every spelling of every symbol."""
    if isinstance(symbols, str):
        symbols = re.findall(r"[^\s,]+", symbols)
    if isinstance(symbols, sp.Symbol):
        symbols = [symbols]
    if not isinstance(symbols, Iterable):
        raise FormulaError(f"A question's symbols are names or SymPy symbols, not {symbols!r}.")
    if not isinstance(symbols, Mapping):
        symbols = {str(symbol): symbol for symbol in symbols}
    names: dict[str, sp.Symbol] = {}
    for name, symbol in symbols.items():
        value = sp.Symbol(symbol) if isinstance(symbol, str) else symbol
        if not isinstance(value, sp.Symbol):
            raise FormulaError(f"A question's symbols are names or SymPy symbols, not {symbol!r}.")
        names[name] = value
    for name, value in list(names.items()):
        plain = re.sub(r"[{}\\]", "", name)
        for spelling in (
            plain,
            re.sub(r"_(?=[0-9]+$)", "", plain),
            re.sub(r"(?<=[a-zA-Z])(?=[0-9]+$)", "_", plain),
            GREEK.get(name, name),
            _LONG.get(name, name),
        ):
            names.setdefault(spelling, value)
    return names


def tokenize(text: str, names: Mapping[str, sp.Symbol], by: str | None = None) -> Typed:
    """Return the tokens of a typed formula, with a token for each product without a sign.

    Parameters
    ----------
    text : str
    names : mapping of str to sympy.Symbol
        From `spellings`.
    by : str, optional
        The letter by which a derivative is asked for; see `left_side`.

    Raises
    ------
    FormulaError
        If the text is too long, or contains something that has no meaning in this question.
    """
    given = _without_ends(spelled(text, names))
    given = without_latex(given)
    given = given.change(r"_[({](\w+)[)}]", lambda index: f"_{index[1]}")
    given = without_commas(right_side(given, names, by))
    given = _round(given)
    given.notes[:] = dict.fromkeys(given.notes)
    tokens = _tokens(given, names)
    if len(tokens) > MAX_TOKENS:
        raise FormulaError(f"This has too many parts: at most {MAX_TOKENS} are allowed.")
    return Typed(with_products(with_arguments(tokens, given.notes)), given.notes)


def _round(given: Spelled) -> Spelled:
    """Return it with round parentheses for square ones."""
    index = re.search(r"(?<=\w)\[\s*[0-9]+\s*\]", given.text)
    if index:
        raise FormulaError(f"An index {given.place(index.start())} is typed as in x_1.")
    opened: list[str] = []
    for bracket in re.finditer(r"[][()]", given.text):
        if bracket.group() in "([":
            opened.append(bracket.group())
        elif not opened or opened.pop() + bracket.group() not in ("()", "[]"):
            raise FormulaError(
                f"The parentheses do not match: look at “{bracket.group()}” "
                f"{given.place(bracket.start())}."
            )
    return given.change(r"[][]", lambda bracket: "()"[bracket.group() == "]"])


_ENDS = r"\s*(\$\$?|\\\(|\\\[)(?P<inside>.*?)(\$\$?|\\\)|\\\])\s*"


def _without_ends(given: Spelled) -> Spelled:
    """Drop a full stop, and the dollars around a formula."""
    for _ in range(2):
        end = len(given.text.rstrip())
        if re.search(r"[^.\s]\s*\.$", given.text[:end]):
            given = given.cut(0, end - 1)
        match = re.fullmatch(_ENDS, given.text, re.DOTALL)
        if match and "$" not in match["inside"]:
            given = given.cut(*match.span("inside"))
    return given


def _tokens(given: Spelled, names: Mapping[str, sp.Symbol]) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(given.text):
        kind, text = str(match.lastgroup), match.group()
        if kind == "name":
            _refuse_a_change(text, names, given.place(match.start()))
            tokens += _known(text, names, given, match.start())
        elif kind == "number" and "e" in text.lower() and {"e", "E"} & set(names):
            raise FormulaError(f"“{text}” is ambiguous: type 10^3 for a thousand, or a *.")
        elif kind in ("other", "odd"):
            place = given.place(match.start())
            hint = _HINTS.get(text, "")
            raise FormulaError(
                f"{_shown(text)} {place} has no meaning in a formula. {hint}".strip()
            )
        elif (
            kind == "space"
            and re.search(_LINES, text)
            and 0 < match.start() < len(given.text.rstrip())
        ):
            raise FormulaError("Type one formula, on one line.")
        else:
            tokens.append(Token(kind, "^" if text == "**" else text))
    return tokens


def _refuse_a_change(word: str, names: Mapping[str, sp.Symbol], place: str) -> None:
    """Refuse Δx, where Δ alone is a name: it may mean the change of x, or Δ times x."""
    after = re.fullmatch(r"Delta_?([^\W\d_])", word)
    if after and after[1] in names and "Delta" in names and word not in names:
        raise FormulaError(
            f"“Δ{after[1]}” {place} has two meanings: type Δ for the change, or Δ*{after[1]} for "
            "the product."
        )


def _known(word: str, names: Mapping[str, sp.Symbol], given: Spelled, start: int) -> list[Token]:
    """Cut a word into known names; in small letters if it has capitals that are not known."""
    found = _split_word(word, names)
    if found is None and not word.islower() and word != "E":  # E is an option of a choice
        found = _split_word(word.lower(), names)
        note = f"“{word}” is read as {word.lower()}."
        if found is not None and note not in given.notes:
            given.notes.append(note)
    if found is None:
        raise FormulaError(_unknown(word, names, given.place(start)))
    return found


def _shown(text: str) -> str:
    """Quote what was typed; an invisible character by its number."""
    if not text.isprintable():
        return f"The invisible character U+{ord(text[0]):04X}"
    return f"“{text[:20]}…”" if len(text) > 20 else f"“{text}”"


def _split_word(word: str, names: Mapping[str, sp.Symbol]) -> list[Token] | None:
    """Cut a word into as few known names as possible: ``xy`` is x y, unless there is an xy."""
    known = set(names) | set(FUNCTIONS) | {"ln", *_CONSTANTS}
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        cuts = [
            [*before, word[start:end]]
            for start in range(end)
            if (before := best[start]) is not None and word[start:end] in known
        ]
        best.append(min(cuts, key=len, default=None))
    if best[-1] is None:
        return None
    return [Token(_kind(name, names), name) for name in best[-1]]


def _kind(name: str, names: Mapping[str, sp.Symbol]) -> str:
    if name in names:
        return "symbol"
    return "constant" if name in _CONSTANTS else "function"


def _unknown(word: str, names: Mapping[str, sp.Symbol], place: str) -> str:
    letter, digits = re.fullmatch(r"(.*?)([0-9]*)", word, re.DOTALL).groups()  # type: ignore[union-attr]
    if digits and letter in names:
        return f"{_shown(word)} {place} is ambiguous: type {letter}^{digits} or {digits}*{letter}."
    if any(word.startswith(name) for name in FUNCTIONS):
        return f"{_shown(word)} {place}: a function needs parentheses, as in sqrt(x)."
    if not names:
        return f"{_shown(word)} {place}: a number is asked for, without letters or words."
    allowed = ", ".join(dict.fromkeys(str(symbol) for symbol in names.values()))
    return (
        f"{_shown(word)} {place} is not a name in this question. Names: {allowed}. "
        f"Functions: {', '.join(FUNCTIONS)}."
    )
