"""Scenarios: what a file may say, what stands on a day, and what is refused with which words."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import pickle
import re
import shutil
import tomllib

import numpy as np
import pytest

from sim.diary import tell
from sim.engine.domain import DATED_ROUND, HOLIDAY, REVIEW
from sim.errors import ScenarioError
from sim.inputs.agenda import marks_of_days
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.levers import LEVERS, check_lever
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_document import scenario_from
from sim.inputs.scenario_file import scenario_names
from sim.paths import data_dir

HEAD = """schema = "truce/scenario/1"
title = "A title"
question = "A question?"
as_of = 2025-05-20
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="mine.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


def test_every_shipped_scenario_loads_and_says_where_its_settings_come_from():
    assert {"baseline", "joint-ultimatum"} <= set(scenario_names())
    for name in scenario_names():
        scenario = load_scenario(name)
        assert scenario.name == name
        claimed = {lever for claim in scenario.claims for lever in claim.levers}
        assert set(scenario.own_levers) <= claimed


def test_the_baseline_sets_nothing_of_its_own():
    baseline = load_scenario("baseline")
    assert baseline.own_levers == {}
    assert baseline.levers == shipped().baseline_levers(dt.date(2025, 5, 20))
    assert list(baseline.levers) == list(LEVERS)


def test_a_scenario_is_the_baseline_but_for_what_it_sets():
    own = load_scenario("joint-ultimatum")
    baseline = load_scenario("baseline").levers
    differs = {name for name, value in own.levers.items() if value != baseline[name]}
    assert differs == set(own.own_levers)


def test_levers_stand_as_they_stood_on_the_day():
    assert shipped().baseline_levers(dt.date(2025, 3, 17))["offer.territory"] == "deferred"
    assert shipped().baseline_levers(dt.date(2025, 4, 22))["offer.territory"] == 0.75
    assert shipped().baseline_levers(dt.date(2025, 5, 20))["offer.territory"] == "deferred"


def test_no_row_is_read_before_it_was_known():
    for as_of in (dt.date(2025, 3, 17), dt.date(2025, 4, 22), dt.date(2025, 5, 9)):
        for row in shipped().history(as_of):
            assert row.date <= as_of
            assert row.known is None or row.known <= as_of
    threat = "sanctions.us_threat"
    assert shipped().baseline_levers(dt.date(2025, 5, 9))[threat] == 0.0
    assert shipped().baseline_levers(dt.date(2025, 5, 10))[threat] > 0.0


def test_every_row_of_the_record_says_who_says_so_and_not_before_it_could_be_known():
    """A row leans on articles of its day or later, public at once or from the article's day."""
    with (data_dir("calibration") / "evidence" / "articles.toml").open("rb") as file:
        days = {row["id"][:3]: row["day"] for row in tomllib.load(file)["article"]}
    for row in shipped().history(dt.date(2025, 5, 20)):
        cited = [days[number] for number in re.findall(r"\b(00\d), paragraph", row.source)]
        if row.source.startswith(("assumed", "by definition")):
            assert not re.search(r"\b00\d\b|article", row.source), row
        else:
            assert cited, row
            assert row.visible_from in {row.date, max(cited)}, row
            assert row.date <= max(cited), row


def test_announced_rounds_say_where_they_come_from_and_when_they_were_known():
    with (data_dir("calibration") / "evidence" / "articles.toml").open("rb") as file:
        days = {row["id"][:3]: row["day"] for row in tomllib.load(file)["article"]}
    rows = shipped().rounds(dt.date(2025, 5, 20))
    assert len({row.date for row in rows}) == len(rows) == 2
    for row in rows:
        number = re.match(r"(00\d), paragraph", row.source)[1]
        assert days[number] <= row.known < row.date, row


def test_levers_fill_the_record_that_rules_read():
    scenario = load_scenario("baseline").with_levers(
        {"sanctions.europe_threat": 0.4, "offer.nato": 0.6, "concede.nato": False}
    )
    ahead = agenda(scenario)
    records, segments = ahead.policies, ahead.segment_of_day
    assert len(records) == 1
    assert set(segments) == {0}
    assert list(records[0]["threat"]) == [0.2, 0.4, 0.1]
    assert list(records[0]["named"]) == [0, 0, 1, 0, 0]
    assert records[0]["offer"][2] == 0.6
    assert not records[0]["concede_nato"]


def test_changes_hold_from_their_day_on(write):
    path = write(
        HEAD.replace("2025-05-20", "2025-04-10")
        + """
[[changes]]
day = 14
lever = "offer.territory"
value = 0.8
[[changes]]
date = 2025-05-14
lever = "aid.level"
value = 0.5
"""
    )
    scenario = load_scenario(path)
    ahead = agenda(scenario)
    records, segments = ahead.policies, ahead.segment_of_day
    assert list(np.flatnonzero(np.diff(segments)) + 1) == [14, 34]
    assert [bool(record["named"][0]) for record in records] == [False, True, True]
    assert [float(record["aid_level"]) for record in records] == [1.0, 1.0, 0.5]
    moved = scenario.with_as_of(dt.date(2025, 4, 22))
    assert [(change.day, change.lever) for change in moved.schedule] == [
        (14, "offer.territory"),
        (22, "aid.level"),
    ]
    with pytest.raises(
        ScenarioError, match=r"day 0 is outside 1..120 after the as-of day 2025-05-14"
    ):
        scenario.with_as_of(dt.date(2025, 5, 14))


def test_nested_and_quoted_lever_names_are_the_same(write):
    quoted = load_scenario(write(HEAD + '[levers]\n"aid.level" = 0.5\n'))
    nested = load_scenario(write(HEAD + "[levers]\naid.level = 0.5\n"))
    assert quoted.own_levers == nested.own_levers == {"aid.level": 0.5}


def test_a_setting_does_not_lose_to_a_change_of_the_first_day(write):
    path = write(HEAD + '[[changes]]\nday = 1\nlever = "aid.level"\nvalue = 0.5\n')
    with pytest.raises(ScenarioError, match="changes it on day 1"):
        load_scenario(path).with_levers({"aid.level": 2.0})


def test_another_day_and_another_horizon_are_looked_at_together(write):
    path = write(HEAD + '[[changes]]\ndate = 2025-08-01\nlever = "aid.level"\nvalue = 0.5\n')
    moved = load_scenario(path, dt.date(2025, 3, 17), 200)
    assert moved.schedule[0].day == 137
    with pytest.raises(ScenarioError, match="day 137 is outside"):
        load_scenario(path, dt.date(2025, 3, 17))


def test_minus_nothing_is_nothing():
    assert str(check_lever("here", "front.momentum_shift", -0.0)) == "0.0"


def test_a_varied_scenario_knows_what_was_set_beside_its_file():
    varied = load_scenario("baseline", dt.date(2025, 5, 20)).with_horizon(60)
    varied = varied.with_levers({"aid.level": 0.5}).with_levers({"aid.level": 0.6})
    varied = varied.with_levers({"concede.nato": True, "concede.recognition": True})
    assert varied.given == "baseline"
    assert varied.overrides == {
        "aid.level": 0.6,
        "concede.nato": True,
        "concede.recognition": True,
    }
    assert varied.horizon_given
    plain = load_scenario("baseline")
    assert plain.overrides == {}
    assert not plain.horizon_given


def test_the_source_of_every_lever_is_known():
    scenario = load_scenario("joint-ultimatum").with_levers({"aid.level": 0.5})
    sources = scenario.sources
    assert list(sources) == list(LEVERS)
    assert sources["aid.level"].origin == "override"
    assert sources["sanctions.us_threat"].origin == "file"
    assert sources["sanctions.us_threat"].texts == scenario.claimed("sanctions.us_threat") != ()
    record, texts = sources["offer.nato"]
    assert record == "record"
    assert re.match(r"2025-\d\d-\d\d: ", texts[0])


def test_a_scenario_reads_the_record_once(tmp_path):
    """What it holds decides its worlds; files may go or change once it is loaded."""
    for folder in shipped().folders:
        shutil.copytree(folder, tmp_path / folder.name)
    scenario = load_scenario("march-offer", conflict=Conflict(tmp_path))
    before = (scenario.resolved(), *agenda(scenario))
    shutil.rmtree(tmp_path / "scenarios")
    shutil.rmtree(tmp_path / "calibration")
    varied = scenario.with_levers({"aid.level": 0.5}).with_horizon(60)
    assert varied.levers["aid.level"] == 0.5
    assert len(agenda(varied).calendar) == 61
    after = (scenario.resolved(), *agenda(scenario))
    assert before[0] == after[0]
    for one, other in zip(before[1:], after[1:], strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_scenario_cannot_be_changed_behind_its_back():
    scenario = load_scenario("joint-ultimatum").with_levers({"aid.level": 0.5})
    with pytest.raises(dataclasses.FrozenInstanceError):
        scenario.title = "another"
    for mapping in (scenario.own_levers, scenario.overrides, scenario.record):
        with pytest.raises(TypeError):
            mapping["aid.level"] = 1.0
        with pytest.raises(AttributeError):
            mapping.extra = 1
    given = {"aid.level": 0.7}
    varied = scenario.with_levers(given)
    built = dataclasses.replace(scenario, own_levers=given)
    given["aid.level"] = 0.9
    scenario.levers["aid.level"] = scenario.initial_levers["aid.level"] = 0.9
    assert varied.levers["aid.level"] == built.levers["aid.level"] == 0.7
    assert scenario.levers["aid.level"] == 0.5


def test_a_scenario_is_hashed_copied_and_sent_to_another_process():
    one, other = (load_scenario("joint-ultimatum").with_levers({"aid.level": 0.5}) for _ in "ab")
    assert one is not other
    assert {one: "found"}[other] == "found"
    assert one != one.with_levers({"aid.level": 0.6})
    assert len({one, other, one.with_levers({"aid.level": 0.6})}) == 2
    for same in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), copy.copy(one)):
        assert same == one
        assert hash(same) == hash(one)
        assert same.as_dict() == one.as_dict()
        assert repr(same) == repr(one)


REFUSED = {
    "out of range": (
        '[levers]\n"aid.us_threat" = 1.4',
        r"1\.4 is outside 0\.\.1 .*Choose 0 to 1\.",
    ),
    "misspelt lever": ('[levers]\n"aid.us_thret" = 0.4', r"Did you mean aid\.us_threat\?"),
    "not a number": ('[levers]\n"aid.us_threat" = "much"', "'much' is no number"),
    "nan": ('[levers]\n"aid.us_threat" = nan', r"nan is outside 0\.\.1"),
    "infinite": ('[levers]\n"aid.us_threat" = inf', r"inf is outside 0\.\.1"),
    "a switch that is a number": ('[levers]\n"concede.nato" = 1', "neither true nor false"),
    "a number that is a switch": ('[levers]\n"aid.us_threat" = true', "True is no number"),
    "half a day": ('[levers]\n"sanctions.deadline_days" = 2.5', "whole number of days"),
    "twice": ('[levers]\naid.level = 1\n"aid.level" = 1', "set twice|is not TOML"),
    "unknown key": ("horizon_day = 3", "Did you mean horizon_days"),
    "horizon": ("horizon_days = 366", "less than or equal to 365"),
    "wrong type": ('horizon_days = "long"', "valid integer"),
    "late change": ('[[changes]]\nday = 121\nlever = "aid.level"\nvalue = 1', "outside 1..120"),
    "change far off": ('[[changes]]\nday = 99999999999\nlever = "aid.level"\nvalue = 1', "365"),
    "twice on a day": (
        '[[changes]]\nday = 3\nlever = "offer.nato"\nvalue = 0.8\n'
        '[[changes]]\nday = 3\nlever = "offer.nato"\nvalue = "deferred"',
        "changes twice on day 3",
    ),
    "a huge number": ('[levers]\n"aid.level" = 1' + "0" * 400, r"is outside 0\.\.2"),
    "an empty group": ("[levers.nonsense]", "no lever 'nonsense'"),
    "early change": (
        '[[changes]]\ndate = 2025-05-20\nlever = "aid.level"\nvalue = 1',
        "day 0",
    ),
    "change of nothing": ('[[changes]]\nlever = "aid.level"\nvalue = 1', "either day or date"),
    "change of unknown": ('[[changes]]\nday = 1\nlever = "x"\nvalue = 1', "no lever 'x'"),
    "claim on unknown": (
        '[[claims]]\ntext = "t"\narticle = "a"\nparagraph = 1\nlevers = ["aid"]',
        "no lever 'aid'",
    ),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_with_file_and_key(write, body, words):
    path = write(HEAD + body)
    with pytest.raises(ScenarioError, match=words) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(path.as_posix())
    assert "\n" not in str(caught.value)


FILES = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "not UTF-8": (HEAD.encode() + b'author = "\xff"', "not UTF-8"),
    "not TOML": (b"schema = ", "is not TOML"),
    "no title": (b'schema = "truce/scenario/1"', "title: field required"),
    "other schema": (HEAD.replace("/1", "/2").encode(), "truce/scenario/1"),
    "a day in words": (HEAD.replace("2025-05-20", '"2025-05-20"').encode(), "as_of.*date"),
    "a day in seconds": (HEAD.replace("2025-05-20", "1747699200").encode(), "as_of.*date"),
    "the end of time": (
        HEAD.replace("2025-05-20", "9999-12-31").encode(),
        "as_of: is after 2025-05-20, the day through which the press was read",
    ),
    "large": (b"#" * 1_000_001, "1 MB is the limit"),
    "before the record": (HEAD.replace("2025-05-20", "2025-01-01").encode(), "does not reach"),
}


@pytest.mark.parametrize(("content", "words"), FILES.values(), ids=FILES)
def test_files_that_are_refused(write, content, words):
    with pytest.raises(ScenarioError, match=words):
        load_scenario(write(content))


@pytest.mark.parametrize(
    "name",
    ["../baseline", "a/b", "Baseline", "", ".", "history", "/dev/null", "x\x1b[31m", "a" * 300],
)
def test_names_that_are_refused(name):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name)
    assert "\x1b" not in str(caught.value)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    folder = tmp_path / "x.toml"
    folder.mkdir()
    with pytest.raises(ScenarioError, match="is a folder, not a regular file"):
        load_scenario(folder)


def test_the_users_own_scenario_wins(tmp_path, monkeypatch):
    (tmp_path / "scenarios").mkdir()
    mine = tmp_path / "scenarios" / "baseline.toml"
    mine.write_text(HEAD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("baseline")
    assert scenario.title == "A title"
    assert scenario.path == "scenarios/baseline.toml"


def test_a_control_character_in_a_title_is_kept_from_the_terminal(write):
    path = write(HEAD.replace("A title", "A \\u001b[31mtitle") + "nonsense = 1")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert "\x1b" not in str(caught.value)


def test_every_lever_takes_its_bounds():
    for name, lever in LEVERS.items():
        values = lever.kind.trial()
        for value in (values[0], values[-1]):
            assert check_lever("here", name, value) == value
        with pytest.raises(ScenarioError):
            check_lever("here", name, 3651)


def test_the_record_of_levers_is_one_file():
    files = {path.name for path in data_dir("scenarios").glob("*.toml")}
    assert "history.toml" in files


def test_the_calendar_knows_reviews_and_the_easter_of_each_year():
    scenario = load_scenario("baseline").with_horizon(365)
    marks = agenda(scenario).calendar
    dates = [scenario.as_of + dt.timedelta(days=day) for day in range(1, 366)]
    near = [date for date, mark in zip(dates, marks[1:], strict=True) if mark & HOLIDAY]
    feasts = (dt.date(2026, 1, 7), dt.date(2026, 4, 12), dt.date(2026, 5, 9))
    assert near == [feast + dt.timedelta(days=n) for feast in feasts for n in range(-2, 3)]
    reviews = [date for date, mark in zip(dates, marks[1:], strict=True) if mark & REVIEW]
    assert reviews == [date for date in dates if date.day in (1, 15)]


@pytest.mark.parametrize(
    ("as_of", "ahead"),
    [("2025-03-16", []), ("2025-03-17", [1]), ("2025-03-18", []), ("2025-04-22", [1]),
     ("2025-05-20", [])],
)  # fmt: skip
def test_a_round_whose_day_was_announced_is_in_the_calendar_of_those_who_knew(as_of, ahead):
    day = dt.date.fromisoformat(as_of)
    marks = marks_of_days(day, 60, shipped().announced_rounds(day))
    assert np.flatnonzero(marks & DATED_ROUND).tolist() == ahead
    assert len(shipped().announced_rounds(day)) == len(ahead)


def test_an_announced_round_is_held():
    scenario = load_scenario("march-offer")
    assert scenario.resolved()["rounds"] == ["2025-03-18"]
    ensemble = load_ensemble(scenario.as_of)
    for world in range(4):
        first = tell(scenario, ensemble, 1, world).entries
        assert any(entry.what == "round" and entry.day == 1 for entry in first)


CLAIMS = {
    "no paragraph": ('article = "001"', "both article and paragraph"),
    "paragraph nought": ('article = "001"\nparagraph = 0', "paragraph"),
    "neither source nor assumption": ("", "begin the text with 'assumed'"),
}


@pytest.mark.parametrize(("source", "words"), CLAIMS.values(), ids=CLAIMS)
def test_a_claim_says_who_says_so(write, source, words):
    with pytest.raises(ScenarioError, match=words):
        load_scenario(write(HEAD + '[[claims]]\ntext = "said"\n' + source))
    assumed = HEAD + '[[claims]]\ntext = "assumed: a middle"\n'
    assert load_scenario(write(assumed)).claims[0].text == "assumed: a middle"


@pytest.mark.parametrize(("key", "old", "most"), [
    ("title", "A title", 300), ("question", "A question?", 2000),
])  # fmt: skip
def test_title_and_question_are_neither_empty_nor_endless(write, key, old, most):
    for length, fits in ((0, False), (1, True), (most, True), (most + 1, False)):
        path = write(HEAD.replace(old, "x" * length))
        if fits:
            assert getattr(load_scenario(path), key) == "x" * length
        else:
            with pytest.raises(ScenarioError, match=key):
                load_scenario(path)


def test_a_change_of_the_first_day_stands_on_it_and_a_later_one_does_not(write):
    change = '[[changes]]\nday = {}\nlever = "aid.level"\nvalue = 0.5\n'
    for day, level in ((1, 0.5), (2, 1.0)):
        scenario = load_scenario(write(HEAD + change.format(day)))
        assert scenario.levers["aid.level"] == level
        ahead = agenda(scenario)
        records, segments = ahead.policies, ahead.segment_of_day
        assert len(segments) == len(agenda(scenario).calendar) == scenario.horizon_days + 1
        assert records[segments[1]]["aid_level"] == level
        assert records[segments[-1]]["aid_level"] == 0.5


def test_a_scenario_is_the_same_by_name_and_by_path():
    by_name = load_scenario("baseline")
    by_path = load_scenario(data_dir("scenarios") / "baseline.toml")
    assert by_name == by_path
    assert by_name.given != by_path.given
    assert by_name == by_name.with_horizon(120)
    assert by_name != by_name.with_horizon(60)


@pytest.mark.parametrize(
    ("horizon", "words"),
    [(n, rf"horizon: {n} is outside 1\.\.365") for n in (0, 366)]
    + [(n, "horizon: .* is not a whole number") for n in (True, 60.5, "60", None)],
)
def test_a_horizon_is_a_whole_number_of_days_in_range(horizon, words):
    baseline = load_scenario("baseline")
    with pytest.raises(ScenarioError, match=words):
        baseline.with_horizon(horizon)
    whole = [baseline.with_horizon(n).horizon_days for n in (1, 365, 60.0, np.float32(7))]
    assert whole == [1, 365, 60, 7]
    assert {type(n) for n in whole} == {int}


def test_a_day_in_words_is_no_day():
    with pytest.raises(ScenarioError, match="'2025-05-20' is no date"):
        load_scenario("baseline").with_as_of("2025-05-20")


@pytest.mark.parametrize(("file", "name"), [
    ("Mine und Deine.toml", "mine-und-deine"), ("über.toml", "ber"), ("x" * 70 + ".toml", "x" * 60),
    ("--.toml", "scenario"),
])  # fmt: skip
def test_a_file_of_any_name_gives_a_plain_name(write, file, name):
    assert load_scenario(write(HEAD, file)).name == name


def test_without_a_day_a_scenario_looks_ahead_from_the_newest_ensemble(write, monkeypatch):
    path = write(HEAD.replace("as_of = 2025-05-20\n", ""))
    days = [dt.date(2025, 3, 17), dt.date(2025, 4, 22), dt.date(2025, 5, 9)]
    monkeypatch.setattr(Conflict, "ensemble_days", lambda conflict: days)
    assert load_scenario(path).as_of == dt.date(2025, 5, 9)
    monkeypatch.setattr(Conflict, "ensemble_days", lambda conflict: [])
    with pytest.raises(ScenarioError, match="there is no ensemble"):
        load_scenario(path)


def test_a_scenario_comes_back_whole_from_its_plain_data():
    scenario = load_scenario("joint-ultimatum")
    scenario = scenario.with_levers({"aid.level": 0.5}).with_horizon(90)
    data = json.loads(json.dumps(scenario.as_dict()))
    again = scenario_from(data, "a manifest", scenario.claims)
    assert again == scenario
    assert again.as_dict() == data
    assert again.sources == scenario.sources
    assert (again.given, again.path) == (scenario.given, scenario.path)
    assert again.horizon_given
    assert scenario.resolved().items() <= data.items()
    change = {"day": 5, "lever": "aid.level", "value": 0.5}
    changed = scenario_from({**data, "changes": [change]}, "a manifest")
    assert changed.schedule == ((5, "aid.level", 0.5),)
    too_much = {**data, "changes": [{**change, "value": 99.0}]}
    with pytest.raises(ScenarioError, match=r"a manifest: changes.*outside 0..2"):
        scenario_from(too_much, "a manifest")
    for key in ("title", "overrides", "record"):
        less = {name: value for name, value in data.items() if name != key}
        with pytest.raises(ScenarioError, match=r"holds no whole scenario.*Run it again"):
            scenario_from(less, "a manifest")
    with pytest.raises(ScenarioError, match="holds no whole scenario"):
        scenario_from({**data, "record": data["record"][1:]}, "a manifest")


def test_a_lever_that_is_set_stays_so_from_another_day_too():
    """Also to what it is today, which it was not then."""
    scenario = load_scenario("baseline")
    today = scenario.levers["sanctions.us_threat"]
    april = dt.date(2025, 4, 22)
    assert scenario.with_as_of(april).levers["sanctions.us_threat"] != today
    held = scenario.with_levers({"sanctions.us_threat": today}).with_as_of(april)
    assert held.levers["sanctions.us_threat"] == today
    assert held.overrides == {"sanctions.us_threat": today}


def test_settings_may_be_numbers_as_numpy_has_them():
    scenario = load_scenario("baseline", horizon_days=np.int64(30))
    assert scenario.horizon_days == 30
    levers = scenario.with_levers({"concede.nato": np.bool_(False), "aid.level": np.float32(0.5)})
    assert levers.levers["concede.nato"] is False
    assert type(levers.levers["aid.level"]) is float


@pytest.mark.parametrize("day", ["2025-04-22", dt.datetime(2025, 4, 22), 5], ids=str)
def test_what_is_no_date_is_no_as_of_day(day):
    with pytest.raises(ScenarioError, match="is no date"):
        load_scenario("baseline", as_of=day)
    with pytest.raises(ScenarioError, match="is no date"):
        load_scenario("baseline").with_as_of(day)


def test_a_file_of_a_day_before_the_record_is_named(write):
    path = write(HEAD.replace("2025-05-20", "2024-05-20"))
    with pytest.raises(ScenarioError, match=rf"{path.name}: as_of: .*there are: 2025-03-17"):
        load_scenario(path)
