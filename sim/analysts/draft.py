"""Writes a sheet to fill in: questions in plain words, with what the model has."""

from __future__ import annotations

import datetime as dt
import io
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.analysts.analyst import NAME
from sim.analysts.numbers import (
    TENTHS,
    Tenths,
    as_shown,
    believable,
    prior_tenths,
    question,
    shown_number,
    unit,
    weighable,
)
from sim.analysts.read import EXPLAINED, NUMBERS, SCHEMA, STATED, WHO
from sim.errors import CalibrationError
from sim.evidence.coding import name_of
from sim.files import write_whole
from sim.inputs.conflict import Conflict
from sim.inputs.parameters import Parameter
from sim.text import date_word, printable

FORMATS = ("toml", "xlsx")
WIDTH = 79
"""Letters of a line of a comment."""
SPARE_ROWS = 40
"""Empty rows of an Excel file, for numbers that are added by hand."""
_MADE = dt.datetime(1980, 1, 1)
_HINTS = {
    "low": "First: one chance in ten that the truth is lower.",
    "high": "Then: one chance in ten that the truth is higher.",
    "middle": "Last: as likely higher as lower.",
    "why": "In your own words; may stay empty.",
}


class Asked(NamedTuple):
    """A number that is asked for.

    Attributes
    ----------
    row
        The number with its prior.
    share
        Of the spread of the odds that learning it would take away; None if it was not measured.
    record
        Where members have 10, 50 and 90 per cent below; None if they do not keep it.
    """

    row: Parameter
    share: float | None
    record: Tenths | None

    @property
    def share_text(self) -> str:
        """The share in words; empty if it was not measured."""
        if self.share is None:
            return ""
        return f"{100.0 * self.share:.0f}%" if self.share >= 0.01 else "under 1%"


class Blank(NamedTuple):
    """A sheet before it is filled in: whose it is, and what it asks for as of a day."""

    name: str
    asked: tuple[Asked, ...]
    conflict: Conflict
    as_of: dt.date


def check_name(name: str) -> None:
    """Refuse what is no name of an analyst."""
    if not NAME.fullmatch(name):
        todo = "Use up to 60 of a-z, 0-9 and '-'."
        raise CalibrationError(f"analyst '{printable(name)[:80]}'", "is not a name.", todo)


def place_for(name: str, form: str, out: Path | None) -> Path:
    """Return where a new sheet goes.

    Raises
    ------
    CalibrationError
        If the name is none, or there is such a file.
    """
    check_name(name)
    if form not in FORMATS:
        what = f"'{printable(form)}' is unknown."
        raise CalibrationError("--format", what, f"Use {' or '.join(FORMATS)}.")
    path = out or Path("analysts") / f"{name}.{form}"
    if path.suffix != f".{form}":
        what = f"does not end in .{form}."
        raise CalibrationError(name_of(path), what, "Name another file, or another --format.")
    if path.exists():
        raise CalibrationError(name_of(path), "is there already.", "Name another with --out.")
    return path


def write_blank(path: Path, blank: Blank) -> None:
    """Write a sheet, in the form that the name of its file has.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    contents = xlsx_bytes(blank) if path.suffix == ".xlsx" else toml_text(blank).encode()
    write_whole(path, contents, ANOTHER)


ANOTHER = "Name another file with --out."


# ------------------------------------------------------------------ words


def explanation(conflict: Conflict, as_of: dt.date) -> list[str]:
    """Return what an analyst has to know before filling in a sheet, a text a paragraph."""
    begins = date_word(conflict.facts.record.begins)
    return [
        "These are the numbers on which the odds lean most. State what you believe of those that "
        "you know something about. What you leave empty stays as the model has it.",
        "Take each number in this order. First the LOW value: one chance in ten that the truth is "
        "lower. Then the HIGH value: one chance in ten that it is higher. Only then the MIDDLE: as "
        "likely higher as lower. Think of the reasons for each end before you write it. Who begins "
        "with a best guess gets an interval that is too narrow.",
        f"Your numbers are to be what you believed before {begins}, when the record begins. The "
        f"events from then to {date_word(as_of)} are weighed after that, by the same rules as for "
        "the model. To let them move your own numbers as well would count them twice.",
        "'model' is what the model believed before the record; 'record' is what the record then "
        "made of it. Numbers equal to those of the model change nothing. The odds of the model's "
        "members differ; a number that stands for 26% of that spread would take so much of it away "
        "if it were known.",
        "Any other number that has a spread may be added by its name: `truce parameters` lists "
        "them. Numbers that are fixed are a matter of variants: `truce variants`.",
    ]


def _default_title(name: str) -> str:
    return name.replace("-", " ").capitalize()


# ------------------------------------------------------------------ TOML


def toml_text(blank: Blank) -> str:
    """Return the sheet as TOML in which every question stands as a comment."""
    name, asked, conflict, as_of = blank
    lines: list[str] = []
    for text in explanation(conflict, as_of):
        lines += [*_comment(text), "#"]
    lines += _comment(f"Before it is used: {conflict.truce} analysts check THIS-FILE")
    lines += ["", f'schema = "{SCHEMA}"', f"name = {json.dumps(name)}"]
    title = json.dumps(_default_title(name), ensure_ascii=False)
    lines += [f"title = {title}  # who you are, in words"]
    for number, one in enumerate(asked, 1):
        lines += ["", *_asked_lines(number, one, conflict)]
    return "\n".join(lines) + "\n"


def _asked_lines(number: int, one: Asked, conflict: Conflict) -> Iterator[str]:
    row = one.row
    asked = f"{number}. {question(row, conflict)}."
    yield from _comment(asked, later="   ")
    low, high = row.range
    told = f"In {unit(row, conflict)}, between {low:g} and {high:g}."
    if one.share is not None:
        told += f" Stands for {one.share_text} of the spread of the odds."
    yield from _comment(told, "   ", "   ")
    yield _three("", [f"{share}%" for share in TENTHS])
    yield _three("model", map(shown_number, prior_tenths(row)))
    if one.record:
        yield _three("record", map(shown_number, one.record))
    yield "[[number]]"
    yield f'name = "{row.name}"'
    for name in STATED:
        yield f'{name} = ""'
    yield 'why = ""'


def _three(name: str, words: Iterable[str]) -> str:
    return f"#    {name:<8}" + "".join(f"{word:>9}" for word in words)


def _comment(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"# {first}",
        subsequent_indent=f"# {later}",
        break_on_hyphens=False,
    )


# ------------------------------------------------------------------ Excel

_COLUMNS = {
    "name": 22,
    "question": 60,
    "unit": 44,
    "lowest": 9,
    "highest": 9,
    **dict.fromkeys(STATED, 11),
    "why": 50,
    **{f"{whose} {share}%": 12 for whose in ("model", "record") for share in TENTHS},
    "spread": 11,
}
"""The columns of the sheet of numbers, with their widths in letters."""
_FILLED_IN = (*STATED, "why")


def xlsx_bytes(blank: Blank) -> bytes:
    """Return the sheet as an Excel file with hints; the same sheet gives the same bytes."""
    import xlsxwriter

    name, asked, conflict, as_of = blank
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _MADE})
    formats = {
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "top": book.add_format({"valign": "top"}),
        "own": book.add_format({"border": 1, "valign": "top"}),
        "own text": book.add_format({"border": 1, "valign": "top", "text_wrap": True}),
    }
    numbers, who, explained = map(book.add_worksheet, (NUMBERS, WHO, EXPLAINED))
    for line, (word, value) in enumerate(
        (("schema", SCHEMA), ("name", name), ("title", _default_title(name)))
    ):
        who.write_string(line, 0, word, formats["bold"])
        who.write_string(line, 1, value)
    who.write_string(3, 1, "The title says who you are, in words; the name is short.")
    who.set_column(0, 1, 24)
    names = _explain(explained, conflict, as_of, formats)
    _ask(numbers, asked, conflict, formats)
    places = list(_COLUMNS)
    last = len(asked) + SPARE_ROWS
    rule = {"validate": "list", "source": names, "error_type": "warning"}
    numbers.data_validation(1, 0, last, 0, rule)
    for column, hint in _HINTS.items():
        place = places.index(column)
        shown = {"validate": "any", "input_title": column, "input_message": hint}
        numbers.data_validation(1, place, last, place, shown)
    for sheet in (numbers, who, explained):
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    book.close()
    return file.getvalue()


def _ask(sheet: Any, asked: Sequence[Asked], conflict: Conflict, formats: dict[str, Any]) -> None:
    """Fill the sheet of numbers; cells to be filled in have a border."""
    sheet.freeze_panes(1, 1)
    for place, (name, width) in enumerate(_COLUMNS.items()):
        sheet.write_string(0, place, name, formats["bold"])
        sheet.set_column(place, place, width)
    for line in range(1, len(asked) + SPARE_ROWS + 1):
        for place, name in enumerate(_COLUMNS):
            if name in _FILLED_IN:
                sheet.write_blank(
                    line, place, None, formats["own text" if name == "why" else "own"]
                )
    for line, one in enumerate(asked, 1):
        words = (question(one.row, conflict), 60), (unit(one.row, conflict), 44)
        sheet.set_row(line, _height(*words))
        model = as_shown(prior_tenths(one.row))
        cells: dict[str, str | float] = {
            "name": one.row.name,
            "question": words[0][0],
            "unit": words[1][0],
            "lowest": one.row.range[0],
            "highest": one.row.range[1],
            **{f"model {share}%": value for share, value in zip(TENTHS, model, strict=True)},
            "spread": one.share_text,
        }
        if one.record:
            record = zip(TENTHS, as_shown(one.record), strict=True)
            cells |= {f"record {share}%": value for share, value in record}
        for place, name in enumerate(_COLUMNS):
            value = cells.get(name, "")
            if isinstance(value, float):
                sheet.write_number(line, place, value, formats["top"])
            elif value:
                sheet.write_string(line, place, value, formats["wrap"])


def _height(*texts: tuple[str, int]) -> float:
    """Height of a row that holds texts in columns of so many letters, in points."""
    return 15.0 * max(len(textwrap.wrap(text, width)) for text, width in texts)


def _explain(sheet: Any, conflict: Conflict, as_of: dt.date, formats: dict[str, Any]) -> str:
    """Fill the sheet that explains, and return where the names of all numbers stand in it."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 7, 14)
    for line, text in enumerate(explanation(conflict, as_of)):
        sheet.set_row(line, _height((text, 90)))
        sheet.write_string(line, 1, text, formats["wrap"])
    head = line + 2
    header = ("name", "what it means", "unit", "lowest", "highest")
    for place, word in enumerate((*header, *(f"model {share}%" for share in TENTHS))):
        sheet.write_string(head, place, word, formats["bold"])
    kept = weighable(conflict)
    rows = sorted(believable(conflict).values(), key=lambda row: (row.name not in kept, row.name))
    for line, row in enumerate(rows, head + 1):
        note = "" if row.name in kept else " (needs a calibration of its own: truce calibrate)"
        sheet.write_string(line, 0, row.name, formats["top"])
        sheet.write_string(line, 1, question(row, conflict) + note, formats["wrap"])
        sheet.write_string(line, 2, row.unit, formats["top"])
        for place, value in enumerate((*row.range, *as_shown(prior_tenths(row))), 3):
            sheet.write_number(line, place, value, formats["top"])
    return f"={EXPLAINED}!$A${head + 2}:$A${line + 1}"
