"""Whose model: weighed members, verdicts in four parts, and what is kept of them."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sim
from sim.analysts.analyst import Analyst
from sim.attribution.views.ask import views
from sim.attribution.views.sample import Sample, pooled
from sim.attribution.views.verdict import FAR_WORSE, Verdict, Vote
from sim.attribution.views.weigh import members_for, shares_of
from sim.cli import app
from sim.errors import CalibrationError, ScenarioError
from sim.estimates import estimate
from sim.experiments.differences import QUANTITIES, Difference
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble, save_ensemble
from sim.inputs.parameters import find
from sim.inputs.views import TENTH, Belief, View
from tests.helpers.changed import changed

WORLDS = 4096
PAIR = ["baseline", "joint-ultimatum"]


def analyst(name: str, **beliefs: tuple[float, float]) -> Analyst:
    """Somebody whose beliefs have a centre and a width in standard deviations of the prior."""
    found = {}
    for number, (centre, width) in beliefs.items():
        row = find(shipped().parameters, number.replace("__", "."))
        ends = row.from_scores(centre + width * np.array([-TENTH, 0.0, TENTH]))
        found[row.name] = Belief.of(row, *ends.tolist())
    seen = View(name, "analyst", f"--analyst {name}.toml", beliefs=found)
    return Analyst(name, name.title(), Path(f"{name}.toml"), seen, ())


HAWK = analyst("hawk", resolve__r=(1.0, 1.0))
DOVE = analyst("dove", resolve__r=(-1.0, 1.0), precision=(0.5, 1.0))
SAME = analyst("same")


@pytest.fixture(scope="module")
def found():
    return views(PAIR, [SAME, HAWK, DOVE], True, worlds=WORLDS)


# ------------------------------------------------------------------ weighed members


def sample_of(shares, seed=1, members=64):
    rng = np.random.default_rng(seed)
    worlds = np.full(members, 8)
    hits = rng.binomial(8, rng.beta(1, 4, members))
    gained, lost = rng.binomial(4, 0.4, members), rng.binomial(4, 0.2, members)
    both = {name: np.array([hits, hits]) for name in QUANTITIES}
    one = (dict.fromkeys(QUANTITIES, each[np.newaxis]) for each in (gained, lost))
    return Sample(worlds, both, *one, np.asarray(shares, float))


def test_whole_weights_are_members_that_are_there_so_often():
    times = np.tile([1, 2, 0, 3], 16)
    few, many = sample_of(times), sample_of(np.ones(64))
    again = np.repeat(np.arange(64), times)
    counts = many.hits["held"][0][again], many.worlds[again]
    assert few.odds("held", 0).mean == pytest.approx(estimate(*counts, 4096).mean)
    members = few.odds("held", 0).ensemble
    assert members == pytest.approx(estimate(*counts, 4096).ensemble, abs=0.03)
    change = (many.gained["held"][0] - many.lost["held"][0])[again].sum() / (8 * len(again))
    assert few.difference("held", 0).mean == pytest.approx(change)


def test_the_error_of_weighed_members_is_that_of_other_members_drawn():
    """Over many draws of members the 95 % interval holds the truth as often as it says."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(400):
        odds = rng.beta(1, 4, 200)
        ratio = np.exp(2.0 * odds)  # the weights go with the odds
        hits, worlds = rng.binomial(4, odds), np.full(200, 4)
        both = {"held": hits[np.newaxis]}
        none = {"held": np.zeros((0, 200), np.int64)}
        low, high = Sample(worlds, both, none, none, ratio).odds("held", 0).mc
        inside += low <= _TRUTH <= high
    assert 0.91 <= inside / 400 <= 0.98


_POINTS = (np.arange(20_000) + 0.5) / 20_000
_ODDS = 1.0 - (1.0 - _POINTS) ** 0.25  # the quantiles of a beta(1, 4)
_TRUTH = float(np.average(_ODDS, weights=np.exp(2.0 * _ODDS)))


def test_a_pool_is_the_mixture_of_its_analysts():
    one, two = sample_of(np.ones(64)), sample_of(np.arange(64.0))
    both = [pooled([(first, one), (second, two)], [3.0, 1.0]) for first, second in ("aa", "ab")]
    means = [each.odds("held", 0).mean for each in (one, two)]
    for each in both:
        assert each.odds("held", 0).mean == pytest.approx(0.75 * means[0] + 0.25 * means[1])
    assert [len(each.worlds) for each in both] == [64, 128]


def test_k_and_effective_size_of_weights():
    alike = shares_of(np.zeros(4096))
    assert (alike.effective, alike.k, alike.trusted) == (pytest.approx(4096.0), -np.inf, True)
    heavy = shares_of(3.0 * np.random.default_rng(1).standard_normal(4096))
    assert heavy.k > 0.7
    assert not heavy.trusted


# ------------------------------------------------------------------ whose model


def test_the_model_is_the_model_and_who_changes_nothing_sees_as_it_does(found):
    compared = sim.compare(PAIR, worlds=WORLDS)
    for quantity in QUANTITIES:
        assert list(found.model.odds[quantity]) == compared.odds(quantity)
        assert found.model.differences[quantity] == compared.differences[quantity]
    same = found.seen[1]
    assert (same.name, same.odds, same.differences) == (
        "same",
        found.model.odds,
        found.model.differences,
    )


def test_a_moscow_that_minds_the_war_less_makes_fewer_truces(found):
    odds = {one.name: one.odds["held"][0].mean for one in found.seen}
    assert odds["hawk"] < odds["model"] - 0.02
    assert odds["dove"] > odds["model"] + 0.02
    assert odds["hawk"] < odds["pool"] < odds["dove"]
    sizes = [one.effective for one in found.seen if one.name in ("hawk", "dove")]
    assert all(1500.0 < size < 3500.0 for size in sizes)


def test_two_who_differ_in_one_number_disagree_by_it_alone(found):
    by_pair = {one.analysts: one for one in found.disagreements}
    alone = by_pair["same", "hawk"]
    odds = {one.name: one.odds["held"][0].mean for one in found.seen}
    assert alone.number == "resolve.r"
    assert alone.believed == (None, HAWK.view.beliefs["resolve.r"].deciding)
    assert alone.change == pytest.approx(alone.total, abs=1e-12)
    assert alone.total == pytest.approx(odds["hawk"] - odds["same"], abs=1e-9)
    assert by_pair["hawk", "dove"].number == "resolve.r"
    assert by_pair["hawk", "dove"].change > 0.0


def test_variants_are_run_with_members_of_their_own(found):
    variants = found.of_kind("variant")
    assert len(variants) >= 5
    assert len({one.ensemble for one in variants}) == len(variants)
    assert found.model.ensemble not in {one.ensemble for one in variants}
    assert all(abs(found.nats(one)) < FAR_WORSE for one in variants)
    assert found.verdict(0).variants is not None


def test_pools_have_the_weights_that_are_stated():
    one = views("baseline", [HAWK, DOVE], pool=[3, 1], worlds=WORLDS)
    assert one.pool == {"hawk": 0.75, "dove": 0.25}
    odds = {seen.name: seen.odds["held"][0].mean for seen in one.seen}
    assert odds["pool"] == pytest.approx(0.75 * odds["hawk"] + 0.25 * odds["dove"], abs=1e-9)
    for pool in ([1.0], [1.0, -1.0], [0.0, 0.0]):
        with pytest.raises(ScenarioError, match="pool"):
            views("baseline", [HAWK, DOVE], pool=pool, worlds=WORLDS)


def test_who_lies_too_far_is_refused_with_the_command_that_calibrates():
    far = analyst("far", resolve__r=(3.0, 0.3), attack_fear=(0.5, 1.0))
    with pytest.raises(CalibrationError) as caught:
        views("baseline", [far], worlds=WORLDS)
    assert "resolve.r moves them most" in caught.value.what
    assert "truce calibrate --as-of 2025-05-20 --analyst far.toml" in caught.value.todo
    gone = analyst("gone", belief_mean__us=(0.5, 1.0))
    with pytest.raises(CalibrationError, match=r"belief_mean\.us.*truce calibrate"):
        views("baseline", [gone], worlds=WORLDS)


def test_own_members_go_first_if_they_are_good_and_count_only_if_they_will_do(tmp_path):
    model = load_ensemble(shipped().newest_day())
    parts = (model.members, model.starts)
    far = analyst("far", resolve__r=(3.0, 0.3))
    for who, size, own in ((HAWK, 6000, True), (HAWK, 600, False), (far, 600, True)):
        notes = {"effective_size": size, "k": 0.1}
        save_ensemble(tmp_path, "posterior", model.as_of, parts, notes, view=who.view)
        found = members_for(who.view, model, shipped(), tmp_path)
        assert (found.ratios is None) is own
        assert found.shares.effective == size or not own
    notes = {"effective_size": 260, "k": 0.1}
    save_ensemble(tmp_path, "posterior", model.as_of, parts, notes, view=far.view)
    with pytest.raises(CalibrationError, match=r"Its own ensemble is too weak.*--temper"):
        members_for(far.view, model, shipped(), tmp_path)


def test_who_believe_the_same_disagree_by_nothing():
    twin = dataclasses.replace(HAWK, name="twin")
    assert views("baseline", [HAWK, twin], worlds=256).disagreements == ()


def test_options_are_checked_before_any_world_is_run(tmp_path):
    for words in (("--pool", "1,2"), ("--analyst", "nosuch.toml")):
        done = CliRunner().invoke(app, ["run", "baseline", *words, "--out", str(tmp_path)])
        assert done.exit_code != 0
        assert not [*tmp_path.iterdir()]


def test_two_sheets_of_one_name_and_unknown_variants_are_refused():
    with pytest.raises(CalibrationError, match="two sheets have the name hawk"):
        views("baseline", [HAWK, HAWK], worlds=WORLDS)
    with pytest.raises(CalibrationError, match="there is no variant nosuch"):
        views("baseline", variants=["nosuch"], worlds=WORLDS)


# ------------------------------------------------------------------ verdicts


AHEAD = Difference(0.02, (0.01, 0.03), (-0.01, 0.05), 0.8, 0.1, 0.03, 0.01, 1, 2, 100)
YES = [Vote("analyst", "anna", "ahead"), Vote("variant", "known", "ahead")]


@pytest.mark.parametrize(
    ("change", "votes", "why"),
    [
        (changed(AHEAD, mc=(-0.01, 0.03)), YES, "the difference is within the dice"),
        (changed(AHEAD, members_ahead=0.4), YES, "the median member"),
        (AHEAD, [Vote("analyst", "boris", "behind"), YES[1]], "the sign is reversed for boris"),
        (AHEAD, [YES[0], Vote("variant", "known", "tied")], "no sign is seen for known"),
        (AHEAD, YES[:1], "no variant of the model was asked"),
    ],
)
def test_each_of_the_four_parts_can_deny_that_it_is_robust(change, votes, why):
    verdict = Verdict.of(change, votes)
    assert not verdict.robust
    assert why in verdict.why_not
    assert verdict.word == change.verdict != "robust"
    assert "not robust" in verdict.said


def test_robust_is_said_if_all_four_hold_with_the_members_that_object():
    verdict = Verdict.of(AHEAD, YES)
    assert (verdict.robust, verdict.word, verdict.why_not) == (True, "robust", "")
    assert verdict.said == "ahead and robust in sign, though 10 of 100 members have the other sign"
    assert Verdict.of(AHEAD, YES[1:]).analysts is None  # nobody was asked, nobody objects
    assert Verdict.of(AHEAD, YES[1:]).robust
    behind = changed(AHEAD, mean=-0.02, mc=(-0.03, -0.01), members_ahead=0.1, members_behind=0.8)
    assert not Verdict.of(behind, YES).robust


def test_a_variant_against_which_the_record_speaks_has_no_vote(found):
    turned = {name: tuple(changed(one, mean=-0.1, mc=(-0.11, -0.09)) for one in each)
              for name, each in found.model.differences.items()}  # fmt: skip
    own, worst = found.model.log_evidence, found.of_kind("variant")[0]
    for worse, counts in ((2.9, True), (3.1, False)):
        one = changed(worst, log_evidence=own - worse, differences=turned)
        seen = (found.model, one)
        other = dataclasses.replace(found, seen=seen)
        assert other.has_vote(one) is counts
        assert (other.verdict(0).turns == (one.name,)) is counts


# ------------------------------------------------------------------ kept and told


def test_what_is_saved_comes_back_whole(found, tmp_path):
    again = sim.open(found.save(tmp_path))
    assert again.as_dict() == found.as_dict()
    assert again.id == found.id
    assert again.verdict(0) == found.verdict(0)
    rows = found.table()
    assert len(rows) == 2 * 3 * len(found.seen)
    assert set(rows["kind"]) == {"model", "analyst", "pool", "variant"}


def test_run_and_compare_print_the_others_and_their_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheet = tmp_path / "anna.toml"
    sheet.write_text(
        'schema = "truce/analyst/1"\nname = "anna"\ntitle = "Anna"\n\n[[number]]\n'
        'name = "resolve.r"\nlow = -0.05\nhigh = 0.35\nmiddle = 0.15\nwhy = ""\n',
        encoding="utf-8",
    )
    options = ["--worlds", "1024", "--analyst", "anna.toml", "--variants"]
    told = CliRunner().invoke(app, ["compare", *PAIR, *options])
    assert told.exit_code == 0, told.output
    assert "analyst anna: Anna" in told.output
    assert "joint-ultimatum against baseline: " in told.output
    asked = CliRunner().invoke(app, ["run", "baseline", *options, "--json"])
    document = json.loads(asked.stdout)
    assert document["views"]["schema"] == "truce/views/1"
    assert document["views"]["command"].endswith("--analyst anna.toml --variants")
    assert sim.open("last-views").as_dict() == document["views"]
    brief = CliRunner().invoke(app, ["brief", "last-comparison", *options[2:], "--out", "b"])
    assert brief.exit_code == 0, brief.output
    page = re.sub("<[^>]*>", "", (tmp_path / "b" / "brief.html").read_text(encoding="utf-8"))
    (line,) = [
        line for line in told.output.split("\n") if line.startswith("joint-ultimatum against")
    ]
    said = line.removeprefix("joint-ultimatum against baseline: ").split(".")[0]
    assert "Whose model" in page
    assert f"Joint ultimatum is {said}" in page
    assert said in page.rsplit("Whose model", 1)[1]


def test_the_figure_has_the_model_on_top_and_a_row_each(found):
    texts = [text.get_text() for text in sim.plots.views(found).findobj(_is_text)]
    names = ["The model as it ships", "Analyst: Same", "Analyst: Hawk"]
    assert [text for text in texts if text in names] == names
    assert any(found.verdict(0).said.split(",")[0] in text.replace("\n", " ") for text in texts)


def _is_text(artist):
    return hasattr(artist, "get_text")
