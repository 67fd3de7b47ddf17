"""Which worker runs which tests, where there are several (``pytest -n 2 --dist loadscope``)."""

from types import SimpleNamespace

import pytest


def scheduler(config, dist):
    values = {"dist": dist, "tx": ["2*popen"]}
    asked = SimpleNamespace(
        getvalue=values.get, getoption=values.get, option=SimpleNamespace(loadscopereorder=True)
    )
    return config.hook.pytest_xdist_make_scheduler(config=asked, log=None)


@pytest.fixture
def scope(request):
    pytest.importorskip("xdist")
    return scheduler(request.config, "loadscope")._split_scope


def test_all_tests_on_spark_have_one_worker(scope):
    files = ("tests/spark/test_spark_fit.py", "tests/spark/test_spark_reading.py")
    assert len({scope(f"{file}::test_{name}") for file in files for name in "ab"}) == 1


def test_other_files_are_apart(scope):
    files = ("tests/loss/test_a.py", "tests/loss/test_b.py", "tests/spark/test_c.py")
    assert len({scope(f"{file}::test") for file in files}) == 3
    assert scope("tests/loss/test_a.py::TestOne::test") == "tests/loss/test_a.py::TestOne"


def test_another_way_of_dealing_them_out_is_left_alone(request):
    pytest.importorskip("xdist")
    assert scheduler(request.config, "worksteal") is None
