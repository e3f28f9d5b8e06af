"""Bad news: everything that is wrong with it at once, by file, row, column and value."""

from __future__ import annotations

import copy
import re
import zipfile

import pytest
from helpers.command import truce
from helpers.news import MONTH, copied, fill_csv, fill_xlsx, record

from sim.inputs.conflict import Conflict
from sim.intake.record_check import record_problems

BAD = {
    "a day after its article": ("statements", 0, "date", "2025-06-04", "after the article's own"),
    "an unknown kind": ("statements", 1, "kind", "red_lin", "Did you mean 'red_line'? Allowed: "),
    "an unknown holder": ("statements", 2, "holder", "narnia", "is unknown. Use one of: "),
    "a position off its scale": ("statements", 3, "position", "1.5", "is not a number in 0..1"),
    "a paraphrase too long": ("statements", 3, "paraphrase", "so " * 16, "of 16 words, 15 at most"),
    "a day of no calendar": (
        "events",
        0,
        "date_from",
        "3/6/2025",
        "may be 3 June or 6 March. Write 2025-06-03 or 2025-03-06.",
    ),
    "no round": ("events", 1, "round", "", "an answer names no round"),
    "an empty cell": ("events", 2, "detail", "", "is empty. Write pairs first"),
    "a pair that is none": ("events", 4, "detail", "valu=.4; new measures", "Did you mean 'value'"),
    "a place that is none": ("events", 3, "same_as", "005:99", "is not the place of a row"),
    "listed without need": ("events", 7, "listed", "yes", "Clear listed, or write no"),
    "a value that is missing": (
        "events",
        5,
        "detail",
        "names a number",
        "Begin the detail with 'value=...; ' (",
    ),
    "no bloc": ("events", 5, "actor", "us", "Correct the row, or clear listed, so that it is"),
    "an unknown lever": ("levers", 0, "lever", "sanctions.us_thread", "sanctions.us_threat"),
    "a value off its range": ("levers", 1, "value", "1,2", "1.2"),
    "a lever known before its day": ("levers", 2, "known", "2025-06-01", "is before date"),
    "no source": ("rounds", 0, "source", "", "is empty. Write article and paragraph"),
    "a round told after it": ("rounds", 0, "known", "2025-07-03", "it was not announced ahead"),
    "a source that is hearsay": ("levers", 0, "source", "hearsay", "names no article"),
    "a source of no paragraph": ("levers", 1, "source", "006: announced", "names no article"),
    "both sides as actor": (
        "events",
        0,
        "actor",
        "both",
        "stands in detail, as 'target=ukraine; '",
    ),
    "an article of no day": ("articles", 2, "day", "June", "'June' is not a day"),
    "an article that is not there": ("statements", 1, "article", "77", "'077' is unknown"),
    "a source of no article": ("moves", 0, "source", "077, paragraph 1: moved", "begins with 077"),
}
"""What is done to which cell, and what is said of it."""


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path)


def spoilt(*names):
    month = copy.deepcopy(MONTH)
    for name in names:
        table, number, column, text, _ = BAD[name]
        month[table][number][column] = text
    return month


def check(folder, *paths):
    """What is told of news that has something wrong with it; nothing of the record is changed."""
    before = record(folder)
    told = truce("--data", ".", "evidence", "check", *paths, cwd=folder)
    assert (told.returncode, told.stdout) == (2, "")
    adding = truce("--data", ".", "evidence", "add", *paths, cwd=folder)
    assert (adding.returncode, adding.stderr) == (2, told.stderr)
    assert {name: data for name, data in record(folder).items() if name in before} == before
    lines = [line for line in told.stderr.splitlines() if not line.startswith("Note: ")]
    assert all(line.startswith("truce: ") for line in lines[:-1])
    assert lines[-1].startswith(f"{len(lines) - 1} problem")
    return lines[:-1]


def about(lines, table, row, column):
    """The lines about a cell of a spreadsheet; its rows are counted from 2."""
    where = f"sheet {table}, row {row + 2}, column {column}: "
    return [line for line in lines if where in line]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_cell_is_named_by_file_sheet_row_and_column(folder, name):
    table, row, column, _, says = BAD[name]
    lines = check(folder, fill_xlsx(folder / "news.xlsx", spoilt(name)))
    told = about(lines, table, row, column) or about(lines, table, row, "event")
    told = told or [line for line in lines if f"sheet {table}, row {row + 2}" in line]
    assert told, lines
    assert any(says in line for line in told), told
    assert all("/truce-" not in line for line in lines)  # nothing tells of the copy
    assert all(word not in line for line in told for word in ("events.csv", "history.toml"))


def test_all_bad_cells_of_all_sheets_are_told_at_once(folder):
    apart = [
        name
        for name in BAD
        if name not in ("an article of no day", "a round told after it", "no bloc")
    ]
    lines = check(folder, fill_xlsx(folder / "news.xlsx", spoilt(*apart)))
    for name in apart:
        table, row, *_, says = BAD[name]
        here = [line for line in lines if f"sheet {table}, row {row + 2}" in line]
        assert any(says in line for line in here), (name, lines)


def test_missing_and_unknown_columns_are_told_once_beside_bad_rows(folder):
    month = spoilt("an unknown kind", "no round")
    path = fill_xlsx(folder / "news.xlsx", month, drop=("holder", "basis", "day_basis"))
    lines = check(folder, path)
    assert f"{path}, sheet statements, row 1: of the columns of statements these are missing: " in (
        lines[-1] + "".join(lines)
    )
    assert sum("missing: holder, basis." in line for line in lines) == 1
    assert sum("missing: day_basis." in line for line in lines) == 1
    assert not [line for line in lines if "column holder" in line or "column basis" in line]
    assert about(lines, "statements", 1, "kind")
    assert about(lines, "events", 1, "round")
    csvs = fill_csv(folder / "news")
    text = (csvs / "events.csv").read_text(encoding="utf-8")
    (csvs / "events.csv").write_text(text.replace("round,", "roun,", 1), encoding="utf-8")
    (csvs / "statement.csv").write_text("article\n", encoding="utf-8")
    lines = check(folder, csvs)
    assert any("'roun' is no column of events. Did you mean 'round'?" in line for line in lines)
    assert any("statement.csv: is no file of news" in line for line in lines)


def test_two_folders_of_one_id_and_what_else_is_wrong_with_either(folder):
    one = {"articles": MONTH["articles"][:1], "statements": MONTH["statements"][:1]}
    two = copy.deepcopy(one)
    two["articles"][0] |= {"title": "Quite another", "day": "2025-06-05"}
    one["statements"] = [{**MONTH["statements"][0], "date": "2025-06-04"}]
    two["statements"][0]["kind"] = "ofer"
    paths = fill_csv(folder / "one", one), fill_csv(folder / "two", two)
    lines = check(folder, *paths)
    [first] = [line for line in lines if "begins with 005" in line]
    assert f"{paths[1]}/articles.csv, line 2, column id" in first
    assert f"{paths[0]}/articles.csv, line 2, column id" in first
    assert first.endswith(": 006.")
    assert any("'ofer' is unknown" in line for line in lines)
    [late] = [line for line in lines if "after the article's own day" in line]
    assert f"{paths[0]}/statements.csv" in late  # which is of the earlier one


def test_of_two_articles_of_one_id_only_that_is_told_beside_what_else_is_wrong(folder):
    """Rows of both say 005; a day is late if it is after both."""
    month = copy.deepcopy(MONTH)
    for row in (*month["statements"], *month["events"]):
        row["article"] = row["article"].replace("006", "005")
    month["articles"][1]["id"] = "005"
    month["statements"][1]["date"] = "2025-06-09"
    month["events"][3]["paragraph"] = "2"  # and names paragraph 5 of the other one as earlier
    path = fill_xlsx(folder / "news.xlsx", month)
    one, other = check(folder, path)
    assert f"{path}, sheet articles, row 3, column id: begins with 005 as that in {path}, " in one
    assert "row 3, column date: 2025-06-09 is after the article's own day, 2025-06-08" in other


def test_an_article_that_has_the_id_of_another_is_asked_for_the_one_that_its_rows_have(folder):
    """Its rows say 006, and so do sources; neither is blamed."""
    month = copy.deepcopy(MONTH)
    month["articles"][1]["id"] = "005"
    month["levers"][0]["source"] = "006, paragraph 2: measures are drafted"
    month["statements"][0]["date"] = "2025-06-04"  # after 005 itself, and before 006
    one, other = check(folder, fill_xlsx(folder / "news.xlsx", month))
    assert "Is it 006, which rows name and no article has?" in one
    assert "row 2, column date: 2025-06-04 is after the article's own day, 2025-06-03" in other


def test_an_article_with_the_digits_of_one_of_the_record_is_told_which(folder):
    month = {"articles": [{**MONTH["articles"][0], "id": "004"}]}
    [line] = check(folder, fill_xlsx(folder / "news.xlsx", month))
    assert "begins with 004, as 004_2c382523f4fe7411 of the record does" in line


def test_a_row_of_an_unknown_article_is_told_once_though_it_is_listed(folder):
    month = copy.deepcopy(MONTH)
    month["events"][0]["article"] = "077"
    [line] = check(folder, fill_xlsx(folder / "news.xlsx", month))
    assert "events, row 2, column article: '077' is unknown" in line
    month["events"][0] |= {"article": "005", "date_from": "2/6/2025"}
    [line] = check(folder, fill_xlsx(folder / "news.xlsx", month))
    assert "events, row 2, column date_from: '2/6/2025' may be" in line


def test_problems_stand_sheet_by_sheet_in_the_order_of_the_workbook(folder):
    bad = (
        "an unknown holder",
        "no round",
        "an unknown kind",
        "an unknown lever",
        "a pair that is none",
    )
    spoiled = spoilt(*bad)
    month = {name: spoiled[name] for name in ("levers", "events", "articles", "statements")}
    lines = check(folder, fill_xlsx(folder / "news.xlsx", month))
    places = [re.search(r"sheet (\w+, row \d+)", line)[1] for line in lines]
    assert places == [
        "levers, row 2", "events, row 3", "events, row 6", "statements, row 3", "statements, row 4"
    ]  # fmt: skip


def test_news_of_which_some_was_added_is_told_article_by_article(folder):
    path = fill_xlsx(folder / "news.xlsx", {**MONTH, "levers": MONTH["levers"][:1]})
    assert truce("--data", ".", "evidence", "add", path, cwd=folder).returncode == 0
    lines = check(folder, fill_xlsx(path, MONTH))
    assert len(lines) == len(MONTH["articles"])
    assert "005_a_monitored_truce_is_offered already, and of its rows 1 in statements, " in lines[0]
    more = {"statements": [{**MONTH["statements"][0], "paragraph": "8"}, MONTH["statements"][1]]}
    [line] = check(folder, fill_xlsx(path, more))
    assert "sheet statements, row 3: is in the record already. Take it out." in line


def test_a_form_tells_every_bad_line(folder):
    made = truce("--data", ".", "evidence", "new", "2025-06-03", "--title", "T", cwd=folder)
    path = folder / made.stdout.splitlines()[0].rpartition("/")[0]
    lines = [
        "[[statement]]", 'holder = "us', "hollder = us", "issue: nato", "paragraph = 2",
        "paragraph = 3", "[[statment]]", "holder = us", "[[statement]]", "kind = ofer",
    ]  # fmt: skip
    text = (path / "statements.toml").read_text(encoding="utf-8")
    (path / "statements.toml").write_text(text + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    start = text.count("\n") + 1
    told = check(folder, path)
    for number, says in (
        (1, "holder: '\"us' cannot be read. Put the text between two quotation marks"),
        (2, "'hollder' is nothing that [[statement]] has. Did you mean 'holder'?"),
        (3, "'issue: nato' is no line of the form 'name = value'"),
        (5, f"paragraph: is given twice, first in line {start + 5}"),
        (6, "'statment' is no kind of row. Did you mean 'statement'?"),
        (9, "kind: 'ofer' is unknown. Did you mean 'offer'?"),
    ):
        place = f"statements.toml, line {start + number + 1}"
        assert any(place in line and says in line for line in told), (says, told)
    assert any("issue: is empty. Write what it is about." in line for line in told)
    assert any("day_basis: is empty" in line for line in told)  # of the other file


def test_a_table_of_other_columns_is_told_once(folder):
    (folder / "prices.csv").write_text("day of,price\n1,2\n3,4\n", encoding="utf-8")
    [line] = check(folder, "prices.csv")
    assert "prices.csv: has columns of no table of news, as 'day of'" in line
    (folder / "May-Statements.csv").write_text("article,paragraph\n", encoding="utf-8")
    [line, *_] = check(folder, "May-Statements.csv")
    assert "of the columns of statements these are missing" in line


def test_files_that_cannot_be_read_are_told_beside_the_others(folder):
    path = fill_csv(folder / "news", spoilt("an unknown kind"))
    (path / "events.csv").write_bytes("actor,event\nfrançais,x\n".encode("cp1252"))
    (path / "levers.csv").write_text('lever,date\n"open', encoding="utf-8")
    (path / "book.xlsx").write_bytes(b"no zip")
    with zipfile.ZipFile(path / "empty.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<a><b></a>")
    lines = check(folder, path)
    told = "events.csv, line 2, byte 5: the byte 0xe7 is not UTF-8"
    assert any(told in line and "CSV UTF-8" in line for line in lines)
    assert any("levers.csv, line 2: is not CSV" in line for line in lines)
    assert any("book.xlsx: is no Excel file" in line for line in lines)
    assert any("empty.xlsx: is no Excel file" in line for line in lines)
    assert any("'red_lin' is unknown" in line for line in lines)


@pytest.mark.parametrize("path", ["nowhere", "nowhere.xlsx", "empty"])
def test_a_path_that_holds_no_news_is_told(folder, path):
    (folder / "empty").mkdir()
    [line] = check(folder, path)
    assert path in line


def test_the_record_itself_is_told_of_behind_the_news(folder):
    path = folder / "calibration/evidence/statements.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",demand,", ",demnd,", 1), encoding="utf-8")
    lines = check(folder, fill_csv(folder / "news", spoilt("an unknown holder")))
    assert "'narnia'" in lines[0]
    assert f"{path.as_posix()}, line 3, column kind: 'demnd'" in lines[-1]


# ------------------------------------------------------------------ the record, past rows at fault


def events_of(folder, *rows, spoil=()):
    path = folder / "calibration/evidence/events.csv"
    text = path.read_text(encoding="utf-8")
    for old, new in spoil:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text + "".join(f"{row}\n" for row in rows), encoding="utf-8")


PLACE = "002_4a1b6ee6f7358616,9,2025-05-19,2025-05-19,,,us"
UNREADABLE = (",rejects_truce,", ",rejcts_truce,")


def test_a_row_that_cannot_be_read_hides_nothing_that_cannot_be_imposed(folder):
    events_of(folder, f"{PLACE},truce_collapses,the truce is over,",
              f"{PLACE},mediator_returns,it is back,", spoil=[UNREADABLE])  # fmt: skip
    told = truce("--data", folder, "evidence", "check").stderr
    assert "'rejcts_truce' is unknown" in told
    assert "ends a full truce that was not in force" in told
    assert "returns, but had not left" in told


def test_a_listed_action_whose_event_cannot_be_read_is_not_told_twice(folder):
    spoil = [("uk,contingent_pledged,value=.5", "uk,contingent_pleged,value=.5")]
    events_of(folder, spoil=spoil)
    told = truce("--data", folder, "evidence", "check").stderr.splitlines()
    assert len(told) == 1
    assert "'contingent_pleged' is unknown" in told[0]


def test_what_may_lean_on_a_row_at_fault_says_so(folder):
    """The mediator leaves in a row that cannot be read, and returns in one that can."""
    later = PLACE.replace("2025-05-19", "2025-05-20")
    events_of(folder, f"{PLACE},mediator_leves,it gives up,",
              f"{later},mediator_returns,it is back,")  # fmt: skip
    told = record_problems(Conflict(folder))
    assert len(told) == 1
    assert "mend that row first" in told[0].todo
    events_of(folder, spoil=[("mediator_leves", "mediator_leaves")])
    assert record_problems(Conflict(folder)) == []


def test_what_lies_in_a_row_alone_leans_on_no_other(folder):
    events_of(folder, f"{PLACE},mediator_leves,it gives up,",
              f"{PLACE.replace(',us', ',uk')},mediator_returns,it is back,")  # fmt: skip
    [fault] = record_problems(Conflict(folder))
    assert "is by uk, who is not the mediator" in fault.what
    assert "mend that row first" not in fault.todo


def test_a_lever_at_fault_hides_no_event_that_cannot_be_imposed(folder):
    path = folder / "scenarios/history.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("value = 0.5", "value = 7.5", 1), encoding="utf-8")
    events_of(folder, f"{PLACE},mediator_returns,it is back,")
    told = [str(fault) for fault in record_problems(Conflict(folder))]
    assert any("7.5" in line for line in told)
    assert any("returns, but had not left" in line for line in told)
