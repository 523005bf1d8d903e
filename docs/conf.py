"""The documentation site: Sphinx reads the Markdown of this folder. ``tools/docs.sh`` builds it."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE.parent / "tools"), str(_HERE.parent / "src")]

import findings_reference

findings_reference.write(_HERE / "reference" / "findings")

project = "trued"
author = "The trued developers"
copyright = "The trued developers"
language = "en"
extensions = ["myst_parser", "site_extension"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
root_doc = "index"

myst_heading_anchors = 3
myst_enable_extensions: list[str] = []
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = "trued"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5fd3a6", "color-brand-content": "#5fd3a6"},
}
highlight_language = "text"
