"""The commands that make what was given to a briefing, as it is or alike to the rest.

Commands are those that were kept with the results, with all the options of who made them; only
what has to change does.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.update.result import Update
from sim.attribution.why.one_world import OneWorld
from sim.brief.given import Given
from sim.errors import StoreError
from sim.inputs.levers import value_text
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

    def of(self, command: str) -> str:
        """Return a command that differs in no more than that; as it is if it is none of ours."""
        try:
            words = shlex.split(command)
            if words[0] == "truce":
                return shlex.join(self._of_truce(words))
            return shlex.join([*words[:-1], self._of_python(words[-1])])
        except (ValueError, IndexError):
            return printable(command)

    def _of_truce(self, words: list[str]) -> list[str]:
        new = {
            "--as-of": self.day,
            "--horizon": self.horizon_days,
            "--worlds": self.worlds,
            "--seed": self.seed,
            "--out": None if self.out == OUTPUTS else self.out,
        }
        gone = {"--precision": self.worlds is not None, "--data": self.data is not None}
        for option, value in new.items():
            if value is not None and option in words:
                words[words.index(option) + 1] = str(value)
            elif value is not None:
                words += [option, str(value)]
        for option in (option for option, is_gone in gone.items() if is_gone and option in words):
            place = words.index(option)
            words = [*words[:place], *words[place + 2 :]]
        return ["truce", "--data", self.data, *words[1:]] if self.data else words

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


def run_line(scenario: Scenario, worlds: int, seed: int) -> str:
    """Return the `truce run` of a scenario."""
    asked = scenario_request(scenario)
    words = ["truce"] if asked["data"] is None else ["truce", "--data", asked["data"]]
    words += ["run", asked["name"], "--as-of", asked["as_of"]]
    words += ["--horizon", str(asked["horizon_days"])] if asked["horizon_days"] else []
    for lever, value in asked["overrides"].items():
        words += ["--set", f"{lever}={value_text(value)}"]
    return shlex.join([*words, "--worlds", str(worlds), "--seed", str(seed)])


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


def source_of(thing: Storable, given: Given, out: Path) -> str:
    """The command that makes what a result was asked of; empty if that is not to be found."""
    wanted = source_id(thing)
    there = [*given.things, *given.all_runs]
    command = next((one.command for one in there if one.id == wanted), "")  # type: ignore[attr-defined]
    if command or not wanted:
        return str(command)
    try:
        return str(find(wanted, out).manifest["command"])
    except (StoreError, LookupError):
        return ""


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
        found[_as_it_was(thing, alone=not source)] = None
    return tuple(found)


def _as_it_was(thing: Storable, *, alone: bool = False) -> str:
    """The command that makes a result and keeps it; of a world without its run, both in one."""
    if alone and isinstance(thing, OneWorld):
        of = thing.setting
        run = f"sim.run({in_python(scenario_request(of.first))}, worlds={of.worlds}"
        call = f"sim.why({run}, seed={of.seed}), world={thing.world}, outcome={thing.outcome!r})"
        return python_command(f"{call}.save('outputs')")
    return Change().of(str(thing.command))  # type: ignore[attr-defined]
