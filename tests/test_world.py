"""Worlds: the same bytes in any order, nothing read from a dirty desk, one ending each."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.builders import MEMBER, START, ensemble, member, start

from sim.engine.domain import NONE, OFFERED, WORLDS_PER_MEMBER, Issue, Outcome, TruceEnd
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import Change
from sim.montecarlo import Plan, collect, stream
from sim.native import run_block


@pytest.fixture(scope="module")
def baseline():
    return load_scenario("baseline")


@pytest.fixture(scope="module")
def shipped(baseline):
    return load_ensemble(baseline.as_of)


def plan(scenario, shipped, worlds=6000, seed=11):
    return Plan(scenario, shipped, worlds, seed)


def rows_of(plan, **kwargs):
    return collect(plan, stream(plan, **kwargs), keep=True).rows


def test_one_two_and_seven_workers_give_the_same_bytes(baseline, shipped):
    one = rows_of(plan(baseline, shipped), workers=1)
    for workers in (2, 7):
        assert rows_of(plan(baseline, shipped), workers=workers).tobytes() == one.tobytes()
    with ThreadPoolExecutor(3) as executor:
        assert rows_of(plan(baseline, shipped), executor=executor).tobytes() == one.tobytes()


def test_shuffled_blocks_of_any_size_give_the_same_worlds(baseline, shipped):
    whole = rows_of(plan(baseline, shipped, 600))
    job = plan(baseline, shipped, 600)
    order = np.random.default_rng(3).permutation(np.arange(0, 600, 50))
    pieces = {first: job.block(first, 50) for first in order}
    again = np.concatenate([pieces[first] for first in sorted(pieces)])
    assert again.tobytes() == whole.tobytes()


def test_world_w_is_the_same_world_in_a_run_of_any_size(baseline, shipped):
    small = rows_of(plan(baseline, shipped, 600))
    large = rows_of(plan(baseline, shipped, 5000))
    assert small.tobytes() == large[:600].tobytes()
    assert (large["member"] == (large["world"] // WORLDS_PER_MEMBER) % len(shipped)).all()


def test_worlds_come_back_to_the_first_member_after_the_last(baseline, shipped):
    job = plan(baseline, shipped)
    rows = job.block(4 * len(shipped) - 2, 4)
    assert list(rows["member"]) == [len(shipped) - 1] * 2 + [0] * 2


def test_a_dirty_workspace_leaves_no_trace(baseline, shipped):
    outcomes = []
    for poison in (0, 255):
        workspace = new_workspace(shipped.members)
        workspace.data[:] = bytes([poison]) * workspace.nbytes
        workspace.clock["seed"] = 5
        rows = np.zeros(300, ROW)
        rows.view("u1")[:] = poison
        run_block(agenda(baseline), shipped.members, shipped.starts, 0, workspace, rows)
        outcomes.append([rows[name].tobytes() for name in ROW.names])
    assert outcomes[0] == outcomes[1]


def test_a_lever_set_to_its_own_value_changes_no_bit(baseline, shipped):
    plain = rows_of(plan(baseline, shipped, 2000))
    for lever, value in baseline.levers.items():
        same = rows_of(plan(baseline.with_levers({lever: value}), shipped, 2000))
        assert same.tobytes() == plain.tobytes(), lever


def test_a_lever_set_to_another_value_changes_worlds(baseline, shipped):
    plain = rows_of(plan(baseline, shipped, 4000))
    for lever, value in {
        "sanctions.us_threat": 1.0,
        "sanctions.europe_threat": 0.0,
        "sanctions.deadline_days": 7,
        "sanctions.commitment": 1.0,
        "sanctions.on_breach": 0.0,
        "sanctions.relief": 0.0,
        "sanctions.relief_on_signature": 1.0,
        "offer.territory": 0.75,
        "offer.recognition": 0.75,
        "offer.force_limits": 0.5,
        "offer.nuclear_plant": 0.5,
        "mandate.flexibility": 1.0,
        "guarantee.ambition": 1.0,
        "guarantee.us_backstop": 1.0,
        "monitoring.strength": 1.0,
        "aid.level": 2.0,
        "aid.us_threat": 1.0,
        "ukraine.side_payment": 0.0,
        "mediator.patience_days": 10,
        "front.momentum_shift": 1.0,
        "guarantee.pledged": 1.0,
    }.items():
        moved = rows_of(plan(baseline.with_levers({lever: value}), shipped, 4000))
        assert (moved["outcome"] != plain["outcome"]).any(), lever


@pytest.mark.parametrize("issuer", ["us", "europe"])
def test_a_word_that_is_always_kept_or_never_changes_worlds_in_which_it_is_given(
    baseline, shipped, issuer
):
    threat = {f"sanctions.{issuer}_threat": 0.9, "sanctions.deadline_days": 10}

    def rows(word):
        levers = {**threat, f"sanctions.{issuer}_follow_through": word}
        return rows_of(plan(baseline.with_levers(levers), shipped, 2000))

    drawn, kept, broken = (rows(word) for word in ("drawn", "kept", "broken"))
    assert drawn.tobytes() != kept.tobytes() != broken.tobytes() != drawn.tobytes()
    assert kept["sanctions_end"].mean() > drawn["sanctions_end"].mean()
    assert drawn["sanctions_end"].mean() > broken["sanctions_end"].mean()
    number = ["us", "europe"].index(issuer)
    believed = [one["credibility_end"][:, number].mean() for one in (kept, drawn, broken)]
    assert believed == sorted(believed, reverse=True)


@pytest.mark.parametrize(
    "issue", ["territory", "recognition", "nato", "force_limits", "nuclear_plant"]
)
def test_a_mandate_opens_one_issue_to_concessions(baseline, shipped, issue):
    """With one issue opened no other is named that the levers do not name; with none, none is."""
    closed = {f"mandate.{name}": False for name in domain_issues()}
    free = {**closed, "mandate.flexibility": 1.0, "concede.nato": False}
    nothing = rows_of(plan(baseline.with_levers(free), shipped, 1000))["x"][:, :OFFERED]
    opened = {**free, f"mandate.{issue}": True}
    found = rows_of(plan(baseline.with_levers(opened), shipped, 1000))["x"][:, :OFFERED]
    assert np.isnan(nothing).all()
    place = domain_issues().index(issue)
    assert (~np.isnan(found[:, place])).any()
    assert np.isnan(np.delete(found, place, axis=1)).all()


def domain_issues():
    return [issue.name.lower() for issue in Issue][:OFFERED]


@pytest.mark.parametrize("issue", ["nato", "recognition"])
def test_conceding_moves_a_package_that_names_the_issue_and_no_other(baseline, shipped, issue):
    def outcomes(levers):
        return rows_of(plan(baseline.with_levers(levers), shipped, 2000))["outcome"]

    fixed = {"mandate.flexibility": 0.0}
    taken, left = ({f"concede.{issue}": value, **fixed} for value in (True, False))
    offered = {f"offer.{issue}": 0.75}
    assert (outcomes(taken) == outcomes(left)).all()
    assert (outcomes({**taken, **offered}) != outcomes({**left, **offered})).any()


def test_another_seed_is_other_luck(baseline, shipped):
    one = rows_of(plan(baseline, shipped, 2000, seed=1))
    other = rows_of(plan(baseline, shipped, 2000, seed=2**40 + 1))
    assert (one["outcome"] != other["outcome"]).mean() > 0.1


def test_every_world_has_one_ending_that_its_record_bears_out(baseline, shipped):
    rows = rows_of(plan(baseline, shipped, 20_000))
    held = rows["outcome"] == Outcome.HELD
    agreed = rows["full_truces"] > 0
    assert (held | (rows["outcome"] == Outcome.COLLAPSED)).tolist() == agreed.tolist()
    assert (rows["first_truce_day"] != NONE).tolist() == agreed.tolist()
    assert rows["first_truce_day"][agreed].min() >= 2
    assert rows["first_truce_day"].max() <= 121
    assert (rows["ended_by"][held] == TruceEnd.EXPIRY).all()
    assert (rows["truce_days"][held] >= 30).all()
    failed = agreed & ~held
    assert (rows["truce_days"][failed] < 30 * rows["full_truces"][failed]).all()
    assert np.isin(rows["ended_by"][failed], (TruceEnd.INCIDENT, TruceEnd.EXIT)).all()
    assert (rows["broke_first"][failed] != NONE).all()
    for name in ("momentum_end", "sanctions_end", "guarantee_end", "credibility_end", "worth"):
        assert np.isfinite(rows[name]).all()
    for name in ("signed_guarantee", "signed_relief"):
        assert (np.isfinite(rows[name]) == agreed).all()
    assert np.isnan(rows["signed"][~agreed]).all()


def test_a_truce_in_force_at_the_horizon_is_followed_to_its_day_thirty():
    always = ensemble(
        np.array([member(round_rate=1e9, resolve=[-5, -5], precision=60.0, exit_hazard=0.0,
                         incident_rate=[0, 0], retaliation=[0, 0])], MEMBER),
        np.array([start()], START),
    )  # fmt: skip
    for horizon in (1, 15):
        scenario = load_scenario("baseline").with_horizon(horizon)
        rows = Plan(scenario, always, 8, 1).block(0, 8)
        assert (rows["outcome"] == Outcome.HELD).all()
        assert (rows["truce_days"] == 30).all()


def test_a_change_of_policy_acts_from_its_day_on(baseline, shipped):
    def changed(day):
        changes = (Change(day=day, lever="sanctions.us_threat", value=1.0),)
        return dataclasses.replace(baseline, changes=changes)

    plain = rows_of(plan(baseline, shipped, 4000))
    late = rows_of(plan(changed(100), shipped, 4000))
    settled = (plain["outcome"] == Outcome.HELD) & (plain["first_truce_day"] < 60)
    settled &= plain["full_truces"] == 1
    assert late[settled].tobytes() == plain[settled].tobytes()
    assert (late["outcome"] != plain["outcome"]).any()
    first = rows_of(plan(changed(1), shipped, 4000))
    from_start = rows_of(plan(baseline.with_levers({"sanctions.us_threat": 1.0}), shipped, 4000))
    assert first.tobytes() == from_start.tobytes()
