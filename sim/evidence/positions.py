"""From stated positions to ideal points, red lines and weights, each traceable to rows.

A linear Gaussian measurement model on the logit scale, solved in closed form. Per holder and
issue, ``y = theta + error``, where y is the logit of the coded position after shrinking.

- `preference`, `demand` and `denial` inform the ideal.
- `red_line`, `flexibility` and `offer` of a belligerent inform its red line. A stated line is
  moved away from the holder's pole by posture (red line) or slack (flexibility, offer); both are
  propagated, never learned, since no row says how much of a stated line is bluff.
- `threat` and `commitment` inform neither: they speak of a lever. Nor does the `offer` of a
  mediator, which is the default package, nor what a mediator or a bloc would put up with: they
  have no red line in the model.

European blocs share a mean on each issue, which rows of the holder `europe` inform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import SIDE_SIGN, VALUED, Issue, Side
from sim.engine.dtypes import Floats
from sim.evidence.coding import EUROPE, ISSUES
from sim.evidence.measurement import (
    REACH,
    Measurement,
    Posterior,
    Weight,
    condition,
    error_covariance,
    error_sd,
    load_measurement,
    weight_of,
)
from sim.evidence.statements import Evidence, Statement

IDEAL_KINDS = ("preference", "demand", "denial")
SLACK_KINDS = ("flexibility", "offer")
LINE_KINDS = ("red_line", *SLACK_KINDS)
ROLE_SIDE = {"belligerent_r": Side.R, "belligerent_u": Side.U}
UNVALUED = {Side.R: Issue.SANCTIONS, Side.U: Issue.GUARANTEES}
"""What a side has at stake elsewhere: sanctions are a burden to R, guarantees a chance to U."""


# ------------------------------------------------------------------------- what comes out


@dataclass(frozen=True)
class Pull:
    """What one row did to an estimate, in logits.

    ``gain`` is the change of the mean for a change of one in the row; ``pull`` is gain times the
    distance of the row from what the prior expected, and the pulls sum to mean minus prior;
    ``without`` is what the mean would be had the row not been there.
    """

    row: str
    gain: float
    pull: float
    without: float


@dataclass(frozen=True)
class Estimate:
    """A Gaussian on the logit scale and what it says on the scale of the issue.

    ``prior``, ``mean``, ``sd`` in logits; ``middle`` is the median and ``low`` to ``high`` the
    central 90 % interval, in 0..1. ``stated`` is false where only the prior, or for a red line
    the ideal, speaks.
    """

    prior: float
    mean: float
    sd: float
    low: float
    middle: float
    high: float
    stated: bool
    moved_by: tuple[Pull, ...]


@dataclass(frozen=True)
class Cell:
    """One holder on one issue; ``line`` only for a belligerent.

    Ideal and red line are told each from its own rows; `draw` holds them to their order. ``rows``
    counts the cell's rows, used or not; ``salience`` is their largest, 0 if there is none.
    """

    holder: str
    issue: str
    ideal: Estimate
    line: Estimate | None
    rows: int
    salience: int
    weight: Weight


@dataclass(frozen=True)
class Positions:
    """Where every holder stands on every issue.

    ``sides`` names the belligerents in the order of `sim.engine.domain.Side`.
    """

    cells: Mapping[tuple[str, str], Cell]
    sides: tuple[str, str]
    measurement: Measurement

    def cell(self, holder: str, issue: str) -> Cell:
        """Return one holder's position on one issue."""
        return self.cells[holder, issue]


@dataclass(frozen=True)
class Draws:
    """Positions of ``n`` members: arrays (n, 2 sides, 8 issues) on 0..1.

    ``weight`` sums to 1 over the first seven issues, with 0 for what a side has at stake
    elsewhere (sanctions for R, guarantees for U); the eighth is the share of `truce_terms` among
    all eight, before it is dropped.
    """

    ideal: Floats
    line: Floats
    weight: Floats


# ------------------------------------------------------------------------- estimates


def informs(row: Statement, roles: Mapping[str, str]) -> Literal["ideal", "line", "neither"]:
    """Say which unknown of its holder a row informs, if it is in the fit."""
    if row.kind in IDEAL_KINDS:
        return "ideal"
    if row.kind in LINE_KINDS and roles.get(row.holder) in ROLE_SIDE:
        return "line"
    return "neither"


def measure(evidence: Evidence, measurement: Measurement | None = None) -> Positions:
    """Estimate ideal, red line and weight of every holder on every issue.

    Parameters
    ----------
    evidence
        What was public on the as-of day.
    measurement
        The constants; ``calibration/measurement.toml`` if None.
    """
    m = measurement or load_measurement()
    alone = [holder for holder, role in evidence.roles.items() if role != "bloc"]
    ideals = {
        issue: _bloc_ideals(evidence, issue, m)
        | {holder: _own_ideal(evidence, holder, issue, m) for holder in alone}
        for issue in ISSUES
    }
    cells: dict[tuple[str, str], Cell] = {}
    for holder in (*evidence.roles, EUROPE):
        cells |= _cells(evidence, holder, {issue: ideals[issue][holder] for issue in ISSUES}, m)
    by_role = {role: holder for holder, role in evidence.roles.items()}
    sides = (by_role["belligerent_r"], by_role["belligerent_u"])
    return Positions(cells, sides, m)


def _used(evidence: Evidence, holders: Sequence[str], issue: str, what: str) -> list[Statement]:
    return [
        row
        for row in evidence.statements
        if row.in_fit
        and row.holder in holders
        and row.issue == issue
        and informs(row, evidence.roles) == what
    ]


def _pole(evidence: Evidence, holder: str) -> float:
    return float(SIDE_SIGN[ROLE_SIDE[evidence.roles[holder]]])


def _own_ideal(evidence: Evidence, holder: str, issue: str, m: Measurement) -> Estimate:
    rows = _used(evidence, [holder], issue, "ideal")
    if evidence.roles[holder] == "mediator":
        prior, sd = m.mediator_prior_mean, m.mediator_prior_sd
    else:
        prior = m.belligerent_prior_mean * _pole(evidence, holder)
        sd = m.belligerent_prior_sd
    return _alone(rows, np.array([m.to_logit(row.position) for row in rows]), prior, sd, m)


def _alone(
    rows: Sequence[Statement], y: Floats, prior: float, sd: float, m: Measurement
) -> Estimate:
    """Estimate one unknown of which each row is a reading."""
    found = condition(
        np.array([prior]),
        np.array([[sd**2]]),
        np.ones((len(rows), 1)),
        error_covariance(rows, m),
        y,
    )
    return _estimate(found, 0, prior, rows, m)


def _bloc_ideals(evidence: Evidence, issue: str, m: Measurement) -> dict[str, Estimate]:
    """Estimate the blocs and their mean together, so that one's words tell of the others."""
    holders = [EUROPE, *(h for h, role in evidence.roles.items() if role == "bloc")]
    rows = _used(evidence, holders, issue, "ideal")
    spread = np.full((len(holders), len(holders)), m.bloc_shared_sd**2)
    spread[range(1, len(holders)), range(1, len(holders))] += m.bloc_own_sd**2
    design = np.array([[float(row.holder == h) for h in holders] for row in rows])
    prior = np.full(len(holders), m.bloc_prior_mean)
    y = np.array([m.to_logit(row.position) for row in rows])
    noise = error_covariance(rows, m)
    found = condition(prior, spread, design.reshape(len(rows), len(holders)), noise, y)
    return {
        holder: _estimate(found, k, m.bloc_prior_mean, rows, m) for k, holder in enumerate(holders)
    }


def _line(
    evidence: Evidence, holder: str, issue: str, ideal: Estimate, m: Measurement
) -> Estimate | None:
    """Estimate where a belligerent would stop; None for anyone else."""
    if evidence.roles.get(holder) not in ROLE_SIDE:
        return None
    pole = _pole(evidence, holder)
    rows = _used(evidence, [holder], issue, "line")
    if not rows:
        shift = -pole * m.unspoken_shift_mean
        sd = float(np.hypot(ideal.sd, m.unspoken_shift_sd))
        pulls = [replace(pull, without=pull.without + shift) for pull in ideal.moved_by]
        return _told(ideal.prior + shift, ideal.mean + shift, sd, pulls, m, stated=False)
    footing = np.where([row.kind == "red_line" for row in rows], *_posture_means(m))
    y = np.array([m.to_logit(row.position) for row in rows]) - pole * footing
    prior = pole * (m.belligerent_prior_mean - m.unspoken_shift_mean)
    said = _alone(rows, y, prior, m.stated_line_prior_sd, m)
    sd = float(np.sqrt(said.sd**2 + _posture_variance(rows, m)))
    return _told(prior, said.mean, sd, said.moved_by, m)


def _posture_means(m: Measurement) -> tuple[float, float]:
    return m.red_line_posture_mean, m.flexibility_slack_mean


def _posture_variance(rows: Sequence[Statement], m: Measurement) -> float:
    """Spread of posture, the two kinds mixed by the precision of their rows.

    A weighted mean, not the smaller variance of an average: one who bluffs, bluffs in both.
    """
    variance = np.where(
        [row.kind == "red_line" for row in rows],
        m.red_line_posture_sd**2,
        m.flexibility_slack_sd**2,
    )
    precision = [error_sd(row, m) ** -2 for row in rows]
    return float(np.average(variance, weights=precision))


def _estimate(
    found: Posterior, k: int, prior: float, rows: Sequence[Statement], m: Measurement
) -> Estimate:
    """Tell the k-th unknown, with what each row did to it."""
    gains, without = found.gain[k], found.without[k]
    pulls = [
        Pull(row.id, float(gains[i]), float(gains[i] * found.surprise[i]), float(without[i]))
        for i, row in enumerate(rows)
    ]
    return _told(prior, float(found.mean[k]), float(np.sqrt(found.covariance[k, k])), pulls, m)


def _told(
    prior: float,
    mean: float,
    sd: float,
    pulls: Sequence[Pull],
    m: Measurement,
    stated: bool = True,
) -> Estimate:
    low, middle, high = m.to_share(mean + sd * REACH * np.array([-1.0, 0.0, 1.0])).tolist()
    return Estimate(prior, mean, sd, low, middle, high, stated and bool(pulls), tuple(pulls))


def _cells(
    evidence: Evidence, holder: str, ideals: Mapping[str, Estimate], m: Measurement
) -> dict[tuple[str, str], Cell]:
    rows = [row for row in evidence.statements if row.holder == holder]
    count = Counter(row.issue for row in rows)
    salience = [max((r.salience for r in rows if r.issue == i), default=0) for i in ISSUES]
    weights = _weights(np.array(salience), ROLE_SIDE.get(evidence.roles.get(holder, "")), m)
    return {
        (holder, issue): Cell(
            holder,
            issue,
            ideals[issue],
            _line(evidence, holder, issue, ideals[issue], m),
            count[issue],
            salience[k],
            weights[k],
        )
        for k, issue in enumerate(ISSUES)
    }


# ------------------------------------------------------------------------- weights


def _weights(salience: NDArray[np.int_], side: Side | None, m: Measurement) -> list[Weight]:
    """Tell the shares that `draw` draws, from the largest salience on each of the eight issues."""
    raw = m.weight_base + m.weight_per_salience * salience
    alpha = m.weight_total * raw / raw.sum()
    pool = np.full(len(ISSUES), alpha.sum())  # the shares among which an issue has its own
    if side is not None:
        kept = _valued(side)
        pool[:VALUED] = np.where(kept, alpha[:VALUED], 0.0).sum()
        pool[:VALUED][~kept] = np.inf
    return [weight_of(float(a), float(total - a)) for a, total in zip(alpha, pool, strict=True)]


def _valued(side: Side) -> NDArray[np.bool_]:
    """Which of the first seven issues have a weight in a side's utility."""
    return np.array([k != UNVALUED[side] for k in range(VALUED)])


# ------------------------------------------------------------------------- draws


def draw(positions: Positions, members: int, rng: np.random.Generator) -> Draws:
    """Draw the belligerents' positions and weights, independently across issues.

    Ideal and red line of a cell are drawn together, given that the line does not lie beyond the
    ideal on the holder's own side: a line more demanding than what one would like best makes no
    sense, and a firm line therefore tells of the ideal too. Where no line was stated it follows
    the drawn ideal.

    Parameters
    ----------
    positions
        From `measure`.
    members
        How many draws.
    rng
        The source of luck.

    Returns
    -------
    Draws
        Sides in the order of `sim.engine.domain.Side`, issues in that of `sim.engine.domain.Issue`.
    """
    m = positions.measurement
    ideal, conceded = draw_logits(positions, members, rng)
    pole = SIDE_SIGN[:, None]
    line = m.to_share(pole * (ideal - conceded))
    return Draws(m.to_share(pole * ideal), line, _draw_weights(positions, members, rng))


def draw_logits(
    positions: Positions, members: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw ideals, in logits towards a side's own pole, and how far short of them its lines are."""
    m = positions.measurement
    ideals, lines = _estimates(positions)
    pole = SIDE_SIGN[:, None]
    stated = _of(lines, "stated") > 0.0
    wanted, spread = pole * _of(ideals, "mean"), _of(ideals, "sd") ** 2
    gap = np.where(stated, wanted - pole * _of(lines, "mean"), m.unspoken_shift_mean)
    apart = np.where(stated, spread + _of(lines, "sd") ** 2, m.unspoken_shift_sd**2)
    shape = (members, len(Side), len(ISSUES))
    conceded = _positive_normal(gap, np.sqrt(apart), rng.random(shape))
    share = np.where(stated, spread / apart, 0.0)  # of the gap that is the ideal's doing
    mean = wanted + share * (conceded - gap)
    ideal = mean + np.sqrt(spread * (1.0 - share)) * rng.standard_normal(shape)
    return ideal, conceded


def _positive_normal(mean: Floats, sd: Floats, uniform: Floats) -> Floats:
    """Turn uniform numbers in [0, 1) into draws of N(mean, sd) given that they are positive."""
    from scipy.special import ndtr, ndtri  # here, since no command that only reads needs it

    return np.asarray(mean - sd * ndtri((1.0 - uniform) * ndtr(mean / sd)))


def _estimates(positions: Positions) -> tuple[list[list[Estimate]], list[list[Estimate]]]:
    """List the ideals and the red lines of the two sides, issue by issue."""
    cells = [[positions.cell(holder, issue) for issue in ISSUES] for holder in positions.sides]
    ideals = [[cell.ideal for cell in row] for row in cells]
    return ideals, [[cell.line for cell in row if cell.line] for row in cells]


def _of(estimates: list[list[Estimate]], name: str) -> Floats:
    return np.array([[getattr(estimate, name) for estimate in row] for row in estimates], float)


def _draw_weights(positions: Positions, members: int, rng: np.random.Generator) -> Floats:
    cells = positions.cells
    alpha = [[cells[holder, issue].weight.alpha for issue in ISSUES] for holder in positions.sides]
    share = rng.standard_gamma(np.array(alpha), (members, len(Side), len(ISSUES)))
    share /= share.sum(axis=2, keepdims=True)
    for side in Side:
        share[:, side, :VALUED] *= _valued(side)
    share[..., :VALUED] /= share[..., :VALUED].sum(axis=2, keepdims=True)
    return share
