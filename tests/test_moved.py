"""Levers moved for all days, many points at once, and numbers of the members that are otherwise."""

import shutil

import numpy as np
import pytest

import sim
from sim.engine.domain import SIDE_SIGN, VALUED
from sim.engine.records import POLICY
from sim.experiments.axes import axes_of
from sim.experiments.moved import along, moved
from sim.experiments.otherwise import numbers_to_move
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ends import lever_ends
from sim.inputs.ensemble import columns_of, load_ensemble
from sim.inputs.levers import LEVERS
from sim.inputs.reactive import agenda

VARY = {
    "offer.territory": (0.5, 1.0),
    "concede.nato": [True, False],
    "sanctions.deadline_days": (7, 90),
    "offer.recognition": ["deferred", 0.5, 1.0],
    "sanctions.us_follow_through": ["kept", "broken", "drawn"],
}


@pytest.fixture(scope="module")
def ultimatum():
    return sim.load_scenario("joint-ultimatum")


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    path = tmp_path_factory.mktemp("later") / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[[changes]]\nday = 20\nlever = "sanctions.us_threat"\nvalue = 0.9\n'
        '[[changes]]\nday = 40\nlever = "offer.territory"\nvalue = 0.8\n',
        encoding="utf-8",
    )
    return sim.load_scenario(path)


def records_on(agendas, number):
    """The policy of each day from the first on."""
    return agendas.policies[agendas.segments[agendas.first_row[number]]][1:]


def assert_alike(one, two):
    for name in POLICY.names:
        assert one[name] == pytest.approx(two[name], abs=1e-11), name


def test_points_along_axes_are_the_scenario_with_these_levers(ultimatum):
    axes = axes_of(VARY, "sobol")
    shares = np.random.default_rng(1).random((60, len(axes)))
    agendas = along(ultimatum, axes, shares)
    for n, row in enumerate(shares):
        levers = {axis.lever: axis.at(share) for axis, share in zip(axes, row, strict=True)}
        plain = agenda(ultimatum.with_levers(levers)).alone
        assert_alike(records_on(agendas, n), records_on(plain, 0))


def test_a_lever_that_is_moved_stays_there_and_others_keep_their_changes(later):
    agendas = moved(later, [{}, {"sanctions.us_threat": 0.4}])
    plain, threat = (records_on(agendas, n) for n in range(2))
    assert_alike(plain, records_on(agenda(later).alone, 0))
    assert (threat["threat"][:, 0] == 0.4).all()
    assert (threat["offer"] == plain["offer"]).all()
    assert (threat["named"] == plain["named"]).all()
    points = along(later, axes_of({"sanctions.us_threat": (0.0, 0.8)}, "sobol"), np.array([[0.5]]))
    assert_alike(records_on(points, 0), threat)


def test_every_lever_has_two_ends_that_differ(ultimatum):
    ends = lever_ends(ultimatum.conflict)
    assert list(ends) == list(LEVERS)
    assert all(low != high for low, high in ends.values())


def ends_file(*rows):
    text = 'schema = "truce/ends/1"\n'
    for name, low, high in rows:
        text += f'[[lever]]\nname = "{name}"\nlow = {low}\nhigh = {high}\nwhy = "so"\n'
    return text


@pytest.fixture
def copied(tmp_path):
    """A copy of the shipped data, without ensembles."""
    for source in shipped().folders:
        leave = shutil.ignore_patterns("ensembles")
        shutil.copytree(source, tmp_path / source.name, ignore=leave)
    return tmp_path


def test_ends_come_from_the_file_and_else_are_all_that_a_lever_takes(copied):
    path = copied / "calibration" / "ends.toml"
    path.write_text(ends_file(("aid.level", 0.5, 1.0)), encoding="utf-8")
    found = lever_ends(Conflict(copied))
    assert found["aid.level"] == (0.5, 1.0)
    path.unlink()
    assert lever_ends(Conflict(copied)) == {
        **found,
        "aid.level": (0.0, 2.0),
        "concede.nato": (False, True),
        "sanctions.us_follow_through": ("drawn", "broken"),
        "sanctions.deadline_days": (1.0, 365.0),
    }


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("aid.levle", 0, 1)], r"^ends.toml: there is no lever 'aid.levle'. Did you mean aid.lev"),
        ([("aid.level", 0, 5)], r"^ends.toml.aid.level: 5 is outside 0..2"),
        ([("aid.level", 1, 1.0)], r"^ends.toml: aid.level: has one end twice"),
        ([("aid.level", 1, 0)], r"^ends.toml: aid.level: 1 is above 0"),
        ([("aid.level", 0, 1), ("aid.level", 0, 2)], r"^ends.toml: aid.level: is given twice"),
        ([("sanctions.us_follow_through", '"kept"', '"borken"')], r"through: 'borken' is none"),
        ([("concede.nato", "true", 0)], r"^ends.toml.concede.nato: 0 is neither"),
    ],
)
def test_ends_that_cannot_be_used_are_told(copied, rows, says):
    path = copied / "calibration" / "ends.toml"
    path.write_text(ends_file(*rows), encoding="utf-8")
    with pytest.raises(sim.errors.CalibrationError, match=says):
        lever_ends(Conflict(copied))


# ------------------------------------------------------------------ members that are otherwise


def test_a_number_that_is_otherwise_is_so_for_all_and_the_rest_goes_with_it(ultimatum):
    ensemble = load_ensemble(ultimatum.as_of)
    blocs = ultimatum.conflict.bloc_ids
    before = columns_of(ensemble.members, ensemble.starts, blocs)
    moves = numbers_to_move(ensemble.members, ensemble.starts, blocs)
    assert len(moves) > 100
    for low, high in moves:
        values = before[low.name]
        assert low.value == pytest.approx(np.quantile(values, 0.1))
        assert high.value == pytest.approx(np.quantile(values, 0.9))
        members, starts = high.applied(ensemble.members, ensemble.starts)
        after = columns_of(members, starts, blocs)
        changed = {name for name in before if not np.array_equal(before[name], after[name])}
        assert (after[low.name] == high.value).all()
        kin = low.name.split(".")[0] in ("weight", "ideal", "red_line")
        assert changed == {low.name} or kin
        if low.field == "weight":
            assert members["weight"][:, :, :VALUED].sum(axis=2) == pytest.approx(1.0, abs=1e-6)
        if kin and low.field != "weight":
            apart = SIDE_SIGN[:, np.newaxis] * (members["ideal"] - members["red_line"])
            assert (apart >= 0.0).all()
    again = columns_of(ensemble.members, ensemble.starts, blocs)
    assert all(np.array_equal(before[name], again[name]) for name in before)
