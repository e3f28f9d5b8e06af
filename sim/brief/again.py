"""The commands that make what was given to a briefing, as it is or alike to the rest.

Commands are those that were kept with the results, with all the options of who made them. They are
shown and never read: where something has to change, a new one is written from what was asked.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.influence_result import KINDS
from sim.attribution.update.result import Update
from sim.attribution.why.one_world import OneWorld
from sim.brief.given import Given
from sim.catalog import open_entry
from sim.commands import (
    compare_command,
    discover_command,
    explain_command,
    explore_command,
    influence_command,
    optimise_command,
    redteam_command,
    run_command,
    sensitivity_command,
    sweep_command,
    timeline_command,
    update_command,
    watch_command,
    why_command,
    why_world_command,
)
from sim.errors import SimError
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario
from sim.request import in_python, python_command, scenario_request
from sim.runs import OUTPUTS, find
from sim.store import Storable, run_key
from sim.text import printable

_DATE = re.compile(r"datetime\.date\(\d+, \d+, \d+\)")


@dataclass(frozen=True)
class Change:
    """What is to be other than it was; None where it stays.

    Attributes
    ----------
    out
        Where results are kept and looked up.
    data
        The folder of the conflict, empty if it ships.
    """

    out: Path = OUTPUTS
    data: str | None = None
    day: dt.date | None = None
    horizon_days: int | None = None
    worlds: int | None = None
    seed: int | None = None

    def of(self, thing: Storable, source: str = "") -> str:
        """Return the command that makes a result, with no other change than this.

        The one that was kept with it is shown as it is; nothing is read from it. Where more than
        the place of the outputs changes, a new one is written from what was asked.

        Parameters
        ----------
        source
            What it is to be asked of, such as `last-run`, if that is not what it was asked of.
        """
        kept = str(thing.command)  # type: ignore[attr-defined]
        by_truce = kept.startswith("truce ")
        if self == Change(self.out) and not source:
            return printable(kept) + self._place if by_truce else self._own_python(thing)
        if by_truce or source:
            command = _truce_command(thing, self._changed(_request_of(thing)), source)
            if command:
                return command + self._place
        return self._own_python(thing)

    def of_run(self, scenario: Scenario, worlds: int, seed: int) -> str:
        """Return the `truce run` of a scenario, with this change."""
        asked = {"scenarios": [scenario_request(scenario)], "worlds": worlds, "seed": seed}
        return run_command(self._changed(asked)) + self._place

    @property
    def _place(self) -> str:
        return "" if self.out == OUTPUTS else f" {shlex.join(['--out', str(self.out)])}"

    def _changed(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What was asked, with what is to be other."""
        frame: dict[str, Any] = {}
        if self.day is not None:
            frame["as_of"] = self.day.isoformat()
        if self.horizon_days is not None:
            frame["horizon_days"] = self.horizon_days
        if self.data is not None:
            frame["data"] = self.data or None
        asked = {**request, **{name: one for name, one in frame.items() if name in request}}
        if "scenarios" in asked:
            asked["scenarios"] = [{**scenario, **frame} for scenario in asked["scenarios"]]
        if self.worlds is not None:
            asked |= {"worlds": self.worlds, "precision": None}
        return asked | ({} if self.seed is None else {"seed": self.seed})

    def _own_python(self, thing: Storable) -> str:
        """The line of Python that a result writes of itself, whoever made it."""
        if isinstance(thing, Study):
            return printable(thing.command)
        own = dataclasses.replace(thing, made_by="")  # type: ignore[type-var]
        *words, line = shlex.split(own.command)  # type: ignore[attr-defined]
        return shlex.join([*words, self._of_python(line)])

    def _of_python(self, line: str) -> str:
        line = _kept(line)
        if self.data is not None:
            line = re.sub(r", conflict=sim\.Conflict\('[^']*'\)", "", line)
            folder = f", conflict=sim.Conflict({self.data!r})" if self.data else ""
            line = re.sub(r"(as_of=datetime\.date\([\d, ]+\))", lambda at: at[1] + folder, line)
        if self.day is not None:
            line = _DATE.sub(repr(self.day), line)
        if self.horizon_days is not None:
            horizon = f"horizon_days={self.horizon_days}"
            there = "horizon_days=" in line
            found = r"horizon_days=\d+" if there else r"(as_of=datetime\.date\([\d, ]+\))"
            line = re.sub(found, horizon if there else rf"\1, {horizon}", line)
        if self.worlds is not None:
            line = re.sub(r"\b(worlds=\d+|precision=[\d.e-]+)", f"worlds={self.worlds}", line)
        if self.seed is not None:
            line = re.sub(r"\bseed=\d+", f"seed={self.seed}", line)
        return line.replace(".save('outputs')", f".save({str(self.out)!r})")


def _kept(line: str) -> str:
    """A line of Python that keeps what it makes where it would only print it."""
    start, _, shown = line.partition("; print(")
    if not shown:
        return line
    call = shown.removesuffix(")").removesuffix(".sentence").removesuffix(".summary()")
    return f"{start}; {call}.save('outputs')"


def _request_of(thing: Storable) -> Mapping[str, Any]:
    """What was asked for, as plain data."""
    if isinstance(thing, Study):
        return cast(Mapping[str, Any], thing.facts()["request"])
    return cast(Mapping[str, Any], thing.request)  # type: ignore[attr-defined]


_COMMANDS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "run": run_command,
    "comparison": compare_command,
    "timeline": timeline_command,
    "influence": functools.partial(influence_command, every=KINDS),
    "why": why_command,
    "watch": watch_command,
    "redteam": redteam_command,
    "sensitivity": sensitivity_command,
    "optimise": optimise_command,
    "explore": explore_command,
    "update": update_command,
}
"""By kind, what writes the command from what was asked."""


def _truce_command(thing: Storable, asked: Mapping[str, Any], source: str) -> str | None:
    """The `truce` command that asks for a result, or None if there is none."""
    if isinstance(thing, Explanation):
        return explain_command({**asked, "run": source or asked["run"]})
    if isinstance(thing, OneWorld):
        return why_world_command(source or source_id(thing), asked)
    if isinstance(thing, Discovery):
        return discover_command({**asked, "id": source or asked["id"]})
    if isinstance(thing, Study):
        return None if asked["kind"] == "points" else sweep_command(asked)
    make = _COMMANDS.get(thing.kind)
    return make(asked) if make else None


# ------------------------------------------------------------------ what has to be there first


def source_id(thing: Storable) -> str:
    """The id of what a result was asked of, which its command looks up; empty if of nothing."""
    if isinstance(thing, Explanation):
        return thing.run_id
    if isinstance(thing, OneWorld):
        of = thing.setting
        return run_key(of.first, of.seed, of.worlds, None, of.ensemble_id)
    if isinstance(thing, Discovery):
        return str(thing.asked["id"])
    if isinstance(thing, Update) and thing.watched:
        return thing.watched.id
    return ""


def source_of(thing: Storable, given: Given, out: Path) -> Storable | None:
    """What a result was asked of, if that was given or can be opened."""
    wanted = source_id(thing)
    there = [*given.things, *given.all_runs]
    found = next((one for one in there if one.id == wanted), None)
    if found or not wanted:
        return found
    try:
        return open_entry(find(wanted, out))
    except SimError:
        return None


def commands_of(given: Given, out: Path) -> tuple[str, ...]:
    """The commands that make all that was given, each after those of what it was asked of."""
    first = [thing for thing in given.things if not source_id(thing)]
    found: dict[str, None] = {_as_it_was(thing): None for thing in first}
    parts = {run.id for run in given.runs}
    for thing in given.things:
        wanted = source_id(thing)
        if not wanted:
            continue
        source = source_of(thing, given, out)
        if source and wanted not in parts:
            found[Change().of(source)] = None
        found[_as_it_was(thing, alone=source is None)] = None
    return tuple(found)


def _as_it_was(thing: Storable, *, alone: bool = False) -> str:
    """The command that makes a result and keeps it; of a world without its run, both in one."""
    if alone and isinstance(thing, OneWorld):
        of = thing.setting
        run = f"sim.run({in_python(scenario_request(of.first))}, worlds={of.worlds}"
        call = f"sim.why({run}, seed={of.seed}), world={thing.world}, outcome={thing.outcome!r})"
        return python_command(f"{call}.save('outputs')")
    return Change().of(thing)
