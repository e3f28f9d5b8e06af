"""Takes the pages of the top folder into the book, without marks that are for tests alone."""

from __future__ import annotations

import re
from typing import Any

TOP = {"CONTRIBUTING": "contributing", "CHANGELOG": "changelog", "SECURITY": "security"}
"""By name of a file of the top folder, the page of the book that has it."""


def lead_within(_: Any, name: str, source: list[str]) -> None:
    """Let links to files of the top folder lead to their pages; drop marks for doctest."""
    source[0] = re.sub(
        r"\(\.\./([A-Z]+)\.md", lambda found: f"({TOP.get(found[1], found[1])}.md", source[0]
    )
    if name == "glossary":
        source[0] = with_terms(source[0])
    source[0] = re.sub(r" *# doctest: [+A-Z_, ]+$", "", source[0], flags=re.MULTILINE)


def with_terms(text: str) -> str:
    """Make the list of words a glossary: each word has an address, and search finds it first."""
    words = re.sub(r"^- \*\*(.+?)\*\*: (.+)$", r"\1\n  \2\n", text, flags=re.MULTILINE)
    words = words.replace("<!-- table: glossary -->\n", ":::{glossary}\n")
    return words.replace("\n<!-- end -->", "\n:::")


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx when pages are read."""
    app.connect("source-read", lead_within)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
