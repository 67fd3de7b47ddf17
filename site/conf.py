"""How Sphinx builds the site. The sources are written by ``delivery.pages``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from delivery.markup import SETTINGS
from delivery.reference_pages import typeset_docstring

from mfteach.version import __version__

project = "Mathematical Foundations of Recommender Systems"
author = "The mfteach authors"
copyright = "2026, the mfteach authors. Text: CC BY 4.0. Code: BSD 3-Clause"
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]

# What is committed is what is shown.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
myst_enable_extensions = ["colon_fence", "dollarmath", "html_image"]
myst_heading_anchors = 3

# Formulas stand in HTML outputs too, between dollars.
myst_update_mathjax = False
mathjax_path = "../web/mathjax/tex-chtml.js"
mathjax4_config = {
    **SETTINGS,
    "options": {"ignoreHtmlClass": "no-math", "processHtmlClass": "math"},
}

templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "navbar_persistent": [],
    "collapse_navbar": True,
}
html_last_updated_fmt = None

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_param = False
napoleon_use_rtype = False
default_role = "code"


def setup(app):
    """Let formulas be typeset: those of docstrings, and on pages where only an output has one."""
    app.set_html_assets_policy("always")
    app.connect("autodoc-process-docstring", typeset_docstring, priority=400)
