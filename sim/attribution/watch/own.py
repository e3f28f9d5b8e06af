"""Which public event of the next days tells most, from the worlds of a run and no more."""

from __future__ import annotations

import numpy as np

from sim.attribution.watch.conditional import Watched
from sim.attribution.watch.known import part_of
from sim.attribution.watch.parts import Event
from sim.attribution.watch.rank import ranked_events
from sim.engine.domain import Public
from sim.inputs.events import sentence
from sim.results import Results
from sim.world_table import DAY_COLUMNS


def watched_in(results: Results, days: int, outcome: str = "held") -> tuple[Event, ...]:
    """Return the events that clearly tell of an outcome, those worth watching first.

    It asks the run's own worlds; `sim.watch` asks more worlds, and what levers would do.

    Parameters
    ----------
    results
        A run that kept its worlds.
    days
        How many days are watched.
    outcome
        One of the five outcomes.

    Raises
    ------
    StoreError
        If the run did not keep its worlds.
    """
    table = results.worlds
    seen = np.column_stack([table[DAY_COLUMNS[event]].le(days).to_numpy() for event in Public])
    hit = (table["outcome"] == outcome).to_numpy()
    watched = Watched(table["member"].to_numpy(np.int64), hit, seen, results.tally.members)
    conflict = results.scenario.conflict
    events = ranked_events(watched, part_of(outcome), lambda event: sentence(event, conflict))
    return tuple(event for event in events if event.ranked)
