"""The record and its particles: bad rows are named, nothing depends on workers or the future."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.stories import ALONE, NO, R, answer, evidence_of, made_up, story

from sim.calibrate.observations import PENDING, Kind
from sim.calibrate.particles import (
    APART,
    BLOCK_PARTICLES,
    Filter,
    Particles,
    first_death,
    living_weights,
)
from sim.calibrate.record import record_of
from sim.calibrate.weights import resample, weights_of
from sim.engine.domain import DATED_ROUND
from sim.errors import CalibrationError
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.history import ActionRow, MoveRow

APRIL = dt.date(2025, 4, 22)
SOON = dt.date(2025, 3, 17)


def day(number):
    return shipped().facts.eve + dt.timedelta(days=number)


def filter_of(as_of, folder=None, **held):
    evidence = load_evidence(folder, as_of)
    return dataclasses.replace(Filter.of(evidence, record_of(evidence, as_of), 7), **held)


def same(one, other):
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("reported", "silent", "excluded")
    )


def alike(one, other):
    """Whether two records agree in every field; the gaps between fields hold anything."""
    return all(np.array_equal(one[name], other[name]) for name in one.dtype.names)


# ------------------------------------------------------------------ particles


def test_particles_depend_on_no_worker_and_on_no_cutting_into_blocks():
    chosen = filter_of(SOON)
    count = BLOCK_PARTICLES + 900
    one = chosen.weigh(count, ALONE)
    with ThreadPoolExecutor(3) as executor:
        assert same(chosen.weigh(count, executor), one)
    fewer = chosen.weigh(BLOCK_PARTICLES + 10, ALONE)
    cut = Particles(
        *(getattr(one, n)[: len(fewer.reported)] for n in ("reported", "silent", "excluded"))
    )
    assert same(fewer, cut)


def test_the_chosen_come_again_with_the_same_past():
    """A member that is drawn again keeps the state that the record left it in."""
    chosen = filter_of(SOON)
    numbers = np.array([BLOCK_PARTICLES + 3, 17, 2, 17])
    members, ends = chosen.members(numbers, ALONE)
    drawn, starts, apart = chosen.draw(0)
    _, all_ends = chosen.live(drawn[:20], starts[:20], apart[:20], np.arange(20))
    assert alike(members[1], drawn[17])
    assert alike(members[3], drawn[17])
    assert alike(ends[1], all_ends[17])
    assert alike(ends[2], all_ends[2])
    assert not alike(ends[0], ends[2])


def test_a_block_is_members_with_states_and_what_the_filter_alone_reads():
    """The rate of rounds that nobody reported teaches nothing about that of the days ahead."""
    chosen = filter_of(SOON)
    members, starts, apart = chosen.draw(0)
    assert len(members) == len(starts) == len(apart) == BLOCK_PARTICLES
    assert apart.dtype == APART
    prior = next(row.prior for row in shipped().parameters if row.name == "round_rate")
    for rates in (apart["rate"], members["round_rate"]):
        assert np.median(rates) == pytest.approx(prior.lognormal[0], rel=0.06)
    assert abs(np.corrcoef(np.log(apart["rate"]), np.log(members["round_rate"]))[0, 1]) < 0.06
    half = dataclasses.replace(chosen, factors={"rate": 0.5}).draw(0)[2]
    assert half["rate"] == pytest.approx(0.5 * apart["rate"])
    assert half["occasions"].tolist() == apart["occasions"].tolist()
    noisy = dataclasses.replace(chosen, factors={"precision": 0.25}).draw(0)[0]
    assert noisy["precision"] == pytest.approx(0.25 * members["precision"])


@pytest.mark.parametrize("late", ["dated", "known"])
def test_a_row_of_after_the_as_of_day_changes_no_bit(tmp_path, late):
    shutil.copytree(shipped().evidence, tmp_path / "evidence")
    file = tmp_path / "evidence" / "events.csv"
    days = {
        "dated": "2025-05-12,2025-05-12,2025-05-12",
        "known": "2025-04-10,2025-04-12,2025-05-12",
    }
    row = f"002_4a1b6ee6f7358616,9,{days[late]},late,russia,rejects_truce,scope=full; no,\n"
    file.write_text(file.read_text(encoding="utf-8") + row, encoding="utf-8")
    numbers = np.arange(300)
    one, other = filter_of(APRIL), filter_of(APRIL, tmp_path / "evidence")
    assert len(load_evidence(tmp_path / "evidence").events) == len(load_evidence().events) + 1
    assert one.record.actions.tobytes() == other.record.actions.tobytes()
    members, starts, apart = (part[:300] for part in one.draw(0))
    assert members.tobytes() == other.draw(0)[0][:300].tobytes()
    told, ends = one.live(members, starts, apart, numbers)
    again, same_ends = other.live(members, starts, apart, numbers)
    assert same(told, again)
    assert alike(ends, same_ends)
    later = dt.date(2025, 5, 20)
    assert len(filter_of(later, tmp_path / "evidence").record.events) == 1 + len(
        filter_of(later).record.events
    )


def test_a_record_of_probability_zero_names_the_event_at_which_all_died():
    chosen = filter_of(APRIL, values={"pause_hazard": 0.0})
    told = chosen.block(0, 200)
    with pytest.raises(CalibrationError) as raised:
        living_weights(told, chosen.record)
    assert "001:18:russia:short_truce" in str(raised.value)
    assert "2025-04-19" in str(raised.value)


def test_the_first_death_is_that_of_the_last_one_living():
    """One particle dies of the second action, the other of a silent day before the third."""
    record = story(9, answer(R, NO, 2), answer(R, NO, 4), answer(R, NO, 8))
    told, quiet_days, excluded = np.zeros((2, 3)), np.zeros((2, 10)), np.zeros((2, 10))
    assert first_death(Particles(told, quiet_days, excluded), record) == "nothing"
    told[0, 1] = -np.inf
    told[:, 2] = -np.inf
    assert "made2 " in first_death(Particles(told, quiet_days, excluded), record)
    excluded[1, 5] = -np.inf
    expected = f"the day {day(5)}, on which nothing was reported"
    assert first_death(Particles(told, quiet_days, excluded), record) == expected
    told[1, 0] = -np.inf
    assert "made1 " in first_death(Particles(told, quiet_days, excluded), record)


def test_weights_are_those_of_importance_sampling_and_the_dead_weigh_nothing():
    rng = np.random.default_rng(3)
    log_weights = np.append(rng.normal(-40.0, 0.5, 4000), -np.inf)
    weights = weights_of(log_weights)
    plain = np.exp(log_weights + 40.0)
    assert weights.log_evidence == pytest.approx(math_log_mean(plain) - 40.0)
    assert weights.values == pytest.approx(plain / plain.sum(), rel=0.1)
    assert weights.values[-1] == 0.0
    assert weights.effective == pytest.approx(1.0 / (weights.values**2).sum())


def math_log_mean(values):
    return float(np.log(values.mean()))


def test_resampling_takes_each_as_often_as_it_weighs():
    weights = np.array([0.5, 0.25, 0.0, 0.25])
    chosen = resample(weights, 4000, np.random.default_rng(1))
    assert np.bincount(chosen, minlength=4).tolist() == [2000, 1000, 0, 1000]
    assert len(np.unique(chosen[:40])) > 1


# ------------------------------------------------------------------ bad records


@pytest.fixture
def listed(monkeypatch):
    """Let events count that are not scored, as if history.toml listed them."""

    def rows(*events):
        fields = ("actor", "event", "round", "article", "paragraph")
        made = [
            ActionRow(
                date=one.date_from,
                until=one.date_to,
                **{name: getattr(one, name) for name in fields},
            )
            for one in events
        ]
        record = dataclasses.replace(shipped().record, actions=tuple(made))
        monkeypatch.setattr(shipped(), "record", record)
        return events

    return rows


def refused(*events):
    with pytest.raises(CalibrationError) as raised:
        record_of(evidence_of(*events), day(12))
    return str(raised.value)


def test_a_good_record_is_read():
    record = record_of(evidence_of(made_up(1), made_up(2, actor="ukraine")), day(12))
    assert record.actions["partner"].tolist() == [1, 0]
    assert record.actions["first_day"].tolist() == [3, 3]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"actor": "us"}, "is by us, who is no belligerent"),
        ({"facts": {"scope": "moon"}}, "has the scope 'moon'"),
        ({"event": "declines_sanctions"}, "is by russia, who has threatened nothing"),
        ({"event": "partial_truce_starts", "facts": {}}, "has no scope= in its detail"),
    ],
)
def test_an_event_that_cannot_be_imposed_is_named(fields, says):
    told = refused(made_up(1), made_up(2, **{"date_from": day(6), **fields}))
    assert says in told
    assert told.startswith(f"event made2 ({day(6)})")


def test_two_answers_of_one_side_in_one_round_are_refused():
    told = refused(made_up(1), made_up(2, date_from=day(6)))
    assert "made2" in told
    assert "second answer of russia to 'first'" in told


@pytest.mark.parametrize("actor", ["russia", "ukraine"])
def test_answers_to_two_proposals_that_may_fall_on_one_day_are_refused(actor):
    other = {"actor": actor, "round": "second", "date_from": day(3), "date_to": day(5)}
    told = refused(made_up(1), made_up(2, **other))
    assert "made2" in told
    assert "may fall on the same day as made1" in told
    apart = {**other, "date_from": day(4)}
    assert len(record_of(evidence_of(made_up(1), made_up(2, **apart)), day(12)).events) == 2


def test_overlapping_changes_of_one_sides_strikes_are_refused(listed):
    heavier = {"event": "strikes_intensify", "facts": {"value": "1"}, "date_to": day(5)}
    one = made_up(1, **heavier)
    told = refused(*listed(one, made_up(2, **heavier | {"date_from": day(5)})))
    assert "made2" in told
    assert "may fall on the same day as made1" in told
    for other in ({"actor": "ukraine"}, {"date_from": day(6), "date_to": day(7)}):
        both = listed(one, made_up(2, **{**heavier, **other}))
        record = record_of(evidence_of(*both), day(12))
        assert (record.actions["kind"] == Kind.STRIKES).sum() == 2


def test_a_value_that_is_missing_or_out_of_range_is_named(listed):
    plain = {"event": "strikes_intensify", "actor": "ukraine"}
    assert "has no value= in its detail" in refused(*listed(made_up(1, **plain)))
    assert "outside -1..1" in refused(*listed(made_up(1, **plain, facts={"value": "3"})))


@pytest.mark.parametrize(
    ("as_of", "held"),
    [("2025-03-17", []), ("2025-03-18", ["2025-03-18"]), ("2025-04-22", ["2025-03-18"]),
     ("2025-04-23", ["2025-03-18", "2025-04-23"])],
)  # fmt: skip
def test_an_announced_round_is_in_the_record_from_its_day_on(as_of, held):
    last = dt.date.fromisoformat(as_of)
    record = record_of(load_evidence(as_of=last), last)
    marked = np.flatnonzero(record.agenda.calendar & DATED_ROUND)
    assert [record.day(int(number)).isoformat() for number in marked] == held


def test_a_yes_of_the_last_fortnight_waits_for_its_answer_and_an_older_one_does_not():
    evidence = load_evidence(as_of=dt.date(2025, 5, 10))
    late = record_of(evidence, dt.date(2025, 5, 10)).actions
    assert (late["partner"] == PENDING).sum() == 1
    assert late["first_day"][late["partner"] == PENDING].tolist() == [61]
    old = record_of(evidence, dt.date(2025, 5, 24)).actions
    assert not (old["partner"] == PENDING).any()


# ------------------------------------------------------------------ what the mediator moved


def flexibility(record):
    """The lever by day of the record, the first day first."""
    return record.agenda.policies["flexibility"][record.agenda.segment_of_day[1:]]


def test_packages_moved_in_the_record_as_far_as_it_says_and_ahead_as_the_lever_says():
    last = dt.date(2025, 5, 20)
    evidence = load_evidence(as_of=last)
    rows = [row for row in shipped().history(last) if row.lever == "mandate.flexibility"]
    dates = [day(number) for number in range(1, (last - shipped().facts.eve).days + 1)]
    dated = [[row.value for row in rows if row.date <= one][-1] for one in dates]
    assert set(dated) > {0.3}
    assert flexibility(record_of(evidence, last, as_ahead=True)).tolist() == dated
    assert not flexibility(record_of(evidence, last)).any()


def test_a_move_counts_from_its_day_once_it_is_known(monkeypatch):
    nothing = MoveRow(date=day(1), value=0.0, source="assumed")
    late = MoveRow(date=day(11), known=day(16), value=0.4, source="assumed")
    changed = dataclasses.replace(shipped().record, moves=(nothing, late))
    monkeypatch.setattr(shipped(), "record", changed)
    before, after = (flexibility(record_of(load_evidence(as_of=day(n)), day(n))) for n in (15, 16))
    assert not before.any()
    assert after.tolist() == [0.0] * 10 + [0.4] * 6


def test_the_war_before_has_one_set_of_levers():
    record = record_of(load_evidence(as_of=SOON), SOON)
    assert record.before.shape == (1,)
    assert record.before["flexibility"].tolist() == [0.0]
