"""Typed text in plain characters, each with its place in what was typed.

Superscripts, fractions, typographic signs and look-alike letters of other alphabets are spelled
out here; `latex` does the same for LaTeX, and `tokens` cuts the result.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from itertools import groupby

from mfteach.answers.bounded import FormulaError
from mfteach.symbolic.reading.characters import (
    DIVISION,
    LOOK_ALIKES,
    MINUS,
    NO_WIDTH,
    PRIMES,
    TIMES,
    note_on_look_alike,
)

MAX_LENGTH = 250

_SIGNS = str.maketrans(
    dict.fromkeys(MINUS, "-")
    | dict.fromkeys((*TIMES, "\N{INVISIBLE TIMES}"), "*")
    | dict.fromkeys(DIVISION, "/")
    | dict.fromkeys((*PRIMES, *"‘`´"), "'")
    | {"″": "''", "√": " sqrt ", "∣": "|", "＝": "=", "←": "=", "⟵": "="}
    | dict.fromkeys((*NO_WIDTH, "\N{FUNCTION APPLICATION}"))
)
GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "epsilon"},
    **{"ζ": "zeta", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu"},
    **{"ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ω": "omega"},
}


@dataclass
class Spelled:
    """A text, the place of each of its characters in what was typed, and notes on the reading."""

    text: str
    places: list[int]
    notes: list[str] = field(default_factory=list)

    def place(self, index: int) -> str:
        """Say where a character stood, counted from 1."""
        known = self.places[index] if index < len(self.places) else len(self.places)
        return f"at character {known + 1}"

    def cut(self, start: int, end: int) -> Spelled:
        """Return a part of it, with the same notes."""
        return Spelled(self.text[start:end], self.places[start:end], self.notes)

    def change(self, pattern: str, replace: Callable[[re.Match[str]], str]) -> Spelled:
        """Return it with each match replaced; the new characters stand where the match began."""
        text, places, last = "", [], 0
        for match in re.finditer(pattern, self.text):
            new = replace(match)
            text += self.text[last : match.start()] + new
            places += self.places[last : match.start()]
            places += [self.places[match.start()]] * len(new)
            last = match.end()
        return Spelled(text + self.text[last:], places + self.places[last:], self.notes)


def _style(character: str) -> str:
    return unicodedata.decomposition(character).partition(" ")[0].strip("<>")


def spelled(text: str, names: Container[str]) -> Spelled:
    """Spell superscripts, subscripts, fractions, Greek letters and signs in plain characters.

    Raises
    ------
    FormulaError
        If it is not text or is too long; of a mixed number, and a power of a power, as in x²^3.
    """
    if not isinstance(text, str):
        raise FormulaError(f"Type the formula as text; this is {type(text).__name__}.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"This is too long: at most {MAX_LENGTH} characters are allowed.")
    found = Spelled("", [])
    previous, place = "", 0
    for style, group in groupby(text, _style):
        run = "".join(group)
        part = unicodedata.normalize("NFKC", run.translate(_SIGNS)).translate(_SIGNS)
        if style == "fraction" and re.search(r"[0-9]\s*$", found.text):
            raise FormulaError("A mixed number is ambiguous: type 2½ as 2.5 or 5/2.")
        if previous == "super" and re.match(r"\s*(\^|\*\*)", part):
            raise FormulaError("A power of a power needs parentheses: (x²)^3.")
        around = {"super": ("^(", ")"), "sub": ("_", ""), "fraction": ("(", ")")}
        before, after = around.get(style, ("", ""))
        for index, characters in ((0, before), *_spread(run, part), (len(run) - 1, after)):
            found.text += characters
            found.places += [place + index] * len(characters)
        previous, place = style, place + len(run)
        if len(found.text) > 2 * MAX_LENGTH:
            raise FormulaError("This is too long once its special characters are spelled out.")
    return _letters(found, names)


def _spread(run: str, part: str) -> list[tuple[int, str]]:
    """Give each character its place; where spelling changes the length, only roughly."""
    each = [unicodedata.normalize("NFKC", c.translate(_SIGNS)).translate(_SIGNS) for c in run]
    return list(enumerate(each)) if "".join(each) == part else [(0, part)]


def _letters(found: Spelled, names: Container[str]) -> Spelled:
    def letter(match: re.Match[str]) -> str:
        typed = match.group()
        plain = LOOK_ALIKES.get(typed)
        if typed in names or plain is None:
            return GREEK.get(typed, typed)
        found.notes.append(f"{note_on_look_alike(typed, plain)}.")
        return plain

    return found.change(r"[^\W\d_a-zA-Z]", letter)
