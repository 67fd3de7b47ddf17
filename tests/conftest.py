"""Shared by all tests: figures without a screen, the same examples on each run, mutants named.

Where an extra is not installed its tests are skipped, aloud.
"""

import gc
import os
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

# Each processor has a worker of its own: two threads of BLAS in each would wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

os.environ.pop("TQDM_DISABLE", None)  # of the process that started this worker

import pytest
import tqdm  # noqa: F401  # asks the environment now: only the kernels of nbval follow what is below
from hypothesis import settings

os.environ["TQDM_DISABLE"] = "1"
"""On a slow machine a bar would appear among the outputs that nbval compares."""

TESTS = Path(__file__).parent

settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")


NEED_GRADING = {"grading", "exercises"}
"""The folders of tests that build releases or grade them."""


NEED_SITE = {"delivery", "browser"}
"""The folders of tests that turn lessons into pages or open them."""


NEED_SPARK = {"spark"}
"""The folder of tests that compute on Spark."""


class WithoutAnExtra(pytest.Module):
    """A file of tests that an extra is missing for."""

    reason = ""

    def collect(self):
        """Skip all of it, before anything is imported."""
        pytest.skip(self.reason, allow_module_level=True)


@cache
def without_java():
    """Why Spark cannot run here for want of a Java; nothing if it can."""
    from mfteach.spark.java import NoJava, require_java  # loaded where Spark is there at all

    try:
        require_java()
    except NoJava as error:
        return f"the tests of Spark: {error}"
    return ""


def pytest_pycollect_makemodule(module_path, parent):
    """Skip the tests whose extra is missing; else leave the file to pytest."""
    folders = set(module_path.relative_to(TESTS).parts)
    reason = ""
    if NEED_GRADING & folders and not find_spec("nbgrader"):
        reason = "the tests of grading need nbgrader: make grading"
    elif NEED_SITE & folders and not (find_spec("myst_nb") and find_spec("playwright")):
        reason = "the tests of the web pages need Sphinx and Playwright: make site"
    elif NEED_SPARK & folders and not (find_spec("pyspark") and find_spec("pyarrow")):
        reason = "the tests of Spark need it: make spark"
    elif NEED_SPARK & folders:
        reason = without_java()
    if not reason:
        return None
    module = WithoutAnExtra.from_parent(parent, path=module_path)
    module.reason = reason
    return module


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays, hundreds of megabytes: no search for garbage in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


TRACED = 60
"""Of a test with many cases, about how many are traced: the others run the same lines, faster."""


def pytest_collection_modifyitems(items):
    """Count covered lines in some cases of each test only, from its first to its last."""
    cases = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    for of_test in cases.values():
        every = -(-len(of_test) // TRACED)
        for number, item in enumerate(of_test):
            if number % every:
                item.add_marker("no_cover")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let one worker run all tests on Spark: for each further one another Java would start."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling  # loaded where several workers are wanted

    class OneJava(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "tests/spark" if "/spark/" in nodeid else super()._split_scope(nodeid)

    return OneJava(config, log)


@pytest.fixture
def bars(monkeypatch):
    """Let bars be shown, as they are to whoever works at a terminal."""
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


def pytest_terminal_summary(terminalreporter):
    """Say which mutants were tried: tests record them as the property "mutants"."""
    tried = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "mutants"
    ]
    if tried:
        terminalreporter.section("mutants tried")
        for line in tried:
            terminalreporter.write_line(line)
