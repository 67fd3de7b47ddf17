"""Shared by all tests: figures without a screen, the same examples on each run, mutants named."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")

from hypothesis import settings

settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")


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
