"""A made-up month after the shipped record goes in as its keeper would put it in, and is briefed.

Europe's sanctions, a cut in arms supply, a truce that begins on a day and collapses on another, the
mediator gone, and then two quiet weeks. Where the first world of a forecast starts is written here
by hand.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
from helpers.command import truce

from sim.engine.domain import NONE, Answer, Issue, Threat
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.mesa_model import CeasefireModel

SIGNED, IN_TRUCE, LAST = dt.date(2025, 6, 2), dt.date(2025, 6, 7), dt.date(2025, 6, 27)
ARTICLES = """
[[article]]
id = "010_may"
title = "Measures and supplies"
outlet = "Made up"
day = 2025-05-28
day_basis = "made up"

[[article]]
id = "011_signed"
title = "A truce is signed"
outlet = "Made up"
day = 2025-06-04
day_basis = "made up"

[[article]]
id = "012_over"
title = "It is over"
outlet = "Made up"
day = 2025-06-13
day_basis = "made up"
"""
EVENTS = """\
010_may,1,2025-05-26,2025-05-26,,,europe,imposes_sanctions,target=russia; value=.5; new measures,
010_may,2,2025-05-27,2025-05-27,,,us,arms_pause_begins,value=.5; half of the supply is held back,
011_signed,1,2025-05-30,2025-05-30,,june,ukraine,accepts_truce,scope=full; Kyiv says yes,
011_signed,2,2025-06-02,2025-06-02,,june,russia,accepts_truce,from=2025-06-04; Moscow says yes too,
011_signed,3,2025-06-04,2025-06-04,,june,us,truce_starts,scope=full; the guns are silent,
011_signed,4,2025-06-03,2025-06-03,,,ukraine,prisoner_exchange,several hundred on each side,
012_over,1,2025-06-10,2025-06-10,,,us,truce_collapses,blamed=russia; shelling ends it,
012_over,2,2025-06-12,2025-06-12,,,us,mediator_leaves,Washington gives up,
"""
STATEMENTS = """\
010_may,3,2025-05-27,,russia,territory,0.9,demand,quoted,3,3,,all four regions
010_may,4,2025-05-27,,ukraine,territory,0.2,red_line,quoted,3,3,,no recognition of losses
010_may,5,2025-05-27,,ukraine,nato,0.3,preference,on_record,2,2,,membership remains the aim
011_signed,5,2025-06-02,,russia,nato,0.9,demand,on_record,2,2,,neutrality
011_signed,6,2025-06-02,,us,territory,0.6,offer,reporter,1,2,,the line as it stands
011_signed,7,2025-06-03,,europe,guarantees,0.3,commitment,on_record,2,2,,a force after a settlement
011_signed,8,2025-06-03,,ukraine,guarantees,0.2,demand,quoted,2,3,,a force before a settlement
012_over,3,2025-06-11,,russia,force_limits,0.8,demand,on_record,2,2,,limits on the army
012_over,4,2025-06-11,,ukraine,force_limits,0.1,red_line,on_record,3,2,,no limits
012_over,5,2025-06-12,,us,sanctions,0.5,flexibility,on_record,1,1,,all is open
"""
OFFERS = """
[[lever]]
lever = "offer.territory"
date = 2025-05-29
value = 0.7
source = "010, paragraph 4: what was put to both"

[[lever]]
lever = "offer.territory"
date = 2025-06-06
value = "deferred"
source = "011, paragraph 6: talks on it are put off"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped data and the month, checked."""
    here = tmp_path_factory.mktemp("month")
    for source in shipped().folders:
        shutil.copytree(source, here / source.name, ignore=shutil.ignore_patterns("ensembles"))
    coded = {"articles.toml": ARTICLES, "events.csv": EVENTS, "statements.csv": STATEMENTS}
    for name, text in coded.items():
        with (here / "calibration/evidence" / name).open("a", encoding="utf-8") as file:
            file.write(text)
    record = here / "scenarios/history.toml"
    text = record.read_text(encoding="utf-8")
    record.write_text(
        text.replace(f"through = {shipped().through}", f"through = {LAST}") + OFFERS,
        encoding="utf-8",
    )
    checked = truce("--data", here, "evidence", "check")
    assert checked.returncode == 0, checked.stderr
    return here


def begun(folder, as_of):
    """The first world of the baseline as of a day, before its first step; calibrated by command."""
    made = truce("--data", folder, "calibrate", "--as-of", as_of, "--particles", 8192)
    assert made.returncode == 0, made.stderr
    conflict = Conflict(folder)
    scenario = load_scenario("baseline", as_of, conflict=conflict)
    return CeasefireModel(scenario, ensemble=load_ensemble(as_of, conflict=conflict))


def test_on_the_day_of_signature_the_truce_begins_when_it_was_said_to(folder):
    model = begun(folder, SIGNED)
    assert (model.state.truce_starts, model.state.truce_day) == (2, 0)
    model.step()
    assert model.state.truce_day == 0
    assert not model.today.round_held
    model.step()
    assert model.state.truce_day == 1 or model.row.ended_by != NONE
    assert model.row.first_truce_day == 2


def test_in_the_truce_the_first_world_starts_with_its_age_and_terms(folder):
    model = begun(folder, IN_TRUCE)
    state, package = model.state, model.package
    assert (state.truce_starts, state.truce_day, state.mediator_left) == (0, 4, False)
    assert package.named[Issue.TERRITORY]
    assert package.x[Issue.TERRITORY] == pytest.approx(0.7)
    assert not package.named[Issue.RECOGNITION]
    assert list(state.last_answer) == [Answer.ACCEPT, Answer.ACCEPT]
    assert state.executed[Threat.BLOCS_SANCTIONS] == pytest.approx(0.6)
    assert 0.4 < state.aid_cut <= 0.5
    assert (state.partial_scope, state.pause_until) == (NONE, NONE)
    assert model.row.full_truces == 1
    model.step()
    assert model.state.truce_day == 5 or not model.running or model.row.ended_by != NONE


def test_after_its_collapse_and_two_quiet_weeks_the_mediator_is_gone(folder):
    model = begun(folder, LAST)
    state, member = model.state, model.member
    assert (state.truce_starts, state.truce_day, state.mediator_left) == (NONE, 0, True)
    assert state.relieved == 0.0
    assert state.talks_resume == max(
        0, 1 + int(member.collapse_pause_days) - (LAST - dt.date(2025, 6, 10)).days
    )
    assert state.patience < 1.0
    model.step()
    assert not model.today.mediated


def test_it_is_run_and_briefed(folder):
    begun(folder, LAST)
    here = ("--data", folder)
    run = truce(*here, "run", "baseline", "--as-of", LAST, "--worlds", 256, "--json", cwd=folder)
    summary = json.loads(run.stdout)
    assert summary["as_of"] == str(LAST)
    assert summary["odds"]["walked_away"]["mean"] > 0.3
    brief = truce(*here, "brief", "last", "--format", "html", "--out", "brief", cwd=folder)
    assert brief.returncode == 0, brief.stderr
