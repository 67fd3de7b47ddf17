"""``mfteach doctor``: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from importlib import import_module, metadata
from pathlib import Path

from mfteach.datasets import movielens
from mfteach.spark.java import NEEDED, NoJava, how_to_get, require_java

_PURPOSES = {
    "fast": "For large data",
    "dev": "To change the course",
    "site": "To build the web pages",
    "grading": "To grade exercises",
}
_READY = "Everything a student needs is installed."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "doctor",
        help="versions, what is missing and how to get it",
        description="Report what the course finds on this machine. Exit status 1 if something "
        "that a student needs is missing.",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the report; 1 if something that a student needs is missing."""
    print(f"mfteach {metadata.version('mfteach')}")
    print(f"Python {platform.python_version()} ({sys.executable}) on {platform.platform()}")
    missing = {extra: _report(extra) for extra in ("", "course", *_PURPOSES)}
    has_sandbox = _report_sandbox()
    _report_spark()
    _report_data()
    if missing[""] or missing["course"]:
        print("\nSomething is missing. In the folder of the course: make course")
        print(f"or, without make: {Path(sys.executable).name} -m pip install -e '.[course]'")
        return 1
    for extra, purpose in _PURPOSES.items():
        if missing[extra]:
            wanted = "course,dev" if extra == "dev" else extra
            without_make = f"without make: pip install -e '.[{wanted}]'"
            print(f"\n{_READY} {purpose}: make {extra} ({without_make})")
    if not has_sandbox:
        print(f"\n{_READY} To grade exercises, see the line about the sandbox.")
    elif not any(missing.values()):
        print("\nEverything is installed.")
    return 0


def _report(extra: str) -> list[str]:
    """Print a line for each dependency of one extra ("" for the package itself)."""
    title = {
        "": "the package",
        "course": "the notebooks",
        "fast": "large data (optional; otherwise the slower NumPy code is used)",
        "dev": "changing and testing the course",
        "site": "web pages, slides and handout (optional; npm and Chromium besides)",
        "grading": "grading exercises (instructors only)",
    }
    print(f"\nFor {title[extra]}:")
    missing = []
    for name in _dependencies(extra):
        state = _state(name)
        print(f"  {state}")
        if not state.startswith("ok"):
            missing.append(name)
    return missing


def _state(name: str) -> str:
    """Whether a package is there, and why not. Numba can be installed and yet fail to load."""
    try:
        version = metadata.version(name)
        if name == "numba":
            import_module(name)
    except metadata.PackageNotFoundError:
        return f"missing  {name}"
    except ImportError as error:
        return f"broken   {name} {version}: {error}"
    return f"ok       {name} {version}"


def _report_sandbox() -> bool:
    """Test whether student code can run safely here, and print the result or the cure."""
    from mfteach.grading.sandbox import bytecode, sandbox  # here, because it loads SymPy

    try:
        print(f"  ok       sandbox: {sandbox.find_sandbox().describe()}")
    except sandbox.SandboxUnavailable as error:
        print(f"  missing  sandbox: {' '.join(str(error).split())}")
        return False
    if slow := bytecode.slow_imports():
        print(f"  slow     {slow}")
    return True


def _report_spark() -> None:
    """What it takes to compute on a cluster; nobody misses it who does not."""
    print("\nSpark, for ratings beyond one machine (optional):")
    states = [_state(name) for name in ("pyspark", "pyarrow")]
    for state in states:
        print(f"  {state}")
    try:
        print(f"  ok       Java {require_java()}")
    except NoJava as error:
        print(f"  missing  {error.problem}. Java {NEEDED}: {how_to_get()}")
    if not all(state.startswith("ok") for state in states):
        print("  to install it: make spark (without make: pip install -e '.[spark]')")


def _dependencies(extra: str) -> list[str]:
    """Names of what an extra needs, from the metadata of the installed package."""
    wanted = f'extra == "{extra}"'
    names = []
    for requirement in metadata.requires("mfteach") or []:
        specifier, _, marker = requirement.replace("'", '"').partition(";")
        if ("extra ==" not in marker) if not extra else (wanted in marker):
            names.append(re.split(r"[^\w.-]", specifier.strip())[0])
    return names


def _report_data() -> None:
    print("\nReal ratings (optional; otherwise synthetic ratings are used):")
    try:
        place = os.environ.get("MFTEACH_DATA", "the current folder")
        print(f"  ok       {movielens()}, from {place}")
    except FileNotFoundError as error:
        print(f"  missing  {error}")
    except (OSError, ValueError) as error:
        print(f"  damaged  {error}")
