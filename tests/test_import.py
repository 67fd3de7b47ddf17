"""What importing mfteach loads, what it does not, and what every module promises."""

import doctest
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys

import pytest
from coverage_of_extras import NEED, can_be_imported

import mfteach

HEAVY = {"sympy", "matplotlib", "numba", "pandas", "ipywidgets"}
NAMES = {
    "Ratings",
    "Factors",
    "ImplicitFactorization",
    "Loss",
    "MatrixFactorization",
    "gradient_descent",
    "check_gradient",
    "datasets",
    "DivergenceError",
    "check",
    "exercise",
}
OUT_OF_REACH = {
    module
    for package, modules in NEED.items()
    if not can_be_imported(package)
    for module in modules
}
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(mfteach.__path__, "mfteach.")
    if not module.name.endswith(".__main__")
    and not any(f"{module.name}.".startswith(f"{each}.") for each in OUT_OF_REACH)
)


def in_a_fresh_interpreter(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_importing_mfteach_loads_nothing_heavy():
    every = "[getattr(mfteach, name) for name in mfteach.__all__]"
    code = f"import sys, json, mfteach; {every}; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(in_a_fresh_interpreter(code)))
    assert "mfteach.matrices.ratings" in loaded
    assert not HEAVY & loaded


# Counts the calls of Python functions, which do not depend on the machine as seconds do.
CALLS = """
import sys
calls = 0
def count(frame, event, argument):
    global calls
    calls += event == "call"
sys.setprofile(count)
import {module}
sys.setprofile(None)
print(calls)
"""


def test_a_name_is_loaded_when_it_is_asked_for():
    code = "import sys, mfteach; before = set(sys.modules); mfteach.Ratings; "
    code += "print('numpy' in before, 'mfteach.matrices.ratings' in sys.modules, dir(mfteach))"
    said = in_a_fresh_interpreter(code)
    assert said.startswith("False True")
    assert all(repr(name) in said for name in NAMES)
    with pytest.raises(AttributeError, match="module 'mfteach' has no attribute 'Rating'"):
        mfteach.Rating  # noqa: B018


def test_importing_mfteach_is_fast():
    """It takes little more than what it is built on, NumPy and the progress bars."""
    ours, numpy_s, bars = (
        min(int(in_a_fresh_interpreter(CALLS.format(module=module))) for _ in range(2))
        for module in (
            "mfteach; [getattr(mfteach, n) for n in mfteach.__all__]",
            "numpy",
            "tqdm.auto",
        )
    )
    assert ours < 1.5 * (numpy_s + bars)


def test_the_names_that_other_work_relies_on():
    assert set(mfteach.__all__) == NAMES
    assert all(hasattr(mfteach, name) for name in NAMES)


def public_parts(module):
    """Functions, classes and their public methods, where they are defined."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        if inspect.isclass(thing):
            yield name, thing
            for method, function in vars(thing).items():
                function = getattr(function, "__func__", getattr(function, "fget", function))
                if not method.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{method}", function


@pytest.mark.parametrize("name", ["mfteach", *MODULES])
def test_everything_public_has_a_docstring(name):
    module = importlib.import_module(name)
    assert module.__doc__
    without = [part for part, thing in public_parts(module) if not (thing.__doc__ or "").strip()]
    assert without == []


@pytest.mark.parametrize("name", ["mfteach", *MODULES])
def test_examples_in_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples_to_be_true():
    modules = [importlib.import_module(name) for name in MODULES]
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = sum(len(test.examples) for module in modules for test in finder.find(module))
    assert examples >= 8
