"""What a run says of a question, and what a base rate, the prior and a frequency say beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.attribution.reported import told_of
from sim.engine.domain import Outcome, Public
from sim.errors import SimError
from sim.estimates import Odds, estimate
from sim.inputs.scenario import Scenario
from sim.ledger.question import Event, Question
from sim.outcomes import OUTCOMES
from sim.results import Results

PRIOR_WORLDS = 20_000
HALF_EVENT = 0.5
"""Where no first rate is known, a frequency starts from half an event (Jeffreys)."""
_RATES = {
    Public.PAUSE_R: "pause",
    Public.TRUCE_BEGINS: "truce",
    Public.MEDIATOR_LEAVES: "leaves",
    Public.PARTIAL_ENDS_EARLY: "partial",
}
_LEANS_ON_STATE = (Public.PARTIAL_ENDS_EARLY, Public.PARTIAL_ENDS_AT_TERM)
"""Events of something in force, of which the prior, which begins with the record, knows nothing."""


def worlds_in_which(results: Results, event: Event, resolves: dt.date) -> NDArray[np.bool_]:
    """Return in which worlds a question comes true, shape (worlds,).

    A world stops when a truce has held; what would come after it does not count.
    """
    if event.outcome:
        names = [outcome.name.lower() for outcome in OUTCOMES[event.outcome]]
        happened = np.isin(results.column("outcome").astype(str), names)
    else:
        last = (resolves - results.scenario.as_of).days
        days = [results.column(column) for column in event.columns]
        happened = np.any([day <= last for day in days], axis=0)  # a null is not-a-number: False
    return ~happened if event.negated else happened


def odds_of(results: Results, event: Event, resolves: dt.date) -> Odds:
    """Return the odds of a question with the mc interval and that of the members.

    Raises
    ------
    StoreError
        If the worlds of the run were not kept.
    """
    happened = worlds_in_which(results, event, resolves)
    members = results.column("member").astype(np.int64)
    worlds = np.bincount(members)
    hits = np.bincount(members[happened], minlength=len(worlds))
    found = estimate(hits.astype(np.int64), worlds.astype(np.int64), results.tally.members)
    assert found is not None
    return found


# ------------------------------------------------------------------ beside the model


def beside(
    question: Question, scenario: Scenario, prior: Results | None
) -> dict[str, float | None]:
    """Return what base rate, prior and running frequency give; None where there is none.

    Parameters
    ----------
    prior
        The same scenario run with the prior ensemble; None if it cannot be.
    """
    event = question.event
    base = _base_rate(event, question.resolves, scenario)
    frequency = _frequency(event, question.resolves, scenario)
    knows = prior is not None and not any(one in _LEANS_ON_STATE for one in event.publics)
    return {
        "base_rate": question.base_rate if question.base_rate is not None else base,
        "prior": odds_of(prior, event, question.resolves).mean if prior and knows else None,
        "frequency": frequency,
    }


def _base_rate(event: Event, resolves: dt.date, scenario: Scenario) -> float | None:
    facts = scenario.conflict.facts
    if event.outcome:
        if event.outcome not in ("held", Outcome.COLLAPSED.name.lower(), "agreed"):
            return None
        held = facts.held_by_base_rate(scenario.as_of, scenario.horizon_days)
        lasts = facts.base_rate.lasts
        agreed = held / lasts if lasts > 0.0 else None
        if agreed is None:
            return None
        chance = {"held": held, "agreed": agreed}.get(event.outcome, agreed - held)
        return 1.0 - chance if event.negated else chance
    if len(event.publics) != 1 or event.publics[0] not in _RATES:
        return None
    rate = getattr(facts.first_rate, _RATES[event.publics[0]])
    return _within(event, rate.seen / rate.days, resolves, scenario)


def _frequency(event: Event, resolves: dt.date, scenario: Scenario) -> float | None:
    """How often it was seen so far: before the record, and in it up to the as-of day."""
    from sim.evidence.statements import load_evidence

    if event.outcome or not event.publics:
        return None
    conflict, as_of = scenario.conflict, scenario.as_of
    rates = conflict.facts.first_rate
    known = [getattr(rates, _RATES[one]) for one in event.publics if one in _RATES]
    seen, days = HALF_EVENT, 0.0
    if len(event.publics) == 1 and known:
        seen, days = known[0].seen, known[0].days
    events = load_evidence(as_of=as_of, conflict=conflict).events
    seen += len(told_of(event.publics, events, conflict))
    days += (as_of - conflict.facts.eve).days
    return _within(event, min(1.0, seen / days), resolves, scenario)


def _within(event: Event, a_day: float, resolves: dt.date, scenario: Scenario) -> float:
    """The chance by a deadline of what has the same chance on each day."""
    never = (1.0 - a_day) ** (resolves - scenario.as_of).days
    return float(never if event.negated else 1.0 - never)


def prior_run(results: Results) -> Results | None:
    """Run a run's scenario with the prior ensemble of its day; None if that cannot be drawn."""
    from sim.calibrate.prior import draw_prior
    from sim.inputs.ensemble import Ensemble, columns_of, content_hash
    from sim.montecarlo import Plan, collect, stream

    scenario = results.scenario
    if results.ensemble_kind == "prior":
        return results
    conflict, day = scenario.conflict, scenario.as_of
    try:
        members, starts, notes = draw_prior(day, conflict=conflict)
    except SimError:
        return None
    held: dict[str, Any] = columns_of(members, starts, conflict.bloc_ids)
    name = f"prior-{day}-{content_hash(held)[:8]}"
    ensemble = Ensemble(name, "prior", day, members, starts, notes)
    worlds = min(results.tally.worlds, PRIOR_WORLDS)
    plan = Plan(scenario, ensemble, worlds, results.seed)
    return collect(plan, stream(plan), keep=True)
