"""What ``make`` installs on a machine for which something has no wheel; no network is used.

A small project has this Makefile. Its locks name packages that a folder holds as wheels, some of
them for another machine.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HERE, ELSEWHERE = "py3-none-any", "cp311-cp311-win_vax"
LOCKS = {
    "requirements.txt": ["lessons"],
    "requirements/fast.txt": ["loops", "compiler"],
    "requirements/grading.txt": ["gradebook"],
    "requirements/dev.txt": ["pytest", "coverage"],
}
TOOLS = ["make", "sh", "chmod", "grep", "head", "tail", "cut", "cat", "touch", "rm", "mkdir"]
NO_LOOPS = (
    "Left out: Numba (loops==1.0 has no wheel for this machine, or there is no network). "
    "Large data takes longer without it. Try again: make fast"
)
NO_GRADEBOOK = (
    "Left out: nbgrader (gradebook==1.0 has no wheel for this machine, or there is no network). "
    "Only instructors need it. Try again: make grading"
)
NO_COVERAGE = (
    "Cannot install what the tests and checks need (coverage==1.0 has no wheel for this machine, "
    "or there is no network). The course runs without them. Try again: make dev"
)
BUILD = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """\
import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    shutil.copy("mfteach-1.0-py3-none-any.whl", folder)
    return "mfteach-1.0-py3-none-any.whl"
"""
UV = """\
#!/bin/sh
case "$*" in *{lock}) echo "{error}" >&2; exit 1; esac
"""
PYTHON = """\
#!/bin/sh
[ "$2" = venv ] || exec {python} "$@"
mkdir -p .venv/bin && echo 'echo ran "$@"' > .venv/bin/python && chmod +x .venv/bin/python
"""
OTHER_PYTHON = """\
#!/bin/sh
exec {python} -c "import sys; sys.version_info = {version}; exec(sys.argv[1])" "$2"
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make is not on Windows")


class Machine:
    """A folder with this Makefile, a ``PATH`` of a few tools, and pip without a network."""

    def __init__(self, folder):
        self.folder, self.wheels, self.bin = folder, folder / "wheels", folder / "bin"
        for made in (self.wheels, self.bin, folder / "requirements"):
            made.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "pyproject.toml").write_text(BUILD)
        (folder / "backend.py").write_text(BACKEND)
        write_wheel(folder, "mfteach", HERE)
        for lock, names in LOCKS.items():
            (folder / lock).write_text("".join(map(self.pin, names)))

    def pin(self, name):
        """Write a wheel for another machine, and lock it and the one for this machine."""
        hashes = [
            write_wheel(folder, name, tag)
            for folder, tag in ((self.wheels, ELSEWHERE), (self.folder, HERE))
        ]
        return f"{name}==1.0 " + " ".join(f"--hash=sha256:{each}" for each in hashes) + "\n"

    def offer(self, *names):
        """From now on there is a wheel of these packages for this machine."""
        for name in names:
            shutil.copy(self.folder / f"{name}-1.0-{HERE}.whl", self.wheels)

    def write_program(self, name, text):
        """Put a program on the ``PATH``, and return its file."""
        file = self.bin / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def make(self, *words, python=sys.executable):
        """Return the exit status of make, and the lines that it printed."""
        environment = {
            "PATH": str(self.bin),
            "HOME": "/nowhere",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        done = subprocess.run(
            ["make", f"PYTHON={python}", *words],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout.splitlines()


def write_wheel(folder, name, tag):
    """Write a wheel of a package that says which part of it ran with what; return its hash."""
    file, about = folder / f"{name}-1.0-{tag}.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        for part in ("__main__", "commands/compiled_kernels"):
            ran = " ".join([name, *part.removeprefix("__main__").split("/")]).strip()
            archive.writestr(
                f"{name}/{part}.py", f"import sys; print('ran {ran}', *sys.argv[1:])\n"
            )
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0")
        archive.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}")
        archive.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_the_course_runs_where_extras_have_no_wheel(machine):
    machine.offer("lessons", "compiler", "pytest")
    status, (begins, *rest) = machine.make("course")
    assert begins.startswith("Installing the course")
    assert rest == [NO_LOOPS, NO_GRADEBOOK, "ran mfteach course"]
    assert status == 0
    assert machine.make("course") == (0, ["ran mfteach course"])  # tried once, said once

    status, lines = machine.make("test")
    assert lines[0] == NO_COVERAGE
    assert status == 2
    assert not any(line.startswith("ran") for line in lines)

    machine.offer("loops", "gradebook", "coverage")
    status, lines = machine.make("fast", "grading", "test")
    assert status == 0
    assert [line.split(" -")[0] for line in lines] == [
        "Compiling what Numba speeds up (half a minute, once) ...",
        "ran mfteach commands compiled_kernels",
        "ran pytest",
    ]


def with_uv_that_fails(machine, lock, error):
    """Run ``make course`` where uv cannot install one lock."""
    machine.write_program("uv", UV.format(lock=lock, error=error))
    python = machine.write_program("python", PYTHON.format(python=sys.executable))
    return machine.make("course", python=python)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("Because loops==1.0 has no usable wheels\nand you require it, no solution.", NO_LOOPS),
        (
            "error: Because loops==1.0 has no wheels with a matching platform tag (e.g., x)",
            NO_LOOPS,
        ),
        (
            "Using Python 3\nerror: Failed to fetch" + "!" * 500 + "\n  cause: dns error",
            "Left out: Numba (error: Failed to fetch" + "!" * 178 + "). "
            "Large data takes longer without it. Try again: make fast",
        ),
    ],
)
def test_with_uv_too_an_extra_is_left_out_in_one_line(machine, error, line):
    status, lines = with_uv_that_fails(machine, "requirements/fast.txt", error)
    assert lines[1:] == [line, "ran -m mfteach course"]
    assert status == 0


def test_a_package_of_the_course_without_a_wheel_is_an_error_that_says_where_to_look(machine):
    status, lines = with_uv_that_fails(machine, "requirements.txt", "lessons does not compile")
    assert status == 2
    assert lines[1] == "lessons does not compile"
    assert "see 'Which machines' in README.md" in " ".join(lines)
    assert "\n## Which machines\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert not any(line.startswith("ran") for line in lines)
    assert not (machine.folder / ".venv" / ".course-installed").exists()


@pytest.mark.parametrize("version", [(3, 10, 1), (3, 15, 0), (4, 11, 0)])
def test_a_python_without_the_course_is_refused(machine, version):
    text = OTHER_PYTHON.format(python=sys.executable, version=version)
    status, lines = machine.make("course", python=machine.write_program("python", text))
    assert status == 2
    assert lines[0].startswith("The course needs one of the Pythons 3.11 3.12")
    assert "make course PYTHON=python3.12" in lines[1]
    assert not (machine.folder / ".venv").exists()
