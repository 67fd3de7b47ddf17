"""Which Java there is, and how to get the one that Spark needs."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from mfteach.arguments import InputError

# The first version that Spark 4 runs on.
NEEDED = 17
HOW_TO_GET = {
    "Linux": "sudo apt install openjdk-17-jre-headless (Debian and Ubuntu)",
    "Darwin": "brew install openjdk@17, and set JAVA_HOME as it says (macOS)",
    "Windows": "winget install EclipseAdoptium.Temurin.17.JRE (Windows)",
}


class NoJava(InputError, ImportError):
    """Spark cannot run here for want of a Java: an ImportError as well."""


def require_java() -> str:
    """The Java that Spark will run on, such as "17.0.15 (/usr/bin/java)".

    Raises
    ------
    NoJava
        If there is none, it does not run, or is too old; the message says how to get one.
    """
    java = _java()
    if java is None:
        raise NoJava("Spark needs Java, and there is none on this machine", how_to_install())
    version = _version(java)
    if version is None:
        raise NoJava(f"Spark needs Java, and {java} does not run", how_to_install())
    if _major(version) < NEEDED:
        raise NoJava(
            f"Spark needs Java {NEEDED} or newer, and {java} is {version}", how_to_install()
        )
    return f"{version} ({java})"


def how_to_get() -> str:
    """How to get Java on Debian, macOS and Windows, in one line."""
    return "; ".join(HOW_TO_GET.values())


def how_to_install() -> str:
    """The cure on this machine."""
    advice = HOW_TO_GET.get(platform.system(), how_to_get())
    return f"Install Java {NEEDED}: {advice}" + "; or set JAVA_HOME" * bool(_java())


def _java() -> str | None:
    """The one that Spark itself would take."""
    home = os.environ.get("JAVA_HOME")
    if not home:
        return shutil.which("java")
    return str(Path(home) / "bin" / ("java.exe" if os.name == "nt" else "java"))


def _version(java: str) -> str | None:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "([^"]+)"', said.stderr + said.stdout)
    return found[1] if found else None


def _major(version: str) -> int:
    """8 of "1.8.0_392", 17 of "17.0.15", 26 of "26-ea"."""
    first = re.match(r"(?:1\.)?(\d+)", version)
    return int(first[1]) if first else 0
