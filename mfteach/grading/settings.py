"""The course's settings, and its secrets, which are kept outside the repository."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mfteach.console import UsageError
from mfteach.grading.files import write

SETTINGS = "course.toml"
KEYS = ("secrets", "timezone", "due", "late")
SECRETS = "~/.config/mfteach/course.toml"


_UTC = ZoneInfo("UTC")


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
    grace : timedelta
        How long after the due date a submission still counts as on time.
    late_floor : float
        The share of the points that remains, however late a submission is.
    timezone : ZoneInfo
        What a date without a time zone means, and where a day begins.
    """

    folder: Path
    secrets_file: Path
    due: Mapping[str, datetime] = field(default_factory=dict)
    late_per_day: float = 0.0
    grace: timedelta = timedelta(0)
    late_floor: float = 0.0
    timezone: ZoneInfo = _UTC

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
        unknown = set(table) - set(KEYS)
        if unknown:
            raise UsageError(
                f"{folder / SETTINGS}: unknown key {min(unknown)}; the keys are {', '.join(KEYS)}"
            )
        zone = _timezone(folder, table.get("timezone", "UTC"))
        late = dict(_table(folder, table, "late"))
        _check_late(folder, late)
        return cls(
            folder,
            folder / Path(str(table.get("secrets", SECRETS))).expanduser(),
            {
                name: _date(folder, name, value, zone)
                for name, value in _table(folder, table, "due")
            },
            float(late.get("per_day", 0.0)),
            timedelta(minutes=late.get("grace_minutes", 0)),
            float(late.get("floor", 0.0)),
            zone,
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


def _timezone(folder: Path, name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, KeyError) as error:  # what ZoneInfo raises for names unknown to it
        raise UsageError(
            f"{folder / SETTINGS}, timezone: {name!r} is not one; write a name such as "
            '"America/Chicago" or "UTC"'
        ) from error


def _date(folder: Path, name: str, value: object, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        raise UsageError(
            f"{folder / SETTINGS}, due, {name}: write a date and time: 2027-02-01T23:59:00, in the "
            "course's time zone"
        )
    return value if value.tzinfo else value.replace(tzinfo=zone)


_LATE = {
    "per_day": (1.0, "per_day = 0.1, a share of the points from 0 to 1"),
    "grace_minutes": (7 * 24 * 60.0, "grace_minutes = 15, a number from 0 to 10080, a week"),
    "floor": (1.0, "floor = 0.5, a share of the points from 0 to 1"),
}


def _check_late(folder: Path, late: Mapping[str, Any]) -> None:
    for key, value in late.items():
        if key not in _LATE:
            raise UsageError(
                f"{folder / SETTINGS}, late: unknown key {key}; the keys are {', '.join(_LATE)}"
            )
        most, example = _LATE[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= most:
            raise UsageError(f"{folder / SETTINGS}, late: write {example}")
