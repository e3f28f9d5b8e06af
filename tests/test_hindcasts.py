"""The page of hindcasts: nothing later reaches its odds, and the coded record settles it."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest

from sim.attribution.reported import reports, settled
from sim.engine.domain import Public
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.scenario import load_scenario
from sim.ledger.ask import stale
from sim.ledger.book import shipped_page
from sim.ledger.hindcasts import days_asked, lines_of, questions

FIRST, LAST = dt.date(2025, 3, 31), dt.date(2025, 5, 10)


def told(lines):
    """Questions, odds and answers without when, by what and under which id they were written."""
    return [
        {key: line[key] for key in ("question", "odds", "others", "answer", "evidence")
         if key in line}
        for line in lines
    ]  # fmt: skip


def test_the_page_is_what_is_made_now():
    """If this fails since the model or its ensembles changed: `make hindcasts`."""
    page = shipped_page(shipped())
    assert page is not None
    assert stale(page.forecasts, shipped()) == ""
    assert sorted({one.as_of for one in page.forecasts}) == days_asked(shipped())
    made = told(lines_of(FIRST, shipped()))
    kept = [one for one in page.forecasts if one.as_of == FIRST]
    assert [line["question"]["text"] for line in made[::2]] == [one.text for one in kept]
    for line, one in zip(made[::2], kept, strict=True):
        assert line["odds"]["mean"] == pytest.approx(one.odds.mean, abs=1e-9)
        assert line["others"] == pytest.approx(one.others)
    assert [line["answer"] for line in made[1::2]] == [one.state for one in kept]


def test_what_was_public_later_changes_answers_and_no_odds(tmp_path):
    for folder in ("calibration", "scenarios"):
        source = getattr(shipped(), folder)
        shutil.copytree(source, tmp_path / folder)
    other = Conflict(tmp_path)
    before = lines_of(LAST, other, worlds=600)
    events = other.evidence / "events.csv"
    article = load_evidence(conflict=other).events[-1].article
    row = f"{article},1,2025-05-19,2025-05-19,,,{other.mediator.id},mediator_leaves,it gives up,\n"
    events.write_text(events.read_text(encoding="utf-8") + row, encoding="utf-8")
    after = lines_of(LAST, Conflict(tmp_path), worlds=600)
    assert told(before)[::2] == told(after)[::2]
    answers = [[line["answer"] for line in lines[1::2]] for lines in (before, after)]
    assert answers[0][1] == "no"
    assert answers[1] == ["no", "yes", *answers[0][2:]]


def test_the_same_list_is_asked_from_each_day_and_only_of_what_lies_ahead():
    for day in days_asked(shipped()):
        scenario = load_scenario("baseline", day)
        asked = list(questions(scenario))
        publics = [one.event.publics[0] for one in asked]
        assert publics[:2] == [Public.TRUCE_BEGINS, Public.MEDIATOR_LEAVES]
        assert publics[-1] == Public.PAUSE_R
        assert all(day < one.resolves <= shipped().through for one in asked)
        lasts = [one for one in asked if one.event.publics == (Public.PARTIAL_ENDS_EARLY,)]
        assert bool(lasts) == (day == FIRST)
        assert all(one.event.negated for one in lasts)


# ------------------------------------------------------------------ settled by the record


@pytest.mark.parametrize(
    ("public", "since", "until", "answer"),
    [
        (Public.PAUSE_R, "2025-03-31", "2025-04-22", "yes"),
        (Public.PAUSE_R, "2025-03-31", "2025-04-19", "void"),  # its window reaches beyond
        (Public.PAUSE_R, "2025-04-22", "2025-05-11", "void"),  # silence
        (Public.TRUCE_BEGINS, "2025-04-22", "2025-05-07", "no"),
        (Public.TRUCE_BEGINS, "2025-05-10", "2025-05-20", "void"),  # nothing on that day or later
        (Public.MEDIATOR_LEAVES, "2025-05-10", "2025-05-19", "no"),
        (Public.PARTIAL_BEGINS, "2025-03-17", "2025-03-30", "yes"),
        (Public.PARTIAL_ENDS_EARLY, "2025-03-31", "2025-04-21", "no"),
        (Public.PARTIAL_ENDS_AT_TERM, "2025-03-31", "2025-04-21", "yes"),
        (Public.MEDIATOR_SANCTIONS, "2025-05-10", "2025-05-19", "no"),
        (Public.BLOCS_SANCTIONS, "2025-05-10", "2025-05-19", "void"),
        (Public.DIRECT_TALKS, "2025-05-10", "2025-05-19", "yes"),
    ],
)
def test_the_record_settles_or_is_silent(public, since, until, answer):
    days = (dt.date.fromisoformat(day) for day in (since, until))
    found, evidence = settled(public, *days, load_evidence().events, shipped())
    assert found == answer
    assert evidence.startswith("The coded articles report neither" if answer == "void" else "Event")


def test_an_event_is_reported_by_its_kind_actor_and_scope():
    by_id = {event.id: event for event in load_evidence().events}

    def told_by(name):
        return {one for one in Public if reports(one, by_id[name], shipped())}

    assert told_by("001:22:russia:rejects_truce") == {Public.REJECTS_R}
    assert told_by("004:8:ukraine:accepts_truce") == {Public.ACCEPTS_U}
    assert told_by("001:21:ukraine:accepts_truce") == set()  # of one scope
    assert told_by("003:4:ukraine:accepts_truce") == set()  # told again
    assert told_by("002:1:us:declines_sanctions") == {Public.MEDIATOR_LETS_PASS}
    assert told_by("004:11:ukraine:strikes_intensify") == {Public.STRIKES_U}
    assert told_by("001:21:russia:partial_truce_ends") == {Public.PARTIAL_ENDS_AT_TERM}
