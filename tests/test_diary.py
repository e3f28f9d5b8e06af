"""The diary of a world: the same world, with odds and reasons that the rules bear out."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.worlds import outcome_of, scenario_of

from sim.diary import tell
from sim.diary.reasons import TERM_NAMES, chances_of_terms, reasons
from sim.diary.words import luck_text, reasons_text
from sim.engine.domain import Answer
from sim.engine.rules import answers
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.mesa_model import CeasefireModel
from sim.montecarlo import Plan
from sim.terms import gain_terms, refusal_terms


@pytest.fixture(scope="module")
def members():
    return load_ensemble(load_scenario("baseline").as_of)


@pytest.mark.parametrize("name", ["baseline", "eventful"])
def test_the_diary_tells_the_world_that_was_run(name, members):
    scenario = scenario_of(name)
    rows = Plan(scenario, members, 1, 9).block(0, 12)
    for row in rows:
        found = tell(scenario, members, 9, int(row["world"]))
        assert found.outcome == outcome_of(row)
        kinds = [entry.what for entry in found.entries]
        assert kinds.count("agreed") == row["full_truces"]
        assert kinds.count("pause") == row["unilateral_pauses"]
        assert kinds.count("partial") == row["partial_truces"]
        assert ("held" in kinds) == (found.outcome == "held")
        assert kinds[-1] == "end"
        days = [entry.day for entry in found.entries]
        assert days == sorted(days)


def test_every_lever_change_and_decision_day_is_told(members):
    entries = [e for world in range(0, 160, 4) for e in
               tell(scenario_of("eventful"), members, 9, world).entries]  # fmt: skip
    kinds = {entry.what for entry in entries}
    assert {"lever", "review", "round", "answer", "threat", "truce", "incidents", "truce_ends",
            "backstop", "mediator_leaves", "direct_talk", "pause", "partial"} <= kinds  # fmt: skip
    texts = " ".join(entry.text for entry in entries)
    for piece in ("carries out its threat", "its threat of sanctions pass", "walks out",
                  "end the other side's patience",
                  "Luck: not the likeliest answer", "names territory at"):  # fmt: skip
        assert piece in texts
    assert "nan" not in texts


def test_the_course_has_a_day_each_and_the_quiet_that_the_row_counts(members):
    scenario = scenario_of("eventful")
    rows = Plan(scenario, members, 1, 9).block(0, 12)
    for row in rows:
        found = tell(scenario, members, 9, int(row["world"]))
        kept = [day.quiet for day in found.course]
        assert len(kept) == found.days
        ended = sum(entry.what == "truce_ends" for entry in found.entries)
        assert kept.count("full") == row["truce_days"] + ended
        assert set(kept) <= {"", "full", "partial", "pause", "unilateral"}
        begun = [entry.day for entry in found.entries if entry.what == "truce"]
        assert all(kept[day - 1] == "full" and kept[day - 2] != "full" for day in begun)


def test_a_threat_says_as_data_whether_it_was_carried_out(members):
    eventful = scenario_of("eventful")
    entries = [e for world in range(0, 40, 4) for e in
               tell(eventful, members, 9, world).entries if e.what == "threat"]  # fmt: skip
    assert entries
    for entry in entries:
        assert entry.numbers["carried_out"] == ("carries out its threat" in entry.text)


def test_the_chance_that_is_told_of_a_threat_is_that_of_its_rule(members):
    """A lever that has a word always kept says so of refusals, and not of breaches."""
    scenario = scenario_of("eventful").with_levers({"sanctions.us_follow_through": "kept"})
    found = {True: [], False: []}
    for world in range(0, 480, 4):
        entries = tell(scenario, members, 9, world).entries
        broken = {entry.day for entry in entries if entry.what == "truce_ends"}
        for entry in entries:
            if entry.what == "threat" and entry.numbers["threat"] == "mediator_sanctions":
                sure = "chance of carrying it out 100%" in entry.text
                found[entry.day in broken].append((sure, entry.numbers["carried_out"]))
    assert len(found[False]) > 5
    assert set(found[False]) == {(True, True)}
    assert len(found[True]) > 2
    assert (False, False) in found[True]


def rounds(members, name="eventful", worlds=60):
    """Models on days with a round, decided and not yet applied."""
    found = []

    class Stops(CeasefireModel):
        def decide(self):
            super().decide()
            if self.today.round_held:
                self.check()

        def check(self):
            for player in self.belligerents:
                found.append((self, player.side))
                self.verify(player)

        def verify(self, player):
            said = int(self.today.answer[player.side])
            q = float(self.today.p_other_accepts[player.side])
            chances = player.chances(q)
            whole = (*chances, 1.0 - sum(chances))[said]
            seen = (self.member, self.state, self.policy)
            terms = gain_terms(*seen, self.package, player.side)
            terms |= refusal_terms(*seen, player.side)
            mediated = bool(self.today.mediated)

            def chance(changed):
                return chances_of_terms(changed, q, self.member, mediated)[said]

            assert chance(terms) == pytest.approx(whole)
            moved = reasons(self, player, said, q)
            assert len(moved) <= 2
            others = [
                abs(whole - chance({**terms, name: 0.0})) for name in terms if name not in moved
            ]
            assert all(abs(change) >= max(others) - 1e-12 for change in moved.values())

    for world in range(0, 4 * worlds, 4):
        Stops(scenario_of(name), 9, world, ensemble=members).run()
    return found


def test_the_reasons_are_the_two_terms_that_move_the_answer_most(members):
    """Put together from its terms, each chance is that of the rules, with mediator and without."""
    found = rounds(members)
    assert len(found) > 200
    assert {bool(model.state.mediator_left) for model, _ in found} == {True, False}


@pytest.mark.parametrize(
    ("u", "said"),
    [(0.3, ""), (0.61, " Luck: a near thing."), (0.7, " Luck: not the likeliest answer.")],
)
def test_luck_is_named_where_it_decided(u, said):
    odds = {"yes": 0.6, "yes, but": 0.3, "no": 0.1}
    if u == 0.61:
        odds = {"yes": 0.58, "yes, but": 0.02, "no": 0.4}
        u = 0.55
    assert luck_text(odds, u) == said
    assert answers.choose(odds["yes"], odds["yes, but"], u) in set(Answer)


def test_a_diary_is_plain_data(members):
    import json

    found = tell(load_scenario("joint-ultimatum"), members, 1, 3).as_dict()
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again["schema"] == "truce/diary/1"
    answer = next(entry for entry in again["entries"] if entry["what"] == "answer")
    assert np.isclose(sum(answer["odds"].values()), 1.0)
    assert set(answer) >= {"actor", "answer", "odds", "luck", "other_accepts", "gain", "why"}


def test_one_point_is_told_as_one():
    reason = next(iter(TERM_NAMES))
    assert reasons_text({reason: 0.012}).endswith("raised that by 1 point.")
    assert reasons_text({reason: -0.04}).endswith("lowered that by 4 points.")
