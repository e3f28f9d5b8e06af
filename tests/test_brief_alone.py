"""Each kind of result is briefed alone; what does not go together is refused with a command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import re
import shlex

import pytest
from helpers.answers import a_discovery, a_redteam, a_sensitivity, a_update, a_watch
from helpers.briefings import a_timeline, influences
from helpers.command import truce
from helpers.examples import parsed
from helpers.optimised import an_optimised

import sim
from sim.brief import briefing
from sim.brief.alike import check
from sim.brief.given import Given
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.commands import (
    discover_command,
    influence_command,
    optimise_command,
    redteam_command,
    sensitivity_command,
    timeline_command,
    update_command,
)
from sim.errors import SimError
from sim.inputs.ensemble import load_ensemble
from sim.runs import entries

WORLDS = 4096
EARLIER = "2025-05-10"
BOTH = ["baseline", "joint-ultimatum"]
ALONE = {
    "run": BOTH,
    "explanation": BOTH,
    "world": BOTH,
    "why": BOTH,
    "study": ["baseline", "april-package"],
    "watch": ["baseline"],
    "timeline": ["baseline"],
    "influence": ["baseline"],
    "sensitivity": ["baseline"],
    "redteam": BOTH,
    "optimise": ["baseline"],
    "discovery": BOTH,
    "update": ["baseline"],
    "views": BOTH,
}
"""By kind, the scenarios that a briefing of it alone tells of."""


def made(*words):
    done = truce(*words)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run, its explanation, one of its worlds, and why it differs, by the command."""
    folder = tmp_path_factory.mktemp("outputs")
    where = ("--out", folder)
    made("run", "joint-ultimatum", "--worlds", WORLDS, *where)
    made("explain", "last", "--save", *where)
    made("why", "last", "--world", 3, *where)
    made("why", *BOTH, "--worlds", 256, *where)
    made("sweep", "april-package", "--vary", "aid.level=0,1", "--worlds", 100, *where)
    return folder


@pytest.fixture(scope="module")
def things(out):
    """One of each kind; those that take long to make are made up."""
    kinds = ("run", "explanation", "world", "why", "study")
    real = {kind: sim.open(f"last-{kind}", out) for kind in kinds}
    views = sim.views(BOTH, variants=["sides-known"], worlds=256)
    made_up = (a_watch(), a_sensitivity(many=False), a_redteam(), an_optimised(), a_discovery())
    record = (a_timeline(), influences(), a_update(), views)
    return real | {found.kind: found for found in (*made_up, *record)}


@pytest.fixture
def _few_worlds(monkeypatch):
    monkeypatch.setattr("sim.brief.given.DEFAULT_WORLDS", 400)


@pytest.mark.usefixtures("_few_worlds")
@pytest.mark.parametrize("kind", ALONE)
def test_each_kind_is_briefed_alone(things, kind, out):
    material = gather([things[kind]], out)
    compared = material.comparison
    runs = compared.results if compared else (material.results,)
    assert [run.scenario.label for run in runs] == ALONE[kind]
    assert material.given == (things[kind].id,)
    assert material.scenario.as_of == dt.date(2025, 5, 20)
    horizon = things[kind].horizon_days if kind == "timeline" else 120
    assert material.scenario.horizon_days == horizon
    if kind == "explanation":
        assert material.results.id == material.explanation.run_id == things["run"].id


def test_any_two_kinds_go_together_or_say_which_run_is_lacking(things, out, monkeypatch):
    monkeypatch.setattr("sim.brief.alike.load_ensemble", functools.cache(load_ensemble))
    lacking = set()
    for pair in itertools.combinations(ALONE, 2):
        given = Given()
        for kind in pair:
            given.take(things[kind])
        if given.explanation and not given.runs:
            given.brought = [things["run"]]
        try:
            check(given, out)
        except SimError as error:
            (command,) = commands(error)
            assert command[:2] == ["run", str(given.things[-1].setting.first.label)]
            lacking.add(pair)
    assert lacking == set()


def commands(error):
    """The words of each command that an error names, behind `truce`; all can be parsed."""
    found = [re.search(r"(truce .*)\.$", line) for line in error.lines]
    texts = itertools.chain(*(match[1].split(" && ") for match in found if match))
    words = [shlex.split(text)[1:] for text in texts]
    for one in words:
        parsed(one)
    return words


@pytest.mark.usefixtures("_few_worlds")
def test_all_kinds_together(things, out):
    material = gather(list(things.values()), out)
    assert [run.scenario.label for run in material.comparison.results] == BOTH
    names = {part.name for part in briefing(material).parts}
    assert names >= {"differ", "surface", "matters", "watch", "redteam", "optimise", "discovery"}
    assert names >= {"news", "update", "views", "comparison"}


def test_scenarios_of_several_answers_are_compared_with_the_baseline_first(things):
    given = Given()
    for kind in ("study", "why"):
        given.take(things[kind])
    labels = [scenario.label for scenario in given.scenarios()]
    assert labels == ["baseline", "april-package", "joint-ultimatum"]


def test_what_does_not_go_together_is_told_at_once_with_commands_that_work(tmp_path):
    where, earlier = ("--out", tmp_path), ("--as-of", EARLIER)
    made("run", "joint-ultimatum", "--worlds", 300, *where)
    made("run", "baseline", "--worlds", 256, "--seed", 2, "--horizon", 60, *where)
    made("why", *BOTH, "--worlds", 256, "--outcome", "agreed", *earlier, *where)
    made("watch", "us-backstop", "--worlds", 300, "--days", 5, *earlier, *where)
    made("why", "last-run", "--world", 3, *where)
    before = ids(tmp_path)
    first, second, found = (before[name] for name in ("joint-ultimatum", "baseline", "world"))
    words = ("brief", first, second, before["why"], before["watch"], found)
    with pytest.raises(SimError) as caught:
        gather(words[1:], tmp_path)
    lines = caught.value.lines
    assert lines[0] == "truce brief: 5 things are wrong:"
    day, out = ["--as-of", "2025-05-20"], ["--out", str(tmp_path)]
    frame = [*day, "--horizon", "120", "--worlds", "300", "--seed", "1", *out]
    agreed = ["--worlds", "256", "--seed", "1", "--outcome", "agreed", *out]
    watched = ["--worlds", "300", "--seed", "1", "--days", "5", "--outcome", "held", *out]
    asked = commands(caught.value)
    again = [*day, "--horizon", "120", "--worlds", "256", "--seed", "2", *out]
    assert asked == [
        ["run", "baseline", *frame],
        ["why", *BOTH, *day, *agreed],
        ["watch", "us-backstop", *day, *watched],
        ["run", "baseline", *again],
        ["why", "last-run", "--world", "3", "--outcome", "held", *out],
        ["run", "us-backstop", *day, *frame[4:]],
    ]
    for line, what in zip(lines[1:], (second, before["why"], before["watch"], found), strict=False):
        assert f"{what}: looks ahead " in line
    assert f"worlds 256, but run {first} has 300: their worlds cannot be paired. It" in lines[1]
    for command in asked[:3] + asked[4:]:
        made(*command)
    new = [one.id for one in entries(tmp_path) if one.id not in before.values()]
    assert len(gather([first, *new], tmp_path).comparison.results) == 3


def ids(out):
    """By kind, or of a run by its scenario, the id of what was made."""
    return {
        one.manifest["about"]["scenario"] if one.kind == "run" else one.kind: one.id
        for one in entries(out)
    }


def refused(*things):
    with pytest.raises(SimError) as caught:
        gather(things)
    return caught.value


def moved(thing, day=dt.date(2025, 5, 10)):
    """An answer as of another day, with the command that would have made it."""
    setting = thing.setting
    scenarios = tuple(one.with_as_of(day) for one in setting.scenarios)
    found = dataclasses.replace(thing, setting=dataclasses.replace(setting, scenarios=scenarios))
    words = COMMANDS[thing.kind](found.request)
    return dataclasses.replace(found, made_by=words)


COMMANDS = {
    "sensitivity": sensitivity_command,
    "redteam": redteam_command,
    "optimise": optimise_command,
    "discovery": discover_command,
    "update": update_command,
}


@pytest.mark.parametrize("kind", COMMANDS)
def test_an_answer_of_another_day_is_refused_with_its_own_command(things, kind):
    earlier = moved(things[kind])
    made_by = shlex.split(earlier.made_by)[1:]
    refusal = refused(things["run"], earlier)
    *_, command = commands(refusal)
    if kind == "discovery":
        assert command == ["discover", f"last-{earlier.asked['kind']}", *made_by[2:]]
    else:
        place = made_by.index(EARLIER)
        assert command == [*made_by[:place], "2025-05-20", *made_by[place + 1 :]]


def test_a_timeline_and_influences_of_another_day_are_refused(things):
    line, rests = things["timeline"], things["influence"]
    line = dataclasses.replace(line, made_by=timeline_command(line.request))
    rests = dataclasses.replace(rests, made_by=influence_command(rests.request, rests.kinds))
    earlier = things["run"].scenario.with_as_of(dt.date(2025, 5, 10))
    run = sim.run(earlier, worlds=300)
    refusal = refused(run, line, rests)
    assert f"timeline {line.id}: is as of 2025-05-20, but run {run.id}" in str(refusal)
    timeline, influence = commands(refusal)
    assert timeline[:5] == ["timeline", "--as-of", EARLIER, "--horizon", "90"]
    assert influence[:4] == ["evidence", "influence", "--as-of", EARLIER]
    second = dataclasses.replace(line, seed=2)
    (command,) = commands(refused(things["run"], line, second))
    assert command == ["brief", things["run"].id, line.id]


def test_an_explanation_whose_run_is_gone_is_made_again_or_refused(things, tmp_path):
    told = things["explanation"]
    assert gather([told], tmp_path).results.id == told.run_id
    gone = dataclasses.replace(told, run_id="0" * 12)
    run, explain = commands(refused(gone))
    assert run[:4] == ["run", "joint-ultimatum", "--as-of", "2025-05-20"]
    assert run[-4:] == ["--worlds", str(WORLDS), "--seed", "1"]
    assert explain == ["explain", "last-run", "--outcome", "held", "--save"]
    other = dataclasses.replace(
        told, outcome="agreed", made_by=told.command.replace("held", "agreed")
    )
    *_, explain = commands(refused(things["run"], other))
    assert explain == ["explain", "last-run", "--outcome", "held", "--save"]


@pytest.mark.usefixtures("_few_worlds")
def test_the_printed_commands_make_the_same_bytes_elsewhere(out, tmp_path):
    material = gather(["last-world"], out)
    page = html(briefing(material))
    for command in material.commands:
        made(*shlex.split(command)[1:], "--out", tmp_path)
    assert html(briefing(gather(material.given, tmp_path))) == page


def test_a_run_alone_is_told_in_two_lines_what_else_there_could_be(out, tmp_path):
    done = made("brief", "last-run", "--runs", out, "--out", tmp_path)
    also, add = done.stderr.strip().splitlines()[-2:]
    assert also.startswith("Also possible: which lever does what: truce why baseline joint-ult")
    for text in also.split("; "):
        words = shlex.split(text.rpartition(": truce ")[2])
        parsed(words)
        assert words[-6:] == ["--as-of", "2025-05-20", "--horizon", "120", "--out", str(out)]
    assert add.startswith("To add them, name last-why last-sensitivity last-watch too")
