"""`truce evidence`: lists, shows and checks, on paper and as JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli.evidence import app
from sim.errors import SimError

ARTICLE = """
[[article]]
id = "101_march"
title = "A [bold] day"
outlet = ""
day = 2025-03-10
day_basis = "dateline"
"""
STATEMENTS = """\
article,paragraph,date,known,holder,issue,position,kind,basis,firmness,salience,same_as,paraphrase
101_march,1,2025-03-08,,russia,territory,1.00,demand,quoted,3,3,,wants [red]all[/red] of it
101_march,2,2025-03-09,2025-03-10,russia,territory,0.50,preference,attributed,1,1,,takes less
101_march,3,2025-03-09,,us,territory,0.75,commitment,quoted,3,2,,freezes the line
101_march,4,2025-03-09,,ukraine,truce_terms,0.00,preference,quoted,3,2,,says yes
"""
EVENTS = """\
article,paragraph,date_from,date_to,known,round,actor,event,detail,same_as
101_march,4,2025-03-09,2025-03-09,,jeddah,ukraine,accepts_truce,scope=full; says yes,
"""

Truce = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles.toml").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "statements.csv").write_text(STATEMENTS, encoding="utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def truce(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Truce:
    monkeypatch.setattr("sim.inputs.conflict.Conflict.evidence", folder)
    # the record leans on the articles that ship
    monkeypatch.setattr("sim.intake.record_check.record_problems", lambda _: [])
    return lambda *words: CliRunner().invoke(app, words)


def columns(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_list_prints_whole_rows_without_frames(truce: Truce) -> None:
    result = truce("list")
    header, *rows = result.stdout.splitlines()
    assert columns(header)[:4] == ["id", "date", "known", "holder"]
    assert columns(rows[0]) == [
        *("101:1:russia:territory", "2025-03-08", "-", "russia", "territory", "1.00"),
        *("demand", "quoted", "3", "3", "ideal", "wants [red]all[/red] of it"),
    ]
    assert columns(rows[1])[2] == "2025-03-10"
    assert columns(rows[2])[-2] == "no: commitment of us informs neither ideal nor red line"
    assert columns(rows[3])[-2] == "no: counted as the event accepts_truce"
    assert not set("│┃─━|") & set(result.stdout)


def test_list_on_a_terminal_is_a_table_that_takes_brackets_as_they_are(
    truce: Truce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    text = truce("list").stdout
    assert "│" in text
    assert "wants [red]all[/red] of it" in text


def test_a_narrow_terminal_breaks_no_number_and_no_header(
    truce: Truce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    words = re.sub(r"\x1b\[[\d;]*m", "", truce("list").stdout).split()
    for whole in ("101:1:russia:territory", "2025-03-08", "1.00", "position", "firmness"):
        assert whole in words


def test_list_filters(truce: Truce) -> None:
    assert len(truce("list", "--holder", "russia").stdout.splitlines()) == 3
    assert len(truce("list", "--issue", "truce_terms").stdout.splitlines()) == 2
    assert len(truce("list", "--article", "101").stdout.splitlines()) == 5
    assert len(truce("list", "--as-of", "2025-03-09").stdout.splitlines()) == 4
    early = truce("list", "--as-of", "2025-03-01")
    assert (early.exit_code, early.stdout) == (0, "")
    assert early.stderr == "No such row was public by 2025-03-01.\n"


def test_list_as_json_is_one_document(truce: Truce) -> None:
    result = truce("list", "--json", "--holder", "ukraine")
    [row] = json.loads(result.stdout)["statements"]
    assert row["id"] == "101:4:ukraine:truce_terms"
    assert row["date"] == row["known"] == "2025-03-09"
    assert (row["in_fit"], row["informs"]) == (False, "neither")


def test_show_tells_the_rows_by_strength(truce: Truce) -> None:
    told = json.loads(truce("show", "russia", "territory", "--json").stdout)
    assert [row["id"] for row in told["moved_by"]] == [
        "101:1:russia:territory",
        "101:2:russia:territory",
    ]
    pulls = [row["pull"] for row in told["moved_by"]]
    assert abs(pulls[0]) > abs(pulls[1])
    logit = told["ideal"]["logit"]
    assert sum(pulls) == pytest.approx(logit["mean"] - logit["prior"])
    assert told["red_line"]["stated"] is False
    assert told["salience"] == 3


def test_show_on_paper(truce: Truce) -> None:
    text = truce("show", "russia", "territory").stdout
    assert "Moscow gets the four annexed regions whole" in text
    assert "no red line stated" in text
    assert "“A [bold] day”, [outlet not named], 10 March 2025, paragraph 1" in text
    assert "the prior stands" not in text


def test_show_says_when_nothing_was_said(truce: Truce) -> None:
    assert "no statement: the prior stands" in truce("show", "russia", "nato").stdout
    unused = truce("show", "us", "territory").stdout
    assert "no statement: the prior stands" in unused
    assert "commitment of us informs neither" in unused


def test_show_knows_only_what_was_public(truce: Truce) -> None:
    text = truce("show", "russia", "territory", "--as-of", "2025-03-09", "--json").stdout
    assert [row["paragraph"] for row in json.loads(text)["moved_by"]] == [1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--holder", "rusia"], "--holder: 'rusia' is unknown. Did you mean 'russia'?"),
        (["list", "--issue", "natoo"], "Did you mean 'nato'?"),
        (["list", "--article", "999"], "--article: '999' is unknown."),
        (["list", "--as-of", "soon"], "'soon' is not a day."),
        (["show", "russia", "\x1b[31m"], r"'\x1b[31m' is unknown."),
    ],
)
def test_an_unknown_name_is_bad_input(truce: Truce, words: list[str], says: str) -> None:
    result = truce(*words)
    assert isinstance(result.exception, SimError)
    assert says in str(result.exception)
    assert result.stdout == ""


def test_check_counts_the_rows_on_one_line(truce: Truce, folder: Path) -> None:
    result = truce("check")
    assert result.exit_code == 0
    line = "In order: 4 statements + 1 events in 1 articles (101 has 4 + 1)\n"
    assert result.stdout == line
    [counts] = json.loads(truce("check", str(folder), "--json").stdout)["articles"]
    assert counts == {"id": "101_march", "statements": 4, "events": 1}


def test_check_tells_every_problem_and_raises_the_last(truce: Truce, folder: Path) -> None:
    text = STATEMENTS.replace("territory", "teritory", 1).replace("jeddah", "")
    (folder / "statements.csv").write_text(text, encoding="utf-8")
    (folder / "events.csv").write_text(EVENTS.replace("jeddah", ""), encoding="utf-8")
    result = truce("check", str(folder))
    assert "statements.csv, line 2, column issue" in result.stderr
    assert isinstance(result.exception, SimError)
    assert "events.csv, line 2, column round" in str(result.exception)
    assert result.stdout == ""


def test_check_as_of_refuses_later_rows(truce: Truce) -> None:
    result = truce("check", "--as-of", "2025-03-09")
    assert "line 3, column known" in str(result.exception)
    assert truce("check", "--as-of", "2025-03-10").exit_code == 0


@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_help_has_an_example(truce: Truce, command: str) -> None:
    assert f"Example: truce evidence {command}" in truce(command, "--help").stdout


def test_the_shipped_evidence_can_be_shown() -> None:
    result = CliRunner().invoke(app, ["show", "russia", "territory"])
    assert result.exit_code == 0
    assert "ideal" in result.stdout


def test_the_command_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pydantic", "rich.table", "scipy", "numba", "pandas")
    code = f"import sys, sim.cli.evidence; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "[]"
