"""The worst move against a scenario: what is tried, what is found, what is claimed, bad input."""

import json

import numpy as np
import pytest

import sim
from sim.attribution.redteam import ask
from sim.attribution.redteam.moves import KINDS, candidates_of, days_of
from sim.attribution.redteam.search import Found, Legs, search
from sim.engine.cases import consecutive
from sim.engine.domain import NONE, Outcome, Side
from sim.estimates import Odds
from sim.experiments.kernel import ENDED, Grid
from sim.inputs.blocks import Move
from sim.store import KINDS as KINDS_OF_RESULTS
from tests.helpers.command import truce
from tests.helpers.grids import HELD
from tests.helpers.studies import Stop

WORLDS, MEMBERS, TOY_WORLDS = 512, 256, 4096


@pytest.fixture(scope="module")
def ultimatum():
    return sim.redteam("joint-ultimatum", worlds=WORLDS)


@pytest.fixture(scope="module")
def candidates():
    return candidates_of(sim.load_scenario("baseline")).candidates


# ------------------------------------------------------------------ a toy


def toy(takes, gains, seed, shared=0.9):
    """Worlds in which candidates take from the odds and add to worths, by number.

    In the other worlds than the share that is ``shared`` a move has luck of its own, so that moves
    without any effect differ by chance.
    """
    odds = np.random.default_rng(seed).beta(2.0, 4.0, MEMBERS)

    def runs(numbers, first, worlds):
        member = consecutive(first, worlds, MEMBERS)["member"]
        rng = np.random.default_rng((seed, first))
        common, apart = rng.random(worlds), rng.random(worlds) > shared
        ended = np.zeros((1 + len(numbers), worlds), ENDED)
        for n, number in enumerate([NONE, *numbers]):
            own = np.random.default_rng((seed, first, number + 1))
            luck = np.where(apart, own.random(worlds), common)
            held = luck < odds[member] - takes.get(number, 0.0)
            ended["outcome"][n] = np.where(held, Outcome.HELD, Outcome.NO_TRUCE)
            noise = np.where(apart, own.normal(0.0, 0.3, worlds), 0.0)
            ended["worth"][n] = noise[:, np.newaxis] + gains.get(number, 0.0)
        return Grid(ended, member, first)

    return runs


def found_in(toy_runs, candidates, worlds=TOY_WORLDS):
    return search(toy_runs, candidates, HELD, worlds, MEMBERS)


def of(candidates, actor, move, day):
    return [(one.actor, one.move, one.day) for one in candidates].index((actor, move, day))


def test_a_planted_exploit_is_found_with_its_size(candidates):
    planted = of(candidates, "us", "threat let pass", 14)
    for seed in range(5):
        last = found_in(toy({planted: 0.08}, {}, seed), candidates).last
        assert last[0].number == planted
        assert last[0].difference.dice == "behind"
        low, high = last[0].difference.mc
        assert low < -0.08 * (1.0 - 0.05) < high  # odds below .08 cannot lose all of it
        assert not any(one.difference.dice == "behind" for one in last[1:])


def test_a_smaller_loss_by_which_a_side_gains_is_told_beside_the_largest(candidates):
    worst, paying = (of(candidates, "russia", "false yes", day) for day in (21, 7))
    takes, gains = {worst: 0.1, paying: 0.05}, {worst: -0.1, paying: 0.1}
    last = {one.number: one for one in found_in(toy(takes, gains, 1), candidates).last}
    assert last[worst].worth[Side.R].dice == "behind"
    assert last[paying].worth[Side.R].dice == "ahead"
    assert [last[n].difference.dice for n in (worst, paying)] == ["behind", "behind"]


def claims(candidates, repeats, worlds):
    """In how many repeats anything is claimed where no move has an effect; and what was seen."""
    claimed, screened, told = 0, [], []
    for seed in range(repeats):
        found = found_in(toy({}, {}, seed), candidates, worlds)
        claimed += any(one.difference.dice == "behind" for one in found.last)
        screened.append(min(found.screened))
        told.append(np.mean([one.difference.mean for one in found.last]))
    return claimed, np.mean(screened), np.mean(told)


def test_where_no_move_has_an_effect_next_to_nothing_is_claimed(candidates):
    claimed, screened, told = claims(candidates, 20, 1024)
    assert claimed <= 2
    assert screened < -0.015  # the worst of many on the screen looks bad by luck
    assert abs(told) < 0.003  # and is not what is told


@pytest.mark.long
def test_nothing_is_claimed_in_95_of_100_where_no_move_has_an_effect(candidates):
    claimed, _, _ = claims(candidates, 400, 1024)
    assert claimed <= 0.05 * 400


def test_every_leg_has_worlds_of_its_own(candidates):
    met = []
    runs = toy({}, {}, 1)

    def noted(numbers, first, worlds):
        met.append(range(first, first + worlds))
        return runs(numbers, first, worlds)

    found = found_in(noted, candidates, 1000)
    assert [len(span) for span in met] == list(Legs.of(1000)) == [248, 496, 1000]
    assert [span.start for span in met] == [0, 248, 744]
    assert found.first_world == 744


# ------------------------------------------------------------------ what is tried


def test_moves_are_tried_on_the_eve_of_the_day_on_which_a_threat_falls_due():
    assert 13 in days_of(sim.load_scenario("joint-ultimatum"))
    assert 29 in days_of(sim.load_scenario("baseline"))
    silent = dict.fromkeys(("sanctions.us_threat", "sanctions.europe_threat", "aid.us_threat"), 0.0)
    assert days_of(sim.load_scenario("baseline").with_levers(silent)) == (3, 7, 14, 21)


def test_a_threat_that_is_made_later_falls_due_later(tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[levers]\n"sanctions.deadline_days" = 14\n'
        '[[changes]]\nday = 20\nlever = "sanctions.us_threat"\nvalue = 0.9\n',
        encoding="utf-8",
    )
    assert days_of(sim.load_scenario(path)) == (3, 7, 13, 14, 21, 33)


def test_what_cannot_be_is_left_out_with_the_reason():
    silent = sim.load_scenario("baseline").with_levers({"aid.us_threat": 0.0})
    tried = candidates_of(silent)
    assert "arms threat let pass" not in {one.move for one in tried.candidates}
    assert len(tried.ruled_out) == len(days_of(silent))
    assert "lets its threat to cut arms pass on day 3" in tried.ruled_out[0]
    gone = silent.with_blocks((), [Move(event="mediator_leaves", actor="us", day=7)])
    tried = candidates_of(gone)
    leaving = [one.day for one in tried.candidates if one.move == "leaving"]
    assert leaving == [day for day in days_of(gone) if day != 7]


def test_every_kind_of_move_is_tried_by_everyone_who_can_make_it(candidates):
    assert {one.move for one in candidates} == {kind.name for kind in KINDS}
    assert len({(one.actor, one.move) for one in candidates}) == sum(
        len(kind.roles) for kind in KINDS
    )
    assert {one.actor for one in candidates} == {"russia", "ukraine", "us", "europe"}


# ------------------------------------------------------------------ what is found


def test_it_tells_what_a_run_with_the_move_gives(ultimatum):
    scenario = sim.load_scenario("joint-ultimatum")
    legs = Legs.of(WORLDS)
    first = legs.screen + legs.second
    plain = sim.run(scenario, worlds=first + WORLDS).rows[first:]
    assert (plain["outcome"] == Outcome.HELD).mean() == ultimatum.odds.mean
    tried = candidates_of(scenario)
    for one in ultimatum.exploits:
        number = of(tried.candidates, one.actor, one.move, one.day)
        moved = sim.run(tried.scenarios[number], worlds=first + WORLDS).rows[first:]
        assert (moved["outcome"] == Outcome.HELD).mean() == one.odds.mean
        assert one.difference.mean == pytest.approx(one.odds.mean - ultimatum.odds.mean)
        for n, worth in enumerate(one.worth.values()):
            shift = moved["worth"][:, n].astype(float) - plain["worth"][:, n]
            assert worth.mean == pytest.approx(shift.mean(), abs=1e-6)
        blocks = len(tried.scenarios[number].blocks)
        made = (moved["reaction_day"][:, :blocks] != NONE).mean(0)
        assert one.made == tuple(made)


def test_a_yes_that_is_meant_to_fail_is_said_and_broken(ultimatum):
    (false, *_) = (one for one in ultimatum.exploits if one.move == "false yes")
    said, broken = false.made
    assert 0.0 < broken < said <= 1.0


def test_the_mediator_that_leaves_ends_most_of_it(ultimatum):
    """Without the mediator there is next to no proposal, so that this must be among the worst."""
    worst = ultimatum.worst
    assert (worst.actor, worst.move) == ("us", "leaving")
    assert worst.motive == "not in the model"
    assert ultimatum.exploitability == worst.loss
    assert worst.loss.mc[0] > 0.0
    assert [one.difference.mean for one in ultimatum.exploits] == sorted(
        one.difference.mean for one in ultimatum.exploits
    )


def test_nothing_claimed_has_an_exploitability_of_nothing():
    silent = sim.redteam("moscow-maximum", worlds=256)
    assert silent.worst is None
    assert silent.worst_with_motive is None
    assert silent.exploitability.mean == 0.0
    assert silent.exploitability.mc[1] == max(one.loss.mc[1] for one in silent.exploits)
    assert "no move is seen" in repr(silent)


def test_an_outcome_that_never_comes_is_told(monkeypatch):
    never = Found(Odds(0.0, (0.0, 0.01), None, None), (), (), 0)
    monkeypatch.setattr(ask, "search", lambda *_: never)
    with pytest.raises(sim.ScenarioError, match="whatever the move"):
        sim.redteam("baseline", worlds=256)


# ------------------------------------------------------------------ kept, and asked for again


def test_it_is_saved_and_opened_whole(ultimatum, tmp_path):
    folder = ultimatum.save(tmp_path)
    assert folder.parent.name == KINDS_OF_RESULTS["redteam"].place
    again = sim.open(folder)
    assert again.as_dict() == ultimatum.as_dict()
    assert again.screened == ultimatum.screened
    table = ultimatum.table()
    assert list(table["mean"]) == sorted(table["mean"])
    assert ultimatum.plot(size="page").get_axes()


def test_an_interrupted_search_goes_on(tmp_path, monkeypatch):
    kept = tmp_path / "unfinished"
    with pytest.raises(KeyboardInterrupt):
        sim.redteam("baseline", worlds=256, kept=kept, progress=Stop(1))
    done = len(list(kept.glob("*.npy")))
    assert done > 0
    found = sim.redteam("baseline", worlds=256, kept=kept)
    assert not kept.exists()
    assert found.as_dict() == sim.redteam("baseline", worlds=256, workers=1).as_dict()


def test_the_command_prints_what_the_library_finds(tmp_path):
    words = ("redteam", "baseline", "--worlds", "256", "--out", tmp_path)
    document = json.loads(truce(*words, "--json").stdout)
    assert document["schema"] == "truce/redteam/1"
    found = sim.redteam("baseline", worlds=256)
    own = {key: value for key, value in found.as_dict().items() if key != "command"}
    assert json.loads(json.dumps(own)) == {k: v for k, v in document.items() if k != "command"}
    again = truce(*document["command"].split()[1:], "--out", tmp_path, "--json")
    assert json.loads(again.stdout)["id"] == document["id"]
    said = truce(*words).stdout
    assert f"{len(found.screened)} moves tried" in said
    assert "Washington leaves the talks" in said
    assert not (tmp_path / "unfinished").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("no-such",), "no-such"),
        (("baseline", "--worlds", "1"), "256"),
        (("baseline", "--outcome", "peace"), "There are"),
        (("baseline", "--seed", "-1"), "seed"),
        (("baseline", "--horizon", "2"), "none of the moves that are tried"),
    ],
)
def test_bad_input_is_told(words, says, tmp_path):
    done = truce("redteam", *words, "--out", tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
