"""Names are spelt in one way, and rounds called by what they were, wherever evidence is shown."""

from __future__ import annotations

import re

import pytest
from helpers.renamed import write_renamed
from typer.testing import CliRunner

from sim.attribution.arrived import arrived
from sim.attribution.news import news
from sim.attribution.reported import settled
from sim.cli import app
from sim.engine.domain import Public
from sim.errors import CalibrationError
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.scenario import load_scenario
from sim.words import round_named, spelled, words_of

VARIANTS = tuple(words_of(shipped()).one_spelling)
ANY = re.compile("|".join(rf"\b{variant}\b" for variant in VARIANTS))
RECORD = shipped().facts.record.begins


def test_each_variant_is_shown_as_the_one_spelling():
    assert len(VARIANTS) >= 2
    for variant, name in words_of(shipped()).one_spelling.items():
        assert spelled(f"{variant}'s, un{variant}", shipped()) == f"{name}'s, un{variant}"


def test_the_evidence_has_variants_and_nothing_that_is_shown_has_one():
    evidence = load_evidence()
    coded = [row.paraphrase for row in (*evidence.statements, *evidence.events)]
    assert any(map(ANY.search, coded))
    shown = [f"{scenario.title} {scenario.claims}" for scenario in _scenarios()]
    for told in news(max(article.day for article in evidence.articles)):
        things = arrived(told, shipped())
        shown += [
            f"{one['text']} {one.get('paraphrase')}" for part in things.values() for one in part
        ]
    (event,) = (one for one in evidence.events if one.id.endswith("11:ukraine:accepts_truce"))
    for word in (
        "list",
        "list --json",
        f"show {event.id} --as-of 2025-05-08",
        "show ukraine territory",
    ):
        shown.append(CliRunner().invoke(app, ["evidence", *word.split()]).output)
    for words in (["list", "--occasions", "--json"], ["list", "--occasions"]):
        text = CliRunner().invoke(app, ["evidence", *words]).output
        shown.append(re.sub(r"https?://\S+", "", text))
    assert len(shown) > 50
    assert not [text for text in shown if ANY.search(text)]


def _scenarios():
    return [load_scenario(path.stem) for path in sorted(shipped().scenarios.glob("*.toml"))
            if path.stem != "history"]  # fmt: skip


def test_what_settles_a_question_is_spelt_so_too():
    days = RECORD, RECORD.replace(month=12)
    answer, why = settled(Public.ACCEPTS_U, *days, load_evidence().events[27:], shipped())
    assert answer == "yes"
    assert spelled(why, shipped()) == why


def test_each_round_of_the_data_has_a_name():
    ids = {event.round for event in load_evidence().events if event.round}
    assert not [one for one in ids if f"'{one}'" in round_named(one, shipped())]


def test_a_conflict_without_the_file_shows_words_as_they_are_coded(tmp_path):
    conflict = write_renamed(tmp_path)
    assert words_of(conflict).one_spelling
    (conflict.calibration / "words.toml").unlink()
    bare = Conflict(tmp_path)
    assert spelled(" ".join(VARIANTS), bare) == " ".join(VARIANTS)
    assert round_named("jeddah", bare) == "the round 'jeddah'"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[spelling]\nA = ["B"]\nC = ["B"]', "'B' stands there twice"),
        ('[spelling]\nA = ["B"]\nC = ["A"]', "'A' stands there twice"),
        ('[spelling]\nA = [""]', "a spelling is empty"),
        ("[sellping]", "sellping"),
    ],
)
def test_a_wrong_file_is_told(tmp_path, table, says):
    conflict = write_renamed(tmp_path)
    path = conflict.calibration / "words.toml"
    path.write_text(f'schema = "truce/words/1"\n{table}\n', encoding="utf-8")
    with pytest.raises(CalibrationError, match=says) as error:
        spelled("B", conflict)
    assert "words.toml" in str(error.value)
