"""Two coders side by side: rows matched, alpha by issue, cells that differ."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import CalibrationError, EvidenceError
from sim.evidence import agreement as module
from sim.evidence.agreement import agreement, alpha_of, matched
from sim.evidence.coding import ADJUDICATED, Row
from sim.inputs.conflict import shipped

SHIPPED = shipped().evidence / "statements.csv"


def row(position, kind="demand", paragraph=1, holder="russia", issue="territory"):
    place = {"article": "101_march", "paragraph": paragraph, "holder": holder, "issue": issue}
    return Row(Path("a.csv"), 2, place | {"kind": kind, "position": position})


def second_coder(path, change=lambda rows: rows, drop=ADJUDICATED):
    """Write the shipped statements as another coder would have them."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name not in drop]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))
    return path


def disagreement(pairs):
    """Alpha of two coders for numbers, from its definition: observed over expected squares."""
    values = np.array(pairs, float)
    observed = ((values[:, 0] - values[:, 1]) ** 2).mean()
    every = values.ravel()
    expected = ((every[:, None] - every) ** 2).sum() / (len(every) * (len(every) - 1))
    return 1.0 - observed / expected


def test_alpha_is_one_less_observed_over_expected_disagreement():
    values = [(0.0, 0.25), (1.0, 1.0), (0.5, 0.75), (0.25, 0.0), (0.75, 0.75), (1.0, 0.5)]
    found = alpha_of([(row(a), row(b)) for a, b in values])
    assert found.alpha == pytest.approx(disagreement(values))
    assert found.apart == pytest.approx(1.25 / 6)
    low, high = found.interval
    assert low < found.alpha < high


def test_alpha_says_nothing_where_there_is_nothing_to_agree_on():
    assert alpha_of([]).alpha is None
    assert alpha_of([(row(0.5), row(0.75))]).alpha is None
    equal = alpha_of([(row(1.0), row(1.0))] * 6)
    assert (equal.alpha, equal.interval, equal.apart) == (None, None, 0.0)


def test_rows_are_paired_by_place_and_kind_the_nearest_first():
    mine = [row(0.0), row(1.0), row(0.5, kind="offer"), row(0.3, paragraph=2)]
    theirs = [row(0.9), row(0.5, kind="threat"), row(0.4, paragraph=2), row(0.5, paragraph=2)]
    pairs = [(a.cells["position"], b.cells["position"]) for a, b in matched(mine, theirs)]
    assert sorted(pairs) == [(0.3, 0.4), (1.0, 0.9)]


def test_the_same_file_agrees_wholly_whether_adjudicated_or_not(tmp_path):
    found = agreement(shipped().evidence, second_coder(tmp_path / "statements.csv"))
    assert found.rows == (118, 118)
    assert found.matched == found.placed == 118
    assert found.share == 1.0
    assert found.overall.alpha == pytest.approx(1.0)
    assert all(alpha.alpha in (None, pytest.approx(1.0)) for alpha in found.by_issue.values())
    assert not any(cell.apart or cell.only_first or cell.only_second for cell in found.cells)


def changed(rows):
    """One row missing, one of another kind, one far off."""
    kept = rows[1:]
    kept[0]["kind"] = "red_line"
    assert (kept[1]["holder"], kept[1]["issue"]) == ("russia", "guarantees")
    kept[1]["position"] = "0.25"
    return kept


def test_what_differs_is_found_and_named(tmp_path):
    found = agreement(SHIPPED, second_coder(tmp_path / "other.csv", changed, drop=()))
    assert found.rows == (118, 117)
    assert (found.matched, found.placed) == (116, 117)
    assert found.share == pytest.approx(232 / 235)
    worst = found.cells[0]
    assert (worst.holder, worst.issue, worst.furthest) == ("russia", "guarantees", 0.75)
    assert worst.where == "004, paragraph 4"
    assert found.by_issue["guarantees"].alpha < 0.9 < found.by_issue["territory"].alpha
    alone = {(c.holder, c.issue): (c.only_first, c.only_second) for c in found.cells}
    assert alone["russia", "truce_terms"] == (1, 0)
    assert alone["russia", "force_limits"] == (1, 1)


def test_a_bad_row_and_an_empty_file_say_where(tmp_path):
    def wrong(rows):
        rows[3]["position"] = "7"
        return rows

    with pytest.raises(EvidenceError, match=r"wrong\.csv, line 5, column position: '7' is not"):
        agreement(SHIPPED, second_coder(tmp_path / "wrong.csv", wrong))
    with pytest.raises(EvidenceError, match="has no statement"):
        agreement(SHIPPED, second_coder(tmp_path / "none.csv", lambda rows: []))
    with pytest.raises(EvidenceError, match="cannot be read"):
        agreement(SHIPPED, tmp_path / "nowhere.csv")


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    with pytest.raises(CalibrationError, match=r'pip install "truce-sim\[calibrate\]"'):
        agreement(SHIPPED, SHIPPED)


def test_the_command_prints_a_table_or_one_document(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RESAMPLED", 20)
    other = str(second_coder(tmp_path / "other.csv", changed))
    words = ["evidence", "agree", str(SHIPPED), other]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0
    assert "116 rows of 118 and 117 are the same row" in told.stdout
    assert "Where they differ most" in told.stdout
    document = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert document["schema"] == "truce/agreement/1"
    assert document["matched"] == 116
    assert document["cells"][0]["issue"] == "guarantees"
