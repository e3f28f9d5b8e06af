"""Structural constants that are changed one at a time, and the filter that each change asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim.calibrate.particles import Filter
from sim.calibrate.record import record_of
from sim.engine.domain import DATED_ROUND
from sim.evidence.measurement import load_measurement
from sim.evidence.positions import measure
from sim.evidence.statements import Evidence

_NEARLY_NONE = {"shrink_low": 0.01, "shrink_span": 0.98}
_SLACK = ("red_line_posture_mean", "flexibility_slack_mean")


def _remeasured(**constants: float) -> Callable[[Filter, Evidence], Filter]:
    def change(particle_filter: Filter, evidence: Evidence) -> Filter:
        now = load_measurement(conflict=evidence.conflict)
        measurement = now.model_copy(update=constants)
        return replace(particle_filter, positions=measure(evidence, measurement))

    return change


def _times(name: str, factor: float) -> Callable[[Filter, Evidence], Filter]:
    return lambda particle_filter, evidence: replace(particle_filter, factors={name: factor})


def _moved_as_ahead(particle_filter: Filter, evidence: Evidence) -> Filter:
    as_of = particle_filter.record.as_of
    return replace(particle_filter, record=record_of(evidence, as_of, as_ahead=True))


def _no_announced_rounds(particle_filter: Filter, evidence: Evidence) -> Filter:
    agenda = particle_filter.record.agenda
    quiet = agenda._replace(calendar=agenda.calendar & ~DATED_ROUND)
    return replace(particle_filter, record=replace(particle_filter.record, agenda=quiet))


def _slack(factor: float) -> Callable[[Filter, Evidence], Filter]:
    def change(particle_filter: Filter, evidence: Evidence) -> Filter:
        now = load_measurement(conflict=evidence.conflict)
        constants = {name: factor * getattr(now, name) for name in _SLACK}
        return _remeasured(**constants)(particle_filter, evidence)

    return change


STRUCTURE: dict[str, tuple[str, Callable[[Filter, Evidence], Filter]]] = {
    "shrinkage.none": (
        "positions hardly shrunk: .01 + .98 p for .05 + .9 p",
        _remeasured(**_NEARLY_NONE),
    ),
    "slack.none": ("stated lines meant as said: no slack", _slack(0.0)),
    "slack.double": ("twice the slack behind stated lines", _slack(2.0)),
    "announced_rounds.none": (
        "the days of announced rounds, once past, taken for days like any other",
        _no_announced_rounds,
    ),
    "war_so_far.none": (
        "nothing learnt from three years of war without a truce",
        _times("occasions", 0.0),
    ),
    "war_so_far.half": ("half as many occasions for a truce before", _times("occasions", 0.5)),
    "war_so_far.double": ("twice as many occasions for a truce before", _times("occasions", 2.0)),
    "moved_packages": (
        "the mediator moved its packages in the record as it may ahead",
        _moved_as_ahead,
    ),
    "silent_rounds.half": ("half as many rounds that nobody reported", _times("rate", 0.5)),
    "silent_rounds.double": ("twice as many rounds that nobody reported", _times("rate", 2.0)),
}
