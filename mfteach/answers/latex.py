r"""LaTeX in plain characters: \frac{15}{x^4} becomes ((15)/(x^4)). Places are kept."""

from __future__ import annotations

import re

from mfteach.answers.bounded import FormulaError
from mfteach.answers.spelling import GREEK, Spelled

MAX_NESTING = 30

_Characters = list[tuple[str, int]]

_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"}
_FONTS = {"mathrm", "mathit", "mathbf", "mathsf", "text", "textrm", "operatorname", "operatorname*"}
_PLAIN = (
    dict.fromkeys(("cdot", "times", "ast", "cdotp"), "*")
    | dict.fromkeys((",", ";", ":", "!", " ", ">", "quad", "qquad", "thinspace"), " ")
    | dict.fromkeys(("left", "right", "displaystyle", "textstyle", "limits", "nolimits"), "")
    | {size + side: "" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
    | dict.fromkeys(("lvert", "rvert", "vert", "mid", "|"), "|")
    | dict.fromkeys(("{", "lbrack", "lbrace"), "(")
    | dict.fromkeys(("}", "rbrack", "rbrace"), ")")
    | {"div": "/", "partial": "∂", "prime": "'", "varepsilon": " epsilon ", "varphi": " phi "}
    | {name: f" {name} " for name in ("sin", "cos", "exp", "ln", "log", "e", *GREEK.values())}
)
_COMMAND = re.compile(r"\\(operatorname\*|[a-zA-Z]+|.)", re.DOTALL)


def without_latex(given: Spelled) -> Spelled:
    """Return the same formula without braces and commands.

    Raises
    ------
    FormulaError
        If a command is unknown, an argument is missing, or braces do not match. The message
        names the place.
    """
    if not re.search(r"[\\{}$]", given.text):
        return given
    reader = _Reader(given)
    characters = reader.until("", 0)
    return Spelled("".join(c for c, _ in characters), [p for _, p in characters], given.notes)


class _Reader:
    def __init__(self, given: Spelled) -> None:
        self.given, self.text, self.here = given, given.text, 0

    def until(self, closing: str, nesting: int) -> _Characters:
        """Read up to the closing brace or bracket, or to the end."""
        if nesting > MAX_NESTING:
            raise FormulaError(f"Braces are nested more than {MAX_NESTING} deep.")
        found: _Characters = []
        opened = self.here
        while self.here < len(self.text):
            if closing and self.text[self.here] == closing:
                self.here += 1
                return found
            found += self._next(nesting, found)
        if closing:
            self._refuse(f"The parentheses do not match: a “{closing}” is missing for", opened - 1)
        return found

    def _next(self, nesting: int, before: _Characters) -> _Characters:
        start, sign = self.here, self.text[self.here]
        if sign == "\\":
            return self._command(nesting)
        self.here += 1
        if sign == "{":
            return self._braces(start, nesting, before)
        if sign == "}":
            self._refuse("The parentheses do not match: nothing opened", start)
        return [(" " if sign == "~" else sign, self.given.places[start])]

    def _braces(self, start: int, nesting: int, before: _Characters) -> _Characters:
        inside = self.until("}", nesting + 1)
        content = "".join(c for c, _ in inside).strip()
        index = before and before[-1][0] == "_" and re.fullmatch(r"\w+", content)
        if index or content == ",":
            return [(c, p) for c, p in inside if c != " "]
        return self._wrapped("(", inside, ")", start)

    def _command(self, nesting: int) -> _Characters:
        start = self.here
        match = _COMMAND.match(self.text, start)
        if match is None:
            self._refuse("Nothing follows", start)
        assert match is not None
        self.here, name = match.end(), match.group(1)
        if name in _FRACTIONS:
            top, bottom = self._argument(name, nesting), self._argument(name, nesting)
            both = [*top, *self._wrapped(")/(", [], "", start), *bottom]
            return self._wrapped("((", both, "))", start)
        if name == "sqrt":
            return self._root(start, nesting)
        if name in _FONTS:
            return self._wrapped(" ", self._argument(name, nesting), " ", start)
        if name in _PLAIN:
            if name in ("left", "right") and self.text[self.here : self.here + 1] == ".":
                self._refuse("A bracket without a partner cannot be read:", start, match.group())
            return self._wrapped(_PLAIN[name], [], "", start)
        self._refuse("This LaTeX command is not known here; type x^2/3 or sqrt(x):", start, name)
        return []

    def _root(self, start: int, nesting: int) -> _Characters:
        self._skip_spaces()
        if self.text[self.here : self.here + 1] != "[":
            return self._wrapped(" sqrt(", self._argument("sqrt", nesting), ")", start)
        self.here += 1
        order = self.until("]", nesting + 1)
        inside = self._argument("sqrt", nesting)
        both = [*inside, *self._wrapped(")^(1/(", [], "", start), *order]
        return self._wrapped("((", both, ")))", start)

    def _argument(self, name: str, nesting: int) -> _Characters:
        self._skip_spaces()
        start = self.here
        if start >= len(self.text) or self.text[start] in "})]+-*/^_=":
            self._refuse(f"Something is missing after \\{name},", min(start, len(self.text) - 1))
        if self.text[start] != "{":
            if nesting >= MAX_NESTING:
                raise FormulaError(f"Braces are nested more than {MAX_NESTING} deep.")
            return self._next(nesting + 1, [])
        self.here += 1
        inside = self.until("}", nesting + 1)
        if not "".join(c for c, _ in inside).strip():
            self._refuse(f"Empty braces after \\{name},", start)
        return inside

    def _skip_spaces(self) -> None:
        while self.text[self.here : self.here + 1].isspace():
            self.here += 1

    def _wrapped(self, before: str, inside: _Characters, after: str, start: int) -> _Characters:
        place = self.given.places[start]
        return [*((c, place) for c in before), *inside, *((c, place) for c in after)]

    def _refuse(self, why: str, index: int, shown: str = "") -> None:
        what = shown or self.text[index]
        raise FormulaError(f"{why} “{what[:20]}” {self.given.place(index)}.")
