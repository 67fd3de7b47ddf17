"""An environment of their own for the libraries that we race against: ``_build/peers``.

    python -m benchmarks.peers _build/peers

Wheels first; what has none is built here, if it can be. What cannot be installed is named, and
the race goes on without it.
"""

import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# The versions that the figures were measured with; what comes later needs what comes before.
PEERS = {
    "Surprise": ["scikit-surprise==1.1.5"],
    "LensKit": ["lenskit==2025.8.1", "pandas>=2.2"],
    "implicit": ["implicit==0.7.3"],
    "cornac": ["cornac==3.0.1"],
    "LIBMF": ["libmf==0.9.2"],
    "cmfrec": ["cmfrec==3.5.1.post14"],
}
# LIBMF's own Makefile offers these; without them it is several times slower. Everybody else is
# built as pip builds it for a user.
_FLAGS = "-O3 -mavx -DUSEAVX -fopenmp"
FLAGS = {"LIBMF": {"CFLAGS": _FLAGS, "CXXFLAGS": _FLAGS}} if platform.machine() == "x86_64" else {}


def installer(python):
    """The beginning of a command that installs into the environment of ``python``."""
    if shutil.which("uv"):
        return ["uv", "pip", "install", "--quiet", "--python", python]
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def install(python, packages, flags):
    """Install from wheels, or else from source; the last line of the error if neither works."""
    # A build of an earlier day may have had other flags: none is taken from a cache.
    for sources in (["--only-binary", ":all:"], ["--no-cache-dir"]):
        command = [*installer(python), *sources, *packages]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=os.environ | flags
        )
        if done.returncode == 0:
            return None
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def main(argv=None):
    """Make the environment and say what it holds."""
    (folder,) = argv or sys.argv[1:]
    venv.create(folder, clear=True, with_pip=True)
    python = str(Path(folder) / "bin" / "python")
    for name, packages in PEERS.items():
        problem = install(python, packages, FLAGS.get(name, {}))
        print(f"{name:10}{packages[0] if problem is None else 'is left out: ' + problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
