"""What to watch: conditional odds and their errors, ranking, pairs, a tree, and what turns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from helpers.watched import NOBODY, change_of, events_of, found_in, watched_of

import sim
from sim.attribution.watch.ask import lever_moved
from sim.attribution.watch.conditional import widened
from sim.attribution.watch.known import LEVERS, part_of
from sim.attribution.watch.rank import best_pairs, best_split, ranked_events
from sim.attribution.watch.turn import against, switched, turned_events
from sim.engine.domain import Outcome, Public
from sim.experiments.kernel import ENDED, WATCHED, Kernel, events_by, happened_in
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.outcomes import OUTCOMES

WORLDS = 16_384
R, U = Public.ACCEPTS_R, Public.ACCEPTS_U


@pytest.fixture(scope="module")
def baseline():
    return sim.watch("baseline", worlds=WORLDS)


@pytest.fixture(scope="module")
def both():
    return sim.watch("baseline", "joint-ultimatum", worlds=4096)


# ------------------------------------------------------------------ the kernel


def test_worlds_tell_which_events_happened_by_the_day_and_nobody_else_pays(baseline):
    scenario = sim.load_scenario("baseline")
    ensemble = load_ensemble(scenario.as_of)
    rows = sim.run(scenario, worlds=1000).rows
    ended = Kernel(ensemble, 1, watched=14).grid([agenda(scenario)], 1000).ended[0]
    expected = (rows["first_day"] >= 1) & (rows["first_day"] <= 14)
    assert ended.dtype == WATCHED
    assert (happened_in(ended) == expected).all()
    assert (ended["outcome"] == rows["outcome"]).all()
    plain = Kernel(ensemble, 1).grid([agenda(scenario)], 1000).ended[0]
    assert plain.dtype == ENDED
    assert (plain["outcome"] == rows["outcome"]).all()


def test_batches_of_another_day_are_not_taken(tmp_path):
    scenario = sim.load_scenario("baseline")
    ensemble = load_ensemble(scenario.as_of)
    for day in (0, 3, 14):
        kernel = Kernel(ensemble, 1, kept=tmp_path, watched=day)
        fresh = dataclasses.replace(kernel, kept=None)
        grids = [one.grid([agenda(scenario)], 400).ended for one in (kernel, fresh)]
        assert (grids[0] == grids[1]).all()
    assert len(list(tmp_path.iterdir())) == 3


def test_the_last_event_has_its_bit():
    first_day = np.full((1, len(Public)), -1)
    first_day[0, -1] = 2
    ended = np.zeros(1, WATCHED)
    ended["events"] = events_by(first_day, 2)
    assert np.flatnonzero(happened_in(ended)[0]).tolist() == [len(Public) - 1]


# ------------------------------------------------------------------ odds under a condition


def averaged(parts):
    return sum(share * odds.mean for share, odds in parts if odds is not None)


def test_branches_average_to_the_odds_exactly(baseline, both):
    for found in (baseline, both):
        base = found.base.mean
        for event in found.events:
            chance = event.chance.mean
            parts = [(chance, event.happens), (1.0 - chance, event.fails)]
            assert abs(averaged(parts) - base) < 1e-12
            worth = sum(share * (odds.mean - base) ** 2 for share, odds in parts if odds)
            assert event.worth_knowing == pytest.approx(worth, abs=1e-15)
            assert event.explains == pytest.approx(worth / base / (1.0 - base), abs=1e-15)
        for pair in found.pairs:
            assert abs(averaged([(c.chance, c.odds) for c in pair.cells]) - base) < 1e-12
        tree = found.tree
        leaves = [
            (leaf.share, leaf.odds)
            for branch in (tree.happens, tree.fails)
            for leaf in ((branch.split.happens, branch.split.fails) if branch.split else (branch,))
        ]
        assert abs(averaged(leaves) - base) < 1e-12


def test_the_odds_are_those_of_the_worlds_of_a_run(baseline):
    rows = sim.run("baseline", worlds=WORLDS).rows
    held = rows["outcome"] == Outcome.HELD
    for event in baseline.events:
        day = rows["first_day"][:, event.public]
        seen = (day >= 1) & (day <= 14)
        assert event.chance.mean == seen.mean()
        if seen.any():
            assert event.happens.mean == pytest.approx(held[seen].mean(), abs=1e-15)


def test_members_weigh_by_their_worlds_and_few_give_no_interval():
    watched = watched_of(seed=1, members=200, each=8)
    seen = watched.seen[:, R]
    odds = watched.odds(seen)
    assert odds.mean == watched.hit[seen].mean()
    assert odds.ensemble is not None
    fewer = watched_of(seed=1, members=60, each=8)
    assert fewer.odds(fewer.seen[:, R]).ensemble is None


def coverage(seeds, truth=0.0, **how):
    """How often the interval of the difference that an event makes holds the truth."""
    inside = []
    for seed in range(seeds):
        watched = watched_of(seed=seed, **how)
        seen = watched.seen[:, R]
        low, high = watched.difference(seen, ~seen).mc
        inside.append(low <= truth <= high)
    return float(np.mean(inside))


SHAPES = {
    "all members": {"members": 256, "each": 8, "ensemble": 256},
    "some of the members": {"members": 256, "each": 4, "ensemble": 4096},
    "a rare event": {"members": 512, "each": 8, "ensemble": 512, "chance": 0.03},
    "members that differ much": {"members": 256, "each": 16, "ensemble": 256, "spread": 0.5},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_event_that_moves_nothing_has_an_interval_around_0(shape):
    assert coverage(100, **shape) >= 0.88


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_it_has_so_in_95_of_100_seeds(shape):
    assert 0.935 <= coverage(2000, **shape) <= 0.975


def test_a_planted_difference_is_within_its_interval_as_often():
    how = {"members": 256, "each": 16, "ensemble": 256, "spread": 0.0, "lift": 0.2}
    assert coverage(100, truth=0.2, **how) >= 0.88
    assert coverage(100, truth=0.0, **how) == 0.0


# ------------------------------------------------------------------ ranked, in pairs, in a tree


def test_planted_events_are_found_in_their_order():
    watched = watched_of(seed=3, members=512, each=16, lift=0.3, second=0.1)
    events = found_in(watched)
    assert [one.public for one in events[:2]] == [R, U]
    first = events[0]
    assert first.happens.mc[0] <= 0.25 + 0.3 + 0.5 * 0.1 <= first.happens.mc[1]
    assert first.difference.mc[0] <= 0.3 <= first.difference.mc[1]
    tree = best_split(watched, events)
    assert tree.event == R
    assert {tree.happens.split.event, tree.fails.split.event} == {U}
    pair = best_pairs(watched, events)[0]
    assert set(pair.events) == {R, U}
    assert pair.explains == pytest.approx(first.explains + pair.gain)


def test_two_events_that_only_tell_together_are_found():
    """The outcome comes where just one of the two happens: neither alone tells anything."""
    watched = watched_of(seed=4, members=512, each=16, chance=0.5, parity=0.4)
    events = found_in(watched)
    told = {one.public: one.explains for one in events}
    pair = best_pairs(watched, events)[0]
    assert set(pair.events) == {R, U}
    assert pair.gain > 20.0 * max(told[R], told[U])
    odds = {cell.happened: cell.odds.mean for cell in pair.cells}
    assert odds[True, False] - odds[True, True] == pytest.approx(0.4, abs=0.06)


def test_of_what_moves_nothing_nothing_is_claimed():
    claimed = {"tree": 0, "pairs": 0, "turn": 0, "separates": 0}
    for seed in range(60):
        watched = watched_of(seed=seed, members=256, each=8, others=10)
        events = found_in(watched)
        claimed["tree"] += best_split(watched, events) is not None
        claimed["pairs"] += bool(best_pairs(watched, events))
        for kind, gain in (("turn", 0.06), ("separates", 0.02)):
            change, differ = change_of(watched, seed, gain=gain, loss=0.02)
            turned = turned_events(watched, events, change)
            claimed[kind] += against(watched, turned, change, differ).turn is not None
    assert all(count <= 8 for count in claimed.values()), claimed  # 60 at 5 %, with luck


def test_an_event_is_told_apart_for_what_it_is():
    watched = watched_of(seed=5, members=256, each=16)
    seen = watched.seen.copy()
    seen[:, Public.RELIEF] = True
    seen[:, Public.PAUSE_R] = False
    seen[:50, Public.DIRECT_TALKS], seen[50:, Public.DIRECT_TALKS] = True, False
    truce_begins = watched.hit | (np.arange(len(seen)) % 9 == 0)
    seen[:, Public.TRUCE_BEGINS] = truce_begins
    seen[:, Public.ARMS_PAUSE] = truce_begins & (np.arange(len(seen)) % 3 == 0)
    seen[:, Public.NEW_SANCTIONS] = seen[:, R]
    seen[0, Public.NEW_SANCTIONS] ^= True
    told = {one.public: one for one in found_in(dataclasses.replace(watched, seen=seen))}
    apart = {event: told[event].apart for event in told if told[event].apart}
    assert apart[Public.RELIEF] == "always"
    assert apart[Public.PAUSE_R] == "never"
    assert apart[Public.DIRECT_TALKS] == "few"
    assert apart[Public.TRUCE_BEGINS] == "outcome"
    assert apart[Public.ARMS_PAUSE] == "follows"
    same = [one for one in told.values() if one.apart == "same"]
    assert {(one.public, one.same_as) for one in same} <= {
        (R, Public.NEW_SANCTIONS),
        (Public.NEW_SANCTIONS, R),
    }
    assert len(same) == 1
    assert told[Public.PAUSE_R].happens is None
    assert told[Public.RELIEF].fails is None


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_part_of_an_outcome_decides_it(outcome):
    """Where such an event happened, the world could not have ended in just any way."""
    rows = sim.run("walk-away", worlds=8_000).rows
    for event in part_of(outcome):
        happened = rows["first_day"][:, event] >= 0
        ended = set(rows["outcome"][happened].tolist())
        assert ended < {int(one) for one in Outcome}, event


# ------------------------------------------------------------------ levers


def test_a_lever_stands_beside_the_event_that_it_does():
    found = sim.watch("joint-ultimatum", worlds=4096)
    event = found.of(Public.MEDIATOR_SANCTIONS)
    lever = event.lever
    assert (lever.lever, lever.value) == LEVERS[Public.MEDIATOR_SANCTIONS]
    moved = sim.run(f"joint-ultimatum+{lever.lever}={lever.value}", worlds=4096)
    assert lever.odds.mean == moved.odds["held"].mean
    assert lever.difference.mean == pytest.approx(lever.odds.mean - found.base.mean)
    assert lever.difference.mc[0] <= lever.difference.mean <= lever.difference.mc[1]
    assert abs(event.difference.mean) > 10.0 * abs(lever.difference.mean)  # a sign, not a cause
    assert found.of(R).lever is None


def test_a_lever_that_stands_so_already_is_not_moved():
    plain = sim.load_scenario("baseline")
    assert lever_moved(plain, Public.MEDIATOR_LETS_PASS) is not None
    broken = plain.with_levers({"sanctions.us_follow_through": "broken"})
    assert lever_moved(broken, Public.MEDIATOR_LETS_PASS) is None
    assert lever_moved(broken, Public.MEDIATOR_SANCTIONS) is not None
    assert lever_moved(plain, R) is None


# ------------------------------------------------------------------ two scenarios


def test_what_is_seen_by_the_day_is_the_same_under_both(both):
    first, second = (sim.load_scenario(one) for one in ("baseline", "joint-ultimatum"))
    agendas = [agenda(first), switched(agenda(first), agenda(second), 14)]
    kernel = Kernel(load_ensemble(first.as_of), 1, watched=14)
    one, two = kernel.grid(agendas, 4096).ended
    assert (one["events"] == two["events"]).all()
    assert not (one["outcome"] == two["outcome"]).all()
    gained = (two["outcome"] == Outcome.HELD).mean() - (one["outcome"] == Outcome.HELD).mean()
    assert both.against.difference.mean == pytest.approx(gained)


@pytest.mark.parametrize("name", ["joint-ultimatum", "ultimatum-if-rejected"])
def test_turning_to_the_same_scenario_changes_no_world(name):
    same = agenda(sim.load_scenario(name))
    kernel = Kernel(load_ensemble(sim.load_scenario(name).as_of), 1, watched=14)
    one, two = kernel.grid([same, switched(same, same, 14)], 4096).ended
    assert (one == two).all()


def test_a_scenario_that_reacts_can_be_turned_from_and_to(tmp_path):
    moves = tmp_path / "moves.toml"
    moves.write_text(
        'schema = "truce/scenario/1"\ntitle = "Moves"\nquestion = "?"\n'
        '[[move]]\nevent = "mediator_leaves"\nday = 5\n'
        '[[move]]\nevent = "imposes_sanctions"\nactor = "europe"\nday = 20\n',
        encoding="utf-8",
    )
    plain, reacts = (sim.load_scenario(one) for one in ("baseline", "ultimatum-if-rejected"))
    kernel = Kernel(load_ensemble(plain.as_of), 1, watched=120)
    one, two, three, four = (agenda(s) for s in (plain, reacts, sim.load_scenario(moves), plain))
    turned = [switched(one, two, 14), switched(two, one, 14), switched(one, three, 14)]
    base, to_it, from_it, moved = kernel.grid([four, *turned], 4096).ended
    assert not (to_it["outcome"] == base["outcome"]).all()
    assert not (from_it["outcome"] == base["outcome"]).all()
    assert not (from_it["outcome"] == to_it["outcome"]).all()
    assert (moved["events"] >> Public.BLOCS_SANCTIONS & 1).mean() > 0.9
    left = [(ended["events"] >> Public.MEDIATOR_LEAVES & 1).mean() for ended in (moved, base)]
    assert left[0] < left[1] + 0.05  # it was to leave before the turn
    found = sim.watch("baseline", "ultimatum-if-rejected", worlds=4096)
    assert found.against.difference.mean > 0.0


def test_turning_is_the_levers_dated_the_day_after(tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[[changes]]\nday = 15\nlever = "sanctions.us_threat"\nvalue = 0.9\n',
        encoding="utf-8",
    )
    found = sim.watch("baseline", "baseline+sanctions.us_threat=.9", worlds=2048)
    dated = sim.compare(["baseline", path], worlds=2048).differences["held"][0]
    assert found.against.difference == dated


def test_differences_where_an_event_happens_average_to_the_whole(both):
    for event in both.events:
        chance = event.chance.mean
        parts = zip((chance, 1.0 - chance), event.turned, strict=True)
        whole = sum(share * one.mean for share, one in parts if one)
        assert whole == pytest.approx(both.against.difference.mean, abs=1e-12)


def test_the_event_that_turns_a_ranking_is_found():
    watched = watched_of(seed=6, members=512, each=16, others=6)
    events = found_in(watched)
    change, differ = change_of(watched, 6, gain=0.1, loss=0.02, turns=R)
    found = against(watched, turned_events(watched, events, change), change, differ)
    assert differ.mean > 0.0
    assert (found.turn.events, found.turn.happened) == ((R,), (True,))
    assert found.turn.difference.mean < 0.0
    assert found.turn.chance == watched.seen[:, R].mean()


def test_a_pair_is_asked_only_if_no_event_turns_it():
    watched = watched_of(seed=7, members=512, each=16)
    events = found_in(watched)
    change, differ = change_of(watched, 7, gain=0.2, loss=0.02, turns=(R, U))
    found = against(watched, turned_events(watched, events, change), change, differ)
    assert set(found.turn.events) == {R, U}
    assert found.turn.happened == (True, True)
    assert found.turn.difference.mean < 0.0


def test_of_tied_scenarios_it_is_told_what_separates_them():
    watched = watched_of(seed=8, members=512, each=16)
    events = found_in(watched)
    change = np.where(watched.seen[:, R], -1, 0)
    change[~watched.seen[:, R]] = np.random.default_rng(8).permutation(
        np.r_[np.ones((change < 0).sum(), int), np.zeros(len(change) - 2 * (change < 0).sum(), int)]
    )
    _, differ = change_of(watched, 8, gain=0.0, loss=0.0, change=change)
    found = against(watched, turned_events(watched, events, change), change, differ)
    assert found.tied
    assert found.turn.events == (R,)
    assert found.turn.happened == (False,)  # the commoner of the two
    assert found.turn.difference.mean > 0.0


def test_intervals_of_many_hold_at_once():
    estimate = sim.watch("baseline", worlds=256).events[0].difference
    low, high = widened(estimate, 100)
    assert low < estimate.mc[0] < estimate.mc[1] < high


def test_an_outcome_with_no_event_of_its_own_takes_the_words_of_the_conflict():
    told = ranked_events(watched_of(seed=1, members=64, each=4), NOBODY, str)
    assert [one.words for one in events_of(told, R, U)] == [str(R), str(U)]
