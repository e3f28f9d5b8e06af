"""The odds brought up to date: what arrived, what each row adds, what was foretold, going on."""

import dataclasses
import datetime as dt
import json

import pytest
from helpers.answers import a_update, a_watched, estimate, odds_of
from helpers.command import truce
from helpers.news import copied

import sim
from sim.attribution.influence import influence
from sim.attribution.update import rows as module
from sim.attribution.update.told import AS_FORETOLD, OTHER_WAY, UNTOLD, between
from sim.calibrate.fit import filter_of, make_posterior
from sim.calibrate.particles import BLOCK_PARTICLES
from sim.errors import CalibrationError, ScenarioError, StoreError
from sim.evidence.statements import load_evidence
from sim.experiments.compare import compare
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.plots.update import explained, finding
from sim.unfinished import FOLDER

SINCE, DAY = dt.date(2025, 3, 12), dt.date(2025, 3, 13)
PARTICLES, WORLDS = 8192, 2048
LEVER = "guarantee.ambition"
FEW = {"particles": PARTICLES, "worlds": WORLDS, "workers": 2}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with data that have an ensemble of one early day; a lever changes the day after."""
    folder = tmp_path_factory.mktemp("update")
    record = copied(folder / "data") / "scenarios/history.toml"
    text = record.read_text(encoding="utf-8")
    was = f'lever = "{LEVER}"\ndate = 2025-03-16'
    assert was in text
    record.write_text(text.replace(was, was.replace("16", "13")), encoding="utf-8")
    conflict = Conflict(folder / "data")
    make_posterior(filter_of(SINCE, conflict=conflict), PARTICLES)
    return folder


@pytest.fixture(scope="module")
def conflict(place):
    return Conflict(place / "data")


@pytest.fixture(scope="module")
def watch(place, conflict):
    watch = sim.watch(load_scenario("baseline", SINCE, 60, conflict=conflict), days=1, worlds=4096)
    watch.save(place / "outputs")
    return watch


@pytest.fixture(scope="module")
def notes():
    return []


@pytest.fixture(scope="module")
def found(place, conflict, watch, notes):
    return sim.update(DAY, conflict=conflict, out=place / "outputs", note=notes.append, **FEW)


# ------------------------------------------------------------------ what is done


def test_the_ensemble_of_the_day_is_made_once_and_set_against_the_one_before(
    found, conflict, notes, place
):
    made = load_ensemble(DAY, conflict=conflict)
    assert (found.setting.ensemble_id, found.before.day) == (made.id, SINCE)
    assert [text.partition(":")[0] for text in notes] == [f"Calibrating to {DAY}"]
    path = conflict.ensembles / f"{DAY}.parquet"
    written = path.stat().st_mtime_ns
    again = sim.update(DAY, conflict=conflict, out=place / "outputs", **FEW)
    assert again.as_dict() == found.as_dict()
    assert path.stat().st_mtime_ns == written


def test_the_odds_are_those_of_the_baseline_on_both_days(found, conflict):
    for day, odds in zip((SINCE, DAY), found.odds["held"], strict=True):
        scenario = load_scenario("baseline", day, conflict=conflict)
        run = sim.run(scenario, WORLDS, 1)
        assert odds.mean == run.odds["held"].mean
        assert odds.mc[0] < run.odds["held"].mc[0] < run.odds["held"].mc[1] < odds.mc[1]


def test_the_rows_are_all_that_became_public_in_between(found, conflict):
    assert all(SINCE < row.day <= DAY for row in found.rows)
    names = {kind: {row.id for row in found.rows if row.kind == kind} for kind in
             ("event", "statement", "lever")}  # fmt: skip
    evidence = load_evidence(as_of=DAY, conflict=conflict)
    assert names["lever"] == {LEVER}
    assert names["event"] == {"004:5:russia:conditions_truce"}
    arrived = [row for row in evidence.statements if row.known > SINCE and row.in_fit]
    assert names["statement"] <= {row.id for row in arrived}
    assert len(names["statement"]) + found.silent == len(arrived)


def test_a_row_of_the_evidence_says_first_whose_it_is(found, conflict):
    rows = [row for row in found.rows if row.kind != "lever"]
    assert all(row.label.startswith(f"{conflict.names[row.id.split(':')[2]]}: ") for row in rows)


def test_what_is_imposed_on_no_past_is_noted_and_an_announced_round_is_named(conflict):
    now = load_scenario("baseline", dt.date(2025, 4, 22), conflict=conflict)
    arrived = module.Arrived(now, dt.date(2025, 3, 18), PARTICLES, WORLDS, 1, 2)
    assert "Russia: breach claimed (the energy truce, scope energy)" in arrived.noted()
    assert not any("answers" in text for text in arrived.noted())
    assert [text[:22] for text in arrived.announced()] == ["round set for 23 April"]


def test_a_row_adds_what_leaving_it_out_takes(found, conflict):
    told = influence(DAY, PARTICLES, ("event", "statement"), 1, 2, conflict=conflict)
    without = {row.id: row.shifts["held"] for row in told.rows}
    of_evidence = [row for row in found.rows if row.kind != "lever"]
    assert {row.kind for row in of_evidence} == {"event", "statement"}
    for row in of_evidence:
        assert row.adds["held"].mean == -without[row.id].change
        assert row.adds["held"].half_width == pytest.approx(1.96 * without[row.id].error, rel=1e-4)


def test_a_lever_adds_what_putting_it_back_takes(found, conflict):
    row = next(row for row in found.rows if row.kind == "lever")
    now = load_scenario("baseline", DAY, conflict=conflict)
    back = compare([now, now.with_levers({row.id: 0.3})], WORLDS, 1).differences["held"][0]
    assert row.adds["held"].mean == pytest.approx(-back.mean, abs=1e-12)
    assert row.adds["held"].mc == pytest.approx((-back.mc[1], -back.mc[0]))
    assert "0.3 to 0.4" in row.label


@pytest.mark.parametrize("name", ["held", "agreed"])
def test_the_steps_go_from_the_odds_before_to_those_after(found, name):
    before, after = found.odds[name]
    steps = sum(row.adds[name].mean for row in found.rows) + found.rest(name).mean
    assert before.mean + steps == pytest.approx(after.mean, abs=1e-12)
    table = found.table()
    assert table["step"].iloc[0] == "before"
    assert table[name][:-1].sum() == pytest.approx(table[name].iloc[-1])


def test_the_change_is_known_as_well_as_both_odds_together():
    before, after = odds_of(0.2), odds_of(0.3)  # each +-.01
    found = between(before, after)
    assert found.mean == pytest.approx(0.1)
    assert found.half_width == pytest.approx(0.01 * 2**0.5)


# ------------------------------------------------------------------ what was foretold


def test_the_watch_list_of_the_day_before_is_found_and_set_beside_the_record(found, watch):
    watched = found.watched
    assert watched.id == watch.id
    told = {(one.event, one.actor): one for one in watched.events}
    came = told["conditions_truce", "russia"]
    event = next(one for one in watch.events if one.words == came.words)
    assert (came.answer, came.foretold) == ("yes", event.happens)
    assert "004:5:russia:conditions_truce" in came.evidence
    assert [one.answer for one in watched.events] == sorted(
        (one.answer for one in watched.events), key=["yes", "no", "open", "void"].index
    )
    assert not any(one.answer == "open" for one in watched.events)  # its last day is over


def test_the_odds_found_reach_to_the_same_end_as_those_foretold(found, conflict, watch):
    left = watch.setting.first.horizon_days - (DAY - SINCE).days
    scenario = load_scenario("baseline", DAY, left, conflict=conflict)
    assert found.watched.end == DAY + dt.timedelta(days=left)
    assert found.watched.found.mean == sim.run(scenario, WORLDS, 1).odds["held"].mean


@pytest.mark.parametrize(
    ("answer", "foretold", "moved", "way"),
    [
        ("yes", 0.05, 0.05, AS_FORETOLD),
        ("yes", -0.05, -0.05, AS_FORETOLD),
        ("yes", 0.05, -0.05, OTHER_WAY),
        ("no", -0.05, 0.05, AS_FORETOLD),
        ("no", 0.05, 0.05, OTHER_WAY),
        ("yes", 0.005, 0.05, UNTOLD),
        ("yes", 0.05, 0.01, UNTOLD),
        ("open", 0.05, 0.05, ""),
        ("void", 0.05, 0.05, ""),
    ],
)
def test_a_way_is_told_only_where_both_intervals_tell_their_sign(answer, foretold, moved, way):
    watched = a_watched(moved, ((answer, foretold),))
    assert watched.way(watched.events[0]) == way


def test_an_event_without_worlds_foretells_nothing():
    watched = a_watched(0.05, (("yes", 0.05),))
    event = watched.events[0]
    never = type(event)(*event[:6], (None, odds_of(0.2)), None)
    assert (watched.way(never), never.foretold) == (UNTOLD, None)


def test_a_watch_list_that_cannot_be_looked_back_on_is_refused(conflict, watch, place):
    other = sim.watch(load_scenario("walk-away", SINCE, conflict=conflict), days=2, worlds=256)
    with pytest.raises(ScenarioError, match="not of baseline"):
        sim.update(DAY, other, conflict=conflict, **FEW)
    with pytest.raises(ScenarioError, match="of other data"):
        sim.update(DAY, sim.watch("baseline", days=2, worlds=256), conflict=conflict, **FEW)
    with pytest.raises(StoreError, match="there is none of that id"):
        sim.update(DAY, "nothing", conflict=conflict, out=place / "outputs", **FEW)


# ------------------------------------------------------------------ stale, stopped, weak


def test_an_ensemble_whose_inputs_changed_is_made_anew(found, conflict, place):
    path = conflict.ensembles / f"{SINCE}.json"
    whole = path.read_text(encoding="utf-8")
    manifest = json.loads(whole)
    manifest["inputs"]["record"] = "other"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    notes = []
    again = sim.update(DAY, conflict=conflict, note=notes.append, out=place / "outputs", **FEW)
    assert "another record than history.toml is now" in notes[0]
    assert again.id == found.id
    assert json.loads(path.read_text("utf-8"))["content"] == manifest["content"]


def test_after_a_stop_it_goes_on_with_the_rows_that_are_left(found, conflict, place, monkeypatch):
    kept = place / "outputs/unfinished"
    asked = {"conflict": conflict, "out": place / "outputs", "kept": kept, **FEW}

    def stop(done, total):
        if total == found.silent + len(found.rows) and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sim.update(DAY, progress=stop, **asked)
    (file,) = kept.iterdir()
    done = list(json.loads(file.read_text("utf-8")))
    assert len(done) == 2
    events = []
    whole = module.of_event

    def counted(shop, event):
        events.append(event.id)
        return whole(shop, event)

    monkeypatch.setattr(module, "of_event", counted)
    again = sim.update(DAY, **asked)
    assert again.as_dict() == found.as_dict()
    assert {f"event {name}" for name in events}.isdisjoint(done)
    assert not file.exists()


def test_a_calibration_that_was_stopped_goes_on_too(found, conflict, place):
    paths = [conflict.ensembles / f"{DAY}.{kind}" for kind in ("parquet", "json")]
    whole = [path.read_bytes() for path in paths]
    paths[0].unlink()
    asked = {"conflict": conflict, "out": place / "outputs", **FEW}

    def stop(done, total):
        if (done, total) == (BLOCK_PARTICLES, PARTICLES):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sim.update(DAY, progress=stop, **asked)
    notes = []
    again = sim.update(DAY, note=notes.append, **asked)
    assert "Goes on: " in notes[1]
    assert again.as_dict() == found.as_dict()
    assert [path.read_bytes() for path in paths] == whole
    assert not (conflict.ensembles / FOLDER).exists()


def test_without_an_earlier_ensemble_it_says_what_to_make(tmp_path):
    conflict = Conflict(copied(tmp_path / "data"))
    with pytest.raises(CalibrationError, match="no ensemble of an earlier day") as caught:
        sim.update(DAY, conflict=conflict)
    assert "calibrate --as-of" in caught.value.todo
    with pytest.raises(CalibrationError, match="is after"):
        sim.update(dt.date(2035, 1, 1), conflict=conflict)


def test_the_command_tells_it_all_and_exits_1_if_the_ensemble_is_weak(found, place):
    words = ("--data", "data", "update", "--as-of", DAY, "--particles", PARTICLES,
             "--worlds", WORLDS, "--workers", 2)  # fmt: skip
    done = truce(*words, "--csv", "update.csv", cwd=place)
    assert done.returncode == 1, done.stderr
    assert "not to be trusted as they stand: the ensemble is too weak" in done.stderr
    assert "Everything was saved" in done.stderr
    assert f"{said(found)}." in done.stdout
    assert "004:5:russia:conditions_truce" in done.stdout
    assert "came" in done.stdout
    name = f"baseline-{found.setting.first.as_of}-since-{found.before.day}-{found.id}"
    folder = place / f"outputs/updates/{name}"
    assert {"update.json", "update.png", "update.svg", "manifest.json"} <= {
        path.name for path in folder.iterdir()
    }
    again = sim.open(folder)
    assert again.id == found.id
    assert again.as_dict() == {**found.as_dict(), "command": again.command}
    lines = (place / "update.csv").read_text("utf-8").splitlines()
    assert len(lines) == len(found.rows) + 4
    assert again.command.endswith(f"--watch {found.watched.id} --worlds {WORLDS} --seed 1")
    once_more = truce(*words, cwd=place)
    assert "This update is there already, and whole" in once_more.stderr
    assert (once_more.returncode, once_more.stdout) == (1, done.stdout)


# ------------------------------------------------------------------ in words


def said(found):
    return finding(found).replace("\N{NO-BREAK SPACE}", " ")


def test_the_title_claims_no_more_than_the_intervals_allow():
    told = said(a_update(0.14, 0.11))
    assert "fall from 14 % on 10 May to 11 % on 20 May; of what arrived, most by" in told
    assert told.endswith(
        "“sanctions threatened by the mediator for refusing: 0.5 to 0.2” (−1.8 points)"
    )
    assert "rise from 11 %" in said(a_update(0.11, 0.14))
    told = said(a_update(0.14, 0.135))
    assert "are not seen to move" in told
    assert "most" not in told
    level = a_update(0.14, 0.11)
    first, second, *_ = level.rows
    others = (with_held(second, -0.019, 0.05), with_held(second, 0.0095, 0.001))
    assert said(dataclasses.replace(level, rows=(first, *others))).endswith(
        "of 3 rows that arrived, 2 clearly move them, each by itself, none clearly most"
    )
    level = dataclasses.replace(level, rows=others[:1])
    assert said(level).endswith("no row that arrived is seen to move them by itself")


def with_held(row, mean, half):
    return type(row)(*row[:4], {**row.adds, "held": estimate(mean, half)})


def test_only_rows_whose_interval_tells_the_sign_are_said_to_move_the_odds():
    found = a_update(0.14, 0.11, rows=3)
    first, second, third = found.rows
    rows = (first, with_held(second, -0.019, 0.05), with_held(third, 0.0104, 0.001))
    told = " ".join(explained(dataclasses.replace(found, rows=rows)))
    assert "by the mediator for refusing: 0.5 to 0.2” lowers them, −1.8 (−2.0 to −1.6);" in told
    assert "the 2th” raises them, +1.0 (+0.9 to +1.1)." in told
    assert "the 1th" not in told
    assert "as it holds 0, there need be no rest" in told
    unclear = dataclasses.replace(found, rows=rows[1:2])
    assert "No row is seen to move the odds by itself" in explained(unclear)[0]
    sure = dataclasses.replace(found, rows=(with_held(first, 0.05, 0.001),))
    assert "holds 0" not in explained(sure)[1]


def test_what_arrived_and_is_no_row_is_named():
    told = explained(a_update())
    assert "Noted, not counted: Kyiv: prisoner exchange." in told
    assert "Counted in the rest: round set for 22 May: a third meeting." in told
