"""Occasions for a truce before the record: each weight by its rule, and their sum in the prior."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
from typer.testing import CliRunner

from sim.cli.evidence import app
from sim.errors import EvidenceError
from sim.evidence.occasions import load_occasions, occasion_problems, weight_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.parameters import find

HEADER = "date_from,date_to,known,place,who,put_to,short,weight,paraphrase,source"
BEGINS = dt.date(2025, 3, 10)
ROW = "2024-03-08,2024-03-10,2024-03-11,Geneva,someone,both,,0.707,asks for a truce,a paper"
"""A year before the record: the root of a half."""


@pytest.fixture
def folder(tmp_path):
    """A folder of evidence that has what the shipped one has, and other occasions."""
    shutil.copytree(shipped().evidence, tmp_path / "evidence")

    def write(*rows, header=HEADER):
        file = tmp_path / "evidence" / "occasions.csv"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return tmp_path / "evidence"

    return write


def with_cell(column, value, row=ROW):
    cells = row.split(",")
    cells[HEADER.split(",").index(column)] = value
    return ",".join(cells)


# ------------------------------------------------------------------ the rule


@pytest.mark.parametrize(
    ("put_to", "short", "days", "weight"),
    [
        ("both", False, 0, 1.0),
        ("one", False, 0, 0.25),
        ("call", False, 0, 0.1),
        ("both", True, 0, 0.5),
        ("both", False, 1461, 0.25),
        ("one", True, 1461, 0.25 * 0.5 * 0.25),
        ("call", False, 2922, 0.1 * 0.0625),
    ],
)
def test_a_weight_is_that_of_the_kind_halved_if_short_and_by_every_two_years(
    put_to, short, days, weight
):
    before = BEGINS - dt.timedelta(days=days)
    assert weight_of(put_to, short, before, BEGINS) == pytest.approx(weight)


def test_a_row_becomes_an_occasion(folder):
    [one] = load_occasions(folder(ROW))
    assert (one.date_from, one.date_to) == (dt.date(2024, 3, 8), dt.date(2024, 3, 10))
    assert (one.place, one.who, one.put_to, one.short) == ("Geneva", "someone", "both", False)
    assert one.weight == 0.707
    [short] = load_occasions(folder(with_cell("short", "yes", with_cell("weight", ".354"))))
    assert short.short


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("date_from", "8 March", "not a day of the calendar"),
        ("date_from", "2022-02-23", "before the war, which began on 2022-02-24"),
        ("date_from", "2024-03-11", "before date_from"),
        ("known", "2024-03-07", "before date_from = 2024-03-08"),
        ("known", "2025-03-10", "after the eve of the record, 2025-03-09"),
        ("known", "", "not a day of the calendar"),
        ("place", " ", "is empty"),
        ("put_to", "bothe", "Did you mean 'both'?"),
        ("short", "no", "neither yes nor empty"),
        ("weight", "0.71", "is not the weight of the rule, 0.707"),
        ("weight", "0.7085", "is not the weight of the rule, 0.707"),
        ("weight", "-0.1", "0..1"),
        ("weight", "nan", "0..1"),
        ("paraphrase", "word " * 21, "21 words"),
        ("source", "", "is empty"),
        ("source", "a \x1b[31m paper", r"\x1b[31m"),
    ],
)
def test_a_bad_cell_is_named(folder, column, value, says):
    place = folder(with_cell(column, value))
    where = "date_to" if says == "before date_from" else column
    [problem] = occasion_problems(place)
    assert f"occasions.csv, line 2, column {where}" in problem.where
    assert says in str(problem)
    with pytest.raises(EvidenceError) as raised:
        load_occasions(place)
    assert str(raised.value) == str(problem)


def test_all_problems_are_told_at_once_and_a_repeated_row_names_the_first(folder):
    late = ROW.replace("2024-03-10,2024-03-11", "2025-03-10,2025-03-12")
    found = occasion_problems(folder(ROW, with_cell("who", ""), ROW, late))
    where = [problem.where.partition("occasions.csv, ")[2] for problem in found]
    assert where == [
        "line 3, column who",
        "line 4, column date_from to source",
        *(f"line 5, column {name}" for name in ("date_to", "known", "weight")),
    ]
    [problem] = occasion_problems(folder(ROW, header=HEADER.replace("who", "whom")))
    assert "the header is" in problem.what


def test_another_conflict_may_have_none(folder):
    place = folder(ROW)
    (place / "occasions.csv").unlink()
    assert load_occasions(place) == ()
    assert occasion_problems(place) == []


# ------------------------------------------------------------------ those that are shipped


def test_the_median_of_the_prior_is_the_sum_of_the_weights():
    total = sum(occasion.weight for occasion in load_occasions())
    assert find(shipped().parameters, "occasions").prior.lognormal[0] == pytest.approx(
        total, abs=0.01
    )


def test_they_are_about_as_many_as_the_direct_talks_that_the_model_expects():
    """Two ways of counting agree within a factor of two: the table, and the rate of the prior."""
    facts = shipped().facts
    days = (facts.record.begins - facts.war.began).days
    expected = find(shipped().parameters, "direct_rate").prior.lognormal[0] * days
    total = sum(occasion.weight for occasion in load_occasions())
    assert 0.5 < total / expected < 2.0


def test_no_occasion_was_public_later_than_the_eve_of_the_record():
    found = load_occasions()
    assert occasion_problems() == []
    assert len(found) > 30
    assert max(occasion.known for occasion in found) <= shipped().facts.eve
    assert {occasion.put_to for occasion in found} == {"both", "one", "call"}


# ------------------------------------------------------------------ the command


@pytest.fixture
def truce(monkeypatch):
    def run(*words, evidence=None):
        if evidence:
            monkeypatch.setattr(Conflict, "evidence", evidence)
        return CliRunner().invoke(app, words)

    return run


def test_check_counts_them_and_tells_what_is_wrong_with_them(truce, folder):
    done = truce("check")
    assert done.exit_code == 0
    total = sum(occasion.weight for occasion in load_occasions())
    line = f"{len(load_occasions())} occasions for a truce before the record, which together weigh"
    assert f"{line} {total:.2f}" in done.stdout
    found = json.loads(truce("check", "--json").stdout)["occasions"]
    assert found == {"number": len(load_occasions()), "weight": round(total, 3)}
    bad = truce("check", str(folder(with_cell("weight", "0.9"), with_cell("who", ""))))
    assert "line 3, column who" in bad.stderr + str(bad.exception)
    assert "line 2, column weight" in bad.stderr + str(bad.exception)


def test_list_has_each_with_place_weight_and_source(truce, folder):
    other = ROW.replace("someone,both,,0.707", "somebody,one,yes,0.088")
    place = folder(ROW, other.replace("2024-03-11", "2024-03-12"))
    done = truce("list", "--occasions", evidence=place)
    assert done.exit_code == 0, done.output
    first, second = done.stdout.splitlines()[1:3]
    for word in ("2024-03-08", "both sides", "0.707", "Geneva", "asks for a truce", "a paper"):
        assert word in first
    assert "yes" in second
    assert "2 occasions, which together weigh 0.79" in done.stdout
    found = json.loads(truce("list", "--occasions", "--as-of", "2024-03-11", "--json").stdout)
    assert found["schema"] == "truce/occasions/1"
    assert [one["who"] for one in found["occasions"]] == ["someone"]
    assert found["weight"] == 0.707


def test_occasions_are_of_no_holder(truce):
    done = truce("list", "--occasions", "--holder", "russia")
    assert "are of no holder" in str(done.exception)
