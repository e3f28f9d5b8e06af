"""`truce explore --export`: the file is written whole or not at all, and nobody else's is lost."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.command import truce

import sim
from sim.request import worlds_request

CHECK = {"points": 64, "worlds": 4096, "rmse": 0.0016, "largest": 0.0038, "coverage": 0.953}
PAGE = b'<!doctype html><meta name="generator" content="truce-sim explore">levers'
WORDS = ("explore", "baseline+aid.level=1", "--export", "levers.html", "--vary", "aid.level=0:2")


@dataclass(frozen=True)
class Explored:
    """An answer as the command sees it."""

    request: dict
    made_by: str = ""

    def save(self, out):
        Path(out, "explored/x").mkdir(parents=True)
        return Path(out, "explored/x")

    def as_dict(self):
        levers = [{"lever": "aid.level"}]
        told = {"levers": levers, "horizon_days": 120, "runs": 345678, "check": CHECK}
        return {"schema": "truce/explore/1", **told, "command": self.made_by}


@pytest.fixture
def asked(monkeypatch):
    """What the library was asked for, which itself does nothing."""
    found = {}

    def explore(scenario, vary, **how):
        found.update(how, scenario=scenario, vary=vary)
        vary = [
            {"lever": name, "low": ends[0], "high": ends[1]} for name, ends in (vary or {}).items()
        ]
        return Explored(
            {**worlds_request([scenario], how["worlds"], None, how["seed"]), "vary": vary}
        )

    fakes = {
        "sim.attribution.explore": {},
        "sim.attribution.explore.ask": {"explore": explore, "EXPLORE_WORLDS": 512},
    }
    for name, values in fakes.items():
        fake = types.ModuleType(name)
        vars(fake).update(values)
        monkeypatch.setitem(sys.modules, name, fake)
    monkeypatch.setattr("sim.page.page_of", lambda document: PAGE)
    return found


def test_the_file_is_written_and_its_accuracy_is_told(asked, tmp_path):
    done = truce(*WORDS, "--seed", 4, cwd=tmp_path)
    assert (tmp_path / "levers.html").read_bytes() == PAGE
    assert done.returncode == 0
    first, second, last = done.stdout.splitlines()
    assert first.startswith("levers.html: ")
    assert "1 lever (aid.level), 120 days ahead; opens without network." in first
    assert "fitted to 345,678 worlds" in second
    assert "off by 0.16 points" in second
    assert "at most by 0.38" in second
    assert "holds at 95% of the points" in second
    assert last == "Files: outputs/explored/x"
    assert (asked["worlds"], asked["seed"]) == (512, 4)
    assert tuple(asked["vary"]["aid.level"])[:2] == (0.0, 2.0)
    assert "outcome" not in asked
    (tmp_path / "levers.html").write_bytes(PAGE + b"old")  # one of ours is replaced
    again = truce(*WORDS, "--seed", 4, "--json", "--out", "other", cwd=tmp_path)
    assert (tmp_path / "levers.html").read_bytes() == PAGE
    as_of = sim.load_scenario("baseline").as_of
    assert json.loads(again.stdout)["command"] == (
        f"truce explore baseline+aid.level=1 --as-of {as_of} --export levers.html "
        "--vary aid.level=0:2 --worlds 512 --seed 4"
    )


def test_what_came_meanwhile_is_not_written_over(asked, tmp_path, monkeypatch):
    def page_of(document):
        (tmp_path / "levers.html").write_bytes(b"somebody else's")
        return PAGE

    monkeypatch.setattr("sim.page.page_of", page_of)
    done = truce(*WORDS, cwd=tmp_path)
    assert done.returncode == 2
    assert "it is no page of truce explore" in done.stderr
    assert (tmp_path / "levers.html").read_bytes() == b"somebody else's"


def test_without_ranges_the_library_chooses(asked, tmp_path):
    done = truce("explore", "--export", "levers.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert asked["vary"] is None


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(asked, tmp_path):
    (tmp_path / "file").touch()
    done = truce("explore", "--export", "file/levers.html", cwd=tmp_path)
    assert done.returncode == 2
    assert "Name another file with --export." in done.stderr
    assert not asked


def test_a_range_of_three_parts_is_refused(asked, tmp_path):
    words = ("explore", "--export", "levers.html", "--vary", "aid.level=0:2:9")
    done = truce(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "has three parts" in done.stderr
    assert not asked
