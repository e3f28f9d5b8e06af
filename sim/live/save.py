"""Saves levers that were moved as a scenario's file, beside those that are there."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import ScenarioError, StoreError
from sim.files import write_new
from sim.inputs.levers import value_text
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_file import NAME, Claim, scenario_names
from sim.inputs.tomlfile import raise_all
from sim.live.worlds import Moves
from sim.owned import check_place
from sim.text import printable, shown

FOLDER = Path("scenarios")
_LONGEST = {"title": 300, "question": 2000}
_CLAIM = "assumed: set by hand on the page of truce explore"
_MOVE = "Move it away, or take another name."


class TakenError(StoreError):
    """There is a scenario of that name, or its file cannot be written."""


class Saved(NamedTuple):
    """Where a scenario was saved, and the command that runs it."""

    path: Path
    command: str


def save(scenario: Scenario, moves: Moves, name: Any, title: Any, question: Any) -> Saved:
    """Write ``scenarios/NAME.toml``: the scenario with some levers moved, and all else as it is.

    Parameters
    ----------
    scenario
        With the levers moved.
    moves
        Which they are.
    name
        Of a-z, 0-9 and '-', and of no scenario that is there.
    title, question
        In one line each.

    Raises
    ------
    ScenarioError
        With all that is wrong with what was given.
    TakenError
        If there is a scenario of that name, or the file cannot be written.
    """
    words = _checked(name, {"title": title, "question": question})
    if name in (*scenario_names(scenario.conflict), "history"):
        raise TakenError(f"scenario '{name}'", "there is one of that name.", "Take another.")
    path = FOLDER / f"{name}.toml"
    try:
        check_place(FOLDER, Path(), _MOVE)
        write_new(path, scenario_toml(scenario, moves, words).encode(), _MOVE)
    except StoreError as error:
        raise TakenError(error.where, error.what, error.todo) from None
    data = [] if scenario.conflict.folder is None else ["--data", scenario.conflict.folder]
    return Saved(path, shlex.join(["truce", *data, "run", path.as_posix()]))


def _checked(name: Any, words: Mapping[str, Any]) -> dict[str, str]:
    """The texts in one line each; all that is wrong with them or the name is told at once."""
    wrong, found = [], {}
    if not isinstance(name, str) or not NAME.fullmatch(name):
        todo = "Use up to 60 of a-z, 0-9 and '-'."
        wrong.append(ScenarioError("name", f"{shown(name)} is not a name.", todo))
    for key, text in words.items():
        line = " ".join(text.split()) if isinstance(text, str) else ""
        if not 1 <= len(line) <= _LONGEST[key] or not line.isprintable():
            what = f"{shown(text)} is not 1 to {_LONGEST[key]} characters that can be printed."
            wrong.append(ScenarioError(key, what, "Write it in a line."))
        found[key] = line
    raise_all("the request", wrong)
    return found


# ------------------------------------------------------------------ the file


def scenario_toml(scenario: Scenario, moves: Moves, words: Mapping[str, str]) -> str:
    """Return a scenario's file; its dated changes, blocks and claims are kept.

    A claim no longer names a lever that was moved by hand, also if a later change or a block sets
    it again: no source stands behind a number that is not its own.

    Parameters
    ----------
    scenario
        With the levers moved.
    moves
        Which they are.
    words
        Its title and its question.
    """
    return "\n".join(_lines(scenario, moves, words)) + "\n"


def _lines(scenario: Scenario, moves: Moves, words: Mapping[str, str]) -> Iterator[str]:
    moved = ", ".join(f"{name}={value_text(value)}" for name, value in moves) or "no lever"
    yield f"# Saved from the page of truce explore {printable(scenario.given or scenario.name)},"
    yield f"# which moved {moved}."
    yield ""
    head = {"schema": "truce/scenario/1", **words, "author": scenario.author}
    yield from _pairs({**head, "as_of": scenario.as_of, "horizon_days": scenario.horizon_days})
    yield from ("", "[levers]", *_pairs(scenario.own_levers))
    for change in scenario.changes:
        yield from ("", "[[changes]]", *_pairs(change.model_dump(exclude_none=True)))
    for table, blocks in (("when", scenario.when), ("move", scenario.moves)):
        for block in blocks:
            yield from ("", f"[[{table}]]", *_pairs(block.model_dump(exclude_defaults=True)))
    for claim in _claims(scenario, moves):
        yield from ("", "[[claims]]", *_pairs(claim.model_dump(exclude_defaults=True)))


def _claims(scenario: Scenario, moves: Moves) -> Iterator[Claim]:
    by_hand = {name for name, _ in moves}
    for claim in scenario.claims:
        levers = tuple(lever for lever in claim.levers if lever not in by_hand)
        if levers or not claim.levers:
            yield claim.model_copy(update={"levers": levers})
    claimed = {lever for claim in scenario.claims for lever in claim.levers} - by_hand
    own = tuple(lever for lever in scenario.own_levers if lever not in claimed)
    if own:
        yield Claim(text=_CLAIM, levers=own)


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_quoted(key) if '.' in key else key} = {_toml(one)}" for key, one in values.items())


def _toml(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return value_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_pairs(value))} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return _quoted(value)


def _quoted(text: str) -> str:
    """Write a text as JSON does, which TOML reads; it wants one more letter in escapes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
