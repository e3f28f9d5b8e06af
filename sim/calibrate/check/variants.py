"""The model with one thing changed: what becomes of the odds, and what the record says of it.

Some of the model's choices were made after a posterior had been seen, and others could have been
made. Each is told with the odds that it would have given, so that a reader sees the forks of the
path that was taken, not its end alone. What changes numbers alone is a file
(`sim.inputs.variants`); what rereads the record or sets levers stands here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

from sim.calibrate.fit import condition
from sim.calibrate.particles import Filter
from sim.calibrate.record import record_of
from sim.engine.domain import Outcome
from sim.evidence.coding import ANSWERS
from sim.evidence.positions import measure
from sim.evidence.statements import Evidence, load_evidence
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import MEMBERS, Ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import load_scenario
from sim.inputs.variants import variants_of
from sim.inputs.views import View
from sim.montecarlo import Plan, collect, stream

PARTICLES = 131_072
WORLDS_A_MEMBER = 4
NOTHING: Mapping[str, Value] = dict.fromkeys(
    (
        *("sanctions.us_threat", "sanctions.europe_threat", "sanctions.relief"),
        *("sanctions.on_breach", "sanctions.commitment", "mandate.flexibility"),
        *("guarantee.ambition", "guarantee.us_backstop", "aid.us_threat"),
        *("monitoring.strength", "ukraine.side_payment"),
    ),
    0.0,
)
"""Levers with which nothing is offered, threatened or guaranteed."""
OPEN: Mapping[str, Value] = dict.fromkeys(
    (
        *("mandate.territory", "mandate.recognition", "mandate.nato"),
        *("mandate.force_limits", "mandate.nuclear_plant"),
    ),
    True,
)
"""Levers with which the mediator may concede on everything."""

Reread = Callable[[Evidence], Evidence]


def _calls_as_wishes(evidence: Evidence) -> Evidence:
    """Take a call on others to act for a wish that what it calls for should last."""
    rows = (
        dataclasses.replace(row, kind="preference") if row.kind == "call" else row
        for row in evidence.statements
    )
    return dataclasses.replace(evidence, statements=tuple(rows))


def _no_lines_beside_answers(evidence: Evidence) -> Evidence:
    """Leave out all that who answered said of a truce in the paragraph that tells of the answer."""
    answered = {
        (event.article, event.paragraph, event.actor)
        for event in evidence.events
        if event.event in ANSWERS
    }
    rows = (
        dataclasses.replace(row, why_not=row.why_not or "stands beside an answer")
        if row.issue == "truce_terms" and (row.article, row.paragraph, row.holder) in answered
        else row
        for row in evidence.statements
    )
    return dataclasses.replace(evidence, statements=tuple(rows))


@dataclass(frozen=True)
class Fork:
    """The model with something changed.

    Attributes
    ----------
    name
        What is changed, in words.
    view
        Numbers that are taken otherwise, if any are.
    levers
        Of the days ahead.
    moved_as_ahead
        Whether the mediator moved its packages in the record as far as it may ahead.
    reread
        How the evidence is read.
    """

    name: str
    view: View | None = None
    levers: Mapping[str, Value] = field(default_factory=dict)
    moved_as_ahead: bool = False
    reread: Reread | None = None

    def filter(self, base: Filter, evidence: Evidence) -> Filter:
        """Return the filter of the model so changed."""
        found = base.seen_by(self.view) if self.view else base
        if self.reread:
            found = dataclasses.replace(found, positions=measure(self.reread(evidence)))
        if self.moved_as_ahead:
            record = record_of(evidence, base.record.as_of, as_ahead=True)
            found = dataclasses.replace(found, record=record)
        return found


def _step(name: str, held: Mapping[str, float], times: Mapping[str, float] | None = None) -> Fork:
    return Fork(name, View("step", "variant", "", held, times or {}))


_EVEN = {"truce_settling": 1.0}
_NO_PROMISE = {"coerced_lift": 0.0, "belief_weight": 6.0}
_PRESSURE = {"threat_patience_days": 1e9, "snapback": 0.0, **_NO_PROMISE}
_ANSWERS = {
    "aims_met": 0.0,
    "settlement_named": 0.0,
    "opponent_known": 1.0,
    "truce_momentum_kept": 1.0,
    "aid_cost_to_enemy": 0.0,
    "condition_commits": 0.0,
}

STEPS: tuple[Fork, ...] = (
    _step("the record read anew", {**_ANSWERS, **_PRESSURE, **_EVEN}, {"precision": 1.0 / 3.0}),
    _step("and answers less noisy", {**_ANSWERS, **_PRESSURE, **_EVEN}),
    _step("and pressure", {**_ANSWERS, **_EVEN}),
    _step("and truces that settle", _ANSWERS),
    Fork("and what is weighed in an answer: the model"),
)
"""The changes of the second edition, one group after the other."""

OF_READING: tuple[Fork, ...] = (
    Fork("lines stated beside an answer left out", reread=_no_lines_beside_answers),
    Fork("calls on others taken for wishes", reread=_calls_as_wishes),
    Fork("the mediator moved its packages in the record", moved_as_ahead=True),
    Fork("the mediator may concede on everything", levers=OPEN),
    Fork("the mediator may concede on nothing", levers=dict.fromkeys(OPEN, False)),
)
"""One thing changed at a time that is no number: how the record is read, and levers ahead."""


def forks(conflict: Conflict) -> tuple[Fork, ...]:
    """Return the model with one thing changed at a time: its variants, then `OF_READING`.

    Raises
    ------
    CalibrationError
        If the file of a variant cannot be used.
    """
    files = (Fork(one.title, one.view) for one in variants_of(conflict).values())
    return (*files, *OF_READING)


@dataclass(frozen=True)
class VariantOdds:
    """Odds of the baseline under a variant, and with nothing offered, threatened or guaranteed.

    Attributes
    ----------
    log_evidence, effective
        Of the record, and the number of equal weights that the pasts were worth.
    held, agreed
        Shares of worlds, the baseline ahead.
    held_with_nothing, agreed_with_nothing
        The same with `NOTHING`.
    """

    name: str
    log_evidence: float
    effective: float
    held: float
    agreed: float
    held_with_nothing: float
    agreed_with_nothing: float


def variant_odds(
    base: Filter, variants: tuple[Fork, ...], particles: int, executor: Executor
) -> Iterator[VariantOdds]:
    """Weigh the record under each variant of a filter, and run the baseline from there."""
    conflict, as_of = base.record.conflict, base.record.as_of
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    for variant in variants:
        found = condition(variant.filter(base, evidence), particles, executor)
        ensemble = Ensemble("variant", "posterior", as_of, found.members, found.starts, {})
        today = _odds(ensemble, variant.levers, conflict, executor)
        nothing = _odds(ensemble, {**variant.levers, **NOTHING}, conflict, executor)
        weights = found.weights
        yield VariantOdds(variant.name, weights.log_evidence, weights.effective, *today, *nothing)


def _odds(
    ensemble: Ensemble, levers: Mapping[str, Value], conflict: Conflict, executor: Executor
) -> tuple[float, float]:
    """Share of worlds in which a truce holds, and in which one is agreed."""
    scenario = load_scenario("baseline", ensemble.as_of, conflict=conflict).with_levers(levers)
    plan = Plan(scenario, ensemble, WORLDS_A_MEMBER * MEMBERS, 1)
    results = collect(plan, stream(plan, executor=executor), keep=False)
    outcomes = results.tally.outcomes.sum(axis=0) / plan.worlds
    held = float(outcomes[Outcome.HELD])
    return held, held + float(outcomes[Outcome.COLLAPSED])


RATES = tuple(_step(f"x {factor:g}", {}, {"rate": factor}) for factor in (0.5, 1.0, 2.0))
"""Of rounds that nobody reported."""
