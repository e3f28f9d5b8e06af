"""Blocks `[[when]]` and `[[move]]` in worlds: what fires, when, and what it does."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.stories import Action, R, U, array_of, live, quiet, start, story

import sim
from sim.calibrate.observations import Kind
from sim.engine.domain import NONE, Answer, Public, Scope, Threat
from sim.engine.reactions import new_blocks
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.inputs.ensemble import load_ensemble
from sim.inputs.events import name_of
from sim.mesa_model import CeasefireModel
from sim.native import run_block

WORLDS = 4096
US, BLOCS = "sanctions.us_threat", "sanctions.europe_threat"
HEAD = 'schema = "truce/scenario/1"\ntitle = "A test"\nquestion = "Does it?"\nhorizon_days = 90\n'
LEVERS = '[when.levers]\n"sanctions.us_threat" = 0.9\n"offer.territory" = 0.8\n'
MANY = (
    HEAD
    + f"""
[[when]]
event = "rejects_truce"
actor = "russia"
again = true
for_days = 5
{LEVERS}
[[when]]
event = "accepts_truce"
not_by = 10
[when.levers]
"aid.level" = 0.3
[[move]]
event = "accepts_truce"
actor = "russia"
day = 13
[[move]]
event = "accepts_truce"
actor = "ukraine"
day = 13
[[move]]
event = "truce_collapses"
actor = "russia"
day = 20
[[move]]
event = "arms_pause_begins"
actor = "us"
day = 22
value = 0.5
[[move]]
event = "partial_truce_starts"
scope = "energy"
when = {{ event = "truce_collapses" }}
[[move]]
event = "partial_truce_ends_early"
day = 45
[[move]]
event = "strikes_intensify"
actor = "ukraine"
day = 50
[[move]]
event = "short_truce"
actor = "russia"
day = 60
days = 4
[[move]]
event = "direct_talks"
when = {{ event = "mediator_leaves", again = true }}
"""
)


@pytest.fixture(scope="module")
def scenario_of(tmp_path_factory):
    """Load a scenario from its text, or from what follows its head."""

    def load(text):
        path = tmp_path_factory.mktemp("scenarios") / "test.toml"
        path.write_text(text if text.startswith("schema") else HEAD + text, encoding="utf-8")
        return sim.load_scenario(path)

    return load


def rows_of(scenario, worlds=WORLDS):
    return sim.run(scenario, worlds=worlds).rows


def same(one, two, *but):
    return all(
        np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f")
        for name in ROW.names
        if name not in but
    )


@pytest.fixture(scope="module")
def plain(scenario_of):
    return rows_of(scenario_of(""))


# ------------------------------------------------------------------ conditions


@pytest.mark.parametrize("day", [1, 2, 15])
def test_a_block_of_a_fixed_day_gives_the_worlds_of_the_dated_lever(scenario_of, day):
    change = '[[changes]]\nday = {}\nlever = "{}"\nvalue = {}\n'
    dated = "".join(
        change.format(day, lever, value)
        for lever, value in (("sanctions.us_threat", 0.9), ("offer.territory", 0.8))
    )
    reacting = rows_of(scenario_of(f"[[when]]\nafter_days = {day - 1}\n{LEVERS}"))
    assert same(reacting, rows_of(scenario_of(dated)), "reaction_day")
    assert (reacting["reaction_day"][:, 0] <= day).all()


def test_a_block_that_never_fires_gives_the_baselines_worlds(scenario_of, plain):
    never = '[[when]]\nevent = "truce_starts"\nwithin = 1\ntimes = 1\n'
    rows = rows_of(scenario_of(never + LEVERS))
    assert same(rows, plain)
    assert (rows["reaction_day"] == NONE).all()


def first_within(plain, event, after, within):
    """The worlds in which an event first happened within some days, and on which day."""
    day = plain["first_day"][:, event].astype(int)
    return (day > after) & (day <= within), day


@pytest.mark.parametrize(
    ("keys", "event", "after", "within"),
    [
        ('event = "rejects_truce"\nactor = "russia"', Public.REJECTS_R, 0, 89),
        ('event = "mediator_leaves"\nwithin = 30', Public.MEDIATOR_LEAVES, 0, 30),
        ('event = "both_refuse"', Public.BOTH_REFUSE, 0, 89),
        ('event = "truce_starts"', Public.TRUCE_BEGINS, 0, 89),
        ('event = "partial_truce_starts"', Public.PARTIAL_BEGINS, 0, 89),
        ('event = "strikes_intensify"\nactor = "russia"', Public.STRIKES_R, 0, 89),
        ('event = "signals_walk_away"', Public.PATIENCE_THIN, 0, 89),
    ],
)
def test_levers_change_on_the_day_after_the_event(scenario_of, plain, keys, event, after, within):
    rows = rows_of(scenario_of(f'[[when]]\n{keys}\n[when.levers]\n"monitoring.strength" = 0.1\n'))
    happened, day = first_within(plain, event, after, within)
    assert happened.sum() > 20
    assert same(rows, plain, "reaction_day")  # the lever stays where it is
    lived = happened & (day < 90)
    fired = rows["reaction_day"][:, 0].astype(int)
    # a world may end on the day of the event, before the day after
    assert (fired[~lived] == NONE).all()
    assert ((fired == day + 1) | (fired == NONE))[lived].all()
    assert (fired[lived] == NONE).mean() < 0.05


def test_what_has_not_happened_by_a_day_fires_on_the_next(scenario_of, plain):
    keys = 'event = "rejects_truce"\nactor = "russia"\nnot_by = 20'
    rows = rows_of(scenario_of(f'[[when]]\n{keys}\n[when.levers]\n"monitoring.strength" = 0.1\n'))
    happened, _ = first_within(plain, Public.REJECTS_R, 0, 20)
    fired = rows["reaction_day"][:, 0]
    assert set(fired[~happened]) == {21}
    assert set(fired[happened]) == {NONE}


def test_only_what_happens_after_so_many_days_counts(scenario_of):
    keys = 'event = "rejects_truce"\nactor = "russia"\nafter_days = 30'
    rows = rows_of(scenario_of(f'[[when]]\n{keys}\n[when.levers]\n"monitoring.strength" = 0.1\n'))
    fired = rows["reaction_day"][:, 0]
    assert fired[fired != NONE].min() == 32
    assert (rows["first_day"][:, Public.REJECTS_R][fired != NONE] <= 30).any()


def lived_by_agents(scenario, worlds=range(0, 120, 3)):
    """For each world, the days on which Russia rejected, and the American threat by day."""
    members = load_ensemble(scenario.as_of)
    for world in worlds:
        model = CeasefireModel(scenario, world=world, ensemble=members)
        rejected, threat = [], [None]
        while model.running:
            model.step()
            threat.append(float(model.policy.threat[Threat.MEDIATOR_SANCTIONS]))
            if model.said(R) == "reject":
                rejected.append(model.day)
        yield rejected, threat


def test_twice_means_two_days_and_the_levers_stay(scenario_of):
    keys = 'event = "rejects_truce"\nactor = "russia"\ntimes = 2\n'
    fired = 0
    for rejected, threat in lived_by_agents(scenario_of(f"[[when]]\n{keys}{LEVERS}")):
        begins = rejected[1] + 1 if len(rejected) > 1 and rejected[1] < 90 else len(threat)
        assert set(threat[1:begins]) == {0.2}
        assert set(threat[begins:]) <= {0.9}
        fired += begins < len(threat)
    assert fired > 5


def test_levers_go_back_after_their_days_and_may_be_set_again(scenario_of):
    keys = 'event = "rejects_truce"\nactor = "russia"\nagain = true\nfor_days = 5\n'
    again = 0
    for rejected, threat in lived_by_agents(scenario_of(f"[[when]]\n{keys}{LEVERS}")):
        raised = {day + n for day in rejected if day < 90 for n in range(1, 6)}
        assert {day for day in range(1, len(threat)) if threat[day] == 0.9} == {
            day for day in raised if day < len(threat)
        }
        again += len(rejected) > 1
    assert again > 5


# ------------------------------------------------------------------ moves


IMPOSED = [
    *((Public.ACCEPTS_R, ""), (Public.CONDITIONS_U, ""), (Public.REJECTS_U, "")),
    *((Public.DIRECT_TALKS, ""), (Public.PAUSE_R, "days = 3"), (Public.STRIKES_R, "")),
    *((Public.MEDIATOR_SANCTIONS, ""), (Public.BLOCS_SANCTIONS, ""), (Public.ARMS_PAUSE, "")),
    *((Public.MEDIATOR_LETS_PASS, ""), (Public.MEDIATOR_LEAVES, "")),
    (Public.PARTIAL_BEGINS, 'scope = "sea"'),
]


@pytest.mark.parametrize(("event", "more"), IMPOSED)
def test_a_move_happens_on_its_day_wherever_the_rules_leave_room(scenario_of, plain, event, more):
    name, actor = name_of(event, sim.load_scenario("baseline").conflict)
    text = f'[[move]]\nevent = "{name}"\nactor = "{actor}"\nday = 10\n{more}\n'
    rows = rows_of(scenario_of(text))
    made = rows["reaction_day"][:, 0] != NONE
    assert made.mean() > 0.85
    first = rows["first_day"][:, event]
    assert (first[made] <= 10).all()
    assert (first != NONE)[made].all()
    early = (plain["first_day"][:, event] != NONE) & (plain["first_day"][:, event] < 10)
    assert (first[made & ~early] == 10).all()
    assert not same(rows, plain, "reaction_day", "first_day")


def test_the_other_sides_answer_to_an_imposed_one_is_drawn(scenario_of):
    text = '[[move]]\nevent = "accepts_truce"\nactor = "russia"\nday = 2\n'
    first = rows_of(scenario_of(text))["first_day"]
    for event in (Public.ACCEPTS_U, Public.CONDITIONS_U, Public.REJECTS_U):
        assert 0.01 < (first[:, event] == 2).mean() < 0.99


def test_a_broken_truce_needs_a_truce(scenario_of):
    text = '[[move]]\nevent = "truce_collapses"\nactor = "ukraine"\nday = 40\n'
    rows = rows_of(scenario_of(text))
    made = rows["reaction_day"][:, 0] == 40
    assert 0.005 < made.mean() < 0.2
    assert (rows["first_day"][made, Public.U_BREAKS_TRUCE] <= 40).all()
    assert (rows["first_day"][made, Public.TRUCE_BEGINS] <= 40).all()


def test_the_mediator_leaves_once(scenario_of):
    text = "".join(f'[[move]]\nevent = "mediator_leaves"\nday = {day}\n' for day in (5, 9))
    first, again = (rows_of(scenario_of(text))["reaction_day"][:, n] for n in range(2))
    assert (first == 5).mean() > 0.9
    assert (again == NONE).all()


def test_both_can_be_made_to_agree(scenario_of):
    text = "".join(
        f'[[move]]\nevent = "accepts_truce"\nactor = "{actor}"\nday = 5\n'
        for actor in ("russia", "ukraine")
    )
    rows = rows_of(scenario_of(text))
    assert (rows["first_truce_day"] <= 6).all()
    assert (rows["full_truces"] > 0).all()


def test_unthreatened_sanctions_are_a_share_of_the_issuers_package(scenario_of, plain):
    text = """[levers]
"sanctions.europe_threat" = 0.0
[[move]]
event = "imposes_sanctions"
actor = "europe"
day = 3
"""
    least, most = (rows_of(scenario_of(f"{text}value = {value}\n")) for value in (0.1, 0.9))
    assert (most["sanctions_end"] >= least["sanctions_end"] - 1e-6).mean() > 0.99
    assert most["sanctions_end"].mean() > least["sanctions_end"].mean() + 0.1


# ------------------------------------------------------------------ the twin, and the filter


def test_the_agents_live_the_same_worlds(scenario_of):
    scenario = scenario_of(MANY)
    members = load_ensemble(scenario.as_of)
    rows = rows_of(scenario, 400)
    assert ((rows["reaction_day"] != NONE).mean(0)[:11] > 0.02).all()
    for world in range(0, 400, 8):
        model = CeasefireModel(scenario, world=world, ensemble=members)
        model.run()
        for name in ROW.names:
            lived = np.asarray(model.row[name])
            assert np.array_equal(lived, rows[world][name], equal_nan=lived.dtype.kind == "f"), name


def imposed_in_a_forecast(record, event, **fields):
    """The state after a story's days of a quiet member, if an event is imposed on its first day."""
    blocks = new_blocks(1)
    blocks["move"][0, 0], blocks["last_evening"][0, 0] = event, record.agenda.days - 1
    for name, value in fields.items():
        blocks[name][0, 0] = value
    agenda = record.agenda._replace(blocks=blocks)
    who = array_of(quiet(round_rate=0.0, direct_rate=0.0, pause_days=10.0))
    workspace = new_workspace(who, 5)
    run_block(agenda, who, array_of(start()), 0, workspace, np.zeros(1, ROW))
    return workspace["state"]


@pytest.mark.parametrize(
    ("action", "event", "fields", "levers"),
    [
        (
            Action(Kind.DECISION, 0, 1.0),
            Public.MEDIATOR_SANCTIONS,
            {},
            {US: 0.5},
        ),
        (
            Action(Kind.DECISION, 1, 0.0),
            Public.BLOCS_LET_PASS,
            {},
            {BLOCS: 0.5},
        ),
        (
            Action(Kind.DECISION, 1, 1.0, size=0.2),
            *(Public.BLOCS_SANCTIONS, {"size": 0.2}, {BLOCS: 0.5}),
        ),
        (Action(Kind.SANCTIONS, 1, 0.3), Public.BLOCS_SANCTIONS, {"size": 0.3}, {}),
        (Action(Kind.ARMS_CUT, value=0.4), Public.ARMS_PAUSE, {"size": 0.4}, {}),
        (Action(Kind.MEDIATOR_LEAVES), Public.MEDIATOR_LEAVES, {}, {}),
        (Action(Kind.DIRECT_TALK), Public.DIRECT_TALKS, {}, {}),
        (Action(Kind.PAUSE, R), Public.PAUSE_R, {}, {}),
        (
            Action(Kind.PARTIAL_STARTS, scope=int(Scope.SEA)),
            *(Public.PARTIAL_BEGINS, {"scope": int(Scope.SEA)}, {}),
        ),
    ],
)
def test_a_move_leaves_what_the_record_would(action, event, fields, levers):
    none = {US: 0.0, BLOCS: 0.0, "aid.us_threat": 0.0}
    record = story(3, action, **{**none, **levers})
    _, ends = live(record, quiet(round_rate=0.0, direct_rate=0.0, pause_days=10.0))
    forecast = imposed_in_a_forecast(record, event, **fields)
    before = imposed_in_a_forecast(record, NONE)
    compared = (
        *("momentum", "sanctions", "coerced", "tilt", "progress", "trust", "patience", "kept"),
        *("lapsed", "strike", "executed", "aid_cut", "mediator_left", "partial_scope"),
    )
    for name in compared:
        assert np.allclose(forecast[name], ends[0][name], atol=1e-12), name
    assert max(forecast["pause_until"] - record.days, NONE) == ends[0]["pause_until"]
    moved = [name for name in (*compared, "pause_until") if np.any(forecast[name] != before[name])]
    assert moved


def test_an_answer_that_is_imposed_is_the_records(scenario_of):
    record = story(3, Action(Kind.ANSWER, U, float(Answer.REJECT)))
    _, ends = live(record)
    forecast = imposed_in_a_forecast(record, Public.REJECTS_U)
    assert forecast["last_answer"][U] == ends[0]["last_answer"][U] == Answer.REJECT
    assert np.allclose(forecast["strike"], ends[0]["strike"], atol=1e-12)


# ------------------------------------------------------------------ circles


def test_two_moves_that_set_each_other_off_end_and_are_told(scenario_of):
    from sim.inputs.scenario_checks import block_notes

    text = "".join(
        f'[[move]]\nevent = "{made}"\nactor = "{actor}"\n'
        f'when = {{ event = "{waits}", actor = "{other}", again = true }}\n'
        for made, actor, waits, other in (
            ("rejects_truce", "russia", "conditions_truce", "ukraine"),
            ("conditions_truce", "ukraine", "rejects_truce", "russia"),
        )
    )
    scenario = scenario_of(text)
    assert block_notes(scenario) == [
        "move.1 and move.2 set each other off, day after day, until the horizon."
    ]
    rows = rows_of(scenario, 400)
    assert (rows["outcome"] != NONE).all()
    assert (rows["reaction_day"][:, 0] != NONE).any()
