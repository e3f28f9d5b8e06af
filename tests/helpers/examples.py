"""The examples of commands that the pages and the helps give, as words."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer.main

from sim.cli import app

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]
_COMMAND = re.compile(r"(?:\.venv/bin/)?truce (?=[a-z-])(.*)")

_OF_THE_SHELL = (("--install-completion",), ("--show-completion",))
"""What asks which shell it is run in, and there may be none."""


class Example(NamedTuple):
    """A command as a reader is shown it: where, and its words behind `truce`."""

    where: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where}: truce {shlex.join(self.words)}"


def tree() -> Any:
    """Return the command with all that is below it."""
    return typer.main.get_command(app)


def of_page(page: Path) -> Iterator[Example]:
    """Yield the examples of a page, in order: lines of indented or fenced blocks of code."""
    fenced = False
    for line in re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8")).splitlines():
        fenced ^= line.startswith("```")
        found = _COMMAND.match(line.strip())
        if found and (fenced or line.startswith("    ")):
            words = _words(found[1])
            if words[:1] not in _OF_THE_SHELL:
                yield Example(page.name, words)


def of_helps(command: Any, path: str = "truce") -> Iterator[Example]:
    """Yield the examples in the help of a command and of all commands below it."""
    text = inspect.cleandoc(command.help or "")
    for found in re.findall(r"Example: truce (.+(?:\n(?!\s*\n|Example:).+)*)", text):
        yield Example(f"{path} --help", _words(found.replace("\n", " ")))
    for name, inner in getattr(command, "commands", {}).items():
        yield from of_helps(inner, f"{path} {name}")


def _words(text: str) -> tuple[str, ...]:
    """The words of a line for a shell, without a comment and without where its output goes."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|<>;&")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if word[0] in "|<>;&":
            break
        words.append(word)
    return tuple(words)


def parsed(words: Sequence[str]) -> None:
    """Parse words as the command would, down to the last command; nothing is run.

    An error of Typer's is raised if there is no such command, option or argument, or a word is not
    of the type that it should be.
    """
    command, context, name = tree(), None, "truce"
    while True:
        context = command.make_context(name, list(words), parent=context)
        inner = getattr(command, "commands", None)
        if not inner or not words:
            return
        name, words = words[-len(context.args) - 1], context.args
        if name not in inner:
            if command.invoke_without_command and name.startswith("-"):
                return
            raise LookupError(f"there is no command {name}")
        command = inner[name]
