"""Lines that cannot run do not count: those of the kernels where Numba is missing.

A plugin of coverage, named in pyproject.toml. That the kernels were not tested, pytest says: it
lists ``tests/fast`` among what was skipped.
"""

from coverage import CoveragePlugin

KERNELS = [
    f"*/mfteach/fast/{name}.py"
    for name in ("compiling", "numba_gradient", "numba_least_squares", "numba_sgd", "numba_twins")
]


class KernelsWithNumbaOnly(CoveragePlugin):
    """Leave the compiled kernels out of the measurement where Numba cannot be imported."""

    def configure(self, config):
        try:
            import numba  # noqa: F401 (whether it can be imported is the question)
        except ImportError:
            left_out = config.get_option("run:omit") or []
            config.set_option("run:omit", [*left_out, *KERNELS])


def coverage_init(registry, options):
    """What coverage calls when it loads a plugin."""
    registry.add_configurer(KernelsWithNumbaOnly())
