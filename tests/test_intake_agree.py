"""Two coders' drafts, spreadsheets and folders side by side: statements, and events too."""

from __future__ import annotations

import copy
import json

import pytest
from helpers.command import truce
from helpers.news import MONTH, copied, fill_csv, fill_draft, fill_xlsx

from sim.inputs.conflict import shipped
from sim.intake.agree import compare_coders


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path)


def second():
    """The month as another coder has it: three events otherwise, one more, one not."""
    month = copy.deepcopy(MONTH)
    events = month["events"]
    events[1]["date_from"] = "2025-06-02"
    events[4]["detail"] = "issuer=us; value=0.7; measures begin"
    events[6]["round"] = "pause"
    events[7]["event"] = "mediator_leaves"
    events[5]["detail"] = "value=0.30; tells how many"  # in other words only
    month["statements"][0]["position"] = "0.5"
    return month


def test_events_are_paired_and_told_where_they_differ(folder):
    first = fill_csv(folder / "first")
    other = fill_xlsx(folder / "second.xlsx", second())
    found = compare_coders(first, other, shipped()).events
    assert (found.rows, found.matched, found.alike) == ((8, 8), 7, 4)
    assert found.share == 7 / 8
    assert {(gap.where, gap.event): gap.differs for gap in found.gaps} == {
        ("005, paragraph 5", "accepts_truce"): ("days",),
        ("007, paragraph 1", "imposes_sanctions"): ("value",),
        ("009, paragraph 1", "short_truce"): ("round",),
        ("009, paragraph 7", "signals_walk_away"): ("only first",),
        ("009, paragraph 7", "mediator_leaves"): ("only second",),
    }


def test_the_nearest_of_two_events_of_a_kind_are_paired(folder):
    talks = {**MONTH["events"][0], "round": ""}
    events = [{**talks, "date_from": day} for day in ("2025-06-01", "2025-06-03")]
    month = {"articles": MONTH["articles"][:1], "events": events}
    other = copy.deepcopy(month)
    other["events"] = other["events"][1:]
    found = compare_coders(fill_csv(folder / "a", month), fill_csv(folder / "b", other), shipped())
    assert (found.events.matched, found.events.alike) == (1, 1)
    assert [gap.differs for gap in found.events.gaps] == [("only first",)]
    assert found.statements is None


def test_of_one_article_alone_and_of_drafts_that_call_it_otherwise(folder):
    words = ("--data", ".", "evidence", "new", "2025-06-03", "--title", "Another name", "--out")
    assert truce(*words, "mine", cwd=folder).returncode == 0
    fill_draft(folder / "mine", "005")
    other = fill_csv(folder / "second", second())
    told = truce("--data", ".", "evidence", "agree", "mine", other, "--article", "005", "--json",
                 cwd=folder)  # fmt: skip
    document = json.loads(told.stdout)
    assert document["rows"] == [1, 1]
    assert document["alpha"]["apart"] == 0.25
    assert document["events"]["rows"] == [2, 2]
    assert document["events"]["gaps"] == [
        {"where": "005, paragraph 5", "actor": "ukraine", "event": "accepts_truce",
         "differs": ["days"]}
    ]  # fmt: skip
    shown = truce("--data", ".", "evidence", "agree", "mine", other, "--article", "5", cwd=folder)
    assert "Events: 2 of 2 and 2 are the same event (share 1.00); 1 of these" in shown.stdout


def test_the_shipped_record_agrees_with_itself_in_events_too():
    found = compare_coders(shipped().evidence, shipped().evidence, shipped(), "003")
    assert found.statements.rows == (26, 26)
    assert (found.events.rows, found.events.alike, found.events.gaps) == ((5, 5), 5, ())


def test_bad_rows_of_both_coders_are_told_at_once(folder):
    one, two = copy.deepcopy(MONTH), copy.deepcopy(MONTH)
    one["events"][0]["event"] = "tlaks"
    two["statements"][1]["issue"] = "nat"
    two["events"][2]["article"] = "066"
    paths = fill_csv(folder / "one", one), fill_csv(folder / "two", two)
    told = truce("--data", ".", "evidence", "agree", *paths, cwd=folder)
    assert told.returncode == 2
    assert "3 things are wrong" in told.stderr
    assert f"{paths[0]}/events.csv, line 2, column event: 'tlaks' is unknown" in told.stderr
    assert f"{paths[1]}/statements.csv, line 3, column issue: 'nat' is unknown" in told.stderr
    assert f"{paths[1]}/events.csv, line 4, column article: '066' is unknown" in told.stderr


def test_nothing_to_compare_is_told(folder):
    path = fill_csv(folder / "one")
    told = truce("--data", ".", "evidence", "agree", path, path, "--article", "004", cwd=folder)
    assert told.returncode == 2
    assert "there is nothing of article '004' that both have coded" in told.stderr
