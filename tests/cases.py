"""Which of many cases a change is tested with; ``make test-thorough`` takes the others."""

import pytest


def some(cases, number):
    """Return the cases; all but ``number`` of them, evenly spread, are marked ``thorough``."""
    cases = list(cases)
    if number >= len(cases):
        return cases
    step = (len(cases) - 1) / max(number - 1, 1)
    kept = {round(step * place) for place in range(number)}
    return [case if place in kept else later(case) for place, case in enumerate(cases)]


def later(case):
    """A case that is marked ``thorough``."""
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.thorough)
