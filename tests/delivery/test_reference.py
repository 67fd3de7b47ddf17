"""Formulas of docstrings, typeset: what is one, what is none."""

from importlib import import_module

import pytest
from delivery.reference_pages import FOLDERS, pages, typeset, typeset_docstring, with_formulas

import mfteach


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("e_ij = r_ij - r-hat_ij", r"e_{ij} = r_{ij} - \hat r_{ij}"),
        ("dJ/du_is", r"\frac{\partial J}{\partial u_{is}}"),
        ("1/2 sum_{j in I_i} e_ij²", r"\tfrac{1}{2} \sum_{j \in I_{i}} e_{ij}^2"),
        ("lambda/2 (x)", r"\tfrac{\lambda}{2} (x)"),
        ("lambda c_i u_i", r"\lambda c_{i} u_{i}"),
        ("UᵀU", r"U^{\mathsf T}U"),
        ("x_j A⁻¹ v", r"x_{j} A^{-1} v"),
    ],
)
def test_a_formula_is_typeset(formula, latex):
    assert "".join(typeset(formula).split()) == "".join(latex.split())


@pytest.mark.parametrize("words", ["a list of ratings", "Ratings -> Loss"])
def test_words_are_no_formula(words):
    with pytest.raises(ValueError, match="no symbol of a formula"):
        typeset(words)


def test_letters_in_a_sentence_are_typeset_and_words_are_not():
    said = with_formulas("Derive dJ/du_is of J for user i, if lambda > 0: i is a word, J_1 is none")
    assert said.startswith(r"Derive $\frac{\partial J}{\partial u_{is}}$ of $J$ for user $i$, if ")
    assert said.endswith(r"if $\lambda$ > 0: i is a word, J_1 is none")


def written(docstring):
    lines = docstring.splitlines()
    typeset_docstring(None, "function", "f", None, None, lines)
    return "\n".join(lines)


def test_an_indented_formula_is_displayed_and_a_parameter_is_not():
    text = written("Say.\n\n    J = 1/2 sum_S e_ij²\n\nParameters\n----------\nx : float\n    One.")
    assert ".. math::" in text and r"J  = \tfrac{1}{2}" in text
    assert "x : float\n    One." in text


def test_an_indented_example_stays_as_it_is():
    assert "::\n\n    ratings -> loss" in written("Say.\n\n    ratings -> loss\n")


def test_every_public_name_is_described_on_one_page_or_on_none_twice():
    described = {name for name, _ in pages()}
    assert {"index", "mfteach.loss", "mfteach.descent"} <= described
    assert {mfteach.Loss.__module__.rpartition(".")[0]} <= described


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_that_are_loaded_on_first_use_are_listed_all_the_same(folder):
    """Sphinx describes what ``dir`` tells it of."""
    module = import_module(folder)
    assert set(module.__all__) <= set(dir(module))
