"""How the book is built: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "book"))

import lessons  # in docs/book

project = "truce-sim"
author = "The truce-sim maintainers"
project_copyright = author
extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "lessons",
    "mathml",
    "reference",
    "pages",
    "rules_pages",
    "source_links",
]
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_title = "truce-sim"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "use_edit_page_button": False,
}
html_context = {"default_mode": "auto"}
exclude_patterns = ["_build", "gallery/*.md"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_cache_path = str(lessons.cache())
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = lessons.TIMEOUT
nb_merge_streams = True
nb_output_stderr = "remove-warn"
numpydoc_show_class_members = False
numpydoc_validation_checks = {
    "all",
    *("ES01", "EX01", "GL02", "PR01", "PR04", "RT01", "SA01", "SS05", "YD01"),
}
numpydoc_validation_exclude = {r"^mesa\."}
autodoc_typehints = "none"
nitpicky = False
highlight_language = "none"
default_role = "py:obj"
smartquotes = False
viewcode_line_numbers = True
html_show_sourcelink = False
html_copy_source = False
