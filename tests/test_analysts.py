"""What an analyst's numbers do: weighed as calibrated, told before they are used, or refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.figures import WIDTHS, by_gid, check_words, texts

import sim
from sim import plots
from sim.analysts.numbers import as_shown, believable, prior_tenths, tenths, weighable
from sim.attribution.views.feedback import SHARES, document, feedback
from sim.attribution.views.implied import WITH_NOTHING
from sim.attribution.views.own_terms import own_yes_chances
from sim.attribution.views.weigh import (
    FEWEST,
    check_trusted,
    log_ratios,
    shares_of,
    tail_index,
)
from sim.calibrate.fit import condition, filter_of
from sim.engine.domain import Outcome
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import Ensemble, load_ensemble, save_ensemble
from sim.inputs.scenario import load_scenario
from sim.inputs.views import TENTH, Belief, View
from sim.montecarlo import Plan, collect, stream
from sim.plots.analysts import curve
from tests.helpers.beliefs import written
from tests.helpers.changed import changed
from tests.helpers.command import truce

EARLY = dt.date(2025, 3, 17)
ROWS = believable(shipped())


def shifted(name, sds, width=1.0):
    """Quantiles of the prior of a number, shifted by so many standard deviations."""
    scores = sds + width * np.array([-TENTH, 0.0, TENTH])
    return ROWS[name].from_scores(scores).tolist()


def view_of(**sds):
    """A view that shifts numbers by so many standard deviations of their priors."""
    beliefs = {
        name.replace("_r", ".r"): Belief.of(ROWS[name.replace("_r", ".r")], *three)
        for name, three in ((n, shifted(n.replace("_r", ".r"), by)) for n, by in sds.items())
    }
    return View("other", "analyst", "--analyst other.toml", beliefs=beliefs)


@pytest.fixture(scope="module")
def newest():
    return load_ensemble(shipped().newest_day())


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The feedback to somebody who holds one side to be more resolved, and one thing as it is."""
    path = written(
        tmp_path_factory.mktemp("sheets"),
        ("resolve.r", *shifted("resolve.r", 1.0)),
        ("exit_hazard", *as_shown(prior_tenths(ROWS["exit_hazard"]))),
    )
    return feedback(sim.Analyst.open(path))


# ------------------------------------------------------------------ weighed members


def members_of(fit):
    return Ensemble("fit", "posterior", EARLY, fit.members, fit.starts, {})


def ends_by_member(ensemble):
    """Shares of each member's worlds that end in a truce that holds, and in one agreed."""
    plan = Plan(load_scenario("baseline", EARLY), ensemble, 4 * len(ensemble), 1)
    outcomes = collect(plan, stream(plan), keep=False).tally.outcomes
    shares = outcomes / outcomes.sum(axis=1, keepdims=True)
    return {
        "held": shares[:, Outcome.HELD],
        "agreed": shares[:, Outcome.HELD] + shares[:, Outcome.COLLAPSED],
        "resolve": ensemble.members["resolve"][:, 0].astype(float),
    }


def mean_of(values, shares):
    mean = shares @ values
    return mean, np.sqrt((shares**2 * (values - mean) ** 2).sum())


def test_weighed_members_agree_with_a_calibration_by_the_other_prior():
    """The record weighed anew, particles drawn from the belief, beside members weighed by it."""
    view = view_of(resolve_r=1.0)
    with ThreadPoolExecutor(2) as executor:
        base = filter_of(EARLY)
        plain, other = (condition(one, 16_384, executor) for one in (base, base.seen_by(view)))
    plain, other = members_of(plain), members_of(other)
    weighed = shares_of(sum(log_ratios(view, plain, shipped()).values()))
    check_trusted(weighed, view, {}, str(EARLY), "truce")
    alike = np.full(len(plain), 1.0 / len(plain))
    before, after = ends_by_member(plain), ends_by_member(other)
    for name in before:
        moved, error = mean_of(before[name], weighed.values)
        calibrated, other_error = mean_of(after[name], alike)
        both = float(np.hypot(error, other_error))
        assert abs(moved - calibrated) < 3.0 * both, name
        assert abs(mean_of(before[name], alike)[0] - calibrated) > 8.0 * both, name
    quantiles = zip(
        tenths(before["resolve"], weighed.values), tenths(after["resolve"], alike), strict=True
    )
    for moved, calibrated in quantiles:
        assert moved == pytest.approx(calibrated, abs=0.02)


def test_a_shift_by_two_is_refused_and_says_what_to_do(newest):
    one, two = view_of(resolve_r=1.0), view_of(resolve_r=2.0)
    near, far = (log_ratios(view, newest, shipped()) for view in (one, two))
    assert shares_of(near["resolve.r"]).effective > 2000.0
    weak = shares_of(far["resolve.r"])
    assert weak.effective < 500.0
    with pytest.raises(sim.CalibrationError, match=r"resolve\.r moves them most.*--analyst other"):
        check_trusted(changed(weak, effective=FEWEST - 1.0), two, far, "a-day", "truce")


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("count", [100, 4096])
def test_the_tail_index_is_that_of_arviz(count, spread):
    array_stats = pytest.importorskip("arviz_stats.base.array").array_stats
    logs = spread * np.random.default_rng(count).standard_normal(count)
    _, k = array_stats.psislw(-logs)
    assert tail_index(np.exp(logs - logs.max())) == pytest.approx(float(k), abs=1e-12)
    assert shares_of(logs).k == pytest.approx(float(k), abs=1e-12)


def test_weighable_numbers_are_drawn_and_kept(newest):
    names = weighable(shipped())
    beliefs = {name: Belief.of(ROWS[name], *shifted(name, 0.1)) for name in names}
    found = log_ratios(View("x", "analyst", "", beliefs=beliefs), newest, shipped())
    assert set(found) == names
    assert all(np.isfinite(values).all() for values in found.values())


# ------------------------------------------------------------------ feedback


def test_the_priors_that_ship_give_the_odds_that_ship_exactly(tmp_path):
    rows = [(name, *as_shown(prior_tenths(ROWS[name]))) for name in weighable(shipped())]
    found = feedback(sim.Analyst.open(written(tmp_path, *rows)))
    assert (found.effective, found.odd, found.refusal) == (4096.0, (), "")
    for one in found.implied:
        assert one.own == one.model
        assert one.change == (0.0, (0.0, 0.0))
    results = sim.run("baseline", worlds=found.worlds)
    implied = {one.name: one.own for one in found.implied}
    assert implied["a truce holds"] == pytest.approx(results.odds["held"].mean, abs=1e-12)
    assert implied["a truce is agreed"] == pytest.approx(results.agreed.mean, abs=1e-12)


def test_feedback_says_what_a_number_does(told):
    first, same = told.numbers
    assert first.fitted[2] == pytest.approx(0.15)
    assert first.fitted == pytest.approx([shift + 0.15 for shift in first.plain])
    assert len(first.fitted) == len(SHARES)
    assert first.own_record[1] > first.record[1] + 0.04
    assert (same.stated.belief, same.fitted) == (None, same.plain)
    implied = {one.name: one for one in told.implied}
    assert implied["a truce holds"].change.mc[1] < 0.0
    assert implied["a truce holds"].own < implied["a truce is agreed"].own
    assert implied[WITH_NOTHING].own < implied["a truce holds"].own
    still = [implied[f"still holds after {days} days"].own for days in (3, 7, 30)]
    assert still == sorted(still, reverse=True)
    assert 0.2 < still[-1] < still[0] < 0.95
    assert 1500.0 < told.effective < 3000.0


def test_a_side_takes_its_own_terms_as_far_as_the_engine_says(newest):
    """And a side that is very resolved, and whose aims are never met, does not."""
    found = own_yes_chances(newest, shipped())
    assert found.shape == (4096, 2)
    assert found.mean(axis=0).min() > 0.85
    members = newest.members.copy()
    members["aims_met"] = 0.0
    plain = own_yes_chances(dataclasses.replace(newest, members=members), shipped())
    members["resolve"][:, 0] = 1.0
    stubborn = own_yes_chances(dataclasses.replace(newest, members=members), shipped())
    assert stubborn[:, 0].mean() < 0.05
    assert np.array_equal(stubborn[:, 1], plain[:, 1])


def test_odd_implications_are_said_in_words(tmp_path, newest):
    record = as_shown(left_by_the_record("resolve.u", newest))
    path = written(
        tmp_path,
        ("resolve.r", *shifted("resolve.r", -1.0)),
        ("resolve.u", *record),
        ("exit_hazard", *shifted("exit_hazard", 0.0, 0.25)),
    )
    found = feedback(sim.Analyst.open(path))
    words = " ".join(found.odd)
    assert "resolve.u: your numbers are those that the record left" in words
    assert "exit_hazard: your interval is 0.2" in words


def left_by_the_record(name, ensemble):
    column = ensemble.members["resolve"][:, "ru".index(name[-1])].astype(float)
    return tenths(column, np.full(len(column), 1.0 / len(column)))


def test_odds_with_nothing_offered_above_the_base_rate_are_said(monkeypatch, tmp_path):
    """With limits so strict that the model itself is odd."""
    from sim.attribution.views import feedback as module

    monkeypatch.setattr(module, "MOST_EVENTS", 0.01)
    monkeypatch.setattr(module, "LEAST_YES", 0.99)
    path = written(tmp_path, ("resolve.r", *shifted("resolve.r", -0.5)))
    words = " ".join(feedback(sim.Analyst.open(path)).odd)
    assert "With nothing offered, threatened or guaranteed a truce would hold" in words
    for side in shipped().sides:
        assert f"{side.name} would accept its own maximum with a chance of" in words


def test_who_is_too_far_is_refused_until_a_calibration_has_made_members(tmp_path):
    path = written(tmp_path, ("resolve.r", *shifted("resolve.r", 2.5)))
    analyst = sim.Analyst.open(path)
    day = shipped().newest_day()
    found = feedback(analyst)
    assert found.implied == ()
    assert "lies too far from the model's own priors" in found.refusal
    assert f"truce calibrate --as-of {day} --analyst {path.as_posix()}" in found.refusal
    assert "too far" in " ".join(texts(plots.analyst(found)))
    base = load_ensemble(day)
    folder = tmp_path / "ensembles"
    for view in (None, analyst.view):
        save_ensemble(folder, "posterior", day, (base.members, base.starts), {}, shipped(), view)
    again = feedback(analyst, rounds=1, folder=folder)
    assert (again.refusal, again.calibrated) == ("", True)
    assert again.implied[0].own == again.implied[0].model


def test_numbers_that_members_do_not_keep_need_a_calibration(tmp_path):
    path = written(tmp_path, ("occasions", *shifted("occasions", 0.5)))
    found = feedback(sim.Analyst.open(path))
    assert (
        "the state before the record, what only the weighing of the record reads" in found.refusal
    )
    assert (found.effective, found.implied, found.numbers[0].record) == (None, (), None)


# ------------------------------------------------------------------ told


def test_the_document_is_plain_and_whole(told):
    made = json.loads(json.dumps(document([told]), allow_nan=False))
    assert made["schema"] == "truce/analyst-check/1"
    (one,) = made["analysts"]
    assert [row["changes"] for row in one["numbers"]] == [True, False]
    assert one["implied"][0]["change"]["mean"] == pytest.approx(
        one["implied"][0]["own"] - one["implied"][0]["model"]
    )
    table = told.table()
    assert len(table) == len(told.numbers) + len(told.implied)
    assert set(table["kind"]) == {"number", "implied"}


def test_the_command_fits_a_terminal_and_names_what_it_means(tmp_path):
    path = written(tmp_path, ("resolve.r", *shifted("resolve.r", 1.0)))
    done = truce("analysts", "check", path, "--out", tmp_path / "figures")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines if str(path) not in line) <= 80
    for said in ("you + record", "tell as much as", "(400 are needed)", "To use it: truce run"):
        assert said in done.stdout
    assert {file.name for file in (tmp_path / "figures").iterdir()} == {"a-desk.png", "a-desk.svg"}
    alone = truce("analysts", "check", path, "--csv", "-")
    assert alone.stdout.startswith("analyst,kind,name,own,model")


def test_the_command_refuses_all_sheets_that_are_wrong_and_two_of_one_name(tmp_path):
    good = written(tmp_path, ("resolve.r", *shifted("resolve.r", 1.0)))
    twin = tmp_path / "twin.toml"
    twin.write_text(good.read_text("utf-8"), encoding="utf-8")
    bad = written(tmp_path, ("resolve.r", 3, 4, 5), name="bad")
    done = truce("analysts", "check", good, twin, bad, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has the name 'a-desk', and so has" in done.stderr
    assert "bad.toml: 3 things are wrong" in done.stderr


# ------------------------------------------------------------------ drawn


def test_the_figure_shows_both_densities_and_the_numbers_stated(told):
    figure = plots.analyst(told)
    assert by_gid(figure, "resolve.r.own.marks").get_xdata() == pytest.approx(told.numbers[0].own)
    assert by_gid(figure, "resolve.r.model.marks").get_xdata() == pytest.approx(
        told.numbers[0].model
    )
    words = " ".join(texts(figure))
    assert "A desk: a truce holds with a chance of" in words
    assert "1 of 2 numbers stated are otherwise than the model's" in words


@pytest.mark.parametrize("size", WIDTHS)
def test_the_figure_fits_each_size(told, size):
    check_words(plots.analyst(told, size=size), size)


def test_a_curve_is_a_density_of_which_half_lies_on_either_side_of_the_median():
    belief = Belief.of(ROWS["exit_hazard"], 0.004, 0.012, 0.03)
    values, density = curve(belief)
    below = values <= 0.012
    for some in (below, ~below):
        area = np.trapezoid(density[some], values[some]) / np.sqrt(2.0 * np.pi)
        assert area == pytest.approx(0.5, abs=0.01)
