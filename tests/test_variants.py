"""Decisions that a reader may doubt: files, their ensembles, and the odds under other choices."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.calibrate.check.variants import (
    NOTHING,
    OF_READING,
    OPEN,
    STEPS,
    Fork,
    forks,
    variant_odds,
)
from sim.calibrate.fit import filter_of, make_posterior
from sim.cli import app
from sim.engine.domain import Side
from sim.errors import CalibrationError, CalibrationProblemsError
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import columns_of, load_ensemble
from sim.inputs.levers import LEVERS
from sim.inputs.variants import variant_named, variants_of
from sim.inputs.views import View

DAY = dt.date(2025, 5, 20)
EARLY = dt.date(2025, 3, 12)
PARTICLES = 8192
SHIPPED = variants_of(shipped())
HEAD = 'schema = "truce/variant/1"\ntitle = "something"\nwhy = "so"\n'


@pytest.fixture(scope="module")
def base():
    return filter_of(DAY)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a variant of the user's own, beside those that ship."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "calibration" / "variants"
    folder.mkdir(parents=True)

    def write(name, text, head=HEAD):
        (folder / f"{name}.toml").write_text(head + text, encoding="utf-8")

    return write


@pytest.fixture
def copied(tmp_path):
    """The shipped conflict in a folder of its own, with one ensemble of a variant."""
    source, target = shipped().calibration, tmp_path / "copied"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("ensembles"))
    within = SHIPPED["sides-known"].view.folder
    shutil.copytree(shipped().ensembles / within, target / "ensembles" / within)
    return target


def in_folder(calibration):
    return Conflict(calibration, shipped().scenarios)


# ------------------------------------------------------------------ files


def test_each_file_changes_what_it_says_and_nothing_else(base):
    before = base.numbers(0)
    for variant in SHIPPED.values():
        view, after = variant.view, base.seen_by(variant.view).numbers(0)
        assert view.changes, variant.name
        assert {name for name in before if before[name].tobytes() != after[name].tobytes()} == set(
            view.changes
        )
        for name, value in view.held.items():
            assert (after[name] == value).all()
        for name, factor in view.times.items():
            assert np.array_equal(after[name], factor * before[name])


def test_a_variant_that_changes_nothing_has_the_members_of_the_model(own, tmp_path):
    own("same", "")
    own("tough", '[quantiles]\n"resolve.r" = [0.1, 0.3, 0.5]\n')
    views = (None, variant_named(["same"], shipped()), variant_named(["tough"], shipped()))
    base = filter_of(EARLY)
    plain, same, tough = (
        make_posterior(base.seen_by(view) if view else base, PARTICLES, folder=tmp_path / "made")
        for view in views
    )
    assert same.manifest["content"] == plain.manifest["content"]
    assert same.manifest["inputs"] == plain.manifest["inputs"]
    resolve = [np.median(one.members["resolve"][:, 0]) for one in (plain, tough)]
    assert resolve[1] > resolve[0] + 0.1


def test_all_that_is_wrong_with_any_file_is_told_at_once(own):
    own("one", '[held]\nsnapbak = 1\n"resolve.r" = 9\ncoerced_lift = "none"\n')
    own("two", "[times]\noccasions = 0\nprecision = -1\nsnapback = 2\npower = 9.9\n", HEAD[:-11])
    own("three", "[quantiles]\nsnapback = [0.1, 0.2, 0.3]\nprecision = [20, 10, 30]\n"
        "occasions = [1, 2]\ntruce_momentum_kept = [1e-60, 1e-50, 1e-40]\n")  # fmt: skip
    own("four", "[held]\nprecision = 20\n[times]\nprecision = 2\n")
    own("Five", "[held]\nresolve.r = nan\nheld = 1\n[more]\n")
    own("six", "x = ")
    with pytest.raises(CalibrationProblemsError) as caught:
        variants_of(shipped())
    told = "\n".join(caught.value.lines)
    for words in (
        "one.toml: held.snapbak: the model has no such number. Did you mean snapback?",
        "one.toml: held.resolve.r: 9 is outside the range of the number, ",
        "one.toml: held.coerced_lift: 'none' is no number.",
        "two.toml: why: ",
        "two.toml: times.occasions: 0 is no factor. Give a number above 0; to hold",
        "two.toml: times.precision: -1 is no factor",
        "two.toml: times.snapback: 2 times its prior goes to 1.538, beyond 0..1.",
        "two.toml: times.power: the model has no such number",
        "three.toml: quantiles.snapback: the model has it fixed at 0.769, with no spread",
        "Hold it at one value instead, with [held].",
        "three.toml: quantiles.precision: 20, 10, 30 do not rise within the range 0.5..200.",
        "three.toml: quantiles.truce_momentum_kept: lies where the prior, ",
        "three.toml: quantiles.occasions: [1, 2] are not three numbers.",
        "four.toml: precision: stands in [held] and in [times]. Keep one.",
        "Five.toml: has a name of other signs",
        "Five.toml: held.resolve.r: nan is outside",
        "Five.toml: more: is not a key that belongs here",
        "six.toml: is not TOML",
    ):
        assert words in told, words


def test_one_fault_is_one_message(own):
    own("far", '[quantiles]\n"resolve.r" = [0.97, 0.98, 0.99]\n')
    variants_of(shipped())
    own("far", "[times]\nround_rate = 1e9\n")
    with pytest.raises(
        CalibrationError, match=r"^calibration/variants/far\.toml: times\.round_rate: .* beyond"
    ) as caught:
        variants_of(in_folder(shipped().calibration))
    assert len(caught.value.lines) == 1


def test_variants_together_or_against_each_other():
    both = variant_named(["truces-even", "sides-known", "truces-even"], shipped())
    assert both == variant_named(["sides-known", "truces-even"], shipped())
    assert both.name == "sides-known+truces-even"
    assert both.held == {"opponent_known": 1.0, "truce_settling": 1.0}
    with pytest.raises(
        CalibrationError,
        match="'occasions-none' has it held at 0, 'occasions-twice' has it times 2",
    ):
        variant_named(["sides-known", "occasions-twice", "occasions-none"], shipped())
    with pytest.raises(CalibrationError, match=r"Did you mean sides-known.*There are: aims-apart"):
        variant_named(["side-known"], shipped())


def test_the_users_own_goes_before_one_that_ships(own):
    own("sides-known", "[held]\nopponent_known = 0.5\n")
    assert list(variants_of(shipped())) == list(SHIPPED)
    assert variant_named(["sides-known"], shipped()).held == {"opponent_known": 0.5}


def test_a_conflict_without_the_folder_has_none(copied):
    shutil.rmtree(copied / "variants")
    other = in_folder(copied)
    assert variants_of(other) == {}
    assert forks(other) == OF_READING
    with pytest.raises(CalibrationError, match="This conflict has none"):
        variant_named(["sides-known"], other)


# ------------------------------------------------------------------ ensembles


@pytest.mark.parametrize("name", [one.name for one in SHIPPED.values() if one.ships])
def test_ensembles_of_variants_ship_for_the_newest_day(name):
    """If this is meant to change: `make ensembles`."""
    view, day = SHIPPED[name].view, max(one.day for one in shipped().facts.ensemble)
    ensemble = load_ensemble(day, view=view)
    assert ensemble.doubt == ""
    assert f"--variant {name} " in ensemble.manifest["command"]
    columns = columns_of(ensemble.members, ensemble.starts, shipped().bloc_ids)
    for number, value in view.held.items():
        assert (columns.get(number, np.array(value)) == value).all()
    assert (shipped().ensembles / view.folder / f"{day}.parquet").stat().st_size < 2_000_000


def test_an_ensemble_of_a_variant_that_was_edited_is_refused(copied):
    names = ["sides-known"]
    assert load_ensemble(DAY, conflict=in_folder(copied), view=variant_named(names, shipped()))
    path = copied / "variants" / "sides-known.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("opponent_known = 1", "opponent_known = 0.5"), encoding="utf-8")
    edited = in_folder(copied)
    with pytest.raises(
        CalibrationError,
        match=f"other numbers than the variant.*calibrate --as-of {DAY} --variant sides-known",
    ):
        load_ensemble(DAY, conflict=edited, view=variant_named(names, edited))


def truce(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_variant_is_calibrated_and_listed_by_command(own):
    """The user's own lie where those of the model do; several at once in a folder of both."""
    own("mine", "[held]\nsnapback = 0.5\n")
    few = ("--as-of", EARLY, "--particles", PARTICLES, "--out", "calibration/ensembles")
    both = ("--variant", "mine", "--variant", "sides-known")
    for words in ((), ("--variant", "mine"), both):
        done = truce("calibrate", *few, *words)
        assert done.exit_code == 0, done.output
    assert "By the variant mine+sides-known: opponent_known held at 1; snapback" in done.stdout
    assert load_ensemble(EARLY, view=variant_named(["sides-known", "mine"], shipped()))
    rows = json.loads(truce("variants", "--as-of", EARLY, "--json").stdout)["variants"]
    states = {row["name"]: row["ensemble"] for row in rows}
    assert states == {**dict.fromkeys(SHIPPED, "none"), "mine": "there"}
    mine = next(row for row in rows if row["name"] == "mine")
    assert mine["changes"] == "snapback held at 0.5"
    assert abs(mine["nats_to_the_model"]) < 3.0


def test_a_variant_needs_a_record():
    done = truce("calibrate", "--variant", "sides-known", "--prior")
    assert "--variant sides-known: needs a record" in str(done.exception)


# ------------------------------------------------------------------ odds


def odds(base, *variants):
    with ThreadPoolExecutor(2) as executor:
        return list(variant_odds(base, variants, PARTICLES, executor))


def test_forks_name_what_there_is():
    """Levers, and numbers of the table; each name once."""
    known = {row.name for row in shipped().parameters}
    everything = (*STEPS, *forks(shipped()))
    for fork in everything:
        assert set(fork.view.changes if fork.view else ()) <= known, fork.name
        assert set(fork.levers) <= set(LEVERS), fork.name
    assert set(NOTHING) | set(OPEN) <= set(LEVERS)
    names = [fork.name for fork in everything]
    assert len(set(names)) == len(names)
    assert {one.title for one in SHIPPED.values()} <= set(names)
    last = STEPS[-1]
    assert last == Fork(last.name)


def test_a_variant_that_changes_nothing_is_the_model_and_levers_move_the_odds_alone(base):
    same = View("same", "variant", "", times={"occasions": 1.0})
    plain, same, opened = odds(base, Fork("plain"), Fork("same", same), OF_READING[3])
    assert same.held == plain.held
    assert same.log_evidence == plain.log_evidence
    assert opened.name == "the mediator may concede on everything"
    assert opened.log_evidence == plain.log_evidence
    assert opened.agreed > plain.agreed
    assert opened.agreed_with_nothing == plain.agreed_with_nothing
    assert plain.held_with_nothing < plain.held


def test_occasions_enter_the_log_evidence(base):
    one = SHIPPED["occasions-none"]
    none, plain = odds(base, Fork(one.title, one.view), Fork("plain"))
    assert none.log_evidence > plain.log_evidence
    assert none.name == "nothing learnt from the war so far"


def test_evidence_is_read_as_a_variant_has_it(base):
    evidence = load_evidence(as_of=DAY)
    by_name = {fork.name: fork for fork in OF_READING}
    side = base.positions.sides[Side.R]
    line = by_name["lines stated beside an answer left out"].filter(base, evidence)
    before, after = (one.positions.cell(side, "truce_terms").line for one in (base, line))
    assert len(after.moved_by) < len(before.moved_by)
    wishes = by_name["calls on others taken for wishes"].filter(base, evidence)
    other = base.positions.sides[Side.U]
    weights = [one.positions.cell(other, "sanctions").weight.alpha for one in (base, wishes)]
    assert weights[1] > weights[0]
    moved = by_name["the mediator moved its packages in the record"].filter(base, evidence)
    assert (moved.record.agenda.policies["flexibility"] > 0.0).all()
    assert np.all(base.record.agenda.policies["flexibility"] == 0.0)


@pytest.mark.parametrize("with_it", ["--check", "--prior", "--temper", "--variant=sides-known"])
def test_variants_go_with_nothing_that_makes_or_checks(with_it):
    done = CliRunner().invoke(app, ["calibrate", "--variants", with_it])
    assert done.exit_code != 0
    assert "makes no ensemble" in str(done.exception)
