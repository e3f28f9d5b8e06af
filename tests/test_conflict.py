"""A conflict: read from two folders, kept by the object that read them, and checked."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.calibrate.prior import make_prior
from sim.errors import CalibrationError, ScenarioError
from sim.experiments.compare import compare
from sim.inputs.actors import Actor, load_actors, possessive
from sim.inputs.conflict import Conflict, conflict_from, shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.facts import Holiday, load_facts
from sim.plots.style import PALETTE, actor_colours
from sim.text import date_words

TOP = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped data, without its ensembles."""
    for source in shipped().folders:
        shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("ensembles"))
    return tmp_path


def edited(path, *pairs):
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------ the object


def test_each_file_is_read_once_and_anew_by_a_new_object(folder):
    conflict = Conflict(folder)
    assert conflict.facts is conflict.facts
    assert conflict.once("x", list) is conflict.once("x", list)
    edited(folder / "calibration/conflict.toml", ("lasts = 0.55", "lasts = 0.5"))
    assert (conflict.facts.base_rate.lasts, Conflict(folder).facts.base_rate.lasts) == (0.55, 0.5)


def test_it_is_equal_by_its_folders_and_travels_as_their_paths(folder):
    conflict = Conflict(folder)
    assert conflict == Conflict(folder / "calibration", folder / "scenarios") != shipped()
    assert len({conflict, Conflict(folder), shipped()}) == 2
    assert conflict.actors  # what was read does not travel
    data = pickle.dumps(conflict)
    assert len(data) < 600
    arrived = pickle.loads(data)
    assert arrived == conflict
    assert arrived is pickle.loads(data)  # one object in a process, so that files are read once
    assert conflict_from(conflict.document) is arrived
    assert pickle.loads(pickle.dumps(shipped())) is copy.deepcopy(shipped()) is shipped()
    assert conflict_from(None) is shipped()
    assert (shipped().folder, conflict.folder) == (None, str(folder))


def test_two_conflicts_may_be_open_at_once(folder):
    edited(folder / "calibration/actors.toml", ('name = "Russia"', 'name = "Ruritania"'))
    other = sim.load_scenario("baseline", dt.date(2025, 5, 20), conflict=sim.Conflict(folder))
    assert other.conflict.names["russia"] == "Ruritania"
    assert sim.load_scenario("baseline").conflict.names["russia"] == "Russia"
    assert other != sim.load_scenario("baseline", dt.date(2025, 5, 20))
    with pytest.raises(ScenarioError, match="Load both with one conflict"):
        compare([sim.load_scenario("baseline"), other])


def test_a_folder_that_holds_no_conflict_is_named(tmp_path):
    with pytest.raises(CalibrationError, match=r"is no folder.*the folders calibration and scen"):
        Conflict(tmp_path)


def test_what_its_data_decide_of_a_run_is_in_its_digest(folder):
    first = Conflict(folder).digest
    assert first == shipped().digest
    edited(folder / "calibration/conflict.toml", ("month = 5\nday = 9", "month = 5\nday = 8"))
    assert Conflict(folder).digest != first


# ------------------------------------------------------------------ actors


def test_roles_are_filled():
    conflict = shipped()
    assert conflict.side_ids == ("russia", "ukraine")
    assert conflict.mediator.id == "us"
    assert [bloc.id for bloc in conflict.blocs] == ["uk", "france", "germany", "nordics", "eu"]
    assert conflict.names["europe"] == "Europe"


BLOC = '[[actor]]\nid = "oz"\nname = "Oz"\nrole = "bloc"\nsource = "x"\n'
TABLES = {
    "no mediator": ('"mediator"', '"bloc"', "exactly one actor must be mediator, not 0"),
    "no bloc": ('"bloc"', '"mediator"', "exactly one actor must be mediator, not 6"),
    "shares": ("capability = 0.35", "capability = 0.3", "capability of the blocs sums to 0.95"),
    "twice": ('id = "uk"', 'id = "france"', "france stands there twice"),
    "colour": ("#0072B2", "blue", "United States.*colour"),
}


@pytest.mark.parametrize(("old", "new", "words"), TABLES.values(), ids=TABLES)
def test_a_bad_table_of_actors_is_refused(folder, old, new, words):
    path = edited(folder / "calibration/actors.toml", (old, new))
    with pytest.raises(CalibrationError, match=f"actors.toml.*{words}"):
        load_actors(path)


def test_any_number_of_blocs_will_do(folder):
    path = folder / "calibration/actors.toml"
    path.write_text(path.read_text(encoding="utf-8") + BLOC, encoding="utf-8")
    assert len(Conflict(folder).blocs) == 6
    whole = ("capability = 0.0\nsanctions_share = 0.6", "capability = 1.0\nsanctions_share = 1.0")
    first, *actors = edited(path, whole).read_text(encoding="utf-8").split("[[actor]]")
    one = [row for row in actors if '"bloc"' not in row or '"eu"' in row]
    path.write_text("[[actor]]".join([first, *one]), encoding="utf-8")
    assert [bloc.id for bloc in Conflict(folder).blocs] == ["eu"]


def test_no_actor_is_called_as_all_blocs_together_are(folder):
    edited(folder / "calibration/conflict.toml", ('id = "europe"', 'id = "uk"'))
    with pytest.raises(CalibrationError, match="Rename one of the two"):
        _ = Conflict(folder).actors


def test_names_and_colours_have_defaults(folder):
    path = folder / "calibration/actors.toml"
    text = re.sub(r"^(short|capital|colour) = .*\n", "", path.read_text("utf-8"), flags=re.M)
    path.write_text(text.replace('name = "France"', 'name = "France"\ncolour = "#1f1f1f"'), "utf-8")
    conflict = Conflict(folder)
    assert conflict.sides[0].capital == conflict.sides[0].short == "Russia"
    colours = actor_colours(conflict)
    assert colours["france"] == "#1f1f1f"
    assert len({colour.upper() for colour in colours.values()}) == len(colours)
    assert set(colours.values()) - {"#1f1f1f"} == set(PALETTE) - {"#1F1F1F"}
    assert set(actor_colours(shipped()).values()) == set(PALETTE)


def test_owners():
    actor = Actor(id="x", name="Wales", role="mediator", source="x")
    assert (actor.possessive, possessive("Kyiv")) == ("Wales'", "Kyiv's")


# ------------------------------------------------------------------ facts


def test_holidays_are_dates_or_easters():
    facts = shipped().facts
    easter, victory = dt.date(2025, 4, 20), dt.date(2025, 5, 9)
    assert facts.holidays(2025) == (dt.date(2025, 1, 7), easter, victory)
    assert Holiday(name="x", easter="western").in_year(2024) == dt.date(2024, 3, 31)
    assert Holiday(name="x", easter="orthodox").in_year(2024) == dt.date(2024, 5, 5)


FACTS = {
    "order": ("began = 2022-02-24", "began = 2025-03-10", "before the war"),
    "half a holiday": ("month = 1\n", "", "give month and day, or easter"),
    "no day": ("month = 5\nday = 9", "month = 2\nday = 30", "holiday"),
    "no easter": ('"orthodox"', '"eastern"', "easter"),
    "ensembles out of order": ("day = 2025-03-31", "day = 2025-03-17", r"\[\[ensemble\]\] do not"),
    "ensemble too early": ("day = 2025-03-17", "day = 2025-03-09", r"\[\[ensemble\]\] do not"),
    "no reason": ('why = "the day of the newest', 'because = "the day of the newest', "why"),
    "no source": ('source = "one pause', 'sauce = "one pause', "first_rate.pause"),
    "share": ("lasts = 0.55", "lasts = 55", "base_rate.lasts"),
}


@pytest.mark.parametrize(("old", "new", "words"), FACTS.values(), ids=FACTS)
def test_bad_facts_are_refused(folder, old, new, words):
    path = edited(folder / "calibration/conflict.toml", (old, new))
    with pytest.raises(CalibrationError, match=f"conflict.toml.*{words}"):
        load_facts(path)


def test_the_ensembles_that_ship_are_those_of_the_facts():
    there = {path.name for path in shipped().ensembles.iterdir() if path.is_file()}
    days = [one.day for one in shipped().facts.ensemble]
    assert there == {f"{day}.{kind}" for day in days for kind in ("json", "parquet")}
    lines = (TOP / "Makefile").read_text(encoding="utf-8")
    asked = re.search(r"SHIPPED_DAYS := (.*?)\n\w", lines, re.DOTALL)[1].replace("\\\n", " ")
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=TOP
    )
    assert told.stdout.split() == [str(day) for day in days]


# ------------------------------------------------------------------ the as-of day


def test_the_users_own_ensembles_are_found_and_go_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ships = shipped().ensemble_days()
    assert shipped().newest_day() == ships[-1]
    between = ships[-1] - dt.timedelta(days=1)
    own = tmp_path / "calibration/ensembles"
    made = [make_prior(day, folder=own) for day in (between, ships[-1])]
    assert shipped().ensemble_days() == [*ships[:-1], between, ships[-1]]
    assert [load_ensemble(one.as_of).id for one in made] == [one.id for one in made]
    for suffix in ("json", "parquet"):
        path = own / f"{between}.{suffix}"
        path.rename(own / f"{ships[-1] + dt.timedelta(days=1)}.{suffix}")
    assert shipped().newest_day() == ships[-1] + dt.timedelta(days=1)


def test_another_conflict_has_no_other_ensembles_than_its_own(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(TOP)
    other = Conflict(folder)
    assert other.ensemble_days() == []
    with pytest.raises(CalibrationError, match=r"no ensemble to take the day from.*--prior"):
        other.newest_day()
    with pytest.raises(ScenarioError, match=r"baseline.*has no as_of, and there is no ensemble"):
        sim.load_scenario("baseline", conflict=other)


# ------------------------------------------------------------------ dates in words


def test_dates_have_years_only_where_two_years_meet():
    eve, new_year = dt.date(2030, 12, 31), dt.date(2031, 1, 1)
    assert date_words([eve, dt.date(2030, 3, 9)]) == ["31 December", "9 March"]
    assert date_words([eve, new_year]) == ["31 December 2030", "1 January 2031"]
    assert date_words([eve, new_year], short=True) == ["31 Dec 2030", "1 Jan 2031"]
    assert date_words([]) == []
