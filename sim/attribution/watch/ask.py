"""`sim.watch`: which public event of the next days would move the odds, or turn a choice, most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from sim.attribution.watch.conditional import Watched
from sim.attribution.watch.known import LEVERS, part_of
from sim.attribution.watch.parts import Event, MovedLever
from sim.attribution.watch.rank import best_pairs, best_split, ranked_events
from sim.attribution.watch.result import Watch
from sim.attribution.watch.turn import against, switched, turned_events
from sim.engine.agenda import Agenda
from sim.engine.domain import MAX_HORIZON_DAYS, MAX_REACTIONS, Public
from sim.errors import ScenarioError, check_whole
from sim.experiments.compare import as_scenarios, paired
from sim.experiments.how import How, work_of
from sim.experiments.kernel import Grid, Kernel, happened_in
from sim.experiments.paired import paired_with
from sim.experiments.setting import Setting
from sim.inputs.ensemble import load_ensemble
from sim.inputs.events import sentence
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.outcomes import check_outcome, hits_of
from sim.progress import Progress, reported
from sim.text import days_word

WATCH_WORLDS = 262_144
"""Worlds of one scenario, 64 of each member; of two scenarios half as many of each."""
LEVER_WORLDS = 16_384
"""Worlds with a lever moved, at most: a difference of pairs is known with fewer."""


def watch(
    scenario: Scenario | str | Path,
    against: Scenario | str | Path | None = None,
    *,
    days: int = 14,
    outcome: str = "held",
    **how: Unpack[How],
) -> Watch:
    """Say which public event of the next days would move the odds most.

    What an event tells is no effect of it: it is a sign of the world that one is in.

    Parameters
    ----------
    scenario
        A scenario, its name or its path.
    against
        Another, of the same as-of day and horizon, to whose levers one could turn on the evening
        of the last day watched. Then it is also told what would have to be seen to choose so.
    days
        How many days are watched, up to the horizon.
    outcome
        One of the five outcomes, or `agreed`.
    **how
        As of `sim.experiments.how.How`; ``worlds`` (262,144, or 131,072 under each of two
        scenarios).

    Raises
    ------
    SimError
        If an input cannot be used, or the two scenarios set every lever alike after the last day.

    Examples
    --------
    >>> import sim
    >>> found = sim.watch("baseline", worlds=4096)
    >>> found.ranked[0].words
    'Russia accepts the full truce proposed'
    """
    given = [scenario] if against is None else [scenario, against]
    chosen = as_scenarios(given)
    check_outcome(outcome)
    days = _checked_days(paired(chosen) if len(chosen) > 1 else chosen, days)
    work = work_of(how, WATCH_WORLDS // len(chosen))
    first = chosen[0]
    ensemble = load_ensemble(first.as_of, conflict=first.conflict)
    kernel = work.kernel(ensemble, days)
    setting = Setting.of(tuple(chosen), ensemble, work.seed, work.worlds)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        return _Asked(setting, outcome, days, kernel, report).found()


def _checked_days(scenarios: list[Scenario], days: int) -> int:
    days = check_whole("days", days, 1, MAX_HORIZON_DAYS)
    first = scenarios[0]
    horizon = first.horizon_days
    if days > horizon:
        what = f"{days_word(days)} reach beyond the horizon of {days_word(horizon)}."
        raise ScenarioError("days", what, "Watch fewer days, or look further ahead: --horizon.")
    if len(scenarios) == 1:
        return days
    second = scenarios[1]
    if (number := len(first.blocks) + len(second.blocks)) > MAX_REACTIONS:
        what = f"have {number} blocks [[when]] and [[move]] between them; {MAX_REACTIONS} at most."
        raise ScenarioError("scenarios", what, "Leave some out, or watch each alone.")
    later = range(days + 1, horizon + 1)
    alike = all(first.levers_on(day) == second.levers_on(day) for day in later)
    if alike and (first.when, first.moves) == (second.when, second.moves):
        what = (
            f"{first.label} and {second.label} set every lever alike after day {days}: there is "
            "nothing to turn to."
        )
        raise ScenarioError("scenarios", what, "Name two that differ, or watch fewer days.")
    return days


@dataclass(frozen=True)
class _Asked:
    """What is asked, checked, and what runs the worlds."""

    setting: Setting
    outcome: str
    days: int
    kernel: Kernel
    report: Progress | None

    def found(self) -> Watch:
        """Run the worlds and rank the events."""
        first = self.setting.first
        grid = self._grid()
        ended = grid.ended[0]
        members = len(self.kernel.ensemble)
        watched = Watched(grid.member, hits_of(ended, self.outcome), happened_in(ended), members)
        parts = part_of(self.outcome)
        events = ranked_events(watched, parts, lambda event: sentence(event, first.conflict))
        choice = None
        if len(grid.ended) > 1:
            hits = check_outcome(self.outcome)
            change = hits_of(grid.ended[1], self.outcome).astype(np.int64) - watched.hit
            events = turned_events(watched, events, change)
            differ = paired_with(grid.rows(0), grid.rows(1), members, hits).difference
            choice = against(watched, events, change, differ)
        return Watch(
            self.setting,
            self.outcome,
            self.days,
            watched.base,
            self._with_levers(events, grid),
            best_pairs(watched, events),
            best_split(watched, events),
            choice,
            self._lever_worlds,
        )

    def _grid(self) -> Grid:
        """The worlds under the scenario, and under the one that turns to another's levers."""
        first, *others = [agenda(one) for one in self.setting.scenarios]
        agendas = [first, *(switched(first, other, self.days) for other in others)]
        return self.kernel.grid(agendas, self.setting.worlds, progress=self.report)

    # -------------------------------------------------------------- levers

    @property
    def _lever_worlds(self) -> int:
        return min(LEVER_WORLDS, self.setting.worlds)

    def _with_levers(self, events: tuple[Event, ...], grid: Grid) -> tuple[Event, ...]:
        """The events with the odds under a lever that does what the event is, where there is one.

        Levers are told of events that are ranked, or told with one that is.
        """
        agendas = {
            one.public: moved
            for one in events
            if one.apart in ("", "same") and (moved := lever_moved(self.setting.first, one.public))
        }
        if not agendas:
            return events
        number, done = self._lever_worlds, grid.ended.size
        report = self.report and _after(self.report, done)
        under = self.kernel.grid(list(agendas.values()), number, progress=report)
        base = grid.rows(0)[:number]
        found = {event: self._lever(event, base, under.rows(n)) for n, event in enumerate(agendas)}
        return tuple(one._replace(lever=found.get(one.public)) for one in events)

    def _lever(self, event: Public, base: NDArray[np.void], rows: NDArray[np.void]) -> MovedLever:
        hits = check_outcome(self.outcome)
        told = paired_with(base, rows, len(self.kernel.ensemble), hits)
        return MovedLever(*LEVERS[event], told.odds, told.difference)


def lever_moved(scenario: Scenario, event: Public) -> Agenda | None:
    """Return the scenario's agenda with the lever moved, on all days, that does what an event is.

    None if no lever does it, or the scenario moves the lever, or has set it so, already.
    """
    if event not in LEVERS:
        return None
    lever, value = LEVERS[event]
    changed = any(change.lever == lever for change in scenario.schedule)
    set_by_block = any(lever in block.levers for block in scenario.when)
    if changed or set_by_block or scenario.initial_levers[lever] == value:
        return None
    return agenda(scenario, {lever: value})


def _after(report: Progress, before: int) -> Progress:
    """Tell of further work as of the rest of what was begun."""
    return lambda done, total: report(before + done, None if total is None else before + total)
