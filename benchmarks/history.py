"""What earlier races found, one line a figure: beside it a drift is seen."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLUMNS = ("date", "commit", "set", "k", "figure", "value", "noise")
# Earlier runs that are shown beside a figure.
SHOWN = 3


class History:
    """A file of figures, to which a run adds its own."""

    def __init__(self, path):
        self.path = path
        self._earlier = {}
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    key = row["set"], row["k"], row["figure"]
                    self._earlier.setdefault(key, []).append(float(row["value"]))

    def earlier(self, title, k, figure):
        """The values of the last runs before this one, oldest first."""
        return self._earlier.get((title, str(k), figure), [])[-SHOWN:]

    def add(self, date, title, k, values, noise):
        """Append the figures of one race at once, so that what follows may fail."""
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(COLUMNS)
            commit = _commit()
            for figure, value in values.items():
                writer.writerow([date, commit, title, k, figure, f"{value:.5g}", f"{noise:.3f}"])


def _commit():
    """The commit that is measured, with a + for changes that are not in it."""

    def git(*words):
        done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + "+" * bool(git("status", "--porcelain"))
    except (OSError, subprocess.CalledProcessError):  # a copy without its history
        return ""
