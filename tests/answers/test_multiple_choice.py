import re

import pytest
import sympy as sp

from mfteach.answers.comparison import compare
from mfteach.answers.formulas import FormulaError, parse_formula
from mfteach.answers.multiple_choice import (
    QUESTIONS,
    Appraisal,
    BadQuestionError,
    Question,
    derivative_question,
    power_rule_pairs,
    power_rule_variant,
    s30,
    s35,
    s43,
    slope_of_the_loss,
)
from mfteach.answers.slips import explanations

x = sp.Symbol("x")
S30_OPTIONS = {"A": "-20x^-4", "B": "15x^-2", "C": "15x^-4", "D": "-15x^-4"}


@pytest.mark.parametrize(("row", "key"), [("S30", "D"), ("S35", "D"), ("S43", "B"), ("S52", "D")])
def test_the_lecture_s_questions_have_one_right_option_and_a_diagnosis_for_each_other(row, key):
    question = QUESTIONS[row]()
    diagnoses = {letter: question.diagnosis(letter) for letter in question.options}
    assert question.key == key
    assert diagnoses.pop(key) == ""
    assert all(diagnoses.values())
    assert len(set(diagnoses.values())) == len(diagnoses)


# The key is computed -----------------------------------------------------------------------------


def test_the_key_of_s30_is_the_derivative():
    right = s30().options[s30().key]
    assert parse_formula(right, "x") == sp.diff(5 * x**-3, x) == -15 * x**-4


@pytest.mark.parametrize(
    ("function", "options", "key"),
    [
        ("5x^-3", {"A": "-15x^-4", "B": "15x^-2", "C": "15x^-4", "D": "-20x^-4"}, "A"),
        ("-5x^-3", {"A": "-15x^-4", "B": "15x^-4", "C": "20x^-4", "D": "-5x^-4"}, "B"),
        ("4x^5", {"A": "16x^4", "B": "20x^5", "C": "20x^4", "D": "-20x^4"}, "C"),
        ("5x^-3", {"A": "15/x^4", "B": "15/x²", "C": "−20x⁻⁴", "D": "-(15/x^3)/x"}, "D"),
    ],
)
def test_the_key_moves_with_the_function_and_the_options(function, options, key):
    assert derivative_question("f'?", function, "x", options).key == key


def test_another_function_leaves_the_options_of_s30_without_a_key():
    with pytest.raises(BadQuestionError, match="none of the options A, B, C, D is right"):
        derivative_question("f'?", "5x^-2", "x", S30_OPTIONS)


def test_the_diagnoses_of_s30_are_those_of_the_lecture():
    question = s30()
    assert "multiplied by the new exponent" in question.diagnosis("A")
    assert question.diagnosis("B").startswith("Two slips: the factor has the wrong sign, and")
    assert "raised" in question.diagnosis("B")
    assert question.diagnosis("C") == "Your exponent is right, but the factor has the wrong sign."


def test_s43_explains_each_wrong_option():
    question = s43()
    assert "index was dropped" in question.diagnosis("A")
    assert "only inside the sum" in question.diagnosis("C")
    assert "terms without x_1 were kept" in question.diagnosis("D")


def test_option_c_of_s43_is_right_only_at_i_equal_to_1():
    option = parse_formula(s43().options["C"], "x_i")
    truth = 2 * sp.Symbol("x_1")
    at = {i: option.subs(sp.Symbol("x_i"), sp.Symbol(f"x_{i}")) for i in range(1, 5)}
    assert [i for i in at if compare(at[i], truth, variable=sp.Symbol("x_1"))] == [1]


def test_s35_refutes_by_counterexamples():
    question = s35()
    assert "$f(x) = x^{3}$ has slope 0 at $x = 0$" in question.diagnosis("B")
    assert "$f(x) = x^{2}$ has slope 0 at $x = 0$" in question.diagnosis("C")
    assert sp.diff(x**3, x).subs(x, 0) == 0
    assert "global minimum" in question.answer("D").message


def test_s35_tests_claims_at_every_stationary_point_of_its_examples():
    from mfteach.answers import multiple_choice as mc

    flat = {f.as_expr(): sorted(sp.roots(f.diff(), filter="R")) for f in mc._GALLERY}
    assert flat[x**4 - 2 * x**2] == [-1, 0, 1]
    assert {f: mc._is_convex(sp.Poly(f, x)) for f in flat} == {
        x**2: True,
        -(x**2): False,
        x**3: False,
        x**4 - 2 * x**2: False,
    }
    assert mc._is_convex(sp.Poly(x**4, x))
    assert mc._is_extremum(sp.Poly(x**4, x), sp.Integer(0))
    assert not mc._is_extremum(sp.Poly(x**5 + x**3, x), sp.Integer(0))


def test_the_slope_of_the_loss_names_the_wrong_step():
    question = slope_of_the_loss()
    words = {
        "A": "chain rule",
        "B": "all items",
        "C": "minus",
        "E": "over the factors",
        "F": "respect to v",
    }
    assert {a: word in question.diagnosis(a) for a, word in words.items()} == dict.fromkeys(
        words, True
    )


# A badly made question cannot be built -----------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": "-15/x^4"}, "the options A and D are both right"),
        ({"D": "-15x^-3"}, "none of the options A, B, C, D is right"),
        ({"A": "7x"}, r"option A \(7x\) is wrong, but no slip leads to it"),
        ({"A": "15/x^4"}, "the options A and C have the same diagnosis"),
        ({"A": "15x^"}, r"option A \(15x\^\) cannot be read"),
        ({"A": "15y"}, r"option A \(15y\) cannot be read"),
    ],
)
def test_a_bad_option_is_named(change, message):
    with pytest.raises(BadQuestionError, match=message) as caught:
        derivative_question("f'?", "5x^-3", "x", {**S30_OPTIONS, **change})
    assert isinstance(caught.value, ValueError)


def test_an_option_that_two_slips_lead_to_is_named():
    options = {"A": "2x", "B": "4x"}
    with pytest.raises(BadQuestionError, match=r"option A \(2x\) cannot tell these slips apart"):
        derivative_question("f'?", "2x^2", "x", options)


@pytest.mark.parametrize("options", [{}, {"A": "-20x^-4"}])
def test_a_question_needs_a_right_option(options):
    with pytest.raises(BadQuestionError, match="is right"):
        derivative_question("f'?", "5x^-3", "x", options)


# Answering ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["D", "d", " D ", "-15x^-4", "−15x⁻⁴", "-15/x^4", "x^-4(-15)"])
def test_right_by_letter_or_by_formula(answer):
    feedback = s30().answer(answer)
    assert feedback.right
    assert str(feedback).startswith("Right.")
    assert feedback._repr_markdown_().startswith("✓")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("A", "multiplied by the new exponent"),
        ("-20/x^4", "multiplied by the new exponent"),
        ("5x^-3", "not differentiated"),
        ("99", "Go step by step"),
        ("1/2x", "1/2x is read as (1/2)x"),
    ],
)
def test_wrong_answers_are_explained(answer, words):
    feedback = s30().answer(answer)
    assert not feedback.right
    assert words in feedback.message


@pytest.mark.parametrize("answer", ["E", "", "AB", "x^", "__import__('os')"])
def test_an_invalid_answer_gets_the_valid_choices(answer):
    with pytest.raises(FormulaError, match="letters A, B, C, D"):
        s30().answer(answer)


@pytest.mark.parametrize("answer", ["E", "", "x", None, 3])
def test_a_question_in_words_takes_only_letters(answer):
    with pytest.raises(ValueError, match="answer with one of the letters A, B, C, D, not with"):
        s35().answer(answer)


def test_an_unknown_letter_has_no_diagnosis():
    with pytest.raises(ValueError, match="there is no option 'Z', only A, B, C, D"):
        s30().diagnosis("Z")


@pytest.mark.parametrize("row", QUESTIONS)
def test_what_is_shown_does_not_tell_the_key(row):
    """The display is the same whatever the judge found right."""
    question = QUESTIONS[row]()
    texts = list(question.options.values())

    def with_key(right):
        return Question(
            question.prompt,
            question.options,
            lambda text: Appraisal(text == right, () if text == right else (f"not {text}",)),
            show=question._show,
            typed=question.typed,
        )

    shown = {(repr(q), q._repr_markdown_()) for q in [question, *map(with_key, texts)]}
    assert len(shown) == 1
    assert "diagnos" not in repr(question)


def test_formulas_are_shown_in_latex_as_on_the_slide():
    shown = s30()._repr_markdown_()
    assert "$f(x) = 5x^{-3}$" in shown
    assert "- D: $-15x^{-4}$" in shown
    assert r"- D: $-\sum_{j \in I_i} e_{ij} v_{js}$" in slope_of_the_loss()._repr_markdown_()


# Variants ----------------------------------------------------------------------------------------


def test_131_of_198_pairs_have_slips_that_all_differ():
    pairs = power_rule_pairs()
    assert len(pairs) == 131
    assert (5, -3) in pairs
    assert (2, 2) not in pairs  # adding the exponent to the factor also gives (2x^2)' = 4x
    assert (1, 3) not in pairs  # c = 1: losing the constant also gives 3x^2


@pytest.mark.parametrize("seed", range(40))
def test_every_variant_has_one_key_and_three_diagnoses(seed):
    question = power_rule_variant(seed)
    function = parse_formula(
        re.search(r"= (.*)\$", question.prompt).group(1).translate(_BRACES), "x"
    )
    truth = sp.diff(function, x)
    right = [a for a, text in question.options.items() if parse_formula(text, "x") == truth]
    assert right == [question.key]
    for letter, text in question.options.items():
        if letter != question.key:
            (slip,) = explanations(parse_formula(text, "x"), function, x)
            assert question.diagnosis(letter) == slip.message
            assert slip.weight == 1


_BRACES = str.maketrans({"{": "(", "}": ")"})


@pytest.mark.no_cover
def test_variants_are_reproducible_and_vary():
    prompts = [power_rule_variant(seed).prompt for seed in range(30)]
    assert prompts == [power_rule_variant(seed).prompt for seed in range(30)]
    assert len(set(prompts)) > 15
    assert len({power_rule_variant(seed).key for seed in range(30)}) == 4
