"""Positions: each number follows from rows by hand, and the model is calibrated to itself."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.domain import OFFERED, VALUED, Issue, Side
from sim.errors import CalibrationError
from sim.evidence.coding import BASES
from sim.evidence.draws import draw
from sim.evidence.measurement import (
    beta_interval,
    condition,
    error_covariance,
    load_measurement,
)
from sim.evidence.positions import informs, measure
from sim.evidence.statements import Evidence, Statement, load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.issues import ISSUES
from sim.paths import data_dir

EUROPE = shipped().facts.together.id
ROLES = {
    "us": "mediator",
    "russia": "belligerent_r",
    "ukraine": "belligerent_u",
    "uk": "bloc",
    "france": "bloc",
}
DAY = dt.date(2025, 3, 9)
M = load_measurement()
Y_TOP = math.log(0.95 / 0.05)
"""The logit of a stated 1, shrunk to .95."""


def said(number: int, **fields: Any) -> Statement:
    """One row: Russia demands all of the territory, quoted and firm, unless said otherwise."""
    row = Statement(
        id=f"row{number}",
        article=f"article{number}",
        paragraph=1,
        date=DAY,
        known=DAY,
        holder="russia",
        issue="territory",
        position=1.0,
        kind="demand",
        basis="quoted",
        firmness=3,
        salience=2,
        same_as="",
        paraphrase="wants it all",
    )
    return replace(row, **fields)


def evidence_of(*rows: Statement) -> Evidence:
    return Evidence((), rows, (), ROLES)


def test_without_a_row_the_prior_stands() -> None:
    cell = measure(evidence_of()).cell("russia", "territory")
    assert (cell.ideal.mean, cell.ideal.sd) == (2.0, 1.5)
    assert cell.ideal.moved_by == ()
    assert not cell.ideal.stated
    assert cell.rows == cell.salience == 0
    positions = measure(evidence_of())
    assert positions.cell("ukraine", "nato").ideal.mean == -2.0
    assert positions.cell("us", "nato").ideal.mean == 0.0
    uk = positions.cell("uk", "nato").ideal
    assert (uk.mean, uk.sd) == pytest.approx((-1.0, 1.5))
    assert positions.cell(EUROPE, "nato").ideal.sd == pytest.approx(1.2)


def test_one_row_by_hand() -> None:
    ideal = measure(evidence_of(said(1))).cell("russia", "territory").ideal
    gain = 2.25 / (2.25 + 0.64)
    assert ideal.mean == pytest.approx(2.0 + gain * (Y_TOP - 2.0))
    assert ideal.sd == pytest.approx(math.sqrt(2.25 * 0.64 / (2.25 + 0.64)))
    [pull] = ideal.moved_by
    assert (pull.row, pull.without) == ("row1", pytest.approx(2.0))
    assert pull.gain == pytest.approx(gain)


def test_firmness_and_basis_widen_the_error() -> None:
    row = said(1, basis="attributed", firmness=1)
    gain = measure(evidence_of(row)).cell("russia", "territory").ideal.moved_by[0].gain
    assert gain == pytest.approx(2.25 / (2.25 + (1.5 * 1.6) ** 2))


def test_two_rows_of_one_article_share_an_error() -> None:
    rows = (said(1), said(2, article="article1", position=0.5))
    ideal = measure(evidence_of(*rows)).cell("russia", "territory").ideal
    error = 0.64 * (1 + 0.49) / 2  # variance of the mean of two rows that share .49 of it
    gain = 2.25 / (2.25 + error)
    assert ideal.mean == pytest.approx(2.0 + gain * (Y_TOP / 2 - 2.0))
    assert ideal.sd == pytest.approx(math.sqrt(2.25 * error / (2.25 + error)))
    apart = measure(evidence_of(said(1), said(2, position=0.5))).cell("russia", "territory").ideal
    assert apart.sd == pytest.approx(math.sqrt(2.25 * 0.32 / (2.25 + 0.32)))


def test_the_interval_is_on_the_scale_of_the_issue() -> None:
    ideal = measure(evidence_of(said(1, position=0.5))).cell("russia", "territory").ideal
    low = 1.0 / (1.0 + math.exp(-(ideal.mean - 1.6448536 * ideal.sd)))
    assert ideal.low == pytest.approx((low - 0.05) / 0.9)
    assert M.to_share(M.to_logit(0.3)) == pytest.approx(0.3)
    assert 0.0 <= ideal.low < ideal.middle < ideal.high <= 1.0


def test_what_a_row_informs_depends_on_kind_and_role() -> None:
    kinds = ("preference", "demand", "denial", "red_line", "flexibility", "offer")
    others = ("threat", "commitment", "call")
    of_russia = [informs(said(1, kind=kind), ROLES) for kind in (*kinds, *others)]
    assert of_russia == ["ideal"] * 3 + ["line"] * 3 + ["neither"] * 3
    of_us = [informs(said(1, kind=kind, holder="us"), ROLES) for kind in (*kinds, *others)]
    assert of_us == ["ideal"] * 3 + ["neither"] * 2 + ["ideal"] + ["neither"] * 3
    of_uk = [informs(said(1, kind=kind, holder="uk"), ROLES) for kind in (*kinds, *others)]
    assert of_uk == ["ideal"] * 3 + ["neither"] * 6


def test_an_offer_of_the_mediator_moves_where_it_stands() -> None:
    offered = said(1, holder="us", kind="offer", position=0.75)
    ideal = measure(evidence_of(offered)).cell("us", "territory").ideal
    gain = ideal.moved_by[0].gain
    assert 0.0 < gain < 1.0
    y = math.log((0.05 + 0.9 * 0.75) / (1 - 0.05 - 0.9 * 0.75))
    assert ideal.mean == pytest.approx(gain * y)  # the prior of a mediator is the middle


def test_rows_kept_out_of_the_fit_move_nothing() -> None:
    cell = measure(evidence_of(said(1, why_not="reported before"))).cell("russia", "territory")
    assert cell.ideal.mean == 2.0
    assert cell.rows == 1


def test_an_unspoken_line_lies_behind_the_ideal() -> None:
    positions = measure(evidence_of(said(1), said(2, holder="ukraine", position=0.0)))
    for holder, sign in (("russia", 1.0), ("ukraine", -1.0)):
        cell = positions.cell(holder, "territory")
        assert cell.line is not None
        assert cell.line.mean == pytest.approx(cell.ideal.mean - 1.5 * sign)
        assert cell.line.sd == pytest.approx(math.hypot(cell.ideal.sd, 0.7))
        assert not cell.line.stated
    assert positions.cell("us", "territory").line is None


@pytest.mark.parametrize(("kind", "posture_sd"), [("red_line", 0.4), ("offer", 0.5)])
@pytest.mark.parametrize(("holder", "pole"), [("russia", 1.0), ("ukraine", -1.0)])
def test_a_stated_line_by_hand(kind: str, posture_sd: float, holder: str, pole: float) -> None:
    row = said(1, kind=kind, holder=holder, position=0.5)
    cell = measure(evidence_of(row)).cell(holder, "territory")
    assert cell.line is not None
    gain = 2.25 / (2.25 + 0.64)
    assert cell.line.mean == pytest.approx(0.5 * pole + gain * (-0.5 * pole - 0.5 * pole))
    variance = 2.25 * 0.64 / (2.25 + 0.64) + posture_sd**2
    assert cell.line.sd == pytest.approx(math.sqrt(variance))
    assert cell.ideal.mean == 2.0 * pole


def test_posture_is_mixed_by_the_precision_of_the_rows() -> None:
    rows = (said(1, kind="red_line"), said(2, kind="flexibility", basis="attributed"))
    line = measure(evidence_of(*rows)).cell("russia", "territory").line
    assert line is not None
    a, b = 1 / 0.64, 1 / 2.25
    posture = (a * 0.16 + b * 0.25) / (a + b)
    assert line.sd == pytest.approx(math.sqrt(1 / (a + b + 1 / 2.25) + posture))


def test_a_row_on_europe_moves_every_bloc_and_a_blocs_own_moves_it_most() -> None:
    shared = measure(evidence_of(said(1, holder=EUROPE)))
    gain = 1.44 / (1.44 + 0.64)
    for holder in ("uk", "france", EUROPE):
        ideal = shared.cell(holder, "territory").ideal
        assert ideal.mean == pytest.approx(-1.0 + gain * (Y_TOP + 1.0))
    own = measure(evidence_of(said(1, holder="uk")))
    gains = {h: own.cell(h, "territory").ideal.moved_by[0].gain for h in ("uk", "france", EUROPE)}
    assert gains["uk"] == pytest.approx(2.25 / (2.25 + 0.64))
    assert gains["france"] == gains[EUROPE] == pytest.approx(1.44 / (2.25 + 0.64))
    assert own.cell("us", "territory").ideal.mean == 0.0


def test_pulls_sum_to_what_moved_and_leaving_out_is_exact() -> None:
    rows = (
        said(1),
        said(2, article="article1", position=0.5, basis="reporter"),
        said(3, position=0.25, firmness=1),
        said(4, kind="red_line", position=0.75),
        said(5, kind="offer", position=0.5, firmness=2),
        said(6, holder="uk", position=0.2),
        said(7, holder="france", position=0.4),
        said(8, holder=EUROPE, position=0.1),
        said(9, holder="ukraine", issue="nato", position=0.1),
    )
    positions = measure(evidence_of(*rows))
    for (holder, issue), cell in positions.cells.items():
        for what in ("ideal", "line"):
            estimate = getattr(cell, what)
            if estimate is None:
                continue
            total = sum(pull.pull for pull in estimate.moved_by)
            assert total == pytest.approx(estimate.mean - estimate.prior, abs=1e-12)
            for pull in estimate.moved_by:
                rest = measure(evidence_of(*(row for row in rows if row.id != pull.row)))
                dropped = getattr(rest.cell(holder, issue), what)
                assert dropped.mean == pytest.approx(pull.without, abs=1e-9)


def test_a_gain_is_the_slope_of_the_mean() -> None:
    def mean(position: float) -> float:
        rows = (said(1, position=position), said(2, article="article1", basis="reporter"))
        return measure(evidence_of(*rows)).cell("russia", "territory").ideal.mean

    rows = (said(1, position=0.5), said(2, article="article1", basis="reporter"))
    pull = measure(evidence_of(*rows)).cell("russia", "territory").ideal.moved_by[0]
    step = M.to_logit(0.6) - M.to_logit(0.4)
    assert (mean(0.6) - mean(0.4)) / step == pytest.approx(pull.gain)


def test_weights_follow_the_largest_salience() -> None:
    rows = (said(1, salience=1), said(2, salience=3, kind="threat"), said(3, issue="sanctions"))
    positions = measure(evidence_of(*rows))
    raw = {"territory": 7.0, "sanctions": 5.0}
    total = sum(raw.get(issue, 1.0) for issue in ISSUES)
    alphas = [positions.cell("russia", issue).weight.alpha for issue in ISSUES]
    assert alphas == pytest.approx([12.0 * raw.get(issue, 1.0) / total for issue in ISSUES])
    assert positions.cell("russia", "sanctions").weight.mean == 0.0
    without = total - 5.0 - 1.0  # neither what is not valued nor procedure
    assert positions.cell("russia", "territory").weight.mean == pytest.approx(7.0 / without)
    assert positions.cell("russia", "truce_terms").weight.mean == pytest.approx(1.0 / total)


def test_what_one_belligerent_asks_of_the_other_concerns_both() -> None:
    rows = (
        *(said(1, salience=3), said(2, issue="nato", salience=1, holder="ukraine")),
        *(said(3, issue="nato", salience=2), said(4, issue="recognition", holder="us")),
        said(5, issue="force_limits", salience=3, kind="call"),
    )
    positions = measure(evidence_of(*rows))
    expected = {"territory": 3, "nato": 2}
    for holder in ("russia", "ukraine"):
        found = {issue: positions.cell(holder, issue).salience for issue in ISSUES}
        assert found == {issue: expected.get(issue, 0) for issue in ISSUES}, holder
    own = {issue: positions.cell("us", issue).salience for issue in ISSUES}
    assert own == {issue: 2 if issue == "recognition" else 0 for issue in ISSUES}


def test_a_call_moves_no_position_and_has_no_weight() -> None:
    quiet, called = measure(evidence_of()), measure(evidence_of(said(1, kind="call", salience=3)))
    for issue in ISSUES:
        one, other = quiet.cell("russia", issue), called.cell("russia", issue)
        assert (one.ideal, one.line, one.weight) == (other.ideal, other.line, other.weight)
    assert called.cell("russia", "territory").rows == 1


def test_the_mediator_is_drawn_where_its_estimates_are() -> None:
    rows = (
        said(1, holder="us", kind="offer", position=0.75),
        said(2, holder="us", issue="nato", position=0.6, basis="attributed"),
    )
    positions = measure(evidence_of(*rows))
    drawn = draw(positions, 40_000, np.random.default_rng(7))
    assert positions.mediator == "us"
    assert drawn.mediator.shape == (40_000, OFFERED)
    for k, issue in enumerate(ISSUES[:OFFERED]):
        ideal = positions.cell("us", issue).ideal
        low, middle, high = np.quantile(drawn.mediator[:, k], [0.05, 0.5, 0.95])
        told = (ideal.low, ideal.middle, ideal.high)
        assert (low, middle, high) == pytest.approx(told, abs=0.015), issue
    near = np.corrcoef(drawn.mediator.T) - np.eye(OFFERED)
    assert np.abs(near).max() < 0.03  # each issue by itself
    assert set(drawn.fields()) == {"ideal", "red_line", "weight", "mediator_position"}


def test_a_beta_interval_against_closed_forms() -> None:
    assert beta_interval(1.0, 1.0) == pytest.approx((0.05, 0.95), abs=1e-6)
    low, high = beta_interval(0.25, 1.0)  # the distribution function is x^.25
    assert (low, high) == pytest.approx((0.05**4, 0.95**4), abs=1e-6)


def test_drawn_weights_have_their_means_and_leave_out_what_counts_elsewhere() -> None:
    positions = measure(evidence_of(said(1, salience=3), said(2, issue="truce_terms")))
    weight = draw(positions, 40_000, np.random.default_rng(1)).weight
    assert weight.shape == (40_000, len(Side), len(Issue))
    assert weight[..., :VALUED].sum(axis=2) == pytest.approx(1.0)
    assert not weight[:, Side.R, Issue.SANCTIONS].any()
    assert not weight[:, Side.U, Issue.GUARANTEES].any()
    for side, holder in enumerate(positions.sides):
        told = [positions.cell(holder, issue).weight for issue in ISSUES]
        assert weight[:, side].mean(axis=0) == pytest.approx([w.mean for w in told], abs=0.004)
        for k in (Issue.TERRITORY, Issue.TRUCE_TERMS):
            low, high = np.quantile(weight[:, side, k], [0.05, 0.95])
            assert (low, high) == pytest.approx((told[k].low, told[k].high), abs=0.01)


def test_no_red_line_lies_beyond_the_ideal() -> None:
    contradiction = (
        said(1, position=0.25),
        said(2, kind="red_line", position=1.0),
        said(3, holder="ukraine", kind="red_line", position=0.0),
    )
    drawn = draw(measure(evidence_of(*contradiction)), 20_000, np.random.default_rng(1))
    assert (drawn.line[:, Side.R] <= drawn.ideal[:, Side.R]).all()
    assert (drawn.line[:, Side.U] >= drawn.ideal[:, Side.U]).all()
    assert np.isfinite(drawn.line).all()


def test_ideal_and_line_are_drawn_as_by_rejection() -> None:
    positions = measure(evidence_of(said(1, position=0.75), said(2, kind="red_line")))
    cell = positions.cell("russia", "territory")
    assert cell.line is not None
    rng = np.random.default_rng(2)
    ideal = rng.normal(cell.ideal.mean, cell.ideal.sd, 400_000)
    line = rng.normal(cell.line.mean, cell.line.sd, 400_000)
    kept = line <= ideal
    assert 0.2 < kept.mean() < 0.8
    drawn = draw(positions, 100_000, rng)
    for mine, theirs in ((drawn.ideal, ideal), (drawn.line, line)):
        quantiles = np.quantile(mine[:, Side.R, Issue.TERRITORY], [0.1, 0.5, 0.9])
        expected = np.quantile(M.to_share(theirs[kept]), [0.1, 0.5, 0.9])
        assert quantiles == pytest.approx(expected, abs=0.006)


def test_an_unspoken_line_follows_the_drawn_ideal() -> None:
    drawn = draw(measure(evidence_of()), 50_000, np.random.default_rng(3))
    ideal = np.array(drawn.ideal[:, Side.U, Issue.NATO])
    inside = (ideal > 0.02) & (drawn.line[:, Side.U, Issue.NATO] < 0.98)
    logit = [np.vectorize(M.to_logit)(x[inside]) for x in (ideal, drawn.line[:, 1, Issue.NATO])]
    assert np.median(logit[1] - logit[0]) == pytest.approx(1.5, abs=0.1)


def test_a_row_on_one_issue_leaves_the_draws_of_the_others_alone() -> None:
    quiet = draw(measure(evidence_of()), 100, np.random.default_rng(4))
    told = draw(measure(evidence_of(said(1, salience=1))), 100, np.random.default_rng(4))
    assert (quiet.ideal[:, 0, 1:] == told.ideal[:, 0, 1:]).all()
    assert (quiet.ideal[:, 1] == told.ideal[:, 1]).all()
    assert (quiet.ideal[:, 0, 0] != told.ideal[:, 0, 0]).any()


def test_more_territory_rarely_hurts_moscow_nor_less_kyiv() -> None:
    """Up to the front as it runs, and down to a freeze with swaps: the range that was on offer.

    Utility falls with the distance from the ideal, so it never falls on the way there.
    """
    offers = np.linspace(0.5, 0.75, 11)
    ideal = draw(measure(load_evidence()), 20_000, np.random.default_rng(5)).ideal
    loss = np.abs(offers - ideal[:, :, Issue.TERRITORY, None])
    never_less = (np.diff(loss) <= 1e-12).all(axis=2)
    never_more = (np.diff(loss) >= -1e-12).all(axis=2)
    assert never_less[:, Side.R].mean() >= 0.95
    assert never_more[:, Side.U].mean() >= 0.95


def test_the_measurement_is_calibrated_to_itself() -> None:
    """Truths from the prior, rows from the truths: intervals cover .90, ranks are uniform."""
    worlds = 4_000
    rng = np.random.default_rng(6)
    rows = [
        said(1, holder=EUROPE),
        said(2, holder="uk", article="a", basis="act"),
        said(3, holder="uk", article="a", basis="reporter", firmness=2),
        said(4, holder="france", basis="attributed", firmness=1),
    ]
    mean = rng.normal(M.bloc_prior_mean, M.bloc_shared_sd, worlds)
    truth = mean[:, None] + np.c_[np.zeros(worlds), rng.normal(0, M.bloc_own_sd, (worlds, 2))]
    design = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], float)
    sd = [M.error_sd[row.basis] * M.firmness_factor[str(row.firmness)] for row in rows]
    occasion = rng.normal(size=(worlds, 3))[:, [0, 1, 1, 2]]  # one per article and holder
    error = 0.7 * occasion + math.sqrt(1 - 0.49) * rng.normal(size=(worlds, 4))
    y = truth @ design.T + error * sd
    spread = np.full((3, 3), 1.44) + np.diag([0.0, 0.81, 0.81])
    noise = error_covariance(rows, M)
    z = np.empty((worlds, 3))
    for world in range(worlds):
        found = condition(np.full(3, -1.0), spread, design, noise, y[world])
        z[world] = (truth[world] - found.mean) / np.sqrt(np.diag(found.covariance))
    assert (np.abs(z) < 1.6448536).mean(axis=0) == pytest.approx(0.9, abs=0.015)
    draws = rng.normal(size=(worlds, 3, 99))
    ranks = (draws < z[:, :, None]).sum(axis=2)
    for k in range(3):
        counts = np.bincount(ranks[:, k] // 5, minlength=20)
        chi_square = ((counts - worlds / 20) ** 2 / (worlds / 20)).sum()
        assert chi_square < 43.8  # the .999 quantile for 19 degrees of freedom


def test_a_row_known_later_moves_no_position() -> None:
    day = dt.date(2025, 4, 22)
    early = load_evidence(as_of=day)
    full = load_evidence()
    kept = replace(full, statements=tuple(r for r in full.statements if r.known <= day))
    assert {row.id for row in early.statements} == {row.id for row in kept.statements}
    assert all(row.known <= day for row in early.statements)
    assert all(event.known <= day for event in early.events)


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (data_dir("calibration") / "measurement.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "measurement.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[shared_error]", "[shared_eror]", "shared_error: field required"),
        ("[weight_base]", "[one_more]\nvalue = 1.0\nsource = 'x'\n[weight_base]", "one_more"),
        ("value = 0.7\n", "value = 1.5\n", "shared_error"),
        ("value = 1.2\n", "value = nan\n", "finite"),
        ("value = 1.5\n", "value = -1.5\n", "greater than or equal to 0.001"),
        ("[error_sd.act]", "[error_sd.deed]", "error_sd must have just the keys"),
        ("value = 0.05\n", "value = 0.15\n", "below 1"),
        ("value = 0.05\n", "value = '0.05'\n", "give the value as a number"),
        ('source = "assumed: a mediator starts in the middle"', "", "a value and a source"),
        ('"assumed: a mediator starts in the middle"', '" "', "give a source"),
    ],
)
def test_a_constant_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(CalibrationError) as raised:
        load_measurement(broken(tmp_path, old, new))
    assert "measurement.toml" in raised.value.where
    assert says in str(raised.value)


def test_a_constant_can_be_varied() -> None:
    alone = M.model_copy(update={"shared_error": 0.0})
    rows = (said(1), said(2, article="article1"))
    ideal = measure(evidence_of(*rows), alone).cell("russia", "territory").ideal
    assert ideal.sd == pytest.approx(math.sqrt(2.25 * 0.32 / (2.25 + 0.32)))
    assert set(M.error_sd) == set(BASES)
