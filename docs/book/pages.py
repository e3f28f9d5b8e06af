"""Takes the pages of the top folder into the book, and shows diagrams as their text."""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.special import TextLexer

TOP = {"CONTRIBUTING": "contributing", "CHANGELOG": "changelog", "SECURITY": "security"}
"""By name of a file of the top folder, the page of the book that has it."""


def lead_within(_: Any, name: str, source: list[str]) -> None:
    """Let links to files of the top folder lead to their pages in the book."""
    source[0] = re.sub(
        r"\(\.\./([A-Z]+)\.md", lambda found: f"({TOP.get(found[1], found[1])}.md", source[0]
    )


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx when pages are read."""
    app.connect("source-read", lead_within)
    app.add_lexer("mermaid", TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
