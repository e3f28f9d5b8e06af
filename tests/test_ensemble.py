"""Ensembles: drawn from what was known, stored as a table, refused when damaged or outdated."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.calibrate.check.synthetic import next_yes
from sim.calibrate.fit import filter_of, make_posterior
from sim.calibrate.prior import draw_prior, make_prior
from sim.cli.run import print_report
from sim.engine.domain import Issue, Side
from sim.engine.records import new_workspace
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import MEMBERS, load_ensemble, save_ensemble
from sim.inputs.made_from import inputs_of
from sim.inputs.parameters import find
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.montecarlo import Plan, collect, stream
from sim.paths import data_dir
from sim.plots.words import caption
from sim.results import Results

DAY = dt.date(2025, 5, 20)
FOLDER = data_dir("calibration") / "ensembles"


@pytest.fixture(scope="module")
def newest():
    return load_ensemble(DAY)


@pytest.fixture
def copy(tmp_path):
    for path in FOLDER.glob(f"{DAY}.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_the_shipped_ensemble_is_what_it_says(newest):
    assert len(newest) == MEMBERS
    assert newest.kind == "posterior"
    assert newest.as_of == DAY
    assert newest.id.startswith("posterior-2025-05-20-")


@pytest.mark.long
@pytest.mark.parametrize("day", shipped().ensemble_days(), ids=str)
def test_a_shipped_ensemble_is_what_its_command_makes(day, tmp_path):
    newest = load_ensemble(day)
    particles, tempering = newest.manifest["particles"], newest.manifest["tempering"]
    again = make_posterior(filter_of(day), particles, folder=tmp_path, tempered=bool(tempering))
    assert again.id == newest.id


@pytest.mark.parametrize("day", shipped().ensemble_days(), ids=str)
def test_every_shipped_ensemble_can_be_trusted_by_its_own_account(day):
    facts = load_ensemble(day).manifest
    assert facts["effective_size"] >= 5000
    assert facts["k"] < 0.5
    assert facts["distinct_parents"] >= 2000
    assert (FOLDER / f"{day}.parquet").stat().st_size < 3_000_000


def test_members_of_the_prior_follow_the_priors():
    members, starts, _ = draw_prior(DAY)
    precision = members["precision"]
    assert np.median(precision) == pytest.approx(30.0, rel=0.03)
    assert np.log(precision).std() == pytest.approx(0.4, rel=0.05)
    belief = starts["kept"] / (starts["kept"] + starts["lapsed"])
    assert belief.mean(0) == pytest.approx([2 / 3] * 3, abs=0.01)
    past = starts["kept"] + starts["lapsed"]
    middle, sd = find(shipped().parameters, "belief_weight").prior.lognormal
    assert np.median(past, axis=0) == pytest.approx([middle] * 3, rel=0.03)
    assert np.log(past).std(axis=0) == pytest.approx([sd] * 3, rel=0.05)
    own = members["mediator_position"]
    assert own.min() >= 0.0
    assert own.max() <= 1.0
    assert own.std(axis=0).min() > 0.05


def test_the_record_lowers_moscows_chance_of_accepting_the_next_package(newest):
    def chance(members, starts):
        first_day = agenda(load_scenario("baseline", DAY)).policies[0]
        found = np.zeros(len(members))
        next_yes(first_day, members, starts, int(Side.R), new_workspace(members), found)
        return found

    before = chance(*draw_prior(DAY)[:2])
    after = chance(newest.members, newest.starts)
    assert after.mean() < 0.5 * before.mean()
    assert np.median(after) < 0.5 * np.median(before)


def test_weights_leave_out_what_is_counted_elsewhere(newest):
    weight = newest.members["weight"]
    assert weight[:, :, :7].sum(2) == pytest.approx(1.0, abs=1e-5)
    assert (weight[:, Side.R, Issue.SANCTIONS] == 0.0).all()
    assert (weight[:, Side.U, Issue.GUARANTEES] == 0.0).all()
    assert (weight[:, :, Issue.TRUCE_TERMS] > 0.0).all()


def test_positions_lie_on_the_scale_and_lines_not_beyond_ideals(newest):
    ideal, line = newest.members["ideal"], newest.members["red_line"]
    for values in (ideal, line):
        assert values.min() >= 0.0
        assert values.max() <= 1.0
    assert (line[:, Side.R] <= ideal[:, Side.R]).all()
    assert (line[:, Side.U] >= ideal[:, Side.U]).all()


def test_more_territory_never_lowers_moscows_utility_nor_less_kyivs(newest):
    """From the lines of February 2022 to today's front, in 95 % of members."""
    ideal = newest.members["ideal"][:, :, Issue.TERRITORY]
    assert (ideal[:, Side.R] >= 0.75).mean() > 0.95
    assert (ideal[:, Side.U] <= 0.5).mean() > 0.95


def test_members_carry_no_order(newest):
    rank = np.arange(MEMBERS)
    for values in (newest.members["precision"], newest.starts["momentum"]):
        assert abs(np.corrcoef(rank, values)[0, 1]) < 0.06


def test_what_was_known_later_changes_no_bit_of_an_earlier_day(tmp_path):
    shutil.copytree(
        shipped().calibration, tmp_path / "calibration", ignore=shutil.ignore_patterns("ensembles")
    )
    before = draw_prior(dt.date(2025, 4, 22), count=256)
    with (tmp_path / "calibration/evidence/statements.csv").open("a", encoding="utf-8") as file:
        file.write(
            "000_57a3f016b7c1aae7,19,2025-04-22,2025-04-23,russia,territory,0.10,demand,"
            "quoted,3,3,,an invented row that was known a day later\n"
        )
    other = Conflict(tmp_path / "calibration", shipped().scenarios)
    after = draw_prior(dt.date(2025, 4, 22), count=256, conflict=other)
    assert before[0].tobytes() == after[0].tobytes()
    assert before[1].tobytes() == after[1].tobytes()
    assert before[2] == after[2]
    later = draw_prior(dt.date(2025, 4, 23), count=256, conflict=other)
    assert later[0].tobytes() != before[0].tobytes()


def test_a_missing_day_names_the_days_there_are():
    with pytest.raises(CalibrationError, match=r"there are: .*2025-05-20.*--as-of 2025-04-01"):
        load_ensemble(dt.date(2025, 4, 1))


def test_a_damaged_table_is_refused_with_the_command_that_renews_it(copy):
    path = copy / f"{DAY}.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CalibrationError, match=r"is damaged.*truce calibrate --as-of 2025-05-20"):
        load_ensemble(DAY, copy)


def test_a_changed_number_is_noticed(copy):
    path = copy / f"{DAY}.parquet"
    table = pq.read_table(path)
    column = table.column_names.index("precision")
    values = table["precision"].to_numpy().copy()
    values[0] += 1.0
    pq.write_table(table.set_column(column, "precision", [values]), path)
    with pytest.raises(CalibrationError, match="does not have the contents"):
        load_ensemble(DAY, copy)


@pytest.mark.parametrize(
    ("name", "words"),
    [("priors", "other priors"), ("evidence", "other evidence"), ("record", "another record"),
     ("source", "another version of the model")],
)  # fmt: skip
def test_changed_inputs_are_noticed_with_the_command_that_renews_it(copy, name, words):
    path = copy / f"{DAY}.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["inputs"][name] = "0" * 16
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(CalibrationError, match=rf"{words}.*truce calibrate --as-of 2025-05-20"):
        load_ensemble(DAY, copy)


def test_a_record_of_other_announced_rounds_is_another_record(monkeypatch):
    known = Conflict.rounds

    def later(conflict, as_of):
        rows = known(conflict, as_of)
        return tuple(row.model_copy(update={"date": row.date + dt.timedelta(1)}) for row in rows)

    before = {day: inputs_of("posterior", day)["record"] for day in (dt.date(2025, 3, 12), DAY)}
    monkeypatch.setattr(Conflict, "rounds", later)
    after = {day: inputs_of("posterior", day)["record"] for day in before}
    assert [before[day] == after[day] for day in before] == [True, False]


@pytest.mark.parametrize("text", ["[]", "null", "{}", "[" * 100_000, "not json"])
def test_a_damaged_manifest_is_refused(copy, text):
    (copy / f"{DAY}.json").write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match="damaged"):
        load_ensemble(DAY, copy)


def test_an_ensemble_cannot_pose_as_that_of_another_day(copy):
    for suffix in ("parquet", "json"):
        (copy / f"{DAY}.{suffix}").rename(copy / f"2025-03-31.{suffix}")
    with pytest.raises(CalibrationError, match="is the ensemble of 2025-05-20"):
        load_ensemble(dt.date(2025, 3, 31), copy)


@pytest.mark.parametrize("day", [dt.date(2025, 3, 9), dt.date(2025, 5, 21), dt.date(9999, 1, 1)])
def test_no_ensemble_is_made_for_a_day_without_a_record(day, tmp_path):
    with pytest.raises(
        CalibrationError, match=r"outside 2025-03-10\.\.2025-05-20|is after 2025-05-20"
    ):
        make_prior(day, folder=tmp_path)


def test_an_unwritable_folder_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(CalibrationError, match="cannot be written"):
        make_prior(DAY, folder=blocked)


def test_an_ensemble_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    as_of = dt.date(2025, 5, 20)
    newest = load_ensemble(as_of)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_ensemble(tmp_path, "prior", as_of, (newest.members, newest.starts), {})
    assert not list(tmp_path.iterdir())


def test_an_ensemble_that_is_too_weak_says_so_in_every_run_and_figure(newest, tmp_path, capsys):
    weak = dataclasses.replace(
        newest, manifest={**newest.manifest, "effective_size": 2331.4, "k": 0.62}
    )
    assert newest.doubt == ""
    assert "worth 2,331 independent pasts (5,000 are wanted)" in weak.doubt
    assert "tail index k of their weights is 0.62 (below 0.5 is wanted)" in weak.doubt
    scenario = load_scenario("baseline")
    plan = Plan(scenario, weak, 64, 1, None)
    results = collect(plan, stream(plan, 1), keep=True)
    assert weak.doubt in caption(results)
    again = Results.open(results.save(tmp_path))
    assert again.ensemble_doubt == weak.doubt
    print_report(scenario, again.as_dict(), tmp_path)
    assert f"Beware: {weak.doubt}." in capsys.readouterr().out
    strong = collect(Plan(scenario, newest, 64, 1, None), stream(plan, 1), keep=True)
    assert "doubt" not in strong.as_dict()["ensemble"]
    assert "trusted" not in caption(strong)
