"""Lists everything that is wrong with the record, ``history.toml``, for whatever checks files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.errors import SimError
    from sim.inputs.conflict import Conflict


def record_problems(conflict: Conflict) -> list[SimError]:
    """List everything that is wrong with the record of a conflict, by line.

    That is its rows, the day through which the press was read, the articles that rows name, the
    events that are to be imposed, and, once these are in order, what cannot be imposed.
    """
    from sim.calibrate.record import action_problems, cannot_be_imposed
    from sim.evidence.cited import citation_problems
    from sim.evidence.statements import Evidence, events_read
    from sim.inputs.tomlfile import line_of

    history, found = conflict.record_read
    cited = citation_problems(conflict)
    events = events_read(conflict)
    actions = []
    if events is not None:
        roles = {actor.id: str(actor.role) for actor in conflict.actors}
        evidence = Evidence((), (), events, roles, conflict=conflict)
        told = {fault.where.removesuffix(": article") for fault in cited}
        rows = [row for row in history.actions if history.place(row) not in told]
        actions = action_problems(evidence, rows)
        if not (found or actions):
            actions = cannot_be_imposed(evidence, conflict.through)
    every: list[SimError] = [*found, *cited, *actions]
    return sorted(every, key=lambda fault: line_of(fault.where))
