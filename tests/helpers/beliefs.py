"""Sheets of analysts, made up."""

from __future__ import annotations

import xlsxwriter

from sim.analysts.read import NUMBERS, OWN, SCHEMA, WHO
from sim.intake.xlsx import read_sheets

HEAD = f'schema = "{SCHEMA}"\nname = "a-desk"\ntitle = "A desk"\n'


def sheet_text(*rows, head=HEAD):
    """A sheet of rows ``(number, low, middle, high)``, each number as it is to stand there."""
    blocks = [
        f'[[number]]\nname = "{name}"\nlow = {low}\nhigh = {high}\nmiddle = {middle}\n'
        for name, low, middle, high in rows
    ]
    return head + "".join(blocks)


def written(folder, *rows, name="a-desk", head=HEAD):
    """Write a sheet as TOML and return its path."""
    path = folder / f"{name}.toml"
    path.write_text(sheet_text(*rows, head=head.replace("a-desk", name)), encoding="utf-8")
    return path


def workbook(path, rows, header=OWN, head=(("schema", SCHEMA), ("name", "a-desk"))):
    """Write an Excel sheet of rows of cells; numbers are numbers, texts are texts."""
    book = xlsxwriter.Workbook(path)
    numbers, who = book.add_worksheet(NUMBERS), book.add_worksheet(WHO)
    for line, cells in enumerate((header, *rows)):
        numbers.write_row(line, 0, cells)
    for line, cells in enumerate(head):
        who.write_row(line, 0, cells)
    book.close()
    return path


def filled(blank, path, cells):
    """Copy an Excel sheet, with numbers put into the rows of some numbers by column."""
    sheets = read_sheets(blank)
    (_, header), *rows = sheets[NUMBERS]
    places = {name: header.index(name) for name in OWN}
    kept = []
    for _, read in rows:
        row = read + [""] * (len(header) - len(read))
        for column, value in cells.get(row[0], {}).items():
            row[places[column]] = value
        kept.append(row)
    return workbook(path, kept, header, [row for _, row in sheets[WHO] if len(row) > 1])
