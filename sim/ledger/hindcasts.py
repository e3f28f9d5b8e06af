"""The first page of the ledger: questions that the record itself settles, asked of past days.

From the day of each shipped ensemble the baseline is run as of that day, and its odds are set
beside what the coded articles tell of the days after. The answers were known when this was made,
so that every line is marked a hindcast: it shows how the model fits days that it was built after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sim.attribution.reported import settled, told_of
from sim.engine.domain import Public
from sim.evidence.statements import Event, load_evidence
from sim.files import write_whole
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.events import name_of
from sim.inputs.scenario import Scenario, load_scenario
from sim.ledger.book import SHIPPED, Ledger, read_ledger
from sim.ledger.chain import canonical, chained, digest
from sim.ledger.chances import prior_run
from sim.ledger.question import NOT, Asked, Question, question_from
from sim.ledger.sealing import line_of_run, now
from sim.montecarlo import DEFAULT_WORLDS, run
from sim.text import date_word

HOLIDAY_DAYS = 2
"""A pause counts for a holiday up to so many days after it."""
_SOURCE = "the coded events of the articles, calibration/evidence/events.csv"
_DAY, _WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


class _Words(NamedTuple):
    """What is asked of an event, when the answer is yes, and when no."""

    text: str
    yes: str
    no: str
    negated: bool = False


_TRUCE = _Words(
    "Does a full truce take effect by {day}?",
    "one is reported to begin after {since} and by then",
    "a proposal of a full truce is answered on that day or later",
)
_LEAVES = _Words(
    "Does {who} leave the talks by {day}?",
    "that is reported of a day after {since} and by then",
    "it is reported to hold talks on that day or later",
)
_LASTS = _Words(
    "Is no partial truce ended early by {day}?",
    "it is reported to end at its term after {since} and by then",
    "a side is reported to end it early after {since} and by then",
    negated=True,
)
_SANCTIONS = _Words(
    "Does {who} carry out its threat of sanctions by {day}?",
    "new sanctions of its own are reported of a day after {since} and by then",
    "it is reported to let the threat pass after {since} and by then",
)
_PAUSE = _Words(
    "Does {who} declare a holiday pause by {day}?",
    "one is reported to be declared after {since} and by then",
    "an article says that there was none, for which there is no kind of event",
)
_THREATS = {
    Public.MEDIATOR_SANCTIONS: "sanctions.us_threat",
    Public.BLOCS_SANCTIONS: "sanctions.europe_threat",
}


def make_hindcasts(
    conflict: Conflict | None = None,
    worlds: int = DEFAULT_WORLDS,
    note: Callable[[str], Any] = lambda text: None,
) -> Ledger:
    """Make the page of hindcasts anew and write it beside the ensembles.

    Parameters
    ----------
    worlds
        Of each run.
    note
        Called with a line of text for each day.

    Raises
    ------
    SimError
        If an ensemble or the evidence cannot be used, or the file not be written.
    """
    conflict = conflict or shipped()
    bodies: list[dict[str, Any]] = []
    for day in days_asked(conflict):
        note(f"hindcasts from {day}")
        bodies += lines_of(day, conflict, worlds)
    path = conflict.calibration / SHIPPED
    write_whole(path, chained(bodies), "Make it writable.")
    return read_ledger(path)


def days_asked(conflict: Conflict) -> list[dt.date]:
    """Return the days of the shipped ensembles from which the record has days ahead."""
    days = [one.day for one in conflict.facts.ensemble]
    return [day for day in days[:-1] if day < conflict.through]


def lines_of(
    day: dt.date, conflict: Conflict, worlds: int = DEFAULT_WORLDS
) -> list[dict[str, Any]]:
    """Return the lines of a day's hindcasts, each followed by how the record settles it.

    What is asked, and the odds, follow from what was public on the day; only the answers do not.
    """
    scenario = load_scenario("baseline", day, conflict=conflict)
    asked = list(questions(scenario))
    results = run(scenario, worlds)
    prior = prior_run(results)
    events = load_evidence(conflict=conflict).events
    at = now()
    bodies: list[dict[str, Any]] = []
    for question in asked:
        line = line_of_run(question, results, {}, prior)
        body = {**line, "hindcast": True, "at": at.isoformat()}
        name = digest(canonical(body))[:8]
        bodies += [{**body, "id": name}, _resolved(name, question, day, events, conflict, at)]
    return bodies


def _resolved(
    name: str,
    question: Question,
    day: dt.date,
    events: Sequence[Event],
    conflict: Conflict,
    at: dt.datetime,
) -> dict[str, Any]:
    (public,) = question.event.publics
    answer, evidence = settled(public, day, question.resolves, events, conflict)
    if question.event.negated and answer != "void":
        answer = {"yes": "no", "no": "yes"}[answer]
    return {
        "kind": "resolve",
        "id": name,
        "answer": answer,
        "evidence": evidence,
        "known": None,
        "at": at.isoformat(),
    }


# ------------------------------------------------------------------ what is asked


def questions(scenario: Scenario) -> Iterator[Question]:
    """Yield what is asked from a day: the same list each day, as far as the day has a subject.

    Up to the eve of the next shipped ensemble that is a week ahead or more: whether a full truce
    takes effect, whether the mediator leaves, whether a partial truce in force lasts, and whether a
    threat of sanctions that stands is carried out; up to two days after the next holiday,
    whether a pause is declared.
    """
    conflict, day = scenario.conflict, scenario.as_of
    later = [one.day for one in conflict.facts.ensemble if one.day >= day + _WEEK]
    if later:
        eve = later[0] - _DAY
        yield _asked(scenario, _TRUCE, Public.TRUCE_BEGINS, eve)
        yield _asked(scenario, _LEAVES, Public.MEDIATOR_LEAVES, eve)
        if _partial_in_force(scenario):
            yield _asked(scenario, _LASTS, Public.PARTIAL_ENDS_EARLY, eve)
        for public, lever in _THREATS.items():
            if float(scenario.initial_levers[lever]) > 0.0:
                yield _asked(scenario, _SANCTIONS, public, eve)
    holiday = _next_holiday(conflict, day)
    if holiday and holiday <= conflict.through:
        yield _asked(scenario, _PAUSE, Public.PAUSE_R, holiday)


def _asked(scenario: Scenario, asks: _Words, public: Public, until: dt.date) -> Question:
    event, actor = name_of(public, scenario.conflict)
    conflict = scenario.conflict
    names = {**conflict.names, conflict.mediator.id: conflict.mediator.capital}
    words = {
        "who": names.get(actor, actor),
        "day": date_word(until, short=True),
        "since": date_word(scenario.as_of),
    }
    yes, no = asks.yes.format(**words), asks.no.format(**words)
    table = {
        "text": asks.text.format(**words),
        "resolves": until,
        "rule": f"By the coded events: yes if {yes}; no if {no}; else void, since silence settles "
        "nothing.",
        "source": _SOURCE,
        "event": f"{NOT if asks.negated else ''}{event}",
        "actor": actor,
    }
    return question_from(table, Asked(scenario))


def _next_holiday(conflict: Conflict, day: dt.date) -> dt.date | None:
    """The last day of the next holiday, as pauses count for it."""
    after = dt.timedelta(days=HOLIDAY_DAYS)
    years = (day.year, day.year + 1)
    ends = sorted(one + after for year in years for one in conflict.facts.holidays(year))
    return next((end for end in ends if end > day), None)


def _partial_in_force(scenario: Scenario) -> bool:
    """Whether a partial truce was in force on the day, as far as was public on it."""
    conflict, day = scenario.conflict, scenario.as_of
    events = load_evidence(as_of=day, conflict=conflict).events
    begun = told_of([Public.PARTIAL_BEGINS], events, conflict)
    ends = (Public.PARTIAL_ENDS_EARLY, Public.PARTIAL_ENDS_AT_TERM)
    return len(begun) > len(told_of(ends, events, conflict))
