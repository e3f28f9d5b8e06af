"""Worlds under many policies at once: the same worlds as of a run, luck thrown anew, and a stop."""

import numpy as np
import pytest

import sim
from sim.engine.agenda import together
from sim.engine.cases import consecutive
from sim.engine.domain import NONE
from sim.engine.records import POLICY
from sim.engine.streams import Purpose
from sim.experiments.kernel import Batch, Kernel
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda

NAMES = ("baseline", "joint-ultimatum", "walk-away", "baseline+offer.territory=deferred")
WORLDS = 1_000


@pytest.fixture(scope="module")
def scenarios():
    return [sim.load_scenario(name) for name in NAMES]


@pytest.fixture(scope="module")
def ensemble(scenarios):
    return load_ensemble(scenarios[0].as_of)


def batch_of(scenario, ensemble, count=WORLDS):
    return Batch(agenda(scenario).alone, consecutive(0, count, len(ensemble)))


def only(kernel, batch):
    (ended,) = kernel.run([batch])
    return ended


def test_a_grid_is_the_runs_of_its_policies_world_by_world(scenarios, ensemble):
    grid = Kernel(ensemble, 1).grid([agenda(one) for one in scenarios], WORLDS)
    for scenario, ended in zip(scenarios, grid.ended, strict=True):
        rows = sim.run(scenario, worlds=WORLDS).rows
        assert (ended["outcome"] == rows["outcome"]).all()
        assert (ended["worth"] == rows["worth"]).all()
        assert (grid.member == rows["member"]).all()


def test_a_grid_begins_where_it_is_told_to(scenarios, ensemble):
    kernel, policies = Kernel(ensemble, 1), [agenda(one) for one in scenarios]
    whole, later = kernel.grid(policies, WORLDS), kernel.grid(policies, 300, first=600)
    assert (later.ended == whole.ended[:, 600:900]).all()
    assert (later.member == whole.member[600:900]).all()


def test_each_case_has_the_policy_the_member_and_the_luck_that_it_names(scenarios, ensemble):
    rng = np.random.default_rng(3)
    cases = consecutive(0, WORLDS, len(ensemble))
    cases["agenda"] = rng.integers(len(scenarios), size=WORLDS)
    cases["member"] = rng.integers(len(ensemble), size=WORLDS)
    order = rng.permutation(WORLDS)
    kernel, policies = Kernel(ensemble, 1), together([agenda(one) for one in scenarios])
    mixed = only(kernel, Batch(policies, cases[order]))
    for n, scenario in enumerate(scenarios):
        mine = cases["agenda"] == n
        alone = cases[mine].copy()
        alone["agenda"] = 0
        apart = only(kernel, Batch(agenda(scenario).alone, alone))
        assert (mixed[np.argsort(order)][mine] == apart).all()


# ------------------------------------------------------------------ luck thrown anew


def thrown(batch, purposes, seed, day=0, part=NONE):
    cases = batch.cases.copy()
    cases["anew"]["purposes"] = sum(1 << int(purpose) for purpose in purposes)
    cases["anew"]["seed"], cases["anew"]["day"], cases["anew"]["part"] = seed, day, part
    return batch._replace(cases=cases)


def test_all_luck_thrown_anew_is_the_luck_of_the_other_seed(scenarios, ensemble):
    for scenario in scenarios:
        batch = batch_of(scenario, ensemble)
        other = only(Kernel(ensemble, 9), batch)
        assert (only(Kernel(ensemble, 1), thrown(batch, Purpose, 9)) == other).all()


def test_luck_thrown_anew_under_the_same_seed_is_the_same(scenarios, ensemble):
    batch = batch_of(scenarios[1], ensemble)
    kernel = Kernel(ensemble, 1)
    assert (only(kernel, thrown(batch, Purpose, 1)) == only(kernel, batch)).all()


@pytest.mark.parametrize(
    "purpose", [Purpose.FRONT, Purpose.CALENDAR, Purpose.ANSWER, Purpose.INCIDENTS]
)
def test_each_kind_of_luck_alone_changes_some_worlds_and_not_all(scenarios, ensemble, purpose):
    batch = batch_of(scenarios[1], ensemble)
    kernel = Kernel(ensemble, 1)
    before, after = only(kernel, batch), only(kernel, thrown(batch, [purpose], 9))
    assert 0.001 < (before["outcome"] != after["outcome"]).mean() < 0.9


def test_the_days_and_parts_of_a_kind_of_luck_make_up_the_whole(scenarios, ensemble):
    """A world that no single part of a day's luck changes is not changed by that day's luck."""
    batch = batch_of(scenarios[1], ensemble)
    kernel = Kernel(ensemble, 1)
    before = only(kernel, batch)
    for day in (1, 30):
        every = only(kernel, thrown(batch, [Purpose.CALENDAR], 9, day)) != before
        parts = [only(kernel, thrown(batch, [Purpose.CALENDAR], 9, day, n)) for n in range(4)]
        some = np.any([part != before for part in parts], axis=0)
        assert every.any()
        assert (every & ~some).mean() < 0.02  # two that only together change a world


def test_luck_of_a_day_after_the_end_changes_nothing(scenarios, ensemble):
    batch = batch_of(scenarios[0], ensemble)
    kernel = Kernel(ensemble, 1)
    late = thrown(batch, Purpose, 9, day=400)
    assert (only(kernel, late) == only(kernel, batch)).all()


# ------------------------------------------------------------------ stopped, and gone on with


def test_what_was_finished_is_not_run_again(scenarios, ensemble, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    kept, worlds = tmp_path / "unfinished", 10_000
    policies = [agenda(one) for one in scenarios]
    with pytest.raises(KeyboardInterrupt):
        Kernel(ensemble, 1, kept=kept).grid(policies, worlds, progress=stop)
    finished = {place: place.stat().st_mtime_ns for place in kept.iterdir()}
    assert finished
    again = Kernel(ensemble, 1, kept=kept)
    whole = again.grid(policies, worlds)
    assert len(list(kept.iterdir())) > len(finished)
    assert all(place.stat().st_mtime_ns == time for place, time in finished.items())
    assert (whole.ended == Kernel(ensemble, 1).grid(policies, worlds).ended).all()
    again.forget()
    assert not kept.exists()


def test_what_lies_between_the_fields_of_records_is_of_no_account(scenarios, ensemble, tmp_path):
    """NumPy leaves there what was in memory, so that the same levers differ in these bytes."""
    batch = batch_of(scenarios[0], ensemble, 100)
    only(Kernel(ensemble, 1, kept=tmp_path), batch)
    policies = batch.agendas.policies.copy()
    fields = np.zeros(POLICY.itemsize, bool)
    for kind, offset, *_ in POLICY.fields.values():
        fields[offset : offset + kind.itemsize] = True
    assert not fields.all()
    policies.view(np.uint8).reshape(-1, POLICY.itemsize)[:, ~fields] ^= 255
    only(
        Kernel(ensemble, 1, kept=tmp_path),
        batch._replace(agendas=batch.agendas._replace(policies=policies)),
    )
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_batch_is_run_again_and_another_seed_takes_none(scenarios, ensemble, tmp_path):
    batch = batch_of(scenarios[0], ensemble, 100)
    kept = tmp_path / "unfinished"
    whole = only(Kernel(ensemble, 1, kept=kept), batch)
    (place,) = kept.iterdir()
    place.write_bytes(place.read_bytes()[:-40])
    assert (only(Kernel(ensemble, 1, kept=kept), batch) == whole).all()
    only(Kernel(ensemble, 2, kept=kept), batch)
    assert len(list(kept.iterdir())) == 2
