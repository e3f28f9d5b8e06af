"""Writes the pages of the reference from the program itself, each time the book is built."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import typer.main
from typer.testing import CliRunner

import sim
from sim.cli import app as truce
from sim.columns import columns
from sim.evidence.articles import load_articles
from sim.inputs.conflict import shipped

FOLDER = Path(__file__).parent.parent / "reference"
PUBLIC = ("sim", "sim.plots", "sim.ledger", "sim.mesa_model")
"""The modules whose public names (`__all__`) have a page each."""
NAMED = (("sim.experiments.how", "How"), ("sim.experiments.differences", "verdict_of"))
"""Names that those pages refer to, which have a page too."""


# ------------------------------------------------------------------ text


def escaped(text: object) -> str:
    """Text as it stands in a cell of a table."""
    said = " ".join(str(text).split())
    pieces = re.split(r"(`[^`]*`)", said)  # code is not escaped, but for what would end the cell
    return "".join(
        piece.replace("|", r"\|") if n % 2 else re.sub(r"([|<>*_\[\]$])", r"\\\1", piece)
        for n, piece in enumerate(pieces)
    )


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; its cells are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def stacked(text: str) -> str:
    """A table whose cells stand below each other where a page is narrow."""
    return f":::{{container}} stacked\n\n{text}\n:::\n"


def document(*words: str) -> dict[str, Any]:
    """What a command prints with ``--json``."""
    done = CliRunner().invoke(truce, [*words, "--json"])
    if done.exit_code:
        raise SystemExit(f"truce {' '.join(words)}: {done.output}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# ------------------------------------------------------------------ Python


def python() -> Iterator[tuple[str, str]]:
    """A page that lists all public names, and one for each."""
    listed = [
        "# The Python interface\n",
        "`import sim` gives these names. Each leads to its page.\n",
    ]
    sections = {
        f"`{module}`": [(module, name) for name in sorted(names_of(module), key=str.lower)]
        for module in PUBLIC
    }
    sections["Named in these pages"] = list(NAMED)
    for title, names in sections.items():
        rows = []
        for module, name in names:
            page = f"api/{module}.{name}"
            rows.append((f"[`{module}.{name}`]({page}.rst)", escaped(first_line(module, name))))
            yield f"{page}.rst", page_of(module, name)
        listed.append(f"## {title}\n\n{stacked(table(('name', 'what it does'), rows))}")
    pages = "\n".join(
        f"api/{module}.{name}" for names in sections.values() for module, name in names
    )
    listed.append(f"```{{toctree}}\n:hidden:\n{pages}\n```\n")
    yield "python.md", "\n".join(listed)


def names_of(module: str) -> list[str]:
    """The public names of a module, packages left out that have a section of their own."""
    home = load(module)
    return [
        name
        for name in home.__all__
        if not isinstance(getattr(home, name), ModuleType) or callable(getattr(home, name))
    ]


def load(module: str) -> Any:
    """A module of the package, by its name."""
    from importlib import import_module

    return import_module(module)


def first_line(module: str, name: str) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(target(module, name)) or "").partition("\n")[0]


def target(module: str, name: str) -> Any:
    """The object that a public name stands for; that of a package that can be called is within."""
    found = getattr(load(module), name)
    return found.brief if isinstance(found, ModuleType) else found


def page_of(module: str, name: str) -> str:
    """A page in reStructuredText, filled from the docstring."""
    found = target(module, name)
    full = f"{module}.{name}"
    title = full if module in PUBLIC else name
    kind = "class" if inspect.isclass(found) else "function"
    home = f"{full}.{name}" if isinstance(getattr(load(module), name), ModuleType) else full
    plain = kind != "class" or issubclass(found, (BaseException, dict))
    own = "" if plain or "mesa" in home_of(found) else "   :inherited-members:\n"
    options = "" if plain else f"   :members:\n{own}{left_out(found)}"
    return f"{title}\n{'=' * len(title)}\n\n.. auto{kind}:: {home}\n{options}"


def left_out(found: Any) -> str:
    """The option that leaves out what a tuple with names has by itself."""
    fields = getattr(found, "_fields", ())
    return f"   :exclude-members: {', '.join([*fields, 'index', 'count'])}\n" if fields else ""


def home_of(found: Any) -> str:
    """The modules of a class and of what it is derived from."""
    return " ".join(each.__module__ for each in found.__mro__)


# ------------------------------------------------------------------ commands


def commands() -> Iterator[tuple[str, str]]:
    """Every command with its arguments and options, as its ``--help`` says."""
    tree = typer.main.get_command(truce)
    parts = [
        "# The commands\n",
        "What each prints with `--help`. `truce COMMAND --help` shows the same in a terminal.\n",
        *of_command(tree, "truce"),
    ]
    yield "commands.md", "\n".join(parts)


def of_command(command: Any, path: str) -> Iterator[str]:
    """The section of a command, and those of all below it."""
    if getattr(command, "hidden", False):
        return
    if path != "truce":
        yield f"({'-'.join(path.split())})=\n{'##' if path.count(' ') == 1 else '###'} `{path}`\n"
        yield from told(inspect.cleandoc(command.help or ""))
        context = command.context_class(command, info_name=path)
        told_of = [one.get_help_record(context) for one in command.params]
        rows = [(f"`{name}`", escaped(text)) for name, text in filter(None, told_of)]
        if rows:
            yield stacked(table(("argument or option", "what it says"), rows))
    for name, inner in getattr(command, "commands", {}).items():
        yield from of_command(inner, f"{path} {name}")


def told(text: str) -> Iterator[str]:
    """A help: paragraphs, and examples as blocks."""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("Example: "):
            words = " ".join(paragraph.removeprefix("Example: ").split())
            yield f":::{{container}} wrapped\n\n```\n{words}\n```\n:::\n"
        else:
            yield f"{escaped(paragraph)}\n"


# ------------------------------------------------------------------ data


def named(name: str, text: str) -> str:
    """A cell with a name, and below it what is told of it."""
    return f"**`{name}`**<br>{escaped(text)}"


def levers() -> Iterator[tuple[str, str]]:
    """Every lever, as `truce levers` has it."""
    found = document("levers")
    rows = [
        (
            named(one["lever"], f"{one['meaning']}. Unit: {one['unit']}. Range: {one['range']}."),
            f"`{one['value']}`, since {escaped(one['since'])}: {escaped(one['source'])}",
        )
        for one in found["levers"]
    ]
    head = ("lever", "value, and where it comes from")
    yield (
        "levers.md",
        f"# The levers\n\nWhat a scenario may set, and its value as of {found['as_of']} "
        "(`truce levers`). What each moves is a table of its own: [](../levers.md). "
        "The articles stand [below](#the-articles) by their numbers.\n\n"
        + stacked(table(head, rows))
        + articles(),
    )


def articles() -> str:
    """The articles that sources name, by their numbers."""
    rows = [
        (
            f"`{one.id[:3]}`",
            one.day.isoformat(),
            escaped(one.outlet or "not named in the text"),
            escaped(one.title or "not in the text"),
            escaped(one.note),
        )
        for one in sorted(load_articles(shipped().evidence), key=lambda one: one.day)
    ]
    head = ("number", "day", "outlet", "title", "note")
    return f"\n## The articles\n\n{stacked(table(head, rows))}"


def parameters() -> Iterator[tuple[str, str]]:
    """Every parameter, as `truce parameters` has it."""
    found = document("parameters")
    rows = []
    for one in found["parameters"]:
        low, high = one["range"]
        rows.append(
            (
                named(
                    one["name"],
                    f"{one['meaning']}. Unit: {one['unit']}. Range: {low:g} to {high:g}.",
                ),
                f"{escaped(one['prior'])}. {of_members(one.get('members'))}",
                escaped(one["source"]),
            )
        )
    head = ("parameter", "prior, and the members' values", "source")
    yield (
        "parameters.md",
        "# Every parameter\n\nWhat the model does not know for certain (`truce parameters`), with "
        f"the members of `{found['ensemble']}`.\n\n" + stacked(table(head, rows)),
    )


def of_members(drawn: Sequence[float] | None) -> str:
    """The values that the members have, of their 5 %, 50 % and 95 % points."""
    if not drawn:
        return ""
    low, middle, high = drawn
    if low == high:
        return "The same for all members"
    return f"Members: median {middle:.3g}, 5 % below {low:.3g}, 5 % above {high:.3g}"


def table_of_worlds() -> Iterator[tuple[str, str]]:
    """Every column of the table of worlds."""
    rows = [
        (f"`{one.name}`", one.type, escaped(one.unit), escaped(one.meaning)) for one in columns()
    ]
    yield (
        "columns.md",
        "# The columns of `worlds.parquet`\n\nA row for each world of a run; "
        "`Results.worlds` is the same as a DataFrame. An empty value is null.\n\n"
        + stacked(table(("column", "type", "unit", "meaning"), rows)),
    )


def schemas() -> Iterator[tuple[str, str]]:
    """Every document that has a schema: those of scenarios and of results that are read back."""
    from sim.inputs.schema import file_schema
    from sim.summaries import RunSummary, StudySummary

    given = {
        "truce/scenario/1": ("A scenario file (TOML)", file_schema()),
        "truce/summary/1": ("The summary of a run", RunSummary.model_json_schema()),
        "truce/sweep/1": ("The summary of a study", StudySummary.model_json_schema()),
    }
    parts = ["# The schemas\n", "JSON Schema of what is read and written, made from the code.\n"]
    for name, (title, schema) in given.items():
        text = json.dumps(schema, indent=1)
        parts.append(f"## {title}: `{name}`\n\n:::{{dropdown}} Show\n```json\n{text}\n```\n:::\n")
    yield "schemas.md", "\n".join(parts)


MAKERS: tuple[Callable[[], Iterator[tuple[str, str]]], ...] = (
    *(python, commands, levers, parameters, table_of_worlds, schemas),
)


def write(_: Any = None) -> None:
    """Write all pages; one that has not changed stays as it is, so that it is not set anew."""
    made = {name: text for maker in MAKERS for name, text in maker()}
    for old in FOLDER.rglob("*.*"):
        if old.relative_to(FOLDER).as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx when the pages are written."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    write(sim)
