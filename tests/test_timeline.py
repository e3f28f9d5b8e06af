"""The odds by day: what counts as news, what each day knows, and how they are told."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.figures import check_words, words_of
from helpers.notebook import shown_as
from typer.testing import CliRunner

import sim
from sim import plots
from sim.attribution import news as module
from sim.attribution.arrived import PARTS, arrived, label, lines, ranked
from sim.attribution.news import News, days_told, news
from sim.attribution.timeline import LINES, Point, Timeline, timeline, with_particles
from sim.calibrate.fit import filter_of, make_posterior, posterior_in_memory
from sim.cli import app
from sim.errors import SimError
from sim.estimates import Odds, estimate
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import MEMBERS
from sim.inputs.history import HistoryRow
from sim.plots.style import WIDTH
from sim.plots.timeline import LISTED, finding, listed

LAST = dt.date(2025, 5, 20)
CONFLICT = shipped()
MARCH = dt.date(2025, 3, 13)
FEW = {"particles": 8192, "worlds": 400, "workers": 2}


@pytest.fixture(scope="module")
def told():
    return timeline(MARCH, **FEW)


# ------------------------------------------------------------------ news


def test_every_day_on_which_something_arrived_is_there():
    days = {str(told.day)[5:] for told in news(LAST)}
    assert days >= {
        *("03-10", "03-12", "03-13", "03-16", "03-17", "03-19", "03-31"),
        *("04-20", "04-21", "04-22", "04-26", "05-08", "05-09", "05-10"),
        *("05-18", "05-19", "05-20"),
    }


def test_a_day_reads_nothing_that_was_known_later():
    every = news(LAST)
    for told in every:
        assert all(item.known == told.day for item in (*told.events, *told.statements))
        assert all(change.day == told.day for change in told.levers)
    for as_of in (MARCH, dt.date(2025, 4, 19), dt.date(2025, 5, 10)):
        assert news(as_of) == tuple(told for told in every if told.day <= as_of)


def test_a_round_is_news_when_it_is_announced_and_when_it_has_passed():
    rounds = {str(told.day): told for told in news(LAST) if told.rounds}
    assert list(rounds) == ["2025-03-17", "2025-03-18", "2025-04-22", "2025-04-23"]
    call = "Washington's telephone call with Moscow on the truce"
    shown = label(rounds["2025-03-17"], CONFLICT)
    assert shown == f"round set for 18 March: {call}, among others (20 more)"
    assert label(rounds["2025-03-18"], CONFLICT) == f"round of 18 March has passed: {call}"
    assert "in London" in label(rounds["2025-04-23"], CONFLICT)


def test_news_is_told_with_who_the_answer_first_and_all_else_is_counted():
    labels = {str(told.day)[5:]: label(told, CONFLICT) for told in news(LAST)}
    assert labels["03-10"] == "The record begins"
    assert labels["03-31"].startswith("Russia: 'yes, but' to the truce at sea")
    no = "Russia: 'no' to the April package"  # the odds rise: a round is announced beside it
    assert labels["04-22"] == f"{no}; round set for 23 April, among others (22 more)"
    assert labels["03-16"].startswith("lever guarantee.ambition 0.3 to 0.4, among others (25")
    assert labels["04-18"].endswith("; United States: signals walk away")  # all of two things
    assert all(0 < len(text) <= 120 for text in labels.values())
    for told in news(LAST):
        every = list(ranked(told, CONFLICT).values())
        assert len(every) == sum(len(things) for things in arrived(told, CONFLICT).values())
        assert label(told, CONFLICT, lambda _: True) == ("; ".join(every) or "The record begins")


def test_what_is_known_to_add_most_is_named_before_what_is_not():
    (day,) = (told for told in news(LAST) if told.day == dt.date(2025, 3, 16))
    name = next(row.id for row in day.statements if row.kind == "red_line")
    text = label(day, CONFLICT, shares={name: "+5 points", "unknown": "+9 points"})
    assert text.startswith("Russia: Moscow steadily refuses every arrangement")
    assert text.endswith("(+5 points), among others (25 more)")


def test_a_kind_of_event_that_is_new_is_told_before_talks_and_after_what_is_known():
    (day,) = (told for told in news(LAST) if told.day == dt.date(2025, 5, 19))
    template = next(event for event in day.events if event.event == "talks")
    kinds = ("talks", "no_such_kind", "breach_claimed", "truce_starts")
    evidence = load_evidence(as_of=LAST)
    events = [
        dataclasses.replace(template, id=f"new:{kind}", event=kind, same_as="") for kind in kinds
    ]
    made = dataclasses.replace(evidence, events=tuple(events))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.attribution.news.load_evidence", lambda **_: made)
        (told,) = (told for told in news(LAST) if told.day == day.day)
    assert [event.event for event in told.events] == [*reversed(kinds[1:]), "talks"]
    texts = [thing["text"] for thing in arrived(told, CONFLICT)["events"]]
    assert any("no such kind" in text for text in texts)


def test_a_day_names_all_that_arrived_with_who_and_about_what():
    everything = load_evidence(as_of=LAST)
    for told in news(LAST):
        things = arrived(told, CONFLICT)
        new = [event for event in everything.events if event.known == told.day]
        assert {thing["id"] for thing in things["events"]} == {e.id for e in new if not e.same_as}
        said = {row.id for row in everything.statements if row.known == told.day}
        assert {thing["id"] for thing in things["statements"]} == said
        texts = [thing["text"] for part in PARTS for thing in things[part]]
        assert len(texts) == max(1, len(lines(told, CONFLICT))) - (not texts)
        assert not any("; " in text for text in texts)
    days = {str(told.day)[5:]: lines(told, CONFLICT) for told in news(LAST)}
    assert "Russia answers 'yes, but' to the May ultimatum" in days["05-19"]
    assert "Russia answers 'yes, but' to the truce at sea (scope sea)" in days["03-31"]
    assert "sanctions.us_threat 0.5 -> 0.2" in days["05-20"]
    assert "offer.territory deferred -> 0.75" in days["04-22"]
    assert "Russia: truce terms, 0.75 (demand)" in days["03-13"]
    assert any(line.startswith("round set for 23 April: ") for line in days["04-22"])
    assert "concede.nato no -> yes" in days["03-17"]


def test_a_value_told_after_a_newer_one_changes_no_lever():
    late = {"date": dt.date(2025, 3, 2), "known": dt.date(2025, 3, 9), "value": 0.9}
    rows = [
        HistoryRow(lever="x", date=dt.date(2025, 3, 1), value=0.1, source="a"),
        HistoryRow(lever="x", date=dt.date(2025, 3, 5), value=0.2, source="b"),
        HistoryRow(lever="x", source="c", **late),
        HistoryRow(lever="x", date=dt.date(2025, 3, 12), value=0.3, source="d"),
    ]
    changes = module.lever_changes(rows)
    assert [(change.before, change.value) for change in changes] == [(0.1, 0.2), (0.2, 0.3)]


def test_an_event_told_again_is_no_news():
    ids = [event.id for told in news(LAST) for event in told.events]
    assert "000:13:russia:rejects_truce" not in ids
    assert len(ids) == len(set(ids)) == 34


def test_the_day_that_was_asked_for_is_there_without_news():
    quiet = dt.date(2025, 5, 7)
    *before, last = days_told(quiet)
    assert tuple(before) == news(quiet)
    assert (last.day, label(last, CONFLICT)) == (quiet, "No news")
    assert lines(last, CONFLICT) == ["No news"]
    assert days_told(LAST) == news(LAST)


# ------------------------------------------------------------------ odds


def test_a_day_without_news_has_odds_of_its_own(told, tmp_path):
    quiet = timeline(dt.date(2025, 3, 11), **FEW)
    first, last = quiet.points
    assert quiet.as_of == last.news.day == dt.date(2025, 3, 11)
    assert first == told.points[0]
    assert last.odds != first.odds  # a day of silence, and a day less
    assert Timeline.open(quiet.save(tmp_path)).as_dict() == quiet.as_dict()
    assert list(quiet.table()["label"])[-1] == "No news"


def test_a_later_last_day_changes_no_earlier_day(told):
    short = timeline(dt.date(2025, 3, 12), **FEW)
    assert short.points == told.points[: len(short.points)]
    assert [str(point.news.day) for point in told.points] == [
        "2025-03-10",
        "2025-03-12",
        str(MARCH),
    ]
    assert [point.imposed for point in told.points] == [0, 1, 2]


def test_pause_truce_and_held_are_told_in_falling_order(told):
    for point in told.points:
        means = [point.odds[name].mean for name in LINES]
        assert means == sorted(means, reverse=True)
        assert all(odds.mc[0] <= odds.mean <= odds.mc[1] for odds in point.odds.values())
        assert all(odds.ensemble for odds in point.odds.values())


def test_a_posterior_in_memory_is_the_stored_one(tmp_path):
    stored = make_posterior(filter_of(MARCH), 8192, folder=tmp_path)
    with ThreadPoolExecutor(2) as executor:
        ensemble, weights = posterior_in_memory(filter_of(MARCH), 8192, executor)
    assert len(ensemble) == MEMBERS
    assert round(weights.effective, 1) == stored.manifest["effective_size"]
    for records, others in ((ensemble.members, stored.members), (ensemble.starts, stored.starts)):
        for name in records.dtype.names:
            assert np.allclose(records[name], others[name], rtol=1e-6), name


def test_the_error_counts_the_particles_behind_the_members():
    rng = np.random.default_rng(3)
    worlds = np.full(1000, 4)
    share = rng.beta(2, 3, 1000)
    hits = rng.binomial(worlds, share)
    alone = estimate(hits, worlds, 1000)
    many, few = (with_particles(hits, worlds, size) for size in (1e12, 100.0))
    assert many.mean == few.mean == alone.mean
    assert many.half_width > alone.half_width
    between = share.var()
    luck = (share * (1 - share) / 4).mean() / 1000
    wanted = 1.96 * np.sqrt(between * (1 / 100.0 + 1 / 1000) + luck)
    assert few.half_width == pytest.approx(wanted, rel=0.1)
    none = with_particles(np.zeros(1000, int), worlds, 100.0)
    assert none.mean == 0.0


# ------------------------------------------------------------------ the figure


def with_agreed(told, shares):
    points = []
    for point, share in zip(told.points, shares, strict=True):
        odds = point.odds | {"agreed": point.odds["agreed"]._replace(mean=share)}
        points.append(dataclasses.replace(point, odds=odds))
    return dataclasses.replace(told, points=tuple(points))


def test_the_title_says_where_the_odds_were_and_are(told):
    nbsp = "\u00a0"
    text = finding(with_agreed(told, (0.4, 0.61, 0.3))).replace(nbsp, " ")
    assert "40 % on 10 March, 61 % on 12 March, 30 % on 13 March; of one that holds" in text
    text = finding(with_agreed(told, (0.4, 0.38, 0.3))).replace(nbsp, " ")
    assert "40 % on 10 March, 30 % on 13 March;" in text


def test_the_figure_names_what_arrived_and_cuts_no_word_off(told):
    figure = plots.timeline(told)
    words = words_of(figure)
    for text, box in words:
        assert box.x0 >= 0, text
        assert box.x1 <= WIDTH, text
        assert box.y0 >= 0, text
    entries = [text.get_text() for text, _ in words if text.get_gid() == "arrived"]
    for entry, point in zip(entries, told.points, strict=True):
        head, _, more = entry.partition(", among others (")
        named = head.removesuffix(" …").split("; ")
        every = list(ranked(point.news, told.conflict).values()) or [entry]
        assert all(one.startswith(text) for one, text in zip(every, named, strict=False))
        assert len(named) + int(more.partition(" ")[0] or 0) == len(every)
    caption = next(text.get_text() for text, _ in words if text.get_gid() == "caption")
    assert all(
        part in " ".join(caption.split()) for part in ("seed 1", "400 worlds", "8,192 pasts")
    )
    drawn = {artist.get_gid(): artist for artist in figure.findobj() if artist.get_gid()}
    top = figure.axes[0].get_window_extent().y1
    assert all(drawn[f"{name}.members"].get_window_extent().y1 <= top for name in LINES)
    assert {f"{name}.{part}" for name in LINES for part in ("line", "band", "members")} <= set(
        drawn
    )


def many(number, years=1):
    """A timeline of so many made-up days, each with something that arrived."""
    rng = np.random.default_rng(number)
    every = news(LAST)
    days = np.sort(rng.choice(365 * years, number, replace=False))
    share = np.clip(0.3 + rng.normal(0.0, 0.04, number).cumsum(), 0.05, 0.6)
    points = []
    for n, (day, agreed) in enumerate(zip(days, share, strict=True)):
        means = {"quiet": min(0.95, 1.6 * agreed), "agreed": agreed, "held": 0.4 * agreed}
        odds = {
            name: Odds(mean, (mean - 0.02, mean + 0.02), (0.3 * mean, min(1.0, 1.7 * mean)))
            for name, mean in means.items()
        }
        when = every[0].day + dt.timedelta(days=int(day - days[0]))
        arrived_then = dataclasses.replace(every[n % len(every)], day=when)
        points.append(Point(arrived_then if n < number - 1 else News(when), odds, 900.0, 0.3, 3))
    return Timeline(tuple(points), 90, 65_536, 20_000, 1)


@pytest.mark.parametrize("size", ["slide", "page", "column"])
@pytest.mark.parametrize(
    ("number", "years"), [(1, 1), (3, 1), (13, 1), (20, 1), (21, 1), (60, 1), (120, 1), (120, 3)]
)
def test_the_figure_holds_for_any_number_of_days(number, years, size):
    result = many(number, years)
    figure = plots.timeline(result, size=size)
    check_words(figure, size)
    words = [text.get_text() for text, _ in words_of(figure)]
    (caption,) = (text for text in words if text.startswith("Conditional"))
    shown = [text for text, _ in words_of(figure) if text.get_gid() == "arrived"]
    assert len(shown) == (0 if size == "column" else min(number, LISTED))
    said = f"{number - LISTED} more day" in " ".join(caption.split())
    assert said == (number > LISTED and size != "column")
    if shown:
        assert shown[-1].get_text() == ("No news")
    lines_drawn = {line.get_gid(): len(line.get_xdata()) for line in figure.axes[0].get_lines()}
    assert lines_drawn["agreed.line"] == number  # each day is a point, listed or not


def test_the_days_that_are_listed_are_those_that_moved_the_odds_most():
    result = many(60)
    points = list(result.points)
    for n in (7, 33):
        jump = {name: points[n].odds[name]._replace(mean=0.9) for name in LINES}
        points[n] = dataclasses.replace(points[n], odds=jump)
    places = listed(dataclasses.replace(result, points=tuple(points)))
    assert len(places) == LISTED
    assert places == sorted(places)
    assert {0, 7, 8, 33, 34, 59} <= set(places)
    wide = points[33].odds["agreed"]._replace(mc=(0.0, 1.0))  # as large a change, of no weight
    points[33] = dataclasses.replace(points[33], odds=points[33].odds | {"agreed": wide})
    assert 33 not in listed(dataclasses.replace(result, points=tuple(points)))


@pytest.mark.parametrize("size", ["page", "column"])
def test_the_figure_fits_a_page_and_a_column(told, size):
    figure = plots.timeline(told, size=size)
    check_words(figure, size)
    arrived = figure.findobj(lambda artist: artist.get_gid() == "arrived")
    assert len(arrived) == (len(told.points) if size == "page" else 0)


# ------------------------------------------------------------------ the command


def test_the_effective_size_is_rounded_once_where_it_is_printed(told):
    days = told.as_dict()["days"]
    assert [day["effective_size"] for day in days] == [point.effective for point in told.points]


def test_the_command_writes_figure_table_and_document(tmp_path):
    words = ["timeline", "--as-of", "2025-03-10", "--particles", "8192", "--worlds", "200"]
    out = tmp_path / "outputs"
    result = CliRunner().invoke(app, [*words, "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema"] == "truce/timeline/1"
    assert (
        document["command"]
        == " ".join(["truce", *words]).replace("2025-03-10", "2025-03-10 --horizon 120")
        + " --seed 1"
    )
    (folder,) = (out / "timelines").iterdir()
    assert document == json.loads((folder / "timeline.json").read_text(encoding="utf-8"))
    (day,) = document["days"]
    assert sorted(day["odds"]) == sorted(LINES)
    with (folder / "timeline.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["odds_of"] for row in rows] == list(LINES)
    assert float(rows[1]["mean"]) == day["odds"]["agreed"]["mean"]
    assert {"timeline.png", "timeline.svg"} <= {path.name for path in folder.iterdir()}
    table = CliRunner().invoke(app, [*words, "--out", str(out)]).stdout
    assert "The record begins" in table
    for row, name in zip(rows, LINES, strict=True):
        assert (row["odds_of"], row["events"], row["levers"]) == (name, "", "")


def test_table_document_and_terminal_name_all_that_arrived(told, tmp_path, monkeypatch):
    table = told.table()
    (day,) = (day for day in told.as_dict()["days"] if day["as_of"] == "2025-03-13")
    answer = "Russia answers 'yes, but' to the March plan (days 30)"
    assert answer in [thing["text"] for thing in day["events"]]
    row = table[table["as_of"] == "2025-03-13"].iloc[0]
    for part in PARTS:
        assert row[part].split("; ") == [thing["text"] for thing in day[part]] or not day[part]
    monkeypatch.setattr("sim.attribution.timeline.timeline", lambda *_: told)
    printed = CliRunner().invoke(app, ["timeline", "--out", str(tmp_path)]).stdout
    for point in told.points:
        for line in lines(point.news, CONFLICT):
            assert line in printed


def test_a_timeline_that_was_saved_opens_as_it_was(told, tmp_path):
    folder = told.save(tmp_path)
    opened = Timeline.open(folder)
    assert opened.as_dict() == told.as_dict()
    assert opened.points == tuple(
        dataclasses.replace(point, k=round(point.k, 3)) for point in told.points
    )
    assert sim.open("last-timeline", tmp_path).id == told.id == folder.name[-12:]
    assert len(told.table()) == 3 * len(told.points)
    assert len(repr(told)) < 150
    assert "<table" in shown_as(told, "html")


def test_a_timeline_of_other_evidence_is_refused(told, tmp_path, monkeypatch):
    folder = told.save(tmp_path)
    monkeypatch.setattr("sim.attribution.stored.inputs_of", lambda *_: {"priors": "other"})
    with pytest.raises(SimError, match=r"other evidence, priors or rules.*Make it anew: python"):
        Timeline.open(folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--as-of", "2025-03-09"], "is outside 2025-03-10..2025-05-20"),
        (["--as-of", "soon"], "is not a day"),
        (["--particles", "10"], "--particles"),
        (["--horizon", "0"], "--horizon"),
    ],
)
def test_a_bad_setting_is_told(words, told):
    with pytest.raises(SimError, match=told):
        CliRunner().invoke(app, ["timeline", *words], catch_exceptions=False)


def test_a_timeline_that_cannot_be_written_whole_leaves_nothing(tmp_path, told):
    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        told.save(tmp_path / "new", interrupted)
    assert not (tmp_path / "new").exists()
