"""A month of made-up news, filled into drafts, a spreadsheet, and CSV of several makes."""

from __future__ import annotations

import csv
import io
import re
import shutil

import xlsxwriter

from sim.inputs.conflict import Conflict, shipped
from sim.intake.columns import TABLES

MONTH = {
    "articles": [
        {"id": "005", "title": "A monitored truce is offered", "outlet": "The Example",
         "day": "2025-06-03", "day_basis": "dateline"},
        {"id": "006", "title": "No, for now", "outlet": "The Example",
         "day": "2025-06-08", "day_basis": "dateline"},
        {"id": "007", "title": "Measures take effect", "outlet": "",
         "day": "2025-06-12", "day_basis": "names the day before"},
        {"id": "008", "title": "Envoys to meet again", "outlet": "The Example",
         "day": "2025-06-20", "day_basis": "dateline", "note": "Shortened by the outlet."},
        {"id": "009", "title": "Three quiet days", "outlet": "The Example",
         "day": "2025-06-27", "day_basis": "dateline"},
    ],
    "statements": [
        {"article": "005", "paragraph": "2", "date": "2025-06-03", "holder": "us",
         "issue": "truce_terms", "position": "0.25", "kind": "offer", "basis": "quoted",
         "firmness": "2", "salience": "3",
         "paraphrase": "Puts forward a full truce, with monitors"},
        {"article": "006", "paragraph": "1", "date": "2025-06-07", "holder": "russia",
         "issue": "truce_terms", "position": "0.75", "kind": "red_line", "basis": "on_record",
         "firmness": "3", "salience": "3", "paraphrase": "No halt before arms deliveries end"},
        {"article": "006", "paragraph": "4", "date": "2025-06-08", "known": "2025-06-08",
         "holder": "russia", "issue": "force_limits", "position": "1", "kind": "demand",
         "basis": "unnamed", "firmness": "2", "salience": "2",
         "paraphrase": "Deliveries are to stop, and call-ups"},
        {"article": "008", "paragraph": "3", "date": "2025-06-19", "holder": "france",
         "issue": "guarantees", "position": "0.35", "kind": "preference", "basis": "quoted",
         "firmness": "2", "salience": "2", "paraphrase": "Wants \"some\" protection afterwards"},
    ],
    "events": [
        {"article": "005", "paragraph": "1", "date_from": "2025-06-02", "round": "june-offer",
         "actor": "us", "event": "talks", "listed": "yes",
         "detail": "scope=full; days=30; a monitored truce is put to both sides"},
        {"article": "005", "paragraph": "5", "date_from": "2025-06-03", "round": "june-offer",
         "actor": "ukraine", "event": "accepts_truce",
         "detail": "scope=full; days=30; says yes to the monitored truce"},
        {"article": "006", "paragraph": "1", "date_from": "2025-06-07", "round": "june-offer",
         "actor": "russia", "event": "rejects_truce",
         "detail": "scope=full; days=30; turns the monitored truce down"},
        {"article": "006", "paragraph": "6", "date_from": "2025-06-03", "round": "june-offer",
         "actor": "ukraine", "event": "accepts_truce", "same_as": "005:5",
         "detail": "scope=full; days=30; had said yes before"},
        {"article": "007", "paragraph": "1", "date_from": "2025-06-11", "actor": "us",
         "event": "imposes_sanctions", "detail": "issuer=us; value=.4; new measures, in part"},
        {"article": "008", "paragraph": "3", "date_from": "2025-06-18", "date_to": "2025-06-19",
         "known": "2025-06-20", "actor": "france", "event": "contingent_pledged", "listed": "yes",
         "detail": "value=.3; names a number of troops"},
        {"article": "009", "paragraph": "1", "date_from": "2025-06-24", "date_to": "2025-06-26",
         "actor": "russia", "event": "short_truce", "detail": "days=3; declares a pause"},
        {"article": "009", "paragraph": "7", "date_from": "2025-06-27", "actor": "us",
         "event": "signals_walk_away", "detail": "its patience is said to wear thin"},
    ],
    "levers": [
        {"lever": "sanctions.us_threat", "date": "2025-06-04", "value": "0.6",
         "source": "005, paragraph 7: measures are drafted; the share is assumed"},
        {"lever": "offer.territory", "date": "2025-06-04", "value": "deferred",
         "source": "005, paragraph 2: left to later talks"},
        {"lever": "concede.nato", "date": "2025-06-21", "value": "true", "known": "2025-06-24",
         "source": "009, paragraph 3: said so in public"},
    ],
    "rounds": [
        {"date": "2025-07-02", "known": "2025-06-20",
         "source": "008, paragraph 1: the next round is announced"},
    ],
    "moves": [
        {"date": "2025-06-28", "value": "0.2", "source": "009, paragraph 8: the package was moved"},
    ],
}  # fmt: skip
"""Rows by table; every word of them is made up."""
FORMS = {table.name: table.form for table in TABLES.values()}
LISTS = {"articles": "article", "rounds": "levers", "moves": "levers"}


def copied(folder):
    """A copy of the shipped data without its ensembles."""
    for source in shipped().folders:
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("ensembles"))
    return folder


def record(folder):
    """The bytes of every file of the data in a folder, by name."""
    conflict = Conflict(folder)
    paths = [path for one in conflict.folders for path in one.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def of_article(table, digits, month=MONTH):
    """The rows of a table that an article tells."""
    for row in month[table]:
        if digits in (row.get("article"), row.get("source", "")[:3], row.get("id")):
            yield row


def fill_draft(folder, digits, month=MONTH):
    """Fill the drafted forms of an article in, as with an editor: blocks behind the comments."""
    for table, form in FORMS.items():
        if table == "articles":
            path = folder / "article.toml"
            text = path.read_text(encoding="utf-8")
            [row] = of_article(table, digits, month)
            for name in ("outlet", "day_basis", "note"):
                text = re.sub(rf"(?m)^{name} = .*$", f'{name} = "{row.get(name, "")}"', text)
            path.write_text(text, encoding="utf-8")
            continue
        path = folder / f"{LISTS.get(table, table)}.toml"
        text = path.read_text(encoding="utf-8")
        for row in of_article(table, digits, month):
            cells = (f"{name} = {quoted(row[name])}" for name in row if name != "article")
            text += "\n".join([f"\n[[{form}]]", *cells, ""])
        path.write_text(text, encoding="utf-8")


def quoted(value):
    """As a careless writer has it: in quotation marks only where they are needed."""
    return '"' + value.replace('"', '\\"') + '"' if '"' in value or "#" in value else value


def fill_xlsx(path, month=MONTH, drop=()):
    """Write a spreadsheet as Excel saves it: days and numbers are numbers, empty cells are none."""
    book = xlsxwriter.Workbook(path)
    for table, rows in month.items():
        sheet = book.add_worksheet(table)
        names = [name for name in TABLES[table].names if name not in drop]
        for place, name in enumerate(names):
            sheet.write_string(0, place, name)
        for number, row in enumerate(rows, 1):
            for place, name in enumerate(names):
                write_cell(sheet, number, place, row.get(name, ""), TABLES[table][name].kind)
    book.close()
    return path


def write_cell(sheet, row, place, text, kind):
    """Write a cell as Excel keeps what somebody typed."""
    if not text:
        return
    if kind == "day" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        import datetime as dt

        days = (dt.date.fromisoformat(text) - dt.date(1899, 12, 30)).days
        sheet.write_number(row, place, days)
    elif text in ("true", "false"):
        sheet.write_boolean(row, place, text == "true")
    elif re.fullmatch(r"\d+(\.\d+)?", text) and kind != "text":
        sheet.write_number(row, place, float(text))  # 005 becomes 5
    else:
        sheet.write_string(row, place, text)


def fill_csv(folder, month=MONTH, *, mark=",", comma=False, end="\n", bom=False, dotted=False):
    """Write a folder of CSV as some spreadsheet does."""
    folder.mkdir()
    for table, rows in month.items():
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=mark, lineterminator=end)
        writer.writerow(TABLES[table].names)
        for row in rows:
            writer.writerow(
                as_typed(row.get(name, ""), TABLES[table][name].kind, comma, dotted)
                for name in TABLES[table].names
            )
        data = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
        (folder / f"{table}.csv").write_bytes(data)
    return folder


def as_typed(text, kind, comma, dotted):
    """A number with a decimal comma, a day with dots."""
    if comma and kind in ("number", "value"):
        return re.sub(r"^(\d+)\.(\d+)$", r"\1,\2", text)
    if dotted and kind == "day":
        return re.sub(r"^(\d+)-(\d+)-(\d+)$", r"\3.\2.\1", text)
    return text
