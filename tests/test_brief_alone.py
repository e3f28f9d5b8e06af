"""Each kind of result is briefed alone; what does not go together is refused with a command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
import shlex

import pytest
from helpers.answers import a_discovery, a_redteam, a_sensitivity, a_update, a_watch, a_why
from helpers.briefings import a_timeline, influences, part_of
from helpers.command import truce
from helpers.examples import parsed
from helpers.optimised import an_optimised

import sim
from sim.brief import briefing
from sim.brief.alike import check
from sim.brief.given import Given
from sim.brief.inputs import gather
from sim.errors import SimError
from sim.inputs.scenario import load_scenario

WORLDS = 1500
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
    made("why", *BOTH, "--worlds", 200, *where)
    made("sweep", "april-package", "--vary", "aid.level=0,1", "--worlds", 100, *where)
    return folder


@pytest.fixture(scope="module")
def things(out):
    """One of each kind; those that take long to make are made up."""
    kinds = ("run", "explanation", "world", "why", "study")
    real = {kind: sim.open(f"last-{kind}", out) for kind in kinds}
    views = sim.views(BOTH, variants=["sides-known"], worlds=200)
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
    assert things[kind].id in part_of(briefing(material), "method").blocks[1].text or kind in (
        *("timeline", "influence", "explanation", "run", "study"),
    )


def test_any_two_kinds_go_together_or_say_which_run_is_lacking(things, out):
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
