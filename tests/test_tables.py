"""Tables of commands as files: whole, the same every time, plain text and plain numbers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import os
import threading
import zipfile

import numpy as np
import pandas as pd
import pytest
import typer
from helpers.command import truce, truce_process
from helpers.news import copied
from helpers.sheets import read_xlsx

import sim
from sim.calibrate.fit import filter_of, make_posterior
from sim.cli import app
from sim.cli.table_files import write_files
from sim.errors import StoreError
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.sheets import MAX_ROWS, MAX_TEXT, csv_bytes, frame_of, plain_text, xlsx_bytes

WORLDS = 4200
"""So many that more than a thousand members have several worlds each, as `explain` wants."""
FEW = ("--as-of", "2025-03-12", "--particles", 8192)
long = pytest.mark.long
SMALL = ("--points", 32, "--out", "others")
TABLES = {
    "run": ("run", "baseline", "--worlds", WORLDS),
    "compare": ("compare", "baseline", "us-backstop", "--worlds", 40, "--out", "others"),
    "sweep": ("sweep", "baseline", "--vary", "concede.nato=false,true", "--worlds", 8,
              "--vary", "offer.territory=deferred,0.5"),
    "replay": ("replay", "last-run", "--world", 3),
    "explain": ("explain", "last-run", "--top", 1),
    "why": ("why", "baseline", "us-backstop", "--worlds", 600, "--out", "others"),
    "why of a world": ("why", "last-run", "--world", 2),
    "watch": ("watch", "baseline", "us-backstop", "--worlds", 400, "--out", "others"),
    "sensitivity": ("sensitivity", "baseline", "--worlds", 256, "--out", "others"),
    "redteam": ("redteam", "baseline", "--worlds", 256, "--out", "others"),
    "optimise": ("optimise", "baseline", "--vary", "aid.level=0:2", "--worlds", 256, *SMALL),
    "update": ("update", "--as-of", "2025-03-13", "--particles", 8192, "--worlds", 256, "--out",
               "others"),
    "ledger list": ("ledger", "list"),
    "ledger score": ("ledger", "score"),
    "discover": ("discover", "last", "--where", "held>.12", "--worlds", 256, "--out", "wide"),
    "runs": ("runs",),
    "levers": ("levers",),
    "variants": ("variants",),
    "analysts check": ("analysts", "check", "anna.toml"),
    "parameters": ("parameters",),
    "parameters of a name": ("parameters", "fighting_cost"),
    "scenarios list": ("scenarios", "list"),
    "scenarios show": ("scenarios", "show", "april-package"),
    "evidence list": ("evidence", "list"),
    "evidence list of a holder": ("evidence", "list", "--holder", "russia"),
    "evidence list of nothing": ("evidence", "list", "--as-of", "2025-03-10"),
    "evidence list --occasions": ("evidence", "list", "--occasions"),
    "evidence show": ("evidence", "show", "russia", "territory"),
    "evidence show of a row": ("evidence", "show", "000:13:russia:territory"),
    "evidence agree": ("evidence", "agree", shipped().evidence, shipped().evidence),
    "timeline": ("timeline", *FEW, "--worlds", 40),
    "evidence influence": ("evidence", "influence", *FEW, "--only", "event"),
    "calibrate --variants": ("calibrate", "--variants", *FEW),
    "calibrate --check": ("calibrate", "--check", *FEW),
}  # fmt: skip
SHEET = """\
schema = "truce/analyst/1"
name = "anna"
title = "Anna"

[[number]]
name = "resolve.r"
low = -0.05
high = 0.35
middle = 0.15
"""
WEAK = ("update",)
"""Commands that exit 1 here, since their ensembles are made of so few pasts."""
SLOW = ("parameters", "calibrate --variants", "calibrate --check")
WITHOUT = {
    *("brief", "explore", "scenarios new", "scenarios check", "scenarios schema", "evidence check"),
    *("analysts new", "evidence new", "evidence add", "evidence template"),
    *("ledger seal", "ledger resolve", "ledger verify", "doctor"),
}
"""Commands that print no table."""
cases = pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=name, marks=long if name in SLOW else ())
        for name, words in TABLES.items()
    ],
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in whose `outputs` lies a run, and in whose `wide` a study of many points.

    It has ensembles of its own of two early days.
    """
    folder = tmp_path_factory.mktemp("tables")
    (folder / "anna.toml").write_text(SHEET, encoding="utf-8")
    for day in (dt.date(2025, 3, 12), dt.date(2025, 3, 13)):
        make_posterior(filter_of(day), 8192, folder=folder / "calibration/ensembles")
    many = (
        "sweep",
        "baseline",
        "--vary",
        "offer.territory=0:1:100",
        "--worlds",
        8,
        "--out",
        "wide",
    )
    for words in (TABLES["run"], many):
        done = truce(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def lines_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def same(text, value):
    """Whether a cell of the CSV and one of Excel hold the same."""
    if value is None:
        return text == ""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, float):
        return math.isclose(float(text), value, rel_tol=1e-15)
    return text == (value.isoformat() if isinstance(value, dt.date) else value)


# ------------------------------------------------------------------ all commands


def leaves(command, words=()):
    if not hasattr(command, "commands"):
        yield " ".join(words), {flag for option in command.params for flag in option.opts}
    for name, part in getattr(command, "commands", {}).items():
        yield from leaves(part, (*words, name))


def test_every_command_writes_its_table_but_those_that_have_none():
    found = dict(leaves(typer.main.get_command(app)))
    assert {name for name, flags in found.items() if "--csv" not in flags} == WITHOUT
    assert {name for name, flags in found.items() if "--xlsx" not in flags} == WITHOUT
    tried = {" ".join(map(str, words)) for words in TABLES.values()}
    assert [
        n for n in set(found) - WITHOUT if not any(f"{t} ".startswith(f"{n} ") for t in tried)
    ] == []


@cases
def test_a_table_is_written_whole_and_alike_to_both_files(words, place):
    sheet = place / "made" / "table.xlsx"
    done = truce(*words, "--csv", "made/table.csv", "--xlsx", sheet, cwd=place)
    assert done.returncode == (words[0] in WEAK), done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("Table: ")]
    assert told == ["Table: made/table.csv", f"Table: {sheet}"]
    written = (place / "made" / "table.csv").read_bytes()
    header, *rows = lines_of(written.decode("utf-8"))
    assert b"\r" not in written
    assert len(set(header)) == len(header)
    assert {len(row) for row in rows} <= {len(header)}

    excel = read_xlsx(sheet)
    assert (excel.header, len(excel.rows), excel.bold) == (header, len(rows), True)
    for row, cells in zip(rows, excel.rows, strict=True):
        pairs = zip(row, cells, strict=True)
        assert [(t, c) for t, c in pairs if t != plain_text(str(c)) and not same(t, c)] == []
    assert 'state="frozen"' in excel.parts["xl/worksheets/sheet1.xml"]
    assert len(excel.widths) == len(header)
    assert all(3 <= width <= 63 for width in excel.widths)

    assert "Files: " in done.stdout or words[0] not in ("run", "compare", "sweep", "timeline")

    if words[0] != "calibrate":  # which would take a minute more
        again = sheet.with_name("again.xlsx")
        alone = truce(*words, "--csv", "-", "--xlsx", again, cwd=place)
        assert alone.returncode == (words[0] in WEAK), alone.stderr
        assert alone.stdout.encode() == written
        assert again.read_bytes() == sheet.read_bytes()


def read_csv(name, place):
    return pd.read_csv(io.StringIO(truce(*TABLES[name], "--csv", "-", cwd=place).stdout))


def test_the_tables_of_results_are_those_of_python(place):
    exactly = {"check_dtype": False, "check_exact": True}
    results = sim.open("last-run", out=place / "outputs")
    pd.testing.assert_frame_equal(read_csv("run", place), results.table(), **exactly)
    read = read_csv("compare", place)
    comparison = sim.open("last-comparison", out=place / "others")
    pd.testing.assert_frame_equal(read, comparison.table(), **exactly)
    read = read_csv("sweep", place)
    table = sim.open("last-study", out=place / "outputs").table()
    assert list(read["offer.territory"]) == ["deferred", "0.5"] * 2  # a number beside a word
    words = ["offer.territory"]
    pd.testing.assert_frame_equal(read.drop(columns=words), table.drop(columns=words), **exactly)
    read = read_csv("explain", place)
    found = sim.explain("last-run", out=place / "outputs")
    assert len(read) == len(found.reasons) > 1  # all, though one is printed
    assert list(read["share"]) == list(found.table()["share"])


def test_tables_that_are_no_results_hold_all_that_json_does(place):
    levers = frame_from("levers", place)
    document = json.loads(truce("levers", "--json").stdout)["levers"]
    assert list(levers["lever"]) == [row["lever"] for row in document]
    named = levers.set_index("lever")
    ends = named.loc["offer.territory", ["lowest", "highest"]]
    assert [*map(float, ends)] == [0.0, 1.0]
    assert named.loc["sanctions.us_follow_through", "lowest"] == ""

    statements = load_evidence().statements
    listed = frame_from("evidence list", place)
    assert list(listed["id"]) == [row.id for row in statements]
    assert list(map(float, listed["position"])) == [row.position for row in statements]

    agreed = frame_from("evidence agree", place)
    assert dict(agreed["of"].value_counts())["all"] == 1
    assert int(agreed["pairs"][0]) == len(statements)
    replayed = frame_from("replay", place)
    told = json.loads(truce(*TABLES["replay"], "--json", cwd=place).stdout)["entries"]
    assert list(replayed["text"]) == [entry["text"] for entry in told]


@long
def test_the_table_of_parameters_holds_all_that_json_does(place):
    rows = frame_from("parameters", place)
    document = json.loads(truce("parameters", "--json").stdout)
    numbers = rows[rows["kind"] == "parameter"].reset_index()
    assert list(numbers["name"]) == [row["name"] for row in document["parameters"]]
    for number, row in enumerate(document["parameters"]):
        found = numbers.loc[number, ["members_low", "members_median", "members_high"]]
        assert [float(f"{float(one):.4g}") for one in found if one] == (row["members"] or [])
    terms = rows[rows["kind"] == "term"]
    assert len(terms) == sum(map(len, document["terms"].values()))


def frame_from(name, place):
    text = truce(*TABLES[name], "--csv", "-", cwd=place).stdout
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def test_a_list_of_nothing_has_its_header(tmp_path):
    done = truce("runs", "--csv", "-", cwd=tmp_path)
    assert done.stdout.startswith("run_id,kind,scenario,as_of,")
    assert done.stdout.count("\n") == 1
    for words in (("evidence", "list"), ("evidence", "list", "--occasions")):
        done = truce(*words, "--as-of", "2022-02-24", "--csv", "-")
        assert done.stdout.count("\n") == 1
        assert done.stdout.startswith(("id,article,paragraph,date,", "date_from,date_to,known,"))


def test_json_goes_beside_a_file(tmp_path):
    done = truce("levers", "--json", "--csv", tmp_path / "levers.txt")
    assert json.loads(done.stdout)["schema"] == "truce/levers/1"
    assert lines_of((tmp_path / "levers.txt").read_text("utf-8"))[0][0] == "lever"


# ------------------------------------------------------------------ what is refused

REFUSED = {
    "CSV and JSON alone": (("--csv", "-", "--json"), "--csv -: does not go with --json"),
    "Excel on a terminal": (("--xlsx", "-"), "--xlsx -: is no text that could be printed"),
    "no name": (("--csv", ""), "--csv: is empty. Name a file."),
    "no name for Excel": (("--xlsx", ""), "--xlsx: is empty. Name a file."),
    "a folder": (("--csv", "folder"), "folder: cannot be written: it is a folder."),
    "a folder's name": (("--csv", "new/"), "new/: is the name of a folder. Name a file in it."),
    "below a file": (("--xlsx", "file/a.xlsx"), "file is a file, not a folder"),
    "too long a name": (("--csv", "a" * 300), "the name is too long. Choose a shorter name."),
    "one file for both": (("--csv", "a", "--xlsx", "folder/../a"), "is the same file as --csv"),
}


@pytest.mark.parametrize(("options", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_before_any_work(options, words, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    done = truce("run", "baseline", "--worlds", 8, *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("calibrate",), "an ensemble is no table. Add --check or --variants"),
        (("parameters", "--markdown"), "--markdown: does not go with --json, --csv or --xlsx"),
        (("evidence", "show", "001:22:russia:rejects_truce"), "of which there is no table"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_what_has_no_table_says_so(arguments, words, tmp_path):
    for option in ("--csv", "--xlsx"):
        done = truce(*arguments, option, tmp_path / "a")
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ where it goes


def test_a_table_is_written_over_and_a_link_stays_one(tmp_path):
    (tmp_path / "old.csv").write_text("old", encoding="utf-8")
    assert truce("levers", "--csv", tmp_path / "old.csv").returncode == 0
    assert (tmp_path / "old.csv").read_text("utf-8").startswith("lever,")
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    if os.name != "nt":
        (tmp_path / "link").symlink_to(tmp_path / "old.csv")
        (tmp_path / "old.csv").write_text("old", encoding="utf-8")
        assert truce("levers", "--csv", tmp_path / "link").returncode == 0
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "old.csv").read_text("utf-8").startswith("lever,")


@pytest.mark.parametrize(
    ("file", "option", "words"),
    [
        ("mine.toml", "--csv", "does not end in .csv"),
        ("mine.csv", "--xlsx", "does not end in .xlsx"),
        ("calibration/mine.csv", "--csv", "among the data of the conflict"),
        ("run/mine.csv", "--csv", "in the folder of a result"),
        ("run/parts/mine.csv", "--csv", "in the folder of a result"),
    ],
)
def test_no_table_takes_the_place_of_something_else(tmp_path, file, option, words):
    copied(tmp_path)
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "run").mkdir(exist_ok=True)
    (tmp_path / "run" / "manifest.json").touch()
    path.write_text("mine", encoding="utf-8")
    done = truce("--data", tmp_path, "levers", option, path)
    assert done.returncode == 2
    assert words in done.stderr
    assert path.read_text("utf-8") == "mine"


@pytest.mark.skipif(os.name == "nt", reason="pipes of another kind")
def test_a_pipe_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert truce("levers", "--csv", pipe).returncode == 0
    reader.join(20)
    assert read[0].startswith("lever,")
    assert pipe.is_fifo()


def test_csv_in_a_pipe_is_utf8_whatever_the_terminal_has(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = truce_process("evidence", "list", "--occasions", "--csv", "-")
    assert done.returncode == 0, done.stderr
    assert lines_of(done.stdout)[0][0] == "date_from"
    assert (
        done.stdout.encode()
        == truce("evidence", "list", "--occasions", "--csv", "-").stdout.encode()
    )


# ------------------------------------------------------------------ the two writers

ODD = {
    "=1+1": ["=2+5", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "{=A1}", "https://a.example"],
    "whole": [1, -2, None, 2**53, 10**15 - 1, 10**15, 2**63 - 1],
    "share": [0.1, 1 / 3, float("nan"), float("inf"), -float("inf"), 5e-324, 1.7e308],
    "switch": [True, False, None, np.True_, np.False_, True, False],
    "day": ["2025-03-10", None, "2024-02-29", *["9999-12-31"] * 4],
    "no day": ["2025-03-10", "2025-02-30", *["2024-02-29"] * 5],
    "mixed": [True, 1, 0.5, "deferred", dt.date(2025, 3, 10), np.int64(7), np.float32(0.5)],
    "moment": [dt.datetime(2025, 3, 10, 23, 59, 59), *[pd.Timestamp(2024, 2, 29)] * 6],
    "old": [dt.date(1848, 3, 13), *[dt.date(1900, 3, 1)] * 6],
    "text": ["a,b", 'say "so"', "two\nlines", "", " a ", "\u00fc \u6f22 \U0001f54a", "\udcff\x07"],
    "parts": [[1, 2], {"a": "b"}, (), *[None] * 4],
}  # fmt: skip


@pytest.fixture
def odd(tmp_path):
    table = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in ODD.items()})
    path = tmp_path / "odd.xlsx"
    path.write_bytes(xlsx_bytes(table, "odd"))
    return table, path


def column_of(sheet, name):
    place = sheet.header.index(name)
    return [row[place] for row in sheet.rows]


def test_text_is_never_a_formula_or_a_link(odd):
    sheet = read_xlsx(odd[1])  # refuses formulas
    assert sheet.header[0] == "=1+1"
    assert column_of(sheet, "=1+1") == ODD["=1+1"]
    assert not [name for name in sheet.parts if "rels" in name and "sheet1" in name]
    assert "hyperlink" not in sheet.parts["xl/worksheets/sheet1.xml"].lower()


def test_excel_holds_numbers_days_and_words_as_what_they_are(odd):
    sheet = read_xlsx(odd[1])
    assert column_of(sheet, "whole") == [
        *(1, -2, None, "9007199254740992", 10**15 - 1, "1000000000000000", str(2**63 - 1))
    ]
    assert column_of(sheet, "share")[2:6] == [None, "inf", "-inf", 5e-324]
    assert column_of(sheet, "share")[:2] == pytest.approx([0.1, 1 / 3], rel=1e-15)
    assert column_of(sheet, "switch") == [True, False, None, True, False, True, False]
    assert column_of(sheet, "day")[:3] == [dt.date(2025, 3, 10), None, dt.date(2024, 2, 29)]
    assert column_of(sheet, "no day")[0] == "2025-03-10"
    assert column_of(sheet, "mixed") == [True, 1, 0.5, "deferred", dt.date(2025, 3, 10), 7, 0.5]
    assert column_of(sheet, "moment")[:2] == [
        *(dt.datetime(2025, 3, 10, 23, 59, 59), dt.datetime(2024, 2, 29))
    ]
    assert column_of(sheet, "old")[:2] == ["1848-03-13", dt.date(1900, 3, 1)]
    assert column_of(sheet, "text")[:6] == [*ODD["text"][:3], None, *ODD["text"][4:6]]
    assert column_of(sheet, "text")[6] == "\\udcff\x07"
    assert column_of(sheet, "parts") == ["[1, 2]", '{"a": "b"}', "[]", *[None] * 4]


def test_csv_reads_back_the_same(odd):
    header, *rows = lines_of(csv_bytes(odd[0]).decode("utf-8"))
    assert header == [plain_text(name) for name in ODD]
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    assert [int(one) for one in columns["whole"] if one] == [
        n for n in ODD["whole"] if n is not None
    ]
    floats = [float(one) if one else math.nan for one in columns["share"]]
    assert np.array_equal(floats, ODD["share"], equal_nan=True)
    assert columns["switch"] == ("true", "false", "", "true", "false", "true", "false")
    assert columns["mixed"] == ("true", "1", "0.5", "deferred", "2025-03-10", "7", "0.5")
    assert columns["moment"][0] == "2025-03-10T23:59:59"
    assert columns["text"] == (*map(plain_text, ODD["text"][:6]), "\\udcff\x07")
    assert columns["'=1+1"][:5] == ("'=2+5", "+1", "-1", "'@SUM(A1)", "'=cmd|' /C calc'!A0")


def test_the_bytes_do_not_depend_on_the_day(odd):
    with zipfile.ZipFile(odd[1]) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = file.read("docProps/core.xml").decode("utf-8")
    assert properties.count("1980-01-01T00:00:00Z") == 2
    assert str(dt.date.today().year) not in properties


def test_a_cell_that_is_too_long_is_cut_and_told(tmp_path, capsys):
    table = frame_of([{"a": "x" * MAX_TEXT, "b": "x" * (MAX_TEXT + 1)}])
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_bytes(table, "a"))
    ((whole, cut),) = read_xlsx(path).rows
    assert whole == "x" * MAX_TEXT
    assert cut == "x" * (MAX_TEXT - 3) + "..."
    assert len(lines_of(csv_bytes(table).decode())[1][1]) == MAX_TEXT + 1
    write_files(table, None, str(path))
    assert f"Table: {path}\nNote: texts that are cut in {path}" in capsys.readouterr().err


def test_a_table_that_is_larger_than_a_sheet_is_refused():
    with pytest.raises(StoreError, match=r"a.xlsx: 1,048,576 rows and 1 columns .* --csv"):
        xlsx_bytes(pd.DataFrame({"a": np.zeros(MAX_ROWS, np.int8)}), "a.xlsx")
    with pytest.raises(StoreError, match="16,385 columns"):
        xlsx_bytes(pd.DataFrame(np.zeros((1, 16_385), np.int8)), "a.xlsx")


def test_two_columns_of_one_name_both_stay(tmp_path):
    table = pd.DataFrame([[1, 2.5]], columns=["a", "a"])
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_bytes(table, "a"))
    assert (read_xlsx(path).header, read_xlsx(path).rows) == (["a", "a"], [[1.0, 2.5]])
    assert csv_bytes(table) == b"a,a\n1,2.5\n"


def test_an_empty_table_is_a_file(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_bytes(frame_of([], ("a", "b")), "a"))
    assert (read_xlsx(path).header, read_xlsx(path).rows) == (["a", "b"], [])
    assert csv_bytes(frame_of([], ("a", "b"))) == b"a,b\n"
