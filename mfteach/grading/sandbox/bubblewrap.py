"""The command that starts the worker in a sandbox, and why it may not start."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mfteach.grading.sandbox import thin_package

INSIDE = Path("/grading")
"""Where the thinned mfteach is in the sandbox."""
HOME = Path("/home/student")
SPACE = 64 * 2**20
"""Size in bytes of the home folder and of /tmp: both start empty and vanish with the sandbox."""
NICE = 5
"""How much a sandbox stands back; more, and on a busy machine it would hardly be served at all."""
ENVIRONMENT = {
    "HOME": str(HOME),
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",  # sets of strings in the same order each time
    **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
}
"""The worker's whole environment."""

_UNSHARED = ("pid", "net", "ipc", "uts", "cgroup-try")
_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
_LOADER = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def python() -> list[str]:
    """The interpreter, with nothing but its libraries.

    ``-s -P`` and our own environment do what ``-I`` does, but ``-I`` would also drop
    PYTHONHASHSEED.
    """
    return [sys.executable, "-s", "-P", "-B", "-X", "utf8"]


def command(bwrap: str, thinned: Path, hidden: Sequence[Path], filter_end: int | None) -> list[str]:
    """The command that starts bubblewrap, up to the interpreter.

    Parameters
    ----------
    bwrap : str
        Path of bubblewrap.
    thinned : Path
        The folder that `thin_package.build` filled.
    hidden : sequence of Path
        Folders that must stay hidden even if they are inside the interpreter's own.
    filter_end : int or None
        File descriptor from which bubblewrap reads the filter of system calls.
    """
    words = [bwrap, "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += [f"--unshare-{kind}" for kind in _UNSHARED]
    if os.geteuid() == 0:
        # Root needs no user namespace, and in one its processes would be exempt from the limit on
        # processes. The worker becomes an ordinary user before it runs anything of the student's.
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    if choom := shutil.which("choom"):  # if memory runs short, the kernel kills these first
        words = [choom, "-n", "1000", "--", *words]
    if nice := shutil.which("nice"):  # the grader itself comes first
        words = [nice, "-n", str(NICE), *words]
    for folder in ("/tmp", str(HOME)):  # before what may be in them
        words += ["--size", str(SPACE), "--perms", "1777", "--tmpfs", folder]
    for folder in _above([*_LOADER, *_DEVICES, str(INSIDE), *map(str, prefixes())]):
        words += ["--perms", "0755", "--dir", folder]  # left to itself, bubblewrap takes 0700
    for path in (*_SYSTEM, *_LOADER):
        words += ["--ro-bind-try", path, path]
    for device in _DEVICES:
        words += ["--dev-bind", device, device]
    for prefix in prefixes():
        words += ["--ro-bind", str(prefix), str(prefix)]
    for place in _within_prefixes([thin_package.PACKAGE]):
        words += ["--ro-bind", str(thinned / "mfteach"), str(place)]
    for place in _within_prefixes(hidden):
        words += ["--size", "4096", "--perms", "0555", "--tmpfs", str(place)]
        words += ["--remount-ro", str(place)]
    words += ["--ro-bind", str(thinned), str(INSIDE), "--remount-ro", "/", "--chdir", str(HOME)]
    if filter_end is not None:
        words += ["--seccomp", str(filter_end)]
    return words


def namespaces() -> list[str]:
    """The namespaces that `command` makes."""
    found = ["mount", *(kind.removesuffix("-try") for kind in _UNSHARED)]
    return found if os.geteuid() == 0 else ["user", *found]


def prefixes() -> list[Path]:
    """The folders of the interpreter and its libraries, by their given and their real names."""
    called = [Path(sys.base_prefix), Path(sys.prefix)]
    real = [path.resolve() for path in called]
    return [path for path in dict.fromkeys(real + called) if not _in_system(path)]


def home_within() -> Path | None:
    """The interpreter's folder if the home folder is inside it: both would be visible."""
    home = Path("~").expanduser().resolve()
    return next((path for path in prefixes() if home.is_relative_to(path.resolve())), None)


def _above(paths: Iterable[str]) -> list[str]:
    """The folders that contain these paths, outer ones first."""
    folders = {folder for path in paths for folder in Path(path).parents} - {Path("/")}
    return sorted(map(str, folders))


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _SYSTEM)


def _within_prefixes(folders: Iterable[Path]) -> Iterator[Path]:
    """Each folder under all the names by which the sandbox would show it."""
    shown = [Path("/usr"), *prefixes()]
    for folder in folders:
        for prefix in shown:
            if folder.is_dir() and folder.resolve().is_relative_to(prefix.resolve()):
                yield prefix / folder.resolve().relative_to(prefix.resolve())


def version(bwrap: str) -> str:
    """``bubblewrap 0.8.0``."""
    return subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()


def why_not(complaint: str) -> str:
    """Reason and cure, from what bubblewrap (or the interpreter in it) wrote before it ended."""
    said = complaint.strip()[-500:] or "it ended without a message"
    is_about_namespaces = re.search(_NAMESPACES, said) or not complaint.strip()
    restricted = _setting("kernel/apparmor_restrict_unprivileged_userns") == "1"
    if restricted and is_about_namespaces and os.geteuid() != 0:
        return (
            f"AppArmor does not let bubblewrap use user namespaces ({said}).\n"
            f"Cure: allow it to this one program: {_PROFILE}"
        )
    if _setting("kernel/unprivileged_userns_clone") == "0" and os.geteuid() != 0:
        return (
            f"User namespaces are switched off for ordinary users ({said}).\n"
            "Cure: sudo sysctl -w kernel.unprivileged_userns_clone=1"
        )
    if _setting("user/max_user_namespaces") == "0" and os.geteuid() != 0:
        return (
            f"User namespaces are switched off ({said}).\n"
            "Cure: sudo sysctl -w user.max_user_namespaces=10000"
        )
    if "Unknown option" in said:
        return f"This bubblewrap is too old ({said}).\nCure: bubblewrap 0.8 or later."
    if re.search(_NAMESPACES, said):
        return (
            f"Namespaces are not allowed here; perhaps this is a container ({said}).\n"
            "Cure: start the container with --privileged, or grade outside it."
        )
    return f"The worker does not start in the sandbox: {said}"


_NAMESPACES = r"namespace|[ug]id map|Operation not permitted|Permission denied|RTM_"
"""What bubblewrap complains of where namespaces are not allowed."""
_PROFILE = (
    "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\n"
    "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' "
    "| sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap"
)
"""As Ubuntu writes such profiles: nothing is confined, and user namespaces are allowed."""


def _setting(name: str) -> str:
    """A setting of the kernel; empty where the kernel has no such setting."""
    path = Path("/proc/sys") / name
    return path.read_text().strip() if path.is_file() else ""


def bwrap_path() -> str:
    """Where bubblewrap is.

    Raises
    ------
    FileNotFoundError
        If it is not installed; the message says what to install, or where else to grade.
    """
    if platform.system() != "Linux":
        raise FileNotFoundError(
            f"{platform.system()} has no bubblewrap. Cure: grade in a Linux container or, "
            "on Windows, in WSL2."
        )
    found = shutil.which("bwrap")
    if found is None:
        raise FileNotFoundError(
            "bubblewrap is not installed. Cure: sudo apt install bubblewrap "
            "(Fedora: sudo dnf install bubblewrap)."
        )
    return found
