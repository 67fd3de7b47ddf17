"""What the tests leave to the night, and what coverage leaves out, is what it says."""

from pathlib import Path

import pytest
from cases import some

import mfteach.fast
from tests.coverage_of_extras import NEED, WithExtrasOnly


def is_later(case):
    return bool(getattr(case, "marks", ()))


@pytest.mark.parametrize("number", range(1, 9))
def test_so_many_cases_are_kept_from_the_first_to_the_last_and_none_is_lost(number):
    cases = some(range(8), number)
    assert [case.values[0] if is_later(case) else case for case in cases] == list(range(8))
    kept = [case for case in cases if not is_later(case)]
    assert len(kept) == number
    assert kept[0] == 0
    assert number == 1 or kept[-1] == 7


def test_a_case_of_several_values_stays_whole():
    assert some([("a", 1), ("b", 2)], 1)[1].values == ("b", 2)


class Settings(dict):
    get_option = dict.get
    set_option = dict.__setitem__


def test_what_cannot_be_imported_is_left_out_of_the_report_too(monkeypatch):
    """The kernel of a notebook lists the files that it has not run."""
    monkeypatch.setattr("tests.coverage_of_extras.can_be_imported", lambda package: False)
    settings = Settings()
    WithExtrasOnly().configure(settings)
    assert settings["run:omit"] == settings["report:omit"]
    assert "*/mfteach/spark/*" in settings["report:omit"]


def test_every_module_that_needs_numba_is_named():
    files = Path(mfteach.fast.__file__).parent.glob("*.py")
    needing = {file.stem for file in files if "from numba" in file.read_text(encoding="utf-8")}
    assert {f"mfteach.fast.{name}" for name in needing} <= set(NEED["numba"])
