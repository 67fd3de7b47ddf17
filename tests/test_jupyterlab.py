"""JupyterLab as students see it: without the menus of nbgrader, without a question about news."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFIG = ".jupyter/jupyter_lab_config.py"
SHARED = Path(sys.prefix) / "share" / "jupyter"


def settings(name):
    """Read a file from the folder to which the configuration points."""
    loader = pytest.importorskip("traitlets.config.loader")
    config = loader.PyFileConfigLoader(CONFIG, path=str(ROOT)).load_config()
    return json.loads((Path(config.LabApp.app_settings_dir) / name).read_text(encoding="utf-8"))


def test_students_see_no_menu_of_nbgrader():
    (left_out,) = settings("page_config.json")["disabledExtensions"].items()
    assert left_out == ("@jupyter/nbgrader", True)
    installed = SHARED / "labextensions" / "@jupyter" / "nbgrader" / "package.json"
    if not installed.is_file():
        pytest.skip("nbgrader is not installed: whether its extension has this name is not known")
    assert json.loads(installed.read_text(encoding="utf-8"))["name"] == left_out[0]


def test_students_are_not_asked_about_news():
    ((name, chosen),) = settings("overrides.json").items()
    assert chosen == {"checkForUpdates": False, "fetchNews": "false"}
    plugin = name.replace(":", "/")
    schema = json.loads(
        (SHARED / "lab" / "schemas" / f"{plugin}.json").read_text(encoding="utf-8")
    )["properties"]
    for key, value in chosen.items():
        assert schema[key]["default"] != value
        assert value in [one["const"] for one in schema[key].get("oneOf", [{"const": value}])]


@pytest.mark.parametrize("file", ["Makefile", "README.md", "mfteach/commands/course.py"])
def test_whoever_is_told_to_start_it_is_told_of_the_file(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    starts = text.count("jupyterlab notebooks")
    assert starts == text.count(f"jupyterlab notebooks --config {CONFIG}") > 0
    assert (ROOT / CONFIG).is_file()
