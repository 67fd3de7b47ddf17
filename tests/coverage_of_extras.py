"""Lines that cannot run do not count: the kernels where Numba is missing, grading without nbgrader.

A plugin of coverage, named in pyproject.toml. That these were not tested, pytest says: it lists
``tests/fast``, ``tests/grading`` and ``tests/exercises`` among what was skipped.
"""

import importlib

from coverage import CoveragePlugin

KERNELS = (
    "compiling",
    "numba_gradient",
    "numba_least_squares",
    "numba_lines",
    "numba_sgd",
    "numba_twins",
)
NEED = {
    "numba": [f"mfteach.fast.{name}" for name in KERNELS],
    "nbgrader": ["mfteach.grading"],
    "pyspark": ["mfteach.spark", "mfteach.commands.factorize_on_spark"],
}
"""Of each package that may be missing: the modules, or packages, that cannot do without it."""


def can_be_imported(package):
    """Return whether it is installed, and not broken."""
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


class WithExtrasOnly(CoveragePlugin):
    """Leave out of the measurement what needs a package that cannot be imported."""

    def configure(self, config):
        for package, modules in NEED.items():
            if not can_be_imported(package):
                paths = [f"*/{module.replace('.', '/')}" for module in modules]
                files = [f"{path}{ending}" for path in paths for ending in (".py", "/*")]
                # Also from the report: the kernel of a notebook lists what it has not run.
                for option in ("run:omit", "report:omit"):
                    config.set_option(option, [*(config.get_option(option) or []), *files])


def coverage_init(registry, options):
    """What coverage calls when it loads a plugin."""
    registry.add_configurer(WithExtrasOnly())
