"""Ubuntu's rule on user namespaces: the doctor names a cure that can be pasted as it stands."""

import os
import shlex
import subprocess

import pytest

from mfteach.commands.main import main as mfteach
from mfteach.grading.sandbox import bubblewrap
from mfteach.grading.sandbox.sandbox import find_sandbox

RULE = "kernel/apparmor_restrict_unprivileged_userns"


@pytest.fixture
def ubuntu(monkeypatch, tmp_path):
    """Bubblewrap as it ends there for an ordinary user, with these words."""

    def complaining(words, rule="1"):
        fake = tmp_path / "bwrap"
        fake.write_text(f"#!/bin/sh\necho {shlex.quote(words)} >&2\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setattr(bubblewrap, "bwrap_path", lambda: str(fake))
        monkeypatch.setattr(bubblewrap, "_setting", lambda name: rule if name == RULE else "")
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        find_sandbox.cache_clear()

    yield complaining
    find_sandbox.cache_clear()


@pytest.mark.parametrize(
    "words",
    [
        "bwrap: setting up uid map: Permission denied",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        "bwrap: No permissions to create new namespace",
        "",
    ],
)
def test_the_doctor_names_the_cure(ubuntu, capsys, words):
    ubuntu(words)
    mfteach(["doctor"])
    said = capsys.readouterr().out
    assert "missing  sandbox: No sandbox, so no student code is run. AppArmor" in said
    assert f"Cure: allow it to this one program: {bubblewrap._PROFILE}" in said
    assert "To grade exercises, see the line about the sandbox." in said


def test_another_failure_is_not_blamed_on_apparmor(ubuntu, capsys):
    """Or whoever has followed the cure is told to follow it again."""
    ubuntu("No module named numpy")
    mfteach(["doctor"])
    said = capsys.readouterr().out
    assert "AppArmor" not in said
    assert "No module named numpy" in said


def test_the_cure_writes_the_profile(tmp_path):
    """The line as it stands, with programs that write where this test may."""
    target = tmp_path / "bwrap"
    (tmp_path / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (tmp_path / "apparmor_parser").write_text("#!/bin/sh\necho loaded $*\n")
    for name in ("sudo", "apparmor_parser"):
        (tmp_path / name).chmod(0o755)
    words = bubblewrap._PROFILE.replace("/etc/apparmor.d/bwrap", str(target))
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", words], capture_output=True, text=True, env={"PATH": path}, check=True
    )
    assert done.stdout.endswith(f"loaded -r {target}\n")
    assert target.read_text().splitlines() == [
        "abi <abi/4.0>,",
        "include <tunables/global>",
        "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }",
    ]
