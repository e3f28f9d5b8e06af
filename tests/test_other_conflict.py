"""Roles, not names: another conflict is run, compared, replayed and briefed without an old name.

The copy has other names, ids, capitals and holidays, all days ten years and some months later, so
that a run goes over New Year, and four blocs.
"""

from __future__ import annotations

import datetime as dt
import json
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from helpers.command import truce
from helpers.renamed import BLOCS, old_names, renamed, write_renamed

import sim
from sim.attribution.news import news
from sim.calibrate.prior import draw_prior
from sim.calibrate.record import check_actions, record_of
from sim.errors import EvidenceError
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble
from sim.plots.style import actor_colours
from sim.text import date_word

LATER = 3843
SHIPPED_DAY = dt.date(2025, 5, 20)
DAY = SHIPPED_DAY + dt.timedelta(days=LATER)
FOUR = True
WORLDS = 8192


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("other")


@pytest.fixture(scope="module")
def conflict(folder):
    other = write_renamed(folder / "data", days=LATER, four=FOUR)
    facts = folder / "data/calibration/conflict.toml"
    text = facts.read_text(encoding="utf-8")
    for old, new in (("month = 5", "month = 8"), ('"orthodox"', '"western"'), ("0.55", "0.44")):
        text = text.replace(old, new)
    facts.write_text(text, encoding="utf-8")
    return other


QUESTION = """
text = "A pause?"
resolves = {by}
rule = "As reported"
source = "agencies"
event = "short_truce"
actor = "ruritania"
"""


@pytest.fixture(scope="module")
def said(folder, conflict):
    """Everything that the command says of the other conflict, and the folder of its outputs."""
    texts = {}

    def command(*words):
        done = truce("--data", "data", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
        texts[" ".join(map(str, words))] = done.stdout + done.stderr
        return done.stdout

    command("calibrate", "--prior")
    assert conflict.ensemble_days() == [DAY]
    assert load_ensemble(DAY, conflict=conflict).manifest["command"].startswith(conflict.truce)
    size = ("--worlds", WORLDS, "--seed", 3)
    command("run", "baseline", *size)
    made = json.loads(command("run", "joint-ultimatum", *size, "--json"))
    command("compare", "baseline", "joint-ultimatum", *size)
    command("replay", made["run_id"], "--world", 3)
    command("replay", made["run_id"], "--nearest", "held", "--json")
    command("why", "baseline", "joint-ultimatum", "--worlds", 1024, "--seed", 3)
    command("why", made["run_id"], "--world", 3)
    command("watch", "joint-ultimatum", "--worlds", 1024, "--seed", 3)
    command("sensitivity", "joint-ultimatum", "--worlds", 256, "--seed", 3)
    command("redteam", "joint-ultimatum", "--worlds", 256, "--seed", 3)
    wide = ("--out", "wide")
    command("sweep", "baseline", "--vary", "offer.territory=0:1:100", "--worlds", 8, *wide)
    for where in ("held>.1", "worth_illyria>-9"):
        command("discover", "last", "--where", where, "--worlds", 256, *wide)
    varied = ("--vary", "aid.level=0:2", "--vary", "offer.territory=0.5:1")
    command("optimise", "joint-ultimatum", *varied, "--worlds", 256, "--points", 32)
    early = [dt.date(2025, 3, day) + dt.timedelta(days=LATER) for day in (12, 13)]
    command("calibrate", "--prior", "--as-of", early[0])
    few = ("--particles", 8192, "--worlds", 256)
    done = truce("--data", "data", "update", "--as-of", early[1], *few, cwd=folder)
    assert done.returncode == 1, done.stderr  # of so few pasts, and saved all the same
    texts["update"] = done.stdout + done.stderr
    answers = ("last-why", "last-world", "last-sensitivity")
    command("brief", made["run_id"], *answers, "--format", "html")
    question = QUESTION.format(by=DAY + dt.timedelta(days=30))
    (folder / "question.toml").write_text(question, encoding="utf-8")
    command("ledger", "seal", made["run_id"], "--question", "question.toml", "--hindcast")
    command("ledger", "list")
    command("ledger", "score")
    command("explain", made["run_id"])
    command("explain", made["run_id"], "--json")
    command("sweep", "baseline", "--vary", "sanctions.us_threat=0:1:3", "--worlds", 64)
    command("scenarios", "list")
    command("variants")
    command("scenarios", "show", "joint-ultimatum")
    command("scenarios", "new", "mine")
    command("scenarios", "check", "joint-ultimatum")
    command("scenarios", "schema")
    command("parameters")
    command("evidence", "check")
    command("evidence", "list")
    command("evidence", "show", "ruritania", "territory")
    command("evidence", "show", "atlantis", "guarantees")
    return texts


def texts_in(folder):
    """Every text in the files of a folder: lines, strings of tables, and the names of files."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), path.name
        if path.suffix == ".parquet":
            table = pq.ParquetFile(path).read()
            words = {
                str(value)
                for name in table.column_names
                if "string" in str(table[name].type)
                for value in table[name].to_pylist()
            }
            yield path.name, " ".join([*table.column_names, *sorted(words)])
        elif path.suffix in (".json", ".html", ".svg", ".toml", ".csv"):
            text = path.read_text(encoding="utf-8")
            yield path.name, re.sub(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+", "", text)


def test_no_old_name_comes_up_in_what_is_said(said):
    found = {words: old_names(text) for words, text in said.items()}
    assert not {words: names for words, names in found.items() if names}


def test_no_old_name_comes_up_in_any_file(said, folder):
    names = {path.suffix for path in (folder / "outputs").rglob("*")}
    assert names >= {".json", ".parquet", ".html", ".svg"}
    for place in ("outputs", "scenarios", "data/calibration/ensembles"):
        for name, text in texts_in(folder / place):
            assert not old_names(text), name


@pytest.mark.long
def test_no_old_name_comes_up_in_all_that_matters(said, folder):
    """Every part of a sensitivity, and its briefing."""
    asked = ("--vary", "sanctions.us_threat=0:1", "--vary", "offer.territory=0:1", "--dice",
             "--unknowns", "otherwise", "--unknowns", "learned", "--unknowns", "worth",
             "--rank", "baseline", "--worlds", 256, "--seed", 3, "--out", "large")  # fmt: skip
    (run,) = (folder / "outputs/joint-ultimatum").iterdir()
    for words in (
        ("sensitivity", "joint-ultimatum", *asked),
        ("brief", run, "last-sensitivity", "--runs", "large", "--out", "large/b"),
    ):
        done = truce("--data", "data", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert not old_names(done.stdout + done.stderr)
        assert "Ruritania" in done.stdout or words[0] == "brief"
    for name, text in texts_in(folder / "large"):
        assert not old_names(text), name
    assert (folder / "large/b/brief.html").exists()


def test_no_old_day_comes_up(said, folder):
    old = re.compile(r"(?<![\w.])2025(?!\d|\.\d)|\bthis (?:spring|season)\b")
    for name, text in (*said.items(), *texts_in(folder / "outputs")):
        assert not old.search(text), name


def test_the_new_names_are_there(said):
    """Else nothing would have been said of the conflict at all."""
    every = " ".join(said.values())
    for name in ("Ruritania", "Illyria", "Apollonia's best", "Strelsau's best", "Lilliput"):
        assert name in every, name
    assert "17 September 2035" in said["scenarios show joint-ultimatum"]


def test_briefing_and_figures_name_the_sides(said, folder, conflict):
    (page,) = (folder / "outputs/briefs").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    for words in ("Ruritania", "Illyria", ">44\u00a0%<", f"since {conflict.facts.war.began}"):
        assert words in text, words


def test_a_run_over_new_year_shows_the_years(said, folder):
    (figure,) = (folder / "outputs/baseline").rglob("odds.svg")
    drawn = figure.read_text(encoding="utf-8")
    for day in (DAY, DAY + dt.timedelta(days=120)):
        assert date_word(day, short=True) in drawn


def test_commands_lead_back_to_the_same_data(said, folder, monkeypatch):
    (summary,) = (folder / "outputs/comparisons").rglob("summary.json")
    commands = [json.loads(summary.read_text(encoding="utf-8"))["command"]]
    commands += [
        json.loads(path.read_text(encoding="utf-8"))["command"]
        for path in (folder / "outputs").rglob("manifest.json")
    ]
    assert all(f"truce --data {folder / 'data'} " in command for command in commands)
    monkeypatch.setenv("TRUCE_DATA", "data")
    again = truce("run", "baseline", "--worlds", WORLDS, "--seed", 3, cwd=folder)
    assert "is there already" in again.stderr


def test_a_folder_without_data_is_named(tmp_path, monkeypatch):
    for folder, name in ((tmp_path, tmp_path / "calibration"), ("", "--data")):
        done = truce("--data", folder, "scenarios", "list")
        assert done.returncode == 2
        assert done.stderr.startswith(f"truce: {name}")
        assert "Name a folder" in done.stderr
    monkeypatch.setenv("TRUCE_DATA", str(tmp_path))
    assert truce("run", "--help").returncode == 0


def test_the_library_reaches_it_too(said, conflict):
    results = sim.run(sim.load_scenario("baseline", conflict=conflict), worlds=512, seed=3)
    assert list(results.blockers()) == ["ruritania", "illyria"]
    assert "ruritania" in set(results.worlds["blocked_last"].dropna())
    ensemble = load_ensemble(DAY, conflict=conflict)
    assert ensemble.members["capability"].shape[1] == (4 if FOUR else 5)
    assert actor_colours(conflict)["illyria"] == "#123456" if FOUR else True
    base = results.summary()["baseline"]["held"]
    assert base == pytest.approx((1 - np.exp(-0.5 * 120 / 1181)) * 0.44)


def test_four_blocs_have_their_shares(conflict):
    members, starts, _ = draw_prior(DAY, count=16, conflict=conflict)
    assert members["capability"].tolist() == [[one[1] for one in BLOCS.values()]] * 16
    assert starts["pledge"].shape == (16, 4)


def test_the_record_is_read_from_its_own_first_day(conflict):
    begins = dt.date(2025, 3, 10) + dt.timedelta(days=LATER)
    assert conflict.facts.record.begins == begins
    check_actions(load_evidence(conflict=conflict))
    there, here = (
        record_of(load_evidence(as_of=day, conflict=of), day)
        for day, of in ((DAY, conflict), (SHIPPED_DAY, None))
    )
    assert there.day(1) == begins
    if not FOUR:
        fields = ["kind", "who", "first_day", "last_day"]
        assert there.actions[fields].tolist() == here.actions[fields].tolist()
    assert len(news(DAY, conflict)) == len(news(SHIPPED_DAY))


def test_messages_name_its_sides(folder, conflict):
    data = folder / "bad"
    bad = write_renamed(data, days=LATER)
    path = data / "calibration/evidence/statements.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",0.50,", ",7,", 1), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"0 \(Apollonia's best\) to 1 \(Strelsau's best\)"):
        load_evidence(conflict=bad)


def test_names_decide_no_number(tmp_path):
    other = write_renamed(tmp_path)
    assert other.names["laputa"] == "Laputa"
    for one, two in zip(
        draw_prior(SHIPPED_DAY, count=64, conflict=other)[:2],
        draw_prior(SHIPPED_DAY, count=64)[:2],
        strict=True,
    ):
        assert one.tobytes() == two.tobytes()


def test_the_list_of_old_names_finds_those_of_the_shipped_data():
    for path in (shipped().calibration / "actors.toml", shipped().scenarios / "history.toml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("#"))
        assert old_names(text)
        assert not old_names(renamed(text))
