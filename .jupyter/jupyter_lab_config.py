"""What students do not see in JupyterLab: the menus of nbgrader, a question about news, updates.

`make lab` starts JupyterLab with this file, which points to page_config.json and overrides.json
beside it. Instructors start it in exercises/ and without it, and have the menus.
"""

from pathlib import Path

c = get_config()  # noqa: F821  # Jupyter puts it there

c.LabApp.app_settings_dir = str(Path(__file__).resolve().parent)
