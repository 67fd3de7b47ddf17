"""Expressions written as the lecture writes them, and LaTeX as plain text."""

from __future__ import annotations

import re

from sympy import Expr, Indexed, KroneckerDelta, Sum
from sympy.printing.latex import LatexPrinter

__all__ = ["plain", "write"]


class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer, but r_{ij} for {r}_{i,j}, and one sum sign for each index."""

    def _print_Indexed(self, expr: Indexed) -> str:
        return f"{self._print(expr.base)}_{{{self._indices(expr.indices)}}}"

    def _print_KroneckerDelta(self, expr: KroneckerDelta, exp: str | None = None) -> str:
        return rf"\delta_{{{self._indices(expr.args)}}}"

    def _print_Sum(self, expr: Sum) -> str:
        signs = (
            rf"\sum_{{{self._print(index)}={self._print(low)}}}^{{{self._print(high)}}} "
            for index, low, high in reversed(expr.limits)
        )
        body = self._print(expr.function)
        return "".join(signs) + (rf"\left({body}\right)" if expr.function.is_Add else body)

    def _indices(self, indices: tuple[Expr, ...]) -> str:
        texts = [self._print(index) for index in indices]
        return ("" if all(len(text) == 1 for text in texts) else ",").join(texts)


def write(expr: Expr) -> str:
    r"""Write an expression as the lecture does: ``r_{ij}``, one sum sign for each index.

    Examples
    --------
    >>> from sympy import IndexedBase, symbols
    >>> print(write(IndexedBase("r")[symbols("i j")]))
    r_{ij}
    """
    return str(_Printer().doprint(expr))


_WITHOUT_BRACES = (
    (r"\\(?:left|right|displaystyle|cdot)(?![A-Za-z])|\\[,;!]|\s+", " "),
    (r"\\(?:mathrm|text)\{(\w+)\}", r"\1"),
    (r"\\hat\{(\w)\}", r"\1^"),
    (r"\\tilde\{(\w)\}", r"\1~"),
)
_PLAIN = (
    (r"_(\S*)=(\w)\^(\w)", r"_(\1=\2..\3)"),
    (r"_(\S+ \\in \w+)", r"_(\1)"),
    (r"_(\S+) \\to (\w+)", r"_(\1 -> \2)"),
    (r"\\partial *", "d"),
    (r"\\[lr]vert", "|"),
    (r"\\top", "T"),
    (r"\\circ", "o"),
    (r"\\leq", "<="),
    (r"\\([A-Za-z]+)", r"\1"),
    (r"\| *(\S+) *\|", r"|\1|"),
    (r"(?<=[(\[]) +| +(?=[)\]])| +(?= )", ""),
)


def plain(latex: str) -> str:
    r"""Write LaTeX as plain text, for a terminal.

    Examples
    --------
    >>> print(plain(r"\sum_{j \in I_i} -v_{js} e_{ij}"))
    sum_(j in I_i) -v_js e_ij
    >>> print(plain(r"\frac{f(x + \Delta) - f(x)}{\Delta}"))
    (f(x + Delta) - f(x))/Delta
    """
    for pattern, replacement in _WITHOUT_BRACES:
        latex = re.sub(pattern, replacement, latex)
    latex = _in_one_line(latex)
    for pattern, replacement in _PLAIN:
        latex = re.sub(pattern, replacement, latex)
    return latex.strip()


def formulas_in_words(text: str) -> str:
    """Write the formulas between the dollars of a text as `plain` does."""
    return re.sub(r"(\$\$?)(.+?)\1", lambda formula: plain(formula[2]), text, flags=re.DOTALL)


def _in_one_line(latex: str) -> str:
    """Write indices, powers and fractions without braces, from the innermost outwards."""
    before = ""
    while before != latex:
        before = latex
        latex = re.sub(r"([_^])\{([^{}]*)\}", _script, latex)
        latex = re.sub(r"\\binom\{([^{}]*)\}\{([^{}]*)\}", r"binom(\1, \2)", latex)
        latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", _fraction, latex)
    return latex


def _script(match: re.Match[str]) -> str:
    sign, text = match.groups()
    return f"^({text})" if sign == "^" and re.search(r"[-+/]", text) else sign + text


def _fraction(match: re.Match[str]) -> str:
    """Put back the parentheses that a fraction bar saves: without them a/b+c would be ambiguous."""
    top, bottom = match.groups()
    if re.search(r"\S *[-+] |/", top):
        top = f"({top})"
    if r"\partial" not in bottom and re.search(r"[-+/ ]", bottom.strip()):
        bottom = f"({bottom})"
    return f"{top}/{bottom}"
