"""From stated positions to ideal points, red lines and weights, each traceable to rows.

A linear Gaussian measurement model on the logit scale, solved in closed form. Per holder and
issue, ``y = theta + error``, where y is the logit of the coded position after shrinking.

- `preference`, `demand` and `denial` inform the ideal.
- `red_line`, `flexibility` and `offer` of a belligerent inform its red line. A stated line is
  moved away from the holder's pole by posture (red line) or slack (flexibility, offer). Both widen
  the estimate and are never learned, since no row says how much of a stated line is bluff.
- An `offer` of the mediator informs its ideal too: what it offers is how far it goes.
- `threat`, `commitment` and `call` inform neither: they are about a lever, a `call` about one in
  another's hands, so that it tells of no wish for what the lever does. Nor does what a mediator or
  a bloc would put up with: they have no red line in the model.

Blocs share a mean on each issue; rows whose holder is the blocs together inform that mean.

`sim.evidence.draws` draws from these estimates.
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
from sim.inputs.issues import ISSUES
from sim.inputs.kinds import STATEMENT_KINDS

ROLE_SIDE = {"belligerent_r": Side.R, "belligerent_u": Side.U}
UNVALUED = {Side.R: Issue.SANCTIONS, Side.U: Issue.GUARANTEES}
"""What a side has at stake elsewhere: sanctions are a burden to R, guarantees a chance to U."""


# ------------------------------------------------------------------------- what comes out


@dataclass(frozen=True)
class Pull:
    """What one row did to an estimate, in logits.

    Attributes
    ----------
    row
        The id of the row.
    gain
        Change of the mean for a change of one in the row.
    pull
        ``gain`` times the distance of the row from what the prior expected; the pulls of all rows
        sum to the mean less the prior.
    without
        The mean had the row not been there.
    """

    row: str
    gain: float
    pull: float
    without: float


@dataclass(frozen=True)
class Estimate:
    """A Gaussian on the logit scale, and its quantiles on the scale of the issue.

    Attributes
    ----------
    prior, mean, sd
        Mean of the prior, and mean and sd of the estimate, in logits.
    low, middle, high
        The 5th, 50th and 95th percentile, in 0..1.
    stated
        Whether a row informs it; if not, it is the prior, or for a red line follows the ideal.
    moved_by
        The rows that inform it.
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
    """One holder on one issue.

    Ideal and red line are estimated each from rows of its own; `sim.evidence.draws.draw` draws
    them together, so that the line never lies beyond the ideal.

    Attributes
    ----------
    line
        The red line of a belligerent; None for anyone else.
    rows
        How many rows the cell has, used or not.
    salience
        The largest salience of a row, 0 if there is none; for a belligerent also of the other's.
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
    mediator: str
    measurement: Measurement

    def cell(self, holder: str, issue: str) -> Cell:
        """Return one holder's position on one issue."""
        return self.cells[holder, issue]


# ------------------------------------------------------------------------- estimates


def informs(row: Statement, roles: Mapping[str, str]) -> Literal["ideal", "line", "neither"]:
    """Return which unknown of its holder a row informs if it is in the fit."""
    role = roles.get(row.holder)
    informed = STATEMENT_KINDS[row.kind].informs
    if informed == "ideal" or (row.kind == "offer" and role == "mediator"):
        return "ideal"
    if informed == "red line" and role in ROLE_SIDE:
        return "line"
    return "neither"


def measure(evidence: Evidence, measurement: Measurement | None = None) -> Positions:
    """Estimate ideal, red line and weight of every holder on every issue.

    Parameters
    ----------
    evidence
        What was public on the as-of day.
    measurement
        The constants; those of the evidence's conflict if None.
    """
    m = measurement or load_measurement(conflict=evidence.conflict)
    alone = [holder for holder, role in evidence.roles.items() if role != "bloc"]
    ideals = {
        issue: _bloc_ideals(evidence, issue, m)
        | {holder: _own_ideal(evidence, holder, issue, m) for holder in alone}
        for issue in ISSUES
    }
    cells: dict[tuple[str, str], Cell] = {}
    for holder in (*evidence.roles, evidence.conflict.facts.together.id):
        cells |= _cells(evidence, holder, {issue: ideals[issue][holder] for issue in ISSUES}, m)
    by_role = {role: holder for holder, role in evidence.roles.items()}
    sides = (by_role["belligerent_r"], by_role["belligerent_u"])
    return Positions(cells, sides, by_role["mediator"], m)


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
    """Estimate the blocs and their mean together, so that one's rows inform the others."""
    together = evidence.conflict.facts.together.id
    holders = [together, *(h for h, role in evidence.roles.items() if role == "bloc")]
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
        return _gaussian((ideal.prior + shift, ideal.mean + shift, sd), pulls, m, stated=False)
    footing = np.where([row.kind == "red_line" for row in rows], *_posture_means(m))
    y = np.array([m.to_logit(row.position) for row in rows]) - pole * footing
    prior = pole * (m.belligerent_prior_mean - m.unspoken_shift_mean)
    stated = _alone(rows, y, prior, m.stated_line_prior_sd, m)
    sd = float(np.sqrt(stated.sd**2 + _posture_variance(rows, m)))
    return _gaussian((prior, stated.mean, sd), stated.moved_by, m)


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
    """Return the estimate of the k-th unknown, with what each row did to it."""
    gains, without = found.gain[k], found.without[k]
    pulls = [
        Pull(row.id, float(gains[i]), float(gains[i] * found.surprise[i]), float(without[i]))
        for i, row in enumerate(rows)
    ]
    sd = float(np.sqrt(found.covariance[k, k]))
    return _gaussian((prior, float(found.mean[k]), sd), pulls, m)


def _gaussian(
    moments: tuple[float, float, float],
    pulls: Sequence[Pull],
    m: Measurement,
    stated: bool = True,
) -> Estimate:
    """Return an estimate of its prior, mean and sd in logits."""
    prior, mean, sd = moments
    low, middle, high = m.to_share(mean + sd * REACH * np.array([-1.0, 0.0, 1.0])).tolist()
    return Estimate(prior, mean, sd, low, middle, high, stated and bool(pulls), tuple(pulls))


def _cells(
    evidence: Evidence, holder: str, ideals: Mapping[str, Estimate], m: Measurement
) -> dict[tuple[str, str], Cell]:
    rows = [row for row in evidence.statements if row.holder == holder]
    count = Counter(row.issue for row in rows)
    salience = [_salience(evidence, holder, issue) for issue in ISSUES]
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


def concerned_by(evidence: Evidence, holder: str) -> set[str]:
    """Return whose rows say how much an issue weighs for a holder.

    Its own; for a belligerent those of the other too, since what one asks of the other concerns
    both.
    """
    if evidence.roles.get(holder) not in ROLE_SIDE:
        return {holder}
    return {one for one, role in evidence.roles.items() if role in ROLE_SIDE}


def _salience(evidence: Evidence, holder: str, issue: str) -> int:
    """Return the largest salience that a row gives an issue for a holder, 0 if there is none.

    A call on others to act tells of no wish, hence of no salience.
    """
    concerned = concerned_by(evidence, holder)
    return max(
        (
            row.salience
            for row in evidence.statements
            if row.holder in concerned and row.issue == issue and STATEMENT_KINDS[row.kind].weighs
        ),
        default=0,
    )


def _weights(salience: NDArray[np.int_], side: Side | None, m: Measurement) -> list[Weight]:
    """Return the issue weights of a holder, from the largest salience on each issue."""
    raw = m.weight_base + m.weight_per_salience * salience
    alpha = m.weight_total * raw / raw.sum()
    pool = np.full(len(ISSUES), alpha.sum())  # the shares among which an issue has its own
    if side is not None:
        kept = is_valued(side)
        pool[:VALUED] = np.where(kept, alpha[:VALUED], 0.0).sum()
        pool[:VALUED][~kept] = np.inf
    return [weight_of(float(a), float(total - a)) for a, total in zip(alpha, pool, strict=True)]


def is_valued(side: Side) -> NDArray[np.bool_]:
    """Return which of the first seven issues have a weight in a side's utility."""
    return np.array([k != UNVALUED[side] for k in range(VALUED)])
