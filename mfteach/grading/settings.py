"""The course's settings, and its secrets, which are kept outside the repository."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mfteach.console import UsageError
from mfteach.grading.files import write

SETTINGS = "course.toml"
SECRETS = "~/.config/mfteach/course.toml"


@dataclass(frozen=True)
class Secrets:
    """What no student may know.

    Parameters
    ----------
    secret : bytes
        Generates the inputs that functions are called with.
    seed : bytes
        Generates the variants.
    """

    secret: bytes = field(repr=False)
    seed: bytes = field(repr=False)


@dataclass(frozen=True)
class Course:
    """The folder of a course and what its ``course.toml`` says.

    Parameters
    ----------
    folder : Path
    secrets_file : Path
        Created at first use, readable by nobody else.
    due : mapping of str to datetime
        When each assignment is due; one without a date is never late.
    late_per_day : float
        The share of the points that each day late costs, from its first second.
    """

    folder: Path
    secrets_file: Path
    due: Mapping[str, datetime] = field(default_factory=dict)
    late_per_day: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> Course:
        """Read ``course.toml``; without one the defaults apply.

        Raises
        ------
        UsageError
            If this is not the folder of a course, or the file cannot be used; names the key.
        """
        if not (folder / "questions").is_dir():
            raise UsageError(
                f"{folder} is not a course: it has no folder questions/; give yours as --course DIR"
            )
        table = _read(folder / SETTINGS)
        unknown = set(table) - {"secrets", "due", "late"}
        if unknown:
            raise UsageError(
                f"{folder / SETTINGS}: unknown key {min(unknown)}; the keys are secrets, due, late"
            )
        return cls(
            folder,
            folder / Path(str(table.get("secrets", SECRETS))).expanduser(),
            {name: _date(folder, name, value) for name, value in _table(folder, table, "due")},
            _share(folder, dict(_table(folder, table, "late"))),
        )

    def secrets(self) -> Secrets:
        """Read the secrets; the first time, create them and say so.

        Raises
        ------
        UsageError
            If the file is damaged. It is not recreated then: the inputs would change, and the
            variants would not be those that the class has.
        """
        if not self.secrets_file.exists():
            _make_secrets(self.secrets_file)
        elif os.name == "posix" and self.secrets_file.stat().st_mode & 0o077:
            print(
                f"Careful: others can read {self.secrets_file}. "
                f"Cure: chmod 600 {self.secrets_file}",
                file=sys.stderr,
            )
        table = _read(self.secrets_file)
        try:
            return Secrets(bytes.fromhex(table["secret"]), bytes.fromhex(table["seed"]))
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{self.secrets_file} must contain secret and seed, in hexadecimal digits; "
                "restore your copy of it"
            ) from error


def fingerprint(seed: bytes) -> str:
    """Return a name for the seed that reveals nothing about it; it is kept with the variants."""
    return hashlib.sha256(b"fingerprint of a seed" + seed).hexdigest()[:16]


def _make_secrets(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'{name} = "{secrets.token_hex(32)}"\n' for name in ("secret", "seed")]
    write(
        file, "# The secrets of a course: keep a copy, show it to nobody.\n" + "".join(lines), 0o600
    )
    print(
        f"Created the course's secrets: {file}. "
        "Keep a copy: the variants and the marks depend on it.",
        file=sys.stderr,
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


def _table(folder: Path, table: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    entries = table.get(key, {})
    if not isinstance(entries, dict):
        raise UsageError(f"{folder / SETTINGS}: {key} must be a table: [{key}]")
    return list(entries.items())


def _date(folder: Path, name: str, value: object) -> datetime:
    if not isinstance(value, datetime):
        raise UsageError(
            f"{folder / SETTINGS}, due, {name}: write a date and time: 2027-02-01T23:59:00Z"
        )
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _share(folder: Path, late: Mapping[str, Any]) -> float:
    share = late.get("per_day", 0.0)
    number = isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    if set(late) - {"per_day"} or not number:
        raise UsageError(
            f"{folder / SETTINGS}, late: write per_day = 0.1, a share of the points from 0 to 1"
        )
    return float(share)
