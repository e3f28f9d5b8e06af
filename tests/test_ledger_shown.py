"""The score of a ledger in figures and briefings: what it says, and what it does not claim."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from helpers.figures import LONG_TITLE, WIDTHS, by_gid, check_words, gids, texts

import sim
from sim import plots
from sim.brief.inputs import gather
from sim.brief.score import score as score_part
from sim.errors import LedgerError
from sim.estimates import Odds
from sim.inputs.conflict import shipped
from sim.ledger.book import SEALED, Forecast, Resolution
from sim.ledger.score import scored
from sim.ledger.words import power_sentence
from sim.plots.scores import finding
from sim.plots.style import DPI

AT = dt.datetime(2025, 5, 1, tzinfo=dt.UTC)


def a_forecast(number, odds=0.3, answer="no", text="Does it?", base=0.2, others=None):
    settled = None if answer == "open" else Resolution(answer, "x", AT + dt.timedelta(days=40))
    document = {"run": {"worlds": 4096, "seed": 1}, "ensemble": {"id": "e"}, "version": "0"}
    return Forecast(
        f"{number:08x}", number, AT, text, "r", "s", "held", "", dt.date(2025, 6, 1),
        Odds(odds, (odds, odds), (odds / 2.0, odds)), {"base_rate": base, **(others or {})},
        dt.date(2025, 4, 30), settled, document,
    )  # fmt: skip


def a_page(count, odds, base=0.2, **more):
    """Every fifth question comes true."""
    return [
        a_forecast(n, odds(n % 5 == 0), "no" if n % 5 else "yes", base=base, **more)
        for n in range(count)
    ]


PAGES = {
    "one": [a_forecast(1)],
    "a dozen": a_page(12, lambda came: 0.6 if came else 0.1),
    "many": a_page(250, lambda came: 0.6 if came else 0.1, others={"crowd": 0.3}),
    "long words": a_page(6, lambda came: 0.5, text=LONG_TITLE),
    "no base rate": a_page(6, lambda came: 0.5, base=None),
    "all alike": a_page(4, lambda came: 0.2),
}


MIXED = [a_forecast(n, 0.25 if n % 2 else 0.15, "no" if n % 5 else "yes") for n in range(250)]


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_score_fits_each_size(name, size):
    found = scored(PAGES[name])
    figure = plots.scores(found, size=size)
    width, height = figure.get_size_inches() * DPI
    assert width == WIDTHS[size]
    assert size != "slide" or height == 1080
    check_words(figure, size)
    bare = plots.scores(found, size=size, bare=True)
    assert not {"title", "below", "caption"} & gids(bare)


def test_a_question_stands_at_its_odds_filled_if_it_came():
    figure = plots.scores(scored(PAGES["a dozen"]))
    yes, no = (
        [by_gid(figure, gid) for gid in gids(figure) if gid and gid.endswith(end)]
        for end in (".yes", ".no")
    )
    assert (len(yes), len(no)) == (3, 9)
    assert {float(mark.get_xdata()[0]) for mark in yes} == {0.6}
    assert {float(mark.get_xdata()[0]) for mark in no} == {0.1}
    many = plots.scores(scored(PAGES["many"]))
    assert any("the newest 18 of 250" in " ".join(text.split()) for text in texts(many))


def test_without_a_settled_question_nothing_is_drawn():
    with pytest.raises(LedgerError, match="settled yet"):
        plots.scores(scored([a_forecast(1, answer="open"), a_forecast(2, answer="void")]))


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (PAGES["a dozen"], "too few to claim skill from"),
        (PAGES["many"], "the model is ahead"),
        (a_page(250, lambda came: 0.2), "cannot be told apart"),
        (MIXED, "cannot be told apart"),
        (a_page(40, lambda came: 0.1 if came else 0.6), "the model is behind"),
        (PAGES["no base rate"], "Brier score is 0.25"),
    ],
)
def test_the_finding_claims_no_more_than_the_questions_allow(page, said):
    assert finding(scored(page).pages[SEALED], SEALED).endswith(said)


def test_power_is_told_in_words():
    assert "chance of only 0.12: too few" in power_sentence(20)
    assert power_sentence(320).endswith("enough to claim skill.")
    assert "even" not in power_sentence(320)


# ------------------------------------------------------------------ a briefing


def words(part):
    return " ".join(paragraph.text for paragraph in part.paragraphs())


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return gather([sim.run("baseline", worlds=2048)], tmp_path_factory.mktemp("outputs"))


def test_every_briefing_has_the_score_and_its_power(material):
    part = score_part(material)
    told = words(part)
    hindcasts = sim.ledger.score(shipped().calibration / "ledger.jsonl").hindcasts
    assert f"Brier score of the model {hindcasts.told['model'].brier:.2f}" in told
    assert power_sentence(hindcasts.n) in told
    assert "foresight has not been tested at all" in told
    assert "no test of foresight" in told
    (table,) = [block for block in part.blocks if getattr(block, "header", None)]
    assert [row[0].text for row in table.rows][:2] == ["The model", "Base rate"]


def test_a_sealed_forecast_is_told_apart_and_drawn(material):
    run = material.results
    question = {
        "text": "Does it?", "resolves": dt.date(2025, 7, 1), "rule": "r", "source": "s",
        "event": "truce_starts",
    }  # fmt: skip
    at = dt.datetime(2025, 5, 25, tzinfo=dt.UTC)
    one = sim.ledger.seal(run, question, material.ledger, others={"crowd": 0.4}, at=at)
    sim.ledger.resolve(one.id, "no", "none", material.ledger)
    part = score_part(material)
    assert "Sealed before the answer. 1 question settled, 0 of them yes" in words(part)
    names = [block.name for block in part.blocks if hasattr(block, "name")]
    assert names == ["scores-sealed", "score-sealed", "score-hindcast"]


def test_a_damaged_ledger_is_told_and_spoils_no_briefing(material, tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_bytes(b"nonsense\n")
    told = words(score_part(dataclasses.replace(material, ledger=ledger)))
    assert "cannot be read" in told
    assert "line 1" in told
