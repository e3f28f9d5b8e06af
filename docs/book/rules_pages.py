"""Writes the page of the reference that lists every rule, with its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import reference

TOP = Path(__file__).parent.parent.parent
PARTS = (
    ("sim/engine/rules", "The rules", "What the model says, a function each."),
    ("sim/engine", "The engine", "How a world is run by the rules."),
    ("sim/calibrate", "Calibration", "How the record weighs pasts."),
    ("sim/evidence", "Evidence", "How articles become positions and events."),
)
"""Folders whose modules are listed, with a title and a sentence."""


def rules() -> Iterator[tuple[str, str]]:
    """A page with a table for each module: its functions and classes, and what they do."""
    parts = [
        "# The rules and their source\n",
        "Every function and class of the model and of its calibration. A name leads to its source, "
        "where a link leads back to where it is explained. How the rules work together says "
        "[the model](../model.md).\n",
    ]
    for folder, title, said in PARTS:
        parts.append(f"## {title}\n\n{said}\n")
        for path in sorted((TOP / folder).glob("*.py")):
            parts += of_module(path)
    yield "rules.md", "\n".join(parts)


def of_module(path: Path) -> Iterator[str]:
    """The section of a module, nothing if it defines nothing that is public."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    found = [one for one in tree.body if isinstance(one, kinds) and not one.name.startswith("_")]
    if not found:
        return
    module = ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__")
    yield f"### `{module}`\n\n{reference.escaped(first_line(tree))}\n"
    rows = [(f"`{module}.{one.name}`", reference.escaped(first_line(one))) for one in found]
    yield reference.table(("name", "what it does"), rows)


def first_line(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    """The first line of a docstring."""
    return (ast.get_docstring(node) or "").partition("\n")[0]


def setup(app: object) -> dict[str, bool]:
    """Add the page to those of the reference."""
    reference.MAKERS = (*reference.MAKERS, rules)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
