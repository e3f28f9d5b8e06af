"""Links a name of the code to its highlighted source, in the pages that explain the rules.

The source pages are those of `sphinx.ext.viewcode`, which reads the files and so does not mind that
the rules are compiled. It makes a page for a module that is documented; here a module that is named
in one of these pages counts as that. The source leads back to the first place that names it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.nodes import make_refnode

PAGES = ("model", "calibration", "by-hand", "reference/rules")
"""The pages whose names of code are linked."""
TOP = Path(__file__).parent.parent.parent
ROOMS = (
    "sim.engine.rules.",
    "sim.engine.",
    "sim.calibrate.",
    "sim.evidence.",
    "sim.inputs.",
    "sim.",
)
"""Where a name is looked for, in this order; in the last only where its module is named too."""


class Place(NamedTuple):
    """A module, and a function or class in it; the module itself if the name is empty."""

    module: str
    name: str = ""


# ------------------------------------------------------------------ what a name stands for


@cache
def definitions() -> dict[str, frozenset[str]]:
    """The functions and classes of every module of the package, by its dotted name."""
    found = {}
    for path in sorted((TOP / "sim").rglob("*.py")):
        parts = path.relative_to(TOP).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = (ast.FunctionDef, ast.ClassDef)
        found[module] = frozenset(one.name for one in tree.body if isinstance(one, defined))
    return found


@cache
def fields() -> frozenset[str]:
    """The fields of the records; such a name is a value, not the function called alike."""
    tree = ast.parse((TOP / "sim/engine/records.py").read_text(encoding="utf-8"))
    kinds = [one for one in tree.body if isinstance(one, ast.ClassDef)]
    lines = [line for kind in kinds for line in kind.body if isinstance(line, ast.AnnAssign)]
    return frozenset(line.target.id for line in lines if isinstance(line.target, ast.Name))


def nearest(places: list[Place]) -> Place | None:
    """The one place in the first room that has any; None if that has several."""
    for room in ROOMS:
        here = [place for place in places if f"{place.module}.".startswith(room)]
        if here:
            return here[0] if len(here) == 1 else None
    return None


def modules_called(name: str) -> list[str]:
    """The modules whose dotted name is this or ends with it."""
    return [module for module in definitions() if f".{module}".endswith(f".{name}")]


@cache
def place_of(text: str) -> Place | None:
    """What a name stands for, if that is one thing: `front.py`, `front.expected`, `place`."""
    if text.endswith(".py"):
        dotted = text.removesuffix(".py").replace("/", ".")
        return nearest([Place(module) for module in modules_called(dotted)])
    if not all(word.isidentifier() for word in text.split(".")):
        return None
    if text.startswith("sim.") and text in definitions():
        return Place(text)
    above, _, name = text.rpartition(".")
    if above:
        homes = [module for module in modules_called(above) if name in definitions()[module]]
        return nearest([Place(module, name) for module in homes])
    if name in fields() or name.startswith("_"):
        return None
    homes = [module for module, names in definitions().items() if name in names]
    return nearest([Place(module, name) for module in homes if module.startswith(ROOMS[:-1])])


# ------------------------------------------------------------------ Sphinx


def literals(doctree: Any) -> Iterator[tuple[Any, Place]]:
    """Every name in a page that stands for something, except in a link."""
    for node in list(doctree.findall(nodes.literal)):
        place = place_of(node.astext())
        if place and not isinstance(node.parent, nodes.reference):
            yield node, place


def note_places(app: Any, doctree: Any) -> None:
    """Keep what a page names, when it has been read."""
    page = app.env.docname
    if page in PAGES:
        named_in(app.env)[page] = list(dict.fromkeys(place for _, place in literals(doctree)))


def forget_places(_: Any, env: Any, page: str) -> None:
    """Forget what a page names that is read anew."""
    named_in(env).pop(page, None)


def join_places(_: Any, env: Any, pages: Any, other: Any) -> None:
    """Take over what pages name that were read apart."""
    named_in(env).update({page: named for page, named in named_in(other).items() if page in pages})


def named_in(env: Any) -> dict[str, list[Place]]:
    """What each page names."""
    if not hasattr(env, "source_places"):
        env.source_places = {}
    found: dict[str, list[Place]] = env.source_places
    return found


def show_sources(app: Any, env: Any) -> None:
    """Have `sphinx.ext.viewcode` make the pages of all that is named, when all pages are read."""
    if not hasattr(env, "_viewcode_modules"):
        env._viewcode_modules = {}
    for page in PAGES:
        for place in named_in(env).get(page, ()):
            entry = env._viewcode_modules.get(place.module)
            if not entry:
                analyzer = ModuleAnalyzer.for_module(place.module)
                analyzer.find_tags()
                entry = analyzer.code, analyzer.tags, {}, place.module
                env._viewcode_modules[place.module] = entry
            if place.name and place.name not in entry[2]:
                entry[2][place.name] = page
                made = Path(app.outdir, f"{page_of(place)}.html")
                made.unlink(missing_ok=True)  # else it is kept as long as the module is the same


def page_of(place: Place) -> str:
    """The page of a module's source."""
    return f"_modules/{place.module.replace('.', '/')}"


def link(app: Any, doctree: Any, page: str) -> None:
    """Turn names into links; the first mention is where the source leads back to."""
    if page not in PAGES or app.builder.format != "html":
        return
    seen = set()
    for node, place in literals(doctree):
        _, _, used, shown = app.env._viewcode_modules[place.module]
        if place.name and used[place.name] == page and place not in seen:
            node["ids"].append(f"{shown}.{place.name}")
        seen.add(place)
        told = f"Source of {'.'.join(filter(None, place))}"
        kept = node.deepcopy()
        if page.startswith("reference/"):  # there the name alone says enough
            kept = nodes.literal(text=place.name or place.module)
            kept["ids"] = node["ids"]
        to_source = make_refnode(app.builder, page, page_of(place), place.name, kept, told)
        to_source["classes"].append("to-source")
        node.replace_self(to_source)


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx when to do it."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("doctree-read", note_places)
    app.connect("env-purge-doc", forget_places)
    app.connect("env-merge-info", join_places)
    app.connect("env-updated", show_sources)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
