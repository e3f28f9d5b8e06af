"""News: a month of made-up articles, by draft, by spreadsheet and by CSV, into the record."""

from __future__ import annotations

import csv
import json
import re
import zipfile

import pytest
from helpers.command import truce
from helpers.news import MONTH, copied, fill_csv, fill_draft, fill_xlsx, record
from helpers.renamed import old_names, write_renamed

from sim.evidence.coding import event_readers, place_readers, statement_readers
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import HistoryRow, MoveRow, RoundRow
from sim.inputs.made_from import inputs_of
from sim.intake.columns import TABLES, unexplained
from sim.intake.record_check import record_problems
from sim.intake.xlsx import read_sheets

CHANGED = {
    *(f"calibration/evidence/{name}" for name in ("articles.toml", "events.csv", "statements.csv")),
    "scenarios/history.toml",
}


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path)


def drafted(folder):
    """The month as five folders, as somebody would draft and fill them in."""
    paths = []
    for row in MONTH["articles"]:
        words = ("new", row["day"], "--title", row["title"])
        told = truce("--data", ".", "evidence", *words, cwd=folder)
        assert told.returncode == 0, told.stderr
        paths.append(told.stdout.splitlines()[0].rpartition("/")[0])
        fill_draft(folder / paths[-1], row["id"])
    return paths


def added(folder, *paths):
    told = truce("--data", ".", "evidence", "add", *paths, cwd=folder)
    assert told.returncode == 0, told.stderr
    return record(folder)


def test_a_month_by_draft_by_spreadsheet_and_by_csv_is_the_same_record(tmp_path):
    ways = {name: copied(tmp_path / name) for name in ("draft", "xlsx", "csv")}
    before = record(ways["draft"])
    by_draft = added(ways["draft"], *drafted(ways["draft"]))
    by_xlsx = added(ways["xlsx"], fill_xlsx(ways["xlsx"] / "news.xlsx"))
    by_csv = added(ways["csv"], fill_csv(ways["csv"] / "news"))
    assert by_xlsx == by_csv
    assert {name for name in by_csv if by_csv[name] != before[name]} == CHANGED
    history = "scenarios/history.toml"
    for name in CHANGED - {history}:
        assert by_csv[name].startswith(before[name])
        assert by_csv[name] == by_draft[name]
    # what is appended to history.toml stands in the order of the folders
    assert sorted(by_draft[history].split(b"\n\n")) == sorted(by_csv[history].split(b"\n\n"))
    moved = before[history].replace(b"through = 2025-05-20", b"through = 2025-06-27")
    assert by_csv[history].startswith(moved)


def test_what_was_added_is_read_back_as_it_was_written(folder):
    added(folder, fill_xlsx(folder / "news.xlsx"))
    conflict = Conflict(folder)
    assert record_problems(conflict) == []
    evidence, old = load_evidence(conflict=conflict), load_evidence()
    assert [article.title for article in evidence.articles[5:]] == [
        row["title"] for row in MONTH["articles"]
    ]
    new = evidence.statements[len(old.statements) :]
    assert [str(row.position) for row in new] == ["0.25", "0.75", "1.0", "0.35"]
    assert new[3].paraphrase == 'Wants "some" protection afterwards'
    events = evidence.events[len(old.events) :]
    assert events[3].same_as == "005_a_monitored_truce_is_offered:5"
    assert str(events[5].known) == "2025-06-20"
    assert evidence.statements[: len(old.statements)] == old.statements
    levers = {row.lever: row.value for row in conflict.record.levers if row.date.month == 6}
    assert levers == {
        "sanctions.us_threat": 0.6, "offer.territory": "deferred", "concede.nato": True
    }  # fmt: skip
    assert [str(day) for day in conflict.announced_rounds(conflict.through)] == ["2025-07-02"]
    listed = [row.event for row in conflict.record.actions if row.date.month == 6]
    assert listed == ["talks", "contingent_pledged"]


DIALECTS = {
    "semicolons": {"mark": ";"},
    "tabs": {"mark": "\t"},
    "a mark at the beginning": {"bom": True},
    "lines that end in CRLF": {"end": "\r\n"},
    "decimal commas in quotes": {"comma": True},
    "a German Excel": {"mark": ";", "bom": True, "end": "\r\n", "comma": True, "dotted": True},
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_make_of_csv_is_the_same_record(tmp_path, name):
    plain, other = copied(tmp_path / "plain"), copied(tmp_path / "other")
    kept = added(plain, fill_csv(plain / "news"))
    assert added(other, fill_csv(other / "news", **DIALECTS[name])) == kept


def test_a_record_with_other_line_ends_keeps_them(folder):
    for name in CHANGED:
        path = folder / name
        path.write_bytes(path.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))
    before = record(folder)
    after = added(folder, fill_csv(folder / "news"))
    for name in CHANGED:
        assert after[name].count(b"\n") == after[name].count(b"\r\n") > before[name].count(b"\n")
    assert record_problems(Conflict(folder)) == []


def test_a_trial_and_a_check_change_nothing_and_show_every_line(folder):
    before = record(folder)
    path = fill_csv(folder / "news")
    trial = truce("--data", ".", "evidence", "add", path, "--dry-run", cwd=folder)
    check = truce("--data", ".", "evidence", "check", path, cwd=folder)
    assert (trial.returncode, check.returncode) == (0, 0)
    assert record(folder) == before
    after = added(folder, path)
    for name in CHANGED:
        rows = after[name].decode()[len(before[name]) :].splitlines()
        for line in filter(None, rows):
            assert line in trial.stdout
            assert line in check.stdout
    assert "read through 2025-06-27, not 2025-05-20" in trial.stdout
    assert "calibrate --as-of 2025-06-27" in trial.stdout
    assert check.stdout.splitlines()[-1].endswith(f" evidence add {path}")


@pytest.mark.parametrize("end", ["", "s of the month"])
def test_sheets_that_are_exported_as_csv_are_known_by_the_ends_of_their_names(tmp_path, end):
    """As a spreadsheet program names them, `good-rounds.csv`, or else by their columns."""
    plain, other = copied(tmp_path / "plain"), copied(tmp_path / "other")
    kept = added(plain, fill_csv(plain / "news"))
    assert (
        truce("--data", ".", "evidence", "template", "--format", "csv", cwd=other).returncode == 0
    )
    fill_csv(other / "news", mark=";")
    paths = [other / f"news/{name}.csv" for name in TABLES]
    explained = (other / "news-csv/explained.txt").read_text(encoding="utf-8-sig")
    paths.append(other / "news/explained.csv")
    paths[-1].write_text(explained.replace("\t", ";"), encoding="utf-8")
    named = [path.rename(path.with_name(f"Good-{path.stem}{end}.csv")) for path in paths]
    assert added(other, *([other / "news"] if not end else named)) == kept


def test_what_counts_less_than_may_be_meant_is_noted(folder):
    month = {"articles": MONTH["articles"][:2], "statements": MONTH["statements"][:3]}
    month["events"] = [{**MONTH["events"][0], "listed": ""}, *MONTH["events"][1:3]]
    month["statements"][2] = {**MONTH["statements"][2], "known": "", "date": "2025-06-07"}
    path = fill_xlsx(folder / "news.xlsx", month)
    words = ("--data", ".", "evidence", "check", path)
    told = truce(*words, cwd=folder)
    assert told.returncode == 0, told.stderr
    notes = [line for line in told.stdout.splitlines() if line.startswith("Note: ")]
    assert len(notes) == len(json.loads(truce(*words, "--json", cwd=folder).stdout)["notes"]) == 2
    assert "sheet statements, row 4, column known: counts as public on 2025-06-07" in notes[0]
    assert notes[0].endswith("public with the article: 2025-06-08.")
    assert "sheet events, row 2, column listed: talks does not count" in notes[1]
    month["events"][0]["listed"] = "no"
    month["statements"][2] |= {"date": "2025-06-08"}
    assert "Note" not in truce(*words[:-1], fill_xlsx(path, month), cwd=folder).stdout


def test_a_check_ends_with_the_command_that_adds_the_same(folder, monkeypatch):
    path = fill_csv(folder / "news")
    words = ("--data", ".", "evidence", "check", path, "--through", "2025-07-01")
    last = truce(*words, cwd=folder).stdout.splitlines()[-1]
    assert last.endswith(f"evidence add {path} --through 2025-07-01")
    monkeypatch.setattr("sim.cli.evidence_news.in_package", lambda _: True)
    last = truce(*words, cwd=folder).stdout.splitlines()[-1]
    assert last.endswith(" --through 2025-07-01 --into my-record")


def test_what_was_added_cannot_be_added_again(folder):
    path = fill_csv(folder / "news")
    after = added(folder, path)
    told = truce("--data", ".", "evidence", "add", path, cwd=folder)
    assert told.returncode == 2
    [line, _] = told.stderr.splitlines()
    assert "was added already (articles 005, 006, 007, 008, 009)" in line
    assert record(folder) == after


def test_through_may_be_later_than_the_article_and_never_goes_back(folder):
    path = fill_csv(folder / "news")
    words = ("--data", ".", "evidence", "add", path, "--dry-run", "--json", "--through")
    told = truce(*words, "2025-07-01", cwd=folder)
    assert json.loads(told.stdout)["through"] == {"before": "2025-05-20", "after": "2025-07-01"}
    told = truce(*words, "2025-01-01", cwd=folder)
    assert json.loads(told.stdout)["through"]["after"] == "2025-06-27"


def test_ensembles_that_go_out_of_date_are_named_with_what_renews_them(folder):
    """An article of April that is found late: ensembles of earlier days do not know of it."""
    ensembles = folder / "calibration/ensembles"
    ensembles.mkdir()
    conflict = Conflict(folder)
    for day in ("2025-03-17", "2025-05-10"):
        manifest = {
            "as_of": day,
            "kind": "posterior",
            "inputs": inputs_of("posterior", conflict.through.fromisoformat(day), conflict),
        }
        (ensembles / f"{day}.json").write_text(json.dumps(manifest), encoding="utf-8")
        (ensembles / f"{day}.parquet").touch()
    late = {
        "articles": [{**MONTH["articles"][0], "day": "2025-04-25"}],
        "statements": [{**MONTH["statements"][0], "date": "2025-04-24"}],
    }
    told = truce("--data", ".", "evidence", "add", fill_csv(folder / "news", late), cwd=folder)
    assert told.returncode == 0, told.stderr
    [line] = [line for line in told.stdout.splitlines() if "Out of date" in line]
    assert "ensembles/2025-05-10.parquet" in line
    assert line.endswith("calibrate --as-of 2025-05-10")
    assert "No ensemble" not in told.stdout
    assert Conflict(folder).through == shipped().through


def test_a_repeat_is_offered_as_same_as(folder):
    month = {
        "articles": MONTH["articles"][:2],
        "events": [{**row, "same_as": ""} for row in MONTH["events"][:4]],
        "statements": [
            MONTH["statements"][0],
            {**MONTH["statements"][0], "article": "006", "paragraph": "3", "kind": "preference"},
            {**MONTH["statements"][0], "article": "006", "paragraph": "4", "holder": "uk"},
            {**MONTH["statements"][0], "article": "006", "paragraph": "5", "position": ".9"},
        ],
    }
    path = fill_xlsx(folder / "news.xlsx", month)
    told = truce("--data", ".", "evidence", "check", path, cwd=folder)
    assert told.returncode == 2  # an answer that is told twice must name the first report
    notes = [line for line in told.stderr.splitlines() if line.startswith("Note: ")]
    first = "005_a_monitored_truce_is_offered"
    assert [note.split(": ")[1] for note in notes] == [
        f"{path}, sheet {sheet}, row {row}, column same_as"
        for sheet, row in (("statements", 3), ("events", 5))
    ]
    assert f'write same_as = "{first}:2"' in notes[0]
    assert f'write same_as = "{first}:5"' in notes[1]
    month["events"][3]["same_as"] = "5:5"
    month["statements"][1]["same_as"] = f"{first}:2"
    told = truce("--data", ".", "evidence", "check", fill_xlsx(path, month), cwd=folder)
    assert told.returncode == 0, told.stderr
    assert "Note" not in told.stdout


# ------------------------------------------------------------------ drafts and spreadsheets


def test_drafts_take_the_next_digits_and_are_nothing_until_they_are_filled_in(folder):
    words = ("--data", ".", "evidence", "new", "2025-06-03", "--title")
    assert truce(*words, "One: two?", cwd=folder).returncode == 0
    second = truce(*words, "Other", "--json", cwd=folder)
    assert json.loads(second.stdout)["folder"] == "news/2025-06-03-other"
    text = (folder / "news/2025-06-03-one-two/article.toml").read_text(encoding="utf-8")
    assert 'id = "005_one_two"' in text
    assert 'id = "006_other"' in (folder / "news/2025-06-03-other/article.toml").read_text("utf-8")
    again = truce(*words, "Other", cwd=folder)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    told = truce("--data", ".", "evidence", "check", "news/2025-06-03-other", cwd=folder)
    [line, _] = told.stderr.splitlines()
    assert "article.toml, line" in line
    assert "day_basis: is empty. Write how that day is known" in line


def test_a_draft_and_a_spreadsheet_explain_every_choice_that_the_checks_know(folder):
    assert unexplained() == []
    assert truce("--data", ".", "evidence", "new", "2025-06-03", "--title", "T", cwd=folder).stdout
    assert truce("--data", ".", "evidence", "template", cwd=folder).returncode == 0
    words = ("template", "--format", "csv")
    assert truce("--data", ".", "evidence", *words, cwd=folder).returncode == 0
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("news/*/*.toml")}
    sheet = {tuple(row[:2] + row[3:]) for _, row in read_sheets(folder / "news.xlsx")["explained"]}
    conflict = Conflict(folder)
    for table in TABLES.values():
        text = next(text for text in texts.values() if f"[[{table.form}]]" in text)
        for column in table.columns:
            for word, meaning in column.words(conflict).items():
                assert f"# {word} ".replace("# ", "     ") in text.replace("#", " ")
                assert (table.name, column.name, word, meaning) in sheet
        with (folder / f"news-csv/{table.name}.csv").open(encoding="utf-8-sig", newline="") as file:
            assert next(csv.reader(file)) == list(table.names)
    told = truce("--data", ".", "evidence", "check", "news.xlsx", cwd=folder)
    assert "holds no row" in told.stderr


def test_a_spreadsheet_is_printed_with_its_headers_and_each_meaning_beside_its_word(folder):
    assert truce("--data", ".", "evidence", "template", cwd=folder).returncode == 0
    with zipfile.ZipFile(folder / "news.xlsx") as book:
        titles = re.findall(r'Print_Titles"[^>]*>(\w+)!', book.read("xl/workbook.xml").decode())
        texts = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in range(1, 8)]
    assert titles == sorted([*TABLES, "explained"])
    for text in texts:
        assert '<pageSetUpPr fitToPage="1"/>' in text
        assert re.search(r'<pageSetup [^>]*fitToHeight="0" orientation="landscape"', text)
    columns = re.findall(r'<col min="(\d+)" max="(\d+)" width="([0-9.]+)"', texts[-1])
    widths = [float(one[2]) for one in columns for _ in range(int(one[0]), int(one[1]) + 1)]
    heights = dict(re.findall(r'<row r="(\d+)"[^>]* ht="([0-9.]+)"', texts[-1]))
    header, *lines = read_sheets(folder / "news.xlsx")["explained"]
    assert all(width > len(name) + 3 for width, name in zip(widths, header[1], strict=True))
    for row, cells in lines:
        assert all(len(cell) < width for cell, width in zip(cells[:4], widths[:4], strict=True))
        assert float(heights[str(row)]) >= 13.0 * len(cells[4]) / widths[4]


def test_help_says_what_each_command_does_on_one_line(folder):
    commands = truce("evidence", "--help", cwd=folder).stdout.partition("Commands:")[2]
    assert commands.count("\n") > 6
    assert "..." not in commands


def test_the_columns_are_those_of_the_record():
    conflict = shipped()
    assert TABLES["statements"].names == (*place_readers(str), *statement_readers(conflict))
    assert TABLES["events"].names == (*place_readers(str), *event_readers(conflict), "listed")
    for name, model in (("levers", HistoryRow), ("rounds", RoundRow), ("moves", MoveRow)):
        assert set(TABLES[name].names) == set(model.model_fields)


def test_a_copy_of_the_record_is_made_whole_and_the_record_stays(folder):
    before = record(folder)
    path = fill_csv(folder / "news")
    told = truce("--data", ".", "evidence", "add", path, "--into", "mine", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert record(folder) == before
    mine = record(folder / "mine")
    assert {name for name in mine if mine[name] != before[name]} == CHANGED
    assert f"truce --data {folder / 'mine'} calibrate" in told.stdout
    again = truce("--data", ".", "evidence", "add", path, "--into", "mine", cwd=folder)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert record(folder / "mine") == mine


def test_the_record_inside_an_installed_program_is_left_alone(folder, monkeypatch):
    monkeypatch.setattr("sim.intake.add.in_package", lambda _: True)
    before = record(folder)
    path = fill_csv(folder / "news")
    told = truce("--data", ".", "evidence", "add", path, cwd=folder)
    assert told.returncode == 2
    assert "--into my-record" in told.stderr
    assert record(folder) == before
    told = truce("--data", ".", "evidence", "add", path, "--dry-run", cwd=folder)
    assert told.returncode == 0


def test_drafts_and_spreadsheets_of_another_conflict_speak_of_its_actors(tmp_path):
    write_renamed(tmp_path, days=400)
    words = ("--data", ".", "evidence")
    assert truce(*words, "new", "2026-08-03", "--title", "T", cwd=tmp_path).returncode == 0
    assert truce(*words, "template", cwd=tmp_path).returncode == 0
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob("news/*/*.toml")]
    sheets = read_sheets(tmp_path / "news.xlsx").values()
    texts += [cell for rows in sheets for _, cells in rows for cell in cells]
    assert old_names("\n".join(texts)) == []
    assert "Ruritania" in "".join(texts)


def test_texts_in_pieces_and_in_their_cells_are_read(tmp_path):
    """As other programs than Excel write them, and Excel with letters of several fonts."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts = {
        "xl/workbook.xml": f'<workbook {space} {relation}><sheets><sheet name="Events" '
        'sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="rId7" Target="/xl/worksheets/s.xml"/>'
        "</Relationships>",
        "xl/sharedStrings.xml": f"<sst {space}><si><r><t>ev</t></r><r><t>ent</t></r><rPh><t>x</t>"
        "</rPh></si></sst>",
        "xl/worksheets/s.xml": f'<worksheet {space}><sheetData><row r="3"><c r="B3" t="s"><v>0</v>'
        '</c><c r="D3" t="inlineStr"><is><t>in line</t></is></c><c r="E3" t="str"><v>of a formula'
        '</v></c><c r="F3" t="b"><v>0</v></c><c r="G3"><v>0.1</v></c><c r="H3"/></row>'
        '<row r="9"><c r="A9"/></row></sheetData></worksheet>',
    }
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    line = ["", "event", "", "in line", "of a formula", "false", "0.1", ""]
    assert read_sheets(tmp_path / "a.xlsx") == {"events": [(3, line)]}
