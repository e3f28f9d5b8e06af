"""Sheets of analysts: drafted, filled in, read back; and everything that may be wrong with one."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import sim
from sim.analysts.analyst import view_of
from sim.analysts.draft import Asked, Blank, toml_text, xlsx_bytes
from sim.analysts.numbers import (
    TENTHS,
    as_shown,
    believable,
    prior_tenths,
    question,
    refusal,
    shown_number,
    weighable,
)
from sim.inputs.conflict import shipped
from sim.text import error_text
from tests.helpers.beliefs import HEAD, filled, sheet_text, workbook, written
from tests.helpers.command import truce

ROWS = believable(shipped())
ASKED = ("resolve.r", "follow_base", "exit_hazard", "occasions")
BLANK = Blank(
    "a-desk",
    tuple(Asked(ROWS[name], 0.26, (0.1, 0.2, 0.3)) for name in ASKED),
    shipped(),
    shipped().newest_day(),
)
STATED = {"resolve.r": (-0.1, 0.15, 0.4), "exit_hazard": (0.004, 0.01, 0.03)}


def filled_text(text, stated):
    """Fill in the blanks of a sheet."""
    for name, (low, middle, high) in stated.items():
        empty = f'name = "{name}"\nlow = ""\nhigh = ""\nmiddle = ""\n'
        assert empty in text
        text = text.replace(
            empty, f'name = "{name}"\nlow = {low}\nhigh = {high}\nmiddle = {middle}\n'
        )
    return text


@pytest.fixture
def blank_toml(tmp_path):
    path = tmp_path / "a-desk.toml"
    path.write_text(toml_text(BLANK), encoding="utf-8")
    return path


@pytest.fixture
def blank_xlsx(tmp_path):
    path = tmp_path / "a-desk.xlsx"
    path.write_bytes(xlsx_bytes(BLANK))
    return path


def problems_of(path):
    with pytest.raises(sim.CalibrationError) as caught:
        sim.Analyst.open(path)
    return error_text(caught.value)


# ------------------------------------------------------------------ drafted and read back


def test_a_blank_sheet_asks_in_plain_words_and_fits_a_terminal():
    text = toml_text(BLANK)
    assert max(map(len, text.splitlines())) <= 79
    words = re.sub(r"\n# +", " ", text)
    sides = [actor.name for actor in shipped().sides]
    assert f"1. Hidden tolerance of the cost of war of {sides[0]}" in words
    assert "Stands for 26% of the spread of the odds" in words
    for name in ASKED:
        line = "".join(f"{shown_number(value):>9}" for value in prior_tenths(ROWS[name]))
        assert f"model   {line}" in text
    assert text.count("record  ") == len(ASKED)
    assert text.index("low =") < text.index("high =") < text.index("middle =")


def test_no_question_names_a_side_by_its_letter_or_speaks_of_what_stands_elsewhere():
    for row in ROWS.values():
        asked = question(row, shipped())
        assert not re.search(r"\b[RU]\b", asked), row.name
        assert not re.search(r"\bto that\b|\bthat (chance|hazard)\b|than that\b", asked), row.name


def test_a_blank_sheet_is_the_model(blank_toml, blank_xlsx):
    for path in (blank_toml, blank_xlsx):
        analyst = sim.Analyst.open(path)
        assert (analyst.name, analyst.title) == ("a-desk", "A desk")
        assert analyst.view.deciding == {}
        assert analyst.stated == ()


def test_both_forms_say_the_same_once_filled_in(blank_toml, blank_xlsx, tmp_path):
    blank_toml.write_text(filled_text(blank_toml.read_text("utf-8"), STATED), encoding="utf-8")
    cells = {
        name: {"low": low, "middle": str(middle).replace(".", ","), "high": str(high)}
        for name, (low, middle, high) in STATED.items()
    }
    book = filled(blank_xlsx, tmp_path / "filled.xlsx", cells)
    one, other = sim.Analyst.open(blank_toml), sim.Analyst.open(book)
    assert one.view.deciding == other.view.deciding
    assert one.view.deciding == {"beliefs": {name: list(three) for name, three in STATED.items()}}
    assert view_of(book).option == f"--analyst {book.as_posix()}"
    for name, three in STATED.items():
        belief = one.view.beliefs[name]
        assert [belief.quantile(share / 100) for share in TENTHS] == pytest.approx(three)


def test_the_same_sheet_gives_the_same_bytes():
    assert xlsx_bytes(BLANK) == xlsx_bytes(BLANK)


def test_numbers_of_the_model_as_they_are_shown_are_no_beliefs(tmp_path):
    """Every number of the table, typed in as it was shown; and then one of three moved."""
    rows = [(name, *as_shown(prior_tenths(row))) for name, row in ROWS.items()]
    analyst = sim.Analyst.open(written(tmp_path, *rows))
    assert len(analyst.stated) == len(ROWS)
    assert analyst.view.deciding == {}
    low, middle, high = as_shown(prior_tenths(ROWS["resolve.r"]))
    moved = sim.Analyst.open(written(tmp_path, ("resolve.r", low, middle, 1.1 * high)))
    exact = prior_tenths(ROWS["resolve.r"])
    assert moved.view.beliefs["resolve.r"].deciding == (*exact[:2], 1.1 * high)
    assert moved.view.beliefs["resolve.r"].below == pytest.approx(1.0, abs=1e-9)


def test_every_number_with_a_spread_can_be_believed_otherwise(tmp_path):
    scores = np.array([-0.8, 0.3, 2.0])
    rows = [(name, *row.from_scores(scores).tolist()) for name, row in ROWS.items()]
    analyst = sim.Analyst.open(written(tmp_path, *rows))
    assert set(analyst.view.beliefs) == set(ROWS)
    (note,) = analyst.notes
    assert {one.name for one in analyst.stated if one.kept} == weighable(shipped())
    for name in set(ROWS) - weighable(shipped()):
        assert name in note
    assert "truce calibrate --analyst" in note


def test_names_of_all_kinds_are_refused_with_their_reason():
    fixed = next(row for row in shipped().parameters if row.prior.fixed is not None)
    for name, reason, todo in (
        (fixed.name, f"is fixed at {fixed.prior}", "truce variants"),
        ("red_line.r.territory", "measured from what was stated", "truce evidence new"),
        ("mediator_position.nato", "measured from what was stated", "truce evidence new"),
        ("start.trust", "the record left", "'start_trust'"),
        (f"capability.{shipped().bloc_ids[0]}", "fact of actors.toml", "copy of the data"),
        ("resolv.r", "no number of the model", "Did you mean 'resolve.r'?"),
    ):
        found = refusal(name, shipped())
        assert found is not None
        assert reason in found[0], name
        assert todo in found[1], name


# ------------------------------------------------------------------ what is wrong

WRONG = """\
schema = "truce/analyst/2"
title = "Somebody"
mood = 3
[[number]]
name = "resolv.r"
[[number]]
name = "exponent"
low = 3
[[number]]
name = "resolve.r"
low = 0.3
high = 0.1
middle = 0.2
[[number]]
name = "resolve.u"
low = -1
high = 30 %
middle = x
[[number]]
name = "war_months"
low = 45778
not a line
[[number]]
name = "war_months"
low = 5
middle = 5.00001
high = 5.00002
[[number]]
low = 1
[[numbr]]
name = "precision"
"""
FOUND = (
    "name: is missing",
    "line 1, schema: is 'truce/analyst/2'",
    "line 3: 'mood' is nothing that a sheet has here",
    "line 5, name: 'resolv.r' is no number of the model. Did you mean 'resolve.r'?",
    "line 7, name: 'exponent' is fixed at 1",
    "line 9: low, middle and high are 0.3, 0.2 and 0.1: they do not rise",
    "line 16, low: -1 is not within -1..1, the ends left out",
    "line 17, high: '30 %' is no number. Write a share of 1",
    "line 18, middle: 'x' is no number",
    "line 19, high: is empty, and others are not",
    "line 19, middle: is empty, and others are not",
    "line 21, low: 45778 is not within 1..120, the ends left out. Excel took it for a day",
    "line 22: 'not a line' is no line of the form 'name = value'",
    "line 23: no distribution can be fitted",
    "line 24, name: 'war_months' is there twice, first in line 19",
    "line 28, name: is empty",
    "line 30: 'numbr' is no kind of row",
)


def test_all_problems_of_a_sheet_are_told_at_once_with_their_lines(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG, encoding="utf-8")
    head, *lines = problems_of(path).splitlines()
    assert head == f"{path.as_posix()}: {len(FOUND)} things are wrong:"
    assert len(lines) == len(FOUND)
    for line, start in zip(lines, FOUND, strict=True):
        assert line.strip().startswith(start)


def test_the_same_in_excel_with_rows(tmp_path):
    rows = [
        ("resolve.r", 0.3, 0.1, 0.2, "upside down"),
        ("resolve.u", "a lot", -1, 0.2),
        ("precisoin", 1, 2, 3),
        ("", 1, 2, 3),
        ("war_months", "", 20, 10),
    ]
    told = problems_of(workbook(tmp_path / "a.xlsx", rows, ("name", "low", "high", "middle", "wy")))
    for said in (
        "sheet numbers, row 1: 'wy' is no column of a sheet. Did you mean 'why'?",
        "row 2: low, middle and high are 0.3, 0.2 and 0.1",
        "row 3, low: 'a lot' is no number",
        "row 3, high: -1 is not within",
        "row 4, name: 'precisoin' is no number of the model. Did you mean 'precision'?",
        "row 5, name: is empty",
        "row 6, low: is empty, and others are not",
    ):
        assert said in told
    assert "7 things" in told


def test_what_excel_does_to_numbers_is_undone(tmp_path):
    rows = [("Resolve.R ", "-0,1", " 0.4", "0,15\xa0"), ("", "", "", "")]
    analyst = sim.Analyst.open(workbook(tmp_path / "a.xlsx", rows))
    assert analyst.view.beliefs["resolve.r"].deciding == (-0.1, 0.15, 0.4)


def test_a_column_or_a_sheet_that_is_missing_is_named(tmp_path):
    told = problems_of(workbook(tmp_path / "a.xlsx", [("resolve.r", 0.1)], ("name", "low")))
    assert "these columns are missing: high, middle." in told
    told = problems_of(workbook(tmp_path / "b.xlsx", [], head=()))
    assert "has no sheet 'who', or nothing in it" in told


def test_files_that_are_no_sheets_are_refused_plainly(tmp_path):
    for name, contents, said in (
        ("a.toml", b"\x89PNG\r\n\x1a\n\x00", "is not UTF-8"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n\x00", "is no Excel file that can be read"),
        ("a.csv", b"name,low", "is no sheet of an analyst by its name"),
        ("huge.toml", b"#" * 5_000_001, "5 MB is the limit"),
    ):
        (tmp_path / name).write_bytes(contents)
        assert said in problems_of(tmp_path / name)
    assert "cannot be read" in problems_of(tmp_path / "nowhere.toml")
    assert "cannot be read" in problems_of(tmp_path / "nowhere.xlsx")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "endless.toml").symlink_to("/dev/zero")
    (tmp_path / "endless.xlsx").symlink_to("/dev/zero")
    for name in ("folder.toml", "endless.toml", "endless.xlsx"):
        assert "not a regular file" in problems_of(tmp_path / name)
    many = sheet_text(*(("resolve.r", 0.1, 0.2, 0.3),) * 501)
    (tmp_path / "many.toml").write_text(many, encoding="utf-8")
    assert "501 numbers; 500 at most" in problems_of(tmp_path / "many.toml")


def test_a_sheet_without_a_title_goes_by_its_name(tmp_path):
    path = written(tmp_path, head=HEAD.replace("A desk", ""))
    assert sim.Analyst.open(path).title == "a-desk"


def test_reading_is_the_same_whatever_the_line_ends_and_the_mark_at_the_beginning(tmp_path):
    path = tmp_path / "a.toml"
    text = sheet_text(("resolve.r", -0.1, 0.15, 0.4))
    path.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    assert sim.Analyst.open(path).view.beliefs["resolve.r"].deciding == (-0.1, 0.15, 0.4)


# ------------------------------------------------------------------ the command


def test_new_asks_for_named_numbers_and_refuses_what_it_cannot_write(tmp_path):
    done = truce("analysts", "new", "a-desk", "--numbers", "resolve.r,occasions", cwd=tmp_path)
    assert done.returncode == 0
    assert "analysts/a-desk.toml: 2 numbers" in done.stdout
    text = (tmp_path / "analysts" / "a-desk.toml").read_text("utf-8")
    assert re.findall(r'name = "(\S+)"', text) == ["a-desk", "resolve.r", "occasions"]
    for arguments, said in (
        (("a-desk",), "is there already"),
        (("A Desk",), "is not a name"),
        (("b", "--format", "csv"), "'csv' is unknown"),
        (("b", "--out", "b.xlsx"), "does not end in .toml"),
        (("b", "--numbers", "exponent"), "is fixed at 1"),
    ):
        done = truce("analysts", "new", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_new_chooses_the_numbers_on_which_the_odds_lean_most(tmp_path):
    done = truce("analysts", "new", "a-desk", "--format", "xlsx", "--json", cwd=tmp_path)
    asked = json.loads(done.stdout)["asked"]
    assert 5 <= len(asked) <= 10
    shares = [one["share"] for one in asked]
    assert shares == sorted(shares, reverse=True)
    assert asked[0] == {"number": "resolve.r", "share": pytest.approx(0.25, abs=0.08)}
    assert {one["number"] for one in asked} <= weighable(shipped())
    assert sim.Analyst.open(tmp_path / "analysts" / "a-desk.xlsx").name == "a-desk"
