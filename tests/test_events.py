"""Kinds of event: each has a meaning, what cannot have happened is told, all of it at once."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from helpers.stories import YES, evidence_of, made_up

from sim.calibrate import meanings
from sim.calibrate.meanings import MEANINGS
from sim.calibrate.observations import ACTION, Kind
from sim.calibrate.record import cannot_be_imposed, record_of
from sim.engine.domain import NONE, Public, Side, Threat
from sim.engine.public import PUBLIC_EVENTS, in_words
from sim.errors import CalibrationError
from sim.inputs import kinds
from sim.inputs.conflict import shipped
from sim.inputs.history import ActionRow
from sim.inputs.kinds import EVENT_KINDS, EventKind, StatementKind

LAST = 60


def day(number):
    return shipped().facts.eve + dt.timedelta(days=number)


def event(number, kind, first, last=None, **fields):
    """An event on a day, or within a window of days; by Russia unless said otherwise."""
    days = {"date_from": day(first), "date_to": day(last or first), "known": day(last or first)}
    return made_up(number, event=kind, **days, **{"facts": {}, "round": f"r{number}", **fields})


def agreed(first=5, second=8, **facts):
    """Both accept one proposal, Ukraine first."""
    return (
        event(1, "accepts_truce", first, actor="ukraine", round="plan", facts=facts),
        event(2, "accepts_truce", second, round="plan", facts=facts),
    )


def actions(*events, as_of=LAST):
    return record_of(evidence_of(*events), day(as_of)).actions


def wrong(*events):
    return [str(fault) for fault in cannot_be_imposed(evidence_of(*events), day(LAST))]


# ------------------------------------------------------------------ the tables agree


def test_every_kind_that_is_imposed_has_a_rule_and_every_rule_a_kind():
    imposed = {name for name, kind in EVENT_KINDS.items() if kind.effect != "told"}
    where = "MEANINGS in sim/calibrate/meanings.py and EVENT_KINDS in sim/inputs/kinds.py differ"
    assert set(MEANINGS) == imposed, where
    assert all(kind.why for kind in EVENT_KINDS.values() if kind.effect == "told")
    assert not any(kind.why for kind in EVENT_KINDS.values() if kind.effect != "told")


def test_every_public_event_of_a_forecast_is_told_by_a_kind_of_evidence():
    where = "PUBLIC_EVENTS in sim/engine/public.py and Public in sim/engine/domain.py differ"
    assert list(PUBLIC_EVENTS) == list(Public), where
    names = {"r": "Red", "u": "Blue", "mediator": "Geneva", "blocs": "The League"}
    for one in Public:
        assert PUBLIC_EVENTS[one].told_as in EVENT_KINDS
        text = in_words(one, names)
        assert text[0].isupper()
        assert "{" not in text


def test_a_kind_without_its_rule_is_an_error_that_names_the_missing_place(monkeypatch):
    unfinished = {**EVENT_KINDS, "parliament_votes": EventKind("a vote", "set")}
    monkeypatch.setattr(meanings, "EVENT_KINDS", unfinished)
    monkeypatch.setattr("sim.calibrate.record.IMPOSED", (*kinds.IMPOSED, "parliament_votes"))
    [told] = wrong(event(1, "parliament_votes", 5))
    assert "parliament_votes has no rule" in told
    assert "MEANINGS in sim/calibrate/meanings.py" in told


@pytest.mark.parametrize("kind", [name for name, one in EVENT_KINDS.items() if one.needs])
def test_a_pair_that_a_kind_needs_is_asked_for(kind, monkeypatch):
    actor = {"contingent_pledged": "uk", "strikes_intensify": "russia"}.get(kind, "us")
    one = event(1, kind, 5, actor=actor)
    listed(monkeypatch, one)
    [told] = wrong(one)
    assert f"has no {EVENT_KINDS[kind].needs[0]}= in its detail" in told


def listed(monkeypatch, *events):
    """List events in history.toml, each as an action."""
    rows = tuple(
        ActionRow(actor=one.actor, event=one.event, date=one.date_from, until=one.date_to,
                  round=one.round, article=one.article, paragraph=one.paragraph)
        for one in events
    )  # fmt: skip
    monkeypatch.setattr(shipped(), "record", dataclasses.replace(shipped().record, actions=rows))


def test_an_action_that_moves_nothing_is_refused_with_the_reason(monkeypatch):
    one = event(1, "prisoner_exchange", 5)
    assert len(actions(one)) == 0
    listed(monkeypatch, one)
    [told] = wrong(one)
    assert "moves nothing: no rule of the model reads it" in told


# ------------------------------------------------------------------ what a truce row implies


def test_two_acceptances_are_paired_and_nothing_else_is_needed():
    found = actions(*agreed())
    assert found["kind"].tolist() == [Kind.ANSWER] * 2
    assert found["partner"].tolist() == [1, 0]
    assert found["starts"].tolist() == [NONE, NONE]


def test_an_acceptance_may_say_from_when():
    later = {"from": day(20).isoformat()}
    assert actions(*agreed(**later))["starts"].tolist() == [20, 20]
    assert "no day after an acceptance" in wrong(*agreed(**{"from": day(8).isoformat()}))[-1]
    assert "which is no day" in wrong(*agreed(**{"from": "soon"}))[0]


@pytest.mark.parametrize("which", [0, 1])
def test_either_acceptance_may_say_from_when(which):
    pair = list(agreed())
    pair[which] = dataclasses.replace(pair[which], facts={"from": day(20).isoformat()})
    assert actions(*pair)["starts"].tolist() == [20, 20]


@pytest.mark.parametrize("told", [0, 1, 2])
def test_a_truce_that_takes_effect_implies_the_acceptances_that_were_not_told(told):
    starts = event(9, "truce_starts", 12, actor="us", round="plan")
    found = actions(*agreed()[:told], starts)
    assert found["value"].tolist() == [YES, YES]
    assert sorted(found["who"].tolist()) == [Side.R, Side.U]
    assert found["starts"].tolist() == [12, 12]
    implied = found["first_day"][told:]
    assert (implied == 11).all()
    assert found["partner"].tolist() == [1, 0]


def test_a_truce_that_takes_effect_after_a_refusal_of_that_round_is_told():
    refusal = event(2, "rejects_truce", 8, round="plan")
    found = wrong(refusal, event(9, "truce_starts", 12, actor="us", round="plan"))
    assert "is the second answer of russia to 'plan'" in found[0]


def test_a_collapse_says_who_and_how_as_far_as_it_is_known():
    for facts, who, how in (({}, NONE, 2), ({"blamed": "ukraine"}, Side.U, 2),
                            ({"blamed": "russia", "how": "exit"}, Side.R, 0),
                            ({"how": "incident"}, NONE, 1)):  # fmt: skip
        end = event(3, "truce_collapses", 15, actor="us", facts=facts)
        found = actions(*agreed(), end)[-1]
        assert (found["kind"], found["who"], found["value"]) == (Kind.TRUCE_ENDS, who, how)
    end = event(3, "truce_collapses", 15, actor="us", facts={"blamed": "us", "how": "exit"})
    assert "blames us, who is no belligerent" in wrong(*agreed(), end)[0]
    end = event(3, "truce_collapses", 15, actor="us", facts={"how": "badly"})
    assert "has how=badly; use one of: exit, incident" in wrong(*agreed(), end)[0]


# ------------------------------------------------------------------ sanctions and arms


def test_new_sanctions_are_a_decision_where_they_were_threatened_and_else_set_by_their_size():
    """The record's levers threaten from its sixty-first day on."""
    share = {"facts": {"value": ".3"}, "actor": "us"}
    late = record_of(evidence_of(event(1, "imposes_sanctions", 65, **share)), day(70)).actions
    assert late["kind"].tolist() == [Kind.DECISION]
    assert late["size"].tolist() == [0.3]
    early = actions(event(1, "imposes_sanctions", 20, **share))
    assert early["kind"].tolist() == [Kind.SANCTIONS]
    assert (early["who"][0], early["value"][0]) == (Threat.MEDIATOR_SANCTIONS, 0.3)
    [told] = wrong(event(1, "imposes_sanctions", 20, actor="us"))
    assert "does not say how much with value=" in told
    [told] = wrong(event(1, "declines_sanctions", 20, actor="us"))
    assert "lets a threat pass that no lever had made" in told


def test_an_arms_pause_begins_with_its_share_and_ends(monkeypatch):
    found = actions(
        event(1, "arms_pause_begins", 20, actor="us", facts={"value": ".4"}),
        event(2, "arms_pause_ends", 25, actor="us"),
    )
    assert found["kind"].tolist() == [Kind.DECISION, Kind.ARMS_CUT]
    assert (found["who"][0], found["size"][0], found["value"][1]) == (Threat.AID, 0.4, 0.0)
    assert actions(event(1, "arms_pause_begins", 20, actor="us"))["size"].tolist() == [1.0]
    calm = tuple(row for row in shipped().record.levers if row.lever != "aid.us_threat")
    monkeypatch.setattr(shipped(), "record", dataclasses.replace(shipped().record, levers=calm))
    [unthreatened] = actions(event(1, "arms_pause_begins", 20, actor="us", facts={"value": ".4"}))
    assert (unthreatened["kind"], unthreatened["value"]) == (Kind.ARMS_CUT, 0.4)
    [told] = wrong(event(1, "arms_pause_begins", 20))
    assert "is by russia, who is not the mediator" in told


def test_a_partial_truce_that_ends_at_its_term_needs_nothing_imposed():
    begins = event(1, "partial_truce_starts", 10, facts={"scope": "energy"})
    ends = event(2, "partial_truce_ends", 41, facts={"scope": "energy"})
    assert actions(begins, ends)["kind"].tolist() == [Kind.PARTIAL_STARTS]
    early = dataclasses.replace(ends, date_from=day(20), date_to=day(20), facts={"early": "yes"})
    assert actions(begins, early)["kind"].tolist() == [Kind.PARTIAL_STARTS, Kind.PARTIAL_ENDS]


# ------------------------------------------------------------------ what cannot have been

END = event(9, "truce_collapses", 15, actor="us")
LEAVES = event(7, "mediator_leaves", 20, actor="us")
RETURNS = event(8, "mediator_returns", 30, actor="us")
ENERGY = {"facts": {"scope": "energy"}}


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([END], "ends a full truce that was not in force"),
        ([*agreed(), event(9, "truce_collapses", 50)], "ends a full truce that was not in force"),
        ([*agreed(), event(3, "rejects_truce", 12)], "a full truce is agreed or in force"),
        ([*agreed(), event(3, "short_truce", 12)], "a full truce is agreed or in force"),
        ([*agreed(), event(4, "truce_starts", 20, actor="us")], "truce is agreed or in force"),
        ([event(5, "guarantor_acts", 20, actor="us")], "answers a breach that the record does not"),
        ([event(1, "partial_truce_ends", 9, facts={"early": "yes"})], "ends a partial truce that"),
        ([event(1, "partial_truce_starts", 9, **ENERGY),
          event(2, "partial_truce_starts", 19, **ENERGY)], "while another partial truce is in"),
        ([RETURNS], "returns, but had not left"),
        ([LEAVES, event(8, "mediator_leaves", 30, actor="us")], "leaves, but had left already"),
        ([*agreed(**{"from": day(20).isoformat()}), event(3, "rejects_truce", 12)],
         "a full truce is agreed or in force"),
        ([*agreed(), END, event(6, "truce_collapses", 16, actor="us")], "that was not in force"),
        ([event(1, "partial_truce_starts", 9, **ENERGY),
          event(2, "partial_truce_starts", 9, **ENERGY)], "while another partial truce is in"),
        ([event(1, "short_truce", 9), event(2, "short_truce", 9, actor="ukraine")], "same day"),
        ([*agreed(9, 9), event(5, "truce_starts", 9, actor="us", round="plan")], "before it was"),
        ([event(4, "truce_starts", 12, actor="us", round="p"),
          event(5, "truce_starts", 14, actor="us", round="p")], "takes effect again"),
        ([event(1, "rejects_truce", -3)], "lies before the record"),
        ([event(1, "sanctions_lifted", 9, facts={"value": ".3"})], "who has threatened nothing"),
        ([event(1, "partial_truce_starts", 9, **ENERGY),
          event(2, "partial_truce_ends", 19, facts={"scope": "sea", "early": "yes"})],
         "of another scope"),
        ([event(1, "arms_pause_ends", 9, actor="us")], "ends a cut in arms supply that was not"),
        ([event(1, "arms_pause_begins", 9, actor="us", facts={"target": "russia"})], "no arms are"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened_is_told(events, says):
    found = wrong(*events)
    assert sum(says in told for told in found) == 1
    assert len({told.partition(" ")[0] for told in found}) == 1
    with pytest.raises(CalibrationError, match=says[:20]):
        actions(*events)


@pytest.mark.parametrize(
    "events",
    [
        [*agreed(), END, event(3, "rejects_truce", 20)],
        [*agreed(), event(3, "rejects_truce", 40)],  # after the term
        [*agreed(), END, event(5, "guarantor_acts", 17, actor="us")],
        [LEAVES, RETURNS, event(3, "mediator_leaves", 40, actor="us")],
        [event(1, "partial_truce_starts", 9, **ENERGY),
         event(2, "partial_truce_starts", 45, **ENERGY)],
    ],
)  # fmt: skip
def test_what_may_have_happened_is_not(events):
    assert wrong(*events) == []


def test_a_round_of_a_mediator_that_had_left_is_told(monkeypatch):
    talks = event(3, "talks", 25, actor="us")
    listed(monkeypatch, talks)
    [told] = wrong(LEAVES, RETURNS, talks)
    assert "is a round of a mediator that had left" in told
    assert "mediator_returns" in told


def test_what_was_known_later_must_be_in_order_on_the_days_before_too():
    late = dataclasses.replace(agreed()[1], known=day(20))
    [told] = wrong(agreed()[0], late, END)
    assert f"So it stands as of {day(15)}, with what was known on it." in told
    assert "Or correct `known`" in told


def test_an_effect_or_what_is_informed_is_one_of_few_words():
    with pytest.raises(ValueError, match="effect='payed' is none of paid, set, told"):
        EventKind("a vote", "payed")
    with pytest.raises(ValueError, match="informs='ideel' is none of ideal"):
        StatementKind("likes it", "ideel")


def test_all_that_is_wrong_is_told_at_once_and_by_its_line():
    bad = dataclasses.replace(event(1, "declines_sanctions", 20, actor="us"), line=12)
    found = wrong(bad, END, RETURNS, event(2, "short_truce", 20, actor="us"))
    assert len(found) == 4
    assert found[0].startswith("events.csv, line 12: event made1 ")


def test_what_lies_beyond_the_as_of_day_is_no_part_of_the_record():
    assert len(actions(*agreed(), END, as_of=7)) == 1
    assert len(actions(*agreed(), END, as_of=10)) == 2
    assert np.array(actions(), ACTION).size == 0
