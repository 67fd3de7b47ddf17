"""How `jupyter nbconvert --to html` writes a lesson: what JupyterLab folds is folded there too."""

from pathlib import Path

c = get_config()  # noqa: F821  # Jupyter puts it there

c.HTMLExporter.template_name = "course"
c.HTMLExporter.extra_template_basedirs = [str(Path(__file__).resolve().parent / "templates")]
