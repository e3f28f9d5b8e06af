"""What `sim.optimise` and `truce optimise` take, refuse, tell, keep and resume."""

import datetime
import json
import shlex

import pytest

import sim
from sim.attribution.optimise.aims import aims_of
from sim.attribution.optimise.costs import costs_of, template
from sim.attribution.optimise.packages import Space
from sim.experiments import cluster
from sim.experiments.axes import Axis
from sim.inputs.conflict import shipped
from sim.store import KINDS
from tests.helpers.command import truce
from tests.helpers.studies import Stop

CONFLICT = shipped()
R, U = CONFLICT.side_ids
US = CONFLICT.mediator.id
VARY = {
    "aid.level": (0.0, 2.0),
    "offer.territory": (0.5, 1.0),
    "concede.recognition": [False, True],
}
SMALL = {"worlds": 512, "points": 48}
COSTS = {
    "schema": "truce/costs/1",
    "unit": "points",
    "cost": {US: {"aid.level": 2.0}, U: {"offer.territory": {"each": 3.0, "deferred": 1.0}}},
}


@pytest.fixture(scope="module")
def found():
    return sim.optimise("baseline", VARY, costs=COSTS, **SMALL)


def test_what_is_told_fits_the_scenario_as_it_stands(found):
    base = found.base
    assert base.levers == {}
    assert base.difference.mean == 0.0
    assert all(worth.mean == 0.0 for worth in base.worth.values())
    assert all(paid == 0.0 for paid in base.cost.values())
    best = found.best
    assert best.qualifies
    assert best in found.front
    assert all(worth.mean >= 0.0 for worth in best.worth.values())  # the default conditions
    assert best.odds.mean > base.odds.mean
    assert found.screened > 48
    alone = found.best_of_few[1]
    assert len(alone.levers) <= 1


def test_a_package_is_the_scenario_with_its_levers_set(found):
    best = found.best
    again = sim.load_scenario("baseline").with_levers(dict(best.levers))
    legs = 32 + 64 + 128  # worlds of the legs before the last
    run = sim.run(again, worlds=legs + 512)
    held = (run.worlds["outcome"] == "held")[legs:]
    assert held.mean() == best.odds.mean


def test_costs_are_counted_from_where_levers_stand(found):
    for one in found.packages:
        aid = one.levers.get("aid.level", 1.0) - 1.0
        territory = (
            3.0 * one.levers["offer.territory"] - 1.0 if "offer.territory" in one.levers else 0
        )
        assert one.cost[US] == pytest.approx(2.0 * aid)
        assert one.cost[U] == pytest.approx(territory)  # it stands deferred, which costs 1
    assert found.unit == "points"


def test_the_document_is_as_the_interface_says(found):
    document = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert document["schema"] == "truce/optimise/1"
    assert {"levers", "held", "worth", "tied_with_best"} <= set(document["front"][0])
    assert document["best"]["held"]["mean"] == found.best.odds.mean
    assert document["fresh_worlds"] == 512
    assert document["reached"] is None
    low, high = document["regret"]
    assert low <= high
    table = found.table()
    assert len(table) == len(document["packages"])
    assert {"mean", "change", f"worth.{U}", f"cost.{US}", "behind", "best"} <= set(table.columns)
    assert table["best"].sum() == 1


def test_it_is_saved_and_opened(found, tmp_path):
    folder = found.save(tmp_path)
    assert (folder / "packages.parquet").exists()
    again = sim.open(folder)
    assert again.as_dict() == found.as_dict()
    assert again.aims == found.aims
    assert again.id == found.id
    assert repr(again) == repr(found)


def test_any_number_of_workers_finds_the_same(found):
    other = sim.optimise("baseline", VARY, costs=COSTS, workers=3, **SMALL)
    assert other.as_dict() == found.as_dict()


def test_the_line_that_makes_it_again_does(found):
    *_, line = shlex.split(found.command)
    call = line.split("print(", 1)[1].rsplit(")", 1)[0]
    again = eval(call, {"sim": sim, "datetime": datetime})
    assert again.id == found.id
    assert again.as_dict()["packages"] == found.as_dict()["packages"]


def test_work_that_was_stopped_goes_on(found, tmp_path):
    given = {"costs": COSTS, "kept": tmp_path / "kept", **SMALL}
    with pytest.raises(KeyboardInterrupt):
        sim.optimise("baseline", VARY, progress=Stop(10_000), **given)
    assert list((tmp_path / "kept").iterdir())
    assert sim.optimise("baseline", VARY, **given).as_dict() == found.as_dict()
    assert not (tmp_path / "kept").exists()


def test_reach_says_whether_it_can_and_how_close(found):
    reached = sim.optimise("baseline", VARY, reach="held>=.12", costs=COSTS, **SMALL)
    assert reached.reached
    assert reached.aims.primary == "cost"
    assert reached.best.odds.mean >= 0.12
    never = sim.optimise("baseline", VARY, reach="held>=.9", **SMALL)
    assert never.reached is False
    assert never.best is None
    document = never.as_dict()
    assert document["best"] is None
    assert document["regret"] is None
    assert document["closest"]["held"]["mean"] > 0.1
    assert "no package" in repr(never)


@pytest.mark.parametrize("robust", ["worst-quarter", "regret"])
def test_robust_forms_are_told(robust):
    found = sim.optimise(
        "baseline", {"aid.level": (0.0, 2.0)}, robust=robust, worlds=2048, points=32
    )
    assert found.aims.primary == "aim"
    sign = 1.0 if robust == "worst-quarter" else -1.0
    assert all(-1e-9 <= sign * one.aim <= 1.0 for one in found.packages)
    if robust == "worst-quarter":
        assert all(one.aim <= one.odds.mean + 1e-9 for one in found.packages)


def test_numbers_of_blocks_can_be_varied():
    vary = {"when.1.within": (5, 30), "aid.level": (0.0, 2.0)}
    found = sim.optimise("ultimatum-if-rejected", vary, where="none", **SMALL)
    moved = {name for one in found.packages for name in one.levers}
    assert "when.1.within" in moved


# ------------------------------------------------------------------ what is wanted


def test_the_price_is_compulsory_unless_it_is_taken_away():
    plain = aims_of({}, CONFLICT, ())
    assert [str(one) for one in plain.where] == [f"worth_{R}>=0", f"worth_{U}>=0"]
    assert plain.objectives == ("held", f"worth_{R}", f"worth_{U}")
    assert aims_of({"where": "none"}, CONFLICT, ()).where == ()
    assert aims_of({"where": []}, CONFLICT, ()).where == ()
    own = aims_of({"where": [f"worth_{U}>=0.01"], "objective": "agreed"}, CONFLICT, ())
    assert [str(one) for one in own.where] == [f"worth_{U}>=0.01"]
    assert own.outcome == "agreed"
    assert aims_of({}, CONFLICT, (US,)).objectives[-1] == "cost"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"objective": "help"}, "Did you mean held?"),
        ({"objective": "held,agreed"}, "one outcome"),
        ({"objective": "held,held"}, "twice"),
        ({"objective": "cost"}, "--costs FILE"),
        ({"robust": "best"}, "worst-quarter"),
        ({"where": "worth_nobody>=0"}, "cannot be bounded"),
        ({"where": "held"}, "no condition"),
        ({"where": "held>=35"}, "Did you mean held>=35%?"),
        ({"where": "held>=0"}, "every package"),
        ({"reach": "held>1"}, "nothing can meet it"),
        ({"reach": "held>=x"}, "is no number"),
    ],
)
def test_what_cannot_be_wanted_is_refused(given, words):
    with pytest.raises(sim.ScenarioError, match=words.replace("?", r"\?")):
        aims_of(given, CONFLICT, ())


def test_too_many_levers_and_none_are_refused(monkeypatch):
    scenario = sim.load_scenario("baseline")
    axes = [Axis(f"offer.x{n}", 0.0, 1.0) for n in range(13)]
    with pytest.raises(sim.ScenarioError, match="13 levers are varied"):
        Space.of(scenario, axes)
    with pytest.raises(sim.ScenarioError, match="nothing is varied"):
        sim.optimise(scenario, {})
    with pytest.raises(sim.ScenarioError, match="no number of values"):
        sim.optimise(scenario, {"aid.level": (0.0, 2.0, 11)})
    with pytest.raises(sim.ScenarioError, match="most_levers"):
        sim.optimise(scenario, VARY, most_levers=4)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    with pytest.raises(sim.ScenarioError, match="no scheduler answers"):
        sim.optimise(scenario, VARY, cluster="tcp://127.0.0.1:9", **SMALL)
    with pytest.raises(TypeError, match="there is no argument 'wherever'"):
        sim.optimise(scenario, VARY, wherever=1)


# ------------------------------------------------------------------ costs


def test_all_that_is_wrong_with_costs_is_told_at_once(tmp_path):
    file = tmp_path / "costs.toml"
    file.write_text(
        'schema = "truce/costs/2"\nmore = 1\n[cost.nobody]\n"aid.level" = 1\n'
        f'[cost.{US}]\n"aid.levle" = 1\n"aid.level" = "dear"\n'
        '"offer.territory" = { each = 1, never = 2 }\n"concede.nato" = true\n',
        encoding="utf-8",
    )
    with pytest.raises(sim.ScenarioError) as caught:
        costs_of(file, CONFLICT)
    lines = "\n".join(caught.value.lines)
    for word in (
        "truce/costs/2",
        "'more'",
        "unit",
        "nobody",
        "aid.level?",
        "'dear'",
        "never",
        "True",
    ):
        assert word in lines
    assert lines.count("\n") == 8
    with pytest.raises(sim.ScenarioError, match="nothing has a cost"):
        costs_of({"schema": "truce/costs/1", "unit": "votes", "cost": {US: {}}}, CONFLICT)
    with pytest.raises(sim.ScenarioError, match="is not a file"):
        costs_of(tmp_path / "none.toml", CONFLICT)


def test_the_template_can_be_filled_in_line_by_line(tmp_path):
    text = template(sim.load_scenario("baseline"))
    assert text.count('# "aid.level" = 0.0') == 1
    for payer in (US, R, U):
        assert f"[cost.{payer}]" in text
    file = tmp_path / "costs.toml"
    file.write_text(text.replace('# "aid.level" = 0.0', '"aid.level" = 4.5'), encoding="utf-8")
    costs = costs_of(file, CONFLICT)
    assert costs.payers == (US,)
    assert costs.of(US, "aid.level", 2.0) == 9.0
    assert costs.of(US, "concede.nato", True) == 0.0
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith('# "') else line for line in text.splitlines()
    )
    file.write_text(uncommented, encoding="utf-8")
    assert "aid.level" in costs_of(file, CONFLICT).paid[US]  # every line of it can be used


def test_a_switch_costs_when_it_is_on():
    document = {
        **COSTS,
        "cost": {U: {"concede.recognition": 5, "sanctions.us_follow_through": {"kept": 2}}},
    }
    costs = costs_of(document, CONFLICT)
    assert costs.of(U, "concede.recognition", True) == 5.0
    assert costs.of(U, "concede.recognition", False) == 0.0
    assert costs.of(U, "sanctions.us_follow_through", "kept") == 2.0
    assert costs.of(U, "sanctions.us_follow_through", "drawn") == 0.0


# ------------------------------------------------------------------ the command

COMMAND = ("optimise", "baseline", "--vary", "aid.level=0:2", "--vary", "offer.territory=0.5:1")
FEW = ("--worlds", "512", "--points", "48")


def test_the_command_tells_price_best_and_few(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = truce(*COMMAND, *FEW).stdout
    for words in (
        f"Best package that meets worth_{R}>=0 and worth_{U}>=0",
        "As the levers stand:",
        "points on average.",
        "as it stands",
        "Front: no other package is clearly better",
        "Files: outputs/optimised/",
    ):
        assert words in out
    folder = tmp_path / out.rsplit("Files: ", 1)[1].strip()
    kind = KINDS["optimise"]
    assert {"optimise.png", "optimise.svg", kind.document} <= {p.name for p in folder.iterdir()}
    command = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["command"]
    assert command.startswith("truce optimise baseline")
    assert f"worth_{U}>=0" in command


def test_the_command_says_how_close_it_came(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = truce(*COMMAND, *FEW, "--reach", "held>=.8").stdout
    assert "No package meets held>=0.8; the closest is" in out
    assert "behind the best" not in out.split("Change:")[0]


def test_the_command_prints_json_a_template_and_errors(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = json.loads(truce(*COMMAND, *FEW, "--json", "--where", "none").stdout)
    assert document["schema"] == "truce/optimise/1"
    assert document["best"]
    assert 'schema = "truce/costs/1"' in truce("optimise", "--template").stdout
    for words, said in (
        (("optimise", "baseline"), "nothing is varied"),
        ((*COMMAND, "--objective", "hold"), "Did you mean held?"),
        ((*COMMAND, "--points", "3"), "32..4096"),
        ((*COMMAND, "--set", "aid.level=1"), "is set for the scenario, too"),
    ):
        failed = truce(*words)
        assert failed.returncode == 2
        assert said in failed.stderr
