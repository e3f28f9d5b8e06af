"""The odds that other choices in the model would have given."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.calibrate.check.variants import (
    NOTHING,
    OPEN,
    STEPS,
    VARIANTS,
    Variant,
    variant_odds,
)
from sim.calibrate.fit import filter_of
from sim.cli import app
from sim.engine.domain import Side
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.levers import LEVERS

DAY = dt.date(2025, 5, 20)
PARTICLES = 8192


@pytest.fixture(scope="module")
def base():
    return filter_of(DAY)


def odds(base, *variants):
    with ThreadPoolExecutor(2) as executor:
        return list(variant_odds(base, variants, PARTICLES, executor))


def test_variants_name_what_there_is():
    """Levers, and numbers of the table or of the filter; each name once."""
    known = {row.name for row in shipped().parameters} | {"rate"}
    for variant in (*STEPS, *VARIANTS):
        assert {*variant.values, *variant.factors} <= known, variant.name
        assert set(variant.levers) <= set(LEVERS), variant.name
    assert set(NOTHING) | set(OPEN) <= set(LEVERS)
    names = [variant.name for variant in (*STEPS, *VARIANTS)]
    assert len(set(names)) == len(names)
    last = STEPS[-1]
    assert last == Variant(last.name)


def test_a_variant_that_changes_nothing_is_the_model_and_levers_move_the_odds_alone(base):
    plain, same, opened = odds(
        base, Variant("plain"), Variant("same", factors={"occasions": 1.0}), VARIANTS[6]
    )
    assert same.held == plain.held
    assert same.log_evidence == plain.log_evidence
    assert opened.name == "the mediator may concede on everything"
    assert opened.log_evidence == plain.log_evidence
    assert opened.agreed > plain.agreed
    assert opened.agreed_with_nothing == plain.agreed_with_nothing
    assert plain.held_with_nothing < plain.held


def test_occasions_enter_the_log_evidence(base):
    none, plain = odds(base, VARIANTS[0], Variant("plain"))
    assert none.log_evidence > plain.log_evidence
    assert none.name == "nothing learnt from the war so far"


def test_evidence_is_read_as_a_variant_has_it(base):
    evidence = load_evidence(as_of=DAY)
    by_name = {variant.name: variant for variant in VARIANTS}
    side = base.positions.sides[Side.R]
    line = by_name["lines stated beside an answer left out"].filter(base, evidence)
    before, after = (one.positions.cell(side, "truce_terms").line for one in (base, line))
    assert len(after.moved_by) < len(before.moved_by)
    wishes = by_name["calls on others taken for wishes"].filter(base, evidence)
    other = base.positions.sides[Side.U]
    weights = [one.positions.cell(other, "sanctions").weight.alpha for one in (base, wishes)]
    assert weights[1] > weights[0]
    moved = by_name["the mediator moved its packages in the record"].filter(base, evidence)
    assert (moved.record.agenda.policies["flexibility"] > 0.0).all()
    assert np.all(base.record.agenda.policies["flexibility"] == 0.0)


@pytest.mark.parametrize("with_it", ["--check", "--prior", "--temper"])
def test_variants_go_with_nothing_that_makes_or_checks(with_it):
    done = CliRunner().invoke(app, ["calibrate", "--variants", with_it])
    assert done.exit_code != 0
    assert "makes no ensemble" in str(done.exception)
