"""The literal of a derivation is read from its cell, whatever stands there, and never run."""

import pytest

from mfteach.grading.assignments.questions import Question
from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.lines import MAX_TEXT, NOT_A_LITERAL
from mfteach.grading.submissions.notebooks import Cell, Submission
from mfteach.grading.submissions.typed import NOT_ANSWERED, Typed, typed

QUESTION = Question("q5", "derivation", 5, "S52", "1: x", "A hint")


def submission(*cells):
    made = Submission("s1", cells, "0" * 64)
    return made.with_code(syntax.read(made.sources))


def answer(*sources):
    return typed(submission(*(Cell("code", source, "q5") for source in sources)), QUESTION)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('q5 = """a\nb"""', "a\nb"),
        ('q5 = r"""\n\\frac12\n"""', "\n\\frac12\n"),
        ("q5 = '''a\nb'''", "a\nb"),
        ('q5 = "a\\nb"', "a\nb"),
        ('q5 = ("a\\n"\n      "b")', "a\nb"),
        ('q5: str = """a"""', "a"),
        ('q5 = """a"""\nq5 = """b"""', "b"),
        ('q5 = """a"""\nq5 = ""', "a"),
        # Not Python: \u and \x need an r in front of the quotes. The text is read nevertheless.
        ('q5 = """\n\\underbrace{u}\n"""', "\n\\underbrace{u}\n"),
        ('q5 = """\n\\xi\n"""\ncheck(', "\n\\xi\n"),
        ('%time\nq5 = """a"""', "a"),
        ('this is no Python\nq5 = """a\nb"""', "a\nb"),
    ],
)
def test_a_literal_is_read(source, text):
    assert answer(source) == Typed(text=text)


@pytest.mark.parametrize(
    "source",
    ["", "q5 = ''", "q5 = None", "q5 = ...", 'q5 = r"""\n\n"""', "q4 = 'a'", "q5 == 'a'"],
)
def test_no_answer(source):
    assert answer(source) == Typed(problem=NOT_ANSWERED)


@pytest.mark.parametrize(
    "source",
    [
        'q5 = f"""{open("/etc/passwd").read()}"""',
        'q5 = b"""a"""',
        'q5 = "a" + b',
        'q5 = "a" * 10**9',
        "q5 = 12",
        "q5 = True",
        'q5 = ["a", "b"]',
        "q5 = a",
        'q5 = "\\n".join(["a", "b"])',
        "q5 = (",
    ],
)
def test_what_is_not_a_literal_is_not_run_and_says_what_to_do(source):
    assert answer(source).problem == NOT_A_LITERAL


def test_a_long_text_and_a_deep_one_are_refused():
    assert f"longer than {MAX_TEXT} characters" in answer(f'q5 = "{"a" * 100_000}"').problem
    deep = "q5 = " + "(" * 5000 + '"a"' + ")" * 5000
    assert answer(deep).problem == NOT_A_LITERAL
    assert answer(f'q5 = """{"a" * 10**6}').problem is not None


def test_a_cell_without_its_name_is_found():
    cells = (Cell("code", 'q5 = """a"""', None), Cell("code", "q5 = ''", "q5"))
    assert typed(submission(*cells), QUESTION).text == "a"
