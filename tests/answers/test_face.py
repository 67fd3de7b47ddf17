"""What `mfteach.answers` hands on, and that SymPy comes only when it is needed."""

import pkgutil
import subprocess
import sys

import pytest

from mfteach import answers


def in_a_fresh_interpreter(code):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_every_name_is_there_and_no_submodule_has_one_of_them():
    assert all(getattr(answers, name) is not None for name in answers.__all__)
    assert not set(answers.__all__) & {m.name for m in pkgutil.iter_modules(answers.__path__)}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'mfteach\.answers' has no attribute 'none'"):
        _ = answers.none


@pytest.mark.parametrize("name", ["compare", "parse_formula", "read_formula", "FormulaError"])
def test_sympy_is_loaded_by_the_first_name_that_needs_it(name):
    code = (
        "import sys, mfteach, mfteach.lessons.practice, mfteach.answers as a\n"
        "a.agree, a.contract, a.misfit, mfteach.check\n"
        f"print('sympy' in sys.modules); a.{name}; print('sympy' in sys.modules)"
    )
    assert in_a_fresh_interpreter(code).split() == ["False", "True"]


def test_contracts_come_from_the_face():
    code = "from mfteach.answers import contract; print(contract('gradient').signature)"
    assert in_a_fresh_interpreter(code) == "H, x"
