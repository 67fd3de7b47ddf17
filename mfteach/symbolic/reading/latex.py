r"""A syntax tree written as LaTeX: what a person typed as plain text, shown as a formula."""

from __future__ import annotations

from fractions import Fraction

from mfteach.symbolic.reading.syntax_tree import (
    Count,
    Entry,
    Entrywise,
    Identity,
    Index,
    Letter,
    MatrixOf,
    Minus,
    Node,
    NormSquared,
    Number,
    Over,
    Plus,
    Power,
    Slope,
    SumOf,
    Times,
    Transposed,
    Update,
)

__all__ = ["as_latex"]


def as_latex(tree: Node) -> str:
    r"""Write a tree as the lecture does.

    Brackets stand where the tree needs them, whether they were typed or not.

    Examples
    --------
    >>> from mfteach.symbolic.lecture import NOTATION
    >>> print(as_latex(NOTATION.understand("sum_{j in I_i} -v_js (r_ij - rhat_ij)").tree))
    \sum_{j \in I_i} -v_{js} \left( r_{ij} - \hat{r}_{ij} \right)
    """
    if isinstance(tree, Plus):
        return _terms(tree)
    if isinstance(tree, Minus):
        return f"-{_bracketed(tree.of, Plus, Minus)}"
    if isinstance(tree, Times):
        return _product(tree.factors)
    if isinstance(tree, Over):
        return rf"\frac{{{as_latex(tree.top)}}}{{{as_latex(tree.bottom)}}}"
    if isinstance(tree, SumOf):
        return rf"\sum{_range(tree)} {_bracketed(tree.body, Plus)}"
    if isinstance(tree, Slope):
        return _slope(tree)
    if isinstance(tree, Update):
        return rf"{as_latex(tree.target)} \leftarrow {as_latex(tree.value)}"
    if isinstance(tree, Power):
        return f"{_base(tree.base)}^{_script(str(tree.exponent))}"
    return _atom(tree)


def _atom(tree: Node) -> str:
    if isinstance(tree, Number):
        return _number(tree.value)
    if isinstance(tree, Letter):
        return f"{tree.name}_{_indices(tree.indices)}" if tree.indices else tree.name
    if isinstance(tree, Count):
        return rf"\lvert {_set(tree.over, tree.owner)} \rvert"
    return _matrix(tree)


def _matrix(tree: Node) -> str:
    if isinstance(tree, MatrixOf):
        return tree.name.upper()
    if isinstance(tree, Identity):
        return "I"
    if isinstance(tree, Entrywise):
        left, right = (
            _bracketed(side, Plus, Minus, Times, SumOf) for side in (tree.left, tree.right)
        )
        return rf"{left} \circ {right}"
    if isinstance(tree, Transposed):
        return rf"{_bracketed(tree.of, Plus, Minus, Times, Entrywise, Transposed, SumOf)}^\top"
    if isinstance(tree, NormSquared):
        return rf"\lVert {as_latex(tree.of)} \rVert^2"
    if isinstance(tree, Entry):
        return rf"\left[ {as_latex(tree.matrix)} \right]_{_indices(tree.indices)}"
    raise AssertionError(tree)


def _terms(tree: Plus) -> str:
    first, *others = tree.terms
    text = _bracketed(first, Plus)
    for term in others:
        minus = isinstance(term, Minus)
        of = term.of if isinstance(term, Minus) else term
        text += f" {'-' if minus else '+'} {_bracketed(of, Plus, Minus)}"
    return text


def _product(factors: tuple[Node, ...]) -> str:
    """Write factors one after the other; a sum sign takes all that follows: it needs brackets."""
    texts: list[str] = []
    for place, factor in enumerate(factors):
        last = place == len(factors) - 1
        open_ended = () if last else (SumOf, Slope)
        signed = (Minus,) if place else ()
        text = _bracketed(factor, Plus, Entrywise, *open_ended, *signed)
        if place and isinstance(factor, Number | Power) and text[:1].isdigit():
            text = rf"\cdot {text}"
        texts.append(text)
    return " ".join(texts)


def _slope(tree: Slope) -> str:
    order = f"^{_script(str(len(tree.by)))}" if len(tree.by) > 1 else ""
    below = " ".join(rf"\partial {as_latex(letter)}" for letter in tree.by)
    if isinstance(tree.of, Letter):
        return rf"\frac{{\partial{order} {as_latex(tree.of)}}}{{{below}}}"
    return rf"\frac{{\partial{order}}}{{{below}}} {_bracketed(tree.of, Plus)}"


def _base(tree: Node) -> str:
    if isinstance(tree, Letter | Number | Count):
        text = as_latex(tree)
        plain = text.isdigit() or (isinstance(tree, Letter) and "^" not in text)
        return text if plain else _in_brackets(text)
    return _in_brackets(as_latex(tree))


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _range(tree: SumOf) -> str:
    if tree.over == "all rated":
        return rf"_{{({','.join(tree.names)}) \in S}}"
    if tree.over in ("rated by user", "raters of item"):
        return rf"_{{{tree.names[0]} \in {_set(tree.over, tree.owner)}}}"
    if tree.over == "range":
        shift = f"{tree.shift:+}" if tree.shift else ""
        return rf"_{{{tree.names[0]}={tree.low}}}^{{{tree.high}{shift}}}"
    return f"_{_script(','.join(tree.names))}"


def _set(over: str, owner: Index | None) -> str:
    return f"{'I' if over == 'rated by user' else 'U'}_{_script(str(owner))}"


def _indices(indices: tuple[Index, ...]) -> str:
    texts = [str(index) for index in indices]
    return f"{{{('' if all(len(text) == 1 for text in texts) else ',').join(texts)}}}"


def _script(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def _bracketed(tree: Node, *kinds: type[Node]) -> str:
    text = as_latex(tree)
    return _in_brackets(text) if isinstance(tree, kinds) else text


def _in_brackets(text: str) -> str:
    return rf"\left( {text} \right)"
