"""Each engine in turn: the compiled one also as the Python that it is compiled from."""

import importlib

import pytest

from mfteach.fast import engine

NUMBA = "Numba is not installed"
COMPILED = ("compiling", "numba_gradient", "numba_sgd", "numba_least_squares")


def run_line_by_line(monkeypatch):
    """Put the Python that they come from in place of the compiled kernels."""
    for name in COMPILED:
        module = importlib.import_module(f"mfteach.fast.{name}")
        for kernel_name, kernel in list(vars(module).items()):
            if hasattr(kernel, "py_func"):
                monkeypatch.setattr(module, kernel_name, kernel.py_func)


@pytest.fixture(params=["compiled", "line by line"])
def compiler(request, monkeypatch):
    """Run a test twice: with the compiled kernels, and with the Python that they come from."""
    if request.param == "line by line":
        run_line_by_line(monkeypatch)


@pytest.fixture(params=["numpy", "numba", "numba, line by line"])
def fast(request, monkeypatch):
    """The twins of an engine."""
    name, *line_by_line = request.param.split(", ")
    if name == "numba":
        pytest.importorskip("numba", reason=NUMBA, exc_type=ImportError)
    if line_by_line:
        run_line_by_line(monkeypatch)
    return engine.twins(name, 0)
