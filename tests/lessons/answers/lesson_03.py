"""Answers that students of lesson 03 give: right ones in different forms, wrong ones with words."""

import numpy as np
import sympy

x = sympy.Symbol("x", real=True)

RIGHT = {
    "03-s30": ["D", "d", "(D)", "-15x^-4", "−15x⁻⁴", "-15/x^4", "f'(x) = -15 x**(-4)"],
    "03-s35": ["D", " d) ", "Option D"],
    "03-1": ["B", "48x^5", "8*6*x**5", "6x^5 * 8", "48 x⁵"],
    "03-2": [
        "-3(4 - 3x)",
        "9x - 12",
        "-12 + 9x",
        "3(3x-4)",
        9 * x - 12,
        lambda x: -3 * (4 - 3 * x),
    ],
    "03-3": [[1, -1], (1.0, -1.0), "1, -1", "1; −1", np.array([1, -1]), ["1", "-1"]],
    "03-4": [
        [True, False, True, True, False],
        "T F T T F",
        "TFTTF",
        ["yes", "no", "yes", "yes", "no"],
    ],
    "03-exit": [24, 24.0, "24", "4*8 - 4*2", sympy.Integer(24)],
}

WRONG = {
    "03-s30": [
        ("A", "new exponent instead of the old one"),
        ("B", "Two slips"),
        ("C", "the factor has the wrong sign"),
        ("-15x^-2", "exponent was raised by 1"),
        ("5x^-4", "not brought down as a factor"),
        ("-15x^-3", "exponent was kept"),
        ("-3x^-4", "constant factor got lost"),
        ("E", "Or answer with one of the letters"),
        ("-15y^-4", "is not a name in this question"),
        (-15, "Go step by step"),
    ],
    "03-s35": [
        ("A", "Nothing in this can be proved or refuted"),
        ("B", "neither a maximum nor a minimum"),
        ("C", "A slope of 0 is a number"),
        ("minimum", "not with 'minimum'"),
        (4, "not with '4'"),
    ],
    "03-1": [
        ("A", "constant factor got lost"),
        ("C", "exponent was kept"),
        ("D", "added to the factor"),
        ("48x^7", "exponent was raised by 1"),
        ("40x^5", "new exponent instead of the old one"),
        ("8x^5", "not brought down as a factor"),
    ],
    "03-2": [
        ("4 - 3x", "inner derivative is missing"),
        ("3(4 - 3x)", "inner derivative has the wrong sign"),
        ("-6(4 - 3x)", "factor 1/2 got lost"),
        ("-3/2 (4 - 3x)", "exponent 2 was not brought down"),
        ("-3x(4 - 3x)", "is a number: there is no"),
        ("-3", "inner derivative alone"),
        ("9", "differentiated twice"),
        ("1/2 (4 - 3x)^2", "not differentiated"),
        ("-3*4 - 3x", "Go step by step"),
        ("-3(4 - 3x) + Delta", "Delta left over"),
        ("-3(4 - 3z)", "is not a name in this question"),
        ("-3(4 - 3x", "parentheses do not match"),
    ],
    "03-3": [
        ([-1, 1], "another order"),
        ([-2, 2], "heights of the two points"),
        ([1, 1], "Entry 2 of 2 is not right"),
        ([0, 0], "At 0 the height is 0"),
        ([1.732, -1.732], "There the height is 0"),
        ([1, ...], "Entry 2 of 2 is not answered yet"),
        (1, "list"),
        ([1, 0, -1], "2 numbers"),
    ],
    "03-4": [
        ([True, True, True, True, True], "sentences 2, 5. To sentence 2: "),
        ([True, False, True, True, True], "keeps rising"),
        ([True, False, True, False, False], "which way could you walk"),
        ([True, False, False, True, False], "upside down"),
        ([False, False, True, True, False], "could it go lower elsewhere"),
        ([True, False, True, True], "each of the 5 sentences"),
        ([True, False, ..., True, False], "Sentence 3 is not answered yet"),
        ("A B C D E", "neither True nor False"),
    ],
    "03-exit": [
        (8, "height there"),
        (32, "second term"),
        (40, "sign of the second term"),
        (44, "second derivative"),
        (0, "Differentiate the function"),
        (4, "not brought down as factors"),
        (-24, "wrong sign"),
        ("4x^3 - 4x", "cannot be read as a number"),
        (23.9, "this answer is exact"),
    ],
}
