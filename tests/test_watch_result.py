"""What to watch, as a result: the same every time, saved, opened, printed, refused."""

from __future__ import annotations

import json
import shlex

import pytest
from helpers.command import truce

import sim
from sim.engine.domain import Public
from sim.inputs.events import name_of
from sim.store import KINDS

WORLDS = 16_384


@pytest.fixture(scope="module")
def baseline():
    return sim.watch("baseline", worlds=WORLDS)


@pytest.fixture(scope="module")
def both():
    return sim.watch("baseline", "joint-ultimatum", worlds=4096)


# ------------------------------------------------------------------ the result


def test_the_same_comes_of_any_number_of_workers(baseline):
    for workers in (1, 3):
        again = sim.watch("baseline", worlds=WORLDS, workers=workers)
        assert again.as_dict() == baseline.as_dict()


def test_it_is_saved_opened_and_tabulated_whole(baseline, both, tmp_path):
    for found in (baseline, both):
        folder = found.save(tmp_path)
        assert folder.parent.name == KINDS["watch"].place
        opened = sim.open(folder)
        assert opened.as_dict() == found.as_dict()
        assert repr(opened) == repr(found)
        table = found.table()
        assert list(table["event"]) == [
            name_of(one.public, found.setting.first.conflict).event for one in found.events
        ]
        assert len(table) == len(Public)
        assert ("against_if" in table) == (found.against is not None)
    assert baseline.id != sim.watch("baseline", worlds=WORLDS, days=13).id


def test_the_document_has_the_shape_that_others_rely_on(baseline, both):
    document = json.loads(json.dumps(baseline.as_dict(), allow_nan=False))
    assert document["schema"] == "truce/watch/1"
    assert document["days"] == 14
    assert set(document["base"]) == {"mean", "mc", "ensemble", "median_member"}
    assert document["turns"] is document["against"] is None
    names = {(one["event"], one["actor"]) for one in document["events"]}
    assert len(names) == len(Public)
    for one in document["events"]:
        assert {"event", "actor", "chance", "if", "if_not", "worth_knowing"} <= set(one)
        odds = [(one["chance"], one["if"]), (1.0 - one["chance"], one["if_not"])]
        total = sum(share * each["mean"] for share, each in odds if each)
        assert abs(total - document["base"]["mean"]) < 1e-12
    assert document["tree"]["happens"]["odds"]["mean"] > document["tree"]["fails"]["odds"]["mean"]
    two = both.as_dict()
    assert two["scenarios"] == ["baseline", "joint-ultimatum"]
    assert two["against"]["difference"]["mean"] == both.against.difference.mean


# ------------------------------------------------------------------ the command


def test_the_command_prints_what_the_library_finds(tmp_path):
    words = ("watch", "baseline", "--worlds", "4096", "--days", "20", "--out", tmp_path)
    document = json.loads(truce(*words, "--json").stdout)
    assert document["days"] == 20
    assert document["base"] == sim.watch("baseline", worlds=4096, days=20).base.as_dict()
    again = truce(*shlex.split(document["command"])[1:], "--out", tmp_path, "--json")
    assert json.loads(again.stdout)["id"] == document["id"]
    said = truce(*words).stdout
    assert "Signs are not causes" in said
    assert "Watch first: Russia accepts the full truce proposed." in said
    assert "Part of the outcome itself, so not ranked: A full truce takes effect" in said
    assert "chance by 9 Jun" in said
    assert not (tmp_path / "unfinished").exists()
    (folder,) = (tmp_path / "watches").iterdir()
    assert {"watch.json", "watch.png", "watch.svg", "events.parquet"} <= {
        path.name for path in folder.iterdir()
    }


def test_the_command_says_what_turns_a_choice_or_that_nothing_does(tmp_path):
    done = truce("watch", "baseline", "joint-ultimatum", "--worlds", 2048, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "B turns to the levers of Joint ultimatum on the evening of 3 June 2025" in done.stdout
    assert "turns that within 14 days" in done.stdout


def test_an_outcome_that_never_happens_is_told_in_plain_words(tmp_path):
    words = ("--horizon", 1, "--days", 1, "--worlds", 512, "--out", tmp_path)
    done = truce("watch", "baseline", *words)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "In none of 512 worlds a truce holds: no event can move these odds." in done.stdout
    document = json.loads(truce("watch", "baseline", *words, "--json").stdout)
    assert document["tree"] is None
    assert document["base"]["mean"] == 0.0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("baseline", "--days", "121"), "days: 121 days reach beyond the horizon of 120 days."),
        (("baseline", "--days", "0"), "days: 0 is outside 1..365."),
        (("baseline", "--outcome", "hold"), "Did you mean held?"),
        (("baseline", "--outcome", "xyzzy"), "There are: held"),
        (("baseline", "baseline"), "set every lever alike after day 14"),
        (("baseline", "joint-ultimatum", "--days", "120"), "alike after day 120"),
        (("baseline", "--worlds", "1"), "256"),
        (("no-such",), "no-such"),
        (("baseline", "march-offer"), "as_of"),
    ],
)
def test_bad_input_is_told(words, says, tmp_path):
    done = truce("watch", *words, "--out", tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
