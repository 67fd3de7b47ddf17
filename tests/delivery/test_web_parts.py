"""MathJax and reveal.js: fetched once, from a lock without addresses, and never where offline."""

import json
import subprocess
import sys

import pytest
from delivery import __main__ as command
from delivery import web_parts
from delivery.places import SITE

LOCK = json.loads((SITE / "package-lock.json").read_text(encoding="utf-8"))


@pytest.fixture
def nothing_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr(web_parts, "WEB", tmp_path / "web")
    monkeypatch.setattr(web_parts, "BUILD", tmp_path)
    return tmp_path


def test_the_lock_names_a_hash_for_each_package_and_no_address():
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert {name.removeprefix("node_modules/") for name in packages} >= {"mathjax", "reveal.js"}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "://" not in (SITE / "package-lock.json").read_text(encoding="utf-8")


def test_every_package_that_is_kept_comes_with_its_licence():
    for packages in web_parts.KEPT.values():
        for name, paths in packages.items():
            assert "package.json" in paths
            assert "LICENSE" in paths or name.endswith("-font")  # the font's is MathJax's


def test_offline_nothing_is_tried_and_the_cure_is_named(nothing_fetched, monkeypatch):
    monkeypatch.setenv("OFFLINE", "1")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was started"))
    with pytest.raises(web_parts.MissingPartsError, match="without OFFLINE: make site"):
        web_parts.fetch()


def test_where_npm_is_missing_it_says_how_to_get_it(nothing_fetched, monkeypatch):
    monkeypatch.delenv("OFFLINE", raising=False)
    monkeypatch.setenv("PATH", str(nothing_fetched))
    with pytest.raises(web_parts.MissingPartsError, match="sudo apt install npm"):
        web_parts.fetch()


def test_what_is_there_is_not_fetched_again(nothing_fetched, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was started"))
    web_parts.WEB.mkdir()
    (web_parts.WEB / "package-lock.json").write_bytes((SITE / "package-lock.json").read_bytes())
    web_parts.fetch()
    (web_parts.WEB / "package-lock.json").write_text("an older one")
    monkeypatch.setenv("OFFLINE", "1")
    with pytest.raises(web_parts.MissingPartsError):
        web_parts.fetch()


def test_what_is_missing_is_told_from_a_fault_by_the_exit_status(
    nothing_fetched, monkeypatch, capsys
):
    """A run of all checks goes on without the pages after 2 alone."""
    monkeypatch.setattr(sys, "argv", ["delivery", "parts"])
    monkeypatch.setenv("OFFLINE", "1")
    assert command.main() == 2
    assert "without OFFLINE: make site" in capsys.readouterr().err
    monkeypatch.delenv("OFFLINE")
    monkeypatch.setattr(web_parts, "_install", lambda: nothing_fetched / "npm" / "node_modules")
    with pytest.raises(FileNotFoundError):  # npm was content, and a part is not where it was
        command.main()
