"""The README's first screen runs, prints what it says, and draws the picture that it shows."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def first_example(tmp_path_factory):
    """Run the first Python block as a newcomer would: alone, in an empty folder."""
    folder = tmp_path_factory.mktemp("readme")
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return code, done.stdout, folder


def test_the_example_prints_what_the_readme_says(first_example):
    said = re.search(r"```text\n(.*?)```", README, re.DOTALL)[1]
    assert first_example[1] == said


def test_the_example_is_about_ten_lines(first_example):
    lines = [line for line in first_example[0].splitlines() if line.strip()]
    assert len(lines) <= 11


def test_the_picture_is_what_the_example_draws(first_example):
    shown = re.search(r"!\[(?P<alt>[^\]]+)\]\((?P<path>[^)]+)\)", README)
    assert len(shown["alt"]) > 20
    with (
        Image.open(ROOT / shown["path"]) as kept,
        Image.open(first_example[2] / "descent.png") as new,
    ):
        assert kept.size == new.size
        difference = np.abs(np.asarray(kept.convert("L"), float) - np.asarray(new.convert("L")))
    # Another version of matplotlib may move a letter, not a curve.
    assert (difference > 64).mean() < 0.02


def test_every_link_into_the_project_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_second_example_runs_on_a_file_of_ratings(tmp_path):
    """Users 1 to 60 rate films, 42, 318 and 356 among them."""
    rng = np.random.default_rng(0)
    lines = [
        f"{user},{film},{rng.integers(1, 6)}" for user in range(1, 61) for film in (318, 356, 7)
    ]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n" + "\n".join(lines) + "\n")
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[1]
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
