"""Evidence: rows are checked at the edge, and nothing known later leaves a trace."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sim.errors import EvidenceError
from sim.evidence.statements import load_evidence, problems
from sim.inputs.conflict import shipped
from sim.inputs.issues import ISSUES

STATEMENTS = (
    "article,paragraph,date,known,holder,issue,position,kind,basis,firmness,salience,"
    "same_as,paraphrase"
)
EVENTS = "article,paragraph,date_from,date_to,known,round,actor,event,detail,same_as"
ARTICLES = """
[[article]]
id = "101_march"
title = "A spring day"
outlet = ""
day = 2025-03-10
day_basis = "dateline"

[[article]]
id = "102_april"
title = ""
outlet = "A paper"
day = 2025-04-10
day_basis = "dateline"
"""
ROW = "101_march,1,2025-03-09,,russia,territory,0.75,demand,quoted,3,2,,wants the line frozen"
ANSWER = "101_march,2,2025-03-09,2025-03-09,,jeddah,russia,rejects_truce,scope=full; says no,"


def folder_of(tmp_path: Path, statements: list[str], events: list[str] | None = None) -> Path:
    (tmp_path / "articles.toml").write_text(ARTICLES, encoding="utf-8")
    for name, header, rows in (
        ("statements.csv", STATEMENTS, statements),
        ("events.csv", EVENTS, events or []),
    ):
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def with_cell(row: str, header: str, column: str, value: str) -> str:
    cells = row.split(",")
    cells[header.split(",").index(column)] = value
    return ",".join(cells)


def test_a_row_becomes_a_statement(tmp_path: Path) -> None:
    [row] = load_evidence(folder_of(tmp_path, [ROW])).statements
    assert row.id == "101:1:russia:territory"
    assert (row.position, row.firmness, row.salience) == (0.75, 3, 2)
    assert row.known == row.date == dt.date(2025, 3, 9)
    assert row.in_fit


def test_pairs_at_the_head_of_a_detail_become_facts(tmp_path: Path) -> None:
    detail = "scope=energy; days=30; both sides spare power plants"
    row = with_cell(ANSWER, EVENTS, "detail", detail)
    [event] = load_evidence(folder_of(tmp_path, [ROW], [row])).events
    assert event.facts == {"scope": "energy", "days": "30"}
    assert event.paraphrase == "both sides spare power plants"
    assert event.id == "101:2:russia:rejects_truce"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("article", "101_marhc", "Did you mean '101_march'?"),
        ("paragraph", "0", "1.."),
        ("date", "2025-02-30", "not a day"),
        ("date", "20250309", "not a day"),
        ("date", "2025-03-11", "after the article's own day, 2025-03-10"),
        ("known", "2025-03-08", "before date = 2025-03-09"),
        ("known", "2025-03-11", "after the article's own day"),
        ("holder", "rusia", "Did you mean 'russia'?"),
        ("issue", "teritory", "Did you mean 'territory'?"),
        ("position", "1.4", "0..1"),
        ("position", "nan", "0..1"),
        ("position", "-0.1", "0..1"),
        ("kind", "demands", "Did you mean 'demand'?"),
        ("basis", "quote", "Did you mean 'quoted'?"),
        ("firmness", "4", "1..3"),
        ("salience", "0", "1..3"),
        ("same_as", "101_march:9", "not the place of a row"),
        ("same_as", "101_march:1", "does not come before"),
        ("paraphrase", " ", "no paraphrase"),
        ("paraphrase", "word " * 16, "16 words"),
        ("paraphrase", "red \x1b[31m text", r"\x1b[31m"),
    ],
)
def test_a_bad_cell_of_a_statement_is_named(
    tmp_path: Path, column: str, value: str, says: str
) -> None:
    folder = folder_of(tmp_path, [with_cell(ROW, STATEMENTS, column, value)])
    [problem] = problems(folder)
    assert f"statements.csv, line 2, column {column}" in problem.where
    assert says in str(problem)
    assert str(problem).isprintable()
    with pytest.raises(EvidenceError) as raised:
        load_evidence(folder)
    assert str(raised.value) == str(problem)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("date_to", "2025-03-08", "before date_from"),
        ("known", "2025-03-08", "before date_from"),
        ("date_to", "2025-03-11", "after the article's own day"),
        ("round", "", "names no round"),
        ("actor", "ukrain", "Did you mean 'ukraine'?"),
        ("event", "reject_truce", "Did you mean 'rejects_truce'?"),
        ("detail", "scope=full;", "no paraphrase"),
        ("detail", "days=1; days=2; says no", "'days' twice"),
    ],
)
def test_a_bad_cell_of_an_event_is_named(
    tmp_path: Path, column: str, value: str, says: str
) -> None:
    [problem] = problems(folder_of(tmp_path, [ROW], [with_cell(ANSWER, EVENTS, column, value)]))
    assert f"events.csv, line 2, column {column}" in problem.where
    assert says in str(problem)


def test_all_problems_are_collected_in_the_order_of_the_files(tmp_path: Path) -> None:
    bad = [with_cell(ROW, STATEMENTS, "issue", "x"), with_cell(ROW, STATEMENTS, "basis", "y")]
    event = with_cell(ANSWER, EVENTS, "actor", "z")
    found = [problem.where for problem in problems(folder_of(tmp_path, bad, [event]))]
    assert [where.split("/")[-1] for where in found] == [
        "statements.csv, line 2, column issue",
        "statements.csv, line 3, column basis",
        "events.csv, line 2, column actor",
    ]


def test_a_repeated_row_names_the_first(tmp_path: Path) -> None:
    [problem] = problems(folder_of(tmp_path, [ROW, ROW]))
    assert "line 3" in problem.where
    assert "repeats line 2" in problem.what


def test_two_answers_within_the_same_days_need_same_as(tmp_path: Path) -> None:
    again = ANSWER.replace("101_march,2", "101_march,3").replace("rejects", "conditions")
    [problem] = problems(folder_of(tmp_path, [ROW], [ANSWER, again]))
    assert "events.csv, line 3, column same_as" in problem.where
    told = with_cell(again, EVENTS, "same_as", "101_march:2")
    assert problems(folder_of(tmp_path, [ROW], [ANSWER, told])) == []


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    [problem] = problems(tmp_path / "nowhere")
    assert "articles.toml" in problem.where
    folder = folder_of(tmp_path, [ROW])
    (folder / "statements.csv").write_bytes(f"{STATEMENTS}\n101,\xff\n".encode("latin-1"))
    assert "statements.csv, line 2, byte 5" in problems(folder)[0].where
    (folder / "statements.csv").unlink()
    assert "statements.csv" in problems(folder)[0].where
    folder_of(tmp_path, ["101_march,1"])
    assert "2 cells instead of 13" in problems(folder)[0].what
    (folder / "statements.csv").write_text("article,date\n", encoding="utf-8")
    assert "the header is 'article,date'" in problems(folder)[0].what
    (folder / "statements.csv").write_text(f'{STATEMENTS}\n"101', encoding="utf-8")
    assert "is not CSV" in problems(folder)[0].what


def test_articles_are_told_apart_by_their_number(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [ROW])
    text = ARTICLES.replace("102_april", "101_april")
    (folder / "articles.toml").write_text(text, encoding="utf-8")
    [problem] = problems(folder)
    assert "2 ids begin with 101" in problem.what


@pytest.mark.parametrize(
    ("kind", "told_again"),
    [
        *(("preference", True), ("flexibility", True), ("offer", True)),
        *(("red_line", False), ("demand", False), ("commitment", False), ("call", False)),
    ],
)
def test_what_tells_an_answer_again_is_out_of_the_fit_and_a_stated_line_stays(
    tmp_path: Path, kind: str, told_again: bool
) -> None:
    answered = ROW.replace("101_march,1", "101_march,2").replace("territory", "truce_terms")
    answered = with_cell(answered, STATEMENTS, "kind", kind)
    other_holder = answered.replace("russia", "ukraine")
    other_issue = answered.replace("truce_terms", "nato")
    elsewhere = answered.replace("101_march,2", "101_march,3")
    rows = [answered, other_holder, other_issue, elsewhere]
    found = load_evidence(folder_of(tmp_path, rows, [ANSWER])).statements
    reason = "counted as the event rejects_truce" if told_again else ""
    assert [row.why_not for row in found] == [reason, "", "", ""]


@pytest.mark.parametrize(("kind", "in_fit"), [("denial", False), ("demand", True), ("call", True)])
def test_of_declined_sanctions_only_the_denial_is_out(
    tmp_path: Path, kind: str, in_fit: bool
) -> None:
    terms = f"101_march,2,2025-03-09,,us,truce_terms,0.5,{kind},quoted,3,2,,will not"
    declines = "101_march,2,2025-03-09,2025-03-09,,,us,declines_sanctions,will not,"
    rows = [terms, terms.replace("truce_terms", "sanctions")]
    told = load_evidence(folder_of(tmp_path, rows, [declines])).statements
    assert [row.in_fit for row in told] == [True, in_fit]


def test_a_refusal_that_is_told_again_brings_no_second_line(tmp_path: Path) -> None:
    """The later paragraph tells the same refusal: its line repeats the one stated there."""
    line = ROW.replace("101_march,1", "101_march,2").replace("territory", "truce_terms")
    line = with_cell(line, STATEMENTS, "kind", "red_line")
    again = line.replace("101_march,2", "102_april,4")
    liked = with_cell(again, STATEMENTS, "kind", "preference")
    told_again = with_cell(ANSWER, EVENTS, "article", "102_april")
    told_again = with_cell(told_again, EVENTS, "paragraph", "4")
    told_again = with_cell(told_again, EVENTS, "same_as", "101_march:2")
    events = [ANSWER, told_again]
    found = load_evidence(folder_of(tmp_path, [line, again], events)).statements
    assert [row.why_not for row in found] == ["", "reported before in 101_march:2"]
    [row] = load_evidence(folder_of(tmp_path, [again], events)).statements
    assert row.in_fit  # the line was not stated before
    [row] = load_evidence(folder_of(tmp_path, [liked], events)).statements
    assert row.why_not == "counted as the event rejects_truce"
    other = with_cell(again, STATEMENTS, "holder", "ukraine")
    assert [
        one.in_fit for one in load_evidence(folder_of(tmp_path, [line, other], events)).statements
    ]


def test_an_utterance_told_three_times_counts_once(tmp_path: Path) -> None:
    again = with_cell(ROW, STATEMENTS, "paragraph", "2")
    again = with_cell(again, STATEMENTS, "same_as", "101_march:1")
    thrice = again.replace("101_march,2", "102_april,1")
    other = with_cell(thrice, STATEMENTS, "issue", "nato")
    rows = load_evidence(folder_of(tmp_path, [thrice, other, again, ROW])).statements
    assert [row.in_fit for row in rows] == [False, True, False, True]
    assert rows[0].why_not == "reported before in 101_march:1"


def test_what_became_known_later_changes_nothing(tmp_path: Path) -> None:
    day = dt.date(2025, 3, 9)
    late = with_cell(ROW, STATEMENTS, "known", "2025-03-10")
    late = with_cell(late, STATEMENTS, "position", "0.5")
    event = with_cell(ANSWER.replace("101_march,2", "101_march,1"), EVENTS, "known", "2025-03-10")
    sanctions = event.replace("rejects_truce", "imposes_sanctions")
    here = with_cell(ROW.replace("territory", "sanctions"), STATEMENTS, "kind", "denial")
    later = ROW.replace("101_march", "102_april").replace("2025-03-09", "2025-04-09")
    before = load_evidence(folder_of(tmp_path, [ROW, here]), as_of=day)
    folder = folder_of(tmp_path, [late, later, ROW, here], [event, sanctions])
    assert load_evidence(folder, as_of=day) == before
    assert [article.id for article in before.articles] == ["101_march"]
    full = {row.id: row for row in load_evidence(folder).statements}
    assert full["101:1:russia:territory"].position == 0.75
    assert full["101:1:russia:territory:2"].position == 0.5
    assert not full["101:1:russia:sanctions"].in_fit


def test_an_original_that_is_not_known_yet_does_not_silence_its_echo(tmp_path: Path) -> None:
    original = with_cell(ROW, STATEMENTS, "known", "2025-03-10")
    echo = with_cell(ROW.replace("101_march,1", "101_march,2"), STATEMENTS, "same_as", "x")
    echo = echo.replace(",x,", ",101_march:1,")
    folder = folder_of(tmp_path, [original, echo])
    [row] = load_evidence(folder, as_of=dt.date(2025, 3, 9)).statements
    assert row.in_fit
    assert [row.in_fit for row in load_evidence(folder).statements] == [True, False]


def test_two_echoes_of_what_is_not_known_yet_count_once(tmp_path: Path) -> None:
    original = with_cell(ROW, STATEMENTS, "known", "2025-03-10")
    echoes = [
        with_cell(with_cell(ROW, STATEMENTS, "paragraph", number), STATEMENTS, "same_as", place)
        for number, place in (("2", "101_march:1"), ("3", "101_march:1"))
    ]
    folder = folder_of(tmp_path, [original, *echoes])
    rows = load_evidence(folder, as_of=dt.date(2025, 3, 9)).statements
    assert [row.in_fit for row in rows] == [True, False]


def test_an_echo_of_a_scored_event_is_used_with_it(tmp_path: Path) -> None:
    echo = ROW.replace("101_march,1", "101_march,3").replace("territory", "truce_terms")
    echo = with_cell(echo, STATEMENTS, "same_as", "101_march:2")
    liked = with_cell(echo, STATEMENTS, "kind", "preference")
    [row] = load_evidence(folder_of(tmp_path, [liked], [ANSWER])).statements
    assert row.why_not == "reported before in 101_march:2"
    [row] = load_evidence(folder_of(tmp_path, [echo], [ANSWER])).statements
    assert row.in_fit  # a demand is no answer told again


def test_an_as_of_day_given_to_the_check_refuses_later_rows(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [with_cell(ROW, STATEMENTS, "known", "2025-03-10")])
    assert problems(folder, dt.date(2025, 3, 10)) == []
    [problem] = problems(folder, dt.date(2025, 3, 9))
    assert "column known" in problem.where
    assert "after the as-of day, 2025-03-09" in problem.what


def test_the_shipped_evidence_is_sound() -> None:
    assert problems() == []
    evidence = load_evidence()
    ids = [row.id for row in (*evidence.statements, *evidence.events)]
    assert len(ids) == len(set(ids)) > 50


def test_every_issue_has_a_scale() -> None:
    assert tuple(shipped().issues) == ISSUES
