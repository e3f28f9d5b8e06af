"""The second telling: agent by agent, world for world the same, and open to other agents."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import warnings

import mesa
import numpy as np
import pytest
from helpers.worlds import outcome_of, scenario_of

from sim.engine.domain import NONE, Answer, Side
from sim.engine.row import ROW
from sim.engine.rules import mediator
from sim.errors import ScenarioError
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.mesa_model import Belligerent, Bloc, CeasefireModel, Mediator
from sim.montecarlo import Plan

SEED = 2025


@pytest.fixture(scope="module")
def members():
    return load_ensemble(load_scenario("baseline").as_of)


def assert_same(name, members, worlds):
    scenario = scenario_of(name)
    rows = np.concatenate(
        [Plan(scenario, members, 1, SEED).block(int(world), 1) for world in worlds]
    )
    for row in rows:
        model = CeasefireModel(scenario, SEED, int(row["world"]), ensemble=members)
        model.run()
        for column in ROW.names:
            assert model.row[column].tobytes() == row[column].tobytes(), (column, row)
        assert model.outcome == outcome_of(row)
    return rows


@pytest.mark.parametrize("name", ["baseline", "joint-ultimatum", "eventful", "everything"])
def test_the_agents_tell_the_same_worlds_as_the_engine(name, members):
    rows = assert_same(name, members, range(0, 16000, 401))
    assert len(set(rows["outcome"])) >= 3  # no comparison of a single ending


@pytest.mark.long
@pytest.mark.parametrize("name", ["baseline", "joint-ultimatum", "eventful", "everything"])
def test_the_agents_tell_the_same_thousand_worlds_as_the_engine(name, members):
    rows = assert_same(name, members, range(0, 16000, 16))
    assert len(rows) == 1000
    assert len(set(rows["outcome"])) == 5


@pytest.mark.parametrize("again", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])
@pytest.mark.parametrize("name", ["baseline", "eventful"])
def test_a_model_that_is_pickled_midway_goes_on_to_the_same_end(name, again, members):
    for world in range(4):
        model = CeasefireModel(scenario_of(name), SEED, world, ensemble=members)
        for _ in range(20):
            model.step()
        other = again(model)
        outcome = model.run()
        assert other.day == min(20, model.day)  # it stood still meanwhile
        assert other.run() == outcome
        assert other.row.tobytes() == model.row.tobytes()
        seen, same = (one.datacollector.get_model_vars_dataframe() for one in (model, other))
        assert same.equals(seen)
        assert {agent.model for agent in other.agents} == {other}


def test_a_moscow_that_always_refuses_signs_nothing(members):
    class Refuses(Belligerent):
        def answer(self, q):
            return Answer.REJECT

    signed = 0
    for world in range(20):
        other = CeasefireModel("baseline", 1, world, ensemble=members)
        other.run()
        signed += other.row.full_truces > 0
        model = CeasefireModel("baseline", 1, world, {"russia": Refuses}, members)
        model.run()
        assert model.outcome not in ("held", "collapsed")
    assert signed > 0  # with Moscow as it is some were signed


def test_what_a_side_would_say_reaches_the_other(members):
    """Chances that are overridden are expected by who knows them; an answer alone is not.

    In direct talks both know each other, and else as far as ``opponent_known`` says.
    """

    class Refuses(Belligerent):
        def chances(self, q):
            return 0.0, 0.0

    class Surprises(Belligerent):
        def answer(self, q):
            return Answer.REJECT

    def hoped(kind, known, mediated):
        people = members.members.copy()
        people["opponent_known"] = known
        known_members = dataclasses.replace(members, members=people)
        model = CeasefireModel("joint-ultimatum", 1, 3, {"russia": kind}, known_members)
        while not (model.today.round_held and model.today.first_mover == 1):
            model.step()
        if not mediated:
            model.state.tilt = 0.1
            model.today.mediated = False
            model.hold_round()
            assert model.today.first_mover == 1
        return float(model.today.p_other_accepts[1])

    for known, mediated in ((1.0, True), (0.0, False), (1.0, False)):
        assert hoped(Refuses, known, mediated) == 0.0
        assert hoped(Surprises, known, mediated) > 0.0
    assert hoped(Refuses, 0.0, True) == hoped(Surprises, 0.0, True) > 0.0


def test_a_pledge_that_is_a_lever_stands_whatever_a_bloc_decides(members):
    class Stays(Bloc):
        def pledge(self):
            return 0.0

    levers = {"guarantee.ambition": 1.0, "guarantee.us_backstop": 1.0, "guarantee.pledged": 0.75}
    scenario = load_scenario("baseline").with_levers(levers)
    everyone = {row.id: Stays for row in scenario.conflict.blocs}
    model = CeasefireModel(scenario, 1, 0, everyone, members)
    for _ in range(3):
        model.step()
    assert not model.state.pledge.any()
    assert model.guarantee == pytest.approx(0.75 * model.member.capability.sum())


def test_a_bloc_that_never_pledges_lessens_the_guarantee_by_its_part(members):
    class Stays(Bloc):
        def pledge(self):
            return 0.0

    scenario = load_scenario("baseline").with_levers(
        {"guarantee.ambition": 1.0, "guarantee.us_backstop": 1.0}
    )
    lessened = 0
    for world in range(0, 80, 4):
        plain = CeasefireModel(scenario, 1, world, ensemble=members)
        without = CeasefireModel(scenario, 1, world, {"france": Stays}, members)
        for model in (plain, without):
            model.step()  # the first review
        number = [bloc.id for bloc in plain.blocs].index("france")
        share = plain.member.capability[number] * plain.state.pledge[number]
        assert without.state.pledge[number] == 0.0
        for model in (plain, without):
            mediator.complete_package(model.member, model.state, model.policy, model.package)
        assert plain.package.guarantee - without.package.guarantee == pytest.approx(share)
        lessened += share > 0.0
    assert lessened > 5


def test_a_mediator_that_never_calls_sees_no_truce_while_it_stays(members):
    class Idle(Mediator):
        def calls_round(self):
            return False

        def leaves(self):
            return False

    model = CeasefireModel("baseline", 1, 2, {"us": Idle}, members)
    assert model.run() == "no_truce"


def test_what_an_own_agent_may_not_decide_is_named(members):
    class Generous(Bloc):
        def pledge(self):
            return 9.0

    class Mumbles(Belligerent):
        def answer(self, q):
            return 7

    class Boasts(Belligerent):
        def chances(self, q):
            return 2.0, float("nan")

    class Feigns(Boasts):
        def answer(self, q):
            return Answer.REJECT

    both = {"russia": Feigns, "ukraine": Feigns}
    with pytest.raises(ScenarioError, match=r"chances: .* are no two chances"):
        CeasefireModel("baseline", 1, 2, both, members).run()
    for side in ("russia", "ukraine"):
        with pytest.raises(ScenarioError, match=rf"{side}: chances: .* are no two chances"):
            CeasefireModel("baseline", 1, 2, {side: Boasts}, members).run()
    with pytest.raises(ScenarioError, match=r"france: pledge: 9.0 is outside 0..1"):
        CeasefireModel("baseline", 1, 2, {"france": Generous}, members).run()
    with pytest.raises(ScenarioError, match="russia: answer: 7 is none"):
        CeasefireModel("baseline", 1, 2, {"russia": Mumbles}, members).run()


def test_agents_that_want_everything_at_once_keep_to_the_calendar(members):
    """No round while talks rest, no pause within a pause, no second partial truce beside one."""

    class Restless(Mediator):
        def calls_round(self):
            return True

        def offers_partial(self):
            return 0

    class Pausing(Belligerent):
        def declares_pause(self):
            return True

        def accepts_partial(self, scope):
            return True

    seen = {"rest": 0, "paused": 0, "partial": 0}
    for world in range(6):
        model = CeasefireModel(
            "baseline",
            SEED,
            world,
            {"us": Restless, "russia": Pausing, "ukraine": Pausing},
            members,
        )
        while model.running:
            state = model.state
            rests = model.day + 1 < state.talks_resume
            paused, covered = state.pause_until != NONE, state.partial_scope != NONE
            model.step()
            today = model.today
            assert not (rests and today.round_held)
            assert not (paused and today.pause_declared)
            assert not (covered and today.partial_scope != NONE)
            seen["rest"] += rests
            seen["paused"] += paused
            seen["partial"] += covered
    assert min(seen.values()) > 0


def test_a_scope_that_is_none_is_named(members):
    class Wide(Mediator):
        def offers_partial(self):
            return 7

    with pytest.raises(ScenarioError, match="7 is no scope"):
        CeasefireModel("baseline", SEED, 0, {"us": Wide}, members).run()


@pytest.mark.parametrize(("decides", "value", "told"), [
    ("incidents", (-1, 0), r"incidents: \(-1, 0\) are no numbers"),
    ("incidents", (0.5, 0), "incidents: .* are no numbers"),
    ("incidents", ("x", 0), "incidents: .* are no numbers"),
    ("incidents", (math.inf, 0), "incidents: .* are no numbers"),
    ("incidents", 3, "incidents: 3 are no numbers"),
    ("leaves_at", math.nan, "leaves_at: nan is no time of day"),
    ("leaves_at", -0.5, "leaves_at: -0.5 is no time of day"),
    ("leaves_at", None, "leaves_at: None is no time of day"),
    ("blocks_on", 99, "blocks_on: 99 is no issue"),
    ("answer", None, "answer: None is none"),
])  # fmt: skip
def test_what_a_side_may_not_decide_in_a_truce_or_a_round_is_named(members, decides, value, told):
    odd = type("Odd", (Belligerent,), {decides: lambda self, *given: value})
    agrees = decides in ("incidents", "leaves_at")
    if agrees:
        odd.answer = lambda self, q: Answer.ACCEPT
    willing = type("Willing", (Belligerent,), {"answer": lambda self, q: Answer.ACCEPT})
    refuses = type("Refuses", (Belligerent,), {"answer": lambda self, q: Answer.REJECT})
    if decides == "blocks_on":
        odd.answer = refuses.answer
    cast = {"russia": odd, "ukraine": willing if agrees else refuses}
    with pytest.raises(ScenarioError, match=f"russia: {told}"):
        CeasefireModel("baseline", SEED, 0, cast, members).run()


def test_a_share_that_is_no_number_is_named(members):
    vague = type("Vague", (Bloc,), {"stance": lambda self: "much"})
    with pytest.raises(ScenarioError, match=r"france: stance: 'much' is outside 0\.\.1"):
        CeasefireModel("baseline", SEED, 0, {"france": vague}, members).run()


def test_the_guarantee_that_is_collected_is_the_one_that_was_weighed(members):
    """Also on the last day of a world, whose row reckons it anew by what was pledged that day.

    The horizon ends on 1 June, a day of reviews.
    """
    levers = {"guarantee.ambition": 1.0, "guarantee.us_backstop": 0.4}
    scenario = load_scenario("baseline").with_levers(levers).with_horizon(12)
    differs = 0
    for world in range(10):
        model = CeasefireModel(scenario, SEED, world, ensemble=members)
        seen = []
        decide = model.decide

        def decided(decide=decide, model=model, seen=seen):
            decide()
            seen.append(float(model.package.guarantee))

        model.decide = decided
        model.run()
        table = model.datacollector.get_model_vars_dataframe()
        assert list(table["guarantee"]) == seen
        differs += seen[-1] != float(model.row.guarantee_end)
    assert differs


def test_a_copy_of_a_record_is_as_good_as_the_record(members):
    model = CeasefireModel("baseline", 1, 2, ensemble=members)
    copy = model.state.copy()
    copy.patience = 0.25
    chances = [mediator.walkaway_hazard(model.member, state) for state in (model.state, copy)]
    assert chances[1] > chances[0]


def test_each_world_has_mesa_luck_of_its_own(members):
    drawn = [CeasefireModel("baseline", 1, n, ensemble=members).random.random() for n in (0, 4, 0)]
    assert drawn[0] == drawn[2] != drawn[1]


def test_it_is_an_ordinary_mesa_model(members):
    model = CeasefireModel("baseline", seed=1, world=17, ensemble=members)
    assert (model.day, model.running, model.outcome, model.said(0)) == (0, True, None, None)
    assert [agent.id for agent in model.blocs] == ["uk", "france", "germany", "nordics", "eu"]
    assert len(model.agents) == len(model.blocs) + len(Side) + 1
    outcome = model.run()
    table = model.datacollector.get_model_vars_dataframe()
    assert list(table["day"]) == list(range(1, model.day + 1))  # once a step
    assert list(table["outcome"])[-1] == outcome
    assert table["outcome"].isna().sum() == len(table) - 1
    assert set(table["answer_russia"].dropna()) <= {"accept", "condition", "reject"}
    model.step()  # a world that has ended stays as it is
    assert model.day == len(table)
    assert len(model.datacollector.get_model_vars_dataframe()) == len(table)


def test_a_seed_of_none_is_that_of_a_run(members):
    """Mesa from 3.5 on gives it where nothing else is said."""
    worlds = [CeasefireModel(seed=seed, world=17, ensemble=members) for seed in (None, 1, 2)]
    for model in worlds:
        model.run()
    none, one, two = (model.datacollector.get_model_vars_dataframe() for model in worlds)
    assert none.equals(one)
    assert not none.equals(two)


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 has no batch_run")
def test_mesas_batch_run_drives_it():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        found = mesa.batch_run(
            CeasefireModel, {"scenario": "baseline", "world": [4, 5]}, display_progress=False
        )
    rows = Plan(scenario_of("baseline"), load_ensemble(scenario_of("baseline").as_of), 1, 1).block(
        4, 2
    )
    assert [line["outcome"] for line in found] == [outcome_of(row) for row in rows]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"world": -1}, "world: -1 is outside"),
        ({"world": 1.5}, "world: 1.5 is not a whole number"),
        ({"seed": True}, "seed: True is not a whole number"),
        ({"actors": {"rusia": Belligerent}}, "Did you mean russia"),
        ({"actors": {"russia": Bloc}}, "Derive it from sim.mesa_model.Belligerent"),
        ({"actors": {"france": 3}}, "3 is no Bloc"),
        ({"actors": ["russia"]}, "is no mapping"),
        ({"ensemble": 3}, "ensemble: 3 is none"),
    ],
)
def test_what_it_cannot_use_it_names(given, told):
    with pytest.raises(ScenarioError, match=told):
        CeasefireModel("baseline", **given)
